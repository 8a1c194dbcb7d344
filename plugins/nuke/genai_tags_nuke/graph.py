"""Nuke's live graph, as the core's walk asks for it. Nodes are held for the length of one walk only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import nuke

from genai_tags.comp.graph import Joined, Node, Values
from genai_tags.comp.knowledge import known
from genai_tags.errors import Problem

_SAMPLES = 5000
"""Frames that an animated knob is looked at on; of a longer range nothing is known, and everything counts."""


class Graph:
    """One look at the graph: each node wrapped once."""

    def __init__(self) -> None:
        self._nodes: dict[str, LiveNode] = {}

    def node(self, node: Any) -> LiveNode:
        """The wrapper of a node."""
        key = node.fullName()
        if key not in self._nodes:
            self._nodes[key] = LiveNode(self, node, key)
        return self._nodes[key]


class LiveNode:
    """A node. No ``metadata()`` anywhere: it validates everything upstream, and sees the first part of an EXR only."""

    def __init__(self, graph: Graph, node: Any, key: str) -> None:
        self.graph, self.node, self._key = graph, node, key
        self.kind: str = node.Class()
        self._values: dict[tuple[str, int, int], Values | None] = {}

    @property
    def key(self) -> str:
        """The full name."""
        return self._key

    def inputs(self) -> Sequence[Node | None]:
        """What is connected."""
        return self._inputs

    @cached_property
    def _inputs(self) -> Sequence[Node | None]:
        found = [self.node.input(i) for i in range(self.node.inputs())]
        return [self.graph.node(each) if each is not None else None for each in found]

    def inside(self) -> Node | None:
        """What a group, gizmo, precomp or live group gives out."""
        return self._inside

    @cached_property
    def _inside(self) -> Node | None:
        if not isinstance(self.node, nuke.Group):
            return None
        output = self.node.output()
        if output is not None:
            return self.graph.node(output)
        writes = [each for each in self.node.nodes() if each.Class() == "Write"]  # a precomp may have no Output
        return Joined(f"{self._key}.genai_output", [self.graph.node(each) for each in writes]) if writes else None

    def unseen(self) -> Problem | None:
        """A precomp or live group that is not loaded, or a plug-in: nobody can tell what is in it."""
        if isinstance(self.node, nuke.Precomp) and self.inside() is None:
            return Problem(self._key, f"is a {self.kind} that is not loaded, and cannot be looked into", "not_looked_into")
        if isinstance(self.node, nuke.Group) or known().is_own(self.kind):
            return None
        text = f"is a plug-in that nobody looked into ({self.kind}): name it in the tool register"
        return Problem(self._key, text, "not_looked_into")

    def outside(self) -> Node | None:
        """Of a group's ``Input``: what is connected to the group there."""
        return self._outside

    @cached_property
    def _outside(self) -> Node | None:
        parent = self.node.parent() if self.kind == "Input" else None
        if parent is None or parent.Class() == "Root":
            return None
        number = self.node.knob("number")
        if number is not None:
            place = int(number.getValue())
        else:
            place = [each.name() for each in parent.nodes() if each.Class() == "Input"].index(self.node.name())
        there = parent.input(place)
        return self.graph.node(there) if there is not None else None

    def values(self, knob: str, first: int, last: int) -> Values | None:
        """Every value of a knob on whole frames; None where it cannot be evaluated, or on too many frames."""
        key = (knob, first, last)
        if key not in self._values:
            self._values[key] = self._read(knob, first, last)
        return self._values[key]

    def _read(self, knob: str, first: int, last: int) -> Values | None:
        found = self.node.knob(knob)
        if found is None:
            return frozenset()
        try:
            if not (found.isAnimated() or found.hasExpression()):
                return _numbers(found.getValue())
            if last - first >= _SAMPLES:
                return None
            sampled = [_numbers(found.getValueAt(frame)) for frame in range(first, last + 1)]
        except (RuntimeError, TypeError, ValueError, AttributeError):  # a broken expression; a knob that holds no number
            return None
        return frozenset().union(*[each for each in sampled if each]) if all(each is not None for each in sampled) else None

    def text(self, knob: str) -> str | None:
        """A text, file or menu, evaluated; frame patterns and views stay in it."""
        found = self.node.knob(knob)
        if found is None:
            return None
        try:
            if isinstance(found, nuke.File_Knob):
                return file_of(self.node, found)
            value = found.value()
        except (RuntimeError, TypeError, ValueError):
            return None
        return None if value is None else str(value)

    def raw(self, knob: str) -> str:
        """What a script would save."""
        found = self.node.knob(knob)
        return "" if found is None else str(found.toScript())


def file_of(node: Any, knob: Any) -> str:
    """A file knob with its Tcl evaluated; frame patterns and views stay in it."""
    text = str(knob.getEvaluatedValue() or "")
    if "[" in text and knob.name() == "file":  # Foundry's docstrings leave open which call evaluates
        text = str(nuke.filename(node) or text)
    return text


def _numbers(value: Any) -> Values | None:
    items = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(each, (bool, int, float)) for each in items):
        return None
    return frozenset(float(each) for each in items)
