"""The one way text becomes data: YAML with every scalar read as text, and JSON that two readers cannot see two ways.

YAML 1.1 would read ``NO`` as false, ``10:00:00:00`` as a number and ``104_065_010`` as 104065010; here they stay text and
the codec gives them types. Both loaders refuse duplicate keys and deep nesting and report every problem they can.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml
else:
    try:  # inside a host PyYAML lies beside us; its own is none of our business
        from genai_tags._vendor import yaml
    except ImportError:
        import yaml

from genai_tags.errors import InputError, Problem

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
"""Nesting that no document of ours, and no timeline seen, comes near."""


def decode_text(data: bytes, source: str, limit: int = MAX_BYTES) -> str:
    """UTF-8 bytes, with or without BOM, as text. Raises InputError."""
    if len(data) > limit:
        raise InputError(source, f"is {len(data)} bytes; at most {limit} are read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(source, f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def load_yaml(text: str, source: str, *, trusted: bool = False) -> Any:
    """A YAML document as str, list and dict; an empty scalar is None. ``trusted``: our own file, which the compiled parser
    may read where there is one (it is ten times as fast, and recurses on the C stack).

    Raises InputError with every duplicate key, alias, type of a program's own and unreadable part, each with its dotted path and line.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if trusted else yaml.SafeLoader
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else ""
        raise InputError(source, [Problem(where, f"is not YAML: {error.problem or error.context}")]) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise InputError(source, f"is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise InputError(source, "is nested too deeply") from None
    if node is None:
        return None
    problems: list[Problem] = []
    seen: set[int] = set()
    data = _plain(node, "", 0, problems, seen)
    if problems:
        raise InputError(source, problems)
    return data


def quoted(value: Any) -> str:
    """A value of str, list and dict as YAML on one line, of which every reader gets the same text back.

    Letters stay as they are; quotes, control, format and separator characters are escaped.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)}: {quoted(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(quoted, value)) + "]"
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else _escaped(c) for c in str(value)) + '"'


def _escaped(letter: str) -> str:
    code = ord(letter)
    if letter in '"\\':
        return "\\" + letter
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


_PLAIN_TAGS = ("str", "null", "bool", "int", "float", "timestamp", "value", "merge")


def _plain(node: yaml.Node, path: str, depth: int, problems: list[Problem], seen: set[int]) -> Any:
    line = f" (line {node.start_mark.line + 1})"
    if depth > MAX_DEPTH:
        problems.append(Problem(path, f"is nested more than {MAX_DEPTH} deep{line}"))
        return None
    if id(node) in seen:
        problems.append(Problem(path, f"is an alias; write the value out{line}"))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        try:  # JSON writes what lies beyond 16 bits as two halves
            value = node.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            problems.append(Problem(path, f"holds half of a surrogate pair, which is not text{line}"))
            value = ""
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.rpartition(":")[2] not in _PLAIN_TAGS:
            problems.append(Problem(path, f"has the explicit type {node.tag}; write plain text{line}"))
        return None if node.style is None and node.value == "" else value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, f"{path}[{i}]", depth + 1, problems, seen) for i, child in enumerate(node.value)]
    return _mapping(node, path, depth, problems, seen)


def _mapping(node: yaml.Node, path: str, depth: int, problems: list[Problem], seen: set[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = f" (line {key_node.start_mark.line + 1})"
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(path, f"has a key that is not text{line}"))
            continue
        key = str(key_node.value)
        below = f"{path}.{key}" if path else key
        if key in found:
            problems.append(Problem(below, f"stands twice{line}; keep one"))
            continue
        found[key] = _plain(value_node, below, depth + 1, problems, seen)
    return found


class _Hooks:
    """What a JSON parser asks while it reads; what two readers would see differently goes to ``problems``."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def pairs(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            counted = Counter(key for key, _ in items)
            twice = sorted(key for key, count in counted.items() if count > 1)
            self.problems.append(Problem(".".join(twice[:3]), "stands twice in one object; readers would disagree"))
        return found

    def constant(self, name: str) -> None:
        self.problems.append(Problem("", f"holds {name}, which is not JSON"))

    def finite(self, number: str) -> float:
        value = float(number)
        if value in (float("inf"), float("-inf")):  # of 1e999 an infinity would be made that no JSON can say
            self.problems.append(Problem("", f"holds {number[:20]}, a number that cannot be written again"))
        return value


def load_json(text: str, source: str, max_depth: int = MAX_DEPTH, *, drop_nan: bool = False) -> Any:
    """A JSON document in which any two readers see the same.

    Raises InputError for a syntax error, nesting beyond ``max_depth``, duplicate keys, NaN and Infinity, and lone surrogates.
    ``drop_nan`` reads NaN and Infinity (which the OTIO library writes) as null: for reading only, never to write again.
    """
    if drop_nan and ("NaN" in text or "Inf" in text):
        text = _NAN.sub(lambda match: match[0] if match[0].startswith('"') else "null", text)
    hooks = _Hooks()
    if json_is_deeper(text, max_depth):
        raise InputError(source, f"is nested more than {max_depth} deep")

    try:
        numbers = None if drop_nan else hooks.finite
        data = json.loads(text, object_pairs_hook=hooks.pairs, parse_constant=hooks.constant, parse_float=numbers)
    except json.JSONDecodeError as error:
        raise InputError(source, [Problem(f"line {error.lineno}", f"is not JSON: {error.msg}")]) from None
    except RecursionError:
        raise InputError(source, "is nested too deeply") from None
    except ValueError as error:  # an integer of more digits than Python converts
        raise InputError(source, f"holds a number that cannot be read: {error}") from None
    if _SURROGATE.search(text):
        try:
            json.dumps(data, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            hooks.problems.append(Problem("", "holds half of a surrogate pair, which is not text"))
    if hooks.problems:
        raise InputError(source, hooks.problems)
    return data


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
"""A string, or the rest of a text whose last string is not closed: without that, each quote would be tried again."""

_NAN = re.compile(_STRING.pattern + r"|-?\b(?:NaN|Inf(?:inity)?)\b", re.DOTALL)
_PAIR = re.compile(rb"\{\}|\[\]")
_DROP = bytes(code for code in range(256) if chr(code) not in "{}[]")


def json_is_deeper(text: str, limit: int) -> bool:
    """Whether brackets nest more than ``limit`` deep, without recursion: innermost pairs are taken off, a layer a round.

    A parser must not be asked: it overflows the C stack on some versions (two kilobytes of ``[`` on a thread kill a host).
    """
    shape = _STRING.sub("", text).encode("ascii", "ignore").translate(None, _DROP)
    for level in range(limit):
        thinner = _PAIR.sub(b"", shape)
        if len(thinner) == len(shape):  # nothing pairs up any more: well-formed text is used up, the rest is broken
            return level + _open_depth(shape) > limit
        shape = thinner
    return _open_depth(shape) > 0


def _open_depth(shape: bytes) -> int:
    """The deepest nesting of what is left: a text whose brackets do not pair up."""
    depth = deepest = 0
    for code in shape:
        depth += 1 if code in b"{[" else -1
        deepest = max(deepest, depth)
    return deepest
