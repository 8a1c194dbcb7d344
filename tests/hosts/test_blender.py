"""The extension in a real Blender: tags on datablocks, what a render uses, and what its frames carry."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import bpy
import OpenEXR
import pytest

from genai_tags.carriers.host import decode_text
from genai_tags.model import Stub
from genai_tags.stubs import make_set
from genai_tags.vocabulary import UseCase
from tests.hosts.conftest import PACKAGE, part
from tests.stage import Stage


@pytest.fixture
def made(stage: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A show that the file belongs to."""
    monkeypatch.setenv("GENAI_SHOW", str(stage.folder))
    return stage


def tags_in(path: Path) -> list[set[str]]:
    """The ids that each part of a frame carries, read by OpenEXR."""
    parts = OpenEXR.File(str(path), header_only=True).parts
    return [set(re.findall(r'"id":"(\w+)"', each.header.get("genai:tags", ""))) for each in parts]


def strips(scene: Any) -> Any:
    """The strips of a scene's sequencer, made where there is none."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def image_strip(scene: Any, pattern: str, channel: int = 1, first: int = 1001, last: int = 1003) -> Any:
    """An image strip with the frames of a sequence."""
    strip = strips(scene).new_image(f"s{channel}", pattern % first, channel, first)
    for frame in range(first + 1, last + 1):
        strip.elements.append(Path(pattern % frame).name)
    return strip


def textured(scene: Any, image: Any) -> Any:
    """A plane that shows an image, and a camera before it."""
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.location = (0, 0, 3)
    scene.collection.objects.link(camera)
    scene.camera = camera
    mesh = bpy.data.meshes.new("plane")
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], [], [(0, 1, 2, 3)])
    material = bpy.data.materials.new("wall")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    shader = next(each for each in material.node_tree.nodes if each.type == "BSDF_PRINCIPLED")
    material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    mesh.materials.append(material)
    found = bpy.data.objects.new("plane", mesh)
    scene.collection.objects.link(found)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    return found


def names(scene: Any) -> set[str]:
    """What a render of the scene uses."""
    return {element.key for element in part("collect").plan(scene).elements}


# ---------------------------------------------------------------- installed


def test_the_extension_is_installed_by_blender_itself_and_leaves_nothing_behind(extension: str) -> None:
    ours = [each for each in bpy.app.handlers.render_write if each.__module__.startswith(PACKAGE)]
    assert len(ours) == 1
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    for name in dir(bpy.app.handlers):
        found = getattr(bpy.app.handlers, name)
        if isinstance(found, list):
            assert not [each for each in found if getattr(each, "__module__", "").startswith(PACKAGE)]
    assert not [name for name in dir(bpy.types) if name.startswith("GENAI_")]
    bpy.ops.preferences.addon_enable(module=PACKAGE)
    assert hasattr(bpy.types, "GENAI_PT_sequence_editor")


# ---------------------------------------------------------------- tags on datablocks


def test_a_tag_is_one_line_of_json_and_survives_save_and_reload(made: Stage, scene: Any, tmp_path: Path) -> None:
    tag_id = made.declare()
    image = bpy.data.images.new("sky", 4, 4)
    image.use_fake_user = True
    assert part("operators").tag([image], [tag_id]) == 1
    assert json.loads(image["genai"])["tags"][0]["id"] == tag_id
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    tags, problems = part("store").get(bpy.data.images["sky"])
    assert ([stub.id for stub in tags.stubs], problems) == ([tag_id], [])


def test_the_operators_tag_what_is_selected_and_take_it_off(made: Stage, scene: Any) -> None:
    tag_id = made.declare()
    cube = bpy.data.objects.new("cube", None)
    scene.collection.objects.link(cube)
    cube.select_set(True)
    assert bpy.ops.genai.tag(ids=tag_id) == {"FINISHED"}
    assert [stub.id for stub in part("store").get(cube)[0].stubs] == [tag_id]
    assert bpy.ops.genai.tag(ids="nosuchtag") == {"CANCELLED"}
    assert bpy.ops.genai.untag() == {"FINISHED"}
    assert "genai" not in cube


def test_copies_and_splits_of_a_strip_keep_the_tag(made: Stage, scene: Any) -> None:
    strip = image_strip(scene, made.sequence("v001"))
    part("operators").tag([strip], [made.declare()])
    strip.split(frame=1002, split_method="SOFT")
    assert [each["genai"] for each in strips(scene)] == [strip["genai"]] * 2


def test_a_tag_on_a_strip_alone_is_in_the_frames(made: Stage, scene: Any, out: Path) -> None:
    tag_id = made.declare()
    strip = image_strip(scene, made.sequence("v001"))
    part("operators").tag([strip], [tag_id])
    bpy.ops.render.render(animation=True)
    assert [tags_in(path) for path in sorted(out.glob("*.exr"))] == [[{tag_id}]] * 3


def test_a_tag_that_somebody_damaged_is_never_taken_for_none(made: Stage, scene: Any) -> None:
    image = bpy.data.images.new("sky", 4, 4)
    image["genai"] = '{"schema": "genai_tags.stub/1", "tags": [{"id": 7}]}'
    _, problems = part("store").get(image)
    assert problems[0].code == "tag_damaged"
    with pytest.raises(Exception, match="untag it first"):
        part("operators").tag([image], [made.declare()])


# ---------------------------------------------------------------- renders


def test_every_frame_of_a_sequencer_render_carries_what_its_strips_do(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.settled("v001")
    image_strip(scene, sky)
    bpy.ops.render.render(animation=True)
    frames = sorted(out.glob("*.exr"))
    assert [tags_in(path) for path in frames] == [[{tag_id}]] * 3


def test_what_is_muted_or_out_of_range_is_not_in_the_render(made: Stage, scene: Any) -> None:
    sky, _ = made.settled("v001")
    image_strip(scene, sky, 1)
    image_strip(scene, sky, 2).mute = True
    late = image_strip(scene, sky, 3)
    late.frame_start = 2000
    assert names(scene) == {"strip s1: AGM_104_065_010_comp_NFX_v001.####.exr"}


def test_a_texture_on_a_rendered_object_reaches_the_frames(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.settled("v001")
    textured(scene, bpy.data.images.load(sky % 1001))
    scene.frame_end = 1001
    bpy.ops.render.render(animation=True)
    (frame,) = out.glob("*.exr")
    assert tags_in(frame) == [{tag_id}]


def test_a_texture_on_an_object_that_is_not_rendered_does_not(made: Stage, scene: Any) -> None:
    sky, _ = made.settled("v001")
    image = bpy.data.images.load(sky % 1001)
    plane = textured(scene, image)
    assert names(scene) == {f"Image {image.name}"}
    plane.hide_render = True
    assert names(scene) == set()
    plane.keyframe_insert("hide_render", frame=1001)  # animated: it may come back
    assert names(scene) == {f"Image {image.name}"}


def test_a_still_is_tagged_where_blender_really_wrote_it(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.settled("v001")
    image_strip(scene, sky)
    bpy.ops.render.render(write_still=True)
    (frame,) = out.glob("*.exr")
    assert tags_in(frame) == [{tag_id}]


def test_multilayer_frames_carry_the_set_in_every_part(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.settled("v001")
    textured(scene, bpy.data.images.load(sky % 1001))
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "MULTI_LAYER_IMAGE"
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.view_layers[0].use_pass_z = True
    scene.frame_end = 1001
    bpy.ops.render.render(animation=True)
    (frame,) = out.glob("*.exr")
    assert tags_in(frame) == [{tag_id}] * len(OpenEXR.File(str(frame), header_only=True).parts)


def test_a_movie_and_png_frames_get_a_sidecar(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.settled("v001")
    image_strip(scene, sky)
    scene.render.image_settings.file_format = "PNG"
    bpy.ops.render.render(animation=True)
    read = made.do("read", *sorted(out.glob("*.png")), "--format", "json").json
    assert [[tag["id"] for tag in item["tags"]] for item in read["items"]] == [[tag_id]]
    movie = filmed(scene, out)
    (item,) = made.do("read", movie, "--format", "json").json["items"]
    assert [tag["id"] for tag in item["tags"]] == [tag_id]


def filmed(scene: Any, out: Path) -> Path:
    """Render the scene as a Matroska movie."""
    scene.render.resolution_x, scene.render.resolution_y = 64, 32  # codecs take no less
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "VIDEO"
    scene.render.image_settings.file_format = "FFMPEG"
    scene.render.ffmpeg.format = "MKV"
    bpy.ops.render.render(animation=True)
    (movie,) = out.glob("*.mkv")
    return movie


def test_a_movie_carries_its_set_in_the_note_and_the_users_own_settings_come_back(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.settled("v001")
    image_strip(scene, sky)
    scene.render.use_stamp_note, scene.render.stamp_note_text = True, "my own note"
    movie = filmed(scene, out)
    assert (scene.render.use_stamp_note, scene.render.stamp_note_text) == (True, "my own note")
    noted = re.search(rb"my own note\n[^\n]*\n(\{[ -~]*\})", movie.read_bytes())
    assert noted is not None
    tags, problems = decode_text(noted[1].decode(), "note")
    assert ([stub.id for stub in tags.stubs], problems) == ([tag_id], [])


def test_no_note_is_burnt_into_a_picture(made: Stage, scene: Any, out: Path) -> None:
    image_strip(scene, made.settled("v001")[0])
    scene.render.use_stamp = True
    assert b"genai_tags.stub/" not in filmed(scene, out).read_bytes()


def test_a_note_holds_what_there_is_room_for(extension: str) -> None:
    note = part("note")
    tags = make_set([Stub(id=f"tag{i:09}", revision=1, use_case=UseCase.BACKGROUND_ELEMENT, digest="x" * 22) for i in range(9)])
    text = note.text(tags)
    assert len(text.encode()) <= note.MOST
    listed = json.loads(text.splitlines()[-1])
    assert 0 < len(listed["tags"]) < 9
    assert len(listed["tags"]) + listed["more"] == 9
    assert note.text(tags, "n" * 760) == ""


def test_what_file_output_nodes_write_is_tagged_too(made: Stage, scene: Any, out: Path, tmp_path: Path) -> None:
    sky, tag_id = made.settled("v001")
    image = bpy.data.images.load(sky % 1001)
    beside = tmp_path / "passes"
    beside.mkdir()
    if hasattr(scene, "compositing_node_group"):
        tree = scene.compositing_node_group = bpy.data.node_groups.new("comp", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        end = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        end = tree.nodes.new("CompositorNodeComposite")
    source, file = tree.nodes.new("CompositorNodeImage"), tree.nodes.new("CompositorNodeOutputFile")
    source.image = image
    if hasattr(file, "file_output_items"):
        file.directory, file.file_name = str(beside), "pass_"
        file.format.media_type = "IMAGE"
        file.file_output_items.new("RGBA", "sky")
    else:
        file.base_path = str(beside)
    file.format.file_format = "OPEN_EXR"
    tree.links.new(source.outputs[0], end.inputs[0])
    tree.links.new(source.outputs[0], file.inputs[0])
    textured(scene, bpy.data.images.new("blank", 4, 4)).hide_render = True
    bpy.ops.render.render(animation=True)
    for folder in (out, beside):
        frames = sorted(folder.glob("*.exr"))
        assert [tags_in(path) for path in frames] == [[{tag_id}]] * 3


def test_a_render_without_genai_is_not_touched_and_says_so(
    made: Stage, scene: Any, out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    image_strip(scene, made.sequence("v002", folder="plates"))
    bpy.ops.render.render(animation=True)
    assert [tags_in(path) for path in sorted(out.glob("*.exr"))] == [[set()]] * 3
    (line,) = [each for each in capfd.readouterr().out.splitlines() if each.startswith("genai_tags:")]
    assert "No record - 1 of 1 sources without a record" in line
    assert not re.search(r"error\s*:", line, re.IGNORECASE)


def test_a_render_goes_on_where_the_show_is_gone(
    scene: Any, stage: Stage, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sky, tag_id = stage.settled("v001")
    monkeypatch.setenv("GENAI_SHOW", str(tmp_path / "gone"))
    image_strip(scene, sky)
    assert bpy.ops.render.render(animation=True) == {"FINISHED"}
    assert [tags_in(path) for path in sorted(out.glob("*.exr"))] == [[{tag_id}]] * 3


def test_check_and_render_stops_what_the_show_does_not_let_be_rendered(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.sequence("v001"), made.declare()
    made.do("tag", sky, "--id", tag_id)
    made.configure("renders: {stop: [open, rejected]}\n")
    image_strip(scene, sky)
    assert part("session").judged(scene, glance=False).status.value in ("open", "rejected")
    assert bpy.ops.genai.render() == {"CANCELLED"}
    assert not out.exists()


def test_a_linked_library_that_is_gone_is_said_and_never_clean(made: Stage, scene: Any, tmp_path: Path) -> None:
    sky, _ = made.settled("v001")
    textured(scene, bpy.data.images.load(sky % 1001)).name = "set"
    library = tmp_path / "set.blend"
    bpy.data.libraries.write(str(library), {bpy.data.objects["set"]})
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, to):
        to.objects = ["set"]
    bpy.context.scene.collection.objects.link(bpy.data.objects["set"])
    shot = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(shot))
    assert len(names(bpy.context.scene)) == 1
    library.unlink()
    bpy.ops.wm.open_mainfile(filepath=str(shot))
    found = part("session").judged(bpy.context.scene, glance=False)
    assert found.status.value == "no_record"
    assert any("is linked from" in finding.message for finding in found.findings)


# ---------------------------------------------------------------- what must not be lost


def test_sound_alone_leaves_the_camera_s_picture(made: Stage, scene: Any, tmp_path: Path) -> None:
    image = bpy.data.images.load(made.settled("v001")[0] % 1001)
    textured(scene, image)
    image_strip(scene, made.sequence("v002")).mute = True
    assert names(scene) == {f"Image {image.name}"}


def test_two_things_of_one_name_both_count(made: Stage, scene: Any, tmp_path: Path) -> None:
    one, two = made.settled("v001"), made.settled("v002")
    other = bpy.data.scenes.new("other")
    for each, (pattern, _) in ((scene, one), (other, two)):
        image_strip(each, pattern)["note"] = "x"
    nested = strips(scene).new_scene("n", other, 5, 1001)
    nested.scene_input = "SEQUENCER"
    tags = part("session").judged(scene, glance=False).tags
    assert {stub.id for stub in tags.stubs} == {one[1], two[1]}


def test_a_strip_whose_mute_is_animated_counts(made: Stage, scene: Any) -> None:
    strip = image_strip(scene, made.sequence("v001"))
    strip.mute = True
    assert names(scene) == set()
    strip.keyframe_insert("mute", frame=1001)
    assert names(scene) == {"strip s1: AGM_104_065_010_comp_NFX_v001.####.exr"}


def test_the_set_and_the_world_of_a_view_layer_count(made: Stage, scene: Any) -> None:
    first, second = made.sequence("v001"), made.sequence("v002")
    behind = bpy.data.scenes.new("behind")
    textured(behind, bpy.data.images.load(first % 1001)).name = "wall"
    scene.background_set = behind
    assert len(names(scene)) == 1
    excluded, child = bpy.data.collections.new("a"), bpy.data.collections.new("b")
    scene.collection.children.link(excluded)
    excluded.children.link(child)
    plane = textured(scene, bpy.data.images.load(second % 1001))
    scene.collection.objects.unlink(plane)
    child.objects.link(plane)
    layer = scene.view_layers[0].layer_collection.children["a"]
    layer.exclude = True
    assert len(names(scene)) == 1
    layer.children["b"].exclude = False
    assert len(names(scene)) == 2


def test_a_still_beyond_the_scene_s_range_is_looked_at(made: Stage, scene: Any, out: Path) -> None:
    sky, tag_id = made.settled("v001")
    strip = strips(scene).new_image("late", sky % 1001, 1, 2000)
    strip.elements.append(Path(sky % 1002).name)
    scene.frame_set(2001)
    bpy.ops.render.render(write_still=True)
    (frame,) = out.glob("*.exr")
    assert tags_in(frame) == [{tag_id}]


@pytest.mark.parametrize("animation", [True, False])
def test_each_view_of_a_stereo_render_is_tagged_and_no_older_file(made: Stage, scene: Any, out: Path, animation: bool) -> None:
    sky, tag_id = made.settled("v001")
    plane = textured(scene, bpy.data.images.load(sky % 1001))
    plane.scale = (2, 2, 2)
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = "INDIVIDUAL"
    out.mkdir()
    old = [out / "AGM_104_065_010_comp_NFX_v009_L.1001.exr", out / "AGM_104_065_010_comp_NFX_v009.0001_L.exr"]
    plate = made.sequence("v003") % 1001
    for path in old:
        path.write_bytes(Path(plate).read_bytes())
    scene.frame_end = 1002
    scene.frame_set(1001)
    bpy.ops.render.render(animation=animation, write_still=not animation)
    frames = [path for path in sorted(out.glob("*.exr")) if path not in old]
    assert [tags_in(path) for path in frames] == [[{tag_id}]] * (4 if animation else 2)
    assert [path.read_bytes() == Path(plate).read_bytes() for path in old] == [True, True]


def test_a_still_whose_name_ends_otherwise_is_tagged(made: Stage, scene: Any, tmp_path: Path) -> None:
    sky, tag_id = made.settled("v001")
    image_strip(scene, sky)
    scene.render.filepath = str(tmp_path / "stills" / "shot.png")
    bpy.ops.render.render(write_still=True)
    (frame,) = (tmp_path / "stills").glob("*.exr")
    assert tags_in(frame) == [{tag_id}]


def test_what_is_cut_off_an_image_strip_s_content_does_not_count(made: Stage, scene: Any) -> None:
    pattern = made.sequence("v001")
    strip, scene.frame_end = image_strip(scene, pattern, last=1010), 1010
    if hasattr(strip, "content_trim_start"):
        strip.content_trim_start = 3
    else:
        strip.animation_offset_start = 3
    assert min(element.span.first for element in part("collect").plan(scene).elements) == 1004


def test_a_packed_image_brings_the_tags_of_its_header_and_is_no_record_without(made: Stage, scene: Any) -> None:
    sky, tag_id = made.settled("v001")
    image = bpy.data.images.load(sky % 1001)
    textured(scene, image)
    image.pack()
    output = part("session").judged(scene, glance=False)
    assert ([stub.id for stub in output.tags.stubs], output.status.value) == ([tag_id], "approved")
    plain = bpy.data.images.load(made.sequence("v002") % 1001)
    textured(scene, plain)
    plain.pack()
    output = part("session").judged(scene, glance=False)
    assert (output.status.value, output.tags.undeclared) == ("no_record", 1)
    assert any("is packed into the .blend file" in finding.message for finding in output.findings)


def test_the_views_of_a_stereo_image_and_strip_all_count(made: Stage, scene: Any) -> None:
    scene.render.use_multiview = True
    pattern = made.sequence("v001")
    left, right = (made.media / f"sky_{side}.exr" for side in "LR")
    for path in (left, right):
        path.write_bytes(Path(pattern % 1001).read_bytes())
    tag_id = made.declare()
    made.do("tag", right, "--id", tag_id)
    image = bpy.data.images.load(str(left))
    image.use_multiview, image.views_format = True, "INDIVIDUAL"
    textured(scene, image)
    assert [stub.id for stub in part("session").judged(scene, glance=False).tags.stubs] == [tag_id]
    scene.render.use_multiview = False
    strip = strips(scene).new_image("s", str(left), 1, 1001)
    strip.use_multiview, strip.views_format = True, "INDIVIDUAL"
    assert names(scene) >= {"strip s: sky_L.exr", "strip s: sky_R.exr"}


def test_an_image_sequence_numbered_before_its_view_is_read_frame_by_frame(made: Stage, scene: Any) -> None:
    pattern = made.sequence("v001")
    paths = [made.media / f"sky_{frame}_L.exr" for frame in (1001, 1002)]
    for path in (*paths, made.media / "sky_1001_R.exr"):
        path.write_bytes(Path(pattern % 1001).read_bytes())
    tag_id = made.declare()
    made.do("tag", paths[1], "--id", tag_id)
    image = bpy.data.images.load(str(paths[0]))
    image.source = "SEQUENCE"
    textured(scene, image)
    assert [stub.id for stub in part("session").judged(scene, glance=False).tags.stubs] == [tag_id]
    assert names(scene) == {"Image sky_1001_L.exr", "Image sky_1001_L.exr: sky_1002_L.exr"}


def test_the_texture_of_a_freestyle_line_counts_where_lines_are_rendered(made: Stage, scene: Any) -> None:
    sky, tag_id = made.settled("v001")
    texture = bpy.data.textures.new("chalk", "IMAGE")
    texture.image = bpy.data.images.load(sky % 1001)
    style = bpy.data.linestyles.new("chalk line")
    style.texture_slots.add().texture = texture
    layer = scene.view_layers[0]
    layer.freestyle_settings.linesets.new("lines").linestyle = style
    scene.render.use_freestyle, layer.use_freestyle = False, True
    assert names(scene) == set()
    scene.render.use_freestyle = True
    assert [stub.id for stub in part("session").judged(scene, glance=False).tags.stubs] == [tag_id]


def test_looking_at_a_picture_touches_no_movie_that_lies_there(made: Stage, scene: Any, out: Path) -> None:
    sky, _ = made.settled("v001")
    strip = image_strip(scene, sky)
    movie = filmed(scene, out)
    beside = next(out.glob("*.genai.json"))
    before = beside.read_bytes()
    strips(scene).remove(strip)
    image_strip(scene, made.settled("v002")[0])
    bpy.ops.render.render()  # F12
    assert beside.read_bytes() == before
    assert movie.exists()


def test_a_movie_that_cannot_be_begun_leaves_nothing_in_the_settings(made: Stage, scene: Any, tmp_path: Path) -> None:
    image_strip(scene, made.settled("v001")[0])
    (tmp_path / "file").write_bytes(b"")
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "VIDEO"
    scene.render.image_settings.file_format = "FFMPEG"
    scene.render.filepath = str(tmp_path / "file" / "movie")
    scene.render.use_stamp_note, scene.render.stamp_note_text = False, "mine"
    with contextlib.suppress(RuntimeError):
        bpy.ops.render.render(animation=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    assert (scene.render.use_stamp_note, scene.render.stamp_note_text) == (False, "mine")
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    other = bpy.context.scene
    other.render.stamp_note_text = "another's"
    part("render").genai_tags_begin(other)
    part("render").genai_tags_end(other)
    assert other.render.stamp_note_text == "another's"
