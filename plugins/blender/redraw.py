"""Draw the editors again in a moment: something was found out, or is still being found out. Nothing happens without a window."""

from __future__ import annotations

import bpy

from .log import guarded


def now() -> None:
    """Have every editor drawn again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()


@guarded
def _later() -> None:
    now()


def soon(seconds: float = 0.1) -> None:
    """Have every editor drawn again a moment from now; asked for several times it is done once."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_later):
        bpy.app.timers.register(_later, first_interval=seconds)


def never() -> None:
    """The extension goes."""
    if bpy.app.timers.is_registered(_later):
        bpy.app.timers.unregister(_later)
