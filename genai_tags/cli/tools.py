"""``tools``: the register of tools that a show allows, for what, on which terms."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from genai_tags.cli.common import ByOption, Format, FormatOption, ShowOption, emit, open_show, read_file, say
from genai_tags.cli.shape import day
from genai_tags.codec import encode
from genai_tags.errors import InputError, UsageError
from genai_tags.person import person
from genai_tags.policy.register import Register, read_register
from genai_tags.policy.statements import KEEPS, Statement
from genai_tags.report.plain import plain
from genai_tags.show import Show
from genai_tags.strict import decode_text, load_yaml
from genai_tags.toolbook import Make, state_tool
from genai_tags.vocabulary import Answer, Stage, ToolStatus, UseCase

SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FACT=VALUE", help="training_data=licensed, terms.ref=T-1, use_cases=ideation,other, tiers.free.trains_on_inputs=yes; repeat for several."),
]  # fmt: skip
RoleOption = Annotated[str | None, typer.Option("--role", help="In which role, such as legal.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The tool, as artists name it in tag.steps.tool.")]


def register(app: typer.Typer) -> None:
    """Add the verb with its parts."""
    verbs = typer.Typer(no_args_is_help=True, help="The tool register: list, add, review, diff.", rich_markup_mode=None)
    for name, verb in (("list", list_tools), ("add", add), ("review", review), ("diff", diff)):
        verbs.command(name)(verb)
    app.add_typer(verbs, name="tools")


# ---------------------------------------------------------------- list


def list_tools(
    use_case: Annotated[
        UseCase | None, typer.Option("--for", help="Which tools may be used for this, and why not the others.")
    ] = None,
    stage: Annotated[Stage | None, typer.Option("--stage", help="With --for: at this stage.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As it stood on this day, YYYY-MM-DD.")] = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """List the tools of the register, or those for a use."""
    if stage is not None and use_case is None:
        raise UsageError("--stage goes with --for USE")
    opened = open_show(show)
    date = day(as_of, "--as-of") or opened.today()
    documents = [_document(each, opened.register, use_case, stage, date) for each in _register(opened).tools(date)]
    documents.sort(key=lambda each: bool(each["why_not"]))
    emit({"schema": "genai_tags.tools/1", "as_of": str(date), "tools": documents}, lambda: _table(documents), format_)


def _register(show: Show) -> Register:
    if not show.register:
        raise UsageError("this show has no tool register; genai-tags tools add NAME makes one")
    return show.register


def _document(tool: Statement, held: Register, use_case: UseCase | None, stage: Stage | None, date: dt.date) -> dict[str, Any]:
    why = _why_not(tool, held, use_case, stage, date) if use_case else []
    return {**encode(tool), "status": tool.status.value, "allowed": not why if use_case else None, "why_not": why}


def _why_not(tool: Statement, held: Register, use_case: UseCase, stage: Stage | None, date: dt.date) -> list[str]:
    """Why a tool may not be used for something today; empty where it may."""
    found = []
    if tool.status is not ToolStatus.ALLOWED:
        found.append(f"{tool.status} on {tool.date} by {tool.reviewed_by}{f': {tool.reason}' if tool.reason else ''}")
    if tool.use_cases and use_case not in tool.use_cases:
        found.append(f"only for {', '.join(tool.use_cases)}")
    if stage and tool.stages and stage not in tool.stages:
        found.append(f"only for {', '.join(tool.stages)}")
    seen = tool.terms.seen or tool.date
    if held.terms_days is not None and (seen is None or (date - seen).days > held.terms_days):
        found.append(
            f"nobody has read its terms {f'since {seen}' if seen else 'yet'}, and the show allows {held.terms_days} days"
        )
    return found


def _table(documents: list[dict[str, Any]]) -> Table:
    table = Table(pad_edge=False)
    for name in ("Tool", "Status", "For", "Keeps or trains", "Tiers", "Terms seen", "Reviewed by", "Why not"):
        table.add_column(name, overflow="fold")
    for each in documents:
        terms = each.get("terms", {})
        limits = [*each.get("use_cases", []), *each.get("stages", []), *each.get("versions", [])]
        tiers = [f"{t['name']}{' (trains or keeps)' if _keeps(t) else ''}" for t in each.get("tiers", [])]
        cells = (
            f"{each['tool']}{' (' + each['vendor'] + ')' if each.get('vendor') else ''}", each["status"], ", ".join(limits) or "anything",
            _kept(each), ", ".join(tiers) or "-", terms.get("seen") or terms.get("date") or "-", f"{each['reviewed_by']} {each['date']}",
            "; ".join(each["why_not"]) or "-",
        )  # fmt: skip
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table


def _kept(each: Mapping[str, Any]) -> str:
    """Whether a tool keeps or learns from inputs, where no tier says otherwise."""
    stated = [each.get(name) for name in KEEPS]
    return "yes" if "yes" in stated else "no" if stated == ["no"] * 3 else "by tier" if each.get("tiers") else "not stated"


def _keeps(tier: Mapping[str, Any]) -> bool:
    return any(tier.get(name) == Answer.YES.value for name in KEEPS)


# ---------------------------------------------------------------- add and review


FromOption = Annotated[str | None, typer.Option("--from", metavar="TOOL.yaml", help="What is stated of it, as in tools.yaml.")]
DateOption = Annotated[str | None, typer.Option("--date", help="From when it holds, YYYY-MM-DD; else today.")]


def add(
    name: NameArgument,
    facts: FromOption = None,
    values: SetOption = None,
    date: DateOption = None,
    by: ByOption = None,
    role: RoleOption = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """Add a tool to the register; the first one makes it. --by is who reviewed it."""

    def make(register: Register) -> dict[str, Any]:
        if register.current(name, dt.date.max):
            raise UsageError(f"{name!r} is in the register already; use: genai-tags tools review {name!r}")
        return _set_all({**(_read(facts) if facts else {}), "tool": name}, values)

    _state(make, date, by, role, format_, show)


def review(
    name: NameArgument,
    status: Annotated[ToolStatus | None, typer.Option("--status", help="allowed, withdrawn or prohibited.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; a tool that is not allowed needs one.")] = None,
    facts: FromOption = None,
    values: SetOption = None,
    date: DateOption = None,
    by: ByOption = None,
    role: RoleOption = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """State a tool anew: what is not said stays as it was. Of a tool that is allowed the terms count as seen again."""
    if status in (ToolStatus.WITHDRAWN, ToolStatus.PROHIBITED) and not (reason or "").strip():
        raise UsageError(f"--status {status} needs --reason TEXT")

    def make(register: Register) -> dict[str, Any]:
        last = register.current(name, dt.date.max)
        if last is None:
            known = ", ".join(each.tool for each in register.tools(dt.date.max)) or "none yet"
            raise UsageError(f"{name!r} is not in the register, which has {known}")
        stated = {**encode(dataclasses.replace(last, reason=reason)), **(_read(facts) if facts else {}), "tool": last.tool}
        if status is not None:
            stated["status"] = status.value
        if stated.get("status", "allowed") == "allowed" and isinstance(stated.get("terms"), dict):
            stated["terms"] = {**stated["terms"], "seen": date or today}
        return _set_all(stated, values)

    today = str(open_show(show).today())
    _state(make, date, by, role, format_, show)


def _state(make: Make, date: str | None, by: str | None, role: str | None, format_: Format, show: str | None) -> None:
    opened, person_ = open_show(show), person(by)
    on = day(date, "--date") or opened.today()
    if on > opened.today():
        raise UsageError(f"--date {on} lies in the future; today is {opened.today()}")
    made, event, register, first = state_tool(opened, make, on, person_, role)
    if first:
        say(f"{opened.config.path} names tools.yaml as the register now; tools that are not in it are found from here on")
    counts = register.current(made.tool, on) or made
    document = {"schema": "genai_tags.tool_review/1", "event": event.id, "tool": encode(made), "status": counts.status.value}
    lines = [f"{made.tool} {made.status} as of {made.date}, recorded as {event.id}"]
    if counts.status is not made.status:
        lines.append(f"but of one day the strictest counts: {made.tool} stays {counts.status}; state it again on a later day")
    emit(document, lambda: "\n".join(lines), format_)


def _set_all(stated: dict[str, Any], values: list[str] | None) -> dict[str, Any]:
    for each in values or ():
        _set(stated, each)
    return stated


_SETTABLE = {
    field.name: str(field.type).startswith("tuple")
    for field in dataclasses.fields(Statement)
    if field.name not in ("tool", "date", "reviewed_by", "terms", "tiers")
}
"""Facts that --set may state, and whether each is a list."""


def _set(stated: dict[str, Any], text: str) -> None:
    """Set one fact; a list is written with commas, a licence tier's fact as ``tiers.NAME.FACT``."""
    path, equals, value = text.partition("=")
    names = [name.strip() for name in path.split(".")]
    parts: Any = [part.strip() for part in value.split(",") if part.strip()]
    if equals and len(names) == 1 and names[0] in _SETTABLE:
        stated[names[0]] = parts if _SETTABLE[names[0]] else value.strip()
    elif equals and len(names) == 2 and names[0] == "terms":
        stated["terms"] = {**_mapping(stated.get("terms"), "terms"), names[1]: value.strip()}
    elif equals and len(names) == 3 and names[0] == "tiers" and isinstance(stated.get("tiers", []), list):
        tiers = [_mapping(tier, "tiers") for tier in stated.get("tiers", [])]
        if not any(tier.get("name") == names[1] for tier in tiers):
            tiers.append({"name": names[1]})
        stated["tiers"] = [{**tier, names[2]: value.strip()} if tier.get("name") == names[1] else tier for tier in tiers]
    else:
        known = ", ".join(sorted(_SETTABLE))
        raise UsageError(
            f"--set {text!r}: write FACT=VALUE with one of {known}, terms.ref, terms.date, terms.seen or tiers.NAME.FACT"
        )


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise UsageError(f"{name} must be a mapping, not {value!r}")
    return dict(value or {})


def _read(path: str) -> dict[str, Any]:
    document = load_yaml(decode_text(read_file(path), path), path)
    if not isinstance(document, dict):
        raise InputError(path, "must be a mapping of facts about one tool")
    return document


# ---------------------------------------------------------------- diff


def diff(
    other: Annotated[str | None, typer.Argument(metavar="[TOOLS.yaml]", help="Another register, such as the client's.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Compare with this register as of a day, YYYY-MM-DD.")] = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """Say which tools two registers state differently, or what changed since a day."""
    if (other is None) == (since is None):
        raise UsageError("say one thing to compare with: another register, or --since DAY")
    opened = open_show(show)
    today, held = opened.today(), _register(opened)
    if other is not None:
        theirs = read_register(read_file(other), other, other).tools(today)
    else:
        theirs = held.tools(day(since, "--since") or today)
    changes = _changes(theirs, held.tools(today))
    lines = [f"{c['tool']}: {c['change']}{'; ' + '; '.join(c['facts']) if c['facts'] else ''}" for c in changes]
    document = {"schema": "genai_tags.tools_diff/1", "changes": changes}
    emit(document, lambda: "\n".join(map(plain, lines)) or "no difference", format_)


_PAPERWORK = {"date", "reviewed_by", "reason"}


def _changes(before: list[Statement], after: list[Statement]) -> list[dict[str, Any]]:
    old, new = ({each.tool.casefold(): each for each in tools} for tools in (before, after))
    found = []
    for name in sorted({*old, *new}):
        was, now = ({**encode(side[name]), "status": side[name].status.value} if name in side else None for side in (old, new))
        keys = sorted({*(was or {}), *(now or {})} - _PAPERWORK) if was and now else []
        facts = [
            f"{key}: {_words(was, key)} -> {_words(now, key)}" for key in keys if (was or {}).get(key) != (now or {}).get(key)
        ]
        change = "only here" if was is None else "only there" if now is None else "differs" if facts else None
        if change:
            found.append({"tool": (new.get(name) or old[name]).tool, "change": change, "facts": facts})
    return found


def _words(stated: Mapping[str, Any] | None, key: str) -> str:
    value = (stated or {}).get(key)
    return "not stated" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
