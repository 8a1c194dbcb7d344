"""``check`` and ``apply``: a Nuke script on a farm without Nuke. Each finding of a comp has its case here."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from genai_tags.carriers import exr
from genai_tags.comp.stored import stored
from genai_tags.conform.codes import COMP_CODES
from genai_tags.errors import InputError
from genai_tags.model import Stub, TagSet
from genai_tags.stubs import make_set
from tests.conftest import Cli
from tests.stage import SHOT, Stage


def script(folder: Path, *middle: str, write: str = "", root: str = "", name: str = "comp.nk") -> Path:
    """A script whose nodes end in one Write of the stage's shot."""
    path = folder / name
    body = f" file {folder}/renders/{SHOT}_comp_NFX_v004.%04d.exr\n file_type exr\n{write}" if "file " not in write else write
    path.write_text(
        f"#! nuke -nx\nversion 16.0 v4\nRoot {{\n inputs 0\n first_frame 1001\n last_frame 1010\n{root}}}\n{''.join(middle)}Write {{\n{body} name Write1\n}}\n"
    )
    return path


def read(file: str, name: str = "Read1") -> str:
    """A Read of frames 1001 to 1010."""
    return f"Read {{\n inputs 0\n file {file}\n first 1001\n last 1010\n name {name}\n}}\n"


def checked(cli: Cli, path: Path, *options: object) -> tuple[int, dict[str, Any]]:
    """Exit code and document."""
    ran = cli("check", path, "--format", "json", *options)
    assert ran.code in (0, 1), ran.err
    return ran.code, ran.json


def codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Severity and code of each finding."""
    return [(finding["severity"], finding["code"]) for output in document["outputs"] for finding in output["findings"]]


def test_an_approved_element_may_render_and_the_document_says_where_it_comes_from(
    stage: Stage, cli: Cli, tmp_path: Path
) -> None:
    pattern, tag = stage.settled()
    code, document = checked(cli, script(tmp_path, read(pattern)))
    (output,) = document["outputs"]
    assert (code, document["schema"], output["status"], output["shot"], output["version"]) == (
        0,
        "genai_tags.check/1",
        "approved",
        SHOT,
        "v004",
    )
    assert (output["write"], output["frames"]) == ("Write1", "1001-1010")
    assert [(each["id"], each["as"], each["status"], each["sources"]) for each in output["tags"]] == [
        (tag, "contains", "approved", ["Read1"])
    ]
    (source,) = output["sources"]
    assert (source["node"], source["frames"], source["tags"], source["by"], source["unaccounted"]) == (
        "Read1",
        "1001-1010",
        [tag],
        ["header"],
        False,
    )


def test_a_plate_nobody_spoke_of_is_no_record_and_blocks_a_final_render_alone(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    path = script(tmp_path, read(stage.sequence()))
    assert (checked(cli, path)[0], codes(checked(cli, path)[1])) == (1, [("blocker", "no_record")])
    assert (checked(cli, path, "--stage", "temp")[0], codes(checked(cli, path, "--stage", "temp")[1])) == (
        0,
        [("info", "no_record")],
    )


def test_plates_beside_an_element_are_one_line_and_no_blocker(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    plates = "".join(read(stage.sequence(f"v{i:03d}", folder="plates"), f"P{i}") for i in range(2, 8))
    merge = "Merge2 {\n inputs 7\n}\n"
    code, document = checked(cli, script(tmp_path, plates, read(pattern), merge))
    assert (code, codes(document)) == (0, [("info", "sources_unaccounted")])
    assert "P2, P3, P4 and 3 more" in document["outputs"][0]["findings"][0]["message"]


def test_clean_plates_make_a_comp_that_is_inferred_clean(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern = stage.sequence()
    stage.do("clean", pattern, "--ref", "S-1")
    code, document = checked(cli, script(tmp_path, read(pattern)))
    assert (code, document["outputs"][0]["status"], codes(document)) == (0, "clean_inferred", [])


def test_a_model_nobody_declared_blocks_and_an_analytic_one_does_not(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    plate = stage.sequence()
    stage.do("clean", plate, "--ref", "S-1")
    code, document = checked(cli, script(tmp_path, read(plate), "Inference {\n modelFile /m/Sky.cat\n name I\n}\n"))
    assert (code, codes(document)) == (1, [("blocker", "model_undeclared")])
    assert document["outputs"][0]["models"] == [
        {"node": "I", "tool": "Nuke Inference", "model": "Sky.cat", "status": "no_record", "basis": "inferred"}
    ]
    assert (
        checked(cli, script(tmp_path, read(plate), "Upscale {\n}\nDeblur {\n}\n"))[1]["outputs"][0]["status"]
        == "clean_inferred"
    )


def test_a_source_that_is_not_there_or_cannot_be_told_is_a_problem(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    middle = (
        read("/gone/a.%04d.exr", "Gone"),
        read('"\\[python \\{secret()\\}]/a.exr"', "Secret"),
        read(pattern),
        "Merge2 {\n inputs 3\n}\n",
    )
    code, document = checked(cli, script(tmp_path, *middle))
    assert (code, document["outputs"][0]["status"]) == (1, "no_record")  # an approved element beside it makes nothing green
    assert codes(document) == [("blocker", "no_record"), ("warning", "source_problem"), ("warning", "source_problem")]
    messages = [finding["message"] for finding in document["outputs"][0]["findings"]]
    assert (
        "what Gone, Secret may carry is not known" in messages[0] or "what Secret, Gone may carry is not known" in messages[0]
    )
    assert any("Gone: reads /gone/a.%04d.exr, which is not there" in each for each in messages)
    assert any("Secret: reads" in each and "which only Nuke can evaluate" in each for each in messages)


def test_what_the_ledger_says_of_media_that_is_away_counts(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, tag = stage.settled()
    for frame in range(1001, 1011):
        os.unlink(pattern % frame)
    _, document = checked(cli, script(tmp_path, read(pattern)))
    assert [each["id"] for each in document["outputs"][0]["tags"]] == [tag]
    assert document["outputs"][0]["sources"][0]["by"] == ["ledger"]


def test_a_tag_that_frames_lost_is_said_and_still_counts(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, tag = stage.settled()
    for frame in range(1001, 1011):
        exr.write(pattern % frame, TagSet())
    _, document = checked(cli, script(tmp_path, read(pattern)))
    assert [each["id"] for each in document["outputs"][0]["tags"]] == [tag]
    assert ("warning", "tag_lost") in codes(document)


def test_a_tag_of_a_vendor_whose_ledger_is_missing_is_unresolved(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern = stage.sequence()
    exr.write(pattern % 1004, make_set([Stub(id="vendor01", revision=1)]))
    code, document = checked(cli, script(tmp_path, read(pattern)))
    assert (code, document["outputs"][0]["status"], codes(document)[0]) == (1, "unresolved", ("blocker", "unresolved"))


def test_an_approval_for_another_version_does_not_cover_this_render(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled(version="v001")
    path = script(tmp_path, read(pattern))
    tag = stage.declare()
    stage.do("tag", pattern, "--id", tag)
    stage.do("approve", tag, "--ref", "A", "--role", "client_contact", "--date", "2026-11-01", "--version", "v001")
    code, document = checked(cli, path)
    assert (code, codes(document)[0]) == (1, ("blocker", "version_drift"))


def test_a_precomp_that_cannot_be_looked_into_is_said(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "pre.nk").write_text("Read {\n file")
    _, document = checked(cli, script(tmp_path, "Precomp {\n inputs 0\n file pre.nk\n name P\n}\n"))
    assert ("warning", "script_problem") in codes(document)


def test_a_damaged_tag_blocks(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    text = read(stage.sequence()).replace(
        " name Read1", " addUserKnob {1 genai_tags l GenAI +INVISIBLE}\n genai_tags gt1-broken\n name Read1"
    )
    code, document = checked(cli, script(tmp_path, text))
    assert (code, codes(document)[0]) == (1, ("blocker", "tag_damaged"))


def test_every_finding_of_a_comp_has_its_case_here() -> None:
    here = Path(__file__).read_text()
    assert [code for code in COMP_CODES if f'"{code}"' not in here] == []


def test_a_show_may_silence_or_sharpen_a_finding(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    stage.configure("severities:\n  model_undeclared: warning\n  sources_unaccounted: none\n")
    path = script(tmp_path, read(stage.sequence()), "Inference {\n}\n")
    assert codes(checked(cli, path)[1]) == [("warning", "model_undeclared")]
    assert checked(cli, path, "--fail-on", "warning")[0] == 1


def test_only_writes_that_are_on_are_looked_at_and_any_that_is_named(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    path = script(tmp_path, read(stage.sequence()), write=" disable true\n")
    code, document = checked(cli, path)
    assert (code, document["outputs"], [each["code"] for each in document["findings"]]) == (1, [], ["no_output"])
    assert len(checked(cli, path, "--write", "Write1")[1]["outputs"]) == 1
    ran = cli("check", path, "--write", "Write9")
    assert (ran.code, "there is no Write named 'Write9'; there are Write1" in ran.err) == (2, True)


def test_limits_and_views_of_a_write(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    left, right = stage.sequence("v001", folder="left"), stage.sequence("v001", folder="right")
    stage.do("tag", right, "--id", stage.declare())
    pattern = left.replace("/left/", "/%V/")
    path = script(
        tmp_path,
        read(pattern),
        write=" use_limit true\n first 1003\n last 1004\n",
        root=' views "{left #ff0000}\\n{right #00ff00}"\n',
    )
    (output,) = checked(cli, path)[1]["outputs"]
    assert (output["frames"], [each["id"] for each in output["tags"]]) == ("1003-1004", ["tag0001"])


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (None, 3, "does not exist"),
        ("", 3, "holds no node; it is no Nuke script"),
        ("Root {\n", 3, "line 1: opens a { that is never closed"),
        ("\x00\xff" * 50, 3, "it is no Nuke script"),
    ],
)
def test_what_is_no_script_is_refused(
    stage: Stage, cli: Cli, tmp_path: Path, text: str | None, code: int, message: str
) -> None:
    if text is not None:
        (tmp_path / "bad.nk").write_text(text)
    ran = cli("check", tmp_path / "bad.nk")
    assert (ran.code, message in ran.err) == (code, True), ran.err


def test_the_show_is_found_above_the_script(stage: Stage, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stage.folder / "comps").mkdir()
    pattern, _ = stage.settled()
    monkeypatch.delenv("GENAI_SHOW")
    assert cli("check", script(stage.folder / "comps", read(pattern))).code == 0
    assert cli("check", script(tmp_path, read(pattern))).code == 4


def test_the_text_says_what_blocks_how_to_settle_it_and_who_can(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern = stage.sequence()
    stage.do("tag", pattern, "--id", stage.declare())
    printed = cli("check", script(tmp_path, read(pattern))).out
    assert "! Open - 1 GenAI element" in printed
    assert "warning open: tag tag0001 (Read1): still needed: notice, reason" in printed
    assert "(producer)" in printed


# ------------------------------------------------------------ apply


def rendered(folder: Path) -> str:
    """Three frames as a farm without the plugin leaves them."""
    from genai_tags.demo.media import write_sequence

    return write_sequence(str(folder / "renders"), f"{SHOT}_comp_NFX_v004", 1001, 1003, 86400, (1, 0, 0))


def test_apply_puts_the_set_on_frames_and_says_nothing_to_the_ledger(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, tag = stage.settled()
    path, frames = script(tmp_path, read(pattern)), rendered(tmp_path)
    before = len(cli("log", "--format", "json").json["events"])
    ran = cli("apply", path, frames)
    assert (ran.code, "1 tag(s) on 3 frame(s), 0 already so" in ran.err) == (0, True)
    (item,) = cli("read", frames, "--format", "json").json["items"]
    assert ([(each["id"], each["as"]) for each in item["tags"]], item["frames"]) == ([(tag, "contains")], "1001-1003")
    assert len(cli("log", "--format", "json").json["events"]) == before
    assert "3 already so" in cli("apply", path, frames).err
    assert cli("apply", path, frames, "--record", "--by", "W. Wrangler").code == 0
    assert cli("log", "--format", "json").json["events"][-1]["kind"] == "media"


def test_apply_needs_to_know_which_write(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    path, frames = script(tmp_path, read(pattern)), rendered(tmp_path)
    path.write_text(path.read_text() + "push 0\nWrite {\n file /r/other.%04d.exr\n name Write2\n}\n")
    moved = tmp_path / "moved"
    os.rename(tmp_path / "renders", moved)
    frames = frames.replace("/renders/", "/moved/")
    ran = cli("apply", path, frames)
    assert (ran.code, "which Write of" in ran.err, "Write2 (/r/other.%04d.exr)" in ran.err) == (2, True, True)
    assert cli("apply", path, frames, "--write", "Write1").code == 0


def test_apply_takes_off_what_is_no_longer_true(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    plate = stage.sequence()
    path, frames = script(tmp_path, read(plate), "Inference {\n}\n"), rendered(tmp_path)
    before = Path(frames % 1001).read_bytes()
    assert cli("apply", path, frames).code == 0
    assert exr.read(frames % 1001).tags.undeclared == 1
    stage.configure("register:\n  file: tools.yaml\n")
    stage.do("tools", "add", "Nuke Inference", "--set", "ai_class=analytic", "--by", "S. Supervisor")
    assert cli("apply", path, frames).code == 0
    assert Path(frames % 1001).read_bytes() == before


def test_apply_says_what_it_could_not_do_and_does_the_rest(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    path, frames = script(tmp_path, read(pattern)), rendered(tmp_path)
    os.truncate(frames % 1002, 400)
    ran = cli("apply", path, frames, tmp_path / "nothing.%04d.exr")
    assert (ran.code, "matches no files" in ran.err) == (3, True)
    assert [bool(exr.read(frames % frame).tags) for frame in (1001, 1003)] == [True, True]


def test_apply_of_a_comp_without_genai_touches_no_file(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    path, frames = script(tmp_path, read(stage.sequence())), rendered(tmp_path)
    before = [Path(frames % frame).read_bytes() for frame in (1001, 1002, 1003)]
    assert cli("apply", path, frames).code == 0
    assert [Path(frames % frame).read_bytes() for frame in (1001, 1002, 1003)] == before


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": "genai_tags.comp/2"}', '{"schema": "genai_tags.comp/1", "outputs": 1}']
)
def test_a_damaged_store_is_said(stage: Stage, cli: Cli, tmp_path: Path, text: str) -> None:
    pattern, _ = stage.settled()
    path, frames = script(tmp_path, read(pattern)), rendered(tmp_path)
    Path(f"{path}.genai.json").write_text(text)
    with pytest.raises(InputError):
        stored(str(path))
    assert cli("apply", path, frames).code == 3


def test_a_store_that_claims_another_set_than_it_lists_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.nk"
    path.write_text("Root {\n}\n")
    import hashlib

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    document = {
        "schema": "genai_tags.comp/1",
        "script_sha256": digest,
        "outputs": {"W": {"set": "x", "tags": [{"id": "tag0001", "revision": 1}]}},
    }
    Path(f"{path}.genai.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="does not match"):
        stored(str(path))


def test_what_was_declared_for_a_temp_blocks_a_final_render(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern = stage.sequence()
    tag = stage.declare({"uses[0].stage": "temp", "tag.answers.temporary": "yes"})
    stage.do("tag", pattern, "--id", tag)
    stage.approve(tag)
    path = script(tmp_path, read(pattern))
    code, document = checked(cli, path)
    assert (code, ("blocker", "temp_in_final") in codes(document)) == (1, True)
    assert checked(cli, path, "--stage", "temp")[0] == 0


def test_tags_that_a_source_counts_and_nobody_lists_are_counted_on(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern = stage.sequence()
    tag = stage.declare()
    stage.do("tag", pattern, "--id", tag)
    from dataclasses import replace

    for frame in range(1001, 1011):
        exr.write(pattern % frame, replace(exr.read(pattern % frame).tags, more=2, digest="A" * 22))
    path, frames = script(tmp_path, read(pattern)), rendered(tmp_path)
    code, document = checked(cli, path)
    assert (code, document["outputs"][0]["status"], codes(document)[0]) == (1, "unresolved", ("blocker", "unresolved"))
    assert cli("apply", path, frames).code == 0
    carried = exr.read(frames % 1001).tags
    assert ([stub.id for stub in carried.stubs], carried.more) == ([tag], 2)


def test_an_older_revision_on_the_media_is_judged_beside_the_current_one(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, tag = stage.settled()
    stage.declare(
        revise=tag, changes={"uses[0].stage": "final", "tag.answers.temporary": "no", "tag.key_element": "main_character"}
    )
    code, document = checked(cli, script(tmp_path, read(pattern)))
    assert (code, document["outputs"][0]["status"]) == (1, "stale")


def test_a_camera_that_is_not_there_hides_no_element(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    camera = "Camera3 {\n inputs 0\n file /gone/shot.fbx\n name Camera1\n}\n"
    code, document = checked(cli, script(tmp_path, camera, read(pattern), "ScanlineRender {\n inputs 2\n}\n"))
    assert (code, document["outputs"][0]["status"], codes(document)[0]) == (0, "approved", ("warning", "source_problem"))


@pytest.mark.parametrize("how", ["", " read_from_file false\n"])
def test_a_camera_keeps_no_comp_from_being_clean(stage: Stage, cli: Cli, tmp_path: Path, how: str) -> None:
    plate = stage.sequence()
    stage.do("clean", plate, "--ref", "S-1")
    (tmp_path / "shot.fbx").touch()
    camera = f"Axis3 {{\n inputs 0\n}}\nCamera3 {{\n file {tmp_path}/shot.fbx\n{how} name Camera1\n}}\n"  # parented
    code, document = checked(cli, script(tmp_path, camera, read(plate), "ScanlineRender {\n inputs 2\n}\n"))
    assert (code, document["outputs"][0]["status"]) == (0, "clean_inferred")


def test_a_gizmo_that_was_declared_speaks_for_the_model_inside(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    from genai_tags.carriers.host import encode_text
    from genai_tags.show import Show

    plate = stage.sequence()
    stage.do("clean", plate, "--ref", "S-1")
    text = encode_text(make_set(Show.open(str(stage.folder)).stubs([stage.declare()])))
    group = (
        f"Group {{\n addUserKnob {{1 genai_tags l GenAI +INVISIBLE}}\n genai_tags {text}\n name Depth1\n}}\n Input {{\n  inputs 0\n  name Input1\n }}\n"
        " Inference {\n  name I\n }\n Output {\n  name Output1\n }\nend_group\n"
    )
    _, document = checked(cli, script(tmp_path, read(plate), group))
    assert document["outputs"][0]["models"] == []
    assert [each["sources"] for each in document["outputs"][0]["tags"]] == [["Depth1"]]


# ------------------------------------------------------------ what cannot be told counts


def clean_plate(stage: Stage) -> str:
    """A sequence that was signed clean."""
    pattern = stage.sequence()
    stage.do("clean", pattern, "--ref", "S-1")
    return pattern


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (
            "MySkyGen {\n name G\n}\n",
            "G: is a MySkyGen, which is none of Nuke's own, and no MySkyGen.gizmo lies in NUKE_PATH or --gizmos",
        ),
        ("MySkyGen {\n inputs 0\n name G\n}\nMerge2 {\n inputs 2\n}\n", "G: is a MySkyGen"),
        (
            "Precomp {\n inputs 0\n file gone.nk\n name P\n}\nMerge2 {\n inputs 2\n}\n",
            "P: is a Precomp of 'gone.nk', which cannot be looked into",
        ),
        ('LiveGroup {\n file "\\[python \\{x()\\}]/a.nk"\n name L\n}\n', "which cannot be looked into"),
        ("Precomp {\n inputs 0\n file a.nknc\n name P\n}\nMerge2 {\n inputs 2\n}\n", "P: is a Precomp of 'a.nknc'"),
    ],
)
def test_what_cannot_be_looked_into_is_never_clean(stage: Stage, cli: Cli, tmp_path: Path, node: str, text: str) -> None:
    code, document = checked(cli, script(tmp_path, read(clean_plate(stage)), node))
    assert (code, document["outputs"][0]["status"]) == (1, "no_record")
    assert any(text in finding["message"] for finding in document["outputs"][0]["findings"]), document["outputs"][0]["findings"]


def test_a_gizmo_that_somebody_looked_into_is_named_in_the_register(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    stage.configure("register:\n  file: tools.yaml\n")
    stage.do("tools", "add", "MyDespill", "--set", "ai_class=analytic", "--by", "S. Supervisor")
    path = script(tmp_path, read(clean_plate(stage)), "MyDespill {\n}\n")
    assert checked(cli, path)[1]["outputs"][0]["status"] == "clean_inferred"


def test_nuke_s_own_classes_are_known_by_any_version() -> None:
    from genai_tags.comp.knowledge import known

    own = (
        "Merge2",
        "Blur",
        "ZDefocus2",
        "C_Blender2_1",
        "OCIOColorSpace",
        "OFXuk.co.thefoundry.keylight.keylight_v201",
        "CornerPin2D",
        "Text2",
        "Log2Lin",
    )
    assert [kind for kind in own if not known().is_own(kind)] == []
    others = (
        "MySkyGen",
        "WriteTank",
        "DepthAnythingV2",
        "GeoSkyGen",
        "F_SkyGen",
        "ParticleAI",
        "Glow9",
        "OFXcom.topazlabs.video",
    )
    assert [kind for kind in others if known().is_own(kind)] == []
    assert [bool(known().learned(kind)) for kind in ("Inference", "Inference2", "Upscale", "Merge2")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_texture_that_is_connected_to_geometry_is_a_source(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, tag = stage.settled()
    path = script(tmp_path, read(pattern), "ReadGeo2 {\n file /gone/a.abc\n name Geo\n}\nScanlineRender {\n}\n")
    assert [each["id"] for each in checked(cli, path)[1]["outputs"][0]["tags"]] == [tag]


def test_a_script_without_a_range_has_nuke_s_hundred_frames(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern = stage.sequence(first=1, last=60)
    path = script(tmp_path, read(pattern))
    path.write_text(path.read_text().replace(" first_frame 1001\n last_frame 1010\n", ""))
    assert checked(cli, path)[1]["outputs"][0]["frames"] == "1-100"


@pytest.mark.parametrize(
    "limits",
    [" use_limit true\n first 1001\n last {{root.last_frame+8}}\n", " use_limit {{parent.limit}}\n first 1001\n last 1002\n"],
)
def test_a_range_that_cannot_be_told_is_every_frame_there_may_be(stage: Stage, cli: Cli, tmp_path: Path, limits: str) -> None:
    pattern = stage.sequence()
    stage.do("tag", pattern.replace("%04d", "1009"), "--id", stage.declare())
    path = script(tmp_path, read(pattern), write=limits)
    assert len(checked(cli, path)[1]["outputs"][0]["tags"]) == 1


@pytest.mark.parametrize(
    "value",
    [
        "{{parent.use_curve==1}}",
        "{{curve+1 x1001 0}}",
        "{{curve_ctl.which 1}}",
        '{{"frame>5"}}',
        "{{curve x1001 1 x1005 0}}",
        "{{curve K x1 1 x2 0}}",
        "{{curve x1 0 s1 x9 0 t-1}}",
    ],
)
def test_an_expression_is_no_curve_and_a_curve_may_be_anything_between(
    stage: Stage, cli: Cli, tmp_path: Path, value: str
) -> None:
    pattern, _ = stage.settled()
    disabled = f"Merge2 {{\n inputs 2\n disable {value}\n}}\n"
    path = script(tmp_path, read(pattern), read(clean_plate(stage), "Plate"), disabled)
    assert {source["node"] for source in checked(cli, path)[1]["outputs"][0]["sources"]} == {"Read1", "Plate"}


@pytest.mark.parametrize("how", ['frame "\\[expr 1+8]"', "frame_mode offset\n frame 8", "before loop"])
def test_a_reader_that_shifts_by_what_cannot_be_told_may_show_any_frame(
    stage: Stage, cli: Cli, tmp_path: Path, how: str
) -> None:
    pattern = stage.sequence()
    stage.do("tag", pattern.replace("%04d", "1009"), "--id", stage.declare())
    text = read(pattern).replace(" name", f" {how}\n name")
    path = script(tmp_path, text, write=" use_limit true\n first 1001\n last 1002\n")
    assert len(checked(cli, path)[1]["outputs"][0]["tags"]) == 1


def test_a_plug_in_may_ask_for_any_frame(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern = stage.sequence()
    stage.do("tag", pattern.replace("%04d", "1009"), "--id", stage.declare())
    path = script(
        tmp_path, read(pattern), "OFXcom.revisionfx.twixtor_v5 {\n}\n", write=" use_limit true\n first 1001\n last 1002\n"
    )
    assert len(checked(cli, path)[1]["outputs"][0]["tags"]) == 1


def test_a_reader_takes_nothing_from_the_stack_and_a_semicolon_ends_a_command(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    second = read(clean_plate(stage), "Plate").replace(" inputs 0\n", "").replace("}\n", "};\n")
    path = script(tmp_path, read(pattern), second, "Merge2 {\n inputs 2\n}\n")
    assert {source["node"] for source in checked(cli, path)[1]["outputs"][0]["sources"]} == {"Read1", "Plate"}


def test_a_sign_of_other_programs_patterns_in_a_file_name_is_a_letter(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    os.rename(pattern.replace("%04d", "1001"), tmp_path / "comp@2k#a_v001.1001.exr")
    path = script(tmp_path, read(str(tmp_path / "comp@2k#a_v001.1001.exr")))
    assert len(checked(cli, path)[1]["outputs"][0]["tags"]) == 1


@pytest.mark.parametrize("name", ["twice", "deep", "names", "inputs"])
def test_a_script_that_is_made_to_take_long_does_not(stage: Stage, cli: Cli, tmp_path: Path, name: str) -> None:
    """Each of these took minutes, or ended in a traceback, where time grew with the square or a power of the size."""
    group = "Group {\n inputs 0\n name G\n}\n"
    texts = {
        "twice": "Precomp {\n inputs 0\n file comp.nk\n name A\n}\nPrecomp {\n inputs 0\n file comp.nk\n name B\n}\nMerge2 {\n inputs 2\n}\n",
        "deep": group * 3000 + "end_group\n" * 3000,
        "names": "Dot {\n inputs 0\n name D\n}\n" * 30_000,
        "inputs": "Group {\n inputs 0\n}\n"
        + "".join(f" Input {{\n  inputs 0\n  name I{i}\n }}\n" for i in range(10_000))
        + " Output {\n  inputs 10000\n }\nend_group\n",
    }
    ran = cli("check", script(tmp_path, texts[name]), "--format", "json")
    assert (ran.code, "Traceback" in ran.err) == (3 if name == "deep" else 1, False), ran.err[:500]


def test_frames_that_no_write_of_the_script_makes_need_its_name(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = stage.settled()
    path, frames = script(tmp_path, read(pattern)), rendered(tmp_path)
    path.write_text(path.read_text() + f"push 0\nWrite {{\n file {frames}\n disable true\n name Plate\n}}\n")
    path.write_text(
        path.read_text().replace("_comp_NFX_v004.%04d.exr\n file_type exr\n name Write1", "_other.%04d.exr\n name Write1")
    )
    assert cli("apply", path, frames).code == 0  # it is the disabled Write that made them
    assert [exr.read(frames % frame).tags.stubs for frame in (1001, 1002, 1003)] == [()] * 3
    assert (cli("apply", path, frames, "--write", "Write1").code, len(exr.read(frames % 1001).tags.stubs)) == (0, 1)


def test_gizmos_lie_in_folders_below_and_several_knobs_on_a_line(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, tag = stage.settled()
    (tmp_path / "gizmos" / "keying").mkdir(parents=True)
    (tmp_path / "gizmos" / "keying" / "Sky.gizmo").write_text(
        f"Gizmo {{\n inputs 0\n}}\n Read {{inputs 0 file {pattern} first 1001 last 1010 name R}}\n Output {{\n  name O\n }}\nend_group\n"
    )
    _, document = checked(cli, script(tmp_path, "Sky {\n inputs 0\n name S\n}\n"), "--gizmos", tmp_path / "gizmos")
    assert [(each["id"], each["sources"]) for each in document["outputs"][0]["tags"]] == [(tag, ["S.R"])]
    assert cli("check", tmp_path / "comp.nk", "--gizmos", tmp_path / "nothing").code == 2


# ------------------------------------------------------------ what nobody accounted for


def counted(stage: Stage, count: int = 1) -> tuple[str, str]:
    """An approved sequence that was rendered through a model nobody declared; pattern and tag."""
    from dataclasses import replace

    pattern, tag = stage.settled()
    for frame in range(1001, 1011):
        exr.write(pattern % frame, replace(exr.read(pattern % frame).tags, undeclared=count))
    return pattern, tag


def test_a_count_survives_tagging_and_sidecars_and_goes_with_a_new_set(stage: Stage, cli: Cli) -> None:
    pattern, tag = counted(stage, 3)
    other = stage.declare()
    assert cli("tag", pattern, "--id", other).code == 0
    assert cli("untag", pattern, "--id", other).code == 0
    (item,) = cli("read", pattern, "--format", "json").json["items"]
    assert ([each["id"] for each in item["tags"]], item["undeclared"]) == ([tag], 3)
    assert "3 part(s) that nobody accounted for" in cli("read", pattern).out
    assert cli("tag", pattern, "--id", tag, "--replace").code == 0
    assert cli("read", pattern, "--format", "json").json["items"][0]["undeclared"] == 0


def test_a_count_of_one_medium_is_counted_once_however_often_it_is_read(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    pattern, _ = counted(stage)
    reads = "".join(read(pattern, f"R{i}") for i in range(10))
    path, frames = script(tmp_path, reads, "Merge2 {\n inputs 10\n}\n"), rendered(tmp_path)
    assert cli("apply", path, frames).code == 0
    assert exr.read(frames % 1001).tags.undeclared == 1


def test_a_person_may_sign_for_what_nobody_accounted_for(stage: Stage, cli: Cli, tmp_path: Path) -> None:
    from dataclasses import replace

    pattern = stage.sequence()
    for frame in range(1001, 1011):
        exr.write(pattern % frame, replace(TagSet(), undeclared=1))
    cut = stage.edl(stage.event())
    assert stage.conform(cut)["events"][0]["status"] == "no_record"
    assert checked(cli, script(tmp_path, read(pattern)))[1]["outputs"][0]["status"] == "no_record"
    assert cli("clean", pattern, "--ref", "LOOKED-1").code == 0
    assert stage.conform(cut)["events"][0]["status"] == "clean"
    assert checked(cli, script(tmp_path, read(pattern)))[1]["outputs"][0]["status"] == "clean_inferred"


def test_a_sealed_frame_keeps_its_count_and_says_so(stage: Stage, cli: Cli) -> None:
    pattern, tag = counted(stage)
    Path(f"{pattern % 1001}.c2pa").touch()
    ran = cli("tag", pattern.replace("%04d", "1001"), "--id", tag, "--replace")
    assert (ran.code, "keeps the tags in its header" in ran.err) == (1, True)


def test_a_count_too_large_to_be_true_is_more_than_none() -> None:
    from dataclasses import replace

    from genai_tags.stubs import header_fields, parse_header_fields

    fields = header_fields(replace(make_set([Stub(id="tag0001", revision=1)]), undeclared=10**9))
    assert parse_header_fields(fields)[0].undeclared == 999_999


def test_a_timeline_keeps_a_count_and_lets_it_go(stage: Stage, tmp_path: Path) -> None:
    from dataclasses import replace

    from genai_tags.carriers import otio

    metadata: dict[str, Any] = {}
    tags = replace(make_set([Stub(id="tag0001", revision=1)]), undeclared=2)
    otio.put(metadata, tags)
    assert otio.get(metadata)[0].undeclared == 2
    otio.put(metadata, replace(tags, undeclared=0))
    assert otio.get(metadata)[0].undeclared == 0
    clip: dict[str, Any] = {}
    otio.mirror(clip, tags)
    assert otio.of_clip(clip)[0].undeclared == 2
