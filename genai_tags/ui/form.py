"""The tag form: how an element was made, in the policy's own words, with the verdict beside it while it is filled in.

It writes nothing: ``submitted`` brings a tag and its uses to whoever shows the form.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QGroupBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from genai_tags.codec import check_tag
from genai_tags.model import Step, Tag, Use
from genai_tags.policy.asking import Quote, quotes
from genai_tags.preview import Rulebook
from genai_tags.questions import DOUBTED, HELP, NO_HELP, NOT_STATED, SECTIONS, presets, row_of, rows
from genai_tags.show import Judged
from genai_tags.status import Status
from genai_tags.ui import markup
from genai_tags.ui.facts import FactsEditor
from genai_tags.ui.fields import Combo, Editor, NameEditor, TextEditor
from genai_tags.ui.groups import GroupEditor, ItemsEditor
from genai_tags.ui.reasons import ReasonsView
from genai_tags.vocabulary import Answer, Basis

_PAUSE = 60
"""Milliseconds without a keystroke before the verdict is made anew."""


class TagForm(QSplitter):
    """A form for one tag and its uses."""

    submitted = Signal(object, object)

    def __init__(self, rules: Rulebook, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.rules = rules
        self.quotes = quotes(rules.packs)
        self.rows = rows(rules.packs)
        self.kept = Tag()
        self._shown: tuple[Tag, tuple[Use, ...], list[str]] = (Tag(), (), [])
        self.judged: list[Judged] = []
        self.groups: list[GroupEditor] = []
        self._preset: list[tuple[Editor, Any]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self.judge)
        self._order = QTimer(self)
        self._order.setSingleShot(True)
        self._order.timeout.connect(self._order_tabs)
        self._build()
        QShortcut(QKeySequence("Ctrl+Return"), self, activated=self.submit)  # type: ignore[call-overload]
        QApplication.instance().focusChanged.connect(self._help)  # type: ignore[union-attr]
        self.begin(Use())

    # ------------------------------------------------------------ parts

    def _build(self) -> None:
        left = self._left = QWidget(self)
        left.installEventFilter(self)
        column = QVBoxLayout(left)
        self.banner = QLabel(left)
        self.banner.setWordWrap(True)
        self.banner.hide()
        column.addWidget(self.banner)
        column.addWidget(self._matrix_box(left))
        for title, names in SECTIONS:
            if title == "Performers":  # where it is used comes before what is seldom concerned
                self.places = ItemsEditor(Use, "use", left)
                column.addWidget(_boxed("Where it is used", self.places, left))
            group = GroupEditor(Tag, "tag", names, left)
            self.groups.append(group)
            column.addWidget(_boxed(title, group, left))
        self.facts = FactsEditor({name: kind for pack in self.rules.packs for name, kind in pack.facts.items()}, left)
        if self.facts.editors:
            column.addWidget(_boxed("What the packs ask besides", self.facts, left))
        column.addStretch(1)
        for editor in (*self.groups, self.places, self.facts):
            editor.changed.connect(self._timer.start)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(left)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.addWidget(area)
        self.addWidget(self._verdict_side())
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)

    def _matrix_box(self, parent: QWidget) -> QWidget:
        self.matrix = Combo(parent)
        self.matrix.addItem(NOT_STATED, None)
        for row in self.rows:
            self.matrix.addItem(row.title, row)
            if row.message:
                self.matrix.setItemData(
                    self.matrix.count() - 1, f"<p>{markup.text(row.message)}</p>", Qt.ItemDataRole.ToolTipRole
                )
        self.matrix.setAccessibleName("Use case, by the policy's matrix")
        self.matrix.activated.connect(self._choose_row)
        self.matrix.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.matrix.setMinimumContentsLength(30)
        return _boxed("Use case, by the policy's matrix", self.matrix, parent)

    def _verdict_side(self) -> QWidget:
        side = QWidget(self)
        column = QVBoxLayout(side)
        self.badge = QLabel(side)
        self.badge.setTextFormat(Qt.TextFormat.RichText)
        self.badge.setWordWrap(True)
        font = self.badge.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self.badge.setFont(font)
        self.badge.setAccessibleName("Verdict")
        self.verdict, self.help = ReasonsView(side), ReasonsView(side)
        self.verdict.setAccessibleName("What the rules ask for")
        self.help.setAccessibleName("What the rules say of this field")
        self.help.setPlaceholderText("What the rules say of the field you are in.")
        self.problem = QLabel(side)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.button = QPushButton("Declare", side)
        self.button.setToolTip("Ctrl+Return")
        self.button.clicked.connect(self.submit)
        for widget, stretch in ((self.badge, 0), (self.verdict, 3), (self.help, 2), (self.problem, 0), (self.button, 0)):
            column.addWidget(widget, stretch)
        return side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is added or unfolded takes its place in the order of Tab."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._order.start(0)
        return super().eventFilter(watched, event)

    def _order_tabs(self) -> None:
        """Tab goes from top to bottom, left to right; Qt would go by when things were made."""
        there = [
            each
            for each in self._left.findChildren(QWidget)
            if each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.isVisible()
        ]
        places = {each: each.mapTo(self._left, QPoint(0, each.height() // 2)) for each in there if each.focusProxy() is None}
        places = {each: at for each, at in places.items() if not isinstance(each, QRadioButton) or each.isChecked()}
        order = sorted(places, key=lambda each: (places[each].y(), places[each].x()))
        for before, behind in itertools.pairwise([*order, self.verdict, self.help, self.button]):
            QWidget.setTabOrder(before, behind)

    # ------------------------------------------------------------ what it holds

    def begin(self, use: Use) -> None:
        """An empty form for an element used there."""
        self.load(Tag(steps=(Step(),)), (use,))

    def load(self, tag: Tag, uses: Sequence[Use]) -> None:
        """Show a tag: one to revise, or one that was detected or inherited and needs confirming."""
        self.kept = tag
        self._preset.clear()
        for group in self.groups:
            group.set_value(tag)
        self.places.set_value(tuple(uses) or None)
        self.facts.set_value(tag.facts)
        doubt = DOUBTED.get(tag.basis)
        self.banner.setText(f"{doubt}: look it over and confirm it. Nobody has said yet that it is so." if doubt else "")
        self.banner.setVisible(bool(doubt))
        self.button.setText("Confirm" if doubt else "Declare")
        row = row_of(self.rows, tag, self.rules.judge(tag, uses))
        self.matrix.setCurrentIndex(self.rows.index(row) + 1 if row else 0)
        self._shown = (self.tag(), self.uses(), self.problems())
        self.matrix.setFocus(Qt.FocusReason.TabFocusReason)
        self.judge()

    def tag(self) -> Tag:
        """The tag as it stands; what a person looked over is declared."""
        values = {name: editor.value() for group in self.groups for name, editor in group.editors.items()}
        row = self.matrix.itemData(self.matrix.currentIndex())
        return dataclasses.replace(
            self.kept, **values, use_case=row.use_case if row else None, facts=self.facts.value(), basis=Basis.DECLARED
        )

    def uses(self) -> tuple[Use, ...]:
        """The uses as they stand; one that says nothing is none."""
        return tuple(use for use in self.places.value() or () if use != Use())

    def is_touched(self) -> bool:
        """Whether something stands here that would be lost."""
        return (self.tag(), self.uses(), self.problems()) != self._shown

    def problems(self) -> list[str]:
        """What keeps it from being declared."""
        found = [problem for editor in (*self.groups, self.places, self.facts) for problem in editor.problems()]
        return found + [str(problem) for problem in check_tag(self.tag())]

    def submit(self) -> None:
        """Hand the tag over, where nothing keeps it from being declared."""
        problems = self.problems()
        self.problem.setText("\n".join(problems))
        if not problems:
            self.submitted.emit(self.tag(), self.uses())
            return
        wrong = next((each for each in self._editors() if isinstance(each, TextEditor) and each.problems()), None)
        if wrong is not None:
            wrong.setFocus(Qt.FocusReason.TabFocusReason)

    # ------------------------------------------------------------ the policy's words

    def judge(self) -> None:
        """Make the verdict anew, and say beside fields what the register settles."""
        tag, uses = self.tag(), self.uses()
        self.judged = self.rules.judge(tag, uses)
        status = max((each.verdict.status for each in self.judged), key=lambda s: s.rank, default=Status.OPEN)
        outcome = max((each.verdict.assessment.outcome for each in self.judged), key=lambda o: o.rank)
        self.badge.setText(f"{markup.badge(status.value)}<br>{outcome.value.replace('_', ' ')}")
        self.badge.setAccessibleDescription(f"{status}, {outcome}".replace("_", " "))
        self.verdict.setHtml("".join(markup.judged(each) for each in self.judged))
        self.problem.setText("\n".join(self.problems()))
        self._remark(tag, uses)

    def _remark(self, tag: Tag, uses: Sequence[Use]) -> None:
        register = self.rules.register
        filled, _ = register.look(tag, next(iter(uses), Use()), self.rules.today)
        tools = [each.tool for each in register.tools(self.rules.today)]
        steps = self._items("steps")
        for (_, editor), step in zip(steps, filled.steps or (), strict=False):
            known = register.current(step.tool, self.rules.today) if step.tool else None
            for name, names in (("tool", tools), ("licence_tier", [tier.name for tier in known.tiers] if known else [])):
                line = editor.editors[name]
                if isinstance(line, NameEditor) and getattr(line, "names", None) != names:
                    line.offer(names)
            _compare(editor, step)
        answers = next(group.editors["answers"] for group in self.groups if "answers" in group.editors)
        assert isinstance(answers, GroupEditor)
        _compare(answers, filled.answers)

    def _items(self, name: str) -> list[tuple[QGroupBox, GroupEditor]]:
        editor = next(group.editors[name] for group in self.groups if name in group.editors)
        assert isinstance(editor, ItemsEditor)
        return editor.items

    def _choose_row(self, _index: int) -> None:
        """A row of the matrix says what it is about: what nobody stated yet is filled in, and taken back with another row."""
        for editor, value in self._preset:
            if editor.value() == value:
                editor.set_value(Answer.UNSURE if isinstance(value, Answer) else None)
        self._preset.clear()
        row = self.matrix.itemData(self.matrix.currentIndex())
        for path, word in presets(row).items():
            self._fill(path, word)
        self._timer.start()

    def _fill(self, path: str, word: str) -> None:
        for editor in self._editors():
            if editor.path == path and editor.value() in (None, Answer.UNSURE):
                choice = _choice(editor, word)
                if choice is not None:
                    editor.set_value(choice)
                    self._preset.append((editor, choice))

    def _editors(self) -> list[Editor]:
        return [inner for editor in (*self.groups, self.places, self.facts) for inner in editor.within()]

    def _help(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Quote the rules that read the field with the focus."""
        path = ""
        if now is self.matrix:
            row = self.matrix.itemData(self.matrix.currentIndex())
            if row and row.rule:
                self.help.setHtml(f"<p>{markup.text(row.message)}<br>{markup.cited(row.cite, f'{row.pack}, {row.rule}')}</p>")
            return
        place: QWidget | None = now
        while place is not None and place is not self:
            if isinstance(place, Editor) and not path:
                path = place.path
            place = place.parentWidget()
        if place is self and path:
            self.help.setHtml("".join(map(_quoted, self.quotes.get(path, ())[:6])) or f"<p>{HELP.get(path, NO_HELP)}</p>")


def _boxed(title: str, inner: QWidget, parent: QWidget) -> QGroupBox:
    box = QGroupBox(title, parent)
    layout = QVBoxLayout(box)
    layout.addWidget(inner)
    return box


def _choice(editor: Editor, word: str) -> Any:
    """The value of an editor that a word stands for; None where it has no such value."""
    buttons = getattr(editor, "buttons", None)
    if buttons:
        return next((answer for answer in buttons if answer.value == word), None)
    words = getattr(editor, "words", ())
    return next((each for each in words if each is not None and str(each) == word), None)


def _compare(editor: GroupEditor, filled: Any) -> None:
    """Say beside each field what the register makes of it."""
    for name, inner in editor.editors.items():
        if isinstance(inner, (GroupEditor, ItemsEditor)) or name not in editor.notes:
            continue
        mine, theirs = inner.value(), getattr(filled, name)
        differs = theirs not in (None, Answer.UNSURE) and theirs != mine
        editor.remark(name, f"register: {str(theirs).replace('_', ' ')}" if differs else "")


def _quoted(quote: Quote) -> str:
    question = f"<b>{markup.text(quote.question)}</b><br>" if quote.question else ""
    return f"<p>{question}{markup.text(quote.message)}<br>{markup.cited(quote.cite, f'{quote.pack}, {quote.title}')}</p>"
