"""The stamp Note: what a movie says of itself where its container keeps one (Matroska does, MP4 and QuickTime do not).

It is for people and other tools, and stays with the movie when somebody copies it alone; genai_tags reads the sidecar. The user's own
settings are put back as soon as the container is begun.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import bpy

from genai_tags.carriers.host import encode_json
from genai_tags.model import TagSet
from genai_tags.stubs import summary

MOST = 767
"""Bytes that Blender's Note holds."""


@dataclass(frozen=True)
class Own:
    """The user's settings."""

    used: bool
    text: str


_OWN: dict[str, Own] = {}


def text(tags: TagSet, own: str = "") -> str:
    """The user's own note, the summary line and the set as JSON, with as many of its stubs as there is room for; empty where not even
    the user's own leaves room."""
    head = "\n".join(filter(None, (own, summary(tags))))
    for count in range(len(tags.stubs), -1, -1):
        fewer = dataclasses.replace(tags, stubs=tags.stubs[:count], more=tags.more + len(tags.stubs) - count)
        found = f"{head}\n{encode_json(fewer)}"
        if len(found.encode("utf-8")) <= MOST:
            return found
    return ""


def put(scene: Any, tags: TagSet) -> None:
    """Have the movie that is begun now carry the set. Nothing is done where stamps are burnt into the picture: no pixel is changed."""
    settings = scene.render
    if settings.use_stamp or not tags:
        return
    own = Own(settings.use_stamp_note, settings.stamp_note_text)
    found = text(tags, own.text if own.used else "")
    if found:
        _OWN[scene.name] = own
        settings.use_stamp_note, settings.stamp_note_text = True, found
        if not bpy.app.background and not bpy.app.timers.is_registered(_put_back_later):
            bpy.app.timers.register(_put_back_later, first_interval=2.0)


def put_all_back(*_: Any) -> None:
    """Before a file is saved or another one opened: a render that could not begin never says that it ended."""
    for name in list(_OWN):
        scene = bpy.data.scenes.get(name)
        if scene is not None:
            put_back(scene)
    _OWN.clear()


def _put_back_later() -> float | None:
    if bpy.app.is_job_running("RENDER"):
        return 1.0
    put_all_back()
    return None


def put_back(scene: Any) -> None:
    """Give the user their own settings again."""
    own = _OWN.pop(scene.name, None)
    if own is not None:
        scene.render.use_stamp_note, scene.render.stamp_note_text = own.used, own.text
