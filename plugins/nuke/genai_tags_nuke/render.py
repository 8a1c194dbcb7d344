"""Renders: the set that a Write inherits goes into every part of every frame as it is finished.

Whatever the Write's metadata mode, in the GUI, ``-x``, ``-t``, in the background and on farms. What goes in is the union over the
Write's whole range and what was stored beside the script, so that ten chunks of one Write carry one set.
"""

from __future__ import annotations

import os
import re
from typing import Any

import nuke

from genai_tags.comp.elements import placed, with_views
from genai_tags.comp.job import Job
from genai_tags.comp.output import Output, advice, headline
from genai_tags.comp.stored import stored
from genai_tags.comp.walk import Span
from genai_tags.errors import GenAITagsError
from genai_tags.lineage import united
from genai_tags.model import TagSet
from genai_tags.status import Status
from genai_tags_nuke.log import RenderStoppedError, guarded, say, warn
from genai_tags_nuke.session import SESSION, judged, plan, script_folder, script_path, span_of

_FRAME = re.compile(r"%(0?\d*)d|(#+)")

_JOBS: dict[str, Job] = {}
_SAID: dict[str, set[Status]] = {}
"""What was said of frames beyond a range, by job."""


@guarded
def before_render() -> None:
    """Find out what the Write inherits; stop where the show asks for it; say it in one line. Raises RenderStoppedError."""
    node = nuke.thisNode()
    left = _JOBS.pop(node.fullName(), None)
    if left is not None:
        guarded(_close)(left)  # a render that was cancelled never ended
    output = _begin(node)
    _check_stop(output)
    _JOBS[node.fullName()] = Job(output.plan.name, output.plan.span, united(output.tags, _stored(output.plan.name)))
    _tell(output)


@guarded
def after_frame() -> None:
    """Tag the frame that was finished, and those that were not closed before. Raises RenderStoppedError for a frame beyond the
    script's range that the show does not let be rendered."""
    node, frame = nuke.thisNode(), int(nuke.frame())
    job = _JOBS.get(node.fullName())
    if job is None:  # before_render could not find out what it inherits: that is counted, and not tried for each frame
        job = _JOBS[node.fullName()] = Job(
            node.fullName(), span_of(node), TagSet(undeclared=1), ["what it inherits could not be found out"]
        )
    beyond, besides = None, TagSet()
    if not job.span.first <= frame <= job.span.last:  # it may show what no frame of the range does
        beyond = guarded(_begin)(node, Span(frame, frame))
        besides = beyond.tags if beyond is not None else TagSet(undeclared=1)
    paths, missing = finished(node)
    job.problems += [f"{path} is not where it was expected" for path in missing]
    job.frame(paths, besides)
    if (
        beyond is not None
        and set(beyond.tags.stubs) - set(job.tags.stubs)
        and beyond.status not in _SAID.setdefault(job.name, set())
    ):
        _SAID[job.name].add(beyond.status)
        _tell(beyond)
        _check_stop(beyond)


@guarded
def after_render() -> None:
    """Tag what is left, and say what could not be done."""
    job = _JOBS.pop(nuke.thisNode().fullName(), None)
    if job is not None:
        _close(job)


def _close(job: Job) -> None:
    _SAID.pop(job.name, None)
    undone = job.close()
    if undone:
        warn(f"{undone}. Do it with genai-tags apply SCRIPT FRAMES")


def _begin(node: Any, span: Span | None = None) -> Output:
    """Judge a Write over its whole range, or over some frames."""
    return judged(SESSION.show(), [plan(node, span=span)], glance=False)[0]


def _check_stop(output: Output) -> None:
    """Raises RenderStoppedError where the show does not let it be rendered."""
    show = SESSION.show()
    if show is None or output.status not in show.config.renders.stop:
        return
    first = next(iter(output.findings), None)
    why = f"{first.message}. {first.fix}" if first is not None else output.badge.text
    line = f"{output.plan.name}: {headline(output)}"
    raise RenderStoppedError(
        f"genai_tags: {show.config.name} does not render what is {output.badge.text.lower()}: {line}. {why}"
    )


def _tell(output: Output) -> None:
    """One line about a render: a warning where something is in the way."""
    line, warns = advice(output)
    (warn if warns else say)(line)


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
