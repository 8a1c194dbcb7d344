"""Paths as people write them -> the frames they mean: single files, sequences in every common notation, folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from genai_tags.errors import InputError
from genai_tags.frames import Media, is_pattern, merge, search, sequence_of, single
from genai_tags.model import FrameSet

_BRACKETS = re.compile(r"\[(-?\d+)-(-?\d+)\]")


def expand(path: str) -> list[Media]:
    """What a path means: a folder (searched below), a sequence pattern, or a file. Raises InputError where nothing is there.

    Understood: ``name.####.exr  name.@@@@.exr  name.%04d.exr  name.$F4.exr  name.<UDIM>.exr  name.1001-1096#.exr
    name.[1001-1096].exr``. A range asks for just those frames, and each must exist.
    """
    if os.path.isdir(path):
        found = search(path)
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


def expand_all(paths: Iterable[str]) -> tuple[list[Media], list[InputError]]:
    """Every path expanded, and the errors of those that cannot be: one bad path never hides the others."""
    found: list[Media] = []
    errors: list[InputError] = []
    for path in paths:
        try:
            found.extend(expand(path))
        except InputError as error:
            errors.append(error)
    return merge(found), errors


def _sequence(path: str) -> Media:
    import fileseq

    text = _BRACKETS.sub(lambda m: f"{m[1]}-{m[2]}{'@' * len(m[1])}", path)
    style = fileseq.PAD_STYLE_HASH1 if re.search(r"##", text) else fileseq.PAD_STYLE_HASH4
    try:
        wanted = fileseq.FileSequence(text, pad_style=style, allow_subframes=False)
        frames = [int(frame) for frame in wanted.frameSet() or ()]
        sequences = fileseq.findSequencesOnDisk(_glob(wanted), strictPadding=True, pad_style=style)
    except Exception as error:  # noqa: BLE001 - fileseq's MaxSizeException shares no base with its other errors
        raise InputError(path, f"is not a sequence that can be read: {error}") from None
    there = {frame: name for each in sequences for frame, name in _files(each)}
    if not there:
        raise InputError(path, "matches no files")
    missing = [frame for frame in frames if frame not in there]
    if missing:
        raise InputError(path, f"lacks frames {FrameSet.of(missing)}")
    return _media(sequences[0], {frame: there[frame] for frame in frames} if frames else there)


def _glob(wanted: object) -> str:
    """The pattern without its range: all frames on disk."""
    import fileseq

    assert isinstance(wanted, fileseq.FileSequence)
    return str(wanted.format("{dirname}{basename}{padding}{extension}"))


def _files(sequence: object) -> Iterable[tuple[int, str]]:
    import fileseq

    assert isinstance(sequence, fileseq.FileSequence)
    frames = sequence.frameSet()
    return [(int(frame), str(sequence.frame(frame))) for frame in frames] if frames is not None else []


def _media(sequence: object, files: dict[int, str]) -> Media:
    import fileseq

    assert isinstance(sequence, fileseq.FileSequence)
    base, extension = str(sequence.basename()), str(sequence.extension())
    return sequence_of(base, extension, files.items())
