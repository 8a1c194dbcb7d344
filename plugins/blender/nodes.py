"""Node trees: which nodes reach an output, and which datablocks those bring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

_OUTPUTS = frozenset(
    (
        "OUTPUT_MATERIAL", "OUTPUT_WORLD", "OUTPUT_LIGHT", "OUTPUT_LINESTYLE", "OUTPUT_AOV", "COMPOSITE", "OUTPUT_FILE", "GROUP_OUTPUT", "OUTPUT"
    )
)  # fmt: skip
_POINTERS = ("image", "clip", "mask", "scene", "object", "collection", "material", "texture", "node_tree", "script", "ies")


def reaching(tree: Any) -> Iterator[Any]:
    """The nodes that reach an output of a tree, each once. Muted ones pass on what is connected to them, and are not among them.
    Viewers reach no output. A tree without any output gives all of its nodes: what is not known counts."""
    sources: dict[Any, list[Any]] = {}
    for link in tree.links:
        if not link.is_muted:
            sources.setdefault(link.to_node, []).append(link.from_node)
    ends = [node for node in tree.nodes if node.type in _OUTPUTS and not node.mute]
    todo, seen = ends or list(tree.nodes), set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        if not node.mute:
            yield node
        todo.extend(sources.get(node, ()))


def media(block: Any) -> Iterator[Any]:
    """The image or clip that a node shows; nothing of what is no node."""
    if isinstance(block, bpy.types.Node):
        for name in ("image", "clip"):
            found = getattr(block, name, None)
            if isinstance(found, (bpy.types.Image, bpy.types.MovieClip)):
                yield found


def brings(node: Any) -> Iterator[Any]:
    """The datablocks that a node names, in its own properties and in its sockets."""
    for name in _POINTERS:
        found = getattr(node, name, None)
        if isinstance(found, bpy.types.ID):
            yield found
    for socket in node.inputs:
        found = getattr(socket, "default_value", None)
        if isinstance(found, bpy.types.ID) and not socket.is_linked:
            yield found
