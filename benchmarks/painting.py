"""Repaint a timeline of 10,000 clips on 4 tracks: all of it, and zoomed in; beside one item for each clip, as viewers draw it."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

from benchmarks.measure import Row, medians
from genai_tags.model import Step, Tag, Use
from genai_tags.preview import Rulebook
from genai_tags.status import BADGES, Status

if TYPE_CHECKING:
    from PySide6.QtWidgets import QGraphicsView

CLIPS, TRACKS = 10_000, 4


def run() -> list[Row]:
    """Offscreen, 1600 by 400 pixels, every cache of ours dropped before each repaint."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

    from genai_tags.ui.qt import application
    from genai_tags.ui.strip import TimelineStrip
    from tests.sheets import made_up

    running = application(offscreen=True)
    random.seed(1)
    statuses = random.choices([status.value for status in Status], k=CLIPS)
    strip = TimelineStrip()
    strip.resize(1600, 400)
    strip.show_cut(made_up(statuses, TRACKS), 0)
    strip.show()
    peer = _item_each(statuses)
    running.processEvents()  # what is not on the screen yet is not repainted

    def cold(view: QGraphicsView) -> None:
        for lane in strip.lanes:
            lane.forget()
        view.viewport().repaint()

    whole = medians({"ours": lambda: cold(strip), "an item each": lambda: peer.viewport().repaint()}, 15)
    strip.look(1000, 1060)
    near = medians({"ours": lambda: cold(strip)}, 15)
    return [
        Row(f"repaint {CLIPS:,} clips on {TRACKS} tracks, all in view", f"{whole['ours'] * 1000:.1f} ms", "bar 33, goal 16"),
        Row("  to one item for each clip", f"{whole['ours'] / whole['an item each']:.2f}", ""),
        Row("  a minute of it in view", f"{near['ours'] * 1000:.1f} ms", ""),
        Row(f"filter {CLIPS:,} events by text, list and strip", f"{_filter(statuses):.1f} ms", ""),
        Row("the form's verdict after a keystroke, Netflix's pack", f"{_verdict():.1f} ms", ""),
    ]


def _item_each(statuses: list[str]) -> QGraphicsView:
    """A rectangle and a label for each clip."""
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QColor
    from PySide6.QtWidgets import QGraphicsScene, QGraphicsSimpleTextItem, QGraphicsView

    view = QGraphicsView()
    scene = QGraphicsScene(view)
    for i, status in enumerate(statuses):
        box = scene.addRect(QRectF(i // TRACKS * 40, i % TRACKS * 28, 40, 26), brush=QColor(BADGES[Status(status)].colour))
        QGraphicsSimpleTextItem(f"{i:04d}", box).setPos(i // TRACKS * 40, i % TRACKS * 28)
    view.setScene(scene)
    view.resize(1600, 400)
    view.fitInView(scene.sceneRect(), Qt.AspectRatioMode.IgnoreAspectRatio)
    view.show()
    return view


def _filter(statuses: list[str]) -> float:
    """Milliseconds from a text to a list and a strip that show what fits."""
    from genai_tags.ui.filters import FilterBar
    from genai_tags.ui.listing import EventList
    from genai_tags.ui.strip import TimelineStrip
    from tests.sheets import made_up

    sheet = made_up(statuses, TRACKS)
    bar, events, strip = FilterBar(), EventList(), TimelineStrip()
    bar.fill(sheet)
    strip.show_cut(sheet, 0)

    def once() -> None:
        flags = bar.flags() or []
        events.fill(sheet["rows"], [i for i, fits in enumerate(flags) if fits])
        strip.filter(flags)
        strip.grab()

    bar.text.setText("104_01 open")
    return medians({"filter": once}, 15)["filter"] * 1000


def _verdict() -> float:
    """Milliseconds for one verdict."""
    rules = Rulebook.default()
    tag, uses = Tag(steps=(Step(tool="T"),)), (Use(shot="S"),)
    rules.judge(tag, uses)
    begin = time.perf_counter()
    for _ in range(50):
        rules.judge(tag, uses)
    return (time.perf_counter() - begin) * 20
