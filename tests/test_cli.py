"""The command line: exit codes, stable JSON shapes, bad input, and what a person sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from genai_tags import tagging
from genai_tags.carriers import exr
from genai_tags.demo.media import write_sequence
from genai_tags.notation import expand
from genai_tags.show import Show
from tests.conftest import Cli, Ran, corpus_files
from tests.facts import TALENT, as_yaml
from tests.stage import Stage

SHOT = "AGM_104_065_010"


@pytest.fixture
def media(show: Path) -> str:
    return write_sequence(str(show / "media"), f"{SHOT}_comp_NFX_v001", 1001, 1004, 86400, (1, 1, 1))


def declare(cli: Cli, show: Path, changes: dict[str, Any] | None = None) -> str:
    (show / "facts.yaml").write_text(as_yaml(changes))
    return str(cli("declare", "--from", show / "facts.yaml", "--format", "json").json["id"])


# ---------------------------------------------------------------- the shapes that other programs rely on


def test_declare_prints_id_and_revision(cli: Cli, show: Path) -> None:
    (show / "facts.yaml").write_text(as_yaml())
    first = cli("declare", "--from", show / "facts.yaml", "--format", "json").json
    assert set(first) == {"schema", "id", "revision"}
    assert (first["schema"], first["revision"], len(first["id"])) == ("genai_tags.declare/1", 1, 12)
    again = cli("declare", "--from", "-", "--revise", first["id"], "--format", "json", stdin=as_yaml()).json
    assert (again["id"], again["revision"]) == (first["id"], 2)


def test_read_prints_items_of_frames_with_one_set(cli: Cli, show: Path, media: str) -> None:
    tag_id = declare(cli, show)
    assert cli("tag", media.replace("%04d", "1001-1002#"), "--id", tag_id).code == 0
    items = cli("read", media, "--format", "json").json["items"]
    assert [(item["frames"], [tag["id"] for tag in item["tags"]]) for item in items] == [
        ("1001-1002", [tag_id]),
        ("1003-1004", []),
    ]
    assert {"path", "frames", "set", "tags", "clean", "problems"} <= set(items[0])
    assert {"id", "revision", "as", "use_case", "stage", "source_type", "ai_class", "digest"} == set(items[0]["tags"][0])


def test_assess_prints_outcome_status_badge_and_findings(cli: Cli, show: Path, media: str) -> None:
    tag_id = declare(cli, show)
    cli("tag", media, "--id", tag_id)
    for target in (tag_id, SHOT, media):
        found = cli("assess", target, "--format", "json").json
        assert (found["schema"], found["outcome"], found["status"]) == ("genai_tags.assess/1", "notify", "open")
        assert set(found["badge"]) == {"symbol", "text", "colour"}
        keys = {
            "pack",
            "rule",
            "cite",
            "outcome",
            "open",
            "superseded_by",
            "needs",
            "because",
            "question",
            "message",
            "fix",
            "who",
        }
        assert all(keys <= set(finding) for finding in found["findings"])


def test_assess_takes_facts_that_are_recorded_nowhere(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(as_yaml({"tag.could_mislead": "yes"}))
    assert cli("assess", "--from", "f.yaml", "--format", "json").json["outcome"] == "written_approval"


CONFORM_EVENT = {
    "cut", "event", "line", "track", "record_in", "record_out", "source_in", "source_out", "reel", "clip", "file", "shot", "version", "status",
    "tags", "matched", "findings",
}  # fmt: skip


@pytest.mark.parametrize("path", [*corpus_files("edl/*.edl"), *corpus_files("otio/*.otio")])
def test_every_real_cut_conforms_with_every_line_accounted_for(path: Path, cli: Cli, show: Path) -> None:
    ran = cli("conform", path, "--format", "json")
    found = ran.json
    pictures = [event for event in found["events"] if "A" not in event["track"][:1]]
    assert ran.code == (1 if pictures else 0)  # nothing is on record, so no picture may ship
    assert {"schema", "cuts", "summary", "heads", "events", "unread"} <= set(found)
    assert found["cuts"][0]["events"] == len(found["events"]) > 0
    assert all(set(event) >= CONFORM_EVENT for event in found["events"])
    assert sum(found["summary"]["by_status"].values()) == len(found["events"])
    assert set(found["summary"]) == {"blocker", "warning", "info", "by_status"}
    text = cli("conform", path).out
    assert ("No record" if pictures else "Outside scope") in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "path", [each for pattern in ("fcp7xml/*", "fcpxml/*", "aaf/*", "ale/*") for each in corpus_files(pattern)]
)
def test_every_real_cut_of_other_systems_conforms_or_is_refused(path: Path, cli: Cli, show: Path) -> None:
    ran = cli("conform", path, "--format", "json")
    if path.name == "premiere_example_filter.xml":  # a filter alone
        assert (ran.code, "neither Final Cut Pro 7 XML" in ran.err) == (3, True)
        return
    found = ran.json
    assert found["cuts"][0]["events"] == len(found["events"])
    assert all(set(event) >= CONFORM_EVENT for event in found["events"])
    assert ran.code == 1  # nothing is on record; the one without an event is an empty cut
    assert found["unread"] == []


# ---------------------------------------------------------------- exit codes


def code_cases() -> list[tuple[str, list[str], int]]:
    return [
        ("unknown verb", ["frobnicate"], 2), ("unknown option", ["read", "--frob"], 2), ("missing option", ["tag", "x"], 2),
        ("bad date", ["conform", "c.edl", "--as-of", "2026-02-30"], 2), ("bad rate", ["conform", "c.edl", "--rate", "fast"], 2),
        ("unknown tag", ["tag", "x", "--id", "nosuchtag"], 2), ("unknown target", ["assess", "nosuch"], 2),
        ("nothing to assess", ["assess"], 2), ("bad date with facts", ["assess", "--from", "good.yaml", "--as-of", "x"], 2),
        ("approval without paper", ["approve", "nosuch", "--ref", ""], 2), ("clean without paper", ["clean", "--shots", "A"], 2),
        ("clean of nothing", ["clean", "--ref", "R"], 2), ("clean in the future", ["clean", "--shots", "A", "--ref", "R", "--date", "2099-01-01"], 2),
        ("clean with free text", ["clean", "--shots", "A", "--ref", "R", "--version", "made by Jane /home"], 2),
        ("waiver without end", ["waive", "nosuch", "--reason", "r"], 2), ("annotate an otio", ["annotate", "c.otio", "--output", "x"], 2),
        ("no such file", ["read", "nowhere.exr"], 3), ("no such cut", ["conform", "nowhere.edl"], 3), ("not a cut", ["conform", "good.yaml"], 3),
        ("bad facts", ["declare", "--from", "bad.yaml"], 3), ("no such facts", ["declare", "--from", "nowhere.yaml"], 3),
        ("no such pack", ["policy", "show", "nosuch"], 3), ("bad pack", ["policy", "lint", "bad.yaml"], 3), ("no media folder", ["conform", "c.edl", "--media", "nowhere"], 3),
        ("missing frames", ["read", "x.1001-1010#.exr"], 3), ("no show", ["log", "--show", "nowhere"], 4), ("findings", ["conform", "c.edl"], 1),
        ("no findings", ["conform", "c.edl", "--stage", "temp"], 0), ("stricter", ["conform", "c.edl", "--stage", "temp", "--fail-on", "info"], 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("story", "arguments", "code"), code_cases(), ids=[case[0] for case in code_cases()])
def test_an_exit_code_says_what_kind_of_trouble_it_is(
    story: str, arguments: list[str], code: int, cli: Cli, show: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.yaml").write_text(as_yaml())
    (tmp_path / "bad.yaml").write_text("tag: {stepz: 1}\ntag: {}\n")
    (tmp_path / "c.edl").write_text(
        "TITLE: T\n001 AX V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: x\n"
    )
    ran = cli(*arguments)
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err
    assert code == 0 or ran.err


def test_without_a_show_the_way_to_one_is_named(cli: Cli) -> None:
    ran = cli("log")
    assert (ran.code, "genai-tags init" in ran.err) == (4, True)


def test_a_second_init_changes_nothing(cli: Cli, show: Path) -> None:
    before = (show / "genai.yaml").read_bytes()
    assert cli("init", show, "--name", "Again").code == 4
    assert (show / "genai.yaml").read_bytes() == before


BAD_CONFIG = [
    ("name: X\nname: Y", "name: stands twice"), ("rate: fast", "rate: 'fast' is not a frame rate"), ("scop: {}", "did you mean 'scope'?"),
    ("time_zone: Mars/Base", "time_zone: 'Mars/Base' is no IANA time zone"), ("naming: ['[']", "is not a regular expression"),
    ("naming: ['abc']", "has no group (?P<shot>...)"), ("severities: {no_record: loud}", "severities.no_record: must be one of"),
    ("severities: {revoked: none}", "severities.revoked: is always a blocker"), ("packs: [nosuch]", "is not a policy pack"),
    ("roles: {approvall: [x]}", "is no kind of evidence"), ("media_roots: {show: {linux: /x}}", "is not a usable name"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD_CONFIG, ids=[case[0] for case in BAD_CONFIG])
def test_a_wrong_setting_is_named_with_its_path(text: str, message: str, cli: Cli, show: Path) -> None:
    path = show / "genai.yaml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith(text.split(":")[0] + ":")]
    if text.startswith("packs"):
        kept = [line for line in kept if not line.startswith("  - ")]
    path.write_text("\n".join(kept) + "\n" + text + "\n")
    (show / "facts.yaml").write_text(as_yaml())
    ran = cli("assess", "--from", show / "facts.yaml")
    assert (ran.code, message in ran.err) == (4, True), ran.err


def test_a_show_lets_only_its_roles_give_evidence(cli: Cli, show: Path) -> None:
    (show / "genai.yaml").write_text((show / "genai.yaml").read_text() + "roles: {approval: [client_contact]}\n")
    tag_id = declare(cli, show)
    ran = cli("approve", tag_id, "--ref", "R", "--role", "artist")
    assert (ran.code, "approval may be given by client_contact in this show, not by artist" in ran.err) == (2, True)
    assert cli("approve", tag_id, "--ref", "R", "--role", "client_contact").code == 0


# ---------------------------------------------------------------- media


NOTATIONS = ["%04d", "####", "@@@@", "$F4", "1001-1004#", "1001-1004%04d", "[1001-1004]", "1001-1004@@@@"]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_sequence_in_every_notation_is_one_and_the_same(notation: str, cli: Cli, show: Path, media: str) -> None:
    tag_id = declare(cli, show)
    assert cli("tag", media.replace("%04d", notation), "--id", tag_id).code == 0
    (item,) = cli("read", media, "--format", "json").json["items"]
    assert (item["frames"], item["tags"][0]["id"]) == ("1001-1004", tag_id)
    events = [e for e in cli("log", tag_id, "--format", "json").json["events"] if e["kind"] == "media"]
    assert [e["body"]["items"][0]["path"] for e in events] == [f"show:media/{SHOT}_comp_NFX_v001.####.exr"]


def test_paths_come_from_a_list(cli: Cli, show: Path, media: str) -> None:
    listed = "".join(f"{media.replace('%04d', str(n))}\r\n" for n in (1001, 1002))
    items = cli("read", "-", "--format", "json", stdin="\ufeff" + listed).json["items"]
    assert [item["frames"] for item in items] == ["1001-1002"]


def test_a_bad_frame_never_hides_the_others(cli: Cli, show: Path, media: str) -> None:
    Path(media.replace("%04d", "1002")).write_bytes(b"damaged")
    tag_id = declare(cli, show)
    ran = cli("tag", media, "--id", tag_id)
    assert (ran.code, "1002.exr: is not an OpenEXR file" in ran.err) == (1, True)
    items = cli("read", media, "--format", "json").json["items"]
    assert [(item["frames"], bool(item["tags"]), [p["code"] for p in item["problems"]]) for item in items] == [
        ("1001,1003-1004", True, []),
        ("1002", False, ["media_unsupported"]),
    ]


def test_what_cannot_be_tagged_natively_gets_one_sidecar(cli: Cli, show: Path) -> None:
    folder = show / "media"
    folder.mkdir()
    for n in (1, 2):
        (folder / f"poster.{n:04d}.png").write_bytes(b"\x89PNG" + bytes([n]))
    (folder / "clip_v001.mov").write_bytes(b"movie one")
    (folder / "clip_v002.mov").write_bytes(b"movie two")
    tag_id = declare(cli, show)
    assert cli("tag", folder / "poster.####.png", folder / "clip_v001.mov", "--id", tag_id).code == 0
    assert sorted(path.name for path in folder.glob("*.json")) == ["clip_v001.mov.genai.json", "poster.png.genai.json"]
    items = cli("read", folder, "--format", "json").json["items"]
    assert [(Path(i["path"]).name, bool(i["tags"])) for i in items] == [
        ("clip_v001.mov", True),
        ("clip_v002.mov", False),
        ("poster.%04d.png", True),
    ]
    (folder / "clip_v001.mov").write_bytes(b"another movie")
    (item,) = cli("read", folder / "clip_v001.mov", "--format", "json").json["items"]
    assert [problem["code"] for problem in item["problems"]] == ["sidecar_mismatch"]
    cli("untag", folder / "poster.####.png", folder / "clip_v001.mov")
    assert list(folder.glob("*.json")) == []


@pytest.mark.parametrize("how", ["credential", "credential of the stem", "seal", "credential behind a link"])
def test_a_bound_or_sealed_file_is_not_edited(how: str, cli: Cli, show: Path, media: str) -> None:
    path = Path(media.replace("%04d", "1001"))
    target = path
    if how == "credential":
        Path(f"{path}.c2pa").write_bytes(b"x")
    elif how == "credential of the stem":
        path.with_suffix(".c2pa").write_bytes(b"x")
    elif how == "seal":
        (show / "ascmhl").mkdir()
        (show / "ascmhl" / "0001.mhl").write_text(f"<hash><path size='1'> media/{path.name}\n</path></hash>")
    else:
        Path(f"{path}.c2pa").write_bytes(b"x")
        (show / "links").mkdir()
        target = show / "links" / "frame.1001.exr"
        target.symlink_to(path)
    before = path.read_bytes()
    tag_id = declare(cli, show)
    ran = cli("tag", target, "--id", tag_id)
    assert (ran.code, path.read_bytes()) == (0, before)
    assert "sidecar because" in ran.err
    assert cli("read", target, "--format", "json").json["items"][0]["tags"][0]["id"] == tag_id


def test_more_than_four_tags_ride_whole_in_the_sidecar(cli: Cli, show: Path, media: str) -> None:
    ids = [declare(cli, show) for _ in range(6)]
    cli("tag", media, *(word for tag_id in ids for word in ("--id", tag_id)))
    header = exr.read(media.replace("%04d", "1001")).tags
    assert (len(header.stubs), header.more) == (4, 2)
    (item,) = cli("read", media, "--format", "json").json["items"]
    assert ({tag["id"] for tag in item["tags"]}, item["more"]) == (set(ids), 0)
    original = cli("untag", media)
    assert original.code == 0
    assert list((show / "media").glob("*.json")) == []


def test_four_tags_whose_words_do_not_fit_a_header_ride_in_the_sidecar(stage: Stage) -> None:
    changes = {"tag.use_case": "background_element", "tag.steps[0].operation": "edit", "uses[0].stage": "final"}
    media, ids = stage.sequence(), [stage.declare(changes) for _ in range(4)]
    stage.do("tag", media, *(word for tag_id in ids for word in ("--id", tag_id)))
    assert len(exr.read(media % 1001).tags.stubs) == 3
    shutil.rmtree(stage.folder / ".genai")  # whoever gets the frames has no ledger of ours
    (item,) = stage.do("read", media, "--format", "json").json["items"]
    assert ([tag["id"] for tag in item["tags"]], item["more"]) == (ids, 0)


def test_a_set_whose_rest_is_not_at_hand_is_not_overwritten(cli: Cli, show: Path, media: str) -> None:
    ids = [declare(cli, show) for _ in range(6)]
    cli("tag", media, *(word for tag_id in ids for word in ("--id", tag_id)))
    next((show / "media").glob("*.json")).unlink()
    for event in (show / ".genai" / "book").iterdir():
        if '"kind": "media"' in event.read_text():
            event.unlink()
    ran = cli("tag", media, "--id", ids[0])
    assert (ran.code, "carries 2 more tags that are not at hand" in ran.err) == (1, True)


def test_untagging_gives_back_the_identical_frames(cli: Cli, show: Path, media: str) -> None:
    before = {path.name: path.read_bytes() for path in (show / "media").iterdir()}
    tag_id = declare(cli, show)
    cli("tag", media, "--id", tag_id)
    assert {path.name: path.read_bytes() for path in (show / "media").iterdir()} != before
    cli("untag", media, "--id", tag_id)
    assert {path.name: path.read_bytes() for path in (show / "media").iterdir()} == before


def test_a_ledger_that_takes_nothing_keeps_media_untouched(
    cli: Cli, show: Path, media: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_id = declare(cli, show)
    before = Path(media.replace("%04d", "1001")).read_bytes()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    ran = cli("tag", media, "--id", tag_id)
    assert (ran.code, "not writable" in ran.err) == (4, True)
    assert Path(media.replace("%04d", "1001")).read_bytes() == before


def test_frames_that_vanish_while_they_are_read_are_problems(cli: Cli, show: Path, media: str) -> None:
    (found,) = expand(media)
    tag_id = declare(cli, show)
    Path(media.replace("%04d", "1002")).unlink()
    items = tagging.read(found)
    assert [(str(item.frames), [p.code for p in item.problems]) for item in items] == [
        ("1001,1003-1004", []),
        ("1002", ["media_unreadable"]),
    ]
    opened = Show.open(str(show))
    outcome = tagging.apply(opened, found, tagging.adding(opened.stubs([tag_id])))
    assert (sorted(n for n in outcome.native if n), [Path(p.path).name for p in outcome.problems]) == (
        [1001, 1003, 1004],
        [f"{SHOT}_comp_NFX_v001.1002.exr"],
    )


def test_a_fifo_in_a_folder_stops_nothing(cli: Cli, show: Path, media: str) -> None:
    os.mkfifo(show / "media" / "pipe.1001.exr")
    assert len(cli("read", show / "media", "--format", "json").json["items"]) == 1
    assert cli("read", show / "media" / "pipe.1001.exr").code == 3


def test_clean_covers_what_was_stated_and_not_more(cli: Cli, show: Path, media: str) -> None:
    assert cli("clean", media.replace("%04d", "1001-1002#"), "--ref", "R", "--mark").code == 0
    (show / "c.edl").write_text(
        "TITLE: T\n"
        f"001 AX V C 01:00:00:00 01:00:00:02 01:00:00:00 01:00:00:02\n* FROM CLIP NAME: {SHOT}_comp_NFX_v001\n"
        f"002 AX V C 01:00:00:00 01:00:00:04 01:00:00:02 01:00:00:06\n* FROM CLIP NAME: {SHOT}_comp_NFX_v001\n"
    )
    events = cli("conform", show / "c.edl", "--media", show / "media", "--format", "json").json["events"]
    assert [event["status"] for event in events] == ["clean", "no_record"]


def test_tagged_media_cannot_be_stated_clean(cli: Cli, show: Path, media: str) -> None:
    cli("tag", media, "--id", declare(cli, show))
    ran = cli("clean", media, "--ref", "R")
    assert (ran.code, "carries tags: it is not clean" in ran.err) == (2, True)


def test_a_clean_statement_can_be_taken_back(cli: Cli, show: Path, media: str) -> None:
    cli("clean", media, "--ref", "R")
    event = cli("log", "--format", "json").json["events"][0]["event"]
    (show / "c.edl").write_text(
        f"TITLE: T\n001 AX V C 01:00:00:00 01:00:00:04 01:00:00:00 01:00:00:04\n* FROM CLIP NAME: {SHOT}_comp_NFX_v001\n"
    )
    conform = ("conform", show / "c.edl", "--media", show / "media", "--format", "json")
    assert cli(*conform).json["events"][0]["status"] == "clean"
    assert cli("revoke", "--event", event, "--ref", "R2").code == 0
    assert cli(*conform).json["events"][0]["status"] == "no_record"


# ---------------------------------------------------------------- evidence by command line


def test_evidence_says_what_it_settled_and_what_is_left(cli: Cli, show: Path) -> None:
    changes = {"uses[0].stage": "final", "tag.answers.temporary": "no", "uses[0].presence": "prominent"}
    tag_id = declare(cli, show, changes)
    ran = cli("approve", tag_id, "--ref", "A-1", "--role", "client_contact", "--format", "json").json
    assert ran["left"] == [
        {
            "id": tag_id, "shot": SHOT, "was": "open", "status": "open", "settled": ["approval", "notice", "answer"],
            "unmet": ["legal_review"], "reasons": ["still needed: legal_review"],
        }
    ]  # fmt: skip
    assert "settled legal_review; nothing more is needed" in cli("legal-review", tag_id, "--ref", "L-1").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["consent", "ID", "--ref", "R"], "the tags name no performer"),
        (["approve", "ID", "--ref", "R", "--talent", "T99"], "the tags name no performer"),
        (["approve", "ID", "--ref", "R", "--input", "I99"], "the tags name I1"),
        (["approve", "ID", SHOT, "--ref", "R"], "name tags or shots, not both"),
        (["approve", "ID", "--ref", "R", "--shot", ""], "--shot is empty"),
        (["approve", "ID", "--ref", "R", "--date", "2027-01-01"], "lies in the future"),
        (["approve", "ID", "--ref", "R", "--until", "2026-01-01"], "lies before"),
        (["approve", "ID", "--ref", "R", "--no-copy"], "--no-copy goes with --attach"),
        (["revoke", "ID", "--ref", "R", "--event", "testwriter-1"], "is no evidence of these tags"),
        (["approve", "ID"], "needs the paper"),
    ],
)
def test_evidence_that_makes_no_sense_is_refused(arguments: list[str], message: str, cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show)
    count = len(list((show / ".genai" / "book").iterdir()))
    ran = cli(*(tag_id if word == "ID" else word for word in arguments))
    assert (ran.code, len(list((show / ".genai" / "book").iterdir()))) == (2, count)
    assert message in ran.err or "name no performer" in ran.err


def test_consent_of_the_only_performer_needs_no_name(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show, {"tag.talent": [TALENT]})
    cli("consent", tag_id, "--ref", "R")
    evidence = cli("log", tag_id, "--format", "json").json["events"][-1]["body"]["evidence"]
    assert evidence["talent"] == ["T07"]


def test_an_attached_paper_is_kept_privately(cli: Cli, show: Path) -> None:
    (show / "paper.pdf").write_bytes(b"signed")
    tag_id = declare(cli, show)
    cli("approve", tag_id, "--ref", "R", "--attach", show / "paper.pdf")
    digest = cli("log", tag_id, "--format", "json").json["events"][-1]["body"]["evidence"]["attachment"]
    kept = show / ".genai" / "private" / digest
    assert (kept.read_bytes(), kept.stat().st_mode & 0o077) == (b"signed", 0)


# ---------------------------------------------------------------- nothing private leaves, nothing foreign runs


def test_no_private_word_leaves_the_ledger(cli: Cli, show: Path, media: str) -> None:
    secrets = {
        "tag.element": "SECRETELEMENT",
        "tag.steps[0].prompt": "SECRETPROMPT",
        "tag.steps[0].seed": "SECRETSEED",
        "tag.steps[0].inputs[0].ref": "SECRETREF",
    }
    tag_id = declare(cli, show, secrets)
    cli("tag", media, "--id", tag_id)
    (show / "p.png").write_bytes(b"x")
    cli("tag", show / "p.png", "--id", tag_id)
    (show / "facts.yaml").unlink()
    for path in show.rglob("*"):
        if path.is_file() and "private" not in path.parts:
            assert b"SECRET" not in path.read_bytes(), path


def test_hostile_names_neither_run_nor_forge_a_line(cli: Cli, show: Path) -> None:
    name = "\x1b[31m\u202eevil\x07"
    (show / "c.edl").write_text(
        f"TITLE: T\n001 AX V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: {name}[bold]\n"
    )
    text = cli("conform", show / "c.edl").out
    assert all(letter not in text for letter in "\x1b\u202e\x07")
    assert "[bold]" in text
    forged = cli("conform", "no\ngenai-tags: all fine.edl").err
    assert [line for line in forged.splitlines() if line.startswith("genai-tags: all fine")] == []


def test_output_goes_to_a_file_whole(cli: Cli, show: Path, tmp_path: Path) -> None:
    assert cli("log", "--format", "json", "--output", tmp_path / "log.json").out == ""
    assert json.loads((tmp_path / "log.json").read_text())["schema"] == "genai_tags.log/1"


def test_a_device_is_written_to_and_not_replaced(cli: Cli, show: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert cli("log", "--output", pipe, "--format", "json").code == 0
        out, _ = reader.communicate(timeout=20)
    assert json.loads(out)["schema"] == "genai_tags.log/1"
    assert pipe.is_fifo()


def test_annotate_writes_hints_and_reads_them_back(cli: Cli, show: Path, media: str) -> None:
    tag_id = declare(cli, show)
    cli("tag", media, "--id", tag_id)
    text = (
        f"TITLE: T\r\n001 AX V C 01:00:00:00 01:00:00:04 01:00:00:00 01:00:00:04\r\n* FROM CLIP NAME: {SHOT}_comp_NFX_v001\r\n"
    )
    (show / "c.edl").write_bytes(text.encode())
    for _ in range(2):
        assert cli("annotate", show / "c.edl", "--output", show / "c.edl", "--media", show / "media").code == 0
        line = f"* GENAI: v=1 id={tag_id} clip={SHOT}_comp_NFX_v001 status=open\r\n"
        assert (show / "c.edl").read_bytes().decode() == text + line


# ---------------------------------------------------------------- policy and demo


def test_policy_tells_its_packs_and_rules(cli: Cli) -> None:
    assert "netflix-2025-08" in cli("policy", "list").out
    shown = cli("policy", "show", "netflix-2025-08", "--format", "json").json
    assert (len(shown["rules"]), shown["unofficial"]) == (46, True)
    rule = cli("policy", "explain", "replica-consent", "--format", "json").json
    assert (rule["outcome"], rule["needs"]) == ("written_approval", ["approval", "talent_consent"])
    assert cli("policy", "explain", "nosuch").code == 2
    assert cli("policy", "lint", "netflix-2025-08").code == 0


def demo(tmp_path: Path) -> Ran:
    environment = {**os.environ, "GENAI_NOW": "2026-11-21T12:00:00Z"}
    command = [sys.executable, "-c", "from genai_tags.cli import main; main()", "demo", "demo"]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def test_the_demo_tells_its_story_and_revoking_changes_the_exit_code(tmp_path: Path) -> None:
    ran = demo(tmp_path)
    assert ran.code == 0, ran.err
    assert [line for line in ran.out.splitlines() if line.startswith("exit code")] == [
        "exit code 0",
        "exit code 1",
        "exit code 0",
        "exit code 1",
        "exit code 1",
    ]
    assert "undeclared model" in ran.out
    for word in (
        "Approved",
        "Requested",
        "Allowed",
        "No GenAI (signed)",
        "No record",
        "Revoked",
        "temp_in_final",
        "talent_consent of T07",
    ):
        assert word in ran.out
    again = demo(tmp_path)
    assert (again.code, "is not empty" in again.err) == (2, True)
