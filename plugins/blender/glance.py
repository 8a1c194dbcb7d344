"""What the media of strips, images and clips carries: looked at beside Blender's own thread, kept, and drawn from what is kept.

The thread gets plain data and touches nothing of Blender. Media is looked at again where the show's book changed, after a render,
by "Check for GenAI", and when another file is opened.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import bpy

from genai_tags.comp.elements import Element
from genai_tags.comp.output import Judge, Output, Plan
from genai_tags.comp.walk import EVERY, Span
from genai_tags.show import Show
from genai_tags.status import Status

from . import detect, redraw, store
from .log import guarded, warn
from .paths import NUMBER, numbered

_AGE = 300.0
"""Seconds after which media is looked at again: a farm may have rendered it anew."""
_POLL = 0.2
"""Seconds between looks at whether the thread found something."""


@dataclass(frozen=True)
class Seen:
    """What media carries: the worst status (None where nobody said anything of it), and its tags with theirs."""

    status: Status | None
    tags: tuple[tuple[str, Status], ...] = ()


NOTHING = Seen(None)


class _Reader:
    """A thread that lives as long as there is something to look at."""

    def __init__(self) -> None:
        self.seen: dict[Element, tuple[Seen, float]] = {}
        self._asked: dict[Element, None] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._show: Show | None = None
        self._stops = False
        self._round = 0
        """Counts how often everything was forgotten: what was begun before does not count any more."""
        self.news = False

    def look(self, element: Element, show: Show | None) -> Seen:
        """What is known of it now; it is looked at soon where that is nothing yet."""
        kept = self.seen.get(element)
        if kept is not None and time.monotonic() - kept[1] < _AGE:
            return kept[0]
        self._show = show
        if bpy.app.background:
            self.seen[element] = self._judged(Judge(show, glance=True), element), time.monotonic()
            return self.seen[element][0]
        with self._lock:
            self._asked[element] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="genai_tags", daemon=True)
                self._thread.start()
        _watch()
        return kept[0] if kept is not None else NOTHING

    def is_busy(self) -> bool:
        """Whether something is still being looked at."""
        return self._thread is not None

    def forget(self) -> None:
        """Look at everything anew."""
        with self._lock:
            self._asked.clear()
            self._round += 1
            self.seen.clear()

    def stop(self) -> None:
        """End the thread: none may be left when Blender goes."""
        self._stops = True
        thread = self._thread
        if thread is not None:
            thread.join(5.0)

    def _run(self) -> None:
        judge = Judge(self._show, glance=True)
        while True:
            with self._lock:
                element = None if self._stops else next(iter(self._asked), None)
                if element is None:
                    self._thread = None
                    return
                del self._asked[element]
                begun = self._round
            if judge.show is not self._show:
                judge = Judge(self._show, glance=True)
            found = self._judged(judge, element)
            with self._lock:
                if begun == self._round:
                    self.seen[element] = found, time.monotonic()
            self.news = True

    def _judged(self, judge: Judge, element: Element) -> Seen:
        try:
            return _seen(judge.output(Plan(name="", path=None, span=element.span, elements=(element,), views=("",))))
        except Exception as error:  # noqa: BLE001 - one medium must not keep the others from their badges
            warn(f"{element.path} could not be looked at ({type(error).__name__}) {error}")
            return Seen(Status.UNRESOLVED)


def _seen(output: Output) -> Seen:
    """What the check would say where anything is known of the media; nothing where it is a plate that nobody spoke of."""
    tags = tuple((each.stub.id, each.status) for each in output.standings)
    doubted = any(each.status is not Status.ALLOWED for each in output.suspects)
    damaged = any(problem.code == "tag_damaged" for source in output.sources for problem in source.problems)
    if output.tags or doubted or damaged or any(source.hidden for source in output.sources):
        return Seen(output.status, tags)
    return Seen(Status.CLEAN if any(source.clean is not None for source in output.sources) else None, tags)


_READER = _Reader()


@guarded
def _tell() -> float | None:
    """Draw what was found out; called by a timer as long as there is something to wait for."""
    if _READER.news:
        _READER.news = False
        for each in LISTENERS:
            each()
        redraw.now()
    return _POLL if _READER.is_busy() or _READER.news else None


LISTENERS: list[Callable[[], None]] = []
"""Called, on Blender's own thread, when the thread found something out."""


def _watch() -> None:
    if not bpy.app.timers.is_registered(_tell):
        bpy.app.timers.register(_tell, first_interval=_POLL)


def look(block: Any, show: Show | None) -> Seen:
    """What the media of a strip, image, clip or node carries, as far as it is known; of other things what a generator left on them."""
    element = element_of(block)
    return _READER.look(element, show) if element is not None else NOTHING


def forget() -> None:
    """Look at all media anew."""
    _READER.forget()


def stop() -> None:
    """The extension goes."""
    global _READER
    _READER.stop()
    if bpy.app.timers.is_registered(_tell):
        bpy.app.timers.unregister(_tell)
    _READER = _Reader()


# ---------------------------------------------------------------- where it lies


def element_of(block: Any) -> Element | None:
    """A datablock's media as plain data; None where it has none and no generator left anything."""
    place, trace = _place(block), detect.found(block)
    if place is None and trace is None:
        return None
    path, span = place or (None, EVERY)
    if path:
        path = os.path.normpath(bpy.path.abspath(path, library=store.library_of(block)))
    text = store.text(block)
    return Element(
        key="media", kind=block.bl_rna.identifier, span=span, path=path or None, texts=(text,) if text else (),
        learned=trace.learned if trace else None, model=trace.model if trace else None,
    )  # fmt: skip


def _place(block: Any) -> tuple[str, Span] | None:
    if isinstance(block, bpy.types.Image):
        return _of_image(block)
    if isinstance(block, bpy.types.MovieClip):
        return _file(numbered(block.filepath) if block.source == "SEQUENCE" else block.filepath)
    find: Callable[[Any], tuple[str, Span] | None] | None = _STRIPS.get(getattr(block, "type", ""))
    return find(block) if find is not None and hasattr(block, "channel") else None


def _file(path: str) -> tuple[str, Span] | None:
    return (path, EVERY) if path else None


def _of_image(image: Any) -> tuple[str, Span] | None:
    if image.packed_file is not None or image.source in ("GENERATED", "VIEWER", "TILED"):
        return None
    return _file(numbered(image.filepath) if image.source == "SEQUENCE" else image.filepath)


def _of_images(strip: Any) -> tuple[str, Span] | None:
    """The first file and their number say enough for a badge."""
    count = len(strip.elements)
    name = strip.elements[0].filename if count else ""
    number = NUMBER.search(name) if count > 1 else None
    if number is None:
        return _file(os.path.join(strip.directory, name) if name else "")
    first = int(number[0])
    return os.path.join(strip.directory, numbered(name)), Span(first, first + count - 1)


def _of_sound(strip: Any) -> tuple[str, Span] | None:
    return _file(strip.sound.filepath) if strip.sound is not None and strip.sound.packed_file is None else None


def _of_clip(strip: Any) -> tuple[str, Span] | None:
    return _place(strip.clip) if strip.clip is not None else None


_STRIPS: dict[str, Callable[[Any], tuple[str, Span] | None]] = {
    "IMAGE": _of_images, "MOVIE": lambda strip: _file(strip.filepath), "SOUND": _of_sound, "MOVIECLIP": _of_clip, "CLIP": _of_clip,
}  # fmt: skip


def worst(found: Iterable[Status | None]) -> Status | None:
    """The status to look at first; None where there is none."""
    return max((each for each in found if each is not None), key=lambda status: status.rank, default=None)
