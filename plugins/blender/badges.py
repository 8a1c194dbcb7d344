"""Badges: on strips in the timeline, and a count in the sequencer's header. What is drawn where is found apart from drawing it, so
that a painter can be tried without a window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import blf
import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from genai_tags.status import BADGES, Status

from . import compat, standing
from .log import guarded

_HEIGHT, _PAD, _SIZE = 14, 4, 11
_LEAST = 12
"""Pixels that a strip must be wide for a badge to be seen on it."""


@dataclass(frozen=True)
class Item:
    """A badge on a strip: its frames (``last`` exclusive), its channel, and where its tags stand."""

    first: int
    last: int
    channel: int
    status: Status


def items(strips: Iterable[Any]) -> list[Item]:
    """The badges of strips that hold tags."""
    found = []
    for strip in strips:
        status = standing.status_of(strip)
        if status is not None:
            first, last = compat.strip_range(strip)
            found.append(Item(first, last + 1, strip.channel, status))
    return found


def draw(
    found: Iterable[Item],
    project: Callable[[float, float], tuple[float, float]],
    width: float,
    height: float,
    scale: float = 1.0,
) -> int:
    """Paint badges; how many were in view. ``project`` gives pixels for frame and channel (a strip spans its channel to the next);
    what lies outside ``width`` and ``height`` is left out."""
    count = 0
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    for item in found:
        left, bottom = project(item.first, item.channel)
        right, top = project(item.last, item.channel + 1)
        if right < 0 or left > width or top < 0 or bottom > height or right - left < _LEAST * scale:
            continue
        _pill(shader, item.status, max(left, 0.0), bottom, min(right, width), scale)
        count += 1
    gpu.state.blend_set("NONE")
    return count


def _pill(shader: Any, status: Status, left: float, bottom: float, right: float, scale: float) -> None:
    """Symbol and word; the symbol alone where the strip is short."""
    badge = BADGES[status]
    blf.size(0, _SIZE * scale)
    pad, high = _PAD * scale, _HEIGHT * scale
    text = next(
        (t for t in (f"{badge.symbol} {badge.text}", badge.symbol) if blf.dimensions(0, t)[0] + 2 * pad <= right - left),
        badge.symbol,
    )
    wide = min(blf.dimensions(0, text)[0] + 2 * pad, right - left)
    x, y = left + 2 * scale, bottom + 3 * scale  # the strip's name stays free, at its top
    corners = ((x, y), (x + wide, y), (x, y + high), (x + wide, y + high))
    batch = batch_for_shader(shader, "TRI_STRIP", {"pos": corners})
    shader.bind()
    shader.uniform_float("color", (*rgb(badge.colour), 0.95))
    batch.draw(shader)
    blf.color(0, 1.0, 1.0, 1.0, 1.0)
    blf.position(0, x + pad, y + 3.5 * scale, 0)
    blf.draw(0, text)


def rgb(colour: str) -> tuple[float, float, float]:
    """``#d64545`` as three figures from 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


@guarded
def _in_timeline() -> None:
    """Draw over the timeline that is being redrawn."""
    context = bpy.context
    scene = compat.sequencer_scene(context)
    editor = scene.sequence_editor if scene is not None else None
    if editor is None or context.space_data.view_type not in ("SEQUENCER", "SEQUENCER_PREVIEW"):
        return
    region = context.region

    def project(frame: float, channel: float) -> tuple[float, float]:
        x, y = region.view2d.view_to_region(frame, channel, clip=False)
        return float(x), float(y)

    draw(items(compat.open_strips(editor)), project, region.width, region.height, context.preferences.system.ui_scale)


@guarded
def _in_header(self: Any, context: Any) -> None:
    """How many strips hold tags, and how many of those are not settled."""
    scene = compat.sequencer_scene(context)
    if scene is None or scene.sequence_editor is None:
        return
    found = items(compat.all_strips(scene.sequence_editor))
    if found:
        unsettled = sum(item.status not in standing.SETTLED for item in found)
        row = self.layout.row()
        row.alert = bool(unsettled)
        row.label(text=f"GenAI {len(found)}, {unsettled} not settled" if unsettled else f"GenAI {len(found)}")


_HANDLES: list[Any] = []


def register() -> None:
    """Draw from now on."""
    _HANDLES.append(bpy.types.SpaceSequenceEditor.draw_handler_add(_in_timeline, (), "WINDOW", "POST_PIXEL"))
    bpy.types.SEQUENCER_HT_header.append(_in_header)


def unregister() -> None:
    """Draw no more."""
    while _HANDLES:
        bpy.types.SpaceSequenceEditor.draw_handler_remove(_HANDLES.pop(), "WINDOW")
    bpy.types.SEQUENCER_HT_header.remove(_in_header)
    standing.forget()
