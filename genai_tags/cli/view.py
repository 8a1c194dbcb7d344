"""``view``: the desk, a window on a cut, on frames or on a whole show."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from genai_tags.cli.common import ShowOption
from genai_tags.cli.conform import AsOfOption, CutStage, MediaOption, PurposeOption, RateOption, StageOption, read_rate
from genai_tags.cli.shape import day
from genai_tags.errors import UsageError
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


def _check_screen() -> None:
    """Qt ends the process where there is no screen: say so before it does. Raises UsageError."""
    here = os.environ
    if sys.platform.startswith("linux") and not (
        here.get("DISPLAY") or here.get("WAYLAND_DISPLAY") or here.get("QT_QPA_PLATFORM")
    ):
        raise UsageError("the desk needs a screen, and DISPLAY names none; genai-tags report --output report.html needs none")
