"""What runs inside a host is the standard library and PyYAML: proven in a process where everything else is barred."""

from __future__ import annotations

import subprocess
import sys

from tests.sheets import needs_qt

_BARRED = """
import importlib.abc, sys

ALLOWED = {"yaml", "_yaml", "genai_tags"}

class Bar(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names and not top.startswith(("__editable__", "_sysconfigdata")):
            raise ImportError(f"{name} is barred inside a host")
        return None

sys.meta_path.insert(0, Bar())
import genai_tags.model, genai_tags.codec, genai_tags.policy.engine, genai_tags.status, genai_tags.show
import genai_tags.exr.edit, genai_tags.carriers.exr, genai_tags.carriers.sidecar, genai_tags.carriers.otio, genai_tags.carriers.edl
import genai_tags.ledger.book, genai_tags.ledger.state, genai_tags.carriers.protection

show = genai_tags.show.Show.init(sys.argv[1], "Host", ["netflix-2025-08"])
from genai_tags.model import Tag, Use
record = show.declare(Tag(), (Use(shot="S"),), "artist")
from genai_tags.validity import Context
(judged,) = show.judge(record.id, Context(as_of=show.today(), shot="S"))
print(judged.verdict.status, sorted(m for m in sys.modules if m.partition(".")[0] in ("typer", "rich", "fileseq", "opentimelineio")))
"""


def test_the_core_works_where_every_other_module_is_barred(tmp_path: object) -> None:
    ran = subprocess.run([sys.executable, "-c", _BARRED, f"{tmp_path}/show"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip()) == (0, "open []"), ran.stderr


_PANEL = _BARRED.replace(
    '{"yaml", "_yaml", "genai_tags"}', '{"yaml", "_yaml", "genai_tags", "PySide6", "shiboken6", "PySide6_Essentials"}'
)


@needs_qt
def test_the_widgets_work_where_every_module_but_qt_is_barred(tmp_path: object) -> None:
    code = (
        _PANEL
        + """
from genai_tags.ui.qt import application
application(offscreen=True)
from genai_tags.preview import Rulebook
from genai_tags.report.sheet import make_sheet
from genai_tags.conform.check import conform
from genai_tags.conform.listing import cut_of_show
from genai_tags.conform.results import Options
from genai_tags.ui.form import TagForm
from genai_tags.ui.listing import TagList
from genai_tags.ui.reasons import ReasonsView
from genai_tags.ui.strip import TimelineStrip
sheet = make_sheet(show, conform(show, [cut_of_show(show)], Options(as_of=show.today())))
form, tags, reasons, strip = TagForm(Rulebook.of(show)), TagList(), ReasonsView(), TimelineStrip()
tags.fill(sheet["uses"])
reasons.show_event(sheet, 0)
strip.show_cut(sheet, 0)
print(len(tags.rows.places), "may not ship" in reasons.toPlainText() or reasons.toPlainText()[:40])
"""
    )
    ran = subprocess.run([sys.executable, "-c", code, f"{tmp_path}/show"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip().splitlines()[-1:]) == (0, ["1 True"]), ran.stderr


@needs_qt
def test_a_qt_that_kills_python_is_refused() -> None:
    code = "import PySide6, sys; PySide6.__version_info__ = (6, 12, 0, '', ''); sys.version_info = (3, 11, 7, 'final', 0); import genai_tags.ui.qt"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "install 'PySide6-Essentials<6.12'" in ran.stderr


def test_the_command_line_loads_no_heavy_library() -> None:
    code = "import genai_tags.cli.app, sys; print([m for m in ('opentimelineio', 'OpenImageIO', 'OpenEXR', 'numpy', 'fileseq', 'PySide6', 'jinja2') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"
