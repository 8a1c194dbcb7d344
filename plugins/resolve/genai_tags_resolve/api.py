"""Resolve's objects, asked with care.

``hasattr`` is true for every name on them; ``dir`` knows. A call that did nothing returns True all the same, so what is written is read
back by whoever writes. Sources: Blackmagic's scripting README, and the field notes in the project's fact sheets.
"""

from __future__ import annotations

import sys
from typing import Any


class MissingCallError(Exception):
    """This Resolve lacks a call."""


def has(thing: Any, name: str) -> bool:
    """Whether an object knows a call or constant."""
    return thing is not None and name in dir(thing)


def call(thing: Any, name: str, *arguments: Any) -> Any:
    """Call it. Raises MissingCallError where this Resolve has no such call, or the object is gone."""
    if thing is None:
        raise MissingCallError(f"{name}: there is nothing to ask; is a project with a timeline open?")
    if not has(thing, name):
        raise MissingCallError(f"this Resolve has no {name}; it needs 18.5 or later")
    return getattr(thing, name)(*arguments)


def number(value: Any, default: int = 0) -> int:
    """A frame: Resolve gives whole numbers as floats, or as texts."""
    try:
        return round(float(value))
    except (TypeError, ValueError):
        return default


def current(resolve: Any) -> tuple[Any, Any]:
    """The project and the timeline that are open; None where none is."""
    manager = call(resolve, "GetProjectManager")
    if manager is None:
        raise MissingCallError("Resolve does not answer any more")
    project = call(manager, "GetCurrentProject")
    return project, call(project, "GetCurrentTimeline") if project is not None else None


def edition(resolve: Any) -> str:
    """What is running: its product, version and Python."""
    version = call(resolve, "GetVersionString") if has(resolve, "GetVersionString") else "?"
    name = call(resolve, "GetProductName") if has(resolve, "GetProductName") else "DaVinci Resolve"
    return f"{name} {version}, Python {'.'.join(map(str, sys.version_info[:3]))}"
