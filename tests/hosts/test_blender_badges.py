"""Badges: where they are drawn and what colour they have, asserted on the pixels that Blender's own drawing made."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from genai_tags.carriers import exr
from genai_tags.status import BADGES, Status
from tests.hosts.conftest import part
from tests.hosts.test_blender import image_strip, strips
from tests.stage import Stage

WIDE, HIGH = 400, 120


@pytest.fixture
def gpu_ready(scene: Any) -> Any:
    """Blender's drawing without a window: started by ``gpu.init``, or by one small render before 5.2."""
    import gpu

    if hasattr(gpu, "init"):
        gpu.init()
    else:
        scene.render.engine = "BLENDER_WORKBENCH"
        scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        scene.collection.objects.link(scene.camera)
        bpy.ops.render.render()
    return gpu


def boxes(items: list[Any]) -> Callable[[], int]:
    """Paints badges, four pixels for a frame and thirty for a channel."""
    return lambda: part("badges").draw(items, lambda f, c: (f * 4.0, c * 30.0), WIDE, HIGH)


def painted(gpu: Any, draw: Callable[[], int]) -> tuple[int, Any]:
    """How many badges were drawn, and the picture: rows from the bottom up, values from 0 to 255."""
    import numpy
    from mathutils import Matrix

    screen = gpu.types.GPUOffScreen(WIDE, HIGH)
    try:
        with screen.bind():
            frame = gpu.state.active_framebuffer_get()
            frame.clear(color=(0.1, 0.1, 0.1, 1.0))
            with gpu.matrix.push_pop():
                gpu.matrix.load_matrix(Matrix(((2 / WIDE, 0, 0, -1), (0, 2 / HIGH, 0, -1), (0, 0, 1, 0), (0, 0, 0, 1))))
                gpu.matrix.load_projection_matrix(Matrix.Identity(4))
                count = draw()
            found = frame.read_color(0, 0, WIDE, HIGH, 4, 0, "UBYTE")
        found.dimensions = WIDE * HIGH * 4
        return count, numpy.array(found, dtype=numpy.uint8).reshape(HIGH, WIDE, 4)
    finally:
        screen.free()


def has(picture: Any, colour: str, left: int, right: int, bottom: int, top: int) -> bool:
    """Whether a part of the picture holds a colour, nearly."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    area = picture[bottom:top, left:right, :3].astype(int)
    return bool((abs(area - wanted).max(axis=2) < 16).any())


@pytest.mark.skipif(bpy.app.version < (4, 5, 0), reason="Blender 4.2 draws no shapes without a window")
def test_a_badge_lies_on_its_strip_in_its_colour(gpu_ready: Any) -> None:
    item = part("badges").Item
    count, picture = painted(gpu_ready, boxes([item(0, 1, 40, 2, Status.APPROVED), item(50, 2, 90, 3, Status.REJECTED)]))
    assert count == 2
    assert has(picture, BADGES[Status.APPROVED].colour, 0, 160, 30, 60)
    assert not has(picture, BADGES[Status.APPROVED].colour, 170, 400, 0, 120)
    assert has(picture, BADGES[Status.REJECTED].colour, 200, 360, 60, 90)
    assert has(picture, "#ffffff", 200, 360, 60, 90)  # the word


def test_what_is_out_of_view_or_too_short_is_not_drawn(gpu_ready: Any) -> None:
    item = part("badges").Item
    out = [
        item(-90, 1, -50, 2, Status.OPEN),
        item(200, 1, 240, 2, Status.OPEN),
        item(10, 1, 12, 2, Status.OPEN),
        item(0, 9, 40, 10, Status.OPEN),
    ]
    count, picture = painted(gpu_ready, boxes(out))
    assert (count, int(picture[..., :3].max()) < 64) == (0, True)


@pytest.fixture
def show(stage: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A show that the file belongs to, of which nothing is kept."""
    monkeypatch.setenv("GENAI_SHOW", str(stage.folder))
    part("badges").forget()
    part("standing").forget()
    return stage


def test_a_strip_of_which_nobody_said_anything_has_no_badge_and_a_damaged_tag_is_unresolved(show: Stage, scene: Any) -> None:
    pattern = show.sequence("v001")
    plain, tagged, damaged = (image_strip(scene, pattern, channel) for channel in (1, 2, 3))
    tag_id = show.declare()
    show.approve(tag_id)
    part("operators").tag([tagged], [tag_id])
    damaged["genai"] = "{"
    found = part("badges").items([plain, tagged, damaged])
    assert [(item.bottom, item.status) for item in found] == [(2, Status.APPROVED), (3, Status.UNRESOLVED)]


def test_what_the_media_of_a_strip_carries_is_its_badge(show: Stage, scene: Any) -> None:
    pattern, tag_id = show.settled("v001")
    strip = image_strip(scene, pattern)
    assert [item.status for item in part("badges").items([strip])] == [Status.APPROVED]
    assert part("standing").of_media(strip) == ((tag_id, Status.APPROVED),)
    open_tag = show.declare()
    part("operators").tag([strip], [open_tag])
    assert [item.status for item in part("badges").items([strip])] == [Status.OPEN]  # the worst of both


def test_a_meta_strip_stands_where_the_worst_in_it_stands(show: Stage, scene: Any) -> None:
    inside = image_strip(scene, show.sequence("v001"))
    meta = strips(scene).new_meta("meta", 3, 1001)
    inside.move_to_meta(meta)
    part("operators").tag([inside], [show.declare()])
    assert part("standing").status_of(meta) is Status.OPEN


def test_a_trace_of_a_generator_is_no_record_until_it_is_declared(show: Stage, scene: Any) -> None:
    strip = image_strip(scene, show.sequence("v001"))
    strip["ai_meta_model"] = "SomeModel"
    assert part("standing").status_of(strip) is Status.NO_RECORD


def test_a_node_has_the_badge_of_its_image_above_its_upper_edge(show: Stage, scene: Any) -> None:
    tag_id = show.declare()
    show.approve(tag_id)
    image = bpy.data.images.new("sky", 4, 4)
    part("operators").tag([image], [tag_id])
    material = bpy.data.materials.new("wall")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image, node.location, node.width = image, (100, 50), 240
    (item,) = part("badges").node_items(material.node_tree.nodes, 2.0)
    assert (item.left, item.right, item.bottom, item.top) == (200, 680, 100, 100)
    assert item.status is Status.APPROVED


def test_the_preview_lists_what_the_frame_shows_the_worst_first(show: Stage, scene: Any) -> None:
    pattern, other = show.settled("v001")[0], show.declare()
    approved, tagged = (image_strip(scene, pattern, channel) for channel in (1, 2))
    muted, later = image_strip(scene, pattern, 3), image_strip(scene, pattern, 4)
    part("operators").tag([tagged], [other])
    muted.mute = True
    part("compat").strip_range(later)
    found = part("badges").at_frame([approved, tagged, muted], 1002)
    assert found == [("s2", Status.OPEN), ("s1", Status.APPROVED)]
    assert part("badges").at_frame([approved, tagged, muted, later], 1200) == []


@pytest.mark.skipif(bpy.app.version < (4, 5, 0), reason="Blender 4.2 draws no shapes without a window")
def test_the_preview_draws_them_from_the_upper_left_corner(gpu_ready: Any) -> None:
    shown = [("sky", Status.REJECTED), ("plate", Status.APPROVED)]
    count, picture = painted(gpu_ready, lambda: part("badges").draw_list(shown, WIDE, HIGH))
    assert count == 2
    assert has(picture, BADGES[Status.REJECTED].colour, 0, 200, 80, 120)
    assert not has(picture, BADGES[Status.REJECTED].colour, 0, 400, 0, 80)
    assert has(picture, BADGES[Status.APPROVED].colour, 0, 200, 60, 90)
    assert painted(gpu_ready, lambda: part("badges").draw_list(shown * 9, WIDE, HIGH))[0] < 9  # no room


def test_badges_are_found_out_once_a_second_and_some_at_a_time_the_oldest_first(
    show: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_id = show.declare()
    blocks = [bpy.data.images.new(f"i{i}", 4, 4) for i in range(100)]
    part("operators").tag(blocks, [tag_id])
    asked: list[str] = []
    status_of = part("standing").status_of

    def counted(block: Any) -> Status | None:
        asked.append(block.name)
        found: Status | None = status_of(block)
        return found

    monkeypatch.setattr(part("standing"), "status_of", counted)
    assert [len(part("badges").standings(blocks)) for _ in range(3)] == [64, 100, 100]
    assert len(asked) == len(set(asked)) == 100
    for _ in range(2):  # an idle editor draws seldom: nothing keeps an old status for ever
        time.sleep(1.1)
        part("badges").standings(blocks)
    assert {asked.count(block.name) for block in blocks} == {2, 3}


def test_a_revoked_tag_is_nowhere_green_any_more(show: Stage, scene: Any) -> None:
    tag_id = show.declare()
    show.approve(tag_id)
    blocks = [bpy.data.images.new(f"i{i}", 4, 4) for i in range(100)]
    part("operators").tag(blocks, [tag_id])
    part("badges").standings(blocks)
    assert {status for _, status in part("badges").standings(blocks)} == {Status.APPROVED}
    show.do("revoke", tag_id, "--ref", "A-2", "--role", "client_contact", "--given-by", "C. Contact")
    time.sleep(1.1)
    for _ in range(2):
        assert {status for _, status in part("badges").standings(blocks)} == {Status.REVOKED}


@pytest.mark.parametrize("change", ["undeclared", "more", "gone"])
def test_no_badge_is_greener_than_the_check(show: Stage, scene: Any, change: str) -> None:
    pattern, tag_id = show.settled("v001")
    strip = image_strip(scene, pattern)
    if change == "gone":
        part("operators").tag([strip], [tag_id])
        for frame in range(1001, 1011):
            Path(pattern % frame).unlink()
    else:
        for frame in range(1001, 1011):
            changes: Any = {"undeclared": {"undeclared": 2}, "more": {"more": 2, "digest": "A" * 22}}[change]
            exr.write(pattern % frame, dataclasses.replace(exr.read(pattern % frame).tags, **changes))
    part("standing").forget()
    part("badges").forget()
    check = part("session").judged(scene, glance=False).status
    assert check in (Status.NO_RECORD, Status.UNRESOLVED)
    assert [item.status for item in part("badges").items([strip])] == [check]


def test_a_revision_that_the_ledger_lacks_is_unresolved(show: Stage, scene: Any) -> None:
    tag_id = show.declare()
    show.approve(tag_id)
    image = bpy.data.images.new("sky", 4, 4)
    part("operators").tag([image], [tag_id])
    image["genai"] = image["genai"].replace('"revision":1', '"revision":9')
    tags, _ = part("store").get(image)
    assert part("standing").status_of_stub(tags.stubs[0]) is Status.UNRESOLVED


def test_a_day_that_begins_and_a_file_that_is_opened_are_judged_anew(
    show: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tag_id = show.declare()
    show.approve(tag_id, until="2026-11-25")
    image = bpy.data.images.new("sky", 4, 4)
    image.use_fake_user = True
    part("operators").tag([image], [tag_id])
    monkeypatch.setenv("GENAI_NOW", "2026-11-24T12:00:00Z")
    part("standing").look_again()
    assert part("standing").status_of(image) is Status.APPROVED
    monkeypatch.setenv("GENAI_NOW", "2026-11-27T12:00:00Z")
    part("standing").look_again()
    assert part("standing").status_of(image) is Status.EXPIRED
    before = part("standing").turn()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert part("standing").turn() > before


def test_rules_that_cannot_be_read_raise_into_no_drawing(show: Stage, scene: Any, capfd: Any) -> None:
    tag_id = show.declare()
    image = bpy.data.images.new("sky", 4, 4)
    part("operators").tag([image], [tag_id])
    show.configure("packs: [nosuchpack]\n" if "packs:" not in (show.folder / "genai.yaml").read_text() else "")
    text = (show.folder / "genai.yaml").read_text()
    (show.folder / "genai.yaml").write_text(re.sub(r"(?s)packs:.*?(?=\n\w|\Z)", "packs: [nosuchpack]", text))
    part("standing").forget()
    part("badges").forget()
    for _ in range(3):
        assert part("standing").status_of(image) is Status.UNRESOLVED
    assert capfd.readouterr().out.count("nosuchpack") <= 2


def test_a_badge_follows_the_ledger(show: Stage, scene: Any) -> None:
    strip = image_strip(scene, show.sequence("v001"))
    tag_id = show.declare()
    part("operators").tag([strip], [tag_id])
    assert part("standing").status_of(strip) is Status.OPEN
    show.approve(tag_id)
    time.sleep(1.1)
    assert part("standing").status_of(strip) is Status.APPROVED
