"""A set as text in a host's own places: a knob, a Hiero tag, a ModifyMetaData value, a property of a Blender datablock.

Nuke runs ``[python ...]`` in such text and splits it at braces and quotes; base64url has none of that and survives copying,
pasting and saving as it is. Where a host evaluates nothing (Blender) it is the plain JSON, which people can read and compare.
"""

from __future__ import annotations

import base64
import binascii
import re

from genai_tags.codec import STUB_SCHEMA, Decoder, canonical, is_newer
from genai_tags.errors import InputError, Problem
from genai_tags.model import TagSet
from genai_tags.strict import load_json
from genai_tags.stubs import decode_set, encode_set

PREFIX = "gt1-"
"""What our text begins with; the number is that of the packing, the schema stands inside."""
MAX_TEXT = 16 * 1024 * 1024
_TEXT = re.compile(rf"{PREFIX}[A-Za-z0-9_-]+")


def encode_text(tags: TagSet) -> str:
    """The set as ``gt1-`` and base64url: letters, digits, ``-`` and ``_`` alone; empty for an empty set."""
    plain = encode_json(tags)
    return PREFIX + base64.urlsafe_b64encode(plain.encode("utf-8")).rstrip(b"=").decode("ascii") if plain else ""


def encode_json(tags: TagSet) -> str:
    """The set as one line of JSON; empty for an empty set."""
    if not tags and tags.clean is None:
        return ""
    return canonical({"schema": STUB_SCHEMA, **encode_set(tags)}).decode("utf-8")


def decode_text(text: str, source: str) -> tuple[TagSet, list[Problem]]:
    """The set that such text holds, packed or as JSON, and what is wrong with it. Never raises: whoever edits a script edits this."""
    text = text.strip()
    if not text:
        return TagSet(), []
    if len(text) > MAX_TEXT or not (text.startswith("{") or _TEXT.fullmatch(text)):
        return TagSet(), [Problem(source, "is not text that genai_tags wrote", "tag_damaged")]
    packed = text[len(PREFIX) :]
    try:
        data = text if text.startswith("{") else base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-8")
        document = load_json(data, source, max_depth=8)
    except (binascii.Error, ValueError, InputError) as error:
        return TagSet(), [Problem(source, f"is damaged: {str(error).splitlines()[0]}", "tag_damaged")]
    if not isinstance(document, dict):
        return TagSet(), [Problem(source, "holds no set", "tag_damaged")]
    decoder = Decoder(keeping=True)
    try:
        decoder.lenient = is_newer(str(document.get("schema")), STUB_SCHEMA, f"{source}.schema")
    except InputError as error:
        return TagSet(), [Problem(source, str(error.problems[0]), "tag_damaged")]
    found = decode_set(document, "", decoder)
    return found, [Problem(f"{source}: {p.path}", p.message, "tag_damaged") for p in decoder.problems]
