"""Lines in the log, and handlers that cannot disturb Hiero: it prints ``ERROR:`` for one that raises, which farms take for a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from genai_tags.comp.hostlog import guarded_by, log_line

R = TypeVar("R")


def say(text: str, level: str = "INFO") -> None:
    """One line."""
    print(log_line(text, level))  # noqa: T201 - the log


def warn(text: str) -> None:
    """A line that somebody should look at."""
    say(text, "WARN")


def guarded(call: Callable[..., R]) -> Callable[..., R | None]:
    """A handler that never raises."""
    return guarded_by(warn)(call)
