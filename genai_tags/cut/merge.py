"""Several lists of one reel as one cut: editors hand over an EDL for each video track, and all of it is one programme."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from genai_tags.cut.model import Cut, Event
from genai_tags.errors import InputError
from genai_tags.timecode import rate_text


def merged(cuts: Sequence[Cut]) -> Cut:
    """One cut of these, its events by record time; an event's number begins with that of its list, and its track is named by both. Raises
    InputError where their rates differ, or one has no record timecodes."""
    if len(cuts) < 2:
        return cuts[0]
    for cut in cuts:
        if cut.rate != cuts[0].rate:
            raise InputError(
                cut.path,
                f"counts {rate_text(cut.rate)} frames a second and {cuts[0].path} {rate_text(cuts[0].rate)}: no one reel",
            )
        if any(event.record is None for event in cut.events):
            raise InputError(cut.path, "has events without a record timecode: they cannot be merged by it")
    groups = [group for place, cut in enumerate(cuts, 1) for group in _groups(cut, place)]
    groups.sort(key=lambda group: group[0].record or (0, 0))
    formats = {cut.format for cut in cuts}
    return Cut(
        path=" + ".join(cut.path for cut in cuts), format=formats.pop() if len(formats) == 1 else "merged", title=cuts[0].title,
        rate=cuts[0].rate, rate_assumed=any(cut.rate_assumed for cut in cuts), events=tuple(event for group in groups for event in group),
        unread=tuple(replace(each, text=f"{os.path.basename(cut.path)}: {each.text}") for cut in cuts for each in cut.unread),
        problems=tuple(problem for cut in cuts for problem in cut.problems),
    )  # fmt: skip


def _groups(cut: Cut, place: int) -> list[list[Event]]:
    """The events of a list; lines that belong to the one before them stay with it."""
    groups: list[list[Event]] = []
    for event in cut.events:
        found = replace(event, number=f"{place}-{event.number}", track=f"{place} {event.track}")
        if event.joined and groups:
            groups[-1].append(found)
        else:
            groups.append([found])
    return groups
