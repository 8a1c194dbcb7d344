"""The show of the open .blend file, and what is judged of its scenes. Nothing here draws."""

from __future__ import annotations

import os
from typing import Any

import bpy

from genai_tags.comp.keptshow import KeptShow
from genai_tags.comp.output import Judge, Output
from genai_tags.comp.walk import Span

from .collect import plan
from .log import warn

SESSION = KeptShow(
    lambda: os.path.dirname(bpy.data.filepath) or os.getcwd(), warn,
    "no show is open, so nothing can be judged: set GENAI_SHOW, or save the file below the show's folder",
)  # fmt: skip


def judged(scene: Any, *, glance: bool, span: Span | None = None) -> Output:
    """Where a scene's render stands over its whole range, or over other frames."""
    return Judge(SESSION.show(), glance=glance).output(plan(scene, span))
