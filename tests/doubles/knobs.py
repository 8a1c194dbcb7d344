"""Knobs of the Nuke double: the methods that the plugin may use, with the behaviour of facts/nuke.md; anything else raises."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.nuke_app import App, Node

INVISIBLE, REPLACE = 1024, 1


class Tcl:
    """The little Tcl that file knobs and metadata nodes run. ``ran`` is what foreign text managed to have executed."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.ran: list[str] = []

    def run(self, text: str) -> str:
        """Evaluate brackets, innermost first."""
        while (match := re.search(r"(?<!\\)\[([^\[\]]*)\]", text)) is not None:
            text = text[: match.start()] + self._call(match[1]) + text[match.end() :]
        return text.replace("\\[", "[").replace("\\]", "]")

    def _call(self, command: str) -> str:
        words = command.split()
        if words[:1] == ["getenv"]:
            return os.environ.get(words[1], "")
        if words[:2] in (["value", "root.name"], ["knob", "root.name"]):
            return str(self.app.root.name())
        if words[:2] == ["file", "dirname"]:
            return posixpath.dirname(words[2])
        self.ran.append(command)
        if words[:1] == ["python"]:
            return "done"
        raise RuntimeError(f'invalid command name "{words[0] if words else ""}"')


class Knob:
    """The base. ``frames`` are an animation's values, ``expression`` one that is a Python function of the frame."""

    kind = "Knob"

    def __init__(self, name: str, label: str | None = None, value: Any = None) -> None:
        self._name, self._label = name, label if label is not None else name
        self._value: Any = value
        self._flags = 0
        self._node: Node | None = None
        self.frames: dict[int, Any] = {}
        self.expression: Callable[[int], Any] | None = None

    def name(self) -> str:
        return self._name

    def label(self) -> str:
        return self._label

    def node(self) -> Node | None:
        return self._node

    def Class(self) -> str:
        return self.kind

    def setFlag(self, flag: int) -> None:
        self._flags |= flag

    def getFlag(self, flag: int) -> bool:
        return bool(self._flags & flag)

    def isAnimated(self) -> bool:
        return bool(self.frames)

    def hasExpression(self) -> bool:
        return self.expression is not None

    def setValue(self, value: Any) -> bool:
        self._value = self._typed(value)
        if self._node is not None:
            self._node.app.changed(self)
        return True

    def fromScript(self, text: str) -> bool:
        self._value = self._typed(text)
        return True

    def _typed(self, value: Any) -> Any:
        return value

    def value(self) -> Any:
        return self._value

    def getValue(self) -> Any:
        return self.value()

    def toScript(self) -> str:
        return str(self._value)


class Number(Knob):
    """Array_Knob with one channel; a bool or int where ``type_`` says so."""

    type_: Callable[[Any], Any] = float

    def _typed(self, value: Any) -> Any:
        if isinstance(value, str) and value in ("true", "false"):
            value = value == "true"
        if isinstance(value, str) and value.strip("{ ").startswith("curve"):
            words = value.strip("{} ").split()[1:]
            self.frames = {int(a[1:]): float(b) for a, b in zip(words[::2], words[1::2], strict=True)}
            return self._value
        return type(self).type_(float(value) if isinstance(value, str) else value)

    def getValueAt(self, frame: float) -> float:
        if self.expression is not None:
            return float(self.expression(int(frame)))
        if self.frames:
            before = [f for f in self.frames if f <= frame]
            return float(self.frames[max(before) if before else min(self.frames)])
        return float(self._value)

    def value(self) -> Any:
        return (
            type(self).type_(self.getValueAt(self._node.app.now))
            if self._node and (self.frames or self.expression)
            else self._value
        )

    def getValue(self) -> float:
        return float(self.value())

    def toScript(self) -> str:
        if self.expression is not None:
            return '{{"frame expression"}}'
        if self.frames:
            return "{{curve " + " ".join(f"x{f} {v}" for f, v in self.frames.items()) + "}}"
        return str(self._value).lower() if isinstance(self._value, bool) else str(self._value)


class Array_Knob(Number):
    kind = "Array_Knob"


class Int_Knob(Number):
    kind, type_ = "Int_Knob", int


class Boolean_Knob(Number):
    kind, type_ = "Boolean_Knob", bool


class Enumeration_Knob(Knob):
    """A menu; a word that it does not have fails, as nobody knows what Nuke would make of it."""

    kind = "Enumeration_Knob"

    def __init__(self, name: str, label: str | None = None, values: list[str] | None = None) -> None:
        super().__init__(name, label, (values or [""])[0])
        self._values = list(values or [])

    def values(self) -> list[str]:
        return list(self._values)

    def _typed(self, value: Any) -> str:
        if isinstance(value, str) and value in self._values:
            return value
        if isinstance(value, int) and 0 <= value < len(self._values):
            return self._values[value]
        raise ValueError(f"{value!r} is no value of {self._name}: {self._values}")

    def getValue(self) -> float:
        return float(self._values.index(self._value))


class String_Knob(Knob):
    """Text. ``value`` evaluates Tcl, ``getText`` does not."""

    kind = "String_Knob"

    def __init__(self, name: str, label: str | None = None, value: str = "") -> None:
        super().__init__(name, label, value)

    def _typed(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self._name} takes text, not {type(value).__name__}")
        return value

    def value(self) -> str:
        return self._node.app.tcl.run(self._value) if self._node is not None else self._value

    def getText(self) -> str:
        return str(self._value)


class EvalString_Knob(String_Knob):
    kind = "EvalString_Knob"

    def evaluate(self) -> str:
        return self.value()


class File_Knob(EvalString_Knob):
    """A path: ``value`` keeps Tcl and frame patterns, ``getEvaluatedValue`` the patterns alone, ``evaluate`` nothing.

    With ``app.docstrings_swapped`` the first two change places, as Foundry's own docstrings have it.
    """

    kind = "File_Knob"

    def _typed(self, value: Any) -> str:
        text = super()._typed(value).replace("\\", "/")
        return re.sub(r"#+", lambda match: f"%0{len(match[0])}d", text)

    def value(self) -> str:
        return self._expanded() if self._swapped() else str(self._value)

    def getEvaluatedValue(self) -> str:
        return str(self._value) if self._swapped() else self._expanded()

    def evaluate(self) -> str:
        assert self._node is not None
        return self._node.app.with_frame(self._expanded())

    def _expanded(self) -> str:
        return self._node.app.tcl.run(self._value) if self._node is not None else str(self._value)

    def _swapped(self) -> bool:
        return self._node is not None and self._node.app.docstrings_swapped


class List_Knob(Knob):
    """The actions of a ModifyMetaData."""

    kind = "List_Knob"

    def __init__(self, name: str) -> None:
        super().__init__(name, name, "")

    def value(self) -> Any:
        raise AssertionError("what value() of a List_Knob gives is not known; use toScript()")


class Tab_Knob(Knob):
    kind = "Tab_Knob"


class PyCustom_Knob(Knob):
    kind = "PyCustom_Knob"
