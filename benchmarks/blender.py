"""What drawing badges costs Blender, on 500 strips: run by a Python that has the ``bpy`` module, such as
``.venv/hosts/5.2.3/bin/python -m benchmarks.blender`` after ``make test-hosts``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="genai_blender_")

import bpy

from benchmarks.measure import medians
from genai_tags.deploy import blender_extension
from genai_tags.show import Show

PACKAGE = "bl_ext.user_default.genai_tags"
STRIPS, ROUNDS = 500, 60


def main() -> int:
    """Print medians of what a redraw does, and their ratio to a plain loop that asks each strip where it lies."""
    with tempfile.TemporaryDirectory() as folder:
        show = os.path.join(folder, "show")
        Show.init(show, "BENCH", ["netflix-2025-08"])
        os.environ["GENAI_SHOW"] = show
        zipped = blender_extension(folder)
        bpy.ops.extensions.package_install_files(filepath=zipped, repo="user_default", enable_on_install=True)
        try:
            _measure()
        finally:
            bpy.ops.preferences.addon_disable(module=PACKAGE)
    return 0


def _measure() -> None:
    badges, compat, glance = (sys.modules[f"{PACKAGE}.{name}"] for name in ("badges", "compat", "glance"))
    vars(glance._READER)["look"] = lambda element, show: glance.NOTHING  # files are read beside Blender's own thread
    strips = _strips(compat)
    tagged = sum("genai" in strip for strip in strips)

    def plain() -> None:
        for strip in strips:
            compat.strip_range(strip)
            _ = strip.channel

    def anew() -> None:
        badges.forget()
        badges.items(strips)

    def settled() -> None:
        while len(badges.items(strips)) < tagged:
            pass

    found = medians({"plain": plain, "anew": anew, "settle": settled, "kept": lambda: badges.items(strips)}, ROUNDS)
    print(f"Blender {bpy.app.version_string}, {len(strips)} image strips, {tagged} with tags")
    for name, words in (
        ("plain", "ask every strip where it lies"), ("kept", "a redraw's badges, from memory"), ("anew", "a redraw that finds 64 out anew"),
    ):  # fmt: skip
        print(f"{words:<34}{found[name] * 1000:6.2f} ms, {found[name] / found['plain']:.2f} of the first")


def _strips(compat: Any) -> list[Any]:
    """Image strips of 40 frames on ten channels; every second one has a tag."""
    scene = bpy.context.scene
    editor = scene.sequence_editor or scene.sequence_editor_create()
    made = editor.strips if hasattr(editor, "strips") else editor.sequences
    for i in range(STRIPS):
        strip = made.new_image(f"s{i}", f"/shots/s{i}/s{i}.1001.exr", 1 + i % 10, 1 + 50 * (i // 10))
        for frame in range(1002, 1041):
            strip.elements.append(f"s{i}.{frame}.exr")
        if i % 2:
            strip["genai"] = '{"schema":"genai_tags.stub/1","tags":[{"id":"nosuchtag1","rev":1}]}'
    return list(compat.strips(editor))


if __name__ == "__main__":
    sys.exit(main())
