"""The shapes of a sheet: plain JSON types, all the way down."""

from __future__ import annotations

from typing import TypedDict


class Note(TypedDict):
    """A finding: what is wrong, what asks for it, how to settle it and who can."""

    code: str
    severity: str
    message: str
    fix: str
    rule: str | None
    cite: str | None
    who: str | None


class Ask(TypedDict):
    """A rule that asks for something. ``needs`` says of each need whether it is given."""

    pack: str
    rule: str
    title: str
    message: str
    cite: str
    outcome: str
    open: bool
    because: list[str]
    needs: dict[str, bool]
    question: str
    fix: str
    who: str
    subject: str | None


class UseItem(TypedDict):
    """A tag in a use: how it was made, where it stands, every rule that asks, and what was given.

    ``unmet`` are what is still needed, as verdicts name it; ``needed`` says the same in words, with who can give it.
    """

    tag: str
    revision: int | None
    shot: str | None
    status: str
    use: str
    made: list[str]
    tools: list[str]
    basis: str
    declared_by: str
    reasons: list[str]
    unmet: list[str]
    needed: list[str]
    asks: list[Ask]
    given: list[str]


class Row(TypedDict):
    """One event. ``start`` and ``end`` are seconds on its cut's strip; ``uses`` are places in the sheet's uses.

    ``duration`` is in record frames, None where the timecodes are not understood. ``picture`` is a data URL.
    """

    cut: int
    event: str
    line: int | None
    track: str
    record_in: str
    record_out: str
    source_in: str
    source_out: str
    duration: int | None
    start: float
    end: float
    reel: str | None
    clip: str | None
    file: str | None
    shot: str | None
    version: str | None
    status: str
    severity: str | None
    verdict: str
    ai: str
    tags: list[str]
    tools: list[str]
    rules: list[str]
    notes: list[Note]
    needed: list[str]
    uses: list[int]
    frame: str | None
    picture: str | None


class Lane(TypedDict):
    """One track: its rows in the order of their start."""

    name: str
    rows: list[int]


class CutItem(TypedDict):
    """One cut. ``start`` and ``end`` are seconds; ``origin`` is the record timecode at its start."""

    path: str
    name: str
    format: str
    title: str
    rate: str
    rate_assumed: bool
    events: int
    start: float
    end: float
    origin: str
    lanes: list[Lane]
    notes: list[Note]
    unread: list[str]


class ChangeItem(TypedDict):
    """What became of an AI event of the earlier cut: old and new values where they differ. ``row`` is None for one that is gone."""

    changes: list[str]
    row: int | None
    event: str
    clip: str
    record_in: list[str]
    versions: list[str]
    statuses: list[str]


class PackItem(TypedDict):
    """A policy pack in force."""

    id: str
    title: str
    note: str
    source: str


class Totals(TypedDict):
    """How many events there are by verdict; how many findings are about the cut or the show as a whole, by severity; and all
    findings by severity, events by status (worst first)."""

    events: int
    blocked: int
    care: int
    fine: int
    outside: int
    loose: dict[str, int]
    severities: dict[str, int]
    statuses: dict[str, int]


class Sheet(TypedDict):
    """Everything."""

    show: str
    stage: str
    purpose: str
    as_of: str
    totals: Totals
    packs: list[PackItem]
    register: str | None
    heads: list[str]
    notes: list[Note]
    changes: list[ChangeItem] | None
    unchanged: int
    cuts: list[CutItem]
    rows: list[Row]
    uses: list[UseItem]


MAY, CARE, MAY_NOT, OUTSIDE = "may ship", "may ship with care", "may not ship", "outside scope"
