"""Badges: on strips in the timeline, in the preview, on nodes, and a count in the sequencer's header. What is drawn where is found
apart from drawing it, so that a painter can be tried without a window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import blf
import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from genai_tags.status import BADGES, Status

from . import compat, glance, handlers, redraw, standing
from .log import guarded

_HEIGHT, _PAD, _SIZE, _GAP = 14, 4, 11, 3
_LEAST = 12
"""Pixels that a strip must be wide for a badge to be seen on it."""
_FRESH = 1.0
"""Seconds that a badge is taken from memory."""
_RENEWED = 64
"""Badges that one redraw finds out anew; the others follow with the next."""
_IN_PREVIEW = 8
_MOST = 10_000
_NEVER: tuple[float, Status | None] = (float("-inf"), None)


@dataclass(frozen=True)
class Item:
    """A badge on a strip or a node: its place in the editor's own units (frames and channels, or the node's plane), and where it stands."""

    left: float
    bottom: float
    right: float
    top: float
    status: Status


class _Remembered:
    """Where things stand, by their address, for a moment: an editor draws hundreds of strips many times a second."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[float, Status | None]] = {}
        self.turn = -1


_REMEMBERED = _Remembered()


def forget() -> None:
    """Find everything out anew: something was tagged, undone or opened."""
    _REMEMBERED.known.clear()


def standings(blocks: Iterable[Any]) -> list[tuple[Any, Status]]:
    """Those of which somebody said something, and where they stand. What is not known yet is found out first, then what was found out
    longest ago; where there is too much for one redraw, another one follows."""
    known, now = _REMEMBERED.known, time.monotonic()
    if _REMEMBERED.turn != standing.turn() or len(known) > _MOST:
        known.clear()
        _REMEMBERED.turn = standing.turn()
    here = [(block.as_pointer(), block) for block in blocks]
    stale = [
        (known[place][0] if place in known else 0.0, place, block)
        for place, block in here
        if now - known.get(place, _NEVER)[0] >= _FRESH
    ]
    if len(stale) > _RENEWED:
        stale.sort(key=lambda each: each[0])
        redraw.soon()
    for _, place, block in stale[:_RENEWED]:
        known[place] = now, standing.status_of(block)
    return [(block, status) for place, block in here if (status := known.get(place, _NEVER)[1]) is not None]


def items(strips: Iterable[Any]) -> list[Item]:
    """The badges of strips."""
    found = []
    for strip, status in standings(strips):
        first, last = compat.strip_range(strip)
        found.append(Item(first, strip.channel, last + 1, strip.channel + 1, status))
    return found


def node_items(shown: Iterable[Any], scale: float) -> list[Item]:
    """The badges of nodes, above their upper edge."""
    found = []
    for node, status in standings(shown):
        x, y = compat.node_place(node)
        found.append(Item(x * scale, y * scale, (x + node.width) * scale, y * scale, status))
    return found


def at_frame(strips: Iterable[Any], frame: int) -> list[tuple[str, Status]]:
    """The strips that a frame shows and of which somebody said something, the worst first, with where they stand."""
    shown = [strip for strip in strips if not strip.mute and _spans(strip, frame)]
    found = [(strip.name, status) for strip, status in standings(shown)]
    return sorted(found, key=lambda pair: -pair[1].rank)


def _spans(strip: Any, frame: int) -> bool:
    first, last = compat.strip_range(strip)
    return first <= frame <= last


def draw(
    found: Iterable[Item],
    project: Callable[[float, float], tuple[float, float]],
    width: float,
    height: float,
    scale: float = 1.0,
) -> int:
    """Paint badges; how many were in view. ``project`` gives pixels for a place (a strip spans its channel to the next); what lies
    outside ``width`` and ``height`` is left out."""
    count = 0
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    for item in found:
        left, bottom = project(item.left, item.bottom)
        right, top = project(item.right, item.top)
        if right < 0 or left > width or top < 0 or bottom > height or right - left < _LEAST * scale:
            continue
        badge = BADGES[item.status]
        words = (f"{badge.symbol} {badge.text}", badge.symbol)
        _pill(shader, badge.colour, words, max(left, 0.0), bottom, min(right, width), scale)
        count += 1
    gpu.state.blend_set("NONE")
    return count


def draw_list(found: Sequence[tuple[str, Status]], width: float, height: float, scale: float = 1.0) -> int:
    """Paint badges with names, one below the other from the upper left corner; how many there were room for."""
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    step, count = (_HEIGHT + _GAP) * scale, 0
    for name, status in found[:_IN_PREVIEW]:
        bottom = height - (count + 2) * step
        if bottom < 0:
            break
        badge = BADGES[status]
        words = (f"{badge.symbol} {badge.text}: {name}", f"{badge.symbol} {badge.text}", badge.symbol)
        _pill(shader, badge.colour, words, step, bottom, width - step, scale)
        count += 1
    gpu.state.blend_set("NONE")
    return count


def _pill(shader: Any, colour: str, words: Sequence[str], left: float, bottom: float, right: float, scale: float) -> None:
    """The longest of the texts that there is room for; the last where there is none."""
    blf.size(0, _SIZE * scale)
    pad, high = _PAD * scale, _HEIGHT * scale
    text = next((t for t in words if blf.dimensions(0, t)[0] + 2 * pad <= right - left), words[-1])
    wide = min(blf.dimensions(0, text)[0] + 2 * pad, right - left)
    x, y = left + 2 * scale, bottom + 3 * scale  # the strip's name stays free, at its top
    corners = ((x, y), (x + wide, y), (x, y + high), (x + wide, y + high))
    batch = batch_for_shader(shader, "TRI_STRIP", {"pos": corners})
    shader.bind()
    shader.uniform_float("color", (*rgb(colour), 0.95))
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
    draw(
        items(compat.open_strips(editor)), _projection(region), region.width, region.height, context.preferences.system.ui_scale
    )


@guarded
def _in_preview() -> None:
    """Draw over the preview: what the current frame shows."""
    context = bpy.context
    scene = compat.sequencer_scene(context)
    editor = scene.sequence_editor if scene is not None else None
    if editor is None or not context.space_data.show_overlays:
        return
    region = context.region
    found = at_frame(compat.open_strips(editor), scene.frame_current)
    draw_list(found, region.width, region.height, context.preferences.system.ui_scale)


@guarded
def _in_nodes() -> None:
    """Draw over the node editor that is being redrawn."""
    context = bpy.context
    space, region = context.space_data, context.region
    if space.edit_tree is None or not space.overlay.show_overlays:
        return
    scale = context.preferences.system.ui_scale
    draw(node_items(space.edit_tree.nodes, scale), _projection(region), region.width, region.height, scale)


def _projection(region: Any) -> Callable[[float, float], tuple[float, float]]:
    def project(across: float, up: float) -> tuple[float, float]:
        x, y = region.view2d.view_to_region(across, up, clip=False)
        return float(x), float(y)

    return project


@guarded
def _in_header(self: Any, context: Any) -> None:
    """How many strips hold tags, and how many of those are not settled."""
    scene = compat.sequencer_scene(context)
    if scene is None or scene.sequence_editor is None:
        return
    found = standings(compat.all_strips(scene.sequence_editor))
    if found:
        unsettled = sum(status not in standing.SETTLED for _, status in found)
        row = self.layout.row()
        row.alert = bool(unsettled)
        row.label(text=f"GenAI {len(found)}, {unsettled} not settled" if unsettled else f"GenAI {len(found)}")


@guarded
def genai_tags_undone(*_: Any) -> None:
    """What was drawn may have moved, or be gone."""
    forget()


@guarded
def genai_tags_loaded(*_: Any) -> None:
    """Another file is open: its media is looked at, whatever was seen of it before."""
    forget()
    standing.forget()


_HANDLES: list[tuple[Any, Any, str]] = []
"""What draws."""
_HANDLERS = (("undo_post", genai_tags_undone), ("redo_post", genai_tags_undone), ("load_post", genai_tags_loaded))


def register() -> None:
    """Draw from now on."""
    for space, call, region in (
        (bpy.types.SpaceSequenceEditor, _in_timeline, "WINDOW"),
        (bpy.types.SpaceSequenceEditor, _in_preview, "PREVIEW"),
        (bpy.types.SpaceNodeEditor, _in_nodes, "WINDOW"),
    ):
        _HANDLES.append((space, space.draw_handler_add(call, (), region, "POST_PIXEL"), region))
    bpy.types.SEQUENCER_HT_header.append(_in_header)
    handlers.add(_HANDLERS)
    glance.LISTENERS.append(forget)


def unregister() -> None:
    """Draw no more."""
    while _HANDLES:
        space, handle, region = _HANDLES.pop()
        space.draw_handler_remove(handle, region)
    bpy.types.SEQUENCER_HT_header.remove(_in_header)
    handlers.remove(_HANDLERS)
    forget()
    glance.LISTENERS.clear()
    glance.stop()
    redraw.never()
    standing.forget()
