"""A datablock's own set: one JSON string in a custom property, which survives every way of copying and every version of Blender."""

from __future__ import annotations

from typing import Any

from genai_tags.carriers.host import decode_text, encode_json
from genai_tags.errors import Problem, UsageError
from genai_tags.model import TagSet

KEY = "genai"


def text(block: Any) -> str:
    """What a datablock holds, as it is; empty where that is nothing."""
    try:
        found = block.get(KEY, "")
    except (AttributeError, TypeError):  # a kind of data that holds no properties
        return ""
    return found if isinstance(found, str) else repr(found)[:200]


def get(block: Any) -> tuple[TagSet, list[Problem]]:
    """The set on a datablock, and what is wrong with it."""
    return decode_text(text(block), label(block))


def put(block: Any, tags: TagSet) -> None:
    """Put a set on a datablock; an empty one takes the property away. Raises UsageError where Blender does not take it."""
    check(block)
    found = encode_json(tags)
    try:
        if found:
            block[KEY] = found
        elif KEY in block:
            del block[KEY]
    except (TypeError, AttributeError, RuntimeError) as error:
        raise UsageError(f"{label(block)} takes no tag: {error}") from None


def check(block: Any) -> None:
    """Raise UsageError where a set cannot be put: linked data and library overrides take one, and lose it with the next load."""
    library = getattr(block.id_data, "library", None)
    override = getattr(block.id_data, "override_library", None)
    if library is None and override is not None:
        library = getattr(override.reference, "library", None) or override
    if library is not None:
        where = getattr(library, "filepath", "") or "another file"
        raise UsageError(f"{label(block)} is linked from {where}, and Blender would lose the tag: tag it there")


def library_of(block: Any) -> Any:
    """The library that a datablock's relative paths belong to; a strip's and a node's is that of what holds it. None for this file's."""
    return getattr(block, "library", None) or getattr(getattr(block, "id_data", None), "library", None)


def label(block: Any) -> str:
    """What a person calls a datablock."""
    return f"{block.bl_rna.name} {block.name}"
