"""What an artist can do; each an operator with undo, and each safe to call from a script."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import bpy

from genai_tags import tagging
from genai_tags.comp.output import headline
from genai_tags.errors import GenAITagsError, UsageError
from genai_tags.model import TagSet

from . import compat, detect, store, timeline
from .log import warn
from .render import tell
from .session import SESSION, judged


def targets(context: Any) -> list[Any]:
    """The datablocks that an artist means: selected strips, the image that is open, selected nodes, else selected objects."""
    space = context.space_data
    if space is not None and space.type == "SEQUENCE_EDITOR":
        return compat.selected_strips(context)
    if space is not None and space.type == "IMAGE_EDITOR":
        return [space.image] if space.image is not None else []
    if space is not None and space.type == "CLIP_EDITOR":
        return [space.clip] if space.clip is not None else []
    if space is not None and space.type == "NODE_EDITOR":
        return [getattr(node, "image", None) or node for node in context.selected_nodes or ()]
    return list(context.selected_objects or ())


def tag(blocks: Iterable[Any], ids: Iterable[str]) -> int:
    """Put tags on datablocks, beside what is there; how many. Raises UsageError for a tag that the ledger lacks, and for sets
    that cannot be read or changed."""
    change = tagging.adding(SESSION.needed().stubs(ids))
    blocks = list(blocks)
    wanted = []
    for block in blocks:
        tags, problems = store.get(block)
        if problems:
            raise UsageError(f"{store.label(block)}: {problems[0]}; untag it first")
        if tags.newer:
            raise UsageError(f"{store.label(block)} holds tags of a newer genai_tags; update genai_tags to change them")
        wanted.append((block, change(tags)))
    for block, tags in wanted:
        store.put(block, tags)
    return len(blocks)


class _Operator(bpy.types.Operator):  # type: ignore[misc]
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender reads a set

    def tried(self, work: Any) -> set[str]:
        """Run it; what cannot be done is reported to the artist, and leaves no step to undo."""
        try:
            self.report({"INFO"}, work())
        except GenAITagsError as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class GENAI_OT_tag(_Operator):
    """Put GenAI tags on what is selected"""

    bl_idname = "genai.tag"
    bl_label = "Tag as GenAI"

    ids: bpy.props.StringProperty(name="Tag ids", description="One or several, spaces between")  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask for the ids."""
        return set(context.window_manager.invoke_props_dialog(self, width=320))

    def execute(self, context: Any) -> set[str]:
        """Do it."""

        def work() -> str:
            found, ids = targets(context), self.ids.split()
            if not found or not ids:
                raise UsageError("select what the element is, and name a tag")
            return f"{' '.join(ids)} is on {tag(found, ids)} datablock(s)"

        return self.tried(work)


class GENAI_OT_untag(_Operator):
    """Take all GenAI tags off what is selected. What its media carries stays"""

    bl_idname = "genai.untag"
    bl_label = "Take GenAI Tags Off"

    def execute(self, context: Any) -> set[str]:
        """Do it."""

        def work() -> str:
            found = targets(context)
            for block in found:
                store.put(block, TagSet())
            return f"no tag is on {len(found)} datablock(s) any more"

        return self.tried(work)


class GENAI_OT_check(_Operator):
    """Look at everything that reaches this render, and say where it stands"""

    bl_idname = "genai.check"
    bl_label = "Check for GenAI"
    bl_options = {"REGISTER"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        """Do it."""

        def work() -> str:
            scene = compat.sequencer_scene(context)
            output = judged(scene, glance=False)
            tell(output)
            suspects = ", ".join(dict.fromkeys(trace.tool for trace in detect.suspected(scene)))
            if suspects:
                warn(f"{scene.name}: {suspects} was used in this scene, and nothing says for what: tag what it made")
            return headline(output) + (f" - suspected: {suspects}" if suspects else "")

        return self.tried(work)


class GENAI_OT_render(_Operator):
    """Render the animation, unless the show does not let it be rendered as it stands"""

    bl_idname = "genai.render"
    bl_label = "Check and Render"
    bl_options = {"REGISTER"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        """Handlers cannot stop a render; this does."""

        def work() -> str:
            show, output = SESSION.needed(), judged(context.scene, glance=False)
            if output.status in show.config.renders.stop:
                raise UsageError(f"{show.config.name} does not render what is {output.badge.text.lower()}: {headline(output)}")
            bpy.ops.render.render("EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT", animation=True)
            return headline(output)

        return self.tried(work)


class GENAI_OT_export_otio(_Operator):
    """Write the scene's strips, with their GenAI tags, as an OpenTimelineIO timeline"""

    bl_idname = "genai.export_otio"
    bl_label = "Export OpenTimelineIO with GenAI Tags"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")  # type: ignore[valid-type]
    filter_glob: bpy.props.StringProperty(default="*.otio", options={"HIDDEN"})  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask for a file."""
        self.filepath = bpy.path.ensure_ext(os.path.splitext(bpy.data.filepath or "timeline")[0], ".otio")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        """Write it."""

        def work() -> str:
            path = bpy.path.ensure_ext(bpy.path.abspath(self.filepath), ".otio")
            return f"{timeline.save(compat.sequencer_scene(context), path)} clip(s) in {path}"

        return self.tried(work)


_CLASSES = (GENAI_OT_tag, GENAI_OT_untag, GENAI_OT_check, GENAI_OT_render, GENAI_OT_export_otio)


def _in_menu(self: Any, _: Any) -> None:
    self.layout.operator(GENAI_OT_export_otio.bl_idname, text="OpenTimelineIO with GenAI Tags (.otio)")


def register() -> None:
    """Add the operators."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    bpy.types.TOPBAR_MT_file_export.append(_in_menu)


def unregister() -> None:
    """Take them away."""
    bpy.types.TOPBAR_MT_file_export.remove(_in_menu)
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
