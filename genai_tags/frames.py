"""Paths as people write them -> the frames they mean: single files, sequences in every common notation, folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from genai_tags.errors import InputError
from genai_tags.model import FrameSet

MEDIA_EXTENSIONS = frozenset(
    [
        ".exr",
        ".dpx",
        ".cin",
        ".tif",
        ".tiff",
        ".png",
        ".jpg",
        ".jpeg",
        ".jp2",
        ".jxl",
        ".webp",
        ".tga",
        ".sgi",
        ".hdr",
        ".psd",
        ".mov",
        ".mp4",
        ".mxf",
        ".mkv",
        ".avi",
        ".webm",
        ".wav",
        ".aif",
        ".aiff",
        ".mp3",
    ]
)
"""What a folder is searched for. A file named outright may be of any kind."""

_BRACKETS = re.compile(r"\[(-?\d+)-(-?\d+)\]")
_PATTERN = re.compile(r"#|@|%\d*d|\$F\d*|<UDIM>|\[-?\d+--?\d+\]")
_FRAME = re.compile(r"^(.*?[._-]?)(-?\d{2,9})(\.[^.\d][^.]*)$")


@dataclass(frozen=True, slots=True)
class Media:
    """A single file, or the frames of one sequence in ascending order.

    ``path`` is the file, or the sequence as ``folder/stem.%04d.ext``; ``files`` pairs frame number (None for a single
    file without one) and path. ``stem`` and ``extension`` are the name without frame.
    """

    path: str
    stem: str
    extension: str
    files: tuple[tuple[int | None, str], ...]

    @property
    def folder(self) -> str:
        """Where the files lie."""
        return os.path.dirname(self.path)

    @property
    def frames(self) -> FrameSet | None:
        """The frame numbers, None for a single file without one."""
        numbers = [frame for frame, _ in self.files if frame is not None]
        return FrameSet.of(numbers) if numbers else None


def is_pattern(path: str) -> bool:
    """Whether a path is written as a sequence and not as one file."""
    return bool(_PATTERN.search(os.path.basename(path))) and not os.path.exists(path)


def expand(path: str) -> list[Media]:
    """What a path means: a folder (searched below), a sequence pattern, or a file. Raises InputError where nothing is there.

    Understood: ``name.####.exr  name.@@@@.exr  name.%04d.exr  name.$F4.exr  name.<UDIM>.exr  name.1001-1096#.exr
    name.[1001-1096].exr``. A range asks for just those frames, and each must exist.
    """
    if os.path.isdir(path):
        found = list(_walk(path))
        if not found:
            raise InputError(path, "holds no media files")
        return found
    if is_pattern(path):
        return [_sequence(path)]
    if not os.path.exists(path):
        raise InputError(path, "does not exist")
    if not os.path.isfile(path):
        raise InputError(path, "is not a file")
    return [single(path)]


def single(path: str) -> Media:
    """One file as it is; its frame number is taken from the name where there is one."""
    name = os.path.basename(path)
    match = _FRAME.match(name)
    if match and match[1].strip("._-"):
        return Media(path, match[1].rstrip("._-"), match[3], ((int(match[2]), path),))
    stem, extension = os.path.splitext(name)
    return Media(path, stem, extension, ((None, path),))


def _sequence(path: str) -> Media:
    import fileseq

    text = _BRACKETS.sub(lambda m: f"{m[1]}-{m[2]}{'@' * len(m[1])}", path)
    style = fileseq.PAD_STYLE_HASH1 if re.search(r"##", text) else fileseq.PAD_STYLE_HASH4
    try:
        wanted = fileseq.FileSequence(text, pad_style=style, allow_subframes=False)
        frames = [int(frame) for frame in wanted.frameSet() or ()]
        on_disk = fileseq.findSequencesOnDisk(_glob(wanted), strictPadding=True, pad_style=style)
    except (fileseq.FileSeqException, OSError, ValueError, OverflowError) as error:
        raise InputError(path, f"is not a sequence that can be read: {error}") from None
    except Exception as error:  # noqa: BLE001 - fileseq's MaxSizeException shares no base with its other errors
        raise InputError(path, f"is not a sequence that can be read: {error}") from None
    there = {frame: name for each in on_disk for frame, name in _files(each)}
    if not there:
        raise InputError(path, "matches no files")
    missing = [frame for frame in frames if frame not in there]
    if missing:
        raise InputError(path, f"lacks frames {FrameSet.of(missing)}")
    return _media(on_disk[0], {frame: there[frame] for frame in frames} if frames else there)


def _glob(wanted: object) -> str:
    """The pattern without its range: all frames on disk."""
    import fileseq

    assert isinstance(wanted, fileseq.FileSequence)
    return str(wanted.format("{dirname}{basename}{padding}{extension}"))


def _walk(folder: str) -> Iterator[Media]:
    import fileseq

    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        media = [n for n in names if not n.startswith(".") and os.path.splitext(n)[1].lower() in MEDIA_EXTENSIONS]
        numbered = [name for name in media if _FRAME.match(name)]
        for each in sorted(set(media) - set(numbered)):
            yield single(os.path.join(place, each))
        sequences = fileseq.findSequencesInList([os.path.join(place, name) for name in numbered])
        for sequence in sorted(sequences, key=str):
            if sequence.frameSet() is None:
                yield single(str(sequence))
            elif len(sequence) == 1:
                yield single(sequence[0])
            else:
                yield _media(sequence, dict(_files(sequence)))


def _files(sequence: object) -> Iterable[tuple[int, str]]:
    import fileseq

    assert isinstance(sequence, fileseq.FileSequence)
    frames = sequence.frameSet()
    return [(int(frame), str(sequence.frame(frame))) for frame in frames] if frames is not None else []


def _media(sequence: object, files: dict[int, str]) -> Media:
    import fileseq

    assert isinstance(sequence, fileseq.FileSequence)
    folder, base, width = sequence.dirname(), sequence.basename(), sequence.zfill()
    path = f"{folder}{base}%0{width}d{sequence.extension()}"
    return Media(path, base.rstrip("._-"), sequence.extension(), tuple(sorted(files.items())))


def expand_all(paths: Iterable[str]) -> tuple[list[Media], list[InputError]]:
    """Every path expanded, and the errors of those that cannot be: one bad path never hides the others."""
    found: list[Media] = []
    errors: list[InputError] = []
    for path in paths:
        try:
            found.extend(expand(path))
        except InputError as error:
            errors.append(error)
    return found, errors
