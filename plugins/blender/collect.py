"""What a render of a scene really uses: strips in range, what the compositor shows, textures on rendered objects."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Iterable
from typing import Any

import bpy

from genai_tags.carriers import exr
from genai_tags.carriers.host import encode_json
from genai_tags.comp.elements import Element
from genai_tags.comp.output import Plan
from genai_tags.comp.walk import EVERY, Span
from genai_tags.errors import GenAITagsError, Problem

from . import compat, detect, nodes, paths, store
from .paths import NUMBER, numbered

_EXR = b"\x76\x2f\x31\x01"


def plan(scene: Any, span: Span | None = None) -> Plan:
    """What reaches a scene's render over its whole range (or another span), as plain data."""
    span = span or span_of(scene)
    found = _Found()
    found.scene(scene, span)
    return Plan(
        name=scene.name, path=pattern(scene), span=span, elements=tuple(found.elements.values()),
        folder=os.path.dirname(bpy.data.filepath), views=("",),
    )  # fmt: skip


def span_of(scene: Any) -> Span:
    """The scene's range."""
    return Span(scene.frame_start, max(scene.frame_start, scene.frame_end))


def pattern(scene: Any) -> str | None:
    """Where a render goes, for the shot in its name."""
    try:
        path = bpy.path.abspath(scene.render.frame_path(frame=scene.frame_start))
    except RuntimeError:  # a template that this Blender does not know
        return None
    return NUMBER.sub(lambda match: "#" * len(match[0]), path) if path else None


class _Found:
    """Elements by the datablock that brings them; each datablock is looked at once."""

    def __init__(self) -> None:
        self.elements: dict[str, Element] = {}
        self._seen: set[tuple[str, int, int]] = set()
        self._scene: Any = None

    # ------------------------------------------------------------ scenes and strips

    def scene(self, scene: Any, span: Span) -> None:
        """A scene as it is rendered: its strips where it has any, else what its compositor shows of it."""
        self._scene = scene
        self._own(scene)
        editor = scene.sequence_editor
        strips = compat.strips(editor) if editor is not None and scene.render.use_sequencer else []
        self._strips(editor, strips, span)
        pictures = [strip for strip in strips if strip.type != "SOUND"]
        if not any(not strip.mute and not _animates(strip, "mute") for strip in pictures):  # Blender shows the camera then
            self._camera(scene)

    def _strips(self, owner: Any, strips: Iterable[Any], span: Span) -> None:
        channels = list(getattr(owner, "channels", ()))
        strips = list(strips)
        shown = {s.name for s in strips if _shows(s, channels)}
        retimed = {s.input_1.name for s in strips if s.type == "SPEED" and s.name in shown and s.input_1}
        inputs = {s.name: {each.name for each in compat.inputs(s)} for s in strips}
        todo = list(shown)
        while todo:  # what an effect works on shows through it, muted or not
            new = inputs.get(todo.pop(), set()) - shown
            shown |= new
            todo.extend(new)
        for strip in strips:
            first, last = compat.strip_range(strip)
            used = Span(max(first, span.first), min(last, span.last))
            if used.first <= used.last and strip.name in shown:
                self._strip(strip, used, strip.name in retimed)

    def _strip(self, strip: Any, span: Span, retimed: bool) -> None:
        key = f"strip {strip.name}"
        if strip.type not in ("IMAGE", "MOVIE", "SOUND"):  # of those the media says it
            self._own(strip, key)
        for modifier in strip.modifiers:
            tree = getattr(modifier, "node_group", None)
            if tree is not None and not modifier.mute:
                self.block(tree)
            mask = getattr(modifier, "input_mask_strip", None)
            if mask is not None:
                self._strip(mask, span, True)
        if strip.type == "META":
            self._strips(strip, compat.strips(strip), span)
        elif strip.type == "SCENE" and strip.scene is not None:
            self._nested(strip)
        elif strip.type == "IMAGE":
            self._images(strip, span, retimed)
        elif strip.type == "MOVIE":
            views = paths.views_of(strip.filepath, strip, self._scene)
            for view in views:
                named = key if len(views) == 1 else f"{key}: {os.path.basename(view)}"
                self._file(named, "MovieStrip", view, strip)
        elif strip.type == "SOUND":
            self._sound(strip, key)
        elif strip.type in ("MOVIECLIP", "CLIP") and strip.clip is not None:
            self.block(strip.clip)

    def _sound(self, strip: Any, key: str) -> None:
        if strip.sound is None or strip.sound.packed_file is not None:
            self._own(strip, key)
        else:
            self._file(key, "SoundStrip", strip.sound.filepath, strip)
        if strip.sound is not None:
            self._own(strip.sound)

    def _nested(self, strip: Any) -> None:
        if strip.scene_input == "SEQUENCER" and not self._was_seen("strips of", strip.scene):
            self._own(strip.scene)
            editor = strip.scene.sequence_editor
            if editor is not None:
                self._strips(editor, compat.strips(editor), EVERY)
        elif strip.scene_input != "SEQUENCER":
            self._camera(strip.scene)

    def _images(self, strip: Any, span: Span, retimed: bool) -> None:
        """The elements of an image strip that are shown: each lasts a frame, the first and the last are held."""
        names = [element.filename for element in strip.elements]
        if not retimed and not strip.use_reverse_frames and not len(getattr(strip, "retiming_keys", ())) and len(names) > 1:
            start = compat.content_start(strip)
            first = min(max(span.first - start, 0), len(names) - 1)
            last = min(max(span.last - start, 0), len(names) - 1)
            names = names[first : last + 1]
        numbers: dict[str, list[int]] = {}
        singles = []
        for name in names:
            match = NUMBER.search(name)
            if match is None or len(names) == 1:
                singles.append(name)
            else:
                numbers.setdefault(NUMBER.sub("#" * len(match[0]), name), []).append(int(match[0]))
        for name in dict.fromkeys(singles):
            for view in paths.views_of(name, strip, self._scene):
                self._file(f"strip {strip.name}: {view}", "ImageStrip", os.path.join(strip.directory, view), strip)
        for name, frames in numbers.items():
            span = Span(min(frames), max(frames))
            self._file(f"strip {strip.name}: {name}", "ImageStrip", os.path.join(strip.directory, name), strip, span)

    # ------------------------------------------------------------ what a camera sees

    def _camera(self, scene: Any) -> None:
        """A scene's compositor, and what it shows of the scene itself."""
        if self._was_seen("render of", scene):
            return
        self._own(scene)
        tree = compat.compositor(scene)
        if tree is None:
            self._layers(scene)
            return
        self.block(tree, scene)

    def _layers(self, scene: Any) -> None:
        """The objects that a scene renders, its world, and the materials that its view layers put on everything."""
        if self._was_seen("objects of", scene):
            return
        self._own(scene)
        if scene.world is not None:
            self.block(scene.world)
        if scene.background_set is not None:
            self._layers(scene.background_set)
        for layer in scene.view_layers:
            if not layer.use:
                continue
            if getattr(layer, "world_override", None) is not None:
                self.block(layer.world_override)
            if layer.material_override is not None:
                self.block(layer.material_override)
            if scene.render.use_freestyle and layer.use_freestyle:
                for lines in layer.freestyle_settings.linesets:
                    if lines.show_render and lines.linestyle is not None:
                        self.block(lines.linestyle)
            if layer.layer_collection is None:  # 5.2 has none before it evaluated the scene
                self.block(scene.collection)
            else:
                self._layer(layer.layer_collection)

    def _layer(self, layer: Any) -> None:
        if _hidden(layer.collection):
            return
        if not layer.exclude:
            self._own(layer.collection)
        for each in () if layer.exclude else layer.collection.objects:
            if not _hidden(each):
                self.block(each)
        for child in layer.children:
            self._layer(child)

    def block(self, block: Any, scene: Any = None) -> None:
        """A datablock that shows, and what it is made of. ``scene`` is the one whose compositor a tree is."""
        if self._was_seen("block", block, scene):
            return
        if getattr(block, "is_missing", False):
            key = store.label(block)
            library = block.library.filepath if block.library else "a library"
            self._add(Element(key=key, kind=block.bl_rna.identifier, span=EVERY, problem=Problem(
                key, f"is linked from {library}, which is not there; mend the link", "media_missing")))  # fmt: skip
            return
        if isinstance(block, bpy.types.Image):
            self._image(block)
            return
        if isinstance(block, bpy.types.MovieClip):
            self._clip(block)
            return
        self._own(block)
        if isinstance(block, bpy.types.Scene):
            self._layers(block)
        elif isinstance(block, bpy.types.NodeTree):
            self._tree(block, scene)
        elif isinstance(block, bpy.types.Collection):
            for each in block.all_objects:
                if not _hidden(each):
                    self.block(each)
        elif isinstance(block, bpy.types.Object):
            self._object(block)
        else:
            self._made_of(block)

    def _tree(self, tree: Any, scene: Any) -> None:
        for node in nodes.reaching(tree):
            self._own(node, f"node {tree.name}/{node.name}")
            shows_scene = node.type == "R_LAYERS"
            if shows_scene and (node.scene or scene) is not None:
                self._layers(node.scene or scene)
                continue
            for each in nodes.brings(node):
                self.block(each, scene)

    def _object(self, found: Any) -> None:
        for each in (found.data, *(slot.material for slot in found.material_slots)):
            if each is not None:
                self.block(each)
        for modifier in found.modifiers:
            if modifier.show_render or _animates(modifier, "show_render"):
                self._pointers(modifier)
                for value in modifier.values() if getattr(modifier, "node_group", None) is not None else ():
                    if isinstance(value, bpy.types.ID):  # what a geometry node group is given
                        self.block(value)
        for system in found.particle_systems:
            self._own(system.settings)
            self._pointers(system.settings)
            self._slots(system.settings)
        if found.instance_type == "COLLECTION" and found.instance_collection is not None:
            self.block(found.instance_collection)

    def _made_of(self, block: Any) -> None:
        """Materials, worlds, lights, textures, meshes and the like."""
        tree = getattr(block, "node_tree", None)
        if tree is not None and compat.uses_nodes(block):
            self._own(tree)
            self._tree(tree, None)
        for each in getattr(block, "materials", None) or ():
            if each is not None:
                self.block(each)
        strokes = getattr(block, "grease_pencil", None)
        for name in ("stroke_image", "fill_image") if strokes is not None else ():
            image = getattr(strokes, name, None)
            if image is not None:
                self.block(image)
        if isinstance(block, bpy.types.Texture):
            self._pointers(block)
        if isinstance(block, (bpy.types.Volume, bpy.types.CacheFile)):
            path = numbered(block.filepath) if getattr(block, "is_sequence", False) else block.filepath
            self._file(f"{store.label(block)}: {os.path.basename(path)}", block.bl_rna.identifier, path, block)
        self._slots(block)

    def _pointers(self, owner: Any) -> None:
        """The datablocks that the properties of a modifier, a texture or particle settings name. An object among them need not
        be rendered itself to show."""
        for prop in owner.bl_rna.properties:
            if prop.type == "POINTER" and prop.identifier not in ("rna_type", "id_data", "original", "library"):
                found = getattr(owner, prop.identifier, None)
                if isinstance(found, bpy.types.ID):
                    self.block(found)

    def _slots(self, owner: Any) -> None:
        for slot in getattr(owner, "texture_slots", None) or ():
            if slot is not None and slot.texture is not None:
                self.block(slot.texture)

    # ------------------------------------------------------------ media

    def _image(self, image: Any) -> None:
        name = store.label(image)
        packed, drawn = image.packed_file is not None, image.source in ("GENERATED", "VIEWER") or not image.filepath
        carried = _packed_tags(image) if packed else ""
        if packed and not carried and not store.text(image):
            text = "is packed into the .blend file and carries no tag there: tag the image, or unpack it"
            self._add(Element(key=name, kind="Image", span=EVERY, problem=Problem(name, text, "packed")))
            return
        if carried:
            self._add(Element(key=f"{name} (packed)", kind="Image", span=EVERY, texts=(carried,)))
        if packed or drawn:
            self._own(image)
            return
        for path in paths.of_image(image, self._scene):
            self._file(name if path == image.filepath else f"{name}: {os.path.basename(path)}", "Image", path, image)

    def _clip(self, clip: Any) -> None:
        if getattr(clip, "packed_file", None) is not None:
            self._own(clip)
            return
        name, is_sequence = store.label(clip), getattr(clip, "source", "") == "SEQUENCE"
        found = paths.frames_of(clip.filepath, clip.library) if is_sequence else [clip.filepath]
        for path in found:
            key = name if len(found) == 1 else f"{name}: {os.path.basename(path)}"
            self._file(key, clip.bl_rna.identifier, path, clip)

    def _file(self, key: str, kind: str, path: str, block: Any, span: Span = EVERY) -> None:
        """A file, with what the datablock that names it was tagged with, and what an add-on that made it left there."""
        path = os.path.normpath(bpy.path.abspath(path, library=store.library_of(block))) if path else ""
        self._add(dataclasses.replace(_said_of(block), key=key, kind=kind, span=span, path=path or None))

    def _own(self, block: Any, key: str = "") -> None:
        """What a datablock itself was tagged with, and what an add-on that made it left on it."""
        found = _said_of(block)
        if found.texts or found.learned is not None:
            self._add(dataclasses.replace(found, key=key or found.key))

    def _add(self, element: Element) -> None:
        """Things of one name (in two scenes, two materials, a library) are told apart by a number."""
        made, number = element, 1
        while self.elements.get(made.key, made) != made:
            number += 1
            made = dataclasses.replace(element, key=f"{element.key} ({number})")
        self.elements[made.key] = made

    def _was_seen(self, what: str, block: Any, scene: Any = None) -> bool:
        key = (what, block.as_pointer(), scene.as_pointer() if scene is not None else 0)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False


def _said_of(block: Any) -> Element:
    """A datablock with the tags that it carries and the trace of the add-on that made it."""
    text, trace = store.text(block), detect.found(block)
    return Element(
        key=store.label(block), kind=block.bl_rna.identifier, span=EVERY, texts=(text,) if text else (),
        learned=trace.learned if trace else None, model=trace.model if trace else None,
    )  # fmt: skip


def _shows(strip: Any, channels: list[Any]) -> bool:
    """Whether a strip is on at some time."""
    channel = channels[strip.channel] if strip.channel < len(channels) else None
    off = (strip.mute and not _animates(strip, "mute")) or (
        channel is not None and channel.mute and not _animates(channel, "mute")
    )
    return not off


def _animates(part: Any, prop: str) -> bool:
    """Whether a property of a part of a datablock (a strip, a modifier) is animated or driven."""
    try:
        path = part.path_from_id(prop)
    except ValueError:  # a part that Blender has no path to
        return False
    return compat.animated(part.id_data, path)


def _hidden(block: Any) -> bool:
    return bool(block.hide_render) and not compat.animated(block, "hide_render")


def _packed_tags(image: Any) -> str:
    """The set in the header of an EXR that is packed into the .blend file; empty where there is none."""
    data = image.packed_file.data
    if data[:4] != _EXR:
        return ""
    handle, path = tempfile.mkstemp(".exr", dir=bpy.app.tempdir or None)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        return encode_json(exr.read(path).tags)
    except GenAITagsError:  # damaged: it is said that nothing is known of it
        return ""
    finally:
        os.unlink(path)
