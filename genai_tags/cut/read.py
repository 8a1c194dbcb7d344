"""Any cut by its file: which reader takes it, and at which rate."""

from __future__ import annotations

import os
from fractions import Fraction

from genai_tags.cut.edl import is_edl, read_edl
from genai_tags.cut.model import Cut
from genai_tags.cut.otio import read_otio
from genai_tags.errors import InputError
from genai_tags.lines import MAX_BYTES
from genai_tags.timecode import DEFAULT_RATE

FORMATS = (".edl", ".otio", ".otioz")


def read_cut(path: str, rate: Fraction | None = None, show_rate: Fraction | None = None) -> Cut:
    """Read a cut. ``rate`` is the caller's word, ``show_rate`` the show's; an EDL carries none. Raises InputError."""
    extension = os.path.splitext(path)[1].lower()
    if extension in (".otio", ".otioz"):
        return read_otio(path, rate, show_rate)
    data = _bytes(path)
    if extension == ".edl" or is_edl(data[:65536].decode("latin-1").replace("\0", "")):
        known = rate or show_rate
        return read_edl(data, path, known or DEFAULT_RATE, rate_assumed=known is None)
    raise InputError(path, f"is not a cut that can be read; {', '.join(FORMATS)} can")


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
