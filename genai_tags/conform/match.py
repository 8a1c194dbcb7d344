"""Join an event to the tags that concern it, by every key there is, and say by which."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from genai_tags import naming
from genai_tags.conform.media import FrameRead, FrameReader, MediaIndex, Span, exact_paths, span_of, tags_in
from genai_tags.cut.model import Event
from genai_tags.errors import Problem
from genai_tags.frames import Media, identity_of
from genai_tags.ledger.state import TaggedMedia
from genai_tags.model import FrameSet, Stub
from genai_tags.naming import version_number
from genai_tags.show import Show
from genai_tags.timecode import Timecode, parse_rate
from genai_tags.vocabulary import Basis

_GENERIC_REEL = re.compile(r"AX|BL|BLK|BLACK|GEN|NONE|AUX|UNK\w*|B|\d{1,3}", re.IGNORECASE)
"""Reels that say nothing: they never match by reel."""


@dataclass(frozen=True, slots=True)
class Match:
    """How something was found."""

    by: str
    value: str


@dataclass(slots=True)
class Joined:
    """Everything found about an event. ``stubs`` are what media and metadata carry, by tag id."""

    event: Event
    name: naming.Name
    matches: dict[str, list[Match]] = field(default_factory=lambda: defaultdict(list))
    stubs: dict[str, set[Stub]] = field(default_factory=lambda: defaultdict(set))
    media: list[Media] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    searched: bool = False
    tagged_frames: dict[str, set[int | None]] = field(default_factory=lambda: defaultdict(set))
    used_frames: set[int | None] = field(default_factory=set)
    wanted: FrameSet | None = None
    """The frame numbers that the event's source range means, on disk or not."""
    handles_only: set[str] = field(default_factory=set)
    expected: dict[str, list[TaggedMedia]] = field(default_factory=lambda: defaultdict(list))
    hidden: int = 0
    """Tags that a header counts and neither it nor sidecar nor ledger lists."""
    undeclared: int = 0
    """Parts that nobody accounted for when the media was rendered."""
    conflict: str | None = None
    other_shots: list[str] = field(default_factory=list)
    """Shots that clip or file name besides the one that counts."""
    problems: list[Problem] = field(default_factory=list)
    unreadable: dict[int | None, Problem] = field(default_factory=dict)

    def found(self, tag_id: str, by: str, value: str) -> None:
        """Note that a key leads to a tag."""
        match = Match(by, value)
        if match not in self.matches[tag_id]:
            self.matches[tag_id].append(match)

    @property
    def hinted_only(self) -> set[str]:
        """Tags that nothing but a GENAI line names."""
        return {tag_id for tag_id, matches in self.matches.items() if all(m.by == "hint" for m in matches)}


class Joiner:
    """Joins events of a show to its tags. ``reader`` counts header reads."""

    def __init__(self, show: Show, index: MediaIndex, as_of: dt.date) -> None:
        self.show, self.index = show, index
        self.reader = FrameReader()
        self.shots = show.state.shots()
        self.by_path: dict[str, list[TaggedMedia]] = defaultdict(list)
        self.by_reel: dict[str, list[TaggedMedia]] = defaultdict(list)
        self.by_version: dict[tuple[str, int | None], list[TaggedMedia]] = defaultdict(list)
        self.in_shot: dict[str, list[str]] = defaultdict(list)
        for media in show.state.media:
            self.by_path[media.path].append(media)
            if media.shot and media.version:
                self.by_version[media.shot, version_number(media.version)].append(media)
            if media.reel and not _GENERIC_REEL.fullmatch(media.reel.strip()):
                self.by_reel[media.reel.strip().upper()].append(media)
        for tag_id in show.state.entries:
            entry = show.current(tag_id, as_of)
            for use in entry.record.uses if entry else ():
                if use.shot and tag_id not in self.in_shot[use.shot]:
                    self.in_shot[use.shot].append(tag_id)

    def join(self, event: Event) -> Joined:
        """Everything that is known of one event."""
        texts = (event.media.path if event.media else None, event.file, event.clip, event.reel)
        named = [self._parse(text) for text in texts if text]
        media = self.index.find(event, _agree(named)[0])
        names = [*(self._parse(each.path) for each in media), *named]
        name, conflict = _agree(names)
        if event.shot is not None:
            name, conflict = naming.Name(event.shot, name.version), None
        joined = Joined(event, name, media=media, conflict=conflict)
        if conflict is not None:
            joined.other_shots = [each.shot for _, each in named if each.shot]
        self._from_metadata(joined)
        self._from_media(joined)
        self._from_ledger(joined)
        for hint in event.hints:
            joined.found(hint.id, "hint", f"line {hint.line}")
        return joined

    def _parse(self, text: str) -> tuple[str, naming.Name]:
        plain = text.replace("\\", "/").rpartition("/")[2]
        return plain, naming.parse(plain, self.show.name_patterns, self.shots)

    def _from_metadata(self, joined: Joined) -> None:
        event = joined.event
        for tags, where in ((event.use_tags, "clip"), (event.source_tags, "media reference")):
            full = self.show.full_set(tags)
            for stub in full.stubs:
                joined.found(stub.id, "metadata", where)
                joined.stubs[stub.id].add(stub)
            joined.hidden = max(joined.hidden, full.more)
            joined.undeclared = max(joined.undeclared, full.undeclared)

    # ------------------------------------------------------------ media

    def _from_media(self, joined: Joined) -> None:
        event = joined.event
        joined.searched = bool(self.index.folders) or bool(exact_paths(event)) or event.media is not None
        for media in joined.media:
            span = span_of(event, media, self.reader)
            joined.spans.append(span)
            joined.wanted = span.wanted or joined.wanted
            reads = tags_in(span, media, self.reader)
            joined.used_frames.update(reads)
            self._gather(joined, media, reads)
            self._look_in_handles(joined, media, span)

    def _gather(self, joined: Joined, media: Media, reads: dict[int | None, FrameRead]) -> None:
        problems: dict[str, Problem] = {}
        seen: set[tuple[int, str]] = set()
        for frame, read in reads.items():
            tags = read.carried.tags
            if read.problem is not None:
                joined.unreadable[frame] = read.problem
            full = self.show.full_set(tags)
            joined.hidden = max(joined.hidden, full.more)
            joined.undeclared = max(joined.undeclared, full.undeclared)
            for stub in full.stubs:
                joined.tagged_frames[stub.id].add(frame)
                if (id(tags), stub.id) not in seen:  # frames of a sequence share one set
                    seen.add((id(tags), stub.id))
                    inferred = " (passed through by a host)" if tags.basis is Basis.INFERRED else ""
                    joined.found(stub.id, read.by, f"{media.path}{inferred}")
                    joined.stubs[stub.id].add(stub)
            for problem in read.carried.problems:
                problems.setdefault(f"{problem.path}{problem.message}", problem)
        joined.problems.extend(problems.values())

    def _look_in_handles(self, joined: Joined, media: Media, span: Span) -> None:
        """Frames beside the used ones: two reads a sequence, and what the ledger says."""
        if span.wanted is None or len(span.files) == len(media.files):
            return
        ends = {media.files[0], media.files[-1]} - set(span.files)
        for frame, path in sorted(ends, key=lambda item: item[1]):
            for stub in self.reader.read(media, frame, path).carried.tags.stubs:
                if stub.id not in joined.tagged_frames:
                    joined.handles_only.add(stub.id)

    # ------------------------------------------------------------ ledger

    def _from_ledger(self, joined: Joined) -> None:
        for media, span in zip(joined.media, joined.spans, strict=True):
            relative = self.show.relative(media.identity)
            for tagged in self.by_path.get(relative, ()):
                self._expect(joined, tagged, span.wanted, "path", relative)
        if not joined.media and joined.event.media is not None:
            relative = self.show.relative(identity_of(joined.event.media.path))
            for tagged in self.by_path.get(relative, ()):
                self._expect(joined, tagged, None, "path", relative)
        for tagged in self._by_reel(joined.event):
            self._expect(joined, tagged, None, "reel", tagged.reel or "")
        shot, version = joined.name.shot, joined.name.version
        if shot is None:
            return
        for each in dict.fromkeys((shot, *joined.other_shots)):
            for tag_id in self.in_shot.get(each, ()):
                joined.found(tag_id, "shot", each)
        for tagged in self.by_version.get((shot, version_number(version or "")), ()) if version else ():
            if not joined.media or self.show.relative(joined.media[0].identity) != tagged.path:
                for stub in tagged.stubs:
                    joined.found(stub.id, "version", f"{shot} {version}")

    def _expect(self, joined: Joined, tagged: TaggedMedia, used: FrameSet | None, by: str, value: str) -> None:
        in_use = used is None or tagged.frames is None or tagged.frames.overlaps(used)
        for stub in tagged.stubs:
            if in_use:
                joined.found(stub.id, by, value)
                joined.expected[stub.id].append(tagged)
            elif stub.id not in joined.tagged_frames:
                joined.handles_only.add(stub.id)

    def _by_reel(self, event: Event) -> Iterable[TaggedMedia]:
        used = event.used()
        for tagged in self.by_reel.get((event.reel or "").strip().upper(), ()) if used else ():
            span = _source_span(tagged, event)
            if used and span and span[0] <= used[1] and used[0] <= span[1]:
                yield tagged


def _agree(names: list[tuple[str, naming.Name]]) -> tuple[naming.Name, str | None]:
    """Shot and version: what comes first counts, media that were found before the file and the clip that were named.

    And, in words, where the names disagree: a clip may be called v012 and point to v014.
    """
    shot = next((name.shot for _, name in names if name.shot), None)
    version = next((name.version for _, name in names if name.shot == shot and name.version), None)
    chosen = naming.Name(shot, version)
    for text, name in names:
        other_version = name.version and version and version_number(name.version) != version_number(version)
        if (name.shot and name.shot != shot) or (name.shot == shot and other_version):
            return chosen, f"{text!r} names {name.shot} {name.version or ''}, {names[0][0]!r} {shot} {version or ''}"
    return chosen, None


def _source_span(tagged: TaggedMedia, event: Event) -> tuple[int, int] | None:
    """First and last source frame count of tagged frames, from the timecode of the first."""
    if tagged.start is None or tagged.frames is None:
        return None
    try:
        rate = parse_rate(tagged.rate) if tagged.rate else event.source_rate
        start = Timecode.parse(tagged.start).to_frames(rate)
    except ValueError:
        return None
    first, last = tagged.frames.ranges[0][0], tagged.frames.ranges[-1][1]
    return start, start + last - first
