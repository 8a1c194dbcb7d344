"""The tag form, filled in by keyboard; what it makes of facts, of the register and of hostile text."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genai_tags.codec import decode_facts, encode, hints
from genai_tags.model import FrameSet, Step, Tag, Use
from genai_tags.policy.asking import matrix, quotes
from genai_tags.policy.pack import builtin
from genai_tags.preview import Rulebook
from genai_tags.show import Show
from genai_tags.status import Status
from genai_tags.vocabulary import Answer, Basis, KeyElement, Operation, Presence, Stage, UseCase
from tests.facts import CALM, facts, tag_and_use
from tests.sheets import needs_qt
from tests.stage import SHOT
from tests.stage import Stage as Stages

if TYPE_CHECKING:
    from genai_tags.ui.form import TagForm

TOOLS = """
schema: genai_tags.tools/1
tools:
- tool: Nimbus
  date: "2026-10-01"
  reviewed_by: L. Legal
  status: allowed
  ai_class: generative
  enterprise_agreement: yes
  stores_inputs: no
  reuses_inputs: no
  trains_on_inputs: no
  training_data: licensed
  trained_on_talent: no
"""


def form_of(qtbot: Any, show: Any = None) -> TagForm:
    """A form on screen: of a show, or of the default packs."""
    from genai_tags.ui.form import TagForm

    form = TagForm(Rulebook.of(Show.open(str(show))) if show else Rulebook.default())
    qtbot.addWidget(form)
    form.resize(1200, 900)
    with qtbot.waitActive(form, timeout=20_000):
        form.show()
    return form


class Typist:
    """Presses keys on whatever has the focus, and counts them."""

    def __init__(self, qtbot: Any, form: TagForm) -> None:
        self.qtbot, self.form, self.count = qtbot, form, 0

    def type(self, text: str) -> None:
        for letter in text:
            self.count += 1
            self.qtbot.keyClick(self._focus(), letter)

    def press(self, key: Any, times: int = 1, modifier: Any = None) -> None:
        from PySide6.QtCore import Qt

        for _ in range(times):
            self.count += 1
            self.qtbot.keyClick(self._focus(), key, modifier or Qt.KeyboardModifier.NoModifier)

    def tab_to(self, path: str) -> None:
        """Press Tab until the field has the focus."""
        from PySide6.QtCore import Qt

        for _ in range(80):
            if self.path() == path:
                return
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never leads to {path}")

    def path(self) -> str:
        from genai_tags.ui.fields import Editor

        place = self._focus()
        while place is not None and not isinstance(place, Editor):
            place = place.parentWidget()
        return place.path if place is not None else ""

    def _focus(self) -> Any:
        from PySide6.QtWidgets import QApplication

        QApplication.processEvents()  # what happens between a person's keys
        return QApplication.focusWidget() or self.form


@needs_qt
def test_a_common_case_takes_few_keys(qtbot: Any, stage: Stages) -> None:
    """An incidental background element made with a reviewed tool: 42 keys.

    (Card, Moran and Newell: 0.28 s a key for a person who types rarely; the register answers for the tool.)
    """
    from PySide6.QtCore import Qt

    (stage.folder / "tools.yaml").write_text(TOOLS)
    stage.configure("register: {}\n")
    form = form_of(qtbot, stage.folder)
    form.begin(Use(shot=SHOT, stage=Stage.FINAL))
    made: list[tuple[Tag, tuple[Use, ...]]] = []
    form.submitted.connect(lambda tag, uses: made.append((tag, uses)))
    typist = Typist(qtbot, form)
    typist.type("a")  # the first row that begins so: incidental
    typist.tab_to("step.tool")
    typist.type("Nimbus")
    typist.tab_to("step.operation")
    typist.type("g")
    typist.tab_to("use.presence")
    typist.type("i")
    typist.tab_to("tag.answers.no_recreation")
    typist.type("y")
    typist.tab_to("tag.answers.temporary")
    typist.type("n")
    typist.tab_to("tag.answers.no_talent_replacement")
    typist.type("y")
    typist.press(Qt.Key.Key_Return, modifier=Qt.KeyboardModifier.ControlModifier)
    assert len(made) == 1
    tag, uses = made[0]
    assert tag.use_case is UseCase.BACKGROUND_ELEMENT
    assert tag.key_element is KeyElement.NONE
    assert tag.steps is not None
    assert (tag.steps[0].tool, tag.steps[0].operation) == ("Nimbus", Operation.GENERATE)
    assert (tag.answers.no_recreation, tag.answers.temporary) == (Answer.YES, Answer.NO)
    assert uses == (Use(shot=SHOT, stage=Stage.FINAL, presence=Presence.INCIDENTAL, story_relevant=Answer.NO),)
    assert typist.count * 0.28 < 20


@needs_qt
def test_the_verdict_follows_what_is_typed(qtbot: Any) -> None:
    form = form_of(qtbot)
    tag, use = tag_and_use()
    form.load(tag, (use,))
    assert form.judged[0].verdict.assessment.outcome.value == "notify"
    typist = Typist(qtbot, form)
    typist.tab_to("use.stage")
    typist.type("f")
    typist.tab_to("use.presence")
    typist.type("p")
    qtbot.waitUntil(lambda: form.judged[0].verdict.assessment.outcome.value == "written_approval", timeout=15_000)
    assert "written approval" in form.badge.text()
    assert "legal review" in form.verdict.toPlainText()


@needs_qt
def test_the_rules_words_are_at_hand_where_the_focus_is(qtbot: Any) -> None:
    form = form_of(qtbot)
    Typist(qtbot, form).tab_to("tag.answers.no_training_on_inputs")
    assert "Are you sure that the tool does not store, reuse or train on what it is given?" in form.help.toPlainText()
    assert "netflix-2025-08" in form.help.toPlainText()


@needs_qt
def test_the_register_fills_in_what_it_settles_and_says_so(qtbot: Any, stage: Stages) -> None:
    (stage.folder / "tools.yaml").write_text(TOOLS)
    stage.configure("register: {}\n")
    form = form_of(qtbot, stage.folder)
    form.load(Tag(steps=(Step(tool="nimbus"),)), (Use(shot=SHOT),))
    step = form._items("steps")[0][1]
    assert step.notes["training_data"].text() == "register: licensed"
    assert step.notes["stores_inputs"].text() == "register: no"
    answers = next(group.editors["answers"] for group in form.groups if "answers" in group.editors)
    assert answers.notes["secure_environment"].text() == "register: yes"  # type: ignore[attr-defined]
    assert step.editors["tool"].names == ["Nimbus"]  # type: ignore[attr-defined]
    assert form.tag().steps == (Step(tool="nimbus"),)  # the register's word is not put into the artist's mouth


@needs_qt
def test_a_row_of_the_matrix_fills_in_what_it_is_about_and_takes_it_back(qtbot: Any) -> None:
    form = form_of(qtbot)
    titles = [form.matrix.itemText(i) for i in range(form.matrix.count())]
    assert "Ideation only" in titles
    assert "A background element in the final picture, incidental" in titles
    form.matrix.setCurrentIndex(titles.index("A background element in the final picture, incidental"))
    form._choose_row(0)
    (use,) = form.uses()
    assert (use.stage, use.story_relevant, form.tag().key_element) == (Stage.FINAL, Answer.NO, KeyElement.NONE)
    form.places.items[0][1].editors["story_relevant"].set_value(Answer.YES)  # somebody's own word is not taken back
    form.matrix.setCurrentIndex(titles.index("Ideation only"))
    form._choose_row(0)
    (use,) = form.uses()
    assert (use.stage, use.story_relevant, form.tag().key_element) == (Stage.IDEATION, Answer.YES, None)


@needs_qt
@pytest.mark.parametrize(("basis", "word"), [(Basis.DETECTED, "Detected"), (Basis.INFERRED, "Taken over")])
def test_what_was_detected_or_inherited_arrives_filled_in_and_is_confirmed(qtbot: Any, basis: Basis, word: str) -> None:
    tag, use = tag_and_use()
    form = form_of(qtbot)
    form.load(dataclasses.replace(tag, basis=basis), (use,))
    assert form.banner.text().startswith(word)
    assert form.button.text() == "Confirm"
    made: list[Tag] = []
    form.submitted.connect(lambda found, uses: made.append(found))
    form.button.click()
    assert made == [dataclasses.replace(tag, basis=Basis.DECLARED)]


@needs_qt
def test_what_cannot_be_understood_is_said_and_not_submitted(qtbot: Any) -> None:
    form = form_of(qtbot)
    form.begin(Use(shot=SHOT))
    made: list[Tag] = []
    form.submitted.connect(lambda found, uses: made.append(found))
    frames, day = form.places.items[0][1].editors["frames"], form._items("steps")[0][1].editors["at"]
    frames.line.setText("1048-1001")  # type: ignore[attr-defined]
    day.line.setText("yesterday")  # type: ignore[attr-defined]
    form.submit()
    assert made == []
    assert "use.frames: '1048-1001' ends before it begins" in form.problem.text()
    assert "step.at" in form.problem.text()
    frames.line.setText("1001-1048")  # type: ignore[attr-defined]
    day.line.clear()  # type: ignore[attr-defined]
    form.submit()
    assert len(made) == 1
    assert form.uses()[0].frames == FrameSet.parse("1001-1048")


def _values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type, as a person may have stated it."""
    import datetime as dt
    import types
    import typing
    from enum import Enum

    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        inner = next(each for each in typing.get_args(hint) if each is not type(None))
        return st.none() | _values(inner)
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        if isinstance(item, type) and issubclass(item, Enum):
            return st.lists(st.sampled_from(item), unique=True).map(lambda found: tuple(word for word in item if word in found))
        return st.lists(_values(item), max_size=2).map(tuple)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if hint is dt.date:
        return st.dates()
    if hint is FrameSet:
        return st.sampled_from([FrameSet.parse("1001"), FrameSet.parse("1001-1010,1020")])
    if hint is str:
        return st.text(min_size=1, max_size=12).filter(lambda text: text.strip() == text)
    if dataclasses.is_dataclass(hint):
        return st.builds(hint, **{name: _values(each) for name, each in hints(hint).items()})  # type: ignore[arg-type]
    return st.just({})


@needs_qt
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tag=_values(Tag), uses=st.lists(_values(Use), max_size=2).map(tuple))
def test_a_form_gives_back_what_it_was_given(qtbot: Any, tag: Tag, uses: tuple[Use, ...]) -> None:
    """No fact is lost, changed or made up by looking at it."""
    form = _kept_form(qtbot)
    form.load(tag, uses)
    assert form.tag() == dataclasses.replace(tag, basis=Basis.DECLARED)
    assert form.uses() == tuple(use for use in uses if use != Use())


_FORMS: list[Any] = []


def _kept_form(qtbot: Any) -> TagForm:
    """One form for many examples."""
    from genai_tags.ui.form import TagForm

    if not _FORMS:
        _FORMS.append(TagForm(Rulebook.default()))
    return _FORMS[0]  # type: ignore[no-any-return]


@needs_qt
def test_unknown_keys_of_a_newer_file_survive(qtbot: Any) -> None:
    tag, use = tag_and_use()
    steps = (dataclasses.replace(tag.steps[0], extra={"colour_pipeline": "ACES"}),) if tag.steps else ()
    form = form_of(qtbot)
    form.load(dataclasses.replace(tag, steps=steps, extra={"later": 1}), (use,))
    assert form.tag().extra == {"later": 1}
    assert form.tag().steps == steps


@needs_qt
def test_facts_that_a_pack_declares_are_asked_for(qtbot: Any, stage: Stages) -> None:
    text = (stage.folder / "genai.yaml").read_text()
    (stage.folder / "genai.yaml").write_text(text.replace("netflix-2025-08", "eu-ai-act-50"))
    declared = builtin("eu-ai-act-50").facts
    form = form_of(qtbot, stage.folder)
    form.load(Tag(steps=(Step(),), facts={}), ())
    assert set(form.facts.editors) == set(declared)
    name, kind = next((name, kind) for name, kind in declared.items() if kind.words)
    word = kind.words[0]
    form.facts.editors[name].set_value(Answer(word) if set(kind.words) == {"yes", "no"} else word)
    assert form.tag().facts == {name: word}


@needs_qt
@pytest.mark.parametrize("text", ["<b>x</b>", "\u202eevil", "x" * 10_000, "\U0001f600", "two\nlines", "100% [expr] $HOME"])
def test_hostile_text_goes_in_and_comes_out(qtbot: Any, text: str) -> None:
    tag = Tag(element=text, steps=(Step(tool=text, prompt=text),))
    form = form_of(qtbot)
    form.load(tag, (Use(shot=text),))
    assert (form.tag().element, form.tag().steps, form.uses()) == (text, tag.steps, (Use(shot=text),))
    assert "\u202e" not in form.verdict.toPlainText()
    again, uses = decode_facts(
        json.loads(json.dumps({"tag": encode(form.tag()), "uses": [encode(u) for u in form.uses()]})), "form"
    )
    assert (again, uses) == (form.tag(), form.uses())


def test_the_matrix_is_the_policys_own() -> None:
    """Every row of Netflix's matrix has the label that fits it, and every label but "other" has a row."""
    rows = matrix([builtin("netflix-2025-08")])
    assert [row.use_case for row in rows if row.use_case is None] == []
    assert {row.use_case for row in rows} == set(UseCase) - {UseCase.OTHER}
    ideation = next(row for row in rows if row.rule == "matrix-ideation")
    assert ideation.states == {"use.stage": ("ideation",)}


def test_every_principle_can_be_quoted() -> None:
    found = quotes([builtin("netflix-2025-08")])
    for name in CALM["tag"]["answers"]:
        assert found[f"tag.answers.{name}"][0].question
        assert found[f"tag.answers.{name}"][0].cite.startswith("https://")
    assert found["input.kinds"]


def test_a_preview_is_what_assess_says_of_the_same_facts(stage: Stages) -> None:
    """One engine: the form and the command line cannot differ."""
    tag, uses = decode_facts(facts({"uses[0].stage": "final"}), "facts")
    (judged,) = Rulebook.of(Show.open(str(stage.folder))).judge(tag, uses)
    path = stage.folder / "try.yaml"
    from tests.facts import as_yaml

    path.write_text(as_yaml({"uses[0].stage": "final"}))
    said = stage.do("assess", "--from", path, "--format", "json").json
    assert judged.verdict.status is Status(said["status"])
    assert [f.rule for f in judged.verdict.assessment.findings] == [f["rule"] for f in said["findings"]]


@needs_qt
def test_what_no_editor_can_show_is_kept(qtbot: Any, stage: Stages) -> None:
    """A word that the pack does not know, as an older pack may have had it, and a fact of a pack that is not in force."""
    text = (stage.folder / "genai.yaml").read_text()
    (stage.folder / "genai.yaml").write_text(text.replace("netflix-2025-08", "eu-ai-act-50"))
    name = next(name for name, kind in builtin("eu-ai-act-50").facts.items() if kind.words)
    form = form_of(qtbot, stage.folder)
    form.load(Tag(steps=(Step(),), facts={name: "perhaps", "of_another_pack": "yes"}), ())
    assert form.tag().facts == {name: "perhaps", "of_another_pack": "yes"}


@needs_qt
def test_what_cannot_be_understood_is_something_to_lose_and_has_the_focus(qtbot: Any) -> None:
    form = form_of(qtbot)
    form.begin(Use(shot=SHOT))
    assert not form.is_touched()
    form.places.items[0][1].editors["frames"].line.setText("all of them")  # type: ignore[attr-defined]
    assert form.is_touched()
    form.submit()
    assert Typist(qtbot, form).path() == "use.frames"


@needs_qt
def test_a_prominent_element_is_the_row_whose_rule_fires(qtbot: Any) -> None:
    """Two rows of the matrix have one label; the facts tell which it is."""
    form = form_of(qtbot)
    for presence, words in ((Presence.INCIDENTAL, "incidental"), (Presence.PROMINENT, "prominent")):
        tag, use = tag_and_use(
            {"tag.use_case": "background_element", "uses[0].stage": "final", "uses[0].presence": presence.value}
        )
        form.load(tag, (use,))
        assert words in form.matrix.currentText()
