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
from genai_tags.model import (
    AIClass,
    Basis,
    FrameSet,
    Member,
    Membership,
    Operation,
    Record,
    SourceType,
    Stage,
    Stub,
    Tag,
    TagSet,
    Use,
    UseCase,
)

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
            self._complain(path, f"must be a mapping, not {_kind(data)}")
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
        self._missing(cls, values, extra, path)
        if len(self.problems) > before:
            return None
        if extra and any(item.name == "extra" for item in dataclasses.fields(cls)):  # type: ignore[arg-type]
            values["extra"] = extra
        return cls(**values)

    def _unknown(self, cls: Any, key: Any, value: Any, path: str, extra: dict[str, Any]) -> None:
        has_extra = any(item.name == "extra" for item in dataclasses.fields(cls))
        if self.keeping and has_extra:
            extra[key] = value
            return
        if self.keeping:
            return
        near = difflib.get_close_matches(str(key), hints(cls), 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(hints(cls)))}"
        self._complain(f"{path}.{key}" if path else str(key), f"is not a known fact{hint}")

    def _missing(self, cls: Any, values: Mapping[str, Any], extra: Mapping[str, Any], path: str) -> None:
        for item in dataclasses.fields(cls):
            needed = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
            stem = f"{path}.{item.name}" if path else item.name
            complained = any(p.path == stem or p.path.startswith((stem + ".", stem + "[")) for p in self.problems)
            if needed and item.name not in values and not complained:
                self._complain(stem, "is missing")

    def _value(self, hint: Any, value: Any, path: str) -> Any:
        hint = _without_none(hint)
        origin = typing.get_origin(hint)
        if origin is tuple:
            return self._items(typing.get_args(hint)[0], value, path)
        if origin is not None or hint is Any:  # a mapping of free values
            if isinstance(value, Mapping):
                return dict(value)
            return self._complain(path, f"must be a mapping, not {_kind(value)}")
        if dataclasses.is_dataclass(hint) and hint is not FrameSet:
            return self.build(typing.cast(type, hint), value, path)
        return self._scalar(hint, value, path)

    def _items(self, hint: Any, value: Any, path: str) -> tuple[Any, ...] | None:
        if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
            self._complain(path, f"must be a list, not {_kind(value)}")
            return None
        return tuple(self._value(hint, item, f"{path}[{i}]") for i, item in enumerate(value))

    def _scalar(self, hint: type, value: Any, path: str) -> Any:
        if isinstance(value, (Mapping, list, tuple)) or value is None:
            return self._complain(path, f"must be one value, not {_kind(value)}")
        try:
            if issubclass(hint, Enum):
                return _member(hint, value)
            return _SCALARS[hint](value)
        except ValueError as error:
            return self._complain(path, str(error))

    def _complain(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))


def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint


def _kind(value: Any) -> str:
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


def restore_private(data: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Put private values back at their dotted paths; a path that no longer leads anywhere is passed over."""
    for path, value in values.items():
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
        raise InputError(source, f"must hold tag: and uses:, not {_kind(data)}")
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
        raise InputError(source, f"must be a record, not {_kind(data)}")
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


# ---------------------------------------------------------------- stubs and sets

SYNTHETIC_ORDER = (
    SourceType.TRAINED_ALGORITHMIC_MEDIA,
    SourceType.COMPOSITE_SYNTHETIC,
    SourceType.COMPOSITE_WITH_TRAINED,
    SourceType.VIRTUAL_RECORDING,
    SourceType.COMPOSITE,
    SourceType.ALGORITHMIC_MEDIA,
    SourceType.DATA_DRIVEN_MEDIA,
    SourceType.ALGORITHMICALLY_ENHANCED,
)
"""IPTC source types, most synthetic first; those not listed are the work of cameras and people."""

_STAGE_ORDER = (Stage.FINAL, Stage.TEMP, Stage.IDEATION)
_USE_CASE_ORDER = (
    UseCase.TALENT_REPLICATION,
    UseCase.UNOWNED_TRAINING_DATA,
    UseCase.FINAL_DESIGN_OR_KEY_VISUAL,
    UseCase.PROPRIETARY_MATERIAL,
    UseCase.BACKGROUND_ELEMENT,
    UseCase.OTHER,
    UseCase.IDEATION,
)


def source_type_of(tag: Tag) -> SourceType | None:
    """What the tag states, else what its steps imply (IPTC guidance on generated, edited and enhanced media)."""
    if tag.digital_source_type is not None:
        return tag.digital_source_type
    generative = [step.operation for step in tag.steps or () if step.ai_class is AIClass.GENERATIVE]
    if generative and set(generative) <= {Operation.EDIT, Operation.ENHANCE}:
        return SourceType.COMPOSITE_WITH_TRAINED
    if generative:
        return SourceType.TRAINED_ALGORITHMIC_MEDIA
    return SourceType.ALGORITHMICALLY_ENHANCED if tag.ai_class is AIClass.ANALYTIC else None


def stub_of(record: Record, record_digest: str, membership: Membership = Membership.SOURCE) -> Stub:
    """The public part of a record. The stage is the latest of its uses."""
    stages = {use.stage for use in record.uses}
    return Stub(
        id=record.id,
        revision=record.revision,
        membership=membership,
        use_case=record.tag.use_case,
        stage=next((stage for stage in _STAGE_ORDER if stage in stages), None),
        source_type=source_type_of(record.tag),
        ai_class=record.tag.ai_class,
        digest=record_digest,
    )


def encode_stub(stub: Stub) -> dict[str, Any]:
    """The stub as it rides on media and as ``read`` prints it."""
    found = encode(stub)
    found["as"] = found.pop("membership", Membership.SOURCE.value)
    return typing.cast("dict[str, Any]", found)


def decode_stub(data: Any, path: str, decoder: Decoder) -> Stub | None:
    """A stub from media: hostile until checked. Problems go to the decoder."""
    if not isinstance(data, Mapping):
        decoder.problems.append(Problem(path, f"must be a stub, not {_kind(data)}"))
        return None
    plain = {**data}
    if "as" in plain:
        plain["membership"] = plain.pop("as")
    stub = decoder.build(Stub, plain, path)
    if stub is None:
        return None
    if not ID_PATTERN.fullmatch(stub.id) or stub.revision < 1:
        decoder.problems.append(Problem(f"{path}.id", "is not a tag id with a revision"))
        return None
    if stub.digest is not None and not DIGEST_PATTERN.fullmatch(stub.digest):
        decoder.problems.append(Problem(f"{path}.digest", "is not a digest"))
        return None
    return stub


def clean_mark(data: Any) -> dict[str, str] | None:
    """A clean mark from media, reduced to what one may hold: hostile until checked, and never free text."""
    if not isinstance(data, Mapping):
        return None
    found = {key: data[key] for key in ("statement", "version") if isinstance(data.get(key), str)}
    return found if "statement" in found and all(MARK_PATTERN.fullmatch(value) for value in found.values()) else None


def member_set_digest(members: Sequence[Member]) -> str:
    """What identifies a set: the digest of its sorted members."""
    return digest([[m.id, m.revision, m.membership.value] for m in sorted(set(members))])


def make_set(stubs: Sequence[Stub], basis: Basis = Basis.DECLARED) -> TagSet:
    """The set of these stubs, strictest first. An id in several revisions keeps each."""
    unique = {stub.member: stub for stub in stubs}
    ordered = sorted(unique.values(), key=_strictness)
    return TagSet(stubs=tuple(ordered), digest=member_set_digest(list(unique)) if unique else None, basis=basis)


def _strictness(stub: Stub) -> tuple[int, int, int, str, int]:
    def rank(order: Sequence[Any], word: Any) -> int:
        return order.index(word) if word in order else len(order)

    return (
        rank((AIClass.GENERATIVE, None, AIClass.ANALYTIC), stub.ai_class),
        rank(_STAGE_ORDER, stub.stage),
        rank(_USE_CASE_ORDER, stub.use_case),
        stub.id,
        stub.revision,
    )


def set_source_type(tag_set: TagSet) -> SourceType | None:
    """The most synthetic source type of a set; media that merely contains generated elements is compositeSynthetic."""
    if any(s.membership is Membership.CONTAINS and s.ai_class is not AIClass.ANALYTIC for s in tag_set.stubs):
        return SourceType.COMPOSITE_SYNTHETIC
    stated = [stub.source_type for stub in tag_set.stubs if stub.source_type is not None]
    return min(stated, key=lambda t: SYNTHETIC_ORDER.index(t) if t in SYNTHETIC_ORDER else len(SYNTHETIC_ORDER), default=None)


def summary(tag_set: TagSet) -> str:
    """One human line: counts and use cases, no status."""
    count = len(tag_set.stubs) + tag_set.more
    cases = sorted({str(stub.use_case).replace("_", " ") for stub in tag_set.stubs if stub.use_case})
    words = f"{count} GenAI element{'s' if count != 1 else ''}"
    return f"{words}: {', '.join(cases[:3])}" if cases else words


KEY_SCHEMA = "genai:schema"
KEY_SOURCE_TYPE = "genai:digitalSourceType"
KEY_SUMMARY = "genai:summary"
KEY_SET = "genai:set"
KEY_TAGS = "genai:tags"
KEY_CLEAN = "genai:clean"
KEYS = (KEY_SCHEMA, KEY_SOURCE_TYPE, KEY_SUMMARY, KEY_SET, KEY_TAGS, KEY_CLEAN)

HEADER_BUDGET = 1024
"""Bytes that one part's attributes may take, names and types included (EXR: name, NUL, "string", NUL, size, value)."""
HEADER_STUBS = 4


def header_fields(tag_set: TagSet) -> dict[str, str]:
    """The ``genai:`` fields of a set for an EXR header, PNG text or XMP, within HEADER_BUDGET for any set."""
    fields = {KEY_SCHEMA: STUB_SCHEMA}
    if tag_set:
        source_type = set_source_type(tag_set)
        if source_type is not None:
            fields[KEY_SOURCE_TYPE] = source_type.value
        fields[KEY_SUMMARY] = summary(tag_set)
        fields[KEY_SET] = tag_set.digest or ""
    if tag_set.clean is not None:
        fields[KEY_CLEAN] = canonical(dict(tag_set.clean)).decode("utf-8")
    if not tag_set:
        return fields if tag_set.clean is not None else {}
    total = len(tag_set.stubs) + tag_set.more
    for count in range(min(HEADER_STUBS, len(tag_set.stubs)), -1, -1):
        chosen = tag_set.stubs[:count]
        fields[KEY_TAGS] = canonical({"more": total - count, "tags": [encode_stub(s) for s in chosen]}).decode("utf-8")
        if header_cost(fields) <= HEADER_BUDGET:
            return fields
    raise AssertionError("an empty list of stubs exceeds the header budget")


def header_cost(fields: Mapping[str, str]) -> int:
    """Bytes that these fields take as EXR string attributes."""
    return sum(len(name) + 1 + len("string") + 1 + 4 + len(value.encode("utf-8")) for name, value in fields.items())


def parse_header_fields(fields: Mapping[str, str], basis: Basis = Basis.DECLARED) -> tuple[TagSet, list[Problem]]:
    """The set that ``genai:`` fields state, and what is wrong with them. Never raises: media is hostile."""
    decoder = Decoder(lenient=False, keeping=True)
    stubs: list[Stub] = []
    more = 0
    schema = fields.get(KEY_SCHEMA, STUB_SCHEMA)
    try:
        decoder.lenient = is_newer(schema, STUB_SCHEMA, KEY_SCHEMA)
        document = _small_json(fields[KEY_TAGS], KEY_TAGS) if KEY_TAGS in fields else {}
        clean = _small_json(fields[KEY_CLEAN], KEY_CLEAN) if KEY_CLEAN in fields else None
    except InputError as error:
        return TagSet(digest=fields.get(KEY_SET), basis=basis), [Problem(error.source, str(p)) for p in error.problems]
    if isinstance(document, Mapping):
        listed = document.get("tags", [])
        for i, each in enumerate(listed if isinstance(listed, list) else [listed]):
            stub = decode_stub(each, f"{KEY_TAGS}[{i}]", decoder)
            if stub is not None:
                stubs.append(stub)
        if isinstance(document.get("more"), int) and 0 <= document["more"] < 1_000_000:
            more = int(document["more"])
    else:
        decoder.problems.append(Problem(KEY_TAGS, "must be an object"))
    found = make_set(stubs, basis)
    stated = fields.get(KEY_SET)
    if stated and not more and not decoder.problems and stated != found.digest:
        decoder.problems.append(Problem(KEY_SET, "does not match the tags listed beside it", "set_digest"))
    made = dataclasses.replace(found, more=more, digest=stated or found.digest, clean=clean_mark(clean), newer=decoder.lenient)
    return made, decoder.problems


def _small_json(text: str, source: str) -> Any:
    from genai_tags.strict import load_json

    if len(text) > 65536:
        raise InputError(source, "is longer than any stub list of ours")
    return load_json(text, source, max_depth=8)
