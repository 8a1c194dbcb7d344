"""The filter bar: text, verdict, status, tool and rule; what fits is told as one flag for each event."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from genai_tags.report.plain import plain
from genai_tags.report.shapes import CARE, MAY, MAY_NOT, OUTSIDE, Row, Sheet
from genai_tags.report.sheet import counted
from genai_tags.status import BADGES, Status

_PAUSE = 120


class FilterBar(QWidget):
    """Which events of a sheet are looked at."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: list[str] = []
        self._rows: list[Row] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.text = QLineEdit(self)
        self.text.setPlaceholderText("Shot, clip, tag or reason")
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName("Filter by shot, clip, tag or reason")
        self.text.textChanged.connect(self._timer.start)
        row.addWidget(self.text, 2)
        self.boxes: dict[str, QComboBox] = {}
        for name in ("verdict", "status", "tool", "rule"):
            box = QComboBox(self)
            box.setAccessibleName(f"Filter by {name}")
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(14)
            box.activated.connect(self.changed)
            self.boxes[name] = box
            row.addWidget(box, 1)
        self.all = QPushButton("All", self)
        self.all.setToolTip("Show all events")
        self.all.clicked.connect(self.clear)
        self.count = QLabel(self)
        row.addWidget(self.all)
        row.addWidget(self.count)

    def fill(self, sheet: Sheet) -> None:
        """Offer what is in a sheet; what was chosen stays chosen."""
        self._rows = sheet["rows"]
        self._texts = [_text(each) for each in self._rows]
        self._offer(
            "verdict",
            [(word, word, n) for word, n in counted([each["verdict"]] for each in self._rows)],
            (MAY_NOT, CARE, MAY, OUTSIDE),
        )
        statuses = [(status, BADGES[Status(status)].text, n) for status, n in sheet["totals"]["statuses"].items()]
        self._offer("status", statuses)
        self._offer("tool", [(word, word, n) for word, n in counted(each["tools"] for each in self._rows)])
        self._offer("rule", [(word, word, n) for word, n in counted(each["rules"] for each in self._rows)])

    def _offer(self, name: str, found: list[tuple[str, str, int]], order: tuple[str, ...] = ()) -> None:
        box = self.boxes[name]
        kept = box.currentData()
        box.clear()
        box.addItem(f"Any {name}", None)
        for value, words, count in sorted(found, key=lambda each: order.index(each[0])) if order else found:
            box.addItem(f"{plain(words)[:80]} ({count})", value)
        box.setCurrentIndex(max(0, box.findData(kept)))

    def clear(self) -> None:
        """Show all."""
        self.text.clear()
        self._timer.stop()
        for box in self.boxes.values():
            box.setCurrentIndex(0)
        self.changed.emit()

    def flags(self) -> list[bool] | None:
        """Whether each event fits; None where nothing is filtered."""
        words = self.text.text().lower().split()
        verdict, status, tool, rule = (self.boxes[name].currentData() for name in ("verdict", "status", "tool", "rule"))
        if not (words or verdict or status or tool or rule):
            return None
        return [
            (not verdict or row["verdict"] == verdict)
            and (not status or row["status"] == status)
            and (not tool or tool in row["tools"])
            and (not rule or rule in row["rules"])
            and all(word in text for word in words)
            for row, text in zip(self._rows, self._texts, strict=True)
        ]

    def say(self, shown: int, total: int) -> None:
        """How many events are shown."""
        self.count.setText(f"{shown} of {total}")


def _text(row: Row) -> str:
    words = [
        row["event"],
        row["shot"],
        row["clip"],
        row["file"],
        row["reel"],
        row["version"],
        row["ai"],
        row["record_in"],
        *row["tags"],
        *row["tools"],
    ]
    words += [f"{note['code']} {note['message']}" for note in row["notes"]]
    return " ".join(word for word in words if word).lower()
