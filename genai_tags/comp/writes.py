"""The outputs of a script that was read from its text: which nodes write, what, and over which frames."""

from __future__ import annotations

from collections.abc import Sequence

from genai_tags.comp import nk
from genai_tags.comp.elements import placed
from genai_tags.comp.graph import Values
from genai_tags.comp.output import Plan, plan_of
from genai_tags.comp.script import Script, ScriptNode
from genai_tags.comp.walk import ALWAYS, EVERY, NEVER, Span
from genai_tags.errors import InputError, Problem, UsageError

WRITERS = ("Write", "DeepWrite")
"""Classes whose frames we tag."""


def plans(script: Script, wanted: Sequence[str] = (), *, off: bool = False) -> list[Plan]:
    """A plan for each write that is on (``off``: or off), or for those that are named. Raises UsageError for a name that is none."""
    writes = {node.key: node for node in script.every(loaded=True) if node.kind in WRITERS}
    for name in wanted:
        if name not in writes:
            there = ", ".join(writes) or "none"
            raise UsageError(f"{script.path}: there is no Write named {name!r}; there are {there}")
    chosen = [writes[name] for name in wanted] or [node for node in writes.values() if off or _is_on(node)]
    return [_plan(script, node) for node in chosen]


def _is_on(node: ScriptNode) -> bool:
    return node.values("disable", 0, 0) != ALWAYS and node.values("reading", 0, 0) != ALWAYS


def _plan(script: Script, node: ScriptNode) -> Plan:
    stated = node.text("file")
    path = placed(stated.strip(), script.project_folder()) if stated and stated.strip() else None
    problems = list(script.problems)
    if path is None and node.raw("file").strip():
        problems.append(Problem(node.key, f"writes {node.raw('file')[:120]!r}, which only Nuke can evaluate"))
    made = plan_of(node, path, _span(script, node), folder=script.project_folder(), views=views(script))
    also = [each for each in script.problems if each not in problems]  # what was met on the walk
    return Plan(**{**{name: getattr(made, name) for name in made.__slots__}, "problems": (*problems, *also)})


def _span(script: Script, node: ScriptNode) -> Span:
    """The range of a Write: its own limits, else the script's; every frame where an expression keeps it from being told."""
    limited = node.values("use_limit", 0, 0)
    span = _between(script.root_values("first_frame"), script.root_values("last_frame"), 1, 100)
    if limited in (frozenset(), NEVER):
        return span
    own = _between(node.values("first", 0, 0), node.values("last", 0, 0), 1, 1)
    return own if limited == ALWAYS else own.hull(span)


def _between(first: Values | None, last: Values | None, at_first: int, at_last: int) -> Span:
    """Two knobs as a range; Nuke does not save what is at its default."""
    if first is None or last is None:
        return EVERY
    ends = [round(value) for value in (*(first or {at_first}), *(last or {at_last}))]
    return Span(min(ends), max(ends))


def views(script: Script) -> tuple[str, ...]:
    """The views of a script: ``{main #ffffff}`` names one with its colour."""
    try:
        named = [nk.words(each.text) for each in nk.words(script.root["views"].text)] if "views" in script.root else []
    except InputError:
        named = []
    return tuple(each[0].text for each in named if each) or ("main",)
