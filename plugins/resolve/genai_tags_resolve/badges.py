"""Badges on the open timeline: a timeline marker where an item with GenAI begins, its clip colour and a flag.

What the editor set stays: a colour only where there is none, a flag where there is none, a marker on a frame that is free. What is ours is
written into the marker's ``customData`` before anything is painted, so that it can be found again, changed and taken away. Every write is
read back: Resolve says True of what it did not do.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from .api import MissingCallError, call, has, number
from .snapshot import Item, items, timeline_id, uid_of

PREFIX = "genai:1:"
FIELD = "GenAI"
"""The custom metadata field that shows the tags of a source in the Media Pool, where somebody created it: no script can."""
_LONGEST = 60
"""Frames behind an item's first one that are tried for a marker where editors' own ones lie."""


class Plan:
    """What one frame shall say: of which items, in which colours; ``room`` is how far behind it the marker may lie."""

    def __init__(self, mark: dict[str, Any], room: int) -> None:
        self.name, self.note, self.colour, self.rank = (
            str(mark["name"]),
            str(mark["note"]),
            str(mark["marker"]),
            int(mark["rank"]),
        )
        self.tags, self.room = str(mark["data"])[len(PREFIX) :], room
        self.painted: dict[str, tuple[str, str]] = {}

    def join(self, mark: dict[str, Any], room: int) -> None:
        """Another item begins on the same frame."""
        self.note = f"{self.note} + {mark['note']}"[:240]
        self.tags = ",".join(dict.fromkeys(f"{self.tags},{str(mark['data'])[len(PREFIX) :]}".split(",")))
        self.room = max(self.room, room)
        if int(mark["rank"]) > self.rank:
            self.name, self.colour, self.rank = str(mark["name"]), str(mark["marker"]), int(mark["rank"])

    def digest(self) -> str:
        """Tells whether somebody changed the marker since."""
        return _digest(self.name, self.note, self.colour)

    def data(self) -> str:
        """What the marker remembers."""
        painted = [f"{uid}={clip},{flag}" for uid, (clip, flag) in self.painted.items() if clip or flag]
        return ";".join([f"{PREFIX}{self.tags}", f"#{self.digest()}", *painted])


class Ours:
    """A marker of ours that is there."""

    def __init__(self, marker: dict[str, Any], data: str) -> None:
        self.marker, self.data = marker, data
        parts = data.split(";")[1:]
        self.painted: dict[str, tuple[str, str]] = {}
        for part in parts:
            uid, equals, colours = part.partition("=")
            if equals:
                clip, _, flag = colours.partition(",")
                self.painted[uid] = (clip, flag)
        stated = next((part[1:] for part in parts if part.startswith("#")), "")
        self.is_changed = bool(stated) and stated != _digest(marker.get("name"), marker.get("note"), marker.get("color"))


def _digest(*texts: object) -> str:
    return f"{zlib.crc32(chr(0).join(map(str, texts)).encode('utf-8')):08x}"


def wanted(path: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The timeline that an annotated snapshot is of, and its marks by what Resolve calls the item: numbers change while somebody cuts."""
    with open(path, encoding="utf-8") as stream:
        document = json.load(stream)
    of = str(((document.get("metadata") or {}).get("genai_tags_cut") or {}).get("timeline") or "")
    waiting: list[Any] = [document]
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
                mark = ours[0]["metadata"]["genai_tags_mark"]
                found[str(uid)] = {**mark, "name": ours[0]["name"], "note": ours[0].get("comment", "")}
    return of, found


def put(timeline: Any, path: str) -> dict[str, Any]:
    """Bring the timeline's badges to what an annotated snapshot says. Returns how many items have one, and what did not take."""
    of, marks = wanted(path)
    if of != timeline_id(timeline):
        raise MissingCallError("another timeline is open than the one that was looked at: look at this one first")
    every = {uid_of(each.item): each for each in items(timeline)}
    here = {uid: each for uid, each in every.items() if uid in marks}
    refused = [f"{marks[uid]['note']}: is not on this timeline any more; look at it again" for uid in marks if uid not in here]
    _field(here, marks, refused)
    before = _ours(timeline)
    owned = {uid: colours for ours in before.values() for uid, colours in ours.painted.items()}
    plans: dict[int, Plan] = {}
    for uid, each in sorted(here.items(), key=lambda pair: pair[1].start):
        plan = plans.get(each.start)
        if plan is None:
            plan = plans[each.start] = Plan(marks[uid], each.length)
        else:
            plan.join(marks[uid], each.length)
        plan.painted[uid] = _would(each.item, str(marks[uid]["clip"]), str(marks[uid]["marker"]), owned.get(uid, ("", "")))
    without = _mark(timeline, plans, before, refused)
    for plan in plans.values():
        for uid in plan.painted:
            mark = marks[uid]
            mine = owned.get(uid, ("", ""))
            if plan in without:  # what no marker remembers could never be taken off again
                _unpaint(every.get(uid), uid, mine, refused)
            else:
                _tried(every[uid].item, refused, _paint, str(mark["clip"]), str(mark["marker"]), mine, refused)
    for uid, colours in owned.items():
        if uid not in here:
            _unpaint(every.get(uid), uid, colours, refused)
    return {"items": len(here), "markers": len(plans) - len(without), "refused": refused}


def take_off(timeline: Any) -> dict[str, Any]:
    """Take every badge of ours away; what the editor set or changed since stays."""
    refused: list[str] = []
    before, every = _ours(timeline), {uid_of(each.item): each for each in items(timeline)}
    for ours in before.values():
        for uid, colours in ours.painted.items():
            _unpaint(every.get(uid), uid, colours, refused)
    for pool in _sources(every.values()).values():
        if str(call(pool, "GetMetadata", FIELD) or "").startswith(PREFIX):
            call(pool, "SetMetadata", {FIELD: ""})
    _mark(timeline, {}, before, refused)
    return {"items": 0, "markers": len(before), "refused": refused}


# ---------------------------------------------------------------- the Media Pool


def _sources(found: Any) -> dict[str, Any]:
    """The sources of items, each once, where they can hold metadata."""
    pools = (each.pool for each in found)
    return {str(call(pool, "GetUniqueId")): pool for pool in pools if has(pool, "SetMetadata") and has(pool, "GetMetadata")}


def _field(here: dict[str, Item], marks: dict[str, dict[str, Any]], refused: list[str]) -> None:
    """Write the tags of each source into its field, where nobody else wrote there. Resolve drops what has no field, and says True: one
    source tells whether there is one."""
    tags: dict[str, list[str]] = {}
    for uid, each in here.items():
        if each.pool is not None:
            tags.setdefault(str(call(each.pool, "GetUniqueId")), []).extend(str(marks[uid]["data"])[len(PREFIX) :].split(","))
    for source, pool in _sources(here.values()).items():
        text, there = f"{PREFIX} {', '.join(dict.fromkeys(tags[source]))}", str(call(pool, "GetMetadata", FIELD) or "")
        if there == text:
            continue
        if there and not there.startswith(PREFIX):
            refused.append(f"the metadata field {FIELD!r} of a source holds a text of somebody's; it was left")
            continue
        call(pool, "SetMetadata", {FIELD: text})
        if str(call(pool, "GetMetadata", FIELD) or "") != text:
            refused.append(
                f"no custom metadata field {FIELD!r}: create it by hand (Metadata panel > Create Custom Metadata), else tags show on the timeline alone"
            )
            return


# ---------------------------------------------------------------- markers


def markers(timeline: Any) -> dict[int, dict[str, Any]]:
    """Every marker by its frame, counted from the timeline's first one; some Resolves give the frames as floats."""
    return {number(frame): dict(each) for frame, each in dict(call(timeline, "GetMarkers") or {}).items()}


def _ours(timeline: Any) -> dict[int, Ours]:
    found = {}
    for frame, marker in markers(timeline).items():
        data = str(marker.get("customData") or "")
        if data.startswith(PREFIX):
            found[frame] = Ours(marker, data)
    return found


def _mark(timeline: Any, plans: dict[int, Plan], before: dict[int, Ours], refused: list[str]) -> list[Plan]:
    """One marker for each plan, at its frame or the next that is free within its item; those of ours that are not wanted any more go, but
    for what somebody wrote into. The plans that have none."""
    without: list[Plan] = []
    changed = {frame for frame, ours in before.items() if ours.is_changed}
    taken = {frame for frame in markers(timeline) if frame not in before} | changed
    refused.extend(f"the marker at frame {frame} was changed by somebody: it was left" for frame in sorted(changed))
    places: dict[int, Plan] = {frame: plan for frame, plan in plans.items() if frame not in taken}
    for frame, plan in sorted(plans.items()):
        if frame in places:
            continue
        place = next(
            (each for each in range(frame, frame + min(plan.room, _LONGEST)) if each not in taken and each not in places), None
        )
        if place is None:
            refused.append(f"{plan.name} at frame {frame}: every frame there has a marker already")
            without.append(plan)
        else:
            places[place] = plan
    for frame, ours in before.items():
        if frame not in changed and (frame not in places or not _is(ours.marker, ours.data, places[frame])):
            call(timeline, "DeleteMarkerAtFrame", frame)
    now = markers(timeline)
    for frame, plan in places.items():
        if frame not in now:
            call(timeline, "AddMarker", frame, plan.colour, plan.name, plan.note, 1, plan.data())
    now = markers(timeline)
    for frame, plan in places.items():
        marker = now.get(frame)
        if marker is None or not _is(marker, str(marker.get("customData") or ""), plan):
            refused.append(f"{plan.name} at frame {frame}: Resolve did not keep the marker")
            without.append(plan)
    left = [frame for frame in before if frame not in places and frame not in changed and frame in now]
    refused.extend(f"the marker at frame {frame} could not be taken away" for frame in left)
    return without


def _is(marker: dict[str, Any], data: str, plan: Plan) -> bool:
    there = marker.get("color"), marker.get("name"), marker.get("note"), data
    return there == (plan.colour, plan.name, plan.note, plan.data())


# ---------------------------------------------------------------- colours and flags


def _flags(item: Any) -> list[str]:
    return [str(each) for each in call(item, "GetFlagList") or ()]


def _colour(item: Any) -> str:
    return str(call(item, "GetClipColor") or "")


def _would(item: Any, colour: str, flag: str, own: tuple[str, str]) -> tuple[str, str]:
    """What of an item will be ours: what nobody else painted."""
    there, flags = _colour(item), _flags(item)
    return colour if there in ("", own[0]) else "", flag if not flags or own[1] in flags else ""


def _tried(item: Any, refused: list[str], work: Any, *arguments: Any) -> None:
    """One item must not keep the others from their badges."""
    try:
        work(item, *arguments)
    except Exception as error:  # noqa: BLE001 - Resolve's own failures have no class
        refused.append(f"an item could not be painted ({type(error).__name__}) {error}")


def _paint(item: Any, colour: str, flag: str, own: tuple[str, str], refused: list[str]) -> None:
    """Colour and flag an item where the editor did not."""
    there = _colour(item)
    if there in ("", own[0]) and there != colour:
        call(item, "SetClipColor", colour)
        if _colour(item) != colour:
            refused.append(f"{call(item, 'GetName')}: Resolve did not take the clip colour {colour}")
    flags = _flags(item)
    if flag in flags or (flags and own[1] not in flags):
        return
    if own[1] in flags:
        call(item, "ClearFlags", own[1])
    call(item, "AddFlag", flag)
    if flag not in _flags(item):
        refused.append(f"{call(item, 'GetName')}: Resolve did not take the flag {flag}")


def _unpaint(found: Item | None, uid: str, own: tuple[str, str], refused: list[str]) -> None:
    """Take our colour and flag off an item, where they are still there."""
    if found is None:
        if own != ("", ""):
            refused.append(
                f"an item that had the badge {' and '.join(filter(None, own))} is not here any more ({uid}); what became of it may keep its colours"
            )
        return
    item = found.item
    if own[0] and _colour(item) == own[0]:
        call(item, "ClearClipColor")
        if _colour(item):
            refused.append(f"{call(item, 'GetName')}: the clip colour {own[0]} could not be taken off")
    if own[1] and own[1] in _flags(item):
        call(item, "ClearFlags", own[1])
