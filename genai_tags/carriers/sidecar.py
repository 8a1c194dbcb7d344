"""The sidecar ``NAME.genai.json``: one per sequence or file, for what cannot or may not be tagged natively.

It also holds a whole set where a header has only its first four stubs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from genai_tags import files
from genai_tags.codec import Decoder
from genai_tags.errors import GenAITagsError, InputError, MediaError, Problem, WriteError
from genai_tags.model import FrameSet, TagSet
from genai_tags.strict import decode_text, load_json
from genai_tags.stubs import decode_set, encode_set

SIDECAR_SCHEMA = "genai_tags.sidecar/1"
SUFFIX = ".genai.json"

Entry = dict[str, Any]


def sidecar_path(folder: str, stem: str, extension: str) -> str:
    """Where the sidecar of ``stem.####.ext`` (or of ``stem.ext``) lies."""
    return os.path.join(folder, f"{stem.rstrip('._-') or '_'}{extension}{SUFFIX}")


def load(path: str) -> list[Entry]:
    """The entries of a sidecar; none where there is no file. Raises MediaError where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            document = load_json(decode_text(stream.read(), path), path)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise MediaError(path, f"cannot be read: {error.strerror}") from None
    except InputError as error:
        raise MediaError(path, f"is not a sidecar: {error.problems[0]}") from None
    entries = document.get("entries") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or document.get("schema") != SIDECAR_SCHEMA:
        raise MediaError(path, f"is not a {SIDECAR_SCHEMA} document")
    if not all(isinstance(entry, Mapping) for entry in entries):
        raise MediaError(path, "is not a sidecar: one of its entries is no mapping")
    return [dict(entry) for entry in entries]


def tags_for(entries: Iterable[Mapping[str, Any]], frame: int | None) -> tuple[TagSet, list[Problem]]:
    """The set that a sidecar states for a frame (None: for a single file)."""
    found, problems = TagSet(), list[Problem]()
    for entry in entries:
        frames = entry.get("frames")
        try:
            fits = frames is None or (frame is not None and frame in FrameSet.parse(str(frames)))
        except ValueError as error:
            return TagSet(), [Problem("frames", str(error))]
        if fits:
            tags, wrong = _entry_set(entry)
            found, disagreement = unite(found, tags)
            problems.extend((*wrong, *disagreement))
    return found, problems


def by_frame(entries: Iterable[Mapping[str, Any]]) -> dict[int | None, TagSet]:
    """The set of each frame that entries state; frames of one entry share it."""
    found: dict[int | None, TagSet] = {}
    for entry in entries:
        tags, _ = _entry_set(entry)
        frames = entry.get("frames")
        with contextlib.suppress(ValueError):
            found.update(dict.fromkeys([None] if frames is None else FrameSet.parse(str(frames)), tags))
    return found


def _entry_set(entry: Mapping[str, Any]) -> tuple[TagSet, list[Problem]]:
    decoder = Decoder(keeping=True)
    return decode_set(entry, "", decoder), decoder.problems


def save(path: str, changes: Mapping[int | None, TagSet], media: Mapping[int | None, str]) -> None:
    """Set the sets of some frames and keep those of the others. A sidecar that holds nothing any more is removed.

    ``media`` gives the file of each frame whose digest shall bind it. Raises MediaError or WriteError.
    """
    sets: dict[int | None, TagSet] = {}
    digests: dict[str, Any] = {}
    before = load(path)
    for entry in before:
        frames = entry.get("frames")
        tags, _ = _entry_set(entry)
        for frame in _frames(path, frames):
            sets[frame] = tags
        digests.update(_digests(entry))
    sets.update(changes)
    for frame in changes:
        digests.pop(_key(frame), None)  # it bound the file as it was tagged before
    digests.update({_key(frame): file_digest(name) for frame, name in media.items()})
    entries = _entries({frame: tags for frame, tags in sets.items() if tags or tags.clean}, digests)
    if entries == before:
        return
    try:
        if entries:
            text = json.dumps({"schema": SIDECAR_SCHEMA, "entries": entries}, indent=1, ensure_ascii=False)
            files.write(path, text.encode("utf-8") + b"\n")
        elif os.path.exists(path):
            os.unlink(path)
    except OSError as error:
        raise WriteError(path, f"could not be written: {error.strerror}") from None


def _frames(path: str, frames: Any) -> Iterable[int | None]:
    try:
        return [None] if frames is None else list(FrameSet.parse(str(frames)))
    except ValueError as error:
        raise MediaError(path, f"is not a sidecar: {error}") from None


def _entries(sets: Mapping[int | None, TagSet], digests: Mapping[str, Any]) -> list[Entry]:
    groups: dict[tuple[Any, ...], list[int | None]] = {}
    for frame in sorted(sets, key=lambda f: (f is not None, f or 0)):
        clean = tuple(sorted((sets[frame].clean or {}).items()))
        groups.setdefault((frame is None, sets[frame].digest, sets[frame].undeclared, clean), []).append(frame)
    found = []
    for frames in groups.values():
        tags = sets[frames[0]]
        numbers = [frame for frame in frames if frame is not None]
        entry: Entry = {"frames": str(FrameSet.of(numbers)) if numbers else None, **encode_set(tags)}
        bound = {_key(frame): digests[_key(frame)] for frame in frames if _key(frame) in digests}
        if bound:
            entry["digests"] = bound
        found.append(entry)
    return found


def _digests(entry: Mapping[str, Any]) -> dict[str, str]:
    found = entry.get("digests")
    return {str(k): v for k, v in found.items() if isinstance(v, str)} if isinstance(found, Mapping) else {}


def unite(header: TagSet, beside: TagSet) -> tuple[TagSet, list[Problem]]:
    """What header and sidecar carry together. Where they disagree, everything counts and a problem says so."""
    undeclared = max(header.undeclared, beside.undeclared)
    if not (header.stubs or header.more) and header.clean is None:
        return replace(beside, undeclared=undeclared), []
    if not beside or header.digest == beside.digest:
        whole = beside if header.more and beside else header
        return replace(whole, clean=header.clean or beside.clean, newer=header.newer, undeclared=undeclared), []
    stubs = tuple(dict.fromkeys((*header.stubs, *beside.stubs)))
    problem = Problem("sidecar", "and header carry different tags; all of them count", "sidecar_disagrees")
    return replace(header, stubs=stubs, digest=None, undeclared=undeclared), [problem]


def _key(frame: int | None) -> str:
    return "" if frame is None else str(frame)


def file_digest(path: str) -> str:
    """SHA-256 of a file's bytes, in hex. Raises MediaError."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            while block := stream.read(files.COPY_BYTES):
                found.update(block)
    except OSError as error:
        raise MediaError(path, f"cannot be read: {error.strerror}") from None
    return found.hexdigest()


def mismatch(entries: Iterable[Mapping[str, Any]], frame: int | None, path: str) -> Problem | None:
    """Whether a bound file is no longer the one that was tagged."""
    for entry in entries:
        stated = _digests(entry).get(_key(frame))
        try:
            if stated is not None and stated != file_digest(path):
                return Problem(path, "is not the file that its sidecar was written for", "sidecar_mismatch")
        except GenAITagsError as error:
            return Problem(path, str(error), "media_unreadable")
    return None
