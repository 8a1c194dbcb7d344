"""Stubs in EXR headers: ``genai:…`` string attributes in every part.

Nuke copies attributes it does not know under prefixes (``nuke/genai:tags``, ``exr/genai:tags``): such aliases are read as
inferred, lose against the canonical name, and are removed by every write.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from functools import lru_cache

from genai_tags.carriers.host import decode_text
from genai_tags.errors import Problem
from genai_tags.exr import scan
from genai_tags.exr.edit import set_strings
from genai_tags.model import TagSet
from genai_tags.stubs import KEY_ENCODED, KEYS, header_fields, make_set, parse_header_fields
from genai_tags.vocabulary import Basis

_ALIAS = re.compile(rb"(?:exr/|nuke/)*genai[:/](.+)")
_HIERO = re.compile(rb"(?:exr/|nuke/)*hiero/.+/genai_tags")
"""A Hiero tag of ours, as Hiero's exporter writes it into comps and Nuke into frames."""
_EDITORIAL = frozenset((b"reelName", b"timeCode", b"framesPerSecond"))


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file carries: the set, what is wrong with it, and the editorial attributes that a conform needs, as bytes."""

    tags: TagSet = TagSet()
    problems: tuple[Problem, ...] = ()
    editorial: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def reel(self) -> str | None:
        """``reelName``."""
        return dict(self.editorial).get(b"reelName", b"").decode("utf-8", "replace") or None

    @property
    def timecode(self) -> str | None:
        """``timeCode`` as ``HH:MM:SS:FF``, with ``;`` before the frames where the drop-frame flag is set."""
        packed = dict(self.editorial).get(b"timeCode", b"")
        return _timecode(int.from_bytes(packed[:4], "little")) if len(packed) == 8 else None

    @property
    def rate(self) -> tuple[int, int] | None:
        """``framesPerSecond`` as numerator and denominator."""
        pair = dict(self.editorial).get(b"framesPerSecond", b"")
        return (int.from_bytes(pair[:4], "little"), int.from_bytes(pair[4:], "little")) if len(pair) == 8 else None


NOTHING = Carried()


def canonical_name(name: bytes) -> str | None:
    """``genai:tags`` for it and all its aliases; None for names that are not ours."""
    if _HIERO.fullmatch(name):
        return KEY_ENCODED
    match = _ALIAS.fullmatch(name)
    return "genai:" + match[1].decode("utf-8", "replace") if match else None


def is_ours(name: bytes) -> bool:
    """Whether an attribute is one of ours, under any alias. What others put under ``genai:`` is not."""
    return canonical_name(name) in KEYS


def _carried(found: scan.Found) -> Carried:
    """Frames of one sequence share their stubs and differ in their timecode: the stubs are only read once."""
    ours = tuple(each for each in found if each[1] not in _EDITORIAL)
    editorial = tuple((name, value) for part, name, _, value in found if part == 0 and name in _EDITORIAL)
    tags, problems = _tags(ours)
    return Carried(tags, problems, editorial) if ours or editorial else NOTHING


SCANNER = scan.Scanner(b"genai", _EDITORIAL, _carried)


def read(path: str) -> Carried:
    """What the header of one EXR file carries. Raises MediaError where it cannot be read at all."""
    return SCANNER.read(path)


@lru_cache(maxsize=1024)
def _tags(found: tuple[tuple[int, bytes, bytes, bytes], ...]) -> tuple[TagSet, tuple[Problem, ...]]:
    problems: list[Problem] = []
    by_part: dict[int, _Part] = {}
    for part, name, kind, value in found:
        canonical = canonical_name(name)
        if canonical not in KEYS:
            continue
        text = _text(kind, value, canonical, problems)
        if text is not None:
            by_part.setdefault(part, _Part()).add(canonical, text, name != canonical.encode())
    sets = []
    for _, each in sorted(by_part.items()):
        tags, wrong = each.set()
        sets.append(tags)
        problems.extend(p for p in wrong if p not in problems)
    if len({each.digest for each in sets}) > 1:
        problems.append(Problem("parts", "of the file carry different tags; all of them count", "parts_disagree"))
    return _union(sets), tuple(problems)


class _Part:
    """What one part states: under canonical names, under aliases, and as sets that a host passed through."""

    def __init__(self) -> None:
        self.fields: dict[bool, dict[str, str]] = {}
        self.passed: list[str] = []

    def add(self, name: str, text: str, is_alias: bool) -> None:
        if name == KEY_ENCODED:
            self.passed.append(text)
        else:
            self.fields.setdefault(is_alias, {}).setdefault(name, text)

    def set(self) -> tuple[TagSet, list[Problem]]:
        """Canonical names beat aliases. What a host passed through comes besides: beside it nothing else is sure to be whole."""
        tags, problems = TagSet(), list[Problem]()
        for is_alias in (False, True):
            if is_alias in self.fields:
                tags, problems = parse_header_fields(self.fields[is_alias], Basis.INFERRED if is_alias else Basis.DECLARED)
                break
        if not self.passed:
            return tags, problems
        read = [decode_text(text, KEY_ENCODED) for text in dict.fromkeys(self.passed)]
        stubs = dict.fromkeys(stub for each, _ in read for stub in each.stubs)
        known = {stub.id for stub in stubs}
        united = make_set([*stubs, *(stub for stub in tags.stubs if stub.id not in known)], Basis.INFERRED)
        wrong = [problem for _, found in read for problem in found]
        more = dataclasses.replace(united, more=tags.more, digest=tags.digest) if tags.more else united
        undeclared = max(tags.undeclared, *(each.undeclared for each, _ in read))
        return dataclasses.replace(more, clean=tags.clean, newer=tags.newer, undeclared=undeclared), [*problems, *wrong]


def _union(sets: list[TagSet]) -> TagSet:
    if not sets:
        return TagSet()
    first = dataclasses.replace(sets[0], undeclared=max(each.undeclared for each in sets))
    if all(each.digest == first.digest for each in sets):
        return first
    stubs = tuple(dict.fromkeys(stub for each in sets for stub in each.stubs))
    return dataclasses.replace(first, stubs=stubs, more=max(each.more for each in sets), digest=None)


def _text(kind: bytes, value: bytes, name: str, problems: list[Problem]) -> str | None:
    if kind != b"string":
        problems.append(Problem(name, f"is an attribute of type {kind.decode('ascii', 'replace')}, not string"))
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        problems.append(Problem(name, "is not UTF-8 text"))
        return None


def _timecode(packed: int) -> str:
    """SMPTE 12M in BCD, the TV60 packing of OpenEXR's ``timecode`` type."""

    def bcd(shift: int, tens: int) -> int:
        return ((packed >> shift) & 15) + 10 * ((packed >> (shift + 4)) & tens)

    mark = ";" if packed >> 6 & 1 else ":"
    return f"{bcd(24, 3):02}:{bcd(16, 7):02}:{bcd(8, 7):02}{mark}{bcd(0, 3):02}"


def write(path: str, tags: TagSet) -> bool:
    """Put a set into every part of an EXR file, in place of whatever set was there. False where nothing changed.

    An empty set takes ours off. Raises MediaError; the file is then as it was.
    """
    return set_strings(path, header_fields(tags), is_ours)
