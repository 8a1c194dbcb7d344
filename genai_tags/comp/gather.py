"""What the elements of an output carry: headers of every part, sidecars, the sets of nodes, and what the ledger says of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from genai_tags import tagging
from genai_tags.carriers import sidecar
from genai_tags.carriers.host import decode_text
from genai_tags.comp.elements import Element, placed, with_views
from genai_tags.comp.knowledge import known
from genai_tags.comp.walk import Span
from genai_tags.errors import MediaError, Problem
from genai_tags.frames import Folders, Media, identity_of
from genai_tags.lineage import Source
from genai_tags.model import FrameSet, Stub, TagSet
from genai_tags.show import Show
from genai_tags.stubs import make_set
from genai_tags.vocabulary import Basis

T = TypeVar("T")
_GLANCE = 500
"""Frames of a sequence that a badge looks at: all of most shots."""


@dataclass
class Gatherer:
    """Reads what elements carry. ``show`` may be None: then no ledger is asked.

    ``folder`` is what relative paths are relative to, ``views`` are those of the script. ``glance`` reads some frames of a sequence, the
    first and the last among them: enough for a badge beside what the ledger says, never for what is written into frames.
    """

    show: Show | None
    folder: str = ""
    views: Sequence[str] = ("main",)
    as_of: dt.date | None = None
    glance: bool = False
    folders: Folders = field(default_factory=Folders)

    def __post_init__(self) -> None:
        self._sidecars: dict[str, list[sidecar.Entry]] = {}
        self.reads = 0

    def source(self, element: Element) -> Source:
        """What an element brings."""
        found = _Found()
        for text in element.texts:
            tags, problems = decode_text(text, element.key)
            found.add(tags, "node" if element.kind != "ModifyMetaData" else "metadata", problems)
        if element.problem is not None:
            found.problems.append(element.problem)
        media: list[Media] = []
        for path in with_views(placed(element.path or "", self.folder), self.views) if element.path else ():
            there = self.folders.media(path)
            if there is None:
                found.problems.append(Problem(element.key, f"reads {path}, which is not there", "media_missing"))
                self._known_of(identity_of(path), None, found)
            else:
                media.append(there)
                self._media(there, element.span, found)
        clean = (
            self._clean(media, element.span) if media and not found.stubs and not found.hidden and not found.problems else None
        )
        if clean is not None:
            found.undeclared = 0  # somebody looked, and signed
        frames = [f for each in media for f in _within(each, element.span).numbers]
        return Source(
            name=element.key, path=media[0].identity if media else element.path and identity_of(element.path), frames=FrameSet.of(frames) if frames else None,
            tags=dataclasses.replace(
                make_set(sorted(found.stubs, key=lambda s: (s.member, str(s.digest))), found.basis), undeclared=found.undeclared
            ),
            by=tuple(found.by), clean=clean, hidden=found.hidden, problems=tuple(dict.fromkeys(found.problems)),
            picture=element.kind not in known().sources or element.kind in known().pictures,
        )  # fmt: skip

    # ------------------------------------------------------------ media

    def _media(self, media: Media, span: Span, found: _Found) -> None:
        """Headers and sidecar of the frames in the span; what the ledger says of them besides."""
        used = _within(media, span)
        files = _some(used.files) if self.glance else used.files
        entries = self._beside(media, found)
        unreadable: list[MediaError] = []
        seen: set[int] = set()
        for frame, path in files:
            self.reads += 1
            try:
                carried = tagging.read_frame(media, frame, path, entries, bound=False)
            except MediaError as error:
                unreadable.append(error)
                continue
            if id(carried.tags) not in seen:  # frames of a sequence share one set
                seen.add(id(carried.tags))
                full = self.show.full_set(carried.tags) if self.show is not None else carried.tags
                found.add(full, "header" if media.extension.lower() == ".exr" else "sidecar", carried.problems)
        if unreadable:
            more = f" (and {len(unreadable) - 1} more frames)" if len(unreadable) > 1 else ""
            found.problems.append(Problem(unreadable[0].path, f"{unreadable[0].message}{more}", unreadable[0].code))
        self._known_of(
            media.identity, used.frames, found, lost=bool(files) and len(unreadable) < len(files) and not self.glance
        )

    def _beside(self, media: Media, found: _Found) -> list[sidecar.Entry]:
        path = tagging.beside(media)
        if path not in self._sidecars:
            try:
                self._sidecars[path] = sidecar.load(path)
            except MediaError as error:
                self._sidecars[path] = []
                found.problems.append(Problem(error.path, error.message, "sidecar_damaged"))
        return self._sidecars[path]

    def _known_of(self, path: str, used: FrameSet | None, found: _Found, lost: bool = False) -> None:
        """Tags that the ledger says were put there; ``lost``: the media was read, and has them no more."""
        if self.show is None:
            return
        carried = set(found.stubs)
        for tagged in self.show.tagged(self.show.relative(path)):
            if used is None or tagged.frames is None or tagged.frames.overlaps(used):
                missing = [stub for stub in tagged.stubs if stub.id not in {each.id for each in carried}]
                if missing and lost:
                    ids = ", ".join(sorted(stub.id for stub in missing))
                    found.problems.append(Problem(path, f"carried {ids} by the ledger, and does no more", "tag_lost"))
                if missing:
                    found.add(make_set(missing), "ledger", ())

    def _clean(self, media: Sequence[Media], span: Span) -> str | None:
        """The statement that covers all of it."""
        if self.show is None:
            return None
        found = []
        for each in media:
            name = self.show.parse_name(each.stem)
            used = {self.show.relative(each.identity): _within(each, span).frames}
            filed, _ = self.show.clean_for(self.as_of or self.show.today(), name.shot, name.version, used)
            if filed is None:
                return None
            found.append(filed.event.id)
        return found[0]


class _Found:
    """What was found of one element so far."""

    def __init__(self) -> None:
        self.stubs: dict[Stub, None] = {}
        self.by: dict[str, None] = {}
        self.hidden = self.undeclared = 0
        self.basis = Basis.INFERRED
        self.problems: list[Problem] = []

    def add(self, tags: TagSet, by: str, problems: Iterable[Problem]) -> None:
        self.problems.extend(problems)
        if not tags:
            return
        self.stubs.update(dict.fromkeys(tags.stubs))
        self.by[by] = None
        self.hidden = max(self.hidden, tags.more)
        self.undeclared = max(self.undeclared, tags.undeclared)
        if tags.basis is not Basis.INFERRED:
            self.basis = tags.basis


def _some(files: Sequence[T]) -> list[T]:
    """At most _GLANCE of them, evenly apart."""
    last = len(files) - 1
    return [files[i] for i in sorted({round(n * last / (_GLANCE - 1)) for n in range(_GLANCE)})] if last >= 0 else []


def _within(media: Media, span: Span) -> Media:
    """The medium with the frames of a span alone; all of them where none lies in it: the nearest is held."""
    if not media.numbers:
        return media
    files = media.between(span.first, span.last)
    return dataclasses.replace(media, files=files) if files else media
