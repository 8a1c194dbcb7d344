"""Find a few strings in an EXR header, fast: names are walked, values are only taken where asked for."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from genai_tags.errors import MediaError
from genai_tags.exr.header import FIRST_READ, KNOWN_FLAGS, MAGIC, MULTI_PART, open_exr, parse_descriptor

_INT = struct.Struct("<i")

Found = list[tuple[int, bytes, bytes, bytes]]
"""Part number, name, type and value of each attribute found."""


Identity = tuple[int, int, int, int, int]
"""Device, inode, size, mtime and ctime in ns: what a cache may be keyed by."""

T = TypeVar("T")


class Scanner(Generic[T]):
    """Reads the attributes whose name contains ``marker`` or is in ``names``, and keeps what ``interpret`` made of them.

    Frames of a sequence have the same header but for a few values: the layout of the last header is kept as a pattern,
    so that the next one is recognised as a whole and only walked where it differs.
    """

    def __init__(self, marker: bytes, names: frozenset[bytes], interpret: Callable[[Found], T], limit: int = 200_000) -> None:
        self.marker, self.names, self.interpret, self.limit = marker, names, interpret, limit
        self._kept: dict[str, tuple[Identity, T]] = {}
        self._layouts: list[_Layout] = []

    def read(self, path: str) -> T:
        """What is made of a file's attributes; a file that is still the same is not read again. Raises MediaError."""
        descriptor = open_exr(path)
        try:
            stat = os.fstat(descriptor)
            identity = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
            kept = self._kept.get(path)
            if kept is not None and kept[0] == identity:
                return kept[1]
            made = self.interpret(self._find(descriptor, path))
        finally:
            os.close(descriptor)
        if len(self._kept) >= self.limit:
            self._kept.clear()
        self._kept[path] = (identity, made)
        return made

    def forget(self) -> None:
        """Drop everything kept."""
        self._kept.clear()

    def _find(self, descriptor: int, path: str) -> Found:
        data = _read(descriptor, path)
        for layout in self._layouts:
            match = layout.pattern.match(data)
            if match is not None:
                return [(*attribute, value) for attribute, value in zip(layout.attributes, match.groups(), strict=True)]
        walked = _walk(data, self.marker, self.names)
        if walked is None:  # odd, damaged or longer than the first read: the careful parser says which
            header = parse_descriptor(descriptor, path)
            return [
                (number, each.name, each.type, header.value(each))
                for number, part in enumerate(header.parts)
                for each in part.attributes
                if self.marker in each.name or each.name in self.names
            ]
        found, pieces = walked
        self._layouts = [
            _Layout(re.compile(b"".join(pieces), re.DOTALL), tuple(each[:3] for each in found)),
            *self._layouts[:3],
        ]
        return found


@dataclass(frozen=True, slots=True)
class _Layout:
    """A header as a pattern: names, types and sizes are literal, values are skipped, the wanted ones captured."""

    pattern: re.Pattern[bytes]
    attributes: tuple[tuple[int, bytes, bytes], ...]


def _read(descriptor: int, path: str) -> bytes:
    try:
        return os.pread(descriptor, FIRST_READ, 0)
    except OSError as error:
        raise MediaError(path, f"cannot be read: {error.strerror}") from None


def _walk(data: bytes, marker: bytes, names: frozenset[bytes]) -> tuple[Found, list[bytes]] | None:
    """What was found, and the header as the pieces of a pattern. None where it does not end in ``data`` or looks wrong."""
    if data[:4] != MAGIC or len(data) < 9:
        return None
    flags = _INT.unpack_from(data, 4)[0]
    if flags & 0xFF != 2 or flags & ~0xFF & ~KNOWN_FLAGS:
        return None
    multi = bool(flags & MULTI_PART)
    found: Found = []
    pieces = [re.escape(data[:8])]
    part, position, start = 0, 8, 8
    while position < len(data):
        if data[position] == 0:
            pieces.append(b"\\x00")
            if position == start:  # an empty header: the end of a multi-part list, or no part at all
                return (found, pieces) if multi and part else None
            if not multi:
                return found, pieces
            part += 1
            position = start = position + 1
            continue
        name_end = data.find(b"\0", position)
        type_end = data.find(b"\0", name_end + 1)
        value = type_end + 5
        if name_end < 0 or type_end <= name_end + 1 or value > len(data) or name_end - position > 255:
            return None
        size = _INT.unpack_from(data, type_end + 1)[0]
        if size < 0 or value + size > len(data):
            return None
        name = data[position:name_end]
        wanted = marker in name or name in names
        pieces.append(re.escape(data[position:value]) + (b"(.{%d})" if wanted else b".{%d}") % size)
        if wanted:
            found.append((part, name, data[name_end + 1 : type_end], data[value : value + size]))
        position = value + size
    return None
