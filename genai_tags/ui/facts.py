"""Editors for the facts that packs declare for themselves, made from their questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from genai_tags.policy.facts import FactType
from genai_tags.ui.fields import AnswerEditor, Editor, TextEditor, WordEditor
from genai_tags.vocabulary import Answer


class FactsEditor(Editor):
    """The facts that packs declare for themselves; what no pack in force declares is kept."""

    def __init__(self, declared: Mapping[str, FactType], parent: QWidget) -> None:
        super().__init__("facts", parent)
        self.declared = declared
        self.kept: dict[str, Any] = {}
        self.editors: dict[str, Editor] = {}
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for name, kind in declared.items():
            path = f"facts.{name}"
            editor: Editor = TextEditor(str, path, self)
            if kind.words:
                editor = AnswerEditor(path, self) if set(kind.words) == {"yes", "no"} else WordEditor(kind.words, path, self)
            label = QLabel(kind.question or name, self)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setBuddy(editor)
            for inner in editor.findChildren(QWidget):
                inner.setAccessibleName(kind.question or name)
            form.addRow(label, editor)
            editor.changed.connect(self.changed)
            self.editors[name] = editor

    def value(self) -> dict[str, Any]:
        """The facts by name; what is unsure or empty is left out."""
        stated = {name: editor.value() for name, editor in self.editors.items()}
        return self.kept | {name: str(value) for name, value in stated.items() if value not in (None, Answer.UNSURE)}

    def set_value(self, value: Any) -> None:
        """Show facts."""
        self.kept = {name: each for name, each in value.items() if not self._knows(name, each)}
        for name, editor in self.editors.items():
            word = value.get(name) if name not in self.kept else None
            editor.set_value(Answer(word or "unsure") if isinstance(editor, AnswerEditor) else word)

    def _knows(self, name: str, word: object) -> bool:
        """Whether an editor can show a word; what none can show is kept as it is."""
        kind = self.declared.get(name)
        return kind is not None and isinstance(word, str) and (not kind.words or word in (*kind.words, "unsure"))

    def within(self) -> Iterator[Editor]:
        """Every editor."""
        yield from self.editors.values()
