"""Tags in OpenTimelineIO files: ``metadata["genai_tags"]`` on the clip (the use) or on its media reference (the source).

The file is read and written as JSON and not through the OTIO library: small hostile files kill a process that loads them
there, newer schemas are refused, and hosts lack the wheel. What others wrote stays as it is. See docs/decisions/0004.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from genai_tags import files
from genai_tags.codec import Decoder, decode_stub, encode_stub, is_newer, make_set
from genai_tags.errors import InputError, Problem, WriteError
from genai_tags.model import TagSet
from genai_tags.strict import decode_text, load_json

KEY = "genai_tags"
BLOCK_SCHEMA = "genai_tags.clip/1"
MAX_DEPTH = 200
"""JSON levels; a nested composition takes about three. The deepest real file seen has 14."""
MAX_BYTES = 1024 * 1024 * 1024
CONTENT = "content.otio"


def block(tags: TagSet) -> dict[str, Any]:
    """A set as plain JSON types for somebody's ``metadata``; no ``OTIO_SCHEMA`` inside, which would be taken for an object."""
    found: dict[str, Any] = {"schema": BLOCK_SCHEMA, "set": tags.digest, "tags": [encode_stub(stub) for stub in tags.stubs]}
    if tags.clean is not None:
        found["clean"] = dict(tags.clean)
    return found


def put(metadata: MutableMapping[str, Any], tags: TagSet) -> None:
    """Set or (for an empty set) remove our block in a ``metadata`` mapping: a plain dict or a live OTIO object's."""
    if tags or tags.clean is not None:
        metadata[KEY] = block(tags)
    elif KEY in metadata:
        del metadata[KEY]


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
    listed = data.get("tags")
    raw = listed if isinstance(listed, list) else []
    stubs = [decode_stub(each, f"{KEY}.tags[{i}]", decoder) for i, each in enumerate(raw)]
    found = make_set([stub for stub in stubs if stub is not None])
    clean = data.get("clean")
    if data.get("set") != found.digest and not decoder.problems:
        decoder.problems.append(Problem(f"{KEY}.set", "does not match the tags listed beside it", "set_digest"))
    return TagSet(stubs=found.stubs, digest=found.digest, clean=clean if isinstance(clean, Mapping) else None), decoder.problems


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
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(path, f"is no .otioz bundle: {error}") from None
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None


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


def update(path: str, change: Callable[[TagSet], TagSet], pattern: str, on_source: bool) -> int:
    """Change the set of every clip whose name fits ``pattern``, on the clip or on its active media reference.

    Returns how many clips fitted. The file is replaced atomically, or left alone where nothing changed.
    Raises InputError or WriteError.
    """
    document = load(path, for_writing=True)
    fitting = [clip for clip in clips(document) if fnmatch.fnmatchcase(str(clip.get("name") or ""), pattern)]
    before = json.dumps(document)
    for clip in fitting:
        owner = (references(clip) or [clip])[0] if on_source else clip
        metadata = owner.setdefault("metadata", {})
        if isinstance(metadata, dict):
            put(metadata, change(get(metadata)[0]))
    if fitting and json.dumps(document) != before:
        save(path, document)
    return len(fitting)


def save(path: str, document: Any) -> None:
    """Replace the document of an ``.otio`` or ``.otioz`` atomically, in its own indentation. Raises WriteError."""
    try:
        if _is_bundle(path):
            _save_bundle(path, document)
        else:
            with open(path, "rb") as stream:
                head = stream.read(4096)
            files.write(path, _dump(document, head))
    except files.SourceChangedError:
        raise WriteError(path, "changed while it was being tagged; try again") from None
    except (OSError, zipfile.BadZipFile) as error:
        raise WriteError(path, f"could not be replaced: {getattr(error, 'strerror', None) or error}; it is untouched") from None


def _dump(document: Any, head: bytes) -> bytes:
    match = re.match(rb"\s*\{\r?\n( +|\t+)", head)
    indent = (match[1].decode() if b"\t" in match[1] else len(match[1])) if match else None
    separators = (",", ":") if indent is None and b'": ' not in head else None
    return json.dumps(document, indent=indent, separators=separators, ensure_ascii=False).encode("utf-8")


def _save_bundle(path: str, document: Any) -> None:
    with zipfile.ZipFile(path) as old:
        head = old.read(CONTENT)[:4096]

        def fill(descriptor: int) -> None:
            with os.fdopen(os.dup(descriptor), "r+b") as stream, zipfile.ZipFile(stream, "w", allowZip64=True) as new:
                for info in old.infolist():
                    if info.filename == CONTENT:
                        new.writestr(info, _dump(document, head))
                        continue
                    with old.open(info) as source, new.open(info, "w", force_zip64=info.file_size > 2**31) as target:
                        while piece := source.read(files.COPY_BYTES):
                            target.write(piece)

        files.replace(path, fill)
