"""Lines in Nuke's log, and callbacks that cannot disturb Nuke: there one that raises stops the later ones, a save, or the render."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

import nuke

from genai_tags.comp.hostlog import guarded_by, log_line

R = TypeVar("R")


class RenderStoppedError(RuntimeError):
    """The show does not let this render begin. The only thing that may leave a callback of ours."""


def say(text: str, level: str = "INFO") -> None:
    """One line."""
    with contextlib.suppress(Exception):  # a log that takes nothing must not change what a callback does
        nuke.tprint(log_line(text, level))


def warn(text: str) -> None:
    """A line that somebody should look at."""
    say(text, "WARN")


def guarded(call: Callable[..., R]) -> Callable[..., R | None]:
    """A callback that raises nothing but RenderStoppedError."""
    return guarded_by(warn, (RenderStoppedError,))(call)
