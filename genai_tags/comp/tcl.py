"""The little of Tcl that paths in Nuke scripts are made of, by an allow-list. Nothing is ever run: what is not known here is unknown.

``[getenv SHOW]``, ``[value root.name]``, ``[file dirname PATH]`` (``rootname``, ``tail``, ``extension``, ``join``) and
``[python {nuke.script_directory()}]``, nested as people do.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Mapping

from genai_tags.comp.nk import Word, words
from genai_tags.errors import InputError

MAX_DEPTH, MAX_LENGTH = 16, 65536
_FILE: dict[str, Callable[[str], str]] = {
    "dirname": lambda path: posixpath.dirname(path) or ".",
    "rootname": lambda path: posixpath.splitext(path)[0],
    "tail": posixpath.basename,
    "extension": lambda path: posixpath.splitext(path)[1],
}


def evaluate(text: str, script: str, environment: Mapping[str, str] | None = None, depth: int = 0) -> str | None:
    """Text with its brackets evaluated; None where one of them says something that only Nuke can tell.

    ``script`` is the path of the Nuke script, with forward slashes.
    """
    if len(text) > MAX_LENGTH:
        return None
    pieces: list[str] = []
    at = 0
    while True:
        begin = text.find("[", at)
        if begin < 0:
            return "".join(pieces) + text[at:]
        end = _closing(text, begin)
        inner = None if end is None or depth > MAX_DEPTH else _call(text[begin + 1 : end], script, environment, depth)
        if inner is None or end is None:
            return None
        pieces += [text[at:begin], inner]
        at = end + 1


def _closing(text: str, begin: int) -> int | None:
    depth = 0
    for i in range(begin, len(text)):
        depth += (text[i] == "[") - (text[i] == "]")
        if depth == 0:
            return i
    return None


def _call(text: str, script: str, environment: Mapping[str, str] | None, depth: int) -> str | None:
    try:
        found = _arguments(text)
    except InputError:
        return None
    arguments = [word.text if word.braced else evaluate(word.text, script, environment, depth + 1) for word in found]
    match arguments:
        case ["getenv", str(name)] | ["getenv", str(name), _]:
            default = arguments[2] if len(arguments) == 3 else None
            return (os.environ if environment is None else environment).get(name, default)
        case ["value" | "knob", "root.name"] | ["value" | "knob", "root.name", _]:
            return script
        case ["file", str(what), str(path)] if what in _FILE:
            return _FILE[what](path)
        case ["file", "join", *paths] if all(isinstance(each, str) for each in paths):
            return posixpath.join(*[str(each) for each in paths]) if paths else ""
        case ["python", "nuke.script_directory()"] | ["python", "-eval" | "-execlocal", "nuke.script_directory()"]:
            return posixpath.dirname(script)
        case _:
            return None


def _arguments(text: str) -> list[Word]:
    return words(text.strip(), "an expression")
