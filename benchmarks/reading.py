"""Read: EXR headers against a bare open + read + close and against peers; EDLs against pycmx and the OTIO adapter."""

from __future__ import annotations

import glob
import io
import os
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction

import OpenEXR
import OpenImageIO as oiio
import opentimelineio as otio
import pycmx

from benchmarks.measure import Row, medians
from benchmarks.tagging import TAGS
from genai_tags.carriers import exr
from genai_tags.cut.edl import read_edl
from genai_tags.demo.media import frame_bytes
from genai_tags.timecode import to_text

FRAMES = 2000
EVENTS = 1000
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CORPUS = os.environ.get("GENAI_CORPUS", os.path.join(os.path.dirname(HERE), "shared", "corpus"))


def run() -> list[Row]:
    """All rows."""
    return [*headers(), *edls()]


def headers() -> list[Row]:
    """Warm header reads of distinct tagged files; our cache is emptied each round, so each file is really parsed."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i in range(FRAMES):
            paths.append(os.path.join(folder, f"f.{i:05d}.exr"))
            with open(paths[-1], "wb") as stream:
                stream.write(frame_bytes(i, (1, 1, 1), i))
        for path in paths[:: FRAMES // 20]:
            exr.write(path, TAGS)
        for path in paths:
            exr.write(path, TAGS)

        def bare() -> None:
            for path in paths:
                _bare(path)

        def ours() -> None:
            exr.SCANNER.forget()
            for path in paths:
                exr.read(path)

        contenders: dict[str, Callable[[], object]] = {
            "bare": bare,
            "ours": ours,
            "ours, file unchanged": lambda: [exr.read(path) for path in paths],
            "OpenImageIO": lambda: [_oiio(path) for path in paths],
            "OpenEXR header_only": lambda: [OpenEXR.File(path, header_only=True).header()["genai:set"] for path in paths],
        }
        found = medians(contenders, 5)
    rows = []
    for name in list(contenders)[1:]:
        bar = "bar 5, goal 2" if name == "ours" else ""
        rate = f"{found[name] / found['bare']:.1f} ({FRAMES / found[name]:,.0f} files/s)"
        rows.append(Row(f"read tags, {name}, to bare open + 4 KiB + close", rate, bar))
    return rows


def _bare(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.pread(descriptor, 4096, 0)
    os.close(descriptor)


def _oiio(path: str) -> str:
    stream = oiio.ImageInput.open(path)
    found = str(stream.spec().get_string_attribute("genai:set"))
    stream.close()
    return found


def edls() -> list[Row]:
    """Speed on a list of 1,000 events; events read and read wrong on the corpus."""
    text = _list(EVENTS)
    data = text.encode()
    found = medians(
        {
            "pycmx": lambda: [list(e.edits) for e in pycmx.parse_cmx3600(io.StringIO(text)).events],
            "ours": lambda: read_edl(data, "x", Fraction(24)),
            "otio adapter": lambda: otio.adapters.read_from_string(text, "cmx_3600", rate=24),
        },
        7,
    )
    rows = [
        Row(
            f"read an EDL of {EVENTS} events, ours, to pycmx",
            f"{found['ours'] / found['pycmx']:.2f} ({found['ours'] * 1000:.0f} ms)",
            "bar 3, goal 1",
        ),
        Row(f"read an EDL of {EVENTS} events, the OTIO adapter, to pycmx", f"{found['otio adapter'] / found['pycmx']:.2f}"),
    ]
    paths = sorted(glob.glob(os.path.join(CORPUS, "edl", "*.edl")))
    if paths:
        rows.extend(_corpus(paths))
    return rows


def _list(count: int) -> str:
    lines = ["TITLE: BENCH", "FCM: NON-DROP FRAME"]
    for i in range(count):
        times = " ".join(to_text(86400 + n, Fraction(24)) for n in (i, i + 48, i * 48, i * 48 + 48))
        lines += [
            f"{i + 1:06d}  A{i:03d}     V     C        {times}",
            f"* FROM CLIP NAME: AGM_104_{i % 999:03d}_0010_comp_NFX_v001",
        ]
    return "\n".join(lines) + "\n"


def _corpus(paths: list[str]) -> list[Row]:
    """Events of the corpus that each reader yields, and those whose record times are not the file's own text."""
    wanted = {path: _plain_events(path) for path in paths}
    total = sum(len(each) for each in wanted.values())
    readers: dict[str, Callable[[str], list[tuple[str, str]]]] = {
        "ours": lambda path: [(e.record_in, e.record_out) for e in read_edl(_bytes(path), path, Fraction(24)).events],
        "pycmx": _pycmx_events,
        "OTIO adapter, strict": lambda path: _adapter_events(path, False),
        "OTIO adapter, lenient": lambda path: _adapter_events(path, True),
    }
    rows = []
    for name, reader in readers.items():
        read = wrong = 0
        for path in paths:
            try:
                events = reader(path)
            except Exception:  # noqa: BLE001 - a list that a peer refuses is a list of which it reads nothing
                continue
            read += len(events)
            wrong += sum(event not in wanted[path] for event in events)
        rows.append(
            Row(
                f"corpus EDLs ({len(paths)} files, {total} events), {name}",
                f"{read} read, {wrong} wrong",
                "all, 0 wrong" if name == "ours" else "",
            )
        )
    return rows


def _plain_events(path: str) -> list[tuple[str, str]]:
    """The last two of the four timecodes on every line that ends in four: an independent reading."""
    found = []
    for line in _bytes(path).decode("latin-1").splitlines():
        words = line.split()
        if len(words) >= 6 and words[0][:1].isdigit() and all(word.count(":") + word.count(";") == 3 for word in words[-4:]):
            found.append((words[-2], words[-1]))
    return found


def _pycmx_events(path: str) -> list[tuple[str, str]]:
    with open(path, encoding="latin-1") as stream:
        return [(edit.record_in, edit.record_out) for event in pycmx.parse_cmx3600(stream).events for edit in event.edits]


def _adapter_events(path: str, lenient: bool) -> list[tuple[str, str]]:
    timeline = otio.adapters.read_from_file(path, rate=24, ignore_timecode_mismatch=lenient)
    found = []
    for clip in timeline.find_clips():
        span = clip.transformed_time_range(clip.trimmed_range(), timeline.tracks)
        found.append((otio.opentime.to_timecode(span.start_time), otio.opentime.to_timecode(span.end_time_exclusive())))
    return found


def _bytes(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


if __name__ == "__main__":
    begin = time.perf_counter()
    for row in run():
        print(row.what, row.figure, row.bar)
    print(f"{time.perf_counter() - begin:.0f} s")
