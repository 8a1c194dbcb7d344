"""Badges on timelines: Resolve's marker EDL, markers in OTIO copies, and the palettes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import opentimelineio
import pytest

from genai_tags import palette
from genai_tags.conform.results import CutResult, EventResult
from genai_tags.cut.model import Cut, Event
from genai_tags.report.marks import MOST, marker_edl, merged
from genai_tags.status import Status
from genai_tags.timecode import DEFAULT_RATE
from tests.conftest import Cli, corpus_files
from tests.stage import Stage

_MARKER = re.compile(
    r"(\d{3})  001      V     C        (\S+) (\S+) \2 \3  \r\n(.*) \|C:ResolveColor(\w+) \|M:(.*) \|D:1\r\n\r\n"
)


def test_every_status_has_a_colour_of_each_palette() -> None:
    for status in Status:
        found = palette.colours(status)
        assert found.clip in palette.CLIP_COLOURS
        assert found.marker in palette.MARKER_COLOURS
        assert found.otio in {"RED", "YELLOW", "GREEN", "BLUE", "WHITE"}


def test_a_marker_edl_has_a_marker_where_each_ai_event_begins(stage: Stage) -> None:
    stage.settled("v001")
    stage.sequence("v001", "AGM_104_065_020")
    cut = stage.edl(stage.event("v001"), stage.event("v001", "AGM_104_065_020"))
    ran = stage.cli("conform", cut, "--rate", "24", "--media", stage.media, "--show", stage.folder, "--format", "marker-edl")
    assert ran.out.startswith("TITLE: SCENE\r\nFCM: NON-DROP FRAME\r\n\r\n")
    ((number, begin, end, note, colour, name),) = _MARKER.findall(ran.out)
    assert (number, colour, name) == ("001", "Green", "GenAI: Approved")
    assert (begin[-2:], end[-2:]) == ("00", "01")
    assert note == "AGM_104_065_010 v001"


def test_notes_name_no_person_paper_tool_or_element(stage: Stage) -> None:
    pattern, tag_id = stage.settled("v001")
    stage.do(
        "revoke", tag_id, "--ref", "MAIL-77", "--role", "client_contact", "--given-by", "Z. Zebra", "--reason", "secret reason"
    )
    cut = stage.edl(stage.event("v001"))
    out = stage.cli(
        "conform", cut, "--rate", "24", "--media", stage.media, "--show", stage.folder, "--format", "marker-edl"
    ).out
    assert "ResolveColorRed |M:GenAI: Revoked" in out
    for secret in ("Zebra", "MAIL-77", "secret", "Generator", "cloud", "A-1"):
        assert secret not in out
    assert Path(pattern).name.split(".")[0] not in out


def result(number: int, frame: int, status: Status, name: str = "shot", tags: tuple[str, ...] = ("tag0001",)) -> EventResult:
    """A judged event of a day's length at a frame."""
    event = Event(
        number=str(number), track="V1", record_in=f"00:00:00:{frame:02d}", record_out="00:01:00:00", source_in="", source_out="",
        record=(frame, frame + 1440), rate=DEFAULT_RATE, source_rate=DEFAULT_RATE, clip=name,
    )  # fmt: skip
    return EventResult(cut="c", event=event, shot=name, version=None, status=status, tags=tags)


def cut_of(*results: EventResult) -> CutResult:
    """A cut of these events."""
    events = tuple(each.event for each in results)
    return CutResult(cut=Cut(path="c.edl", format="edl", rate=DEFAULT_RATE, events=events), events=results)


def test_markers_of_one_frame_are_one_with_the_worst_colour() -> None:
    text = marker_edl(
        cut_of(
            result(1, 5, Status.APPROVED, "a"), result(2, 5, Status.REJECTED, "b", ("tag0002",)), result(3, 2, Status.OPEN, "c")
        )
    ).decode()
    found = _MARKER.findall(text)
    assert [(begin, note, colour) for _, begin, _, note, colour, _ in found] == [
        ("00:00:00:02", "c", "Yellow"), ("00:00:00:05", "b + a", "Red"),
    ]  # fmt: skip


def test_hostile_names_break_no_line() -> None:
    name = "1\r\n002  001  V C\t|C:ResolveColorRed |M:x\x1b[31m" + "y" * 500
    text = marker_edl(cut_of(result(1, 0, Status.OPEN, name))).decode()
    ((_, _, _, note, colour, marker),) = _MARKER.findall(text)
    assert (colour, marker) == ("Yellow", "GenAI: Open")
    assert note.startswith("_1\\x0d\\x0a002")  # a line that begins with a digit would be an event
    assert len(note) <= MOST + 1
    assert text.count("\r\n") == 3 + 3


def test_what_has_no_timeline_has_no_markers(stage: Stage, tmp_path: Path) -> None:
    pattern, _ = stage.settled("v001")
    ran = stage.cli("conform", pattern, "--show", stage.folder, "--format", "marker-edl")
    assert (ran.code, "no record timecodes" in ran.err) == (2, True)
    cut = stage.edl(stage.event("v001"))
    assert stage.cli("conform", cut, cut, "--rate", "24", "--show", stage.folder, "--format", "marker-edl").code == 2


def test_annotated_timelines_have_one_marker_of_ours_for_each_ai_clip(stage: Stage, tmp_path: Path) -> None:
    pattern, tag_id = stage.settled("v001")
    cut = stage.otio(pattern)
    copy = tmp_path / "copy.otio"
    for source in (cut, copy, copy):  # annotating again replaces them
        stage.do("annotate", source, "--output", copy, "--show", stage.folder, "--media", stage.media)
        (clip,) = opentimelineio.adapters.read_from_file(str(copy)).find_clips()
        (marker,) = clip.markers
        assert (marker.name, marker.color, marker.comment) == ("GenAI: Approved", "GREEN", "AGM_104_065_010 v001")
        assert marker.marked_range.start_time == clip.source_range.start_time
        assert marker.metadata["Resolve_OTIO"]["Note"] == marker.comment
    assert json.loads(cut.read_text()) == _without_markers(json.loads(copy.read_text()), json.loads(cut.read_text()))
    stage.do("untag", pattern, "--id", tag_id)


def _without_markers(document: object, like: object) -> object:
    """The document with the markers of the other."""
    if isinstance(document, dict) and isinstance(like, dict):
        found = {key: _without_markers(value, like.get(key)) for key, value in document.items() if key != "markers"}
        return found | ({"markers": like["markers"]} if "markers" in like else {})
    if isinstance(document, list) and isinstance(like, list):
        return [_without_markers(a, b) for a, b in zip(document, like, strict=True)]
    return document


def test_an_annotated_copy_keeps_mode_and_follows_a_link(stage: Stage, tmp_path: Path) -> None:
    pattern, _ = stage.settled("v001")
    cut = stage.otio(pattern)
    real, link = tmp_path / "real.otio", tmp_path / "link.otio"
    real.write_text("{}")
    real.chmod(0o640)
    link.symlink_to(real)
    stage.do("annotate", cut, "--output", link, "--show", stage.folder)
    assert link.is_symlink()
    assert (real.stat().st_mode & 0o777, "GenAI: Approved" in real.read_text()) == (0o640, True)


@pytest.mark.parametrize("source", corpus_files("otio/*.otio"))
def test_annotating_a_timeline_without_ai_changes_nothing_in_it(cli: Cli, show: Path, tmp_path: Path, source: Path) -> None:
    copy = tmp_path / "copy.otio"
    ran = cli("annotate", source, "--output", copy, "--show", show)
    if ran.code:
        assert ran.code == 3
        assert not copy.exists()
        return
    assert json.loads(copy.read_text()) == json.loads(source.read_text())


def test_another_format_is_refused_and_says_what_to_do(cli: Cli, show: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_text("<xmeml/>")
    ran = cli("annotate", path, "--output", tmp_path / "b.xml", "--show", show)
    assert (ran.code, "marker-edl" in ran.err) == (2, True)
    ran = cli("annotate", tmp_path / "a.edl", "--output", tmp_path / "b.otio", "--show", show)
    assert (ran.code, "is a .edl like the cut" in ran.err) == (2, True)


def test_a_merged_marker_names_every_tag() -> None:
    from genai_tags.report.marks import Mark

    both = merged(
        [Mark(Status.OPEN, "GenAI: Open", "a", "genai:1:t1,t2"), Mark(Status.REJECTED, "GenAI: Rejected", "b", "genai:1:t2,t3")]
    )
    assert (both.status, both.name, both.data) == (Status.REJECTED, "GenAI: Rejected", "genai:1:t2,t3,t1")
