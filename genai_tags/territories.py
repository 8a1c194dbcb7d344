"""Territories: ISO 3166-1 alpha-2 codes (US), 3166-2 parts of them (US-CA), the groups EU and EEA, and WORLD."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
WORLD = "WORLD"
GROUPS = {"EU": _EU, "EEA": _EU | {"IS", "LI", "NO"}}
"""Member states as of 2026 (europa.eu, efta.int)."""


def problem(place: str) -> str | None:
    """What is wrong with a territory as somebody wrote it; None where nothing is."""
    code = place.strip().upper()
    if code == WORLD or code in GROUPS or re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", code):
        return None
    near = WORLD if code.replace(" ", "").startswith("WORLD") else "a code of ISO 3166-1 such as US or DE, or EU, EEA, WORLD"
    return f"{place!r} is no territory; write {near}"


def _members(place: str) -> frozenset[str]:
    code = place.strip().upper()
    return GROUPS.get(code, frozenset((code,)))


def covers(stated: Iterable[str], place: str) -> bool:
    """Whether territories that somebody stated hold all of ``place``; ``WORLD`` holds everything."""
    codes = [each.strip().upper() for each in stated]
    held = frozenset[str]().union(*(_members(each) for each in codes))
    return WORLD in codes or all(each in held or each.partition("-")[0] in held for each in _members(place))


def overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether any place lies in both."""
    left, right = ([each.strip().upper() for each in places] for places in (some, others))
    if (WORLD in left and right) or (WORLD in right and left):
        return True
    some_of, other_of = (frozenset[str]().union(*map(_members, side)) for side in (left, right))
    return any(covers(some_of, each) for each in other_of) or any(covers(other_of, each) for each in some_of)
