"""Five mistakes that have hurt people, each made on purpose in a copy of the plugin: the suite must notice every one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PLUGIN, CORE = ROOT / "plugins" / "nuke", ROOT / "genai_tags"

MUTANTS = {
    "metadata() in knobChanged": (
        "genai_tags_nuke/start.py",
        "    if nuke.thisKnob().name() in _LOOKED_AT:\n",
        "    if nuke.thisKnob().name() in _LOOKED_AT and nuke.thisNode().metadata() is not None:\n",
        "test_nuke_gui.py",
        "no_callback_reads_metadata",
    ),
    "a raise in onScriptSave": (
        "genai_tags_nuke/start.py",
        "@guarded\ndef _saved() -> None:\n",
        "def _saved() -> None:\n",
        "test_nuke_gui.py",
        "saving_is_never_blocked",
    ),
    "raw JSON in ModifyMetaData": (
        "genai_tags_nuke/actions.py",
        "{encode_text(output.tags)}}}",
        "{repr([stub.id for stub in output.tags.stubs])}}}",
        "test_nuke_gui.py",
        "metadata_node or hostile_names",
    ),
    "Error: in an advisory line": (
        "genai_tags_nuke/log.py",
        "nuke.tprint(log_line(text, level))",
        'nuke.tprint(f"genai_tags: {level} {text}")',
        "test_nuke_render.py",
        "looks_like_a_failed_task",
    ),
    "the A side of Merge ignored": (
        "genai_tags_nuke/graph.py",
        "        return [self.graph.node(each) if each is not None else None for each in found]\n",
        '        found = found[:1] if self.kind == "Merge2" else found\n'
        "        return [self.graph.node(each) if each is not None else None for each in found]\n",
        "test_nuke_render.py",
        "the_a_side_reaches",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_suite_notices(name: str, tmp_path: Path) -> None:
    file, right, wrong, suite, which = MUTANTS[name]
    plugin = tmp_path / "plugin"
    shutil.copytree(PLUGIN, plugin, ignore=shutil.ignore_patterns("__pycache__"))
    text = (plugin / file).read_text()
    assert text.count(right) == 1, f"{file} no longer holds what this mutant changes"
    (plugin / file).write_text(text.replace(right, wrong))
    ran = _suite(suite, which, plugin)
    assert ran.returncode == 1, f"nobody noticed {name}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    assert " failed" in ran.stdout or " error" in ran.stdout
    assert "error during collection" not in ran.stdout


def test_the_same_tests_pass_without_a_mistake(tmp_path: Path) -> None:
    """A mutant that is noticed says nothing if its tests fail anyway."""
    for suite in {each[3] for each in MUTANTS.values()}:
        which = " or ".join(each[4] for each in MUTANTS.values() if each[3] == suite)
        ran = _suite(suite, which, PLUGIN)
        assert ran.returncode == 0, ran.stdout[-2000:]


def _suite(suite: str, which: str, plugin: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        f"tests/{suite}",
        "-k",
        which,
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        command, cwd=ROOT, env={**environment, "GENAI_NUKE_PLUGIN": str(plugin)}, capture_output=True, text=True
    )
