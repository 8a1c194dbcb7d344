"""A strict double of Nuke: nodes, groups, callbacks, scripts, menus. Built from facts/nuke.md 6; nothing here was run inside Nuke.

What it does not know raises AttributeError. What would break an artist's session (``metadata()`` in a callback, a main-thread call
from the main thread, a raise in onScriptSave, Tcl that foreign text runs) is noted in ``App.violations``.
"""

from __future__ import annotations

import itertools
import os
import re
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from genai_tags.comp import nk
from tests.doubles import knobs as k

HOLD = ["hold", "loop", "bounce", "black"]
META = ["B", "A", "All"]
GROUPS = ("Group", "Gizmo", "Precomp", "LiveGroup")


def _common() -> list[k.Knob]:
    return [
        k.Boolean_Knob("disable", value=False), k.Boolean_Knob("useLifetime", value=False), k.Int_Knob("lifetimeStart", value=0),
        k.Int_Knob("lifetimeEnd", value=0), k.EvalString_Knob("label"), k.Boolean_Knob("selected", value=False), k.Int_Knob("tile_color", value=0),
    ]  # fmt: skip


def _reader() -> list[k.Knob]:
    return [
        k.File_Knob("file"), k.Int_Knob("first", value=1), k.Int_Knob("last", value=1), k.String_Knob("frame"),
        k.Enumeration_Knob("frame_mode", values=["expression", "start at", "offset"]),
        k.Enumeration_Knob("before", values=HOLD), k.Enumeration_Knob("after", values=HOLD),
    ]  # fmt: skip


def _writer() -> list[k.Knob]:
    return [
        k.File_Knob("file"), k.Enumeration_Knob("file_type", values=[" ", "exr", "dpx", "mov", "png"]), k.String_Knob("views", value="main"),
        k.Boolean_Knob("use_limit", value=False), k.Int_Knob("first", value=1), k.Int_Knob("last", value=1),
    ]  # fmt: skip


MODES = ["no metadata", "default metadata", "default metadata and exr/*", "all metadata except input/*", "all metadata"]

CLASSES: dict[str, Callable[[], list[k.Knob]]] = {
    "Read": _reader,
    "DeepRead": _reader,
    "Write": lambda: [*_writer(), k.Boolean_Knob("reading", value=False)],
    "DeepWrite": _writer,
    "Merge2": lambda: [k.Array_Knob("mix", value=1.0), k.Enumeration_Knob("metainput", values=META)],
    "DeepMerge2": lambda: [k.Enumeration_Knob("metainput", values=META)],
    "Copy": lambda: [k.Array_Knob("mix", value=1.0), k.Enumeration_Knob("metainput", values=META)],
    "Keymix": lambda: [k.Array_Knob("mix", value=1.0)],
    "Switch": lambda: [k.Array_Knob("which", value=0.0)],
    "Dissolve": lambda: [k.Array_Knob("which", value=0.0), k.Array_Knob("metainput", value=0.0)],
    "TimeOffset": lambda: [k.Array_Knob("time_offset", value=0.0), k.Boolean_Knob("reverse_input", value=False)],
    "FrameHold": lambda: [k.Int_Knob("firstFrame", value=0), k.Int_Knob("increment", value=0)],
    "Retime": lambda: [k.Array_Knob("speed", value=1.0)],
    "ModifyMetaData": lambda: [k.List_Knob("metadata")],
    "CopyMetaData": lambda: [k.Enumeration_Knob("mergeMode", values=["Image+Meta", "Meta only", "Meta+Image", "Image only"])],
    "Inference": lambda: [k.File_Knob("modelFile")],
    "Upscale": list,
    "Deblur": list,
    "CopyCat": lambda: [k.File_Knob("dataDirectory")],
    "Grade": lambda: [k.Array_Knob("mix", value=1.0)],
    "Dot": list,
    "NoOp": list,
    "Constant": list,
    "JoinViews": list,
    "VariableSwitch": list,
    "Input": lambda: [k.Int_Knob("number", value=0)],
    "Output": list,
    "Group": list,
    "CatteryModel": list,
    "Precomp": lambda: [k.File_Knob("file"), k.Boolean_Knob("reading", value=False), k.Boolean_Knob("useOutput", value=False), k.EvalString_Knob("output")],
    "LiveGroup": lambda: [k.File_Knob("file"), k.Boolean_Knob("reading", value=False), k.Boolean_Knob("published", value=False)],
    "Root": lambda: [k.Int_Knob("first_frame", value=1), k.Int_Knob("last_frame", value=100), k.File_Knob("project_directory")],
}  # fmt: skip
WITHOUT_DISABLE = ("JoinViews", "Root")


class Node:
    """A node. A deleted one raises ValueError on every call."""

    def __init__(self, app: App, kind: str, name: str, parent: Node | None) -> None:
        self.app, self._kind, self._name, self._parent = app, kind, name, parent
        self._inputs: list[Node | None] = []
        self._knobs: dict[str, k.Knob] = {}
        self._alive = True
        self.icon: tuple[Any, ...] | None = None
        for knob in [*([] if kind in WITHOUT_DISABLE else _common()), *CLASSES[kind]()]:
            self._adopt(knob)

    def _adopt(self, knob: k.Knob) -> None:
        knob._node = self
        self._knobs[knob.name()] = knob

    def _live(self) -> None:
        self.app.on_its_thread()
        if not self._alive:
            raise ValueError("A PythonObject is not attached to a node")

    def Class(self) -> str:
        self._live()
        return self._kind

    def name(self) -> str:
        self._live()
        return self._name

    def setName(self, name: str) -> None:
        self._live()
        self._name = name

    def fullName(self) -> str:
        self._live()
        above = self._parent.fullName() if self._parent is not None and self._parent._kind != "Root" else ""
        return f"{above}.{self._name}" if above else self._name

    def parent(self) -> Node | None:
        self._live()
        return self._parent

    def inputs(self) -> int:
        self._live()
        return max((i + 1 for i, each in enumerate(self._inputs) if each is not None), default=0)

    def input(self, i: int) -> Node | None:
        self._live()
        return self._inputs[i] if 0 <= i < len(self._inputs) else None

    def setInput(self, i: int, node: Node | None) -> bool:
        self._live()
        self._inputs.extend([None] * (i + 1 - len(self._inputs)))
        self._inputs[i] = node
        return True

    def knob(self, name: str) -> k.Knob | None:
        self._live()
        return self._knobs.get(name)

    def knobs(self) -> dict[str, k.Knob]:
        self._live()
        return dict(self._knobs)

    def __getitem__(self, name: str) -> Any:
        self._live()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def addKnob(self, knob: k.Knob) -> None:
        self._live()
        if self._kind in self.app.locked:
            raise RuntimeError(f"{self._kind} is locked")
        self._adopt(knob)

    def removeKnob(self, knob: k.Knob) -> None:
        self._live()
        if self._knobs.get(knob.name()) is not knob:
            raise ValueError("knob not found")
        del self._knobs[knob.name()]

    def setSelected(self, on: bool) -> None:
        self._live()
        self["selected"].fromScript("true" if on else "false")

    def setCustomIcon(self, image: str, scale: float, x: int, y: int) -> bool:
        self._live()
        assert os.path.isfile(image), f"there is no icon {image}"
        self.icon = (image, scale, x, y)
        return True

    def clearCustomIcon(self) -> None:
        self._live()
        self.icon = None

    def metadata(self, key: str | None = None) -> Any:
        """Validates everything upstream. In a callback that runs while scripts load it broke them."""
        self._live()
        self.app.metadata_calls += 1
        if self.app.inside:
            self.app.violations.append(f"metadata() in {self.app.inside[-1]}")
        from tests.doubles.nuke_render import metadata_of

        found = metadata_of(self, self.app.now)
        return found if key is None else found.get(key)


class Group(Node):
    """A group: its own nodes, and the Output that it gives out."""

    def __init__(self, app: App, kind: str, name: str, parent: Node | None) -> None:
        super().__init__(app, kind, name, parent)
        self.members: list[Node] = []

    def nodes(self) -> list[Node]:
        self._live()
        return list(self.members)

    def node(self, name: str) -> Node | None:
        return next((each for each in self.members if each.name() == name), None)

    def output(self) -> Node | None:
        self._live()
        return next((each for each in self.members if each.Class() == "Output"), None)

    def __enter__(self) -> Group:
        self.app.groups.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.app.groups.pop()


class Gizmo(Group):
    """A group that an installed file defines."""


class Precomp(Group):
    """A script within the script."""


class LiveGroup(Precomp):
    """A shared one."""


class Root(Group):
    """The script itself; ``name`` is its file."""

    def name(self) -> str:
        return self._name


_KINDS: dict[str, type[Node]] = {"Group": Group, "CatteryModel": Gizmo, "Precomp": Precomp, "LiveGroup": LiveGroup}


class Panel:
    """nuke.Panel: what the artist types is told beforehand, as App.answers."""

    def __init__(self, app: App, title: str) -> None:
        self.app, self.title = app, title
        self.lines: dict[str, str] = {}

    def addSingleLineInput(self, name: str, value: str) -> None:
        self.lines[name] = value

    def show(self) -> bool:
        if not self.app.gui:
            raise RuntimeError("no panels in a terminal")
        if not self.app.answers:
            self.app.violations.append(f"a panel popped up that nobody asked for: {self.title}")
            return False
        answer = self.app.answers.pop(0)
        if answer is None:
            return False
        assert len(answer) == len(self.lines), (answer, self.lines)
        self.lines = dict(zip(self.lines, answer, strict=True))
        return True

    def value(self, name: str) -> str:
        return self.lines[name]


class Menu:
    """A menu; commands by path."""

    def __init__(self) -> None:
        self.commands: dict[str, Callable[[], object]] = {}
        self.menus: dict[str, Menu] = {}

    def addMenu(self, name: str) -> Menu:
        return self.menus.setdefault(name, Menu())

    def addCommand(self, path: str, command: Callable[[], object], shortcut: str = "") -> None:
        assert callable(command)
        self.commands[path] = command


class Undo:
    """nuke.Undo(): as a context."""

    def __enter__(self) -> Undo:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _Nodes:
    """nuke.nodes.Class(...): makes a node without connecting it."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __getattr__(self, kind: str) -> Callable[..., Node]:
        if kind not in CLASSES:
            raise AttributeError(kind)

        def make(**values: Any) -> Node:
            node = self._app.make(kind)
            for name, value in values.items():
                node[name].fromScript(value) if isinstance(node[name], k.List_Knob) else node[name].setValue(value)
            return node

        return make


class _Strict(types.ModuleType):
    """A module that has what it was given, and nothing else."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the double of {self.__name__} knows no {name!r}")


HOOKS = (
    "UpdateUI",
    "OnDestroy",
    "BeforeRender",
    "AfterFrameRender",
    "AfterRender",
    "OnScriptLoad",
    "OnScriptSave",
    "OnScriptClose",
    "OnCreate",
    "KnobChanged",
    "Autolabel",
)
DEFAULTS = {
    "UpdateUI": "*",
    "OnDestroy": "*",
    "OnScriptLoad": "Root",
    "OnScriptSave": "Root",
    "OnScriptClose": "Root",
    "OnCreate": "*",
    "KnobChanged": "*",
    "Autolabel": "*",
}


class App:
    """One running Nuke."""

    def __init__(self, major: int = 16, gui: bool = True, custom_icons: bool = True) -> None:
        self.major, self.gui, self.docstrings_swapped = major, gui, False
        self.tcl = k.Tcl(self)
        self.violations: list[str] = []
        self.lines: list[str] = []
        self.answers: list[list[str] | None] = []
        self.locked: set[str] = set()
        self.inside: list[str] = []
        self.metadata_calls = 0
        self.now = 1
        self.view_names = ["main"]
        self.filters: list[Callable[[str], str | None]] = []
        self.callbacks: dict[str, dict[str, list[tuple[Any, ...]]]] = {hook: {} for hook in HOOKS}
        self.queue: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.timers: list[Callable[[], object]] = []
        self.menus = {name: Menu() for name in ("Nuke", "Pane", "Nodes")}
        self.panels: dict[str, str] = {}
        self.this: Node | None = None
        self.this_knob: k.Knob | None = None
        self.clipboard = ""
        self.zoomed = 0
        self.main_thread = threading.get_ident()
        self.custom_icons = custom_icons
        self.root = Root(self, "Root", "Root", None)
        self.groups: list[Group] = [self.root]
        self.nuke = self._module()

    # ------------------------------------------------------------ the module

    def _module(self) -> types.ModuleType:
        module = _Strict("nuke")
        node_class = Node if self.custom_icons else type("Node", (), {})
        values: dict[str, Any] = {
            "GUI": self.gui, "NUKE_VERSION_MAJOR": self.major, "NUKE_VERSION_MINOR": 0, "NUKE_VERSION_STRING": f"{self.major}.0v4",
            "INVISIBLE": k.INVISIBLE, "REPLACE": k.REPLACE, "Node": node_class, "Group": Group, "Gizmo": Gizmo, "Precomp": Precomp,
            "File_Knob": k.File_Knob, "String_Knob": k.String_Knob, "Tab_Knob": k.Tab_Knob, "Undo": Undo, "nodes": _Nodes(self),
            "root": self._root, "allNodes": self.all_nodes, "toNode": self.to_node, "selectedNodes": self.selected,
            "frame": lambda: self.now, "views": lambda: list(self.view_names), "thisNode": lambda: self.this,
            "thisClass": lambda: self.this.Class() if self.this is not None else "", "thisKnob": lambda: self.this_knob,
            "filename": self.filename, "filenameFilter": self.filename_filter, "tprint": self.tprint,
            "executeInMainThread": self.in_main_thread, "zoomToFitSelected": self.zoom, "autolabels": self.callbacks["Autolabel"],
            "execute": self.execute, "delete": self.delete, "menu": self.menu, "Panel": lambda title: Panel(self, title),
        }  # fmt: skip
        for hook in HOOKS:
            values[f"add{hook}"] = self._adder(hook)
        for name, value in values.items():
            setattr(module, name, value)
        return module

    def on_its_thread(self) -> None:
        """Nuke may be asked on its own thread only."""
        if threading.get_ident() != self.main_thread:
            self.violations.append("Nuke was asked on a thread that is not its own")

    def _root(self) -> Root:
        self.on_its_thread()
        return self.root

    def _adder(self, hook: str) -> Callable[..., None]:
        def add(
            call: Callable[..., object], args: Any = (), kwargs: Any = None, nodeClass: str = DEFAULTS.get(hook, "Write")
        ) -> None:
            if not callable(call):
                raise ValueError("call must be a callable")
            listed = self.callbacks[hook].setdefault(nodeClass, [])
            entry = (call, args if isinstance(args, tuple) else (args,), kwargs or {}, None)
            if entry in listed:
                listed.remove(entry)
            listed.append(entry)

        return add

    def fire(self, hook: str, node: Node, knob: k.Knob | None = None) -> None:
        """Run callbacks as Nuke does: the class's in the order of adding, then ``*``; one that raises stops the later ones."""
        before = self.this, self.this_knob
        self.this, self.this_knob = node, knob
        self.inside.append(hook)
        try:
            for key in (node.Class(), "*"):
                for call, args, kwargs, _ in list(self.callbacks[hook].get(key, ())):
                    call(*args, **kwargs)
        finally:
            self.inside.pop()
            self.this, self.this_knob = before

    def changed(self, knob: k.Knob) -> None:
        """KnobChanged, for a node whose panel is open; here every node's is."""
        node = knob.node()
        if knob.name() == "file_type" and node is not None and knob._value == "exr" and node.knob("metadata") is None:
            metadata = k.Enumeration_Knob("metadata", values=MODES)  # what a Write grows with its file type
            metadata._value = "default metadata"
            node._adopt(metadata)
        if node is not None and self.gui and not self.inside:
            self.fire("KnobChanged", node, knob)

    def autolabel(self, node: Node) -> str:
        """What stands on a node: the newest callback of its class that says anything, then of ``*``, else its name."""
        self.this = node
        self.inside.append("Autolabel")
        try:
            for key in (node.Class(), "*"):
                for call, args, kwargs, _ in self.callbacks["Autolabel"].get(key, [])[::-1]:
                    text = call(*args, **kwargs)
                    if text is not None:
                        return str(text)
            return node.name()
        finally:
            self.inside.pop()

    # ------------------------------------------------------------ nodes

    def make(self, kind: str, *inputs: Node | None, name: str | None = None, **values: Any) -> Node:
        """Create a node in the current group, connected, with knob values."""
        group = self.groups[-1]
        taken = {each.name() for each in group.members}
        chosen = name or next(n for i in itertools.count(1) if (n := f"{kind}{i}") not in taken)
        node = _KINDS.get(kind, Node)(self, kind, chosen, group)
        group.members.append(node)
        for i, each in enumerate(inputs):
            node.setInput(i, each)
        for knob, value in values.items():
            node[knob].fromScript(value) if isinstance(node[knob], k.List_Knob) else node[knob].setValue(value)
        if kind == "FrameHold" and "firstFrame" not in values:
            node["firstFrame"].fromScript("1")  # a fresh one differs from the default
        self.fire("OnCreate", node)
        return node

    def delete(self, node: Node) -> None:
        """Delete a node; references to it go stale."""
        parent = node.parent()
        assert isinstance(parent, Group)
        self.fire("OnDestroy", node)
        parent.members.remove(node)
        for each in parent.members:
            each._inputs = [None if i is node else i for i in each._inputs]
        node._alive = False

    def all_nodes(self, recurseGroups: bool = False) -> list[Node]:
        self.on_its_thread()
        found: list[Node] = []
        waiting: list[Node] = list(self.root.members)
        while waiting:
            node = waiting.pop()
            found.append(node)
            if recurseGroups and isinstance(node, Group):
                waiting.extend(node.members)
        return found

    def to_node(self, name: str) -> Node | None:
        node: Node | None = self.root
        for part in name.split("."):
            node = node.node(part) if isinstance(node, Group) else None
        return node

    def selected(self) -> list[Node]:
        return [node for node in self.all_nodes() if node.knob("selected") is not None and node["selected"].value()]

    def select(self, *nodes: Node) -> None:
        """What the artist clicks."""
        for node in self.all_nodes():
            if node.knob("selected") is not None:
                node.setSelected(node in nodes)

    # ------------------------------------------------------------ the rest of the module

    def with_frame(self, text: str) -> str:
        return re.sub(r"%0?(\d*)d", lambda match: f"{self.now:0{match[1] or 1}d}", text)

    def filename(self, node: Node, how: int = 0) -> str | None:
        knob = node.knob("file")
        if not isinstance(knob, k.File_Knob) or not knob._value:
            return None
        text = knob._expanded()
        return self.with_frame(text).replace("%V", self.view_names[0]) if how == k.REPLACE else text

    def filename_filter(self, name: str) -> str:
        for call in reversed(self.filters):
            name = call(name) or name
        return name

    def tprint(self, value: object, **_: Any) -> None:
        self.on_its_thread()
        self.lines.append(str(value))

    def execute(self, node: Node, first: int, last: int, step: int = 1) -> None:
        from tests.doubles.nuke_render import execute

        assert step == 1
        execute(self, node, first, last)

    def in_main_thread(self, call: Callable[..., object], args: Any = (), kwargs: Any = None) -> None:
        if threading.get_ident() == self.main_thread:
            self.violations.append("executeInMainThread from the main thread hangs Nuke")
            return
        self.queue.append((call, args if isinstance(args, tuple) else (args,)))

    def menu(self, name: str) -> Menu:
        if not self.gui:
            raise RuntimeError("no menus in a terminal")
        return self.menus[name]

    def zoom(self) -> None:
        self.zoomed += 1

    def draw(self) -> None:
        """Nuke is idle: every node is drawn, and UpdateUI runs for it."""
        for node in self.all_nodes():
            self.fire("UpdateUI", node)

    def idle(self) -> None:
        """Let timers and threads do their work, until nothing is left."""
        for _ in range(1000):
            for thread in [each for each in threading.enumerate() if each.name == "genai_tags"]:
                thread.join(10)
            if not (self.timers or self.queue):
                return
            timers, self.timers = self.timers, []
            for call in timers:
                call()
            queue, self.queue = self.queue, []
            for work, args in queue:
                work(*args)
        raise AssertionError("Nuke never comes to rest")

    # ------------------------------------------------------------ scripts

    def save(self, path: str) -> None:
        """Save the script. A callback that raises keeps it from being saved."""
        try:
            self.fire("OnScriptSave", self.root)
        except Exception as error:
            self.violations.append(f"onScriptSave raised {error!r}: the script cannot be saved")
            raise
        self.root._name = path
        with open(path, "w", encoding="utf-8") as stream:
            stream.write("#! /usr/local/Nuke/libnuke.so -nx\nversion 16.0 v4\n")
            stream.write(_body("Root", [("name", f'"{path}"'), *_saved(self.root)], ""))
            stream.write(self.text(self.root.members, ""))

    def text(self, nodes: Sequence[Node], indent: str) -> str:
        """Nodes as a script builds them on its stack."""
        names = {id(node): f"N{id(node):x}" for node in nodes}
        pieces = []
        for node in _in_order(nodes):
            inputs = [node.input(i) for i in range(node.inputs())]
            for each in reversed(inputs):
                pieces.append(f"push ${names[id(each)]}\n" if id(each) in names else "push 0\n")
            pieces.append(_body(node.Class(), [("inputs", str(len(inputs))), *_saved(node), ("name", node.name())], indent))
            if isinstance(node, Group) and (node.Class() == "Group" or (node.members and node.Class() != "CatteryModel")):
                pieces.append(self.text(node.members, indent + " "))
                pieces.append(f"{indent}end_group\n")
            pieces.append(f"set {names[id(node)]} [stack 0]\n")
        return "".join(pieces)

    def copy(self, *nodes: Node) -> None:
        """Copy nodes to the clipboard."""
        self.clipboard = "set cut_paste_input [stack 0]\n" + self.text(nodes, "")

    def paste(self) -> list[Node]:
        """Paste what was copied."""
        return self._build(self.clipboard)

    def open(self, path: str) -> None:
        """Close the script and open another; callbacks run while nodes are made."""
        self.fire("OnScriptClose", self.root)
        for node in self.all_nodes(recurseGroups=True):
            node._alive = False
        self.root = Root(self, "Root", path, None)
        self.groups = [self.root]
        with open(path, encoding="utf-8") as stream:
            self._build(stream.read())
        self.fire("OnScriptLoad", self.root)

    def _build(self, text: str) -> list[Node]:
        stacks: list[list[Node | None]] = [[]]
        names: dict[str, Node | None] = {}
        made: list[Node] = []
        for command in nk.commands(text, "a script"):
            words = [word.text for word in command.words]
            if words[0] == "end_group":
                self.groups.pop()
                stacks.pop()
            elif words[0] == "push":
                stacks[-1].append(names.get(words[1].lstrip("$")))
            elif words[0] == "set":
                names[words[1]] = stacks[-1][-1] if stacks[-1] else None
            elif words[0] in ("Root", *CLASSES):
                body = {each.name: each.words for each in nk.commands(words[1], "a node")}
                if words[0] == "Root":
                    _load(self.root, body)
                    continue
                count = int(body["inputs"][1].text)
                inputs = [stacks[-1].pop() for _ in range(count)]
                taken = {each.name() for each in self.groups[-1].members}
                name = body["name"][1].text
                node = self.make(words[0], *inputs, name=name if name not in taken else None)
                _load(node, body)
                made.append(node)
                stacks[-1].append(node)
                if words[0] == "Group" or (words[0] in GROUPS and command.indent < _next_indent(text, command.line)):
                    assert isinstance(node, Group)
                    self.groups.append(node)
                    stacks.append([])
        return made


def _next_indent(text: str, line: int) -> int:
    """How far the first line behind a node's body is indented."""
    lines = text.splitlines()[line:]
    behind = list(itertools.dropwhile(lambda each: each.strip() != "}", lines))[1:]
    following = next((each for each in behind if each.strip() and not each.startswith(("push", "set"))), "")
    return len(following) - len(following.lstrip())


def _in_order(nodes: Sequence[Node]) -> Iterator[Node]:
    """Every node behind what is connected to it."""
    done: set[int] = set()
    wanted = {id(node) for node in nodes}
    stack = [(node, False) for node in reversed(nodes)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done or id(node) not in wanted:
            continue
        if ready:
            done.add(id(node))
            yield node
        else:
            stack.append((node, True))
            stack.extend((each, False) for i in range(node.inputs()) if (each := node.input(i)) is not None)


def _saved(node: Node) -> list[tuple[str, str]]:
    """The knobs that differ from a fresh node's, user knobs with their definition."""
    fresh = {knob.name(): knob.toScript() for knob in [*_common(), *CLASSES[node.Class()]()]}
    found: list[tuple[str, str]] = []
    for name, knob in node.knobs().items():
        text = knob.toScript()
        if name == "selected" or fresh.get(name) == text:
            continue
        if name not in fresh and name != "metadata":
            number = 20 if isinstance(knob, k.Tab_Knob) else 1
            hidden = " +INVISIBLE" if knob.getFlag(k.INVISIBLE) else ""
            found.append(("addUserKnob", "{" + f"{number} {name} l {knob.label()}{hidden}" + "}"))
            if number == 20:
                continue
        braced = isinstance(knob, k.List_Knob)
        found.append(
            (
                name,
                "{" + text + "}"
                if braced
                else text
                if text.startswith("{") or re.fullmatch(r"[\w./%:-]+", text)
                else _quoted(text),
            )
        )
    return found


def _quoted(text: str) -> str:
    return '"' + re.sub(r'([\\"\[\]$])', r"\\\1", text) + '"'


def _body(kind: str, pairs: Sequence[tuple[str, str]], indent: str) -> str:
    lines = "".join(f"{indent} {name} {value}\n" for name, value in pairs)
    return f"{indent}{kind} {{\n{lines}{indent}}}\n"


def _load(node: Node, body: dict[str, Any]) -> None:
    """Set knobs as a script being read does: without KnobChanged."""
    for name, words in body.items():
        if name in ("inputs", "name"):
            continue
        if name == "addUserKnob":
            continue
        knob = node.knob(name)
        if knob is None:
            knob = k.Enumeration_Knob(name, values=MODES) if name == "metadata" else k.String_Knob(name, "GenAI")
            if name != "metadata":
                knob.setFlag(k.INVISIBLE)
            node._adopt(knob)
        knob.fromScript("{" + words[1].text + "}" if words[1].braced and not isinstance(knob, k.List_Knob) else words[1].text)
