"""Tags in OpenTimelineIO files: ``metadata["genai_tags"]`` on the clip (the use) or on its media reference (the source).

The file is read and written as JSON and not through the OTIO library: small hostile files kill a process that loads them
there, newer schemas are refused, and hosts lack the wheel. What others wrote stays as it is. See docs/decisions/0004.
"""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
import re
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from genai_tags import files
from genai_tags.carriers.host import decode_text as decode_text_of_host
from genai_tags.carriers.host import encode_text
from genai_tags.codec import Decoder, is_newer
from genai_tags.errors import InputError, NewerSchemaError, Problem, WriteError
from genai_tags.model import TagSet
from genai_tags.strict import decode_text, load_json
from genai_tags.stubs import decode_set, encode_set, make_set
from genai_tags.vocabulary import Basis

KEY = "genai_tags"
BLOCK_SCHEMA = "genai_tags.clip/1"
MAX_DEPTH = 200
"""JSON levels; a nested composition takes about three. The deepest real file seen has 14."""
MAX_BYTES = 1024 * 1024 * 1024
CONTENT = "content.otio"


def block(tags: TagSet) -> dict[str, Any]:
    """A set as plain JSON types for somebody's ``metadata``; no ``OTIO_SCHEMA`` inside, which would be taken for an object."""
    return {"schema": BLOCK_SCHEMA, **encode_set(tags)}


def put(metadata: MutableMapping[str, Any], tags: TagSet) -> None:
    """Set or (for an empty set) remove our block in a ``metadata`` mapping: a plain dict or a live OTIO object's."""
    old = metadata.get(KEY)
    if not tags and tags.clean is None:
        if KEY in metadata:
            del metadata[KEY]
        return
    made = block(tags)
    if isinstance(old, Mapping):  # keys that are not ours stay, in the block and in the stubs of tags that stay
        listed = old.get("tags")
        stubs = {stub.get("id"): stub for stub in listed if isinstance(stub, Mapping)} if isinstance(listed, list) else {}
        made["tags"] = [{**_others(stubs.get(stub["id"]), _STUB_KEYS), **stub} for stub in made["tags"]]
        made = {**_others(old, _BLOCK_KEYS), **made}
    metadata[KEY] = made


_BLOCK_KEYS = frozenset(("schema", "set", "tags", "clean", "undeclared"))
_STUB_KEYS = frozenset(("id", "revision", "as", "use_case", "stage", "source_type", "ai_class", "digest"))


def _others(data: Any, ours: frozenset[str]) -> dict[str, Any]:
    return {str(key): value for key, value in data.items() if key not in ours} if isinstance(data, Mapping) else {}


def get(metadata: Any) -> tuple[TagSet, list[Problem]]:
    """The set in a ``metadata`` mapping, and what is wrong with it. Never raises: files are hostile."""
    data = metadata.get(KEY) if isinstance(metadata, Mapping) else None
    if data is None:
        return TagSet(), []
    if not isinstance(data, Mapping):
        return TagSet(), [Problem(KEY, "is no mapping")]
    decoder = Decoder(keeping=True)
    try:
        decoder.lenient = is_newer(str(data.get("schema")), BLOCK_SCHEMA, f"{KEY}.schema")
    except InputError as error:
        return TagSet(), [Problem(KEY, str(error))]
    return decode_set(data, f"{KEY}.", decoder), decoder.problems


# ---------------------------------------------------------------- Nuke Studio

NUKE = "nuke"
NUKE_KEY = "tag.genai_tags"
"""Nuke Studio keeps neither a clip's metadata nor a marker's, but for what lies under ``nuke`` and begins with ``tag.``; that it
makes a Hiero tag of, and on export a marker again."""
_NUKE_ICON = "icons:status/TagUnapproved.png"


def of_clip(clip: Mapping[str, Any]) -> tuple[TagSet, list[Problem]]:
    """The set of a clip's use: its own block, else what Nuke Studio carried in a marker."""
    tags, problems = get(clip.get("metadata"))
    return (tags, problems) if tags or problems or tags.clean else _mirrored(clip.get("markers"))


def of_reference(reference: Mapping[str, Any]) -> tuple[TagSet, list[Problem]]:
    """The set of a media reference: its own block, else what Nuke Studio carried in the markers that it keeps there."""
    metadata = reference.get("metadata")
    tags, problems = get(metadata)
    if tags or problems or tags.clean:
        return tags, problems
    nuke = metadata.get(NUKE) if isinstance(metadata, Mapping) else None
    return _mirrored(nuke.get("markers") if isinstance(nuke, Mapping) else None)


def _mirrored(markers: Any) -> tuple[TagSet, list[Problem]]:
    """What a host passed through is inferred."""
    texts = [text for marker in markers if (text := _text_of(marker))] if isinstance(markers, list) else []
    read = [decode_text_of_host(text, f"marker {NUKE_KEY}") for text in dict.fromkeys(texts)]
    stubs = [stub for tags, _ in read for stub in tags.stubs]
    made = replace(make_set(stubs, Basis.INFERRED), undeclared=max((tags.undeclared for tags, _ in read), default=0))
    return made, [problem for _, problems in read for problem in problems]


def _text_of(marker: Any) -> str | None:
    metadata = marker.get("metadata") if isinstance(marker, Mapping) else None
    nuke = metadata.get(NUKE) if isinstance(metadata, Mapping) else None
    text = nuke.get(NUKE_KEY) if isinstance(nuke, Mapping) else None
    return text if isinstance(text, str) else None


def mirror(clip: MutableMapping[str, Any], tags: TagSet) -> None:
    """Also put a clip's set into a marker that Nuke Studio keeps, in the place of an earlier one of ours."""
    markers = clip.get("markers")
    kept = [each for each in markers if _text_of(each) is None] if isinstance(markers, list) else []
    if tags:
        moment = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 0.0}
        nuke = {"icon": _NUKE_ICON, "visible": True, "tag.applieswhole": "1", NUKE_KEY: encode_text(tags)}
        marked = {"OTIO_SCHEMA": "TimeRange.1", "start_time": moment, "duration": dict(moment)}
        kept.append(
            {"OTIO_SCHEMA": "Marker.2", "name": "GenAI", "color": "ORANGE", "marked_range": marked, "metadata": {NUKE: nuke}}
        )
    clip["markers"] = kept


def put_records(path: str, sets: Mapping[str, TagSet]) -> dict[str, int]:
    """Put sets on the clips of these names, beside what they carry, and into markers that Nuke Studio keeps. How many clips each
    name has. Raises InputError, NewerSchemaError or WriteError."""
    seen = _stat(path)
    document = load(path, for_writing=True)
    counts = dict.fromkeys(sets, 0)
    for clip in clips(document):
        name = str(clip.get("name") or "")
        if name in sets:
            counts[name] += 1
            there, _ = of_clip(clip)
            wanted = replace(
                make_set([*there.stubs, *sets[name].stubs]), undeclared=max(there.undeclared, sets[name].undeclared)
            )
            _change_owner(path, clip, name, lambda _, wanted=wanted: wanted, there)  # type: ignore[misc]
            mirror(clip, wanted)
    if any(counts.values()):
        save(path, document, seen)
    return counts


# ---------------------------------------------------------------- documents


def load(path: str, *, for_writing: bool = False) -> Any:
    """The JSON document of an ``.otio`` or ``.otioz``. Raises InputError for everything that is not one.

    NaN and Infinity, which the OTIO library writes, are read as null; a document that is to be written must have none.
    """
    data = _read_bundle(path) if _is_bundle(path) else _read_file(path)
    return parse(data, path, for_writing=for_writing)


def parse(data: bytes, source: str, *, for_writing: bool = False) -> Any:
    """A timeline document from bytes, through the gate: encoding, nesting, duplicate keys, NaN."""
    document = load_json(decode_text(data, source, MAX_BYTES), source, MAX_DEPTH, drop_nan=not for_writing)
    if not isinstance(document, dict) or not isinstance(document.get("OTIO_SCHEMA"), str):
        raise InputError(source, "is JSON, but no OpenTimelineIO document")
    return document


def _is_bundle(path: str) -> bool:
    return path.lower().endswith(".otioz")


def _read_file(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None


def _read_bundle(path: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as bundle:
            info = bundle.getinfo(CONTENT)
            if info.file_size > MAX_BYTES:
                raise InputError(path, f"unpacks to {info.file_size} bytes; at most {MAX_BYTES} are read")
            with bundle.open(info) as stream:
                return stream.read(MAX_BYTES + 1)
    except KeyError:
        raise InputError(path, f"is a zip without {CONTENT}") from None
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    except _ZIP_ERRORS as error:
        raise InputError(path, f"is no .otioz bundle: {error}") from None


def clips(node: Any) -> Iterator[dict[str, Any]]:
    """Every clip of a document, in file order, without recursion."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, dict):
            continue
        if str(each.get("OTIO_SCHEMA", "")).startswith("Clip."):
            yield each
        tracks, children = each.get("tracks"), each.get("children")
        waiting.extend(reversed(children if isinstance(children, list) else []))
        if isinstance(tracks, dict):
            waiting.append(tracks)


def references(clip: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A clip's media references, the active one first."""
    many = clip.get("media_references")
    if isinstance(many, dict):
        active = clip.get("active_media_reference_key", "DEFAULT_MEDIA")
        ordered = sorted(many, key=lambda key: key != active)
        return [many[key] for key in ordered if isinstance(many[key], dict)]
    one = clip.get("media_reference")
    return [one] if isinstance(one, dict) else []


def update(
    path: str, change: Callable[[TagSet], TagSet], patterns: Sequence[str], on_source: bool, mirrored: bool = False
) -> dict[str, int]:
    """Change the set of every clip whose name fits a pattern, on the clip or on its active media reference. ``mirrored``: also in
    a marker that Nuke Studio keeps; a clip that has one keeps it true in any case.

    Returns how many clips fitted each pattern; where one fits none, nothing is written. The file is replaced atomically,
    or left alone where nothing changed. Raises InputError, NewerSchemaError or WriteError.
    """
    seen = _stat(path)
    document = load(path, for_writing=True)
    named = [(clip, str(clip.get("name") or "")) for clip in clips(document)]
    counts = {pattern: sum(fnmatch.fnmatchcase(name, pattern) for _, name in named) for pattern in patterns}
    if not all(counts.values()):
        return counts
    changed = False
    for clip, name in named:
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
            reference = next(iter(references(clip)), None) if on_source else None
            before = of_reference(reference)[0] if reference is not None else of_clip(clip)[0]
            changed |= _change_owner(path, clip if reference is None else reference, name, change, before)
            markers = clip.get("markers")
            has_one = isinstance(markers, list) and any(_text_of(each) for each in markers)
            if not on_source and (mirrored or has_one):
                mirror(clip, get(clip.get("metadata"))[0])
                changed |= json.dumps(clip.get("markers"), sort_keys=True) != json.dumps(markers, sort_keys=True)
    if changed:
        save(path, document, seen)
    return counts


def _change_owner(path: str, owner: dict[str, Any], name: str, change: Callable[[TagSet], TagSet], tags: TagSet) -> bool:
    """Change the set of one clip or media reference, which carries ``tags``; whether its block is another one now."""
    metadata = owner.get("metadata")
    if metadata is None:
        metadata = owner["metadata"] = {}
    if not isinstance(metadata, dict):
        raise InputError(path, [Problem(name, "has metadata that is no mapping; nothing can be put there")])
    if tags.newer:
        raise NewerSchemaError(path, [Problem(name, "carries tags of a newer genai_tags; update genai_tags to change them")])
    before = json.dumps(metadata.get(KEY), sort_keys=True)
    put(metadata, change(tags))
    return json.dumps(metadata.get(KEY), sort_keys=True) != before


def _stat(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None


def save_copy(source: str, target: str, document: Any) -> None:
    """Write a changed document as a copy of the file that it was read from (a bundle with all that lies in it), whole or not at all. Both
    may be the same file. Raises InputError or WriteError."""
    if os.path.exists(target) and os.path.samefile(source, target):
        save(target, document, _stat(target))
        return
    target = os.path.realpath(target)
    temporary = f"{target}.{secrets.token_hex(4)}.tmp" + (".otioz" if _is_bundle(source) else "")
    try:
        shutil.copyfile(source, temporary)
        shutil.copymode(target if os.path.exists(target) else source, temporary)
        save(temporary, document, _stat(temporary))
        os.replace(temporary, target)
    except OSError as error:
        raise WriteError(target, f"could not be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def save(path: str, document: Any, seen: os.stat_result) -> None:
    """Replace the document of an ``.otio`` or ``.otioz`` atomically, in its own indentation. Raises InputError or WriteError."""
    try:
        if _is_bundle(path):
            _save_bundle(path, document, seen)
        else:
            with open(path, "rb") as stream:
                old = stream.read()
            data = _dump(document, old)
            files.replace(path, lambda descriptor: files.write_all(descriptor, data), seen=seen)
    except files.SourceChangedError:
        raise WriteError(path, "changed while it was being tagged; try again") from None
    except _ZIP_ERRORS as error:
        raise WriteError(path, f"could not be replaced: {getattr(error, 'strerror', None) or error}; it is untouched") from None


_ZIP_ERRORS = (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, UnicodeDecodeError)


def _dump(document: Any, old: bytes) -> bytes:
    match = re.match(rb"\s*\{\r?\n( +|\t+)", old)
    indent = (match[1].decode() if b"\t" in match[1] else len(match[1])) if match else None
    separators = (",", ":") if indent is None and b'": ' not in old[:4096] else None
    try:
        text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise InputError("the timeline", "holds a number that JSON cannot hold (1e999); it cannot be written again") from None
    return text.encode("utf-8") + (b"\n" if old.endswith(b"\n") else b"")


def _save_bundle(path: str, document: Any, seen: os.stat_result) -> None:
    with zipfile.ZipFile(path) as old:
        head = old.read(CONTENT)

        def fill(descriptor: int) -> None:
            with os.fdopen(os.dup(descriptor), "r+b") as stream, zipfile.ZipFile(stream, "w", allowZip64=True) as new:
                new.comment = old.comment
                for info in old.infolist():
                    if info.filename == CONTENT:
                        new.writestr(info, _dump(document, head))
                        continue
                    with old.open(info) as source, new.open(info, "w", force_zip64=info.file_size > 2**31) as target:
                        while piece := source.read(files.COPY_BYTES):
                            target.write(piece)

        files.replace(path, fill, seen=seen)
