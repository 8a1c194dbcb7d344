"""Badges on nodes: found out beside Nuke's own thread, kept in a cache, drawn from that. Labels and colours stay the artist's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import nuke

from genai_tags.comp.elements import elements
from genai_tags.comp.knowledge import known
from genai_tags.comp.output import Output, Plan
from genai_tags.comp.walk import EVERY, Visit
from genai_tags.status import BADGES, Status
from genai_tags_nuke import background
from genai_tags_nuke.graph import Graph, LiveNode
from genai_tags_nuke.log import guarded
from genai_tags_nuke.session import SESSION, judged, plan, script_folder, writes

ICONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "icons")
WHOLE_SCRIPT = ""
"""The name of the plan that holds every node of the script, whether it reaches a Write or not."""

_SHOWN: dict[str, Status] = {}
_ROUND = [0]
"""Which look at the script is under way."""
_SEEN: dict[str, tuple[str, ...]] = {}
"""How nodes were connected and switched when they were last drawn."""
_SCRIPT = [0]
"""Which of the scripts that were opened one after the other is open."""
LISTENERS: list[Any] = []
"""Called with the outputs, the whole script first, whenever they were looked at anew."""


def touch() -> None:
    """Something changed: look again once the artist pauses."""
    background.later("badges", refresh, 700)


def refresh() -> None:
    """Look at the whole script and every Write; badges and panel follow. In the GUI a Write at a time, so that Nuke goes on."""
    if not nuke.GUI or background.qt_core() is None:
        _judge(_planned())
        return
    _ROUND[0] += 1
    graph = Graph()
    _next_plan(_ROUND[0], graph, [node.fullName() for node in writes()], [])


def _planned() -> list[Plan]:
    """A plan of the whole script, and of every Write."""
    graph = Graph()
    plans = [plan(write, graph) for write in writes()]
    return [everything(graph, plans[0].path if plans else None), *plans]


def _next_plan(turn: int, graph: Graph, names: list[str], plans: list[Plan]) -> None:
    """Plan the next Write; when there is none left, judge."""
    if turn != _ROUND[0]:
        return  # it was begun anew meanwhile
    if not names:
        _judge([everything(graph, plans[0].path if plans else None), *plans])
        return
    planned = guarded(_plan_of)(names[0], graph)  # one that cannot be planned keeps no other from its badge
    if planned is not None:
        plans = [*plans, planned]

    def go_on() -> None:
        _next_plan(turn, graph, names[1:], plans)

    if len(names) > 1:
        background.later(f"plan {turn} {len(names)}", go_on, 0)
    else:
        go_on()


def _plan_of(name: str, graph: Graph) -> Plan | None:
    node = nuke.toNode(name)
    return plan(node, graph) if node is not None else None


def _judge(plans: list[Plan]) -> None:
    show, of_script = SESSION.show(), _SCRIPT[0]

    def done(outputs: list[Output]) -> None:
        if of_script == _SCRIPT[0]:  # else another script was opened meanwhile, with nodes of the same names
            _show(outputs)

    background.beside("badges", lambda: judged(show, plans, glance=True), done)


def notice() -> None:
    """Runs while Nuke is idle, for each node that it draws: look again where its connections changed."""
    node = nuke.thisNode()
    inputs = [node.input(i) for i in range(node.inputs())]
    now = tuple(each.name() if each is not None else "" for each in inputs)
    off = node.knob("disable")
    now = (*now, off.toScript() if off is not None else "")
    name = node.fullName()
    before = _SEEN.get(name)
    _SEEN[name] = now
    if before is not None and before != now:
        touch()


def everything(graph: Graph, path: str | None) -> Plan:
    """Every node that reads, holds tags or runs a model. ``path`` names the shot that they are judged for."""
    visits = [Visit(node, EVERY, reads(node)) for node in map(graph.node, nuke.allNodes(recurseGroups=True))]
    return Plan(
        name=WHOLE_SCRIPT, path=path, span=EVERY, elements=tuple(elements(visits)), folder=script_folder(),
        views=tuple(nuke.views()),
    )  # fmt: skip


def reads(node: LiveNode) -> str | None:
    """The knob by which a node reads a file, where it does."""
    if node.kind in known().readers and 1 in (node.values("reading", 0, 0) or ()):
        return "file"
    return known().sources.get(node.kind)


def statuses(outputs: Iterable[Output]) -> dict[str, Status]:
    """What each node shows. A source that nobody spoke of shows nothing: a comp has hundreds of plates."""
    found: dict[str, Status] = {}
    for output in outputs:
        if output.plan.name != WHOLE_SCRIPT:
            found[output.plan.name] = output.status
        for standing in output.standings:
            for name in standing.sources:
                found[name] = max(found.get(name, standing.status), standing.status, key=lambda s: s.rank)
        for suspect in output.suspects:
            if suspect.status is not Status.ALLOWED:
                found.setdefault(suspect.key, suspect.status)
        for source in output.sources:
            if source.clean is not None and source.name not in found:
                found[source.name] = Status.CLEAN
    return found


def _show(outputs: list[Output]) -> None:
    wanted = statuses(outputs)
    draw(wanted)
    for listener in LISTENERS:
        guarded(listener)(outputs)


def draw(wanted: Mapping[str, Status]) -> None:
    """Put badges on nodes and take off those that are no longer true."""
    for name in set(_SHOWN) - set(wanted):
        node = nuke.toNode(name)
        if node is not None and hasattr(node, "clearCustomIcon"):
            node.clearCustomIcon()
    for name, status in wanted.items():
        node = nuke.toNode(name)
        if node is not None and hasattr(node, "setCustomIcon"):
            node.setCustomIcon(os.path.join(ICONS, f"{status.value}.png"), 1.0, 0, 0)
    _SHOWN.clear()
    _SHOWN.update(wanted)


@guarded
def refresh_now() -> None:
    """Look again at once."""
    refresh()


def every() -> list[tuple[str, Status]]:
    """Every badge there is, by node."""
    return list(_SHOWN.items())


def forget() -> None:
    """Another script: no badge of the old one, nor one that is still being found out."""
    _SHOWN.clear()
    _SEEN.clear()
    _SCRIPT[0] += 1
    _ROUND[0] += 1


def shown(name: str) -> Status | None:
    """What a node shows."""
    return _SHOWN.get(name)


def label() -> str | None:
    """Autolabel for a Nuke without custom icons: what the others say, and the badge below. One look into a cache."""
    node = nuke.thisNode()
    status = _SHOWN.get(node.fullName())
    if status is None:
        return None
    found = BADGES[status]
    return f"{_others(node)}\n{found.symbol} {found.text}"


def _others(node: Any) -> str:
    """What stands there without us: the newest of the other callbacks that says anything, those of the class first."""
    lists = nuke.autolabels.get(nuke.thisClass(), [])[::-1] + nuke.autolabels.get("*", [])[::-1]
    for call, args, kwargs, *_ in lists:
        text = None if call is label else call(*args, **kwargs)
        if text is not None:
            return str(text)
    return str(node.name())
