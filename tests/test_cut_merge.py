"""Several lists of one reel, merged by record timecode."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from genai_tags.cut.merge import merged
from genai_tags.cut.read import read_cut
from genai_tags.errors import InputError
from tests.stage import Stage

LINE = "{n:03d}  {reel}  V     {kind}        {source} {source2} {begin} {end}\n* FROM CLIP NAME: {clip}\n"


def edl(path: Path, *events: tuple[str, str, str, str]) -> Path:
    """A list of cuts: clip, kind, record in and out."""
    text = "TITLE: REEL\nFCM: NON-DROP FRAME\n\n"
    for number, (clip, kind, begin, end) in enumerate(events, 1):
        text += LINE.format(
            n=number, reel="A001", kind=kind, source="01:00:00:00", source2="01:00:01:00", begin=begin, end=end, clip=clip
        )
    path.write_text(text)
    return path


def test_events_of_all_lists_stand_in_the_order_of_the_programme(tmp_path: Path) -> None:
    one = edl(tmp_path / "v1.edl", ("a", "C", "01:00:00:00", "01:00:01:00"), ("b", "C", "01:00:03:00", "01:00:04:00"))
    two = edl(tmp_path / "v2.edl", ("over", "C", "01:00:00:12", "01:00:01:12"))
    found = merged([read_cut(str(one), Fraction(24)), read_cut(str(two), Fraction(24))])
    assert [(event.number, event.track, event.clip, event.record_in) for event in found.events] == [
        ("1-001", "1 V", "a", "01:00:00:00"), ("2-001", "2 V", "over", "01:00:00:12"), ("1-002", "1 V", "b", "01:00:03:00"),
    ]  # fmt: skip
    assert found.format == "cmx3600"


def test_both_lines_of_a_dissolve_stay_together(tmp_path: Path) -> None:
    one = tmp_path / "v1.edl"
    one.write_text(
        "TITLE: X\n\n001  A  V  C        01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n"
        "002  A  V  C        01:00:01:00 01:00:01:00 01:00:01:00 01:00:01:00\n"
        "002  B  V  D  012   02:00:00:00 02:00:01:00 01:00:01:00 01:00:02:00\n"
    )
    two = edl(tmp_path / "v2.edl", ("over", "C", "01:00:01:00", "01:00:02:00"))
    found = merged([read_cut(str(one), Fraction(24)), read_cut(str(two), Fraction(24))])
    joined = [i for i, event in enumerate(found.events) if event.joined]
    assert joined
    assert all(found.events[i - 1].number == found.events[i].number for i in joined)


def test_lists_of_different_rates_are_no_one_reel(tmp_path: Path) -> None:
    one = read_cut(str(edl(tmp_path / "v1.edl", ("a", "C", "01:00:00:00", "01:00:01:00"))), Fraction(24))
    two = read_cut(str(edl(tmp_path / "v2.edl", ("b", "C", "01:00:00:00", "01:00:01:00"))), Fraction(25))
    with pytest.raises(InputError, match="no one reel"):
        merged([one, two])


def test_the_command_line_merges_and_refuses_half_a_reel(stage: Stage, tmp_path: Path) -> None:
    stage.settled("v001")
    one, two = stage.edl(stage.event("v001"), name="v1.edl"), stage.edl(stage.event("v001"), name="v2.edl")
    ran = stage.cli(
        "conform", one, two, "--merge", "--rate", "24", "--media", stage.media, "--show", stage.folder, "--format", "json"
    )
    assert len(ran.json["cuts"]) == 1
    assert [event["event"] for event in ran.json["events"]] == ["1-001", "2-001"]
    broken = tmp_path / "v3.edl"
    broken.write_bytes(b"\x00\x01")
    assert stage.cli("conform", one, broken, "--merge", "--rate", "24", "--show", stage.folder).code == 3
