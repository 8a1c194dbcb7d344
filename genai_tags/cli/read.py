"""``read``: what media and timelines carry."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from genai_tags import tagging
from genai_tags.carriers import otio
from genai_tags.cli.common import (
    Format,
    FormatOption,
    OutputOption,
    PathsArgument,
    QuietOption,
    emit,
    finish,
    paths_of,
    progress,
)
from genai_tags.errors import GenAITagsError
from genai_tags.notation import expand_all
from genai_tags.report.plain import plain


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("read")(read)


def read(
    paths: PathsArgument,
    format_: FormatOption = Format.TEXT,
    output: OutputOption = None,
    quiet: QuietOption = False,
    tagged_only: Annotated[bool, typer.Option("--tagged", help="Leave out what carries nothing.")] = False,
) -> None:
    """Print the tags that frames, files and timeline clips carry. No verdict: that is what assess and conform are for."""
    given = paths_of(paths)
    timelines = [path for path in given if path.lower().endswith((".otio", ".otioz"))]
    media, missing = expand_all([path for path in given if path not in timelines])
    errors: list[GenAITagsError] = list(missing)
    items: list[tagging.ReadItem] = []
    for path in timelines:
        try:
            items.extend(_clips(path))
        except GenAITagsError as error:
            errors.append(error)
    with progress("reading", len(media), quiet) as step:
        for each in media:
            items.extend(tagging.read(each))
            step()
    if tagged_only:
        items = [item for item in items if item.tags or item.tags.clean or item.problems]
    documents = [tagging.read_item_document(item) for item in items]
    emit({"schema": "genai_tags.read/1", "items": documents}, lambda: _table(documents), format_, output)
    finish(errors)


def _clips(path: str) -> list[tagging.ReadItem]:
    found = []
    for clip in otio.clips(otio.load(path)):
        owners = [
            ("", otio.of_clip(clip)),
            *((" (media reference)", otio.of_reference(ref)) for ref in otio.references(clip)[:1]),
        ]
        for label, (tags, problems) in owners:
            if label == "" or tags or problems or tags.clean:
                name = f"{clip.get('name') or ''}{label}"
                found.append(tagging.ReadItem(path, None, tags, tuple(problems), clip=name))
    return found


def _table(documents: list[dict[str, Any]]) -> Table:
    table = Table(pad_edge=False)
    for name in ("Path", "Frames", "Tags", "Clean", "Problems"):
        table.add_column(name, overflow="fold")
    for item in documents:
        where = item["path"] + (f" · {item['clip']}" if item.get("clip") else "")
        tags = [f"{t['id']} r{t['revision']} {t['as']} {t.get('use_case', '')}".rstrip() for t in item["tags"]]
        if item["undeclared"]:
            tags.append(f"{item['undeclared']} part(s) that nobody accounted for")
        if item["more"]:
            tags.append(f"and {item['more']} more")
        if item["basis"] == "inferred":
            tags.append("(passed through by a host)")
        clean = f"statement {item['clean'].get('statement')}" if item["clean"] else ""
        problems = "\n".join(plain(f"{p['code']}: {p['message']}") for p in item["problems"])
        cells = (plain(where), item["frames"] or "", "\n".join(map(plain, tags)) or "none", plain(clean), problems)
        table.add_row(*(Text(cell) for cell in cells))
    return table
