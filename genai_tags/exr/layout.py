"""How many chunks an EXR file has and where they lie: what must be known before a header may grow.

Chunk counts are computed as the OpenEXR libraries do, from the windows and not from ``chunkCount``, which they ignore for
known part types.
"""

from __future__ import annotations

import os
import struct
import sys
from array import array
from dataclasses import dataclass

from genai_tags.errors import DamagedMediaError, IncompleteMediaError
from genai_tags.exr.header import MULTI_PART, NON_IMAGE, TILED, Header, Part

LINES_PER_CHUNK = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32, 256, 1)
"""By compression code: none rle zips zip piz pxr24 b44 b44a dwaa dwab htj2k256 htj2k32 lj2k zstd."""

MAX_CHUNKS = 1 << 26

REQUIRED = (
    (b"channels", b"chlist", None),
    (b"compression", b"compression", 1),
    (b"dataWindow", b"box2i", 16),
    (b"displayWindow", b"box2i", 16),
    (b"lineOrder", b"lineOrder", 1),
    (b"pixelAspectRatio", b"float", 4),
    (b"screenWindowCenter", b"v2f", 8),
    (b"screenWindowWidth", b"float", 4),
)
"""Attributes that every part must have, their type and their size in bytes (OpenEXR File Layout, "Header Attributes")."""

_SAMPLE_BYTES = (4, 2, 4)
"""By pixel type: uint, half, float."""

_BOX = struct.Struct("<4i")
_TILES = struct.Struct("<IIB")


@dataclass(frozen=True, slots=True)
class Layout:
    """The chunk offset tables: all offsets in file order of the tables, and where the chunks begin."""

    offsets: array[int]
    data_start: int

    def shifted(self, growth: int) -> bytes:
        """The tables as bytes, every offset moved by ``growth``."""
        moved = array("Q", [offset + growth for offset in self.offsets])
        if sys.byteorder == "big":
            moved.byteswap()
        return moved.tobytes()


def read_layout(descriptor: int, header: Header) -> Layout:
    """Read and check the offset tables of an open file.

    Raises IncompleteMediaError where an offset is still zero (OpenEXR writes the table when it closes a file), and
    DamagedMediaError where offsets point outside the chunks or the last chunk is cut off.
    """
    path, size = header.path, os.fstat(descriptor).st_size
    for part in header.parts:
        _check_required(header, part)
    kinds = [_kind(header, part) for part in header.parts]
    counts = [_chunk_count(header, part, kind) for part, kind in zip(header.parts, kinds, strict=True)]
    total = sum(counts)
    data_start = header.end + 8 * total
    if total > MAX_CHUNKS or data_start > size:
        raise DamagedMediaError(path, f"ends inside its chunk table ({total} chunks stated, {size} bytes)")
    table = os.pread(descriptor, 8 * total, header.end)
    if len(table) != 8 * total:
        raise DamagedMediaError(path, "ends inside its chunk table")
    offsets = array("Q")
    offsets.frombytes(table)
    if sys.byteorder == "big":
        offsets.byteswap()
    missing = offsets.count(0)
    if missing:
        raise IncompleteMediaError(path, f"lacks {missing} of {total} chunks: it is still being written, or its render died")
    if not offsets:
        raise DamagedMediaError(path, "has no chunks")
    low, high = min(offsets), max(offsets)
    if low < data_start or high >= size:
        raise DamagedMediaError(path, "has a chunk offset outside its chunks")
    _check_last_chunk(descriptor, header, kinds, counts, offsets, size)
    return Layout(offsets, data_start)


def _check_required(header: Header, part: Part) -> None:
    for name, kind, length in REQUIRED:
        value = header.find(part, name, kind)
        if value is None:
            raise DamagedMediaError(header.path, f"lacks the required attribute {name.decode()}")
        if length is not None and len(value) != length:
            raise DamagedMediaError(header.path, f"has a {name.decode()} of {len(value)} bytes, not {length}")


def _channels(header: Header, part: Part) -> list[tuple[int, int, int]]:
    """Bytes per sample and sampling in x and y of every channel."""
    data = header.find(part, b"channels", b"chlist") or b""
    found = []
    position = 0
    while position < len(data) and data[position]:
        name_end = data.find(b"\0", position)
        if name_end < 0 or name_end + 17 > len(data):
            raise DamagedMediaError(header.path, "has a channel list that breaks off")
        kind, _, across, down = struct.unpack_from("<iiii", data, name_end + 1)
        if not 0 <= kind < len(_SAMPLE_BYTES) or across < 1 or down < 1:
            raise DamagedMediaError(header.path, "has an impossible channel in its channel list")
        found.append((_SAMPLE_BYTES[kind], across, down))
        position = name_end + 17
    if not found:
        raise DamagedMediaError(header.path, "has no channels")
    return found


_TILED_KINDS = (b"tiledimage", b"deeptile")
_KINDS = (b"scanlineimage", b"deepscanline", *_TILED_KINDS)
"""Part types whose chunks can be counted from the windows."""


def _kind(header: Header, part: Part) -> bytes:
    """scanlineimage, tiledimage, deepscanline, deeptile, or whatever a multi-part or deep part calls itself."""
    if header.flags & (MULTI_PART | NON_IMAGE):
        kind = header.find(part, b"type", b"string")
        if kind is None:
            raise DamagedMediaError(header.path, "has a part without a type")
        return kind
    return b"tiledimage" if header.flags & TILED else b"scanlineimage"


def _chunk_count(header: Header, part: Part, kind: bytes) -> int:
    if kind not in _KINDS:
        count = header.find(part, b"chunkCount", b"int")
        if count is None or len(count) != 4 or int.from_bytes(count, "little") > MAX_CHUNKS:
            raise DamagedMediaError(header.path, f"has a part of unknown type {kind!r} without a usable chunkCount")
        return int.from_bytes(count, "little")
    width, height = _window(header, part)
    if kind in _TILED_KINDS:
        return _tile_count(header, part, width, height)
    compression = header.find(part, b"compression", b"compression")
    if compression is None or len(compression) != 1 or compression[0] >= len(LINES_PER_CHUNK):
        raise DamagedMediaError(header.path, f"has an unknown compression ({compression!r})")
    lines = LINES_PER_CHUNK[compression[0]]
    return -(-height // lines)


def _window(header: Header, part: Part) -> tuple[int, int]:
    box = header.find(part, b"dataWindow", b"box2i")
    if box is None or len(box) != 16:
        raise DamagedMediaError(header.path, "has no dataWindow")
    left, top, right, bottom = _BOX.unpack(box)
    if right < left or bottom < top:
        raise DamagedMediaError(header.path, f"has an empty dataWindow {(left, top, right, bottom)}")
    return right - left + 1, bottom - top + 1


def _tile_count(header: Header, part: Part, width: int, height: int) -> int:
    tiles = header.find(part, b"tiles", b"tiledesc")
    if tiles is None or len(tiles) != 9:
        raise DamagedMediaError(header.path, "is tiled but has no tile description")
    tile_width, tile_height, mode = _TILES.unpack(tiles)
    if not tile_width or not tile_height or mode & 15 > 2 or mode >> 4 > 1:
        raise DamagedMediaError(header.path, "has an impossible tile description")
    up = bool(mode >> 4)

    def across(length: int, level: int, tile: int) -> int:
        size = -(-length >> level) if up else length >> level
        return -(-max(1, size) // tile)

    level_mode = mode & 15
    if level_mode == 0:
        return across(width, 0, tile_width) * across(height, 0, tile_height)
    if level_mode == 1:
        levels = _levels(max(width, height), up)
        return sum(across(width, n, tile_width) * across(height, n, tile_height) for n in range(levels))
    columns = sum(across(width, n, tile_width) for n in range(_levels(width, up)))
    return columns * sum(across(height, n, tile_height) for n in range(_levels(height, up)))


def _levels(length: int, up: bool) -> int:
    return (length - 1).bit_length() + 1 if up else length.bit_length()


def _check_last_chunk(
    descriptor: int, header: Header, kinds: list[bytes], counts: list[int], offsets: array[int], size: int
) -> None:
    """The chunk that lies last must end within the file: a transfer that broke off shows here."""
    index = max(range(len(offsets)), key=offsets.__getitem__)
    part, start = 0, offsets[index]
    while index >= counts[part]:
        index -= counts[part]
        part += 1
    lead = 4 if header.flags & MULTI_PART else 0
    head = os.pread(descriptor, lead + 40, start)
    place = lead + (16 if kinds[part] in _TILED_KINDS else 4)
    deep = kinds[part].startswith(b"deep")
    need = place + (24 if deep else 4)
    channels = _channels(header, header.parts[part])
    if kinds[part] not in _KINDS:
        return
    if len(head) < need:
        raise DamagedMediaError(header.path, "ends inside its last chunk")
    if deep:
        table, packed, _ = struct.unpack_from("<3Q", head, place)
        end = start + place + 24 + table + packed
    else:
        length = int.from_bytes(head[place : place + 4], "little")
        end = start + place + 4 + length
        if kinds[part] == b"scanlineimage" and header.find(header.parts[part], b"compression", b"compression") == b"\0":
            _check_raw_line(
                header, header.parts[part], channels, int.from_bytes(head[lead:place], "little", signed=True), length
            )
    if end > size:
        raise DamagedMediaError(header.path, f"ends inside its last chunk ({end - size} bytes are missing)")


def _check_raw_line(header: Header, part: Part, channels: list[tuple[int, int, int]], line: int, length: int) -> None:
    """An uncompressed line has just the bytes that its channels and the data window demand."""
    left, _, right, _ = _BOX.unpack(header.find(part, b"dataWindow", b"box2i") or b"")
    want = sum(size * (right // across - (left - 1) // across) for size, across, down in channels if line % down == 0)
    if want != length:
        raise DamagedMediaError(header.path, f"has an uncompressed line of {length} bytes where {want} are stated")
