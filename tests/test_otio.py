"""OTIO: tags on clips and media references, what others wrote untouched, hostile files refused, record times right."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from genai_tags.carriers import otio as carrier
from genai_tags.cut.otio import to_cut
from genai_tags.cut.otio_objects import url_to_path
from genai_tags.cut.read import read_cut
from genai_tags.errors import InputError, NewerSchemaError
from genai_tags.model import Stub, TagSet
from genai_tags.stubs import make_set
from genai_tags.tagging import adding, removing
from genai_tags.timecode import exact_rate
from tests.conftest import corpus_files

TAGS = make_set([Stub(id="abcd1234", revision=1)])
ADD, REMOVE = adding(TAGS.stubs), removing(())


def without_ours(node: Any) -> Any:
    """A document with our blocks taken out."""
    if isinstance(node, dict):
        return {key: without_ours(value) for key, value in node.items() if key != carrier.KEY}
    return [without_ours(each) for each in node] if isinstance(node, list) else node


WRITABLE = [param for param in corpus_files("otio/*.otio") if "big_int" not in str(param.values[0])]


@pytest.mark.parametrize("source", WRITABLE)
def test_tags_come_back_from_a_real_file_and_nothing_else_changes(source: Path, tmp_path: Path) -> None:
    path = tmp_path / source.name
    path.write_bytes(source.read_bytes())
    before = json.loads(source.read_bytes())
    for on_source in (False, True):
        count = carrier.update(str(path), ADD, ["*"], on_source)["*"]
        assert count == len(list(carrier.clips(before)))
    tagged = carrier.load(str(path))
    assert without_ours(tagged) == before
    for clip in carrier.clips(tagged):
        assert carrier.get(clip["metadata"]) == (TAGS, [])
        for reference in carrier.references(clip)[:1]:
            assert carrier.get(reference["metadata"]) == (TAGS, [])
    for on_source in (False, True):
        carrier.update(str(path), REMOVE, ["*"], on_source)
    after = carrier.load(str(path))
    empty = [clip for clip in carrier.clips(before) if "metadata" not in clip]
    assert empty or after == before


@pytest.mark.parametrize("source", [p for p in WRITABLE if "generator" not in str(p.values[0])])
def test_the_otio_library_reads_what_was_written(source: Path, tmp_path: Path) -> None:
    path = tmp_path / source.name
    path.write_bytes(source.read_bytes())
    try:
        otio.adapters.read_from_file(str(source))
    except otio.exceptions.UnsupportedSchemaError:  # a newer schema than the installed library knows: we keep it as it is
        carrier.update(str(path), ADD, ["*"], False)
        with pytest.raises(otio.exceptions.UnsupportedSchemaError):
            otio.adapters.read_from_file(str(path))
        return
    carrier.update(str(path), ADD, ["*"], False)
    timeline = otio.adapters.read_from_file(str(path))
    found = [clip.metadata["genai_tags"]["tags"][0]["id"] for clip in timeline.find_clips()]
    assert set(found) <= {"abcd1234"}
    assert len(found) == len(list(carrier.clips(carrier.load(str(path)))))


def library_ranges(timeline: otio.schema.Timeline) -> list[tuple[str, int, int]]:
    """Record in and out of every clip by the library's own calls, trimmed by every composition around it."""
    rows = []
    start = timeline.global_start_time or otio.opentime.RationalTime(0, 24)
    for clip in timeline.find_clips():
        item, found = clip, clip.trimmed_range()
        while item.parent() is not None:
            parent = item.parent()
            found = item.transformed_time_range(found, parent)
            if parent.source_range is not None:
                clamped = _intersect(found, parent.source_range)
                if clamped is None:
                    break
                found = clamped
            item = parent
        else:
            first, last = found.start_time + start, found.end_time_exclusive() + start
            if timeline.tracks.source_range is not None:
                first, last = first - timeline.tracks.source_range.start_time, last - timeline.tracks.source_range.start_time
            rows.append((clip.name, round(first.value_rescaled_to(24)), round(last.value_rescaled_to(24))))
    return rows


def _intersect(a: otio.opentime.TimeRange, b: otio.opentime.TimeRange) -> otio.opentime.TimeRange | None:
    first, last = max(a.start_time, b.start_time), min(a.end_time_exclusive(), b.end_time_exclusive())
    return otio.opentime.TimeRange(first, last - first) if last > first else None


def random_timeline(seed: int) -> otio.schema.Timeline:
    """Tracks of clips, gaps and trimmed nested compositions, three levels deep."""
    rng = random.Random(seed)
    time = otio.opentime.RationalTime

    def span(start: int, length: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(time(start, 24), time(length, 24))

    def item(depth: int, name: str) -> otio.core.Item:
        kind = rng.choice(["clip", "clip", "gap", "track", "stack"] if depth else ["clip", "gap"])
        if kind == "clip":
            return otio.schema.Clip(name, source_range=span(rng.randrange(0, 2000), rng.randrange(1, 60)))
        if kind == "gap":
            return otio.schema.Gap(source_range=span(0, rng.randrange(1, 20)))
        made = otio.schema.Track() if kind == "track" else otio.schema.Stack()
        for i in range(rng.randrange(1, 4)):
            made.append(item(depth - 1, f"{name}.{i}"))
        length = round(made.available_range().duration.value)
        if rng.random() < 0.6 and length > 2:
            first = rng.randrange(0, length - 1)
            made.source_range = span(first, rng.randrange(1, length - first))
        return made

    timeline = otio.schema.Timeline("random", global_start_time=time(rng.choice([0, 86400]), 24))
    for i in range(2):
        track = otio.schema.Track(f"T{i}", kind="Video")
        for j in range(rng.randrange(1, 6)):
            track.append(item(2, f"{i}.{j}"))
        timeline.tracks.append(track)
    return timeline


@pytest.mark.parametrize("seed", range(60))
def test_record_times_agree_with_the_library_through_nesting_and_trims(seed: int) -> None:
    timeline = random_timeline(seed)
    cut = to_cut(json.loads(timeline.to_json_string()), "x", None)
    ours = [(e.clip or "", *(e.record or (0, 0))) for e in cut.events]
    assert sorted(ours) == sorted(library_ranges(timeline))


@pytest.mark.parametrize("source", corpus_files("otio/*.otio"))
def test_every_clip_of_a_real_file_is_accounted_for(source: Path) -> None:
    cut = read_cut(str(source))
    clips = list(carrier.clips(carrier.load(str(source))))
    assert len(cut.events) + len(cut.unread) >= len(clips)
    assert all(":" in e.record_in for e in cut.events)


@pytest.mark.parametrize("source", corpus_files("otio/screening_example.otio"))
def test_a_record_start_stated_by_the_edl_adapter_is_an_offset(source: Path) -> None:
    assert [e.record_in for e in read_cut(str(source)).events][:2] == ["00:59:53:11", "00:59:54:18"]


# ---------------------------------------------------------------- retimes and transitions


def clip(name: str, start: int, length: float, *effects: dict[str, Any]) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": name,
        "source_range": span(start, length),
        "effects": list(effects),
        "media_references": {},
    }


def span(start: float, length: float, rate: float = 24) -> dict[str, Any]:
    def time(value: float) -> dict[str, Any]:
        return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}

    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start), "duration": time(length)}


def timeline(*children: dict[str, Any], **stack: Any) -> dict[str, Any]:
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "name": "V1", "children": list(children)}
    return {"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track], **stack}}


def warp(scalar: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": scalar}


def dissolve(before: int, after: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Transition.1", "in_offset": span(0, before)["duration"], "out_offset": span(0, after)["duration"]}


def nested(kind: str, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": f"{kind}.1", "children": list(children), **more}


FREEZE = {"OTIO_SCHEMA": "FreezeFrame.1"}

USED: list[tuple[str, list[dict[str, Any]], list[tuple[tuple[int, int], tuple[int, int]]]]] = [
    ("plain", [clip("a", 100, 24)], [((0, 24), (100, 123))]),
    ("double speed", [clip("a", 100, 24, warp(2))], [((0, 24), (100, 147))]),
    ("half speed", [clip("a", 100, 24, warp(0.5))], [((0, 24), (100, 111))]),
    ("reverse", [clip("a", 100, 24, warp(-1))], [((0, 24), (100, 123))]),
    ("freeze", [clip("a", 100, 24, FREEZE)], [((0, 24), (100, 100))]),
    ("dissolve", [clip("a", 100, 24), dissolve(4, 6), clip("b", 200, 24)], [((0, 24), (100, 129)), ((24, 48), (196, 223))]),
    (
        "dissolve into a nested composition",
        [clip("a", 100, 24), dissolve(6, 6), nested("Stack", clip("n", 400, 48), source_range=span(12, 24))],
        [((0, 24), (100, 129)), ((24, 48), (406, 435))],
    ),
    (
        "nested, twice as fast",
        [nested("Stack", clip("n", 400, 48), source_range=span(0, 24), effects=[warp(2)])],
        [((0, 24), (400, 447))],
    ),
    (
        "nested, frozen on its second clip",
        [nested("Track", clip("n", 400, 10), clip("m", 500, 10), source_range=span(13, 24), effects=[FREEZE])],
        [((0, 24), (503, 503))],
    ),
    (
        "nested, reversed: the last clip comes first",
        [nested("Track", clip("n", 400, 10), clip("m", 500, 10), effects=[warp(-1)])],
        [((10, 20), (400, 409)), ((0, 10), (500, 509))],
    ),
    (
        "trimmed away",
        [nested("Track", clip("n", 400, 10), clip("m", 500, 10), source_range=span(10, 5))],
        [((0, 5), (500, 504))],
    ),
]


@pytest.mark.parametrize(("story", "children", "expected"), USED, ids=[case[0] for case in USED])
def test_the_frames_an_event_really_uses(story: str, children: list[dict[str, Any]], expected: list[Any]) -> None:
    cut = to_cut(timeline(*children), "x", None)
    assert [(e.record, e.used()) for e in cut.events] == expected
    assert cut.unread == ()


def test_a_dissolve_cut_in_half_by_the_track_still_shows_the_outgoing_clip() -> None:
    document = timeline(clip("a", 100, 24), dissolve(6, 6), clip("b", 200, 24))
    document["tracks"]["children"][0]["source_range"] = span(26, 10)
    cut = to_cut(document, "x", None)
    assert [(e.clip, e.record, e.used()) for e in cut.events] == [("a", (0, 0), (126, 129)), ("b", (0, 10), (202, 211))]


@pytest.mark.parametrize("rate", [23.976, 23.976024627685547, 24000 / 1001, 29.97, 59.94])
def test_rates_as_hosts_write_them_are_exact(rate: float) -> None:
    document = timeline({**clip("a", 0, 24), "source_range": span(86400, 24, rate)})
    cut = to_cut(document, "x", None)
    assert cut.rate == exact_rate(Fraction(rate).limit_denominator(1_000_000))
    assert cut.rate.denominator == 1001
    assert cut.events[0].source == (86400, 86424)


ODD = [
    ("time_scalar of text", [clip("a", 0, 24, {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": "2"})], "unknown_retime"),
    ("a time effect", [clip("a", 0, 24, {"OTIO_SCHEMA": "TimeEffect.1"})], "unknown_retime"),
    ("no range at all", [{**clip("a", 0, 24), "source_range": None}, clip("b", 0, 24)], "no_range"),
    ("a negative duration", [{**clip("a", 0, 24), "source_range": span(0, -5)}, clip("b", 0, 24)], "bad_range"),
    ("rate zero", [{**clip("a", 0, 24), "source_range": span(0, 24, 0)}, clip("b", 0, 24)], "bad_range"),
    ("between frames", [clip("a", 0, 24.5), clip("b", 0, 24)], "off_frame"),
]


@pytest.mark.parametrize(("story", "children", "code"), ODD, ids=[case[0] for case in ODD])
def test_an_odd_clip_is_an_event_with_a_problem(story: str, children: list[dict[str, Any]], code: str) -> None:
    event = to_cut(timeline(*children), "x", None).events[0]
    assert code in [problem.code for problem in event.problems]


@pytest.mark.parametrize("child", [5, "x", None, [], {"OTIO_SCHEMA": "Thing.1"}, {"name": "no schema"}, True])
def test_what_is_no_item_is_listed(child: Any) -> None:
    cut = to_cut(timeline(clip("a", 0, 24), child), "x", None)
    assert (len(cut.events), len(cut.unread)) == (1, 1)


@pytest.mark.parametrize("tracks", [None, [], "x", 5, {"OTIO_SCHEMA": "Track.1"}])
def test_a_timeline_without_a_stack_has_no_events_and_says_so(tracks: Any) -> None:
    cut = to_cut({"OTIO_SCHEMA": "Timeline.1", "tracks": tracks}, "x", None)
    assert (cut.events, len(cut.unread)) == ((), 1)


# ---------------------------------------------------------------- bundles, hostile files, other people's keys


def test_a_bundle_is_tagged_and_its_media_kept(tmp_path: Path) -> None:
    path = tmp_path / "cut.otioz"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("content.otio", json.dumps(timeline(clip("a", 0, 24)), indent=4))
        bundle.writestr("version.txt", "1.0.0")
        bundle.writestr("media/a.mov", bytes(range(256)) * 100)
    assert carrier.update(str(path), ADD, ["a"], False) == {"a": 1}
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
        assert bundle.read("media/a.mov") == bytes(range(256)) * 100
        assert bundle.namelist() == ["content.otio", "version.txt", "media/a.mov"]
    assert read_cut(str(path)).events[0].use_tags == TAGS


HOSTILE = [
    b"", b"{", b"[]", b"5", b"null", b'{"a": 1}', b'{"OTIO_SCHEMA": 5}', b'{"OTIO_SCHEMA": "Thing.1"}', b"\xff\xfe{\x00}\x00",
    b'{"OTIO_SCHEMA": "Timeline.1", "OTIO_SCHEMA": "Timeline.1"}', b'{"OTIO_SCHEMA": "Timeline.1", "name": "\xe9"}',
    b'{"OTIO_SCHEMA": "Timeline.1", "x": ' + b"[" * 300 + b"]" * 300 + b"}", b"[" * 200_000, b'{"a":' * 100_000,
    b'{"OTIO_SCHEMA": "Timeline.1", "name": "\\ud800"}', b'{"OTIO_SCHEMA": "Timeline.1",}',
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_file_is_refused_and_left_alone(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_cut(str(path))
    with contextlib.suppress(InputError):
        carrier.update(str(path), ADD, ["*"], False)
    assert path.read_bytes() == data


@pytest.mark.parametrize("damage", ["not a zip", "no content", "flipped", "bomb"])
def test_a_damaged_bundle_is_refused(damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cut.otioz"
    text = json.dumps(timeline(clip("a", 0, 24)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("other" if damage == "no content" else "content.otio", text)
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[60] ^= 0xFF
    if damage == "bomb":
        monkeypatch.setattr(carrier, "MAX_BYTES", 100)
    path.write_bytes(b"PK" if damage == "not a zip" else data)
    with pytest.raises(InputError):
        read_cut(str(path))


def test_not_a_number_is_read_in_a_cut_and_refused_for_writing(tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    path.write_text(json.dumps({**timeline(clip("a", 0, 24)), "metadata": {"x": 1}}).replace('"x": 1', '"x": NaN'))
    assert len(read_cut(str(path)).events) == 1
    before = path.read_bytes()
    with pytest.raises(InputError, match="NaN"):
        carrier.update(str(path), ADD, ["a"], False)
    assert path.read_bytes() == before


def test_a_number_that_json_cannot_hold_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    path.write_text(json.dumps({**timeline(clip("a", 0, 24)), "metadata": {"x": 1}}).replace('"x": 1', '"x": 1e999'))
    before = path.read_bytes()
    with pytest.raises(InputError, match="cannot be written again"):
        carrier.update(str(path), ADD, ["a"], False)
    assert path.read_bytes() == before


def test_a_newer_block_is_read_and_not_rewritten(tmp_path: Path) -> None:
    document = timeline(clip("a", 0, 24))
    first = document["tracks"]["children"][0]["children"][0]
    first["metadata"] = {
        "genai_tags": {"schema": "genai_tags.clip/9", "tags": [{"id": "abcd1234", "revision": 1, "use_case": "hologram"}]}
    }
    path = tmp_path / "cut.otio"
    path.write_text(json.dumps(document))
    assert [stub.id for stub in read_cut(str(path)).events[0].use_tags.stubs] == ["abcd1234"]
    before = path.read_bytes()
    with pytest.raises(NewerSchemaError):
        carrier.update(str(path), ADD, ["a"], False)
    assert path.read_bytes() == before


def test_keys_that_are_not_ours_stay_in_our_block() -> None:
    metadata: dict[str, Any] = {"studio": {"x": 1}}
    carrier.put(metadata, TAGS)
    metadata["genai_tags"]["ticket"] = 7
    metadata["genai_tags"]["tags"][0]["note"] = "n"
    expected = copy.deepcopy(metadata)
    carrier.put(metadata, TAGS)
    assert metadata == expected
    carrier.put(metadata, TagSet())
    assert metadata == {"studio": {"x": 1}}


@pytest.mark.parametrize("metadata", [None, [], "x", 5, {"genai_tags": 5}, {"genai_tags": {}}, {"genai_tags": {"schema": "other/1"}},
                                      {"genai_tags": {"schema": "genai_tags.clip/1", "tags": [{"id": "../../x", "revision": 1}]}}])  # fmt: skip
def test_hostile_metadata_never_raises(metadata: Any) -> None:
    assert carrier.get(metadata)[0] == TagSet()


def test_a_live_otio_object_takes_the_same_block() -> None:
    live = otio.schema.Clip("a")
    carrier.put(live.metadata, TAGS)
    assert json.loads(live.to_json_string())["metadata"]["genai_tags"] == carrier.block(TAGS)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///a/b%20c.mov", "/a/b c.mov"), ("file://localhost/a.mov", "/a.mov"), ("/a#1.mov", "/a#1.mov"), ("file:///a#1.mov", "/a#1.mov"),
        ("file:///q?x.mov", "/q?x.mov"), ("C:\\x\\y.mov", "C:\\x\\y.mov"), ("file:///C:/x/y.mov", "C:/x/y.mov"), ("file://nas/x.mov", "//nas/x.mov"),
        ("a%20b.mov", "a%20b.mov"), ("file://[x/a.mov", "file://[x/a.mov"),
    ],
)  # fmt: skip
def test_a_url_keeps_every_letter_of_its_path(url: str, path: str) -> None:
    assert url_to_path(url) == path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///p/a.%04d.exr", "/p/a.%04d.exr"), ("file:///p/a%20b.%05d.exr", "/p/a b.%05d.exr"), ("file:///p/a%2504d.exr", "/p/a%04d.exr"),
        ("file:///p/%41.exr", "/p/A.exr"),
    ],
)  # fmt: skip
def test_a_frame_pattern_in_a_url_is_no_escaped_letter(url: str, path: str) -> None:
    """Nuke Studio writes ``%04d`` as it is; unquoted it would be the control character 4 and a d."""
    from genai_tags.cut.otio_objects import url_to_path

    assert url_to_path(url) == path
