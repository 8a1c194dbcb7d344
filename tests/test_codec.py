"""Facts, records, stubs and sets to documents and back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_tags.carriers.host import decode_text, encode_json, encode_text
from genai_tags.codec import (
    RECORD_SCHEMA,
    decode_facts,
    decode_record,
    digest,
    encode_record,
    record_digest,
    refuse_newer,
    restore_private,
)
from genai_tags.errors import InputError, NewerSchemaError
from genai_tags.model import FrameSet, Record, Stub, TagSet
from genai_tags.stubs import (
    HEADER_BUDGET,
    KEY_TAGS,
    header_cost,
    header_fields,
    make_set,
    parse_header_fields,
    set_source_type,
    stub_of,
)
from genai_tags.vocabulary import AIClass, Answer, Basis, Membership, SourceType, Stage, UseCase
from tests.facts import UNSET, facts

IDS = st.text("abcdefghjkmnpqrstvwxyz0123456789", min_size=4, max_size=16)
STUBS = st.builds(
    Stub,
    id=IDS,
    revision=st.integers(1, 10**9),
    membership=st.sampled_from(Membership),
    use_case=st.none() | st.sampled_from(UseCase),
    stage=st.none() | st.sampled_from(Stage),
    source_type=st.none() | st.sampled_from(SourceType),
    ai_class=st.none() | st.sampled_from(AIClass),
    digest=st.just("x" * 22),
)


def test_facts_become_a_tag_and_uses() -> None:
    tag, uses = decode_facts(facts({"uses[0].frames": "1001-1048"}), "f")
    assert tag.steps is not None
    assert (tag.steps[0].ai_class, tag.answers.temporary, tag.talent) == (AIClass.GENERATIVE, Answer.YES, ())
    assert uses[0].frames == FrameSet(((1001, 1048),))


def test_what_nobody_stated_is_unknown() -> None:
    tag, uses = decode_facts({"tag": {}}, "f")
    assert (tag.steps, tag.talent, tag.answers.temporary, uses) == (None, None, Answer.UNSURE, ())


PROBLEMS = [
    ({"tag.stepz": []}, "tag.stepz: is not a known fact; did you mean 'steps'?"),
    ({"tag.steps[0].operation": "generates"}, "did you mean 'generate'?"),
    ({"tag.steps[0].at": "2026-02-30"}, "tag.steps[0].at: '2026-02-30' is not a day that exists"),
    ({"tag.steps[0].at": "yesterday"}, "write it as YYYY-MM-DD"),
    ({"tag.steps": "Generator"}, "tag.steps: must be a list, not 'Generator'"),
    ({"tag.steps": []}, "tag.steps: is an empty list"),
    ({"tag.answers": ["yes"]}, "tag.answers: must be a mapping, not a list"),
    ({"tag.could_mislead": "maybe"}, "use one of yes, no, unsure"),
    ({"tag.could_mislead": ["yes"]}, "tag.could_mislead: must be one value, not a list"),
    ({"uses[0].frames": "1048-1001"}, "uses[0].frames: '1048-1001' ends before it begins"),
    ({"uses[0].frames": "1-99999999"}, "are more than the"),
    ({"tag.talent": [{"id": "T1"}, {"id": "T1"}]}, "tag.talent: names 'T1' twice"),
    ({"tag": UNSET}, "tag: is missing"),
    ({"status": "approved"}, "status: is not known here"),
]


@pytest.mark.parametrize(("changes", "message"), PROBLEMS, ids=range(len(PROBLEMS)))
def test_a_wrong_fact_is_named_with_its_path(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_facts(facts(changes), "FACTS.yaml")
    assert message in str(caught.value)


def test_all_wrong_facts_are_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        decode_facts(facts({"tag.x": "1", "tag.steps[0].at": "1", "uses[0].stage": "z"}), "f")
    assert [problem.path for problem in caught.value.problems] == ["tag.steps[0].at", "tag.x", "uses[0].stage"]


def record(**more: Any) -> Record:
    tag, uses = decode_facts(facts({"tag.steps[0].prompt": "a cloud", "tag.steps[0].inputs[0].ref": "/plates/x"}), "f")
    return Record(id="abcdefgh", revision=2, tag=tag, uses=uses, **more)


def test_private_values_leave_the_public_document_and_come_back() -> None:
    body, private = encode_record(record())
    assert private == {"tag.element": "a cloud", "tag.steps.0.prompt": "a cloud", "tag.steps.0.inputs.0.ref": "/plates/x"}
    assert "a cloud" not in json.dumps(body)
    assert "/plates" not in json.dumps(body)
    assert decode_record(restore_private(body, private), "r") == dataclasses.replace(record(), schema=RECORD_SCHEMA)


def test_unknown_keys_of_a_record_survive() -> None:
    body, _ = encode_record(record())
    body["studio"] = {"ticket": 7}
    body["tag"]["mood"] = "dark"
    body["tag"]["steps"][0]["gpu"] = ["a", 1, None]
    again, _ = encode_record(decode_record(body, "r"))
    assert again == body


def test_a_newer_record_is_read_as_far_as_understood_and_not_revised() -> None:
    body, _ = encode_record(record())
    body["schema"] = "genai_tags.record/2"
    body["tag"]["use_case"] = "hologram"
    body["tag"]["steps"][0]["operation"] = {"kind": "weave"}
    read = decode_record(body, "r")
    assert (read.tag.use_case, read.tag.steps and read.tag.steps[0].tool) == (None, "Generator")
    assert encode_record(read)[0] == body
    with pytest.raises(NewerSchemaError, match=r"genai_tags\.record/2"):
        refuse_newer(read)


@pytest.mark.parametrize("schema", ["", "genai_tags.stub/1", "genai_tags.record/0", "genai_tags.record/x", "1"])
def test_another_schema_is_refused(schema: str) -> None:
    body, _ = encode_record(record())
    with pytest.raises(InputError):
        decode_record({**body, "schema": schema}, "r")


def test_a_stub_holds_nothing_private_and_no_status() -> None:
    body, private = encode_record(record())
    stub = stub_of(record(), record_digest(body, digest(private)))
    text = json.dumps(header_fields(make_set([stub])))
    for secret in ("a cloud", "/plates", "Generator", "AGM_104", "T. Tester", "status"):
        assert secret not in text


@given(st.lists(STUBS, max_size=12), st.integers(0, 10**6))
def test_a_header_stays_within_its_budget_for_any_set(stubs: list[Stub], more: int) -> None:
    tags = dataclasses.replace(make_set(stubs), more=more)
    fields = header_fields(tags)
    assert header_cost(fields) <= HEADER_BUDGET
    assert all(name.isascii() and len(name) <= 31 and "\0" not in value for name, value in fields.items())


@given(st.lists(STUBS, min_size=1, max_size=3))
def test_a_set_comes_back_from_its_header(stubs: list[Stub]) -> None:
    tags = make_set(stubs)
    read, problems = parse_header_fields(header_fields(tags))
    if read.more == 0:
        assert (read, problems) == (tags, [])
    assert read.digest == tags.digest
    assert len(read.stubs) + read.more == len(tags.stubs)


@given(st.lists(STUBS, max_size=8), st.integers(0, 9), st.integers(0, 9))
def test_a_set_comes_back_from_a_hosts_text_whole_or_not(stubs: list[Stub], more: int, undeclared: int) -> None:
    whole = make_set(stubs)
    part = dataclasses.replace(whole, stubs=whole.stubs[: len(whole.stubs) // 2], more=more + 1) if stubs and more else whole
    tags = dataclasses.replace(part, undeclared=undeclared)
    for text in (encode_text(tags), encode_json(tags)):
        assert decode_text(text, "node") == (tags if text else TagSet(), [])


def test_a_header_of_many_tags_holds_the_four_strictest_and_counts_the_rest() -> None:
    def stub(i: int, stage: Stage) -> Stub:
        return Stub(id=f"tag{i:09d}", revision=1, stage=stage, ai_class=AIClass.GENERATIVE)

    stubs = [stub(i, Stage.FINAL if i >= 6 else Stage.TEMP) for i in range(10)]
    document = json.loads(header_fields(make_set(stubs))[KEY_TAGS])
    assert document["more"] == 6
    assert [each["id"] for each in document["tags"]] == [f"tag{i:09d}" for i in (6, 7, 8, 9)]


@given(st.permutations(range(6)))
def test_a_set_is_the_same_in_any_order(order: list[int]) -> None:
    stubs = [Stub(id=f"tag{i}x", revision=1) for i in range(6)]
    assert make_set([stubs[i] for i in order]) == make_set(stubs)


def test_an_empty_set_writes_nothing() -> None:
    assert header_fields(TagSet()) == {}


def test_media_that_contains_a_generated_element_is_a_synthetic_composite() -> None:
    source = Stub(id="aaaa", revision=1, source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA, ai_class=AIClass.GENERATIVE)
    contains = dataclasses.replace(source, membership=Membership.CONTAINS)
    assert set_source_type(make_set([source])) is SourceType.TRAINED_ALGORITHMIC_MEDIA
    assert set_source_type(make_set([contains])) is SourceType.COMPOSITE_SYNTHETIC


@given(st.dictionaries(st.sampled_from(["genai:schema", "genai:tags", "genai:set", "genai:clean"]), st.text(max_size=80)))
def test_hostile_header_fields_never_raise(fields: dict[str, str]) -> None:
    tags, _ = parse_header_fields(fields)
    assert isinstance(tags, TagSet)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=6), x, max_size=3),
    )
)
def test_hostile_stub_lists_never_raise(data: Any) -> None:
    tags, _ = parse_header_fields({KEY_TAGS: json.dumps(data)}, Basis.INFERRED)
    assert isinstance(tags, TagSet)


@given(st.lists(st.tuples(st.integers(-2000, 2000), st.integers(0, 50)), max_size=8))
def test_a_frame_set_is_its_frames(ranges: list[tuple[int, int]]) -> None:
    frames = {n for first, length in ranges for n in range(first, first + length + 1)}
    made = FrameSet.of_ranges((first, first + length) for first, length in ranges)
    assert set(made) == frames
    assert len(made) == len(frames)
    assert not frames or FrameSet.parse(str(made)) == made
    assert all(n in made for n in frames)
