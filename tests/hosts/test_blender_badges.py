"""Badges: where they are drawn and what colour they have, asserted on the pixels that Blender's own drawing made."""

from __future__ import annotations

import time
from typing import Any

import bpy
import pytest

from genai_tags.status import BADGES, Status
from tests.hosts.conftest import part
from tests.hosts.test_blender import image_strip
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


def painted(gpu: Any, items: list[Any], scale: float = 1.0) -> tuple[int, Any]:
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
                count = part("badges").draw(items, lambda f, c: (f * 4.0, c * 30.0), WIDE, HIGH, scale)
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
    count, picture = painted(gpu_ready, [item(0, 40, 1, Status.APPROVED), item(50, 90, 2, Status.REJECTED)])
    assert count == 2
    assert has(picture, BADGES[Status.APPROVED].colour, 0, 160, 30, 60)
    assert not has(picture, BADGES[Status.APPROVED].colour, 170, 400, 0, 120)
    assert has(picture, BADGES[Status.REJECTED].colour, 200, 360, 60, 90)
    assert has(picture, "#ffffff", 200, 360, 60, 90)  # the word


def test_what_is_out_of_view_or_too_short_is_not_drawn(gpu_ready: Any) -> None:
    item = part("badges").Item
    out = [
        item(-90, -50, 1, Status.OPEN),
        item(200, 240, 1, Status.OPEN),
        item(10, 12, 1, Status.OPEN),
        item(0, 40, 9, Status.OPEN),
    ]
    count, picture = painted(gpu_ready, out)
    assert (count, int(picture[..., :3].max()) < 64) == (0, True)


def test_a_strip_without_a_tag_has_no_badge_and_a_damaged_one_is_unresolved(
    stage: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENAI_SHOW", str(stage.folder))
    part("standing").forget()
    pattern, tag_id = stage.settled("v001")
    plain, tagged, damaged = (image_strip(scene, pattern, channel) for channel in (1, 2, 3))
    part("operators").tag([tagged], [tag_id])
    damaged["genai"] = "{"
    found = part("badges").items([plain, tagged, damaged])
    assert [(item.channel, item.status) for item in found] == [(2, Status.APPROVED), (3, Status.UNRESOLVED)]


def test_a_badge_follows_the_ledger(stage: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_SHOW", str(stage.folder))
    part("standing").forget()
    strip = image_strip(scene, stage.sequence("v001"))
    tag_id = stage.declare()
    part("operators").tag([strip], [tag_id])
    assert part("standing").status_of(strip) is Status.OPEN
    stage.approve(tag_id)
    time.sleep(1.1)
    assert part("standing").status_of(strip) is Status.APPROVED
