"""Every error genai_tags raises on purpose: one root, one class per reaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    ``path`` is a dotted path into a document (``tag.steps[0].tool``), a file path or a line (``line 12``); it may be empty.
    ``code`` is a stable word for programs.
    """

    path: str
    message: str
    code: str = "invalid"

    def __str__(self) -> str:
        return f"{one_line(self.path)}: {self.message}" if self.path else self.message


def one_line(name: str) -> str:
    """A foreign name without line breaks and other control characters, so that it cannot pass for a message of ours."""
    return name if name.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in name)


class GenAITagsError(Exception):
    """The root: catch this to catch everything that genai_tags raises on purpose."""


class UsageError(GenAITagsError):
    """What was asked makes no sense: options that exclude each other, an unknown id. Nothing was done."""


class InputError(GenAITagsError):
    """A document handed to us cannot be used. Carries every problem found in it, not only the first.

    Raised for FACTS.yaml, genai.yaml, policy packs, cuts and path lists that are malformed.
    """

    def __init__(self, source: str, problems: Iterable[Problem] | str) -> None:
        self.source = source
        self.problems = (Problem("", problems),) if isinstance(problems, str) else tuple(problems)
        super().__init__(source, self.problems)

    def __str__(self) -> str:
        source = one_line(self.source)
        if len(self.problems) == 1:
            return f"{source}: {self.problems[0]}"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        return f"{source}: {len(self.problems)} problems{lines}"


class NewerSchemaError(InputError):
    """A document was written by a newer genai_tags: it can be read, but writing it here would lose something."""


class ShowError(GenAITagsError):
    """There is no show, or its genai.yaml cannot be used."""


class NoShowError(ShowError):
    """Nobody named a show, and there is none from the working folder upward."""


class LedgerError(GenAITagsError):
    """The ledger cannot be read or appended to: a folder that is not writable, a full disk."""


class RefusedError(GenAITagsError):
    """The show's own rules forbid it: a role that may not give this evidence. Nothing was recorded."""


class MediaError(GenAITagsError):
    """One media file cannot be read or tagged. ``path`` names it; ``code`` is a stable word for programs."""

    code = "media_unreadable"

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(path, message)

    def __str__(self) -> str:
        return f"{one_line(self.path)}: {self.message}"


class DamagedMediaError(MediaError):
    """The bytes are not what the format demands. The file is left as it was."""

    code = "media_damaged"


class IncompleteMediaError(MediaError):
    """The file is still being written (or its renderer died). Try again when it is finished."""

    code = "media_incomplete"


class ProtectedMediaError(MediaError):
    """A C2PA credential or an ASC MHL seal binds the file; editing it would break that. A sidecar is the way."""

    code = "media_protected"


class UnsupportedMediaError(MediaError):
    """No carrier of ours can be written into this kind of file. A sidecar is the way."""

    code = "media_unsupported"


class WriteError(MediaError):
    """The file could not be replaced: no permission, a full disk. The original is untouched."""

    code = "write_failed"
