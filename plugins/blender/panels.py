"""Sidebar panels: what is selected, what it carries, and where each tag stands. Drawing reads what is in memory alone."""

from __future__ import annotations

from typing import Any

import bpy

from genai_tags.status import BADGES

from . import standing, store
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
            tags, problems = store.get(block)
            box = layout.box()
            box.label(text=block.name)
            if problems:
                row = box.row()
                row.alert = True
                row.label(text="Damaged tag: untag it and tag it again", icon="ERROR")
            for stub in tags.stubs:
                status = standing.status_of_tag(stub.id)
                row = box.row()
                row.alert = status not in standing.SETTLED
                row.label(text=f"{BADGES[status].symbol} {BADGES[status].text}: {stub.id}")
            if not tags and not problems:
                box.label(text="No tag of its own")
        if len(found) > 8:
            layout.label(text=f"and {len(found) - 8} more")
        row = layout.row(align=True)
        row.operator("genai.tag")
        row.operator("genai.untag")
        layout.operator("genai.check")
        layout.operator("genai.render")


def _panel(space: str) -> type:
    return type(
        f"GENAI_PT_{space.lower()}",
        (_Panel, bpy.types.Panel),
        {"bl_space_type": space, "bl_idname": f"GENAI_PT_{space.lower()}"},
    )


_CLASSES = tuple(_panel(space) for space in ("SEQUENCE_EDITOR", "IMAGE_EDITOR", "CLIP_EDITOR", "NODE_EDITOR", "VIEW_3D"))


def register() -> None:
    """Add the panels."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Take them away."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
