"""``view``: the desk, a window on a cut, on frames or on a whole show."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from genai_tags.cli.common import ShowOption
from genai_tags.cli.conform import AsOfOption, CutStage, MediaOption, PurposeOption, RateOption, StageOption, read_rate
from genai_tags.cli.shape import day
from genai_tags.conform.listing import is_show
from genai_tags.errors import InputError, UsageError
from genai_tags.frames import is_pattern
from genai_tags.process import environment
from genai_tags.show import Show
from genai_tags.vocabulary import Purpose


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("view")(view)


def view(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CUT | FRAMES | SHOW]...", help="Cuts, frames, or a show's folder; else the show that is found upward."
        ),
    ] = None,
    rate: RateOption = None,
    media: MediaOption = None,
    stage: StageOption = CutStage.FINAL,
    purpose: PurposeOption = Purpose.PROGRAMME,
    as_of: AsOfOption = None,
    light: Annotated[bool, typer.Option("--light", help="Light instead of dark.")] = False,
    show: ShowOption = None,
) -> None:
    """Open the desk: the strip with its badges, filters, why, and a place to record what was given."""
    read_rate(rate)
    day(as_of, "--as-of")
    _check(what or [], show)
    _check_screen()
    try:
        from genai_tags.ui import theme
        from genai_tags.ui.chosen import Opened
        from genai_tags.ui.desk import Desk
        from genai_tags.ui.qt import application
    except ImportError as error:
        raise UsageError(f"the desk needs Qt: pip install 'genai-tags[ui]' ({error})") from None
    opened = Opened(
        paths=tuple(map(os.path.abspath, what or ())), show=show, rate=rate, media=tuple(map(os.path.abspath, media or ())),
        stage=stage.value, purpose=purpose.value, as_of=as_of,
    )  # fmt: skip
    running = application()
    theme.dress(running, not light)
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
    shows = [path for path in what if is_show(path)]
    Show.open(shows[0] if shows else show)


def _check_screen() -> None:
    """Qt ends the process where it finds no screen: another one tries it first. Raises UsageError."""
    trial = "import sys; del sys.path[0]; from PySide6.QtGui import QGuiApplication; QGuiApplication(['genai-tags'])"
    ran = subprocess.run([sys.executable, "-c", trial], env=environment(), capture_output=True, text=True)
    if ran.returncode and "ImportError" not in ran.stderr and "ModuleNotFoundError" not in ran.stderr:
        raise UsageError("the desk needs a screen, and there is none here; genai-tags report --output report.html needs none")
