"""The sets of a script's outputs, beside the script: made where all media is at hand, for farms that render chunks of it.

It counts only for the very script that it was made of: the script's digest stands in it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any

from genai_tags import files
from genai_tags.codec import Decoder
from genai_tags.comp.output import Output
from genai_tags.errors import InputError, WriteError
from genai_tags.lineage import inherit
from genai_tags.model import TagSet
from genai_tags.strict import decode_text, load_json
from genai_tags.stubs import decode_set, encode_set, make_set

SCHEMA = "genai_tags.comp/1"
SUFFIX = ".genai.json"


def stored_path(script: str) -> str:
    """Where the sets of a script lie."""
    return f"{script}{SUFFIX}"


def script_digest(path: str) -> str | None:
    """SHA-256 of a script as it lies on disk, in hex; None where it cannot be read."""
    try:
        return hashlib.sha256(files.read(path)).hexdigest()
    except OSError:
        return None


def store(script: str, outputs: Sequence[Output], of: str | None) -> str | None:
    """Put the sets of outputs beside their script; the file, or None where no output has any and none was stored before, or where
    the script is no longer the one with the digest ``of`` that the outputs were found in. Raises WriteError.
    """
    path = stored_path(script)
    if of is None or of != script_digest(script) or not (any(output.tags for output in outputs) or os.path.exists(path)):
        return None
    document: dict[str, Any] = {"schema": SCHEMA, "script_sha256": of}
    document["outputs"] = {
        each.plan.name: {
            **encode_set(make_set(each.tags.stubs)),
            "undeclared": each.tags.undeclared,
            "hidden": each.tags.more,
        }
        for each in outputs
    }
    try:
        files.write(path, json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8") + b"\n")
    except OSError as error:
        raise WriteError(path, f"could not be written: {error.strerror}") from None
    return path


def stored(script: str) -> dict[str, TagSet]:
    """The sets that were stored of a script, by output; none where it was saved again since, or nothing was stored.

    Raises InputError where the file is damaged.
    """
    path = stored_path(script)
    try:
        document = load_json(decode_text(files.read(path), path), path, max_depth=8)
    except OSError:
        return {}
    if not isinstance(document, dict) or document.get("schema") != SCHEMA or not isinstance(document.get("outputs"), dict):
        raise InputError(path, f"is not a {SCHEMA} document; take it away, or store the sets again")
    if document.get("script_sha256") != script_digest(script):
        return {}
    decoder = Decoder(keeping=True)
    found = {
        str(name): _output(each, f"outputs.{name}.", decoder)
        for name, each in document["outputs"].items()
        if isinstance(each, dict)
    }
    if decoder.problems:
        raise InputError(path, decoder.problems)
    return found


def _output(data: dict[str, Any], path: str, decoder: Decoder) -> TagSet:
    found = decode_set(data, path, decoder)
    hidden = data.get("hidden")
    return inherit([found], hidden if isinstance(hidden, int) and 0 < hidden < 1_000_000 else 0, found.undeclared)
