"""``tools``: the register of tools that a show allows, for what, on which terms."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from genai_tags import files
from genai_tags.cli.common import ByOption, Format, FormatOption, ShowOption, emit, open_show, person, say
from genai_tags.cli.shape import day
from genai_tags.codec import encode
from genai_tags.config import RegisterFile
from genai_tags.errors import InputError, ShowError, UsageError
from genai_tags.policy.register import TOOLS_SCHEMA, Register, Statement, read_register
from genai_tags.report.plain import plain
from genai_tags.show import Show
from genai_tags.strict import decode_text, load_yaml
from genai_tags.vocabulary import Answer, Stage, ToolStatus, UseCase

SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FACT=VALUE", help="training_data=licensed, terms.ref=T-1, use_cases=ideation,other; repeat for several."),
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
    seen = tool.terms.seen or tool.terms.date
    if held.terms_days is not None and (seen is None or (date - seen).days > held.terms_days):
        found.append(f"terms last seen {seen or 'never'}, and the show allows {held.terms_days} days")
    return found


def _table(documents: list[dict[str, Any]]) -> Table:
    table = Table(pad_edge=False)
    for name in ("Tool", "Status", "For", "Tiers", "Terms seen", "Reviewed by", "Why not"):
        table.add_column(name, overflow="fold")
    for each in documents:
        terms = each.get("terms", {})
        limits = [*each.get("use_cases", []), *each.get("stages", []), *each.get("versions", [])]
        tiers = [f"{t['name']}{' (trains or keeps)' if _keeps(t) else ''}" for t in each.get("tiers", [])]
        cells = (
            f"{each['tool']}{' (' + each['vendor'] + ')' if each.get('vendor') else ''}", each["status"], ", ".join(limits) or "anything",
            ", ".join(tiers) or "-", terms.get("seen") or terms.get("date") or "-", f"{each['reviewed_by']} {each['date']}",
            "; ".join(each["why_not"]) or "-",
        )  # fmt: skip
        table.add_row(*(Text(plain(cell)) for cell in cells))
    return table


def _keeps(tier: Mapping[str, Any]) -> bool:
    return any(tier.get(name) == Answer.YES.value for name in ("stores_inputs", "reuses_inputs", "trains_on_inputs"))


# ---------------------------------------------------------------- add and review


def add(
    name: NameArgument,
    facts: Annotated[
        str | None, typer.Option("--from", metavar="TOOL.yaml", help="What is stated of it, as in tools.yaml.")
    ] = None,
    values: SetOption = None,
    date: Annotated[str | None, typer.Option("--date", help="From when it holds, YYYY-MM-DD; else today.")] = None,
    by: ByOption = None,
    role: RoleOption = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """Add a tool to the register; the first one makes it."""
    opened, person_ = open_show(show), person(by)
    if opened.register and opened.register.current(name, dt.date.max):
        raise UsageError(f"{name!r} is in the register already; use: genai-tags tools review {name!r}")
    stated = _read(facts) if facts else {}
    _state(opened, {**stated, "tool": name}, values or [], date, person_, role, format_)


def review(
    name: NameArgument,
    status: Annotated[ToolStatus | None, typer.Option("--status", help="allowed, withdrawn or prohibited.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    values: SetOption = None,
    date: Annotated[str | None, typer.Option("--date", help="From when it holds, YYYY-MM-DD; else today.")] = None,
    by: ByOption = None,
    role: RoleOption = None,
    format_: FormatOption = Format.TEXT,
    show: ShowOption = None,
) -> None:
    """State a tool anew: what is not said stays as it was, the terms count as seen again."""
    opened, person_ = open_show(show), person(by)
    last = _register(opened).current(name, dt.date.max)
    if last is None:
        raise UsageError(
            f"{name!r} is not in the register; it has {', '.join(t.tool for t in opened.register.tools(dt.date.max))}"
        )
    stated = encode(dataclasses.replace(last, reason=None))
    if status is not None:
        stated["status"] = status.value
    if reason is not None:
        stated["reason"] = reason
    _state(opened, stated, values or [], date, person_, role, format_, last)


def _state(
    show: Show, stated: dict[str, Any], values: list[str], date: str | None, by: str, role: str | None, format_: Format,
    last: Statement | None = None,
) -> None:  # fmt: skip
    """Append a statement to tools.yaml, and note it in the ledger."""
    on = day(date, "--date") or show.today()
    if on > show.today():
        raise UsageError(f"--date {on} lies in the future; today is {show.today()}")
    if last is not None and on < last.date:
        raise UsageError(f"--date {on} lies before the last statement of {last.date}; the later one would win")
    stated = {**stated, "date": str(on), "reviewed_by": by}
    if last is not None and "terms" in stated and stated.get("status", "allowed") == "allowed":
        stated["terms"] = {**stated["terms"], "seen": str(on)}
    for each in values:
        _set(stated, each)
    show.check_role("tool_review", role, by, about=[str(stated["tool"])])
    made = _append(show, stated)
    event = show.review_tool(encode(made), by)
    document = {"schema": "genai_tags.tool_review/1", "event": event.id, "tool": encode(made)}
    emit(document, lambda: f"{made.tool} {made.status} as of {made.date}, recorded as {event.id}", format_)


def _set(stated: dict[str, Any], text: str) -> None:
    """Set one fact; a list is written with commas."""
    path, equals, value = text.partition("=")
    names = path.strip().split(".")
    known = {field.name: field for field in dataclasses.fields(Statement)}
    if (
        not equals
        or names[0] not in known
        or len(names) > 2
        or (len(names) == 2 and names[0] != "terms")
        or names[0] == "tiers"
    ):
        raise UsageError(
            f"--set {text!r}: write FACT=VALUE with one of {', '.join(sorted(set(known) - {'tiers'}))} or terms.ref"
        )
    many = str(known[names[0]].type).startswith("tuple")
    made: Any = [part.strip() for part in value.split(",") if part.strip()] if many else value.strip()
    place = stated
    if len(names) == 2:
        place = stated["terms"] = dict(stated.get("terms") or {})
    place[names[-1]] = made


def _append(show: Show, stated: dict[str, Any]) -> Statement:
    """Put a statement behind the others, whose bytes stay as they are. Raises ShowError or InputError."""
    held = show.config.register or RegisterFile()
    path = os.path.join(show.config.folder, held.file)
    try:
        with open(path, "rb") as stream:
            before = stream.read()
    except FileNotFoundError:
        before = f"# Dated statements, each complete; of one tool the latest counts. See docs/tools.md.\nschema: {TOOLS_SCHEMA}\ntools:\n".encode()
    except OSError as error:
        raise ShowError(f"{path}: the tool register cannot be read: {error.strerror}") from None
    after = before.rstrip(b"\n") + b"\n" + _yaml(stated).encode("utf-8")
    old = read_register(before, path, held.file).statements if b"\n- " in before else ()
    try:
        new = read_register(after, path, held.file).statements
    except InputError as error:
        raise InputError("the statement", error.problems) from None
    if new[:-1] != old:
        raise ShowError(
            f"{path}: does not end with the list of tools, so that nothing can be put behind it; move tools: to the end"
        )
    _write(path, after)
    if show.config.register is None:
        _name_register(show)
    return new[-1]


def _name_register(show: Show) -> None:
    """Say in genai.yaml that there is a register: a lost one must not go unnoticed."""
    with open(show.config.path, "rb") as stream:
        text = stream.read()
    _write(
        show.config.path,
        text.rstrip(b"\n")
        + b"\nregister:\n  # How many days old terms may be when a tool is used: terms_days: 180\n  file: tools.yaml\n",
    )
    say(f"{show.config.path} names tools.yaml as the register now; tools that are not in it are found from here on")


def _write(path: str, data: bytes) -> None:
    try:
        files.write(path, data)
    except OSError as error:
        raise ShowError(f"{path}: cannot be written: {error.strerror}") from None


def _yaml(stated: Mapping[str, Any]) -> str:
    """A statement as one item of a list; JSON scalars are YAML, and the strict loader reads every one as text."""
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in stated.items() if value not in (None, [], {}, "")
    ]
    return "- " + "\n  ".join(lines) + "\n"


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as stream:
            document = load_yaml(decode_text(stream.read(), path), path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
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
        raise UsageError("say what to compare with: another register, or --since DAY")
    opened = open_show(show)
    today, held = opened.today(), _register(opened)
    if other is not None:
        try:
            with open(other, "rb") as stream:
                theirs = read_register(stream.read(), other, other).tools(today)
        except OSError as error:
            raise InputError(other, f"cannot be read: {error.strerror}") from None
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
