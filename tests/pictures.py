"""Draw the pictures of docs/pictures: the page, the desk and the form on the demo's show, dark, light and at 200 %; Nuke's panel.

``python -m tests.pictures FOLDER``. Windows are drawn in processes of their own, since Qt takes its scale at the start.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.system_packages import chromium

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from genai_tags.ui.form import TagForm

NOW = "2026-11-22T12:00:00Z"


def demo(folder: Path) -> None:
    """The demo's show with tags that are called alike each time."""
    from genai_tags.cli.app import run
    from genai_tags.demo.story import Demo
    from genai_tags.show import Show

    os.environ.update(GENAI_NOW=NOW, GENAI_WRITER="demo", GENAI_BY="P. Producer")
    numbers = itertools.count(1)
    Show._new_id = lambda self: f"tag{next(numbers):09d}"  # type: ignore[method-assign]

    def call(*arguments: str, show: bool = False) -> tuple[int, str]:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            return run(list(arguments)), printed.getvalue()

    assert Demo(str(folder), call, lambda text: None).run()


def pages(folder: Path, out: Path) -> None:
    """The report in Chromium, light and dark, and what it prints."""
    from playwright.sync_api import sync_playwright

    report = folder / "report.html"
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
            page.goto(report.as_uri())
            page.locator(".view").first.focus()
            for _ in range(3):
                page.keyboard.press("ArrowRight")
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=out / f"report-{scheme}.png")
        browser.close()


def windows(folder: Path, out: Path, name: str, dark: bool) -> None:
    """The desk with its panel, and with the form."""
    from genai_tags.ui import theme
    from genai_tags.ui.chosen import Opened
    from genai_tags.ui.desk import Desk
    from genai_tags.ui.qt import application

    running = application(offscreen=True)
    theme.dress(running, dark)
    desk = Desk(Opened(paths=(str(folder / "locked.otio"),), show=str(folder)))
    desk.resize(1280, 800)
    desk.show()
    _wait(lambda: desk.sheet is not None and not desk.feed.is_busy())
    desk.strip.step(1)
    desk.strip.step(1)
    desk.recorder.begin_giving("approve")
    _wait(lambda: desk.recorder.give.isVisible())
    _save(desk, out / f"desk-{name}.png")
    desk.recorder.begin_revising()
    _wait(lambda: desk.recorder.form is not None)
    form = desk.recorder.form
    assert form is not None
    _principle(form).setFocus()
    _wait(lambda: bool(form.help.toPlainText()))
    _save(desk, out / f"form-{name}.png")
    desk.close()


def nuke_panel(folder: Path, out: Path) -> None:
    """The panel in a dock of Nuke (the double): the nodes, and the form."""
    from genai_tags.ui import theme
    from genai_tags.ui.qt import application
    from tests import nuke_picture

    os.environ["GENAI_SHOW"] = str(folder)
    theme.dress(application(offscreen=True), True)
    dock = nuke_picture.panel(nuke_picture.comp(folder))
    _wait(lambda: bool(dock.panel.items))
    _save(dock, out / "nuke-panel.png")
    dock.panel.list.selectRow(1)
    dock.panel.revise()
    _wait(lambda: dock.panel.form is not None)
    _save(dock, out / "nuke-form.png")


def resolve_desk(folder: Path, out: Path) -> None:
    """The desk with the bar of a Resolve (the double) that shows the demo's cut, badges on."""
    import sys

    from genai_tags.cut.read import read_cut
    from genai_tags.ui import theme
    from genai_tags.ui.chosen import Opened
    from genai_tags.ui.desk import Desk
    from genai_tags.ui.qt import application
    from tests.conftest import ROOT
    from tests.doubles.resolve_app import PoolItem, Resolve, Timeline, TimelineItem

    sys.path.insert(0, str(ROOT / "plugins" / "resolve"))
    from genai_tags_resolve import bridge

    timeline = Timeline("DEMO LOCKED v12")
    for i, event in enumerate(read_cut(str(folder / "locked.otio")).events):
        assert event.record is not None
        pool = PoolItem(f"m{i}", event.file or "", event.source_in)
        timeline.add(TimelineItem(f"i{i}", event.clip or "", event.record[0], event.record[1] - event.record[0], pool))
    theme.dress(application(offscreen=True), True)
    desk = Desk(Opened(paths=(str(folder),), show=str(folder)))
    desk.resize(1280, 800)
    desk.show()
    _wait(lambda: desk.sheet is not None and not desk.feed.is_busy())
    resolve, said = Resolve(timeline), {"timeline": timeline.name, "host": "resolve"}
    done = None
    for _ in range(2):
        job = desk.hosted.heard({**said, "done": done})["job"]
        done = bridge.work(resolve, timeline, job) if job else None
    _wait(lambda: desk.sheet is not None and desk.sheet["cuts"][0]["name"].startswith("timeline-"))
    desk.hosted.mark()
    _wait(lambda: bool(desk.hosted._jobs))
    for _ in range(2):
        job = desk.hosted.heard({**said, "done": done})["job"]
        done = bridge.work(resolve, timeline, job) if job else None
    desk.strip.step(1, desk._is_blocked)
    _save(desk, out / "resolve-desk.png")
    desk.close()


def _principle(form: TagForm) -> QWidget:
    """A field that rules read."""
    return next(editor for editor in form._editors() if editor.path == "tag.answers.no_training_on_inputs")


def _wait(until: Callable[[], bool]) -> None:
    from genai_tags.ui.qt import application

    end = time.monotonic() + 30
    while not until() and time.monotonic() < end:
        application().processEvents()
        time.sleep(0.01)
    assert until()
    for _ in range(30):
        application().processEvents()
        time.sleep(0.01)


def _save(window: object, path: Path) -> None:
    from PySide6.QtWidgets import QWidget

    assert isinstance(window, QWidget)
    assert window.grab().toImage().save(str(path))


def main(arguments: list[str]) -> int:
    """Draw everything, or (as a process of its own) the windows at one scale."""
    if arguments[2:] == ["nuke"]:
        nuke_panel(Path(arguments[0]), Path(arguments[1]))
        resolve_desk(Path(arguments[0]), Path(arguments[1]))
        return 0
    if len(arguments) == 4:
        windows(Path(arguments[0]), Path(arguments[1]), arguments[2], arguments[3] == "dark")
        return 0
    out = Path(arguments[0]).absolute()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "show"
        demo(folder)
        pages(folder, out)
        subprocess.run([sys.executable, "-m", "tests.pictures", str(folder), str(out), "nuke"], check=True)
        for name, colours, scale in (("dark", "dark", "1"), ("light", "light", "1"), ("200", "dark", "2")):
            scaled = {**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
            subprocess.run(
                [sys.executable, "-m", "tests.pictures", str(folder), str(out), name, colours], env=scaled, check=True
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
