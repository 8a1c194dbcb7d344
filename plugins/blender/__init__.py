"""GenAI Tags for Blender: what in a scene is AI, where it stands, and the tags that every rendered frame carries on."""

from __future__ import annotations

import os
import sys

from . import badges, form, formpanel, operators, panels, render
from .gltf import glTF2ImportUserExtension

__all__ = ["glTF2ImportUserExtension", "register", "unregister"]

_PARTS = (form, operators, formpanel, panels, badges, render)


def register() -> None:
    """Called by Blender when the extension is enabled."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled; nothing of ours stays behind."""
    for part in reversed(_PARTS):
        part.unregister()
    _forget_core()


def _forget_core() -> None:
    """An update in the same session must not run on the old core: Blender unloads an extension's own modules, not those of its wheels."""
    ours = os.path.join("extensions", ".local", "")
    for name in [each for each in sys.modules if each.partition(".")[0] == "genai_tags"]:
        if ours in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]
