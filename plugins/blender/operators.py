"""What an artist can do; each an operator with undo, and each safe to call from a script."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from typing import Any

import bpy

from genai_tags import tagging
from genai_tags.comp.output import headline
from genai_tags.errors import GenAITagsError, UsageError
from genai_tags.model import TagSet

from . import badges, compat, detect, glance, standing, store, timeline
from .log import warn
from .render import tell
from .session import SESSION, judged


def targets(context: Any) -> list[Any]:
    """The datablocks that an artist means: selected strips, the image that is open, selected nodes, else selected objects."""
    space = context.space_data
    if space is not None and space.type == "SEQUENCE_EDITOR":
        return compat.selected_strips(context)
    if space is not None and space.type == "PROPERTIES" and space.context == "STRIP":
        return compat.selected_strips(context) or [each for each in (context.active_strip,) if each is not None]
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
    wanted = [(block, change(tags)) for block, tags in taggable(blocks)]
    for block, tags in wanted:
        store.put(block, tags)
    _changed()
    return len(wanted)


def taggable(blocks: Iterable[Any]) -> list[tuple[Any, TagSet]]:
    """The datablocks, each once, with what they hold. Raises UsageError where one takes no tag, or holds what would be lost."""
    found = []
    for block in {each.as_pointer(): each for each in blocks}.values():  # several nodes may show one image
        store.check(block)
        tags, problems = store.get(block)
        if problems:
            raise UsageError(f"{store.label(block)}: {problems[0]}; untag it first")
        if tags.newer:
            raise UsageError(f"{store.label(block)} holds tags of a newer genai_tags; update genai_tags to change them")
        found.append((block, tags))
    return found


def _changed() -> None:
    """Badges follow at once."""
    standing.look_again()
    badges.forget()


class Tried(bpy.types.Operator):  # type: ignore[misc]
    """An operator that reports what it did, or cannot do."""

    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender reads a set

    def do(self, context: Any) -> str:
        """Do it, and say what was done. Raises GenAITagsError for what cannot be done."""
        raise NotImplementedError

    def execute(self, context: Any) -> set[str]:
        """Try it; what cannot be done is reported to the artist, and leaves no step to undo."""
        try:
            self.report({"INFO"}, self.do(context))
        except GenAITagsError as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class GENAI_OT_tag(Tried):
    """Put GenAI tags on what is selected"""

    bl_idname = "genai.tag"
    bl_label = "Tag as GenAI"

    ids: bpy.props.StringProperty(name="Tag ids", description="One or several, spaces between")  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask for the ids."""
        return set(context.window_manager.invoke_props_dialog(self, width=320))

    def do(self, context: Any) -> str:
        """Do it."""
        found, ids = targets(context), self.ids.split()
        if not found or not ids:
            raise UsageError("select what the element is, and name a tag")
        return f"{' '.join(ids)} is on {tag(found, ids)} datablock(s)"


_FOUND: list[tuple[str, str, str, str, int]] = []
"""Blender keeps no copy of the items of a list that is made anew."""


def _item(name: str, line: str) -> tuple[str, str, str, str, int]:
    """An item of a list. Its number is its own: Blender keeps that, and repeats a choice by it when the list has changed."""
    return name, line, line, "NONE", zlib.crc32(name.encode("utf-8")) & 0x7FFFFFFF


def _known(self: Any, context: Any) -> list[tuple[str, str, str, str, int]]:
    """Every tag of the show in words that somebody may search: what it is, the tools, the shots, where it stands."""
    show = SESSION.show()
    _FOUND[:] = [_item(each.id, each.line) for each in standing.listed(show)] if show is not None else []
    if not _FOUND:
        _FOUND.append(_item("", "The show holds no tag yet"))
    return _FOUND


class GENAI_OT_tag_found(Tried):
    """Search the show's tags by element, tool, model or shot, and put the one that is chosen on what is selected"""

    bl_idname = "genai.tag_found"
    bl_label = "Tag..."
    bl_property = "found"

    found: bpy.props.EnumProperty(items=_known)  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask which."""
        context.window_manager.invoke_search_popup(self)
        return {"FINISHED"}

    def do(self, context: Any) -> str:
        """Do it."""
        found = targets(context)
        if not found or not self.found:
            raise UsageError("select what the element is; a tag that is not there yet is declared in the form")
        return f"{self.found} is on {tag(found, [self.found])} datablock(s)"


_HELD: list[tuple[str, str, str, str, int]] = []
_UNSETTLED = "UNSETTLED"


def _held(self: Any, context: Any) -> list[tuple[str, str, str, str, int]]:
    """The tags that what is shown here holds."""
    ids = dict.fromkeys(stub.id for block in shown(context) for stub in store.get(block)[0].stubs)
    known = {each.id: each.line for each in standing.listed(SESSION.show())}
    _HELD[:] = [_item(_UNSETTLED, "Everything that is not settled"), *(_item(each, known.get(each, each)) for each in ids)]
    return _HELD


def shown(context: Any) -> list[Any]:
    """What can be selected where the artist is: strips, nodes, else objects."""
    space = context.space_data
    if space is not None and space.type in ("SEQUENCE_EDITOR", "PROPERTIES"):
        scene = compat.sequencer_scene(context)
        return compat.open_strips(scene.sequence_editor) if scene is not None and scene.sequence_editor else []
    if space is not None and space.type == "NODE_EDITOR":
        return list(space.edit_tree.nodes) if space.edit_tree is not None else []
    return list(context.view_layer.objects)


class GENAI_OT_select(Tried):
    """Select what holds a tag, or everything that is not settled yet"""

    bl_idname = "genai.select"
    bl_label = "Select by Tag..."
    bl_property = "held"

    held: bpy.props.EnumProperty(items=_held)  # type: ignore[valid-type]

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask which."""
        context.window_manager.invoke_search_popup(self)
        return {"FINISHED"}

    def do(self, context: Any) -> str:
        """Do it."""
        count = 0
        for block in shown(context):
            fits = _is_held(getattr(block, "image", None), self.held) or _is_held(block, self.held)
            if isinstance(block, bpy.types.Object):
                block.select_set(fits)
            else:
                block.select = fits
            count += fits
        return f"{count} selected"


def _is_held(block: Any, wanted: str) -> bool:
    if block is None:
        return False
    if wanted == _UNSETTLED:
        return standing.status_of(block) not in (None, *standing.SETTLED)
    return wanted in (stub.id for stub in store.get(block)[0].stubs)


class GENAI_OT_untag(Tried):
    """Take all GenAI tags off what is selected. What its media carries stays"""

    bl_idname = "genai.untag"
    bl_label = "Take GenAI Tags Off"

    def do(self, context: Any) -> str:
        """Do it."""
        found = targets(context)
        for block in found:
            store.check(block)
        for block in found:
            store.put(block, TagSet())
        _changed()
        return f"no tag is on {len(found)} datablock(s) any more"


class GENAI_OT_check(Tried):
    """Look at everything that reaches this render, and say where it stands"""

    bl_idname = "genai.check"
    bl_label = "Check for GenAI"
    bl_options = {"REGISTER"}  # noqa: RUF012

    def do(self, context: Any) -> str:
        """Do it."""
        scene = compat.sequencer_scene(context)
        glance.forget()  # the media may have changed
        badges.forget()
        output = judged(scene, glance=False)
        tell(output)
        suspects = ", ".join(dict.fromkeys(trace.tool for trace in detect.suspected(scene)))
        if suspects:
            warn(f"{scene.name}: {suspects} was used in this scene, and nothing says for what: tag what it made")
        return headline(output) + (f" - suspected: {suspects}" if suspects else "")


class GENAI_OT_render(Tried):
    """Render the animation, unless the show does not let it be rendered as it stands"""

    bl_idname = "genai.render"
    bl_label = "Check and Render"
    bl_options = {"REGISTER"}  # noqa: RUF012

    def do(self, context: Any) -> str:
        """Handlers cannot stop a render; this does."""
        show, output = SESSION.needed(), judged(context.scene, glance=False)
        if output.status in show.config.renders.stop:
            raise UsageError(f"{show.config.name} does not render what is {output.badge.text.lower()}: {headline(output)}")
        bpy.ops.render.render("EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT", animation=True)
        return headline(output)


class GENAI_OT_export_otio(Tried):
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

    def do(self, context: Any) -> str:
        """Write it."""
        path = bpy.path.ensure_ext(bpy.path.abspath(self.filepath), ".otio")
        return f"{timeline.save(compat.sequencer_scene(context), path)} clip(s) in {path}"


_add_classes, _remove_classes = bpy.utils.register_classes_factory((
    GENAI_OT_tag, GENAI_OT_tag_found, GENAI_OT_select, GENAI_OT_untag, GENAI_OT_check, GENAI_OT_render, GENAI_OT_export_otio,
))  # fmt: skip


def _in_menu(self: Any, _: Any) -> None:
    self.layout.operator(GENAI_OT_export_otio.bl_idname, text="OpenTimelineIO with GenAI Tags (.otio)")


def register() -> None:
    """Add the operators."""
    _add_classes()
    bpy.types.TOPBAR_MT_file_export.append(_in_menu)


def unregister() -> None:
    """Take them away."""
    bpy.types.TOPBAR_MT_file_export.remove(_in_menu)
    _remove_classes()
