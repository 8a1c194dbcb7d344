"""Where tags stand, kept between redraws: judged when the show's book, rules or register changed, looked for once a second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import bpy

from genai_tags.errors import GenAITagsError
from genai_tags.model import Record, Stub
from genai_tags.private import whole
from genai_tags.show import Show
from genai_tags.status import BADGES, Status
from genai_tags.validity import Context

from . import compat, glance, nodes, redraw, store
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
        self.show: Show | None = None
        self.day: object = None
        self.asked = -_SECOND
        self.by_stub: dict[Stub, Status] = {}
        self.by_text: dict[str, Status] = {}
        self.listed: list[Listed] | None = None


_KEPT = _Kept()
_TURN = [0]
"""Counts what made everything judged before untrue."""


def turn() -> int:
    """Another number where everything must be judged anew: the show's book or rules changed, a day began, another file was opened."""
    _look()
    return _TURN[0]


def forget() -> None:
    """Another file is open, or the extension goes."""
    _KEPT.__init__()  # type: ignore[misc]
    _TURN[0] += 1
    glance.forget()


def look_again() -> None:
    """Something was recorded just now."""
    _KEPT.asked = -_SECOND
    SESSION.show()  # whoever recorded it waits for it anyway


def status_of_stub(stub: Stub) -> Status:
    """Where a tag that something holds stands, on the worst of its uses: in the revision that is held, and as it stands now."""
    _look()
    if stub not in _KEPT.by_stub:
        _KEPT.by_stub[stub] = _judge(_KEPT.show, stub)
    return _KEPT.by_stub[stub]


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
        found = [status_of_stub(stub) for stub in tags.stubs]
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
    tag, badge = record.tag, BADGES[_judge(_KEPT.show, Stub(id=record.id, revision=record.revision))]
    tools = dict.fromkeys(" ".join(filter(None, (step.tool, step.model))) for step in tag.steps or ())
    shots = ", ".join(dict.fromkeys(use.shot for use in record.uses if use.shot))
    what = tag.element or str(tag.use_case or "").replace("_", " ")
    words = " | ".join(filter(None, (what, shots, ", ".join(filter(None, tools)), badge.text, record.id)))
    return shots, Listed(record.id, " ".join(words.split())[:200])


def _look() -> None:
    """Whether the show is still the one that was judged by, and the day."""
    now = time.monotonic()
    if now - _KEPT.asked < _SECOND:
        return
    show = SESSION.show() if bpy.app.background else SESSION.meanwhile()
    if SESSION.is_opening():
        redraw.soon(0.3)
    day = show.today() if show is not None else None
    if show is not _KEPT.show or day != _KEPT.day:
        _KEPT.by_stub.clear()
        _KEPT.by_text.clear()
        _KEPT.listed = None
        _TURN[0] += 1
        glance.forget()
    _KEPT.show, _KEPT.day, _KEPT.asked = show, day, now


def _judge(show: Show | None, stub: Stub) -> Status:
    if show is None or not show.holds(stub):
        return Status.UNRESOLVED
    context = Context(as_of=show.today(), territories=show.config.territories)
    try:
        found = show.judge_uses(stub.id, context)
        current = show.current(stub.id, show.today())
        if current is not None and current.record.revision != stub.revision:
            found = [*found, *show.judge(stub.id, context, revision=stub.revision)]
    except GenAITagsError as error:  # a pack or the register cannot be read
        SESSION.tell_once(f"nothing can be judged: {error}")
        return Status.UNRESOLVED
    return max((each.verdict.status for each in found), key=lambda status: status.rank, default=Status.UNRESOLVED)
