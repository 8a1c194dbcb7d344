"""``view``: the desk, a window on a cut, on frames or on a whole show."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from genai_tags.cli.judging import JudgingShape
from genai_tags.cli.shape import command
from genai_tags.conform.listing import show_of
from genai_tags.errors import InputError, UsageError
from genai_tags.frames import is_pattern
from genai_tags.process import environment


@dataclass(kw_only=True)
class ViewShape(JudgingShape):
    """What the desk takes besides."""

    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CUT | FRAMES | SHOW]...", help="Cuts, frames, or a show's folder; else the show that is found upward."
        ),
    ] = None
    light: Annotated[bool, typer.Option("--light", help="Light instead of dark.")] = False


def register(app: typer.Typer) -> None:
    """Add the verb."""
    text = "Open the desk: the strip with its badges, filters, why, and a place to record what was given."
    app.command("view", help=text)(command(ViewShape, view))


def view(given: ViewShape) -> None:
    """Show the window until it is closed."""
    given.check()
    _check(given.what or [], given.show)
    _check_screen()
    try:
        from genai_tags.ui import theme
        from genai_tags.ui.chosen import Opened
        from genai_tags.ui.desk import Desk
        from genai_tags.ui.qt import application
    except ImportError as error:
        raise UsageError(f"the desk needs Qt: pip install 'genai-tags[ui]' ({error})") from None
    paths, media = (tuple(map(os.path.abspath, each or ())) for each in (given.what, given.media))
    opened = Opened(
        paths=paths, show=given.show, rate=given.rate, media=media, stage=given.stage.value, purpose=given.purpose.value,
        as_of=given.as_of,
    )  # fmt: skip
    running = application()
    theme.dress(running, not given.light)
    desk = Desk(opened)
    desk.show()
    code = running.exec()
    if code:
        raise typer.Exit(code)


def _check(what: list[str], show: str | None) -> None:
    """What cannot be opened is said here and not in an empty window. Raises InputError, ShowError or LedgerError."""
    for path in what:
        if not os.path.exists(path) and not is_pattern(path):
            raise InputError(path, "does not exist")
    show_of(what, show)


def _check_screen() -> None:
    """Qt ends the process where it finds no screen: another one tries it first. Raises UsageError."""
    trial = "import sys; del sys.path[0]; from PySide6.QtGui import QGuiApplication; QGuiApplication(['genai-tags'])"
    ran = subprocess.run([sys.executable, "-c", trial], env=environment(), capture_output=True, text=True)
    if ran.returncode and "ImportError" not in ran.stderr and "ModuleNotFoundError" not in ran.stderr:
        raise UsageError("the desk needs a screen, and there is none here; genai-tags report --output report.html needs none")
