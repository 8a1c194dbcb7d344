"""Names that differ between Blender 4.2 and 5.2. Nothing else asks for a version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import bpy

STRIP_PROPERTIES = bpy.app.version >= (5, 0, 0)
"""Whether a strip's panels are in the Properties editor."""


def strips(owner: Any) -> list[Any]:
    """The strips of a sequence editor or of a meta strip, not those inside other metas."""
    found = getattr(owner, "strips", None)
    return list(found if found is not None else owner.sequences)


def inputs(strip: Any) -> list[Any]:
    """The strips that an effect works on."""
    found = (getattr(strip, name, None) for name in ("input_1", "input_2"))
    return [each for each in found if each is not None]


def all_strips(editor: Any) -> list[Any]:
    """The strips of a sequence editor, those inside metas too."""
    found = getattr(editor, "strips_all", None)
    return list(found if found is not None else editor.sequences_all)


def open_strips(editor: Any) -> list[Any]:
    """The strips that the timeline shows: those of the meta strip that is open, else the top level's."""
    return strips(editor.meta_stack[-1] if len(editor.meta_stack) else editor)


def strip_range(strip: Any) -> tuple[int, int]:
    """The frames that a strip shows, the last one inclusive."""
    if hasattr(strip, "left_handle"):  # from 5.1
        return int(strip.left_handle), int(strip.right_handle) - 1
    return int(strip.frame_final_start), int(strip.frame_final_end) - 1


def node_place(node: Any) -> tuple[float, float]:
    """The upper left corner of a node, whatever frames it lies in."""
    found = getattr(node, "location_absolute", None)  # from 4.4 on
    if found is not None:
        return float(found[0]), float(found[1])
    x, y = node.location
    return (x, y) if node.parent is None else tuple(map(sum, zip((x, y), node_place(node.parent), strict=True)))  # type: ignore[return-value]


def sequencer_scene(context: Any) -> Any:
    """The scene whose strips are shown: from 5.0 the sequencer has its own."""
    return getattr(context, "sequencer_scene", None) or context.scene


def selected_strips(context: Any) -> list[Any]:
    """The strips that are selected in the sequencer."""
    found = getattr(context, "selected_strips", None)
    if found is None:
        found = getattr(context, "selected_sequences", None)
    return list(found or ())


def compositor(scene: Any) -> Any:
    """The node tree that composites a scene; None where there is none, or where it is off."""
    if not scene.render.use_compositing:
        return None
    if hasattr(scene, "compositing_node_group"):  # from 5.0
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def output_folder(node: Any) -> tuple[str, list[str]]:
    """Where a File Output node writes, and what the names of its files begin with."""
    if hasattr(node, "file_output_items"):  # from 5.0
        items = [item.name for item in node.file_output_items]
        multilayer = node.format.media_type == "MULTI_LAYER_IMAGE"
        return node.directory, [node.file_name] if multilayer else [node.file_name + name for name in items]
    if node.format.file_format == "OPEN_EXR_MULTILAYER":
        folder, name = os.path.split(bpy.path.abspath(node.base_path))
        return folder, [name]
    return node.base_path, [slot.path for slot in node.file_slots]


def uses_nodes(block: Any) -> bool:
    """Whether a material, world or light is made by its node tree: from 5.0 materials and worlds always are."""
    if bpy.app.version >= (5, 0, 0) and isinstance(block, (bpy.types.Material, bpy.types.World)):
        return True
    return bool(getattr(block, "use_nodes", True))


def content_start(strip: Any) -> int:
    """The frame at which the first frame of a strip's media would lie, were nothing of it cut off."""
    if hasattr(strip, "content_start"):  # from 5.1
        return int(strip.content_start) - int(getattr(strip, "content_trim_start", 0))  # effects have no such thing
    return int(strip.frame_start) - int(getattr(strip, "animation_offset_start", 0))


def is_cut_hard(strip: Any) -> bool:
    """Whether frames of a strip's media are cut off for good, beyond its handles."""
    names = ("animation_offset_start", "animation_offset_end")
    if hasattr(strip, "content_duration"):  # from 5.1
        names = ("content_trim_start", "content_trim_end")
    return any(int(getattr(strip, name, 0) or 0) for name in names)


def animated(block: Any, prop: str) -> bool:
    """Whether a property of a datablock is animated or driven."""
    data = getattr(block, "animation_data", None)
    if data is None:
        return False
    return any(curve.data_path == prop for curve in (*data.drivers, *_curves(data.action)))


def _curves(action: Any) -> Iterator[Any]:
    if action is None:
        return
    if hasattr(action, "fcurves"):  # gone in 5.0
        yield from action.fcurves
        return
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                yield from bag.fcurves


def content_length(strip: Any) -> int:
    """Frames of the scene that a strip's media lasts as it is shown, trimmed ones with them."""
    if hasattr(strip, "content_duration"):  # from 5.1
        cut = int(getattr(strip, "content_trim_start", 0)) + int(getattr(strip, "content_trim_end", 0))
        return int(strip.content_duration) + cut
    cut = int(getattr(strip, "animation_offset_start", 0)) + int(getattr(strip, "animation_offset_end", 0))
    if bpy.app.version < (4, 5, 0) and strip.type == "MOVIE":  # frame_duration is that of the file there
        return cut + round(float(strip.frame_final_duration + strip.frame_offset_start + strip.frame_offset_end))
    return int(strip.frame_duration) + cut
