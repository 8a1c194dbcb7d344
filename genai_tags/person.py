"""Who is at work: the one whose name stands on what is recorded."""

from __future__ import annotations

import contextlib
import getpass
import os

from genai_tags.errors import UsageError


def person(by: str | None = None) -> str:
    """Who is at work: whoever is named, else ``GENAI_BY``, else the login name. Raises UsageError."""
    with contextlib.suppress(OSError, KeyError):
        found = by or os.environ.get("GENAI_BY") or getpass.getuser()
        if any("\ud800" <= letter <= "\udfff" for letter in found):
            raise UsageError(f"{found!r} is no valid text; --by names a person")
        if found.strip():
            return found.strip()
    raise UsageError("nobody is named: use --by NAME, or set GENAI_BY")
