"""The panel of a compositing host: where each output stands, the nodes that bring GenAI into it, why, and the form to declare.

It knows no host: what it needs of one is in ``Host``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from genai_tags.comp.output import Output, Standing, Suspect, headline
from genai_tags.conform.results import Finding
from genai_tags.errors import GenAITagsError
from genai_tags.model import Tag, Use
from genai_tags.person import person
from genai_tags.preview import Rulebook
from genai_tags.private import whole
from genai_tags.show import Show
from genai_tags.status import Status
from genai_tags.ui import markup
from genai_tags.ui.form import TagForm
from genai_tags.ui.listing import Column, RowsView, badge_text
from genai_tags.ui.reasons import ReasonsView
from genai_tags.ui.theme import severity_colour
from genai_tags.vocabulary import Stage


class Host(Protocol):
    """What the panel asks of the host that it is docked in."""

    def refresh(self) -> None:
        """Look at the script again; ``CompPanel.show_outputs`` brings what was found."""

    def select(self, names: Sequence[str]) -> None:
        """Select nodes and frame them."""

    def selected(self) -> list[str]:
        """The names of the nodes that are selected."""

    def tag(self, names: Sequence[str], ids: Sequence[str]) -> None:
        """Put tags on nodes. Raises GenAITagsError."""

    def show(self) -> Show | None:
        """The show of the open script."""

    def open_desk(self) -> None:
        """Open the desk beside the host."""


@dataclass(frozen=True)
class Item:
    """A line of the list: a tag, an undeclared model, or the sources that nobody spoke of."""

    status: Status
    names: tuple[str, ...]
    what: str
    tag: str = ""
    standing: Standing | None = None
    suspect: Suspect | None = None
    findings: tuple[Finding, ...] = ()


_COLUMNS: tuple[Column[Item], ...] = (
    ("Status", lambda item: badge_text(item.status.value)),
    ("Node", lambda item: ", ".join(item.names[:4]) + (f" and {len(item.names) - 4} more" if len(item.names) > 4 else "")),
    ("Tag", lambda item: item.tag),
    ("What", lambda item: item.what),
)


def items_of(output: Output) -> list[Item]:
    """What an output holds, the worst first; sources that nobody spoke of are one line, for there may be hundreds."""
    found = []
    for each in output.standings:
        words = (each.stub.use_case, each.stub.stage, each.stub.ai_class)
        what = ", ".join(str(word).replace("_", " ") for word in words if word)
        about = _about(output, (each.stub.id,))
        found.append(Item(each.status, each.sources, what, each.stub.id, standing=each, findings=about))
    for suspect in output.suspects:
        step = (suspect.tag.steps or ())[0]
        what = f"{step.tool}{f' ({step.model})' if step.model else ''}, declared by nobody"
        found.append(Item(suspect.status, (suspect.key,), what, suspect=suspect, findings=_about(output, (suspect.key,))))
    found.sort(key=lambda item: -item.status.rank)
    damaged = {source.name for source in output.sources for problem in source.problems if problem.code == "tag_damaged"}
    troubled = {source.name: source for source in output.sources if source.problems}
    for names, status, what in (
        (tuple(name for name in troubled if name in damaged), Status.UNRESOLVED, "a tag that cannot be read"),
        (tuple(name for name in troubled if name not in damaged), Status.NO_RECORD, "cannot be read or found in full"),
    ):
        about = _about(output, names)
        if about:
            found.append(Item(status, names, what, findings=about))
    if output.unaccounted:
        names = tuple(source.name for source in output.unaccounted)
        about = tuple(f for f in output.findings if f.code in ("sources_unaccounted", "no_record"))
        found.append(
            Item(
                Status.NO_RECORD, names, f"{len(names)} source{'s' if len(names) != 1 else ''} without a record", findings=about
            )
        )
    return found


def _about(output: Output, names: Sequence[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in output.findings if finding.about in names)


class CompPanel(QStackedWidget):
    """The panel. ``said`` carries what there is to tell."""

    said = Signal(str)

    def __init__(self, host: Host, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.host = host
        self.outputs: dict[str, Output] = {}
        self.items: list[Item] = []
        self.form: TagForm | None = None
        self._page: QWidget | None = None
        self._then: Callable[[str], None] = lambda tag_id: None
        self._revising: str | None = None
        self._explained: int | None = None
        self.addWidget(self._overview())
        self.said.connect(self.note.setText)
        QShortcut(QKeySequence("Escape"), self, activated=self.leave, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)  # type: ignore[call-overload]

    def _overview(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(6, 6, 6, 6)
        top = QHBoxLayout()
        self.choice = QComboBox(page)
        self.choice.setAccessibleName("Output")
        self.choice.currentIndexChanged.connect(self._fill)
        again = QPushButton("Refresh", page)
        again.clicked.connect(self.host.refresh)
        top.addWidget(self.choice, 1)
        top.addWidget(again)
        column.addLayout(top)
        self.badge = QLabel(page)
        self.badge.setTextFormat(Qt.TextFormat.RichText)
        self.badge.setWordWrap(True)
        self.badge.setAccessibleName("Verdict")
        column.addWidget(self.badge)
        self.list: RowsView[Item] = RowsView(_COLUMNS, lambda item: item.status.value, "Nodes that bring GenAI", page)
        self.list.widths((30, 14, 15))
        self.list.chosen.connect(self._explain)
        self.list.asked.connect(lambda place: self.host.select(self.items[place].names))
        self.list.doubleClicked.connect(lambda _: self._select())
        self.reasons = ReasonsView(page)
        self.reasons.setPlaceholderText("Choose a line to read where it stands and why.")
        both = QSplitter(Qt.Orientation.Vertical, page)
        both.addWidget(self.list)
        both.addWidget(self.reasons)
        both.setStretchFactor(0, 1)
        both.setStretchFactor(1, 1)
        column.addWidget(both, 1)
        column.addLayout(self._buttons(page))
        self.note = QLabel(page)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        column.addWidget(self.note)
        return page

    def _buttons(self, page: QWidget) -> QGridLayout:
        grid = QGridLayout()
        commands = (
            ("Select", self._select, "Select the nodes of this line and frame them (Enter)"),
            ("Declare...", self.declare, "Declare an element, and tag the selected nodes with it"),
            ("Confirm or revise...", self.revise, "Look the facts of this line over: confirm a model, revise a tag"),
            ("Tag selected", self.tag_selected, "Put the tag of this line on the nodes that are selected"),
            ("Desk", self.host.open_desk, "Open the desk beside the host"),
        )
        for i, (title, call, tip) in enumerate(commands):
            button = QPushButton(title, page)
            button.setToolTip(tip)
            button.clicked.connect(call)
            grid.addWidget(button, i // 3, i % 3)
        return grid

    # ------------------------------------------------------------ what is shown

    def show_outputs(self, outputs: Sequence[Output]) -> None:
        """Show these outputs; what is chosen stays chosen where it is still there."""
        before = self.choice.currentData()
        self.outputs = {each.plan.name: each for each in outputs}
        self.choice.blockSignals(True)
        self.choice.clear()
        for name, output in self.outputs.items():
            self.choice.addItem(f"{output.badge.symbol} {name or 'Whole script'}", name)
        place = self.choice.findData(before) if before is not None else -1
        self.choice.setCurrentIndex(place if place >= 0 else _worst(outputs))
        self.choice.blockSignals(False)
        self._fill()

    def output(self) -> Output | None:
        """The output that is looked at."""
        return self.outputs.get(self.choice.currentData() or "") if self.choice.count() else None

    def _fill(self) -> None:
        output = self.output()
        self.items = items_of(output) if output is not None else []
        self.list.fill(self.items)
        if output is None:
            self.badge.setText("Nothing was looked at yet.")
            self.reasons.clear()
            return
        where = markup.text(output.plan.path, 200) if output.plan.path and output.plan.name else ""
        rest = headline(output).partition(output.badge.text)[2].lstrip(" -")
        self.badge.setText(
            f"<span style='font-size:large'>{markup.badge(output.status.value)}</span><br>{markup.text(rest)}<br>{where}"
        )
        self.badge.setAccessibleDescription(headline(output))
        place = self.list.current()
        if place is None and self.items:
            place = 0
            self.list.choose(0)
        if place is not None and place < len(self.items):
            self._explain(place)
        else:
            self.reasons.setHtml(
                "<p>Nothing in it is known to be GenAI. That is not the same as clean.</p>"
                if output.status is Status.NO_RECORD
                else ""
            )

    def _explain(self, place: int) -> None:
        item = self.items[place]
        if place != self._explained:
            self.note.clear()
        self._explained = place
        palette = self.palette()
        parts = [
            f"<h3>{markup.badge(item.status.value)}</h3><p>{markup.text(', '.join(item.names), 2000)}<br>{markup.text(item.what)}</p>"
        ]
        for finding in item.findings:
            colour = severity_colour(finding.severity, palette).name()
            who = f"<br><i>Who can: {markup.text(finding.who)}</i>" if finding.who else ""
            parts.append(
                f"<p><b style='color:{colour}'>{finding.severity}</b> {finding.code}: {markup.text(finding.message)}<br>"
                f"{markup.text(finding.fix)}{who}</p>"
            )
        judged = item.standing.judged if item.standing else item.suspect.judged if item.suspect else ()
        parts += [markup.judged(each) for each in judged]
        self.reasons.setHtml("".join(parts))

    # ------------------------------------------------------------ what can be done

    def _item(self) -> Item | None:
        place = self.list.current()
        return self.items[place] if place is not None and place < len(self.items) else None

    def _select(self) -> None:
        item = self._item()
        if item is not None:
            self.host.select(item.names)

    def declare(self) -> None:
        """Open an empty form; what is declared goes on the nodes that are selected now."""
        names = self.host.selected()
        if not names:
            self.said.emit("Select the nodes that bring the element first.")
            return
        output = self.output()
        form = self._open_form(names, None)
        if form is not None:
            form.begin(Use(shot=output.shot if output else None, stage=Stage.FINAL))

    def revise(self) -> None:
        """Open the form with what is known of the line: a model to confirm, or a tag's facts to revise."""
        item, show = self._item(), self.host.show()
        if item is None or (item.suspect is None and item.standing is None):
            self.said.emit("Choose a line with a tag or a model first.")
            return
        output = self.output()
        if item.suspect is not None:
            form = self._open_form(item.names, None)
            if form is not None:
                form.load(item.suspect.tag, (Use(shot=output.shot if output else None, stage=Stage.FINAL),))
            return
        assert item.standing is not None
        entry = show.state.current(item.tag) if show is not None else None
        if show is None or entry is None:
            self.said.emit(f"The record of {item.tag} is not in this show's ledger, so its facts are not known here.")
            return
        form = self._open_form(item.names, item.tag)
        if form is not None:
            record = whole(show, entry)
            form.load(record.tag, record.uses)
            form.button.setText(f"Declare a new revision of {item.tag}")

    def tag_selected(self) -> None:
        """Put the line's tag on the nodes that are selected."""
        item, names = self._item(), self.host.selected()
        if item is None or not item.tag or not names:
            self.said.emit("Choose a line with a tag here, and nodes in the script.")
            return
        self._tag(names, item.tag)

    def _tag(self, names: Sequence[str], tag_id: str) -> None:
        try:
            self.host.tag(names, [tag_id])
        except GenAITagsError as error:
            self.said.emit(str(error))
            return
        self.said.emit(f"{tag_id} is on {', '.join(names)}.")
        self.host.refresh()

    def _open_form(self, names: Sequence[str], revising: str | None) -> TagForm | None:
        show = self.host.show()
        if show is None:
            self.said.emit("No show is open: set GENAI_SHOW, or save the script below the show's folder.")
            return None
        self._close_form()
        page = QWidget(self)
        try:
            self.form = TagForm(Rulebook.of(show), page)
        except GenAITagsError as error:
            self.said.emit(str(error))
            return None
        self.form.setOrientation(Qt.Orientation.Vertical)
        self._revising, self._then = revising, lambda tag_id: self._tag(names, tag_id)
        self.form.submitted.connect(self._declare)
        back = QPushButton("Back to the nodes (Escape)", page)
        back.clicked.connect(self.leave)
        about = QLabel(f"For {', '.join(names[:6])}{f' and {len(names) - 6} more' if len(names) > 6 else ''}", page)
        about.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(page)
        for widget, stretch in ((back, 0), (about, 0), (self.form, 1)):
            column.addWidget(widget, stretch)
        self._page = page
        self.addWidget(page)
        self.setCurrentWidget(page)
        return self.form

    def _declare(self, tag: Tag, uses: tuple[Use, ...]) -> None:
        show = self.host.show()
        try:
            if show is None:
                raise GenAITagsError("no show is open any more; nothing was recorded")
            record = show.declare(tag, uses, person(), self._revising)
        except GenAITagsError as error:
            if self.form is not None:
                self.form.problem.setText(str(error))
            return
        self._close_form()
        self._then(record.id)

    def leave(self) -> None:
        """Leave the form; what is filled in stays until it is declared or thrown away by a second Escape."""
        if self.form is None:
            return
        if self.form.is_touched() and self.form.problem.text() != _ASK:
            self.form.problem.setText(_ASK)
            return
        self._close_form()

    def _close_form(self) -> None:
        if self._page is not None:
            self.removeWidget(self._page)
            self._page.deleteLater()
        self.form = self._page = None
        self.setCurrentIndex(0)


def _worst(outputs: Sequence[Output]) -> int:
    """The write that stands worst; where there is none, the whole script."""
    writes = [(each.status.rank, -i) for i, each in enumerate(outputs) if each.plan.name]
    return -max(writes)[1] if writes else 0


def _why_nothing(output: Output) -> str:
    """What there is to say of an output without a line."""
    if output.status is not Status.CLEAN_INFERRED:
        return "<p>Nothing in it is known to be GenAI. That is not the same as clean.</p>"
    said = "".join(f"<li>{markup.text(each.name)}: statement {markup.text(each.clean)}</li>" for each in output.sources[:200])
    return f"<p>Every source is covered by a signed statement.</p><ul>{said}</ul>"


_ASK = "Not declared. Escape once more throws it away."
