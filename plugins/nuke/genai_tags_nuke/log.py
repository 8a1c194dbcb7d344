"""Lines in Nuke's log, and callbacks that cannot disturb Nuke."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar

import nuke

from genai_tags.errors import GenAITagsError

PREFIX = "genai_tags:"
"""What every line of ours begins with; it stays as it is, so that farms can look for it."""

_ERROR = re.compile(r"(error)\s*:", re.IGNORECASE)
R = TypeVar("R")


class RenderStoppedError(RuntimeError):
    """The show does not let this render begin. The only thing that may leave a callback of ours."""


def say(text: str, level: str = "INFO") -> None:
    """One line. Farm managers take ``Error:`` in a line for a failed task: no line of ours holds it, whatever it quotes."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    with contextlib.suppress(Exception):  # a log that takes nothing must not change what a callback does
        nuke.tprint(f"{PREFIX} {level} {_ERROR.sub(lambda match: match[1] + ' -', plain)}")


def warn(text: str) -> None:
    """A line that somebody should look at."""
    say(text, "WARN")


def guarded(call: Callable[..., R]) -> Callable[..., R | None]:
    """A callback that never raises into Nuke: there one that raises stops the later ones, a save, or the render."""

    @functools.wraps(call)
    def safe(*args: Any, **kwargs: Any) -> R | None:
        try:
            return call(*args, **kwargs)
        except RenderStoppedError:
            raise
        except GenAITagsError as error:  # it says what and where by itself
            warn(str(error))
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, the artist's session goes on
            warn(f"{call.__name__.strip('_')} did not work ({type(error).__name__}) {error}")
            return None

    return safe
