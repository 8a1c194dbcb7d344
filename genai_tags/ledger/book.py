"""The book: a folder of immutable JSON event files, one hash chain per writer.

``WRITER-00000012.json`` holds the SHA-256 of ``WRITER-00000011.json``. A file appears whole or not at all, by a link from a
temporary one: safe among processes and on network file systems. Two books merge by copying their files together.
Private payloads lie beside it in ``private/`` and the chain holds their salted digest, so one can be erased without breaking it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from genai_tags import files
from genai_tags.errors import InputError, LedgerError, Problem, UsageError
from genai_tags.ledger import clock
from genai_tags.ledger.chain import (
    EVENT_SCHEMA,
    Event,
    Head,
    check_chains,
    event_in,
    event_of,
    file_name,
    parse_name,
    read_event,
    redactions,
)
from genai_tags.strict import decode_text, load_json

_RETRIES = 10_000


class Book:
    """The book in ``folder`` (a show's ``.genai``)."""

    def __init__(self, folder: str, writer: str | None = None) -> None:
        self.folder = os.path.join(folder, "book")
        self.private_folder = os.path.join(folder, "private")
        self._writer = writer

    @property
    def writer(self) -> str:
        """This installation's name in the book."""
        if self._writer is None:
            self._writer = writer_name()
        return self._writer

    def create(self) -> None:
        """Make the folders. Raises LedgerError."""
        try:
            os.makedirs(self.folder, exist_ok=True)
            os.makedirs(self.private_folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"{self.folder}: cannot be created: {error.strerror}") from None

    # ------------------------------------------------------------ writing

    def append(self, kind: str, body: Mapping[str, Any], recorded_by: str) -> Event:
        """Record an event. Raises LedgerError where the folder does not take it; nothing is half-written then."""
        sequence, previous = self._tail()
        for _ in range(_RETRIES):
            sequence += 1
            document = {
                "schema": EVENT_SCHEMA, "writer": self.writer, "sequence": sequence, "previous": previous,
                "at": clock.stamp(), "kind": kind, "recorded_by": recorded_by, "body": body,
            }  # fmt: skip
            data = _encoded(document)
            try:
                if files.create(self._path(sequence), data):
                    return event_of(document, hashlib.sha256(data).hexdigest())
                previous = self._digest_of(sequence)
            except OSError as error:
                raise LedgerError(f"{self.folder}: cannot record an event: {error.strerror}") from None
        raise LedgerError(f"{self.folder}: another process keeps taking the next place; try again")

    def _tail(self) -> tuple[int, str | None]:
        """The end of this writer's chain. A file that holds another event (copied, renamed) is not it."""
        mine = [(sequence, name) for writer, sequence, name in self._names() if writer == self.writer]
        for sequence, name in reversed(mine):
            try:
                event = self._load(name)
            except InputError:
                return sequence, self._digest_of(sequence)  # torn: the chain goes on behind it, over its bytes
            except OSError as error:
                raise LedgerError(f"{self.folder}: {name} cannot be read: {error.strerror}") from None
            if event.sequence == sequence:
                return sequence, event.digest
        return 0, None

    def check_writable(self) -> None:
        """Raises LedgerError where nothing can be recorded: to be asked before media is touched."""
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise LedgerError(f"{self.folder}: cannot record an event: the folder is not writable")

    def _digest_of(self, sequence: int) -> str:
        return hashlib.sha256(files.read(self._path(sequence))).hexdigest()

    def _path(self, sequence: int) -> str:
        return os.path.join(self.folder, file_name(self.writer, sequence))

    def put_private(self, values: Mapping[str, Any]) -> str | None:
        """Store private values, readable by their owner only; the salted digest to cite them by, None for no values."""
        if not values:
            return None
        data = _encoded({"salt": secrets.token_hex(16), "values": values})
        digest = hashlib.sha256(data).hexdigest()
        self.put_payload(f"{digest}.json", data)
        return digest

    def private(self, digest: str | None) -> dict[str, Any]:
        """Private values by digest; none where they were erased, are not ours to read, or are not what was stored."""
        if digest is None or not re.fullmatch(r"[0-9a-f]{64}", digest):
            return {}
        data = self.payload(f"{digest}.json")
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            return {}
        try:
            document = load_json(decode_text(data, digest), digest)
        except InputError:
            return {}
        values = document.get("values") if isinstance(document, Mapping) else None
        return dict(values) if isinstance(values, Mapping) else {}

    def put_payload(self, name: str, data: bytes) -> None:
        """Keep a private file, readable by its owner only. Raises LedgerError."""
        try:
            os.makedirs(self.private_folder, mode=0o700, exist_ok=True)
            files.create(os.path.join(self.private_folder, name), data, mode=0o600)
        except OSError as error:
            raise LedgerError(f"{self.private_folder}: cannot keep private data: {error.strerror}") from None

    def payload_names(self, digest: str) -> list[str]:
        """The private files of a digest that are here: values, an attachment, or none."""
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            return []
        return [name for name in (f"{digest}.json", digest) if os.path.lexists(os.path.join(self.private_folder, name))]

    def payload(self, name: str) -> bytes | None:
        """A private file's bytes; None where it is not ours to read."""
        try:
            return files.read(os.path.join(self.private_folder, name))
        except OSError:
            return None

    def erase(self, digest: str) -> int:
        """Erase the private files of a digest; how many there were. Raises LedgerError."""
        names = self.payload_names(digest)
        left = [name for name in self._private_names() if name.startswith(f".{digest[:60]}") and name.endswith(".genai-tmp")]
        try:
            for name in (*names, *left):  # a writer that was killed leaves its temporary file
                os.unlink(os.path.join(self.private_folder, name))
        except OSError as error:
            raise LedgerError(f"{self.private_folder}: cannot erase {digest}: {error.strerror}") from None
        return len(names)

    # ------------------------------------------------------------ reading

    def _names(self) -> list[tuple[str, int, str]]:
        try:
            names = os.listdir(self.folder)
        except OSError as error:
            raise LedgerError(f"{self.folder}: cannot be read: {error.strerror}") from None
        found = [(*parsed, name) for name in names if (parsed := parse_name(name))]
        return sorted(found)

    def read(self) -> tuple[list[Event], list[Problem]]:
        """Every event that can be read, by writer and sequence, and a problem for every file that cannot."""
        events: list[Event] = []
        problems: list[Problem] = []
        for _, _, name in self._names():
            try:
                found = event_in(files.read(os.path.join(self.folder, name)), name)
            except OSError as error:
                found = Problem(name, f"cannot be read: {error.strerror}", "unreadable")
            if isinstance(found, Problem):
                problems.append(found)
            else:
                events.append(found)
        return events, problems

    def _load(self, name: str) -> Event:
        return read_event(files.read(os.path.join(self.folder, name)), name)

    def raw(self) -> Iterator[tuple[str, str, bytes]]:
        """Writer, name and bytes of every event file, in order. Raises LedgerError."""
        for writer, _, name in self._names():
            try:
                yield writer, name, files.read(os.path.join(self.folder, name))
            except OSError as error:
                raise LedgerError(f"{self.folder}: {name} cannot be read: {error.strerror}") from None

    def put_event(self, name: str, data: bytes) -> None:
        """Take in an event file of another book, whole or not at all. Raises LedgerError."""
        path = os.path.join(self.folder, name)
        try:
            if files.create(path, data):
                return
            with open(path, "rb") as stream:
                same = stream.read() == data
        except OSError as error:
            raise LedgerError(f"{self.folder}: cannot take in {name}: {error.strerror}") from None
        if not same:
            raise LedgerError(f"{self.folder}: another {name} appeared in the meantime; import again to see the conflict")

    def heads(self) -> list[Head]:
        """The end of every writer's chain: what a report prints, so that a later truncation shows."""
        ends: dict[str, tuple[int, str]] = {}
        for writer, sequence, name in self._names():
            ends[writer] = (sequence, name)
        return [Head(writer, sequence, self._hash(name) or "unreadable") for writer, (sequence, name) in sorted(ends.items())]

    def _hash(self, name: str) -> str | None:
        """The digest of an event file; None where it cannot be read."""
        try:
            return hashlib.sha256(files.read(os.path.join(self.folder, name))).hexdigest()
        except OSError:
            return None

    def verify(self, known_heads: tuple[str, ...] = (), read: tuple[list[Event], list[Problem]] | None = None) -> list[Problem]:
        """Check every chain. A torn, missing, edited or foreign file is named; a known head that is gone is a truncation.

        ``read`` is what ``read()`` gave, where the caller has it already.
        """
        events, problems = read or self.read()
        found = [*problems, *self._foreign()]
        known = {(event.writer, event.sequence): event.digest for event in events}
        hashes = {
            (writer, sequence): known.get((writer, sequence)) or self._hash(name) for writer, sequence, name in self._names()
        }
        found.extend(check_chains(events, hashes, {problem.path for problem in problems}))
        found.extend(self._edited_payloads())
        found.extend(self._unerased(events))
        found.extend(self._lost_heads(known_heads, {digest for digest in hashes.values() if digest}))
        return found

    def _private_names(self) -> list[str]:
        try:
            return sorted(os.listdir(self.private_folder))
        except OSError:
            return []

    def _edited_payloads(self) -> Iterator[Problem]:
        """Private payloads and attachments are named by their digest. One that is gone may have been erased on purpose."""
        for name in self._private_names():
            match = re.fullmatch(r"([0-9a-f]{64})(?:\.json)?", name)
            if match is None:
                continue
            data = self.payload(name)
            if data is None:
                continue  # not ours to read
            if hashlib.sha256(data).hexdigest() != match[1]:
                yield Problem(f"private/{name}", "is not what was recorded: it was edited or replaced", "edited")

    def _unerased(self, events: list[Event]) -> Iterator[Problem]:
        """Payloads that a redaction names and that are here all the same: it was interrupted, or somebody brought them back.

        Whose redactions count: see ``chain.redactions``.
        """
        for digest, by in redactions(events, self.writer).items():
            for name in self.payload_names(digest):
                yield Problem(f"private/{name}", f"was redacted by {by} and is still here; redact it again", "unerased")

    def _foreign(self) -> Iterator[Problem]:
        for name in sorted(os.listdir(self.folder)):
            if not parse_name(name) and not name.endswith(".genai-tmp"):
                yield Problem(name, "is no event of the book", "foreign")

    def _lost_heads(self, heads: tuple[str, ...], hashes: set[str]) -> Iterator[Problem]:
        for head in heads:
            digest = head.rpartition(":")[2].lower()
            if digest not in hashes:
                yield Problem(head, "is not in the book: events were removed or replaced since it was printed", "truncated")


def check_text(document: Mapping[str, Any]) -> None:
    """Raises UsageError for what could not be recorded: to be asked before anything else is done."""
    _encoded(document)


def _encoded(document: Mapping[str, Any]) -> bytes:
    """A document as it is stored. Raises UsageError for what is no text: half a surrogate pair cannot be written down."""
    try:
        return json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{error.object[max(0, error.start - 20) : error.end]!r} is no valid text; it cannot be recorded"
        ) from None


def writer_name() -> str:
    """This installation's name: random, made once, kept in the user's state folder (``GENAI_WRITER`` overrides it)."""
    stated = os.environ.get("GENAI_WRITER")
    if stated:
        if not re.fullmatch(r"[a-z0-9]{4,32}", stated):
            raise LedgerError(f"GENAI_WRITER is {stated!r}; use 4 to 32 of a-z 0-9")
        return stated
    folder = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.expanduser("~/.local/state")
    path = os.path.join(folder, "genai-tags", "writer")
    fresh = secrets.token_hex(6)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        files.create(path, fresh.encode("ascii"), mode=0o600)
        with open(path, encoding="ascii", errors="replace") as stream:
            kept = stream.read(64).strip()
    except OSError:
        return fresh  # a chain of this process's own is as good
    return kept if re.fullmatch(r"[a-z0-9]{4,32}", kept) else fresh
