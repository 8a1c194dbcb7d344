"""``report``: the same conform, written for people: a page, a table, paper. For a cut, for frames, or for the whole show."""

from __future__ import annotations

from typing import Annotated

import typer

from genai_tags.cli.common import EXIT_INPUT, QuietOption, ShowOption, finish, open_show, say
from genai_tags.cli.conform import (
    AgainstOption,
    AsOfOption,
    CutStage,
    MediaOption,
    PurposeOption,
    RateOption,
    StageOption,
    read_cuts,
    read_rate,
)
from genai_tags.cli.faces import Face, Faces, Pictures, PicturesOption, face_of
from genai_tags.cli.shape import day
from genai_tags.conform.check import conform
from genai_tags.conform.listing import cut_of_show
from genai_tags.conform.results import Options
from genai_tags.errors import GenAITagsError, InputError
from genai_tags.vocabulary import Purpose, Stage


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("report")(report)


def report(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CUT | FRAMES]...", help="Cuts or frames; the whole show where nothing is named."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="FILE", help="NAME.html, .csv, .json or .pdf (else text); repeat for several."),
    ] = None,
    rate: RateOption = None,
    media: MediaOption = None,
    stage: StageOption = CutStage.FINAL,
    purpose: PurposeOption = Purpose.PROGRAMME,
    against: AgainstOption = None,
    as_of: AsOfOption = None,
    pictures: PicturesOption = Pictures.AI,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """Write the report of a cut, of frames, or of the whole show: totals, every event, its reasons and rules."""
    chosen, date = read_rate(rate), day(as_of, "--as-of")
    faces = [(face_of(path), path) for path in output or ()]
    opened = open_show(show)
    errors: list[InputError] = []
    read, before = (read_cuts(given or [], chosen, opened, errors) for given in (what, against))
    if what and not read:
        raise typer.Exit(EXIT_INPUT)
    options = Options(stage=Stage(stage.value), purpose=purpose, as_of=date or opened.today(), media=media or ())
    made = Faces(opened, conform(opened, read or [cut_of_show(opened)], options, before), pictures, quiet)
    if not output:
        made.emit(Face.TEXT, None)
    failed: list[GenAITagsError] = []
    for face, path in faces:
        try:
            made.emit(face, path)
        except GenAITagsError as error:
            failed.append(error)
        else:
            say(f"wrote {path}", quiet)
    finish(failed)
    if errors:
        raise typer.Exit(EXIT_INPUT)
