"""``tools``: statements go behind the others, whose bytes stay; what does not fit changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import Cli

HAND = """# our tools
schema: genai_tags.tools/1
tools:
%(i)s- tool: Old  # a remark
%(i)s  date: 2026-01-01
%(i)s  reviewed_by: L. Legal
"""


def hand(show: Path, text: str) -> Path:
    (show / "tools.yaml").write_bytes(text.encode())
    with (show / "genai.yaml").open("a") as stream:
        stream.write("register: {}\n")
    return show / "tools.yaml"


LAYOUTS = {
    "flush": HAND % {"i": ""},
    "indented": HAND % {"i": "    "},
    "flow items": "schema: genai_tags.tools/1\ntools:\n  - {tool: Old, date: 2026-01-01, reviewed_by: L}\n",
    "no line end": (HAND % {"i": ""}).rstrip("\n"),
    "blank ends": HAND % {"i": ""} + "\n\n",
    "a remark at the end": HAND % {"i": ""} + "# the end\n",
    "CRLF": (HAND % {"i": ""}).replace("\n", "\r\n"),
    "BOM": "\ufeff" + HAND % {"i": ""},
    "other keys first": "tools:\n- {tool: Old, date: 2026-01-01, reviewed_by: L}\n".join(["schema: genai_tags.tools/1\n", ""]),
    "no tools yet": "schema: genai_tags.tools/1\ntools:\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_stood_there_stays_byte_for_byte(name: str, cli: Cli, show: Path) -> None:
    path = hand(show, LAYOUTS[name])
    before = path.read_bytes()
    ran = cli("tools", "add", 'New "1": é\u2028x', "--set", "reason=a: b # c", "--set", "aliases=N1,N2", "--by", "L. Legal")
    assert ran.code == 0, ran.err
    assert path.read_bytes().startswith(before)
    tools = cli("tools", "list", "--format", "json").json["tools"]
    assert [(each["tool"], each.get("reason"), each.get("aliases")) for each in tools if each["tool"] != "Old"] == [
        ('New "1": é\u2028x', "a: b # c", ["N1", "N2"])
    ]
    assert yaml.safe_load(path.read_bytes().decode("utf-8-sig"))["tools"][-1]["tool"] == 'New "1": é\u2028x'


@pytest.mark.parametrize(
    "text",
    ["schema: genai_tags.tools/1\ntools: []\n", "{schema: genai_tags.tools/1, tools: []}\n", HAND % {"i": ""} + "---\n",
     "schema: genai_tags.tools/1\ntools: [{tool: Old, date: 2026-01-01, reviewed_by: L}]\n"],
)  # fmt: skip
def test_where_nothing_can_be_put_behind_nothing_is_changed(text: str, cli: Cli, show: Path) -> None:
    path = hand(show, text)
    before, events = path.read_bytes(), len(list((show / ".genai" / "book").iterdir()))
    ran = cli("tools", "add", "New")
    assert ran.code in (3, 4)
    assert "tools.yaml" in ran.err
    assert (path.read_bytes(), len(list((show / ".genai" / "book").iterdir()))) == (before, events)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "Old"), "in the register already"),
        (("add", "OLD "), "in the register already"),
        (("review", "New"), "is not in the register, which has Old"),
        (("review", "Old", "--status", "withdrawn"), "needs --reason"),
        (("review", "Old", "--date", "2025-01-01"), "lies before the last statement"),
        (("add", "New", "--date", "2027-01-01"), "lies in the future"),
        (("add", "New", "--set", "date=2029-01-01"), "write FACT=VALUE"),
        (("add", "New", "--set", "reviewed_by=The Boss"), "write FACT=VALUE"),
        (("add", "New", "--set", "tool=Old"), "write FACT=VALUE"),
        (("add", "New", "--set", "terms=x"), "write FACT=VALUE"),
        (("add", "New", "--set", "training_data=mine"), "is not known here"),
        (("add", "New", "--set", "tiers.free.trains=yes"), "tiers[0].trains"),
        (("add", "New", "--set", "aliases=Old"), "one name is one tool"),
        (("add", "x\udcff"), "half of a surrogate pair"),
        (("diff", "a.yaml", "--since", "2026-01-01"), "say one thing"),
        (("diff", "nowhere.yaml"), "cannot be read"),
        (("list", "--stage", "final"), "--stage goes with --for"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple[str, ...], message: str, cli: Cli, show: Path) -> None:
    path = hand(show, HAND % {"i": ""})
    before = path.read_bytes()
    ran = cli("tools", *arguments)
    assert (ran.code in (2, 3), message in ran.err) == (True, True), ran.err
    assert path.read_bytes() == before
    assert list((show / ".genai" / "book").iterdir()) == []


def test_a_tier_is_stated_by_name_and_reviewed(cli: Cli, show: Path) -> None:
    assert (
        cli("tools", "add", "New", "--set", "tiers.free.trains_on_inputs=yes", "--set", "tiers.pro.trains_on_inputs=no").code
        == 0
    )
    assert cli("tools", "review", "new", "--set", "tiers.free.stores_inputs=yes", "--set", "terms.ref=T-2").code == 0
    (tool,) = cli("tools", "list", "--format", "json").json["tools"]
    assert tool["tiers"] == [
        {"name": "free", "trains_on_inputs": "yes", "stores_inputs": "yes"},
        {"name": "pro", "trains_on_inputs": "no"},
    ]
    assert [event["kind"] for event in cli("log", "--format", "json").json["events"]] == ["tool_review", "tool_review"]


def test_of_one_day_the_strictest_counts_and_that_is_said(cli: Cli, show: Path) -> None:
    cli("tools", "add", "New", "--date", "2026-01-01")
    cli("tools", "review", "New", "--status", "prohibited", "--reason", "r")
    ran = cli("tools", "review", "New", "--status", "allowed")
    assert "New stays prohibited; state it again on a later day" in ran.out


@pytest.mark.parametrize("text", ["{schema: genai_tags.show/1, name: x}\n", "schema: genai_tags.show/1\nname: x\n...\n"])
def test_a_genai_yaml_that_cannot_be_added_to_stays_as_it_is(text: str, cli: Cli, show: Path) -> None:
    (show / "genai.yaml").write_text(text)
    ran = cli("tools", "add", "New")
    assert (ran.code, "put 'register: {file: tools.yaml}' into it yourself" in ran.err) == (4, True)
    assert ((show / "genai.yaml").read_text(), (show / "tools.yaml").exists()) == (text, False)


_ADD = "import sys; from genai_tags.cli.app import run; sys.exit(run(['tools', 'add', sys.argv[1], '--by', 'x']))"


def test_tools_added_at_once_are_all_there(cli: Cli, show: Path) -> None:
    cli("tools", "add", "First")
    environment = {**os.environ, "GENAI_SHOW": str(show)}
    running = [
        subprocess.Popen([sys.executable, "-c", _ADD, f"T{i}"], env=environment, stdout=subprocess.DEVNULL) for i in range(8)
    ]
    assert [process.wait() for process in running] == [0] * 8
    names = {tool["tool"] for tool in cli("tools", "list", "--format", "json").json["tools"]}
    assert names == {"First", *(f"T{i}" for i in range(8))}
    assert len(json.loads(cli("log", "--format", "json").out)["events"]) == 9
