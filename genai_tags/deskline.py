"""Steer an open desk from a host: ``select``, ``open`` and ``refresh``, with the standard library alone."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from typing import Any

from genai_tags.errors import UsageError

MAX_LINE = 64 * 1024
"""The longest line, in bytes."""
_SECONDS = 3.0
HOST = "host-"
"""What the folders begin with in which a desk and a host exchange files; a process number follows."""


def folder() -> str:
    """Where open desks leave word, for this user alone."""
    stated = os.environ.get("GENAI_DESK")
    if stated:
        return stated
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.expanduser("~"), "genai_tags", "desk")
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return os.path.join(runtime or os.path.join(os.path.expanduser("~"), ".cache"), "genai_tags-desk")


def desks(show: str | None = None) -> list[dict[str, str]]:
    """The desks that left word (``socket``, ``token``, ``show``), newest first; those of one show where it is named."""
    found = []
    for path in _words():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            with open(path, encoding="utf-8") as stream:
                word = json.load(stream)
            known = {name: str(word[name]) for name in ("socket", "token", "show")}
            if show is None or os.path.realpath(known["show"]) == os.path.realpath(show):
                found.append((os.stat(path).st_mtime_ns, known))
    return [word for _, word in sorted(found, key=lambda pair: -pair[0])]


def call(do: str, show: str | None = None, **what: Any) -> dict[str, Any]:
    """Tell the newest desk (of a show) to do something; its answer. Raises UsageError where none is
    open or answers, and for what is longer than a line may be.

    ``call("select", shot="AGM_104_065_010")``, ``call("open", paths=["/cuts/reel1.edl"])``, ``call("refresh")``.
    """
    for word in desks(show):
        line = json.dumps({"token": word["token"], "do": do, **what}).encode("ascii") + b"\n"
        if len(line) > MAX_LINE:
            raise UsageError(f"what the desk is told is longer than {MAX_LINE} bytes")
        try:
            answer = _talk(word["socket"], line)
        except (ConnectionRefusedError, FileNotFoundError):
            continue  # it was killed and left its word behind
        except OSError as error:
            raise UsageError(f"the desk did not answer: {error}") from None
        try:
            return dict(json.loads(answer))
        except (ValueError, TypeError):
            raise UsageError("the desk closed before it answered") from None
    raise UsageError("no desk is open; start one with: genai-tags view")


def sweep() -> None:
    """Take away what desks that were killed left behind."""
    for path in _words():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            with open(path, encoding="utf-8") as stream:
                word = json.load(stream)
            if not _is_alive(int(word["pid"])):
                os.unlink(path)
                if sys.platform != "win32":
                    os.unlink(str(word["socket"]))

    for name in _entries():
        if name.startswith(HOST):
            with contextlib.suppress(OSError, ValueError):
                if not _is_alive(int(name[len(HOST) :].partition("-")[0])):
                    shutil.rmtree(os.path.join(folder(), name))


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # there is no harmless way to ask; a refused pipe is passed over by ``call``
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _talk(where: str, line: bytes) -> bytes:
    if sys.platform == "win32":
        with open(where, "r+b", buffering=0) as pipe:
            pipe.write(line)
            return pipe.readline(MAX_LINE)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line_to_it:
        line_to_it.settimeout(_SECONDS)
        line_to_it.connect(where)
        line_to_it.sendall(line)
        with line_to_it.makefile("rb") as stream:
            return stream.readline(MAX_LINE)


def _words() -> Iterator[str]:
    for name in _entries():
        if name.endswith(".json"):
            yield os.path.join(folder(), name)


def _entries() -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(folder())
    return []
