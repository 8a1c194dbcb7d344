"""The strip's geometry, the same on a page, on paper and in a window: colour says the status, height how bad it is.

A bar is as high as its status is bad, so that the strip can be read without telling colours apart.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from genai_tags.report.shapes import CutItem
from genai_tags.status import BADGES, Status
from genai_tags.timecode import Timecode, parse_rate, to_text

LANE, BAR = 28, 12
"""The heights of a track's lane and of its tallest bar, in pixels; badges stand above the bars."""
_FOOT = LANE - 1
_HEIGHTS = {"#8a8a8a": 0.3, "#2e9e5b": 0.5, "#3d85c6": 0.65, "#d98e04": 0.85, "#d64545": 1.0}


def height_of(status: str) -> float:
    """The height of a status's bar, of 1: grey, green, blue, amber, red from low to high."""
    return _HEIGHTS[BADGES[Status(status)].colour]


def bar(status: str, start: float, end: float, origin: float) -> str:
    """An SVG path of one bar, in seconds from ``origin`` by pixels of a lane."""
    return f"M{start - origin:.3f} {_FOOT}v{-BAR * height_of(status):.1f}h{end - start:.3f}V{_FOOT}z"


def span_of(cut: CutItem) -> tuple[float, float]:
    """From where to where a cut's strip goes, in seconds; never of no length."""
    return cut["start"], max(cut["end"], cut["start"] + 0.001)


def lines_of(cut: CutItem, most: int) -> list[tuple[float, float]]:
    """A cut's strip in lines of equal length, for paper: about ``most`` events of the busiest track on each."""
    busiest = max((len(lane["rows"]) for lane in cut["lanes"]), default=0)
    count = max(1, -(-busiest // most))
    start, end = span_of(cut)
    step = (end - start) / count
    return [(start + i * step, start + (i + 1) * step) for i in range(count)]


def clock(rate: str, origin: str) -> Callable[[float], str]:
    """Seconds on a strip as record timecode, drop frame where its first one is; as a frame count where a cut has none."""
    frames = parse_rate(rate)
    try:
        drop = Timecode.parse(origin).drop
    except ValueError:
        return lambda seconds: str(round(Fraction(seconds) * frames))
    return lambda seconds: to_text(max(0, round(Fraction(seconds) * frames)), frames, drop)
