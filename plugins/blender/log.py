"""Lines in Blender's log, and handlers that cannot disturb Blender."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from genai_tags.errors import GenAITagsError

PREFIX = "genai_tags:"
"""What every line of ours begins with; it stays as it is, so that farms can look for it."""
R = TypeVar("R")


def say(text: str, level: str = "INFO") -> None:
    """One line on standard output, as Blender's own are. Farm managers take ``Error:`` for a failed task: no line of ours holds it."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split()).replace("rror:", "rror -")
    try:
        print(f"{PREFIX} {level} {plain}", flush=True)  # noqa: T201 - Blender's log is its standard output
    except (OSError, ValueError, AttributeError, UnicodeEncodeError):
        return  # a Windows without a console, a closed pipe, a terminal of another encoding


def warn(text: str) -> None:
    """A line that somebody should look at."""
    say(text, "WARN")


def guarded(call: Callable[..., R]) -> Callable[..., R | None]:
    """A handler that never raises into Blender, which prints a traceback and goes on without the rest of it."""

    @functools.wraps(call)
    def safe(*args: Any, **kwargs: Any) -> R | None:
        try:
            return call(*args, **kwargs)
        except GenAITagsError as error:  # it says what and where by itself
            warn(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the artist's session goes on
            warn(f"{call.__name__.strip('_')} did not work ({type(error).__name__}) {error} in Python {sys.version_info[:2]}")
        return None

    return safe
