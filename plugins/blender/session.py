"""The show of the open .blend file, and what is judged of its scenes. Nothing here draws."""

from __future__ import annotations

import os
from typing import Any

import bpy

from genai_tags.comp.output import Judge, Output
from genai_tags.comp.walk import Span
from genai_tags.errors import GenAITagsError, UsageError
from genai_tags.show import Show

from .collect import plan
from .log import warn


class Session:
    """One per process."""

    def __init__(self) -> None:
        self._show: Show | None = None
        self._asked: tuple[object, ...] = ()
        self._told: set[str] = set()

    def show(self) -> Show | None:
        """The show of the file, read again where its book, rules or register changed; None where there is none, which is said once."""
        folder = os.path.dirname(bpy.data.filepath) or os.getcwd()
        asked = (os.environ.get("GENAI_SHOW"), folder)
        if self._show is not None and self._asked == (*asked, self._show.stamp()):
            return self._show
        try:
            self._show = Show.open(beside=folder)
            self._asked = (*asked, self._show.stamp())
        except (GenAITagsError, OSError) as error:
            self._show = None
            text = (
                f"no show is open, so nothing can be judged: set GENAI_SHOW, or save the file below the show's folder ({error})"
            )
            if text not in self._told:
                self._told.add(text)
                warn(text)
        return self._show

    def needed(self) -> Show:
        """The show. Raises UsageError where there is none."""
        show = self.show()
        if show is None:
            raise UsageError("no show is open: set GENAI_SHOW, or save the file below the show's folder")
        return show


SESSION = Session()


def judged(scene: Any, *, glance: bool, span: Span | None = None) -> Output:
    """Where a scene's render stands over its whole range, or over other frames."""
    return Judge(SESSION.show(), glance=glance).output(plan(scene, span))
