"""FCPXML of Final Cut Pro and Resolve, as a timeline document.

Apple's FCPXML reference: ``offset`` places an element in its parent's time, ``start`` is where its own time begins, ``duration`` how
long it is seen. Elements with a ``lane`` hang on their parent; the others are what it shows. Compound clips are followed into their
sequences and laid out where they are seen, with their retimes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from genai_tags.cut import made
from genai_tags.cut.markup import Node
from genai_tags.cut.model import Unread
from genai_tags.cut.retime import Curve
from genai_tags.errors import InputError
from genai_tags.timecode import DEFAULT_RATE, parse_rate

ZERO = Fraction(0)
_CONTAINERS = ("clip", "sync-clip", "mc-clip", "ref-clip", "asset-clip", "video", "audio", "title", "gap", "spine", "audition")
_DEPTH = 60


def document(root: Node, source: str) -> tuple[dict[str, Any], list[Unread]]:
    """The timeline, or the several, of a file, and what was not understood. Raises InputError where there is none."""
    reader = _Reader(root, source)
    found = [reader.timeline(*each) for each in reader.sequences(root)]
    if not found:
        raise InputError(source, "is FCPXML without a sequence or clip: export the project or timeline")
    return made.collection(found), reader.unread


@dataclass(frozen=True, slots=True)
class _Place:
    """How an element's own time lies in the programme: ``record = scale * own + shift``, seen within ``first`` and ``last``."""

    scale: Fraction
    shift: Fraction
    first: Fraction
    last: Fraction
    lane: int = 0
    enabled: bool = True
    audio: bool = False

    def record(self, own: Fraction) -> Fraction:
        return self.scale * own + self.shift


class _Reader:
    def __init__(self, root: Node, source: str) -> None:
        self.source = source
        self._count = 0
        self._path: list[str] = []
        self.unread: list[Unread] = []
        resources = root.find("resources")
        self._resources = {each.get("id"): each for each in (resources.children if resources is not None else ())}
        self._rows: dict[tuple[bool, int], list[made.Row]] = {}
        self._rate = DEFAULT_RATE

    def sequences(self, root: Node) -> list[tuple[str, Node]]:
        """The sequences of projects, with their names; else the clips of an event, each as it is."""
        projects = [each for each in root.below() if each.tag == "project"]
        found = [(each.get("name"), each.find("sequence")) for each in projects]
        sequences = [(name, sequence) for name, sequence in found if sequence is not None]
        if not sequences:
            sequences = [(each.get("name"), each) for each in root.children if each.tag == "sequence"]
        if sequences:
            return sequences
        owners = [each for each in root.below() if each.tag in ("event", "fcpxml", "library")]
        return [
            (clip.get("name"), clip)
            for owner in owners
            for clip in owner.all("clip", "asset-clip", "ref-clip", "sync-clip", "mc-clip")
        ]

    def timeline(self, name: str, node: Node) -> dict[str, Any]:
        """A project's sequence, or a clip of an event, as a timeline."""
        self._rows, is_sequence = {}, node.tag == "sequence"
        self._rate = self._rate_of(node)
        start = _seconds(node.get("tcStart")) if is_sequence else _seconds(node.get("start"))
        begin = start or ZERO
        length = self._length(node)
        shown = node.get("tcFormat")
        drop = shown == "DF" if shown else None
        place = _Place(Fraction(1), -begin, ZERO, length if length is not None else Fraction(10**9))
        if is_sequence:
            spine = node.find("spine")
            if spine is not None:
                self._spine(spine, begin, place, 0)
        else:
            self._element(node, begin, place, 0)
        tracks = [
            made.item("Track.1", f"{'A' if audio else 'V'}{lane + 1}" if lane >= 0 else f"lane {lane}",
                      kind="Audio" if audio else "Video", children=row.children)
            for (audio, lane), rows in sorted(self._rows.items())
            for row in rows
        ]  # fmt: skip
        return made.timeline(name, begin, self._rate, drop, tracks)

    # ------------------------------------------------------------ time

    def _length(self, node: Node) -> Fraction | None:
        if node.tag == "audition":
            picked = next((each for each in node.children if each.tag in _CONTAINERS), None)
            return self._length(picked) if picked is not None else None
        stated = _seconds(node.get("duration"))
        if stated is not None:
            return stated
        asset = self._resources.get(node.get("ref"))
        if asset is not None and asset.tag == "media":
            asset = asset.find("sequence")
        return _seconds(asset.get("duration")) if asset is not None else None

    def _rate_of(self, node: Node) -> Fraction:
        """The rate of a sequence, asset or clip, by its format."""
        own = node.get("format")
        if not own:
            asset = self._resources.get(node.get("ref"))
            if asset is not None and asset.tag == "media":
                asset = asset.find("sequence") or asset.find("multicam")
            own = asset.get("format") if asset is not None else ""
        found = self._resources.get(own)
        frame = _seconds(found.get("frameDuration")) if found is not None else None
        return 1 / frame if frame else self._rate

    # ------------------------------------------------------------ elements

    def _spine(self, spine: Node, begin: Fraction, place: _Place, depth: int) -> None:
        """What a storyline shows, one behind the other; transitions reach over the cuts."""
        at = begin
        children = [each for each in spine.children if each.tag in (*_CONTAINERS, "transition")]
        for i, each in enumerate(children):
            if each.tag == "transition":
                continue
            offset = _seconds(each.get("offset"))
            at = offset if offset is not None else at
            length = self._length(each) or ZERO
            head, tail = _reach(children, i - 1, at)[0], _reach(children, i + 1, at + length)[1]
            self._element(each, at, place, depth, head, tail)
            at += length

    def _element(
        self, node: Node, at: Fraction, place: _Place, depth: int, head: Fraction = ZERO, tail: Fraction = ZERO
    ) -> None:
        """An element that begins at a moment of its parent's time."""
        self._count += 1
        if self._count > made.MOST:
            raise InputError(self.source, f"lays out more than {made.MOST} elements, compound clips followed")
        if depth > _DEPTH:
            self._odd(node, "lies too deep in other clips: it was left out")
            return
        if node.tag == "audition":  # what is picked comes first
            picked = next((each for each in node.children if each.tag in _CONTAINERS), None)
            if picked is not None:
                lane = place.lane + int(_seconds(node.get("lane")) or 0)
                self._element(picked, at, replace(place, lane=lane), depth + 1, head, tail)
            return
        if node.tag == "spine":
            self._spine(node, ZERO, self._within(node, at, ZERO, place), depth + 1)
            return
        length = self._length(node)
        if length is None:
            self._odd(node, "has no duration: nothing says what of it is used")
            return
        start = self._start(node)
        lane = place.lane + int(_seconds(node.get("lane")) or 0)
        bounds = sorted((place.record(at), place.record(at + length)))
        first, last = max(place.first, bounds[0]), min(place.last, bounds[1])
        if last < first or (last == first and length):
            return
        inner = replace(
            place, shift=place.record(at) - place.scale * start, first=first, last=last, lane=lane,
            enabled=place.enabled and node.get("enabled", "1") != "0", audio=place.audio or node.get("srcEnable") == "audio",
        )  # fmt: skip
        curve = _curve(node.find("timeMap")) or self._conformed(node, start)
        self._content(node, inner, depth, curve, start, (head, tail))
        for child in node.children:
            if child.tag in _CONTAINERS and child.get("lane"):
                offset = _seconds(child.get("offset"))
                self._element(
                    child,
                    offset if offset is not None else start,
                    replace(inner, first=place.first, last=place.last, enabled=place.enabled, audio=place.audio),
                    depth + 1,
                )

    def _start(self, node: Node) -> Fraction:
        """Where an element's own time begins: as it is stated, else where its media's does."""
        stated = _seconds(node.get("start"))
        if stated is not None:
            return stated
        asset = self._resources.get(node.get("ref"))
        if asset is None:
            return ZERO
        if asset.tag == "media":
            inner = asset.find("sequence")  # angles of a multicam count from 0, whatever its timecode
            return (_seconds(inner.get("tcStart")) if inner is not None else None) or ZERO
        return _seconds(asset.get("start")) or ZERO

    @staticmethod
    def _within(node: Node, at: Fraction, begin: Fraction, place: _Place) -> _Place:
        lane = place.lane + int(_seconds(node.get("lane")) or 0)
        return replace(place, shift=place.record(at) - place.scale * begin, lane=lane)

    def _content(
        self, node: Node, place: _Place, depth: int, curve: Curve | None, start: Fraction, reach: tuple[Fraction, Fraction]
    ) -> None:
        """What an element itself shows."""
        media = self._resources.get(node.get("ref"))
        if node.tag == "gap":
            return
        nested = self._nested(node, media)
        if nested is not None:
            self._follow(node, nested, _pieces(place, curve), depth)
            return
        inside = [each for each in node.children if each.tag in _CONTAINERS and not each.get("lane")]
        if node.tag in ("clip", "sync-clip") and inside:
            for piece, moment in _pieces(place, curve):
                for child in inside:
                    at = self._begins(child, start)
                    if moment is None:
                        self._element(child, at, piece, depth + 1, *reach)
                    elif at <= moment < at + (self._length(child) or made.MOST):
                        self._frozen(child, moment - at + self._start(child), piece, depth + 1)
            return
        self._leaf(node, media, place, curve, reach)

    def _nested(self, node: Node, media: Node | None) -> tuple[Node, Fraction] | None:
        """The storyline of a compound clip or of the angle that a multicam clip shows, and where its time begins."""
        sequence = media.find("sequence") if node.tag == "ref-clip" and media is not None and media.tag == "media" else None
        spine = sequence.find("spine") if sequence is not None else None
        if sequence is not None and spine is not None:
            return spine, _seconds(sequence.get("tcStart")) or ZERO
        angle = self._angle(node, media)
        return (angle, ZERO) if angle is not None else None

    def _follow(
        self, node: Node, nested: tuple[Node, Fraction], pieces: Iterator[tuple[_Place, Fraction | None]], depth: int
    ) -> None:
        if node.get("ref") in self._path:
            self._odd(node, "is a compound clip that lies in itself: what is in it was left out")
            return
        self._path.append(node.get("ref"))
        for piece, moment in pieces:
            self._storyline(*nested, piece, moment, depth)
        self._path.pop()

    @staticmethod
    def _begins(child: Node, start: Fraction) -> Fraction:
        """Where something in a clip begins, in the clip's own time: a storyline without an offset at its zero."""
        offset = _seconds(child.get("offset"))
        return offset if offset is not None else ZERO if child.tag == "spine" else start

    def _storyline(self, spine: Node, begin: Fraction, place: _Place, moment: Fraction | None, depth: int) -> None:
        """A storyline as it runs, or the one moment of it that is held."""
        if moment is None:
            self._spine(spine, begin, place, depth + 1)
            return
        at = begin
        for each in spine.children:
            if each.tag in _CONTAINERS:
                offset = _seconds(each.get("offset"))
                at = offset if offset is not None else at
                length = self._length(each) or ZERO
                if at <= moment < at + length:
                    self._frozen(each, moment - at + self._start(each), place, depth + 1)
                at += length

    def _frozen(self, node: Node, moment: Fraction, place: _Place, depth: int) -> None:
        """A held moment of an element's own time, for as long as the place lasts."""
        if depth > _DEPTH:
            return
        held = Curve(((ZERO, moment), (Fraction(1), moment)))
        still = replace(place, scale=Fraction(1), shift=ZERO)
        self._content(node, still, depth, held, moment, (ZERO, ZERO))

    def _conformed(self, node: Node, start: Fraction) -> Curve | None:
        """Media at another rate whose frames are shown one for one (``conform-rate``)."""
        found = node.find("conform-rate")
        if found is None or found.get("scaleEnabled", "1") == "0":
            return None
        try:
            rate = parse_rate(found.get("srcFrameRate"))
        except ValueError:
            return None
        return Curve(((start, start), (start + 1, start + self._rate / rate)))

    def _leaf(
        self, node: Node, media: Node | None, place: _Place, curve: Curve | None, reach: tuple[Fraction, Fraction]
    ) -> None:
        scale = place.scale or Fraction(1)
        first, last = sorted(((place.first - place.shift) / scale, (place.last - place.shift) / scale))
        low, speed = curve.seen(first, last) if curve is not None else (first, Fraction(1))
        asset = media if media is not None and media.tag in ("asset", "effect") else None
        rate = self._rate_of(asset) if asset is not None else self._rate_of(node)
        url = self._url(asset)
        whole = None
        if asset is not None and (length := _seconds(asset.get("duration"))) is not None:
            whole = made.span(_seconds(asset.get("start")) or ZERO, rate, length, rate)
        reference = made.media(url, whole)
        if node.tag == "title" or (asset is not None and asset.tag == "effect"):
            reference = made.item("GeneratorReference.1", node.get("name"), generator_kind=node.tag, parameters={})
        length = place.last - place.first
        is_sound = asset is not None and asset.get("hasAudio") == "1" and asset.get("hasVideo") != "1"
        audio = node.tag == "audio" or place.audio or is_sound
        row = made.row_for(self._rows.setdefault((audio, place.lane), []), place.first)
        row.reach(place.first, self._rate)
        if reach[0]:
            row.children.append(made.transition(reach[0], ZERO, self._rate))
        made_clip = made.clip(
            node.get("name") or (asset.get("name") if asset is not None else ""), made.span(low, rate, length, self._rate), reference,
            speed / scale, node.line, place.enabled,
        )  # fmt: skip
        row.children.append(made_clip)
        if reach[1]:
            row.children.append(made.transition(ZERO, reach[1], self._rate))
        row.at = place.last

    def _angle(self, node: Node, media: Node | None) -> Node | None:
        """The angle of a multicam clip that is seen."""
        multicam = media.find("multicam") if media is not None and media.tag == "media" else None
        if multicam is None:
            return None
        wanted = next((each.get("angleID") for each in node.all("mc-source") if each.get("srcEnable", "all") != "audio"), "")
        angles = list(multicam.all("mc-angle"))
        return next((each for each in angles if each.get("angleID") == wanted), angles[0] if angles else None)

    @staticmethod
    def _url(asset: Node | None) -> str:
        if asset is None or asset.tag != "asset":
            return ""
        inside = asset.find("media-rep")  # from 1.9 on
        return asset.get("src") or (inside.get("src") if inside is not None else "")

    def _odd(self, node: Node, reason: str) -> None:
        self.unread.append(Unread(line=node.line, text=(node.get("name") or node.tag)[:200], reason=reason))


def _pieces(place: _Place, curve: Curve | None) -> Iterator[tuple[_Place, Fraction | None]]:
    """What is seen of a container: its place in its own time, or, where it is retimed, one for each stretch of the curve; with the moment
    where that is held."""
    if curve is None or not place.scale:
        yield place, None
        return
    first, last = sorted(((place.first - place.shift) / place.scale, (place.last - place.shift) / place.scale))
    cuts = sorted({first, last, *(x for x, _ in curve.points if first < x < last)})
    for a, b in itertools.pairwise(cuts):
        begin, end = curve.at(a), curve.at(b)
        bounds = sorted((place.record(a), place.record(b)))
        piece = replace(place, first=bounds[0], last=bounds[1])
        if begin == end:
            yield piece, begin
            continue
        scale = place.scale * (b - a) / (end - begin)
        yield replace(piece, scale=scale, shift=place.record(a) - scale * begin), None


def _curve(retime: Node | None) -> Curve | None:
    """The points of a ``timeMap``."""
    points = [
        (_seconds(each.get("time")), _seconds(each.get("value")))
        for each in (retime.all("timept") if retime is not None else ())
    ]
    return Curve.of([(x, y) for x, y in points if x is not None and y is not None])


def _reach(children: Sequence[Node], i: int, cut: Fraction) -> tuple[Fraction, Fraction]:
    """How far a neighbouring transition reaches before a cut, and behind it."""
    if not 0 <= i < len(children) or children[i].tag != "transition":
        return ZERO, ZERO
    offset, length = _seconds(children[i].get("offset")), _seconds(children[i].get("duration"))
    if offset is None or length is None:
        return ZERO, ZERO
    return max(ZERO, cut - offset), max(ZERO, offset + length - cut)


def _seconds(text: str) -> Fraction | None:
    """``1001/24000s``, ``3600s`` or ``0s``; None for anything else."""
    return made.figure(text.removesuffix("s"))
