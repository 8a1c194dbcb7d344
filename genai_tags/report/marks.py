"""Badges as markers on a timeline: what each event with GenAI says there, in a marker EDL for any edition of Resolve, and in OTIO.

The marker EDL is what Resolve's "Import > Timeline Markers from EDL" reads: an event line a frame long and below it
``<note> |C:ResolveColor<Name> |M:<name> |D:<frames>``. Resolve keeps one marker on a frame: what begins together shares one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from genai_tags.conform.results import CutResult, EventResult
from genai_tags.cut.edl import read_edl
from genai_tags.errors import UsageError
from genai_tags.palette import colours
from genai_tags.report.plain import plain
from genai_tags.status import BADGES, Severity, Status
from genai_tags.timecode import to_text

NAME = "GenAI"
"""What the name of every marker of ours begins with."""
PREFIX = "genai:1:"
"""What a marker's data begins with; Resolve's bridge, which knows no core, looks for the same (``badges.PREFIX``)."""
MOST = 240
"""Letters of a note: lists cut longer lines."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker at the first frame of an event. ``data`` is what marks it as ours and names its tags."""

    status: Status
    name: str
    note: str
    data: str


def mark_of(result: EventResult) -> Mark | None:
    """What a timeline says of an event; None where it has no GenAI that is known of: a cut has hundreds of plates. Timelines are handed
    on: it names no person, paper, tool or element."""
    if not result.tags and result.status is not Status.UNRESOLVED:
        return None
    badge = BADGES[result.status]
    what = " ".join(filter(None, (result.shot or result.event.clip, result.version)))
    codes = dict.fromkeys(f.code for f in result.findings if f.severity is not Severity.INFO and f.code != result.status.value)
    why = ", ".join(code.replace("_", " ") for code in codes)
    unmet = dict.fromkeys(need.partition(" of ")[0] for judged in result.judged for need in judged.verdict.unmet)
    needed = f"still needed: {', '.join(need.replace('_', ' ') for need in unmet)}" if unmet else ""
    note = "; ".join(filter(None, (what, why, needed))) or badge.text
    return Mark(result.status, f"{NAME}: {badge.text}", _line(note), PREFIX + ",".join(result.tags))


def _line(text: str) -> str:
    """A note on one line, without the bar that parts a marker's fields."""
    found = " ".join(plain(text).replace("|", "/").split())
    return found if len(found) <= MOST else found[: MOST - 3] + "..."


def marker_edl(result: CutResult) -> bytes:
    """The markers of a cut as Resolve's marker EDL. Raises UsageError for what has no record timecodes (a bin, frames)."""
    if result.cut.timelines > 1:
        raise UsageError(f"{result.cut.path} holds {result.cut.timelines} timelines: export the one that the markers are for")
    placed = [(event.event.record, mark) for event in result.events if (mark := mark_of(event)) is not None]
    if any(record is None for record, _ in placed) or any(not event.event.record_in for event in result.events):
        raise UsageError(f"{result.cut.path} has no record timecodes: markers need a timeline")
    by_frame: dict[int, list[Mark]] = {}
    for record, mark in placed:
        assert record is not None
        by_frame.setdefault(record[0], []).append(mark)
    drop = any(";" in event.event.record_in for event in result.events)
    lines = [f"TITLE: {plain(result.cut.title)[:60] or 'GenAI'}", f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}", ""]
    for number, (frame, marks) in enumerate(sorted(by_frame.items()), 1):
        mark = merged(marks)
        begin, end = (to_text(each, result.cut.rate, drop) for each in (frame, frame + 1))
        note = f"_{mark.note}" if re.match(r"\d", mark.note) else mark.note  # a line with a digit would be an event
        lines += [
            f"{number:03d}  001      V     C        {begin} {end} {begin} {end}  ",
            f"{note} |C:ResolveColor{colours(mark.status).marker} |M:{mark.name} |D:1", "",
        ]  # fmt: skip
    made = "\r\n".join([*lines, ""]).encode("utf-8")
    again = read_edl(made, "the marker EDL", result.cut.rate, rate_assumed=False)
    if sorted(event.record[0] for event in again.events if event.record) != sorted(by_frame):
        raise UsageError(f"the markers of {result.cut.path} would not be read again as they are; please report the cut")
    return made


def merged(marks: Iterable[Mark]) -> Mark:
    """The markers of one frame as one: the worst status, every note."""
    found = sorted(dict.fromkeys(marks), key=lambda mark: -mark.status.rank)
    if len(found) == 1:
        return found[0]
    ids = dict.fromkeys(each for mark in found for each in mark.data.removeprefix(PREFIX).split(",") if each)
    return Mark(found[0].status, found[0].name, _line(" + ".join(mark.note for mark in found)), PREFIX + ",".join(ids))


def otio_marker(mark: Mark, start: Mapping[str, object]) -> dict[str, object]:
    """A marker for a clip, at a moment of its source time. Resolve takes the note from its own block, others from the comment."""
    length = {**start, "value": 1.0}
    found = colours(mark.status)
    names = {"clip": found.clip, "marker": found.marker}
    return {
        "OTIO_SCHEMA": "Marker.2", "name": mark.name, "color": found.otio, "comment": mark.note,
        "marked_range": {"OTIO_SCHEMA": "TimeRange.1", "start_time": dict(start), "duration": length},
        "metadata": {OURS: {"data": mark.data, "rank": mark.status.rank, **names}, "Resolve_OTIO": {"Keywords": [], "Note": mark.note}},
    }  # fmt: skip


OURS = "genai_tags_mark"
"""The metadata that tells a marker of ours: annotating again replaces it."""


def is_ours(marker: object) -> bool:
    """Whether ``annotate`` wrote a marker."""
    metadata = marker.get("metadata") if isinstance(marker, Mapping) else None
    return isinstance(metadata, Mapping) and OURS in metadata
