"""A Nuke script as a graph, read from its text: for farms and desks that have no Nuke.

The format is Tcl that Nuke runs to build a graph on a stack: a node takes its inputs from the top of the stack (the topmost is
input 0) and puts itself there. Nothing is run here. Gizmos are looked for in the folders of ``NUKE_PATH``.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from genai_tags import files
from genai_tags.comp import tcl
from genai_tags.comp.graph import Joined, Node, Values
from genai_tags.comp.knowledge import known
from genai_tags.comp.nk import Command, Word, commands
from genai_tags.errors import InputError, Problem

MAX_BYTES = 256 * 1024 * 1024
MAX_NESTING, MAX_LOADED = 24, 2000
"""How deep precomps and gizmos may lie in each other, and how many of them are looked into."""
MAX_DEPTH = 100
"""How deep groups may lie in each other."""

_GROUPS = ("Group", "VariableGroup", "Gizmo")
_MAYBE_GROUPS = ("LiveGroup", "Precomp", "GroupGeo")
_WITHOUT_INPUTS = frozenset(("Input", "BackdropNode", "StickyNote", "Constant", "ColorBars", "ColorWheel", "CheckerBoard2"))
_NO_NODES = frozenset(
    ("version", "define_window_layout_xml", "add_layer", "load", "set_layout", "bookmark", "cut_paste_input", "add_view")
)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_KEY = re.compile(rf"K|x?{_NUMBER.pattern}")
"""A part of a curve whose values can be told: a value, a frame (``x1001``), or that it steps."""
_MOST_VALUES = 100
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


@dataclass(eq=False)
class ScriptNode:
    """A node of a script. ``knobs`` are the words as they were saved; ``problem`` says what of it could not be followed."""

    script: Script
    name: str
    kind: str
    knobs: dict[str, Word]
    line: int
    parent: ScriptNode | None = None
    connected: list[ScriptNode | None] = field(default_factory=list)
    members: list[ScriptNode] = field(default_factory=list)
    problem: Problem | None = None

    @cached_property
    def key(self) -> str:
        """The full name."""
        return f"{self.parent.key}.{self.name}" if self.parent is not None else self.name

    def inputs(self) -> Sequence[Node | None]:
        """What is connected."""
        return self.connected

    def inside(self) -> Node | None:
        """Of a group, a gizmo that was found or a precomp: what it gives out."""
        return self._output

    @cached_property
    def _output(self) -> Node | None:
        members = self.members or self.script.loaded(self)
        outputs = [each for each in members if each.kind == "Output"]
        if self.kind == "Precomp" and not outputs:
            named = self.text("output") if 1 in (self.values("useOutput", 0, 0) or ()) else None
            writes = [each for each in members if each.name == named] or [each for each in members if each.kind == "Write"]
            return Joined(f"{self.key}.genai_output", writes or members) if members else None
        return outputs[0] if outputs else None

    def outside(self) -> Node | None:
        """Of an ``Input`` of a group: what is connected there."""
        if self.kind != "Input" or self.parent is None:
            return None
        stated = self.values("number", 0, 0)
        number = int(next(iter(stated))) if stated else self.parent.places[self.name]
        connected = self.parent.connected
        return connected[number] if 0 <= number < len(connected) else None

    @cached_property
    def places(self) -> dict[str, int]:
        """Of a group: its Inputs in their order, by name."""
        inputs = [each.name for each in self.members or self.script.loaded(self) if each.kind == "Input"]
        return {name: i for i, name in enumerate(inputs)}

    def unseen(self) -> Problem | None:
        """Why nobody can tell what is in it: a gizmo or precomp whose file is not at hand, or a class that nobody knows."""
        if self.inside() is not None or self.members or (known().is_own(self.kind) and self.kind not in _MAYBE_GROUPS):
            return None
        if self.kind in _MAYBE_GROUPS:
            file = self.raw("file").strip()
            return Problem(
                self.key, f"is a {self.kind} of {file[:120] or 'no file'!r}, which cannot be looked into", "not_looked_into"
            )
        text = f"is a {self.kind}, which is none of Nuke's own, and no {self.kind}.gizmo lies in NUKE_PATH or --gizmos"
        if self.kind.startswith("OFX"):
            text = f"is a plug-in that nobody looked into ({self.kind}): name it in the tool register"
        return Problem(self.key, text, "not_looked_into")

    def values(self, knob: str, first: int, last: int) -> Values | None:
        """What a knob may be; a curve may be anything between its keys' values."""
        word = self.knobs.get(knob)
        return frozenset() if word is None else _values(word.text)

    def text(self, knob: str) -> str | None:
        """What a text knob says."""
        word = self.knobs.get(knob)
        return None if word is None else tcl.evaluate(word.text, self.script.path.replace(os.sep, "/"))

    def raw(self, knob: str) -> str:
        """What was saved of a knob."""
        word = self.knobs.get(knob)
        return "" if word is None else word.text


@lru_cache(maxsize=4096)
def _values(text: str) -> Values | None:
    text = text.strip()
    if _NUMBER.fullmatch(text):
        value = float(text)
        return frozenset((value,)) if math.isfinite(value) else None
    if text.lower() in _TRUE:
        return frozenset((1.0,))
    if text.lower() in _FALSE:
        return frozenset((0.0,))
    words = text.strip("{}").split()
    if words[:1] != ["curve"] or not all(map(_KEY.fullmatch, words[1:])):
        return None  # an expression, or a curve with slopes, or one that goes on in a line
    keyed = [float(word) for word in words[1:] if _NUMBER.fullmatch(word)]
    if not keyed or not all(map(math.isfinite, keyed)):
        return None
    low, high = min(keyed), max(keyed)
    if low == high or "K" in words:  # which steps from key to key
        return frozenset(keyed)
    low, high = math.floor(low) - 1, math.ceil(high) + 1  # a smooth curve swings beyond its keys
    return frozenset(map(float, range(low, high + 1))) if high - low <= _MOST_VALUES else None


class Script:
    """A script and its nodes, outermost first. Raises InputError where the file cannot be read or is no Nuke script."""

    def __init__(self, path: str, gizmo_folders: Sequence[str] | None = None, above: Script | None = None) -> None:
        self.path = os.path.abspath(path)
        self.above: tuple[str, ...] = (*above.above, os.path.realpath(above.path)) if above is not None else ()
        self.budget: list[int] = above.budget if above is not None else [MAX_LOADED]
        self._shared: Script = above._shared if above is not None else self
        """The outermost script, which knows where gizmos lie."""
        self._gizmos: dict[str, str | None] = above._gizmos if above is not None else {}
        stated = os.environ.get("NUKE_PATH", "").split(os.pathsep) if gizmo_folders is None else gizmo_folders
        self.gizmo_folders = [folder for folder in stated if folder]
        self.problems: list[Problem] = []
        self.root: Mapping[str, Word] = {}
        self._loaded: dict[str, list[ScriptNode]] = {}
        builder = _Builder(self)
        listed = list(commands(_text(path), self.path))
        for i, command in enumerate(listed):
            builder.run(command, listed, i)
        self.nodes = builder.levels[0].nodes
        if not self.nodes and not self.root:
            raise InputError(path, "holds no node; it is no Nuke script")

    def every(self, *, loaded: bool = False) -> Iterable[ScriptNode]:
        """Every node that the script itself holds, groups before what is in them; ``loaded``: also what gizmos and the like hold."""
        waiting = list(reversed(self.nodes))
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.members or (node.script.loaded(node) if loaded else ())))

    def node(self, key: str) -> ScriptNode | None:
        """A node by its full name."""
        return next((each for each in self.every() if each.key == key), None)

    def root_text(self, knob: str) -> str | None:
        """What a text knob of the script itself says."""
        word = self.root.get(knob)
        return None if word is None else tcl.evaluate(word.text, self.path.replace(os.sep, "/"))

    def root_values(self, knob: str) -> Values | None:
        """What a number among the script's own settings may be."""
        return _values(self.root[knob].text) if knob in self.root else frozenset()

    # ------------------------------------------------------------ what lies in other files

    def loaded(self, node: ScriptNode) -> list[ScriptNode]:
        """What a precomp, live group or gizmo holds that lies in a file of its own; none where it cannot be had."""
        if node.key not in self._loaded:
            self._loaded[node.key] = []
            path = self._file_of(node)
            if path is not None:
                try:
                    self._loaded[node.key] = self._load(path, node)
                except InputError as error:
                    self.problems.append(Problem(node.key, f"cannot be looked into: {error}"))
        return self._loaded[node.key]

    def _file_of(self, node: ScriptNode) -> str | None:
        if node.kind in _MAYBE_GROUPS:
            stated = node.text("file")
            return os.path.join(self.project_folder(), stated) if stated and stated.endswith(".nk") else None
        if node.kind in _GROUPS or not node.script.gizmo_folders:
            return None
        kind = node.kind.removesuffix(".gizmo")
        if kind not in self._gizmos:
            self._gizmos[kind] = self._installed.get(f"{kind}.gizmo")
        return self._gizmos[kind]

    @cached_property
    def _installed(self) -> dict[str, str]:
        return self._shared._found if self._shared is not self else self._found

    @cached_property
    def _found(self) -> dict[str, str]:
        """Every gizmo in the folders and below them, as studios lay them out; of one name the first counts."""
        found: dict[str, str] = {}
        for folder in self.gizmo_folders:
            for place, _, names in os.walk(folder):
                for name in names:
                    if name.endswith(".gizmo"):
                        found.setdefault(name, os.path.join(place, name))
        return found

    def _load(self, path: str, node: ScriptNode) -> list[ScriptNode]:
        if os.path.realpath(path) in (*self.above, os.path.realpath(self.path)) or len(self.above) > MAX_NESTING:
            raise InputError(path, "holds itself, or lies too deep")
        self.budget[0] -= 1
        if self.budget[0] < 0:
            raise InputError(path, f"is one of more than {MAX_LOADED} precomps and gizmos; check it inside Nuke")
        inner = Script(path, self.gizmo_folders, self)
        top = inner.nodes
        if len(top) == 1 and top[0].kind in _GROUPS:
            top = top[0].members
        for each in top:
            each.parent = node
        self.problems.extend(inner.problems)
        return top

    def project_folder(self) -> str:
        """What relative paths are relative to: the script's ``project_directory``, else its own folder."""
        stated = self.root_text("project_directory")
        return os.path.join(os.path.dirname(self.path), stated or "")


class _Builder:
    """Runs a script's commands on stacks of nodes, one for each group that is open."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.levels = [_Level(None, [], [])]
        self.variables: dict[str, ScriptNode | None] = {}

    @property
    def level(self) -> _Level:
        """The group that is being filled."""
        return self.levels[-1]

    def run(self, command: Command, listed: Sequence[Command], place: int) -> None:
        """Take one command of a list. Raises InputError."""
        name, last = command.name, command.words[-1]
        if name == "end_group":
            if len(self.levels) > 1:
                self.levels.pop()
        elif name == "set" and len(command.words) == 3:
            self.variables[command.words[1].text] = _on_stack(self.level.stack, last.text)
        elif name == "push":
            self.level.stack.append(self.variables.get(last.text.lstrip("$")))
        elif name == "Root":
            self.script.root = self.script.root or self._knobs(command)
        elif last.braced and name not in _NO_NODES:
            node = self._node(command)
            if node is not None and (node.kind in _GROUPS or (node.kind in _MAYBE_GROUPS and _holds_nodes(listed, place))):
                self._open(node)

    def _open(self, group: ScriptNode) -> None:
        if len(self.levels) > MAX_DEPTH:
            raise InputError(self.script.path, [Problem(f"line {group.line}", f"nests groups more than {MAX_DEPTH} deep")])
        self.levels.append(_Level(group, group.members, []))

    def _node(self, command: Command) -> ScriptNode | None:
        kind, original = self._kind(command)
        if not re.fullmatch(r"[A-Za-z_][\w.:+-]*", kind):
            self.script.problems.append(Problem(f"line {command.line}", f"is not understood: {kind[:40]!r}"))
            return None
        knobs = self._knobs(command)
        count = (
            _count(knobs["inputs"].text)
            if "inputs" in knobs
            else 0
            if kind in _WITHOUT_INPUTS or kind in known().pictures
            else 1
        )
        if original is not None:
            knobs = {**original.knobs, **knobs}
        level = self.level
        connected = [level.stack.pop() if level.stack else None for _ in range(count)]
        name = level.unused(knobs["name"].text if "name" in knobs else f"{kind}@{command.line}")
        node = ScriptNode(self.script, name, kind, knobs, command.line, level.parent, connected)
        level.nodes.append(node)
        level.stack.append(node)
        return node

    def _kind(self, command: Command) -> tuple[str, ScriptNode | None]:
        """The class; of a clone (``clone $C1 {}`` or ``clone node7f|Grade|12 Grade {}``) that of what it clones."""
        if command.name != "clone":
            return command.name, None
        said = command.words[1].text
        original = self.variables.get(said.lstrip("$")) if said.startswith("$") else None
        if original is not None:
            return original.kind, original
        return (said.split("|")[1] if said.count("|") > 1 else command.words[-2].text), None

    def _knobs(self, command: Command) -> dict[str, Word]:
        found: dict[str, Word] = {}
        body = command.words[-1]
        for each in commands(body.text, self.script.path, command.body_line) if body.braced else ():
            if len(each.words) % 2 == 0:  # generators put several knobs on a line
                found.update((name.text, value) for name, value in zip(each.words[::2], each.words[1::2], strict=True))
            elif len(each.words) > 2:
                found[each.name] = Word(" ".join(word.text for word in each.words[1:]))
        return found


def _holds_nodes(listed: Sequence[Command], place: int) -> bool:
    """Whether nodes of its own follow a node that may hold some (a live group that was changed): they are indented."""
    for i in range(place + 1, len(listed)):
        each = listed[i]
        if each.name == "end_group" or (each.words[-1].braced and each.name not in _NO_NODES):
            return each.name != "end_group" and each.indent > listed[place].indent
    return False


@dataclass
class _Level:
    """The inside of one group while it is built."""

    parent: ScriptNode | None
    nodes: list[ScriptNode]
    stack: list[ScriptNode | None]
    names: dict[str, int] = field(default_factory=dict)

    def unused(self, name: str) -> str:
        """The name, made different from those that are there: a damaged script must not lose a node."""
        count = self.names[name] = self.names.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"


def _on_stack(stack: Sequence[ScriptNode | None], text: str) -> ScriptNode | None:
    """``[stack 0]`` is the topmost."""
    found = re.fullmatch(r"\[\s*stack\s+(\d{1,9})\s*\]", text.strip())
    place = int(found[1]) if found else 0
    return stack[-1 - place] if place < len(stack) else None


def _count(text: str) -> int:
    """``2+1``: two inputs and a mask."""
    numbers = re.findall(r"\d{1,6}", text)
    return min(sum(map(int, numbers)), 10_000)


def _text(path: str) -> str:
    try:
        return files.read(path, MAX_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        raise InputError(path, "does not exist") from None
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
