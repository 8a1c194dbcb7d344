"""What generative add-ons left behind: found on what they made, suspected where a scene alone says so, and never a secret."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import bpy
import pytest

from tests.hosts.conftest import part
from tests.hosts.test_blender import image_strip, strips, textured
from tests.stage import Stage


@pytest.fixture
def made(stage: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A show that the file belongs to."""
    monkeypatch.setenv("GENAI_SHOW", str(stage.folder))
    return stage


def suspects(scene: Any) -> list[tuple[str, str | None]]:
    """Undeclared generators in a render, and their models."""
    output = part("session").judged(scene, glance=False)
    return [(step.tool, step.model) for each in output.suspects for step in each.tag.steps or ()]


def test_a_strip_that_pallaidium_made_is_no_record_until_it_is_tagged(made: Stage, scene: Any) -> None:
    strip = image_strip(scene, made.sequence("v001"))
    strip["ai_meta_model"], strip["ai_meta_prompt"] = "FLUX.1-dev", "a castle"
    assert suspects(scene) == [("Pallaidium", "FLUX.1-dev")]
    output = part("session").judged(scene, glance=False)
    assert (output.status.value, output.tags.undeclared) == ("no_record", 1)
    assert not any("castle" in finding.message for finding in output.findings)
    part("operators").tag([strip], [made.declare()])
    assert suspects(scene) == []


def test_a_copy_of_a_tagged_strip_is_not_taken_for_declared_with_it(made: Stage, scene: Any) -> None:
    strip = image_strip(scene, made.sequence("v001"))
    copy = image_strip(scene, made.sequence("v002"), 2)
    copy.name = f"{strip.name}.001"
    for each in (strip, copy):
        each["ai_meta_model"] = "FLUX.1-dev"
    part("operators").tag([strip], [made.declare()])
    assert suspects(scene) == [("Pallaidium", "FLUX.1-dev")]


def test_media_that_is_tagged_itself_declares_what_was_found(made: Stage, scene: Any) -> None:
    sky, _ = made.settled("v001")
    image_strip(scene, sky)["ai_meta_model"] = "FLUX.1-dev"
    assert suspects(scene) == []
    assert part("session").judged(scene, glance=False).status.value == "approved"


def test_a_movie_strip_with_a_tag_of_its_own_still_brings_what_its_media_carries(made: Stage, scene: Any) -> None:
    movie = made.media / "AGM_104_065_010_comp_NFX_v007.mkv"
    scene.render.filepath = str(movie)
    scene.render.resolution_x, scene.render.resolution_y = 64, 32
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "VIDEO"
    scene.render.image_settings.file_format = "FFMPEG"
    scene.render.ffmpeg.format = "MKV"
    scene.render.use_file_extension = False
    scene.sequence_editor_create()
    image_strip(scene, made.sequence("v001"))
    bpy.ops.render.render(animation=True)
    for strip in list(strips(scene)):
        strips(scene).remove(strip)
    on_media, on_strip = made.declare(), made.declare()
    made.do("tag", movie, "--id", on_media)
    strip = strips(scene).new_movie("m", str(movie), 1, 1001)
    part("operators").tag([strip], [on_strip])
    tags = part("session").judged(scene, glance=False).tags
    assert {stub.id for stub in tags.stubs} == {on_media, on_strip}


def test_an_image_of_dream_textures_and_an_object_of_stablegen_are_found(made: Stage, scene: Any) -> None:
    image = bpy.data.images.load(made.sequence("v001") % 1001)
    image["dream_textures_hash"] = "0" * 64
    textured(scene, image)["sg_generated"] = True
    assert sorted(suspects(scene)) == [("Dream Textures", None), ("StableGen", None)]


def test_one_common_name_in_a_scene_is_no_suspicion_and_keys_are_never_read(made: Stage, scene: Any) -> None:
    detect = part("detect")
    scene["my_prompt"], scene["seed"] = "x", 1
    assert list(detect.suspected(scene)) == []
    scene["tripo_tasks"], scene["api_key"] = "[]", "tsk_secret"
    assert [trace.tool for trace in detect.suspected(scene)] == ["Tripo"]
    scene["blendermcp_use_hyper3d"], scene["blendermcp_hyper3d_api_key"] = False, "secret"
    assert "secret" not in repr(list(detect.suspected(scene)))
    assert len(list(detect.suspected(scene))) == 1  # it was there, and off


@pytest.mark.parametrize(
    ("generator", "found"), [("Tripo v2.5", [("Tripo v2.5", None)]), ("Khronos glTF Blender I/O v4.5", [])]
)
def test_a_glb_says_who_made_it_and_what_a_generator_made_is_no_record(
    made: Stage, scene: Any, tmp_path: Path, generator: str, found: list[tuple[str, None]]
) -> None:
    data = base64.b64encode(struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)).decode()
    document = {
        "asset": {"version": "2.0", "generator": generator}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0, "name": "chair"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}], "buffers": [{"byteLength": 36, "uri": f"data:application/octet-stream;base64,{data}"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}],
    }  # fmt: skip
    path = tmp_path / "chair.gltf"
    path.write_text(json.dumps(document))
    assert bpy.ops.import_scene.gltf(filepath=str(path)) == {"FINISHED"}
    assert "chair" in bpy.data.objects
    assert suspects(scene) == found
