"""What is known of node classes, from ``nodes.yaml``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from genai_tags.strict import load_yaml
from genai_tags.vocabulary import AIClass, Operation


@dataclass(frozen=True, slots=True)
class Learned:
    """A node class that passes pictures through a trained model. ``model`` is the knob that names the model."""

    tool: str
    model: str | None = None
    ai_class: AIClass | None = None
    operation: Operation | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What ``nodes.yaml`` says."""

    sources: Mapping[str, str]
    pictures: frozenset[str]
    readers: frozenset[str]
    time: frozenset[str]
    metadata_inputs: Mapping[str, frozenset[int]]
    mixing: frozenset[str]
    ml: Mapping[str, Learned]
    training: frozenset[str]
    own: tuple[str, ...]

    def learned(self, kind: str) -> Learned | None:
        """What is known of a class that runs a model; None where it is none."""
        return self.ml.get(kind) or self.ml.get(unnumbered(kind))

    def is_own(self, kind: str) -> bool:
        """Whether a class is one of Nuke's own: by its name without the number of its version."""
        return _is_own(self.own, kind)


def unnumbered(kind: str) -> str:
    """A class without the number of its version: ``Merge2``, ``C_Blender2_1``."""
    return re.sub(r"[1-4](?:_\d)?$", "", kind)


@cache
def _is_own(own: tuple[str, ...], kind: str) -> bool:
    plain = unnumbered(kind)
    families = tuple(name[:-1] for name in own if name.endswith("*"))
    return kind in own or plain in own or kind.startswith(families)


@cache
def known() -> Knowledge:
    """Read once."""
    path = os.path.join(os.path.dirname(__file__), "nodes.yaml")
    with open(path, encoding="utf-8") as stream:
        data: dict[str, Any] = load_yaml(stream.read(), path, trusted=True)
    return Knowledge(
        sources=data["sources"], pictures=frozenset(data["pictures"]), readers=frozenset(data["readers"]), time=frozenset(data["time"]),
        metadata_inputs={name: frozenset(map(int, slots)) for name, slots in data["metadata_inputs"].items()},
        mixing=frozenset(data["mixing"]), ml={name: _learned(each) for name, each in data["ml"].items()},
        training=frozenset(data["training"]), own=tuple(data["own"]),
    )  # fmt: skip


def _learned(data: Mapping[str, str]) -> Learned:
    ai_class, operation = data.get("ai_class"), data.get("operation")
    return Learned(
        data["tool"], data.get("model"), AIClass(ai_class) if ai_class else None, Operation(operation) if operation else None
    )
