"""Find a few strings in an EXR header, fast: names are walked, values are only taken where asked for."""

from __future__ import annotations

import os
import struct

from genai_tags.errors import MediaError
from genai_tags.exr.header import FIRST_READ, KNOWN_FLAGS, MAGIC, MULTI_PART, open_exr, parse_descriptor

_INT = struct.Struct("<i")

Found = list[tuple[int, bytes, bytes, bytes]]
"""Part number, name, type and value of each attribute found."""


def find(path: str, marker: bytes, names: frozenset[bytes]) -> tuple[Found, tuple[int, int, int, int, int]]:
    """Every attribute whose name contains ``marker`` or is in ``names``, and the file's identity.

    The identity is device, inode, size, mtime and ctime in ns: what a cache may be keyed by. Raises MediaError.
    """
    descriptor = open_exr(path)
    try:
        stat = os.fstat(descriptor)
        identity = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        data = _read(descriptor, path)
        found = _walk(data, marker, names)
        if found is None:  # odd, damaged or longer than the first read: the careful parser says which
            header = parse_descriptor(descriptor, path)
            found = [
                (number, each.name, each.type, header.value(each))
                for number, part in enumerate(header.parts)
                for each in part.attributes
                if marker in each.name or each.name in names
            ]
        return found, identity
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: str) -> bytes:
    try:
        return os.pread(descriptor, FIRST_READ, 0)
    except OSError as error:
        raise MediaError(path, f"cannot be read: {error.strerror}") from None


def _walk(data: bytes, marker: bytes, names: frozenset[bytes]) -> Found | None:
    """None where the header does not end in ``data`` or looks wrong."""
    if data[:4] != MAGIC or len(data) < 9:
        return None
    flags = _INT.unpack_from(data, 4)[0]
    if flags & 0xFF != 2 or flags & ~0xFF & ~KNOWN_FLAGS:
        return None
    multi = bool(flags & MULTI_PART)
    find, unpack, length = data.find, _INT.unpack_from, len(data)
    found: Found = []
    part, position, start = 0, 8, 8
    while position < length:
        if data[position] == 0:
            if position == start:  # an empty header: the end of a multi-part list, or no part at all
                return found if multi and part else None
            if not multi:
                return found
            part += 1
            position = start = position + 1
            continue
        name_end = find(b"\0", position)
        type_end = find(b"\0", name_end + 1)
        value = type_end + 5
        if name_end < 0 or type_end <= name_end + 1 or value > length or name_end - position > 255:
            return None
        size = unpack(data, type_end + 1)[0]
        if size < 0 or value + size > length:
            return None
        name = data[position:name_end]
        if marker in name or name in names:
            found.append((part, name, data[name_end + 1 : type_end], data[value : value + size]))
        position = value + size
    return None
