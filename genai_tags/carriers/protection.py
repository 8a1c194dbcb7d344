"""Files that must not be edited: bound by a C2PA credential, or sealed by an ASC MHL generation."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from xml.sax.saxutils import unescape

_PATH = re.compile(r"<path\b[^>]*>(.*?)</path\s*>", re.DOTALL)


def protection(path: str) -> str | None:
    """Why the file may not be edited, in words; None where it may. A link is looked at as itself and as its target."""
    for name in dict.fromkeys((os.path.abspath(path), os.path.realpath(path))):
        stem = os.path.splitext(name)[0]
        for credential in (f"{name}.c2pa", f"{stem}.c2pa"):
            if os.path.exists(credential):
                return f"a C2PA credential binds it ({os.path.basename(credential)})"
        sealed = _sealed(name)
        if sealed:
            return sealed
    return None


def _sealed(path: str) -> str | None:
    folder = os.path.dirname(path)
    while True:
        history = os.path.join(folder, "ascmhl")
        if os.path.isdir(history):
            inside = os.path.relpath(path, folder).replace(os.sep, "/")
            found = _sealed_in(history, inside)
            if found:
                return found
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _sealed_in(history: str, inside: str) -> str | None:
    try:
        for name in sorted(os.listdir(history)):
            if not name.endswith(".mhl"):
                continue
            manifest = os.path.join(history, name)
            if inside in _paths(manifest, os.stat(manifest).st_mtime_ns):
                return f"an ASC MHL generation seals it ({name})"
    except OSError as error:
        return f"an ASC MHL history lies above it that cannot be read ({error.strerror})"
    return None


@lru_cache(maxsize=32)
def _paths(manifest: str, mtime_ns: int) -> frozenset[str]:
    """The paths that a manifest lists, relative to the sealed folder. ``mtime_ns`` is for the cache."""
    with open(manifest, encoding="utf-8", errors="replace") as stream:
        return frozenset(" ".join(unescape(each).split()) for each in _PATH.findall(stream.read()))
