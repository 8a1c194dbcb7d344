"""The artist's side in Nuke: what is tagged stays tagged, badges tell, nothing disturbs."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from genai_tags.stubs import make_set
from genai_tags.vocabulary import AIClass
from tests.conftest import Cli
from tests.doubles.nuke_app import App, Group, Node
from tests.doubles.nuke_render import execute
from tests.nuke_stage import PLUGIN, Comp, running
from tests.stage import SHOT, Stage
from tests.test_nuke_render import tags_in


@pytest.fixture
def comp(stage: Stage, tmp_path: Path) -> Iterator[Comp]:
    """A Nuke 16 with a window."""
    yield from running(App(), stage, tmp_path)


@pytest.fixture
def old(stage: Stage, tmp_path: Path) -> Iterator[Comp]:
    """A Nuke 15 that has no custom icons."""
    yield from running(App(major=15, custom_icons=False), stage, tmp_path)


def ids_on(comp: Comp, node: Node) -> list[str]:
    """The tags that a node holds."""
    tags, problems = comp.module("knob").get(node)
    assert problems == []
    return [stub.id for stub in tags.stubs]


def tagged(comp: Comp, *nodes: Node) -> str:
    """Declare a tag and put it on nodes by the menu."""
    tag = comp.stage.declare()
    comp.app.select(*nodes)
    comp.app.answers.append([tag])
    comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/Selected nodes..."]()
    comp.app.idle()
    return tag


# ------------------------------------------------------------ tags on nodes


def test_a_tag_on_a_node_survives_save_and_reload_copy_and_paste(comp: Comp, tmp_path: Path) -> None:
    comp.load()
    read, other = comp.read("/p/a.%04d.exr"), comp.read("/p/b.%04d.exr")
    tag = tagged(comp, read, other)
    comp.app.copy(read)
    (pasted,) = comp.app.paste()
    comp.app.save(str(tmp_path / "a.nk"))
    comp.app.open(str(tmp_path / "a.nk"))
    comp.app.idle()
    nodes = [comp.app.to_node(name) for name in ("Read1", "Read2", "Read3")]
    assert [ids_on(comp, node) for node in nodes if node is not None] == [[tag]] * 3
    with pytest.raises(ValueError, match="not attached"):
        pasted.name()
    knob = nodes[0]["genai_tags"] if nodes[0] is not None else None
    assert knob is not None
    assert knob.getFlag(comp.app.nuke.INVISIBLE)


def test_what_stands_on_a_node_says_nothing_to_tcl(comp: Comp) -> None:
    comp.load()
    read = comp.read("/p/a.%04d.exr")
    tagged(comp, read)
    assert set(read["genai_tags"].toScript()) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_a_tag_on_a_node_reaches_the_render_and_one_taken_off_does_not(comp: Comp) -> None:
    comp.load()
    plate = comp.stage.sequence()
    read = comp.read(plate)
    write = comp.write(read)
    tag = tagged(comp, read)
    assert tags_in(execute(comp.app, write, 1001, 1001)[0]) == [{tag}]
    comp.app.select(read)
    comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/Take tags off selected nodes"]()
    assert (ids_on(comp, read), sorted(name for name in read.knobs() if "genai" in name)) == ([], [])
    assert tags_in(execute(comp.app, write, 1001, 1001)[0]) == [set()]


def test_a_damaged_knob_is_a_finding_and_tagging_again_mends_it(comp: Comp) -> None:
    comp.load()
    read = comp.read(comp.stage.sequence())
    tagged(comp, read)
    for damage in ("gt1-!!!", "[python {open('/tmp/x','w')}]", read["genai_tags"].toScript()[:-9], "gt1-" + "A" * 300_000):
        read["genai_tags"]._value = damage
        comp.app.lines.clear()
        execute(comp.app, comp.write(read, version="v009"), 1001, 1001)
        assert any("tag_damaged" in line for line in comp.ours()), damage[:40]
    assert ids_on(comp, read) if tagged(comp, read) else False


def test_a_node_that_takes_no_knob_is_said_and_nothing_breaks(comp: Comp) -> None:
    comp.load()
    comp.app.locked.add("CatteryModel")
    gizmo = comp.app.make("CatteryModel")
    tagged(comp, gizmo)
    assert any("CatteryModel1 takes no tag: CatteryModel is locked" in line for line in comp.ours())


def test_an_unknown_tag_is_refused_by_name(comp: Comp) -> None:
    comp.load()
    read = comp.read("/p/a.%04d.exr")
    comp.app.select(read)
    comp.app.answers.append(["nosuchtag"])
    comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/Selected nodes..."]()
    assert any("there is no tag 'nosuchtag' in this show's ledger" in line for line in comp.ours())
    assert "genai_tags" not in read.knobs()


def test_media_is_tagged_from_the_menu_in_file_and_ledger(comp: Comp, cli: Cli) -> None:
    comp.load()
    plate, tag = comp.stage.sequence(), comp.stage.declare()
    comp.app.select(comp.read(plate))
    comp.app.answers.append([tag])
    comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/Media of selected nodes..."]()
    comp.app.idle()
    assert [[stub["id"] for stub in item["tags"]] for item in cli("read", plate, "--format", "json").json["items"]] == [[tag]]
    assert any("tagged 10 frame(s)" in line for line in comp.ours())
    assert [item["kind"] for item in cli("log", "--format", "json").json["events"]][-1] == "media"


def test_media_is_declared_clean_from_the_menu_and_a_comp_of_clean_sources_is_inferred_clean(comp: Comp) -> None:
    comp.load()
    read = comp.read(comp.stage.sequence())
    comp.write(read)
    comp.app.select(read)
    comp.app.answers.append(["SIGN-1", "V. Supervisor", "vfx_supervisor"])
    comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/No GenAI in media of selected nodes..."]()
    comp.app.idle()
    shown = comp.module("badges").shown
    assert (shown("Read1").value, shown("Write1").value) == ("clean", "clean_inferred")


def test_a_clean_statement_without_its_paper_is_not_recorded(comp: Comp, cli: Cli) -> None:
    comp.load()
    comp.app.select(comp.read(comp.stage.sequence()))
    before = len(cli("log", "--format", "json").json["events"])
    for answer in (["", "", ""], None):
        comp.app.answers.append(answer)
        comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/No GenAI in media of selected nodes..."]()
    assert len(cli("log", "--format", "json").json["events"]) == before


# ------------------------------------------------------------ badges


def test_badges_tell_of_reads_models_and_writes_and_of_no_plate(comp: Comp) -> None:
    plate, (sky, _) = comp.stage.sequence("v001", folder="plates"), comp.stage.settled()
    comp.load()
    a, b = comp.read(plate, "Plate"), comp.read(sky, "Sky")
    model = comp.app.make("Inference", a, modelFile="/m/Sky.cat")
    up = comp.app.make("Upscale", b)
    write = comp.write(comp.app.make("Merge2", model, up))
    comp.app.idle()
    icons = {node.name(): os.path.basename(node.icon[0]) for node in comp.app.all_nodes() if node.icon}
    assert icons == {"Sky": "approved.png", "Inference1": "no_record.png", "Write1": "no_record.png"}
    comp.app.delete(model)
    write.input(0).setInput(0, a)  # type: ignore[union-attr]
    comp.module("badges").refresh_now()
    comp.app.idle()
    assert comp.module("badges").shown("Write1").value == "approved"


def test_what_the_artist_owns_stays_theirs(comp: Comp) -> None:
    sky, _ = comp.stage.settled()
    comp.load()
    read = comp.read(sky)
    read["label"].fromScript("my [frame] note")
    read["tile_color"].fromScript("4278190335")
    before = {name: knob.toScript() for name, knob in read.knobs().items()}
    comp.module("badges").refresh_now()
    comp.app.idle()
    assert read.icon is not None
    assert {name: knob.toScript() for name, knob in read.knobs().items()} == before


def test_a_badge_goes_when_it_is_no_longer_true(comp: Comp) -> None:
    comp.load()
    read = comp.read(comp.stage.sequence())
    tagged(comp, read)
    assert read.icon is not None
    comp.app.select(read)
    comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/Take tags off selected nodes"]()
    comp.app.idle()
    assert read.icon is None


def test_an_approval_elsewhere_reaches_the_badge(comp: Comp) -> None:
    comp.load()
    read = comp.read(comp.stage.sequence())
    tag = tagged(comp, read)
    assert "open.png" in read.icon[0] if read.icon else False
    comp.stage.approve(tag)
    comp.module("badges").refresh_now()
    comp.app.idle()
    assert "approved.png" in read.icon[0] if read.icon else False


def test_without_custom_icons_the_label_says_it_below_what_others_say(old: Comp) -> None:
    old.app.nuke.addAutolabel(lambda: f"stock {old.app.nuke.thisNode().name()}")
    old.app.nuke.addAutolabel(lambda: "a studio's", nodeClass="Write")
    sky, _ = old.stage.settled()
    old.load()
    read, plain = old.read(sky), old.read("/p/b.%04d.exr")
    write = old.write(read)
    old.app.idle()
    assert old.app.autolabel(read) == "stock Read1\n✔ Approved"
    assert old.app.autolabel(plain) == "stock Read2"
    assert old.app.autolabel(write) == "a studio's"  # a class's own callback comes first, and is theirs


def test_next_unsettled_and_what_feeds_select_and_frame_nodes(comp: Comp) -> None:
    comp.load()
    sky, _ = comp.stage.settled()
    a, b = comp.read(sky, "Sky"), comp.read(comp.stage.sequence("v002"), "New")
    write = comp.write(comp.app.make("Merge2", a, b))
    tagged(comp, b)
    menu = comp.app.menus["Nuke"].menus["GenAI"].commands
    comp.app.select(write)
    menu["What brings GenAI into this Write"]()
    assert {node.name() for node in comp.app.selected()} == {"Sky", "New"}
    comp.app.select()
    menu["Next unsettled node"]()
    assert [node.name() for node in comp.app.selected()] == ["New"]
    menu["Next unsettled node"]()
    assert [node.name() for node in comp.app.selected()] == ["Write1"]
    assert comp.app.zoomed == 3


# ------------------------------------------------------------ nothing disturbs


def test_no_callback_reads_metadata_even_while_a_script_loads(comp: Comp, tmp_path: Path) -> None:
    sky, _ = comp.stage.settled()
    comp.load()
    read = comp.read(sky)
    comp.write(read)
    read["file"].setValue(sky)
    comp.app.save(str(tmp_path / "a.nk"))
    comp.app.open(str(tmp_path / "a.nk"))
    comp.app.idle()
    comp.app.fire("KnobChanged", comp.app.all_nodes()[0], comp.app.all_nodes()[0]["disable"])
    assert comp.app.metadata_calls == 0


@pytest.mark.parametrize("broken", ["plan", "stored_path", "session", "qt"])
def test_saving_is_never_blocked_whatever_breaks(
    comp: Comp, tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    comp.load()
    comp.write(comp.read(comp.stage.sequence()))

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    places = {
        "plan": ("actions", "plan"),
        "stored_path": ("actions", "store"),
        "session": ("session", "Graph"),
        "qt": ("background", "qt_core"),
    }
    monkeypatch.setattr(comp.module(places[broken][0]), places[broken][1], fail)
    comp.app.save(str(tmp_path / "a.nk"))
    comp.app.idle()
    assert (tmp_path / "a.nk").exists()


def test_saving_a_script_without_genai_leaves_no_file_beside_it(comp: Comp, tmp_path: Path) -> None:
    comp.load()
    comp.write(comp.read(comp.stage.sequence()))
    comp.app.save(str(tmp_path / "a.nk"))
    comp.app.idle()
    assert [path.name for path in tmp_path.glob("a.nk*")] == ["a.nk"]


def test_a_thousand_changes_in_a_row_are_looked_at_once(comp: Comp, monkeypatch: pytest.MonkeyPatch) -> None:
    comp.load()
    looked: list[int] = []
    monkeypatch.setattr(comp.module("badges"), "refresh", lambda: looked.append(1))
    read = comp.read("/p/a.%04d.exr")
    comp.app.timers.clear()
    comp.module("background")._WAITING.clear()
    for i in range(1000):
        read["file"].setValue(f"/p/a{i}.%04d.exr")
    comp.app.idle()
    assert len(looked) == 1


def test_callbacks_that_fire_often_cost_less_than_a_millisecond(old: Comp) -> None:
    """The bar of DESIGN 3: no callback above 1 ms. Best of many, so that a busy machine does not decide."""
    sky, _ = old.stage.settled()
    old.load()
    read = old.read(sky)
    old.app.idle()
    old.app.this, old.app.this_knob = read, read["file"]
    start, badges = old.module("start"), old.module("badges")
    for call in (start._changed, start._created, start._saved, badges.label):
        call()  # whatever is loaded the first time
        gc.collect()
        best = min(_seconds(call) for _ in range(50))
        assert best < 0.001, (call, best)


def _seconds(call: object) -> float:
    begin = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - begin


def test_a_stale_node_or_a_broken_expression_costs_its_badge_alone(comp: Comp) -> None:
    sky, _ = comp.stage.settled()
    comp.load()
    read = comp.read(sky)
    switch = comp.app.make("Switch", comp.read(comp.stage.sequence("v002", folder="plates")), read)

    def broken(frame: int) -> float:
        raise RuntimeError("expression is broken")

    switch["which"].expression = broken
    comp.write(switch)
    comp.app.idle()
    assert comp.module("badges").shown("Write1").value == "approved"  # of what cannot be told, everything counts


@pytest.mark.parametrize("name", ["genai.yaml", ".genai/book"])
def test_a_show_that_is_gone_is_said_once_and_badges_say_that_nothing_can_be_judged(comp: Comp, name: str) -> None:
    sky, _ = comp.stage.settled()
    (comp.stage.folder / name).rename(comp.stage.folder / "gone")
    comp.load()
    comp.write(comp.read(sky))
    for _ in range(3):
        comp.module("badges").refresh_now()
        comp.app.idle()
    assert sum("no show is open" in line for line in comp.ours()) == 1
    assert comp.module("badges").shown("Write1").value == "unresolved"


def test_a_hundred_damaged_headers_do_not_end_the_session(comp: Comp) -> None:
    from tests.conftest import CORPUS

    damaged = sorted(CORPUS.glob("exr/damaged/*.exr")) or sorted(CORPUS.glob("exr/**/*.exr"))
    if not damaged:
        pytest.skip(f"the corpus is not at {CORPUS}")
    comp.load()
    merge: Node | None = None
    for path in damaged:
        merge = comp.app.make("Merge2", merge, comp.app.make("Read", file=str(path), first=1, last=1))
    write = comp.write(merge)  # type: ignore[arg-type]
    comp.module("badges").refresh_now()
    comp.app.idle()
    assert len(execute(comp.app, write, 1001, 1001)) == 1


@pytest.mark.parametrize("damage", ["import nothing_of_that_name", "raise SystemError('Error: broken')", "def ("])
def test_a_broken_install_prints_and_nuke_starts(
    comp: Comp, tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import runpy
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(PLUGIN, broken)
    (broken / "genai_tags_nuke" / "start.py").write_text(damage + "\n")
    sys.path.remove(str(PLUGIN))
    sys.path.insert(0, str(broken))
    for name in [name for name in sys.modules if name.startswith("genai_tags_nuke")]:
        del sys.modules[name]
    for entry in ("init.py", "menu.py"):
        runpy.run_path(str(broken / entry))
    printed = capsys.readouterr().out
    assert printed.startswith("genai_tags: WARN not loaded | Traceback")
    assert "Error:" not in printed


def test_a_nuke_that_it_was_not_built_for_is_told_and_served(stage: Stage, tmp_path: Path) -> None:
    for comp in running(App(major=14, custom_icons=False), stage, tmp_path):
        sky, _ = stage.settled()
        comp.load()
        assert "Nuke 14 was not tried" in comp.ours()[0]
        assert tags_in(execute(comp.app, comp.write(comp.read(sky)), 1001, 1001)[0]) == [{"tag0001"}]


def test_where_headers_cannot_be_read_it_says_so_and_does_nothing(comp: Comp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comp.module("start"), "is_supported", lambda: False)
    comp.load()
    assert [line for line in comp.ours() if "needs Linux; nothing is registered" in line] == comp.ours()
    assert (comp.app.callbacks["BeforeRender"], comp.app.menus["Nuke"].menus) == ({}, {})


def test_in_a_terminal_there_is_no_menu_and_nothing_is_asked(stage: Stage, tmp_path: Path) -> None:
    for comp in running(App(gui=False), stage, tmp_path):
        comp.load()
        assert comp.app.menus["Nuke"].menus == {}
        assert comp.app.callbacks["OnScriptSave"] == {}


def test_while_a_slow_look_is_under_way_only_the_latest_wish_waits(comp: Comp, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    comp.load()
    background, gate = comp.module("background"), threading.Event()
    done: list[int] = []
    before = threading.active_count()
    for i in range(50):
        background.beside("slow", lambda i=i: (gate.wait(10), i)[1], done.append)
    assert threading.active_count() == before + 1
    gate.set()
    comp.app.idle()
    assert done == [0, 49]


def test_connecting_a_node_without_its_panel_open_is_noticed_when_nuke_draws(comp: Comp) -> None:
    sky, _ = comp.stage.settled()
    new = comp.stage.sequence("v002")
    comp.stage.do("tag", new, "--id", comp.stage.declare())
    comp.load()
    merge = comp.app.make("Merge2", comp.read(sky))
    comp.write(merge)
    read = comp.read(new)
    comp.app.draw()
    comp.app.idle()
    assert comp.module("badges").shown("Write1").value == "approved"
    merge.setInput(1, read)
    comp.app.draw()
    comp.app.idle()
    assert comp.module("badges").shown("Write1").value == "open"
    comp.app.delete(read)
    comp.app.idle()
    assert comp.module("badges").shown("Write1").value == "approved"


def test_a_write_that_cannot_be_planned_keeps_no_other_from_its_badge(comp: Comp, monkeypatch: pytest.MonkeyPatch) -> None:
    sky, _ = comp.stage.settled()
    comp.load()
    read = comp.read(sky)
    comp.write(read, name="Bad")
    comp.write(read, version="v005", name="Good")
    badges = comp.module("badges")
    original = badges.plan

    def plan(node: Node, *rest: object) -> object:
        if node.name() == "Bad":
            raise RuntimeError("broken")
        return original(node, *rest)

    monkeypatch.setattr(badges, "plan", plan)
    badges.refresh_now()
    comp.app.idle()
    assert (badges.shown("Good").value, badges.shown("Bad")) == ("approved", None)


def test_a_pack_that_was_edited_is_read_again(comp: Comp) -> None:
    path = comp.stage.folder / "genai.yaml"
    comp.stage.do("policy", "copy", "house", comp.stage.folder / "house.yaml")
    path.write_text(path.read_text().replace("packs:\n", "packs:\n  - house.yaml\n"))
    comp.load()
    session = comp.module("session").SESSION
    first = session.show()
    assert session.show() is first
    os.utime(comp.stage.folder / "house.yaml", ns=(1, 1))
    assert session.show() is not first


def test_what_was_stored_of_a_script_that_was_saved_again_meanwhile_is_thrown_away(comp: Comp, tmp_path: Path) -> None:
    sky, _ = comp.stage.settled()
    comp.load()
    read = comp.read(sky)
    comp.write(read)
    comp.app.save(str(tmp_path / "a.nk"))
    comp.app.timers.clear()
    comp.module("background")._WAITING.clear()
    comp.module("actions").store_sets()  # of the first script
    with open(tmp_path / "a.nk", "a") as stream:
        stream.write("# saved again\n")
    comp.app.idle()
    assert not (tmp_path / "a.nk.genai.json").exists()


def test_what_was_found_out_of_the_old_script_is_not_drawn_on_the_new_one(comp: Comp, tmp_path: Path) -> None:
    sky, _ = comp.stage.settled()
    comp.load()
    comp.write(comp.read(sky))
    comp.module("badges").refresh_now()  # its result comes when the other script is open
    bare = tmp_path / "other.nk"
    bare.write_text("Read {\n inputs 0\n file /p/a.exr\n name Read1\n}\nWrite {\n inputs 1\n name Write1\n}\n")
    comp.app.open(str(bare))
    comp.app.timers.clear()
    comp.module("background")._WAITING.clear()
    comp.app.idle()
    assert [node.icon for node in comp.app.all_nodes()] == [None, None]


def test_a_damaged_tag_is_never_clean_whatever_was_signed(comp: Comp) -> None:
    comp.load()
    read = comp.read(comp.stage.sequence())
    comp.write(read)
    comp.app.select(read)
    comp.app.answers.append(["SIGN-1", "", ""])
    comp.app.menus["Nuke"].menus["GenAI"].commands["Tag/No GenAI in media of selected nodes..."]()
    tagged(comp, read)
    read["genai_tags"]._value = "gt1-broken"
    comp.module("badges").refresh_now()
    comp.app.idle()
    assert comp.module("badges").shown("Write1").value == "unresolved"


# ------------------------------------------------------------ foreign text


HOSTILE = "[python {__import__('os').system('touch /tmp/genai-owned')}]\"}{$x\\"


def test_hostile_names_run_nothing_anywhere(comp: Comp, tmp_path: Path) -> None:
    folder = tmp_path / "a]b"
    folder.mkdir()
    comp.load()
    read = comp.read(comp.stage.sequence(), name="Read1")
    read._name = HOSTILE
    write = comp.write(read)
    tag = tagged(comp, read)
    (frame,) = execute(comp.app, write, 1001, 1001)
    assert tags_in(frame) == [{tag}]
    comp.app.select(write)
    comp.app.menus["Nuke"].menus["GenAI"].commands["Farm/Metadata node before this Write"]()
    node = write.input(0)
    assert node is not None
    assert node.metadata()["exr/genai:encoded"].startswith("gt1-")
    assert not os.path.exists("/tmp/genai-owned")


def test_a_metadata_node_carries_the_set_through_a_farm_without_the_plugin(comp: Comp, cli: Cli) -> None:
    sky, _ = comp.stage.settled()
    comp.load()
    other = comp.read(comp.stage.sequence("v002"))
    tagged(comp, other)
    write = comp.write(comp.app.make("Merge2", comp.read(sky), other))  # whose B side passes through as it was
    comp.app.select(write)
    comp.app.menus["Nuke"].menus["GenAI"].commands["Farm/Metadata node before this Write"]()
    assert any("frames carry it from 'default metadata and exr/*' on" in line for line in comp.ours())
    write["metadata"].setValue("default metadata and exr/*")
    comp.app.callbacks["AfterFrameRender"].clear()
    (frame,) = execute(comp.app, write, 1001, 1001)
    (item,) = cli("read", frame, "--format", "json").json["items"]
    assert [(stub["id"], stub["as"]) for stub in item["tags"]] == [("tag0001", "contains"), ("tag0002", "contains")]
    assert item["basis"] == "inferred"


def test_a_hiero_tag_in_a_comp_is_read_back(comp: Comp) -> None:
    from genai_tags.carriers.host import encode_text
    from genai_tags.show import Show

    tag = comp.stage.declare()
    text = encode_text(make_set(Show.open(str(comp.stage.folder)).stubs([tag])))
    comp.load()
    node = comp.app.make(
        "ModifyMetaData", comp.read(comp.stage.sequence()),
        metadata=f'{{set hiero/shot {SHOT}}}\n{{set hiero/shot/tags/GenAI/genai_tags {text}}}\n{{set hiero/shot/tags/GenAI/note "AI sky"}}',
    )  # fmt: skip
    write = comp.write(node)
    write["metadata"].setValue("all metadata except input/*")
    (frame,) = execute(comp.app, write, 1001, 1001)
    assert tags_in(frame) == [{tag}]
    assert not [name for name in _header(frame) if "hiero" in name and "genai" in name]


def _header(path: str) -> list[str]:
    import OpenEXR

    return list(OpenEXR.File(path, header_only=True).parts[0].header)


def test_the_register_keeps_analysis_apart_from_generation(comp: Comp) -> None:
    comp.stage.configure("register:\n  file: tools.yaml\n")
    comp.stage.do("tools", "add", "Nuke Inference", "--set", "ai_class=analytic", "--by", "S. Supervisor")
    comp.load()
    comp.write(comp.app.make("Inference", comp.read(comp.stage.sequence()), modelFile="/m/Depth.cat"))
    comp.module("badges").refresh_now()
    comp.app.idle()
    assert comp.module("badges").shown("Inference1") is None


def test_inferred_facts_of_a_model_say_what_is_known_and_no_more(comp: Comp) -> None:
    comp.load()
    found: list[object] = []
    comp.module("badges").LISTENERS.append(found.extend)
    group = comp.app.make("Group")
    assert isinstance(group, Group)
    with group:
        comp.app.make("Output", comp.app.make("Upscale", comp.app.make("Inference", modelFile="/m/Sky.cat")))
    comp.app.idle()
    suspects = {each.key: each.tag for each in found[0].suspects}  # type: ignore[attr-defined]
    inference, upscale = suspects["Group1.Inference1"], suspects["Group1.Upscale1"]
    assert (inference.basis.value, inference.steps[0].model, inference.steps[0].ai_class) == ("inferred", "Sky.cat", None)
    assert upscale.steps[0].ai_class is AIClass.ANALYTIC
