"""``annotate``: write the statuses of a conform into a copy of an EDL (``* GENAI:`` lines) or of a timeline (markers)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any

import typer

from genai_tags import files
from genai_tags.carriers import otio as carrier
from genai_tags.carriers.edl import annotate as annotate_edl
from genai_tags.carriers.edl import hint_line
from genai_tags.cli.common import QuietOption, ShowOption, open_show, say
from genai_tags.cli.judging import CutStage, RateOption, read_rate
from genai_tags.conform.check import conform
from genai_tags.conform.results import EventResult, Options
from genai_tags.cut.edl import read_edl
from genai_tags.cut.model import Cut
from genai_tags.cut.otio import to_cut, with_clips
from genai_tags.cut.read import read_cut
from genai_tags.errors import InputError, UsageError, WriteError
from genai_tags.report.marks import is_ours, mark_of, merged, otio_marker
from genai_tags.vocabulary import Stage

Judge = Callable[[Cut], tuple[EventResult, ...]]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("annotate")(annotate)


def annotate(
    cut: Annotated[str, typer.Argument(metavar="CUT", help="An EDL, .otio or .otioz.")],
    output: Annotated[str, typer.Option("--output", help="The annotated copy; may be the cut itself.")],
    rate: RateOption = None,
    media: Annotated[list[str] | None, typer.Option("--media", metavar="DIR", help="Where the media lies.")] = None,
    stage: Annotated[CutStage, typer.Option("--stage", help="final or temp.")] = CutStage.FINAL,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """Write a copy of a cut with the statuses of its tags: GENAI lines in an EDL, markers in OTIO. Nothing else of it is changed."""
    extension = os.path.splitext(cut)[1].lower()
    if extension not in (".edl", ".otio", ".otioz"):
        raise UsageError("annotate writes into .edl, .otio and .otioz; for other formats there is conform --format marker-edl")
    if os.path.splitext(output)[1].lower() != extension:
        raise UsageError(f"--output is a {extension} like the cut")
    opened = open_show(show)
    stated = read_rate(rate)

    def judge(read: Cut) -> tuple[EventResult, ...]:
        options = Options(stage=Stage(stage.value), as_of=opened.today(), media=media or ())
        return conform(opened, [read], options).cuts[0].events

    write = _edl if extension == ".edl" else _otio
    count, what = write(cut, output, stated, opened.config.rate, judge)
    say(f"{os.path.basename(output)}: {count} {what}", quiet)


def _edl(cut: str, output: str, rate: Fraction | None, show_rate: Fraction | None, judge: Judge) -> tuple[int, str]:
    read = read_cut(cut, rate, show_rate)
    hints: dict[int, list[str]] = {}
    for result in judge(read):
        if result.event.line is not None:
            named = result.event.clip or result.event.reel
            lines = [hint_line(tag_id, named, result.status.value) for tag_id in result.tags]
            hints.setdefault(result.event.line, []).extend(lines)
    try:
        with open(cut, "rb") as stream:
            data = annotate_edl(stream.read(), hints, [e.line for e in read.events if e.line and not e.joined], cut)
        _compare(read, read_edl(data, output, read.rate, rate_assumed=read.rate_assumed), output)
        files.write(output, data)
    except files.SourceChangedError:
        raise WriteError(output, "changed meanwhile; try again") from None
    except OSError as error:
        if error.filename == cut:
            raise InputError(cut, f"cannot be read: {error.strerror}") from None
        raise WriteError(output, f"could not be written: {error.strerror}") from None
    return sum(map(len, hints.values())), "GENAI lines"


def _otio(cut: str, output: str, rate: Fraction | None, show_rate: Fraction | None, judge: Judge) -> tuple[int, str]:
    document = carrier.load(cut, for_writing=True)
    read, clips = with_clips(document, cut, rate, show_rate)
    marks: dict[int, list[Any]] = {}
    for result, clip in zip(judge(read), clips, strict=True):
        mark = mark_of(result)
        if mark is not None:
            marks.setdefault(id(clip), []).append(mark)
    for clip in carrier.clips(document):
        _mark(clip, marks.get(id(clip), []), read.rate)
    _compare(read, to_cut(document, cut, rate, show_rate), output)
    carrier.save_copy(cut, output, document)
    return len(marks), "markers"


def _mark(clip: dict[str, Any], marks: list[Any], rate: Fraction) -> None:
    """Put the marker of a clip in the place of an earlier one of ours."""
    there = clip.get("markers")
    kept = [each for each in there if not is_ours(each)] if isinstance(there, list) else []
    if not marks and (not isinstance(there, list) or len(kept) == len(there)):
        return
    if marks:
        held = clip.get("source_range")
        reference = next(iter(carrier.references(clip)), {})
        held = held if isinstance(held, dict) else reference.get("available_range")
        start = held.get("start_time") if isinstance(held, dict) else None
        moment = (
            dict(start) if isinstance(start, dict) else {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": 0.0}
        )
        kept.append(otio_marker(merged(marks), moment))
    clip["markers"] = kept


def _compare(before: Cut, after: Cut, output: str) -> None:
    """The annotated copy must be the same cut. Raises WriteError, and nothing is written, where it is not."""
    plain = [[replace(event, line=None, hints=(), comments=()) for event in cut.events] for cut in (before, after)]
    if plain[0] != plain[1]:
        raise WriteError(output, "would not be the same cut when it is read again; nothing was written, please report the file")
