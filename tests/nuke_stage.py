"""A running Nuke double with the plugin loaded as Nuke loads it, beside a show with tagged media."""

from __future__ import annotations

import os
import runpy
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.doubles.nuke_app import App, Node
from tests.doubles.nukescripts_app import nukescripts
from tests.stage import Stage

PLUGIN = Path(os.environ.get("GENAI_NUKE_PLUGIN", ROOT / "plugins" / "nuke"))
"""Where the plugin under test lies: a mutant names its own folder."""
_OURS = ("nuke", "nukescripts", "genai_tags_nuke", "hiero")


class Comp:
    """Nuke with a show behind it."""

    def __init__(self, app: App, stage: Stage, folder: Path) -> None:
        self.app, self.stage, self.folder = app, stage, folder
        app.root["first_frame"].fromScript("1001")
        app.root["last_frame"].fromScript("1010")
        app.root._name = str(folder / "comp.nk")

    def load(self) -> None:
        """Start as Nuke does: init.py everywhere, menu.py in the GUI."""
        for name in ["init.py", *(["menu.py"] if self.app.gui else [])]:
            runpy.run_path(str(PLUGIN / name))
        self.module("background").qt_core = lambda: _qt(self.app)

    def module(self, name: str) -> Any:
        """A module of the plugin."""
        __import__(f"genai_tags_nuke.{name}")
        return sys.modules[f"genai_tags_nuke.{name}"]

    def read(self, pattern: str, name: str | None = None) -> Node:
        """A Read of a sequence of the stage."""
        return self.app.make("Read", name=name, file=pattern, first=1001, last=1010)

    def write(self, node: Node, version: str = "v004", kind: str = "Write", **knobs: Any) -> Node:
        """A Write of the stage's shot."""
        path = str(self.folder / "renders" / f"AGM_104_065_010_comp_NFX_{version}.%04d.exr")
        return self.app.make(kind, node, **{"file": path, "file_type": "exr", **knobs})

    def ours(self) -> list[str]:
        """The lines that the plugin wrote into Nuke's log."""
        return [line for line in self.app.lines if line.startswith("genai_tags:")]


def _qt(app: App) -> types.SimpleNamespace:
    """QtCore, of which the plugin uses one call."""
    timer = types.SimpleNamespace(singleShot=lambda milliseconds, call: app.timers.append(call))
    return types.SimpleNamespace(QTimer=timer)


def running(app: App, stage: Stage, folder: Path) -> Iterator[Comp]:
    """The double in the place of ``nuke`` for one test; violations fail it at the end."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in _OURS}
    for name in before:
        del sys.modules[name]
    path = list(sys.path)
    sys.modules["nuke"] = app.nuke
    sys.modules["nukescripts"] = nukescripts(app)
    sys.path.insert(0, str(PLUGIN))
    try:
        yield Comp(app, stage, folder)
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
            del sys.modules[name]
        sys.modules.update(before)
        sys.path[:] = path
    assert app.violations == []
    assert app.tcl.ran == []
