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
    padding: bytes = b""
    """NULs and DOS end-of-file marks behind the text."""

    def encode(self, text: str) -> bytes:
        """Text in the file's own encoding."""
        return self.bom + text.encode(self.encoding) + self.padding

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
            return _with_bom(data[len(bom) :], encoding, bom, source)
    stripped = data.rstrip(b"\0\x1a")
    head = stripped[:4096]
    if head.count(0) > len(head) // 4:
        return _strictly(data, "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be", b"", source)
    try:
        text = stripped.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        text, encoding = stripped.decode("latin-1"), "latin-1"
    if "\0" in text:
        raise InputError(source, "holds NUL bytes: it is no text")
    return Text(text, encoding, b"", data[len(stripped) :])


def _with_bom(data: bytes, encoding: str, bom: bytes, source: str) -> Text:
    """A UTF-8 BOM in front of latin-1 text has been seen; in front of UTF-16 a wrong byte is damage."""
    try:
        return _strictly(data, encoding, bom, source)
    except InputError:
        if encoding != "utf-8":
            raise
        return Text(data.decode("latin-1"), "latin-1", bom)


def _strictly(data: bytes, encoding: str, bom: bytes, source: str) -> Text:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(source, f"is not {encoding} text (byte {error.start})") from None
    return Text(text, encoding, bom)
