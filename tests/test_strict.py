"""The one loader: YAML as text, JSON that two readers cannot see two ways."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_tags.errors import InputError
from genai_tags.strict import MAX_DEPTH, json_is_deeper, load_json, load_yaml


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "yes",
        "104_065_010",
        "1.10",
        "10:00:00:00",
        "0o17",
        "1e3",
        "2026-02-30",
        "null",
        "~",
        "0x1F",
        "on",
        ".inf",
        "=",
        "<<",
    ],
)
def test_a_yaml_scalar_stays_the_text_that_was_written(text: str) -> None:
    assert load_yaml(f"key: {text}", "t") == {"key": text}
    assert load_yaml(f"{text}: value", "t") == {text: "value"}


def test_an_empty_scalar_is_nothing_and_a_quoted_one_is_empty_text() -> None:
    assert load_yaml('a:\nb: ""', "t") == {"a": None, "b": ""}


BAD_YAML = [
    ("a: 1\na: 2", "a: stands twice (line 2)"),
    ("a: {b: 1, b: 2}", "a.b: stands twice"),
    ("a: &x [1]\nb: *x", "b: is an alias"),
    ("a: !!python/object/apply:os.system [ls]", ""),
    ("a: !thing b", "a: has the explicit type !thing"),
    ("? [a, b]\n: c", "has a key that is not text"),
    ("a: [1, 2", "is not YAML"),
    ("a: b: c", "is not YAML"),
    ("a: \t- b\n\t- c", "is not YAML"),
    ("[" * 5000, "nested"),
    ("a: " + "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), f"is nested more than {MAX_DEPTH} deep"),
    ("a: \x00", "is not YAML"),
]


@pytest.mark.parametrize(("text", "message"), BAD_YAML, ids=range(len(BAD_YAML)))
def test_bad_yaml_is_refused_with_its_place(text: str, message: str) -> None:
    if message:
        with pytest.raises(InputError) as caught:
            load_yaml(text, "facts.yaml")
        assert message in str(caught.value)
        assert str(caught.value).startswith("facts.yaml: ")
    else:  # an explicit type on a list is never constructed: only its plain items are read
        assert load_yaml(text, "facts.yaml") == {"a": ["ls"]}


def test_all_problems_of_a_yaml_document_are_reported_at_once() -> None:
    with pytest.raises(InputError) as caught:
        load_yaml("a: 1\na: 2\nb: {c: 1, c: 2}\nd: !x y", "t")
    assert [problem.path for problem in caught.value.problems] == ["a", "b.c", "d"]


BAD_JSON = [
    ('{"a": 1, "a": 2}', "a: stands twice"),
    ('{"a": NaN}', "holds NaN"),
    ('{"a": -Infinity}', "holds -Infinity"),
    ('{"a": 1,}', "line 1: is not JSON"),
    ('{"a": "\\ud800"}', "half of a surrogate pair"),
    ("", "is not JSON"),
    ("[" * 100_000, "is nested more than"),
    ("[" * 100_000 + "]" * 100_000, "is nested more than"),
    ("[" + "9" * 10_000 + "]", "cannot be read"),
]


@pytest.mark.parametrize(("text", "message"), BAD_JSON, ids=range(len(BAD_JSON)))
def test_bad_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_json(text, "t")


def test_not_a_number_is_read_as_nothing_where_a_document_is_only_read() -> None:
    text = '{"a": NaN, "b": -Infinity, "c": Inf, "d": "NaN and \\"Inf\\""}'
    assert load_json(text, "t", drop_nan=True) == {"a": None, "b": None, "c": None, "d": 'NaN and "Inf"'}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


def depth(data: Any) -> int:
    """The plain recursive definition, for comparison."""
    if isinstance(data, dict):
        return 1 + max((depth(value) for value in data.values()), default=0)
    return 1 + max((depth(value) for value in data), default=0) if isinstance(data, list) else 0


@given(JSON)
def test_depth_without_recursion_is_depth(data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False)
    assert not json_is_deeper(text, depth(data))
    assert depth(data) == 0 or json_is_deeper(text, depth(data) - 1)


@given(st.text(alphabet='{}[]",:\\a1 ', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(InputError):
            load_json(text, "t")
        return
    if "twice" in refusal(text):
        return
    assert load_json(text, "t") == expected


def refusal(text: str) -> str:
    """Why a text is refused; empty where it is read."""
    try:
        load_json(text, "t")
    except InputError as error:
        return str(error)
    return ""


def test_strings_full_of_quotes_and_backslashes_cost_no_more_than_their_length() -> None:
    begin = time.process_time()
    json_is_deeper('"' + "\\" * 2_000_001, 10)
    json_is_deeper('"' * 2_000_001, 10)
    assert time.process_time() - begin < 20  # minutes where a pattern backtracks
