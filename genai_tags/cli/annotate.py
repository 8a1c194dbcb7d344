"""``annotate``: write the statuses of a conform into an EDL as ``* GENAI:`` lines."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from genai_tags import files
from genai_tags.carriers.edl import annotate as annotate_edl
from genai_tags.carriers.edl import hint_line
from genai_tags.cli.common import QuietOption, ShowOption, open_show, say
from genai_tags.cli.judging import CutStage, RateOption, read_rate
from genai_tags.conform.check import conform
from genai_tags.conform.results import Options
from genai_tags.cut.read import read_cut
from genai_tags.errors import InputError, UsageError, WriteError
from genai_tags.vocabulary import Stage


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("annotate")(annotate)


def annotate(
    cut: Annotated[str, typer.Argument(metavar="CUT.edl", help="The list.")],
    output: Annotated[str, typer.Option("--output", help="The annotated copy; may be the list itself.")],
    rate: RateOption = None,
    media: Annotated[list[str] | None, typer.Option("--media", metavar="DIR", help="Where the media lies.")] = None,
    stage: Annotated[CutStage, typer.Option("--stage", help="final or temp.")] = CutStage.FINAL,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """Write a copy of an EDL with a GENAI line for every tag of every event; no other byte is changed."""
    if not cut.lower().endswith(".edl"):
        raise UsageError("annotate writes into .edl files")
    opened = open_show(show)
    read = read_cut(cut, read_rate(rate), opened.config.rate)
    report = conform(opened, [read], Options(stage=Stage(stage.value), as_of=opened.today(), media=media or ()))
    hints: dict[int, list[str]] = {}
    for result in report.cuts[0].events:
        if result.event.line is not None:
            named = result.event.clip or result.event.reel
            lines = [hint_line(tag_id, named, result.status.value) for tag_id in result.tags]
            hints.setdefault(result.event.line, []).extend(lines)
    try:
        with open(cut, "rb") as stream:
            data = annotate_edl(stream.read(), hints, [e.line for e in read.events if e.line and not e.joined], cut)
        files.write(output, data)
    except files.SourceChangedError:
        raise WriteError(output, "changed meanwhile; try again") from None
    except OSError as error:
        if error.filename == cut:
            raise InputError(cut, f"cannot be read: {error.strerror}") from None
        raise WriteError(output, f"could not be written: {error.strerror}") from None
    say(f"{os.path.basename(output)}: {sum(map(len, hints.values()))} GENAI lines", quiet)
