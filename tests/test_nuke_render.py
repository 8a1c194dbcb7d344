"""Renders in Nuke: what goes into frames, whatever the Write's mode, and what the artist reads about it."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import OpenEXR
import OpenImageIO as oiio
import pytest

from tests.conftest import Cli
from tests.doubles.nuke_app import MODES, App
from tests.doubles.nuke_render import execute
from tests.nuke_stage import Comp, running
from tests.stage import Stage


@pytest.fixture
def comp(stage: Stage, tmp_path: Path) -> Iterator[Comp]:
    """A Nuke 16 with a window."""
    yield from running(App(), stage, tmp_path)


@pytest.fixture
def farm(stage: Stage, tmp_path: Path) -> Iterator[Comp]:
    """A Nuke 16 in a terminal, as ``-x`` and ``-t`` run it."""
    yield from running(App(gui=False), stage, tmp_path)


def tags_in(path: str) -> list[set[str]]:
    """The ids that each part of a frame carries, read by OpenEXR."""
    return [
        set(re.findall(r'"id":"(\w+)"', part.header.get("genai:tags", "")))
        for part in OpenEXR.File(path, header_only=True).parts
    ]


def shot(comp: Comp) -> tuple[str, str]:
    """A plate without a record, and tagged media; their patterns."""
    plate = comp.stage.sequence("v001", "AGM_104_065_010", folder="plates")
    sky, _ = comp.stage.settled("v001")
    return plate, sky


@pytest.mark.parametrize("mode", MODES)
def test_the_a_side_reaches_every_frame_whatever_the_metadata_mode(comp: Comp, mode: str) -> None:
    plate, sky = shot(comp)
    comp.load()
    write = comp.write(comp.app.make("Merge2", comp.read(plate), comp.read(sky)))
    write["metadata"].setValue(mode)
    frames = execute(comp.app, write, 1001, 1010)
    assert [tags_in(path) for path in frames] == [[{"tag0001"}]] * 10
    opened = oiio.ImageInput.open(frames[0])
    assert opened.spec().getattribute("genai:digitalSourceType") == "compositeSynthetic"


def test_nothing_that_nuke_passed_through_under_another_name_is_left(comp: Comp) -> None:
    _, sky = shot(comp)
    comp.load()
    write = comp.write(comp.read(sky))
    write["metadata"].setValue("all metadata")
    (frame,) = execute(comp.app, write, 1005, 1005)
    names = [name for name in OpenEXR.File(frame, header_only=True).parts[0].header if "genai" in name]
    assert sorted(names) == ["genai:digitalSourceType", "genai:schema", "genai:set", "genai:summary", "genai:tags"]


def test_every_part_of_a_multi_part_frame_carries_the_set(comp: Comp) -> None:
    _, sky = shot(comp)
    comp.load()
    frames = execute(comp.app, comp.write(comp.read(sky)), 1001, 1002, parts=3)
    assert [tags_in(path) for path in frames] == [[{"tag0001"}] * 3] * 2


def test_a_tag_in_a_later_part_is_seen_though_nuke_does_not_see_it(comp: Comp, cli: Cli) -> None:
    path = str(comp.stage.media / "AGM_104_065_010_elem_NFX_v001.1001.exr")
    import numpy as np

    parts = [OpenEXR.Part({"name": name}, {"RGB": np.zeros((4, 4, 3), np.float16)}) for name in ("beauty", "depth")]
    OpenEXR.File(parts).write(path)
    tag = comp.stage.declare()
    from genai_tags.exr.edit import _attribute
    from genai_tags.exr.header import open_exr, parse_descriptor
    from genai_tags.exr.layout import read_layout
    from genai_tags.show import Show
    from genai_tags.stubs import header_fields, make_set

    fields = header_fields(make_set(Show.open(str(comp.stage.folder)).stubs([tag])))
    descriptor = open_exr(path)
    header = parse_descriptor(descriptor, path)
    os.close(descriptor)
    with open(path, "rb") as stream:
        data = stream.read()
    block = b"".join(_attribute(name, value) for name, value in fields.items())
    end = header.parts[1].end
    descriptor = open_exr(path)
    layout = read_layout(descriptor, header)
    shifted = layout.shifted(len(block))
    os.close(descriptor)
    with open(path, "wb") as stream:
        stream.write(data[:end] + block + data[end : header.end] + shifted + data[layout.data_start :])
    assert tags_in(path) == [set(), {tag}]
    comp.load()
    read = comp.read(path)
    frames = execute(comp.app, comp.write(read), 1001, 1001)
    assert tags_in(frames[0]) == [{tag}]


def test_ten_chunks_of_a_farm_carry_one_identical_set_of_the_whole_range(farm: Comp) -> None:
    plate = farm.stage.sequence("v001", folder="plates")
    early = farm.stage.sequence("v001", "AGM_104_065_020")
    tag = farm.stage.declare()
    one = early.replace("%04d", "1002")
    farm.stage.do("tag", one, "--id", tag)  # on one frame of the element alone
    farm.load()
    write = farm.write(farm.app.make("Merge2", farm.read(plate), farm.read(early)))
    sets = {
        OpenEXR.File(path, header_only=True).parts[0].header["genai:set"]
        for n in range(1001, 1011)
        for path in execute(farm.app, write, n, n)
    }
    assert len(sets) == 1


def test_what_was_stored_beside_the_script_counts_where_a_farm_lacks_the_media(
    comp: Comp, stage: Stage, tmp_path: Path
) -> None:
    plate, sky = shot(comp)
    comp.load()
    comp.write(comp.app.make("Merge2", comp.read(plate), comp.read(sky)), name="Write1")
    script = str(tmp_path / "comp.nk")
    comp.app.save(script)
    comp.app.idle()
    assert os.path.exists(script + ".genai.json")
    for path in [*glob.glob(sky.replace("%04d", "*"))]:
        os.rename(path, path + ".away")
    (stage.folder / ".genai").rename(stage.folder / ".gone")  # nor the ledger
    for path in sorted(glob.glob(str(tmp_path / "renders/*"))):
        os.unlink(path)
    farm = App(gui=False)
    for other in running(farm, stage, tmp_path):
        farm.open(script)
        other.load()
        write = farm.to_node("Write1")
        assert write is not None
        assert tags_in(execute(farm, write, 1003, 1003)[0]) == [{"tag0001"}]


def test_a_script_that_was_saved_again_since_makes_what_was_stored_worthless(comp: Comp, tmp_path: Path) -> None:
    _, sky = shot(comp)
    comp.load()
    read = comp.read(sky)
    write = comp.write(read)
    comp.app.save(str(tmp_path / "comp.nk"))
    comp.app.idle()
    read["disable"].setValue(True)
    (tmp_path / "comp.nk").write_text((tmp_path / "comp.nk").read_text() + "\n# touched\n")
    frames = execute(comp.app, write, 1001, 1001)
    assert tags_in(frames[0]) == [set()]


def test_a_frame_that_nuke_still_writes_is_tagged_when_it_is_finished(comp: Comp) -> None:
    _, sky = shot(comp)
    comp.load()
    frames = execute(comp.app, comp.write(comp.read(sky)), 1001, 1003, unfinished=(1001, 1003))
    assert [tags_in(path) for path in frames] == [[{"tag0001"}]] * 3
    assert not [line for line in comp.ours() if "not every frame" in line]


def test_each_view_of_a_stereo_render_is_tagged(comp: Comp, tmp_path: Path) -> None:
    _, sky = shot(comp)
    comp.app.view_names = ["left", "right"]
    comp.load()
    write = comp.write(comp.read(sky), file=str(tmp_path / "renders" / "%V" / "shot_%v.####.exr"), views="left right")
    frames = execute(comp.app, write, 1001, 1002)
    assert [os.path.relpath(path, tmp_path / "renders") for path in frames] == [
        "left/shot_l.1001.exr", "right/shot_r.1001.exr", "left/shot_l.1002.exr", "right/shot_r.1002.exr",
    ]  # fmt: skip
    assert [tags_in(path) for path in frames] == [[{"tag0001"}]] * 4


def test_a_filename_filter_leads_to_the_file_that_was_written(comp: Comp, tmp_path: Path) -> None:
    _, sky = shot(comp)
    (tmp_path / "elsewhere").mkdir()
    comp.app.filters.append(lambda name: name.replace("renders", "elsewhere"))
    comp.load()
    (frame,) = execute(comp.app, comp.write(comp.read(sky)), 1001, 1001)
    assert "elsewhere" in frame
    assert tags_in(frame) == [{"tag0001"}]


def test_a_deep_write_is_tagged_too(farm: Comp) -> None:
    _, sky = shot(farm)
    farm.load()
    read = farm.app.make("DeepRead", file=sky, first=1001, last=1010)
    frames = execute(farm.app, farm.write(read, kind="DeepWrite"), 1001, 1001)
    assert tags_in(frames[0]) == [{"tag0001"}]


def test_a_movie_gets_a_sidecar_that_the_command_line_reads(farm: Comp, cli: Cli, tmp_path: Path) -> None:
    _, sky = shot(farm)
    farm.load()
    write = farm.write(farm.read(sky), file=str(tmp_path / "AGM_104_065_010.mov"), file_type="mov")
    (movie,) = execute(farm.app, write, 1001, 1010)
    (item,) = cli("read", movie, "--format", "json").json["items"]
    assert [stub["id"] for stub in item["tags"]] == ["tag0001"]
    assert item["problems"] == []


@pytest.mark.parametrize(
    ("count", "changes"),
    [
        (5, None),
        (4, {"tag.use_case": "background_element", "tag.steps[0].operation": "edit", "uses[0].stage": "final"}),
    ],
    ids=["more tags than a header lists", "four tags whose words do not fit"],
)
def test_what_does_not_fit_a_header_goes_into_a_sidecar_and_all_is_read(
    farm: Comp, cli: Cli, count: int, changes: dict[str, str] | None
) -> None:
    patterns = []
    for i in range(count):
        pattern = farm.stage.sequence(f"v{i + 1:03d}", f"AGM_104_065_0{i}0")
        farm.stage.do("tag", pattern, "--id", farm.stage.declare(changes))
        patterns.append(pattern)
    farm.load()
    merge = farm.read(patterns[0])
    for pattern in patterns[1:]:
        merge = farm.app.make("Merge2", merge, farm.read(pattern))
    frames = [path for n in (1001, 1006) for path in execute(farm.app, farm.write(merge), n, n)]
    assert len(tags_in(frames[0])[0]) < count
    read = cli("read", *frames, "--format", "json").json
    assert [[stub["id"] for stub in item["tags"]] for item in read["items"]] == [[f"tag000{i + 1}" for i in range(count)]]
    assert read["items"][0]["frames"] == "1001,1006"
    assert read["items"][0]["problems"] == []


def test_a_render_without_genai_is_not_touched(comp: Comp) -> None:
    plate = comp.stage.sequence("v001", folder="plates")
    comp.load()
    write = comp.write(comp.read(plate))
    write["metadata"].setValue("no metadata")
    frames = execute(comp.app, write, 1001, 1001)
    assert not [name for name in OpenEXR.File(frames[0], header_only=True).parts[0].header if "genai" in name]


def test_a_sidecar_of_an_earlier_render_does_not_outlive_what_it_says(comp: Comp, cli: Cli, tmp_path: Path) -> None:
    plate, sky = shot(comp)
    comp.load()
    read = comp.read(sky)
    write = comp.write(read, file=str(tmp_path / "renders" / "a.mov"), file_type="mov")
    execute(comp.app, write, 1001, 1001)
    read["file"].setValue(plate)
    (movie,) = execute(comp.app, write, 1001, 1001)
    assert cli("read", movie, "--format", "json").json["items"][0]["tags"] == []


# ------------------------------------------------------------ what the artist and the farm read


def test_one_line_says_what_is_in_a_render_and_what_is_in_the_way(comp: Comp) -> None:
    sky = comp.stage.sequence()
    comp.stage.do("tag", sky, "--id", comp.stage.declare())
    comp.load()
    execute(comp.app, comp.write(comp.read(sky)), 1001, 1003)
    (line,) = comp.ours()
    assert re.match(r"genai_tags: WARN Write1: ! Open - 1 GenAI element \| open, tag tag0001 \(Read1\): still needed: ", line)


def test_no_line_of_ours_looks_like_a_failed_task_to_a_farm(comp: Comp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadline Cloud fails a task on ``.*ERROR:.*``, ``.*Error:.*`` and ``.*Error :.*``."""
    sky = comp.stage.sequence("v001", "AGM_104_065_010", folder="Error: a folder")
    comp.stage.do("tag", sky, "--id", comp.stage.declare())
    comp.load()
    read = comp.read(sky, name="Error")
    write = comp.write(read)
    os.truncate(sky.replace("%04d", "1003"), 100)
    execute(comp.app, write, 1001, 1001)
    monkeypatch.setattr(comp.module("render"), "plan", lambda *_, **__: (_ for _ in ()).throw(ValueError("ERROR: it broke")))
    execute(comp.app, write, 1001, 1001)
    assert any("it broke" in line for line in comp.ours())
    assert [line for line in comp.ours() if re.search(r"ERROR:|Error:|Error :", line)] == []


def test_a_show_may_ask_that_what_was_rejected_is_not_rendered(comp: Comp) -> None:
    comp.stage.configure("renders:\n  stop: [rejected]\n")
    sky = comp.stage.sequence()
    tag = comp.stage.declare()
    comp.stage.do("tag", sky, "--id", tag)
    comp.stage.do("reject", tag, "--role", "client_contact", "--given-by", "C. Contact", "--reason", "no", "--ref", "R-1")
    comp.load()
    with pytest.raises(RuntimeError, match="does not render what is rejected") as stopped:
        execute(comp.app, comp.write(comp.read(sky)), 1001, 1001)
    assert not str(stopped.value).startswith("Cancelled")
    assert not glob.glob(str(comp.folder / "renders" / "*"))


def test_without_such_a_wish_nothing_is_ever_stopped(comp: Comp) -> None:
    sky = comp.stage.sequence()
    tag = comp.stage.declare()
    comp.stage.do("tag", sky, "--id", tag)
    comp.stage.do("reject", tag, "--role", "client_contact", "--given-by", "C. Contact", "--reason", "no", "--ref", "R-1")
    comp.load()
    assert len(execute(comp.app, comp.write(comp.read(sky)), 1001, 1002)) == 2


def test_a_render_goes_on_where_the_show_is_gone_or_broken(comp: Comp, monkeypatch: pytest.MonkeyPatch) -> None:
    _, sky = shot(comp)
    comp.load()
    write = comp.write(comp.read(sky))
    (comp.stage.folder / "genai.yaml").write_text("schema: [")
    frames = execute(comp.app, write, 1001, 1001)
    assert tags_in(frames[0]) == [{"tag0001"}]  # the headers say it without a show
    assert any("no show is open" in line for line in comp.ours())


def test_a_frame_that_cannot_be_tagged_is_said_at_the_end_and_the_render_goes_on(comp: Comp) -> None:
    _, sky = shot(comp)
    comp.load()
    frames = execute(comp.app, comp.write(comp.read(sky)), 1001, 1002, unfinished=())
    from genai_tags.carriers import exr

    write = comp.app.to_node("Write1")
    assert write is not None

    def refuse(path: str, tags: object) -> bool:
        from genai_tags.errors import WriteError

        raise WriteError(path, "could not be replaced: No space left on device")

    original = exr.write
    vars(exr)["write"] = refuse
    try:
        assert execute(comp.app, write, 1001, 1002) == frames
    finally:
        vars(exr)["write"] = original
    assert any("not every frame could be tagged" in line and "and 1 more" in line for line in comp.ours())


def test_apply_does_for_a_farm_without_the_plugin_what_the_plugin_does(comp: Comp, cli: Cli, tmp_path: Path) -> None:
    plate, sky = shot(comp)
    write = comp.write(comp.app.make("Merge2", comp.read(plate), comp.read(sky)))
    script = str(tmp_path / "comp.nk")
    comp.app.save(script)
    bare = execute(comp.app, write, 1001, 1003)
    assert [tags_in(path) for path in bare] == [[set()]] * 3
    ran = cli("apply", script, write["file"].value())
    assert (ran.code, [tags_in(path) for path in bare]) == (0, [[{"tag0001"}]] * 3), ran.err
    comp.load()
    comp.app.lines.clear()
    kept = [Path(path).read_bytes() for path in bare]
    execute(comp.app, write, 1001, 1003)
    assert [tags_in(path) for path in bare] == [[{"tag0001"}]] * 3
    assert [len(Path(path).read_bytes()) for path in bare] == [len(each) for each in kept]


@pytest.mark.skipif(not shutil.which("exrheader"), reason="exrheader is not here: apt-get install openexr")
def test_exrheader_prints_what_was_written_into_every_part(comp: Comp) -> None:
    _, sky = shot(comp)
    comp.load()
    (frame,) = execute(comp.app, comp.write(comp.read(sky)), 1001, 1001, parts=2)
    printed = subprocess.run(["exrheader", frame], capture_output=True, text=True, check=True).stdout
    assert printed.count('genai:tags (type string): "{"more":0,"tags":[{"ai_class":"generative","as":"contains"') == 2
    assert printed.count('genai:summary (type string): "1 GenAI element: other"') == 2


def test_frames_outside_the_script_s_range_are_looked_at_when_they_come(comp: Comp) -> None:
    early = comp.stage.sequence("v001", first=901, last=1010)
    comp.stage.do("tag", early.replace("%04d", "950"), "--id", comp.stage.declare())
    comp.load()
    read = comp.app.make("Read", file=early.replace("%04d", "%d"), first=901, last=1010)
    write = comp.write(read)
    assert tags_in(execute(comp.app, write, 1001, 1001)[0]) == [set()]
    assert tags_in(execute(comp.app, write, 950, 950)[0]) == [{"tag0001"}]


def test_frames_beyond_the_range_are_told_of_and_stopped_where_the_show_asks(comp: Comp) -> None:
    comp.stage.configure("renders:\n  stop: [open]\n")
    late = comp.stage.sequence("v001", first=1001, last=1020)
    comp.stage.do("tag", late.replace("%04d", "1015"), "--id", comp.stage.declare())
    comp.load()
    write = comp.write(comp.app.make("Read", file=late, first=1001, last=1020))
    with pytest.raises(RuntimeError, match="does not render what is open"):
        execute(comp.app, write, 1009, 1018)
    assert tags_in(str(comp.folder / "renders" / "AGM_104_065_010_comp_NFX_v004.1015.exr")) == [{"tag0001"}]
    assert not (comp.folder / "renders" / "AGM_104_065_010_comp_NFX_v004.1016.exr").exists()


def test_a_thousand_frames_beyond_the_range_are_written_into_their_sidecar_once_each(farm: Comp, tmp_path: Path) -> None:
    from genai_tags.carriers import sidecar
    from genai_tags.comp.job import Job
    from genai_tags.comp.walk import Span
    from genai_tags.model import Stub
    from genai_tags.stubs import make_set

    job = Job("W", Span(1, 10), make_set([Stub(id="tag0001", revision=1)]))
    saves = 0
    original = sidecar.save

    def counted(*arguments: object) -> None:
        nonlocal saves
        saves += 1
        original(*arguments)  # type: ignore[arg-type]

    vars(sidecar)["save"] = counted
    try:
        for frame in (*range(1, 11), *range(2001, 2101)):
            (tmp_path / f"a.{frame:04d}.png").touch()
            job.frame([str(tmp_path / f"a.{frame:04d}.png")])
        job.close()
    finally:
        vars(sidecar)["save"] = original
    assert saves == 1 + 100 + 1
    assert [entry["frames"] for entry in sidecar.load(str(tmp_path / "a.png.genai.json"))] == ["1-10,2001-2100"]


def test_a_render_that_is_cancelled_leaves_the_sidecar_of_what_it_wrote(farm: Comp, cli: Cli, tmp_path: Path) -> None:
    _, sky = shot(farm)
    farm.load()
    farm.app.callbacks["AfterRender"].clear()  # which never comes
    frames = execute(farm.app, farm.write(farm.read(sky), file=str(tmp_path / "r" / "a.%04d.png"), file_type="png"), 1001, 1002)
    (item,) = cli("read", *frames, "--format", "json").json["items"]
    assert [stub["id"] for stub in item["tags"]] == ["tag0001"]


def test_rendering_some_frames_again_leaves_the_sidecar_of_the_others(farm: Comp, cli: Cli, tmp_path: Path) -> None:
    plate, sky = shot(farm)
    farm.load()
    read = farm.read(sky)
    write = farm.write(read, file=str(tmp_path / "r" / "a.%04d.png"), file_type="png")
    pattern = write["file"].value()
    execute(farm.app, write, 1001, 1010)
    read["file"].setValue(plate)
    execute(farm.app, write, 1003, 1004)
    items = cli("read", pattern, "--format", "json").json["items"]
    assert {item["frames"]: [stub["id"] for stub in item["tags"]] for item in items} == {
        "1001-1002,1005-1010": ["tag0001"],
        "1003-1004": [],
    }


def test_a_log_that_takes_nothing_does_not_let_a_stopped_render_begin(comp: Comp) -> None:
    comp.stage.configure("renders:\n  stop: [no_record]\n")
    comp.load()

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    comp.module("log").nuke.tprint = full
    with pytest.raises(RuntimeError, match="does not render what is no record"):
        execute(comp.app, comp.write(comp.read(comp.stage.sequence())), 1001, 1001)


def test_what_nobody_declared_rides_along_so_that_no_conform_passes_it(comp: Comp, cli: Cli, tmp_path: Path) -> None:
    _, sky = shot(comp)
    comp.load()
    write = comp.write(comp.app.make("Inference", comp.read(sky), modelFile="/m/Sky.cat"), version="v001")
    frames = execute(comp.app, write, 1001, 1010)
    (item,) = cli("read", *frames, "--format", "json").json["items"]
    assert ([stub["id"] for stub in item["tags"]], item["undeclared"]) == (["tag0001"], 1)
    cut = comp.stage.edl(comp.stage.event("v001"))
    document = cli("conform", cut, "--rate", "24", "--media", tmp_path / "renders", "--format", "json").json
    assert (document["events"][0]["status"], "undeclared_part" in {f["code"] for f in document["events"][0]["findings"]}) == (
        "no_record",
        True,
    )
    again = comp.write(comp.read(frames[0].replace("1001", "%04d")), version="v009")
    (frame,) = execute(comp.app, again, 1001, 1001)  # and through the next comp
    assert cli("read", frame, "--format", "json").json["items"][0]["undeclared"] == 1


def test_a_pack_that_breaks_keeps_no_frame_from_being_tagged(comp: Comp) -> None:
    _, sky = shot(comp)
    (comp.stage.folder / "house.yaml").write_text("schema: [")
    comp.stage.configure("")
    path = comp.stage.folder / "genai.yaml"
    path.write_text(path.read_text().replace("packs:\n", "packs:\n  - house.yaml\n"))
    comp.load()
    frames = execute(comp.app, comp.write(comp.read(sky)), 1001, 1003)
    assert [tags_in(each) for each in frames] == [[{"tag0001"}]] * 3
    assert [line for line in comp.ours() if "cannot be judged" in line or "No record" in line or "without a record" in line]
    assert len(comp.ours()) == 1


def test_a_frame_that_is_not_where_it_was_expected_is_said(comp: Comp) -> None:
    _, sky = shot(comp)
    comp.load()
    write = comp.write(comp.read(sky))
    comp.app.fire("BeforeRender", write)
    comp.app.now = 1001
    comp.app.fire("AfterFrameRender", write)  # and Nuke wrote it somewhere else
    comp.app.fire("AfterRender", write)
    assert any("is not where it was expected" in line for line in comp.ours())


def test_a_relative_path_is_relative_to_the_script(comp: Comp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _, sky = shot(comp)
    comp.load()
    monkeypatch.chdir("/")
    write = comp.write(comp.read(sky), file="renders/AGM_104_065_010_comp_NFX_v001.%04d.exr")
    comp.app.fire("BeforeRender", write)
    frame = tmp_path / "renders" / "AGM_104_065_010_comp_NFX_v001.1001.exr"
    frame.parent.mkdir()
    frame.write_bytes(Path(sky.replace("%04d", "1002")).read_bytes())
    comp.app.now = 1001
    comp.app.fire("AfterFrameRender", write)
    assert '"as":"contains"' in OpenEXR.File(str(frame), header_only=True).parts[0].header["genai:tags"]


def test_the_last_frame_of_a_cancelled_render_is_tagged_when_the_write_renders_again(comp: Comp) -> None:
    _, sky = shot(comp)
    comp.load()
    write = comp.write(comp.read(sky))
    ends = comp.app.callbacks["AfterRender"].pop("Write")
    (frame,) = execute(comp.app, write, 1001, 1001, unfinished=(1001,))
    assert tags_in(frame) == [set()]
    comp.app.callbacks["AfterRender"]["Write"] = ends
    execute(comp.app, write, 1002, 1002)
    assert tags_in(frame) == [{"tag0001"}]


_CHUNK = """
import sys
from genai_tags.comp.job import Job
from genai_tags.comp.walk import Span
from genai_tags.model import Stub
from genai_tags.stubs import make_set
from genai_tags.vocabulary import Membership
job = Job("W", Span(1, 200), make_set([Stub(id="tag0001", revision=1, membership=Membership.CONTAINS)]))
first = int(sys.argv[2])
for frame in range(first, first + 20):
    path = sys.argv[1] % frame
    open(path, "w").close()
    job.frame([path])
job.close()
print(job.problems)
"""


def test_ten_tasks_that_end_together_leave_one_whole_sidecar(tmp_path: Path) -> None:
    frames = str(tmp_path / "shot.%04d.dpx")
    tasks = [
        subprocess.Popen([sys.executable, "-c", _CHUNK, frames, str(1 + 20 * i)], stdout=subprocess.PIPE, text=True)
        for i in range(10)
    ]
    assert [task.communicate()[0].strip() for task in tasks] == ["[]"] * 10
    from genai_tags.carriers import sidecar

    (entry,) = sidecar.load(str(tmp_path / "shot.dpx.genai.json"))
    assert (entry["frames"], [stub["id"] for stub in entry["tags"]]) == ("1-200", ["tag0001"])
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".dpx"] == ["shot.dpx.genai.json"]


def test_rendering_the_whole_range_again_leaves_nothing_of_before(farm: Comp, cli: Cli, tmp_path: Path) -> None:
    _, sky = shot(farm)
    other = farm.stage.sequence("v007")
    farm.stage.do("tag", other, "--id", farm.stage.declare())
    farm.load()
    read = farm.read(sky)
    write = farm.write(read, file=str(tmp_path / "r" / "a.%04d.png"), file_type="png")
    execute(farm.app, write, 1001, 1010)
    read["file"].setValue(other)
    execute(farm.app, write, 1001, 1010)
    (item,) = cli("read", write["file"].value(), "--format", "json").json["items"]
    assert [stub["id"] for stub in item["tags"]] == ["tag0002"]
