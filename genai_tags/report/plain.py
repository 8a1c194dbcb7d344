"""Foreign text made safe to print: no terminal escapes, no direction marks, no line breaks."""

from __future__ import annotations

import unicodedata


def plain(text: object) -> str:
    """The text on one line, with control, format and surrogate characters written out as ``\\x1b`` or ``\\u202e``."""
    found = str(text)
    if found.isascii() and found.isprintable():
        return found
    return "".join(letter if _harmless(letter) else _spelled(letter) for letter in found)


def _harmless(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _spelled(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
