"""Text of cuts as bytes: encodings and line ends that editorial systems write, without losing any of it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from genai_tags.errors import InputError

MAX_BYTES = 256 * 1024 * 1024
_ENDS = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text. ``encode`` gives back the bytes it came from, BOM included."""

    text: str
    encoding: str
    bom: bytes

    def encode(self, text: str) -> bytes:
        """Text in the file's own encoding."""
        return self.bom + text.encode(self.encoding, "surrogateescape" if self.encoding == "utf-8" else "strict")

    def lines(self) -> list[tuple[str, str]]:
        """Lines with their own ends: LF, CRLF or CR. Nothing else ends a line."""
        found, start = [], 0
        for match in _ENDS.finditer(self.text):
            found.append((self.text[start : match.start()], match[0]))
            start = match.end()
        if start < len(self.text):
            found.append((self.text[start:], ""))
        return found


def decode(data: bytes, source: str) -> Text:
    """UTF-8 or UTF-16 by BOM, UTF-16 by its NULs, UTF-8 where it fits, else latin-1. Raises InputError for what is no text."""
    if len(data) > MAX_BYTES:
        raise InputError(source, f"is {len(data)} bytes; at most {MAX_BYTES} are read")
    for bom, encoding in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            return _strictly(data[len(bom) :], encoding, bom, source)
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        return _strictly(data, "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be", b"", source)
    try:
        text = data.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        text, encoding = data.decode("latin-1"), "latin-1"
    if "\0" in text.rstrip("\0\x1a"):
        raise InputError(source, "holds NUL bytes: it is no text")
    return Text(text, encoding, b"")


def _strictly(data: bytes, encoding: str, bom: bytes, source: str) -> Text:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(source, f"is not {encoding} text (byte {error.start})") from None
    return Text(text, encoding, bom)
