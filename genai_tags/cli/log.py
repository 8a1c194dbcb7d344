"""``log``: the ledger's events, whether its chains hold, and their exchange with other ledgers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from genai_tags.cli.common import (
    EXIT_FINDINGS,
    Format,
    FormatOption,
    OutputOption,
    ShowOption,
    emit,
    finish,
    open_show,
    paths_of,
    say,
)
from genai_tags.errors import InputError, UsageError
from genai_tags.ledger import exchange
from genai_tags.ledger.chain import Event, payloads_of
from genai_tags.ledger.state import REFUSED
from genai_tags.report.plain import plain
from genai_tags.show import Show


class _Group(TyperGroup):
    """``log`` alone, or with anything that is no part of it, lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the verb with its parts."""
    verbs = typer.Typer(
        cls=_Group, help="The ledger: list (where nothing else is said), --verify, export, import.", rich_markup_mode=None
    )
    verbs.command("list")(log)
    verbs.command("export")(export)
    verbs.command("import")(import_)
    app.add_typer(verbs, name="log")


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


def export(
    path: Annotated[str, typer.Argument(metavar="FILE.zip", help="The bundle to write.")],
    writer: Annotated[
        list[str] | None, typer.Option("--writer", help="Only this writer's chain; repeat for several. Else all.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Also hand over prompts, names and attached papers; else they stay here.")
    ] = False,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """Write whole chains as a bundle for another vendor or the client."""
    opened = open_show(show)
    for problem in opened.book.verify(read=opened.events_read):
        say(f"the ledger is damaged, and goes out as it is: {problem}")
    names = {writer: each.name for writer, each in opened.config.writers.items()}
    made = exchange.export(opened.book, path, opened.config.name, names, writer or [], private, opened.state.redacted)
    document = {
        "schema": "genai_tags.export/1", "path": path, "events": len(made.events), "private": len(made.private),
        "heads": list(made.heads),
    }  # fmt: skip
    text = "\n".join([f"{len(made.events)} events, {len(made.private)} private files", *(f"head {h}" for h in made.heads)])
    emit(document, lambda: text, format_)


def import_(
    sources: Annotated[list[str], typer.Argument(metavar="BUNDLE...", help="Bundles, or folders of shows; - reads a list.")],
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """Take in other ledgers' chains. One that does not fit is named and left out; nothing of it is written."""
    bundles, errors = [], []
    for source in paths_of(sources):
        try:
            bundles.append(exchange.read_bundle(source))
        except InputError as error:
            errors.append(error)
    opened = open_show(show)
    opened.book.check_writable()
    documents = [_take_in(opened, bundle) for bundle in bundles]
    heads = [str(each) for each in opened.book.heads()]
    document = {"schema": "genai_tags.import/1", "bundles": documents, "heads": heads}
    emit(document, lambda: _import_text(documents, bool(opened.config.writers), opened.config.name), format_)
    finish(errors, any(chain["problems"] for document in documents for chain in document["writers"]))


def _take_in(show: Show, bundle: exchange.Bundle) -> dict[str, Any]:
    chains = exchange.compare(show.book, bundle)
    sound = [chain for chain in chains if not chain.problems]
    private = exchange.take_in(show.book, bundle, sound)
    show.refresh()
    writers = [exchange.summary(bundle, c, show.config.writers[c.writer].name if c.writer in show.config.writers else None)
               for c in chains]  # fmt: skip
    return {
        "path": bundle.source, "show": bundle.show, "writers": writers,
        "private": [{"code": p.code, "file": p.path, "message": p.message} for p in private],
        "conflicts": _conflicts(show, {chain.writer for chain in sound}),
    }  # fmt: skip


def _conflicts(show: Show, writers: set[str]) -> list[dict[str, Any]]:
    """Tags whose latest revision two writers made differently, one of them in what came in."""
    found = []
    for tag_id in sorted(show.state.entries):
        entry = show.state.current(tag_id)
        rivals = show.state.conflict(tag_id, entry.record.revision) if entry else []
        if writers & {rival.event.writer for rival in rivals}:
            events = [rival.event.id for rival in rivals]
            found.append({"tag": tag_id, "revision": rivals[0].record.revision, "events": events})
    return found


def _import_text(documents: list[dict[str, Any]], named: bool, here: str) -> str:
    lines = []
    counts = "does not count here" if named else "counts here as if this show had recorded it"
    for document in documents:
        other = f" (this show is {here})" if document["show"] not in (None, here) else ""
        lines.append(plain(f"{document['path']}{': ' + document['show'] if document['show'] else ''}{other}"))
        for chain in document["writers"]:
            called = chain["name"] or (f"calls itself {chain['calls_itself']}" if chain["calls_itself"] else "")
            who = f"{chain['writer']}{f' ({called})' if called else ''}"
            given = ", ".join(f"{kind} {n}" for kind, n in chain["evidence"].items())
            known = chain["known_writer"] or not given
            unknown = "" if known else f"; it gave {given}, which {counts}: see writers: in genai.yaml"
            did = "left out, because" if chain["problems"] else f"{chain['new']} new, {chain['known']} known{unknown}"
            lines.append(plain(f"  {who}: {did}"))
            lines += [plain(f"    {p['code']}: {p['file']}: {p['message']}") for p in chain["problems"]]
        lines += [plain(f"  {p['code']}: {p['file']}: {p['message']}") for p in document["private"]]
        lines += [
            f"  conflict: tag {c['tag']} revision {c['revision']} was made twice ({', '.join(c['events'])}); declare a new revision"
            for c in document["conflicts"]
        ]
    return "\n".join(lines)


def _verify(show: Show, heads: tuple[str, ...], format_: Format, output: str | None) -> None:
    problems = list(dict.fromkeys((*show.book.verify(heads), *show.state.problems)))
    ends = [str(each) for each in show.book.heads()]
    listed = [{"code": p.code, "file": p.path, "message": p.message} for p in problems]
    lines = [f"{p.code}: {plain(p)}" for p in problems] or ["every chain holds"]
    absent = _absent(show)
    lines += [
        f"not here: private values or papers of {plain(', '.join(dict.fromkeys(events)))} (handed over without them, kept by digest "
        "alone, not yours to read, or lost)"
        for events in absent.values()
    ]
    text = "\n".join([*lines, *(f"head {end}" for end in ends)])
    emit({"schema": "genai_tags.verify/1", "problems": listed, "heads": ends, "absent": absent}, lambda: text, format_, output)
    if problems:
        say("the ledger is damaged; nothing was changed")
        raise typer.Exit(EXIT_FINDINGS)


def _absent(show: Show) -> dict[str, list[str]]:
    """By writer, the events whose private values or papers are not here and were not redacted: no fault of the chain, but to be known."""
    found: dict[str, list[str]] = {}
    for event in sorted(show.state.events, key=lambda e: (e.writer, e.sequence)):
        for digest in payloads_of(event):
            if digest not in show.state.redacted and not show.book.payload_names(digest):
                found.setdefault(event.writer, []).append(event.id)
    return found


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
    refused, redaction = (_mapping(body, key) for key in ("refused", "redaction"))
    about = refused.get("about")
    found += [*(about if isinstance(about, list) else []), redaction.get("event"), _mapping(body, "tool").get("tool")]
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
        body = event["body"]
        said = next(
            (found for key in ("evidence", "clean", "refused", "redaction", "tool") if (found := _mapping(body, key))), {}
        )
        what = f"refused: {said.get('kind')}" if event["kind"] == REFUSED else said.get("kind", event["kind"])
        given = " ".join(
            str(said[key]) for key in ("given_by", "reviewed_by", "role", "status", "ref", "reason") if said.get(key)
        )
        cells = (event["at"][:19], event["event"], what, ", ".join(event["about"]), event["recorded_by"], given)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table
