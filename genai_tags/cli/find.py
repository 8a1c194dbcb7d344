"""``find``: which model made this version, from which references, who approved it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from genai_tags.cli.common import Format, FormatOption, OutputOption, ShowOption, emit, open_show
from genai_tags.cli.shape import day
from genai_tags.errors import UsageError
from genai_tags.evidence import Filed
from genai_tags.find import Query, Row
from genai_tags.find import find as find_rows
from genai_tags.model import Input, Step
from genai_tags.policy.engine import ALL_NEEDS
from genai_tags.report.documents import judged_document
from genai_tags.report.plain import plain
from genai_tags.report.text import badge_text
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
        bool, typer.Option("--private", help="Also print names, references and prompts that are kept privately.")
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
        "schema": "genai_tags.find/1", "as_of": str(date or opened.today()), "rows": [_document(row, private) for row in rows],
    }  # fmt: skip
    emit(document, lambda: _table(rows, private), format_, output)


def _document(row: Row, private: bool) -> dict[str, Any]:
    record = row.record if private else row.entry.record
    made = {
        **judged_document(row.judged), "revision": record.revision, "versions": list(row.versions), "vendor": row.vendor,
        "declared_by": row.entry.event.recorded_by, "declared_at": row.entry.at,
        "steps": [_step(step, private) for step in record.tag.steps or ()],
        "given": [_given(each, each.event in row.judged.verdict.evidence) for each in row.evidence],
    }  # fmt: skip
    return {**made, "element": record.tag.element} if private else made


def _step(step: Step, private: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "tool": step.tool, "version": step.version, "model": step.model, "by_org": step.by_org, "at": str(step.at) if step.at else None,
        "inputs": None if step.inputs is None else [
            {"id": item.id, "kinds": [kind.value for kind in item.kinds or ()], **({"ref": item.ref} if private else {})}
            for item in step.inputs
        ],
    }  # fmt: skip
    return {**found, "prompt": step.prompt, "seed": step.seed} if private else found


def _given(each: Filed, counts: bool) -> dict[str, Any]:
    said = each.evidence
    return {
        "event": each.event, "kind": said.kind.value, "given_by": said.given_by, "role": said.role, "date": str(said.date),
        "until": str(said.until) if said.until else None, "ref": said.ref, "conditions": list(said.conditions), "rests_on_it": counts,
    }  # fmt: skip


def _table(rows: list[Row], private: bool) -> Table | str:
    if not rows:
        return "nothing fits"
    table = Table(pad_edge=False)
    for name in ("Shot", "Version", "Tag", "Made with", "From", "Status", "Still needed", "Given by"):
        table.add_column(name, overflow="fold")
    for row in rows:
        record = row.record if private else row.entry.record
        steps = record.tag.steps or ()
        tag = "\n".join([f"{record.id} r{record.revision}", row.vendor, *([record.tag.element] if record.tag.element else [])])
        cells = (
            row.judged.use.shot or "-", ", ".join(row.versions) or "-", tag, "\n".join(map(_tool, steps)) or "not stated",
            "\n".join(_input(item) for step in steps for item in step.inputs or ()) or "-",
        )  # fmt: skip
        given = "\n".join(_line(each, each.event in row.judged.verdict.evidence) for each in row.evidence)
        table.add_row(
            *(Text(_safe(cell)) for cell in cells), badge_text(row.judged.verdict.status),
            Text(_safe("\n".join(row.judged.verdict.unmet))), Text(_safe(given)),
        )  # fmt: skip
    return table


def _safe(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))


def _tool(step: Step) -> str:
    name = " ".join(part for part in (step.tool or "not stated", step.version) if part)
    return f"{name} ({step.model})" if step.model else name


def _input(item: Input) -> str:
    ref = f" {item.ref}" if item.ref else ""
    return f"{item.id or 'an input'}: {', '.join(item.kinds or ()) or 'not stated'}{ref}"


def _line(each: Filed, counts: bool) -> str:
    said = each.evidence
    who = f"{said.given_by} ({said.role})" if said.role else said.given_by
    return f"{'> ' if counts else ''}{said.kind.value} {said.date} {who}{' ' + said.ref if said.ref else ''}"
