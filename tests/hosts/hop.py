"""A .blend of this version of Blender with tags on everything that holds them: ``python -m tests.hosts.hop FOLDER``."""

from __future__ import annotations

import os
import sys
from typing import Any

import bpy

KEY, TEXT = "genai", '{"schema":"genai_tags.stub/1","set":"x","tags":[]}'
HOP = "GENAI_BLENDER_HOP"
"""Names the folder in which the versions leave their files."""


def main(folder: str) -> None:
    """Write it."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    for block in made(bpy.context.scene):
        block[KEY] = TEXT
    bpy.ops.wm.save_as_mainfile(filepath=os.path.join(folder, "{}.{}.{}.blend".format(*bpy.app.version)))


def made(scene: Any) -> list[Any]:
    """One of each kind."""
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = {"length": 20} if bpy.app.version >= (5, 0, 0) else {"frame_end": 21}
    strip = strips.new_effect(name="strip", type="COLOR", channel=1, frame_start=1, **length)
    image = bpy.data.images.new("image", 4, 4)
    material = bpy.data.materials.new("material")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.name, node.image = "picture", image
    group = bpy.data.node_groups.new("group", "ShaderNodeTree")
    mesh = bpy.data.meshes.new("mesh")
    mesh.materials.append(material)
    thing = bpy.data.objects.new("object", mesh)
    scene.collection.objects.link(thing)
    for block in (image, material, group, mesh):
        block.use_fake_user = True
    return [scene, strip, image, material, node, group, mesh, thing]


def found() -> dict[str, Any]:
    """What each of them holds in the file that is open."""
    scene = bpy.context.scene
    editor = scene.sequence_editor
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    material = bpy.data.materials["material"]
    blocks = (
        scene, strips["strip"], bpy.data.images["image"], material, material.node_tree.nodes["picture"], bpy.data.node_groups["group"],
        bpy.data.meshes["mesh"], bpy.data.objects["object"],
    )  # fmt: skip
    return {block.bl_rna.identifier: block.get(KEY) for block in blocks}


if __name__ == "__main__":
    main(sys.argv[1])
