"""What stays private: papers and prompts are kept by digest, put back for those who may read them, and erased for good."""

from __future__ import annotations

import hashlib

from genai_tags import files
from genai_tags.codec import decode_record, encode_record, restore_private
from genai_tags.errors import InputError, UsageError
from genai_tags.ledger.chain import Event, payloads_of
from genai_tags.ledger.state import REDACTION, Entry
from genai_tags.model import Record
from genai_tags.show import Show


def keep_paper(show: Show, path: str, copy_it: bool = True) -> str:
    """A paper's SHA-256, with a private copy. Raises InputError, LedgerError, or UsageError for one that was redacted."""
    try:
        data = files.read(path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    return keep_bytes(show, data, path) if copy_it else hashlib.sha256(data).hexdigest()


def keep_bytes(show: Show, data: bytes, name: str) -> str:
    """The same of bytes that were read; what was redacted is not kept again."""
    digest = hashlib.sha256(data).hexdigest()
    if digest in show.state.redacted:
        raise UsageError(
            f"{name} was redacted by {show.state.redacted[digest]}; it is not kept again (--no-copy keeps a digest)"
        )
    show.book.put_payload(digest, data)
    return digest


def whole(show: Show, entry: Entry) -> Record:
    """A record with its private values, where they are here and ours to read."""
    values = show.book.private(entry.private)
    if not values:
        return entry.record
    body, _ = encode_record(entry.record)
    try:
        return decode_record(restore_private(body, values), entry.event.id)
    except InputError:
        return entry.record


def redact(show: Show, event: Event, reason: str, by: str, role: str | None = None) -> tuple[Event, int]:
    """Erase the private payloads of an event; the redaction and how many files there were. The chain still holds.

    The redaction is recorded first: where erasing is interrupted, ``log --verify`` names what is left.
    """
    show.check_role("redaction", role, by, about=[event.id])
    payloads = payloads_of(event)
    body = {"event": event.id, "payloads": payloads, "reason": reason, "role": role}
    made = show.append(REDACTION, {"redaction": body}, by)
    return made, sum(show.book.erase(digest) for digest in payloads)
