"""What reaches an output: the live graph and the saved script, walked by the same rules and compared with each other."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_tags.comp import nk, tcl
from genai_tags.comp.elements import elements
from genai_tags.comp.output import Judge
from genai_tags.comp.script import Script
from genai_tags.comp.walk import EVERY, Span, Visit, walk
from genai_tags.comp.writes import plans
from genai_tags.errors import InputError
from tests.doubles.nuke_app import App, Group, Node
from tests.nuke_stage import PLUGIN, Comp, running
from tests.stage import Stage

SPAN = Span(1001, 1010)


@pytest.fixture
def app() -> Iterator[App]:
    """A Nuke without a show, and the plugin's view of its graph."""
    made = App()
    sys.modules["nuke"] = made.nuke
    sys.path.insert(0, str(PLUGIN))
    yield made
    sys.path.remove(str(PLUGIN))
    for name in [name for name in sys.modules if name.partition(".")[0] in ("nuke", "genai_tags_nuke")]:
        del sys.modules[name]
    assert made.violations == []


def live(app: App, node: Node, span: Span = SPAN) -> list[Visit]:
    """What the plugin finds in the running Nuke."""
    from genai_tags_nuke.graph import Graph

    return walk(Graph().node(node), span)


def reads(visits: list[Visit]) -> dict[str, tuple[int, int]]:
    """The readers that contribute, and over which frames."""
    return {each.key: (each.span.first, each.span.last) for each in elements(visits) if each.path}


def saved(app: App, node: Node, tmp_path: Path, span: Span = SPAN) -> list[Visit]:
    """What is found in the text of the saved script."""
    path = tmp_path / "graph.nk"
    app.save(str(path))
    found = Script(str(path), [str(tmp_path)]).node(node.fullName())
    assert found is not None
    return walk(found, span)


def plate(app: App, name: str, **knobs: object) -> Node:
    """A Read of frames 1001 to 1010."""
    return app.make("Read", name=name, file=f"/plates/{name}.%04d.exr", first=1001, last=1010, **knobs)


def _disabled(app: App, a: Node, b: Node) -> Node:
    return app.make("Merge2", a, b, disable=True)


def _disabled_now_and_then(app: App, a: Node, b: Node) -> Node:
    node = app.make("Merge2", a, b)
    node["disable"].frames = {1001: 0, 1005: 1}
    return node


def _lives_elsewhere(app: App, a: Node, b: Node) -> Node:
    return app.make("Merge2", a, b, useLifetime=True, lifetimeStart=1, lifetimeEnd=900)


def _lives_partly(app: App, a: Node, b: Node) -> Node:
    return app.make("Merge2", a, b, useLifetime=True, lifetimeStart=1005, lifetimeEnd=2000)


def _switched(app: App, a: Node, b: Node) -> Node:
    return app.make("Switch", a, b, which=1)


def _switched_beyond(app: App, a: Node, b: Node) -> Node:
    return app.make("Switch", a, b, which=9)


def _switched_over_time(app: App, a: Node, b: Node) -> Node:
    node = app.make("Switch", a, b)
    node["which"].frames = {1001: 0, 1010: 1}
    return node


def _dissolved(app: App, a: Node, b: Node) -> Node:
    return app.make("Dissolve", a, b, which=0.5)


def _dissolved_whole(app: App, a: Node, b: Node) -> Node:
    return app.make("Dissolve", a, b, which=1)


def _mask_of_a_dissolve(app: App, a: Node, b: Node) -> Node:
    return app.make("Dissolve", a, None, b, which=0)


def _metadata_only(app: App, a: Node, b: Node) -> Node:
    return app.make("CopyMetaData", a, b)


def _variable_switch(app: App, a: Node, b: Node) -> Node:
    return app.make("VariableSwitch", a, b)


def _grouped(app: App, a: Node, b: Node) -> Node:
    group = app.make("Group", a, b)
    assert isinstance(group, Group)
    with group:
        first, second = app.make("Input", number=0), app.make("Input", number=1)
        app.make("Output", app.make("Merge2", first, second))
    return group


def _grouped_without_the_second(app: App, a: Node, b: Node) -> Node:
    group = app.make("Group", a, b)
    assert isinstance(group, Group)
    with group:
        first, second = app.make("Input", number=0), app.make("Input", number=1)
        app.make("Grade", second)
        app.make("Output", app.make("Grade", first))
    return group


def _a_disabled_group(app: App, a: Node, b: Node) -> Node:
    group = _grouped(app, a, b)
    group["disable"].setValue(True)
    return group


RULES: list[tuple[Callable[[App, Node, Node], Node], str]] = [
    (lambda app, a, b: app.make("Merge2", a, b), "ab"),
    (lambda app, a, b: app.make("Merge2", a, b, mix=0), "a"),
    (lambda app, a, b: app.make("Merge2", a, None, b), "ab"),  # a mask shows
    (lambda app, a, b: app.make("Keymix", a, b, mix=0), "a"),
    (lambda app, a, b: app.make("Grade", a, b, mix=0), "ab"),  # whose mix nobody looked up
    (lambda app, a, b: app.make("Switch", a, b), "a"),
    (_switched, "b"),
    (_switched_beyond, "b"),
    (_switched_over_time, "ab"),
    (_dissolved, "ab"),
    (_dissolved_whole, "b"),
    (_mask_of_a_dissolve, "ab"),
    (_variable_switch, "ab"),
    (_disabled, "a"),
    (_disabled_now_and_then, "ab"),
    (_lives_elsewhere, "a"),
    (_lives_partly, "ab"),
    (_metadata_only, "a"),
    (lambda app, a, b: app.make("JoinViews", a, b), "ab"),
    (_grouped, "ab"),
    (_grouped_without_the_second, "a"),
    (_a_disabled_group, "a"),
]


@pytest.mark.parametrize(("build", "expected"), RULES)
def test_what_contributes(app: App, tmp_path: Path, build: Callable[[App, Node, Node], Node], expected: str) -> None:
    write = app.make("Write", build(app, plate(app, "a"), plate(app, "b")))
    assert "".join(sorted(reads(live(app, write)))) == expected
    assert "".join(sorted(reads(saved(app, write, tmp_path)))) == expected


def test_an_expression_is_evaluated_in_nuke_and_taken_to_contribute_in_a_script(app: App, tmp_path: Path) -> None:
    switch = app.make("Switch", plate(app, "a"), plate(app, "b"))
    switch["which"].expression = lambda frame: frame > 5000
    write = app.make("Write", switch)
    assert sorted(reads(live(app, write))) == ["a"]
    assert sorted(reads(saved(app, write, tmp_path))) == ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "knobs", "expected"),
    [
        ("TimeOffset", {"time_offset": 4}, (1001, 1006)),
        ("TimeOffset", {"time_offset": -20}, (1010, 1010)),  # beyond its last frame, which is held
        ("TimeOffset", {"time_offset": 4, "reverse_input": True}, (1001, 1010)),
        ("FrameHold", {"firstFrame": 1003}, (1003, 1003)),
        ("FrameHold", {"firstFrame": 1003, "increment": 2}, (1001, 1010)),
        ("Retime", {}, (1001, 1010)),
        ("Grade", {}, (1001, 1010)),
    ],
)
def test_over_which_frames_of_its_source(
    app: App, tmp_path: Path, kind: str, knobs: dict[str, Any], expected: tuple[int, int]
) -> None:
    write = app.make("Write", app.make(kind, plate(app, "a"), **knobs))
    assert reads(live(app, write)) == {"a": expected}
    assert reads(saved(app, write, tmp_path)) == {"a": expected}


@pytest.mark.parametrize("how", [{"frame_mode": "offset", "frame": "20"}, {"before": "loop"}, {"after": "bounce"}])
def test_a_reader_that_shifts_or_loops_may_show_any_of_its_frames(app: App, how: dict[str, Any]) -> None:
    write = app.make("Write", plate(app, "a", **how))
    assert reads(live(app, write, Span(1, 2))) == {"a": (1001, 1010)}


def test_a_write_that_reads_is_a_source_and_what_is_above_it_counts_no_more(app: App, tmp_path: Path) -> None:
    inner = app.make("Write", plate(app, "a"), file="/renders/pre.%04d.exr", reading=True)
    write = app.make("Write", inner)
    assert sorted(reads(live(app, write))) == ["Write1"]
    assert sorted(reads(saved(app, write, tmp_path))) == ["Write1"]


def test_a_precomp_is_looked_into_and_one_that_reads_is_a_source(app: App, tmp_path: Path) -> None:
    inner = App()
    inner.make("Write", plate(inner, "deep"))
    inner.save(str(tmp_path / "pre.nk"))
    precomp = app.make("Precomp", file=str(tmp_path / "pre.nk"))
    write = app.make("Write", precomp)
    assert list(reads(saved(app, write, tmp_path))) == ["Precomp1.deep"]
    assert isinstance(precomp, Group)
    with precomp:
        app.make("Write", plate(app, "deep"))
    assert list(reads(live(app, write))) == ["Precomp1.deep"]
    precomp["reading"].setValue(True)
    precomp["file"].setValue("/renders/pre.%04d.exr")
    assert list(reads(live(app, write))) == ["Precomp1"]


def test_a_gizmo_is_looked_into_where_its_file_is_found(app: App, tmp_path: Path) -> None:
    (tmp_path / "CatteryModel.gizmo").write_text(
        "Gizmo {\n inputs 1\n name CatteryModel\n}\n Input {\n  inputs 0\n  name Input1\n }\n"
        " Inference {\n  modelFile /cattery/Depth.cat\n  name Inference1\n }\n Output {\n  name Output1\n }\nend_group\n"
    )
    gizmo = app.make("CatteryModel", plate(app, "a"))
    write = app.make("Write", gizmo)
    found = elements(saved(app, write, tmp_path))
    assert [(each.key, each.model) for each in found] == [("CatteryModel1.Inference1", "Depth.cat"), ("a", None)]


def test_models_are_found_and_training_is_none(app: App) -> None:
    node = plate(app, "a")
    for kind in ("Inference", "Upscale", "CopyCat"):
        node = app.make(kind, node, **({"modelFile": "C:\\models\\Sky.cat"} if kind == "Inference" else {}))
    found = {each.key: each.model for each in elements(live(app, app.make("Write", node))) if each.learned}
    assert found == {"Inference1": "Sky.cat", "Upscale1": None}


def test_a_disabled_model_is_none(app: App) -> None:
    node = app.make("Inference", plate(app, "a"), disable=True)
    assert [each.key for each in elements(live(app, app.make("Write", node)))] == ["a"]


def test_each_node_once_in_a_diamond_of_many_levels_and_a_chain_deeper_than_the_stack(app: App) -> None:
    node = plate(app, "a")
    for _ in range(60):
        node = app.make("Merge2", node, node)
    for _ in range(3000):
        node = app.make("Dot", node)
    visits = live(app, app.make("Write", node))
    assert len(visits) == 1 + 60 + 3000 + 1
    assert len({visit.node.key for visit in visits}) == len(visits)


def test_a_path_that_foundry_s_docstrings_confuse_is_still_expanded(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATES", "/p")
    for app.docstrings_swapped in (False, True):
        read = app.make("Read", file="[getenv PLATES]/a.%04d.exr", first=1, last=2)
        (found,) = elements(live(app, app.make("Write", read)))
        assert found.path == "/p/a.%04d.exr"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_live_and_saved_graphs_are_walked_alike(seed: int) -> None:
    made = App()
    sys.modules["nuke"] = made.nuke
    sys.path.insert(0, str(PLUGIN))
    try:
        write = made.make("Write", _random_graph(made, random.Random(seed), 30, 2))
        text = Path(f"/tmp/genai-walk-{seed}.nk")
        try:
            here, there = live(made, write), None
            made.save(str(text))
            node = Script(str(text), []).node(write.fullName())
            assert node is not None
            there = walk(node, SPAN)
        finally:
            text.unlink(missing_ok=True)
        assert {(v.node.key, v.span, v.reads) for v in here} == {(v.node.key, v.span, v.reads) for v in there}
    finally:
        sys.path.remove(str(PLUGIN))
        for name in [name for name in sys.modules if name.partition(".")[0] in ("nuke", "genai_tags_nuke")]:
            del sys.modules[name]


def _random_graph(app: App, dice: random.Random, count: int, depth: int) -> Node:
    nodes: list[Node] = [plate(app, f"plate{i}_{depth}") for i in range(3)]
    for _ in range(count):
        kind = dice.choice(
            [
                "Merge2",
                "Switch",
                "Dissolve",
                "Grade",
                "Dot",
                "Keymix",
                "TimeOffset",
                "FrameHold",
                "Inference",
                "Group",
                "JoinViews",
            ]
        )
        inputs: list[Node | None] = [dice.choice([*nodes, None]) for _ in range(dice.randint(1, 4))]
        node = app.make(kind, *inputs)
        if kind == "Group" and depth:
            assert isinstance(node, Group)
            with node:
                made = [app.make("Input", number=i) for i in range(len(inputs))]
                app.make("Output", app.make("Merge2", _random_graph(app, dice, 5, depth - 1), *made))
        for knob, values in (
            ("disable", [True, False, False]),
            ("which", [0, 1, 1.5, 7]),
            ("mix", [0, 0.5, 1]),
            ("time_offset", [0, -3, 2.5]),
            ("firstFrame", [1002]),
        ):
            if node.knob(knob) is not None and dice.random() < 0.6:
                node[knob].setValue(dice.choice(values))
        nodes.append(node)
    return nodes[-1]


# ------------------------------------------------------------ scripts from elsewhere


def script(tmp_path: Path, text: str) -> Script:
    """A script of this text."""
    (tmp_path / "a.nk").write_text(text)
    return Script(str(tmp_path / "a.nk"), [])


def test_inputs_come_from_the_top_of_the_stack_and_clones_share_knobs(tmp_path: Path) -> None:
    found = script(
        tmp_path,
        "#! nuke -nx\nversion 13.2 v1\nRoot {\n inputs 0\n}\nRead {\n inputs 0\n file a.exr\n name A\n}\nset N1 [stack 0]\n"
        "clone node7f61|Grade|12 Grade {\n white 2\n name G1\n}\nset C1 [stack 0]\npush $N1\nclone $C1 {\n name G2\n}\n"
        "push 0\npush $C1\nMerge2 {\n inputs 2+1\n name M\n}\n",
    )
    merge = found.node("M")
    assert merge is not None
    assert [each.key if each is not None else None for each in merge.inputs()] == ["G1", None, "G2"]
    assert {key: node.raw("white") for key in ("G1", "G2") if (node := found.node(key))} == {"G1": "2", "G2": "2"}


def test_a_live_group_holds_what_is_indented_below_it_and_else_what_its_file_holds(tmp_path: Path) -> None:
    (tmp_path / "live.nk").write_text("Read {\n inputs 0\n file /p/far.exr\n name Far\n}\nOutput {\n name Output1\n}\n")
    found = script(
        tmp_path,
        "LiveGroup {\n inputs 0\n file live.nk\n modified true\n name L1\n}\n Read {\n  inputs 0\n  file /p/near.exr\n  name Near\n }\n"
        " Output {\n  name Output1\n }\nend_group\nWrite {\n name W1\n}\nLiveGroup {\n inputs 0\n file live.nk\n name L2\n}\nWrite {\n name W2\n}\n",
    )
    for name, expected in (("W1", ["L1.Near"]), ("W2", ["L2.Far"])):
        node = found.node(name)
        assert node is not None
        assert list(reads(walk(node, SPAN))) == expected


def test_a_precomp_that_holds_itself_ends(tmp_path: Path) -> None:
    found = script(tmp_path, "Precomp {\n inputs 0\n file a.nk\n name P\n}\nWrite {\n name W\n}\n")
    node = found.node("W")
    assert node is not None
    assert len(walk(node, SPAN)) < 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Read {\n file a\n", "line 1: opens a { that is never closed"),
        ('Root {\n}\nRead {\n file "a\n}\n', "line 4: opens a quote that is never closed"),
        ("", "holds no node; it is no Nuke script"),
        ("TITLE: A CUT\n001 AX V C\n", "holds no node; it is no Nuke script"),
    ],
)
def test_a_damaged_script_says_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("{", r"\{")):
        script(tmp_path, text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from('ab01{}[]"\\ \n\t$;#Root{Read\n}'), max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(InputError):  # and nothing else
        for command in nk.commands(text, "x"):
            assert command.words


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_quoted_words_come_back_as_they_were(words: list[str]) -> None:
    def quoted(word: str) -> str:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = " ".join(map(quoted, words))
    plain = text.replace("\r\n", " ")
    if "\\\n" in text or "\\\r" in text or plain != text:
        return  # a backslash before a line's end joins lines
    assert [word.text for word in nk.words(text)] == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/a/b.%04d.exr", "/a/b.%04d.exr"),
        ("[getenv SHOW]/x", "/show/x"),
        ("[file dirname [value root.name]]/x", "/s/x"),
        ("[file dirname [file dirname [knob root.name]]]x", "/x"),
        ("[python {nuke.script_directory()}]/x", "/s/x"),
        ("[file rootname [file tail [value root.name]]]", "comp"),
        ("[python {__import__('os').system('true')}]", None),
        ("[exec rm x]", None),
        ("[getenv SHOW", None),
        ("[" * 5000, None),
    ],
)
def test_only_what_paths_are_made_of_is_evaluated(text: str, expected: str | None) -> None:
    assert tcl.evaluate(text, "/s/comp.nk", {"SHOW": "/show"}) == expected


def test_a_script_of_plates_alone_is_no_record_and_says_it_once(stage: Stage, tmp_path: Path) -> None:
    app = App()
    merge: Node | None = None
    for i in range(40):
        merge = app.make("Merge2", merge, plate(app, f"p{i}"))
    app.make("Write", merge, file=str(tmp_path / "AGM_104_065_010_comp_NFX_v001.%04d.exr"), file_type="exr")
    app.save(str(tmp_path / "plates.nk"))
    from genai_tags.show import Show

    (plan,) = plans(Script(str(tmp_path / "plates.nk")))
    output = Judge(Show.open(str(stage.folder))).output(plan)
    assert [each.code for each in output.findings if each.code != "source_problem"] == ["no_record"]
    assert EVERY.is_every


def test_the_stage_s_comp_is_found_by_both(stage: Stage, tmp_path: Path) -> None:
    for comp in running(App(), stage, tmp_path):
        assert isinstance(comp, Comp)
        pattern, tag = stage.settled()
        comp.load()
        comp.write(comp.read(pattern), name="Write1")
        comp.app.save(str(tmp_path / "comp.nk"))
        comp.module("badges").refresh()
        comp.app.idle()
        document = stage.do("check", tmp_path / "comp.nk", "--format", "json").json
        assert [each["id"] for each in document["outputs"][0]["tags"]] == [tag]
        assert comp.module("badges").shown("Write1").value == document["outputs"][0]["status"] == "approved"
