"""OTIO objects as JSON, for readers of other formats: what they make is read on as a timeline is (``cut.otio``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from genai_tags.cut.otio_objects import NOTE

MOST = 200_000
"""Items that a file may lay out, nests followed: a file of a few kilobytes can name billions."""
ROWS = 50
"""Tracks of one name that are tried for an item that overlaps others, the newest first."""
FIGURE = re.compile(r"-?\d{1,20}(?:\.\d{0,20})?(?:/\d{1,20})?")
"""A figure as the formats write them; Python would take 1e999999999 for one too, and think for days."""


def time(seconds: Fraction, rate: Fraction) -> dict[str, Any]:
    """A moment. ``value`` counts frames at ``rate``."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(seconds * rate)}


def span(start: Fraction, start_rate: Fraction, length: Fraction, rate: Fraction) -> dict[str, Any]:
    """A range, in seconds; its start counts frames of media, its length those of the timeline."""
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start, start_rate), "duration": time(length, rate)}


def item(schema: str, name: str, **more: Any) -> dict[str, Any]:
    """An object; what is not stated is left out."""
    return {"OTIO_SCHEMA": schema, "name": name, **{key: value for key, value in more.items() if value is not None}}


def clip(
    name: str,
    source: dict[str, Any],
    reference: dict[str, Any] | None,
    speed: Fraction,
    line: int,
    enabled: bool,
    reel: str = "",
) -> dict[str, Any]:
    """A clip; ``speed`` is its media's seconds for each second that shows it."""
    metadata: dict[str, Any] = {NOTE: {"line": line}}
    if reel:
        metadata["cmx_3600"] = {"reel": reel}
    return item(
        "Clip.2", name, source_range=source, enabled=enabled, metadata=metadata, effects=warps(speed),
        media_references={"DEFAULT_MEDIA": reference or item("MissingReference.1", name)}, active_media_reference_key="DEFAULT_MEDIA",
    )  # fmt: skip


def warps(speed: Fraction) -> list[dict[str, Any]]:
    """The retime that a speed is; none for 1."""
    if speed == 1:
        return []
    if speed == 0:
        return [item("FreezeFrame.1", "", time_scalar=0.0)]
    return [item("LinearTimeWarp.1", "", time_scalar=float(speed))]


def media(url: str, available: dict[str, Any] | None) -> dict[str, Any] | None:
    """A reference to media; None where nothing says where it lies."""
    return item("ExternalReference.1", "", target_url=url, available_range=available) if url else None


def gap(length: Fraction, rate: Fraction) -> dict[str, Any]:
    """Nothing for a while."""
    return item("Gap.1", "", source_range=span(Fraction(0), rate, length, rate))


def transition(before: Fraction, behind: Fraction, rate: Fraction) -> dict[str, Any]:
    """A transition around a cut: what it shows before the cut of the incoming clip, and behind it of the outgoing one."""
    return item(
        "Transition.1", "", transition_type="SMPTE_Dissolve", in_offset=time(before, rate), out_offset=time(behind, rate)
    )


def timeline(name: str, start: Fraction, rate: Fraction, drop: bool | None, tracks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A timeline; ``drop`` says whether its timecodes drop frames, where its file states that."""
    return item(
        "Timeline.1", name, global_start_time=time(start, rate), metadata={NOTE: {"drop_frame": drop}} if drop is not None else {},
        tracks=item("Stack.1", name, children=list(tracks)),
    )  # fmt: skip


def figure(text: str) -> Fraction | None:
    """``12``, ``12.5`` or ``1001/24000``; None for anything else, and for what is absurdly large."""
    if FIGURE.fullmatch(text) is None:
        return None
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    return value if abs(value) < 10**12 else None


@dataclass(slots=True)
class Row:
    """A track in the making: items in order, and the second at which the last one ends."""

    children: list[dict[str, Any]] = field(default_factory=list)
    at: Fraction = Fraction(0)

    def reach(self, first: Fraction, rate: Fraction) -> None:
        """Nothing until a second at which an item begins."""
        if first > self.at:
            self.children.append(gap(first - self.at, rate))


def row_for(rows: list[Row], first: Fraction) -> Row:
    """The row that is free at a second; another one where all that are tried are taken."""
    found = next((row for row in rows[-ROWS:] if row.at <= first), None)
    if found is None:
        found = Row()
        rows.append(found)
    return found


def collection(timelines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several timelines; one alone is itself."""
    return timelines[0] if len(timelines) == 1 else item("SerializableCollection.1", "", children=list(timelines))
