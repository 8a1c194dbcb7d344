"""The show of what is open in a host, kept as long as nothing about it changed, and warnings that are said once."""

from __future__ import annotations

import os
from collections.abc import Callable

from genai_tags.errors import GenAITagsError, InputError, UsageError
from genai_tags.show import Show


class KeptShow:
    """One per process. ``folder`` says where the open file is; ``warn`` writes to the host's log; ``missing`` is what to do where
    there is no show."""

    def __init__(self, folder: Callable[[], str], warn: Callable[[str], None], missing: str) -> None:
        self._folder = folder
        self._warn = warn
        self._missing = missing
        self._show: Show | None = None
        self._asked: tuple[object, ...] = ()
        self._told: set[str] = set()

    def show(self) -> Show | None:
        """The show, read again where its book, rules or register changed; None where there is none, which is said once."""
        folder = self._folder()
        asked = (os.environ.get("GENAI_SHOW"), folder)
        if self._show is not None and self._asked == (*asked, self._show.stamp()):
            return self._show
        try:
            self._show = Show.open(beside=folder)
            self._asked = (*asked, self._show.stamp())
        except (GenAITagsError, InputError, OSError) as error:
            self._show = None
            self.tell_once(f"{self._missing} ({error})")
        return self._show

    def needed(self) -> Show:
        """The show. Raises UsageError where there is none."""
        show = self.show()
        if show is None:
            raise UsageError(self._missing)
        return show

    def tell_once(self, text: str) -> None:
        """A warning that need not be read again."""
        if text not in self._told:
            self._told.add(text)
            self._warn(text)

    def forget(self) -> None:
        """Another file is open."""
        self._told.clear()
