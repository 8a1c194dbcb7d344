"""What a walk found, as plain data: so that headers can be read on another thread than the host's own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from genai_tags.comp import nk
from genai_tags.comp.graph import Node
from genai_tags.comp.knowledge import Learned, known
from genai_tags.comp.walk import EVERY, Span, Visit
from genai_tags.errors import InputError, Problem
from genai_tags.stubs import KEY_ENCODED

KNOB = "genai_tags"
"""The hidden knob that holds a node's own set."""
_ENCODED = re.compile(r"gt1-[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A node that brings something into an output.

    ``path`` is what it reads, as the host resolves it (``%V`` and frame patterns still in it). ``texts`` are the sets that the
    node itself holds, encoded. ``learned`` is set where the node passes pictures through a model, or what it reads was made by one;
    ``model`` names that. ``groups`` are the keys of the groups around it, on which it may be declared too.
    """

    key: str
    kind: str
    span: Span
    path: str | None = None
    texts: tuple[str, ...] = ()
    learned: Learned | None = None
    model: str | None = None
    groups: tuple[str, ...] = ()
    problem: Problem | None = None

    @property
    def reads(self) -> bool:
        """Whether it reads media."""
        return self.path is not None or self.problem is not None


def elements(visits: Iterable[Visit]) -> list[Element]:
    """The visits that bring media, tags or a model; the others only work on what is there."""
    found = []
    for visit in visits:
        node = visit.node
        texts = tuple(_texts(node)) if visit.works else ()
        learned = known().learned(node.kind) if visit.works else None
        unseen = node.unseen() if visit.works and visit.reads is None and not texts else None
        if visit.reads is None and not texts and learned is None and unseen is None:
            continue
        path, problem = _path(node, visit.reads) if visit.reads else (None, unseen)
        if visit.reads and path is None and problem is None and not texts:
            continue  # a reader without a file reads nothing
        model = node.text(learned.model) if learned and learned.model else None
        found.append(
            Element(
                key=node.key, kind=node.kind, span=_span(node, visit), path=path, texts=texts, learned=learned,
                model=re.split(r"[\\/]", model)[-1] or None if model else None, groups=_around(node.key), problem=problem,
            )
        )  # fmt: skip
    return found


def _around(key: str) -> tuple[str, ...]:
    """The groups around a node: ``A`` and ``A.B`` for ``A.B.C``."""
    parts = key.split(".")
    return tuple(".".join(parts[:i]) for i in range(1, len(parts)))


def _texts(node: Node) -> list[str]:
    own = node.raw(KNOB).strip().strip('"{}')
    found = [own] if own else []
    if node.kind == "ModifyMetaData":
        found.extend(_in_metadata(node.raw("metadata")))
    return found


def _in_metadata(text: str) -> list[str]:
    """The sets among what a ModifyMetaData sets: Hiero's exporter writes tags of shots and clips there."""
    try:
        actions = [nk.words(each.text) for each in nk.words(text)]
    except InputError:
        return _ENCODED.findall(text)
    return [
        a[2].text
        for a in actions  # what we carry through Nuke ourselves repeats what is above, as it was once
        if len(a) == 3 and a[0].text == "set" and _ENCODED.fullmatch(a[2].text) and not a[1].text.endswith(KEY_ENCODED)
    ]


def _path(node: Node, knob: str) -> tuple[str | None, Problem | None]:
    text = node.text(knob)
    if text is not None and text.strip():
        return text.strip(), None
    raw = node.raw(knob).strip()
    if not raw:
        return None, None
    return None, Problem(
        node.key,
        f"reads {raw[:120]!r}, which only Nuke can evaluate (or an environment variable that is not set here)",
        "path_unknown",
    )


def _span(node: Node, visit: Visit) -> Span:
    """The frames of its file that a reader may show. Its own first and last frame bound it; what is beyond them is held or black."""
    span = visit.span
    if visit.reads is None:
        return span
    first, last = (_number(node, name) for name in ("first", "last"))
    if node.kind not in ("Read", "DeepRead") or first is None or last is None or last < first:
        return span
    moved = node.raw("frame").strip().strip('"{}') or node.text("frame_mode") in ("start at", "offset")
    loops = {node.text("before"), node.text("after")} & {"loop", "bounce"}
    if moved or loops or span.is_every:
        return Span(first, last)
    return Span(min(max(span.first, first), last), max(min(span.last, last), first))


def _number(node: Node, knob: str) -> int | None:
    values = node.values(knob, 0, 0)
    return round(next(iter(values))) if values and len(values) == 1 else None


_VIEW = re.compile(r"%V|%v")


def with_views(path: str, views: Iterable[str]) -> list[str]:
    """A path for each view: ``%V`` is the view's name, ``%v`` its first letter."""
    if not _VIEW.search(path):
        return [path]
    return list(dict.fromkeys(path.replace("%V", view).replace("%v", view[:1]) for view in views)) or [path]


def placed(path: str, folder: str) -> str:
    """A path with forward slashes made this system's, relative ones below a folder."""
    return os.path.join(folder, path) if folder and not re.match(r"[A-Za-z]:[\\/]|[\\/]", path) else path


__all__ = ["EVERY", "KNOB", "Element", "elements", "placed", "with_views"]
