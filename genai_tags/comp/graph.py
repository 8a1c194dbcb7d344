"""A node of a compositing graph, as the walk asks for it. A live host and a parsed script each bring their own kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from genai_tags.errors import Problem

Values = frozenset[float]
"""Every value a knob may have over a range of frames."""


class Node(Protocol):
    """One node. ``key`` names it within the script (``Group1.Read3``); equal keys are the same node."""

    @property
    def key(self) -> str:
        """The full name."""

    @property
    def kind(self) -> str:
        """The class, as Nuke calls it."""

    def inputs(self) -> Sequence[Node | None]:
        """What is connected, by input number; None where nothing is."""

    def inside(self) -> Node | None:
        """The node whose picture a group, gizmo or loaded precomp gives out; None for every other node."""

    def outside(self) -> Node | None:
        """Of a group's ``Input``: the node that is connected to the group there."""

    def unseen(self) -> Problem | None:
        """Why nobody can tell what is in it, where that is so."""

    def values(self, knob: str, first: int, last: int) -> Values | None:
        """Every value that a number or checkbox may have from ``first`` to ``last``, both inclusive.

        Empty where there is no such knob; None where it cannot be told (an expression, outside the host).
        """

    def text(self, knob: str) -> str | None:
        """What a text, file or menu knob says, with expressions evaluated; None where there is none or it cannot be told."""

    def raw(self, knob: str) -> str:
        """What a script would save of a knob, nothing evaluated; empty where there is none."""


class Joined:
    """Several nodes as one: what a precomp without an Output gives out."""

    kind = "Output"

    def __init__(self, key: str, nodes: Sequence[Node]) -> None:
        self._key, self._nodes = key, nodes

    @property
    def key(self) -> str:
        """A name that no node of the script has."""
        return self._key

    def inputs(self) -> Sequence[Node | None]:
        """Each of them."""
        return self._nodes

    def inside(self) -> Node | None:
        """It is no group."""
        return None

    def outside(self) -> Node | None:
        """It is no group's input."""
        return None

    def unseen(self) -> Problem | None:
        """Everything of it is there."""
        return None

    def values(self, knob: str, first: int, last: int) -> Values | None:
        """It has no knob."""
        return frozenset()

    def text(self, knob: str) -> str | None:
        """It has no knob."""
        return None

    def raw(self, knob: str) -> str:
        """It has no knob."""
        return ""
