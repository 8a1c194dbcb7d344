"""The timeline as a strip: one item for each track, a ruler, a choice that arrow keys and the mouse move.

``chosen`` tells the place of an event on the sheet; ``asked`` that Enter or a double click asked for it.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsView, QStyleOptionGraphicsItem, QToolTip, QWidget

from genai_tags.report.plain import plain
from genai_tags.report.shapes import Row, Sheet
from genai_tags.report.strip import LANE, clock
from genai_tags.status import BADGES, Status
from genai_tags.ui.lanes import Lane, paint
from genai_tags.ui.theme import frame_focus

RULER = 16
"""The ruler's height in pixels."""
NAMES = 56
"""The width of the tracks' names."""
_CLOSEST = 0.25
"""The shortest span to look at, in seconds."""
_SHORTEST = 1.0
"""A cut of no length is shown as one of a second."""
_FURTHEST = 500_000_000
"""Pixels that a whole cut may measure: Qt counts scroll bars in 32 bits."""


class TrackItem(QGraphicsItem):
    """A track. Its scene is in seconds from the cut's start, by pixels; it paints in pixels what the view exposes."""

    def __init__(self, lane: Lane, top: float, strip: TimelineStrip) -> None:
        super().__init__()
        self.lane, self.strip = lane, strip
        self.box = QRectF(0, top, strip.whole[1] - strip.whole[0], LANE)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:
        """In seconds by pixels."""
        return self.box

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw what is exposed, in pixels."""
        to_pixels = painter.worldTransform()
        exposed = option.exposedRect.intersected(self.box)
        area = to_pixels.mapRect(QRectF(exposed.left(), self.box.top(), exposed.width(), LANE))
        painter.save()
        painter.setWorldTransform(QTransform())
        start = self.strip.whole[0]
        paint(painter, self.lane, area, start + exposed.left(), start + exposed.right(), self.strip.palette(), self.strip.shown)
        painter.restore()


class TimelineStrip(QGraphicsView):
    """A cut's events by track and time."""

    chosen = Signal(int)
    asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self.lanes: list[Lane] = []
        self.rows: Sequence[Row] = ()
        self.shown: Sequence[bool] | None = None
        self.current: int | None = None
        self.span = self.whole = (0.0, 1.0)
        self._order: list[int] = []
        self._place: dict[int, tuple[int, int]] = {}
        self._timecode: Callable[[float], str] = lambda seconds: f"{seconds:.0f} s"
        self.setViewportMargins(NAMES, RULER, 0, 0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline: arrow keys go from event to event, plus and minus zoom, Enter shows the reasons")
        small = QFont(self.font())
        small.setPointSizeF(max(6.0, small.pointSizeF() * 0.8))
        self.setFont(small)

    # ------------------------------------------------------------ what it shows

    def show_cut(self, sheet: Sheet, cut: int) -> None:
        """Show one cut of a sheet, all of it."""
        item = sheet["cuts"][cut]
        self.rows = sheet["rows"]
        self.lanes = [Lane.of(lane["name"], lane["rows"], self.rows) for lane in item["lanes"]]
        self._place = {row: (i, j) for i, lane in enumerate(self.lanes) for j, row in enumerate(lane.rows)}
        self._order = sorted(self._place, key=lambda row: (self.rows[row]["start"], self._place[row][0]))
        before, whole = (self.whole, self.span), (item["start"], max(item["end"], item["start"] + _SHORTEST))
        self.whole = whole
        self._timecode = clock(item["rate"], item["origin"])
        self.shown, self.current = None, None
        scene = self.scene()
        scene.clear()
        for i, lane in enumerate(self.lanes):
            scene.addItem(TrackItem(lane, i * LANE, self))
        scene.setSceneRect(QRectF(0, 0, self.whole[1] - self.whole[0], max(1, len(self.lanes)) * LANE))
        self.look(*(before[1] if before[0] == whole else whole))  # a refresh leaves the eye where it was

    def filter(self, shown: Sequence[bool] | None) -> None:
        """Draw events that do not fit faintly; ``shown`` is by place on the sheet, None shows all."""
        self.shown = shown
        for lane in self.lanes:
            lane.forget()
        self.viewport().update()

    def choose(self, row: int | None) -> None:
        """Mark an event and bring it into view; its signal is not sent."""
        if row is not None and row not in self._place:
            row = None
        self.current = row
        if row is not None:
            start, end = self.rows[row]["start"], self.rows[row]["end"]
            if start < self.span[0] or start > self.span[1]:
                wide = self.span[1] - self.span[0]
                self.look((start + end) / 2 - wide / 2, (start + end) / 2 + wide / 2)
            self.ensureVisible(QRectF(start - self.whole[0], self._place[row][0] * LANE, 0.001, LANE), 0, 0)
            self._hold()
        self.setAccessibleDescription(self.describe(row) if row is not None else "")
        self.viewport().update()

    def height_of(self, tracks: int) -> int:
        """How high the widget is that shows so many tracks."""
        return RULER + tracks * LANE + 2 * self.frameWidth() + 2

    def describe(self, row: int) -> str:
        """An event in words."""
        found = self.rows[row]
        name = plain(found["shot"] or found["clip"] or "no name")[:120]
        badge = BADGES[Status(found["status"])]
        return f"{plain(found['event'])} {plain(found['record_in'])} {name}: {badge.text}, {found['verdict']}"

    # ------------------------------------------------------------ where it looks

    def look(self, start: float, end: float) -> None:
        """Look at a span, held within the cut."""
        all_of_it = self.whole[1] - self.whole[0]
        closest = max(_CLOSEST, all_of_it * self.viewport().width() / _FURTHEST)
        wide = min(all_of_it, max(min(closest, all_of_it), end - start))
        begin = min(max(self.whole[0], start), self.whole[1] - wide)
        self.span = begin, begin + wide
        self._hold()
        self.update()  # the ruler
        self.viewport().update()

    def zoom(self, factor: float, middle: float | None = None) -> None:
        """Look closer (below 1) or wider, around a time; else around the chosen event."""
        start, end = self.span
        if middle is None:
            middle = self.rows[self.current]["start"] if self.current is not None else (start + end) / 2
            middle = min(max(middle, start), end)
        self.look(middle - (middle - start) * factor, middle + (end - middle) * factor)

    def _hold(self) -> None:
        width = max(1, self.viewport().width())
        scale = width / (self.span[1] - self.span[0])
        self.setTransform(QTransform.fromScale(scale, 1))
        bar = self.horizontalScrollBar()
        bar.setValue(round((self.span[0] - self.whole[0]) * scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the span."""
        super().resizeEvent(event)
        self._hold()

    def seconds(self, x: float) -> float:
        """The time under a pixel of the viewport."""
        return self.whole[0] + self.mapToScene(QPoint(round(x), 0)).x()

    def pixel(self, seconds: float) -> int:
        """Where a time lies in the viewport."""
        return self.mapFromScene(QPointF(seconds - self.whole[0], 0)).x()

    def at(self, position: QPoint) -> int | None:
        """The event under a point of the viewport."""
        place = self.mapToScene(position)
        track = int(place.y() // LANE)
        if not 0 <= track < len(self.lanes):
            return None
        near = 4 * (self.span[1] - self.span[0]) / max(1, self.viewport().width())
        found = self.lanes[track].hit(self.whole[0] + place.x(), near, self.shown)
        return self.lanes[track].rows[found] if found is not None else None

    # ------------------------------------------------------------ hands

    def step(self, by: int, wanted: Callable[[int], bool] = lambda row: True) -> None:
        """Choose the next (1) or previous (-1) event that fits the filter."""
        places = {row: n for n, row in enumerate(self._order)} if self.current is not None else {}
        n = places[self.current] + by if self.current in places else (0 if by > 0 else len(self._order) - 1)
        while 0 <= n < len(self._order):
            row = self._order[n]
            if (self.shown is None or self.shown[row]) and wanted(row):
                self._choose(row)
                return
            n += by

    def _choose(self, row: int) -> None:
        self.choose(row)
        self.chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End, plus, minus, 0, Enter."""
        key = event.key()
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self.step(1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self.step(-1)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.current = None
            self.step(1 if key == Qt.Key.Key_Home else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(0.5)
        elif key == Qt.Key.Key_Minus:
            self.zoom(2)
        elif key == Qt.Key.Key_0:
            self.look(*self.whole)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.asked.emit(self.current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked."""
        row = self.at(event.position().toPoint())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for what was clicked."""
        row = self.at(event.position().toPoint())
        if row is not None:
            self.asked.emit(row)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn to move along, with Control to zoom; up and down where tracks do not fit."""
        turn = event.angleDelta()
        amount = turn.x() or turn.y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(0.8 if amount > 0 else 1.25, self.seconds(event.position().x()))
        elif turn.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not self.verticalScrollBar().maximum():
            part = (self.span[1] - self.span[0]) * (-0.1 if amount > 0 else 0.1)
            self.look(self.span[0] + part, self.span[1] + part)
        else:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + (-LANE if amount > 0 else LANE))

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what lies under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.at(event.pos())
            QToolTip.showText(event.globalPos(), f"<p>{html.escape(self.describe(row))}</p>" if row is not None else "", self)
            return True
        return super().viewportEvent(event)

    # ------------------------------------------------------------ drawing

    def drawForeground(self, painter: QPainter, rect: QRectF | object) -> None:
        """The mark around the chosen event."""
        if self.current is None:
            return
        row = self.rows[self.current]
        track, _ = self._place[self.current]
        painter.save()
        box = painter.worldTransform().mapRect(
            QRectF(row["start"] - self.whole[0], track * LANE, row["end"] - row["start"], LANE)
        )
        painter.setWorldTransform(QTransform())
        painter.setPen(QPen(self.palette().windowText().color(), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(-2, 1, 2, -1))
        painter.restore()

    def event(self, event: QEvent) -> bool:
        """Paint names and ruler in the margins, which belong to the frame and not to the viewport."""
        done = super().event(event)
        if event.type() == QEvent.Type.Paint:
            self._margins()
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return done

    def _margins(self) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        origin = self.viewport().geometry().topLeft()
        scrolled = self.verticalScrollBar().value()
        painter.save()
        painter.setClipRect(0, origin.y(), origin.x(), self.viewport().height())
        for i, lane in enumerate(self.lanes):
            box = QRectF(0, origin.y() + i * LANE - scrolled, NAMES - 6, LANE)
            name = painter.fontMetrics().elidedText(lane.name, Qt.TextElideMode.ElideRight, NAMES - 6)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), name)
        painter.restore()
        if self.hasFocus():
            frame_focus(painter, self)
        if not self.rows:
            return
        width, wide = self.viewport().width(), painter.fontMetrics().horizontalAdvance("00:00:00:00") + 12
        for n in range(max(1, width // wide)):
            x = origin.x() + n * wide
            when = self.span[0] + (self.span[1] - self.span[0]) * (n * wide) / max(1, width)
            painter.drawLine(x, origin.y() - 4, x, origin.y())
            painter.drawText(QRectF(x + 2, 0, wide, RULER - 2), int(Qt.AlignmentFlag.AlignVCenter), self._timecode(when))
