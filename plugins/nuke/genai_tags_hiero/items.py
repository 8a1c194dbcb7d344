"""A set on a track item or clip, as a Hiero tag. Its values are base64url and plain words: Hiero's exporter writes them into comps,
where Nuke runs them as Tcl, and escapes neither quotes nor brackets."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import hiero.core

from genai_tags.carriers.host import decode_text, encode_text
from genai_tags.comp.output import Output
from genai_tags.errors import Problem
from genai_tags.model import TagSet
from genai_tags.status import Status
from genai_tags.stubs import make_set

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


CLEAN = (Status.CLEAN, Status.CLEAN_INFERRED)


def icon(status: Status) -> str:
    """The icon of a status."""
    return f"icons:status/{ICONS.get(status, 'TagUnapproved')}.png"


def tags_of(item: Any) -> list[Any]:
    """Our tags on an item: those that hold a set, and one that only shows what the media carries. An import may bring several."""
    return [tag for tag in item.tags() if tag.metadata().hasKey(KEY) or tag.metadata().hasKey(BADGE)]


def get(item: Any) -> tuple[TagSet, list[Problem]]:
    """The set that an item itself holds, and what is wrong with it."""
    texts = [str(tag.metadata().value(KEY)) for tag in tags_of(item) if tag.metadata().hasKey(KEY)]
    read = [decode_text(text, item.name()) for text in texts]
    found = make_set([stub for tags, _ in read for stub in tags.stubs])
    undeclared = max((tags.undeclared for tags, _ in read), default=0)
    newer = any(tags.newer for tags, _ in read)
    return replace(found, undeclared=undeclared, newer=newer), [problem for _, problems in read for problem in problems]


def put(item: Any, tags: TagSet) -> None:
    """Put a set on an item; an empty one takes ours away."""
    _replace(item, KEY, encode_text(tags))


def show(item: Any, output: Output) -> None:
    """Draw where an item stands. What its media carries is shown by a tag that holds nothing: the media says it, and may change."""
    tags, problems = get(item)
    if not tags and not problems:
        _replace(item, BADGE, "1" if output.tags or output.status in CLEAN else "")
    for tag in tags_of(item):
        tag.setIcon(icon(Status.UNRESOLVED if problems else output.status))
        tag.setNote("This tag cannot be read. Tag the item again." if problems else note(output))


def _replace(item: Any, key: str, text: str) -> None:
    old = tags_of(item)
    if len(old) == 1 and old[0].metadata().hasKey(key) and old[0].metadata().value(key) == text:
        return
    for tag in old:
        item.removeTag(tag)
    if text:
        added = item.addTag(hiero.core.Tag(NAME, icon(Status.UNRESOLVED)))  # another than the one that was made
        added.metadata().setValue(key, text)


def note(output: Output) -> str:
    """What an editor reads in the tag: the badge's word and what is first in the way, in letters that mean nothing to Tcl."""
    first = next((finding.message for finding in output.findings), "")
    return re.sub(r"[^A-Za-z0-9 .,;:()_-]+", " ", f"{output.badge.text}. {first}").strip()[:240]
