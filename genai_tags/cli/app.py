"""The application: every verb in the order of the work."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from genai_tags import __version__
from genai_tags.cli import (
    annotate,
    assess,
    check,
    clean,
    conform,
    declare,
    demo,
    evidence,
    find,
    init,
    log,
    plugins,
    policy,
    read,
    redact,
    report,
    request,
    tag,
    tools,
    view,
)
from genai_tags.cli.common import EXIT_FINDINGS, exit_code, say
from genai_tags.errors import GenAITagsError

app = typer.Typer(
    name="genai-tags",
    help="What in this shot is AI, who allowed it, and is that still true in this cut?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"genai-tags {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """What in this shot is AI, who allowed it, and is that still true in this cut?"""


for module in (
    init,
    declare,
    tag,
    clean,
    read,
    assess,
    request,
    evidence,
    find,
    conform,
    report,
    view,
    annotate,
    check,
    log,
    redact,
    tools,
    policy,
    plugins,
    demo,
):
    module.register(app)


def run(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit code; errors of ours are one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        result = app(arguments, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        return 130
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except GenAITagsError as error:
        say(str(error))
        return exit_code(error)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # a usage error of the command-line library
            error.show()
            return int(error.exit_code)
        if isinstance(error, OSError):
            say(f"{error.filename or 'the system'}: {error.strerror}")
            return EXIT_FINDINGS
        raise
