"""A timeline out of a real Blender: read by the OTIO library, and conformed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import opentimelineio as otio
import pytest

from tests.hosts.conftest import in_sequencer, part
from tests.hosts.test_blender import image_strip, strips
from tests.stage import Stage


@pytest.fixture
def made(stage: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A show that the file belongs to; ten frames at 24 a second."""
    monkeypatch.setenv("GENAI_SHOW", str(stage.folder))
    scene.frame_end = 1010
    scene.render.fps, scene.render.fps_base = 24, 1.0
    return stage


def exported(tmp_path: Path) -> tuple[Any, dict[str, Any], Path]:
    """The timeline as the OTIO library reads it, as JSON, and its file."""
    path = tmp_path / "edit.otio"
    assert bpy.ops.genai.export_otio(filepath=str(path)) == {"FINISHED"}
    return otio.adapters.read_from_file(str(path)), json.loads(path.read_text()), path


def trimmed(strip: Any, first: int, last: int) -> None:
    """Move a strip's handles; ``last`` is inclusive."""
    if hasattr(strip, "left_handle"):
        strip.left_handle, strip.right_handle = first, last + 1
    else:
        strip.frame_final_start, strip.frame_final_end = first, last + 1


def effect(owner: Any, kind: str, channel: int, length: int, *inputs: Any) -> Any:
    """An effect strip from frame 1001 on, by the names that this Blender has for its arguments."""
    word = "seq" if bpy.app.version < (4, 4, 0) else "input"
    given = {f"{word}{i + 1}": strip for i, strip in enumerate(inputs)}
    given |= {"length": length} if bpy.app.version >= (5, 0, 0) else {"frame_end": 1001 + length}
    return owner.new_effect(kind.lower(), kind, channel, 1001, **given)


def test_trims_and_gaps_are_where_blender_shows_them(made: Stage, scene: Any, tmp_path: Path) -> None:
    strip = image_strip(scene, made.sequence("v001"), last=1010)
    trimmed(strip, 1003, 1006)
    timeline, _, _ = exported(tmp_path)
    (track,) = timeline.tracks
    gap, clip = track
    assert (gap.duration(), clip.name) == (otio.opentime.RationalTime(2, 24), "AGM_104_065_010_comp_NFX_v001")
    assert clip.source_range == otio.opentime.TimeRange(otio.opentime.RationalTime(1003, 24), otio.opentime.RationalTime(4, 24))
    assert clip.media_reference.available_range.start_time == otio.opentime.RationalTime(1001, 24)
    assert clip.media_reference.target_url_for_image_number(2).endswith("AGM_104_065_010_comp_NFX_v001.1003.exr")
    assert timeline.global_start_time == otio.opentime.RationalTime(1001, 24)


def test_what_lies_beyond_the_scene_s_range_is_cut_off(made: Stage, scene: Any, tmp_path: Path) -> None:
    image_strip(scene, made.sequence("v001"), last=1010)
    scene.frame_start, scene.frame_end = 1004, 1005
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert (clip.source_range.start_time.value, clip.source_range.duration.value) == (1004, 2)


def test_the_export_conforms_with_the_tags_of_its_strips(made: Stage, scene: Any, tmp_path: Path) -> None:
    tag_id = made.declare()
    strip = image_strip(scene, made.sequence("v001"), last=1010)
    trimmed(strip, 1003, 1006)
    part("operators").tag([strip], [tag_id])
    _, _, path = exported(tmp_path)
    (event,) = [e for e in made.cli("conform", path, "--show", made.folder, "--format", "json").json["events"] if e["clip"]]
    assert (event["tags"], event["shot"], event["version"]) == ([tag_id], "AGM_104_065_010", "v001")
    assert event["file"].endswith("AGM_104_065_010_comp_NFX_v001.%04d.exr")


def test_a_meta_keeps_what_is_in_it(made: Stage, scene: Any, tmp_path: Path) -> None:
    tag_id = made.declare()
    meta = strips(scene).new_meta("act", 1, 1001)
    inside = meta.strips if hasattr(meta, "strips") else meta.sequences
    pattern = made.sequence("v001")
    strip = inside.new_image("s", pattern % 1001, 1, 1001)
    strip.elements.append(Path(pattern % 1002).name)
    part("operators").tag([strip], [tag_id])
    timeline, _, _ = exported(tmp_path)
    (stack,) = timeline.tracks[0]
    (clip,) = stack.find_clips()
    assert isinstance(stack, otio.schema.Stack)
    assert [stub["id"] for stub in clip.metadata["genai_tags"]["tags"]] == [tag_id]


def test_muted_strips_are_disabled_and_markers_kept(made: Stage, scene: Any, tmp_path: Path) -> None:
    image_strip(scene, made.sequence("v001")).mute = True
    scene.timeline_markers.new("beat", frame=1004)
    scene.timeline_markers.new("outside", frame=5)
    timeline, _, _ = exported(tmp_path)
    assert [clip.enabled for clip in timeline.find_clips()] == [False]
    (marker,) = timeline.tracks.markers
    assert (marker.name, marker.marked_range.start_time.value) == ("beat", 3)


def test_a_speed_effect_is_a_time_warp_of_what_it_speeds_up(made: Stage, scene: Any, tmp_path: Path) -> None:
    strip = image_strip(scene, made.sequence("v001"), last=1010)
    owner = strips(scene)
    speed = effect(owner, "SPEED", 2, 10, strip)
    speed.speed_control, speed.speed_factor = "MULTIPLY", 2.0
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    (warp,) = clip.effects
    assert (type(warp).__name__, warp.time_scalar) == ("LinearTimeWarp", 2.0)


def test_a_cross_leaves_its_inputs_where_they_are(made: Stage, scene: Any, tmp_path: Path) -> None:
    one, two = image_strip(scene, made.sequence("v001"), 1), image_strip(scene, made.sequence("v002"), 2)
    owner = strips(scene)
    effect(owner, "CROSS", 3, 3, one, two)
    timeline, document, _ = exported(tmp_path)
    assert [clip.name[-4:] for clip in timeline.find_clips()] == ["v001", "v002"]
    assert document["tracks"]["children"][2]["children"][0]["metadata"]["blender"]["inputs"] == ["s1", "s2"]


def test_a_scene_without_strips_says_so_and_writes_nothing(made: Stage, scene: Any, tmp_path: Path) -> None:
    assert bpy.ops.genai.export_otio(filepath=str(tmp_path / "edit.otio")) == {"CANCELLED"}
    assert list(tmp_path.glob("*.otio")) == []


def test_what_runs_backwards_uses_the_frames_that_blender_shows(made: Stage, scene: Any, tmp_path: Path) -> None:
    strip = image_strip(scene, made.sequence("v001"), last=1010)
    trimmed(strip, 1003, 1006)
    strip.use_reverse_frames = True
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert (clip.source_range.start_time.value, clip.source_range.duration.value) == (1005, 4)
    assert clip.effects[0].time_scalar == -1.0


def filmed(scene: Any, path: Path, fps: int, count: int) -> Path:
    """A movie of so many frames. The scene is left as it was, without strips: Blender 5 crashes where it renders another scene's."""
    settings = scene.render
    before = settings.fps, scene.frame_start, scene.frame_end
    settings.resolution_x, settings.resolution_y = 64, 32
    settings.fps, scene.frame_start, scene.frame_end = fps, 1, count
    length = {"length": count} if bpy.app.version >= (5, 0, 0) else {"frame_end": count + 1}
    scene.sequence_editor_create()
    colour = strips(scene).new_effect("c", "COLOR", 1, 1, **length)
    if hasattr(settings.image_settings, "media_type"):
        settings.image_settings.media_type = "VIDEO"
    settings.image_settings.file_format = "FFMPEG"
    settings.ffmpeg.format, settings.use_file_extension, settings.filepath = "MKV", False, str(path)
    bpy.ops.render.render(animation=True)
    strips(scene).remove(colour)
    settings.fps, scene.frame_start, scene.frame_end = before
    return path


def values(clip: Any) -> tuple[float, float, float, float]:
    """Start and its rate, duration and its rate."""
    found = clip.source_range
    return found.start_time.value, found.start_time.rate, found.duration.value, found.duration.rate


@pytest.mark.skipif(bpy.app.version >= (5, 0, 0), reason="Blender 5 crashes in its own movie_strip_add without a window")
def test_a_movie_of_another_rate_keeps_its_own(made: Stage, scene: Any, tmp_path: Path) -> None:
    movie = filmed(scene, made.media / "shot.mkv", 48, 40)
    in_sequencer(
        scene,
        lambda: bpy.ops.sequencer.movie_strip_add(
            filepath=str(movie), frame_start=1001, channel=1, use_framerate=False, adjust_playback_rate=True, sound=False
        ),
    )
    (strip,) = strips(scene)
    scene.frame_end = 1040
    trimmed(strip, 1006, 1010)
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert values(clip) == (10, 48, 5, 24)  # five frames of the scene in, ten of the movie
    assert (clip.media_reference.available_range.duration.value, clip.media_reference.available_range.duration.rate) == (40, 48)
    assert list(clip.effects) == []


def test_a_movie_that_blender_shows_frame_by_frame_is_slowed_down(made: Stage, scene: Any, tmp_path: Path) -> None:
    movie = filmed(scene, made.media / "shot.mkv", 48, 40)
    strip = strips(scene).new_movie("m", str(movie), 1, 1001)
    scene.frame_end = 1040
    trimmed(strip, 1011, 1020)
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert values(clip) == (10, 48, 10, 24)
    assert [warp.time_scalar for warp in clip.effects] == [0.5]
    assert not bpy.data.movieclips  # what was looked at is gone again


@pytest.mark.skipif(bpy.app.version < (4, 5, 0), reason="Blender 4.2 retimes no images")
def test_a_retime_of_one_speed_is_a_time_warp(made: Stage, scene: Any, tmp_path: Path) -> None:
    strip = image_strip(scene, made.sequence("v001", last=1020), last=1020)
    strip.select, scene.sequence_editor.active_strip = True, strip
    in_sequencer(scene, lambda: bpy.ops.sequencer.retiming_segment_speed_set(speed=200.0))
    trimmed(strip, 1003, 1006)
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert values(clip) == (1005, 24, 4, 24)
    assert [warp.time_scalar for warp in clip.effects] == [2.0]


@pytest.mark.skipif(bpy.app.version < (4, 5, 0), reason="Blender 4.2 retimes no images")
def test_a_retime_of_several_speeds_counts_every_frame_and_keeps_its_keys(made: Stage, scene: Any, tmp_path: Path) -> None:
    strip = image_strip(scene, made.sequence("v001", last=1020), last=1020)
    strip.select, scene.sequence_editor.active_strip = True, strip

    def retime() -> None:
        bpy.ops.sequencer.retiming_segment_speed_set(speed=200.0)
        strip.retiming_keys.add(timeline_frame=1006)
        strip.retiming_keys[1].timeline_frame = 1003

    in_sequencer(scene, retime)
    timeline, _, path = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert values(clip)[0] == 1001
    assert [round(warp.time_scalar * clip.source_range.duration.value) for warp in clip.effects] == [20]
    assert list(clip.metadata["blender"]["retiming_keys"]) == [1001, 1003, 1011]
    made.cli("conform", path, "--show", made.folder)


def test_a_trimmed_meta_shows_what_blender_shows_of_it(made: Stage, scene: Any, tmp_path: Path) -> None:
    strip = image_strip(scene, made.sequence("v001"), last=1010)
    strip.select, scene.sequence_editor.active_strip = True, strip
    in_sequencer(scene, lambda: bpy.ops.sequencer.meta_make())
    (meta,) = [each for each in strips(scene) if each.type == "META"]
    trimmed(meta, 1004, 1006)
    timeline, _, _ = exported(tmp_path)
    gap, stack = timeline.tracks[0]
    assert gap.duration().value == 3
    (clip,) = stack.find_clips()
    assert values(clip) == (1004, 24, 3, 24)
    assert stack.duration().value == 3


def test_a_speed_effect_counts_from_where_its_strip_is_cut(made: Stage, scene: Any, tmp_path: Path) -> None:
    strip = image_strip(scene, made.sequence("v001", last=1020), last=1020)
    trimmed(strip, 1004, 1008)
    speed = effect(strips(scene), "SPEED", 2, 10, strip)
    speed.speed_control, speed.speed_factor = "MULTIPLY", 2.0
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert values(clip)[0] == 1004  # as Blender renders it: 3, 5, 7 ...
    assert clip.effects[0].time_scalar == 2.0


@pytest.mark.parametrize("reverse", [True, False])
def test_of_what_cannot_be_told_every_frame_counts(made: Stage, scene: Any, tmp_path: Path, reverse: bool) -> None:
    strip = image_strip(scene, made.sequence("v001", last=1020), last=1020)
    strip.use_reverse_frames = reverse
    if hasattr(strip, "content_trim_start"):
        strip.content_trim_start = 8
    else:
        strip.animation_offset_start = 8
    if not reverse:
        speed = effect(strips(scene), "SPEED", 2, 10, strip)
        speed.speed_control = "FRAME_NUMBER"
    timeline, _, _ = exported(tmp_path)
    (clip,) = timeline.find_clips()
    assert values(clip)[0] == 1001
    assert [round(abs(warp.time_scalar) * clip.source_range.duration.value) for warp in clip.effects] == [20]


def test_media_of_a_linked_scene_lies_beside_its_library(made: Stage, scene: Any, tmp_path: Path) -> None:
    pattern, tag_id = made.settled("v001")
    scene.name = "edit"
    image_strip(scene, pattern)
    library = made.folder / "edit.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(library))
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    here = bpy.context.scene
    (tmp_path / "shot").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot" / "shot.blend"))
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.scenes = ["edit"]
    here.sequence_editor_create()
    strip = strips(here).new_scene("s", bpy.data.scenes["edit"], 1, 1)
    strip.scene_input = "SEQUENCER"
    assert [stub.id for stub in part("session").judged(here, glance=False).tags.stubs] == [tag_id]
    _, document, _ = exported(tmp_path)
    assert str(made.media) in json.dumps(document)
