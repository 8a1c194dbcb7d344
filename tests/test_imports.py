"""What runs inside a host is the standard library and PyYAML: proven in a process where everything else is barred."""

from __future__ import annotations

import subprocess
import sys

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


def test_the_command_line_loads_no_heavy_library() -> None:
    code = "import genai_tags.cli.app, sys; print([m for m in ('opentimelineio', 'OpenImageIO', 'OpenEXR', 'numpy', 'fileseq') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"
