"""One render of one output: its finished frames are tagged, whatever host made them, while others of the range are still to come.

EXR frames carry the set in every part; what cannot is named in a sidecar. Tasks of a farm that render chunks of one range write the
same sidecar, at the same time: each writes the whole range, so that none undoes another's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from genai_tags.carriers import exr, sidecar
from genai_tags.carriers.protection import protection
from genai_tags.comp.walk import Span
from genai_tags.errors import DamagedMediaError, IncompleteMediaError, MediaError
from genai_tags.frames import single
from genai_tags.lineage import united
from genai_tags.model import TagSet
from genai_tags.stubs import in_header

_TRIES, _PAUSE = 8, 0.05


@dataclass
class Job:
    """A render under way. ``span`` is the output's whole range; ``problems`` says what could not be done."""

    name: str
    span: Span
    tags: TagSet
    problems: list[str] = field(default_factory=list)
    _waiting: list[tuple[str, TagSet]] = field(default_factory=list)
    """Files that were not finished when they were named; tried again with the next frame, and at the end."""
    _late: list[tuple[str, TagSet]] = field(default_factory=list)
    _rendered: dict[str, dict[int | None, TagSet]] = field(default_factory=dict)
    """Sidecar -> the frames that were rendered and that it may hold, and their sets."""
    _needed: set[str] = field(default_factory=set)
    """Sidecars that must hold the set; in the others nothing of these frames may be left."""
    _covered: dict[str, set[int | None]] = field(default_factory=dict)
    """Sidecar -> the frames of which it says enough: their set, for those still to come beside what was there before."""

    def frame(self, paths: Iterable[str], besides: TagSet = TagSet()) -> None:
        """Tag the files of a frame that was finished, and those that were not closed before. ``besides`` is what a frame outside
        the range shows that no other does. Sidecars are written at once: a render that is cancelled never ends."""
        waiting, self._waiting = self._waiting, []
        for path, tags in waiting:
            self._tag(path, tags, self._late)
        tags = united(self.tags, besides) if besides else self.tags
        for path in paths:
            self._tag(path, tags, self._waiting)
        self._save()

    def close(self) -> str:
        """Tag what is left. One line about what could not be done; empty where all was."""
        for path, tags in [*self._late, *self._waiting]:
            self._tag(path, tags, None)
        self._late, self._waiting = [], []
        self._covered.clear()  # of frames that came later in the range it still says what was there before
        self._save()
        if not self.problems:
            return ""
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        return f"{self.name}: not every frame could be tagged: {self.problems[0]}{more}"

    def _tag(self, path: str, tags: TagSet, again: list[tuple[str, TagSet]] | None) -> None:
        """Put the set into one file, or note it for the sidecar. An empty set touches no file. ``again`` takes what is not
        finished; None where this was the last try."""
        media = single(path)
        is_exr = media.extension.lower() == ".exr"
        beside = sidecar.sidecar_path(media.folder, media.stem, media.extension)
        self._rendered.setdefault(beside, {})[media.files[0][0]] = tags
        try:
            reason = protection(path) if is_exr else "not EXR"
            if reason is not None or in_header(tags) < len(tags.stubs):
                self._needed.add(beside)
            if reason is None and tags:
                exr.write(path, tags)
        except Exception as error:  # noqa: BLE001 - one file must not keep the others from being tagged
            if again is not None and isinstance(error, (IncompleteMediaError, DamagedMediaError)):
                again.append((path, tags))
            else:
                self.problems.append(str(error) if isinstance(error, MediaError) else f"{path}: {type(error).__name__} {error}")

    def _save(self) -> None:
        """Bring sidecars up to date for frames that they do not cover yet."""
        for path, frames in self._rendered.items():
            new = set(frames) - self._covered.get(path, set())
            if not new:
                continue
            needed = path in self._needed and any(frames.values())
            if needed or os.path.exists(path):
                self._write(path, new, needed)
            covered = self._covered.setdefault(path, set())
            covered.update(new)
            if needed and None not in new:
                covered.update(range(self.span.first, self.span.last + 1))

    def _write(self, path: str, new: set[int | None], needed: bool) -> None:
        """Tasks that end together write the same sidecar: who comes second finds it done, or tries again."""
        for rest in reversed(range(_TRIES)):
            try:
                sidecar.save(path, self._changes(path, new) if needed else dict.fromkeys(new, TagSet()), {})
                return
            except MediaError as error:
                if not rest:
                    self.problems.append(str(error))
            time.sleep(_PAUSE)

    def _changes(self, path: str, new: set[int | None]) -> dict[int | None, TagSet]:
        """The set of the frames that were rendered; and of those of the range that are still to come, beside what is there."""
        rendered = self._rendered[path]
        changes: dict[int | None, TagSet] = {frame: rendered[frame] for frame in new}
        if None in rendered:
            return changes
        there = sidecar.by_frame(sidecar.load(path))
        to_come = [frame for frame in range(self.span.first, self.span.last + 1) if frame not in rendered]
        beside: dict[int, TagSet] = {}
        for frame in to_come:
            old = there.get(frame, TagSet())
            if id(old) not in beside:  # frames share their sets
                beside[id(old)] = united(self.tags, old) if old else self.tags
            changes[frame] = beside[id(old)]
        return changes
