"""What Blender calls when a property of the form changes, and asks for names to offer.

Nothing here knows ``bpy``: Blender 4.2 keeps the callbacks of properties for ever, and with them whatever their module knows; when that
is ``bpy`` it crashes at its exit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_LISTENERS: list[Callable[[], None]] = []
_SUGGEST: dict[str, Callable[[], list[str]]] = {}


def listen(changed: Callable[[], None], suggest: Mapping[str, Callable[[], list[str]]]) -> None:
    """Whom to tell when something is filled in, and which names to offer, by the field's name."""
    forget()
    _LISTENERS.append(changed)
    _SUGGEST.update(suggest)


def forget() -> None:
    """Tell nobody any more."""
    _LISTENERS.clear()
    _SUGGEST.clear()


def changed(self: Any, context: Any) -> None:
    """An ``update`` callback."""
    for each in _LISTENERS:
        each()


def offers(name: str) -> Callable[[Any, Any, str], list[str]]:
    """A ``search`` callback."""

    def found(self: Any, context: Any, typed: str) -> list[str]:
        names = _SUGGEST[name]() if name in _SUGGEST else []
        return [each for each in names if typed.casefold() in each.casefold()]

    return found


def words(self: Any, context: Any, typed: str) -> list[str]:
    """A ``search`` callback: the words that a pack's own fact may be."""
    return [each for each in self.words.split() if typed.casefold() in each.casefold()]
