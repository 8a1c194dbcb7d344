"""Cut and Event: what every timeline format becomes. Timecodes stay as the editor wrote them; out points are exclusive."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from genai_tags.errors import Problem
from genai_tags.model import TagSet

VIDEO, AUDIO, DATA = "video", "audio", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A ``* GENAI:`` line. It says where to look and proves nothing."""

    id: str
    clip: str | None = None
    status: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReference:
    """What a timeline says of an event's media.

    ``start`` is the source time of its first frame, in frames at ``rate``; ``first_frame`` that frame's number, where stated.
    """

    path: str
    start: int | None = None
    rate: Fraction | None = None
    first_frame: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One use of one source in a cut.

    ``record`` and ``source`` are frame counts (in, out) at ``rate`` and ``source_rate``, out exclusive; None where a timecode
    cannot be understood. ``speed`` is source frames per record frame: negative in reverse, 0 for a freeze.
    ``either_way``: an EDL's reverse may mean the span as it lies on the source, or entry at the in point and back.
    ``joined``: an EDL line that belongs to the event line before it. ``head`` and ``tail`` are record frames that a
    transition shows beyond the in and out point.
    """

    number: str
    line: int | None = None
    track: str
    kind: str = VIDEO
    record_in: str
    record_out: str
    source_in: str
    source_out: str
    record: tuple[int, int] | None = None
    source: tuple[int, int] | None = None
    rate: Fraction
    source_rate: Fraction
    reel: str | None = None
    clip: str | None = None
    shot: str | None = None
    """The shot, where whoever made the cut states it; else it is read from the names."""
    file: str | None = None
    media: MediaReference | None = None
    transition: str | None = None
    transition_frames: int = 0
    speed: Fraction = Fraction(1)
    either_way: bool = False
    joined: bool = False
    head: int = 0
    tail: int = 0
    enabled: bool = True
    comments: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    use_tags: TagSet = TagSet()
    source_tags: TagSet = TagSet()
    problems: tuple[Problem, ...] = ()

    def used(self) -> tuple[int, int] | None:
        """The source frames the event really uses: first and last, both inclusive; transitions, retimes, reverse and
        freeze included. None where source or record cannot be understood."""
        if self.source is None or self.record is None:
            return None
        start, end = self.source
        step = self.speed * self.source_rate / self.rate
        if step == 0:
            return start, start
        length = self.record[1] - self.record[0]
        want, stated = _up(length * abs(step)), end - start
        # An M2 line has one decimal: over a minute that is a frame or more. The span that the editor wrote is exact.
        close = abs(stated - want) <= 2 + length * Fraction(6, 100) / self.rate
        count = stated if close else max(want, stated)
        first, last = start, start + count - 1
        if step < 0 and self.either_way:  # where the span could be either, both are looked at
            first, last = start - want + 1, last if close else start
        before, after = _up(self.head * abs(step)), _up(self.tail * abs(step))
        if step < 0:
            before, after = after, before
        first, last = first - before, last + after
        return (first, last) if last >= first else (first, first)


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A line or object that was not understood, and why."""

    line: int | None
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A timeline. ``rate_assumed``: nobody stated the rate, neither the file nor the caller nor the show."""

    path: str
    format: str
    title: str = ""
    rate: Fraction
    rate_assumed: bool = False
    events: tuple[Event, ...]
    timelines: int = 1
    """How many timelines of the file it is made of."""
    unread: tuple[Unread, ...] = ()
    problems: tuple[Problem, ...] = ()
