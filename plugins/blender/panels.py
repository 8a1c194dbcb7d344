"""Sidebar panels: what is selected, what it carries, and where each tag stands. Drawing reads what is in memory alone."""

from __future__ import annotations

from typing import Any

import bpy

from genai_tags.status import BADGES

from . import compat, form, standing, store
from .formpanel import FormPanel
from .operators import targets


class _Panel:
    bl_label = "GenAI"
    bl_category = "GenAI"
    bl_region_type = "UI"

    layout: Any

    def draw(self, context: Any) -> None:
        """Blender calls it at every redraw."""
        layout = self.layout
        found = targets(context)
        if not found:
            layout.label(text="Nothing is selected")
        for block in found[:8]:
            _block(layout, block)
        if len(found) > 8:
            layout.label(text=f"and {len(found) - 8} more")
        row = layout.row(align=True)
        row.operator("genai.tag_found")
        row.operator("genai.untag")
        if not form.is_open():
            layout.operator("genai.form_begin")
        layout.operator("genai.select")
        layout.operator("genai.check")
        layout.operator("genai.render")


def _block(layout: Any, block: Any) -> None:
    tags, problems = store.get(block)
    box = layout.box()
    box.label(text=block.name)
    if problems:
        row = box.row()
        row.alert = True
        row.label(text="Damaged tag: untag it and tag it again", icon="ERROR")
    for stub in tags.stubs:
        status = standing.status_of_stub(stub)
        row = box.row()
        words = row.row()
        words.alert = status not in standing.SETTLED
        words.label(text=f"{BADGES[status].symbol} {BADGES[status].text}: {stub.id}")
        row.operator("genai.form_revise", text="", icon="GREASEPENCIL").id = stub.id
    carried = [
        (tag_id, status) for tag_id, status in standing.of_media(block) if tag_id not in {stub.id for stub in tags.stubs}
    ]
    for tag_id, status in carried[:4]:
        row = box.row()
        row.alert = status not in standing.SETTLED
        row.label(text=f"{BADGES[status].symbol} {BADGES[status].text}: {tag_id}, by its media")
    if len(carried) > 4:
        box.label(text=f"and {len(carried) - 4} more in its media")
    if not tags and not problems and not carried:
        box.label(text="No tag is known")


def _panels(space: str, region: str = "UI", context: str = "") -> tuple[type, type]:
    """The panel of an editor, and the form below it."""
    name = f"GENAI_PT_{(context or space).lower()}"
    where = {"bl_space_type": space, "bl_region_type": region, **({"bl_context": context} if context else {})}
    return (
        type(name, (_Panel, bpy.types.Panel), {**where, "bl_idname": name}),
        type(f"{name}_form", (FormPanel, bpy.types.Panel), {**where, "bl_idname": f"{name}_form", "bl_parent_id": name}),
    )


_EDITORS = ("SEQUENCE_EDITOR", "IMAGE_EDITOR", "CLIP_EDITOR", "NODE_EDITOR", "VIEW_3D")
_CLASSES = tuple(each for space in _EDITORS for each in _panels(space))
if compat.STRIP_PROPERTIES:
    _CLASSES += _panels("PROPERTIES", "WINDOW", "strip")

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
