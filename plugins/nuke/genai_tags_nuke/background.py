"""Work beside Nuke's own thread, and work that waits until Nuke is idle. What touches Nuke runs on its thread alone."""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Callable
from typing import Any

import nuke

from genai_tags_nuke.log import guarded, warn

_WAITING: dict[str, int] = {}
"""How often something that waits was asked for."""
_WORKING: dict[str, tuple[Callable[[], Any], Callable[[Any], object]] | None] = {}
"""What is being worked on, by name; and what was asked for since."""


@functools.cache
def qt_core() -> Any | None:
    """QtCore of the binding that Nuke brings: PySide6 from Nuke 16 on, PySide2 before."""
    for binding in ("PySide6", "PySide2"):
        try:
            return importlib.import_module(f"{binding}.QtCore")
        except ImportError:
            continue
    return None


def beside(name: str, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
    """Do ``work``, which must not touch Nuke, on a thread; then ``done`` with its result on Nuke's own.

    One thread for each name: what is asked for while it works is done next, and only the latest of that.
    """
    if not nuke.GUI:
        done(work())
        return
    if name in _WORKING:
        _WORKING[name] = (work, done)
        return
    _WORKING[name] = None

    def run() -> None:
        call: Callable[..., object] = guarded(done)
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said on Nuke's thread
            call, result = warn, f"work in the background failed ({type(error).__name__}) {error}"
        try:
            nuke.executeInMainThread(ended, args=(call, result))
        except Exception:
            _WORKING.pop(name, None)  # Nuke is closing; what is asked for later must not wait for this
            raise

    @guarded
    def ended(call: Callable[..., object], result: Any) -> None:
        following = _WORKING.pop(name, None)
        call(result)
        if following is not None:
            beside(name, *following)

    threading.Thread(target=run, name="genai_tags", daemon=True).start()


def later(name: str, call: Callable[[], object], milliseconds: int) -> None:
    """Call something once Nuke was idle for so long and nobody asked for it again meanwhile."""
    if name in _WAITING:
        _WAITING[name] += 1
        return
    core = qt_core() if nuke.GUI else None
    if core is None:
        return
    _WAITING[name] = 0

    def run() -> None:
        asked, _WAITING[name] = _WAITING[name], 0
        if asked:
            core.QTimer.singleShot(milliseconds, run)
            return
        del _WAITING[name]
        guarded(call)()

    core.QTimer.singleShot(milliseconds, run)
