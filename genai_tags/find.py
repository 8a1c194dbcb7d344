"""Look tags up: by shot, version, model, tool, person, what is still needed, and status; one row for each tag in each use."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from genai_tags.evidence import Filed
from genai_tags.ledger.state import Entry, TaggedMedia
from genai_tags.model import Record
from genai_tags.policy.facts import ToolFacts
from genai_tags.private import whole
from genai_tags.show import Judged, Show
from genai_tags.status import Status
from genai_tags.validity import Context, same_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for; empty fields match everything. Names are patterns with ``*`` and ``?``, whatever their case."""

    target: str | None = None
    """A tag's id, a shot or a pattern of shots."""
    version: str | None = None
    model: str | None = None
    tool: str | None = None
    by: str | None = None
    """Part of the name of whoever declared, recorded or gave something, or of the organisation or vendor."""
    needs: str | None = None
    status: tuple[Status, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tag in one use: how it was made, from what, by whom, where it stands and who gave what."""

    judged: Judged
    entry: Entry
    record: Record
    """With its private values, where they are here."""
    versions: tuple[str, ...]
    """Versions of media that carry it."""
    vendor: str
    """Whose installation declared it."""
    tools: tuple[ToolFacts, ...]
    """What the register says of each step; empty without a register."""
    evidence: tuple[Filed, ...]
    """Everything given for it, oldest first."""


def find(show: Show, query: Query, as_of: dt.date) -> list[Row]:
    """Every row that fits, by shot and tag."""
    carried: dict[str, list[TaggedMedia]] = {}
    for media in show.state.media:
        for stub in media.stubs:
            carried.setdefault(stub.id, []).append(media)
    ids = sorted(show.state.entries)
    rows = [row for tag_id in ids for row in _rows(show, tag_id, query, as_of, carried.get(tag_id, ()))]
    return sorted(rows, key=lambda row: (row.judged.use.shot or "", row.judged.tag_id))


def _rows(show: Show, tag_id: str, query: Query, as_of: dt.date, carried: Sequence[TaggedMedia]) -> Iterator[Row]:
    entry = show.current(tag_id, as_of)
    if entry is None or not show.is_declared(entry, as_of) or not _is_made_with(show, entry.record, query):
        return
    shots = [use.shot for use in entry.record.uses] or [None]
    if not any(_is_target(query.target, tag_id, shot) for shot in shots):
        return
    evidence = [each for each in show.state.filed.get(tag_id, []) if each.evidence.date <= as_of]
    evidence.sort(key=lambda each: (each.evidence.date, each.event))
    vendor = show.config.writer_name(entry.event.writer)
    if query.by is not None and not _is_by(entry, evidence, vendor, query.by):
        return
    context = Context(as_of=as_of, version=query.version, territories=show.config.territories)
    for judged in show.judge_uses(tag_id, context):
        shot = judged.use.shot
        versions = sorted({m.version for m in carried if m.version and (shot is None or m.shot in (None, shot))})
        fits = _is_target(query.target, tag_id, shot) and (query.version is None or same_version(query.version, versions))
        if fits and _stands(judged, query):
            yield Row(
                judged=judged, entry=entry, record=whole(show, entry), versions=tuple(versions), vendor=vendor,
                tools=show.register.look(entry.record.tag, judged.use, as_of)[1],
                evidence=tuple(evidence),
            )  # fmt: skip


def _is_target(target: str | None, tag_id: str, shot: str | None) -> bool:
    return target is None or target == tag_id or (shot is not None and fnmatch.fnmatchcase(shot, target))


def _is_made_with(show: Show, record: Record, query: Query) -> bool:
    """Whether one step fits both tool and model; a tool is also known by the register's other names for it."""
    if query.tool is None and query.model is None:
        return True
    held = show.register.current(query.tool, dt.date.max) if query.tool else None
    names = held.names() if held else set()
    return any(
        (query.tool is None or _fits(step.tool, query.tool) or " ".join((step.tool or "").split()).casefold() in names)
        and (query.model is None or _fits(step.model, query.model))
        for step in record.tag.steps or ()
    )


def _fits(value: str | None, pattern: str) -> bool:
    return value is not None and fnmatch.fnmatchcase(value.casefold(), pattern.casefold())


def _is_by(entry: Entry, evidence: Iterable[Filed], vendor: str, wanted: str) -> bool:
    names = [entry.event.recorded_by, vendor, *(step.by_org for step in entry.record.tag.steps or ())]
    names += [name for each in evidence for name in (each.recorded_by, each.evidence.given_by, each.evidence.role)]
    return any(name is not None and wanted.casefold() in name.casefold() for name in names)


def _stands(judged: Judged, query: Query) -> bool:
    verdict = judged.verdict
    if query.status and verdict.status not in query.status:
        return False
    return query.needs is None or any(need.partition(" of ")[0] == query.needs for need in verdict.unmet)
