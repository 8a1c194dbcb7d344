"""The text of a Nuke script: commands and their words. A script is Tcl; nothing of it is ever run here.

A file may be damaged or hostile: reading takes time and memory in proportion to its length, and an error names the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from genai_tags.errors import InputError, Problem

_SPACE = re.compile(r"(?:[ \t\r\f\v]|\\\r?\n)*")
_BARE = re.compile(r"(?:\\.|[^\s\\])+", re.DOTALL)
_BRACE = re.compile(r"[{}]|\\.", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]]|\\.", re.DOTALL)
_OPEN_BRACKET = re.compile(r"\[|\\.", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|\r?\n[ \t]*|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word: what stands between its braces or quotes. Braces keep everything as it is; elsewhere escapes are resolved."""

    text: str
    braced: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its words, the line (from 1) that it begins on, and that of its last word; ``indent`` are the spaces before it."""

    words: tuple[Word, ...]
    line: int
    body_line: int
    indent: int = 0

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text


def commands(text: str, source: str, line: int = 1) -> Iterator[Command]:
    """The commands of a script or of a braced body. Raises InputError for braces and quotes that are not closed."""
    at, counted, indent = 0, 0, 0
    words: list[Word] = []
    began = last = line

    def line_of(position: int) -> int:
        nonlocal counted, line
        line += text.count("\n", counted, position)
        counted = position
        return line

    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        ended = at >= len(text)
        if ended or text[at] in "\n;":
            if words:
                yield Command(tuple(words), began, last, indent)
                words = []
            if ended:
                return
            at += 1
            continue
        if not words and text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        last = line_of(at)
        if not words:
            began, indent = last, at - text.rfind("\n", 0, at) - 1
        word, at = _word(text, at, source, last)
        words.append(word)


def _word(text: str, at: int, source: str, line: int) -> tuple[Word, int]:
    if text[at] == "{":
        end = _closing(text, at, _BRACE, "{", "}", len(text))
        if end is None:
            raise InputError(source, [Problem(f"line {line}", "opens a { that is never closed")])
        return Word(text[at + 1 : end - 1], braced=True), end
    if text[at] == '"':
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise InputError(source, [Problem(f"line {line}", "opens a quote that is never closed")])
        return Word(unescape(quoted[1])), quoted.end()
    bare = _BARE.match(text, at)
    if bare is None:  # a backslash at the very end
        return Word(text[at:]), len(text)
    end = bare.end()
    for bracket in _OPEN_BRACKET.finditer(text, at, end):
        if bracket[0] == "[" and bracket.start() >= at:  # [getenv SHOW]/plates is one word
            line_end = text.find("\n", at)
            closed = _closing(text, bracket.start(), _BRACKET, "[", "]", len(text) if line_end < 0 else line_end)
            more = _BARE.match(text, closed) if closed is not None else None
            return Word(unescape(text[at : more.end() if more else closed or end])), more.end() if more else closed or end
    return Word(unescape(text[at:end])), end


def _closing(text: str, at: int, signs: re.Pattern[str], opens: str, closes: str, limit: int) -> int | None:
    """The end of what opens at ``at``, its closing sign included; None where nothing closes it."""
    depth = 0
    for sign in signs.finditer(text, at, limit):
        if sign[0] == opens:
            depth += 1
        elif sign[0] == closes:
            depth -= 1
            if depth == 0:
                return sign.end()
    return None


def unescape(text: str) -> str:
    """Text with its backslash escapes resolved, as Tcl does outside braces."""
    return _ESCAPE.sub(_letter, text) if "\\" in text else text


def _letter(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(int(code, 16))
    if match[3]:
        return chr(int(match[3], 8) & 0xFF)
    return _LETTERS.get(match[4], match[4]) if match[4] else " "


def words(text: str, source: str = "a list") -> list[Word]:
    """A Tcl list: its words, line ends being spaces. Raises InputError."""
    return [word for command in commands(text, source) for word in command.words]
