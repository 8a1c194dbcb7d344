"""One call exports the timeline as OTIO and EDL into a folder; the desk checks what lies there. A file counts, not what Resolve says."""

from __future__ import annotations

import os
import re
from typing import Any

from .api import call, has

KINDS = ((".otio", "EXPORT_OTIO", "EXPORT_NONE"), (".edl", "EXPORT_EDL", "EXPORT_NONE"))


def export(resolve: Any, timeline: Any, folder: str) -> dict[str, Any]:
    """The files that were written, and what did not work."""
    name = re.sub(r"[^\w.-]+", "_", str(call(timeline, "GetName")))[:100] or "timeline"
    made, refused = [], []
    for ending, kind, part in KINDS:
        if not has(resolve, kind):
            refused.append(f"this Resolve exports no {ending[1:].upper()} by script")
            continue
        path = _free(os.path.join(folder, name), ending)
        part_value = getattr(resolve, part) if has(resolve, part) else ""
        call(timeline, "Export", path, getattr(resolve, kind), part_value)
        if os.path.isfile(path) and os.path.getsize(path):
            made.append(path)
        else:
            refused.append(f"Resolve wrote no {path}")
    return {"files": made, "refused": refused}


def _free(stem: str, ending: str) -> str:
    """A name that no file has: Resolve refuses to write over some."""
    count, path = 1, stem + ending
    while os.path.exists(path):
        count += 1
        path = f"{stem}_{count}{ending}"
    return path
