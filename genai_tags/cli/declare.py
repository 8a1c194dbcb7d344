"""``declare``: record how an element was made with AI."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from genai_tags.cli.common import ByOption, Format, FormatOption, ShowOption, emit, open_show, say
from genai_tags.codec import decode_facts
from genai_tags.errors import InputError
from genai_tags.model import Tag, Use
from genai_tags.person import person
from genai_tags.strict import decode_text, load_yaml
from genai_tags.validity import Context


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("declare")(declare)


def read_facts(path: str) -> tuple[Tag, tuple[Use, ...]]:
    """Tag and uses from a FACTS.yaml (``-``: standard input). Raises InputError with every problem."""
    name = "standard input" if path == "-" else path
    try:
        if path == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(path, "rb") as stream:
                data = stream.read()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    document: Any = load_yaml(decode_text(data, name), name)
    return decode_facts(document, name)


def declare(
    facts: Annotated[str, typer.Option("--from", metavar="FACTS.yaml", help="The facts; - reads standard input.")],
    by: ByOption = None,
    revise: Annotated[str | None, typer.Option("--revise", metavar="ID", help="Record a new revision of this tag.")] = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """Record a tag and its uses; prints the tag's id."""
    tag, uses = read_facts(facts)
    opened = open_show(show)
    opened.check_facts(tag, facts)
    record = opened.declare(tag, uses, person(by), revise)
    document = {"schema": "genai_tags.declare/1", "id": record.id, "revision": record.revision}
    emit(document, lambda: record.id, format_)
    if revise is not None:
        now = opened.judge_uses(record.id, Context(as_of=opened.today(), territories=opened.config.territories))
        stands = "; ".join(dict.fromkeys(f"{each.use.shot or 'no shot'} {each.verdict.status}" for each in now))
        say(f"{record.id} is at revision {record.revision} now: {stands}")
