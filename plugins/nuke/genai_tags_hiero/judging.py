"""Where an item stands: its own tag, its clip's, what its media carries and what the ledger says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

import hiero.core

from genai_tags.carriers.host import encode_text
from genai_tags.comp.elements import Element
from genai_tags.comp.output import Judge, Output, Plan
from genai_tags.comp.walk import EVERY, Span
from genai_tags.errors import GenAITagsError
from genai_tags.show import Show
from genai_tags_hiero import items
from genai_tags_hiero.log import say

_RANGE = re.compile(r"\s*\(\d+(?:-\d+)?\)$")


def show_of(project: Any) -> Show | None:
    """The show that a project belongs to: GENAI_SHOW, else upward from where the project lies."""
    path = str(project.path() or "")
    try:
        return Show.open(beside=os.path.dirname(path) if path else None)
    except (GenAITagsError, OSError) as error:
        say(f"no show is open, so nothing can be judged: {error}", "WARN")
        return None


def clip_of(item: Any) -> Any | None:
    """The clip behind a track item, or a clip itself; None for what has none (an effect, a nested sequence)."""
    if isinstance(item, hiero.core.TrackItem):
        source = item.source()
        return source if isinstance(source, hiero.core.Clip) else None
    return item if isinstance(item, hiero.core.Clip) else None


def media_of(clip: Any) -> tuple[str | None, int]:
    """The file of a clip, as Nuke writes sequences, and its first frame."""
    infos = clip.mediaSource().fileinfos()
    if not infos:
        return None, 0
    return _RANGE.sub("", str(infos[0].filename())), int(infos[0].startFrame())


def plan_of(item: Any) -> Plan | None:
    """An item as something to judge."""
    clip = clip_of(item)
    if clip is None:
        return None
    path, first = media_of(clip)
    span = EVERY
    if isinstance(item, hiero.core.TrackItem):
        ends = int(item.sourceIn()), int(item.sourceOut())
        span = Span(first + min(ends), first + max(ends))
    texts = [encode_text(items.get(each)[0]) for each in ([item] if item is clip else [item, clip])]
    element = Element(key=item.name(), kind="TrackItem", span=span, path=path, texts=tuple(text for text in texts if text))
    return Plan(name=item.name(), path=_named(item, path), span=span, elements=(element,))


def _named(item: Any, path: str | None) -> str | None:
    """What names shot and version: the media's file, else the item itself."""
    return path or item.name()


def judged(found: Iterable[Any], show: Show | None) -> list[tuple[Any, Output]]:
    """Every item that can be judged, with what came of it."""
    judge = Judge(show, glance=True)
    plans = [(item, plan_of(item)) for item in found]
    return [(item, judge.output(plan)) for item, plan in plans if plan is not None]
