"""What single OTIO objects say: schema, times, media. Each is hostile until looked at; what cannot be read is None."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import unquote, urlsplit

from genai_tags.cut.model import MediaReference
from genai_tags.timecode import exact_rate

NOTE = "genai_tags_cut"
"""The metadata in which readers of other formats leave an item's line and whether timecodes drop frames."""
_OLD_NAMES = {"Sequence": "Track", "Filler": "Gap", "SerializeableCollection": "SerializableCollection"}
"""What early OTIO called them; the library still reads these."""


def schema_of(node: Any) -> str:
    """``Clip`` for ``Clip.2``, by its present name; empty for what is no OTIO object."""
    name = node.get("OTIO_SCHEMA") if isinstance(node, Mapping) else None
    kind = name.partition(".")[0] if isinstance(name, str) else ""
    return _OLD_NAMES.get(kind, kind)


def list_of(node: Mapping[str, Any], key: str) -> list[Any]:
    """A list under a key; an empty one for anything else."""
    value = node.get(key)
    return value if isinstance(value, list) else []


def time_of(node: Any) -> tuple[Fraction, Fraction] | None:
    """A RationalTime as seconds and exact rate."""
    if not isinstance(node, Mapping):
        return None
    value, rate = node.get("value"), node.get("rate")
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not isinstance(rate, (int, float))
        or not 1e-3 < rate < 1e6
    ):
        return None
    if abs(value) > 1e12:
        return None
    exact = exact_rate(Fraction(rate).limit_denominator(1_000_000))
    return Fraction(value) / exact, exact


def range_of(node: Any) -> tuple[Fraction, Fraction, Fraction] | None:
    """A TimeRange as start and duration in seconds, and the rate of its start."""
    if not isinstance(node, Mapping):
        return None
    start, duration = time_of(node.get("start_time")), time_of(node.get("duration"))
    if start is None or duration is None or duration[0] < 0:
        return None
    return start[0], duration[0], start[1]


def nearest(exact: Fraction) -> int:
    """The nearest whole number; halves go away from zero."""
    return int(exact + Fraction(1, 2)) if exact >= 0 else -int(-exact + Fraction(1, 2))


def reel_of(clip: Mapping[str, Any], reference: Mapping[str, Any]) -> str | None:
    """The reel that an EDL adapter left in the metadata."""
    for owner in (clip, reference):
        metadata = owner.get("metadata")
        cmx = metadata.get("cmx_3600") if isinstance(metadata, Mapping) else None
        reel = cmx.get("reel") if isinstance(cmx, Mapping) else None
        if isinstance(reel, str) and reel:
            return reel
    return None


def note_of(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reader of another format left for us in an object that it made; a file's own cannot be told from it, and does no harm."""
    metadata = node.get("metadata")
    found = metadata.get(NOTE) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def media_of(reference: Mapping[str, Any]) -> MediaReference | None:
    """Where a media reference points, and what relates its frames to source time."""
    kind = schema_of(reference)
    available = range_of(reference.get("available_range"))
    start = nearest(available[0] * available[2]) if available else None
    rate = available[2] if available else None
    if kind == "ImageSequenceReference":
        base = url_to_path(str(reference.get("target_url_base") or ""))
        padding, first = reference.get("frame_zero_padding"), reference.get("start_frame")
        width = padding if isinstance(padding, int) and 0 < padding < 20 else 1
        name = f"{reference.get('name_prefix') or ''}%0{width}d{reference.get('name_suffix') or ''}"
        path = f"{base.rstrip('/')}/{name}" if base else name
        return MediaReference(path=path, start=start, rate=rate, first_frame=first if isinstance(first, int) else None)
    url = reference.get("target_url")
    if kind == "ExternalReference" and isinstance(url, str) and url:
        return MediaReference(path=url_to_path(url), start=start, rate=rate)
    return None


_PADDED = re.compile(r"%(0\dd)(?=[^/]*$)")
"""``%04d`` in a file's name is a frame number, and no escaped control character."""


def url_to_path(url: str) -> str:
    """A ``file:`` URL or a bare path as a path. ``#`` and ``?`` are letters of a file name here, and drives are kept."""
    if not re.match(r"file:", url, re.IGNORECASE):
        return url
    try:
        parts = urlsplit(url.replace("#", "%23").replace("?", "%3F"))
    except ValueError:  # no URL after all: a path that begins with "file:"
        return url
    path = unquote(_PADDED.sub(r"%25\1", parts.path))
    if re.match(r"/[A-Za-z]:", path):
        path = path[1:]
    return f"//{parts.netloc}{path}" if parts.netloc not in ("", "localhost") else path
