"""Renders: the set that a scene inherits goes into every part of every frame as it is finished.

Windowed Blender calls these handlers from a thread of the render: nothing here touches the interface. Handlers cannot stop a
render: what the show does not let be rendered is said, and the operator "Check and Render" is what stops.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy

from genai_tags.comp.job import Job
from genai_tags.comp.output import Output, advice
from genai_tags.comp.walk import Span
from genai_tags.model import TagSet

from . import compat, glance, handlers, nodes, note
from .collect import span_of
from .log import guarded, say, warn
from .session import judged

_EXTENSION = re.compile(r"(?i)\.(exr|png|jpe?g|tiff?|tga|bmp|hdr|dpx|cin|webp|jp2|sgi)$")
"""What Blender replaces by the extension of what it writes."""


@dataclass
class _Render:
    """A render under way; ``seen`` are the files that lay where it writes, and when they were written."""

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
        _RENDERS[scene.name] = _Render(job, _there(scene))
        raise
    _RENDERS[scene.name] = _Render(Job(scene.name, output.plan.span, output.tags), _there(scene))
    if scene.render.is_movie_format:
        note.put(scene, output.tags)
    tell(output)


@guarded
def genai_tags_frame(scene: Any, *_: Any) -> None:
    """Tag the frame that was written, and what File Output nodes wrote for it. Files are complete here; of a movie its head."""
    note.put_back(scene)
    render = _RENDERS.get(scene.name)
    if render is None:
        return
    frame, besides = scene.frame_current, TagSet()
    if not render.job.span.first <= frame <= render.job.span.last:  # it may show what no frame of the range does
        beyond = guarded(judged)(scene, glance=False, span=Span(frame, frame))
        besides = beyond.tags if beyond is not None else TagSet(undeclared=1)
    paths = _fresh(render, _beside(scene))
    if not scene.render.is_movie_format:
        main = written(scene, render)
        if not main:
            render.job.problems.append(f"{_frame_path(scene, '')} is not where it was expected")
        paths += main
    render.job.frame(dict.fromkeys(paths), besides)
    render.seen.update((path, _age(path)) for path in paths)  # tagging is a change too


@guarded
def genai_tags_end(scene: Any, *_: Any) -> None:
    """Tag a movie, which is closed only now, and say what could not be done."""
    render = _RENDERS.get(scene.name)
    if render is None:
        return
    if scene.render.is_movie_format:
        render.job.frame([path for path in _movies(scene) if _is_new(path, render)])  # F12 writes none
    render.job.frame(_fresh(render, _beside(scene)))
    _close(scene)
    glance.forget()  # what was rendered may be shown somewhere


@guarded
def genai_tags_put_back(*_: Any) -> None:
    """Nothing of ours is saved in the user's settings, or carried into another file."""
    note.put_all_back()


def _close(scene: Any) -> None:
    note.put_back(scene)
    render = _RENDERS.pop(scene.name, None)
    undone = render.job.close() if render is not None else ""
    if undone:
        warn(f"{undone}. Do it with genai-tags tag FRAMES --id ID")


def tell(output: Output) -> None:
    """One line about a render: a warning where something is in the way."""
    line, warns = advice(output)
    (warn if warns else say)(line)


# ---------------------------------------------------------------- which files


def written(scene: Any, render: _Render) -> list[str]:
    """The files of the frame that was just written, one for each view that has its own. Where they are not under the name of the frame
    (a still has the name as it stands; views, templates) whatever is new under a like name."""
    expected = [path for view in _views(scene) if _is_new(path := _frame_path(scene, view), render)]
    return expected if len(expected) == len(_views(scene)) else _fresh(render, _main(scene))


def _is_new(path: str, render: _Render) -> bool:
    age = _age(path)
    return bool(age) and render.seen.get(path) != age


def _like(path: str, suffixes: Iterable[str], is_main: bool = False) -> dict[str, int]:
    """The files whose name comes from a path with ``#`` and ``{templates}`` in it: with any frame number, view and extension."""
    stem = _EXTENSION.sub("", path)
    parts = re.split(r"(#+|\{[^}]*\})", stem)
    name = "".join(
        r"(?:\d+|#+)" if part.startswith("#") else r"[^/\\]*" if part.startswith("{") else re.escape(part) for part in parts
    )
    view = "|".join(re.escape(each) for each in suffixes if each) or "(?!)"
    number = r"(?:-?\d+)?"
    pattern = re.compile(rf"{name}{number}(?:{view})?{number if is_main else ''}(?:\.\w+)?")
    return {each: age for each, age in _all(stem).items() if pattern.fullmatch(each)}


def _all(stem: str) -> dict[str, int]:
    """Every file whose name begins as a path does, up to its first frame number or template."""
    start = re.split(r"[#{]", stem)[0].rstrip("._-")
    deep = "{" in os.path.dirname(stem)
    found = glob.iglob(f"{glob.escape(start)}*/**" if deep else f"{glob.escape(start)}*", recursive=deep)
    return {path: _age(path) for path in found if os.path.isfile(path) and not path.endswith(".genai.json")}


def _main(scene: Any) -> dict[str, int]:
    """The files that may be this render's own."""
    return _like(str(bpy.path.abspath(scene.render.filepath)), _suffixes(scene), is_main=True)


def _suffixes(scene: Any) -> list[str]:
    return [view.file_suffix for view in scene.render.views]


def _there(scene: Any) -> dict[str, int]:
    """What lies where a render writes."""
    return {**_all(_EXTENSION.sub("", str(bpy.path.abspath(scene.render.filepath)))), **_beside(scene)}


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
    found: dict[str, int] = {}
    for node in _outputs(compat.compositor(scene), set()):
        folder, names = compat.output_folder(node)
        for name in names:
            found.update(_like(os.path.join(bpy.path.abspath(folder), name), _suffixes(scene)))
    return found


def _outputs(tree: Any, seen: set[int]) -> Iterator[Any]:
    """The File Output nodes of a tree, and of groups in it."""
    if tree is None or tree.as_pointer() in seen:
        return
    seen.add(tree.as_pointer())
    for node in nodes.reaching(tree):
        if node.type == "OUTPUT_FILE":
            yield node
        yield from _outputs(getattr(node, "node_tree", None), seen)


def _fresh(render: _Render, now: dict[str, int]) -> list[str]:
    """What was written since it was looked at last."""
    return [path for path, age in now.items() if render.seen.get(path) != age]


_HANDLERS = (
    ("render_init", genai_tags_begin),
    ("render_write", genai_tags_frame),
    ("render_complete", genai_tags_end),
    ("render_cancel", genai_tags_end),
    ("save_pre", genai_tags_put_back),
    ("load_pre", genai_tags_put_back),
)


def register() -> None:
    """Follow every render from now on."""
    handlers.add(_HANDLERS)


def unregister() -> None:
    """Follow none any more."""
    handlers.remove(_HANDLERS)
    note.put_all_back()
    _RENDERS.clear()
