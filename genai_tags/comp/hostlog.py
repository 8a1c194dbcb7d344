"""Lines of ours in a host's log, and callbacks that cannot disturb the host."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar

from genai_tags.errors import GenAITagsError

PREFIX = "genai_tags:"
"""What every line of ours begins with; it stays as it is, so that farms can look for it."""

_ERROR = re.compile(r"(error)\s*:", re.IGNORECASE)
R = TypeVar("R")


def log_line(text: str, level: str = "INFO") -> str:
    """One line. Farm managers take ``Error:`` in a line for a failed task: no line of ours holds it, whatever it quotes."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{PREFIX} {level} {_ERROR.sub(lambda match: match[1] + ' -', plain)}"


def guarded_by(
    warn: Callable[[str], None], passes: tuple[type[Exception], ...] = ()
) -> Callable[[Callable[..., R]], Callable[..., R | None]]:
    """A decorator for callbacks that never raise into their host, but for what ``passes``; what went wrong is warned of."""

    def guarded(call: Callable[..., R]) -> Callable[..., R | None]:
        @functools.wraps(call)
        def safe(*args: Any, **kwargs: Any) -> R | None:
            try:
                return call(*args, **kwargs)
            except passes:
                raise
            except GenAITagsError as error:  # it says what and where by itself
                warn(str(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, the artist's session goes on
                warn(f"{call.__name__.strip('_')} did not work ({type(error).__name__}) {error}")
            return None

        return safe

    return guarded
