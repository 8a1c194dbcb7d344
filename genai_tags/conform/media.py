"""The media behind events: found by path or name, and read frame by frame, each header once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from genai_tags import naming
from genai_tags.carriers import exr, sidecar
from genai_tags.carriers.exr import NOTHING, Carried
from genai_tags.cut.model import Event
from genai_tags.errors import InputError, MediaError, Problem
from genai_tags.frames import Media, expand, is_pattern, single
from genai_tags.model import FrameSet, TagSet
from genai_tags.show import Show
from genai_tags.timecode import Timecode, nominal


@dataclass(slots=True)
class MediaIndex:
    """Where media may lie: the folders that were named, and exact paths."""

    show: Show
    folders: Sequence[str] = ()
    by_stem: dict[str, list[Media]] = field(default_factory=lambda: defaultdict(list))
    by_version: dict[tuple[str, str | None], list[Media]] = field(default_factory=lambda: defaultdict(list))
    _exact: dict[str, Media | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in self.folders:
            for media in expand(folder):
                self.by_stem[media.stem].append(media)
                name = naming.parse(media.stem, self.show.name_patterns, ())
                if name.shot:
                    self.by_version[name.shot, name.version].append(media)

    def find(self, event: Event, name: naming.Name) -> list[Media]:
        """The media of an event: by exact path, else by name without frame and extension, else by shot and version."""
        if event.media is not None:
            exact = self._at(event.media.path)
            if exact is not None:
                return [exact]
        for text in (event.media.path if event.media else None, event.file, event.clip, event.reel):
            if text and (found := self.by_stem.get(stem_of(text))):
                return found
        if name.shot and name.version:
            return self.by_version.get((name.shot, name.version), [])
        return []

    def _at(self, path: str) -> Media | None:
        """The media at a path of the cut, on this machine: as it is, or below a media root of this operating system."""
        if path not in self._exact:
            self._exact[path] = next((m for p in self._here(path) if (m := _load(p))), None)
        return self._exact[path]

    def _here(self, path: str) -> Iterable[str]:
        yield path
        plain = path.replace("\\", "/")
        for name, systems in self.show.config.media_roots.items():
            here = self.show.config.roots().get(name)
            for root in systems.values():
                prefix = root.replace("\\", "/").rstrip("/") + "/"
                if here and plain.startswith(prefix):
                    yield os.path.join(here, plain[len(prefix) :])


def _load(path: str) -> Media | None:
    if not os.path.isabs(path):
        return None
    try:
        if is_pattern(path) or os.path.isfile(path):
            return expand(path)[0]
    except InputError:
        return None
    return None


def stem_of(text: str) -> str:
    """A clip or file name without folder, frame, range and extension: what media are indexed by."""
    name = text.replace("\\", "/").rpartition("/")[2]
    media = single(name)
    stem = media.stem if media.extension.lower() != name.lower() else name
    for sign in ("[", "%", "#", "@", "$F", "<UDIM>"):
        stem = stem.partition(sign)[0]
    return stem.rstrip("._- ") or name


# ---------------------------------------------------------------- frames


@dataclass(frozen=True, slots=True)
class FrameRead:
    """What one frame carries, by header or sidecar; ``problem`` where it could not be read."""

    carried: Carried
    by: str = "header"
    problem: Problem | None = None


class FrameReader:
    """Reads what frames carry. ``reads`` counts header reads; no frame is read twice."""

    def __init__(self) -> None:
        self.reads = 0
        self._seen: dict[str, FrameRead] = {}
        self._sidecars: dict[str, list[sidecar.Entry]] = {}

    def read(self, media: Media, frame: int | None, path: str) -> FrameRead:
        """What a frame carries: the header where it has tags, else the sidecar."""
        if path not in self._seen:
            self._seen[path] = self._read(media, frame, path)
        return self._seen[path]

    def _read(self, media: Media, frame: int | None, path: str) -> FrameRead:
        header, problem = NOTHING, None
        if media.extension.lower() == ".exr":
            self.reads += 1
            try:
                header = exr.read(path)
            except MediaError as error:
                problem = Problem(path, error.message, error.code)
        beside = self._beside(media)
        if beside and (not header.tags or header.tags.more):
            tags, wrong = sidecar.tags_for(beside, frame)
            if tags or tags.clean is not None:
                merged = Carried(tags, (*header.problems, *wrong), header.reel, header.timecode, header.rate)
                return FrameRead(merged, "sidecar", problem)
        return FrameRead(header, "header", problem)

    def _beside(self, media: Media) -> list[sidecar.Entry]:
        path = sidecar.sidecar_path(media.folder, media.stem, media.extension)
        if path not in self._sidecars:
            try:
                self._sidecars[path] = sidecar.load(path)
            except MediaError:
                self._sidecars[path] = []
        return self._sidecars[path]


@dataclass(frozen=True, slots=True)
class Span:
    """The frames of a medium that an event uses. ``known`` is False where timecode and numbers cannot be related."""

    files: tuple[tuple[int | None, str], ...]
    frames: FrameSet | None
    known: bool
    missing: FrameSet | None = None


def span_of(event: Event, media: Media, reader: FrameReader) -> Span:
    """Which frames of ``media`` an event really uses, from its source range and what relates it to frame numbers.

    In order: the timeCode in the first frame's header, the start that the timeline states, a timecode that counts frames.
    """
    if len(media.files) == 1:
        return Span(media.files, media.frames, True)
    used, there = event.used(), media.frames
    assert there is not None
    shift = _shift(event, media, reader) if used else None
    if used is None or shift is None:
        return Span(media.files, there, False)
    first, last = used[0] + shift, used[1] + shift
    if last - first >= FrameSet.MAX_FRAMES:
        return Span(media.files, there, False)
    files = tuple((frame, path) for frame, path in media.files if frame is not None and first <= frame <= last)
    held = {frame for frame, _ in files}
    missing = [frame for frame in range(first, last + 1) if frame not in held] if len(held) <= last - first else []
    frames = FrameSet.of(frame for frame in held if frame is not None)
    return Span(files, frames, True, FrameSet.of(missing) if missing else None)


def _shift(event: Event, media: Media, reader: FrameReader) -> int | None:
    """Frame number minus source frame count."""
    first_frame, first_path = media.files[0]
    assert first_frame is not None
    carried = reader.read(media, first_frame, first_path).carried
    if carried.timecode is not None:
        try:
            start = Timecode.parse(carried.timecode).to_frames(event.source_rate)
        except ValueError:
            start = None
        same_rate = (
            carried.rate is None
            or not carried.rate[1]
            or round(carried.rate[0] / carried.rate[1]) == nominal(event.source_rate)
        )
        if start is not None and same_rate:
            return first_frame - start
    stated = event.media
    if stated is not None and stated.start is not None:
        return (stated.first_frame if stated.first_frame is not None else first_frame) - stated.start
    used, there = event.used(), media.frames
    if used and there and there.ranges[0][0] <= used[0] + event.head and used[1] - event.tail <= there.ranges[-1][1]:
        return 0
    return None


def tags_in(span: Span, media: Media, reader: FrameReader) -> tuple[dict[int | None, FrameRead], TagSet]:
    """What each used frame carries, and the first clean mark among them."""
    reads = {frame: reader.read(media, frame, path) for frame, path in span.files}
    mark = next((r.carried.tags for r in reads.values() if r.carried.tags.clean is not None), TagSet())
    return reads, mark
