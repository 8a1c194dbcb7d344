"""The self-test that an owner of Nuke runs, run against the double: what the double claims is what is asked of Nuke."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.doubles.nuke_app import App
from tests.nuke_stage import PLUGIN, running
from tests.stage import Stage


def test_every_claim_holds_in_the_double(stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in running(App(gui=False), stage, tmp_path):
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(PLUGIN / "selftest.py"), run_name="__main__")
        printed = capsys.readouterr().out
        assert (ended.value.code, printed.count("PASS")) == (0, 8), printed


def test_a_claim_that_does_not_hold_is_told(stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for comp in running(App(gui=False), stage, tmp_path):
        vars(comp.app.nuke)["autolabels"] = None
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(PLUGIN / "selftest.py"), run_name="__main__")
        printed = capsys.readouterr().out
        assert ended.value.code == 1
        assert "FAIL labels" in printed
        assert "1 claim(s) do not hold" in printed
