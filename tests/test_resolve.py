"""The editor's side in Resolve, on a strict double: the open timeline as a cut, badges on it, exports, and the bridge to the desk."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from genai_tags.cut.read import read_cut
from genai_tags.palette import CLIP_COLOURS, MARKER_COLOURS
from tests.conftest import ROOT, Cli
from tests.doubles import resolve_app
from tests.doubles.resolve_app import PoolItem, Resolve, Timeline, TimelineItem
from tests.stage import Stage

PLUGIN = os.environ.get("GENAI_RESOLVE_PLUGIN", str(ROOT / "plugins" / "resolve"))
sys.path.insert(0, PLUGIN)

from genai_tags_resolve import api, badges, bridge, exporting, snapshot  # noqa: E402


@pytest.fixture
def timeline() -> Timeline:
    """An empty timeline that begins at an hour."""
    resolve_app.CALLS.clear()
    return Timeline()


def source(stage: Stage, version: str = "v001", name: str = "m1") -> PoolItem:
    """A sequence as Resolve names it, timecode from an hour on."""
    pattern = stage.sequence(version)
    return PoolItem(name, pattern.replace("%04d", "[1001-1010]"), "01:00:00:00", frames=10)


def looked(timeline: Timeline, folder: Path) -> Path:
    """The snapshot of a timeline."""
    path = folder / "timeline.otio"
    snapshot.save(timeline, str(path))
    return path


def marked(stage: Stage, timeline: Timeline) -> Path:
    """The snapshot, annotated by the command line."""
    path, target = looked(timeline, stage.folder), stage.folder / "marked.otio"
    stage.do("annotate", path, "--output", target, "--show", stage.folder, "--media", stage.media)
    return target


def badge(stage: Stage, timeline: Timeline) -> dict[str, Any]:
    """Badges on."""
    found: dict[str, Any] = badges.put(timeline, str(marked(stage, timeline)))
    return found


# ---------------------------------------------------------------- the timeline as a cut


def test_the_open_timeline_is_a_cut_with_its_times_reels_and_files(timeline: Timeline, tmp_path: Path) -> None:
    plate = PoolItem("m1", "/plates/AGM_104_065_010_comp_NFX_v001.[1001-1096].exr", "10:00:00:00", frames=96)
    timeline.add(TimelineItem("i1", "one", 86400, 24, plate, offset=10))
    timeline.add(TimelineItem("i2", "two", 86448, 12, plate, offset=50, enabled=False, off_by_one=True))
    timeline.add(TimelineItem("i3", "over", 86412, 12, PoolItem("m2", "/plates/b.mov"), offset=0), 2)
    timeline.add(TimelineItem("i4", "sound", 86400, 60, PoolItem("m3", "/s.wav")), 1, "audio")
    cut = read_cut(str(looked(timeline, tmp_path)))
    found = {
        e.clip: (e.track, e.kind, e.record_in, e.record_out, e.source_in, e.source_out, e.enabled, e.line) for e in cut.events
    }
    assert found == {
        "one": ("Video 1", "video", "01:00:00:00", "01:00:01:00", "10:00:00:10", "10:00:01:10", True, 1),
        "two": ("Video 1", "video", "01:00:02:00", "01:00:02:12", "10:00:02:02", "10:00:02:14", False, 2),
        "over": ("Video 2", "video", "01:00:00:12", "01:00:01:00", "01:00:00:00", "01:00:00:12", True, 3),
        "sound": ("Audio 1", "audio", "01:00:00:00", "01:00:02:12", "01:00:00:00", "01:00:02:12", True, 4),
    }
    assert {e.reel for e in cut.events} == {"A001"}
    assert cut.events[0].file == "/plates/AGM_104_065_010_comp_NFX_v001.[1001-1096].exr"


def test_transitions_are_no_items_and_titles_have_no_media(timeline: Timeline, tmp_path: Path) -> None:
    plate = PoolItem("m1", "/p.mov")
    timeline.add(TimelineItem("i1", "one", 86400, 24, plate))
    timeline.add(TimelineItem("t", "Cross Dissolve", 86418, 12, kind="transition"))
    timeline.add(TimelineItem("i2", "Title", 86424, 24, kind="generator"))
    cut = read_cut(str(looked(timeline, tmp_path)))
    assert [(e.clip, e.record_in, e.file) for e in cut.events] == [
        ("one", "01:00:00:00", "/p.mov"),
        ("Title", "01:00:01:00", None),
    ]


@pytest.mark.parametrize(
    ("rate", "code", "begins"), [("23.976", "01:00:00:00", "01:00:00:00"), (29.97, "01:00:00;00", "01:00:00;00"), ("29.97 DF", "00:59:58;00", "00:59:58;00"), (25.0, "10:00:00:00", "10:00:00:00")],
)  # fmt: skip
def test_rates_and_drop_frame_are_exact_in_any_spelling(tmp_path: Path, rate: object, code: str, begins: str) -> None:
    timeline = Timeline(code=code, rate=rate)
    timeline.add(TimelineItem("i1", "one", 86400, 24, PoolItem("m1", "/p.mov", fps=24.0)))
    cut = read_cut(str(looked(timeline, tmp_path)))
    assert cut.events[0].record_in == begins
    assert cut.rate.denominator == (1001 if str(rate)[:2] in ("23", "29") else 1)


def test_a_retime_uses_the_frames_that_resolve_says(timeline: Timeline, tmp_path: Path) -> None:
    plate = PoolItem("m1", "/p.mov", "00:00:00:00", frames=200)
    timeline.add(TimelineItem("i1", "fast", 86400, 24, plate, offset=10, used=48))
    timeline.add(TimelineItem("i2", "slow", 86424, 24, plate, offset=10, used=12))
    fast, slow = read_cut(str(looked(timeline, tmp_path))).events
    assert (fast.used(), slow.used()) == ((10, 57), (10, 21))


def test_what_overlaps_on_a_track_is_all_there(tmp_path: Path) -> None:
    timeline = Timeline()
    timeline.add(TimelineItem("t", "Cross Dissolve", 86400, 12))  # before 21.1 nothing tells it from a title
    timeline.add(TimelineItem("i1", "one", 86400, 24, PoolItem("m1", "/p.mov")))
    timeline.add(TimelineItem("a1", "room", 86400, 48, PoolItem("m2", "/r.wav")), 1, "audio")
    timeline.add(TimelineItem("a2", "ai_voice", 86412, 12, PoolItem("m3", "/v.wav")), 1, "audio")
    cut = read_cut(str(looked(timeline, tmp_path)))
    assert {(event.clip, event.record_in) for event in cut.events} == {
        ("one", "01:00:00:00"), ("Cross Dissolve", "01:00:00:00"), ("room", "01:00:00:00"), ("ai_voice", "01:00:00:12"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "length", "offset", "used"), [(99, 76, 24, 100, (76, 99)), (10, 16, 5, 10, (10, 16)), (50, 50, 3, 50, (50, 52)), (11, 34, 24, 10, (10, 33))]
)  # fmt: skip
def test_short_retimes_and_reverse_look_at_every_frame_that_is_seen(
    timeline: Timeline, tmp_path: Path, first: int, last: int, length: int, offset: int, used: tuple[int, int]
) -> None:
    item = timeline.add(TimelineItem("i1", "one", 86400, length, PoolItem("m1", "/p.mov", "00:00:00:00"), offset=offset))
    vars(item)["GetSourceStartFrame"], vars(item)["GetSourceEndFrame"] = (lambda: first), (lambda: last)
    (event,) = read_cut(str(looked(timeline, tmp_path))).events
    assert event.used() == used


def test_items_join_the_tags_of_their_frames(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    plate = source(stage)
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    timeline.add(TimelineItem("i1", "renamed by the editor", 86400, 5, plate, offset=2))
    (event,) = stage.conform(looked(timeline, stage.folder))["events"]
    assert (event["tags"], event["status"]) == ([tag_id], "open")


# ---------------------------------------------------------------- badges


def test_badges_are_a_marker_a_clip_colour_and_a_flag_each_of_its_palette(stage: Stage, timeline: Timeline) -> None:
    pattern, tag_id = stage.settled("v001")
    item = timeline.add(TimelineItem("i1", "one", 86410, 10, PoolItem("m1", pattern.replace("%04d", "[1001-1010]"), frames=10)))
    timeline.add(TimelineItem("i0", "plate", 86400, 10, PoolItem("m2", "/camera/plate.mov")))
    assert badge(stage, timeline) == {"items": 1, "markers": 1, "refused": []}
    ((frame, marker),) = timeline.markers.items()
    data = marker.pop("customData")
    assert (frame, marker) == (10, {"color": "Green", "name": "GenAI: Approved", "note": "AGM_104_065_010 v001", "duration": 1})
    assert re.fullmatch(rf"genai:1:{tag_id};#[0-9a-f]{{8}};i1=Green,Green", data)
    assert (item.colour, item.flags) == ("Green", ["Green"])
    assert item.colour in CLIP_COLOURS
    assert item.flags[0] in MARKER_COLOURS


def test_badges_again_change_nothing_and_a_new_status_changes_what_is_ours(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    plate = source(stage)
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    item = timeline.add(TimelineItem("i1", "one", 86400, 10, plate))
    timeline.floats = True
    badge(stage, timeline)
    before = dict(timeline.markers)
    assert badge(stage, timeline)["refused"] == []
    assert timeline.markers == before
    assert (item.colour, item.flags) == ("Orange", ["Yellow"])
    stage.approve(tag_id)
    badge(stage, timeline)
    assert [marker["name"] for marker in timeline.markers.values()] == ["GenAI: Approved"]
    assert (item.colour, item.flags) == ("Green", ["Green"])


def test_what_the_editor_set_stays_and_badges_go_without_a_trace(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    painted = timeline.add(TimelineItem("i1", "one", 86400, 10, source(stage)))
    plain = timeline.add(TimelineItem("i2", "two", 86410, 10, source(stage)))
    painted.colour, painted.flags = "Navy", ["Cyan"]
    own = {"color": "Blue", "name": "beat", "note": "mine", "duration": 1, "customData": ""}
    timeline.markers[0] = dict(own)
    badge(stage, timeline)
    assert (painted.colour, painted.flags) == ("Navy", ["Cyan"])
    assert timeline.markers[0] == own
    assert [timeline.markers[frame]["name"] for frame in (1, 10)] == ["GenAI: Open"] * 2
    plain.colour = "Lime"  # the editor changes it afterwards
    badge(stage, timeline)
    assert plain.colour == "Lime"
    assert badges.take_off(timeline)["refused"] == []
    assert timeline.markers == {0: own}
    assert (painted.colour, painted.flags, plain.colour, plain.flags) == ("Navy", ["Cyan"], "Lime", [])


def test_items_that_begin_together_share_a_marker_with_the_worst_colour(stage: Stage, timeline: Timeline) -> None:
    approved, first = stage.settled("v001")
    second = stage.declare()
    other = stage.sequence("v001", "AGM_104_065_020")
    stage.do("tag", other, "--id", second)
    timeline.add(TimelineItem("i1", "one", 86400, 10, PoolItem("m1", approved.replace("%04d", "[1001-1010]"), frames=10)))
    timeline.add(TimelineItem("i2", "two", 86400, 10, PoolItem("m2", other.replace("%04d", "[1001-1010]"), frames=10)), 2)
    badge(stage, timeline)
    ((frame, marker),) = timeline.markers.items()
    assert (frame, marker["color"], marker["name"]) == (0, "Yellow", "GenAI: Open")
    assert marker["customData"].startswith(f"genai:1:{first},{second};") or marker["customData"].startswith(
        f"genai:1:{second},{first};"
    )
    badges.take_off(timeline)
    assert [item.colour for row in timeline.tracks["video"] for item in row] == ["", ""]


def test_what_resolve_says_it_took_and_did_not_is_reported(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    stubborn = timeline.add(TimelineItem("i1", "stubborn", 86400, 10, source(stage)))
    stubborn.keeps = False
    assert badge(stage, timeline)["refused"] == ["stubborn: Resolve did not take the clip colour Orange"]
    badges.take_off(timeline)
    timeline.drops_markers = True
    found = badge(stage, timeline)
    assert any("did not keep the marker" in each for each in found["refused"])
    assert (stubborn.colour, stubborn.flags) == ("", [])  # what no marker remembers could never be taken off


def test_the_media_pool_shows_the_tags_of_a_source_where_it_has_a_field(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    plate = source(stage)
    timeline.add(TimelineItem("i1", "one", 86400, 5, plate))
    timeline.add(TimelineItem("i2", "two", 86410, 5, plate, offset=5))
    assert badge(stage, timeline)["refused"] == []
    assert plate.metadata == {"GenAI": f"genai:1: {tag_id}"}
    badges.take_off(timeline)
    assert plate.metadata == {"GenAI": ""}
    plate.metadata = {}
    (said,) = badge(stage, timeline)["refused"]
    assert "create it by hand" in said
    assert plate.metadata == {}


def test_a_text_of_somebodys_in_the_field_stays(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    plate = source(stage)
    timeline.add(TimelineItem("i1", "one", 86400, 5, plate))
    plate.metadata = {"GenAI": "checked by Anna"}
    assert "somebody's" in badge(stage, timeline)["refused"][0]
    badges.take_off(timeline)
    assert plate.metadata == {"GenAI": "checked by Anna"}


def test_badges_of_one_timeline_are_not_put_on_another(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    timeline.add(TimelineItem("i1", "one", 86400, 5, source(stage)))
    badge(stage, timeline)
    before = dict(timeline.markers)
    other = Timeline("reel 2")
    other.add(TimelineItem("x1", "two", 86400, 5, source(stage)))
    said = bridge.work(Resolve(timeline), timeline, {"job": 1, "do": "mark", "from": str(marked(stage, other))})
    assert "another timeline is open" in said["why"]
    assert timeline.markers == before
    assert (
        "another timeline"
        in bridge.work(Resolve(timeline), timeline, {"job": 2, "do": "go", "timecode": "x", "timeline": "timeline reel 2"})[
            "why"
        ]
    )


def test_what_somebody_wrote_into_our_marker_stays(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    timeline.add(TimelineItem("i1", "one", 86400, 5, source(stage)))
    badge(stage, timeline)
    timeline.markers[0]["note"] += " EDITOR: call Anna"
    stage.approve(tag_id)
    assert any("changed by somebody" in each for each in badge(stage, timeline)["refused"])
    badges.take_off(timeline)
    assert timeline.markers[0]["note"].endswith("EDITOR: call Anna")


def test_a_marker_lies_on_its_own_item_or_nowhere(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    short = timeline.add(TimelineItem("i1", "one", 86400, 1, source(stage)))
    timeline.add(TimelineItem("i2", "plate", 86401, 20, PoolItem("m2", "/camera/p.mov")))
    timeline.markers[0] = {"color": "Blue", "name": "beat", "note": "", "duration": 1, "customData": ""}
    assert any("every frame there" in each for each in badge(stage, timeline)["refused"])
    assert list(timeline.markers) == [0]
    assert (short.colour, short.flags) == ("", [])


def test_a_flag_that_the_editor_added_stays_and_ours_goes(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    item = timeline.add(TimelineItem("i1", "one", 86400, 5, source(stage)))
    badge(stage, timeline)
    item.flags.append("Cyan")
    stage.approve(tag_id)
    badge(stage, timeline)
    assert sorted(item.flags) == ["Cyan", "Green"]
    badges.take_off(timeline)
    assert item.flags == ["Cyan"]


def test_what_fails_on_one_item_leaves_nothing_that_cannot_be_taken_off(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    rows = [timeline.add(TimelineItem(f"i{i}", f"c{i}", 86400 + 5 * i, 5, source(stage))) for i in range(3)]

    def broken(name: str) -> bool:
        raise RuntimeError("the connection hiccuped")

    vars(rows[1])["SetClipColor"] = broken
    assert any("hiccuped" in each for each in badge(stage, timeline)["refused"])
    assert [row.colour for row in rows] == ["Orange", "", "Orange"]
    badges.take_off(timeline)
    assert [(row.colour, row.flags) for row in rows] == [("", [])] * 3


def test_items_that_are_gone_with_our_colours_are_named(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    item = timeline.add(TimelineItem("i1", "one", 86400, 5, source(stage)))
    badge(stage, timeline)
    item.uid = "another"  # as in a duplicated timeline
    assert "may keep its colours" in badges.take_off(timeline)["refused"][0]


def test_an_item_that_was_cut_away_meanwhile_is_named(stage: Stage, timeline: Timeline) -> None:
    tag_id = stage.declare()
    stage.do("tag", stage.sequence("v001"), "--id", tag_id)
    gone = timeline.add(TimelineItem("i1", "one", 86400, 10, source(stage)))
    kept = timeline.add(TimelineItem("i2", "two", 86410, 10, source(stage)))
    path = marked(stage, timeline)
    timeline.tracks["video"][0].remove(gone)
    kept.start = 86400  # and the rest moves up
    found = badges.put(timeline, str(path))
    assert (found["items"], "look at it again" in found["refused"][0]) == (1, True)
    assert [marker["customData"].split(";")[2].split("=")[0] for marker in timeline.markers.values()] == ["i2"]


# ---------------------------------------------------------------- calls, exports, what is missing


def test_calls_per_item_stay_few_on_two_thousand_items(timeline: Timeline, tmp_path: Path) -> None:
    plates = [PoolItem(f"m{i}", f"/plates/p{i}.mov") for i in range(50)]
    for i in range(2000):
        timeline.add(TimelineItem(f"i{i}", f"c{i}", 86400 + 10 * i, 10, plates[i % 50], offset=i % 7))
    resolve_app.CALLS.clear()
    assert snapshot.save(timeline, str(tmp_path / "t.otio")) == 2000
    assert (
        sum(resolve_app.CALLS.values()) <= 11 * 2000 + 50 + 20
    )  # eleven for an item, one for a source, and a few for the timeline
    assert resolve_app.CALLS["GetClipProperty"] == 50


def test_an_export_counts_by_its_file(timeline: Timeline, tmp_path: Path) -> None:
    timeline.name = "reel 1/final"
    timeline.files = {".otio": "{}"}
    found = exporting.export(Resolve(timeline), timeline, str(tmp_path))
    assert found["files"] == [str(tmp_path / "reel_1_final.otio")]
    assert "Resolve wrote no" in found["refused"][0]
    again = exporting.export(Resolve(timeline), timeline, str(tmp_path))
    assert again["files"] == [str(tmp_path / "reel_1_final_2.otio")]


def test_a_call_that_this_resolve_lacks_is_named(timeline: Timeline) -> None:
    assert hasattr(timeline, "NoSuchCall")  # as in Resolve
    assert not api.has(timeline, "NoSuchCall")
    with pytest.raises(api.MissingCallError, match="NoSuchCall"):
        api.call(timeline, "NoSuchCall")
    with pytest.raises(api.MissingCallError, match="is a project with a timeline open"):
        api.call(None, "GetName")


def test_jobs_say_what_they_could_not_do(timeline: Timeline, tmp_path: Path) -> None:
    resolve = Resolve(timeline)
    timeline.page = "media"
    said = bridge.work(resolve, timeline, {"job": 1, "do": "go", "timecode": "01:00:05:00"})
    assert "playhead is at 01:00:00:00" in said["why"]
    timeline.page = "edit"
    assert bridge.work(resolve, timeline, {"job": 2, "do": "go", "timecode": "01:00:05:00"}) == {"job": 2, "do": "go"}
    assert "did not work" in bridge.work(resolve, timeline, {"job": 3, "do": "mark", "from": str(tmp_path / "none")})["why"]
    assert "nothing to ask" in bridge.work(resolve, None, {"job": 4, "do": "unmark"})["why"]
    assert "did not work" in bridge.work(resolve, timeline, {"job": 5, "do": "nonsense"})["why"]


# ---------------------------------------------------------------- the bridge


def test_the_bridge_says_what_is_missing(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("GENAI_DESK", str(tmp_path))
    bridge.run(None)
    bridge.run(Resolve(timeline))
    bridge.say("łódź 日本")  # whatever the console's encoding
    out = capsys.readouterr().out
    assert "needs DaVinci Resolve Studio" in out or "need DaVinci Resolve Studio" in out
    assert "no desk is open" in out


def test_the_bridge_ends_with_either_side(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("GENAI_DESK", str(tmp_path))
    (tmp_path / "desk-1.json").write_text(json.dumps({"socket": str(tmp_path / "s"), "token": "t", "show": "/shows/agm"}))
    said: list[dict[str, Any]] = []
    resolve = Resolve(timeline)

    def answer(_: object, line: dict[str, Any]) -> dict[str, Any] | None:
        said.append(line)
        if len(said) == 3:
            resolve.closed = True
        return {"ok": True, "job": None}

    monkeypatch.setattr(bridge, "ask", answer)
    bridge.run(resolve, sleep=lambda _: None)
    assert said[-1].get("bye") is True
    assert len({line["session"] for line in said}) == 1
    resolve.closed = False
    answers = iter([{"ok": True}, {"ok": True, "job": None}])
    monkeypatch.setattr(bridge, "ask", lambda word, line: next(answers, None))
    bridge.run(resolve, sleep=lambda _: None)
    assert "the desk is gone" in capsys.readouterr().out


def test_a_pipe_that_does_not_answer_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "SECONDS", 0.2)
    with pytest.raises(OSError, match="did not answer"):
        bridge._by_pipe(str(tmp_path / "none"), b"x")
    os.mkfifo(tmp_path / "silent")
    with pytest.raises(OSError, match="did not answer"):
        bridge._by_pipe(str(tmp_path / "silent"), b"x")


def test_the_bridge_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import genai_tags_resolve.bridge as b; print(b.PAUSE)"
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", code, PLUGIN], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "0.5", ran.stderr


def test_the_menu_has_one_entry_that_finds_the_bridge(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "Fusion"
    found = cli("plugins", "install", "resolve", "--to", folder, "--format", "json").json
    assert found["host"] == "resolve"
    entries = [path.name for path in (folder / "Scripts").rglob("*.py")]
    assert entries == ["GenAI Tags.py"]
    script = folder / "Scripts" / "Utility" / "GenAI Tags.py"
    environment = {**os.environ, "GENAI_DESK": str(tmp_path / "none")}
    code = f"resolve = type('R', (), {{'GetVersionString': lambda s: '20'}})()\nexec(open({str(script)!r}).read())"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert "no desk is open" in ran.stdout, ran.stderr
    ran_again = cli("plugins", "install", "nuke", "--to", folder)
    assert (ran_again.code, "holds the plugin for resolve" in ran_again.err) == (2, True)
    assert cli("plugins", "uninstall", "nuke", "--from", folder).code == 2
    assert cli("plugins", "uninstall", "resolve", "--from", folder).code == 0
    assert not list(tmp_path.rglob("*genai*"))
    assert (folder / "Scripts" / "Utility").is_dir()  # Resolve's own


# ---------------------------------------------------------------- mutants

MUTANTS = {
    "absolute marker frames": ("snapshot.py", "start - begin, length)", "start, length)", "each_of_its_palette"),
    "a colour from the wrong palette": ("badges.py", 'str(mark["clip"]), str(mark["marker"]), mine', 'str(mark["marker"]), str(mark["marker"]), mine', "a_new_status"),
    "hasattr as a probe": ("api.py", "name in dir(thing)", "hasattr(thing, name)", "this_resolve_lacks"),
    "trusting a returned True": ("badges.py", "        if _colour(item) != colour:\n", "        if False:\n", "says_it_took"),
    "overwriting an editor's colour": ("badges.py", '    if there in ("", own[0]) and there != colour:', "    if there != colour:", "editor_set_stays"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_the_suite_notices(name: str, tmp_path: Path) -> None:
    file, right, wrong, which = MUTANTS[name]
    plugin = tmp_path / "resolve"
    shutil.copytree(ROOT / "plugins" / "resolve", plugin, ignore=shutil.ignore_patterns("__pycache__"))
    target = plugin / "genai_tags_resolve" / file
    text = target.read_text()
    assert text.count(right) == 1, f"{file} no longer holds what this mutant changes"
    target.write_text(text.replace(right, wrong))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", __file__, "-k", which],
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, "GENAI_RESOLVE_PLUGIN": str(plugin)}, check=False,
    )  # fmt: skip
    assert ran.returncode == 1, f"nobody noticed {name}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    assert " failed" in ran.stdout
