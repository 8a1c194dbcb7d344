"""What rules may ask about: every fact of a tag and a use by path, its type, and its value or "unknown".

A path begins with what it is about: ``tag.``, ``use.``, ``step.``, ``input.``, ``talent.``, ``tool.`` (what the register says
of a step), ``facts.`` (declared by a pack) or, in demands on evidence only, ``evidence.``.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from genai_tags.codec import hints
from genai_tags.model import Input, Step, Tag, Talent, Use
from genai_tags.vocabulary import Answer, ReplicaType, Signer, ToolStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """What the tool register says of one step. ``cite`` and ``note`` are for findings, not for rules."""

    registered: Answer = Answer.UNSURE
    status: ToolStatus | None = None
    allowed_then: Answer = Answer.UNSURE
    """A tool that is allowed now was allowed on the day of the step."""
    version_reviewed: Answer = Answer.UNSURE
    allowed_here: Answer = Answer.UNSURE
    """For this use case, stage, purpose and hosting."""
    tier_allowed: Answer = Answer.UNSURE
    tier_trains: Answer = Answer.UNSURE
    """The licence tier stores, reuses or trains on inputs."""
    terms_fresh: Answer = Answer.UNSURE
    terms_changed: Answer = Answer.UNSURE
    """What governs the step was stated anew since, and differently."""
    before_withdrawal: Answer = Answer.UNSURE
    """The step came before its tool was withdrawn."""
    differs: Answer = Answer.UNSURE
    """Artist and register state different things."""
    cite: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a rule may demand of a piece of evidence, as far as it can be told."""

    role: str | None = None
    attached: Answer = Answer.UNSURE
    """A paper is attached, or bound by its digest."""
    replica_type: ReplicaType | None = None
    specific_use: Answer = Answer.UNSURE
    """It describes the use in specific words."""
    signed_separately: Answer = Answer.UNSURE
    signed_by: Signer | None = None
    compensated: Answer = Answer.UNSURE
    before_work: Answer = Answer.UNSURE
    """It is dated before every step; of the same day nobody can tell."""
    notice_48h: Answer = Answer.UNSURE
    """Notice was given at least 48 hours before the first step."""


ROOTS: dict[str, type] = {
    "tag": Tag, "use": Use, "step": Step, "input": Input, "talent": Talent, "tool": ToolFacts, "evidence": Given,
}  # fmt: skip
COLLECTIONS = ("step", "input", "talent")
BOUND = (*COLLECTIONS, "tool", "evidence")
"""Roots that can only be asked for where one is in view."""


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact may hold. ``words`` are its possible values; empty for free text. ``many``: a list of them.

    A fact that a pack declares also has its question, help and where it comes from.
    """

    words: tuple[str, ...] = ()
    many: bool = False
    question: str = ""
    help: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The tag and use being judged, and the step, input and talent that a rule is looking at."""

    tag: Tag
    use: Use
    tools: tuple[ToolFacts, ...] = ()
    """What the register says, step by step; empty without a register."""
    bound: Mapping[str, Any] = field(default_factory=dict)

    def value(self, path: str) -> Any:
        """A word, a text, or a tuple of words; None where nobody stated it (``unsure`` included)."""
        root, _, rest = path.partition(".")
        if root == "facts":
            return _plain(self.tag.facts.get(rest))
        place: Any = self.bound.get(root) or {"tag": self.tag, "use": self.use}.get(root)
        for name in rest.split("."):
            place = getattr(place, name, None)
        return _plain(place)

    def bind(self, root: str, item: Any) -> Facts:
        """The same facts, looking at one step, input or talent."""
        return dataclasses.replace(self, bound={**self.bound, root: item})

    def each(self, root: str) -> tuple[list[tuple[str, Facts]], bool]:
        """Every stated step, input or talent with a name for it, and whether the list is complete.

        Inputs are those of the step in view, else of all steps; a step without an input list leaves them incomplete.
        """
        if root == "talent":
            return self._named("talent", self.tag.talent), self.tag.talent is not None
        if root == "step":
            found = self._named("step", self.tag.steps)
            return [(name, each._with_tool(i)) for i, (name, each) in enumerate(found)], bool(
                found
            )  # without steps it says nothing
        if "step" in self.bound:
            step = self.bound["step"]
            return self._inputs(step, ""), step.inputs is not None
        steps = self.tag.steps or ()
        complete = bool(steps) and all(step.inputs is not None for step in steps)
        return [
            found for n, step in enumerate(steps) for found in self._with_tool(n)._inputs(step, f" of step {n + 1}")
        ], complete

    def _with_tool(self, i: int) -> Facts:
        return self.bind("tool", self.tools[i]) if i < len(self.tools) else self

    def _named(self, root: str, items: tuple[Any, ...] | None) -> list[tuple[str, Facts]]:
        found = []
        for i, item in enumerate(items or (), 1):
            name = getattr(item, "id", None) or getattr(item, "tool", None)
            found.append((f"{root} {i} ({name})" if name else f"{root} {i}", self.bind(root, item)))
        return found

    def _inputs(self, step: Step, where: str) -> list[tuple[str, Facts]]:
        found = []
        for i, item in enumerate(step.inputs or (), 1):
            name = f"input {item.id or i}{where}"
            found.append((name, self.bind("step", step).bind("input", item)))
        return found


def _plain(value: Any) -> Any:
    if value is None or value == Answer.UNSURE:
        return None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return tuple(_plain(item) for item in value)
    return str(value)


def type_of(path: str, declared: Mapping[str, FactType]) -> FactType | None:
    """The type of the fact at ``path``; None where there is no such fact."""
    root, _, rest = path.partition(".")
    if root == "facts":
        return declared.get(rest)
    place: Any = ROOTS.get(root)
    for name in rest.split("."):
        if not (isinstance(place, type) and dataclasses.is_dataclass(place)) or name not in hints(place):
            return None
        place = hints(place)[name]
        args = [arg for arg in typing.get_args(place) if arg is not type(None)]
        if typing.get_origin(place) is not tuple and args:  # X | None
            place = args[0]
    if typing.get_origin(place) is tuple:
        item = typing.get_args(place)[0]
        return None if dataclasses.is_dataclass(item) else FactType(_words(item), many=True)
    if isinstance(place, type) and dataclasses.is_dataclass(place) and not hasattr(place, "parse"):
        return None
    return FactType(_words(place))


def _words(kind: Any) -> tuple[str, ...]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(member.value) for member in kind if member is not Answer.UNSURE)
    return ()
