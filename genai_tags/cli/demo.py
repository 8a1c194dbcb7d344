"""``demo``: build a small show with its own media and conform its cut, by the public command line alone."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
from typing import Annotated

import typer

from genai_tags.cli.common import EXIT_FINDINGS
from genai_tags.demo.story import Demo
from genai_tags.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A new or empty folder.")] = "demo",
) -> None:
    """Tell the whole story on a small show: declare, tag, approve, conform, revoke."""
    full = os.path.abspath(folder)
    if os.path.isdir(full) and os.listdir(full):
        raise UsageError(f"{folder} is not empty; give another folder")
    if not Demo(full, _call, _say).run():
        raise typer.Exit(EXIT_FINDINGS)
    _say(
        f"The show is in {folder}. Open {folder}/report.html in a browser, or the desk: genai-tags view {folder}/locked.otio --show {folder}"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"\n## {text}\n")
    sys.stdout.flush()


def _call(*arguments: str, show: bool = False) -> tuple[int, str]:
    """Run the command line in this process, and print the command as a person would type it."""
    from genai_tags.cli.app import run

    sys.stdout.write(f"$ genai-tags {shlex.join(_short(each) for each in arguments)}\n")
    if show:
        sys.stdout.flush()
        code = run(list(arguments))
        sys.stdout.write(f"exit code {code}\n")
        return code, ""
    printed, notes = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(notes):
        code = run(list(arguments))
    return code, printed.getvalue() if not code else notes.getvalue()


def _short(argument: str) -> str:
    return os.path.relpath(argument) if os.path.isabs(argument) else argument
