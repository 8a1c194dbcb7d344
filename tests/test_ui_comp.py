"""The panel of a compositing host, docked in the Nuke double: what it shows, what it does, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.nuke_app import App
from tests.doubles.nukescripts_app import dock
from tests.nuke_stage import Comp, running
from tests.sheets import needs_qt
from tests.stage import SHOT, Stage

pytestmark = needs_qt


@pytest.fixture
def comp(stage: Stage, tmp_path: Path) -> Iterator[Comp]:
    """A Nuke 16 with a window."""
    yield from running(App(), stage, tmp_path)


def docked(comp: Comp, qtbot: Any) -> Any:
    """The panel in a pane, filled."""
    comp.load()
    widget = dock(comp.app, "com.genai_tags.panel")
    qtbot.addWidget(widget)
    widget.resize(600, 900)
    widget.show()
    comp.module("badges").refresh_now()
    comp.app.idle()
    return widget.panel


def lines(panel: Any) -> list[tuple[str, str, str]]:
    """Status, nodes and tag of each line."""
    return [(item.status.value, ", ".join(item.names), item.tag) for item in panel.items]


def test_it_says_what_is_in_the_write_and_where_each_stands(comp: Comp, qtbot: Any) -> None:
    plate, (sky, tag) = comp.stage.sequence("v001", folder="plates"), comp.stage.settled()
    model = comp.app.make("Inference", comp.read(plate, "Plate"), modelFile="/m/Sky.cat")
    comp.write(comp.app.make("Merge2", model, comp.read(sky, "Sky")), name="Comp")
    panel = docked(comp, qtbot)
    assert [panel.choice.itemText(i) for i in range(panel.choice.count())] == ["? Whole script", "? Comp"]
    assert panel.choice.currentText() == "? Comp"
    assert lines(panel) == [("no_record", "Inference1", ""), ("approved", "Sky", tag), ("no_record", "Plate", "")]
    assert "1 undeclared model" in panel.badge.text()
    assert "nobody declared" in panel.reasons.toPlainText() or "passes the picture through" in panel.reasons.toPlainText()
    panel.list.selectRow(1)
    assert "Sky" in panel.reasons.toPlainText()


def test_a_model_is_confirmed_in_the_form_and_the_node_carries_it(comp: Comp, qtbot: Any) -> None:
    comp.write(comp.app.make("Inference", comp.read(comp.stage.sequence()), modelFile="/m/Sky.cat"), name="Comp")
    panel = docked(comp, qtbot)
    panel.list.selectRow(0)
    panel.revise()
    form = panel.form
    assert "Taken over from what it was made of" in form.banner.text()
    assert form.tag().steps[0].model == "Sky.cat"
    assert form.uses()[0].shot == SHOT
    form.submit()
    comp.app.idle()
    assert panel.form is None
    assert lines(panel)[0][1:] == ("Inference1", "tag0001")
    assert [stub.id for stub in comp.module("knob").get(comp.app.to_node("Inference1"))[0].stubs] == ["tag0001"]


def test_declaring_tags_the_nodes_that_were_selected(comp: Comp, qtbot: Any) -> None:
    a, b = comp.read(comp.stage.sequence(), "A"), comp.read(comp.stage.sequence("v002"), "B")
    comp.write(comp.app.make("Merge2", a, b))
    panel = docked(comp, qtbot)
    comp.app.select(a, b)
    panel.declare()
    comp.app.select()  # the artist clicks elsewhere while the form is open
    panel.form.submit()
    comp.app.idle()
    assert lines(panel)[0][1:] == ("A, B", "tag0001")


def test_revising_replaces_the_revision_on_the_node(comp: Comp, qtbot: Any) -> None:
    read = comp.read(comp.stage.sequence(), "A")
    comp.write(read)
    panel = docked(comp, qtbot)
    tag = comp.stage.declare()
    comp.module("actions").tag_nodes([read], [tag])
    comp.app.idle()
    panel.list.selectRow(0)
    panel.revise()
    assert panel.form.button.text() == f"Declare a new revision of {tag}"
    panel.form.submit()
    comp.app.idle()
    (stub,) = comp.module("knob").get(read)[0].stubs
    assert (stub.id, stub.revision) == (tag, 2)


def test_what_was_typed_is_thrown_away_at_the_second_escape_only(comp: Comp, qtbot: Any) -> None:
    read = comp.read(comp.stage.sequence())
    comp.write(read)
    panel = docked(comp, qtbot)
    comp.app.select(read)
    panel.declare()
    panel.form.matrix.setCurrentIndex(2)
    panel.form._choose_row(2)
    panel.leave()
    assert "Escape once more" in panel.form.problem.text()
    panel.leave()
    assert panel.form is None


def test_nothing_is_opened_without_nodes_a_line_or_a_show(comp: Comp, qtbot: Any) -> None:
    comp.write(comp.read(comp.stage.sequence()))
    panel = docked(comp, qtbot)
    for call, text in (
        (panel.declare, "Select the nodes"), (panel.revise, "Choose a line with a tag or a model"), (panel.tag_selected, "Choose a line with a tag here"),
    ):  # fmt: skip
        call()
        assert panel.note.text().startswith(text)
    (comp.stage.folder / "genai.yaml").unlink()
    comp.app.select(comp.app.all_nodes()[0])
    panel.declare()
    assert panel.note.text().startswith("No show is open")


def test_hundreds_of_plates_are_one_line_and_enter_selects_them(comp: Comp, qtbot: Any) -> None:
    merge = None
    for _ in range(200):
        merge = comp.app.make("Merge2", merge, comp.app.make("Read", file="/p/a.%04d.exr"))
    comp.write(merge)  # type: ignore[arg-type]
    panel = docked(comp, qtbot)
    assert [item.what for item in panel.items] == ["cannot be read or found in full"]
    panel.list.selectRow(0)
    panel._select()
    assert len(comp.app.selected()) == 200


def test_hostile_names_stay_text(comp: Comp, qtbot: Any) -> None:
    read = comp.read(comp.stage.sequence())
    read._name = "<img src=x onerror=alert(1)><b>"
    comp.write(read)
    panel = docked(comp, qtbot)
    panel.list.selectRow(0)
    assert "<img src=x" in panel.reasons.toPlainText()


def test_a_pane_that_nuke_closed_is_no_trouble(comp: Comp, qtbot: Any) -> None:
    import shiboken6

    comp.write(comp.read(comp.stage.sequence()))
    panel = docked(comp, qtbot)
    shiboken6.delete(panel.parentWidget())
    comp.module("badges").refresh_now()
    comp.app.idle()
    assert comp.module("badges").LISTENERS == []
    assert not [line for line in comp.ours() if "did not work" in line]
