"""What became of AI between two cuts: events that are new, moved, re-versioned, trimmed, tagged differently or gone."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genai_tags.conform.results import CutResult, EventResult, Report
from genai_tags.naming import version_number
from genai_tags.status import Status
from genai_tags.vocabulary import Word

_NO_AI = (Status.CLEAN, Status.CLEAN_INFERRED, Status.OUTSIDE_SCOPE, Status.NO_RECORD)
_MANY_PAIRS = 40_000


class Change(Word):
    """What happened to an event. One event may have moved and got a new version as well."""

    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    RE_VERSIONED = "re_versioned"
    TRIMMED = "trimmed"
    RETAGGED = "retagged"
    STATUS = "status_changed"


@dataclass(frozen=True, slots=True)
class Changed:
    """An AI event that differs between two cuts. ``moved_by`` is in record frames; None where rates differ or it did not move."""

    changes: tuple[Change, ...]
    old: EventResult | None
    new: EventResult | None
    moved_by: int | None = None


def compare(report: Report) -> tuple[list[Changed], int]:
    """AI events that differ between a report's earlier cuts and its cuts, in the order of the new ones (gone ones last), and how
    many AI events did not change.

    An event is AI where it carries a tag, in either cut. Events are paired by track kind and shot (else by clip or file name
    without its version), nearest source range first.
    """
    pairs = _pair(_events(report.earlier), _events(report.cuts))
    found = [_changed(was, now) for was, now in pairs if _is_ai(was) or _is_ai(now)]
    return [each for each in found if each.changes], sum(not each.changes for each in found)


def _events(cuts: Sequence[CutResult]) -> list[EventResult]:
    return [event for cut in cuts for event in cut.events if event.event.enabled]


def _is_ai(result: EventResult | None) -> bool:
    return result is not None and (bool(result.tags) or result.status not in _NO_AI)


def _key(result: EventResult) -> tuple[str, ...]:
    event = result.event
    if result.shot:
        return event.kind, "shot", result.shot
    name = event.file or event.clip
    if name:
        plain = posixpath.basename(name.replace("\\", "/"))
        return event.kind, "name", re.sub(r"(?i)([_.-])v\d{1,5}(?=$|[_.\-\s])", r"\1v", plain)
    return event.kind, "tags", *result.tags


def _pair(olds: Iterable[EventResult], news: Iterable[EventResult]) -> list[tuple[EventResult | None, EventResult | None]]:
    groups: dict[tuple[str, ...], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    old, new = list(olds), list(news)
    for side, results in enumerate((old, new)):
        for i, result in enumerate(results):
            groups[_key(result)][side].append(i)
    partner: dict[int, int] = {}
    for mine, theirs in groups.values():
        partner.update(_nearest([old[i] for i in mine], [new[j] for j in theirs], mine, theirs))
    taken = set(partner.values())
    paired = [(old[partner[j]] if j in partner else None, result) for j, result in enumerate(new)]
    return [*paired, *((result, None) for i, result in enumerate(old) if i not in taken)]


def _nearest(
    old: Sequence[EventResult], new: Sequence[EventResult], mine: Sequence[int], theirs: Sequence[int]
) -> dict[int, int]:
    """Partners within one group, new index to old index: what is alike in most first, the rest by the nearest source."""
    found: dict[int, int] = {}
    left, right = list(range(len(old))), list(range(len(new)))
    for alike in (_place, _shown, _source):
        waiting: dict[object, deque[int]] = defaultdict(deque)
        for i in left:
            waiting[alike(old[i])].append(i)
        for j in right:
            if waiting[alike(new[j])]:
                found[theirs[j]] = mine[waiting[alike(new[j])].popleft()]
        used = set(found.values())
        left, right = [i for i in left if mine[i] not in used], [j for j in right if theirs[j] not in found]
    if len(left) * len(right) > _MANY_PAIRS:  # too many to weigh each against each: in the order of their source
        in_order = [sorted(side, key=lambda k: _seconds(of[k])) for side, of in ((left, old), (right, new))]
        return {**found, **{theirs[j]: mine[i] for i, j in zip(*in_order, strict=False)}}
    taken: set[int] = set()
    for _, i, j in sorted((_distance(old[i], new[j]), i, j) for i in left for j in right):
        if i not in taken and theirs[j] not in found:
            taken.add(i)
            found[theirs[j]] = mine[i]
    return found


def _place(result: EventResult) -> object:
    return result.event.track, _source(result), result.event.record_in


def _shown(result: EventResult) -> object:
    return result.event.track, _source(result)


def _seconds(result: EventResult) -> tuple[float, float]:
    """Where an event's source and record begin; far away where that is not known."""
    event = result.event
    source = float(event.source[0] / event.source_rate) if event.source else 1e9
    return source, float(event.record[0] / event.rate) if event.record else 1e9


def _distance(old: EventResult, new: EventResult) -> tuple[bool, float, float]:
    """How unlike two events of one shot are: track, then source, then place in the cut."""
    one, other = _seconds(old), _seconds(new)
    return old.event.track != new.event.track, abs(one[0] - other[0]), abs(one[1] - other[1])


def _changed(old: EventResult | None, new: EventResult | None) -> Changed:
    if old is None or new is None:
        return Changed((Change.NEW if old is None else Change.GONE,), old, new)
    one, other = old.event, new.event
    moved = one.record_in != other.record_in or one.track != other.track
    by = other.record[0] - one.record[0] if one.record and other.record and one.rate == other.rate else None
    facts = (
        (Change.MOVED, moved),
        (Change.RE_VERSIONED, _differ(old.version, new.version)),
        (Change.TRIMMED, _source(old) != _source(new) or one.speed != other.speed),
        (Change.RETAGGED, old.tags != new.tags),
        (Change.STATUS, old.status is not new.status),
    )
    return Changed(tuple(change for change, so in facts if so), old, new, by if moved and by else None)


def _source(result: EventResult) -> object:
    event = result.event
    return (event.source, event.source_rate) if event.source else (event.source_in, event.source_out)


def _differ(old: str | None, new: str | None) -> bool:
    numbers = version_number(old or ""), version_number(new or "")
    return old != new and (None in numbers or numbers[0] != numbers[1])
