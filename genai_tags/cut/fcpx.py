"""FCPXML of Final Cut Pro and Resolve, as a timeline document.

Apple's FCPXML reference: ``offset`` places an element in its parent's time, ``start`` is where its own time begins, ``duration`` how
long it is seen. Elements with a ``lane`` hang on their parent; the others are what it shows. Compound clips are followed into their
sequences and laid out where they are seen, with their retimes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from genai_tags.cut import made
from genai_tags.cut.markup import Node
from genai_tags.cut.model import Unread
from genai_tags.cut.retime import Curve
from genai_tags.errors import InputError
from genai_tags.timecode import DEFAULT_RATE

ZERO = Fraction(0)
_CONTAINERS = ("clip", "sync-clip", "mc-clip", "ref-clip", "asset-clip", "video", "audio", "title", "gap", "spine", "audition")
_DEPTH = 60


def document(root: Node, source: str) -> tuple[dict[str, Any], list[Unread]]:
    """The timeline, or the several, of a file, and what was not understood. Raises InputError where there is none."""
    reader = _Reader(root)
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


@dataclass(slots=True)
class _Row:
    """A track in the making: items in order, and where the last one ends."""

    lane: int
    audio: bool
    children: list[dict[str, Any]] = field(default_factory=list)
    at: Fraction = ZERO


class _Reader:
    def __init__(self, root: Node) -> None:
        self.unread: list[Unread] = []
        resources = root.find("resources")
        self._resources = {each.get("id"): each for each in (resources.children if resources is not None else ())}
        self._rows: list[_Row] = []
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
        self._rows, is_sequence = [], node.tag == "sequence"
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
            made.item("Track.1", f"{'A' if row.audio else 'V'}{row.lane + 1}" if row.lane >= 0 else f"lane {row.lane}",
                      kind="Audio" if row.audio else "Video", children=row.children)
            for row in sorted(self._rows, key=lambda row: (row.audio, row.lane))
        ]  # fmt: skip
        return made.timeline(name, begin, self._rate, drop, tracks)

    # ------------------------------------------------------------ time

    def _length(self, node: Node) -> Fraction | None:
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
        if depth > _DEPTH:
            self._odd(node, "lies too deep in other clips: it was left out")
            return
        if node.tag == "audition":  # what is picked comes first
            picked = next((each for each in node.children if each.tag in _CONTAINERS), None)
            if picked is not None:
                self._element(picked, at, place, depth + 1, head, tail)
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
        curve = _curve(node.find("timeMap"))
        self._content(node, inner, depth, curve, start, (head, tail))
        for child in node.children:
            if child.tag in _CONTAINERS and child.get("lane"):
                offset = _seconds(child.get("offset"))
                self._element(
                    child,
                    offset if offset is not None else start,
                    replace(inner, first=place.first, last=place.last),
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
            inner = asset.find("sequence") or asset.find("multicam")
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
        if node.tag == "ref-clip" and media is not None and media.tag == "media":
            sequence = media.find("sequence")
            spine = sequence.find("spine") if sequence is not None else None
            if sequence is not None and spine is not None:
                self._spine(spine, _seconds(sequence.get("tcStart")) or ZERO, self._through(place, curve), depth + 1)
                return
        inside = [each for each in node.children if each.tag in _CONTAINERS and not each.get("lane")]
        if node.tag in ("clip", "sync-clip") and inside:
            through = self._through(place, curve)
            for child in inside:
                offset = _seconds(child.get("offset"))
                self._element(child, offset if offset is not None else start, through, depth + 1, *reach)
            return
        self._leaf(node, media, place, curve, reach)

    def _through(self, place: _Place, curve: Curve | None) -> _Place:
        """The time inside a retimed container."""
        if curve is None or not place.scale:
            return place
        own = (place.first - place.shift) / place.scale, (place.last - place.shift) / place.scale
        low, speed = curve.seen(*sorted(own))
        if not speed:
            return place
        scale = place.scale / speed
        edge = place.first if scale > 0 else place.last
        return replace(place, scale=scale, shift=edge - scale * low)

    def _leaf(
        self, node: Node, media: Node | None, place: _Place, curve: Curve | None, reach: tuple[Fraction, Fraction]
    ) -> None:
        scale = place.scale or Fraction(1)
        first, last = sorted(((place.first - place.shift) / scale, (place.last - place.shift) / scale))
        low, speed = curve.seen(first, last) if curve is not None else (first, Fraction(1))
        asset = self._angle(node, media)
        rate = self._rate_of(asset) if asset is not None else self._rate_of(node)
        url = self._url(asset)
        whole = None
        if asset is not None and (length := _seconds(asset.get("duration"))) is not None:
            whole = made.span(_seconds(asset.get("start")) or ZERO, rate, length, rate)
        reference = made.media(url, whole)
        if node.tag == "title" or (asset is not None and asset.tag == "effect"):
            reference = made.item("GeneratorReference.1", node.get("name"), generator_kind=node.tag, parameters={})
        length = place.last - place.first
        row = self._row(place, node.tag == "audio" or place.audio)
        if place.first > row.at:
            row.children.append(made.gap(place.first - row.at, self._rate))
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

    def _row(self, place: _Place, audio: bool) -> _Row:
        """The track of a lane; another one where it is taken."""
        for row in self._rows:
            if (row.lane, row.audio) == (place.lane, audio) and row.at <= place.first:
                return row
        self._rows.append(_Row(place.lane, audio))
        return self._rows[-1]

    def _angle(self, node: Node, media: Node | None) -> Node | None:
        """The asset of an element; of a multicam clip that of the angle that is seen."""
        multicam = media.find("multicam") if media is not None and media.tag == "media" else None
        if multicam is None:
            return media if media is not None and media.tag in ("asset", "effect") else None
        wanted = next((each.get("angleID") for each in node.all("mc-source") if each.get("srcEnable", "all") != "audio"), "")
        angles = list(multicam.all("mc-angle"))
        angle = next((each for each in angles if each.get("angleID") == wanted), angles[0] if angles else None)
        found = next((each for each in angle.below() if each.get("ref")), None) if angle is not None else None
        return self._resources.get(found.get("ref")) if found is not None else None

    @staticmethod
    def _url(asset: Node | None) -> str:
        if asset is None or asset.tag != "asset":
            return ""
        inside = asset.find("media-rep")  # from 1.9 on
        return asset.get("src") or (inside.get("src") if inside is not None else "")

    def _odd(self, node: Node, reason: str) -> None:
        self.unread.append(Unread(line=node.line, text=(node.get("name") or node.tag)[:200], reason=reason))


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
    if not text or len(text) > 60:
        return None
    try:
        value = Fraction(text.removesuffix("s"))
    except (ValueError, ZeroDivisionError):
        return None
    return value if abs(value) < 10**9 else None
