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
_COUNTRIES = frozenset(["AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA", "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK", "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ", "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS", "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA", "ZM", "ZW"])  # fmt: skip
"""ISO 3166-1 alpha-2."""
_MEANT = {"UK": "GB", "EL": "GR", "USA": "US"}
WORLD = "WORLD"
GROUPS = {"EU": _EU, "EEA": _EU | {"IS", "LI", "NO"}}
"""Member states as of 2026 (europa.eu, efta.int)."""


def problem(place: str) -> str | None:
    """What is wrong with a territory as somebody wrote it; None where nothing is."""
    code = place.strip().upper()
    country, dash, part = code.partition("-")
    if code == WORLD or code in GROUPS or (country in _COUNTRIES and (not dash or re.fullmatch(r"[A-Z0-9]{1,3}", part))):
        return None
    near = (
        _MEANT[code]
        if code in _MEANT
        else WORLD
        if code.replace(" ", "").startswith("WORLD")
        else "a code of ISO 3166-1 such as US or DE, or EU, EEA, WORLD"
    )
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
