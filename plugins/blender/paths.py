"""Which files a path of Blender's names: numbered frames, tiles, and the views of stereo media."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from typing import Any

import bpy

NUMBER = re.compile(r"\d+(?=\.[^.\d][^.]*$)")
"""A frame number right before the extension."""
_EARLIER = re.compile(r"\d+(?=[^\d/\\]+\.[^./\\]*$)")
"""A frame number before a view's suffix: ``sky_0001_L.exr``. Blender takes the last digits of a name."""


def numbered(path: str) -> str:
    """A path with ``#`` for the digits of the frame number right before the extension."""
    return NUMBER.sub(lambda match: "#" * len(match[0]), path)


def frames_of(path: str, library: Any = None) -> list[str]:
    """The files of a numbered sequence: a pattern where the number is right before the extension, else each file that is there."""
    folder, name = os.path.split(path)
    match = None if NUMBER.search(name) else _EARLIER.search(name)
    if match is None:
        return [numbered(path)]
    place = bpy.path.abspath(folder, library=library)
    pattern = f"{glob.escape(name[: match.start()])}[0-9]*{glob.escape(name[match.end() :])}"
    found = sorted(os.path.basename(each) for each in glob.iglob(os.path.join(glob.escape(place), pattern)))
    digits = re.compile(re.escape(name[: match.start()]) + r"\d+" + re.escape(name[match.end() :]))
    return [os.path.join(folder, each) for each in found if digits.fullmatch(each)] or [path]


def views_of(path: str, media: Any, scene: Any) -> list[str]:
    """A path for each view of stereo media whose views have files of their own; else the path itself. Blender puts each view's suffix
    where the name ends with one of them."""
    if scene is None or not getattr(media, "use_multiview", False) or media.views_format != "INDIVIDUAL":
        return [path]
    suffixes = [view.file_suffix for view in scene.render.views if view.use and view.file_suffix]
    stem, extension = os.path.splitext(path)
    own = next((each for each in suffixes if stem.endswith(each)), None)
    if own is None:
        return [path]
    return list(dict.fromkeys(stem[: len(stem) - len(own)] + each + extension for each in suffixes))


def of_image(image: Any, scene: Any) -> list[str]:
    """The file of an image, of each tile, the frames of its sequence, and that of each view."""
    if image.source == "TILED":
        return [re.sub(r"<UDIM>|<UVTILE>", str(tile.number), image.filepath) for tile in image.tiles]
    found: Iterable[str] = views_of(image.filepath, image, scene)
    return [each for path in found for each in (frames_of(path, image.library) if image.source == "SEQUENCE" else [path])]
