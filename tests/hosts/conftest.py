"""A real Blender (its ``bpy`` module) with the extension installed from its zip by Blender's own operator."""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="genai_blender_")  # before Blender is imported

import bpy

from genai_tags.deploy import blender_extension

PACKAGE = "bl_ext.user_default.genai_tags"


@atexit.register
def _no_handler_stays() -> None:
    """A Python function in a handler list makes Blender 4.5 hang at exit, and 4.2 crash."""
    for name in dir(bpy.app.handlers):
        found = getattr(bpy.app.handlers, name)
        if isinstance(found, list):
            found[:] = [each for each in found if not getattr(each, "__module__", "").startswith(PACKAGE)]


@pytest.fixture(scope="session")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The zip, installed and enabled."""
    path = blender_extension(str(tmp_path_factory.mktemp("extension")))
    bpy.ops.extensions.package_install_files(filepath=path, repo="user_default", enable_on_install=True)
    assert PACKAGE in bpy.context.preferences.addons
    yield path
    bpy.ops.preferences.addon_disable(module=PACKAGE)


@pytest.fixture
def scene(extension: str) -> Any:
    """An empty file's scene, three small frames long."""
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    found = bpy.context.scene
    found.frame_start, found.frame_end = 1001, 1003
    found.render.resolution_x, found.render.resolution_y, found.render.resolution_percentage = 16, 8, 100
    found.render.image_settings.file_format = "OPEN_EXR"
    return found


def part(name: str) -> Any:
    """A module of the extension, as Blender loaded it."""
    return sys.modules[f"{PACKAGE}.{name}"]


def in_sequencer(scene: Any, call: Any) -> None:
    """Call an operator of the sequencer."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    before, area.type = area.type, "SEQUENCE_EDITOR"
    try:
        if hasattr(window.workspace, "sequencer_scene"):
            window.workspace.sequencer_scene = scene
        region = next(each for each in area.regions if each.type == "WINDOW")
        with bpy.context.temp_override(window=window, area=area, region=region):
            call()
    finally:
        area.type = before


@pytest.fixture
def out(tmp_path: Path, scene: Any) -> Path:
    """Where frames are rendered to."""
    folder = tmp_path / "renders"
    scene.render.filepath = str(folder / "AGM_104_065_010_comp_NFX_v009.####")
    return folder
