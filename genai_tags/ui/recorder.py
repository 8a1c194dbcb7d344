"""What the desk records: evidence in a panel below the reasons, tags in the form. Everything is written by the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from genai_tags.codec import decode_facts, encode
from genai_tags.errors import GenAITagsError
from genai_tags.model import Tag, Use
from genai_tags.preview import Rulebook
from genai_tags.show import Show
from genai_tags.ui.feed import Feed
from genai_tags.ui.form import TagForm
from genai_tags.ui.giving import Command, GivePanel, failure
from genai_tags.vocabulary import Stage

_SECONDS = 30
"""How long a closing window waits for what is being recorded."""


@dataclass(frozen=True)
class Meant:
    """What is recorded for: a show's tags, where and in which version."""

    folder: str
    tags: tuple[str, ...] = ()
    shot: str | None = None
    version: str | None = None
    stage: str = "final"


class Recorder(QStackedWidget):
    """The reasons, with the panel below them; or the form in their place."""

    recorded = Signal()
    left = Signal()
    said = Signal(str)
    done = Signal(str)
    """What was declared."""
    filling = Signal(bool)
    """The form is there, and wants room; or it is gone."""

    def __init__(self, reasons: QWidget, meant: Callable[[], Meant], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.meant = meant
        self.form: TagForm | None = None
        self.give = GivePanel(self)
        self.give.closed.connect(self.leave)
        self.give.recorded.connect(self.recorded)
        self.feed = Feed(self)
        self.feed.facts.connect(self._revise)
        self.feed.failed.connect(self.said)
        self._command: Command | None = None
        self._revising: str | None = None
        self._folder = self._asked_of = ""
        self._asked = False
        both = QSplitter(Qt.Orientation.Vertical, self)
        both.addWidget(reasons)
        both.addWidget(self.give)
        both.setStretchFactor(0, 3)
        self.give.hide()
        self.addWidget(both)

    def is_recording(self) -> bool:
        """Whether something is being written right now."""
        return self._command is not None or self.give.command is not None

    def finish(self) -> bool:
        """Wait until what is being recorded is recorded; False where it was not."""
        for command in (self._command, self.give.command):
            if command is not None and not (
                command.process.waitForFinished(_SECONDS * 1000) and command.process.exitCode() == 0
            ):
                return False
        return True

    def would_lose(self) -> bool:
        """Whether a form holds something that nobody declared."""
        return self.form is not None and self.form.is_touched()

    def _is_free(self) -> bool:
        """Whether something else may be begun; says why not."""
        if self.is_recording():
            self.said.emit("Still recording.")
        elif self.would_lose():
            self.said.emit("The form is not declared yet: Control+Return declares it, Escape twice throws it away.")
        else:
            return True
        return False

    def begin_giving(self, verb: str) -> None:
        """Open the panel for evidence."""
        if not self._is_free():
            return
        self.feed.stop()
        meant = self.meant()
        if not meant.tags:
            self.said.emit("Choose an event or a tag with GenAI first.")
            return
        self._close_form()
        self.give.begin(verb, meant.tags, meant.shot, meant.version, meant.folder)
        self.give.show()
        self.give.lines["ref"].setFocus()

    def begin_declaring(self) -> None:
        """Open an empty form for what is chosen."""
        if not self._is_free():
            return
        self.feed.stop()
        meant = self.meant()
        if not meant.folder:
            self.said.emit("Open a cut or a show first.")
            return
        form = self._new_form(meant.folder)
        if form is not None:
            self._revising = None
            form.begin(Use(shot=meant.shot, stage=Stage(meant.stage)))

    def begin_revising(self) -> None:
        """Open the form with the chosen tag's facts, private values and all."""
        if not self._is_free():
            return
        meant = self.meant()
        if len(meant.tags) != 1:
            several = f"This event has {len(meant.tags)} tags: choose one under Tags." if meant.tags else ""
            self.said.emit(several or "Choose a tag, or an event with one, first.")
            return
        self._asked_of = meant.folder
        self.feed.ask({"show": meant.folder, "facts": meant.tags[0]})

    def leave(self) -> bool:
        """Close form or panel; whether there was one. What is filled in is thrown away at the second asking."""
        self.feed.stop()
        if self.form is not None:
            if self._command is not None or (self.would_lose() and not self._asked):
                self._asked = self._command is None
                self.said.emit(
                    "Still recording." if self._command else "The form is not declared. Escape once more throws it away."
                )
                return True
            self._close_form()
        elif self.give.isVisible():
            self.give.hide()
        else:
            return False
        self.left.emit()
        return True

    def _revise(self, facts: Mapping[str, Any], tag_id: str) -> None:
        if not self._is_free():
            return
        try:
            tag, uses = decode_facts(facts, tag_id)
        except GenAITagsError as error:
            self.said.emit(str(error))
            return
        form = self._new_form(self._asked_of)
        if form is not None:
            self._revising = tag_id
            form.load(tag, uses)
            form.button.setText(f"Declare a new revision of {tag_id}")

    def _new_form(self, folder: str) -> TagForm | None:
        self._close_form()
        try:
            rules = Rulebook.of(Show.open(folder))
        except GenAITagsError as error:
            self.said.emit(str(error))
            return None
        self._folder = folder
        self.form = TagForm(rules, self)
        self.form.submitted.connect(self._declare)
        self.addWidget(self.form)
        self.setCurrentWidget(self.form)
        self._asked = False
        self.filling.emit(True)
        self.said.emit("Control+Return declares, Escape leaves the form.")
        return self.form

    def _close_form(self) -> None:
        if self.form is not None:
            self.removeWidget(self.form)
            self.form.deleteLater()
            self.form = None
            self.filling.emit(False)

    def _declare(self, tag: Tag, uses: tuple[Use, ...]) -> None:
        if self._command is not None:
            return
        facts = json.dumps({"tag": encode(tag), "uses": [encode(use) for use in uses]}, ensure_ascii=False)
        revise = [f"--revise={self._revising}"] if self._revising else []
        arguments = ["declare", "--from=-", *revise, f"--show={self._folder}", "--format=json"]
        self._command = Command(arguments, facts, self)
        self._command.done.connect(self._declared)
        self._command.start()

    def _declared(self, code: int, document: Mapping[str, Any] | None, said: str) -> None:
        if self._command is not None:
            self._command.deleteLater()
            self._command = None
        if code or document is None:
            if self.form is not None:
                self.form.problem.setText(f"{failure(code)} {said}")
            return
        self._close_form()
        self.left.emit()
        self.done.emit(f"Declared {document['id']}, revision {document['revision']}.")
        self.recorded.emit()
