"""``conform``: of every event of a cut, may it ship?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from genai_tags.cli.common import EXIT_FINDINGS, EXIT_INPUT, OutputOption, open_show, paths_of, say
from genai_tags.cli.faces import FaceOption, face_of
from genai_tags.cli.judging import FacesShape
from genai_tags.cli.shape import command
from genai_tags.status import Severity


@dataclass(kw_only=True)
class ConformShape(FacesShape):
    """What a conform takes besides."""

    cuts: Annotated[
        list[str],
        typer.Argument(metavar="CUT...", help="EDL, OTIO, FCP7 XML, FCPXML, AAF or ALE files, or frames; - reads a list."),
    ]
    fail_on: Annotated[Severity, typer.Option("--fail-on", help="The mildest severity that makes the exit code 1.")] = (
        Severity.BLOCKER
    )
    format_: FaceOption = None
    output: OutputOption = None


def register(app: typer.Typer) -> None:
    """Add the verb."""
    text = "Check cuts against the ledger and the media: status and findings of every event, as text, JSON, CSV, HTML or PDF."
    app.command("conform", help=text)(command(ConformShape, conform))


def conform(given: ConformShape) -> None:
    """Judge cuts; exit code 1 where something is as severe as ``--fail-on``."""
    given.check()
    face = face_of(given.output, given.format_)
    made = given.made(open_show(given.show), paths_of(given.cuts))
    made.emit(face, given.output)
    if given.errors:
        raise typer.Exit(EXIT_INPUT)
    if any(finding.severity.rank >= given.fail_on.rank for finding in made.report.all_findings()):
        say("not everything may ship", given.quiet)
        raise typer.Exit(EXIT_FINDINGS)
