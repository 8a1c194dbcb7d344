"""Files and the frames of sequences: by name, in a folder, on disk."""

from __future__ import annotations

import bisect
import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from genai_tags.errors import InputError
from genai_tags.model import FrameSet

IMAGE_EXTENSIONS = frozenset(
    (".exr", ".dpx", ".cin", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jp2", ".jxl", ".webp", ".tga", ".sgi", ".hdr", ".psd")
)
MOVIE_EXTENSIONS = frozenset((".mov", ".mp4", ".mxf", ".mkv", ".avi", ".webm", ".wav", ".aif", ".aiff", ".mp3"))
MEDIA_EXTENSIONS = IMAGE_EXTENSIONS | MOVIE_EXTENSIONS
"""What a folder is searched for. A file named outright may be of any kind."""

_PATTERN = re.compile(r"#|@|%\d*d|\$F\d*|<UDIM>|\[-?\d+--?\d+\]")
_RUN = re.compile(r"(?:%\d*d|#+)(?=\.[^.]*$)")
"""A frame number in the patterns of Nuke and the like: right before the extension."""
_FRAME = re.compile(r"^(?P<base>.*?)(?P<frame>-?\d{1,9})(?P<extension>\.[^.\d][^.]*)$")


def split_frame(name: str) -> tuple[str, int, str] | None:
    """Base (with its separator), frame number and extension of a file name; None where there is no frame number.

    A version (``_v012.exr``) is none, and movies and sound have none. Digits that follow a letter count from three on.
    """
    match = _FRAME.match(name)
    if match is None or match["extension"].lower() in MOVIE_EXTENSIONS:
        return None
    base, digits = match["base"], match["frame"].lstrip("-")
    if re.search(r"(?:^|[._-])[vV]$", base) or not base.strip("._-"):
        return None
    if base[-1] not in "._-" and len(digits) < 3:
        return None
    return base, int(match["frame"]), match["extension"]


@dataclass(frozen=True)  # no slots: what is derived from thousands of files is kept
class Media:
    """A single file, or the frames of one sequence in ascending order.

    ``path`` is the file, or the sequence as ``folder/stem.%04d.ext``; ``files`` pairs frame number (None for a single
    file without one) and path. ``base`` and ``extension`` are the name without frame, the separator still on the base.
    """

    path: str
    base: str
    extension: str
    files: tuple[tuple[int | None, str], ...]

    @property
    def stem(self) -> str:
        """The name without frame, separator and extension."""
        return self.base.rstrip("._-")

    @cached_property
    def identity(self) -> str:
        """One name for a sequence however it was written, and for each of its frames: ``folder/stem.####.ext``."""
        if self.files and self.files[0][0] is None:
            return self.path
        return os.path.join(self.folder, f"{self.base}####{self.extension}")

    @property
    def folder(self) -> str:
        """Where the files lie."""
        return os.path.dirname(self.path)

    @cached_property
    def numbers(self) -> list[int]:
        """The frame numbers in ascending order; none for a single file without one."""
        return [frame for frame, _ in self.files if frame is not None]

    @cached_property
    def frames(self) -> FrameSet | None:
        """The frame numbers as a set, None for a single file without one."""
        return FrameSet.of(self.numbers) if self.numbers else None

    def between(self, first: int, last: int) -> tuple[tuple[int | None, str], ...]:
        """The files of the frames from ``first`` to ``last``, both inclusive."""
        return self.files[bisect.bisect_left(self.numbers, first) : bisect.bisect_right(self.numbers, last)]


def identity_of(path: str) -> str:
    """What ``Media.identity`` would be for a path as a cut writes it: a pattern, a range or one frame of a sequence."""
    folder, name = os.path.split(path)
    plain, count = _PATTERN.subn("####", name, count=1)
    if count:
        return os.path.join(folder, re.sub(r"####[#@]*", "####", plain))
    found = split_frame(name)
    return os.path.join(folder, f"{found[0]}####{found[2]}") if found else path


def is_pattern(path: str) -> bool:
    """Whether a path is written as a sequence and not as one file."""
    return bool(_PATTERN.search(os.path.basename(path))) and not os.path.exists(path)


def on_disk(path: str) -> Media | None:
    """All frames that are there of the sequence that a pattern, a range or one frame's name belongs to; None for none.

    A range that the path states is no limit here: frames that lack are for the caller to miss.
    """
    folder, name = os.path.split(identity_of(path))
    base, hashes, extension = name.partition("####")
    if not hashes or not os.path.isdir(folder):
        return None
    files = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            found = split_frame(entry.name) if entry.name.startswith(base) and entry.name.endswith(extension) else None
            if found is not None and (found[0], found[2]) == (base, extension) and entry.is_file():
                files[found[1]] = os.path.join(folder, entry.name)
    return sequence_of(base, extension, files.items()) if files else None


class Folders:
    """Media by path, each folder listed once: for a graph with thousands of readers."""

    def __init__(self) -> None:
        self._listed: dict[str, dict[tuple[str, str], dict[int, str]]] = {}

    def media(self, path: str) -> Media | None:
        """The file at a path, or all frames on disk of the sequence that a pattern (``%04d``, ``####``) means; None where nothing
        is there."""
        folder, name = os.path.split(path)
        found = _RUN.search(name)
        if found is None or os.path.isfile(path):
            return single(path) if os.path.isfile(path) else None
        base, extension = name[: found.start()], name[found.end() :]
        files = self._sequences(folder).get((base, extension))
        return sequence_of(base, extension, files.items()) if files else None

    def _sequences(self, folder: str) -> dict[tuple[str, str], dict[int, str]]:
        if folder not in self._listed:
            found: dict[tuple[str, str], dict[int, str]] = {}
            with contextlib.suppress(OSError), os.scandir(folder or ".") as entries:
                for entry in entries:
                    parts = split_frame(entry.name)
                    if parts is not None and not entry.name.startswith("."):
                        found.setdefault((parts[0], parts[2]), {})[parts[1]] = os.path.join(folder, entry.name)
            self._listed[folder] = found
        return self._listed[folder]


def search(folder: str) -> list[Media]:
    """All media below a folder, hidden files left out. Raises InputError where there is no such folder."""
    if not os.path.isdir(folder):
        raise InputError(folder, "is not a folder")
    return list(_walk(folder))


def single(path: str) -> Media:
    """One file as it is; its frame number is taken from the name where there is one."""
    name = os.path.basename(path)
    found = split_frame(name)
    if found is not None:
        return Media(path, found[0], found[2], ((found[1], path),))
    stem, extension = os.path.splitext(name)
    return Media(path, stem, extension, ((None, path),))


def _walk(folder: str) -> Iterator[Media]:
    def refuse(error: OSError) -> None:
        raise InputError(str(error.filename), f"cannot be searched: {error.strerror}")

    for place, folders, _ in os.walk(folder, onerror=refuse):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        groups: dict[tuple[str, str], dict[int | None, str]] = {}
        with os.scandir(place) as entries:  # which knows what a file is without asking for each
            names = sorted(entry.name for entry in entries if entry.is_file() and not entry.name.startswith("."))
        for name in names:
            path = f"{place.rstrip(os.sep)}{os.sep}{name}"
            if os.path.splitext(name)[1].lower() not in MEDIA_EXTENSIONS:
                continue
            found = split_frame(name)
            if found is None:
                yield single(path)
            else:
                groups.setdefault((found[0], found[2]), {})[found[1]] = path
        for (base, extension), files in groups.items():
            path = next(iter(files.values()))
            yield (
                Media(path, base, extension, tuple(files.items()))
                if len(files) == 1
                else sequence_of(base, extension, files.items())
            )


def merge(found: Iterable[Media]) -> list[Media]:
    """Frames of one sequence together, in ascending order; other media as they are."""
    groups: dict[str, list[Media]] = {}
    for media in found:
        groups.setdefault(media.identity, []).append(media)
    return [_merged(group) if len(group) > 1 else group[0] for group in groups.values()]


def _merged(group: list[Media]) -> Media:
    files = dict(item for media in group for item in media.files)
    return group[0] if None in files else sequence_of(group[0].base, group[0].extension, files.items())


def sequence_of(base: str, extension: str, files: Iterable[tuple[int | None, str]]) -> Media:
    """A sequence in ascending order; the width of its frame numbers is that of the first."""
    ordered = tuple(sorted(files, key=lambda item: item[0] or 0))
    folder, first = os.path.split(ordered[0][1])
    width = len(first) - len(base) - len(extension)
    return Media(os.path.join(folder, f"{base}%0{width}d{extension}"), base, extension, ordered)
