"""Lineage over a comp of 5,000 nodes: one visit of each node, one header read of each file, and what a node costs us besides."""

from __future__ import annotations

import os
import tempfile
import time

from benchmarks.measure import Row
from genai_tags.carriers import exr
from genai_tags.comp.elements import elements
from genai_tags.comp.gather import Gatherer
from genai_tags.comp.script import Script
from genai_tags.comp.walk import Span, walk
from genai_tags.demo.media import frame_bytes
from genai_tags.lineage import inherit
from genai_tags.model import Stub
from genai_tags.stubs import make_set

READS = 1250
"""With a Grade, a Dot and a Merge for each that makes 5,000 nodes."""
ROUNDS = 7


def run() -> list[Row]:
    """The whole of it on a parsed script, and the header reads alone, interleaved; the least of the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _media(folder)
        script = os.path.join(folder, "comp.nk")
        with open(script, "w", encoding="ascii") as stream:
            stream.write(_text(paths))
        begin = time.perf_counter()
        parsed = Script(script, [])
        parsing = time.perf_counter() - begin
        write = parsed.node("Write1")
        assert write is not None
        whole, graph, reads = [], [], []
        visits = walk(write, Span(1, 1))
        for _ in range(ROUNDS):
            exr.SCANNER.forget()
            begin = time.perf_counter()
            for path in paths:
                exr.read(path)
            reads.append(time.perf_counter() - begin)
            exr.SCANNER.forget()
            begin = time.perf_counter()
            visits = walk(write, Span(1, 1))
            found = elements(visits)
            graph.append(time.perf_counter() - begin)
            gatherer = Gatherer(None, folder)
            tags = inherit(gatherer.source(each).tags for each in found)
            whole.append(time.perf_counter() - begin)
        count = len(visits)
        assert len({visit.node.key for visit in visits}) == count
        assert len(tags.stubs) == READS // 2
    ours = (min(whole) - min(reads)) / count * 1e6
    return [
        Row(f"lineage over {count:,} nodes: of ours for each node, besides its header read", f"{ours:.1f} us", "goal 20 us"),
        Row("  the walk alone, for each node", f"{min(graph) / count * 1e6:.1f} us"),
        Row(
            "  visits / nodes, header reads / files", f"{count:,} / {count:,}, {gatherer.reads:,} / {len(paths):,}", "one each"
        ),
        Row("  all of it, to the header reads it needs", f"{min(whole) / min(reads):.2f} ({min(whole) * 1000:.0f} ms)"),
        Row("  reading the script's text, for each node", f"{parsing / count * 1e6:.0f} us"),
    ]


def _media(folder: str) -> list[str]:
    """A frame for each Read; every second one carries a tag of its own."""
    made = []
    for i in range(READS):
        path = os.path.join(folder, f"element{i:05d}.exr")
        with open(path, "wb") as stream:
            stream.write(frame_bytes(0, (1, 1, 1), 0))
        if i % 2:
            exr.write(path, make_set([Stub(id=f"bench{i:05d}", revision=1)]))
        made.append(path)
    return made


def _text(paths: list[str]) -> str:
    pieces = ["Root {\n inputs 0\n}\npush 0\n"]
    for i, path in enumerate(paths):
        pieces.append(f"Read {{\n inputs 0\n file {path}\n first 1\n last 1\n name Read{i}\n}}\nGrade {{\n name Grade{i}\n}}\n")
        pieces.append(f"Dot {{\n name Dot{i}\n}}\nset N{i} [stack 0]\n")
        pieces.append(f"Merge2 {{\n inputs 2\n name Merge{i}\n}}\n")
    return "".join(pieces) + "Write {\n file out.exr\n name Write1\n}\n"
