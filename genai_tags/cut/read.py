"""Any cut by its file: which reader takes it, and at which rate."""

from __future__ import annotations

import os
from fractions import Fraction

from genai_tags.cut import aaf, fcp7, fcpx, markup
from genai_tags.cut.ale import is_ale, read_ale
from genai_tags.cut.edl import is_edl, read_edl
from genai_tags.cut.model import Cut
from genai_tags.cut.otio import read_otio, to_cut
from genai_tags.errors import InputError
from genai_tags.lines import MAX_BYTES
from genai_tags.timecode import DEFAULT_RATE

FORMATS = (".edl", ".otio", ".otioz", ".xml", ".fcpxml", ".fcpxmld", ".aaf", ".ale")


BUNDLES = (".fcpxmld", ".fcpxml")
"""Cuts that may be a folder: Resolve writes FCPXML 1.10 so."""


def read_cut(path: str, rate: Fraction | None = None, show_rate: Fraction | None = None) -> Cut:
    """Read a cut. ``rate`` is the caller's word, ``show_rate`` the show's; an EDL carries none. Raises InputError."""
    path = path.rstrip("/\\") or path  # a shell completes the name of a bundle so
    extension = os.path.splitext(path)[1].lower()
    if extension in (".otio", ".otioz"):
        return read_otio(path, rate, show_rate)
    if extension in (".fcpxml", ".fcpxmld"):
        return _of_markup(markup.load(path, "Info.fcpxml"), path, rate, show_rate)
    if extension == ".aaf":
        return to_cut(aaf.document(path), path, rate, show_rate, kind="aaf")
    data = _bytes(path)
    head = data[:65536].decode("latin-1").replace("\0", "")
    if extension == ".ale" or is_ale(head):
        return read_ale(data, path, show_rate or DEFAULT_RATE, show_rate is None, rate)
    if extension == ".xml":
        return _of_markup(markup.parse(data, path), path, rate, show_rate)
    if extension == ".edl" or is_edl(head):
        known = rate or show_rate
        return read_edl(data, path, known or DEFAULT_RATE, rate_assumed=known is None)
    raise InputError(path, f"is not a cut that can be read; {', '.join(FORMATS)} can")


def _of_markup(root: markup.Node, path: str, rate: Fraction | None, show_rate: Fraction | None) -> Cut:
    """Final Cut Pro's XML, the old one or the new, by its root element."""
    if root.tag == "xmeml":
        document, unread = fcp7.document(root, path)
        return to_cut(document, path, rate, show_rate, kind="fcp7xml", unread=unread)
    if root.tag == "fcpxml":
        document, unread = fcpx.document(root, path)
        return to_cut(document, path, rate, show_rate, kind="fcpxml", unread=unread)
    raise InputError(path, f"is XML with a <{root.tag[:40]}>, and neither Final Cut Pro 7 XML (xmeml) nor FCPXML")


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
