"""Events and the chains that they form: each holds the SHA-256 of the one before it of the same writer."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from genai_tags.errors import InputError, Problem
from genai_tags.strict import decode_text, load_json

EVENT_SCHEMA = "genai_tags.event/1"
_NAME = re.compile(r"([a-z0-9]{4,32})-(\d{8,15})\.json", re.ASCII)


def file_name(writer: str, sequence: int) -> str:
    """The name of an event's file."""
    return f"{writer}-{sequence:08d}.json"


def parse_name(name: str) -> tuple[str, int] | None:
    """Writer and sequence of an event file's name; None where it is no such name."""
    match = _NAME.fullmatch(name)
    if match is None or int(match[2]) < 1 or name != file_name(match[1], int(match[2])):
        return None
    return match[1], int(match[2])


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was recorded. ``digest`` is the SHA-256 of the file, in hex; ``at`` is UTC."""

    writer: str
    sequence: int
    previous: str | None
    at: str
    kind: str
    recorded_by: str
    body: Mapping[str, Any]
    digest: str

    @property
    def id(self) -> str:
        """How other events and reports name it."""
        return f"{self.writer}-{self.sequence}"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of one writer's chain."""

    writer: str
    sequence: int
    digest: str

    def __str__(self) -> str:
        return f"{self.writer}-{self.sequence}:{self.digest}"


def read_event(data: bytes, name: str) -> Event:
    """An event from the bytes of its file. Raises InputError for what is none."""
    document = load_json(decode_text(data, name), name)
    if not isinstance(document, Mapping) or document.get("schema") != EVENT_SCHEMA:
        if isinstance(document, Mapping) and re.fullmatch(r"genai_tags\.event/\d+", str(document.get("schema"))):
            raise InputError(name, f"was written by a newer genai_tags ({document['schema']}); update to read it")
        raise InputError(name, f"is not a {EVENT_SCHEMA} document")
    return event_of(document, hashlib.sha256(data).hexdigest())


def event_in(data: bytes, name: str) -> Event | Problem:
    """The event of a file, or what is wrong with it: torn, of a newer schema, or under another event's name."""
    try:
        event = read_event(data, name)
    except InputError as error:
        newer = "newer" in str(error)
        text = str(error.problems[0]) if newer else f"is torn or no event: {error.problems[0]}"
        return Problem(name, text, "schema" if newer else "torn")
    if (event.writer, event.sequence) != parse_name(name):
        return Problem(name, f"holds event {event.id}: it was renamed or copied", "foreign")
    return event


def payloads_of(event: Event) -> list[str]:
    """The digests of an event's private payloads: values, and an attached paper."""
    evidence = event.body.get("evidence")
    attachment = evidence.get("attachment") if isinstance(evidence, Mapping) else None
    return [each for each in (event.body.get("private"), attachment) if isinstance(each, str)]


def redactions(events: Iterable[Event], own: str) -> dict[str, str]:
    """The private payloads that were erased, by digest, with the event that says so.

    A redaction counts from this installation (``own``), and from a writer whose payload it is and nobody else's: others'
    books may not take away what is not theirs.
    """
    events = list(events)
    citing: dict[str, set[str]] = {}
    for event in events:
        for digest in payloads_of(event):
            citing.setdefault(digest, set()).add(event.writer)
    return {
        digest: event.id
        for event in events
        for digest in _redacted_by(event)
        if event.writer == own or citing.get(digest) == {event.writer}
    }


def _redacted_by(event: Event) -> list[str]:
    redaction = event.body.get("redaction") if event.kind == "redaction" else None
    payloads = redaction.get("payloads") if isinstance(redaction, Mapping) else None
    return [str(digest) for digest in payloads] if isinstance(payloads, list) else []


def event_of(document: Mapping[str, Any], digest: str) -> Event:
    """An event from its document and the digest of its file. Raises InputError where a field does not fit."""
    names = [field.name for field in dataclasses.fields(Event) if field.name != "digest"]
    values = {name: document.get(name) for name in names}
    types_fit = (
        all(isinstance(values[name], str) for name in ("writer", "at", "kind", "recorded_by"))
        and type(values["sequence"]) is int
        and values["sequence"] > 0
        and isinstance(values["body"], Mapping)
        and (values["previous"] is None or isinstance(values["previous"], str))
    )
    if not types_fit:
        raise InputError("event", "lacks a field or holds the wrong type")
    return Event(**values, digest=digest)  # type: ignore[arg-type]


def check_chains(
    events: Iterable[Event], hashes: Mapping[tuple[str, int], str | None], broken: AbstractSet[str]
) -> Iterator[Problem]:
    """What is wrong with chains: gaps, and links that do not fit. ``hashes`` are those of all files by writer and sequence."""
    yield from _gaps(sorted(hashes))
    for event in events:
        name = file_name(event.writer, event.sequence - 1)
        before = hashes.get((event.writer, event.sequence - 1))
        if event.sequence == 1 and event.previous is not None:
            yield Problem(f"{event.id}", "is first but names one before it", "edited")
        elif before is not None and event.previous != before and name not in broken:
            yield Problem(name, f"is not what {event.id} was chained to: it was edited or replaced", "edited")


def _gaps(present: list[tuple[str, int]]) -> Iterator[Problem]:
    """Runs of missing events, one problem each."""
    before: dict[str, int] = {}
    for writer, sequence in present:
        first, last = before.get(writer, 0) + 1, sequence - 1
        if first <= last:
            which = file_name(writer, first) + (f" to {file_name(writer, last)}" if last > first else "")
            yield Problem(which, "is missing" if first == last else "are missing", "missing")
        before[writer] = sequence
