"""The desk: open a cut, frames or a show; see the strip, filter, click, read why, give what is missing, watch the ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QMainWindow,
    QProgressBar,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from genai_tags.cut.read import FORMATS
from genai_tags.report.plain import plain
from genai_tags.report.shapes import MAY_NOT, Sheet
from genai_tags.ui import markup, theme
from genai_tags.ui.chosen import Chosen, Opened, find_event, name_of, name_of_use
from genai_tags.ui.feed import Feed
from genai_tags.ui.filters import FilterBar
from genai_tags.ui.hosted import HostBar
from genai_tags.ui.listing import EventList, TagList
from genai_tags.ui.qt import application
from genai_tags.ui.reasons import ReasonsView
from genai_tags.ui.recorder import Meant, Recorder
from genai_tags.ui.strip import TimelineStrip
from genai_tags.ui.watch import Watch
from genai_tags.ui.wire import Wire, find

_PATIENCE = 5000
"""Milliseconds within which a second closing throws a form away."""


class Desk(QMainWindow):
    """The window."""

    def __init__(self, opened: Opened, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.opened = opened
        self.sheet: Sheet | None = None
        self.folder = ""
        self._before: Opened | None = None
        self._warned = False
        self._standing = self._done = ""
        self.feed, self.watch, self.wire = Feed(self), Watch(self), Wire(self.tell, self)
        self._build()
        self._act()
        self.feed.came.connect(self._came)
        self.feed.opened.connect(self._opened)
        self.feed.failed.connect(self._failed)
        self.feed.progressed.connect(self._progressed)
        self.watch.changed.connect(self.refresh)
        room = self.screen().availableSize()
        self.resize(min(1440, room.width()), min(900, room.height()))
        self.refresh()

    # ------------------------------------------------------------ parts

    def _build(self) -> None:
        self.alert = QLabel(self)
        self.alert.setTextFormat(Qt.TextFormat.RichText)
        self.alert.setWordWrap(True)
        self.alert.setAccessibleName("Alert")
        self.alert.hide()
        self.title = QLabel(self)
        self.title.setTextFormat(Qt.TextFormat.RichText)
        self.title.setWordWrap(True)
        self.title.setAccessibleName("Totals")
        self.cuts = QComboBox(self)
        self.cuts.setAccessibleName("Cut")
        self.cuts.activated.connect(self.show_cut)
        self.cuts.hide()
        self.strip, self.filters = TimelineStrip(self), FilterBar(self)
        self.events, self.tags = EventList(self), TagList(self)
        self.reasons = ReasonsView(self)
        self.hosted = HostBar(self._judged_by, self)
        self.hosted.looked.connect(lambda path: self.open((path,), own_rate=True))
        self.hosted.exported.connect(lambda paths: self.open(tuple(paths)))
        self.hosted.said.connect(self._host_said)
        self.lists = QTabWidget(self)
        self.lists.addTab(self.events, "Events")
        self.lists.addTab(self.tags, "Tags")
        self.lists.currentChanged.connect(self._explain)
        self.recorder = Recorder(self.reasons, self.meant, self)
        middle = QSplitter(Qt.Orientation.Horizontal, self)
        middle.addWidget(self.lists)
        middle.addWidget(self.recorder)
        middle.setStretchFactor(0, 3)
        middle.setStretchFactor(1, 2)
        whole = QWidget(self)
        column = QVBoxLayout(whole)
        for widget in (self.alert, self.hosted, self.title, self.cuts, self.strip, self.filters):
            column.addWidget(widget)
        column.addWidget(middle, 1)
        self.setCentralWidget(whole)
        self.bar = QProgressBar(self)
        self.bar.setMaximumWidth(220)
        self.bar.hide()
        self.state = QLabel(self)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.statusBar().addWidget(self.state, 1)
        self.statusBar().addPermanentWidget(self.bar)
        self.strip.chosen.connect(self.choose)
        self.strip.asked.connect(lambda place: self.reasons.setFocus())
        self.events.chosen.connect(self.choose)
        self.events.asked.connect(lambda place: self.reasons.setFocus())
        self.tags.chosen.connect(self._explain)
        self.tags.asked.connect(lambda place: self.reasons.setFocus())
        self.filters.changed.connect(self.filter)
        self.recorder.recorded.connect(self.refresh)
        self.recorder.left.connect(self._back_to_list)
        self.recorder.said.connect(self.state.setText)
        self.recorder.done.connect(self._keep_word)
        self.recorder.filling.connect(self.lists.setHidden)

    def _act(self) -> None:
        menus = {name: self.menuBar().addMenu(name) for name in ("&File", "&Go", "&Record", "&View")}
        for menu, words, keys, does in (
            ("&File", "&Open…", "Ctrl+O", self.ask_open),
            ("&File", "&Refresh", "F5", self.refresh),
            ("&File", "&Quit", "Ctrl+Q", self.close),
            ("&Go", "&Next event that may not ship", "F8", lambda: self.strip.step(1, self._is_blocked)),
            ("&Go", "&Previous event that may not ship", "Shift+F8", lambda: self.strip.step(-1, self._is_blocked)),
            ("&Go", "&Timeline", "Ctrl+1", self.strip.setFocus),
            ("&Go", "&Events", "Ctrl+2", lambda: self._go_to(self.events)),
            ("&Go", "T&ags", "Ctrl+3", lambda: self._go_to(self.tags)),
            ("&Go", "&Reasons", "Ctrl+4", self.reasons.setFocus),
            ("&Go", "&Filter", "Ctrl+F", self.filters.text.setFocus),
            ("&Record", "&Notice…", "Ctrl+N", lambda: self.recorder.begin_giving("notice")),
            ("&Record", "&Approval…", "Ctrl+Shift+A", lambda: self.recorder.begin_giving("approve")),
            ("&Record", "Other &evidence…", "Ctrl+G", lambda: self.recorder.begin_giving("answer")),
            ("&Record", "&Declare a tag…", "Ctrl+T", self.recorder.begin_declaring),
            ("&Record", "Re&vise the tag…", "Ctrl+R", self.recorder.begin_revising),
            ("&View", "&Dark or light", "Ctrl+L", self.turn_colours),
        ):
            action = QAction(words, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _=False, do=does: do())
            menus[menu].addAction(action)

    # ------------------------------------------------------------ reading

    def open(self, paths: tuple[str, ...], own_rate: bool = False) -> None:
        """Look at something else, judged alike, in the same show where the paths name no other; ``own_rate``: at the rate that it states."""
        self._before = self._before or self.opened
        rate = None if own_rate else self.opened.rate
        self.opened = replace(self.opened, paths=paths, show=self.folder or self.opened.show, rate=rate)
        self.refresh()

    def ask_open(self) -> None:
        """Ask for cuts."""
        found, _ = QFileDialog.getOpenFileNames(
            self, "Open a cut", "", f"Cuts ({' '.join(f'*{each}' for each in FORMATS)});;All files (*)"
        )
        if found:
            self.open(tuple(found))

    def refresh(self) -> None:
        """Read and judge again; what is chosen stays chosen."""
        self.state.setText("Reading…")
        self.watch.note()
        self.feed.ask(self.opened.question())

    def _opened(self, folder: str, files: list[str]) -> None:
        """The show is found, and nothing of its ledger was read yet: from now on every change is seen."""
        self.watch.watch([*files, *(path for path in self.opened.paths if not os.path.isdir(path))])

    def _progressed(self, read: int, total: int) -> None:
        self.bar.setVisible(read < total)
        self.bar.setMaximum(max(1, total))
        self.bar.setValue(read)

    def _failed(self, why: str) -> None:
        self.bar.hide()
        self.state.setText(f"Could not be read: {plain(why)[:600]}")
        head = "Nothing is open" if self.sheet is None else "Not current: what is below was read before"
        if self._before is not None and self.sheet is not None:
            head, self.opened = "That could not be opened", self._before
        self._before = None
        self.alert.setText(f"<b>⚠ {head}.</b> {markup.text(why, 1200)}")
        self.alert.show()

    def _came(self, sheet: Sheet, folder: str) -> None:
        self.bar.hide()
        self.alert.hide()
        kept = self._chosen()
        same, self._before = self._before is None, None
        self.sheet, self.folder = sheet, folder
        self.filters.fill(sheet)
        self.cuts.clear()
        for cut in sheet["cuts"]:
            self.cuts.addItem(f"{plain(cut['name'])[:120]} ({cut['events']} events)")
        self.cuts.setVisible(len(sheet["cuts"]) > 1)
        self.title.setText(markup.title(sheet))
        self.setWindowTitle(f"{plain(sheet['show'])[:80]} - {plain(sheet['cuts'][0]['name'])[:120]}")
        self.show_cut(min(kept.cut, len(sheet["cuts"]) - 1) if same else 0)
        heads = ", ".join(sheet["heads"]) or "an empty book"
        self._standing = f"As of {sheet['as_of']}. Ledger heads: {plain(heads)}"
        self.state.setText(f"{self._done}{self._standing}")
        self._done = ""
        self._restore(kept if same else Chosen())
        try:
            self.wire.listen(folder)
        except OSError as error:
            self.state.setText(str(error))

    def _chosen(self) -> Chosen:
        """What is chosen now, by what it is called."""
        if self.sheet is None:
            return Chosen()
        event, use = self.events.current(), self.tags.current()
        return Chosen(
            max(0, self.cuts.currentIndex()),
            name_of(self.sheet["rows"][event]) if event is not None else None,
            name_of_use(self.sheet["uses"][use]) if use is not None else None,
        )

    def _restore(self, kept: Chosen) -> None:
        """Choose again what was chosen, wherever it stands now; nothing in its place where it is gone."""
        assert self.sheet is not None
        event = find_event(self.sheet["rows"], kept.event)
        use = next((i for i, each in enumerate(self.sheet["uses"]) if name_of_use(each) == kept.use), None)
        self.tags.choose(use)
        if event not in self.events.rows.places:
            event = None
        self.strip.choose(event)
        self.events.choose(event)
        self._explain()

    def show_cut(self, cut: int) -> None:
        """Look at one of the cuts."""
        if self.sheet is None or not 0 <= cut < len(self.sheet["cuts"]):
            return
        self.cuts.setCurrentIndex(cut)
        self.strip.show_cut(self.sheet, cut)
        lanes = min(6, max(1, len(self.sheet["cuts"][cut]["lanes"])))
        self.strip.setFixedHeight(self.strip.height_of(lanes))
        self.filter()

    def filter(self) -> None:
        """Show what fits."""
        if self.sheet is None:
            return
        flags = self.filters.flags()
        cut = self.cuts.currentIndex()
        rows = self.sheet["rows"]
        mine = [i for i, row in enumerate(rows) if row["cut"] == cut]
        places = mine if flags is None else [i for i in mine if flags[i]]
        self.events.fill(rows, places)
        self.tags.fill(self.sheet["uses"], None if flags is None else sorted({use for i in places for use in rows[i]["uses"]}))
        chosen = self.strip.current
        self.strip.filter(flags)
        self.events.choose(chosen)
        if chosen is not None and chosen not in places:  # what is not shown is not chosen
            self.strip.choose(None)
        self._explain()
        self.filters.say(len(places), len(mine))

    # ------------------------------------------------------------ choosing

    def choose(self, place: int) -> None:
        """Choose an event everywhere, and say why it stands where it does."""
        if self.sheet is None:
            return
        self.strip.choose(place)
        self.events.choose(place)
        if self.hosted.host and self.opened.paths == (self.hosted.snapshot,):
            self.hosted.go(self.sheet["rows"][place]["record_in"])
        if self.lists.currentWidget() is self.tags:
            self.lists.setCurrentWidget(self.events)  # which explains
        else:
            self._explain()

    def _subject(self) -> tuple[int | None, int | None]:
        """The chosen event or the chosen tag, by the list that is looked at."""
        if self.lists.currentWidget() is self.tags:
            return None, self.tags.current()
        return self.events.current(), None

    def _explain(self, _: object = None) -> None:
        """Say why what is meant stands where it does: what is read is what is recorded for."""
        event, use = self._subject()
        if self.sheet is None:
            return
        if event is not None:
            self.reasons.show_event(self.sheet, event)
        elif use is not None:
            self.reasons.show_use(self.sheet["uses"][use])
        else:
            self.reasons.clear()

    def _go_to(self, view: EventList | TagList) -> None:
        self.lists.setCurrentWidget(view)
        view.setFocus()

    def _keep_word(self, word: str) -> None:
        """Something was declared: say so also when the desk has read it."""
        self._done = f"{word} "

    def _back_to_list(self) -> None:
        self.state.setText(self._standing)
        (self.tags if self.lists.currentWidget() is self.tags else self.events).setFocus()

    def _is_blocked(self, place: int) -> bool:
        return self.sheet is not None and self.sheet["rows"][place]["verdict"] == MAY_NOT

    # ------------------------------------------------------------ recording

    def meant(self) -> Meant:
        """What is recorded for: what the reasons are about."""
        event, use = self._subject()
        nothing = Meant(self.folder, stage=self.opened.stage)
        if self.sheet is None:
            return nothing
        if use is not None:
            found = self.sheet["uses"][use]
            return replace(nothing, tags=(found["tag"],), shot=found["shot"])
        if event is None:
            return nothing
        row = self.sheet["rows"][event]
        return replace(nothing, tags=tuple(row["tags"]), shot=row["shot"], version=row["version"])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves what is being recorded."""
        if event.key() != Qt.Key.Key_Escape or not self.recorder.leave():
            super().keyPressEvent(event)

    # ------------------------------------------------------------ the host's word

    def tell(self, asked: Mapping[str, Any]) -> str | Mapping[str, Any]:
        """Do what a host asks for: select, open, refresh; answer its bridge. Why not, where it cannot be done."""
        do = asked.get("do")
        if do == "refresh":
            self.refresh()
            return ""
        if do == "open":
            paths = asked.get("paths")
            if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
                return "open takes paths, a list of texts"
            self.open(tuple(paths))
            return ""
        if do == "select":
            return self._select(asked)
        if do == "host":
            return self.hosted.heard(asked)
        return "do must be select, open, refresh or host"

    def _judged_by(self) -> list[str]:
        """The options by which the desk judges, for the command line; no rate, which the host knows better."""
        return [f"--show={self.folder}", f"--stage={self.opened.stage}", *(f"--media={each}" for each in self.opened.media)]

    def _host_said(self, text: str) -> None:
        self._done = f"{text} "
        self.state.setText(text)

    def _select(self, asked: Mapping[str, Any]) -> str:
        if self.sheet is None:
            return "nothing is open yet"
        place, why = find(self.sheet, asked)
        if place is None:
            return why
        if self.sheet["rows"][place]["cut"] != self.cuts.currentIndex():
            self.show_cut(self.sheet["rows"][place]["cut"])
        if place not in self.events.rows.places:
            self.filters.clear()
        self.choose(place)
        self.raise_()
        return ""

    # ------------------------------------------------------------ the rest

    def turn_colours(self) -> None:
        """Dark to light and back."""
        theme.dress(application(), not theme.is_dark(self.palette()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave nothing behind, and lose nothing: what is being recorded is waited for, what is filled in is asked about."""
        if not self.recorder.finish():
            self.state.setText("What was being recorded was not: look at the panel or the form.")
            event.ignore()
            return
        if self.recorder.would_lose() and not self._warned:
            self._warned = True
            QTimer.singleShot(_PATIENCE, lambda: setattr(self, "_warned", False))
            self.state.setText("The form is not declared. Close once more to throw it away.")
            event.ignore()
            return
        self.feed.stop()
        self.recorder.feed.stop()
        self.wire.close()
        self.hosted.close_all()
        super().closeEvent(event)
