"""Where tags stand, kept between redraws: judged when the show's book, rules or register changed, looked for once a second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from genai_tags.model import Record
from genai_tags.private import whole
from genai_tags.show import Show
from genai_tags.status import BADGES, Status
from genai_tags.validity import Context

from . import compat, glance, nodes, store
from .session import SESSION

SETTLED = (Status.ALLOWED, Status.APPROVED, Status.CLEAN, Status.CLEAN_INFERRED, Status.OUTSIDE_SCOPE)
_SECOND = 1.0
_MOST = 100_000


@dataclass(frozen=True)
class Listed:
    """A tag of the show in one line that can be searched."""

    id: str
    line: str


class _Kept:
    def __init__(self) -> None:
        self.show: Any = None
        self.stamp: object = None
        self.asked = -_SECOND
        self.by_tag: dict[str, Status] = {}
        self.by_text: dict[str, Status] = {}
        self.listed: list[Listed] | None = None


_KEPT = _Kept()


def forget() -> None:
    """Another file is open, or the extension goes."""
    _KEPT.__init__()  # type: ignore[misc]
    glance.forget()


def look_again() -> None:
    """Something was recorded just now."""
    _KEPT.asked = -_SECOND


def status_of_tag(tag_id: str) -> Status:
    """Where a tag stands, on the worst of its uses."""
    _look()
    if tag_id not in _KEPT.by_tag:
        _KEPT.by_tag[tag_id] = _judge(_KEPT.show, tag_id)
    return _KEPT.by_tag[tag_id]


def status_of(block: Any) -> Status | None:
    """Where a strip, node or datablock stands: the worst of its own tags, of those that its media carries, and of what it holds; None
    where nobody said anything."""
    _look()
    held = compat.strips(block) if getattr(block, "type", "") == "META" else nodes.media(block)
    return glance.worst((_of_own(block), glance.look(block, _KEPT.show).status, *map(status_of, held)))


def of_media(block: Any) -> tuple[tuple[str, Status], ...]:
    """The tags that the media of a strip, node or datablock carries, and where each stands."""
    _look()
    return tuple(dict.fromkeys(tag for each in (block, *nodes.media(block)) for tag in glance.look(each, _KEPT.show).tags))


def _of_own(block: Any) -> Status | None:
    """Where a datablock's own set stands."""
    text = store.text(block)
    if not text:
        return None
    if text not in _KEPT.by_text:
        if len(_KEPT.by_text) > _MOST:
            _KEPT.by_text.clear()
        tags, problems = store.get(block)
        found = [status_of_tag(stub.id) for stub in tags.stubs]
        found += [Status.UNRESOLVED] if problems or tags.more or tags.undeclared or not found else []
        _KEPT.by_text[text] = max(found, key=lambda status: status.rank)
    return _KEPT.by_text[text]


def listed(show: Show | None) -> list[Listed]:
    """Every tag of the show, by its shots. Somebody asked for a list: private element names are read for it here, and kept."""
    _look()
    if show is None:
        return []
    if _KEPT.listed is None or show is not _KEPT.show:
        entries = (show.current(tag_id, show.today()) for tag_id in show.state.entries)
        lines = [_line(whole(show, entry)) for entry in entries if entry is not None]
        _KEPT.listed = [each for _, each in sorted(lines, key=lambda pair: pair[0])]
    return _KEPT.listed


def _line(record: Record) -> tuple[str, Listed]:
    tag, badge = record.tag, BADGES[status_of_tag(record.id)]
    tools = dict.fromkeys(" ".join(filter(None, (step.tool, step.model))) for step in tag.steps or ())
    shots = ", ".join(dict.fromkeys(use.shot for use in record.uses if use.shot))
    what = tag.element or str(tag.use_case or "").replace("_", " ")
    words = " | ".join(filter(None, (what, shots, ", ".join(filter(None, tools)), badge.text, record.id)))
    return shots, Listed(record.id, " ".join(words.split())[:200])


def _look() -> None:
    """Whether the show is still the one that was judged by."""
    now = time.monotonic()
    if now - _KEPT.asked < _SECOND:
        return
    show = SESSION.show()
    stamp = show.stamp() if show is not None else None
    if show is not _KEPT.show or stamp != _KEPT.stamp:
        _KEPT.by_tag.clear()
        _KEPT.by_text.clear()
        _KEPT.listed = None
        glance.forget()
    _KEPT.show, _KEPT.stamp, _KEPT.asked = show, stamp, now


def _judge(show: Any, tag_id: str) -> Status:
    entry = show.current(tag_id, show.today()) if show is not None else None
    if entry is None:
        return Status.UNRESOLVED
    context = Context(as_of=show.today(), territories=show.config.territories)
    found = show.judge_uses(tag_id, context)
    return max((each.verdict.status for each in found), key=lambda status: status.rank, default=Status.UNRESOLVED)
