"""Shot and version in a name. The default reads Netflix's "VFX Shot and Version Naming" (Partner Help 360057627473)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NETFLIX = (
    r"(?<![A-Za-z0-9])(?P<shot>[A-Z][A-Z0-9]{2}(?:_\d{3})?(?:_[A-Z]{3})?_\d{3}_\d{3,4})(?![A-Za-z0-9])(?!_\d{3,4}[A-Za-z](?:[_.]|$))"
    r"(?:_(?P<task>[A-Za-z][A-Za-z0-9]*))?(?:_(?P<vendor>[A-Z][A-Z0-9]{1,3}))?(?:_(?P<version>v\d{1,5}))?(?![A-Za-z0-9])"
)
"""showID[_episode][_seq]_scene_shotID[_task][_vendorID][_version], as in AGM_104_065_010_comp_NFX_v001."""

_VERSION = re.compile(r"(?:^|[_.\-])(v\d{1,5})(?=$|[_.\-\s])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """What a name says; None where it says nothing."""

    shot: str | None = None
    version: str | None = None


def compile_patterns(patterns: Iterable[str]) -> list[re.Pattern[str]]:
    """Compile naming patterns; each must name a group ``shot``. Raises ValueError that says which is wrong."""
    made = []
    for text in patterns:
        try:
            pattern = re.compile(text)
        except re.error as error:
            raise ValueError(f"{text!r} is not a regular expression: {error}") from None
        if "shot" not in pattern.groupindex:
            raise ValueError(f"{text!r} has no group (?P<shot>...)")
        made.append(pattern)
    return made


def parse(name: str, patterns: Sequence[re.Pattern[str]], known_shots: Iterable[str] = ()) -> Name:
    """Shot and version in ``name``: by pattern, else by a known shot that stands in it as a whole word.

    The version is the one that stands last: the pattern's, or a ``_v012`` behind it.
    """
    found = list(_VERSION.finditer(name))
    last = found[-1][1] if found else None
    for pattern in patterns:
        match = pattern.search(name)
        if match:
            stated = match.groupdict().get("version")
            if stated and not (found and found[-1].start(1) > match.start("version")):
                return Name(match["shot"], stated)
            return Name(match["shot"], last)
    hits = [shot for shot in known_shots if _stands_in(shot, name)]
    return Name(max(hits, key=len) if hits else None, last)


def _stands_in(shot: str, name: str) -> bool:
    place = name.find(shot)
    while place >= 0:
        before = name[place - 1] if place else " "
        after = name[place + len(shot)] if place + len(shot) < len(name) else " "
        if not before.isalnum() and not after.isalnum():
            return True
        place = name.find(shot, place + 1)
    return False


def matches_any(name: str | None, patterns: Iterable[str]) -> bool:
    """Whether a shot name fits one of the patterns (``*`` and ``?``, case counts). No name fits nothing."""
    return name is not None and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def version_number(version: str) -> int | None:
    """``v012``, ``V12`` and ``12`` are version 12; None where it is no number."""
    digits = version.strip().lower().removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
