"""Work beside Nuke's own thread, and work that waits until Nuke is idle. What touches Nuke runs on its thread alone."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import nuke

from genai_tags_nuke.log import guarded, warn

R = TypeVar("R")
_WAITING: dict[str, Any] = {}


def qt_core() -> Any | None:
    """QtCore of the binding that Nuke brings: PySide6 from Nuke 16 on, PySide2 before."""
    for binding in ("PySide6", "PySide2"):
        try:
            return importlib.import_module(f"{binding}.QtCore")
        except ImportError:
            continue
    return None


def beside(work: Callable[[], R], done: Callable[[R], object]) -> None:
    """Do ``work``, which must not touch Nuke, on a thread; then ``done`` with its result on Nuke's own."""
    if not nuke.GUI:
        done(work())
        return

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            nuke.executeInMainThread(warn, args=(f"work in the background failed ({type(error).__name__}) {error}",))
            return
        nuke.executeInMainThread(guarded(done), args=(result,))

    threading.Thread(target=run, name="genai_tags", daemon=True).start()


def later(name: str, call: Callable[[], object], milliseconds: int) -> None:
    """Call something once Nuke is idle; however often it is asked for until then, it is called once."""
    core = qt_core() if nuke.GUI else None
    if core is None or name in _WAITING:
        return
    _WAITING[name] = call

    def run() -> None:
        waiting = _WAITING.pop(name, None)
        if waiting is not None:
            guarded(waiting)()

    core.QTimer.singleShot(milliseconds, run)
