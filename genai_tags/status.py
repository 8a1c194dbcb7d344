"""Assessment + evidence -> status -> badge: the one table that every host, report and conform check draws from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from genai_tags.vocabulary import Stage, Word


class Status(Word):
    """Where a tag in a use stands, mildest first; the worst of an event's tags is the event's."""

    CLEAN = "clean"
    CLEAN_INFERRED = "clean_inferred"
    OUTSIDE_SCOPE = "outside_scope"
    ALLOWED = "allowed"
    APPROVED = "approved"
    CONDITIONAL = "conditional"
    WAIVED = "waived"
    REQUESTED = "requested"
    OPEN = "open"
    NO_RECORD = "no_record"
    OUT_OF_SCOPE = "out_of_scope"
    EXPIRED = "expired"
    STALE = "stale"
    UNRESOLVED = "unresolved"
    REVOKED = "revoked"
    REJECTED = "rejected"

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return _RANKS[self]


class Severity(Word):
    """What a finding means for a delivery. Blocker: this may not ship."""

    INFO = "info"
    WARNING = "warning"
    BLOCKER = "blocker"

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return _RANKS[self]


_RANKS: dict[Status | Severity, int] = {
    **{status: rank for rank, status in enumerate(Status)},
    **{level: rank for rank, level in enumerate(Severity)},
}


@dataclass(frozen=True, slots=True)
class Badge:
    """The one thing an artist sees: symbol, word and colour, never colour alone. Colours pass on dark and light."""

    symbol: str
    text: str
    colour: str


_GREEN, _BLUE, _GREY, _AMBER, _RED = "#2e9e5b", "#3d85c6", "#8a8a8a", "#d98e04", "#d64545"

BADGES: Mapping[Status, Badge] = {
    Status.CLEAN: Badge("○", "No GenAI (signed)", _GREEN),
    Status.CLEAN_INFERRED: Badge("◌", "No GenAI (sources clean)", _GREEN),
    Status.OUTSIDE_SCOPE: Badge("–", "Outside scope", _GREY),
    Status.ALLOWED: Badge("✓", "Allowed", _GREEN),
    Status.APPROVED: Badge("✔", "Approved", _GREEN),
    Status.CONDITIONAL: Badge("◐", "Approved with conditions", _BLUE),
    Status.WAIVED: Badge("⊘", "Waived", _BLUE),
    Status.REQUESTED: Badge("…", "Requested", _AMBER),
    Status.OPEN: Badge("!", "Open", _AMBER),
    Status.NO_RECORD: Badge("?", "No record", _AMBER),
    Status.OUT_OF_SCOPE: Badge("↔", "Given for something else", _AMBER),
    Status.EXPIRED: Badge("◷", "Expired", _AMBER),
    Status.STALE: Badge("↻", "Changed since", _AMBER),
    Status.UNRESOLVED: Badge("⁇", "Tag without a record", _AMBER),
    Status.REVOKED: Badge("⊗", "Revoked", _RED),
    Status.REJECTED: Badge("✖", "Rejected", _RED),
}

_BLOCK, _WARN, _INFO = Severity.BLOCKER, Severity.WARNING, Severity.INFO

SEVERITIES: Mapping[Status, tuple[Severity | None, Severity | None]] = {
    Status.NO_RECORD: (_BLOCK, _INFO),
    Status.CLEAN: (None, None),
    Status.CLEAN_INFERRED: (None, None),
    Status.OUTSIDE_SCOPE: (None, None),
    Status.ALLOWED: (None, None),
    Status.OPEN: (_BLOCK, _WARN),
    Status.REQUESTED: (_BLOCK, _WARN),
    Status.APPROVED: (None, None),
    Status.CONDITIONAL: (_WARN, _INFO),
    Status.WAIVED: (_WARN, _INFO),
    Status.REJECTED: (_BLOCK, _BLOCK),
    Status.REVOKED: (_BLOCK, _BLOCK),
    Status.EXPIRED: (_BLOCK, _WARN),
    Status.OUT_OF_SCOPE: (_BLOCK, _WARN),
    Status.STALE: (_BLOCK, _WARN),
    Status.UNRESOLVED: (_BLOCK, _WARN),
}
"""Severity in a final cut, and in a temp cut; None: no finding."""


def severity(status: Status, stage: Stage, unmet: Iterable[str] = ()) -> Severity | None:
    """What a status means in a final or temp cut. Where only a notice or a reason is missing, open is milder, and so is
    requested: asking is no worse than not asking."""
    final, temp = SEVERITIES[status]
    left = set(unmet)
    if status in (Status.OPEN, Status.REQUESTED) and left and left <= {"notice", "reason"}:
        final, temp = Severity.WARNING, Severity.INFO
    return final if stage is Stage.FINAL else temp
