"""Let a host steer the desk: JSON lines on a local socket that only this user can open, with a token.

``{"token", "do": "select"}`` with any of ``shot event clip tag``, which must all fit; ``{"token", "do": "open", "paths": [...]}``;
``{"token", "do": "refresh"}``; ``{"token", "do": "host", ...}`` of a host's bridge (``ui.hosted``); the answer is ``{"ok": true}`` or ``{"ok": false, "why"}``. ``genai_tags.deskline`` is the other end, for hosts without Qt 6.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from genai_tags.deskline import MAX_LINE, folder, sweep
from genai_tags.report.shapes import Sheet

_LONGEST = 100
"""Bytes that the name of a Unix socket may have everywhere (108 on Linux, 104 on macOS, with the final zero)."""

Answer = Callable[[Mapping[str, Any]], "str | Mapping[str, Any]"]
"""Does what a line asks for; says why not, or nothing, or what else the answer holds."""


def find(sheet: Sheet, asked: Mapping[str, Any]) -> tuple[int | None, str]:
    """The first event that fits everything that is asked for; or None, and why."""
    wanted = {name: str(asked[name]) for name in ("shot", "event", "clip", "tag") if asked.get(name)}
    if not wanted:
        return None, "select takes shot, event, clip or tag"
    for i, row in enumerate(sheet["rows"]):
        here: dict[str, list[Any]] = {
            "shot": [row["shot"]],
            "event": [row["event"]],
            "clip": [row["clip"]],
            "tag": list(row["tags"]),
        }
        if all(value in here[name] for name, value in wanted.items()):
            return i, ""
    return None, "no event fits that"


class Wire(QObject):
    """The desk's end. ``tell`` does what a line asks for."""

    def __init__(self, tell: Answer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tell = tell
        self.token = secrets.token_urlsafe(24)
        self.server = QLocalServer(self)
        self.server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self.server.newConnection.connect(self._connected)
        self.path = self.aside = self._show = ""

    def listen(self, show: str) -> str:
        """Open the socket and leave word where it is, readable by this user alone; the path of that word. Raises OSError.

        Once it is open, only the word is written anew where the show is another.
        """
        if self.path:
            if self._show != show:
                self._leave_word(show)
            return self.path
        here = folder()
        os.makedirs(here, mode=0o700, exist_ok=True)
        name = f"desk-{os.getpid()}-{secrets.token_hex(4)}"
        if not self.server.listen(self._address(here, name)):
            raise OSError(f"the desk's socket cannot be opened: {self.server.errorString()}")
        sweep()
        self.path = os.path.join(here, f"{name}.json")
        self._leave_word(show)
        return self.path

    def _leave_word(self, show: str) -> None:
        word = {"socket": self.server.fullServerName(), "token": self.token, "pid": os.getpid(), "show": show}
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(word, stream)
        self._show = show

    def _address(self, here: str, name: str) -> str:
        """Where the socket lies; in a folder of its own where the name would be too long for the system."""
        if os.name != "posix":
            return f"genai-tags-{name}"
        where = os.path.join(here, f"{name}.socket")
        if len(os.fsencode(where)) > _LONGEST:
            self.aside = tempfile.mkdtemp(prefix="genai-")
            where = os.path.join(self.aside, "socket")
        return where

    def close(self) -> None:
        """Close the socket and take the word away."""
        self.server.close()
        if self.aside:
            with contextlib.suppress(OSError):
                os.rmdir(self.aside)
        if self.path:
            with contextlib.suppress(OSError):
                os.unlink(self.path)
            self.path = ""

    def _connected(self) -> None:
        while (socket := self.server.nextPendingConnection()) is not None:
            held = bytearray()
            socket.readyRead.connect(lambda s=socket, b=held: self._read(s, b))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket, held)

    def _read(self, socket: QLocalSocket, held: bytearray) -> None:
        held += socket.readAll().data()
        while (end := held.find(b"\n")) >= 0:
            line = bytes(held[:end])
            del held[: end + 1]
            if not self._answer(socket, line):
                return
        if len(held) > MAX_LINE:
            self._say(socket, "the line is too long")
            socket.disconnectFromServer()

    def _answer(self, socket: QLocalSocket, line: bytes) -> bool:
        try:
            asked = json.loads(line)
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            self._say(socket, "a line must be a JSON object")
            return True
        given = str(asked.get("token", "")).encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.token.encode("ascii")):
            self._say(socket, "the token is wrong")
            socket.disconnectFromServer()
            return False
        self._say(socket, self.tell(asked))
        return True

    def _say(self, socket: QLocalSocket, why: str | Mapping[str, Any]) -> None:
        said: dict[str, Any] = (
            {"ok": True, **why} if isinstance(why, Mapping) else {"ok": not why, **({"why": why} if why else {})}
        )
        socket.write(json.dumps(said).encode("ascii") + b"\n")
        socket.flush()
