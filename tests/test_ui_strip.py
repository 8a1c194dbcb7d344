"""The strip in a window: what is drawn where, and how it changes with the state, the filter, keys and the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from genai_tags.status import BADGES, Status
from tests.sheets import made_up, needs_qt, sheet_of
from tests.stage import FINAL, SHOT, Stage

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from genai_tags.ui.strip import TimelineStrip

pytestmark = needs_qt


def strip_of(qtbot: Any, sheet: Any, width: int = 900) -> TimelineStrip:
    """A strip on screen, in the dark palette."""
    from genai_tags.ui import theme
    from genai_tags.ui.strip import TimelineStrip

    strip = TimelineStrip()
    qtbot.addWidget(strip)
    strip.setPalette(theme.dark())
    strip.resize(width, 140)
    strip.show()
    strip.show_cut(sheet, 0)
    return strip


def colour_at(strip: TimelineStrip, row: int, up: float = 2.0) -> QColor:
    """The pixel in the middle of an event's bar, ``up`` pixels above its foot."""

    from genai_tags.report.strip import LANE

    event = strip.rows[row]
    track = next(i for i, lane in enumerate(strip.lanes) if row in lane.rows)
    middle = strip.pixel((event["start"] + event["end"]) / 2)
    picture = strip.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    return picture.pixelColor(round(middle * ratio), round(((track + 1) * LANE - 1 - up) * ratio))


def badge(status: Status) -> QColor:
    from PySide6.QtGui import QColor

    return QColor(BADGES[status].colour)


def test_three_known_events_have_their_colours_and_change_with_the_state(qtbot: Any, stage: Stage) -> None:
    """Approved is green, open amber, no record amber; after a rejection the first is red, after an approval the second is green."""
    _, first = stage.settled()
    second = stage.declare({**FINAL, "uses[0].shot": "AGM_104_065_020"})
    stage.do("tag", stage.sequence(shot="AGM_104_065_020"), "--id", second)
    cut = stage.edl(stage.event(), stage.event(shot="AGM_104_065_020"), stage.event(shot="AGM_104_065_030"))
    strip = strip_of(qtbot, sheet_of(stage.folder, cut, [stage.media]))
    assert [colour_at(strip, i).name() for i in range(3)] == [
        badge(Status.APPROVED).name(), badge(Status.OPEN).name(), badge(Status.NO_RECORD).name(),
    ]  # fmt: skip
    stage.do("reject", first, "--ref", "R-1", "--role", "client_contact", "--given-by", "C. Contact", "--date", "2026-11-20")
    stage.approve(second)
    stage.do("clean", "--shots", "AGM_104_065_030", "--ref", "S-1")
    strip.show_cut(sheet_of(stage.folder, cut, [stage.media]), 0)
    assert [colour_at(strip, i).name() for i in range(3)] == [
        badge(Status.REJECTED).name(), badge(Status.APPROVED).name(), badge(Status.CLEAN).name(),
    ]  # fmt: skip


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_colour_and_its_height(qtbot: Any, status: Status) -> None:
    """The worse, the higher: a red bar reaches where an amber one does not, an amber one where a green one does not."""
    from genai_tags.report.strip import BAR, height_of

    strip = strip_of(qtbot, made_up([status.value]))
    tall = BAR * height_of(status.value)
    assert colour_at(strip, 0) == badge(status)
    assert colour_at(strip, 0, tall - 1.5) == badge(status)
    assert colour_at(strip, 0, tall + 1.5) != badge(status)


def test_a_blocker_is_seen_among_ten_thousand(qtbot: Any) -> None:
    """Ten events share a pixel; the worst of them is drawn."""
    statuses = ["clean"] * 10_000
    statuses[5_003] = "rejected"
    strip = strip_of(qtbot, made_up(statuses))
    picture = strip.viewport().grab().toImage()
    foot = 27 - 10  # above every green bar
    red = [x for x in range(picture.width()) if picture.pixelColor(x, foot) == badge(Status.REJECTED)]
    assert len(red) in (1, 2)
    assert abs(red[0] / picture.width() - 0.5003) < 0.01


def test_what_does_not_fit_the_filter_is_faint(qtbot: Any) -> None:
    strip = strip_of(qtbot, made_up(["approved", "open"]))
    strip.filter([False, True])
    assert colour_at(strip, 0) != badge(Status.APPROVED)
    assert colour_at(strip, 1) == badge(Status.OPEN)
    strip.filter(None)
    assert colour_at(strip, 0) == badge(Status.APPROVED)


def test_keys_move_zoom_and_ask(qtbot: Any) -> None:
    from PySide6.QtCore import Qt

    strip = strip_of(qtbot, made_up(["clean"] * 50 + ["open"] + ["clean"] * 49))
    chosen: list[int] = []
    asked: list[int] = []
    strip.chosen.connect(chosen.append)
    strip.asked.connect(asked.append)
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Right, keys.Key_Left, keys.Key_End, keys.Key_Home, keys.Key_Return):
        qtbot.keyClick(strip, key)
    assert chosen == [0, 1, 0, 99, 0]
    assert asked == [0]
    whole = strip.span
    qtbot.keyClick(strip, keys.Key_Plus)
    assert strip.span[1] - strip.span[0] == pytest.approx(50)
    qtbot.keyClick(strip, keys.Key_End)
    assert strip.span[0] <= strip.rows[99]["start"] <= strip.span[1]
    qtbot.keyClick(strip, keys.Key_0)
    assert strip.span == whole
    assert strip.accessibleDescription().startswith("100 ")


def test_a_filter_is_what_keys_walk_over(qtbot: Any) -> None:
    strip = strip_of(qtbot, made_up(["clean", "open", "clean", "open"]))
    strip.filter([False, True, False, True])
    strip.step(1)
    strip.step(1)
    assert strip.current == 3
    strip.step(1)
    assert strip.current == 3


def test_a_click_chooses_what_lies_there_on_its_track(qtbot: Any) -> None:
    from PySide6.QtCore import QPoint, Qt

    from genai_tags.report.strip import LANE

    strip = strip_of(qtbot, made_up(["clean"] * 8, tracks=2))
    chosen: list[int] = []
    strip.chosen.connect(chosen.append)
    x = strip.pixel(2.5)
    for track in (0, 1):
        qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, track * LANE + 10))
    assert chosen == [4, 5]
    assert strip.at(QPoint(x, 2 * LANE + 10)) is None


def test_an_event_of_no_length_is_drawn_and_can_be_clicked(qtbot: Any) -> None:
    from PySide6.QtCore import QPoint

    sheet = made_up(["clean", "rejected", "clean"])
    sheet["rows"][1]["end"] = sheet["rows"][1]["start"]
    strip = strip_of(qtbot, sheet)
    place = QPoint(strip.pixel(sheet["rows"][1]["start"]), 10)
    picture = strip.viewport().grab().toImage()
    assert any(picture.pixelColor(place.x() + by, 20) == badge(Status.REJECTED) for by in (-1, 0, 1))
    assert strip.at(place) == 1


def test_a_long_event_below_short_ones_is_found(qtbot: Any) -> None:
    """Events of a track may overlap: a bisection by start alone would lose the long one."""
    sheet = made_up(["open", *["clean"] * 20])
    sheet["rows"][0]["end"] = 21.0
    strip = strip_of(qtbot, sheet)
    strip.look(15.0, 16.0)
    assert 0 in set(strip.lanes[0].visible(15.0, 16.0))


@pytest.mark.parametrize(
    "name", ["<b>x</b><img src=x>", "\u202eevil\u202c", "x" * 10_000, "\U0001f600 \U0001f468\u200d\U0001f469", "two\nlines", ""]
)
def test_hostile_names_are_only_names(qtbot: Any, name: str) -> None:
    strip = strip_of(qtbot, made_up(["open"], shot=name or " "))
    assert strip.viewport().grab().toImage().width() > 0
    said = strip.describe(0)
    assert "\n" not in said
    assert "\u202e" not in said
    assert len(said) < 300


def test_an_empty_cut_is_an_empty_strip(qtbot: Any) -> None:
    strip = strip_of(qtbot, made_up([]))
    strip.step(1)
    assert strip.current is None


def test_the_shot_of_the_stage_is_written_above_its_bar(qtbot: Any, stage: Stage) -> None:
    stage.settled()
    sheet = sheet_of(stage.folder, stage.edl(stage.event()), [stage.media])
    strip = strip_of(qtbot, sheet)
    assert strip.lanes[0].texts == [SHOT]
    picture = strip.viewport().grab().toImage()
    text = strip.palette().windowText().color()
    assert any(picture.pixelColor(x, y) == text for x in range(200) for y in range(14))


@pytest.mark.parametrize(("start", "end"), [(3600.0, 3600.0), (0.0, 0.0), (356_400.0, 356_400.001), (0.0, 360_000.0)])
def test_a_cut_of_no_length_and_one_of_a_hundred_hours_are_shown(qtbot: Any, start: float, end: float) -> None:
    from PySide6.QtCore import Qt

    sheet = made_up(["open"])
    sheet["rows"][0]["start"], sheet["rows"][0]["end"] = start, end
    sheet["cuts"][0]["start"], sheet["cuts"][0]["end"] = start, end
    strip = strip_of(qtbot, sheet, width=3800)
    for _ in range(30):
        qtbot.keyClick(strip, Qt.Key.Key_Plus)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.current == 0
    assert strip.whole[0] <= strip.span[0] < strip.span[1] <= strip.whole[1]
    assert strip.viewport().grab().toImage().width() > 0
