"""Registering with Nuke: callbacks everywhere, menu and panel in the GUI."""

from __future__ import annotations

import os
from typing import Any

import nuke

from genai_tags_nuke import NEWEST, OLDEST, __version__, actions, background, badges, render
from genai_tags_nuke.log import guarded, say, warn
from genai_tags_nuke.session import SESSION, WRITERS

_LOOKED_AT = frozenset(
    ("file", "disable", "which", "mix", "reading", "modelFile", "inputChange", "first", "last", "use_limit", "useLifetime")
) | {
    "lifetimeStart",
    "lifetimeEnd",
    "time_offset",
    "firstFrame",
    "increment",
    "frame",
    "frame_mode",
    "first_frame",
    "last_frame",
}
"""Knobs that decide what shows."""
PANEL = "com.genai_tags.panel"


def callbacks() -> None:
    """What every Nuke needs: renders that carry tags on."""
    if not is_supported():
        warn(f"genai_tags {__version__} does not work on this system yet: it needs Linux; nothing is registered")
        return
    version = nuke.NUKE_VERSION_MAJOR
    if not OLDEST <= version <= NEWEST:
        warn(f"Nuke {version} was not tried with genai_tags {__version__}, which was built for {OLDEST} to {NEWEST}")
    for kind in WRITERS:
        nuke.addBeforeRender(render.before_render, nodeClass=kind)
        nuke.addAfterFrameRender(render.after_frame, nodeClass=kind)
        nuke.addAfterRender(render.after_render, nodeClass=kind)


def is_supported() -> bool:
    """Whether the core can read headers here: it reads by position, which Windows does not have."""
    return hasattr(os, "pread")


def interface() -> None:
    """What the GUI shows."""
    if not is_supported():
        return
    nuke.addOnScriptLoad(_opened)
    nuke.addOnScriptSave(_saved)
    nuke.addOnScriptClose(_closed)
    nuke.addOnCreate(_created)
    nuke.addOnDestroy(_created)
    nuke.addUpdateUI(_noticed)
    nuke.addKnobChanged(_changed)
    if not hasattr(nuke.Node, "setCustomIcon"):
        nuke.addAutolabel(badges.label)
    _menu(nuke.menu("Nuke"))
    if nuke.NUKE_VERSION_MAJOR >= 16:
        _panel()


@guarded
def _opened() -> None:
    SESSION.forget()
    badges.forget()
    badges.touch()


@guarded
def _saved() -> None:
    """A raise here would keep the artist from saving; the work waits until Nuke is idle."""
    background.later("store", actions.store_sets, 200)


@guarded
def _closed() -> None:
    SESSION.forget()
    badges.forget()


@guarded
def _created() -> None:
    badges.touch()


@guarded
def _noticed() -> None:
    """Runs for every node that is drawn, while Nuke is idle: a comparison, no more."""
    badges.notice()


@guarded
def _changed() -> None:
    """Runs for every knob of every open panel, and while scripts load: it only notes that something changed."""
    if nuke.thisKnob().name() in _LOOKED_AT:
        badges.touch()


def _menu(bar: Any) -> None:
    menu = bar.addMenu("GenAI")
    for title, call, shortcut in (
        ("Refresh badges", badges.refresh_now, ""),
        ("What brings GenAI into this Write", actions.what_feeds, ""),
        ("Next unsettled node", actions.next_unsettled, "Ctrl+Alt+G"),
        ("Tag/Selected nodes...", actions.tag_selected, ""),
        ("Tag/Media of selected nodes...", actions.tag_media, ""),
        ("Tag/No GenAI in media of selected nodes...", actions.clean_media, ""),
        ("Tag/Take tags off selected nodes", actions.untag_selected, ""),
        ("Farm/Store what the Writes inherit", actions.store_sets, ""),
        ("Farm/Metadata node before this Write", actions.metadata_node, ""),
        ("Open the desk", actions.open_desk, ""),
    ):
        menu.addCommand(title, call, shortcut)


def _panel() -> None:
    """The panel docks from Nuke 16 on, whose Qt is the one that the widgets are made for. Without it there is the desk."""
    try:
        import nukescripts

        import genai_tags_nuke.panel  # noqa: F401 - what cannot be imported must not be offered

        nukescripts.panels.registerWidgetAsPanel(
            "__import__('genai_tags_nuke.panel', fromlist=['GenAIPanel']).GenAIPanel", "GenAI", PANEL
        )
    except ImportError as error:
        say(f"no panel in this Nuke ({error}); use GenAI > Open the desk")
