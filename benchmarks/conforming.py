"""Conform a cut of 1,000 events over 20,000 tagged frames: ratio to the header reads it needs, and how many it makes."""

from __future__ import annotations

import os
import tempfile
import time

from benchmarks.measure import Row
from benchmarks.reading import _list
from genai_tags.carriers import exr
from genai_tags.conform.check import conform
from genai_tags.conform.results import Options
from genai_tags.cut.read import read_cut
from genai_tags.demo.media import frame_bytes
from genai_tags.frames import search
from genai_tags.model import Step, Tag, Use
from genai_tags.show import Show
from genai_tags.tagging import adding, apply, record
from genai_tags.vocabulary import AIClass

EVENTS, FRAMES = 1000, 20


def run() -> list[Row]:
    """Ten sequences of 2,000 frames; each event uses 20 frames of one, no frame twice."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("GENAI_WRITER", "benchmark")
        show, media, cut = _show(folder)
        paths = [path for each in search(media) for _, path in each.files]
        exr.SCANNER.forget()
        begin = time.perf_counter()
        for path in paths:
            exr.read(path)
        reads = time.perf_counter() - begin
        exr.SCANNER.forget()
        begin = time.perf_counter()
        report = conform(show, [read_cut(cut)], Options(as_of=show.today(), media=[media]))
        took = time.perf_counter() - begin
    statuses = report.by_status()
    return [
        Row(
            f"conform {EVENTS} events over {len(paths):,} tagged frames, to the header reads it needs",
            f"{took / reads:.2f} ({took:.2f} s)",
            "bar 3, goal 1.5",
        ),
        Row(
            "  header reads made / frames used",
            f"{report.header_reads:,} / {len(paths):,} ({', '.join(map(str, statuses))})",
            "one each",
        ),
    ]


def _show(folder: str) -> tuple[Show, str, str]:
    show = Show.init(folder, "Bench", ["netflix-2025-08"])
    media = os.path.join(folder, "media")
    os.makedirs(media)
    length = EVENTS * FRAMES // 10
    for i in range(10):
        for n in range(length):
            with open(os.path.join(media, f"AGM_104_{i:03d}_0010_comp_NFX_v001.{1001 + n}.exr"), "wb") as stream:
                stream.write(frame_bytes(n, (1, 1, 1), 0))
    tag = show.declare(Tag(steps=(Step(tool="T", ai_class=AIClass.GENERATIVE),)), (Use(),), "bench")
    for each in search(media):
        record(show, apply(show, each, adding(show.stubs([tag.id]))), "bench")
    lines = _list(0).splitlines()
    for i in range(EVENTS):
        first = (i // 10) * FRAMES
        times = " ".join(_tc(n) for n in (first, first + FRAMES, i * FRAMES, (i + 1) * FRAMES))
        lines += [f"{i + 1:06d}  AX  V  C  {times}", f"* FROM CLIP NAME: AGM_104_{i % 10:03d}_0010_comp_NFX_v001"]
    cut = os.path.join(folder, "cut.edl")
    with open(cut, "w", encoding="ascii") as stream:
        stream.write("\n".join(lines))
    return show, media, cut


def _tc(frames: int) -> str:
    return f"{frames // 86400:02}:{frames // 1440 % 60:02}:{frames // 24 % 60:02}:{frames % 24:02}"
