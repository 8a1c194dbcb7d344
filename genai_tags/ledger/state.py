"""What the events of a book add up to. The order in which files are read plays no part."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from genai_tags.codec import Decoder, decode_record, parse_date, record_digest
from genai_tags.errors import InputError, Problem
from genai_tags.evidence import CleanStatement, Evidence, Filed, Review
from genai_tags.ledger.chain import Event, redactions
from genai_tags.model import FrameSet, Record, Stub
from genai_tags.naming import matches_any, version_number
from genai_tags.policy.statements import statement_digest
from genai_tags.stubs import decode_stub, stub_of
from genai_tags.vocabulary import Membership

RECORD, EVIDENCE, CLEAN, MEDIA = "record", "evidence", "clean", "media"
REFUSED, REDACTION, TOOL_REVIEW = "refused", "redaction", "tool_review"
"""Kinds of events. The last three change no verdict by themselves."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as the ledger holds it: its digest, the digest of its private values, the event that brought it.

    ``at`` is when it was recorded, in UTC; a clock that was set back does not take it before what its writer recorded earlier.
    """

    record: Record
    digest: str
    private: str | None
    event: Event
    at: str


@dataclass(frozen=True, slots=True)
class FiledClean:
    """A clean statement, the event that brought it, and the day from which it is withdrawn."""

    event: Event
    statement: CleanStatement
    withdrawn: dt.date | None = None

    def covers_version(self, version: str | None) -> bool:
        """Whether a statement "up to" a version covers this one. An unknown version is not covered by a limit."""
        limit = self.statement.version
        if limit is None or version is None:
            return limit is None
        last, here = version_number(limit), version_number(version)
        return version == limit if last is None or here is None else here <= last

    def covers(self, shot: str | None, media: Mapping[str, FrameSet | None]) -> bool:
        """Whether it is about this shot, or about all of these media (by path, with the frames that count)."""
        if matches_any(shot, self.statement.shots):
            return True
        stated = {each.path: each.frames for each in self.statement.media}
        return bool(media) and all(path in stated and _holds(stated[path], frames) for path, frames in media.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedMedia:
    """Frames that were tagged. ``path`` is the sequence or file, root-relative (``root:folder/stem.%04d.ext``)."""

    event: str
    path: str
    frames: FrameSet | None
    stubs: tuple[Stub, ...]
    set: str | None
    shot: str | None = None
    version: str | None = None
    reel: str | None = None
    start: str | None = None
    """Source timecode of the first frame."""
    rate: str | None = None


def _holds(stated: FrameSet | None, used: FrameSet | None) -> bool:
    return stated is None or (used is not None and all(frame in stated for frame in used))


@dataclass(slots=True)
class State:
    """Everything a show knows. ``problems`` are events that could not be understood; the rest counts."""

    entries: dict[str, dict[int, list[Entry]]] = field(default_factory=dict)
    filed: dict[str, list[Filed]] = field(default_factory=dict)
    clean: list[FiledClean] = field(default_factory=list)
    media: list[TaggedMedia] = field(default_factory=list)
    sets: dict[str, tuple[Stub, ...]] = field(default_factory=dict)
    """Every set that was ever put on media, by digest."""
    reviews: list[Review] = field(default_factory=list)
    """Changes of the tool register, as they were recorded."""
    redacted: dict[str, str] = field(default_factory=dict)
    """Digests of private payloads that were erased, with the event that says so."""
    events: list[Event] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def current(self, tag_id: str, before: str | None = None) -> Entry | None:
        """The latest revision of a tag, or the latest that was recorded before a time (else its first).

        Of two made under one number by writers who had not met, always the same one.
        """
        revisions = self.entries.get(tag_id)
        if not revisions:
            return None
        known = [n for n, held in revisions.items() if before is None or any(entry.at < before for entry in held)]
        return max(revisions[max(known, default=min(revisions))], key=lambda entry: entry.digest)

    def conflict(self, tag_id: str, revision: int) -> list[Entry]:
        """The records that stand under a revision's number, where they are not one and the same."""
        held = self.entries.get(tag_id, {}).get(revision, [])
        return held if len({entry.digest for entry in held}) > 1 else []

    def revisions(self, tag_id: str) -> dict[int, Record]:
        """Every revision of a tag that is held, by number; revisions that two writers disagree on are left out."""
        found = self.entries.get(tag_id, {})
        return {n: entries[0].record for n, entries in found.items() if len({e.digest for e in entries}) == 1}

    def stub(self, tag_id: str, membership: Membership = Membership.SOURCE) -> Stub | None:
        """The public part of a tag's latest revision."""
        entry = self.current(tag_id)
        return stub_of(entry.record, entry.digest, membership) if entry else None

    def in_shot(self, shot: str) -> list[str]:
        """The tags with a use in a shot, by id."""
        return sorted(i for i in self.entries if (e := self.current(i)) and any(u.shot == shot for u in e.record.uses))

    def shots(self) -> set[str]:
        """Every shot that a use names."""
        return {u.shot for i in self.entries if (e := self.current(i)) for u in e.record.uses if u.shot}


def fold(events: Iterable[Event], problems: Iterable[Problem] = (), own: str = "") -> State:
    """The state that events add up to; ``own`` is this installation's writer."""
    state = State(problems=list(problems))
    state.events = sorted(events, key=lambda e: (e.writer, e.sequence))
    state.redacted = redactions(state.events, own)
    untagged: set[str] = set()
    withdrawn: dict[str, list[Evidence]] = {}
    latest: dict[str, str] = {}
    for event in state.events:
        latest[event.writer] = max(event.at, latest.get(event.writer, ""))
        try:
            _apply(state, event, latest[event.writer], untagged, withdrawn)
        except (InputError, KeyError, TypeError, ValueError, AttributeError) as error:
            state.problems.append(Problem(event.id, f"cannot be understood: {error}", "event_unreadable"))
    _file_revocations(state)
    state.media = [m for m in state.media if m.event not in untagged]
    state.clean = [FiledClean(c.event, c.statement, _earliest(withdrawn.get(c.event.id, []))) for c in state.clean]
    return state


def _file_revocations(state: State) -> None:
    """A revocation of an event is about every tag of that event, whichever of them it names."""
    taken: dict[str, list[Filed]] = {}
    for filed in {each.event: each for held in state.filed.values() for each in held}.values():
        for event in filed.evidence.revokes:
            taken.setdefault(event, []).append(filed)
    for held in state.filed.values():
        known = {each.event for each in held}
        held.extend({f.event: f for each in held for f in taken.get(each.event, ()) if f.event not in known}.values())


def _earliest(revocations: list[Evidence]) -> dt.date | None:
    return min((each.date for each in revocations), default=None)


def _apply(state: State, event: Event, at: str, untagged: set[str], withdrawn: dict[str, list[Evidence]]) -> None:
    if event.kind == RECORD:
        _apply_record(state, event, at)
    elif event.kind == EVIDENCE:
        _apply_evidence(state, event, withdrawn)
    elif event.kind == CLEAN:
        state.clean.append(FiledClean(event, _decode(CleanStatement, event.body["clean"], event)))
    elif event.kind == MEDIA:
        found = list(_media(event))
        removes = event.body.get("removes", ())
        untagged.update(str(each) for each in (removes if isinstance(removes, list) else ()))
        state.media.extend(found)
        state.sets.update({media.set: media.stubs for media in found if media.set})
    elif event.kind == TOOL_REVIEW:
        stated = event.body["tool"]
        day, known = parse_date(stated["date"]), parse_date(at[:10])
        state.reviews.append(Review(event.id, str(stated["tool"]), day, known, statement_digest(stated), at))
    elif event.kind not in (REFUSED, REDACTION):
        raise InputError(event.id, f"is of a kind that is not known here ({event.kind!r}); update genai_tags to read it")


def _apply_record(state: State, event: Event, at: str) -> None:
    body, private = event.body["record"], event.body.get("private")
    if private is not None and not isinstance(private, str):
        raise InputError(event.id, "cites private values by something that is no digest")
    record = decode_record(body, event.id)
    entry = Entry(record, record_digest(body, private), private, event, at)
    state.entries.setdefault(record.id, {}).setdefault(record.revision, []).append(entry)


def _apply_evidence(state: State, event: Event, withdrawn: dict[str, list[Evidence]]) -> None:
    evidence = _decode(Evidence, event.body["evidence"], event)
    for taken in evidence.revokes:
        withdrawn.setdefault(taken, []).append(evidence)
    for ref in dict.fromkeys(ref.id for ref in evidence.tags):
        state.filed.setdefault(ref, []).append(Filed(event=event.id, recorded_by=event.recorded_by, evidence=evidence))


def _decode(cls: type[Any], data: Any, event: Event) -> Any:
    decoder = Decoder(keeping=True)
    made = decoder.build(cls, data)
    if made is None or decoder.problems:
        raise InputError(event.id, decoder.problems)
    return made


def _media(event: Event) -> Iterable[TaggedMedia]:
    decoder = Decoder(keeping=True)
    stubs = [decode_stub(each, "stubs", decoder) for each in event.body.get("stubs", ())]
    if decoder.problems:
        raise InputError(event.id, decoder.problems)
    names = [f.name for f in dataclasses.fields(TaggedMedia) if f.name not in ("event", "path", "frames", "stubs", "set")]
    for item in event.body.get("items", ()):
        if not isinstance(item, Mapping):
            raise InputError(event.id, "lists an item that is no mapping")
        frames = item.get("frames")
        yield TaggedMedia(
            event=event.id, path=str(item["path"]), frames=FrameSet.parse(frames) if frames else None,
            stubs=tuple(stub for stub in stubs if stub), set=event.body.get("set"),
            **{name: value if isinstance(value := item.get(name), str) else None for name in names},
        )  # fmt: skip
