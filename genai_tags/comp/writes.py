"""The outputs of a script that was read from its text: which nodes write, what, and over which frames."""

from __future__ import annotations

from collections.abc import Sequence

from genai_tags.comp import nk
from genai_tags.comp.elements import placed
from genai_tags.comp.output import Plan, plan_of
from genai_tags.comp.script import Script, ScriptNode
from genai_tags.comp.walk import ALWAYS, Span
from genai_tags.errors import InputError, Problem, UsageError

WRITERS = ("Write", "DeepWrite")
"""Classes whose frames we tag."""


def plans(script: Script, wanted: Sequence[str] = ()) -> list[Plan]:
    """A plan for each write that is on, or for those that are named. Raises UsageError for a name that is none."""
    writes = {node.key: node for node in script.every() if node.kind in WRITERS}
    for name in wanted:
        if name not in writes:
            there = ", ".join(writes) or "none"
            raise UsageError(f"{script.path}: there is no Write named {name!r}; there are {there}")
    chosen = [writes[name] for name in wanted] or [node for node in writes.values() if _is_on(node)]
    return [_plan(script, node) for node in chosen]


def _is_on(node: ScriptNode) -> bool:
    return node.values("disable", 0, 0) != ALWAYS and node.values("reading", 0, 0) != ALWAYS


def _plan(script: Script, node: ScriptNode) -> Plan:
    first, last = script.root_number("first_frame", 1), script.root_number("last_frame", 1)
    if node.values("use_limit", 0, 0) == ALWAYS:
        first, last = _whole(node, "first", first), _whole(node, "last", last)
    stated = node.text("file")
    path = placed(stated.strip(), script.project_folder()) if stated and stated.strip() else None
    problems = list(script.problems)
    if path is None and node.raw("file").strip():
        problems.append(Problem(node.key, f"writes {node.raw('file')[:120]!r}, which only Nuke can evaluate"))
    span = Span(min(first, last), max(first, last))
    made = plan_of(node, path, span, folder=script.project_folder(), views=views(script))
    also = [each for each in script.problems if each not in problems]  # what was met on the walk
    return Plan(**{**{name: getattr(made, name) for name in made.__slots__}, "problems": (*problems, *also)})


def _whole(node: ScriptNode, knob: str, default: int) -> int:
    values = node.values(knob, 0, 0)
    return round(next(iter(values))) if values and len(values) == 1 else default


def views(script: Script) -> tuple[str, ...]:
    """The views of a script: ``{main #ffffff}`` names one with its colour."""
    try:
        named = [nk.words(each.text) for each in nk.words(script.root["views"].text)] if "views" in script.root else []
    except InputError:
        named = []
    return tuple(each[0].text for each in named if each) or ("main",)
