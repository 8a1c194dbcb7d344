"""``redact``: erase the private part of an event; the chain still holds."""

from __future__ import annotations

from typing import Annotated

import typer

from genai_tags.cli.common import ByOption, Format, FormatOption, ShowOption, emit, open_show
from genai_tags.errors import UsageError
from genai_tags.ledger.chain import Event, payloads_of
from genai_tags.person import person
from genai_tags.private import redact as redact_event
from genai_tags.show import Show


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("redact")(redact)


def redact(
    targets: Annotated[
        list[str], typer.Argument(metavar="(EVENT | ID)...", help="Ledger events, or tags: every revision of them.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; this stays in the ledger.")],
    by: ByOption = None,
    role: Annotated[str | None, typer.Option("--role", help="In which role.")] = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """Erase prompts, names and attached papers of events for good; digests and the chain stay."""
    if not reason.strip():
        raise UsageError("--reason is empty")
    opened, name = open_show(show), person(by)
    events = [event for target in targets for event in _events(opened, target)]
    for event in events:
        if not payloads_of(event):
            raise UsageError(f"{event.id} has no private part; nothing was erased")
    opened.book.check_writable()
    done = []
    for event in {event.id: event for event in events}.values():
        shared = [
            each.id for each in opened.state.events if each.id != event.id and set(payloads_of(each)) & set(payloads_of(event))
        ]
        made, erased = redact_event(opened, event, reason, name, role)
        done.append({"event": event.id, "redaction": made.id, "erased": erased, "shared_with": shared})
    document = {"schema": "genai_tags.redact/1", "redacted": done}
    emit(document, lambda: "\n".join(map(_line, done)), format_)


def _line(each: dict[str, object]) -> str:
    shared = each["shared_with"]
    also = f"; the same paper was attached to {', '.join(shared)}" if isinstance(shared, list) and shared else ""
    return f"{each['event']}: {each['erased']} private file(s) erased, recorded as {each['redaction']}{also}"


def _events(show: Show, target: str) -> list[Event]:
    found = [event for event in show.state.events if event.id == target]
    if target in show.state.entries:
        found = [entry.event for held in show.state.entries[target].values() for entry in held if entry.private]
    if not found:
        raise UsageError(f"{target!r} is no event and no tag of this ledger with a private part; genai-tags log lists them")
    return found
