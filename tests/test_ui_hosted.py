"""The desk and Resolve's bridge together: the real bridge on the strict double, in a thread, over the real socket."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT
from tests.doubles.resolve_app import PoolItem, Resolve, Timeline, TimelineItem
from tests.sheets import needs_qt
from tests.stage import FINAL, SHOT, Stage

if TYPE_CHECKING:
    from genai_tags.ui.desk import Desk

sys.path.insert(0, str(ROOT / "plugins" / "resolve"))

from genai_tags_resolve import bridge

pytestmark = needs_qt
PATIENCE = 30_000
Connected = Callable[[], tuple["Desk", Resolve]]


@pytest.fixture
def timeline(stage: Stage) -> Timeline:
    """An approved shot, one that is open, and a camera plate."""
    made = Timeline("reel 1")
    approved, _ = stage.settled()
    other = stage.sequence("v001", "AGM_104_065_020")
    stage.do("tag", other, "--id", stage.declare({**FINAL, "uses[0].shot": "AGM_104_065_020"}))
    for i, (name, pattern) in enumerate((("sky", approved), ("cloud", other), ("plate", str(stage.media / "plate.####.exr")))):
        path = pattern.replace("%04d", "[1001-1010]")
        made.add(TimelineItem(f"i{i}", name, 86400 + 10 * i, 10, PoolItem(f"m{i}", path, frames=10)))
    return made


@pytest.fixture
def connected(
    qtbot: Any, stage: Stage, timeline: Timeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Connected]:
    """A desk on the show, and a Resolve whose bridge runs beside it."""
    from genai_tags.ui.chosen import Opened
    from genai_tags.ui.desk import Desk

    monkeypatch.setenv("GENAI_DESK", str(tmp_path / "desk"))
    resolve, made, threads = Resolve(timeline), list["Desk"](), list[threading.Thread]()

    def start() -> tuple[Desk, Resolve]:
        desk = Desk(Opened(paths=(str(stage.folder),), show=str(stage.folder), media=(str(stage.media),)))
        made.append(desk)
        qtbot.addWidget(desk)
        with qtbot.waitActive(desk, timeout=PATIENCE):
            desk.show()
        qtbot.waitUntil(lambda: bool(desk.wire.path), timeout=PATIENCE)
        threads.append(threading.Thread(target=bridge.run, args=(resolve, 0.05), daemon=True))
        threads[0].start()
        qtbot.waitUntil(
            lambda: desk.sheet is not None and desk.sheet["cuts"][0]["name"].startswith("timeline-"), timeout=PATIENCE
        )
        return desk, resolve

    yield start
    resolve.closed = True
    for desk in made:
        desk.close()
    deadline = time.monotonic() + 20
    while threads and threads[0].is_alive() and time.monotonic() < deadline:
        qtbot.wait(50)
    assert not threads or not threads[0].is_alive(), "the bridge did not end with the desk"


def rows(desk: Desk) -> list[tuple[str | None, str]]:
    assert desk.sheet is not None
    return [(row["clip"], row["status"]) for row in desk.sheet["rows"]]


def test_the_open_timeline_comes_up_by_itself_and_is_judged(qtbot: Any, connected: Connected) -> None:
    desk, _ = connected()
    assert rows(desk) == [("sky", "approved"), ("cloud", "open"), ("plate", "no_record")]
    assert desk.hosted.isVisible()
    assert desk.hosted.label.text() == "DaVinci Resolve: reel 1"
    assert desk.sheet is not None
    assert [row["shot"] for row in desk.sheet["rows"]][:2] == [SHOT, "AGM_104_065_020"]


def test_badges_go_on_and_off_by_a_button_each(qtbot: Any, connected: Connected, timeline: Timeline) -> None:
    desk, _ = connected()
    qtbot.mouseClick(desk.hosted.buttons["Badges on"], _left())
    qtbot.waitUntil(lambda: len(timeline.markers) == 2, timeout=PATIENCE)
    qtbot.waitUntil(lambda: "2 items have badges" in desk.state.text(), timeout=PATIENCE)
    assert [marker["name"] for marker in timeline.markers.values()] == ["GenAI: Approved", "GenAI: Open"]
    assert [item.colour for item in timeline.tracks["video"][0]] == ["Green", "Orange", ""]
    qtbot.mouseClick(desk.hosted.buttons["Badges off"], _left())
    qtbot.waitUntil(lambda: not timeline.markers, timeout=PATIENCE)
    assert [item.colour for item in timeline.tracks["video"][0]] == ["", "", ""]


def test_the_next_event_that_may_not_ship_moves_the_playhead(qtbot: Any, connected: Connected, timeline: Timeline) -> None:
    desk, _ = connected()
    desk.strip.step(1, desk._is_blocked)  # F8
    qtbot.waitUntil(lambda: timeline.playhead == "01:00:00:20", timeout=PATIENCE)
    timeline.page = "media"
    desk.choose(0)
    qtbot.waitUntil(lambda: "playhead is at 01:00:00:20" in desk.state.text(), timeout=PATIENCE)


def test_an_export_is_checked_and_its_report_lies_beside_it(
    qtbot: Any, connected: Connected, timeline: Timeline, stage: Stage, tmp_path: Path
) -> None:
    desk, _ = connected()
    snapshot = Path(desk.hosted.snapshot).read_text()
    timeline.files = {".otio": snapshot, ".edl": stage.edl(stage.event(), name="x.edl").read_text()}
    folder = tmp_path / "delivery"
    folder.mkdir()
    desk.hosted.ask("export", folder=str(folder))
    qtbot.waitUntil(lambda: (folder / "reel_1_genai.html").exists(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: desk.sheet is not None and len(desk.sheet["cuts"]) == 2, timeout=PATIENCE)
    assert sorted(path.name for path in folder.iterdir()) == ["reel_1.edl", "reel_1.otio", "reel_1_genai.html"]
    assert "AGM_104_065_020" in (folder / "reel_1_genai.html").read_text()


def test_another_timeline_is_looked_at_by_a_button(qtbot: Any, connected: Connected, timeline: Timeline) -> None:
    desk, resolve = connected()
    other = Timeline("reel 2")
    other.add(TimelineItem("x", "alone", 86400, 10, PoolItem("mx", "/camera/a.mov")))
    resolve.manager.project.timeline = other  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: desk.hosted.label.text() == "DaVinci Resolve: reel 2", timeout=PATIENCE)
    qtbot.mouseClick(desk.hosted.buttons["Look at the timeline"], _left())
    qtbot.waitUntil(lambda: rows(desk) == [("alone", "no_record")], timeout=PATIENCE)


def test_a_resolve_that_closes_is_said_and_the_bar_goes(qtbot: Any, connected: Connected) -> None:
    desk, resolve = connected()
    resolve.closed = True
    qtbot.waitUntil(lambda: not desk.hosted.isVisible(), timeout=PATIENCE)
    assert "DaVinci Resolve is gone" in desk.state.text()


def test_without_a_timeline_it_says_what_is_missing(qtbot: Any, connected: Connected) -> None:
    desk, resolve = connected()
    resolve.manager.project.timeline = None  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "no timeline is open" in desk.hosted.label.text(), timeout=PATIENCE)
    qtbot.mouseClick(desk.hosted.buttons["Badges off"], _left())
    qtbot.waitUntil(lambda: "is a project with a timeline open" in desk.state.text(), timeout=PATIENCE)


def _left() -> Any:
    from PySide6.QtCore import Qt

    return Qt.MouseButton.LeftButton


def test_a_job_that_takes_long_is_waited_for(
    qtbot: Any, connected: Connected, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genai_tags.ui import hosted

    desk, _ = connected()
    desk.hosted._silence.setInterval(2500)
    assert hosted.SILENCE > 2500
    kept = bridge._DO["unmark"]

    def slow(*arguments: Any) -> dict[str, Any]:
        time.sleep(5)
        return kept(*arguments)

    monkeypatch.setitem(bridge._DO, "unmark", slow)
    gone: list[str] = []
    desk.hosted.said.connect(gone.append)
    desk.hosted.unmark()
    qtbot.waitUntil(lambda: any("were taken away" in each for each in gone), timeout=PATIENCE)
    assert not any("is gone" in each for each in gone)


def test_off_after_on_ends_with_no_badges(qtbot: Any, connected: Connected, timeline: Timeline) -> None:
    desk, _ = connected()
    said: list[str] = []
    desk.hosted.said.connect(said.append)
    desk.hosted.mark()
    desk.hosted.unmark()
    qtbot.waitUntil(lambda: any("taken away" in each for each in said), timeout=PATIENCE)
    qtbot.waitUntil(lambda: desk.hosted._command is None and not desk.hosted._jobs, timeout=PATIENCE)
    qtbot.wait(500)
    assert timeline.markers == {}


def test_a_bridge_that_was_killed_in_a_job_and_comes_again_is_served(qtbot: Any, connected: Connected) -> None:
    desk, _ = connected()
    desk.hosted.ask("unmark")
    job = desk.hosted.heard({"session": desk.hosted._session, "host": "resolve", "timeline": "reel 1", "done": None})["job"]
    again = desk.hosted.heard({"session": desk.hosted._session, "host": "resolve", "timeline": "reel 1", "done": None})["job"]
    assert again == job  # its word was lost
    fresh = desk.hosted.heard({"session": "another", "host": "resolve", "timeline": "reel 1", "done": None})["job"]
    assert fresh["do"] == "look"
    assert desk.hosted.heard({"session": "a third", "bye": True}) == {}
    assert desk.hosted.host == "resolve"
