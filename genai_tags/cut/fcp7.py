"""Final Cut Pro 7 XML (``xmeml``), as Premiere, Resolve, Hiero and Avid write it, as a timeline document.

Apple's "Final Cut Pro XML Interchange Format": ``start`` and ``end`` place an item in its sequence, ``in`` and ``out`` are frames of
what it shows, counted from the media's first one, or, where the item is retimed, of the retimed media: the points of the filter's
``graphdict`` give media frames by shown ones. A -1 means that a transition lies there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genai_tags.cut import made
from genai_tags.cut.markup import Node
from genai_tags.cut.model import Unread
from genai_tags.cut.retime import Curve
from genai_tags.errors import InputError
from genai_tags.timecode import DEFAULT_RATE, Timecode, nominal, supports_drop_frame

ITEMS = ("clipitem", "generatoritem", "transitionitem")
_DEPTH = 30
"""Sequences in one another."""


def document(root: Node, source: str) -> tuple[dict[str, Any], list[Unread]]:
    """The timeline, or the several, of a file, and what was not understood. Raises InputError where there is no sequence."""
    reader = _Reader(root, source)
    found = [reader.timeline(each) for each in _sequences(root)]
    if not found:
        raise InputError(source, "is Final Cut Pro XML without a sequence: export the timeline, not a bin or a clip")
    return made.collection(found), reader.unread


def _sequences(root: Node) -> list[Node]:
    """The sequences that lie in no other, in file order."""
    found, waiting = [], [root]
    while waiting:
        each = waiting.pop()
        if each.tag == "sequence" and each.find("media") is not None:
            found.append(each)
        else:
            waiting.extend(reversed(each.children))
    return found


@dataclass(frozen=True, slots=True)
class _Timing:
    """Where an item lies in its track, in frames of the sequence: its cut points, and what of it transitions show beyond them."""

    first: int
    last: int
    before: int
    behind: int


class _Reader:
    def __init__(self, root: Node, source: str) -> None:
        self.source = source
        self.unread: list[Unread] = []
        self._count = 0
        self._path: list[int] = []
        self._nested: dict[tuple[int, str], list[dict[str, Any]]] = {}
        self._whole: dict[tuple[str, str], Node] = {}
        for node in root.below():
            name = node.get("id")
            if name and node.children:
                self._whole.setdefault((node.tag, name), node)

    def _real(self, node: Node | None) -> Node | None:
        """A file or sequence that is only named here, as it was described where it came first."""
        if node is None or node.children:
            return node
        return self._whole.get((node.tag, node.get("id")), node)

    def _odd(self, node: Node, reason: str) -> None:
        self.unread.append(Unread(line=node.line, text=(node.words("name") or node.tag)[:200], reason=reason))

    # ------------------------------------------------------------ sequences

    def timeline(self, sequence: Node) -> dict[str, Any]:
        rate = _rate(sequence, DEFAULT_RATE)
        frame, of, drop = _timecode(sequence.find("timecode"), rate)
        return made.timeline(sequence.words("name"), Fraction(frame) / of, rate, drop, self._tracks(sequence, rate, 0, ""))

    def _tracks(self, sequence: Node, rate: Fraction, depth: int, only: str) -> list[dict[str, Any]]:
        """The tracks of a sequence; of a nested one those of the kind that it is used for."""
        tracks: list[dict[str, Any]] = []
        for tag, kind in (("video", "Video"), ("audio", "Audio")):
            if only not in ("", kind):
                continue
            media = sequence.find("media", tag)
            for number, track in enumerate(media.all("track") if media is not None else (), 1):
                if track.get("currentExplodedTrackIndex", "0") not in ("", "0"):
                    continue  # Premiere writes each channel of a stereo track as a track
                tracks += self._track(track, f"{kind[0]}{number}", kind, rate, depth)
        return tracks

    def _track(self, track: Node, label: str, kind: str, rate: Fraction, depth: int) -> list[dict[str, Any]]:
        """A track, and others of its name for items that overlap in it."""
        enabled = track.words("enabled").upper() != "FALSE"
        rows: list[made.Row] = []
        nodes = [node for node in track.children if node.tag in ITEMS]
        for i, node in enumerate(nodes):
            if node.tag == "transitionitem":
                continue
            timing = self._timing(nodes, i)
            if timing is None:
                continue
            self._count += 1
            if self._count > made.MOST:
                raise InputError(self.source, f"lays out more than {made.MOST} items, nested sequences followed")
            made_item = self._item(node, timing, rate, depth, kind)
            first = Fraction(timing.first) / rate
            row = made.row_for(rows, first)
            joins = row.at == first and row.children and row.children[-1]["OTIO_SCHEMA"] == "Transition.1"
            row.reach(first, rate)
            if timing.before and not joins:
                row.children.append(made.transition(Fraction(timing.before) / rate, Fraction(0), rate))
            row.children.append(made_item)
            if timing.behind:
                following = self._head(nodes, i)
                row.children.append(made.transition(Fraction(following) / rate, Fraction(timing.behind) / rate, rate))
            row.at = Fraction(timing.last) / rate
        name = track.words("name") or label
        return [made.item("Track.1", name, kind=kind, children=row.children, enabled=enabled) for row in rows or [made.Row()]]

    def _timing(self, nodes: list[Node], i: int) -> _Timing | None:
        node = nodes[i]
        before = nodes[i - 1] if i and nodes[i - 1].tag == "transitionitem" else None
        behind = nodes[i + 1] if i + 1 < len(nodes) and nodes[i + 1].tag == "transitionitem" else None
        first, last = _number(node.words("start")), _number(node.words("end"))
        lead = trail = 0
        if first == -1 and before is not None:
            first = _cut_point(before)
            lead = max(0, (first or 0) - (_number(before.words("start")) or 0))
        if last == -1 and behind is not None:
            last = _cut_point(behind)
            trail = max(0, (_number(behind.words("end")) or 0) - (last or 0))
        if first is None or last is None or first < 0 or last < first:
            self._odd(node, "has no start and end that can be read: it was left out")
            return None
        return _Timing(first, last, lead, trail)

    @staticmethod
    def _head(nodes: list[Node], i: int) -> int:
        """How far before the cut the transition behind an item shows what comes next."""
        behind = nodes[i + 1]
        return max(0, (_cut_point(behind) or 0) - (_number(behind.words("start")) or 0))

    # ------------------------------------------------------------ items

    def _item(self, node: Node, timing: _Timing, rate: Fraction, depth: int, kind: str) -> dict[str, Any]:
        enabled = node.words("enabled").upper() != "FALSE"
        length = Fraction(timing.last - timing.first) / rate
        inner = self._real(node.find("sequence"))
        own = _rate(node, rate)
        start = Fraction((_number(node.words("in")) or 0) + (_number(node.words("subclipinfo", "startoffset")) or 0))
        file = self._real(node.find("file") or self._angle(node))
        file_rate = _rate(file, own) if file is not None else own
        shown = length * own  # in the item's own frames
        lead = Fraction(timing.before) / rate * own
        start, speed = self._retimed(node, start + lead, shown)
        if inner is not None and inner.find("media") is not None:
            tracks = self._inside(node, inner, own, depth, kind)
            stack = made.item("Stack.1", node.words("name"), children=tracks, enabled=enabled)
            return {**stack, "source_range": made.span(start / own, own, length, rate), "effects": made.warps(speed)}
        # 24 and 23.976 count the same frames; of media at another rate the item counts its own
        each = Fraction(1) if nominal(own) == nominal(file_rate) else file_rate / own
        source = _Source(start * each, speed * each * own / file_rate, file_rate)
        return self._clip(node, file, source, (length, rate), enabled)

    def _inside(self, node: Node, inner: Node, own: Fraction, depth: int, kind: str) -> list[dict[str, Any]]:
        """The tracks of a nested sequence, made once however often it is used."""
        if id(inner) in self._path or depth >= _DEPTH:
            self._odd(node, "is a sequence that lies in itself, or too deep in others: what is in it was left out")
            return []
        key = (id(inner), kind)
        if key not in self._nested:
            self._path.append(id(inner))
            self._nested[key] = self._tracks(inner, _rate(inner, own), depth + 1, kind)
            self._path.pop()
        return self._nested[key]

    def _clip(
        self, node: Node, file: Node | None, source: _Source, lasts: tuple[Fraction, Fraction], enabled: bool
    ) -> dict[str, Any]:
        length, rate = lasts
        name, reel, begun, reference = node.words("name"), "", Fraction(0), None
        if file is not None:
            frame, of, _ = _timecode(file.find("timecode"), source.rate)
            begun = Fraction(frame) / of
            reel = file.words("timecode", "reel", "name")
            count = _number(file.words("duration")) or 0
            whole = made.span(begun, source.rate, Fraction(count) / source.rate, source.rate)
            reference = made.media(file.words("pathurl"), whole if count else None)
            name = name or file.words("name")
        elif node.tag == "generatoritem":
            reference = made.item("GeneratorReference.1", name, generator_kind=node.words("effect", "effectid"), parameters={})
        start = begun + source.start / source.rate
        return made.clip(name, made.span(start, source.rate, length, rate), reference, source.speed, node.line, enabled, reel)

    def _angle(self, node: Node) -> Node | None:
        """The file of the angle that a multiclip shows."""
        multi = node.find("multiclip")
        angles = list(multi.all("angle")) if multi is not None else []
        chosen = _number(multi.words("activevideoangle")) if multi is not None else None
        if not angles:
            return None
        angle = angles[min(max((chosen or 1) - 1, 0), len(angles) - 1)]
        return next((each for each in angle.below() if each.tag == "file"), None)

    def _retimed(self, node: Node, first: Fraction, shown: Fraction) -> tuple[Fraction, Fraction]:
        """The media frame that comes first, and media frames for each shown one."""
        on = (each for each in node.all("filter") if each.words("enabled").upper() != "FALSE")
        remap = next((each.find("effect") for each in on if each.words("effect", "effectid") == "timeremap"), None)
        if remap is None:
            return first, Fraction(1)
        parameters = {each.words("parameterid"): each for each in remap.all("parameter")}
        points = [
            (x, y)
            for key in (parameters["graphdict"].all("keyframe") if "graphdict" in parameters else ())
            if (x := made.figure(key.words("when"))) is not None and (y := made.figure(key.words("value"))) is not None
        ]
        curve = Curve.of(points)
        if curve is not None:
            return curve.seen(first, first + shown)
        percent = made.figure(parameters["speed"].words("value")) if "speed" in parameters else Fraction(100)
        if percent is None:
            self._odd(node, "is retimed by a speed that cannot be read; normal speed was taken")
            return first, Fraction(1)
        speed = abs(percent) / 100
        if percent < 0 or ("reverse" in parameters and parameters["reverse"].words("value").upper() == "TRUE"):
            whole = (made.figure(node.words("duration")) or Fraction(0)) * speed
            return whole - (first + shown) * speed, -speed
        return first * speed, speed


@dataclass(frozen=True, slots=True)
class _Source:
    """The first frame of the media that is used, its seconds for each shown second, and its rate."""

    start: Fraction
    speed: Fraction
    rate: Fraction


def _cut_point(transition: Node) -> int | None:
    """Where a transition changes from one item to the next."""
    start, end = _number(transition.words("start")), _number(transition.words("end"))
    if start is None or end is None:
        return None
    alignment = transition.words("alignment")
    return end if alignment.startswith("end") else start if alignment.startswith("start") else (start + end) // 2


def _rate(node: Node | None, default: Fraction) -> Fraction:
    """``<rate>``: a timebase, and whether it is an NTSC one."""
    base = _number(node.words("rate", "timebase")) if node is not None else None
    if node is None or base is None or not 0 < base < 10_000:
        return default
    return Fraction(base * 1000, 1001) if node.words("rate", "ntsc").upper() == "TRUE" else Fraction(base)


def _timecode(node: Node | None, rate: Fraction) -> tuple[int, Fraction, bool | None]:
    """``<timecode>``: the frame count, its rate, and whether it drops frames."""
    if node is None:
        return 0, rate, None
    of = _rate(node, rate)
    shown = node.words("displayformat").upper()
    drop = shown == "DF" if shown in ("DF", "NDF") else None
    frame = _number(node.words("frame"))
    if frame is None:
        try:
            frame = Timecode.parse(node.words("string")).to_frames(of, drop if supports_drop_frame(of) else None)
        except ValueError:
            frame = 0
    return frame, of, drop


def _number(text: str) -> int | None:
    value = made.figure(text)
    return round(value) if value is not None else None
