"""The EDL reader: every line understood or listed, record timecodes as the file has them; and GENAI lines that touch no other byte."""

from __future__ import annotations

import re
import time
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pycmx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_tags.carriers.edl import annotate, hint_line
from genai_tags.cut.edl import read_edl
from genai_tags.cut.model import Cut, Event
from genai_tags.errors import InputError
from genai_tags.lines import decode
from tests.conftest import corpus_files

HEAD = "TITLE: T\nFCM: NON-DROP FRAME\n"
TIMES = "01:00:00:00 01:00:02:00 02:00:00:00 02:00:02:00"
RATE = Fraction(24)


def cut_of(text: str | bytes, rate: Fraction = RATE) -> Cut:
    return read_edl(text if isinstance(text, bytes) else text.encode(), "cut.edl", rate)


def marked_up(data: bytes, hints: dict[int, list[str]]) -> bytes:
    """The list with these hints, as ``genai-tags annotate`` writes them."""
    starts = [e.line for e in cut_of(data).events if e.line and not e.joined]
    return annotate(data, hints, starts, "x")


def event_of(line: str, rate: Fraction = RATE) -> Event:
    (event,) = cut_of(HEAD + line, rate).events
    return event


# ---------------------------------------------------------------- real files

_FOUR = re.compile(r"^\s*(\d{1,6}[A-Z]?)\s.*?(\d\d[:;]\d\d[:;]\d\d[:;]\d\d)\s+(\S+)\s+(\S+)\s+(\S+)\s*$")


@pytest.mark.parametrize("path", corpus_files("edl/*.edl"))
def test_every_event_line_of_a_real_file_is_an_event_with_the_files_own_timecodes(path: Path) -> None:
    lines = decode(path.read_bytes(), "x").text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    wanted = [(m[1], i, m[2], m[3], m[4], m[5]) for i, line in enumerate(lines, 1) if (m := _FOUR.match(line))]
    cut = read_edl(path.read_bytes(), str(path), RATE)
    assert [(e.number, e.line, e.source_in, e.source_out, e.record_in, e.record_out) for e in cut.events] == wanted
    assert cut.unread == ()


PYCMX_LOSES = {"dissolve_test_4.edl", "dissolve_test_fail.edl", "transition_duration.edl", "wipe_test.edl"}


def _split_times(row: tuple[str | None, str, str, str]) -> tuple[str | None, tuple[str, str, str]]:
    return row[0], row[1:]


@pytest.mark.parametrize("path", corpus_files("edl/*.edl"))
def test_a_real_file_reads_as_pycmx_reads_it(path: Path) -> None:
    with path.open(encoding="utf-8") as stream:
        edits = [edit for event in pycmx.parse_cmx3600(stream).events for edit in event.edits]
    theirs = [(e.source, e.source_in, e.record_in, e.record_out) for e in edits]
    ours = [(e.reel, e.source_in, e.record_in, e.record_out) for e in read_edl(path.read_bytes(), str(path), RATE).events]
    if path.name in PYCMX_LOSES:  # it drops an event there, or takes the channel for part of the reel
        assert {times for _, times in map(_split_times, theirs)} <= {times for _, times in map(_split_times, ours)}
        assert len(ours) >= len(theirs)
        return
    assert ours == theirs


@pytest.mark.parametrize("path", corpus_files("edl/*.edl"))
def test_where_the_otio_adapter_reads_a_real_file_it_finds_the_same_record_times(path: Path) -> None:
    rate = Fraction(25) if path.name.startswith(("25fps", "timecode")) else RATE
    try:
        timeline = otio.adapters.read_from_file(str(path), rate=float(rate))
    except Exception:  # noqa: BLE001 - a list that the adapter refuses is still an event list for us
        assert read_edl(path.read_bytes(), str(path), rate).events
        return
    theirs = {
        str(otio.opentime.to_timecode(clip.transformed_time_range(clip.trimmed_range(), timeline.tracks).start_time))
        for track in timeline.video_tracks()
        for clip in track.find_clips()
    }
    events = read_edl(path.read_bytes(), str(path), rate).events
    ours = {e.record_in for e in events if e.record_in != e.record_out and e.kind == "video"}
    assert ours == theirs


@pytest.mark.parametrize("path", corpus_files("edl/*.edl"))
def test_annotating_a_real_file_adds_lines_and_touches_no_other_byte(path: Path) -> None:
    data = path.read_bytes()
    events = read_edl(data, "x", RATE).events
    hints = {e.line: [hint_line("abcd1234efgh", e.clip, "approved")] for e in events if e.line}
    marked = marked_up(data, hints)
    ours = re.compile(rb"[^\r\n]*GENAI: v=1[^\r\n]*(?:\r\n|\n|\r)?")
    stripped = ours.sub(b"", marked)
    assert stripped.rstrip() == data.rstrip()
    assert marked.count(b"GENAI: v=1") == len(hints)
    assert marked_up(marked, {}) == data
    again = read_edl(marked, "x", RATE)
    assert [e.record_in for e in again.events] == [e.record_in for e in events]
    assert {hint.id for e in again.events for hint in e.hints} == {"abcd1234efgh"}
    renewed = {e.line: [hint_line("abcd1234efgh", e.clip, "approved")] for e in again.events if e.line}
    assert marked_up(marked, renewed) == marked


# ---------------------------------------------------------------- encodings and line ends


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("encoding", "bom"), [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("latin-1", b""), ("utf-16-le", b"\xff\xfe"),
                                               ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b""), ("utf-16-be", b"")])  # fmt: skip
def test_any_encoding_and_line_end_is_read_and_annotated_in_kind(encoding: str, bom: bytes, end: str) -> None:
    text = f"TITLE: Überfahrt\n\n001  A001 V C {TIMES}\n* FROM CLIP NAME: Müll\n002  A002 V C {TIMES}\n* X".replace("\n", end)
    data = bom + text.encode(encoding)
    cut = cut_of(data)
    assert (cut.title, [e.clip for e in cut.events], [e.line for e in cut.events]) == ("Überfahrt", ["Müll", None], [3, 5])
    marked = marked_up(data, {3: ["* GENAI: v=1 id=aaaa status=open"], 5: ["* GENAI: v=1 id=bbbb status=open"]})
    inserted = f"* FROM CLIP NAME: Müll{end}* GENAI: v=1 id=aaaa status=open{end}002"
    assert marked == bom + text.replace(f"* FROM CLIP NAME: Müll{end}002", inserted).encode(
        encoding
    ) + f"{end}* GENAI: v=1 id=bbbb status=open".encode(encoding)
    assert marked_up(marked, {}) == data


# ---------------------------------------------------------------- event lines


@pytest.mark.parametrize(
    ("columns", "number", "reel", "channel", "kind", "frames"),
    [
        ("001  A001 V C", "001", "A001", "V", None, 0),
        ("000001 A001 V C", "000001", "A001", "V", None, 0),
        ("1 A001 V C", "1", "A001", "V", None, 0),
        ("001A A001 V C", "001A", "A001", "V", None, 0),
        ("001  A VERY LONG REEL NAME WITH BLANKS V C", "001", "A VERY LONG REEL NAME WITH BLANKS", "V", None, 0),
        ("001  ABCDEFGHIJKLMNOPQRSTUVWXYZ012345 V C", "001", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "V", None, 0),
        ("001  V V C", "001", "V", "V", None, 0),
        ("001  C V C", "001", "C", "V", None, 0),
        ("001  shot_v001.mov AA/V C", "001", "shot_v001.mov", "AA/V", None, 0),
        ("001  A001 A C", "001", "A001", "A", None, 0),
        ("001  A001 A2 C", "001", "A001", "A2", None, 0),
        ("001  A001 A2/V C", "001", "A001", "A2/V", None, 0),
        ("001  A001 B C", "001", "A001", "B", None, 0),
        ("001  A001 NONE C", "001", "A001", "NONE", None, 0),
        ("001  A001 V2 C", "001", "A001", "V2", None, 0),
        ("001  BL V C", "001", "BL", "V", None, 0),
        ("001  A001 V D 024", "001", "A001", "V", "D", 24),
        ("001  A001 V W001 010", "001", "A001", "V", "W001", 10),
        ("001  A001 V K B 000", "001", "A001", "V", "KB", 0),
        ("001  A001 V KB 000", "001", "A001", "V", "KB", 0),
        ("001  A001 V K 030", "001", "A001", "V", "K", 30),
        ("001  A001 V K O 030", "001", "A001", "V", "KO", 30),
    ],
)
def test_columns_are_read_from_the_right(
    columns: str, number: str, reel: str, channel: str, kind: str | None, frames: int
) -> None:
    event = event_of(f"{columns} {TIMES}\n")
    assert (event.number, event.reel, event.track, event.transition, event.transition_frames) == (
        number,
        reel,
        channel,
        kind,
        frames,
    )
    assert event.problems == ()


@pytest.mark.parametrize(
    ("channel", "kind"), [("V", "video"), ("B", "video"), ("AA/V", "video"), ("A2", "audio"), ("AA", "audio"), ("NONE", "none")]
)
def test_a_channel_is_picture_or_sound(channel: str, kind: str) -> None:
    assert event_of(f"001 A001 {channel} C {TIMES}\n").kind == kind


def test_none_with_an_aud_line_is_sound() -> None:
    assert event_of(f"001 A001 NONE C {TIMES}\nAUD  3  4\n").kind == "audio"


PROBLEMS = [
    (f"001 A001 V C {TIMES.replace('02:00:02:00', '02:00:03:00')}", "duration_mismatch"),
    (f"001 A001 V C {TIMES.replace('01:00:02:00', '01:00:01:24')}", "bad_timecode"),
    (f"001 A001 V C {TIMES.replace('01:00:02:00', '00:59:00:00')}", "bad_timecode"),
    (f"001 A001 V C {TIMES.replace(':', ';')}", "bad_timecode"),
    (f"001 A001 V {TIMES}", "bad_event"),
    (f"001 V C {TIMES}", "bad_event"),
    (f"001 A001 Q C {TIMES}", "bad_event"),
]


@pytest.mark.parametrize(("line", "code"), PROBLEMS, ids=range(len(PROBLEMS)))
def test_an_unsound_event_is_an_event_with_a_problem(line: str, code: str) -> None:
    event = event_of(line + "\n")
    assert code in [problem.code for problem in event.problems]
    assert event.record_in[:8].replace(";", ":") == "02:00:00"


def test_overlapping_record_times_are_a_problem() -> None:
    second = TIMES.replace("02:00:00:00", "02:00:01:00").replace("02:00:02:00", "02:00:03:00")
    events = cut_of(f"{HEAD}001 A V C {TIMES}\n002 B V C {second}\n003 C A C {second}\n").events
    assert [[p.code for p in e.problems] for e in events] == [[], ["record_overlap"], []]


UNREAD = [
    "001 A001 V C 01:00:00:00 01:00:02:00 02:00:00:00",
    "HELLO WORLD",
    "002 is a remark",
    "* GENAI: v=1 status=approved",
    "x" * 30_000,
]


@pytest.mark.parametrize("line", UNREAD, ids=range(len(UNREAD)))
def test_what_is_not_understood_is_listed(line: str) -> None:
    cut = cut_of(f"{HEAD}001 A001 V C {TIMES}\n{line}\n")
    assert [(u.line, u.text) for u in cut.unread] == [(4, line[:200])]
    assert cut.unread[0].reason


def test_the_rest_of_a_list_is_read_around_what_is_not_understood() -> None:
    cut = cut_of(f"{HEAD}001 A001 V C {TIMES}\nGARBAGE\n002 A002 V C {TIMES}\n")
    assert [e.number for e in cut.events] == ["001", "002"]


# ---------------------------------------------------------------- comments, speeds, transitions

SPELLINGS = [
    "* FROM CLIP NAME: take_1", "*FROM CLIP NAME: take_1", "FROM CLIP NAME: take_1", "* from clip name: take_1", "*  FROM CLIP NAME:   take_1  ",
]  # fmt: skip


@pytest.mark.parametrize("comment", SPELLINGS)
def test_a_clip_name_in_every_spelling(comment: str) -> None:
    assert event_of(f"001 AX V C {TIMES}\n{comment}\n").clip == "take_1"


@pytest.mark.parametrize("key", ["SOURCE FILE", "FROM FILE", "FROM CLIP"])
def test_a_source_file_in_every_spelling(key: str) -> None:
    assert event_of(f"001 AX V C {TIMES}\n* {key}: S:\\path\\to\\a.0001.exr\n").file == "S:\\path\\to\\a.0001.exr"


def test_a_dissolve_gives_each_side_its_clip_and_its_frames() -> None:
    text = (
        f"{HEAD}001  A V C 01:00:00:00 01:00:02:00 02:00:00:00 02:00:02:00\n* FROM CLIP NAME: one\n"
        "002  A V C 01:00:02:00 01:00:02:00 02:00:02:00 02:00:02:00\nFCM: NON-DROP FRAME\n"
        "002  B V D 012 05:00:00:00 05:00:02:00 02:00:02:00 02:00:04:00\n"
        "EFFECTS NAME IS CROSS DISSOLVE\n* FROM CLIP NAME: one\n* TO CLIP NAME: two\n"
        "* GENAI: v=1 id=aaaa clip=one status=open\n* GENAI: v=1 id=bbbb clip=two status=open\n"
    )
    first, out, incoming = cut_of(text).events
    assert [e.clip for e in (first, out, incoming)] == ["one", "one", "two"]
    assert out.used() == (86400 + 48, 86400 + 48 + 11)  # a zero-length cut that shows the dissolve's 12 frames
    assert incoming.used() == (5 * 86400, 5 * 86400 + 47)
    assert [[h.id for h in e.hints] for e in (out, incoming)] == [["aaaa"], ["bbbb"]]


def test_a_dissolve_without_its_first_line_extends_the_event_before() -> None:
    text = f"{HEAD}001 A V C {TIMES}\n002 B V D 010 05:00:00:00 05:00:02:00 02:00:02:00 02:00:04:00\n* FROM CLIP NAME: one\n* TO CLIP NAME: two\n"
    first, incoming = cut_of(text).events
    assert (first.tail, first.used(), incoming.clip) == (10, (86400, 86400 + 47 + 10), "two")


@pytest.mark.parametrize(
    ("m2", "source_out", "used"),
    [
        ("M2   A001   048.0   01:00:00:00", "01:00:04:00", (86400, 86400 + 95)),
        ("M2   A001   012.0   01:00:00:00", "01:00:01:00", (86400, 86400 + 23)),
        ("M2   A001   000.0   01:00:00:00", "01:00:00:01", (86400, 86400)),
        ("M2   A001  -024.0   01:00:00:00", "01:00:02:00", (86400 - 47, 86400 + 47)),  # the span may be meant either way
        ("M2   A001  -024.0   01:00:00:00", "01:00:00:00", (86400 - 47, 86400)),
        ("M2 A001 +048 01:00:00:00", "01:00:04:00", (86400, 86400 + 95)),
    ],
)
def test_a_retime_uses_the_frames_that_it_shows(m2: str, source_out: str, used: tuple[int, int]) -> None:
    event = event_of(f"001 A001 V C 01:00:00:00 {source_out} 02:00:00:00 02:00:02:00\n{m2}\n")
    assert event.used() == used
    assert event.problems == ()


def test_each_side_of_a_dissolve_gets_the_speed_of_its_reel() -> None:
    text = (
        f"{HEAD}001 A V C 01:00:00:00 01:00:00:00 02:00:00:00 02:00:00:00\n"
        "001 B V D 012 05:00:00:00 05:00:04:00 02:00:00:00 02:00:02:00\nM2 B 048.0 05:00:00:00\nM2 A 012.0 01:00:00:00\n"
    )
    assert [e.speed for e in cut_of(text).events] == [Fraction(1, 2), Fraction(2)]


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(60000, 1001)])
def test_drop_frame_by_separator_or_by_fcm(rate: Fraction) -> None:
    by_fcm = cut_of("TITLE: T\nFCM: DROP FRAME\n001 A V C 01:00:00:00 01:01:00:04 01:00:00:00 01:01:00:04\n", rate).events[0]
    by_mark = cut_of("TITLE: T\n001 A V C 01:00:00;00 01:01:00;04 01:00:00;00 01:01:00;04\n", rate).events[0]
    dropped = round(rate) // 15
    assert by_fcm.record == by_mark.record
    assert by_fcm.record is not None
    assert by_fcm.record[1] - by_fcm.record[0] == 60 * round(rate) + 4 - dropped
    assert by_mark.record_out == "01:01:00;04"


def test_the_frame_code_mode_may_change_on_the_way() -> None:
    rate = Fraction(30000, 1001)
    line = "A V C 01:00:00:00 01:01:00:04 01:00:00:00 01:01:00:04\n"
    first, second = cut_of(f"TITLE: T\nFCM: DROP FRAME\n001 {line}FCM: NON-DROP FRAME\n002 {line}", rate).events
    assert first.record != second.record


# ---------------------------------------------------------------- what is no EDL, and hostile text


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(100), b"{}", bytes(1000), b"\xff\xfe\x00"])
def test_what_is_no_edl_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        cut_of(data)


LINES = st.one_of(
    st.text(max_size=60),
    st.builds(lambda a, b: f"{a} {b} {TIMES}", st.text("0123456789A ", max_size=8), st.text("ABVCDKW0123 /", max_size=30)),
    st.sampled_from(
        [
            f"001 A V C {TIMES}",
            "* FROM CLIP NAME: x",
            "M2 A 24 01:00:00:00",
            "FCM: DROP FRAME",
            "* GENAI: v=1 id=aaaa",
            "AUD 3 4",
        ]
    ),
)


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r", "\r\n"]))
@settings(max_examples=300)
def test_no_text_raises_and_no_line_is_lost(lines: list[str], end: str) -> None:
    text = HEAD + end.join(lines)
    data = text.encode("utf-8", "surrogatepass") if not any("\ud800" <= c <= "\udfff" for c in text) else b"TITLE: T"
    try:
        cut = cut_of(data)
    except InputError:
        return
    assert len({e.line for e in cut.events} | {u.line for u in cut.unread}) == len(cut.events) + len(cut.unread)
    assert marked_up(marked_up(data, {3: ["* GENAI: v=1 id=aaaa status=open"]}), {}) == marked_up(data, {})


@pytest.mark.parametrize(
    "line", [" " * 19_000, "0" * 19_000, "001 " + " " * 19_000 + "x", "001 A V C " + "01:" * 6_000, "* " + "A " * 9_000 + ":"]
)
def test_no_line_takes_long(line: str) -> None:
    begin = time.process_time()
    cut_of(f"{HEAD}{line}\n" * 3)
    assert time.process_time() - begin < 20  # a pattern that backtracks would take hours


@given(st.text(min_size=1, max_size=400), st.sampled_from(["approved", "territory_out_of_scope"]))
def test_a_hint_line_is_short_ascii_and_read_back(clip: str, status: str) -> None:
    clip = clip.encode("utf-8", "ignore").decode()
    line = hint_line("abcd1234efgh5678", clip, status)
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 250
    (event,) = cut_of(f"{HEAD}001 AX V C {TIMES}\n{line}\n").events
    (hint,) = event.hints
    assert (hint.id, hint.status) == ("abcd1234efgh5678", status)
    assert clip.startswith(hint.clip or "") or "\ufffd" in (hint.clip or "")
