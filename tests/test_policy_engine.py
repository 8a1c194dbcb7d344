"""The engine and the pack loader: three values, supersession, facts of a pack's own, and every mistake named at once."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from genai_tags.errors import InputError
from genai_tags.policy.engine import assess
from genai_tags.policy.pack import Outcome, Pack, builtin, builtin_names, read_pack
from tests.facts import CALM, TALENT, UNSET, Plain, tag_and_use

HEAD = {
    "schema": "genai_tags.pack/1", "id": "p", "title": "T", "party": "P", "version": "1", "source": "https://example.com/", "retrieved": "2026-01-01",
    "effective": "2026-01-01", "anchors": {"a": "#a"},
}  # fmt: skip
RULE = {
    "id": "r",
    "kind": "always",
    "title": "T",
    "cite": "a",
    "when": {"tag.could_mislead": "yes"},
    "outcome": "written_approval",
    "message": "M",
}


def pack(*rules: dict[str, Any], **more: Any) -> Pack:
    return read_pack(
        yaml.dump({**HEAD, **more, "rules": [{**RULE, **rule} for rule in rules]}, Dumper=Plain).encode(), "p.yaml"
    )


def outcome(of: Pack, changes: dict[str, Any]) -> str:
    tag, use = tag_and_use(changes)
    return assess(tag, use, [of]).outcome.value


CONDITIONS: list[tuple[str, Any, dict[str, Any], str]] = [
    # condition, changes to calm facts, what it makes of a rule that asks for written approval
    ("yes", {"tag.could_mislead": "yes"}, {"tag.could_mislead": "yes"}, "fires"),
    ("no", {"tag.could_mislead": "yes"}, {}, "quiet"),
    ("unknown", {"tag.could_mislead": "yes"}, {"tag.could_mislead": "unsure"}, "open"),
    ("not unknown", {"not": {"tag.could_mislead": "yes"}}, {"tag.could_mislead": UNSET}, "open"),
    ("not no", {"not": {"tag.could_mislead": "yes"}}, {}, "fires"),
    ("certain unknown", {"certain": {"tag.could_mislead": "yes"}}, {"tag.could_mislead": UNSET}, "quiet"),
    ("unknown of unknown", {"unknown": {"tag.could_mislead": "yes"}}, {"tag.could_mislead": UNSET}, "fires"),
    ("unknown of known", {"unknown": {"tag.could_mislead": "yes"}}, {}, "quiet"),
    (
        "all with a no",
        {"all": [{"tag.could_mislead": "yes"}, {"tag.union_role_impact": "yes"}]},
        {"tag.could_mislead": UNSET},
        "quiet",
    ),
    (
        "all with an unknown",
        {"all": [{"tag.could_mislead": "yes"}, {"tag.union_role_impact": "no"}]},
        {"tag.could_mislead": UNSET},
        "open",
    ),
    (
        "any with a yes",
        {"any": [{"tag.could_mislead": "yes"}, {"tag.union_role_impact": "no"}]},
        {"tag.could_mislead": UNSET},
        "fires",
    ),
    (
        "any with an unknown",
        {"any": [{"tag.could_mislead": "yes"}, {"tag.union_role_impact": "yes"}]},
        {"tag.could_mislead": UNSET},
        "open",
    ),
    ("one of several words", {"use.stage": ["temp", "final"]}, {}, "fires"),
    ("some of none, stated", {"some": "talent", "where": {"talent.kind": "replica"}}, {}, "quiet"),
    ("some of an unknown list", {"some": "talent", "where": {"talent.kind": "replica"}}, {"tag.talent": UNSET}, "open"),
    ("some of a list", {"some": "talent", "where": {"talent.kind": "replica"}}, {"tag.talent": [TALENT]}, "fires"),
    ("some input of any step", {"some": "input", "where": {"input.kinds": "own"}}, {}, "fires"),
    (
        "some input of a step without a list",
        {"some": "input", "where": {"input.kinds": "script"}},
        {"tag.steps[0].inputs": UNSET},
        "open",
    ),
    ("stated", {"some": "talent", "where": {"stated": "talent.guild"}}, {"tag.talent": [{**TALENT, "guild": "SAG"}]}, "fires"),
    ("stated as none", {"some": "talent", "where": {"stated": "talent.guild"}}, {"tag.talent": [TALENT]}, "quiet"),
]


@pytest.mark.parametrize(("story", "when", "changes", "expected"), CONDITIONS, ids=[case[0] for case in CONDITIONS])
def test_a_condition_is_yes_no_or_unknown(story: str, when: Any, changes: dict[str, Any], expected: str) -> None:
    tag, use = tag_and_use(changes)
    found = [(f.open, f.outcome.value) for f in assess(tag, use, [pack({"when": when})]).findings]
    assert found == {"fires": [(False, "written_approval")], "quiet": [], "open": [(True, "escalate")]}[expected]


def test_a_superseding_rule_counts_only_where_it_is_certain() -> None:
    rules = pack({}, {"id": "mild", "outcome": "notify", "when": {"tag.union_role_impact": "yes"}, "supersedes": ["r"]})
    both = {"tag.could_mislead": "yes", "tag.union_role_impact": "yes"}
    assert outcome(rules, both) == "notify"
    assert outcome(rules, {**both, "tag.union_role_impact": "unsure"}) == "written_approval"


def test_across_packs_nothing_supersedes_and_the_strictest_wins() -> None:
    mild = pack({}, {"id": "mild", "outcome": "notify", "supersedes": ["r"]})
    tag, use = tag_and_use({"tag.could_mislead": "yes"})
    assert assess(tag, use, [mild, pack({"outcome": "prohibited"})]).outcome.value == "prohibited"


FACTS = {
    "minor": {"type": "answer", "question": "Is a minor concerned?"},
    "tier": {"type": ["gold", "silver"], "question": "Which tier?"},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("yes", "written_approval"), ("no", "allowed"), ("Yes", "escalate"), ("maybe", "escalate"), (None, "escalate")],
)
def test_a_fact_of_a_packs_own_is_typed(value: str | None, expected: str) -> None:
    rules = pack({"when": {"facts.minor": "yes"}}, facts=FACTS)
    assert outcome(rules, {"tag.facts": {"minor": value} if value else {}}) == expected


BAD: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"when": {"use.presense": "prominent"}}, {}, "rules.r.when.use.presense: there is no fact 'use.presense'"),
    ({"when": {"use.presence": "prominant"}}, {}, "did you mean 'prominent'?"),
    ({"when": {"talent.kind": "replica"}}, {}, "talent.kind stands outside some: and the rule has no fitting each:"),
    ({"when": {"some": "people", "where": {"talent.kind": "replica"}}}, {}, "must be one of step, input, talent"),
    ({"when": {}}, {}, "must be a condition"),
    ({"when": {"any": []}}, {}, "must be a list of conditions"),
    ({"when": {"where": {"talent.kind": "replica"}}}, {}, "stands without some:"),
    ({"outcome": "forbidden"}, {}, "rules.r.outcome: 'forbidden' is not known here"),
    ({"cite": "b"}, {}, "rules.r.cite: 'b' is not among anchors"),
    ({"needs": ["blessing"]}, {}, "rules.r.needs: 'blessing' is not known here"),
    ({"supersedes": ["nosuch"]}, {}, "there is no rule 'nosuch'"),
    ({"supersedes": ["r"]}, {}, "supersede each other"),
    ({"each": "shot"}, {}, "rules.r.each: must be one of step, input, talent"),
    ({"wen": {}}, {}, "rules.r.wen: is not known here"),
    ({"message": ""}, {}, "rules.r.message: is missing"),
    ({}, {"schema": "genai_tags.pack/9"}, "schema: must be genai_tags.pack/1"),
    ({}, {"titel": "x"}, "titel: is not known here"),
    ({}, {"facts": {"Bad Name": {"type": "answer", "question": "?"}}}, "facts.Bad Name: needs a plain name"),
    ({}, {"facts": {"x": {"type": "number", "question": "?"}}}, "facts.x.type: must be answer, text or a list of words"),
]


@pytest.mark.parametrize(("rule", "more", "message"), BAD, ids=range(len(BAD)))
def test_a_mistake_in_a_pack_is_named_with_its_place(rule: dict[str, Any], more: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        pack(rule, **more)
    assert message in str(caught.value)


def test_every_mistake_of_a_pack_is_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        pack({"outcome": "x", "cite": "y"}, {"id": "s", "kind": "z"}, {"id": "s"})
    assert len(caught.value.problems) >= 3


@pytest.mark.parametrize("name", builtin_names())
def test_a_pack_of_ours_is_sound_and_a_reading_of_others_says_that_it_is_unofficial(name: str) -> None:
    found = builtin(name)
    assert found.id == name
    assert found.unofficial or found.party in ("the show", "your house", "genai_tags")
    assert found.informational == (found.unofficial and name != "netflix-2025-08")
    assert all(rule.message and rule.who and (rule.fix or rule.outcome is Outcome.ALLOWED) for rule in found.rules)


KNOWN = ["tag.answers.no_recreation", "tag.answers.temporary", "tag.could_mislead", "tag.key_element", "tag.steps[0].training_data",
         "tag.steps[0].stores_inputs", "tag.steps[0].inputs", "tag.talent", "uses[0].presence", "uses[0].story_relevant", "tag.steps[0].ai_class"]  # fmt: skip


@pytest.mark.parametrize("path", KNOWN)
@pytest.mark.parametrize("stage", ["ideation", "temp", "final"])
def test_forgetting_a_fact_never_makes_the_netflix_verdict_milder(path: str, stage: str) -> None:
    base = {"uses[0].stage": stage, "tag.answers.temporary": "no" if stage == "final" else "yes"}
    assert CALM["uses"]
    tag, use = tag_and_use(base)
    forgetful, use_too = tag_and_use({**base, path: UNSET})
    packs = [builtin("netflix-2025-08")]
    assert assess(forgetful, use_too, packs).outcome.rank >= assess(tag, use, packs).outcome.rank
