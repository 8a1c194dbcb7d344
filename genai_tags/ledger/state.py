"""What the events of a book add up to. The order in which files are read plays no part."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from genai_tags.codec import Decoder, decode_record, decode_stub, record_digest, stub_of
from genai_tags.errors import InputError, Problem
from genai_tags.ledger.book import Event
from genai_tags.model import CleanStatement, Evidence, Filed, FrameSet, Membership, Record, Stub

RECORD, EVIDENCE, CLEAN, MEDIA = "record", "evidence", "clean", "media"


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as the ledger holds it: its digest, the digest of its private values, the event that brought it."""

    record: Record
    digest: str
    private: str | None
    event: Event


@dataclass(frozen=True, slots=True)
class FiledClean:
    """A clean statement and the event that brought it."""

    event: Event
    statement: CleanStatement


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


@dataclass(slots=True)
class State:
    """Everything a show knows. ``problems`` are events that could not be understood; the rest counts."""

    entries: dict[str, dict[int, list[Entry]]] = field(default_factory=dict)
    filed: dict[str, list[Filed]] = field(default_factory=dict)
    clean: list[FiledClean] = field(default_factory=list)
    media: list[TaggedMedia] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def current(self, tag_id: str) -> Entry | None:
        """The latest revision of a tag. Of two made under one number by writers who had not met, always the same one."""
        revisions = self.entries.get(tag_id)
        return max(revisions[max(revisions)], key=lambda entry: entry.digest) if revisions else None

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


def fold(events: Iterable[Event], problems: Iterable[Problem] = ()) -> State:
    """The state that events add up to."""
    state = State(problems=list(problems))
    state.events = sorted(events, key=lambda e: (e.writer, e.sequence))
    untagged: set[str] = set()
    for event in state.events:
        try:
            _apply(state, event, untagged)
        except (InputError, KeyError, TypeError, ValueError, AttributeError) as error:
            state.problems.append(Problem(event.id, f"cannot be understood: {error}", "event_unreadable"))
    state.media = [m for m in state.media if m.event not in untagged]
    return state


def _apply(state: State, event: Event, untagged: set[str]) -> None:
    if event.kind == RECORD:
        _apply_record(state, event)
    elif event.kind == EVIDENCE:
        _apply_evidence(state, event)
    elif event.kind == CLEAN:
        state.clean.append(FiledClean(event, _decode(CleanStatement, event.body["clean"], event)))
    elif event.kind == MEDIA:
        untagged.update(str(each) for each in event.body.get("removes", ()))
        state.media.extend(_media(event))


def _apply_record(state: State, event: Event) -> None:
    body, private = event.body["record"], event.body.get("private")
    record = decode_record(body, event.id)
    entry = Entry(record, record_digest(body, private), private, event)
    state.entries.setdefault(record.id, {}).setdefault(record.revision, []).append(entry)


def _apply_evidence(state: State, event: Event) -> None:
    evidence = _decode(Evidence, event.body["evidence"], event)
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
            **{name: item.get(name) for name in names},
        )  # fmt: skip
