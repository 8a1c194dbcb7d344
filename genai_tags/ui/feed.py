"""Bring a sheet into the window from the process that reads it, a piece at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from genai_tags.process import command, environment

MAX_LINE = 64 * 1024 * 1024
"""A longer line ends the reading: something is wrong."""


class Feed(QObject):
    """One question at a time to a worker; a new one ends the old one."""

    progressed = Signal(int, int)
    """Rows read, rows in all."""
    opened = Signal(str, list)
    """The show's folder and the files that its judgement rests on, before its ledger is read."""
    came = Signal(object, str)
    """A whole sheet, and the show's folder."""
    facts = Signal(object, str)
    """The facts of a tag, and its id."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.process: QProcess | None = None
        self._buffer = bytearray()
        self._sheet: dict[str, Any] | None = None
        self._total, self._folder = 0, ""
        self._ended = False

    def ask(self, question: Mapping[str, Any]) -> None:
        """Ask; what was asked before is dropped."""
        self.stop()
        self._buffer.clear()
        self._sheet, self._ended = None, False
        process = run(command("genai_tags.ui.worker"), self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        self.process = process
        process.start()
        process.write(json.dumps(dict(question)).encode("ascii"))
        process.closeWriteChannel()

    def stop(self) -> None:
        """Drop what was asked."""
        process, self.process = self.process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()

    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self.process is not None

    def _read(self) -> None:
        if self.process is None:
            return
        self._buffer += self.process.readAllStandardOutput().data()
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._take(line)
        if len(self._buffer) > MAX_LINE:
            self._buffer.clear()
            self._fail("what was read is too large")
            self.stop()

    def _take(self, line: bytes) -> None:
        if self._ended:
            return
        try:
            piece = json.loads(line)
        except (ValueError, RecursionError):
            piece = None
        if not isinstance(piece, dict):
            self._fail("the process that reads said something that is not understood")
            return
        try:
            self._use(piece)
        except (KeyError, TypeError, ValueError, AttributeError):
            self._fail("the process that reads said something that is not understood")

    def _use(self, piece: Mapping[str, Any]) -> None:
        if "error" in piece:
            self._fail(str(piece["error"]))
        elif "facts" in piece:
            facts, tag_id = dict(piece["facts"]), str(piece["id"])
            self._ended = True
            self.facts.emit(facts, tag_id)
        elif "opened" in piece:
            self.opened.emit(str(piece["opened"]), list(piece["files"]))
        elif "sheet" in piece:
            self._sheet, self._total, self._folder = dict(piece["sheet"]), int(piece["total"]), str(piece["folder"])
        elif "done" in piece and self._sheet is not None:
            self._ended = True
            self.came.emit(self._sheet, self._folder)
        elif self._sheet is not None:
            for name in ("rows", "uses"):
                self._sheet[name].extend(piece.get(name, ()))
            self.progressed.emit(len(self._sheet["rows"]), self._total)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if not self._ended:
            how = "was killed while it read" if status == QProcess.ExitStatus.CrashExit else f"ended with {code}"
            self._fail(f"the process that reads {how}")
        if self.process is not None:
            self.process.deleteLater()
            self.process = None

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._fail("the process that reads could not be started")
            self.process = None

    def _fail(self, why: str) -> None:
        self._ended = True
        self.failed.emit(why)


def run(line: Sequence[str], parent: QObject) -> QProcess:
    """A process of ours, not started yet, that finds the same modules as this one."""
    process = QProcess(parent)
    settings = QProcessEnvironment()
    for name, value in environment().items():
        settings.insert(name, value)
    process.setProcessEnvironment(settings)
    process.setProgram(line[0])
    process.setArguments(list(line[1:]))
    return process
