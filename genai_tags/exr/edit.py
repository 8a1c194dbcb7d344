"""Replace string attributes of an EXR file: the header is rebuilt, the chunk offsets moved, the chunks copied as they are.

Other attributes keep their bytes and order; ours are appended at the end of every part. Taking them off again gives
back the identical file. The work is a copy of the file and a flush, whatever the compression.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from genai_tags import files
from genai_tags.errors import IncompleteMediaError, WriteError
from genai_tags.exr.header import Header, open_exr, parse_descriptor
from genai_tags.exr.layout import read_layout

MAX_PLAIN_NAME = 31
"""Longer names need a version flag (0x400) that older readers refuse; ours never are."""


def set_strings(path: str, values: Mapping[str, str], ours: Callable[[bytes], bool]) -> bool:
    """Make ``values`` the only attributes for which ``ours(name)`` holds, in every part. False where nothing changed.

    Raises DamagedMediaError, IncompleteMediaError, UnsupportedMediaError or WriteError; the file is then as it was.
    """
    block = b"".join(_attribute(name, value) for name, value in values.items())
    descriptor = open_exr(path)
    try:
        seen = os.fstat(descriptor)
        header = parse_descriptor(descriptor, path)
        layout = read_layout(descriptor, header)
        rebuilt = _rebuild(header, block, ours)
        growth = len(rebuilt) - header.end
        if rebuilt == header.data[: header.end]:
            return False

        def fill(target: int) -> None:
            files.write_all(target, rebuilt)
            files.write_all(target, layout.shifted(growth))
            files.copy_range(descriptor, layout.data_start, target)

        _replace(path, fill, seen)
        return True
    finally:
        os.close(descriptor)


def _replace(path: str, fill: Callable[[int], None], seen: os.stat_result) -> None:
    try:
        files.replace(path, fill, seen=seen, keep_mtime=True)
    except files.SourceChangedError:
        raise IncompleteMediaError(path, "changed while it was being tagged; try again when it is finished") from None
    except OSError as error:
        raise WriteError(path, f"could not be replaced: {error.strerror}; it is untouched") from None


def _attribute(name: str, value: str) -> bytes:
    key, data = name.encode("utf-8"), value.encode("utf-8")
    if not 0 < len(key) <= MAX_PLAIN_NAME or b"\0" in key or b"\0" in data:
        raise ValueError(f"{name!r} cannot be an EXR attribute")
    return key + b"\0string\0" + len(data).to_bytes(4, "little") + data


def _rebuild(header: Header, block: bytes, ours: Callable[[bytes], bool]) -> bytes:
    pieces = [header.data[:8]]
    for part in header.parts:
        pieces.extend(header.data[a.start : a.end] for a in part.attributes if not ours(a.name))
        pieces.append(block + b"\0")
    pieces.append(header.data[header.parts[-1].end + 1 : header.end])
    return b"".join(pieces)
