"""Paint one track: bars merged to the pixel, the worst on top, and badges where there is room.

Time is in seconds, places in pixels. The work grows with what is in view, found by bisection, and not with the timeline.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette

from genai_tags.report.plain import plain
from genai_tags.report.shapes import Row
from genai_tags.report.strip import BAR, LANE, height_of
from genai_tags.status import BADGES, Status

_STATUSES = sorted(Status, key=lambda status: status.rank)
_HEIGHTS = [BAR * height_of(status.value) for status in _STATUSES]
_FAINT = 100
"""Added to the rank of events that do not fit the filter."""
_ROOM = 16.0
"""Pixels that a badge needs."""

Run = tuple[float, float, int]
"""Place, width, and the rank of a status (plus ``_FAINT``)."""


@dataclass(slots=True)
class Lane:
    """The events of a track in the order of their start; ``rows`` are their places on the sheet."""

    name: str
    rows: Sequence[int]
    starts: list[float]
    ends: list[float]
    ranks: list[int]
    texts: list[str]
    reach: list[float] = field(default_factory=list)
    """For each event the latest end up to it, so that what reaches into view is found by bisection."""
    _kept: tuple[object, list[Run]] | None = None

    def __post_init__(self) -> None:
        latest = float("-inf")
        for end in self.ends:
            latest = max(latest, end)
            self.reach.append(latest)

    @classmethod
    def of(cls, name: str, rows: Sequence[int], sheet_rows: Sequence[Row]) -> Lane:
        """The lane of a sheet's track."""
        mine = [sheet_rows[i] for i in rows]
        return cls(
            plain(name), rows, [row["start"] for row in mine], [row["end"] for row in mine],
            [Status(row["status"]).rank for row in mine], [plain(row["shot"] or row["clip"] or row["event"])[:80] for row in mine],
        )  # fmt: skip

    def visible(self, start: float, end: float) -> Iterator[int]:
        """The events that reach into a span, in order."""
        for i in range(bisect_left(self.reach, start), len(self.starts)):
            if self.starts[i] > end:
                return
            if self.ends[i] >= start:
                yield i

    def runs(self, start: float, end: float, scale: float, shown: Sequence[bool] | None) -> list[Run]:
        """Bars in pixels from ``start``: events narrower than a pixel become one, of the worst status among them."""
        key = (start, end, scale, id(shown))
        if self._kept is None or self._kept[0] != key:
            self._kept = key, list(self._merge(start, end, scale, shown))
        return self._kept[1]

    def forget(self) -> None:
        """Statuses or the filter changed."""
        self._kept = None

    def _merge(self, start: float, end: float, scale: float, shown: Sequence[bool] | None) -> Iterator[Run]:
        starts, ends, ranks, rows = self.starts, self.ends, self.ranks, self.rows
        pixel, worst, weight = -1, 0, -1
        for i in range(bisect_left(self.reach, start), len(starts)):
            begin = starts[i]
            if begin > end:
                break
            rank = ranks[i]
            faint = shown is not None and not shown[rows[i]]
            x = (begin - start) * scale
            wide = (ends[i] - begin) * scale
            if wide >= 1.5:
                if x + wide >= 0:
                    yield x, wide, rank + _FAINT if faint else rank
                continue
            place = int(x)
            mine = rank if faint else rank + _FAINT  # what fits the filter counts more than what does not
            if place != pixel:
                if weight >= 0:
                    yield pixel, 1.0, worst
                pixel, weight = place, -1
            if mine > weight:
                weight, worst = mine, rank + _FAINT if faint else rank
        if weight >= 0:
            yield pixel, 1.0, worst

    def hit(self, at: float, reach: float, shown: Sequence[bool] | None) -> int | None:
        """The event at a time, or the nearest within ``reach`` seconds; of several the worst, as it is drawn on top."""
        best: tuple[float, int] | None = None
        found = None
        for i in self.visible(at - reach, at + reach):
            if shown is not None and not shown[self.rows[i]]:
                continue
            away = max(0.0, self.starts[i] - at, at - self.ends[i])
            if best is None or (away, -self.ranks[i]) < best:
                best, found = (away, -self.ranks[i]), i
        return found


def paint(
    painter: QPainter,
    lane: Lane,
    area: QRectF,
    start: float,
    end: float,
    palette: QPalette,
    shown: Sequence[bool] | None = None,
) -> None:
    """Draw a lane's span into ``area``, in pixels."""
    scale = area.width() / max(end - start, 1e-9)
    foot = area.top() + LANE - 1
    bars: dict[int, list[QRectF]] = {}
    roomy = False
    for x, wide, rank in lane.runs(start, end, scale, shown):
        left, right = max(0.0, x), min(area.width(), x + wide)
        tall = _HEIGHTS[rank % _FAINT]
        bars.setdefault(rank, []).append(QRectF(area.left() + left, foot - tall, max(1.0, right - left), tall))
        roomy = roomy or (right - left >= _ROOM and rank < _FAINT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for rank in sorted(bars, key=lambda rank: (rank < _FAINT, rank)):
        colour = QColor(BADGES[_STATUSES[rank % _FAINT]].colour)
        colour.setAlphaF(0.2 if rank >= _FAINT else 1.0)
        painter.setBrush(colour)
        painter.drawRects(bars[rank])
    if roomy:
        _label(painter, lane, area, start, end, scale, palette, shown)


def _label(
    painter: QPainter,
    lane: Lane,
    area: QRectF,
    start: float,
    end: float,
    scale: float,
    palette: QPalette,
    shown: Sequence[bool] | None,
) -> None:
    """Symbol and shot above the bars, and a tick where an event begins."""
    text_colour = palette.windowText().color()
    metrics = QFontMetricsF(painter.font(), painter.device()) if painter.device() else QFontMetricsF(painter.font())
    for i, left, right in _roomy(lane, area.width(), start, end, scale, shown):
        badge = BADGES[_STATUSES[lane.ranks[i]]]
        text = badge.symbol + (f" {lane.texts[i]}" if right - left > 3 * _ROOM else "")
        painter.setPen(text_colour)
        painter.drawLine(
            int(area.left() + left), int(area.top() + 2), int(area.left() + left), int(area.top() + LANE - BAR - 2)
        )
        room = QRectF(area.left() + left + 3, area.top(), right - left - 4, LANE - BAR - 1)
        painter.drawText(
            room, int(Qt.AlignmentFlag.AlignVCenter), metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        )


def _roomy(
    lane: Lane, width: float, start: float, end: float, scale: float, shown: Sequence[bool] | None
) -> Iterable[tuple[int, float, float]]:
    free = 0.0
    for i in lane.visible(start, end):
        left, right = max(0.0, (lane.starts[i] - start) * scale), min(width, (lane.ends[i] - start) * scale)
        if right - left >= _ROOM and left >= free - 0.5 and (shown is None or shown[lane.rows[i]]):
            free = right
            yield i, left, right
