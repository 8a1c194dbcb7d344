"""``log``: the ledger's events, and whether its chains hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from genai_tags.cli.common import EXIT_FINDINGS, Format, FormatOption, OutputOption, ShowOption, emit, open_show, say
from genai_tags.errors import UsageError
from genai_tags.ledger.book import Event
from genai_tags.report.plain import plain
from genai_tags.show import Show


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("log")(log)


def log(
    target: Annotated[str | None, typer.Argument(metavar="[ID | SHOT]", help="Only events about this tag or shot.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check every chain.")] = False,
    head: Annotated[list[str] | None, typer.Option("--head", help="With --verify: a chain head that a report printed.")] = None,
    format_: FormatOption = Format.TEXT,
    output: OutputOption = None,
    show: ShowOption = None,
) -> None:
    """List what was recorded, by whom and when; --verify names every torn, missing, edited or foreign file."""
    for each in head or ():
        if not re.fullmatch(r"(?:[a-z0-9]{4,32}-\d+:)?[0-9a-fA-F]{64}", each):
            raise UsageError(f"--head {each!r} is no chain head (WRITER-NUMBER:SHA-256)")
    if head and not verify:
        raise UsageError("--head goes with --verify")
    if verify:
        _verify(Show.open(show), tuple(head or ()), format_, output)
        return
    opened = open_show(show)
    events = [_document(event) for event in sorted(opened.state.events, key=lambda e: (e.at, e.writer, e.sequence))]
    if target is not None:
        wanted = {target, *opened.state.in_shot(target)}
        if not any(wanted & set(event["about"]) for event in events):
            raise UsageError(f"nothing in the ledger is about {target!r}")
        events = [event for event in events if wanted & set(event["about"])]
    heads = [str(each) for each in opened.book.heads()]
    emit({"schema": "genai_tags.log/1", "events": events, "heads": heads}, lambda: _table(events), format_, output)


def _verify(show: Show, heads: tuple[str, ...], format_: Format, output: str | None) -> None:
    problems = list(dict.fromkeys((*show.book.verify(heads), *show.state.problems)))
    ends = [str(each) for each in show.book.heads()]
    listed = [{"code": p.code, "file": p.path, "message": p.message} for p in problems]
    lines = [f"{p.code}: {plain(p)}" for p in problems] or ["every chain holds"]
    text = "\n".join([*lines, *(f"head {end}" for end in ends)])
    emit({"schema": "genai_tags.verify/1", "problems": listed, "heads": ends}, lambda: text, format_, output)
    if problems:
        say("the ledger is damaged; nothing was changed")
        raise typer.Exit(EXIT_FINDINGS)


def _document(event: Event) -> dict[str, Any]:
    body = event.body
    return {
        "event": event.id, "at": event.at, "kind": event.kind, "recorded_by": event.recorded_by, "about": _about(event),
        "body": dict(body), "digest": event.digest,
    }  # fmt: skip


def _about(event: Event) -> list[str]:
    """Tag ids and shots that an event concerns; an event of a newer kind concerns nothing that we know."""
    found: list[Any] = []
    body = event.body
    record, evidence, clean = (_mapping(body, key) for key in ("record", "evidence", "clean"))
    found += [record.get("id"), *_each(record, "uses", "shot"), *_each(evidence, "tags", "id")]
    shots = clean.get("shots")
    found += [*(shots if isinstance(shots, list) else []), *_each(clean, "media", "path"), *_each(body, "stubs", "id")]
    return list(dict.fromkeys(str(each) for each in found if each))


def _each(data: Mapping[str, Any], key: str, name: str) -> list[Any]:
    """One field of every mapping in a list; nothing where the event is odd."""
    items = data.get(key)
    return [item.get(name) for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _mapping(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def _table(events: list[dict[str, Any]]) -> Table:
    table = Table(pad_edge=False)
    for name in ("When (UTC)", "Event", "What", "About", "Recorded by", "Given by"):
        table.add_column(name, overflow="fold")
    for event in events:
        evidence = _mapping(event["body"], "evidence") or _mapping(event["body"], "clean")
        what = evidence.get("kind", event["kind"])
        given = " ".join(str(evidence[key]) for key in ("given_by", "role", "ref") if evidence.get(key))
        cells = (event["at"][:19], event["event"], what, ", ".join(event["about"]), event["recorded_by"], given)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table
