"""Badges on the open timeline: a timeline marker where an item with GenAI begins, its clip colour and a flag.

What the editor set stays: a colour only where there is none, a flag where there is none, a marker on a frame that is free. What is ours is
written into the marker's ``customData``, so that it can be found again, changed and taken away without a trace. Every write is read
back: Resolve says True of what it did not do.
"""

from __future__ import annotations

import json
from typing import Any

from .api import call, has, number
from .snapshot import Item, items, uid_of

PREFIX = "genai:1:"
_LONGEST = 60
"""Frames behind an item's first one that are tried for a marker where editors' own ones lie."""


class Plan:
    """What one frame shall say: of which items, in which colours."""

    def __init__(self, name: str, note: str, colour: str, tags: str, rank: int) -> None:
        self.name, self.note, self.colour, self.tags, self.rank = name, note, colour, tags, rank
        self.painted: dict[str, tuple[str, str]] = {}


def wanted(path: str) -> dict[str, dict[str, Any]]:
    """The marks of an annotated snapshot, by what Resolve calls the item: numbers change while somebody cuts."""
    with open(path, encoding="utf-8") as stream:
        waiting: list[Any] = [json.load(stream)]
    found: dict[str, dict[str, Any]] = {}
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(value for key, value in node.items() if key in ("tracks", "children"))
            uid = (node.get("metadata") or {}).get("genai_tags_cut", {}).get("uid")
            ours = [each for each in node.get("markers") or () if "genai_tags_mark" in (each.get("metadata") or {})]
            if uid and ours:
                found[str(uid)] = {
                    **ours[0]["metadata"]["genai_tags_mark"],
                    "name": ours[0]["name"],
                    "note": ours[0].get("comment", ""),
                }
    return found


def put(timeline: Any, path: str) -> dict[str, Any]:
    """Bring the timeline's badges to what an annotated snapshot says. Returns how many items have one, and what did not take."""
    marks = wanted(path)
    every = {uid_of(each.item): each for each in items(timeline)}
    here = {uid: each for uid, each in every.items() if uid in marks}
    refused = [f"{marks[uid]['note']}: is not on this timeline any more; look at it again" for uid in marks if uid not in here]
    field(here, marks, refused)
    before = _ours(timeline)
    owned = {uid: colours for _, _, painted in before.values() for uid, colours in painted.items()}
    plans: dict[int, Plan] = {}
    for uid, each in here.items():
        mark = marks[uid]
        painted = _paint(each.item, str(mark["clip"]), str(mark["marker"]), owned.get(uid, ("", "")), refused)
        tags = str(mark["data"])[len(PREFIX) :]
        plan = plans.get(each.start)
        if plan is None:
            plan = plans[each.start] = Plan(str(mark["name"]), str(mark["note"]), str(mark["marker"]), tags, int(mark["rank"]))
        else:
            plan.note = f"{plan.note} + {mark['note']}"[:240]
            plan.tags = ",".join(dict.fromkeys(f"{plan.tags},{tags}".split(",")))
            if int(mark["rank"]) > plan.rank:
                plan.name, plan.colour, plan.rank = str(mark["name"]), str(mark["marker"]), int(mark["rank"])
        plan.painted[uid] = painted
    for uid, colours in owned.items():
        if uid not in {name for plan in plans.values() for name in plan.painted}:
            _unpaint(every.get(uid), colours, refused)
    for plan in _mark(timeline, plans, before, refused):  # what no marker remembers could never be taken off again
        for uid, colours in plan.painted.items():
            _unpaint(every.get(uid), colours, refused)
    return {"items": len(here), "markers": len(plans), "refused": refused}


FIELD = "GenAI"
"""The custom metadata field that shows the tags of a source in the Media Pool, where somebody created it: no script can."""


def field(here: dict[str, Item], marks: dict[str, dict[str, Any]], refused: list[str]) -> None:
    """Write the tags of each source into its field. Resolve drops what has no field, and says True: one source tells whether there is one."""
    by_source: dict[str, tuple[Any, list[str]]] = {}
    for uid, each in here.items():
        pool = call(each.item, "GetMediaPoolItem")
        if has(pool, "SetMetadata") and has(pool, "GetMetadata"):
            tags = str(marks[uid]["data"])[len(PREFIX) :].split(",")
            by_source.setdefault(str(call(pool, "GetUniqueId")), (pool, []))[1].extend(tags)
    for pool, tags in by_source.values():
        text = ", ".join(dict.fromkeys(tags))
        if str(call(pool, "GetMetadata", FIELD) or "") == text:
            continue
        call(pool, "SetMetadata", {FIELD: text})
        if str(call(pool, "GetMetadata", FIELD) or "") != text:
            refused.append(
                f"no custom metadata field {FIELD!r}: create it by hand (Metadata panel > Create Custom Metadata), else tags show on the timeline alone"
            )
            return


def take_off(timeline: Any) -> dict[str, Any]:
    """Take every badge of ours away; what the editor set or changed since stays."""
    refused: list[str] = []
    before, every = _ours(timeline), {uid_of(each.item): each for each in items(timeline)}
    for each in every.values():
        pool = call(each.item, "GetMediaPoolItem")
        if has(pool, "GetMetadata") and call(pool, "GetMetadata", FIELD):
            call(pool, "SetMetadata", {FIELD: ""})
    for _, _, painted in before.values():
        for uid, colours in painted.items():
            _unpaint(every.get(uid), colours, refused)
    _mark(timeline, {}, before, refused)
    return {"items": 0, "markers": len(before), "refused": refused}


# ---------------------------------------------------------------- markers


def markers(timeline: Any) -> dict[int, dict[str, Any]]:
    """Every marker by its frame, counted from the timeline's first one; some Resolves give the frames as floats."""
    return {number(frame): dict(each) for frame, each in dict(call(timeline, "GetMarkers") or {}).items()}


def _ours(timeline: Any) -> dict[int, tuple[dict[str, Any], str, dict[str, tuple[str, str]]]]:
    """Our markers: the marker, its data, and what of which item was painted."""
    found = {}
    for frame, marker in markers(timeline).items():
        data = str(marker.get("customData") or "")
        if data.startswith(PREFIX):
            found[frame] = (marker, data, _painted(data))
    return found


def _painted(data: str) -> dict[str, tuple[str, str]]:
    found = {}
    for part in data.split(";")[1:]:
        uid, _, colours = part.partition("=")
        clip, _, flag = colours.partition(",")
        found[uid] = (clip, flag)
    return found


def _data(plan: Plan) -> str:
    painted = [f"{uid}={clip},{flag}" for uid, (clip, flag) in plan.painted.items() if clip or flag]
    return ";".join([f"{PREFIX}{plan.tags}", *painted])


def _mark(timeline: Any, plans: dict[int, Plan], before: dict[int, Any], refused: list[str]) -> list[Plan]:
    """One marker for each plan, at its frame or the next that is free; those of ours that are not wanted any more go. The plans that
    have none."""
    without: list[Plan] = []
    there = markers(timeline)
    taken = {frame for frame in there if frame not in before}
    places: dict[int, Plan] = {}
    for frame, plan in sorted(plans.items()):
        place = next((each for each in range(frame, frame + _LONGEST) if each not in taken and each not in places), None)
        if place is None:
            refused.append(f"{plan.name} at frame {frame}: every frame there has a marker of the editor's")
            without.append(plan)
        else:
            places[place] = plan
    for frame, (marker, data, _) in before.items():
        if frame not in places or not _is(marker, data, places[frame]):
            call(timeline, "DeleteMarkerAtFrame", frame)
    now = markers(timeline)
    for frame, plan in places.items():
        if frame not in now:
            call(timeline, "AddMarker", frame, plan.colour, plan.name, plan.note, 1, _data(plan))
    now = markers(timeline)
    for frame, plan in places.items():
        marker = now.get(frame)
        if marker is None or not _is(marker, str(marker.get("customData") or ""), plan):
            refused.append(f"{plan.name} at frame {frame}: Resolve did not keep the marker")
            without.append(plan)
    left = [frame for frame in before if frame not in places and frame in now]
    refused.extend(f"the marker at frame {frame} could not be taken away" for frame in left)
    return without


def _is(marker: dict[str, Any], data: str, plan: Plan) -> bool:
    return (marker.get("color"), marker.get("name"), marker.get("note"), data) == (
        plan.colour,
        plan.name,
        plan.note,
        _data(plan),
    )


# ---------------------------------------------------------------- colours and flags


def _paint(item: Any, colour: str, flag: str, own: tuple[str, str], refused: list[str]) -> tuple[str, str]:
    """Colour and flag an item where the editor did not; what of it is ours now."""
    name = str(call(item, "GetName"))
    there = str(call(item, "GetClipColor") or "")
    painted = own[0] if there and there == own[0] else ""
    if (not there or painted) and there != colour:
        call(item, "SetClipColor", colour)
        if str(call(item, "GetClipColor") or "") == colour:
            painted = colour
        else:
            refused.append(f"{name}: Resolve did not take the clip colour {colour}")
            painted = painted if str(call(item, "GetClipColor") or "") == painted else ""
    flags = [str(each) for each in call(item, "GetFlagList") or ()]
    flagged = own[1] if flags == [own[1]] else ""
    if (not flags or flagged) and flags != [flag]:
        if flagged:
            call(item, "ClearFlags", flagged)
        call(item, "AddFlag", flag)
        flagged = flag if [str(each) for each in call(item, "GetFlagList") or ()] == [flag] else ""
        if not flagged:
            refused.append(f"{name}: Resolve did not take the flag {flag}")
    return painted, flagged


def _unpaint(found: Item | None, own: tuple[str, str], refused: list[str]) -> None:
    """Take our colour and flag off an item, where they are still there."""
    if found is None:
        return
    item = found.item
    if own[0] and str(call(item, "GetClipColor") or "") == own[0]:
        call(item, "ClearClipColor")
        if call(item, "GetClipColor"):
            refused.append(f"{call(item, 'GetName')}: the clip colour {own[0]} could not be taken off")
    if own[1] and [str(each) for each in call(item, "GetFlagList") or ()] == [own[1]]:
        call(item, "ClearFlags", own[1])
