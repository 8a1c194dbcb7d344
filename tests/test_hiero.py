"""Hiero and Nuke Studio: tags on items with a status icon, cuts that keep the records through Studio's own OTIO, comps that read them."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.doubles.hiero_app import (
    BinItem,
    Clip,
    HieroApp,
    Project,
    TrackItem,
    VideoTrack,
    comp_metadata,
    export_otio,
    import_otio,
)
from tests.doubles.nuke_app import App
from tests.nuke_stage import PLUGIN, running
from tests.stage import SHOT, Stage

_OURS = ("hiero", "genai_tags_hiero")


class Studio:
    """Hiero with the plugin loaded as Hiero loads it, and a show behind it."""

    def __init__(self, app: HieroApp, stage: Stage, folder: Path) -> None:
        self.app, self.stage, self.folder = app, stage, folder
        self.project = Project(app, str(folder / "edit.hrox"))
        self.answers: list[str | None] = []

    def item(self, pattern: str, name: str = SHOT) -> TrackItem:
        """Frames 1002 to 1005 of a sequence, on a track."""
        return TrackItem(self.project, name, Clip(self.project, name, pattern, 1001), 1, 4)

    def choose(self, title: str, *items: Any, where: str = "kTimeline") -> None:
        """Choose an entry of the context menu on items."""
        self.app.menu(*items, where=where).actions[f"GenAI: {title}"]()


@pytest.fixture
def studio(stage: Stage, tmp_path: Path) -> Iterator[Studio]:
    """A running Nuke Studio."""
    app = HieroApp()
    path = list(sys.path)
    sys.modules.update(app.modules())
    made = Studio(app, stage, tmp_path)
    try:
        runpy.run_path(str(PLUGIN / "hiero" / "Python" / "Startup" / "genai_tags_startup.py"))
        sys.modules["genai_tags_hiero.start"].ask = lambda question: made.answers.pop(0)  # type: ignore[attr-defined]
        yield made
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
            del sys.modules[name]
        sys.path[:] = path
    assert app.violations == []


def ours(item: Any) -> list[tuple[str, str]]:
    """Name and icon of our tags on an item."""
    return [
        (tag.name(), tag.icon()) for tag in item.tags() if {"tag.genai_tags", "tag.genai_badge"} & set(tag.metadata().dict())
    ]


def test_refreshing_shows_what_the_media_carries_and_leaves_plates_alone(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    sky, _ = studio.stage.settled()
    item, plate = studio.item(sky), studio.item(studio.stage.sequence("v002", folder="plates"), "PLATE")
    studio.choose("refresh badges", item, plate, VideoTrack())
    assert ours(item) == [("GenAI", "icons:status/TagApproved.png")]
    assert plate.tags() == ()
    assert studio.project.steps == ["GenAI badges"]
    assert (
        "1 of 2 item(s) carry GenAI tags, 0 are signed clean; of 1 nobody said anything, which is not clean"
        in capsys.readouterr().out
    )


def test_tagging_an_item_shows_its_status_and_refreshing_follows_the_ledger(studio: Studio) -> None:
    item, tag = studio.item(studio.stage.sequence()), studio.stage.declare()
    studio.answers.append(tag)
    studio.choose("tag...", item)
    assert ours(item) == [("GenAI", "icons:status/TagUnapproved.png")]
    assert item.tags()[0].note().startswith("Open. tag tag0001 (AGM_104_065_010): still needed")
    studio.stage.approve(tag)
    studio.choose("refresh badges", item)
    assert ours(item) == [("GenAI", "icons:status/TagApproved.png")]
    studio.stage.do(
        "reject", tag, "--role", "client_contact", "--given-by", "C", "--ref", "R-1", "--date", "2026-11-10", "--reason", "no"
    )
    studio.choose("refresh badges", item)
    assert ours(item) == [("GenAI", "icons:status/TagBlocked.png")]
    studio.choose("take tags off", item)
    assert item.tags() == ()


def test_a_clip_in_a_bin_is_tagged_and_its_items_inherit_the_badge(studio: Studio) -> None:
    item, tag = studio.item(studio.stage.sequence()), studio.stage.declare()
    studio.answers.append(tag)
    studio.choose("tag...", BinItem(item.source()), where="kBin")
    studio.choose("refresh badges", item)
    assert ours(item.source()) == ours(item) == [("GenAI", "icons:status/TagUnapproved.png")]
    assert not item.tags()[0].metadata().hasKey("tag.genai_tags")  # the clip says it; the item only shows it


def test_a_badge_goes_when_the_media_no_longer_carries_anything(studio: Studio, cli: Cli) -> None:
    sky, _ = studio.stage.settled()
    item = studio.item(sky)
    studio.choose("refresh badges", item)
    assert len(ours(item)) == 1
    cli("untag", sky)
    studio.choose("refresh badges", item)
    assert ours(item) == []


def test_an_item_that_was_signed_clean_shows_it(studio: Studio) -> None:
    plate = studio.stage.sequence()
    studio.stage.do("clean", plate, "--ref", "S-1")
    item = studio.item(plate)
    studio.choose("refresh badges", item)
    assert ours(item) == [("GenAI", "icons:status/TagApproved.png")]
    assert item.tags()[0].note().startswith("No GenAI")


def test_tags_of_others_stay(studio: Studio) -> None:
    from tests.doubles.hiero_app import Tag

    item = studio.item(studio.stage.settled()[0])
    with studio.project.beginUndo("mine"):
        item.addTag(Tag("GenAI", "icons:Tag.png"))  # of the same name, and not ours
    studio.choose("refresh badges", item)
    studio.choose("take tags off", item)
    assert [(tag.name(), tag.icon()) for tag in item.tags()] == [("GenAI", "icons:Tag.png")]


def test_records_survive_studio_s_own_export_and_import_and_a_conform_reads_them(studio: Studio, cli: Cli) -> None:
    item, tag = studio.item(studio.stage.sequence()), studio.stage.declare()
    studio.answers.append(tag)
    studio.choose("tag...", item)
    for name in ("first.otio", "again.otio"):
        path = str(studio.folder / name)
        export_otio([item], path)
        document = cli("conform", path, "--format", "json").json
        assert [(event["tags"], event["status"]) for event in document["events"]] == [([tag], "open")]
        assert {match["by"] for event in document["events"] for match in event["matched"]} >= {"metadata"}
        (item,) = import_otio(studio.app, path)
        assert len(ours(item)) == 1


def test_a_tag_on_a_clip_comes_through_its_media_reference(studio: Studio, cli: Cli) -> None:
    item, tag = studio.item("/p/other_name.%04d.exr", "other"), studio.stage.declare()
    studio.answers.append(tag)
    studio.choose("tag...", item.source())
    export_otio([item], str(studio.folder / "a.otio"))
    found = cli("read", studio.folder / "a.otio", "--format", "json").json["items"]
    assert [([stub["id"] for stub in each["tags"]], each["basis"]) for each in found if each["tags"]] == [([tag], "inferred")]


def test_an_exporter_that_leaves_tags_out_is_helped_afterwards(studio: Studio, cli: Cli) -> None:
    item, tag = studio.item(studio.stage.sequence()), studio.stage.declare()
    path = str(studio.folder / "beta.otio")
    studio.answers += [tag, path]
    studio.choose("tag...", item)
    export_otio([item], path, beta=True)
    before = json.loads(Path(path).read_text())
    studio.choose("put records into an exported OTIO...", item)
    assert [[stub["id"] for stub in each["tags"]] for each in cli("read", path, "--format", "json").json["items"]] == [[tag]]
    (again,) = import_otio(studio.app, path)
    assert len(ours(again)) == 1
    after = json.loads(Path(path).read_text())
    clip = after["tracks"]["children"][0]["children"][0]
    del clip["metadata"]["genai_tags"]
    clip["markers"] = []
    assert after == before


def test_a_clip_tagged_by_the_command_line_survives_studio_where_it_was_asked_for(studio: Studio, cli: Cli) -> None:
    path, tag = str(studio.folder / "cut.otio"), studio.stage.declare()
    export_otio([studio.item("/p/a.%04d.exr", "a"), studio.item("/p/b.%04d.exr", "b")], path, beta=True)
    assert cli("tag", path, "--clip", "a", "--id", tag, "--nuke-studio").code == 0
    assert cli("tag", path, "--clip", "b", "--id", tag).code == 0
    export_otio(import_otio(studio.app, path), str(studio.folder / "back.otio"))
    items = cli("read", studio.folder / "back.otio", "--format", "json").json["items"]
    assert [[stub["id"] for stub in each["tags"]] for each in items if "reference" not in each["clip"]] == [[tag], []]
    other = studio.stage.declare()
    assert cli("tag", studio.folder / "back.otio", "--clip", "a", "--id", other).code == 0
    items = cli("read", studio.folder / "back.otio", "--format", "json").json["items"]
    assert [stub["id"] for stub in items[0]["tags"]] == [tag, other]
    assert cli("untag", studio.folder / "back.otio", "--clip", "a").code == 0
    assert "gt1-" not in (studio.folder / "back.otio").read_text()


def test_what_hiero_exports_into_a_comp_is_read_there_and_runs_nothing(studio: Studio, stage: Stage, tmp_path: Path) -> None:
    from tests.doubles.nuke_render import execute
    from tests.test_nuke_render import tags_in

    stage.configure('contacts: ["[python {open(chr(47))}] $x"]\n')
    item, tag = studio.item(stage.sequence()), stage.declare()
    studio.answers.append(tag)
    studio.choose("tag...", item)
    text = comp_metadata(item)
    for comp in running(App(), stage, tmp_path):
        comp.load()
        node = comp.app.make("ModifyMetaData", comp.read(stage.sequence("v003")), metadata=text)
        (frame,) = execute(comp.app, comp.write(node), 1001, 1001)
        assert tags_in(frame) == [{tag}]
        node.metadata()  # which runs it


def test_several_tags_of_ours_on_an_item_all_count_and_become_one(studio: Studio) -> None:
    from tests.doubles.hiero_app import Tag

    item, one, two = studio.item(studio.stage.sequence()), studio.stage.declare(), studio.stage.declare()
    for tag in (one, two):
        other = studio.item("/p/x.%04d.exr")
        studio.answers.append(tag)
        studio.choose("tag...", other)
        with studio.project.beginUndo("import"):
            added = item.addTag(Tag("GenAI", "icons:Tag.png"))
            added.metadata().setValue("tag.genai_tags", other.tags()[0].metadata().value("tag.genai_tags"))
    studio.answers.append(studio.stage.declare())
    studio.choose("tag...", item)
    from genai_tags_hiero import items

    assert [stub.id for stub in items.get(item)[0].stubs] == [one, two, "tag0003"]
    assert len(item.tags()) == 1


def test_damaged_and_foreign_values_are_findings(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    item, tag = studio.item(studio.stage.sequence()), studio.stage.declare()
    studio.answers.append(tag)
    studio.choose("tag...", item)
    item.tags()[0].metadata().setValue("tag.genai_tags", "[python {1/0}]")
    studio.choose("refresh badges", item)
    assert capsys.readouterr().out.count("did not work") == 0
    (tag_there,) = item.tags()
    assert (tag_there.icon(), tag_there.note()) == (
        "icons:status/TagUnapproved.png",
        "This tag cannot be read. Tag the item again.",
    )
    assert tag_there.metadata().value("tag.genai_tags") == "[python {1/0}]"  # nothing is lost


def test_without_a_show_tagging_is_refused_and_nothing_is_changed(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    item, tag = studio.item(studio.stage.sequence()), studio.stage.declare()
    (studio.stage.folder / "genai.yaml").unlink()
    studio.answers.append(tag)
    studio.choose("tag...", item)
    assert item.tags() == ()
    assert "no show is open" in capsys.readouterr().out


def test_an_empty_selection_has_no_entry_of_ours(studio: Studio) -> None:
    assert studio.app.menu().actions == {}
    assert studio.app.menu(VideoTrack()).actions == {}
