"""Rendering in the Nuke double: what metadata reaches a file, by Foundry's own EXR reader and writer (facts/nuke.md 2)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import OpenEXR

from genai_tags.comp import nk
from tests.doubles.nuke_app import MODES, App, Node

Metadata = dict[str, str]
_BUILT_IN = {"nuke/version": "16.0v4", "nuke/node_hash": "0123456789abcdef"}


def metadata_of(node: Node, frame: int) -> Metadata:
    """A node's metadata: what Nuke lets through, and what it loses."""
    if node["disable"].value() if node.knob("disable") is not None else False:
        return _from(node, 0, frame)
    kind = node.Class()
    if kind in ("Read", "DeepRead"):
        return _read(node.app, str(node["file"]._expanded()), frame)
    if kind in ("Merge2", "DeepMerge2", "Copy"):
        below, above = _from(node, 0, frame), _from(node, 1, frame)
        return {"B": below, "A": above, "All": {**below, **above}}[str(node["metainput"].value())]
    if kind == "Dissolve":
        return _from(node, int(node["metainput"].value()), frame)
    if kind == "Switch":
        return _from(node, int(node["which"].value()), frame)
    if kind == "CopyMetaData":
        image, meta = _from(node, 0, frame), _from(node, 1, frame)
        return {
            "Image+Meta": {**image, **meta}, "Meta only": meta, "Meta+Image": {**meta, **image}, "Image only": image,
        }[str(node["mergeMode"].value())]  # fmt: skip
    if kind == "ModifyMetaData":
        return _modified(node, _from(node, 0, frame))
    if hasattr(node, "output") and node.output() is not None:
        return metadata_of(node.output(), frame)
    if kind == "Input" and node.parent() is not None:
        outer = node.parent().input(int(node["number"].value()))  # type: ignore[union-attr]
        return metadata_of(outer, frame) if outer is not None else {}
    return _from(node, 0, frame)


def _from(node: Node, i: int, frame: int) -> Metadata:
    there = node.input(i)
    return metadata_of(there, frame) if there is not None else {}


def _modified(node: Node, found: Metadata) -> Metadata:
    """Keys and values are Tcl that is run at cook time; what is not escaped there breaks or runs."""
    text = str(node["metadata"].toScript())
    for each in nk.words(text):
        words = nk.words(each.text)
        if any(re.search(r"(?<!\\)[\[$]", word.text) for word in words):
            node.app.violations.append(f"ModifyMetaData holds text that Tcl runs: {each.text[:60]!r}")
        action = [node.app.tcl.run(word.text) for word in words]
        if action[:1] == ["set"] and len(action) == 3:
            found = {**found, action[1]: action[2]}
        elif action[:1] == ["remove"]:
            found = {key: value for key, value in found.items() if key != action[1]}
        else:
            node.app.violations.append(f"ModifyMetaData cannot be read: {each.text[:60]!r}")
    return found


def _read(app: App, pattern: str, frame: int) -> Metadata:
    """Only the first part's header becomes metadata, under ``exr/``; strings and numbers."""
    path = re.sub(r"%0?(\d*)d", lambda match: f"{frame:0{match[1] or 1}d}", pattern)
    if not path.endswith(".exr") or not os.path.isfile(path):
        return {}
    header = OpenEXR.File(path, header_only=True).parts[0].header
    return {(key if key in _BUILT_IN else f"exr/{key}"): value for key, value in header.items() if isinstance(value, str)}


def written(metadata: Mapping[str, str], mode: str) -> Metadata:
    """What of it reaches a file, and under which name."""
    level = MODES.index(mode)
    found = dict(_BUILT_IN) if level else {}
    for key, value in metadata.items():
        if key.startswith("exr/") and level >= 2:
            found.setdefault(key.removeprefix("exr/"), value)
        elif level >= 4 or (level >= 3 and not key.startswith("input/")):
            found.setdefault(f"nuke/{key}", value)
    return found


def execute(app: App, write: Node, first: int, last: int, *, parts: int = 1, unfinished: Sequence[int] = ()) -> list[str]:
    """Render frames ``first`` to ``last``, both inclusive; the files. ``unfinished`` are still being written when the callback for
    their frame runs. A callback that raises aborts: RuntimeError, as Nuke reports it."""
    app.fire("BeforeRender", write)
    made, late = [], {}
    for frame in range(first, last + 1):
        app.now = frame
        for view in _views(app, write):
            path = app.filename_filter(app.with_frame(write["file"]._expanded().replace("%V", view).replace("%v", view[0])))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            data = _image(write, frame, parts, path)
            if frame in unfinished:
                late[path] = data
                data = data[: len(data) // 2]
            with open(path, "wb") as stream:
                stream.write(data)
            made.append(path)
        app.fire("AfterFrameRender", write)
        for path, data in late.items():
            with open(path, "wb") as stream:
                stream.write(data)
        late.clear()
    app.fire("AfterRender", write)
    return list(dict.fromkeys(made))


def _views(app: App, write: Node) -> list[str]:
    chosen = write["views"].value().split()
    return (
        [view for view in app.view_names if view in chosen] if re.search("%V|%v", write["file"]._value) else app.view_names[:1]
    )


def _image(write: Node, frame: int, parts: int, path: str) -> bytes:
    if not path.endswith(".exr"):
        return f"a movie at frame {frame}".encode()
    mode = str(write["metadata"].value()) if write.knob("metadata") is not None else "default metadata"
    strings = written(metadata_of(write, frame) if MODES.index(mode) > 1 else {}, mode)
    pixels: Any = np.full((4, 6, 3), frame / 1000, np.float16)
    made = []
    for i in range(parts):
        header: dict[str, Any] = {
            "compression": OpenEXR.ZIP_COMPRESSION,
            "type": OpenEXR.scanlineimage,
            **(strings if i == 0 else {}),
        }
        if parts > 1:
            header["name"] = f"layer{i}"
        made.append(OpenEXR.Part(header, {"RGB": pixels}))
    OpenEXR.File(made).write(path)
    with open(path, "rb") as stream:
        return stream.read()
