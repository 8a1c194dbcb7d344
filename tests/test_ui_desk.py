"""The desk, driven by keyboard on a real show: it opens, filters, explains, records, watches the ledger, and listens to a host."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from genai_tags import deskline
from genai_tags.errors import UsageError
from tests.sheets import needs_qt
from tests.stage import FINAL, SHOT, Stage

if TYPE_CHECKING:
    from genai_tags.ui.desk import Desk

pytestmark = needs_qt
OTHER = "AGM_104_065_020"
Open = Callable[..., "Desk"]


@pytest.fixture
def cut(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Approved, open with another tool, no record."""
    monkeypatch.setenv("GENAI_DESK", str(tmp_path / "desk"))
    stage.settled()
    tag_id = stage.declare(
        {**FINAL, "tag.steps[0].tool": "Cloud Imager", "uses[0].shot": OTHER, "uses[0].presence": "prominent"}
    )
    stage.do("tag", stage.sequence(shot=OTHER), "--id", tag_id)
    stage.do("legal-review", tag_id, "--ref", "L-1")
    return stage.edl(stage.event(), stage.event(shot=OTHER), stage.event(shot="AGM_104_065_030"))


@pytest.fixture
def opened(qtbot: Any, stage: Stage, cut: Path) -> Iterator[Open]:
    from genai_tags.ui.chosen import Opened
    from genai_tags.ui.desk import Desk

    made: list[Desk] = []

    def start(*paths: Path, **options: Any) -> Desk:
        desk = Desk(
            Opened(paths=tuple(map(str, paths)), show=str(stage.folder), rate="24", media=(str(stage.media),), **options)
        )
        made.append(desk)
        qtbot.addWidget(desk)
        with qtbot.waitActive(desk, timeout=20_000):
            desk.show()
        qtbot.waitUntil(lambda: not desk.feed.is_busy(), timeout=20_000)
        return desk

    yield start
    for desk in made:
        desk.close()


def press(qtbot: Any, keys: str, widget: Any = None) -> None:
    """Press a key with its modifiers, ``Ctrl+F`` or ``Return``, on what has the focus."""
    from PySide6.QtGui import QKeySequence
    from PySide6.QtWidgets import QApplication

    combination = QKeySequence(keys)[0]  # type: ignore[index]  # the stubs lack it
    qtbot.keyClick(widget or QApplication.focusWidget(), combination.key(), combination.keyboardModifiers())
    QApplication.processEvents()


def statuses(desk: Desk) -> list[str]:
    assert desk.sheet is not None
    return [row["status"] for row in desk.sheet["rows"]]


def test_it_shows_the_cut_and_says_why(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    assert statuses(desk) == ["approved", "open", "no_record"]
    assert "2 of 3 events may not ship" in desk.title.text()
    press(qtbot, "F8", desk)
    assert desk.events.current() == desk.strip.current == 1
    text = desk.reasons.toPlainText()
    assert "may not ship" in text
    assert "Who can: client contact" in text
    assert "netflix-2025-08" in text
    assert "Cloud Imager" in text
    press(qtbot, "F8", desk)
    assert desk.strip.current == 2


def test_keys_lead_everywhere(qtbot: Any, opened: Open, cut: Path) -> None:
    from PySide6.QtWidgets import QApplication

    desk = opened(cut)
    for keys, place in (
        ("Ctrl+1", desk.strip),
        ("Ctrl+2", desk.events),
        ("Ctrl+3", desk.tags),
        ("Ctrl+4", desk.reasons),
        ("Ctrl+F", desk.filters.text),
    ):
        press(qtbot, keys, desk)
        assert QApplication.focusWidget() is place
    press(qtbot, "Ctrl+2", desk)
    press(qtbot, "Down")  # the list comes into focus on its first event
    assert desk.strip.current == desk.events.current() == 1
    press(qtbot, "Return")
    assert QApplication.focusWidget() is desk.reasons


def test_filters_narrow_list_and_strip(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    press(qtbot, "Ctrl+F", desk)
    qtbot.keyClicks(desk.filters.text, "cloud imager")
    qtbot.waitUntil(lambda: desk.events.rows.places == [1], timeout=15_000)
    assert desk.strip.shown == [False, True, False]
    assert desk.filters.count.text() == "1 of 3"
    desk.filters.all.click()
    for name, value, places in (
        ("verdict", "may not ship", [1, 2]), ("status", "approved", [0]), ("tool", "Cloud Imager", [1]), ("rule", None, [0, 1, 2]),
    ):  # fmt: skip
        box = desk.filters.boxes[name]
        box.setCurrentIndex(box.findData(value))
        desk.filters.changed.emit()
        assert desk.events.rows.places == places, name
        desk.filters.clear()


def test_an_approval_is_recorded_by_keyboard_and_the_strip_turns_green(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    press(qtbot, "F8", desk)
    press(qtbot, "Ctrl+Shift+A", desk)
    assert desk.recorder.give.isVisible()
    for text in ("MAIL-9", "C. Contact", "client_contact"):
        from PySide6.QtWidgets import QApplication

        qtbot.keyClicks(QApplication.focusWidget(), text)
        press(qtbot, "Tab")
    assert desk.recorder.give.lines["shot"].text() == OTHER
    assert desk.recorder.give.lines["version"].text() == "v001"
    press(qtbot, "Return", desk.recorder.give.lines["role"])
    qtbot.waitUntil(lambda: statuses(desk)[1] == "approved" and not desk.feed.is_busy(), timeout=30_000)
    assert desk.recorder.give.said.text().startswith("Recorded as testwriter-")
    assert desk.strip.current == 1  # the choice outlives the refresh
    press(qtbot, "Escape", desk)
    assert not desk.recorder.give.isVisible()


def test_what_the_show_refuses_is_refused_here(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    stage.configure("roles: {approval: [client_contact]}\n")
    desk = opened(cut)
    press(qtbot, "F8", desk)
    desk.recorder.begin_giving("approve")
    desk.recorder.give.lines["ref"].setText("MAIL-9")
    desk.recorder.give.lines["role"].setText("runner")
    desk.recorder.give.give()
    qtbot.waitUntil(lambda: "may be given by client_contact" in desk.recorder.give.said.text(), timeout=30_000)
    assert desk.recorder.give.said.text().startswith("Nothing was recorded.")


def test_a_date_that_is_none_is_not_sent(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    press(qtbot, "F8", desk)
    desk.recorder.begin_giving("notice")
    desk.recorder.give.lines["date"].setText("31.12.")
    desk.recorder.give.give()
    assert "YYYY-MM-DD" in desk.recorder.give.said.text()
    assert desk.recorder.give.command is None


def test_a_tag_is_declared_for_the_chosen_event(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(2)
    press(qtbot, "Ctrl+T", desk)
    form = desk.recorder.form
    assert form is not None
    assert form.uses()[0].shot == "AGM_104_065_030"
    form._items("steps")[0][1].editors["tool"].set_value("Generator")
    form.submit()
    qtbot.waitUntil(lambda: statuses(desk)[2] == "open" and not desk.feed.is_busy(), timeout=30_000)
    assert desk.recorder.form is None
    assert desk.lists.isVisible()


def test_a_tag_is_revised_with_its_private_values(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    desk.choose(0)
    press(qtbot, "Ctrl+R", desk)
    qtbot.waitUntil(lambda: desk.recorder.form is not None, timeout=20_000)
    form = desk.recorder.form
    assert form is not None
    assert form.tag().element == "a cloud"
    element = form.groups[0].editors["element"]
    element.line.setText("a cloud \U0001f600 'quoted' \"twice\" \\ # not: a comment")  # type: ignore[attr-defined]
    form.submit()
    qtbot.waitUntil(lambda: desk.recorder.form is None and not desk.feed.is_busy(), timeout=30_000)
    event = json.loads(stage.do("log", "--format", "json").out)["events"][-1]
    assert event["body"]["record"]["revision"] == 2
    press(qtbot, "Ctrl+R", desk)
    qtbot.waitUntil(lambda: desk.recorder.form is not None, timeout=20_000)
    assert desk.recorder.form is not None
    assert desk.recorder.form.tag().element == "a cloud \U0001f600 'quoted' \"twice\" \\ # not: a comment"


def test_it_notices_what_others_write_into_the_ledger(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    stage.do("clean", "--shots", "AGM_104_065_030", "--ref", "S-1")
    qtbot.waitUntil(lambda: statuses(desk)[2] == "clean", timeout=20_000)


def test_it_notices_a_new_export_of_the_cut(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    stage.edl(stage.event())
    qtbot.waitUntil(lambda: len(statuses(desk)) == 1, timeout=20_000)


def test_a_show_and_frames_are_opened_like_a_cut(qtbot: Any, opened: Open, stage: Stage) -> None:
    desk = opened(stage.folder)
    assert desk.sheet is not None
    assert [row["shot"] for row in desk.sheet["rows"]] == [SHOT, OTHER]
    assert statuses(desk) == ["approved", "open"]
    desk.open((str(stage.media),))
    qtbot.waitUntil(lambda: desk.sheet is not None and desk.sheet["cuts"][0]["format"] == "frames", timeout=20_000)
    assert statuses(desk) == ["approved", "open"]


def test_what_cannot_be_read_is_said(qtbot: Any, opened: Open, tmp_path: Path) -> None:
    desk = opened(tmp_path / "nothing.edl")
    assert "nothing.edl" in desk.alert.text()
    assert desk.alert.isVisible()
    assert "cannot be read" in desk.state.text()


def test_a_reader_that_dies_costs_no_window(qtbot: Any, opened: Open, cut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genai_tags.ui import feed

    desk = opened(cut)
    original = feed.run
    killer = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"]
    monkeypatch.setattr(feed, "run", lambda command, parent: original(killer, parent))
    desk.refresh()
    qtbot.waitUntil(lambda: "was killed while it read" in desk.state.text(), timeout=20_000)
    assert desk.sheet is not None  # what was there is still there
    monkeypatch.setattr(feed, "run", original)
    desk.refresh()
    qtbot.waitUntil(lambda: desk.state.text().startswith("As of"), timeout=20_000)


@pytest.mark.parametrize(
    "said",
    [
        "not json",
        '{"sheet": 1',
        "[]",
        '{"rows": [1]}',
        '{"done": true}',
        "5",
        '{"sheet": 1}',
        '{"sheet": {}}',
        '{"facts": 1}',
        '{"opened": 1}',
    ],
)
def test_a_reader_that_talks_nonsense_is_said(
    qtbot: Any, opened: Open, cut: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    from genai_tags.ui import feed

    desk = opened(cut)
    original = feed.run
    liar = [sys.executable, "-c", f"print({said!r})"]
    monkeypatch.setattr(feed, "run", lambda command, parent: original(liar, parent))
    desk.refresh()
    qtbot.waitUntil(lambda: desk.state.text().startswith("Could not be read"), timeout=20_000)
    assert desk.sheet is not None


# ---------------------------------------------------------------- the host's word


def told(qtbot: Any, *arguments: Any, **what: Any) -> dict[str, Any]:
    """What the desk answers a host in another process; Qt's events go on meanwhile."""
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(deskline.call(*arguments, **what))
        except UsageError as error:
            answers.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=10_000)
    if isinstance(answers[0], UsageError):
        raise answers[0]
    return dict(answers[0])


def test_a_host_selects_opens_and_refreshes(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    assert told(qtbot, "select", shot=OTHER) == {"ok": True}
    assert desk.strip.current == 1
    assert told(qtbot, "select", show=str(stage.folder), event="003") == {"ok": True}
    assert desk.strip.current == 2
    assert told(qtbot, "select", shot="NO_SUCH") == {"ok": False, "why": "no event fits that"}
    assert told(qtbot, "refresh") == {"ok": True}
    assert told(qtbot, "open", paths=[str(stage.folder)]) == {"ok": True}
    qtbot.waitUntil(lambda: len(statuses(desk)) == 2 and not desk.feed.is_busy(), timeout=20_000)
    assert told(qtbot, "open", paths="x") == {"ok": False, "why": "open takes paths, a list of texts"}
    assert told(qtbot, "explode") == {"ok": False, "why": "do must be select, open, refresh or host"}


def test_only_who_knows_the_token_is_heard(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    word = json.loads(Path(desk.wire.path).read_text())
    assert stat.S_IMODE(os.stat(desk.wire.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(word["socket"]).st_mode) & 0o077 == 0
    Path(desk.wire.path).write_text(json.dumps({**word, "token": "guess"}))
    assert told(qtbot, "select", shot=OTHER) == {"ok": False, "why": "the token is wrong"}
    assert desk.strip.current is None


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b"\xff\xfe\n", b"{" * 5000 + b"\n", b'{"token": 5}\n', b"x" * 100_000])
def test_nonsense_on_the_socket_is_answered_and_does_no_harm(qtbot: Any, opened: Open, cut: Path, line: bytes) -> None:
    desk = opened(cut)
    word = json.loads(Path(desk.wire.path).read_text())
    answers: list[bytes] = []
    thread = threading.Thread(target=lambda: answers.append(deskline._talk(word["socket"], line)))
    thread.start()
    qtbot.waitUntil(lambda: not thread.is_alive(), timeout=10_000)
    assert json.loads(answers[0])["ok"] is False
    assert told(qtbot, "select", shot=OTHER) == {"ok": True}


def test_a_closed_desk_leaves_nothing_behind(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    word = json.loads(Path(desk.wire.path).read_text())
    desk.close()
    assert os.listdir(os.environ["GENAI_DESK"]) == []
    assert not os.path.exists(word["socket"])
    with pytest.raises(UsageError, match="no desk is open"):
        deskline.call("refresh")


# ---------------------------------------------------------------- large, hostile


def test_ten_thousand_events_load_without_stalling_the_window(qtbot: Any, opened: Open, stage: Stage) -> None:
    """The window answers all the while: many turns of its loop pass while another process reads."""
    stage.do("clean", "--shots", "AGM_104_06*", "--ref", "S-1")
    big = stage.edl(*(stage.event(shot=f"AGM_104_06{i % 10}_010") for i in range(10_000)), name="big.edl")
    from PySide6.QtCore import QTimer

    desk = opened(stage.folder)
    ticks: list[int] = []
    timer = QTimer(desk)
    timer.setInterval(5)
    timer.timeout.connect(lambda: ticks.append(len(desk.sheet["rows"]) if desk.sheet else 0))
    timer.start()
    desk.open((str(big),))
    qtbot.waitUntil(lambda: len(statuses(desk)) == 10_000, timeout=60_000)
    assert len(ticks) > 20
    qtbot.keyClicks(desk.filters.text, "065_010")
    qtbot.waitUntil(lambda: len(desk.events.rows.places) == 1000, timeout=20_000)
    press(qtbot, "Ctrl+2", desk)
    press(qtbot, "Ctrl+End")
    press(qtbot, "PgDown")
    assert desk.events.current() is not None


def test_hostile_names_everywhere(qtbot: Any, opened: Open, stage: Stage) -> None:
    name = "<img src='file:///etc/passwd'><b>\u202eevil\u202c \U0001f600 " + "n" * 10_000
    document = {**FINAL, "uses[0].shot": name, "tag.steps[0].tool": name, "tag.element": name}
    stage.declare(document)
    desk = opened(stage.folder)
    assert desk.sheet is not None
    place = next(i for i, row in enumerate(desk.sheet["rows"]) if row["shot"] == name)
    desk.choose(place)
    text = desk.reasons.toPlainText()
    assert "<img src=" in text
    assert "\u202e" not in text
    assert len(text) < 20_000
    desk.tags.choose(len(desk.sheet["uses"]) - 1)
    assert desk.grab().width() > 0


# ---------------------------------------------------------------- nothing is lost, nothing is mistaken


def test_a_refresh_keeps_the_chosen_tag_though_its_place_changes(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    press(qtbot, "Ctrl+3", desk)
    desk.tags.choose(1)
    desk._explain()
    assert desk.meant().tags == ("tag0002",)
    stage.edl(stage.event(shot=OTHER))
    qtbot.waitUntil(lambda: len(statuses(desk)) == 1, timeout=20_000)
    assert desk.meant().tags == ("tag0002",)
    assert "tag0002" in desk.reasons.toPlainText()
    stage.edl(stage.event())
    qtbot.waitUntil(lambda: statuses(desk) == ["approved"], timeout=20_000)
    assert desk.meant().tags == ()
    assert desk.reasons.toPlainText() == ""


def test_a_choice_made_while_it_reads_is_kept(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(0)
    desk.refresh()
    desk.choose(2)
    qtbot.waitUntil(lambda: not desk.feed.is_busy(), timeout=20_000)
    assert (desk.events.current(), desk.strip.current) == (2, 2)


def test_a_refresh_leaves_the_eye_where_it_was(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.strip.zoom(0.5)
    span = desk.strip.span
    desk.refresh()
    qtbot.waitUntil(lambda: not desk.feed.is_busy(), timeout=20_000)
    assert desk.strip.span == span


def test_what_the_filter_hides_is_not_chosen(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(0)
    desk.filters.text.setText("cloud imager")
    qtbot.waitUntil(lambda: desk.events.rows.places == [1], timeout=15_000)
    assert (desk.strip.current, desk.events.current(), desk.reasons.toPlainText()) == (None, None, "")
    assert desk.meant().tags == ()


def test_a_form_that_is_filled_in_is_not_thrown_away_at_the_first_word(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(2)
    press(qtbot, "Ctrl+T", desk)
    form = desk.recorder.form
    assert form is not None
    form.groups[0].editors["element"].set_value("a cloud")
    for keys in ("Ctrl+N", "Ctrl+T", "Ctrl+R", "Escape"):
        press(qtbot, keys, desk)
        assert desk.recorder.form is form
    desk.close()
    assert desk.isVisible()
    press(qtbot, "Escape", desk)
    assert desk.recorder.form is None


def test_an_untouched_form_is_left_at_once(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    press(qtbot, "Ctrl+T", desk)
    press(qtbot, "Escape", desk)
    assert desk.recorder.form is None


def test_closing_waits_for_what_is_being_recorded(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    desk.choose(1)
    desk.recorder.begin_giving("notice")
    desk.recorder.give.lines["ref"].setText("MAIL-LAST")
    desk.recorder.give.give()
    assert desk.close()
    evidence = json.loads(stage.do("log", "--format", "json").out)["events"][-1]["body"]["evidence"]
    assert (evidence["kind"], evidence["ref"]) == ("notice", "MAIL-LAST")


def test_closing_stops_where_nothing_could_be_recorded(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    stage.configure("roles: {notice: [producer]}\n")
    desk = opened(cut)
    desk.choose(1)
    desk.recorder.begin_giving("notice")
    desk.recorder.give.lines["ref"].setText("MAIL-LAST")
    desk.recorder.give.give()
    assert not desk.close()
    assert "may be given by producer" in desk.recorder.give.said.text()


def test_the_panel_begins_empty_each_time(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(1)
    desk.recorder.begin_giving("approve")
    for line in desk.recorder.give.lines.values():
        line.setText("left over")
    desk.recorder.begin_giving("legal-review")
    assert {name: line.text() for name, line in desk.recorder.give.lines.items() if line.text()} == {}


def test_what_could_not_be_read_again_is_said_above_what_was_read(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    gone = stage.folder.with_name("gone")
    stage.folder.rename(gone)
    desk.refresh()
    qtbot.waitUntil(lambda: desk.alert.isVisible(), timeout=20_000)
    assert "Not current" in desk.alert.text()
    desk.state.setText("something else")
    assert desk.alert.isVisible()
    gone.rename(stage.folder)
    desk.refresh()
    qtbot.waitUntil(lambda: not desk.alert.isVisible(), timeout=20_000)


def test_what_cannot_be_opened_leaves_what_is_open(qtbot: Any, opened: Open, cut: Path, tmp_path: Path) -> None:
    desk = opened(cut)
    desk.open((str(tmp_path / "nowhere.edl"),))
    qtbot.waitUntil(lambda: desk.alert.isVisible(), timeout=20_000)
    assert "could not be opened" in desk.alert.text()
    assert desk.opened.paths == (str(cut),)
    desk.refresh()
    qtbot.waitUntil(lambda: not desk.alert.isVisible(), timeout=20_000)
    assert len(statuses(desk)) == 3


def test_a_cut_is_opened_in_the_show_that_is_open(qtbot: Any, cut: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from genai_tags.ui.chosen import Opened
    from genai_tags.ui.desk import Desk

    monkeypatch.delenv("GENAI_SHOW")
    monkeypatch.chdir("/")
    desk = Desk(Opened(paths=(str(stage.folder),), rate="24"))
    qtbot.addWidget(desk)
    desk.show()
    qtbot.waitUntil(lambda: desk.sheet is not None, timeout=20_000)
    desk.open((str(cut),))
    qtbot.waitUntil(lambda: len(statuses(desk)) == 3, timeout=20_000)
    desk.close()


def test_the_word_for_hosts_names_the_show_that_is_open(
    qtbot: Any, opened: Open, cut: Path, tmp_path: Path, stage: Stage
) -> None:
    desk = opened(cut)
    other = tmp_path / "other"
    stage.do("init", other, "--name", "Other")
    desk.open((str(other),))
    qtbot.waitUntil(lambda: not desk.feed.is_busy() and desk.folder == str(other), timeout=20_000)
    assert [word["show"] for word in deskline.desks()] == [str(other)]
    assert told(qtbot, "refresh", show=str(other)) == {"ok": True}


def test_what_a_killed_desk_left_behind_is_passed_over_and_swept(qtbot: Any, opened: Open, cut: Path) -> None:
    folder = Path(os.environ["GENAI_DESK"])
    folder.mkdir()
    dead = folder / "desk-dead.json"
    dead.write_text(json.dumps({"socket": str(folder / "dead.socket"), "token": "x", "pid": 2**22 + 1, "show": "x"}))
    (folder / "huge.json").write_text('{"socket": "x", "token": "x", "pid": 1e400, "show": "x"}')
    (folder / "foreign.json").write_text('{"no": "desk"}')
    (folder / "list.json").write_text("[1]")
    with pytest.raises(UsageError, match="no desk is open"):
        deskline.call("refresh")
    opened(cut)
    assert not dead.exists()
    assert told(qtbot, "refresh") == {"ok": True}


def test_the_focus_can_be_seen_on_strip_and_reasons(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    for widget in (desk.strip, desk.reasons):
        desk.filters.text.setFocus()
        before = widget.grab().toImage()
        widget.setFocus()
        assert widget.grab().toImage() != before


def test_an_event_with_several_tags_asks_which_one_is_revised(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    stage.declare(FINAL)
    desk = opened(cut)
    desk.choose(0)
    assert len(desk.meant().tags) == 2
    press(qtbot, "Ctrl+R", desk)
    assert "choose one under Tags" in desk.state.text()


def test_a_revision_that_arrives_late_throws_nothing_away(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(0)
    press(qtbot, "Ctrl+R", desk)
    press(qtbot, "Ctrl+T", desk)
    form = desk.recorder.form
    assert form is not None
    form.groups[0].editors["element"].set_value("typed")
    qtbot.wait(1500)
    assert desk.recorder.form is form
    assert form.tag().element == "typed"


def test_nothing_is_declared_where_nothing_is_open(qtbot: Any, opened: Open, tmp_path: Path) -> None:
    desk = opened(tmp_path / "nothing.edl")
    desk.recorder.begin_declaring()
    assert desk.recorder.form is None
    assert "Open a cut or a show first" in desk.state.text()


def test_a_cut_is_judged_in_the_show_that_was_opened_last(
    qtbot: Any, opened: Open, cut: Path, tmp_path: Path, stage: Stage
) -> None:
    desk = opened(cut)
    other = tmp_path / "other"
    stage.do("init", other, "--name", "Other")
    for paths in ((str(other),), (str(cut),)):
        desk.open(paths)
        qtbot.waitUntil(lambda: not desk.feed.is_busy(), timeout=20_000)
    assert desk.folder == str(other)
    assert desk.sheet is not None
    assert desk.sheet["show"] == "Other"


def test_a_choice_outlives_a_new_export_that_moves_it(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    desk.choose(1)
    stage.edl(stage.event(shot="AGM_104_001_010"), stage.event(), stage.event(shot=OTHER), stage.event(shot="AGM_104_065_030"))
    qtbot.waitUntil(lambda: len(statuses(desk)) == 4, timeout=20_000)
    assert desk.events.current() == desk.strip.current == 2
    assert OTHER in desk.reasons.toPlainText()


def test_what_is_read_is_what_is_recorded_for(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(0)
    press(qtbot, "Ctrl+3", desk)
    desk.tags.selectRow(1)
    for keys in ("", "Ctrl+L", "Ctrl+2", "Ctrl+3", "F8", "Ctrl+3"):
        if keys:
            press(qtbot, keys, desk)
        text, meant = desk.reasons.toPlainText(), desk.meant().tags
        assert len(meant) == 1
        assert meant[0] in text, keys
        assert ({"tag0001", "tag0002"} - set(meant)).pop() not in text, keys


def test_the_register_is_watched_wherever_it_lies_and_before_it_is_there(
    qtbot: Any, opened: Open, cut: Path, stage: Stage
) -> None:
    own = "schema: genai_tags.tools/1\ntools: []\n"
    (stage.folder / "our-tools.yaml").write_text(own)
    stage.configure("register: {file: our-tools.yaml}\n")
    desk = opened(cut)
    assert str(stage.folder / "our-tools.yaml") in desk.watch.paths
    (stage.folder / "our-tools.yaml").write_text(
        own.replace("[]", '\n- {tool: Cloud Imager, date: "2026-01-01", reviewed_by: L, status: prohibited, reason: no}')
    )
    qtbot.waitUntil(lambda: statuses(desk)[1] == "rejected", timeout=20_000)
    desk.choose(1)
    assert "✓" not in desk.reasons.toPlainText()  # of what is prohibited nothing counts as given


def test_a_second_return_records_nothing(qtbot: Any, opened: Open, cut: Path, stage: Stage) -> None:
    desk = opened(cut)
    desk.choose(1)
    desk.recorder.begin_giving("notice")
    desk.recorder.give.lines["ref"].setText("MAIL-1")
    desk.recorder.give.give()
    qtbot.waitUntil(lambda: desk.recorder.give.said.text().startswith("Recorded"), timeout=20_000)
    count = len(json.loads(stage.do("log", "--format", "json").out)["events"])
    desk.recorder.give.give()
    assert desk.recorder.give.command is None
    assert len(json.loads(stage.do("log", "--format", "json").out)["events"]) == count


def test_colours_follow_the_palette(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.choose(1)
    for _ in range(2):  # a test's own palette is neither of ours
        press(qtbot, "Ctrl+L", desk)
    before = desk.reasons.toHtml()
    press(qtbot, "Ctrl+L", desk)
    after = desk.reasons.toHtml()
    press(qtbot, "Ctrl+L", desk)
    assert ("#ff8a80" in before, "#b3261e" in before) != ("#ff8a80" in after, "#b3261e" in after)
    assert desk.reasons.toHtml() == before


def test_the_tags_are_those_of_the_events_that_are_shown(qtbot: Any, opened: Open, cut: Path) -> None:
    desk = opened(cut)
    desk.filters.text.setText("cloud imager")
    qtbot.waitUntil(lambda: desk.events.rows.places == [1], timeout=15_000)
    assert [desk.tags.rows.items[i]["tag"] for i in desk.tags.rows.places] == ["tag0002"]


def test_reasons_fetch_nothing_and_open_nothing_but_sources(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    from genai_tags.ui.reasons import ReasonsView

    asked: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda address: asked.append(address.toString()))
    view = ReasonsView()
    qtbot.addWidget(view)
    for address in ("https://example.com/rule", "file:///etc/passwd", "http://example.com", "javascript:alert(1)"):
        view.anchorClicked.emit(QUrl(address))
    assert asked == ["https://example.com/rule"]
    assert view.loadResource(2, QUrl("file:///etc/passwd")) is None
