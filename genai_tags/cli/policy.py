"""``policy``: the packs, their rules, whether a pack is sound, and what a change of rules does to a ledger."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from genai_tags import files
from genai_tags.cli.common import Format, FormatOption, OutputOption, ShowOption, emit, open_show, say
from genai_tags.cli.shape import day
from genai_tags.errors import UsageError, WriteError
from genai_tags.policy.engine import OUTCOME_NEEDS
from genai_tags.policy.pack import Pack, Rule, builtin, builtin_names, builtin_text
from genai_tags.report.documents import judged_document, rule_finding_document
from genai_tags.report.plain import plain
from genai_tags.report.text import badge_text, plain_lines
from genai_tags.rulediff import RuleChange, replaced, rule_changes
from genai_tags.rules import bound, load_pack
from genai_tags.show import Show

PackArgument = Annotated[str, typer.Argument(metavar="PACK", help="A pack's name, or a .yaml file.")]


def register(app: typer.Typer) -> None:
    """Add the verb with its parts."""
    verbs = typer.Typer(
        no_args_is_help=True, help="Policy packs: list, show, lint, explain, copy, diff.", rich_markup_mode=None
    )
    verbs.command("list")(list_packs)
    verbs.command("show")(show_pack)
    verbs.command("lint")(lint)
    verbs.command("explain")(explain)
    verbs.command("copy")(copy)
    verbs.command("diff")(diff)
    app.add_typer(verbs, name="policy")


def list_packs(format_: FormatOption = Format.TEXT) -> None:
    """List the packs that come with genai_tags."""
    packs = [builtin(name) for name in builtin_names()]
    documents = [_pack_document(pack) for pack in packs]
    lines = [f"{p.id}  {p.title} ({len(p.rules)} rules{', an unofficial reading' if p.unofficial else ''}"
             f"{', informational' if p.informational else ''})" for p in packs]  # fmt: skip
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


def copy(
    name: Annotated[str, typer.Argument(metavar="PACK", help="A pack that comes with genai_tags, such as house.")],
    path: Annotated[str, typer.Argument(metavar="FILE.yaml", help="The file to make.")],
) -> None:
    """Copy a pack to change it, under an id of its own; name the file under packs: in genai.yaml then."""
    if not path.endswith((".yaml", ".yml")):
        raise UsageError(f"{path}: a pack is known by its ending; name it .yaml")
    stem = re.sub(r"[^a-z0-9.-]+", "-", os.path.splitext(os.path.basename(path))[0].lower()).strip("-.") or "house-rules"
    made = f"{stem}-copy" if stem in builtin_names() else stem
    text = builtin_text(name).decode("utf-8").replace(f"\nid: {name}\n", f"\nid: {made}\n")
    try:
        if not files.create(path, f"# Copied from {name}, which it no longer is.\n{text}".encode()):
            raise UsageError(f"{path} is there already; give another name")
    except OSError as error:
        raise WriteError(path, f"could not be written: {error.strerror}") from None
    say(f"made {path}; change it, check it with genai-tags policy lint, and name it under packs: in genai.yaml")


def diff(
    old: Annotated[str, typer.Argument(metavar="PACK", help="The pack that goes: a name, a .yaml file, or none.")],
    new: Annotated[str, typer.Argument(metavar="PACK", help="The pack that comes.")],
    binding: Annotated[bool, typer.Option("--binding", help="As if the show had made the new pack binding.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Judge evidence as of this day, YYYY-MM-DD.")] = None,
    format_: FormatOption = Format.TEXT,
    output: OutputOption = None,
    show: ShowOption = None,
) -> None:
    """Say which tags of the show change verdict when one pack takes another's place; the show's other packs stay."""
    date = day(as_of, "--as-of")
    opened = open_show(show)
    going = None if old == "none" else _pack_of(opened, old)
    coming = bound(opened.config, _pack_of(opened, new), new)
    before, after = opened.packs, replaced(opened.packs, going, dataclasses.replace(coming, binding=coming.binding or binding))
    judged, changes = rule_changes(opened, before, after, date or opened.today())
    document = {
        "schema": "genai_tags.policy_diff/1", "before": [p.id for p in before], "after": [p.id for p in after], "judged": judged,
        "changes": [_change_document(each) for each in changes],
    }  # fmt: skip
    emit(document, lambda: _changes_table(changes, judged), format_, output)


def _pack_of(show: Show, name: str) -> Pack:
    """A pack by name, from a file, or from a file beside genai.yaml, as packs: names it."""
    return load_pack(name, "." if os.path.exists(name) else show.config.folder)


def _change_document(change: RuleChange) -> dict[str, Any]:
    sides = {name: judged_document(side) for name, side in (("before", change.before), ("after", change.after))}
    return {
        "tag": change.after.tag_id, "shot": change.after.use.shot, "verdict_changed": change.verdict_changed, **sides,
        "gone": [rule_finding_document(finding) for finding in change.gone],
        "new": [rule_finding_document(finding) for finding in change.new],
    }  # fmt: skip


def _changes_table(changes: list[RuleChange], judged: int) -> RenderableType:
    differ = sum(change.verdict_changed for change in changes)
    head = f"{differ} of {judged} use{'' if judged == 1 else 's'} would be judged differently"
    head += f"; {len(changes) - differ} more by other rules to the same end" if len(changes) > differ else ""
    if not changes:
        return head
    table = Table(title=head, title_justify="left", pad_edge=False)
    for name in ("Tag", "Shot", "Before", "After", "Rules gone", "Rules new"):
        table.add_column(name, overflow="fold")
    for each in changes:
        sides = [
            Text.assemble(badge_text(side.verdict.status), f"\n{side.verdict.assessment.outcome}")
            for side in (each.before, each.after)
        ]
        rules = [plain_lines("\n".join(f"{f.rule} ({f.outcome})" for f in found)) for found in (each.gone, each.new)]
        table.add_row(each.after.tag_id, plain(each.after.use.shot or "-"), *sides, *(Text(text) for text in rules))
    return table


def _pack_document(pack: Pack) -> dict[str, Any]:
    return {
        "id": pack.id, "title": pack.title, "party": pack.party, "version": pack.version, "source": pack.source,
        "retrieved": pack.retrieved, "effective": pack.effective, "unofficial": pack.unofficial, "note": pack.note,
        "rule_count": len(pack.rules), "informational": pack.informational, "territories": list(pack.territories),
        "purposes": list(pack.purposes),
        "facts": {
            name: {"words": list(kind.words), "question": kind.question, "help": kind.help, "source": kind.source}
            for name, kind in pack.facts.items()
        },
    }  # fmt: skip


def _rule_document(pack: Pack, rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id, "kind": rule.kind.value, "title": rule.title, "cite": pack.url(rule), "outcome": rule.outcome.value,
        "needs": [*OUTCOME_NEEDS[rule.outcome], *(kind.value for kind in rule.needs)], "each": rule.each,
        "facts": sorted(rule.when.paths()), "supersedes": list(rule.supersedes), "message": rule.message,
        "question": rule.question, "fix": rule.fix, "who": rule.who, "source": rule.source, "confidence": rule.confidence.value,
        "demands": [f"{kind} with {path.removeprefix('evidence.')}" for kind, c in rule.demands.items() for path in sorted(c.paths())],
    }  # fmt: skip


def _lines(document: dict[str, Any]) -> str:
    return "\n".join(
        f"{key}: {', '.join(value) if isinstance(value, list) else value or '-'}" for key, value in document.items()
    )


def _table(pack: Pack) -> RenderableType:
    title = f"{pack.title} - {pack.version}{' (an unofficial reading)' if pack.unofficial else ''}"
    table = Table(title=plain(title), title_justify="left", pad_edge=False)
    for name in ("Rule", "Kind", "Outcome", "Settled by", "What it says"):
        table.add_column(name, overflow="fold")
    for rule in pack.rules:
        needs = ", ".join((*OUTCOME_NEEDS[rule.outcome], *(kind.value for kind in rule.needs)))
        table.add_row(*(Text(plain(cell)) for cell in (rule.id, rule.kind, rule.outcome, needs, rule.message)))
    facts = [
        f"tag.facts.{name} ({' | '.join(kind.words) or 'text'}): {kind.question}{' ' + kind.help if kind.help else ''}"
        for name, kind in pack.facts.items()
    ]
    return Group(table, *(Text(plain(line)) for line in facts))
