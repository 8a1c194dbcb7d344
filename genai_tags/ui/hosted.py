"""A host's side of the desk: what its bridge is asked to do, and what came of it. The bridge (``plugins/resolve``) asks twice a second.

A line ``{"do": "host", "host", "timeline", "done"}`` is answered by ``{"ok": true, "job"}``: a job is ``look`` (save the timeline as OTIO),
``mark`` and ``unmark`` (badges on and off), ``go`` (move the playhead) or ``export``. One is under way at a time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QWidget

from genai_tags import deskline
from genai_tags.report.plain import plain
from genai_tags.ui.giving import Command

SILENCE = 5000
"""Milliseconds without a word after which a host is gone."""
_NAMES = {"resolve": "DaVinci Resolve"}


class HostBar(QWidget):
    """Hidden until a host connects; hidden again when it is gone."""

    looked = Signal(str)
    """The open timeline lies in this file now."""
    exported = Signal(list)
    """These files were exported, and are to be looked at."""
    said = Signal(str)

    def __init__(self, judged_by: Callable[[], Sequence[str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.judged_by = judged_by
        self.host = self.timeline = ""
        self.snapshot = ""
        self._jobs: list[dict[str, Any]] = []
        self._running: dict[str, Any] | None = None
        self._number = 0
        self._folder = self._session = self._looked_at = self._rate = ""
        self._command: Command | None = None
        self._waiting: list[tuple[Sequence[str], Callable[[], None], Sequence[int]]] = []
        self._marking = 0
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setInterval(SILENCE)
        self._silence.timeout.connect(self._gone)
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label, 1)
        self.buttons: dict[str, QPushButton] = {}
        for words, tip, does in (
            ("Look at the timeline", "Read the open timeline again and judge it", self.look),
            ("Badges on", "Markers, clip colours and flags, only where you set none", self.mark),
            ("Badges off", "Take every badge of ours away; what you set or changed stays", self.unmark),
            (
                "Check the export…",
                "Export OTIO and EDL into a folder, check them, and leave the report beside them",
                self.ask_export,
            ),
        ):
            button = QPushButton(words, self)
            button.setToolTip(tip)
            button.clicked.connect(does)
            row.addWidget(button)
            self.buttons[words] = button
        self.hide()

    # ------------------------------------------------------------ the bridge's word

    def heard(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a line of the bridge."""
        session = str(asked.get("session") or "")[:64]
        if asked.get("bye"):
            if session == self._session:
                self._gone()
            return {}
        if self.host and session != self._session and self._silence.isActive() and asked.get("busy"):
            return {}  # a second bridge looks whether there is a desk
        is_new = not self.host or session != self._session
        self._session = session
        self._silence.start()
        if asked.get("busy"):
            return {}
        self.host, self.timeline = str(asked.get("host") or "host")[:40], str(asked.get("timeline") or "")[:200]
        self.label.setText(f"{_NAMES.get(self.host, plain(self.host))}: {plain(self.timeline) or 'no timeline is open'}")
        self.show()
        if is_new:
            self._running = None
            self.look()
        done = asked.get("done")
        if self._running is not None:
            if not isinstance(done, Mapping) or done.get("job") != self._running["job"]:
                return {"job": self._running}  # it never heard of it, or its word was lost
            job, self._running = self._running, None
            self._came(job, done)
        if self._jobs:
            self._running = self._jobs.pop(0)
            return {"job": self._running}
        return {"job": None}

    def _gone(self) -> None:
        if self.host:
            self.said.emit(f"{_NAMES.get(self.host, plain(self.host))} is gone.")
        self.host = self._session = ""
        self._running = None
        self._jobs.clear()
        self._silence.stop()
        self.hide()

    def _came(self, job: Mapping[str, Any], done: Mapping[str, Any]) -> None:
        """A job is done."""
        refused = [str(each) for each in done.get("refused") or ()][:20]
        more = f" and {done['more']} more" if done.get("more") else ""
        trouble = f" Not taken: {'; '.join(map(plain, refused))}{more}" if refused else ""
        if done.get("why"):
            self.said.emit(f"{plain(str(done['why']))[:600]}")
        elif job["do"] == "look":
            self.snapshot, self._looked_at = str(job["to"]), str(done.get("timeline") or "")
            self._rate = str(done.get("rate") or "")
            self.looked.emit(self.snapshot)
        elif job["do"] == "mark":
            self.said.emit(f"{done.get('items')} items have badges.{trouble}"[:1200])
        elif job["do"] == "unmark":
            self.said.emit(f"{done.get('markers')} badges were taken away.{trouble}"[:1200])
        elif job["do"] == "export":
            self._check([str(path) for path in done.get("files") or ()], str(job["folder"]), trouble)

    # ------------------------------------------------------------ jobs

    def ask(self, do: str, **what: Any) -> None:
        """Have the bridge do something; of several moves of the playhead only the last counts."""
        if not self.host:
            self.said.emit("No host is connected any more.")
            return
        if do in ("go", "look"):
            self._jobs = [job for job in self._jobs if job["do"] != do]
        self._number += 1
        self._jobs.append({"job": self._number, "do": do, **what})

    def look(self) -> None:
        """Save the open timeline and look at it."""
        self.ask("look", to=os.path.join(self._place(), f"timeline-{self._number + 1}.otio"))

    def mark(self) -> None:
        """Badges on the timeline that was looked at last, by the command line's own ``annotate``."""
        if not self.snapshot:
            self.said.emit("Look at the timeline first.")
            return
        self._marking += 1
        turn, target = self._marking, os.path.join(self._place(), f"marked-{self._marking}.otio")

        def annotated() -> None:
            if turn == self._marking:  # else they were taken off again meanwhile
                self.ask("mark", **{"from": target})

        self._run(["annotate", self.snapshot, f"--output={target}", *self.judged_by()], annotated)

    def unmark(self) -> None:
        """Take the badges away."""
        self._marking += 1
        self._jobs = [job for job in self._jobs if job["do"] != "mark"]
        self.ask("unmark")

    def go(self, timecode: str) -> None:
        """Move the playhead."""
        if timecode:
            self.ask("go", timecode=timecode, timeline=self._looked_at)

    def ask_export(self) -> None:
        """Ask for a folder, export into it and check what comes."""
        folder = QFileDialog.getExistingDirectory(self, "Export OTIO and EDL into")
        if folder:
            self.ask("export", folder=folder)

    def _check(self, files: Sequence[str], folder: str, trouble: str) -> None:
        if not files:
            self.said.emit(f"Nothing was exported.{trouble}"[:1200])
            return
        report = os.path.splitext(files[0])[0] + "_genai.html"

        def checked() -> None:
            self.said.emit(f"Exported and checked; the report is {plain(report)}.{trouble}"[:1200])
            self.exported.emit(list(files))

        self._run(
            [
                "conform",
                *files,
                f"--output={report}",
                "--quiet",
                *([f"--rate={self._rate}"] if self._rate else []),
                *self.judged_by(),
            ],
            checked,
            fine=(0, 1),
        )

    def _run(self, arguments: Sequence[str], then: Callable[[], None], fine: Sequence[int] = (0,)) -> None:
        self._waiting.append((arguments, then, fine))
        self._next()

    def _next(self) -> None:
        """One call of the command line after the other."""
        if self._command is not None or not self._waiting:
            return
        arguments, then, fine = self._waiting.pop(0)

        def done(code: int, _: object, said: str) -> None:
            if self._command is not None:
                self._command.deleteLater()
                self._command = None
            if code in fine:
                then()
            else:
                self.said.emit(plain(said)[:600])
            self._next()

        self._command = Command(arguments, "", self)
        self._command.done.connect(done)
        self._command.start()

    def _place(self) -> str:
        """A folder for this user alone, gone when the desk closes."""
        if not self._folder:
            os.makedirs(deskline.folder(), mode=0o700, exist_ok=True)
            self._folder = tempfile.mkdtemp(prefix=f"{deskline.HOST}{os.getpid()}-", dir=deskline.folder())
        return self._folder

    def close_all(self) -> None:
        """The desk closes."""
        self._silence.stop()
        if self._folder:
            with contextlib.suppress(OSError):
                shutil.rmtree(self._folder)
            self._folder = ""
