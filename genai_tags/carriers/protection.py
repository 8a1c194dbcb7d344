"""Files that must not be edited: bound by a C2PA credential, or sealed by an ASC MHL generation."""

from __future__ import annotations

import glob
import os
from functools import lru_cache
from xml.sax.saxutils import escape


def protection(path: str) -> str | None:
    """Why the file may not be edited, in words; None where it may."""
    stem = os.path.splitext(path)[0]
    for credential in (f"{path}.c2pa", f"{stem}.c2pa"):
        if os.path.exists(credential):
            return f"a C2PA credential binds it ({os.path.basename(credential)})"
    return _sealed(os.path.abspath(path))


def _sealed(path: str) -> str | None:
    folder = os.path.dirname(path)
    while True:
        history = os.path.join(folder, "ascmhl")
        if os.path.isdir(history):
            inside = os.path.relpath(path, folder).replace(os.sep, "/")
            for manifest in sorted(glob.glob(os.path.join(glob.escape(history), "*.mhl"))):
                if f">{escape(inside)}<" in _manifest(manifest, os.stat(manifest).st_mtime_ns):
                    return f"an ASC MHL generation seals it ({os.path.basename(manifest)})"
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


@lru_cache(maxsize=32)
def _manifest(path: str, mtime_ns: int) -> str:
    """The text of a manifest; paths in it are the content of ``<path>`` elements, relative to the sealed folder."""
    with open(path, encoding="utf-8", errors="replace") as stream:
        return stream.read()
