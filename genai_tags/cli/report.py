"""``report``: the same conform, written for people: a page, a table, paper. For a cut, for frames, or for the whole show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from genai_tags.cli.common import EXIT_INPUT, finish, open_show, say
from genai_tags.cli.faces import Face, face_of
from genai_tags.cli.judging import FacesShape
from genai_tags.cli.shape import command
from genai_tags.errors import GenAITagsError


@dataclass(kw_only=True)
class ReportShape(FacesShape):
    """What a report takes besides."""

    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CUT | FRAMES]...", help="Cuts or frames; the whole show where nothing is named."),
    ] = None
    output: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="FILE", help="NAME.html, .csv, .json or .pdf (else text); repeat for several."),
    ] = None


def register(app: typer.Typer) -> None:
    """Add the verb."""
    text = "Write the report of a cut, of frames, or of the whole show: totals, every event, its reasons and rules."
    app.command("report", help=text)(command(ReportShape, report))


def report(given: ReportShape) -> None:
    """Write every face that is asked for; one that cannot be written costs no other."""
    given.check()
    faces = [(face_of(path), path) for path in given.output or ()]
    made = given.made(open_show(given.show), given.what or [])
    if not faces:
        made.emit(Face.TEXT, None)
    failed: list[GenAITagsError] = []
    for face, path in faces:
        try:
            made.emit(face, path)
        except GenAITagsError as error:
            failed.append(error)
        else:
            say(f"wrote {path}", given.quiet)
    finish(failed)
    if given.errors:
        raise typer.Exit(EXIT_INPUT)
