"""Retimes given as points: at which moment of what is shown which moment of the media is seen."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of shown time and media time, in ascending shown time; straight between them and beyond the first and last."""

    points: tuple[tuple[Fraction, Fraction], ...]

    @classmethod
    def of(cls, points: Sequence[tuple[Fraction, Fraction]]) -> Curve | None:
        """A curve of at least two different moments; None for less."""
        found = tuple(sorted(dict(points).items()))
        return cls(found) if len(found) > 1 else None

    def at(self, shown: Fraction) -> Fraction:
        """The media's moment."""
        place = min(max(bisect.bisect_right(self.points, shown, key=lambda point: point[0]), 1), len(self.points) - 1)
        (x0, y0), (x1, y1) = self.points[place - 1], self.points[place]
        return y0 + (shown - x0) * (y1 - y0) / (x1 - x0)

    def seen(self, first: Fraction, last: Fraction) -> tuple[Fraction, Fraction]:
        """The earliest moment of the media that is seen between two shown moments, and its speed (negative in reverse), such that nothing
        that is seen is left out: exact for one speed, the whole stretch for several."""
        begin, end = self.at(first), self.at(last)
        if last <= first:
            return begin, Fraction(1)
        values = [begin, end, *(y for x, y in self.points if first < x < last)]
        low, high = min(values), max(values)
        speed = (high - low) / (last - first)
        return low, -speed if (begin, end) == (high, low) and low < high else speed
