"""Editors for whole dataclasses and lists of them, made from their fields; and which editor edits which field."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from genai_tags.codec import hints, without_none
from genai_tags.model import FrameSet
from genai_tags.questions import LATER, NOT_STATED, label, rule_path
from genai_tags.ui.fields import AnswerEditor, Combo, Editor, NameEditor, TextEditor, WordEditor, WordsEditor
from genai_tags.vocabulary import Answer


class GroupEditor(Editor):
    """The fields of one dataclass. What has no editor, unknown keys among it, stays as it was."""

    def __init__(self, kind: type, path: str, names: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(path, parent)
        self.kind = kind
        self.kept = kind()
        self.editors: dict[str, Editor] = {}
        self.notes: dict[str, QLabel] = {}
        self.form = _form(self)
        found = hints(kind)
        later = LATER.get(kind, ()) if not names else ()
        for name in names or [n for n in found if n not in later]:
            self._add(self.form, name, found[name])
        if later:
            self.more = QToolButton(self)
            self.more.setText("More about it")
            self.more.setCheckable(True)
            self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.more.setArrowType(Qt.ArrowType.RightArrow)
            self.form.addRow(self.more)
            folded = QWidget(self)
            inner = _form(folded)
            for name in later:
                self._add(inner, name, found[name])
            folded.hide()
            self.form.addRow(folded)
            self.more.toggled.connect(folded.setVisible)
            self.more.toggled.connect(
                lambda on: self.more.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
            )

    def _add(self, form: QFormLayout, name: str, hint: Any) -> None:
        editor = editor_for(hint, f"{self.path}.{name}", self)
        if editor is None:
            return
        words = label(name)
        note = QLabel(self)
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.hide()
        box = QWidget(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(editor, 1)
        row.addWidget(note)
        for inner in (editor, *editor.findChildren(QWidget)):
            named = inner.accessibleName() or isinstance(inner, (QPushButton, QToolButton))
            if inner.focusPolicy() != Qt.FocusPolicy.NoFocus and not named:
                own = inner.text() if isinstance(inner, (QRadioButton, QCheckBox)) else ""
                inner.setAccessibleName(f"{words}: {own}" if own else words)
        if isinstance(editor, (GroupEditor, ItemsEditor)):
            form.addRow(box)
        else:
            shown = QLabel(words, self)
            shown.setBuddy(editor)
            form.addRow(shown, box)
        self.editors[name], self.notes[name] = editor, note
        editor.changed.connect(self.changed)

    def value(self) -> Any:
        """The dataclass, with what was kept of the one that was loaded."""
        return dataclasses.replace(self.kept, **{name: editor.value() for name, editor in self.editors.items()})

    def set_value(self, value: Any) -> None:
        """Show a dataclass."""
        self.kept = value
        for name, editor in self.editors.items():
            editor.set_value(getattr(value, name))

    def problems(self) -> list[str]:
        """Those of every field."""
        return [problem for editor in self.editors.values() for problem in editor.problems()]

    def within(self) -> Iterator[Editor]:
        """Every editor in it."""
        for editor in self.editors.values():
            yield from editor.within()

    def remark(self, name: str, text: str) -> None:
        """Say something beside a field; empty says nothing."""
        note = self.notes[name]
        note.setText(text)
        note.setVisible(bool(text))


class ItemsEditor(Editor):
    """A list of dataclasses: not stated, none, or these."""

    def __init__(self, kind: type, path: str, parent: QWidget | None = None) -> None:
        super().__init__(path, parent)
        self.kind = kind
        self.items: list[tuple[QGroupBox, GroupEditor]] = []
        self.word = {"Talent": "performer"}.get(kind.__name__, kind.__name__.lower())
        self.stated = Combo(self)
        for text in (f"{self.word}s: {NOT_STATED}", f"no {self.word}", f"these {self.word}s"):
            self.stated.addItem(text)
        self.stated.setAccessibleName(f"{self.word}s")
        self.adding = QPushButton(f"Add {'an' if self.word == 'input' else 'a'} {self.word}", self)
        top = QHBoxLayout()
        top.addWidget(self.stated, 1)
        top.addWidget(self.adding)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addLayout(top)
        self.setFocusProxy(self.stated)
        self.stated.activated.connect(self._state)
        self.adding.clicked.connect(lambda: self.add(kind(), focus=True))

    def value(self) -> Any:
        """The items; ``()`` for none, None where it is not stated."""
        if self.items:
            return tuple(editor.value() for _, editor in self.items)
        return () if self.stated.currentIndex() == 1 else None

    def set_value(self, value: Any) -> None:
        """Show items."""
        self._clear()
        for each in value or ():
            self.add(each, quiet=True)
        self.stated.setCurrentIndex(2 if value else 1 if value == () else 0)

    def add(self, item: Any, focus: bool = False, quiet: bool = False) -> GroupEditor:
        """Add an item."""
        box = QGroupBox(f"{self.word.capitalize()} {len(self.items) + 1}", self)
        layout = QVBoxLayout(box)
        editor = GroupEditor(self.kind, self.path, parent=box)
        editor.set_value(item)
        editor.changed.connect(self.changed)
        remove = QPushButton(f"Remove this {self.word}", box)
        remove.clicked.connect(lambda: self._remove(box))
        layout.addWidget(editor)
        layout.addWidget(remove, 0, Qt.AlignmentFlag.AlignRight)
        self.items.append((box, editor))
        self.column.addWidget(box)
        self.stated.setCurrentIndex(2)
        if focus:
            next(iter(editor.editors.values())).setFocus()
        if not quiet:
            self.changed.emit()
        return editor

    def _state(self, index: int) -> None:
        if index == 2 and not self.items:
            self.add(self.kind(), focus=True)
            return
        if index != 2:
            self._clear()
        self.changed.emit()

    def _clear(self) -> None:
        for box, _ in self.items:
            box.hide()
            box.deleteLater()
        self.items.clear()

    def _remove(self, gone: QGroupBox) -> None:
        self.items = [(box, editor) for box, editor in self.items if box is not gone]
        gone.hide()
        gone.deleteLater()
        for i, (box, _) in enumerate(self.items, 1):
            box.setTitle(f"{self.word.capitalize()} {i}")
        self.stated.setCurrentIndex(2 if self.items else 0)
        self.stated.setFocus()
        self.changed.emit()

    def problems(self) -> list[str]:
        """Those of every item."""
        return [problem for _, editor in self.items for problem in editor.problems()]

    def within(self) -> Iterator[Editor]:
        """Itself and every editor in its items."""
        yield self
        for _, editor in self.items:
            yield from editor.within()


def editor_for(hint: Any, path: str, parent: QWidget) -> Editor | None:
    """The editor of a field by its type; None for what no form edits."""
    kind = without_none(hint)
    name = path.rpartition(".")[2]
    if typing.get_origin(kind) is tuple:
        item = typing.get_args(kind)[0]
        if issubclass(item, Enum):
            return WordsEditor(item, path, parent)
        return ItemsEditor(item, rule_path(path), parent)
    if not isinstance(kind, type):
        return None
    if issubclass(kind, Answer):
        return AnswerEditor(path, parent)
    if issubclass(kind, Enum):
        return WordEditor(kind, path, parent)
    if kind in (dt.date, FrameSet):
        return TextEditor(kind, path, parent)
    if kind is str:
        return (NameEditor if name in ("tool", "licence_tier", "shot") else TextEditor)(kind, path, parent)
    return GroupEditor(kind, path, parent=parent) if dataclasses.is_dataclass(kind) else None


def _form(parent: QWidget) -> QFormLayout:
    form = QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    return form
