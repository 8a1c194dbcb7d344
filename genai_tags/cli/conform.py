"""``conform``: of every event of a cut, may it ship?"""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import Annotated

import typer

from genai_tags.cli.common import (
    EXIT_FINDINGS,
    EXIT_INPUT,
    OutputOption,
    QuietOption,
    ShowOption,
    open_show,
    paths_of,
    say,
)
from genai_tags.cli.faces import FaceOption, Faces, Pictures, PicturesOption, face_of
from genai_tags.cli.shape import day
from genai_tags.conform.check import conform as run_conform
from genai_tags.conform.listing import cut_of
from genai_tags.conform.results import Options
from genai_tags.cut.model import Cut
from genai_tags.errors import InputError, UsageError
from genai_tags.show import Show
from genai_tags.status import Severity
from genai_tags.timecode import parse_rate
from genai_tags.vocabulary import Purpose, Stage


class CutStage(str, Enum):
    """What kind of cut it is."""

    FINAL = "final"
    TEMP = "temp"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("conform")(conform)


RateOption = Annotated[str | None, typer.Option("--rate", help="The cut's frame rate: 24, 23.976, 24000/1001.")]
MediaOption = Annotated[
    list[str] | None, typer.Option("--media", metavar="DIR", help="Where the media lies; repeat for several.")
]
StageOption = Annotated[CutStage, typer.Option("--stage", help="final or temp.")]
PurposeOption = Annotated[Purpose, typer.Option("--purpose", help="What the cut is for.")]
AgainstOption = Annotated[
    list[str] | None, typer.Option("--against", metavar="OLD", help="An earlier cut: say what became of its AI events.")
]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="Judge evidence as of this day, YYYY-MM-DD.")]


def conform(
    cuts: Annotated[list[str], typer.Argument(metavar="CUT...", help="EDL, .otio or .otioz files; - reads a list.")],
    rate: RateOption = None,
    media: MediaOption = None,
    stage: StageOption = CutStage.FINAL,
    purpose: PurposeOption = Purpose.PROGRAMME,
    against: AgainstOption = None,
    as_of: AsOfOption = None,
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", help="The mildest severity that makes the exit code 1.")
    ] = Severity.BLOCKER,
    format_: FaceOption = None,
    output: OutputOption = None,
    pictures: PicturesOption = Pictures.AI,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """Check cuts against the ledger and the media: status and findings of every event, as text, JSON, CSV, HTML or PDF."""
    chosen = read_rate(rate)
    date, face = day(as_of, "--as-of"), face_of(output, format_)
    paths = paths_of(cuts)
    opened = open_show(show)
    errors: list[InputError] = []
    read, before = (read_cuts(given, chosen, opened, errors) for given in (paths, against or []))
    if not read:
        raise typer.Exit(EXIT_INPUT)
    options = Options(stage=Stage(stage.value), purpose=purpose, as_of=date or opened.today(), media=media or ())
    report = run_conform(opened, read, options, before)
    Faces(opened, report, pictures, quiet).emit(face, output)
    if errors:
        raise typer.Exit(EXIT_INPUT)
    if any(finding.severity.rank >= fail_on.rank for finding in report.all_findings()):
        say("not everything may ship", quiet)
        raise typer.Exit(EXIT_FINDINGS)


def read_cuts(paths: list[str], rate: Fraction | None, show: Show, errors: list[InputError]) -> list[Cut]:
    """The cuts (or frames as cuts) that can be read; what cannot is said and noted."""
    found: list[Cut] = []
    for path in paths:
        try:
            found.append(cut_of(show, path, rate))
        except InputError as error:
            errors.append(error)
            say(str(error))
    return found


def read_rate(text: str | None) -> Fraction | None:
    """A rate option as a Fraction. Raises UsageError."""
    if text is None:
        return None
    try:
        return parse_rate(text)
    except ValueError as error:
        raise UsageError(f"--rate: {error}") from None
