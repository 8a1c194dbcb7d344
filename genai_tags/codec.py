"""Records, stubs and sets to plain JSON types and back.

Two ways in: ``strict`` for what a person hands over (an unknown key is a typo) and ``keeping`` for what is stored
(an unknown key is somebody's fact, kept and written again). All problems are found at once, with dotted paths.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import difflib
import hashlib
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from genai_tags.errors import InputError, NewerSchemaError, Problem
from genai_tags.model import FrameSet, Record, Tag, Use

T = TypeVar("T")

RECORD_SCHEMA = "genai_tags.record/1"
STUB_SCHEMA = "genai_tags.stub/1"

ID_PATTERN = re.compile(r"[a-z0-9]{4,16}")
DIGEST_PATTERN = re.compile(r"[A-Za-z0-9_-]{22}")
MARK_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,32}")


def canonical(data: Any) -> bytes:
    """The one byte form of JSON data that digests are taken of: sorted keys, no spaces, UTF-8."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")


def digest(data: Any) -> str:
    """The first 128 bits of the SHA-256 of ``canonical(data)``, as 22 characters of base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(canonical(data)).digest()[:16]).rstrip(b"=").decode("ascii")


# ---------------------------------------------------------------- dataclasses <-> mappings


@cache
def hints(cls: type) -> dict[str, Any]:
    """The types of a dataclass's fields, ``extra`` left out."""
    found = typing.get_type_hints(cls)
    return {item.name: found[item.name] for item in dataclasses.fields(cls) if item.name != "extra"}


class Decoder:
    """Builds a dataclass from a mapping and gathers what is wrong in ``problems``.

    ``keeping`` keeps unknown keys in ``extra``; ``lenient`` (a newer schema) also keeps there what does not fit its type.
    """

    def __init__(self, *, keeping: bool = False, lenient: bool = False) -> None:
        self.keeping = keeping or lenient
        self.lenient = lenient
        self.problems: list[Problem] = []

    def build(self, cls: type[T], data: Any, path: str = "") -> T | None:
        """The dataclass, or None where ``problems`` says why not."""
        if not isinstance(data, Mapping):
            self._complain(path, f"must be a mapping, not {kind_of(data)}")
            return None
        known: dict[str, Any] = hints(typing.cast("Any", cls))
        values: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        before = len(self.problems)
        for key, value in data.items():
            if key not in known:
                self._unknown(cls, key, value, path, extra)
                continue
            if value is None:
                continue
            mark = len(self.problems)
            made = self._value(known[key], value, f"{path}.{key}" if path else key)
            if len(self.problems) == mark:
                values[key] = made
            elif self.lenient:
                del self.problems[mark:]
                extra[key] = value
        self._missing(cls, values, path)
        if len(self.problems) > before:
            return None
        if extra and any(item.name == "extra" for item in dataclasses.fields(cls)):  # type: ignore[arg-type]
            values["extra"] = extra
        return cls(**values)

    def _unknown(self, cls: Any, key: Any, value: Any, path: str, extra: dict[str, Any]) -> None:
        if self.keeping:
            extra[key] = value  # ``build`` drops it where the class has no place for it
            return
        near = difflib.get_close_matches(str(key), hints(cls), 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(hints(cls)))}"
        self._complain(f"{path}.{key}" if path else str(key), f"is not a known fact{hint}")

    def _missing(self, cls: Any, values: Mapping[str, Any], path: str) -> None:
        for item in dataclasses.fields(cls):
            needed = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
            stem = f"{path}.{item.name}" if path else item.name
            complained = any(p.path == stem or p.path.startswith((stem + ".", stem + "[")) for p in self.problems)
            if needed and item.name not in values and not complained:
                self._complain(stem, "is missing")

    def _value(self, hint: Any, value: Any, path: str) -> Any:
        hint = without_none(hint)
        origin = typing.get_origin(hint)
        if origin is tuple:
            return self._items(typing.get_args(hint)[0], value, path)
        if origin is not None or hint is Any:  # a mapping of free values
            if isinstance(value, Mapping):
                return dict(value)
            return self._complain(path, f"must be a mapping, not {kind_of(value)}")
        if dataclasses.is_dataclass(hint) and hint is not FrameSet:
            return self.build(typing.cast(type, hint), value, path)
        return self._scalar(hint, value, path)

    def _items(self, hint: Any, value: Any, path: str) -> tuple[Any, ...] | None:
        if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
            self._complain(path, f"must be a list, not {kind_of(value)}")
            return None
        return tuple(self._value(hint, item, f"{path}[{i}]") for i, item in enumerate(value))

    def _scalar(self, hint: type, value: Any, path: str) -> Any:
        if isinstance(value, (Mapping, list, tuple)) or value is None:
            return self._complain(path, f"must be one value, not {kind_of(value)}")
        try:
            if issubclass(hint, Enum):
                return _member(hint, value)
            return _SCALARS[hint](value)
        except ValueError as error:
            return self._complain(path, str(error))

    def _complain(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))


def decode_document(cls: type[T], document: Any, schema: str, source: str) -> T:
    """A document that a person wrote, which states its schema. Raises InputError with every problem."""
    decoder = Decoder()
    made = decoder.build(cls, document)
    if isinstance(document, Mapping) and document.get("schema") != schema:
        decoder.problems.append(Problem("schema", f"must be {schema}, not {document.get('schema')!r}"))
    if made is None or decoder.problems:
        raise InputError(source, decoder.problems)
    return made


def without_none(hint: Any) -> Any:
    """The type itself, of a type that may be None."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint


def kind_of(value: Any) -> str:
    """What a value is, in words for a message."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "nothing" if value is None else repr(value)


def _member(hint: type[Enum], value: Any) -> Enum:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    try:
        return hint(value)
    except ValueError:
        words = [str(member.value) for member in hint]
        near = difflib.get_close_matches(str(value), words, 1)
        ask = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(words)}"
        raise ValueError(f"{value!r} is not known here; {ask}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text, not {value!r}")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        return int(value)
    raise ValueError(f"must be a whole number, not {value!r}")


def parse_date(value: Any) -> dt.date:
    """A day as ``2026-11-21``. Raises ValueError for anything else, and for days that do not exist."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a day that exists") from None
    raise ValueError(f"{value!r} is not a date; write it as YYYY-MM-DD")


def _frames(value: Any) -> FrameSet:
    return FrameSet.parse(_text(value))


_SCALARS: dict[type, Any] = {str: _text, int: _whole, dt.date: parse_date, FrameSet: _frames}


def encode(item: Any, private: dict[str, Any] | None = None, path: str = "") -> Any:
    """Plain JSON types for a model object; what equals its default is left out.

    Where ``private`` is given, private fields go there under their dotted path and nowhere else.
    """
    if isinstance(item, Enum):
        return item.value
    if isinstance(item, (FrameSet, dt.date)):
        return str(item)
    if isinstance(item, tuple):
        return [encode(child, private, f"{path}.{i}") for i, child in enumerate(item)]
    if not dataclasses.is_dataclass(item):
        return dict(item) if isinstance(item, Mapping) else item
    found: dict[str, Any] = {}
    for each in dataclasses.fields(item):
        value = getattr(item, each.name)
        if each.name == "extra" or value == _default(each):
            continue
        below = f"{path}.{each.name}" if path else each.name
        if private is not None and each.metadata.get("private"):
            private[below] = encode(value)
            continue
        made = encode(value, private, below)
        if made != {} or not dataclasses.is_dataclass(value):
            found[each.name] = made
    found.update(getattr(item, "extra", {}))
    return found


def _default(item: dataclasses.Field[Any]) -> Any:
    if item.default_factory is not dataclasses.MISSING:
        return item.default_factory()
    return item.default


@cache
def _private_paths(cls: type, above: str = "") -> frozenset[str]:
    """The dotted paths of private fields, ``#`` for a place in a list."""
    found: set[str] = set()
    for item in dataclasses.fields(cls):
        path, hint = f"{above}{item.name}", without_none(hints(cls).get(item.name, object))
        inner = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else hint
        if item.metadata.get("private"):
            found.add(path)
        elif isinstance(inner, type) and dataclasses.is_dataclass(inner):
            found |= _private_paths(inner, f"{path}.#." if inner is not hint else f"{path}.")
    return frozenset(found)


def restore_private(data: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Put private values of a record back at their dotted paths.

    Only texts at paths of private fields are taken, so that nothing public can be overwritten; a path that no longer leads
    anywhere is passed over.
    """
    for path, value in values.items():
        if not isinstance(value, str) or re.sub(r"\.\d{1,6}(?=\.)", ".#", path, flags=re.ASCII) not in _private_paths(Record):
            continue
        *parents, last = path.split(".")
        place: Any = data
        for name in parents:
            if isinstance(place, list):
                place = place[int(name)] if name.isdigit() and int(name) < len(place) else None
            elif isinstance(place, dict):
                place = place.setdefault(name, {})
        if isinstance(place, dict):
            place[last] = value
    return data


# ---------------------------------------------------------------- records


def decode_facts(data: Any, source: str) -> tuple[Tag, tuple[Use, ...]]:
    """What a person wrote in FACTS.yaml: ``tag:`` and ``uses:``. Raises InputError with every problem."""
    decoder = Decoder()
    if not isinstance(data, Mapping):
        raise InputError(source, f"must hold tag: and uses:, not {kind_of(data)}")
    for key in data:
        if key not in ("tag", "uses"):
            decoder.problems.append(Problem(str(key), "is not known here; the document holds tag: and uses:"))
    tag = decoder.build(Tag, data.get("tag") or {}, "tag") if "tag" in data else None
    if "tag" not in data:
        decoder.problems.append(Problem("tag", "is missing"))
    raw_uses = data.get("uses") or []
    uses = decoder._items(Use, raw_uses, "uses")
    if tag is not None:
        decoder.problems.extend(check_tag(tag))
    if decoder.problems:
        raise InputError(source, decoder.problems)
    assert tag is not None
    return tag, uses or ()


def check_tag(tag: Tag) -> list[Problem]:
    """What no type can say: a tag without steps is no tag, and ids within one list are unique."""
    problems: list[Problem] = []
    if tag.steps == ():
        problems.append(Problem("tag.steps", "is an empty list; leave it out if unknown, or use 'clean' if there is no AI"))
    lists = [("tag.talent", [talent.id for talent in tag.talent or ()])]
    lists += [(f"tag.steps[{i}].inputs", [item.id for item in step.inputs or ()]) for i, step in enumerate(tag.steps or ())]
    for name, ids in lists:
        stated = [each for each in ids if each is not None]
        problems.extend(Problem(name, f"names {each!r} twice") for each in sorted(set(stated)) if stated.count(each) > 1)
    kinds: dict[str, set[object]] = {}
    for step in tag.steps or ():
        for item in step.inputs or ():
            kinds.setdefault(item.id or "", set()).add(item.kinds)
    twice = sorted(name for name, found in kinds.items() if name and len(found) > 1)
    problems += [
        Problem("tag.steps", f"two inputs of different kinds are called {name!r}; give each an id of its own") for name in twice
    ]
    return problems


def encode_record(record: Record) -> tuple[dict[str, Any], dict[str, Any]]:
    """The public document of a record, and its private values by dotted path."""
    private: dict[str, Any] = {}
    body = encode(dataclasses.replace(record, schema=""), private)
    body["schema"] = record.schema or RECORD_SCHEMA
    body.setdefault("tag", {})
    return body, private


def decode_record(data: Any, source: str) -> Record:
    """A stored record; unknown keys are kept, a newer schema is read as far as understood. Raises InputError."""
    if not isinstance(data, Mapping):
        raise InputError(source, f"must be a record, not {kind_of(data)}")
    lenient = is_newer(str(data.get("schema", "")), RECORD_SCHEMA, source)
    decoder = Decoder(keeping=True, lenient=lenient)
    record = decoder.build(Record, data)
    if record is None or decoder.problems:
        raise InputError(source, decoder.problems)
    if not ID_PATTERN.fullmatch(record.id):
        raise InputError(source, [Problem("id", f"{record.id!r} is not a tag id (4 to 16 of a-z 0-9)")])
    if record.revision < 1:
        raise InputError(source, [Problem("revision", "must be 1 or more")])
    return record


def refuse_newer(record: Record) -> None:
    """Raises NewerSchemaError for a record that a newer genai_tags made: revising it here could lose what it means."""
    if record.schema and is_newer(record.schema, RECORD_SCHEMA, record.id):
        raise NewerSchemaError(record.id, f"was written as {record.schema}; update genai_tags to change it")


def is_newer(schema: str, ours: str, source: str) -> bool:
    """Whether ``schema`` is a later version of ``ours``. Raises InputError where it is another thing altogether."""
    name, _, version = schema.partition("/")
    our_name, _, our_version = ours.partition("/")
    if name != our_name or not re.fullmatch(r"[1-9]\d{0,5}", version, re.ASCII):
        raise InputError(source, [Problem("schema", f"is {schema!r}, not {ours}")])
    return int(version) > int(our_version)


def record_digest(body: Mapping[str, Any], private_digest: str | None) -> str:
    """What stubs and evidence cite a record by: its public document, and the salted digest of its private part."""
    return digest({**body, "private": private_digest})
