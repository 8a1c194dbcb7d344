"""What rules may ask about: every fact of a tag and a use by path, its type, and its value or "unknown".

A path begins with what it is about: ``tag.``, ``use.``, ``step.``, ``input.``, ``talent.`` or ``facts.`` (declared by a pack).
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
from genai_tags.vocabulary import Answer

ROOTS: dict[str, type] = {"tag": Tag, "use": Use, "step": Step, "input": Input, "talent": Talent}
COLLECTIONS = ("step", "input", "talent")


@dataclass(frozen=True, slots=True)
class FactType:
    """What a fact may hold. ``words`` are its possible values; empty for free text. ``many``: a list of them."""

    words: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The tag and use being judged, and the step, input and talent that a rule is looking at."""

    tag: Tag
    use: Use
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
            return self._named("step", self.tag.steps), bool(self.tag.steps)  # a tag without steps says nothing
        if "step" in self.bound:
            step = self.bound["step"]
            return self._inputs(step, ""), step.inputs is not None
        steps = self.tag.steps or ()
        complete = bool(steps) and all(step.inputs is not None for step in steps)
        return [found for n, step in enumerate(steps, 1) for found in self._inputs(step, f" of step {n}")], complete

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
