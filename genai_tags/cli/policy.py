"""``policy``: the packs, their rules, and whether a pack is sound."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from genai_tags.cli.common import Format, FormatOption, emit, say
from genai_tags.errors import UsageError
from genai_tags.policy.engine import OUTCOME_NEEDS
from genai_tags.policy.pack import Pack, Rule, builtin, builtin_names
from genai_tags.report.plain import plain
from genai_tags.rules import load_pack

PackArgument = Annotated[str, typer.Argument(metavar="PACK", help="A pack's name, or a .yaml file.")]


def register(app: typer.Typer) -> None:
    """Add the verb with its four parts."""
    verbs = typer.Typer(no_args_is_help=True, help="Policy packs: list, show, lint, explain.", rich_markup_mode=None)
    verbs.command("list")(list_packs)
    verbs.command("show")(show_pack)
    verbs.command("lint")(lint)
    verbs.command("explain")(explain)
    app.add_typer(verbs, name="policy")


def list_packs(format_: FormatOption = Format.TEXT) -> None:
    """List the packs that come with genai_tags."""
    packs = [builtin(name) for name in builtin_names()]
    documents = [_pack_document(pack) for pack in packs]
    lines = [f"{p.id}  {p.title} ({len(p.rules)} rules{', an unofficial reading' if p.unofficial else ''})" for p in packs]
    emit({"schema": "genai_tags.packs/1", "packs": documents}, lambda: "\n".join(lines), format_)


def show_pack(name: PackArgument, format_: FormatOption = Format.TEXT) -> None:
    """Show a pack: every rule with its outcome, what settles it and where it stands in the source."""
    pack = load_pack(name)
    rules = [_rule_document(pack, rule) for rule in pack.rules]
    emit({"schema": "genai_tags.pack_view/1", **_pack_document(pack), "rules": rules}, lambda: _table(pack), format_)


def lint(name: PackArgument) -> None:
    """Check a pack file; every problem is printed with its place."""
    pack = load_pack(name)
    say(f"{pack.id}: {len(pack.rules)} rules, sound")


def explain(
    rule: Annotated[str, typer.Argument(metavar="[PACK/]RULE", help="A rule's id.")],
    pack: Annotated[str | None, typer.Option("--policy", help="The pack, if it is not a built-in one.")] = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Explain one rule: what it says, which facts it reads, what settles it, what it supersedes."""
    stated, _, name = rule.rpartition("/")
    candidates = [load_pack(pack or stated)] if pack or stated else [builtin(each) for each in builtin_names()]
    for each in candidates:
        for found in each.rules:
            if found.id == name:
                document = _rule_document(each, found)
                emit({"schema": "genai_tags.rule/1", "pack": each.id, **document}, lambda d=document: _lines(d), format_)  # type: ignore[misc]
                return
    raise UsageError(f"there is no rule {name!r}; genai-tags policy show PACK lists them")


def _pack_document(pack: Pack) -> dict[str, Any]:
    return {
        "id": pack.id, "title": pack.title, "party": pack.party, "version": pack.version, "source": pack.source,
        "retrieved": pack.retrieved, "effective": pack.effective, "unofficial": pack.unofficial, "note": pack.note,
        "rule_count": len(pack.rules),
    }  # fmt: skip


def _rule_document(pack: Pack, rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id, "kind": rule.kind.value, "title": rule.title, "cite": pack.url(rule), "outcome": rule.outcome.value,
        "needs": [*OUTCOME_NEEDS[rule.outcome], *(kind.value for kind in rule.needs)], "each": rule.each,
        "facts": sorted(rule.when.paths()), "supersedes": list(rule.supersedes), "message": rule.message,
        "question": rule.question, "fix": rule.fix, "who": rule.who,
    }  # fmt: skip


def _lines(document: dict[str, Any]) -> str:
    return "\n".join(
        f"{key}: {', '.join(value) if isinstance(value, list) else value or '-'}" for key, value in document.items()
    )


def _table(pack: Pack) -> Table:
    title = f"{pack.title} - {pack.version}{' (an unofficial reading)' if pack.unofficial else ''}"
    table = Table(title=plain(title), title_justify="left", pad_edge=False)
    for name in ("Rule", "Kind", "Outcome", "Settled by", "What it says"):
        table.add_column(name, overflow="fold")
    for rule in pack.rules:
        needs = ", ".join((*OUTCOME_NEEDS[rule.outcome], *(kind.value for kind in rule.needs)))
        table.add_row(*(Text(plain(cell)) for cell in (rule.id, rule.kind, rule.outcome, needs, rule.message)))
    return table
