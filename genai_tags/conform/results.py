"""What a conform found: of every event its status and findings, and what the whole adds up to."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from genai_tags.conform.match import Match
from genai_tags.cut.model import Cut, Event
from genai_tags.show import Judged
from genai_tags.status import Severity, Status
from genai_tags.vocabulary import Purpose, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know about an event or a cut. ``rule`` and ``cite`` say what asks for it, where a rule does; ``about`` names the
    tag or node, where it is one."""

    code: str
    severity: Severity
    message: str
    fix: str
    rule: str | None = None
    cite: str | None = None
    who: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """An event, its status, and everything that led to it.

    ``judged`` are its tags in their uses; ``frame`` is the middle one of the used frames, where media is at hand.
    """

    cut: str
    event: Event
    shot: str | None
    version: str | None
    status: Status
    tags: tuple[str, ...] = ()
    matched: tuple[Match, ...] = ()
    findings: tuple[Finding, ...] = ()
    judged: tuple[Judged, ...] = ()
    frame: str | None = None

    @property
    def severity(self) -> Severity | None:
        """The worst severity of its findings; None where there is none."""
        return max((finding.severity for finding in self.findings), key=lambda s: s.rank, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutResult:
    """A cut, its events in file order, and findings about it as a whole."""

    cut: Cut
    events: tuple[EventResult, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a conform found. ``heads`` are the ends of the ledger's chains that it was judged against."""

    show: str
    as_of: dt.date
    stage: Stage
    purpose: Purpose
    cuts: tuple[CutResult, ...]
    heads: tuple[str, ...]
    packs: tuple[str, ...]
    register: str | None = None
    """The tool register's file and the SHA-256 of its bytes."""
    header_reads: int = 0
    findings: tuple[Finding, ...] = ()
    earlier: tuple[CutResult, ...] = ()
    """Cuts to compare with; what was found about them is no finding of this report."""

    def all_findings(self) -> list[Finding]:
        """Every finding, of events, cuts and the ledger."""
        return [
            *self.findings,
            *(finding for cut in self.cuts for finding in cut.findings),
            *(finding for cut in self.cuts for event in cut.events for finding in event.findings),
        ]

    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity there are."""
        counted = Counter(finding.severity for finding in self.all_findings())
        return {each: counted[each] for each in reversed(Severity)}

    def by_status(self) -> dict[Status, int]:
        """How many events of each status there are."""
        counted = Counter(event.status for cut in self.cuts for event in cut.events)
        return {status: counted[status] for status in Status if counted[status]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to conform. ``as_of`` is the day that evidence is judged on."""

    stage: Stage = Stage.FINAL
    purpose: Purpose = Purpose.PROGRAMME
    as_of: dt.date
    media: Sequence[str] = ()
