"""Greens that were false once: each of these events must not ship, or must, and a reviewer found that it was the other way round."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genai_tags import naming
from genai_tags.carriers.sidecar import SIDECAR_SCHEMA
from tests.facts import UNSET
from tests.stage import FINAL, SHOT, START, Stage, codes

PATTERNS = naming.compile_patterns([naming.NETFLIX])


def status(document: dict[str, Any]) -> str:
    return str(document["events"][0]["status"])


@pytest.mark.parametrize(
    ("name", "shot", "version"),
    [
        ("AGM_104_065_010_comp_NFX_v001", "AGM_104_065_010", "v001"),
        ("AGM_065_010", "AGM_065_010", None),
        ("AGM_104_TCC_067_0010_comp_NFX_v012.1001.exr", "AGM_104_TCC_067_0010", "v012"),
        ("AGM_104_065_010_plate_v001_comp_NFX_v004", "AGM_104_065_010", "v004"),
        ("AGM_104_065_010_comp_v002_NFX_v009", "AGM_104_065_010", "v009"),
        ("AGM_104_065_010A_comp_NFX_v001", None, "v001"),
        ("AGM_104_065_010_2048x1152_v003", "AGM_104_065_010", "v003"),
        ("plate_v003", None, "v003"),
    ],
)
def test_shot_and_version_of_a_name(name: str, shot: str | None, version: str | None) -> None:
    assert naming.parse(name, PATTERNS) == naming.Name(shot, version)


@pytest.mark.parametrize("reel", ["BL", "BLACK"])
def test_a_named_clip_on_a_black_reel_is_judged(stage: Stage, reel: str) -> None:
    _, tag_id = stage.settled()
    stage.do("reject", tag_id, "--ref", "R", "--date", "2026-11-02")
    assert status(stage.conform(stage.edl({**stage.event(), "reel": reel}))) == "rejected"


def test_a_stray_tag_on_a_handle_says_nothing_of_the_other_frames(stage: Stage) -> None:
    pattern, stray = stage.sequence(), stage.declare({**FINAL, "uses[0].shot": "AGM_104_001_010"})
    stage.do("tag", pattern.replace("%04d", "1001"), "--id", stray)
    document = stage.conform(stage.edl(stage.event(first=1003)))
    assert (status(document), codes(document)) == ("no_record", {"no_record", "tagged_in_handles"})


def otio_with(stage: Stage, url: str, length: int = 10) -> Path:
    cut = stage.otio(str(stage.media / "x.%04d.exr"))
    document = json.loads(cut.read_text())
    (clip,) = document["tracks"]["children"][0]["children"]
    available = clip["media_references"]["DEFAULT_MEDIA"]["available_range"]
    available["duration"]["value"] = float(length)
    clip["media_references"]["DEFAULT_MEDIA"] = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": url,
        "available_range": available,
    }
    cut.write_text(json.dumps(document))
    return cut


URLS = [
    "{0}.[1001-1012].exr",
    "{0}.%5B1001-1010%5D.exr",
    "{0}.1001.exr",
    "file://{0}.[1001-1010].exr",
    "{0}.####.exr",
    "{0}.%04d.exr",
]


@pytest.mark.parametrize("url", URLS)
def test_media_that_the_cut_names_is_read_however_it_is_written(stage: Stage, url: str) -> None:
    pattern, tag_id = stage.sequence(), stage.declare({**FINAL, "uses[0].shot": "AGM_104_001_010"})
    stage.do("tag", pattern.replace("%04d", "1005"), "--id", tag_id)
    stage.do("clean", "--shots", SHOT, "--ref", "C")
    document = stage.conform(otio_with(stage, url.format(pattern.removesuffix(".%04d.exr"))), media=False)
    assert document["events"][0]["tags"] == [tag_id]
    assert status(document) == "open"


def test_a_file_that_an_edl_names_by_its_whole_path_is_read(stage: Stage) -> None:
    pattern, tag_id = stage.sequence(), stage.declare({**FINAL, "uses[0].shot": "AGM_104_001_010"})
    stage.do("tag", pattern, "--id", tag_id)
    stage.do("clean", "--shots", SHOT, "--ref", "C")
    document = stage.conform(stage.edl({**stage.event(), "comment": f"* FROM FILE: {pattern}"}), media=False)
    assert (status(document), document["events"][0]["tags"]) == ("open", [tag_id])


def test_of_two_shots_named_the_worse_counts(stage: Stage) -> None:
    _, tag_id = stage.settled()
    stage.do("reject", tag_id, "--ref", "R", "--date", "2026-11-02")
    stage.do("clean", "--shots", "AGM_104_065_020", "--ref", "C")
    event = {**stage.event(), "comment": "* SOURCE FILE: AGM_104_065_020_comp_NFX_v001.1001.exr"}
    document = stage.conform(stage.edl(event), media=False)
    assert (status(document), "name_conflict" in codes(document)) == ("rejected", True)


def test_every_entry_of_a_sidecar_counts(stage: Stage) -> None:
    pattern, tag_id = stage.sequence(), stage.declare({**FINAL, "uses[0].shot": "AGM_104_001_010"})
    frame = pattern.replace("%04d", "1001")
    stage.do("tag", frame, "--id", tag_id)
    stub = stage.do("read", frame, "--format", "json").json["items"][0]
    stage.do("untag", frame)
    entries = [
        {"frames": "1001-1010", "set": None, "tags": []},
        {"frames": "1001-1010", "set": stub["set"], "tags": stub["tags"]},
    ]
    beside = stage.media / f"{SHOT}_comp_NFX_v001.exr.genai.json"
    beside.write_text(json.dumps({"schema": SIDECAR_SCHEMA, "entries": entries}))
    stage.do("clean", "--shots", SHOT, "--ref", "C")
    assert status(stage.conform(stage.edl(stage.event()))) == "open"
    beside.write_text(json.dumps({"schema": SIDECAR_SCHEMA, "entries": ["x", entries]}))
    assert "media_unreadable" in codes(stage.conform(stage.edl(stage.event())))


def test_a_clean_statement_counts_only_from_a_role_that_may_give_it(stage: Stage) -> None:
    stage.sequence()
    stage.do("clean", "--shots", SHOT, "--ref", "C")
    assert status(stage.conform(stage.edl(stage.event()))) == "clean"
    stage.configure("roles: {clean: [client_contact]}\n")
    assert status(stage.conform(stage.edl(stage.event()))) == "no_record"


def test_the_version_of_a_reel_is_not_the_shots(stage: Stage) -> None:
    stage.approve(stage.declare(), version="v001")
    document = stage.conform(stage.edl({**stage.event(), "clip": f"{SHOT}_comp", "reel": "SCAN_v001"}), media=False)
    assert "version_drift" in codes(document)


def test_a_tag_without_uses_is_approved_nowhere_in_particular(stage: Stage) -> None:
    tag_id = stage.declare({"uses": []})
    stage.do("tag", stage.sequence(), "--id", tag_id)
    stage.approve(tag_id)
    assert "shot_out_of_scope" in codes(stage.conform(stage.edl(stage.event())))
    stage.approve(tag_id, shot=SHOT, date="2026-11-02")
    assert "shot_out_of_scope" not in codes(stage.conform(stage.edl(stage.event())))


def test_only_the_uses_whose_frames_are_in_the_event_are_judged(stage: Stage) -> None:
    incidental = {"shot": SHOT, "frames": "1001-1005", "stage": "final", "presence": "incidental", "story_relevant": "no"}
    prominent = {**incidental, "frames": "1006-1010", "presence": "prominent", "story_relevant": "yes"}
    tag_id = stage.declare({"tag.answers.temporary": "no", "uses": [incidental, prominent]})
    stage.do("tag", stage.sequence(), "--id", tag_id)
    stage.do("notice", tag_id, "--reason", "far away", "--date", "2026-11-01")
    events = stage.conform(stage.edl(stage.event(last=1004), stage.event(first=1004)))["events"]
    assert [event["status"] for event in events] == ["allowed", "open"]


def test_timecode_that_points_beside_the_media_hides_nothing(stage: Stage) -> None:
    pattern, tag_id = stage.sequence(), stage.declare({**FINAL, "uses[0].presence": "prominent"})
    stage.do("tag", pattern, "--id", tag_id)
    times = {"source_in": "10:00:00:00", "source_out": "10:00:00:10"}
    document = stage.conform(stage.edl({**stage.event(), **times}))
    assert (status(document), codes(document)) == ("open", {"open", "frames_missing", "frames_unknown"})


def test_an_older_revision_on_the_frames_is_judged_too(stage: Stage) -> None:
    tag_id = stage.declare({**FINAL, "tag.could_mislead": "yes"})
    stage.do("tag", stage.sequence(), "--id", tag_id)
    stage.declare(FINAL, revise=tag_id)
    stage.approve(tag_id)
    assert status(stage.conform(stage.edl(stage.event()))) == "stale"


def test_two_writers_with_one_revision_are_never_green(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern, tag_id = stage.settled()
    book = stage.folder / ".genai" / "book"
    before = set(book.iterdir())
    stage.declare({**FINAL, "tag.element": "ours"}, revise=tag_id)
    (ours,) = set(book.iterdir()) - before
    kept = ours.read_bytes()
    ours.unlink()
    monkeypatch.setenv("GENAI_WRITER", "otherwriter")
    stage.declare({**FINAL, "tag.element": "theirs"}, revise=tag_id)
    ours.write_bytes(kept)
    assert pattern
    assert status(stage.conform(stage.edl(stage.event()))) == "stale"


def test_without_a_shot_in_the_name_a_limit_to_shots_is_not_met(stage: Stage) -> None:
    tag_id = stage.declare({**FINAL, "uses[0].shot": UNSET})
    path = stage.frame("sky_final.1001.exr")
    stage.do("tag", path, "--id", tag_id)
    stage.approve(tag_id, shot=SHOT)
    times = {"source_in": "01:00:00:00", "source_out": "01:00:00:01"}
    assert START
    assert "shot_out_of_scope" in codes(stage.conform(stage.edl({"clip": "sky_final.1001.exr", **times})))
