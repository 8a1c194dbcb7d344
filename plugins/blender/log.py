"""Lines in Blender's log, and handlers that cannot disturb Blender, which prints a traceback and goes on without the rest of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from genai_tags.comp.hostlog import guarded_by, log_line

R = TypeVar("R")


def say(text: str, level: str = "INFO") -> None:
    """One line on standard output, as Blender's own are."""
    try:
        print(log_line(text, level), flush=True)  # noqa: T201 - Blender's log is its standard output
    except (OSError, ValueError, AttributeError, UnicodeEncodeError):
        return  # a Windows without a console, a closed pipe, a terminal of another encoding


def warn(text: str) -> None:
    """A line that somebody should look at."""
    say(text, "WARN")


def guarded(call: Callable[..., R]) -> Callable[..., R | None]:
    """A handler that never raises."""
    return guarded_by(warn)(call)
