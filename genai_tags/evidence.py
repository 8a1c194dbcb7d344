"""What people give: evidence of every kind, and signed clean statements. It points at tags, inputs and talent, never back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genai_tags.model import PRIVATE, FrameSet
from genai_tags.vocabulary import Answer, Basis, EvidenceKind, Purpose, ReplicaType, Signer, TrainedFor


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRef:
    """What evidence binds to: one revision of one tag. Inputs and talent of it may be named."""

    id: str
    revision: int
    digest: str | None = None
    """The record's digest: tells two revisions of one number apart, made by two writers who had not met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where evidence holds. An empty list sets no limit. Shots are patterns with ``*`` and ``?``."""

    shots: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    territories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a performer's consent says (SAG-AFTRA TV/Theatrical 2023, "Digital Replicas 101").

    ``use`` describes the use in the paper's words and is private; ``specific_use`` says that such words are there.
    ``notice`` is the day on which the performer was told. ``project_scope``: an express consent for another production says so.
    """

    replica_type: ReplicaType | None = None
    use: str | None = field(default=None, metadata=PRIVATE)
    specific_use: Answer = Answer.UNSURE
    signed_separately: Answer = Answer.UNSURE
    signed_by: Signer | None = None
    notice: dt.date | None = None
    compensated: Answer = Answer.UNSURE
    project_scope: TrainedFor | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a person gave. ``given_by`` signed it; who typed it in stands on the ledger's event.

    ``date`` is the day on the paper; it holds through the end of the day ``until``, in the show's time zone.
    ``revokes`` names the ledger events that a revocation takes back; empty means every approval, answer and waiver of its
    tags, or, where it names ``talent``, their consent.
    """

    kind: EvidenceKind
    tags: tuple[TagRef, ...]
    inputs: tuple[str, ...] = ()
    talent: tuple[str, ...] = ()
    given_by: str
    role: str | None = None
    date: dt.date
    until: dt.date | None = None
    ref: str | None = None
    reason: str | None = None
    conditions: tuple[str, ...] = ()
    scope: Scope = Scope()
    revokes: tuple[str, ...] = ()
    attachment: str | None = None
    """SHA-256 of the attached file; a copy may lie under ``private/``."""
    consent: Consent | None = None
    token: str | None = None
    """What an answer to a request cites it by."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanMedia:
    """Media that a clean statement covers: the path as the ledger keeps it, and the frames (None: a single file)."""

    path: str
    frames: FrameSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanStatement:
    """A person's signed "no GenAI here". Absence of a tag is not clean.

    ``shots`` are patterns; ``media`` are files and frames. ``version`` is the last one that the statement covers; None
    covers every version.
    """

    shots: tuple[str, ...] = ()
    media: tuple[CleanMedia, ...] = ()
    version: str | None = None
    given_by: str
    role: str | None = None
    date: dt.date
    ref: str
    basis: Basis = Basis.DECLARED
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """A change of the tool register, as the ledger holds it: the day from which it holds, and the day and time (UTC) of the recording.

    What was recorded behind it in one chain was given knowing it.
    """

    event: str
    tool: str
    date: dt.date
    recorded: dt.date
    content: str = ""
    """The digest of what was stated."""
    at: str = ""


def writer_of(event: str) -> str:
    """Whose installation recorded an event, by the event's id."""
    return event.rpartition("-")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Evidence as it stands in the ledger: under which event, and who typed it in."""

    event: str
    recorded_by: str
    evidence: Evidence
