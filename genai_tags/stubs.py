"""Stubs and sets: the public part of records, as it rides on media, within a kilobyte and never more than an allow-list."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from genai_tags.codec import (
    DIGEST_PATTERN,
    ID_PATTERN,
    MARK_PATTERN,
    STUB_SCHEMA,
    Decoder,
    canonical,
    digest,
    encode,
    is_newer,
    kind_of,
)
from genai_tags.errors import InputError, Problem
from genai_tags.model import Member, Record, Stub, Tag, TagSet
from genai_tags.vocabulary import AIClass, Basis, Membership, Operation, SourceType, Stage, UseCase

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
        decoder.problems.append(Problem(path, f"must be a stub, not {kind_of(data)}"))
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


def decode_set(data: Mapping[str, Any], path: str, decoder: Decoder) -> TagSet:
    """A set as sidecars, timelines and hosts hold it: ``tags``, ``set``, ``clean``, and ``more`` where it is not whole. Problems go to
    the decoder."""
    before = len(decoder.problems)
    listed = data.get("tags")
    raw = listed if isinstance(listed, list) else []
    stubs = [decode_stub(each, f"{path}tags[{i}]", decoder) for i, each in enumerate(raw)]
    found = make_set([stub for stub in stubs if stub is not None])
    more, stated = _count(data.get("more")), data.get("set")
    if more and isinstance(stated, str):
        found = dataclasses.replace(found, more=more, digest=stated)
    elif stated != found.digest and len(decoder.problems) == before:
        decoder.problems.append(Problem(f"{path}set", "does not match the tags listed beside it", "set_digest"))
    return dataclasses.replace(
        found, clean=clean_mark(data.get("clean")), newer=decoder.lenient, undeclared=_count(data.get("undeclared"))
    )


def encode_set(tag_set: TagSet) -> dict[str, Any]:
    """What ``decode_set`` reads: ``set`` and ``tags``, and where there are any how many ``more`` tags are in it, the clean mark and the
    count of what nobody declared."""
    found: dict[str, Any] = {"set": tag_set.digest, "tags": [encode_stub(stub) for stub in tag_set.stubs]}
    if tag_set.more:
        found["more"] = tag_set.more
    if tag_set.clean is not None:
        found["clean"] = dict(tag_set.clean)
    if tag_set.undeclared:
        found["undeclared"] = tag_set.undeclared
    return found


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
    words = f"{words}: {', '.join(cases[:3])}" if cases else words
    if not tag_set.undeclared:
        return words
    parts = f"{tag_set.undeclared} part{'s' if tag_set.undeclared != 1 else ''} that nobody accounted for"
    return f"{words}; {parts}" if count else parts


def _count(value: Any) -> int:
    """A count from media: hostile until checked. One that is too large to be true is still more than none."""
    return min(value, MAX_COUNT) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


MAX_COUNT = 999_999


KEY_SCHEMA = "genai:schema"
KEY_SOURCE_TYPE = "genai:digitalSourceType"
KEY_SUMMARY = "genai:summary"
KEY_SET = "genai:set"
KEY_TAGS = "genai:tags"
KEY_CLEAN = "genai:clean"
KEY_ENCODED = "genai:encoded"
"""A whole set as a host can carry it through metadata that it evaluates; see ``carriers.host``."""
KEYS = (KEY_SCHEMA, KEY_SOURCE_TYPE, KEY_SUMMARY, KEY_SET, KEY_TAGS, KEY_CLEAN, KEY_ENCODED)

HEADER_BUDGET = 1024
"""Bytes that one part's attributes may take, names and types included (EXR: name, NUL, "string", NUL, size, value)."""
HEADER_STUBS = 4
"""The most stubs that a header lists; fewer where those do not fit."""


def header_fields(tag_set: TagSet) -> dict[str, str]:
    """The ``genai:`` fields of a set for an EXR header, PNG text or XMP, within HEADER_BUDGET for any set."""
    return _fitted(tag_set)[0]


def in_header(tag_set: TagSet) -> int:
    """How many of the set's stubs a header lists; the others need a sidecar."""
    return _fitted(tag_set)[1]


def _fitted(tag_set: TagSet) -> tuple[dict[str, str], int]:
    """The fields, and how many stubs they list."""
    fields = {KEY_SCHEMA: STUB_SCHEMA}
    if tag_set:
        source_type = set_source_type(tag_set)
        if source_type is not None:
            fields[KEY_SOURCE_TYPE] = source_type.value
        fields[KEY_SUMMARY] = summary(tag_set)
        if tag_set.digest is not None:
            fields[KEY_SET] = tag_set.digest
    if tag_set.clean is not None:
        fields[KEY_CLEAN] = canonical(dict(tag_set.clean)).decode("utf-8")
    if not tag_set:
        return (fields if tag_set.clean is not None else {}), 0
    total = len(tag_set.stubs) + tag_set.more
    for count in range(min(HEADER_STUBS, len(tag_set.stubs)), -1, -1):
        chosen = tag_set.stubs[:count]
        listed: dict[str, Any] = {"more": total - count, "tags": [encode_stub(s) for s in chosen]}
        if tag_set.undeclared:
            listed["undeclared"] = tag_set.undeclared
        fields[KEY_TAGS] = canonical(listed).decode("utf-8")
        if header_cost(fields) <= HEADER_BUDGET:
            return fields, count
    raise AssertionError("an empty list of stubs exceeds the header budget")


def header_cost(fields: Mapping[str, str]) -> int:
    """Bytes that these fields take as EXR string attributes."""
    return sum(len(name) + 1 + len("string") + 1 + 4 + len(value.encode("utf-8")) for name, value in fields.items())


def parse_header_fields(fields: Mapping[str, str], basis: Basis = Basis.DECLARED) -> tuple[TagSet, list[Problem]]:
    """The set that ``genai:`` fields state, and what is wrong with them. Never raises: media is hostile."""
    decoder = Decoder(lenient=False, keeping=True)
    stubs: list[Stub] = []
    more = undeclared = 0
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
        more, undeclared = _count(document.get("more")), _count(document.get("undeclared"))
    else:
        decoder.problems.append(Problem(KEY_TAGS, "must be an object"))
    found = make_set(stubs, basis)
    stated = fields.get(KEY_SET)
    if stated and not more and not decoder.problems and stated != found.digest:
        decoder.problems.append(Problem(KEY_SET, "does not match the tags listed beside it", "set_digest"))
    made = dataclasses.replace(found, more=more, digest=stated or found.digest, clean=clean_mark(clean), newer=decoder.lenient)
    made = dataclasses.replace(made, undeclared=undeclared)
    return made, decoder.problems


def _small_json(text: str, source: str) -> Any:
    from genai_tags.strict import load_json

    if len(text) > 65536:
        raise InputError(source, "is longer than any stub list of ours")
    return load_json(text, source, max_depth=8)
