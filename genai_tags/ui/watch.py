"""Notice that a show or a cut changed: by the system's own notice where it gives one, else by looking every few seconds.

Network file systems send no notice; looking costs one listing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

_LOOK = 3000
_SETTLE = 400
"""Milliseconds: a book that is being merged changes many times."""

Mark = tuple[tuple[str, int, int], ...]


class Watch(QObject):
    """Watches folders and files; ``changed`` comes once they are quiet again."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths: list[str] = []
        self._seen: Mark = ()
        self._told = QFileSystemWatcher(self)
        self._told.directoryChanged.connect(self._look)
        self._told.fileChanged.connect(self._look)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_SETTLE)
        self._quiet.timeout.connect(self.changed)

    def watch(self, paths: Sequence[str]) -> None:
        """Watch these from now on, also those that are not there yet; nothing happens where they are watched already."""
        if self.paths == list(paths):
            return
        if self._told.files() or self._told.directories():
            self._told.removePaths([*self._told.files(), *self._told.directories()])
        self.paths = list(paths)
        self._tell()
        self._timer.start()
        self._seen = mark(self.paths)

    def _tell(self) -> None:
        """Have the system tell of what is there and not watched; a file that was replaced no longer is."""
        told = {*self._told.files(), *self._told.directories()}
        new = [path for path in self.paths if path not in told and os.path.exists(path)]
        if new:
            self._told.addPaths(new)

    def note(self) -> None:
        """What is read after this is read as it is now."""
        self._seen = mark(self.paths)
        self._quiet.stop()

    def _look(self) -> None:
        now = mark(self.paths)
        if now != self._seen:
            self._seen = now
            self._quiet.start()
            self._tell()


def mark(paths: Sequence[str]) -> Mark:
    """What tells one state of files and folders from another: how many entries or bytes, and when they changed."""
    found = []
    for path in paths:
        try:
            state = os.stat(path)
            size = len(os.listdir(path)) if os.path.isdir(path) else state.st_size
            found.append((path, size, state.st_mtime_ns))
        except OSError:
            found.append((path, -1, 0))
    return tuple(found)
