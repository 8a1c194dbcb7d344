"""What Nuke's session knows: the show of the open script, and what was found out about its outputs. Nothing here draws."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import nuke

from genai_tags.comp.keptshow import KeptShow
from genai_tags.comp.output import Judge, Output, Plan, plan_of
from genai_tags.comp.walk import Span
from genai_tags.show import Show
from genai_tags_nuke.graph import Graph, file_of
from genai_tags_nuke.log import warn

WRITERS = ("Write", "DeepWrite")


def script_path() -> str | None:
    """The open script's file; None where it was never saved."""
    name = str(nuke.root().name())
    return name if os.path.isabs(name) else None


def script_folder() -> str:
    """What relative paths are relative to."""
    stated = str(nuke.root()["project_directory"].evaluate() or "")
    path = script_path()
    return os.path.join(os.path.dirname(path) if path else os.getcwd(), stated)


SESSION = KeptShow(
    lambda: os.path.dirname(script_path() or "") or os.getcwd(), warn,
    "no show is open, so nothing can be judged or stopped: set GENAI_SHOW, or save the script below the show's folder",
)  # fmt: skip


def judged(show: Show | None, plans: Iterable[Plan], *, glance: bool) -> list[Output]:
    """Judge plans. It asks Nuke for nothing, and may run on any thread."""
    judge = Judge(show, glance=glance)
    return [judge.output(plan) for plan in plans]


def writes() -> list[Any]:
    """The nodes that write and are on."""
    found = [node for node in nuke.allNodes(recurseGroups=True) if node.Class() in WRITERS]
    return [node for node in found if not _is_on(node, "disable") and not _is_on(node, "reading")]


def _is_on(node: Any, knob: str) -> bool:
    found = node.knob(knob)
    return found is not None and bool(found.value())


def plan(write: Any, graph: Graph | None = None, span: Span | None = None) -> Plan:
    """What reaches a Write over its whole range: its own limits, else the script's, never one farm task's chunk."""
    span = span or span_of(write)
    file = write.knob("file")
    path = file_of(write, file) if file is not None else ""
    folder = script_folder()
    node = (graph or Graph()).node(write)
    return plan_of(node, os.path.join(folder, path) if path else None, span, folder=folder, views=tuple(nuke.views()))


def span_of(node: Any) -> Span:
    """The range of a Write, or of the script."""
    root = nuke.root()
    first, last = int(root["first_frame"].value()), int(root["last_frame"].value())
    if _is_on(node, "use_limit"):
        first, last = int(node["first"].value()), int(node["last"].value())
    return Span(min(first, last), max(first, last))
