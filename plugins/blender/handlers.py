"""Handlers of ours in Blender's lists: each once, there while other files are opened, and gone with the extension."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy

Handlers = Sequence[tuple[str, Callable[..., Any]]]
"""Names of lists in ``bpy.app.handlers``, and what to call."""


def add(handlers: Handlers) -> None:
    """Add them; what an earlier load of the extension left behind goes."""
    remove(handlers)
    for name, handler in handlers:
        getattr(bpy.app.handlers, name).append(bpy.app.handlers.persistent(handler))


def remove(handlers: Handlers) -> None:
    """Take them away, by name: one that stays makes Blender 4.5 hang at exit, and 4.2 crash."""
    for name, handler in handlers:
        found = getattr(bpy.app.handlers, name)
        for each in [each for each in found if getattr(each, "__name__", "") == handler.__name__]:
            found.remove(each)
