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
from genai_tags.comp.output import Output, headline
from genai_tags.comp.stored import stored
from genai_tags.comp.walk import Span
from genai_tags.errors import GenAITagsError
from genai_tags.lineage import united
from genai_tags.model import TagSet
from genai_tags.status import Severity
from genai_tags_nuke.log import RenderStoppedError, guarded, say, warn
from genai_tags_nuke.session import SESSION, judged, plan, script_folder, script_path, span_of

_FRAME = re.compile(r"%(0?\d*)d|(#+)")

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
    paths, missing = finished(node)
    job.problems += [f"{path} is not where it was expected" for path in missing]
    job.frame(paths)


@guarded
def after_render() -> None:
    """Tag what is left, and say what could not be done."""
    job = _JOBS.pop(nuke.thisNode().fullName(), None)
    if job is not None:
        _close(job)


def _close(job: Job) -> None:
    problems = job.close()
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        warn(f"{job.name}: not every frame could be tagged: {problems[0]}{more}. Do it with genai-tags apply SCRIPT FRAMES")


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
    if old is None:
        _JOBS[planned.name] = Job(planned.name, planned.span, tags)
    else:
        old.widen(planned.span, tags)
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
