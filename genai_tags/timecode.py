"""SMPTE 12M timecode and exact frame rates. Frames are counted, never seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

DEFAULT_RATE = Fraction(24)
_NTSC = {nominal: Fraction(nominal * 1000, 1001) for nominal in (24, 30, 48, 60, 120)}
_TIMECODE = re.compile(r"(\d{1,2})([:;.,])(\d{2})([:;.,])(\d{2})([:;.,])(\d{2,3})", re.ASCII)
MAX_RATE = 1000


def parse_rate(text: str) -> Fraction:
    """``24``, ``23.976``, ``23.98``, ``29.97``, ``24000/1001`` as an exact rate in frames per second. Raises ValueError.

    Decimal NTSC rates mean the exact fraction: 23.976 is 24000/1001.
    """
    match = re.fullmatch(r"\s*(\d{1,6})(?:/(\d{1,6})|(\.\d{1,15}))?\s*", text, re.ASCII)
    if match is None:
        raise ValueError(f"{text!r} is not a frame rate such as 24, 23.976 or 24000/1001")
    if match[2]:
        if not int(match[2]):
            raise ValueError(f"{text!r} is not a frame rate")
        rate = Fraction(int(match[1]), int(match[2]))
    else:
        rate = exact_rate(Fraction(match[1] + (match[3] or "")))
    if not 0 < rate <= MAX_RATE:
        raise ValueError(f"{text!r} is not a frame rate between 0 and {MAX_RATE}")
    return rate


def exact_rate(rate: Fraction) -> Fraction:
    """The NTSC fraction that a decimal stands for (23.976, 23.98, 23.976024627685547), else the rate itself."""
    nearest = round(rate)
    if rate.denominator != 1 and nearest in _NTSC and abs(rate - _NTSC[nearest]) < Fraction(65, 10000):
        return _NTSC[nearest]
    return rate


@lru_cache(maxsize=64)
def nominal(rate: Fraction) -> int:
    """How many frames a second of timecode counts: 24 for 24000/1001."""
    return max(1, round(rate))


@lru_cache(maxsize=64)
def supports_drop_frame(rate: Fraction) -> bool:
    """Drop frame exists for 29.97, 59.94 and 119.88."""
    return rate.denominator == 1001 and nominal(rate) % 30 == 0


def rate_text(rate: Fraction) -> str:
    """``24`` or ``24000/1001``."""
    return str(rate.numerator) if rate.denominator == 1 else f"{rate.numerator}/{rate.denominator}"


@dataclass(frozen=True, slots=True)
class Timecode:
    """A timecode as it was written, taken apart."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop: bool

    @classmethod
    def parse(cls, text: str) -> Timecode:
        """``HH:MM:SS:FF``; a ``;``, ``,`` or ``.`` before the frames marks drop frame. Raises ValueError."""
        match = _TIMECODE.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a timecode (HH:MM:SS:FF)")
        hours, minutes, seconds, frames = map(int, match.group(1, 3, 5, 7))
        if minutes > 59 or seconds > 59:
            raise ValueError(f"{text!r} has more than 59 minutes or seconds")
        return cls(hours, minutes, seconds, frames, match[6] != ":")

    def to_frames(self, rate: Fraction, drop: bool | None = None) -> int:
        """Frames since 00:00:00:00. ``drop`` overrides the separator. Raises ValueError for a frame that does not exist."""
        base = nominal(rate)
        if self.frames >= base:
            raise ValueError(f"frame {self.frames} does not exist at {rate_text(rate)} frames per second")
        count = ((self.hours * 60 + self.minutes) * 60 + self.seconds) * base + self.frames
        use_drop = self.drop if drop is None else drop
        if not use_drop:
            return count
        if not supports_drop_frame(rate):
            raise ValueError(f"drop frame does not exist at {rate_text(rate)} frames per second")
        dropped = base // 15
        if self.seconds == 0 and self.frames < dropped and self.minutes % 10:
            raise ValueError(f"frame {self.frames} of a new minute is dropped in drop-frame timecode")
        minutes = self.hours * 60 + self.minutes
        return count - dropped * (minutes - minutes // 10)


def to_text(frames: int, rate: Fraction, drop: bool = False) -> str:
    """The timecode of a frame count; negative counts carry a minus sign."""
    sign, count = ("-", -frames) if frames < 0 else ("", frames)
    base = nominal(rate)
    mark = ":"
    if drop and supports_drop_frame(rate):
        mark = ";"
        dropped = base // 15
        tens, rest = divmod(count, base * 600 - dropped * 9)
        count += dropped * 9 * tens
        if rest >= base * 60:
            count += dropped * ((rest - base * 60) // (base * 60 - dropped) + 1)
    seconds, frame = divmod(count, base)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{frame:02}"
