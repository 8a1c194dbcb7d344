"""Record a notice, an approval or other evidence from the desk, by the public command line: what it refuses is refused here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QDate, QObject, QProcess, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from genai_tags.process import command
from genai_tags.report.plain import plain
from genai_tags.report.words import left_open
from genai_tags.ui.feed import run

VERBS = (
    ("notice", "Notice: the client contact was told"),
    ("answer", "Answer: the client contact said go ahead"),
    ("approve", "Approval in writing"),
    ("reject", "Rejection"),
    ("revoke", "Revocation of what was given"),
    ("legal-review", "Legal review passed"),
    ("clearance", "Rights are cleared"),
    ("guild-consent", "Guild's consent"),
    ("human-review", "A person's input was reviewed"),
    ("label", "The audience is told"),
    ("waive", "Waiver"),
)
"""What can be given here. A performer's consent has facts of its own: ``genai-tags consent``."""


class Command(QObject):
    """One call of the command line in a process of its own; ``done`` brings exit code, JSON (or None) and what it said."""

    done = Signal(int, object, str)

    def __init__(self, arguments: Sequence[str], written: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.process = run(command("genai_tags", *arguments), self)
        self.process.finished.connect(self._finished)
        self.process.errorOccurred.connect(self._broken)
        self.written = written

    def start(self) -> None:
        """Begin; ``done`` may come at once."""
        self.process.start()
        self.process.write(self.written.encode("utf-8"))
        self.process.closeWriteChannel()

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        said = bytes(self.process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        try:
            document: Any = json.loads(bytes(self.process.readAllStandardOutput().data()))
        except ValueError:
            document = None
        failed = status == QProcess.ExitStatus.CrashExit
        self.done.emit(1 if failed else code, document, said or ("it was killed" if failed else ""))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.done.emit(1, None, "the command line could not be started")


def failure(code: int) -> str:
    """What is known where a command did not say that it was done."""
    return "Nothing was recorded." if code in (2, 3, 4) else "It is not known whether it was recorded; genai-tags log says."


class GivePanel(QWidget):
    """What was given, by whom, for which tags; below the reasons, never in the way."""

    recorded = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.show_folder: str | None = None
        self.tags: list[str] = []
        self.command: Command | None = None
        self.about = QLabel(self)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        self.kind = QComboBox(self)
        for verb, words in VERBS:
            self.kind.addItem(words, verb)
        self.lines: dict[str, QLineEdit] = {}
        form = QFormLayout()
        form.addRow("What was given", self.kind)
        for name, label, hint in (
            ("ref", "Reference", "the mail, ticket or paper that says so"),
            ("given-by", "Given by", "who said so; else you"),
            ("role", "In the role of", "client_contact, producer, legal"),
            ("date", "Date on the paper", "YYYY-MM-DD; else today"),
            ("shot", "Only for the shot", "else every shot of the tag"),
            ("version", "Only for the version", "v003; else every version"),
            ("until", "Until", "YYYY-MM-DD; else without end"),
            ("condition", "On the condition", ""),
            ("reason", "Reason", "why it is a case of judgement, or was refused"),
            ("attach", "Paper to keep", "a file; its digest and a private copy are kept"),
        ):
            line = QLineEdit(self)
            line.setPlaceholderText(hint)
            line.setAccessibleName(label)
            line.returnPressed.connect(self.give)
            self.lines[name] = line
            form.addRow(label, line)
        self.button = QPushButton("Record", self)
        self.button.clicked.connect(self.give)
        leave = QPushButton("Close", self)
        leave.clicked.connect(self.closed)
        self.said = QLabel(self)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self.button)
        column = QVBoxLayout(self)
        column.addWidget(self.about)
        column.addLayout(form)
        column.addWidget(self.said)
        column.addLayout(buttons)

    def begin(self, verb: str, tags: Sequence[str], shot: str | None, version: str | None, show: str) -> None:
        """Give something for these tags; shot and version are offered where an approval is for just those."""
        self.show_folder, self.tags = show, list(tags)
        self.button.setEnabled(True)
        self.kind.setCurrentIndex(max(0, self.kind.findData(verb)))
        self.about.setText(f"For tag {', '.join(tags)}" + (f" in {plain(shot)[:120]}" if shot else ""))
        for line in self.lines.values():
            line.clear()
        if verb == "approve":
            self.lines["shot"].setText(shot or "")
            self.lines["version"].setText(version or "")
        self.said.clear()
        self.lines["ref"].setFocus()

    def arguments(self) -> list[str]:
        """The command line that records it."""
        stated = {name: line.text().strip() for name, line in self.lines.items()}
        options = [f"--{name}={value}" for name, value in stated.items() if value]
        return [str(self.kind.currentData()), *self.tags, *options, f"--show={self.show_folder}", "--format=json"]

    def give(self) -> None:
        """Record it."""
        if self.command is not None or not self.tags:
            return
        date = self.lines["date"].text().strip()
        if date and not QDate.fromString(date, "yyyy-MM-dd").isValid():
            self.said.setText("The date on the paper is no day: write it as YYYY-MM-DD.")
            self.lines["date"].setFocus()
            return
        self.button.setEnabled(False)
        self.said.setText("Recording…")
        self.command = Command(self.arguments(), parent=self)
        self.command.done.connect(self._done)
        self.command.start()

    def _done(self, code: int, document: Mapping[str, Any] | None, said: str) -> None:
        self.button.setEnabled(True)
        if self.command is not None:
            self.command.deleteLater()
            self.command = None
        if code or document is None:
            self.said.setText(f"{failure(code)} {said}")
            return
        left = [f"{plain(each['shot'] or each['id'])}: {_now(each)}" for each in document["left"]]
        self.tags = []  # a second Return records nothing
        self.button.setEnabled(False)
        self.said.setText("\n".join([f"Recorded as {document['event']}.", *left]))
        self.recorded.emit()


def _now(left: Mapping[str, Any]) -> str:
    did = f"settled {', '.join(left['settled'])}" if left["settled"] else "settled nothing"
    return f"{left['status']}, {did}; {left_open(left)}"
