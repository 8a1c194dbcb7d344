"""The policy's form in Blender: facts filled in, the verdict meanwhile, and what is declared."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from genai_tags import vocabulary
from genai_tags.codec import decode_facts
from genai_tags.model import FrameSet, Record, Step, Tag, Use
from genai_tags.show import Show
from genai_tags.status import Status
from genai_tags.strict import load_yaml
from genai_tags.vocabulary import AIClass, Answer, KeyElement, Operation, TrainingData, UseCase
from tests.hosts.conftest import part
from tests.stage import Stage

FULL = """
tag:
  element: AI sky over the harbour
  element_type: visual
  use_case: background_element
  key_element: none
  answers: {no_recreation: yes, temporary: no}
  steps:
  - tool: SkyGen
    operation: generate
    ai_class: generative
    at: 2026-03-01
    training_data: licensed
    prompt: "dusk\\nover water"
    inputs: [{id: I1, kinds: [own, client_proprietary]}]
  - {tool: Upscaler, operation: enhance, ai_class: analytic, inputs: []}
  talent: []
  could_mislead: no
uses:
- {shot: AGM_104_065_010, frames: 1001-1048, stage: final, presence: incidental, story_relevant: no}
"""


@pytest.fixture
def form(stage: Stage, scene: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The form, of a show that the file belongs to."""
    monkeypatch.setenv("GENAI_SHOW", str(stage.folder))
    monkeypatch.setenv("GENAI_BY", "Ana")
    yield part("form")
    part("form").forget()


def opened(stage: Stage) -> Show:
    """The show as its book stands now."""
    return Show.open(str(stage.folder))


def recorded(stage: Stage, tag_id: str) -> Record:
    """What the ledger holds of a tag."""
    show = opened(stage)
    entry = show.current(tag_id, show.today())
    assert entry is not None
    return entry.record


def cube(scene: Any) -> Any:
    """An object that is selected."""
    found = bpy.data.objects.new("AGM_104_065_010_sky", None)
    scene.collection.objects.link(found)
    found.select_set(True)
    return found


def test_what_the_form_shows_is_what_it_gives_back(form: Any) -> None:
    tag, uses = decode_facts(load_yaml(FULL, "facts"), "facts")
    form.load(tag, uses)
    assert (form.tag(), form.uses()) == (tag, uses)


def test_every_fact_of_the_model_can_be_filled_in(form: Any) -> None:
    asked = part("questionnaire")
    for cls in (Step, Use):
        assert {each.name for each in asked.fields(cls, "x")} == {f.name for f in dataclasses.fields(cls)} - {"extra"}
    left = {f.name for f in dataclasses.fields(Tag)} - {each.name for each in asked.fields(Tag, "tag")}
    assert left == {"use_case", "basis", "facts", "extra"}  # the matrix's row, what a form always is, the packs' own


def test_an_element_is_declared_and_put_on_what_is_selected(form: Any, stage: Stage, scene: Any) -> None:
    found = cube(scene)
    assert bpy.ops.genai.form_begin() == {"FINISHED"}
    group = form.group()
    assert (group.uses[0].shot, group.uses[0].stage, len(group.tag.steps)) == ("AGM_104_065_010", "final", 1)
    group.tag.element = "AI sky"
    group.tag.steps[0].tool = "SkyGen"
    group.tag.steps[0].operation = "generate"
    group.tag.steps[0].ai_class = "generative"
    group.tag.steps[0].prompt = "dusk over water"
    group.uses[0].frames = "1001-1010"
    assert bpy.ops.genai.declare() == {"FINISHED"}
    (stub,) = part("store").get(found)[0].stubs
    record = recorded(stage, stub.id)
    assert record.tag.steps is not None
    assert (record.tag.steps[0].tool, record.uses[0].frames) == ("SkyGen", FrameSet.parse("1001-1010"))
    assert record.tag.steps[0].operation is Operation.GENERATE
    assert record.tag.steps[0].ai_class is AIClass.GENERATIVE
    assert opened(stage).state.entries[stub.id][1][0].event.recorded_by == "Ana"
    assert "dusk" not in found["genai"]
    assert not form.is_open()
    assert group.tag.element == ""


def test_the_verdict_follows_what_is_filled_in(form: Any, scene: Any) -> None:
    cube(scene)
    bpy.ops.genai.form_begin()
    assert form.said().status is Status.OPEN
    group = form.group()
    group.tag.steps[0].ai_class = "analytic"
    group.tag.steps[0].operation = "enhance"
    form.judge()
    analytic = form.said().status
    group.tag.steps[0].ai_class, group.tag.steps[0].operation = "generative", "generate"
    item = group.tag.talent.add()
    item.kind, item.recognisable = "replica", "yes"
    form.judge()
    assert form.said().outcome == "written approval"
    assert analytic is not form.said().status
    assert any("talent_consent" in need for each in form.said().judged for need in each.verdict.unmet)


def test_a_row_of_the_matrix_fills_in_what_nobody_stated_and_takes_it_back(form: Any, scene: Any) -> None:
    cube(scene)
    bpy.ops.genai.form_begin()
    number = {row.title.split()[0]: str(i) for i, row in enumerate(form.rows())}
    bpy.ops.genai.form_row(row=number["A"])  # a background element in the final picture, incidental
    (use,) = form.uses()
    assert (form.tag().use_case, form.tag().key_element) == (UseCase.BACKGROUND_ELEMENT, KeyElement.NONE)
    assert use.story_relevant is Answer.NO
    bpy.ops.genai.form_row(row=number["Unowned"])
    (use,) = form.uses()
    assert (form.tag().key_element, use.story_relevant) == (None, Answer.UNSURE)
    assert form.tag().steps[0].training_data is TrainingData.UNOWNED
    form.group().tag.steps[0].training_data = "licensed"  # somebody's own word stays
    bpy.ops.genai.form_row(row=number["Other"])
    assert form.tag().steps[0].training_data is TrainingData.LICENSED


def test_a_day_that_is_none_is_said_and_nothing_is_declared(form: Any, stage: Stage, scene: Any) -> None:
    found = cube(scene)
    bpy.ops.genai.form_begin()
    form.group().tag.steps[0].at = "yesterday"
    form.judge()
    assert "step.at" in form.said().problems[0]
    assert bpy.ops.genai.declare() == {"CANCELLED"}
    assert not opened(stage).state.entries
    assert "genai" not in found
    assert form.is_open()


def test_declaring_needs_something_to_put_it_on(form: Any, stage: Stage) -> None:
    bpy.ops.genai.form_begin()
    assert bpy.ops.genai.declare() == {"CANCELLED"}
    assert not opened(stage).state.entries


def test_a_tag_is_revised_with_what_the_ledger_keeps_of_it(form: Any, stage: Stage, scene: Any) -> None:
    found = cube(scene)
    tag, uses = decode_facts(load_yaml(FULL, "facts"), "facts")
    made = opened(stage).declare(tag, uses, "Ana")
    part("operators").tag([found], [made.id])
    assert bpy.ops.genai.form_revise(id=made.id) == {"FINISHED"}
    assert form.group().tag.steps[0].prompt == "dusk over water"  # a line cannot show two
    form.group().tag.could_mislead = "unsure"
    assert bpy.ops.genai.declare() == {"FINISHED"}
    (stub,) = part("store").get(found)[0].stubs
    assert (stub.id, stub.revision) == (made.id, 2)
    record = recorded(stage, made.id)
    assert record.tag.could_mislead is Answer.UNSURE
    assert record.tag.use_case is UseCase.BACKGROUND_ELEMENT
    assert record.uses[0].stage is vocabulary.Stage.FINAL


def test_lists_are_added_to_and_taken_from(form: Any, scene: Any) -> None:
    cube(scene)
    bpy.ops.genai.form_begin()
    bpy.ops.genai.form_item(path="tag.steps")
    bpy.ops.genai.form_item(path="tag.steps[1].inputs")
    form.group().tag.steps[1].inputs[0].kinds = {"own"}
    form.group().tag.steps[1].tool = "second"
    bpy.ops.genai.form_item(path="tag.steps", place=0)
    (step,) = form.tag().steps
    assert (step.tool, step.inputs[0].kinds[0].value) == ("second", "own")
    assert form.tag().talent is None
    form.group().tag.no_talent = True
    assert form.tag().talent == ()


def test_nothing_that_is_filled_in_is_saved_in_the_file(form: Any, scene: Any, tmp_path: Path) -> None:
    cube(scene)
    bpy.ops.genai.form_begin()
    form.group().tag.steps[0].prompt = "a secret prompt"
    path = tmp_path / "a.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=False)
    assert b"a secret prompt" not in path.read_bytes()
    assert form.group().tag.steps[0].prompt == "a secret prompt"
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert not form.is_open()
    assert form.group().tag.element == ""


def test_tags_are_found_by_what_they_are_and_what_holds_them_is_selected(form: Any, stage: Stage, scene: Any) -> None:
    part("standing").forget()
    tag, uses = decode_facts(load_yaml(FULL, "facts"), "facts")
    made = opened(stage).declare(tag, uses, "Ana")
    found = cube(scene)
    (line,) = [each.line for each in part("standing").listed(part("session").SESSION.show())]
    assert line.startswith("AI sky over the harbour | AGM_104_065_010 | SkyGen, Upscaler | ")
    assert line.endswith(made.id)
    assert bpy.ops.genai.tag_found(found=made.id) == {"FINISHED"}
    other = bpy.data.objects.new("other", None)
    scene.collection.objects.link(other)
    other.select_set(True)
    assert bpy.ops.genai.select(held=made.id) == {"FINISHED"}
    assert (found.select_get(), other.select_get()) == (True, False)
    found.select_set(False)
    bpy.ops.genai.select(held="UNSETTLED")
    assert (found.select_get(), other.select_get()) == (True, False)


def test_without_a_show_the_form_says_so(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENAI_SHOW", raising=False)
    assert bpy.ops.genai.form_begin() == {"CANCELLED"}
    assert not part("form").is_open()


def test_nothing_is_recorded_where_what_is_selected_takes_no_tag(form: Any, stage: Stage, scene: Any) -> None:
    found = cube(scene)
    found["genai"] = "{"
    bpy.ops.genai.form_begin()
    form.group().tag.element = "kept"
    assert bpy.ops.genai.declare() == {"CANCELLED"}
    assert not opened(stage).state.entries
    assert form.group().tag.element == "kept"


def test_what_was_filled_in_is_not_thrown_away_by_revising(form: Any, stage: Stage, scene: Any) -> None:
    tag_id = stage.declare()
    cube(scene)
    bpy.ops.genai.form_begin()
    assert not form.is_touched()
    form.group().tag.element = "kept"
    assert bpy.ops.genai.form_revise(id=tag_id) == {"CANCELLED"}
    assert form.group().tag.element == "kept"
    assert bpy.ops.genai.form_discard() == {"FINISHED"}
    assert not form.is_open()


def test_what_a_row_filled_in_is_taken_back_whatever_was_added_meanwhile(form: Any, scene: Any) -> None:
    cube(scene)
    bpy.ops.genai.form_begin()
    number = {row.title.split()[0]: str(i) for i, row in enumerate(form.rows())}
    bpy.ops.genai.form_item(path="uses")
    bpy.ops.genai.form_row(row=number["A"])
    assert [use.story_relevant for use in form.group().uses] == ["no", "no"]
    bpy.ops.genai.form_item(path="tag.steps[0].inputs")
    bpy.ops.genai.form_item(path="uses", place=0)
    bpy.ops.genai.form_row(row=number["Other"])
    assert form.tag().key_element is None
    assert [use.story_relevant for use in form.group().uses] == ["unsure"]


def test_a_day_that_cannot_be_read_leaves_no_green_verdict(form: Any, scene: Any) -> None:
    cube(scene)
    bpy.ops.genai.form_begin()
    step = form.group().tag.steps[0]
    step.ai_class, step.operation = "analytic", "enhance"
    form.judge()
    assert form.said().status is not Status.OPEN
    step.at = "yesterday"
    form.judge()
    assert (form.said().status, form.said().outcome) == (Status.OPEN, "cannot be judged")


def test_private_texts_are_written_in_a_dialog_that_blender_does_not_log(form: Any, scene: Any) -> None:
    cube(scene)
    bpy.ops.genai.form_begin()
    private = [each.name for _, each in part("questionnaire").every(form.group().tag, Tag, "tag") if each.private]
    assert set(private) == {"element", "prompt", "prompt_template", "seed", "text"}
    operator = bpy.ops.genai.form_text.get_rna_type()
    assert (operator.properties["text"].subtype, "REGISTER" in operator.bl_rna.name) == ("PASSWORD", False)
    assert bpy.ops.genai.form_text(path="tag.steps[0]", name="prompt", text="dusk") == {"FINISHED"}
    assert form.tag().steps[0].prompt == "dusk"


def test_a_choice_is_repeated_by_the_tag_and_not_by_its_place(form: Any, stage: Stage, scene: Any) -> None:
    part("standing").forget()
    known = part("operators")._known
    first = {item[0]: item[4] for item in known(None, bpy.context) if item[0]}
    stage.declare()
    stage.declare()
    part("standing").look_again()
    numbers = {item[0]: item[4] for item in known(None, bpy.context)}
    assert len(set(numbers.values())) == len(numbers) == len(first) + 2
