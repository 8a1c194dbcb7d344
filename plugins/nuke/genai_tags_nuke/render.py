"""Renders: the set that a Write inherits goes into every part of every frame as it is finished.

Whatever the Write's metadata mode, in the GUI, ``-x``, ``-t``, in the background and on farms. What goes in is the union over the
Write's whole range and what was stored beside the script, so that ten chunks of one Write carry one set.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from typing import Any

import nuke

from genai_tags.carriers import exr, sidecar
from genai_tags.carriers.protection import protection
from genai_tags.comp.elements import placed, with_views
from genai_tags.comp.output import Output, headline
from genai_tags.comp.stored import stored
from genai_tags.comp.walk import Span
from genai_tags.errors import DamagedMediaError, GenAITagsError, IncompleteMediaError, MediaError
from genai_tags.frames import single
from genai_tags.lineage import united
from genai_tags.model import TagSet
from genai_tags.status import Severity
from genai_tags.stubs import HEADER_STUBS
from genai_tags_nuke.log import RenderStoppedError, guarded, say, warn
from genai_tags_nuke.session import SESSION, judged, plan, script_folder, script_path, span_of

_TRIES, _PAUSE = 8, 0.05
_FRAME = re.compile(r"%(0?\d*)d|(#+)")


@dataclass
class Job:
    """One render of one Write."""

    name: str
    span: Span
    tags: TagSet
    written: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)
    """Files that were not finished when their callback ran; tried again with the next frame, and at the end."""
    late: list[str] = field(default_factory=list)
    beside: dict[str, set[int | None]] = field(default_factory=dict)
    """Sidecar -> the frames that were rendered and that it may hold."""
    needed: set[str] = field(default_factory=set)
    """Sidecars that must hold the set; in the others nothing of these frames may be left."""
    saved: dict[str, tuple[bool, int | None]] = field(default_factory=dict)
    """Sidecars that were brought up to date, and for what."""
    problems: list[str] = field(default_factory=list)


_JOBS: dict[str, Job] = {}


@guarded
def before_render() -> None:
    """Find out what the Write inherits; stop where the show asks for it; say it in one line. Raises RenderStoppedError."""
    left = _JOBS.pop(nuke.thisNode().fullName(), None)
    if left is not None:
        _close(left)  # a render that was cancelled never ended
    output = _begin(nuke.thisNode())
    line = f"{output.plan.name}: {headline(output)}"
    first = next(iter(output.findings), None)
    show = SESSION.show()
    if show is not None and output.status in show.config.renders.stop:
        del _JOBS[output.plan.name]
        why = f"{first.message}. {first.fix}" if first is not None else output.badge.text
        raise RenderStoppedError(
            f"genai_tags: {show.config.name} does not render what is {output.badge.text.lower()}: {line}. {why}"
        )
    if first is not None and first.severity is not Severity.INFO:
        who = f" ({first.who})" if first.who else ""
        warn(f"{line} | {first.code}, {first.message}. {first.fix}{who}")
    else:
        say(line)


@guarded
def after_frame() -> None:
    """Tag the frame that was finished, and those that were not closed before."""
    node, frame = nuke.thisNode(), int(nuke.frame())
    job = _JOBS.get(node.fullName())
    if job is None or not job.span.first <= frame <= job.span.last:
        _begin(node, frame)  # a frame outside the script's range may show what no other does
        job = _JOBS[node.fullName()]
    waiting, job.waiting = job.waiting, []
    for path in waiting:
        _tag(job, path, job.late)
    paths, missing = finished(node)
    job.problems += [f"{path} is not where it was expected" for path in missing]
    for path in paths:
        _tag(job, path, job.waiting)
    _save_beside(job)  # at once: a render that is cancelled never ends


@guarded
def after_render() -> None:
    """Tag what is left, and say what could not be done."""
    job = _JOBS.pop(nuke.thisNode().fullName(), None)
    if job is not None:
        _close(job)


def _close(job: Job) -> None:
    for path in dict.fromkeys([*job.late, *job.waiting]):
        _tag(job, path, None)
    _save_beside(job)
    if job.problems:
        more = f" (and {len(job.problems) - 1} more)" if len(job.problems) > 1 else ""
        warn(f"{job.name}: not every frame could be tagged: {job.problems[0]}{more}. Do it with genai-tags apply SCRIPT FRAMES")


def _begin(node: Any, frame: int | None = None) -> Output:
    """Judge a Write and open its job, or widen the one that is open to a frame outside its range."""
    old = _JOBS.get(node.fullName())
    span = old.span if old is not None else span_of(node)
    planned = plan(node, span=span if frame is None else span.hull(Span(frame, frame)))
    try:
        output = judged(SESSION.show(), [planned], glance=False)[0]
    except Exception as error:
        _JOBS.setdefault(planned.name, Job(planned.name, planned.span, TagSet(undeclared=1))).problems.append(
            f"what it inherits could not be found out ({type(error).__name__}) {error}"
        )
        raise
    tags = united(output.tags, _stored(planned.name))
    if old is not None:
        tags = united(tags, old.tags)
    if old is None:
        _JOBS[planned.name] = Job(planned.name, planned.span, tags)
    else:
        old.span, old.tags = planned.span, tags
        old.saved.clear()
    return output


def _stored(name: str) -> TagSet:
    """What was stored of it beside the script."""
    path = script_path()
    try:
        return stored(path).get(name, TagSet()) if path else TagSet()
    except GenAITagsError as error:
        SESSION.tell_once(str(error))
        return TagSet()


def finished(node: Any) -> tuple[list[str], list[str]]:
    """The files of the frame that was just finished, one for each view that has its own; and those that are not there."""
    pattern = nuke.filename(node)
    if not pattern:
        return [], []
    chosen = str(node["views"].value()).split() if node.knob("views") is not None else []
    if re.search(r"%V|%v", pattern):
        frame = nuke.frame()
        paths = [numbered(path, frame) for path in with_views(pattern, chosen or nuke.views())]
    else:
        paths = [nuke.filename(node, nuke.REPLACE)]
    folder = script_folder()
    found: list[str] = []
    missing: list[str] = []
    for path in filter(None, paths):
        tries = [
            placed(each, folder) for each in (nuke.filenameFilter(path) or path, path)
        ]  # Nuke may have filtered it already
        there = next((each for each in tries if os.path.isfile(each)), None)
        (missing if there is None else found).append(there or tries[0])
    return found, missing


def numbered(pattern: str, frame: int) -> str:
    """A pattern with its frame number."""
    return _FRAME.sub(lambda match: f"{frame:{match[1] or ''}d}" if match[2] is None else f"{frame:0{len(match[2])}d}", pattern)


def _tag(job: Job, path: str, again: list[str] | None) -> None:
    """Put the set into one file, or note it for the sidecar. An empty set touches no file. ``again`` takes what is not finished;
    None where this was the last try."""
    media = single(path)
    frame = media.files[0][0]
    is_exr = media.extension.lower() == ".exr"
    beside = sidecar.sidecar_path(media.folder, media.stem, media.extension)
    reason = protection(path) if is_exr else "not EXR"
    if reason is not None or len(job.tags.stubs) > HEADER_STUBS:
        job.needed.add(beside)
    job.beside.setdefault(beside, set()).add(frame)
    if reason is not None or not job.tags:
        return
    try:
        exr.write(path, job.tags)
        job.written.add(path)
    except (MediaError, OSError) as error:
        if again is not None and isinstance(error, (IncompleteMediaError, DamagedMediaError)):
            again.append(path)
        else:
            job.problems.append(str(error))


def _save_beside(job: Job) -> None:
    """Bring sidecars up to date, each once until something changes."""
    for path, frames in job.beside.items():
        needed = path in job.needed and bool(job.tags)
        state = (
            needed,
            None if needed and all(f is None or job.span.first <= f <= job.span.last for f in frames) else len(frames),
        )
        if job.saved.get(path) != state and (needed or os.path.exists(path)):
            _save(job, path, frames)
        job.saved[path] = state


def _changes(job: Job, path: str, frames: set[int | None]) -> dict[int | None, TagSet]:
    """The set of the frames that were rendered; and of those of the range that another task renders, beside what is there.

    All tasks write the whole range, so that those that write at once do not undo each other.
    """
    if path not in job.needed:
        return dict.fromkeys(frames, TagSet())
    changes: dict[int | None, TagSet] = dict.fromkeys(frames, job.tags)
    entries = sidecar.load(path)
    for frame in range(job.span.first, job.span.last + 1) if None not in frames else ():
        if frame not in changes:
            there, _ = sidecar.tags_for(entries, frame)
            changes[frame] = united(job.tags, there)
    return changes


def _save(job: Job, path: str, frames: set[int | None]) -> None:
    """Tasks that end together write the same sidecar: who comes second finds it done, or tries again."""
    for rest in reversed(range(_TRIES)):
        try:
            sidecar.save(path, _changes(job, path, frames), {})
            return
        except MediaError as error:
            if not rest:
                job.problems.append(str(error))
        time.sleep(_PAUSE)
