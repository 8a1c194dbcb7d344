"""Workspace > Scripts > GenAI Tags: connects this Resolve with the desk (``genai-tags view``). The standard library alone."""

import sys
import traceback

FILES = ""
"""Where the bridge lies; written by ``genai-tags plugins install resolve``. Resolve tells a script nothing of its own place."""


def _start():
    sys.path.insert(0, FILES)
    from genai_tags_resolve.bridge import run

    found = globals().get("resolve")
    if found is None and "app" in globals():  # older Resolves name Fusion here
        found = globals()["app"].GetResolve()
    if found is None:
        import DaVinciResolveScript

        found = DaVinciResolveScript.scriptapp("Resolve")
    run(found)


try:
    _start()
except Exception:  # noqa: BLE001 - Resolve shows nothing of it else
    traceback.print_exc()
