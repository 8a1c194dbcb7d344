"""Editors for facts: one for each kind of fact that the model knows, made from its dataclasses, so that none is forgotten.

What nobody stated stays unknown: a choice begins with "not stated", an answer with "unsure", a list with "not stated".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from genai_tags.codec import parse_date
from genai_tags.model import FrameSet
from genai_tags.questions import NOT_STATED
from genai_tags.vocabulary import Answer


class Editor(QWidget):
    """Edits one fact. ``value`` is what it holds; ``problems`` are what cannot be understood, by path."""

    changed = Signal()

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path

    def value(self) -> Any:
        """What is stated."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show what is stated; no signal is sent."""
        raise NotImplementedError

    def problems(self) -> list[str]:
        """What cannot be understood."""
        return []

    def within(self) -> Iterator[Editor]:
        """Itself and every editor in it."""
        yield self

    def _row(self, *widgets: QWidget) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            layout.addWidget(widget)
        self.setFocusProxy(widgets[0])


class AnswerEditor(Editor):
    """Yes, no or unsure; Y, N and U choose as well."""

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(path, parent)
        self.buttons = {answer: QRadioButton(str(answer), self) for answer in Answer}
        self._row(*self.buttons.values())
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addStretch(1)
        for button in self.buttons.values():
            button.installEventFilter(self)
            button.toggled.connect(lambda on: self.changed.emit() if on else None)
        self.set_value(Answer.UNSURE)

    def value(self) -> Answer:
        """The answer."""
        return next(answer for answer, button in self.buttons.items() if button.isChecked())

    def set_value(self, value: Any) -> None:
        """Check a button; Tab then leads to it."""
        for answer, button in self.buttons.items():
            button.blockSignals(True)
            button.setChecked(answer is value)
            button.blockSignals(False)
        self.setFocusProxy(self.buttons[value])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Y, N and U."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            keys = {Qt.Key.Key_Y: Answer.YES, Qt.Key.Key_N: Answer.NO, Qt.Key.Key_U: Answer.UNSURE}
            chosen = keys.get(Qt.Key(event.key()))
            if chosen is not None:
                self.buttons[chosen].setChecked(True)
                self.buttons[chosen].setFocus()
                return True
        return super().eventFilter(watched, event)


class Combo(QComboBox):
    """A choice that the wheel does not change while a form is scrolled."""

    def wheelEvent(self, event: Any) -> None:
        """Let the form scroll."""
        event.ignore()


class WordEditor(Editor):
    """One word of a vocabulary, or of a pack's own words; or not stated."""

    def __init__(self, words: Iterable[Any], path: str, parent: QWidget | None = None) -> None:
        super().__init__(path, parent)
        self.words: list[Any] = [None, *words]  # Qt would hand an enumeration back as plain text
        self.box = Combo(self)
        self.box.addItems([NOT_STATED, *(str(word).replace("_", " ") for word in self.words[1:])])
        self._row(self.box)
        self.box.currentIndexChanged.connect(self.changed)

    def value(self) -> Any:
        """The word; None where it is not stated."""
        return self.words[max(0, self.box.currentIndex())]

    def set_value(self, value: Any) -> None:
        """Choose a word."""
        self.box.blockSignals(True)
        self.box.setCurrentIndex(self.words.index(value) if value in self.words else 0)
        self.box.blockSignals(False)


class WordsEditor(Editor):
    """Any number of words, none, or not stated."""

    def __init__(self, kind: type[Enum], path: str, parent: QWidget | None = None) -> None:
        super().__init__(path, parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.none = QCheckBox("none, stated", self)
        self.boxes = {word: QCheckBox(str(word).replace("_", " "), self) for word in kind}
        for i, box in enumerate((*self.boxes.values(), self.none)):
            if i % 3 == 0:
                row = QHBoxLayout()
                layout.addLayout(row)
            row.addWidget(box, 1)
            box.toggled.connect(self._toggled)
        self.setFocusProxy(next(iter(self.boxes.values())))

    def value(self) -> Any:
        """The words, in the vocabulary's order; None where nothing is stated."""
        found = tuple(word for word, box in self.boxes.items() if box.isChecked())
        return found or (() if self.none.isChecked() else None)

    def set_value(self, value: Any) -> None:
        """Check words."""
        for word, box in (*self.boxes.items(), (None, self.none)):
            box.blockSignals(True)
            box.setChecked(word in (value or ()) if word is not None else value == ())
            box.blockSignals(False)

    def _toggled(self, on: bool) -> None:
        if on:
            others = self.boxes.values() if self.sender() is self.none else (self.none,)
            for box in others:
                box.blockSignals(True)
                box.setChecked(False)
                box.blockSignals(False)
        self.changed.emit()


class TextEditor(Editor):
    """A line of text: a name, a day, or frames; empty is not stated."""

    def __init__(self, kind: type, path: str, parent: QWidget | None = None) -> None:
        super().__init__(path, parent)
        self.kind = kind
        self.line = QLineEdit(self)
        self.line.setPlaceholderText({dt.date: "YYYY-MM-DD", FrameSet: "1001-1048"}.get(kind, NOT_STATED))
        self._row(self.line)
        self.line.textChanged.connect(self.changed)
        self._kept: tuple[str, Any] = ("", None)

    def value(self) -> Any:
        """What is typed; None where it is empty or not understood."""
        text = self.line.text().strip()
        if not text:
            return None
        if text == self._kept[0]:
            return self._kept[1]  # a text of several lines is not lost because a line shows it
        try:
            return self._read(text)
        except ValueError:
            return None

    def _read(self, text: str) -> Any:
        if self.kind is dt.date:
            return parse_date(text)
        return FrameSet.parse(text) if self.kind is FrameSet else text

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self.line.blockSignals(True)
        self.line.setText("" if value is None else str(value))
        self.line.setCursorPosition(0)
        self.line.blockSignals(False)
        self._kept = self.line.text().strip(), value

    def problems(self) -> list[str]:
        """A day or frames that cannot be read."""
        text = self.line.text().strip()
        if not text or text == self._kept[0]:
            return []
        try:
            self._read(text)
        except ValueError as error:
            return [f"{self.path}: {error}"]
        return []


class NameEditor(TextEditor):
    """A line of text that knows names to offer: tools, tiers."""

    def offer(self, names: Sequence[str]) -> None:
        """Offer these names while somebody types."""
        completer = QCompleter(list(names), self.line)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.line.setCompleter(completer)
        self.names = list(names)
