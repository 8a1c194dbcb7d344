"""Lists of events and of tags: as many rows as there are, only what is in view is drawn."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from genai_tags.report.plain import plain
from genai_tags.report.shapes import Row, UseItem
from genai_tags.status import BADGES, Status
from genai_tags.ui.theme import badge_colour

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
Column = tuple[str, Callable[[T], object]]
_LONGEST = 300


def cell(value: object) -> str:
    """A value as a cell: harmless, on one line, not too long to draw."""
    return plain("" if value is None else value)[:_LONGEST]


def badge_text(status: str) -> str:
    """Symbol and word."""
    badge = BADGES[Status(status)]
    return f"{badge.symbol} {badge.text}"


class RowsModel(QAbstractTableModel, Generic[T]):
    """Items as rows. ``places`` are those that are shown, by place among all."""

    def __init__(self, columns: Sequence[Column[T]], status: Callable[[T], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns, self.status = columns, status
        self.items: Sequence[T] = ()
        self.places: list[int] = []
        self._icons: dict[str, QIcon] = {}

    def fill(self, items: Sequence[T], places: list[int] | None = None) -> None:
        """Show these items, or those of them at ``places``."""
        self.beginResetModel()
        self.items = items
        self.places = list(range(len(items))) if places is None else places
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """How many are shown."""
        return 0 if parent.isValid() else len(self.places)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A column's name."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.columns[section][0]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, the whole row for a screen reader, and the badge's colour as a square."""
        item = self.items[self.places[index.row()]]
        name, value = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell(value(item))
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<p>{html.escape(cell(value(item)))}</p>"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{name}: {cell(value(item))}"
        if role == Qt.ItemDataRole.DecorationRole and name == "Status":
            return self._icon(self.status(item))
        return None

    def _icon(self, status: str) -> QIcon:
        if status not in self._icons:
            picture = QPixmap(24, 24)
            picture.fill(QColor(0, 0, 0, 0))
            painter = QPainter(picture)
            painter.fillRect(4, 4, 16, 16, badge_colour(Status(status)))
            painter.end()
            self._icons[status] = QIcon(picture)
        return self._icons[status]


class RowsView(QTableView, Generic[T]):
    """A list whose choice tells the place of an item among all; Enter asks for it."""

    chosen = Signal(int)
    asked = Signal(int)

    def __init__(
        self, columns: Sequence[Column[T]], status: Callable[[T], str], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows: RowsModel[T] = RowsModel(columns, status, self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.5))
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.selectionModel().currentRowChanged.connect(self._changed)
        self._quiet = False

    def fill(self, items: Sequence[T], places: list[int] | None = None) -> None:
        """Show items; the choice stays where its item is still shown."""
        kept = self.current()
        self.rows.fill(items, places)
        self.choose(kept)

    def current(self) -> int | None:
        """The place of the chosen item among all."""
        index = self.currentIndex()
        return self.rows.places[index.row()] if index.isValid() and index.row() < len(self.rows.places) else None

    def choose(self, place: int | None) -> None:
        """Choose an item; its signal is not sent."""
        row = self.rows.places.index(place) if place is not None and place in self.rows.places else -1
        self._quiet = True
        if row >= 0:
            index = self.rows.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, flags)
            self.scrollTo(index)
        else:
            self.clearSelection()
            self.selectionModel().clearCurrentIndex()
        self._quiet = False

    def _changed(self, index: QModelIndex) -> None:
        if index.isValid() and not self._quiet:
            self.chosen.emit(self.rows.places[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks for the chosen item."""
        place = self.current()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and place is not None:
            self.asked.emit(place)
        else:
            super().keyPressEvent(event)

    def widths(self, letters: Sequence[int]) -> None:
        """Column widths in letters; the last column takes what is left."""
        for i, count in enumerate(letters):
            self.setColumnWidth(i, self.fontMetrics().averageCharWidth() * count)


EVENT_COLUMNS: tuple[Column[Row], ...] = (
    ("Event", lambda row: row["event"]),
    ("Record in", lambda row: row["record_in"]),
    ("Track", lambda row: row["track"]),
    ("Status", lambda row: badge_text(row["status"])),
    ("Verdict", lambda row: row["verdict"]),
    ("Shot", lambda row: row["shot"] or row["clip"]),
    ("Version", lambda row: row["version"]),
    ("Reason", lambda row: "; ".join(f"{note['code']}: {note['message']}" for note in row["notes"]) or row["ai"]),
)
TAG_COLUMNS: tuple[Column[UseItem], ...] = (
    ("Status", lambda use: badge_text(use["status"])),
    ("Shot", lambda use: use["shot"]),
    ("Tag", lambda use: use["tag"]),
    ("Made with", lambda use: ", ".join(use["tools"])),
    ("Basis", lambda use: use["basis"]),
    ("Still needed", lambda use: ", ".join(each.replace("_", " ") for each in use["unmet"])),
)


class EventList(RowsView[Row]):
    """The events of a sheet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(EVENT_COLUMNS, lambda row: row["status"], "Events", parent)
        self.widths((10, 14, 8, 26, 18, 22, 10))


class TagList(RowsView[UseItem]):
    """Tags in their uses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(TAG_COLUMNS, lambda use: use["status"], "Tags", parent)
        self.widths((28, 24, 16, 24, 11))
