"""A node's own set, in a hidden knob: base64url, because Nuke runs Tcl in what it evaluates. Copying and saving carry it along."""

from __future__ import annotations

from typing import Any

import nuke

from genai_tags.carriers.host import decode_text, encode_text
from genai_tags.comp.elements import KNOB
from genai_tags.errors import Problem
from genai_tags.model import TagSet

_TAB = "genai_tags_tab"


def get(node: Any) -> tuple[TagSet, list[Problem]]:
    """The set on a node, and what is wrong with it."""
    knob = node.knob(KNOB)
    return (TagSet(), []) if knob is None else decode_text(str(knob.toScript()).strip('"{}'), node.fullName())


def put(node: Any, tags: TagSet) -> None:
    """Put a set on a node; an empty one takes the knob away. One step of Nuke's undo. What Nuke refuses (a node of a locked
    gizmo or a published live group) comes out as it is."""
    text = encode_text(tags)
    knob = node.knob(KNOB)
    if knob is None and not text:
        return
    with nuke.Undo():
        if not text:
            for name in (KNOB, _TAB):
                old = node.knob(name)
                if old is not None:
                    node.removeKnob(old)
            return
        if knob is None:
            tab = nuke.Tab_Knob(_TAB, "GenAI")
            tab.setFlag(nuke.INVISIBLE)
            node.addKnob(tab)
            knob = nuke.String_Knob(KNOB, "GenAI")
            knob.setFlag(nuke.INVISIBLE)
            node.addKnob(knob)
        knob.setValue(text)
