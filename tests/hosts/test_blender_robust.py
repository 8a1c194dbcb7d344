"""What happens to files and to Blender itself: other versions, appended and linked data, a missing show, read-only places, the exit."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import pytest

from genai_tags.status import Status
from tests.hosts import hop
from tests.hosts.conftest import PACKAGE, in_sequencer, part
from tests.hosts.test_blender import image_strip, made, strips, tags_in, textured
from tests.stage import Stage

__all__ = ["made"]

_SESSION = """
import json, os, sys
import bpy
from genai_tags.deploy import blender_extension
path = blender_extension(os.environ["BLENDER_USER_RESOURCES"])
bpy.ops.extensions.package_install_files(filepath=path, repo="user_default", enable_on_install=True)
assert "bl_ext.user_default.genai_tags" in bpy.context.preferences.addons
"""


def session(code: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """A Blender of its own with the extension, that runs some lines and ends by itself."""
    return subprocess.run(
        [sys.executable, "-c", _SESSION + code], capture_output=True, text=True, timeout=120,
        env={**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path)},
    )  # fmt: skip


def test_a_blender_with_the_extension_on_ends_by_itself(tmp_path: Path) -> None:
    """A handler that stays makes Blender 4.5 hang at its exit and 4.2 crash."""
    assert session("assert len(bpy.app.handlers.render_write) == 1", tmp_path).returncode == 0


def test_blenders_own_operator_takes_the_extension_away_whole(tmp_path: Path) -> None:
    ran = session(
        """
index = next(i for i, each in enumerate(bpy.context.preferences.extensions.repos) if each.module == "user_default")
bpy.ops.extensions.package_uninstall(repo_index=index, pkg_id="genai_tags")
handlers = [h for n in dir(bpy.app.handlers) if isinstance(l := getattr(bpy.app.handlers, n), list) for h in l]
left = [h.__name__ for h in handlers if "genai_tags" in getattr(h, "__module__", "")]
print("LEFT", json.dumps([left, [n for n in dir(bpy.types) if n.startswith("GENAI_")], hasattr(bpy.types.WindowManager, "genai_form")]))
""",
        tmp_path,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "LEFT [[], [], false]" in ran.stdout
    assert not [each for each in glob.glob(f"{tmp_path}/**/*genai*", recursive=True) if not each.endswith(".zip")]


def test_a_rebuilt_core_replaces_the_old_one_in_the_same_session(tmp_path: Path) -> None:
    """Blender does not unpack a wheel again whose name it knows: ours says which content it has."""
    ran = session(
        """
import genai_tags.deploy as deploy
kept = deploy._core
deploy._core = lambda without: [*kept(without), ("genai_tags/newer.py", b"THERE = True\\n")]
again = blender_extension(os.environ["BLENDER_USER_RESOURCES"])
bpy.ops.extensions.package_install_files(filepath=again, repo="user_default", enable_on_install=True)
import glob
print("NEWER", len(glob.glob(os.environ["BLENDER_USER_RESOURCES"] + "/extensions/.local/**/newer.py", recursive=True)))
""",
        tmp_path,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "NEWER 1" in ran.stdout


def test_tags_survive_save_and_the_hop_between_versions(scene: Any, tmp_path: Path) -> None:
    """Files of the other versions lie where ``tests.run_hosts`` had them written; one of its own is always there."""
    folder = os.environ.get(hop.HOP) or str(tmp_path)
    hop.main(folder)
    opened = []
    for path in sorted(glob.glob(f"{glob.escape(folder)}/*.blend")):
        version = tuple(map(int, os.path.basename(path).split(".")[:3]))
        if version >= (5, 0, 0) and bpy.app.version < (4, 5, 0):
            continue  # Blender 4.2 to 4.4 open no files of 5.0
        bpy.ops.wm.open_mainfile(filepath=path)
        assert hop.found() == dict.fromkeys(hop.found(), hop.TEXT), path
        opened.append(version)
    assert tuple(bpy.app.version) in opened


def test_appended_and_linked_data_bring_their_tags(made: Stage, scene: Any, out: Path, tmp_path: Path) -> None:
    tag_id = made.declare()
    image = bpy.data.images.load(made.sequence("v001") % 1001)
    part("operators").tag([image], [tag_id])
    textured(scene, image)
    library = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    for link in (False, True):
        bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
        here = bpy.context.scene
        with bpy.data.libraries.load(library, link=link) as (_, wanted):
            wanted.objects = ["plane"]
        here.collection.objects.link(bpy.data.objects["plane"])
        output = part("session").judged(here, glance=False)
        assert [stub.id for stub in output.tags.stubs] == [tag_id]
        if link:
            assert bpy.data.images[0].library is not None
            bpy.data.objects["plane"].select_set(True)
            assert bpy.ops.genai.tag(ids=made.declare()) == {"CANCELLED"}  # its own file holds it


def test_a_library_override_takes_no_tag_that_blender_would_lose(made: Stage, scene: Any, tmp_path: Path) -> None:
    thing = bpy.data.objects.new("thing", None)
    thing.use_fake_user = True
    library = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    here = bpy.context.scene
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.objects = ["thing"]
    made_own = bpy.data.objects["thing"].override_create()
    here.collection.objects.link(made_own)
    made_own.select_set(True)
    assert bpy.ops.genai.tag(ids=made.declare()) == {"CANCELLED"}
    assert "genai" not in made_own


def test_copy_and_paste_of_a_strip_keeps_the_tag(made: Stage, scene: Any) -> None:
    strip = image_strip(scene, made.sequence("v001"))
    part("operators").tag([strip], [made.declare()])
    strip.select = True
    for call in (bpy.ops.sequencer.copy, bpy.ops.sequencer.paste, bpy.ops.sequencer.duplicate):
        in_sequencer(scene, call)
    assert [each.get("genai") for each in strips(scene)] == [strip["genai"]] * 3


def test_the_operators_can_be_undone(made: Stage, scene: Any) -> None:
    cube = bpy.data.objects.new("cube", None)
    scene.collection.objects.link(cube)
    cube.select_set(True)
    bpy.ops.ed.undo_push(message="cube")
    bpy.ops.genai.tag("EXEC_DEFAULT", True, ids=made.declare())
    assert "genai" in bpy.data.objects["cube"]
    bpy.ops.ed.undo()
    assert "genai" not in bpy.data.objects["cube"]


def test_a_damaged_tag_reaches_the_frames_as_something_nobody_accounted_for(made: Stage, scene: Any, out: Path) -> None:
    strip = image_strip(scene, made.sequence("v001"))
    for text in ('{"schema": "genai_tags.stub/1", "tags": [{"id": 7}]}', "[" * 5000, 7):
        strip["genai"] = text
        output = part("session").judged(scene, glance=False)
        assert output.status is Status.UNRESOLVED
        assert "tag_damaged" in {finding.code for finding in output.findings}
    assert bpy.ops.render.render(animation=True) == {"FINISHED"}


def test_a_show_that_is_gone_stops_no_render_and_takes_no_tag_off(made: Stage, scene: Any, out: Path, capfd: Any) -> None:
    sky, tag_id = made.settled("v001")
    image_strip(scene, sky)
    shutil.rmtree(made.folder / ".genai", ignore_errors=True)
    (made.folder / "genai.yaml").unlink()
    assert bpy.ops.render.render(animation=True) == {"FINISHED"}
    assert [tags_in(path) for path in sorted(out.glob("*.exr"))] == [[{tag_id}]] * 3
    assert "no show is open" in capfd.readouterr().out
    assert bpy.ops.genai.tag(ids=tag_id) == {"CANCELLED"}


def test_frames_that_cannot_be_replaced_are_named_and_left_whole(
    made: Stage, scene: Any, out: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_strip(scene, made.settled("v001")[0])

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    assert bpy.ops.render.render(animation=True) == {"FINISHED"}
    monkeypatch.undo()
    assert [tags_in(path) for path in sorted(out.glob("*.exr"))] == [[set()]] * 3
    assert "not every frame could be tagged" in capfd.readouterr().out
    assert not [each for each in os.listdir(out) if not each.endswith(".exr")]


def test_nothing_of_ours_raises_where_there_is_nothing(extension: str) -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert bpy.ops.genai.check() == {"FINISHED"}
    assert bpy.ops.genai.tag(ids="x") == {"CANCELLED"}
    assert bpy.ops.genai.untag() == {"FINISHED"}
    assert json.loads(json.dumps([each for each in dir(bpy.types) if each.startswith("GENAI_PT")]))
    assert PACKAGE in bpy.context.preferences.addons
