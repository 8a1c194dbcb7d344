"""Lines in the log, and handlers that cannot disturb Hiero: it prints ``ERROR:`` for one that raises, which farms take for a failure."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from genai_tags.errors import GenAITagsError


def say(text: str, level: str = "INFO") -> None:
    """One line with the prefix that all of ours have."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    print(f"genai_tags: {level} {plain.replace('Error:', 'Error -').replace('ERROR:', 'ERROR -')}")  # noqa: T201 - the log


def guarded(call: Callable[..., object]) -> Callable[..., None]:
    """A handler that never raises."""

    @functools.wraps(call)
    def safe(*args: Any, **kwargs: Any) -> None:
        try:
            call(*args, **kwargs)
        except GenAITagsError as error:  # it says what and where by itself
            say(str(error), "WARN")
        except Exception as error:  # noqa: BLE001 - whatever it is, the editor's session goes on
            say(f"{call.__name__.strip('_')} did not work ({type(error).__name__}) {error}", "WARN")

    return safe
