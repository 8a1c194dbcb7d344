"""Renders: the set that a scene inherits goes into every part of every frame as it is finished.

Windowed Blender calls these handlers from a thread of the render: nothing here touches the interface. Handlers cannot stop a
render: what the show does not let be rendered is said, and the operator "Check and Render" is what stops.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import bpy

from genai_tags.comp.job import Job
from genai_tags.comp.output import Output, headline
from genai_tags.model import TagSet
from genai_tags.status import Severity

from . import compat, nodes
from .collect import span_of
from .log import guarded, say, warn
from .session import judged


@dataclass
class _Render:
    """A render under way; ``seen`` are the files that lay in the folders of File Output nodes, and when they were written."""

    job: Job
    seen: dict[str, int] = field(default_factory=dict)


_RENDERS: dict[str, _Render] = {}


@guarded
def genai_tags_begin(scene: Any, *_: Any) -> None:
    """Find out what the scene inherits, and say it in one line."""
    _close(scene)
    try:
        output = judged(scene, glance=False)
    except Exception:
        job = Job(scene.name, span_of(scene), TagSet(undeclared=1), ["what it inherits could not be found out"])
        _RENDERS[scene.name] = _Render(job, _beside(scene))
        raise
    _RENDERS[scene.name] = _Render(Job(scene.name, output.plan.span, output.tags), _beside(scene))
    tell(output)


@guarded
def genai_tags_frame(scene: Any, *_: Any) -> None:
    """Tag the frame that was written, and what File Output nodes wrote for it. Files are complete here."""
    render = _RENDERS.get(scene.name)
    if render is None:
        return
    paths = _fresh(scene, render)
    if not scene.render.is_movie_format:
        main, missing = written(scene)
        render.job.problems += [f"{path} is not where it was expected" for path in missing]
        paths += main
    render.job.frame(dict.fromkeys(paths))


@guarded
def genai_tags_end(scene: Any, *_: Any) -> None:
    """Tag a movie, which is closed only now, and say what could not be done."""
    render = _RENDERS.get(scene.name)
    if render is None:
        return
    if scene.render.is_movie_format:
        render.job.frame([path for path in _movies(scene) if os.path.isfile(path)])
    render.job.frame(_fresh(scene, render))
    _close(scene)


def _close(scene: Any) -> None:
    render = _RENDERS.pop(scene.name, None)
    problems = render.job.close() if render is not None else []
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        warn(f"{scene.name}: not every frame could be tagged: {problems[0]}{more}. Do it with genai-tags tag FRAMES --id ID")


def tell(output: Output) -> None:
    """One line about a render: a warning where something is in the way."""
    line = f"{output.plan.name}: {headline(output)}"
    first = next(iter(output.findings), None)
    if first is None or first.severity is Severity.INFO:
        say(line)
        return
    who = f" ({first.who})" if first.who else ""
    warn(f"{line} | {first.code}, {first.message}. {first.fix}{who}")


# ---------------------------------------------------------------- which files


def written(scene: Any) -> tuple[list[str], list[str]]:
    """The files of the frame that was just written, one for each view that has its own; and those that are not there."""
    found: list[str] = []
    missing: list[str] = []
    for view in _views(scene):
        numbered = _frame_path(scene, view)
        literal = bpy.path.abspath(scene.render.filepath)  # write_still writes the name as it stands
        extension = scene.render.file_extension
        tries = [numbered, literal if literal.endswith(extension) else literal + extension]
        tries.sort(key=_age, reverse=True)  # of a still and a frame of an earlier animation, the one just written
        (found if os.path.isfile(tries[0]) else missing).append(tries[0] if os.path.isfile(tries[0]) else numbered)
    return found, missing


def _age(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _views(scene: Any) -> list[str]:
    settings = scene.render
    if settings.use_multiview and settings.image_settings.views_format == "INDIVIDUAL":
        return [view.name for view in settings.views if view.use]
    return [""]


def _frame_path(scene: Any, view: str) -> str:
    return str(bpy.path.abspath(scene.render.frame_path(frame=scene.frame_current, view=view)))


def _movies(scene: Any) -> list[str]:
    return [str(bpy.path.abspath(scene.render.frame_path(frame=scene.frame_start, view=view))) for view in _views(scene)]


def _beside(scene: Any) -> dict[str, int]:
    """The files that File Output nodes may write, and when those that are there were written. No handler names these files."""
    tree = compat.compositor(scene)
    if tree is None:
        return {}
    found: dict[str, int] = {}
    for node in nodes.reaching(tree):
        if node.type == "OUTPUT_FILE":
            folder, names = compat.output_folder(node)
            for name in names:
                start = re.split(r"[#{]", name)[0]  # frame number or template
                place = os.path.join(bpy.path.abspath(folder), start)
                found.update((path, _age(path)) for path in glob.glob(f"{glob.escape(place)}*") if os.path.isfile(path))
    return {path: age for path, age in found.items() if not path.endswith(".genai.json")}


def _fresh(scene: Any, render: _Render) -> list[str]:
    """What File Output nodes wrote since this was asked last."""
    now = _beside(scene)
    fresh = [path for path, age in now.items() if render.seen.get(path) != age]
    render.seen = now
    return fresh


_HANDLERS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("render_init", genai_tags_begin),
    ("render_write", genai_tags_frame),
    ("render_complete", genai_tags_end),
    ("render_cancel", genai_tags_end),
)


def register() -> None:
    """Add the handlers, each once; they stay when another file is opened."""
    unregister()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(bpy.app.handlers.persistent(handler))


def unregister() -> None:
    """Take every handler of ours away: one that stays makes Blender 4.5 hang at exit, and 4.2 crash."""
    ours = {handler.__name__ for _, handler in _HANDLERS}
    for name, _ in _HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        for handler in [each for each in handlers if getattr(each, "__name__", "") in ours]:
            handlers.remove(handler)
    _RENDERS.clear()
