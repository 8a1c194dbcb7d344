"""Territories: ISO 3166-1 alpha-2 codes, the groups EU and EEA, and WORLD."""

from __future__ import annotations

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


def _members(place: str) -> frozenset[str]:
    code = place.strip().upper()
    return GROUPS.get(code, frozenset((code,)))


def covers(stated: Iterable[str], place: str) -> bool:
    """Whether territories that somebody stated hold all of ``place``; ``WORLD`` holds everything."""
    codes = [each.strip().upper() for each in stated]
    held = frozenset[str]().union(*(_members(each) for each in codes))
    return WORLD in codes or _members(place) <= held


def overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether any place lies in both."""
    left, right = ([each.strip().upper() for each in places] for places in (some, others))
    if (WORLD in left and right) or (WORLD in right and left):
        return True
    return bool(frozenset[str]().union(*map(_members, left)) & frozenset[str]().union(*map(_members, right)))
