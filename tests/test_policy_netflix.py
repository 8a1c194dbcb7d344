"""The Netflix pack, rule by rule: where it fires, where it does not, and what each fact it needs does when nobody stated it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from genai_tags.policy.engine import Finding, assess
from genai_tags.policy.pack import Outcome, RuleKind, builtin
from tests.facts import TALENT, UNSET, tag_and_use

PACK = builtin("netflix-2025-08")

S, T, I = "tag.steps[0]", "tag.talent", "tag.steps[0].inputs[0]"  # noqa: E741
A, U = "tag.answers", "uses[0]"
REPLICA = {T: [TALENT]}
ALTERED = {T: [{**TALENT, "kind": "alteration"}]}
FINAL = {f"{U}.stage": "final", f"{A}.temporary": "no"}


@dataclass
class Case:
    """``unset``: what the rule does when that fact is taken out of the firing facts: open, fires or quiet."""

    rule: str
    outcome: str
    fires: dict[str, Any]
    quiet: dict[str, Any]
    needs: tuple[str, ...]
    unset: dict[str, str] = field(default_factory=dict)


NOTICE, JUDGE, ANSWER, APPROVE = ("notice",), ("notice", "reason"), ("notice", "answer"), ("approval",)

CASES = [
    Case("tell-the-contact", "notify", {}, {f"{S}.ai_class": "analytic", f"{S}.operation": "enhance"}, NOTICE, {f"{S}.ai_class": "open", "tag.steps": "open"}),
    # the five guiding principles
    Case("principle-1-no-recreation", "escalate", {f"{A}.no_recreation": "no"}, {}, ANSWER, {f"{A}.no_recreation": "open"}),
    Case(
        "principle-2-no-training-on-inputs",
        "escalate",
        {f"{A}.no_training_on_inputs": "no"},
        {},
        ANSWER,
        {f"{A}.no_training_on_inputs": "open"},
    ),
    Case("principle-2-step", "escalate", {f"{S}.stores_inputs": "yes"}, {}, ANSWER, {f"{S}.stores_inputs": "open"}),
    Case("principle-2-step", "escalate", {f"{S}.reuses_inputs": "yes"}, {}, ANSWER, {f"{S}.reuses_inputs": "open"}),
    Case("principle-2-step", "escalate", {f"{S}.trains_on_inputs": "yes"}, {}, ANSWER, {f"{S}.trains_on_inputs": "open"}),
    Case("principle-3-secure-environment", "escalate", {f"{A}.secure_environment": "no"}, {}, ANSWER, {f"{A}.secure_environment": "open"}),
    Case("principle-4-temporary", "escalate", {f"{A}.temporary": "no"}, {}, ANSWER, {f"{A}.temporary": "open"}),
    Case("principle-4-temporary", "escalate", {**FINAL, f"{U}.presence": "prominent"}, {}, ANSWER, {f"{U}.stage": "fires"}),
    Case(
        "principle-5-no-talent-replacement",
        "escalate",
        {f"{A}.no_talent_replacement": "no"},
        {},
        ANSWER,
        {f"{A}.no_talent_replacement": "open"},
    ),
    # always written approval
    *(
        Case("always-proprietary-input", "written_approval", {f"{I}.kinds": [kind]}, {}, APPROVE, {f"{I}.kinds": "open", f"{S}.inputs": "open"})
        for kind in ("unreleased_footage", "contract")
    ),
    *(
        Case("always-proprietary-input", "written_approval", {f"{I}.kinds": [kind], f"{S}.enterprise_agreement": "no"}, {}, APPROVE,
             {f"{S}.enterprise_agreement": "fires"})
        for kind in ("client_proprietary", "script")
    ),
    Case("always-personal-data", "written_approval", {f"{I}.kinds": ["personal_data"]}, {}, APPROVE, {f"{I}.kinds": "open"}),
    Case("always-likeness-outside", "written_approval", {f"{I}.kinds": ["talent_likeness"], f"{S}.enterprise_agreement": "no"},
         {f"{I}.kinds": ["talent_likeness"]}, APPROVE, {f"{I}.kinds": "open", f"{S}.enterprise_agreement": "fires"}),
    Case("always-unowned-training", "written_approval", {f"{S}.operation": "fine_tune", f"{I}.kinds": ["talent_likeness"]},
         {f"{I}.kinds": ["talent_likeness"]}, (*APPROVE, "rights_clearance"), {f"{S}.operation": "quiet", f"{I}.kinds": "quiet"}),
    Case("always-unowned-training", "written_approval", {f"{S}.training_data": "unowned"}, {}, (*APPROVE, "rights_clearance"),
         {f"{S}.training_data": "open"}),
    Case("always-unowned-training", "written_approval", {f"{S}.trained_on_talent": "yes"}, {}, (*APPROVE, "rights_clearance"),
         {f"{S}.trained_on_talent": "open"}),
    *(
        Case("always-key-creative", "written_approval", {"tag.key_element": element}, {}, APPROVE, {"tag.key_element": "open"})
        for element in ("main_character", "key_visual", "central_setting")
    ),
    *(
        Case("always-third-party-reference", "written_approval", {f"{I}.kinds": [kind]}, {}, (*APPROVE, "rights_clearance"),
             {f"{I}.kinds": "open"})
        for kind in ("third_party_ip", "public_figure", "deceased_person")
    ),
    Case("always-replica", "written_approval", REPLICA, {}, APPROVE, {f"{T}[0].kind": "open", T: "open"}),
    Case("always-replica", "written_approval", {T: [{**TALENT, "kind": "synthetic"}]}, ALTERED, APPROVE, {T: "open"}),
    Case("always-guild", "written_approval", {T: [{**TALENT, "guild": "SAG-AFTRA"}]}, REPLICA, (*APPROVE, "guild_consent"),
         {f"{T}[0].guild": "open", f"{T}[0].kind": "open"}),
    *(
        Case("always-significant-alteration", "written_approval",
             {T: [{**TALENT, "kind": "alteration", "affects": {**TALENT["affects"], touched: "yes"}}]}, ALTERED,
             (*APPROVE, "talent_consent"), {f"{T}[0].affects.{touched}": "open", f"{T}[0].kind": "open"})
        for touched in ("emotional_tone", "delivery", "intent", "unscripted_words")
    ),
    Case("always-misleading", "written_approval", {"tag.could_mislead": "yes"}, {}, APPROVE, {"tag.could_mislead": "open"}),
    Case("always-union-role", "written_approval", {"tag.union_role_impact": "yes"}, {}, (*APPROVE, "guild_consent"),
         {"tag.union_role_impact": "open"}),
    # confidentiality
    *(
        Case("confidentiality-sensitive-input", "escalate", {f"{I}.kinds": [kind]}, {}, ANSWER, {f"{I}.kinds": "open"})
        for kind in ("talent_likeness", "unreleased_footage", "contract")
    ),
    Case("confidentiality-terms", "judgement", {f"{S}.enterprise_agreement": "no", f"{S}.terms_ref": UNSET}, {f"{S}.enterprise_agreement": "no"},
         JUDGE, {f"{S}.enterprise_agreement": "open"}),
    # final versus temporary
    Case("final-prominent-legal", "written_approval", {**FINAL, f"{U}.presence": "prominent"}, FINAL, (*APPROVE, "legal_review"),
         {f"{U}.presence": "open", f"{U}.stage": "open"}),
    Case("final-prominent-legal", "written_approval", {**FINAL, f"{U}.story_relevant": "yes"}, FINAL, (*APPROVE, "legal_review"),
         {f"{U}.story_relevant": "open"}),
    Case("final-prominent-human", "written_approval", {**FINAL, f"{U}.presence": "prominent", "tag.human_input": {"level": "selection"}},
         {**FINAL, f"{U}.presence": "prominent"}, (*APPROVE, "human_input"),
         {"tag.human_input": "fires", f"{U}.presence": "open", f"{U}.stage": "open"}),
    # talent enhancement
    Case("replica-consent", "written_approval", REPLICA, {}, (*APPROVE, "talent_consent"),
         {f"{T}[0].exception": "fires", f"{T}[0].recognisable": "fires", f"{T}[0].kind": "open"}),
    *(
        Case("replica-exception", "escalate", {T: [{**TALENT, "exception": why}]}, REPLICA, ANSWER,
             {f"{T}[0].exception": "quiet", f"{T}[0].kind": "quiet"})
        for why in ("as_scripted", "safety", "unrecognisable")
    ),
    Case("replica-exception", "escalate", {T: [{**TALENT, "recognisable": "no"}]}, REPLICA, ANSWER, {f"{T}[0].recognisable": "quiet"}),
    Case("alteration-consent", "escalate", ALTERED, {}, (*ANSWER, "talent_consent"), {f"{T}[0].exception": "fires", f"{T}[0].kind": "open"}),
    *(
        Case("alteration-exception", "notify", {T: [{**TALENT, "kind": "alteration", "exception": why}]}, ALTERED, NOTICE,
             {f"{T}[0].exception": "quiet", f"{T}[0].affects": "quiet"})
        for why in ("as_scripted", "as_performed", "customary_post", "agreed_dub_or_double")
    ),
    Case("model-this-production-only", "written_approval", {f"{S}.trained_on_talent": "yes", f"{S}.trained_for": "other"},
         {f"{S}.trained_on_talent": "yes"}, (*APPROVE, "talent_consent"), {f"{S}.trained_for": "open", f"{S}.trained_on_talent": "open"}),
    *(
        Case("model-this-production-only", "written_approval", {f"{S}.trained_on_talent": "yes", f"{U}.purpose": purpose},
             {f"{S}.trained_on_talent": "yes"}, (*APPROVE, "talent_consent"), {f"{U}.purpose": "open"})
        for purpose in ("pitch", "other_production")
    ),
    # vendors
    Case("vendor-step-named", "escalate", {f"{S}.tool": UNSET}, {}, ANSWER, {"tag.steps": "open"}),
    # the matrix
    Case("matrix-ideation", "notify", {f"{U}.stage": "ideation"}, {}, NOTICE, {f"{U}.stage": "open"}),
    Case("matrix-background-incidental", "judgement", FINAL, {}, JUDGE,
         {f"{U}.stage": "open", f"{U}.presence": "open", f"{U}.story_relevant": "open", "tag.key_element": "open", T: "open"}),
    Case("matrix-background-incidental", "judgement", {**FINAL, f"{U}.presence": "none"}, {**FINAL, f"{U}.presence": "prominent"}, JUDGE),
    Case("matrix-background-story", "written_approval", {**FINAL, f"{U}.story_relevant": "yes"}, FINAL, APPROVE,
         {f"{U}.story_relevant": "fires", f"{U}.stage": "open"}),
    Case("matrix-background-story", "written_approval", {**FINAL, f"{U}.presence": "prominent"}, FINAL, APPROVE, {f"{U}.presence": "fires"}),
    Case("matrix-final-design", "escalate", {**FINAL, "tag.key_element": "key_visual"}, {"tag.key_element": "key_visual"}, ANSWER,
         {"tag.key_element": "open", f"{U}.stage": "open"}),
    *(
        Case("matrix-talent-replication", "escalate", {T: [{**TALENT, "kind": kind}]}, {}, (*ANSWER, "legal_review"), {T: "open", f"{T}[0].kind": "open"})
        for kind in ("replica", "alteration", "synthetic")
    ),
    Case("matrix-unowned-training", "escalate", {f"{S}.training_data": "unowned"}, {}, ANSWER, {f"{S}.training_data": "open"}),
    Case("matrix-proprietary-outside", "escalate", {f"{I}.kinds": ["client_proprietary"], f"{S}.enterprise_agreement": "no"},
         {f"{I}.kinds": ["client_proprietary"]}, ANSWER, {f"{S}.enterprise_agreement": "fires", f"{I}.kinds": "open"}),
    Case("matrix-proprietary-enterprise", "notify", {f"{I}.kinds": ["client_proprietary"]},
         {f"{I}.kinds": ["client_proprietary", "unreleased_footage"]}, NOTICE, {f"{S}.enterprise_agreement": "open", f"{I}.kinds": "open"}),
    # labels
    Case("label-analytic", "judgement", {f"{S}.ai_class": "analytic"}, {}, JUDGE, {f"{S}.ai_class": "quiet"}),
    Case("label-analytic", "judgement", {f"{S}.ai_class": "analytic", f"{S}.operation": "enhance", **REPLICA},
         {f"{S}.ai_class": "analytic", f"{S}.operation": "enhance"}, JUDGE, {T: "quiet"}),
    Case("label-secure", "escalate", {f"{S}.hosting": "public", f"{S}.enterprise_agreement": "no"}, {f"{S}.hosting": "public"}, ANSWER,
         {f"{A}.secure_environment": "open", f"{S}.hosting": "quiet"}),
    Case("label-ideation", "judgement", {"tag.use_case": "ideation"}, {"tag.use_case": "ideation", f"{U}.stage": "ideation"}, JUDGE,
         {"tag.use_case": "open", f"{U}.stage": "open"}),
    Case("label-background", "judgement", {"tag.use_case": "background_element", "tag.key_element": "key_visual"},
         {"tag.use_case": "background_element"}, JUDGE, {"tag.use_case": "open", "tag.key_element": "quiet"}),
    Case("label-final-design", "judgement", {"tag.use_case": "final_design_or_key_visual"},
         {"tag.use_case": "final_design_or_key_visual", "tag.key_element": "key_visual"}, JUDGE,
         {"tag.use_case": "open", "tag.key_element": "quiet"}),
    Case("label-talent", "judgement", {"tag.use_case": "talent_replication"}, {"tag.use_case": "talent_replication", **REPLICA}, JUDGE,
         {"tag.use_case": "open", T: "open"}),
    Case("label-training", "judgement", {"tag.use_case": "unowned_training_data"},
         {"tag.use_case": "unowned_training_data", f"{S}.training_data": "unowned"}, JUDGE,
         {"tag.use_case": "open", f"{S}.training_data": "open"}),
    Case("label-proprietary", "judgement", {"tag.use_case": "proprietary_material"},
         {"tag.use_case": "proprietary_material", f"{I}.kinds": ["script"]}, JUDGE, {"tag.use_case": "open", f"{I}.kinds": "open"}),
    Case("label-temporary", "judgement", {f"{U}.stage": "final"}, {}, JUDGE, {f"{A}.temporary": "open", f"{U}.stage": "open"}),
    Case("label-talent-answer", "judgement", REPLICA, {**REPLICA, f"{A}.no_talent_replacement": "no"}, JUDGE,
         {f"{A}.no_talent_replacement": "open", T: "quiet"}),
]  # fmt: skip


def found(rule: str, changes: dict[str, Any]) -> Finding | None:
    tag, use = tag_and_use(changes)
    return next((f for f in assess(tag, use, [PACK]).findings if f.rule == rule and f.live), None)


def by_id(case: Case) -> str:
    return f"{case.rule}-{'-'.join(str(value)[:24] for value in case.fires.values() if not isinstance(value, (list, dict)))}"


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_a_rule_fires_on_its_facts(case: Case) -> None:
    finding = found(case.rule, case.fires)
    assert finding is not None
    assert (finding.outcome.value, finding.open, finding.needs) == (case.outcome, False, case.needs)
    assert finding.cite.startswith(PACK.source + "#h_01K1BTN")


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_a_rule_is_quiet_next_to_its_facts(case: Case) -> None:
    assert found(case.rule, case.quiet) is None


@pytest.mark.parametrize(
    ("case", "path", "expected"),
    [(case, path, what) for case in CASES for path, what in case.unset.items()],
    ids=lambda value: value.rule if isinstance(value, Case) else value,
)
def test_a_fact_that_nobody_stated(case: Case, path: str, expected: str) -> None:
    changes = {**case.fires}
    changes.pop(path, None)
    if "[" in path and path.partition("[")[0] in changes:  # a fact inside a list that the case sets whole
        changes = {**case.fires, path: UNSET}
    else:
        changes[path] = UNSET
    finding = found(case.rule, changes)
    if expected == "quiet":
        assert finding is None
        return
    assert finding is not None
    if expected == "fires":
        assert (finding.open, finding.outcome.value) == (False, case.outcome)
        return
    milder = min(Outcome(case.outcome), Outcome.ESCALATE, key=lambda o: o.rank)
    assert (finding.open, finding.outcome) == (True, milder)
    assert finding.question
    assert any(text.endswith("not stated") for text in finding.because)


def test_every_rule_of_the_pack_has_its_case() -> None:
    assert {case.rule for case in CASES} == {rule.id for rule in PACK.rules}
    for case in CASES:
        kind = next(rule.kind for rule in PACK.rules if rule.id == case.rule)
        assert case.unset or kind is RuleKind.MATRIX


def outcome(changes: dict[str, Any]) -> str:
    tag, use = tag_and_use(changes)
    return assess(tag, use, [PACK]).outcome.value


PROPRIETARY = {f"{I}.kinds": ["client_proprietary"]}

TENSIONS = [
    ("a calm temp use takes a notice", {}, "notify"),
    ("ideation takes a notice", {f"{U}.stage": "ideation", "tag.use_case": "ideation"}, "notify"),
    ("analysis alone is outside the guidance", {f"{S}.ai_class": "analytic", f"{S}.operation": "enhance"}, "allowed"),
    ("what generates is no analysis, whatever it is called", {f"{S}.ai_class": "analytic"}, "judgement"),
    ("a tag without steps escalates", {"tag.steps": None}, "escalate"),
    ("re-ageing is no customary alteration", {T: [{**TALENT, "kind": "alteration", "exception": "customary_post"}], "tag.use_case": "talent_replication"}, "escalate"),
    ("nothing known escalates", {"tag.steps": UNSET}, "escalate"),
    ("M6 inside an enterprise tool takes a notice", PROPRIETARY, "notify"),
    ("M6 outside takes written approval", {**PROPRIETARY, f"{S}.enterprise_agreement": "no"}, "written_approval"),
    ("M6 with the agreement unknown takes written approval", {**PROPRIETARY, f"{S}.enterprise_agreement": UNSET}, "written_approval"),
    ("M6 inside, unreleased footage", {f"{I}.kinds": ["client_proprietary", "unreleased_footage"]}, "written_approval"),
    ("M6 inside, contract", {f"{I}.kinds": ["client_proprietary", "contract"]}, "written_approval"),
    ("M6 inside, likeness", {f"{I}.kinds": ["client_proprietary", "talent_likeness"]}, "written_approval"),
    ("M2 incidental in a final is judged", FINAL, "judgement"),
    ("M2 prominent in a final", {**FINAL, f"{U}.presence": "prominent"}, "written_approval"),
    ("M2 story-relevant in a final", {**FINAL, f"{U}.story_relevant": "yes"}, "written_approval"),
    ("M2 unknown presence in a final", {**FINAL, f"{U}.presence": UNSET}, "written_approval"),
    ("M2 unknown story in a final", {**FINAL, f"{U}.story_relevant": "unsure"}, "written_approval"),
    ("prominent in a temp cut takes a notice", {f"{U}.presence": "prominent"}, "notify"),
    ("an exception waives consent, not approval", {T: [{**TALENT, "exception": "safety"}]}, "written_approval"),
    ("a customary alteration takes a notice", {T: [{**TALENT, "kind": "alteration", "exception": "customary_post"}]}, "notify"),
    ("a customary alteration of unknown effect", {T: [{**TALENT, "kind": "alteration", "exception": "customary_post", "affects": {}}]}, "escalate"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "changes", "expected"), TENSIONS, ids=[case[0] for case in TENSIONS])
def test_a_tension_of_the_guidance_is_settled(story: str, changes: dict[str, Any], expected: str) -> None:
    assert outcome(changes) == expected


def test_a_superseded_finding_stays_visible() -> None:
    tag, use = tag_and_use(FINAL)
    findings = {f.rule: f for f in assess(tag, use, [PACK]).findings}
    assert findings["principle-4-temporary"].superseded_by == "matrix-background-incidental"


def test_an_exception_lifts_consent_for_its_performer_only() -> None:
    other = {**TALENT, "id": "T08", "exception": "safety"}
    tag, use = tag_and_use({T: [TALENT, other]})
    consent = {f.subject_id: f.superseded_by for f in assess(tag, use, [PACK]).findings if f.rule == "replica-consent"}
    assert consent == {"T07": None, "T08": "replica-exception"}


def test_each_step_is_judged_on_its_own() -> None:
    from tests.facts import STEP

    clean, stores = STEP, {**STEP, "tool": "Cloud", "stores_inputs": "yes"}
    tag, use = tag_and_use({"tag.steps": [clean, stores]})
    assert [f.subject for f in assess(tag, use, [PACK]).findings if f.rule == "principle-2-step"] == ["step 2 (Cloud)"]
