"""XML of cuts as light nodes that know their line, read with nothing of it taken on trust: no entities, no endless nesting."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from genai_tags.errors import InputError
from genai_tags.lines import MAX_BYTES

MAX_DEPTH = 400
"""Elements in one another; nested sequences of real files stay below 60."""


MAX_NODES = 2_000_000
"""Elements in a file; a feature of 10,000 clips has some 600,000."""


@dataclass(slots=True)
class Node:
    """An element: its tag, attributes, children, text (stripped) and the line that it begins on."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def find(self, *path: str) -> Node | None:
        """The first element along a path of tags."""
        found: Node | None = self
        for tag in path:
            found = next((each for each in found.children if each.tag == tag), None) if found is not None else None
        return found

    def all(self, *tags: str) -> Iterator[Node]:
        """The children of these tags, in their order."""
        return (each for each in self.children if each.tag in tags)

    def words(self, *path: str) -> str:
        """The text along a path; empty where that is nothing."""
        found = self.find(*path)
        return found.text if found is not None else ""

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)

    def below(self) -> Iterator[Node]:
        """Itself and everything in it, in file order."""
        waiting = [self]
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(reversed(each.children))


def parse(data: bytes, source: str) -> Node:
    """The root element. Raises InputError, with the line, for what is no XML, holds entities, or nests too deep."""
    if len(data) > MAX_BYTES:
        raise InputError(source, f"is {len(data)} bytes; at most {MAX_BYTES} are read")
    parser = expat.ParserCreate()
    top = Node("", {}, 0)
    stack, texts = [top], [[""]]
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_NODES:
            raise InputError(source, f"line {parser.CurrentLineNumber}: holds more than {MAX_NODES} elements")
        if len(stack) > MAX_DEPTH:
            raise InputError(source, f"line {parser.CurrentLineNumber}: nests deeper than {MAX_DEPTH} elements")
        node = Node(tag, attributes, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)
        texts.append([])

    def end(_: str) -> None:
        stack.pop().text = "".join(texts.pop()).strip()

    def refuse(name: str, *_: object) -> None:
        raise InputError(source, f"line {parser.CurrentLineNumber}: declares the entity {name!r}; a cut needs none")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: texts[-1].append(text)
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(source, f"line {error.lineno}: is no XML ({expat.errors.messages[error.code]})") from None
    except (LookupError, ValueError) as error:
        raise InputError(source, f"is in an encoding that is not known ({error})") from None
    return top.children[0]


def load(path: str, inside: str = "") -> Node:
    """The root element of a file, or of a file ``inside`` where the path is a bundle's folder. Raises InputError."""
    place = os.path.join(path, inside) if inside and os.path.isdir(path) else path
    try:
        with open(place, "rb") as stream:
            return parse(stream.read(MAX_BYTES + 1), path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
