"""The show of what is open in a host, kept as long as nothing about it changed, and warnings that are said once."""

from __future__ import annotations

import os
import threading
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
        self._opening: threading.Thread | None = None
        self._opened: tuple[tuple[object, ...], Show | None, str] | None = None

    def meanwhile(self) -> Show | None:
        """The show for drawing, which must not wait: where it changed, the one before it until a thread has read the new one. None where
        there is none, or nothing is read yet."""
        folder = self._folder()
        asked = (os.environ.get("GENAI_SHOW"), folder)
        if self._opened is not None:
            of, show, why = self._opened
            self._opened = None
            if of[: len(asked)] == asked:
                self._show, self._asked = show, of
            if why:
                self.tell_once(f"{self._missing} ({why})")
        same = self._asked[: len(asked)] == asked
        if self._show is not None and same and self._asked == (*asked, self._show.stamp()):
            return self._show
        if self._opening is None and (self._show is not None or not same or not self._told):
            self._opening = threading.Thread(target=self._open, args=(asked, folder), name="genai_tags", daemon=True)
            self._opening.start()
        return self._show if same else None

    def is_opening(self) -> bool:
        """Whether a show is being read for ``meanwhile``."""
        return self._opening is not None or self._opened is not None

    def _open(self, asked: tuple[object, ...], folder: str) -> None:
        try:
            show = Show.open(beside=folder)
            of = (*asked, show.stamp())
            _ = show.state, show.packs, show.register  # what judging needs is read here, and not while something is drawn
            self._opened = of, show, ""
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said by whoever asks next
            self._opened = asked, None, str(error)
        finally:
            self._opening = None

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
