"""A set on a track item or clip, as a Hiero tag. Its values are base64url and plain words: Hiero's exporter writes them into comps,
where Nuke runs them as Tcl, and escapes neither quotes nor brackets."""

from __future__ import annotations

import re
from typing import Any

import hiero.core

from genai_tags.carriers.host import decode_text, encode_text
from genai_tags.comp.output import Output
from genai_tags.errors import Problem
from genai_tags.model import TagSet
from genai_tags.status import Status

NAME = "GenAI"
"""What our tags are called; the name goes into the keys of comps."""
KEY, BADGE = "tag.genai_tags", "tag.genai_badge"

ICONS = {
    **dict.fromkeys(
        (Status.ALLOWED, Status.APPROVED, Status.CLEAN, Status.CLEAN_INFERRED, Status.OUTSIDE_SCOPE), "TagApproved"
    ),
    **dict.fromkeys((Status.CONDITIONAL, Status.WAIVED), "TagOnHold"),
    Status.REQUESTED: "TagAwaitingApproval",
    **dict.fromkeys((Status.REJECTED, Status.REVOKED), "TagBlocked"),
}
"""Hiero's own status icons; what is not named is ``TagUnapproved``."""


def icon(status: Status) -> str:
    """The icon of a status."""
    return f"icons:status/{ICONS.get(status, 'TagUnapproved')}.png"


def tag_of(item: Any) -> Any | None:
    """Our tag on an item: one that holds a set, or one that only shows what the media carries."""
    return next((tag for tag in item.tags() if tag.metadata().hasKey(KEY) or tag.metadata().hasKey(BADGE)), None)


def get(item: Any) -> tuple[TagSet, list[Problem]]:
    """The set that an item itself holds, and what is wrong with it."""
    tag = tag_of(item)
    if tag is None or not tag.metadata().hasKey(KEY):
        return TagSet(), []
    return decode_text(str(tag.metadata().value(KEY)), item.name())


def put(item: Any, tags: TagSet) -> None:
    """Put a set on an item; an empty one takes ours away."""
    _replace(item, KEY, encode_text(tags))


def show(item: Any, output: Output) -> None:
    """Draw where an item stands. What its media carries is shown by a tag that holds nothing: the media says it, and may change."""
    tags, problems = get(item)
    if not tags and not problems:
        _replace(item, BADGE, "1" if output.tags else "")
    tag = tag_of(item)
    if tag is not None:
        tag.setIcon(icon(Status.UNRESOLVED if problems else output.status))
        tag.setNote("This tag cannot be read. Tag the item again." if problems else note(output))


def _replace(item: Any, key: str, text: str) -> None:
    old = tag_of(item)
    if old is not None and old.metadata().hasKey(key) and old.metadata().value(key) == text:
        return
    if old is not None:
        item.removeTag(old)
    if text:
        added = item.addTag(hiero.core.Tag(NAME, icon(Status.UNRESOLVED)))  # another than the one that was made
        added.metadata().setValue(key, text)


def note(output: Output) -> str:
    """What an editor reads in the tag: the badge's word and what is first in the way, in letters that mean nothing to Tcl."""
    first = next((finding.message for finding in output.findings), "")
    return re.sub(r"[^A-Za-z0-9 .,;:()_-]+", " ", f"{output.badge.text}. {first}").strip()[:240]
