"""OpenTimelineIO documents as a Cut: record timecodes through nesting, trims, transitions and retimes, in exact fractions.

One pass with running sums: the library's own range calls are linear in a clip's position. Times are seconds as Fraction;
``record = scale * local + offset`` maps a composition's own time to the programme.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from genai_tags.carriers import otio as carrier
from genai_tags.cut.model import AUDIO, VIDEO, Cut, Event, Unread
from genai_tags.cut.otio_objects import list_of, media_of, nearest, note_of, range_of, reel_of, schema_of, time_of
from genai_tags.errors import InputError, Problem
from genai_tags.timecode import DEFAULT_RATE, supports_drop_frame, to_text

ZERO = Fraction(0)


def read_otio(path: str, rate: Fraction | None, fallback: Fraction | None = None) -> Cut:
    """An ``.otio`` or ``.otioz`` file as a Cut. Raises InputError where it is none."""
    return to_cut(carrier.load(path), path, rate, fallback)


def to_cut(
    document: Mapping[str, Any], path: str, rate: Fraction | None, fallback: Fraction | None = None, *, kind: str = "otio",
    unread: Sequence[Unread] = (),
) -> Cut:  # fmt: skip
    """A timeline document as a Cut. ``rate`` overrides the timeline's own; ``fallback`` stands in where it has none. ``kind`` (the format) and
    ``unread`` are of the reader that made the document of another format."""
    return with_clips(document, path, rate, fallback, kind=kind, unread=unread)[0]


def with_clips(
    document: Mapping[str, Any], path: str, rate: Fraction | None, fallback: Fraction | None = None, *, kind: str = "otio",
    unread: Sequence[Unread] = (),
) -> tuple[Cut, list[Mapping[str, Any]]]:  # fmt: skip
    """The cut, and for each of its events the clip of the document that it is; a clip may be several (in a nest that is used twice)."""
    reader = _Reader(path)
    timelines = list(_timelines(document, path))
    found = rate or next((r for r in map(_own_rate, timelines) if r), None)
    assumed = found is None and fallback is None
    reader.rate = found or fallback or DEFAULT_RATE
    for timeline in timelines:
        own = _own_rate(timeline)
        if len(timelines) > 1 and own not in (None, reader.rate):
            reader._unread(
                timeline, f"is at another rate than the first timeline: its record times are counted at {float(reader.rate):g}"
            )
        reader.timeline(timeline)
    title = str(timelines[0].get("name") or "")
    cut = Cut(
        path=path, format=kind, title=title, rate=reader.rate, rate_assumed=assumed,
        events=tuple(reader.events), unread=(*unread, *reader.unread), timelines=len(timelines),
    )  # fmt: skip
    return cut, reader.clips


def _timelines(document: Mapping[str, Any], path: str) -> list[Mapping[str, Any]]:
    kind = schema_of(document)
    if kind == "Timeline":
        return [document]
    if kind == "SerializableCollection":
        found = [each for each in list_of(document, "children") if schema_of(each) == "Timeline"]
        if found:
            return found
    if kind in ("Stack", "Track", "Clip"):
        stack = document if kind == "Stack" else {"OTIO_SCHEMA": "Stack.1", "children": [document]}
        return [{"OTIO_SCHEMA": "Timeline.1", "name": document.get("name"), "tracks": stack}]
    raise InputError(path, f"holds a {kind or 'nameless object'}, not a timeline")


def _own_rate(timeline: Mapping[str, Any]) -> Fraction | None:
    start = time_of(timeline.get("global_start_time"))
    if start:
        return start[1]
    stack = timeline.get("tracks")
    for kind in ("Video", None):
        for track in list_of(stack, "children") if isinstance(stack, Mapping) else []:
            if not isinstance(track, Mapping) or (kind and track.get("kind") != kind):
                continue
            for clip in carrier.clips(track):
                found = range_of(clip.get("source_range"))
                if found:
                    return found[2]
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a composition lies in the programme, what of it is seen, and what it is called there.

    ``first`` and ``last`` bound its record time; ``seen_first`` and ``seen_last`` what transitions show beyond. None of
    them is a limit where it is None.
    """

    scale: Fraction
    offset: Fraction
    first: Fraction | None
    last: Fraction | None
    seen_first: Fraction | None
    seen_last: Fraction | None
    track: str
    kind: str
    enabled: bool = True

    def record(self, local: Fraction) -> Fraction:
        return self.scale * local + self.offset


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.rate = DEFAULT_RATE
        self.drop: bool | None = None
        self.events: list[Event] = []
        self.clips: list[Mapping[str, Any]] = []
        self.unread: list[Unread] = []
        self._durations: dict[int, tuple[Fraction, Fraction]] = {}

    # ------------------------------------------------------------ compositions

    def timeline(self, timeline: Mapping[str, Any]) -> None:
        stack = timeline.get("tracks")
        if not isinstance(stack, Mapping) or schema_of(stack) != "Stack":
            self._unread(timeline, "has no stack of tracks")
            return
        begin = time_of(timeline.get("global_start_time"))
        stated_drop = note_of(timeline).get("drop_frame")
        self.drop = stated_drop if isinstance(stated_drop, bool) else None
        stated = range_of(stack.get("source_range"))
        start = stated[0] if stated else ZERO
        base = (begin[0] if begin else ZERO) - start
        first, last = (base + start, base + start + stated[1]) if stated else (None, None)
        counts = {"Video": 0, "Audio": 0}
        for track in list_of(stack, "children"):
            name, given = (track.get("name"), track.get("kind")) if isinstance(track, Mapping) else (None, None)
            kind = "Audio" if given == "Audio" else "Video"
            counts[kind] += 1
            label = name if isinstance(name, str) and name else f"{kind[0]}{counts[kind]}"
            place = _Place(
                Fraction(1), base, first, last, first, last, label, AUDIO if kind == "Audio" else VIDEO, self._enabled(stack)
            )
            self._child(track, ZERO, place)

    def _child(self, node: Any, position: Fraction, place: _Place, head: Fraction = ZERO, tail: Fraction = ZERO) -> None:
        """One item of a composition, at ``position`` of the composition's own time."""
        kind = schema_of(node)
        if kind == "Clip":
            self._clip(node, position, place, head, tail)
        elif kind in ("Track", "Stack"):
            self._composition(node, kind, position, place, head, tail)
        elif kind not in ("Gap", "Transition"):
            self._unread(node, f"is a {kind or 'nameless object'} where a clip or gap was expected")

    def _composition(
        self, node: Mapping[str, Any], kind: str, position: Fraction, place: _Place, head: Fraction, tail: Fraction
    ) -> None:
        start, length = self._trimmed(node)
        speed, odd = self._speed(node)
        if odd:
            self._unread(node, odd)
        if length <= 0:
            for child in list_of(node, "children"):
                self._unread(child, "lies in a composition without duration: nothing says what of it is used")
            return
        begin, end = sorted((place.record(position), place.record(position + length)))
        reach = abs(place.scale)
        seen_first, seen_last = _later(place.seen_first, begin - head * reach), _earlier(place.seen_last, end + tail * reach)
        if seen_last <= seen_first and place.scale:
            return  # trimmed away by a composition around it
        inner = replace(
            place, first=_later(place.first, begin), last=_earlier(place.last, end), seen_first=seen_first, seen_last=seen_last,
            enabled=place.enabled and self._enabled(node),
        )  # fmt: skip
        if place.scale == 0:
            inner = replace(place, enabled=inner.enabled)
        if start < 0 and kind == "Track":  # how the EDL adapter states a record start: an offset, no trim
            inner = replace(inner, first=place.first, last=place.last, seen_first=place.seen_first, seen_last=place.seen_last)
        if speed == 0 or place.scale == 0:
            inner = replace(inner, scale=ZERO, offset=ZERO)
            self._frozen(node, kind, start, inner)
            return
        scale = place.scale / speed
        edge = place.record(position + length if speed < 0 else position)  # reversed, the out point is shown first
        inner = replace(inner, scale=scale, offset=edge - scale * start)
        if kind == "Stack":
            for child in list_of(node, "children"):
                self._child(child, ZERO, inner)
            return
        children = list_of(node, "children")
        at = ZERO
        for i, child in enumerate(children):
            before, after = _offset(children, i - 1, "in_offset"), _offset(children, i + 1, "out_offset")
            self._child(child, at, inner, before, after)
            at += self._trimmed(child)[1] if schema_of(child) != "Transition" else ZERO

    def _frozen(self, node: Mapping[str, Any], kind: str, moment: Fraction, place: _Place) -> None:
        """A frozen composition shows one moment of its own time for as long as it lasts."""
        at = ZERO
        for child in list_of(node, "children"):
            start, length = self._trimmed(child)
            inside = kind == "Stack" or (schema_of(child) != "Transition" and at <= moment < at + length)
            if inside and schema_of(child) == "Clip":
                self._clip(child, moment - at, place, ZERO, ZERO)
            elif inside and schema_of(child) in ("Track", "Stack"):
                self._frozen(child, schema_of(child), start + moment - at, place)
            if kind == "Track" and schema_of(child) != "Transition":
                at += length

    def _trimmed(self, node: Any) -> tuple[Fraction, Fraction]:
        """Start and duration of an item in its own time."""
        if not isinstance(node, Mapping):
            return ZERO, ZERO
        cached = self._durations.get(id(node))
        if cached is None:
            stated = range_of(node.get("source_range"))
            if stated is None and node.get("source_range") is not None and schema_of(node) != "Clip":
                self._unread(node, "has a source range that cannot be read; the whole of it was taken")
            cached = (stated[0], stated[1]) if stated else self._available(node)
            self._durations[id(node)] = cached
        return cached

    def _available(self, node: Mapping[str, Any]) -> tuple[Fraction, Fraction]:
        kind = schema_of(node)
        if kind == "Clip":
            ranges = [range_of(ref.get("available_range")) for ref in carrier.references(node)[:1]]
            return (ranges[0][0], ranges[0][1]) if ranges and ranges[0] else (ZERO, ZERO)
        lengths = [self._trimmed(child)[1] for child in list_of(node, "children") if schema_of(child) != "Transition"]
        if kind == "Track":
            return ZERO, sum(lengths, ZERO)
        return ZERO, max(lengths, default=ZERO)

    @staticmethod
    def _enabled(node: Mapping[str, Any]) -> bool:
        return node.get("enabled", True) is not False

    @staticmethod
    def _speed(node: Mapping[str, Any]) -> tuple[Fraction, str]:
        """Source seconds for each record second, and what of the retimes is not understood."""
        speed, odd = Fraction(1), ""
        for effect in list_of(node, "effects"):
            kind = schema_of(effect)
            scalar = effect.get("time_scalar") if isinstance(effect, Mapping) else None
            if kind == "FreezeFrame":
                return ZERO, odd
            if (
                kind == "LinearTimeWarp"
                and isinstance(scalar, (int, float))
                and not isinstance(scalar, bool)
                and abs(scalar) < 1e6
            ):
                speed *= Fraction(scalar).limit_denominator(1_000_000)
            elif kind in ("LinearTimeWarp", "TimeEffect", "TimeWarp"):
                odd = f"is retimed by a {kind} that cannot be followed; normal speed was taken"
        return speed, odd

    def _unread(self, node: Any, reason: str) -> None:
        name = str(node.get("name") or "") if isinstance(node, Mapping) else repr(node)
        self.unread.append(Unread(line=None, text=name[:200], reason=reason))

    # ------------------------------------------------------------ clips

    def _clip(self, node: Mapping[str, Any], position: Fraction, place: _Place, head: Fraction, tail: Fraction) -> None:
        start, length = self._trimmed(node)
        own, odd = self._speed(node)
        if place.scale == 0:  # within a frozen composition, position is the moment shown
            first, last = place.first or ZERO, place.last or ZERO
            lead = trail = speed = ZERO
            start += position
        else:
            begin, end = sorted((place.record(position), place.record(position + length)))
            reach = abs(place.scale)
            seen = _later(place.seen_first, begin - head * reach), _earlier(place.seen_last, end + tail * reach)
            if seen[1] < seen[0] or (seen[1] == seen[0] and length > 0):
                return  # trimmed away by a composition around it
            first = _earlier(place.last, _later(place.first, begin))
            last = _later(first, _earlier(place.last, end))
            lead, trail = first - seen[0], seen[1] - last
            speed = own / place.scale
            start += (first - begin if speed >= 0 else end - last) * abs(speed)
        problems: list[Problem] = []
        stated = range_of(node.get("source_range"))
        reference = next(iter(carrier.references(node)), {})
        available = range_of(reference.get("available_range"))
        name = str(node.get("name") or "")
        if odd:
            problems.append(Problem(name, odd, "unknown_retime"))
        if stated is None and node.get("source_range") is not None:
            problems.append(Problem(name, "has a source range that cannot be read; its whole media was taken", "bad_range"))
        elif stated is None and available is None:
            problems.append(
                Problem(str(node.get("name") or ""), "has neither a source range nor an available range", "no_range")
            )
        source_rate = stated[2] if stated else (available[2] if available else self.rate)
        use_tags, wrong = carrier.of_clip(node)
        source_tags, also_wrong = carrier.of_reference(reference)
        problems.extend(Problem(p.path, p.message, "metadata_damaged") for p in [*wrong, *also_wrong])
        is_picture = place.kind == VIDEO
        record = self._frames(first, problems, is_picture), self._frames(last, problems, is_picture)
        span = (last - first) * abs(speed) if speed else 1 / source_rate
        source = math.floor(start * source_rate), math.ceil((start + span) * source_rate)
        media = media_of(reference)
        self.clips.append(node)
        self.events.append(
            Event(
                number=f"{len(self.events) + 1:03d}",
                line=line if isinstance(line := note_of(node).get("line"), int) else None,
                track=place.track,
                kind=place.kind,
                record_in=_text(record[0], self.rate, self.drop),
                record_out=_text(record[1], self.rate, self.drop),
                source_in=_text(source[0], source_rate),
                source_out=_text(source[1], source_rate),
                record=record,
                source=source,
                rate=self.rate,
                source_rate=source_rate,
                reel=reel_of(node, reference),
                clip=name or None,
                file=media.path if media else None,
                media=media,
                speed=speed,
                head=_count(lead, self.rate),
                tail=_count(trail, self.rate),
                enabled=place.enabled and self._enabled(node),
                use_tags=use_tags,
                source_tags=source_tags,
                problems=tuple(problems),
            )
        )

    def _frames(self, seconds: Fraction, problems: list[Problem], report: bool) -> int:
        """The nearest record frame; sound is cut between frames, and that is no problem."""
        exact = seconds * self.rate
        whole = nearest(exact)
        if report and abs(exact - whole) > Fraction(1, 1000) and not any(p.code == "off_frame" for p in problems):
            problems.append(Problem("", f"lies between two record frames (frame {float(exact):.3f})", "off_frame"))
        return whole


def _offset(children: list[Any], i: int, key: str) -> Fraction:
    """How far a neighbouring transition reaches into an item's handles."""
    if not 0 <= i < len(children) or schema_of(children[i]) != "Transition":
        return ZERO
    found = time_of(children[i].get(key))
    return found[0] if found and found[0] > 0 else ZERO


def _count(seconds: Fraction, rate: Fraction) -> int:
    return max(0, math.ceil(seconds * rate))


def _later(limit: Fraction | None, moment: Fraction) -> Fraction:
    return moment if limit is None else max(limit, moment)


def _earlier(limit: Fraction | None, moment: Fraction) -> Fraction:
    return moment if limit is None else min(limit, moment)


def _text(frames: int, rate: Fraction, drop: bool | None = None) -> str:
    """Drop frame where the file says so; where it says nothing, where the rate has it, as the OTIO library prints it."""
    return to_text(frames, rate, drop=supports_drop_frame(rate) if drop is None else drop)
