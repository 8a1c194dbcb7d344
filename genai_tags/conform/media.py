"""The media behind events: found by path or name, and read frame by frame, each header once."""

from __future__ import annotations

import math
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from urllib.parse import unquote

from genai_tags import naming
from genai_tags.carriers import exr, sidecar
from genai_tags.carriers.exr import NOTHING, Carried
from genai_tags.cut.model import Event
from genai_tags.errors import MediaError, Problem
from genai_tags.frames import MEDIA_EXTENSIONS, Media, is_pattern, on_disk, search, single
from genai_tags.model import FrameSet
from genai_tags.show import Show
from genai_tags.timecode import Timecode, nominal


@dataclass(slots=True)
class MediaIndex:
    """Where media may lie: the folders that were named, and exact paths."""

    show: Show
    folders: Sequence[str] = ()
    by_stem: dict[str, list[Media]] = field(default_factory=lambda: defaultdict(list))
    by_version: dict[tuple[str, str | None], list[Media]] = field(default_factory=lambda: defaultdict(list))
    _exact: dict[tuple[str, bool], Media | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in self.folders:
            for media in search(folder):
                self.by_stem[media.stem].append(media)
                name = naming.parse(media.stem, self.show.name_patterns, ())
                if name.shot:
                    self.by_version[name.shot, name.version].append(media)

    def find(self, event: Event, name: naming.Name) -> list[Media]:
        """The media of an event: by exact path, else by name without frame and extension, else by shot and version."""
        for path in exact_paths(event):
            exact = self._at(path, event)
            if exact is not None:
                return [exact]
        for text in (event.media.path if event.media else None, event.file, event.clip, event.reel):
            if text and (found := self.by_stem.get(stem_of(text))):
                return found
        if name.shot and name.version:
            return self.by_version.get((name.shot, name.version), [])
        return []

    def _at(self, path: str, event: Event) -> Media | None:
        """The media at a path of the cut, on this machine: as it is, or below a media root of this operating system."""
        used = event.used()
        moving = used is not None and used[1] > used[0]
        key = (path, moving)
        if key not in self._exact:
            self._exact[key] = next((m for p in self._here(path) if (m := _load(p, moving))), None)
        return self._exact[key]

    def _here(self, path: str) -> Iterable[str]:
        yield path
        if "%5B" in path.upper():  # brackets as a URL writes them, in a path that is none
            yield unquote(path)
        plain = path.replace("\\", "/")
        for name, systems in self.show.config.media_roots.items():
            here = self.show.config.roots().get(name)
            for root in systems.values():
                prefix = root.replace("\\", "/").rstrip("/") + "/"
                if here and plain.startswith(prefix):
                    yield os.path.join(here, plain[len(prefix) :])


def exact_paths(event: Event) -> list[str]:
    """The absolute paths that a cut names for an event's media."""
    named = [event.media.path if event.media else None, event.file]
    return [path for path in named if path and (os.path.isabs(path) or re.match(r"[A-Za-z]:[\\/]|\\\\", path))]


def _load(path: str, moving: bool) -> Media | None:
    """What lies at a path. One frame's name stands for its sequence where the event moves and the format is a film one."""
    if not os.path.isabs(path):
        return None
    if is_pattern(path):
        return on_disk(path)
    if not os.path.isfile(path):
        return None
    media = single(path)
    if moving and media.frames is not None and media.extension.lower() in (".exr", ".dpx", ".cin"):
        return on_disk(path) or media
    return media


def stem_of(text: str) -> str:
    """A clip or file name without folder, frame, range and extension: what media are indexed by."""
    name = text.replace("\\", "/").rpartition("/")[2]
    extension = os.path.splitext(name)[1].lower()
    stem = single(name).stem if extension in MEDIA_EXTENSIONS else name
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
        self._sidecars: dict[str, tuple[list[sidecar.Entry], Problem | None]] = {}

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
        beside, torn = self._beside(media)
        if not beside:
            return FrameRead(header, "header", problem or torn)
        tags, wrong = sidecar.tags_for(beside, frame)
        united, disagreement = sidecar.unite(header.tags, tags)
        changed = sidecar.mismatch(beside, frame, path)
        problems = (*header.problems, *wrong, *disagreement, *([changed] if changed else []))
        merged = replace(header, tags=united, problems=problems)
        return FrameRead(merged, "sidecar" if tags and not header.tags else "header", problem)

    def _beside(self, media: Media) -> tuple[list[sidecar.Entry], Problem | None]:
        if media.path not in self._sidecars:
            path = sidecar.sidecar_path(media.folder, media.stem, media.extension)
            try:
                self._sidecars[media.path] = sidecar.load(path), None
            except MediaError as error:
                self._sidecars[media.path] = [], Problem(path, error.message, "sidecar_damaged")
        return self._sidecars[media.path]


@dataclass(frozen=True, slots=True)
class Span:
    """The frames of a medium that an event uses.

    ``wanted`` are the frame numbers that its source range means, on disk or not; None where timecode and numbers cannot
    be related, and then every frame counts as used. ``missing`` are those of them that are not there.
    """

    files: tuple[tuple[int | None, str], ...]
    wanted: FrameSet | None
    missing: FrameSet | None = None


def span_of(event: Event, media: Media, reader: FrameReader) -> Span:
    """Which frames of ``media`` an event really uses, from its source range and what relates it to frame numbers.

    In order: the timeCode in the first frame's header, the start that the timeline states, a timecode that counts frames.
    """
    used, there = event.used(), media.frames
    if there is None:
        return Span(media.files, None)
    relate = _relation(event, media, reader) if used else None
    if used is None or relate is None:
        return Span(media.files, there if len(media.files) == 1 else None)
    first, last = relate(used[0]), relate(used[1])
    if last - first >= FrameSet.MAX_FRAMES:
        return Span(media.files, None)
    wanted = FrameSet(((first, last),))
    files = media.between(first, last)
    held = {frame for frame, _ in files}
    missing = None
    if len(held) <= last - first and not event.either_way:
        missing = FrameSet.of(frame for frame in wanted if frame not in held)
    if not files:  # not one frame where the timecode points: nothing is known, and every frame counts
        return Span(media.files, None, missing)
    return Span(files, wanted, missing)


def _relation(event: Event, media: Media, reader: FrameReader) -> Callable[[int], int] | None:
    """Source frame count -> frame number."""
    first_frame, first_path = media.files[0]
    assert first_frame is not None
    carried = reader.read(media, first_frame, first_path).carried
    if carried.timecode is not None and _same_rate(carried.rate, event):
        try:
            start = Timecode.parse(carried.timecode).to_frames(event.source_rate)
        except ValueError:
            pass
        else:
            return lambda count: first_frame + count - start
    stated = event.media
    if stated is not None and stated.start is not None:
        number = stated.first_frame if stated.first_frame is not None else first_frame
        begin, rate = stated.start, stated.rate or event.source_rate
        return lambda count: number + math.floor(Fraction(count) * rate / event.source_rate) - begin
    used, there = event.used(), media.frames
    counts = there is not None and there.ranges[0][0] > 1  # from 0 or 1 on, a number says nothing of a timecode
    if used and there and counts and there.ranges[0][0] <= used[0] + event.head and used[1] - event.tail <= there.ranges[-1][1]:
        return lambda count: count
    return None


def _same_rate(rate: tuple[int, int] | None, event: Event) -> bool:
    return rate is None or not rate[1] or round(rate[0] / rate[1]) == nominal(event.source_rate)


def tags_in(span: Span, media: Media, reader: FrameReader) -> dict[int | None, FrameRead]:
    """What each used frame carries."""
    return {frame: reader.read(media, frame, path) for frame, path in span.files}
