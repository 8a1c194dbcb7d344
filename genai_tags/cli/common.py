"""What verbs share: exit codes, output, options."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from genai_tags import files
from genai_tags.errors import (
    GenAITagsError,
    InputError,
    LedgerError,
    MediaError,
    Problem,
    RefusedError,
    ShowError,
    UsageError,
    WriteError,
)
from genai_tags.report.plain import plain
from genai_tags.report.text import plain_lines
from genai_tags.show import Show

EXIT_FINDINGS, EXIT_USAGE, EXIT_INPUT, EXIT_SHOW = 1, 2, 3, 4


class Format(str, Enum):
    """How to print."""

    TEXT = "text"
    JSON = "json"


ShowOption = Annotated[
    str | None, typer.Option("--show", help="The show's folder or genai.yaml; else GENAI_SHOW, else found upward.")
]
ByOption = Annotated[str | None, typer.Option("--by", help="Who records this; else GENAI_BY, else the login name.")]
FormatOption = Annotated[Format, typer.Option("--format", help="text or json.")]
OutputOption = Annotated[str | None, typer.Option("--output", help="Write there instead of standard output.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print data only, no progress and no notes.")]
PathsArgument = Annotated[list[str], typer.Argument(help="Files, sequences (name.####.exr, name.%04d.exr, name.1001-1096#.exr) or folders; - reads a list.")]  # fmt: skip


def exit_code(error: GenAITagsError) -> int:
    """Which exit code an error means, when it ends the command."""
    if isinstance(error, (ShowError, LedgerError)):
        return EXIT_SHOW
    if isinstance(error, (UsageError, RefusedError)):
        return EXIT_USAGE
    if isinstance(error, (InputError, MediaError)) and not isinstance(error, WriteError):
        return EXIT_INPUT
    return EXIT_FINDINGS


def say(text: str, quiet: bool = False) -> None:
    """A note for a person, on stderr."""
    if not quiet:
        with contextlib.suppress(BrokenPipeError):
            print(f"genai-tags: {plain_lines(text)}", file=sys.stderr)  # noqa: T201 - this is where notes are printed


def emit(document: dict[str, Any], text: Callable[[], RenderableType], kind: Format, output: str | None = None) -> None:
    """Print a result as JSON or text, or write it to a file, whole or not at all."""
    if kind is Format.JSON:
        rendered = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    else:
        rendered = render(text(), colour=output is None)
    if output is None:
        sys.stdout.write(rendered)
        sys.stdout.flush()
        return
    write_file(output, rendered.encode("utf-8", "backslashreplace"))


def read_file(path: str) -> bytes:
    """The bytes of a file (or pipe) that was named. Raises InputError."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None


def write_file(path: str, data: bytes) -> None:
    """Write a file, whole or not at all. Raises WriteError."""
    try:
        files.write(path, data)
    except OSError as error:
        raise WriteError(path, f"could not be written: {error.strerror}") from None


def render(text: RenderableType, *, colour: bool) -> str:
    """Rich text as a string; colours and the terminal's width only on a terminal."""
    terminal = Console()
    on_terminal = colour and terminal.is_terminal
    width = terminal.width if on_terminal else int(os.environ.get("COLUMNS", "160"))
    console = Console(width=max(60, width), force_terminal=on_terminal, no_color=None if on_terminal else True, highlight=False)
    with console.capture() as captured:
        console.print(text, markup=False)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def open_show(start: str | None, beside: str | None = None) -> Show:
    """The show, with a note for every event of its book that cannot be read."""
    show = Show.open(start, beside=beside)
    for problem in show.state.problems:
        say(f"ledger: {problem}")
    return show


def paths_of(arguments: Sequence[str]) -> list[str]:
    """Path arguments, with ``-`` replaced by the lines of standard input."""
    found: list[str] = []
    for argument in arguments:
        if argument == "-":
            found.extend(line.strip("\ufeff\r\n") for line in sys.stdin if line.strip())
        else:
            found.append(argument)
    if not found:
        raise UsageError("no paths were given")
    return found


@contextlib.contextmanager
def progress(what: str, total: int, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on stderr for work of more than a moment; nothing where nobody watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal or total < 200:
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def report_problems(problems: Iterable[Problem], quiet: bool = False) -> None:
    """Problems of single files, on stderr."""
    for problem in problems:
        say(plain(problem), quiet)


def finish(errors: Sequence[GenAITagsError], failed: bool = False) -> None:
    """End a batch: its errors are printed, and the exit code is the first that applies."""
    for error in errors:
        say(str(error))
    if errors:
        raise typer.Exit(min((exit_code(e) for e in errors), key=(EXIT_USAGE, EXIT_INPUT, EXIT_SHOW, EXIT_FINDINGS).index))
    if failed:
        raise typer.Exit(EXIT_FINDINGS)
