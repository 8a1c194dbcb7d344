"""The open timeline as an OpenTimelineIO file that the desk reads: every item with its place, media and number.

Made here and not by Resolve's own export: that needs 18.5, leaves out the Media Pool's reel, and does not say which item is which.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from typing import Any

from .api import call, has, number

KINDS = (("video", "Video"), ("audio", "Audio"))
_TIMECODE = re.compile(r"(\d+):(\d+):(\d+)([:;.])(\d+)")


class Item:
    """A timeline item, its number in the snapshot and where it lies; ``start`` counts from the timeline's first frame."""

    def __init__(self, item: Any, number_: int, kind: str, track: int, start: int, length: int) -> None:
        self.item, self.number, self.kind, self.track, self.start, self.length = item, number_, kind, track, start, length
        self.pool = call(item, "GetMediaPoolItem")


def items(timeline: Any) -> list[Item]:
    """Every clip of a timeline, by track. Transitions, which Resolve lists among them, are left out."""
    begin = number(call(timeline, "GetStartFrame"))
    found: list[Item] = []
    for kind, _ in KINDS:
        for track in range(1, number(call(timeline, "GetTrackCount", kind)) + 1):
            for item in call(timeline, "GetItemListInTrack", kind, track) or ():
                if has(item, "GetType") and call(item, "GetType") == "transition":
                    continue
                start, length = number(call(item, "GetStart")), number(call(item, "GetDuration"))
                found.append(Item(item, len(found) + 1, kind, track, start - begin, length))
    return found


def rate_of(timeline: Any) -> float:
    """Frames a second, exactly: Resolve says 23.976, as a number or as a text."""
    text = str(call(timeline, "GetSetting", "timelineFrameRate")).split()[0]
    value = float(text)
    nominal = round(value)
    return nominal * 1000 / 1001 if abs(value - nominal) > 0.001 and abs(value - nominal * 1000 / 1001) < 0.01 else value


def frames(timecode: str, rate: float) -> int:
    """A timecode's frames; a ``;`` drops some."""
    match = _TIMECODE.fullmatch(timecode.strip())
    if match is None:
        return 0
    hours, minutes, seconds, mark, rest = match[1], match[2], match[3], match[4], match[5]
    base = round(rate)
    total = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * base + int(rest)
    if mark == ":":
        return total
    whole = int(hours) * 60 + int(minutes)
    return total - base // 15 * (whole - whole // 10)


def document(timeline: Any, found: list[Item]) -> dict[str, Any]:
    """The timeline as OTIO."""
    rate = rate_of(timeline)
    code = str(call(timeline, "GetStartTimecode"))
    media: dict[str, dict[str, Any]] = {}
    tracks = []
    for kind, otio in KINDS:
        for track in range(1, number(call(timeline, "GetTrackCount", kind)) + 1):
            mine = [each for each in found if (each.kind, each.track) == (kind, track)]
            name = call(timeline, "GetTrackName", kind, track) if has(timeline, "GetTrackName") else ""
            for row in _rows(mine):
                children = _children(row, rate, media)
                tracks.append(
                    {"OTIO_SCHEMA": "Track.1", "name": name or f"{otio[0]}{track}", "kind": otio, "children": children}
                )
    return {
        "OTIO_SCHEMA": "Timeline.1", "name": str(call(timeline, "GetName")), "global_start_time": _time(frames(code, rate), rate),
        "metadata": {"genai_tags_cut": {"drop_frame": ";" in code, "timeline": timeline_id(timeline)}}, "tracks": {"OTIO_SCHEMA": "Stack.1", "name": "", "children": tracks},
    }  # fmt: skip


def _rows(mine: list[Item]) -> list[list[Item]]:
    """The items of a track in rows in which none overlaps another: layered sound, and before 21.1 transitions, which lie over clips. What
    has media comes first."""
    rows: list[list[Item]] = []
    for each in sorted(mine, key=lambda item: (item.start, item.pool is None)):
        row = next((row for row in rows if row[-1].start + row[-1].length <= each.start), None)
        if row is None:
            rows.append([each])
        else:
            row.append(each)
    return rows or [[]]


def _children(mine: list[Item], rate: float, media: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    children: list[dict[str, Any]] = []
    at = 0
    for each in mine:
        if each.start > at:
            children.append({"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": _range(0, rate, each.start - at, rate)})
        children.append(_clip(each, rate, media))
        at = each.start + each.length
    return children


def _clip(each: Item, rate: float, media: dict[str, dict[str, Any]]) -> dict[str, Any]:
    pool = each.pool
    facts = _facts(pool, media)
    own = _float(facts.get("FPS")) or rate
    begin = frames(str(facts.get("Start TC") or ""), own)
    metadata: dict[str, Any] = {"genai_tags_cut": {"line": each.number, "uid": uid_of(each.item)}}
    if facts.get("Reel Name"):
        metadata["cmx_3600"] = {"reel": str(facts["Reel Name"])}
    path = str(facts.get("File Path") or "")
    reference: dict[str, Any] = {"OTIO_SCHEMA": "MissingReference.1", "name": ""}
    if path:
        available = _range(begin, own, _float(facts.get("Frames")) or 0, own)
        reference = {"OTIO_SCHEMA": "ExternalReference.1", "name": "", "target_url": path, "available_range": available}
    elif pool is None:
        reference = {"OTIO_SCHEMA": "GeneratorReference.1", "name": "", "generator_kind": "resolve", "parameters": {}}
    speed, first = _use(each, own, rate)
    made: dict[str, Any] = {
        "OTIO_SCHEMA": "Clip.2", "name": str(call(each.item, "GetName")), "metadata": metadata, "enabled": _is_on(each.item), "markers": [],
        "source_range": _range(begin + first, own, each.length, rate), "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }  # fmt: skip
    if speed == 0:
        made["effects"] = [{"OTIO_SCHEMA": "FreezeFrame.1", "name": "", "time_scalar": 0.0}]
    elif abs(speed - 1) > 1e-6:
        made["effects"] = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "time_scalar": speed}]
    return made


def _use(each: Item, own: float, rate: float) -> tuple[float, float]:
    """How fast an item runs through its media, against the clock, and the frame of it that comes first. ``GetSourceStartFrame`` is off by
    one on some items, ``GetLeftOffset`` exact where nothing is retimed: the one tells a retime, the other the frame."""
    offset = float(number(call(each.item, "GetLeftOffset"))) if has(each.item, "GetLeftOffset") else 0.0
    if not (has(each.item, "GetSourceStartFrame") and has(each.item, "GetSourceEndFrame")) or each.length <= 0:
        return 1.0, offset
    first, last = number(call(each.item, "GetSourceStartFrame")), number(call(each.item, "GetSourceEndFrame"))
    shown = each.length * own / rate
    if last < first:
        return -(first - last + 1) / shown, float(last)
    used = last - first + 1
    if abs(used - shown) < 1:
        return 1.0, offset
    if abs(used - shown) <= 2:  # rounding, or a short retime: both spans are looked at
        low, high = min(first, offset), max(last + 1, offset + shown)
        return (high - low) / shown, float(low)
    return used / shown, float(first)


def _facts(pool: Any, media: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the Media Pool says of a source; asked once for each source."""
    if pool is None:
        return {}
    name = str(call(pool, "GetUniqueId") if has(pool, "GetUniqueId") else id(pool))
    if name not in media:
        found = call(pool, "GetClipProperty")
        media[name] = dict(found) if isinstance(found, dict) else {}
    return media[name]


def timeline_id(timeline: Any) -> str:
    """What tells a timeline from another."""
    return str(call(timeline, "GetUniqueId") if has(timeline, "GetUniqueId") else call(timeline, "GetName"))


def uid_of(item: Any) -> str:
    """What Resolve calls an item; empty before 18.5."""
    return str(call(item, "GetUniqueId")) if has(item, "GetUniqueId") else ""


def _is_on(item: Any) -> bool:
    return bool(call(item, "GetClipEnabled")) if has(item, "GetClipEnabled") else True


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _time(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(value), "rate": rate}


def _range(start: float, start_rate: float, length: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, start_rate), "duration": _time(length, rate)}


def save(timeline: Any, path: str) -> int:
    """Write the snapshot, whole or not at all; how many items it has."""
    found = items(timeline)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document(timeline, found), stream)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return len(found)
