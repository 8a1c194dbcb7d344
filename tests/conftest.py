"""What tests share: a frozen clock and writer, a show, the command line, the corpus."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from genai_tags.cli.app import run
from genai_tags.show import Show

if TYPE_CHECKING:
    from tests.stage import Stage

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("GENAI_CORPUS", ROOT.parent / "shared" / "corpus"))


def corpus_files(pattern: str) -> list[Any]:
    """Corpus files by pattern, as test parameters; one that skips with a reason where the corpus is absent."""
    found = sorted(CORPUS.glob(pattern))
    if not found:
        reason = f"the corpus is not at {CORPUS}"
        return [pytest.param(Path(pattern), marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(path, id=path.name[:60]) for path in found]


@dataclass(frozen=True)
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_NOW", "2026-11-21T12:00:00Z")
    monkeypatch.setenv("GENAI_WRITER", "testwriter")
    monkeypatch.setenv("GENAI_BY", "T. Tester")
    monkeypatch.delenv("GENAI_SHOW", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, run in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, stdin: str = "") -> Ran:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([str(each) for each in arguments])
        return Ran(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def show(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty show in ``tmp_path``/show, found by GENAI_SHOW."""
    folder = tmp_path / "show"
    assert cli("init", folder, "--name", "Test Show").code == 0
    monkeypatch.setenv("GENAI_SHOW", str(folder))
    return folder


@pytest.fixture
def stage(cli: Cli, show: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage whose tags are called tag0001, tag0002 and so on."""
    from tests.stage import Stage  # which needs this module

    numbers = itertools.count(1)
    monkeypatch.setattr(Show, "_new_id", lambda self: f"tag{next(numbers):04d}")
    return Stage(cli, show)
