"""``find``: which model made this version, from which references, who approved it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from genai_tags.cli.common import Format, FormatOption, OutputOption, ShowOption, emit, open_show
from genai_tags.cli.shape import day
from genai_tags.counting import may_count
from genai_tags.errors import UsageError
from genai_tags.evidence import Filed
from genai_tags.find import Query, Row
from genai_tags.find import find as find_rows
from genai_tags.model import Input, Step
from genai_tags.policy.engine import ALL_NEEDS
from genai_tags.report.documents import judged_document
from genai_tags.report.text import badge_text, plain_lines
from genai_tags.show import Show
from genai_tags.status import Status


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("find")(find)


def find(
    target: Annotated[str | None, typer.Argument(metavar="[ID | SHOT]", help="A tag, a shot, or a pattern of shots.")] = None,
    version: Annotated[str | None, typer.Option("--version", help="Only what this version's media carry.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Made with this model (* and ? allowed).")] = None,
    tool: Annotated[str | None, typer.Option("--tool", help="Made with this tool (* and ? allowed).")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Declared, recorded or given by this person, vendor or role.")] = None,
    needs: Annotated[
        str | None, typer.Option("--needs", help="Still in need of this, such as approval or talent_consent.")
    ] = None,
    status: Annotated[list[Status] | None, typer.Option("--status", help="In this status; repeat for several.")] = None,
    private: Annotated[
        bool,
        typer.Option(
            "--private", help="Also print names and references that are kept privately; prompts and seeds with --format json."
        ),
    ] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As it stood on this day, YYYY-MM-DD.")] = None,
    format_: FormatOption = Format.TEXT,
    output: OutputOption = None,
    show: ShowOption = None,
) -> None:
    """Find tags, and say how each was made, from what, where it stands and who gave what."""
    if needs is not None and needs not in ALL_NEEDS:
        raise UsageError(f"--needs {needs!r}: there are {', '.join(sorted(ALL_NEEDS))}")
    date = day(as_of, "--as-of")
    opened = open_show(show)
    query = Query(target=target, version=version, model=model, tool=tool, by=by, needs=needs, status=tuple(status or ()))
    rows = find_rows(opened, query, date or opened.today())
    document = {
        "schema": "genai_tags.find/1", "as_of": str(date or opened.today()), "rows": [_document(opened, row, private) for row in rows],
    }  # fmt: skip
    emit(document, lambda: _text(opened, rows, private), format_, output)


def _document(show: Show, row: Row, private: bool) -> dict[str, Any]:
    record = row.record if private else row.entry.record
    made = {
        **judged_document(row.judged), "revision": record.revision, "versions": list(row.versions), "vendor": row.vendor,
        "declared_by": row.entry.event.recorded_by, "declared_at": row.entry.at,
        "steps": [{**_step(step, private), "register": _standing(row, i)} for i, step in enumerate(record.tag.steps or ())],
        "given": [_given(show, row, each) for each in row.evidence],
    }  # fmt: skip
    return {**made, "element": record.tag.element, "private": _private(show, row)} if private else made


def _private(show: Show, row: Row) -> str:
    """Whether the private part of a record is to be had: here, redacted, elsewhere, or there is none."""
    digest = row.entry.private
    if digest is None:
        return "none"
    return "redacted" if digest in show.state.redacted else "here" if show.book.private(digest) else "not here"


def _standing(row: Row, i: int) -> str | None:
    """What the register says of a step's tool now; None without a register."""
    tool = row.tools[i] if i < len(row.tools) else None
    return None if tool is None else str(tool.status) if tool.status else "unregistered"


def _step(step: Step, private: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tool": step.tool, "version": step.version, "model": step.model, "by_org": step.by_org, "at": str(step.at) if step.at else None,
        "inputs": None if step.inputs is None else [
            {"id": item.id, "kinds": [kind.value for kind in item.kinds or ()], **({"ref": item.ref} if private else {})}
            for item in step.inputs
        ],
    }  # fmt: skip
    return {**found, "prompt": step.prompt, "seed": step.seed} if private else found


def _given(show: Show, row: Row, each: Filed) -> dict[str, Any]:
    said = each.evidence
    return {
        "event": each.event, "kind": said.kind.value, "given_by": said.given_by, "role": said.role, "date": str(said.date),
        "until": str(said.until) if said.until else None, "ref": said.ref, "conditions": list(said.conditions), "counts": may_count(show.config, each),
        "rests_on_it": each.event in row.judged.verdict.evidence,
    }  # fmt: skip


def _text(show: Show, rows: list[Row], private: bool) -> RenderableType:
    if not rows:
        return "nothing fits"
    return Group(_table(show, rows, private), Text("> the verdict rests on it    x does not count in this show", style="dim"))


def _table(show: Show, rows: list[Row], private: bool) -> Table:
    table = Table(pad_edge=False)
    for name in ("Shot", "Version", "Tag", "Made with", "From", "Status", "Still needed", "Given by"):
        table.add_column(name, overflow="fold")
    for row in rows:
        record = row.record if private else row.entry.record
        steps = record.tag.steps or ()
        element = record.tag.element or (f"(private part: {_private(show, row)})" if private else "")
        tag = "\n".join([f"{record.id} r{record.revision}", row.vendor, *([element] if element else [])])
        cells = (
            row.judged.use.shot or "-", ", ".join(row.versions) or "-", tag, "\n".join(_tool(step, _standing(row, i)) for i, step in enumerate(steps)) or "not stated",
            "\n".join(_input(item) for step in steps for item in step.inputs or ()) or "-",
        )  # fmt: skip
        given = "\n".join(_line(show, row, each) for each in row.evidence)
        table.add_row(
            *(Text(plain_lines(cell)) for cell in cells), badge_text(row.judged.verdict.status),
            Text(plain_lines("\n".join(row.judged.verdict.unmet))), Text(plain_lines(given)),
        )  # fmt: skip
    return table


def _tool(step: Step, standing: str | None) -> str:
    name = " ".join(part for part in (step.tool or "not stated", step.version) if part)
    made = f"{name} ({step.model})" if step.model else name
    return f"{made} [{standing}]" if standing not in (None, "allowed") else made


def _input(item: Input) -> str:
    ref = f" {item.ref}" if item.ref else ""
    return f"{item.id or 'an input'}: {', '.join(item.kinds or ()) or 'not stated'}{ref}"


def _line(show: Show, row: Row, each: Filed) -> str:
    said = each.evidence
    mark = "> " if each.event in row.judged.verdict.evidence else "" if may_count(show.config, each) else "x "
    who = f"{said.given_by} ({said.role})" if said.role else said.given_by
    return f"{mark}{said.kind.value} {said.date} {who}{' ' + said.ref if said.ref else ''}"
