"""The tool register: what it fills in, what it finds, and that neither silence nor haste makes a verdict milder."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_tags.errors import InputError
from genai_tags.evidence import Filed, Review
from genai_tags.policy.engine import assess
from genai_tags.policy.pack import Outcome, builtin
from genai_tags.policy.register import Register, read_register
from genai_tags.status import Status
from genai_tags.validity import Context
from genai_tags.verdict import Verdict, judge
from genai_tags.vocabulary import Answer
from tests.facts import TALENT, UNSET, Plain, tag_and_use
from tests.test_status import given_, record

PACKS = [builtin("netflix-2025-08"), builtin("tools")]
TOOL: dict[str, Any] = {"tool": "Generator", "date": "2026-01-01", "reviewed_by": "L. Legal"}
AT = {"tag.steps[0].at": "2026-10-10"}
NOW = dt.date(2026, 11, 21)


def register(*statements: dict[str, Any], days: int | None = None) -> Register:
    text = yaml.dump({"schema": "genai_tags.tools/1", "tools": list(statements)}, Dumper=Plain, sort_keys=False)
    return read_register(text.encode(), "tools.yaml", "tools.yaml", days)


def found(held: Register, changes: dict[str, Any], day: dt.date = NOW) -> dict[str, tuple[str, bool]]:
    """Rules of the register that stand, with outcome and whether they are open."""
    tag, use = tag_and_use({**AT, **changes})
    filled, tools = held.look(tag, use, day)
    findings = assess(filled, use, PACKS, tools).findings
    return {f.rule: (f.outcome.value, f.open) for f in findings if f.pack == "tools" and f.live}


FINDINGS: list[tuple[str, list[dict[str, Any]], dict[str, Any], int | None, dict[str, tuple[str, bool]]]] = [
    # what is in the register, what the artist says, how old terms may be, what is found
    ("known", [TOOL], {}, None, {}),
    ("other case and spaces", [TOOL], {"tag.steps[0].tool": "  generator "}, None, {}),
    ("another name", [{**TOOL, "aliases": ["Gen XL"]}], {"tag.steps[0].tool": "gen xl"}, None, {}),
    ("unregistered", [TOOL], {"tag.steps[0].tool": "Other"}, None, {"tool-unregistered": ("escalate", False)}),
    ("not yet registered", [{**TOOL, "date": "2026-12-01"}], {}, None, {"tool-unregistered": ("escalate", False)}),
    ("unnamed", [TOOL], {"tag.steps[0].tool": UNSET}, None, {"tool-unregistered": ("escalate", True)}),
    ("unregistered roto", [TOOL], {"tag.steps[0].tool": "Roto", "tag.steps[0].ai_class": "analytic", "tag.steps[0].operation": "enhance"}, None,
     {"tool-unregistered-analytic": ("notify", False)}),
    ("called analytic, generates", [TOOL], {"tag.steps[0].tool": "Roto", "tag.steps[0].ai_class": "analytic"}, None,
     {"tool-unregistered": ("escalate", False)}),
    ("prohibited", [{**TOOL, "status": "prohibited"}], {}, None, {"tool-prohibited": ("prohibited", False)}),
    ("withdrawn before", [TOOL, {**TOOL, "date": "2026-10-01", "status": "withdrawn"}], {}, None,
     {"tool-withdrawn": ("written_approval", False)}),
    ("withdrawn on the day", [TOOL, {**TOOL, "date": "2026-10-10", "status": "withdrawn"}], {}, None,
     {"tool-withdrawn": ("written_approval", False)}),
    ("withdrawn after", [TOOL, {**TOOL, "date": "2026-10-11", "status": "withdrawn"}], {}, None,
     {"tool-withdrawn-later": ("judgement", False)}),
    ("withdrawn, nobody knows when it was used", [TOOL, {**TOOL, "date": "2026-10-11", "status": "withdrawn"}], {"tag.steps[0].at": UNSET},
     None, {"tool-withdrawn": ("written_approval", False)}),
    ("withdrawn and allowed on one day", [{**TOOL, "status": "withdrawn"}, TOOL], {}, None, {"tool-withdrawn": ("written_approval", False)}),
    ("withdrawn, allowed again", [{**TOOL, "status": "withdrawn"}, {**TOOL, "date": "2026-10-01"}], {}, None, {}),
    ("a reviewed version", [{**TOOL, "versions": ["2*"]}], {}, None, {}),
    ("another version", [{**TOOL, "versions": ["3.*"]}], {}, None, {"tool-version": ("judgement", False)}),
    ("an unknown model", [{**TOOL, "models": ["xl"]}], {}, None, {"tool-version": ("judgement", True)}),
    ("for this", [{**TOOL, "use_cases": ["other"], "stages": ["temp"], "hosting": ["on_premises"]}], {}, None, {}),
    ("for another stage", [{**TOOL, "stages": ["ideation"]}], {}, None, {"tool-use": ("escalate", False)}),
    ("for another use case", [{**TOOL, "use_cases": ["ideation"]}], {}, None, {"tool-use": ("escalate", False)}),
    ("nobody says where it ran", [{**TOOL, "hosting": ["on_premises"]}], {"tag.steps[0].hosting": UNSET}, None, {"tool-use": ("escalate", True)}),
    ("a reviewed tier", [{**TOOL, "tiers": [{"name": "studio", "trains_on_inputs": "no"}]}], {"tag.steps[0].licence_tier": "Studio"}, None, {}),
    ("an unknown tier", [{**TOOL, "tiers": [{"name": "studio"}]}], {"tag.steps[0].licence_tier": "free"}, None, {"tool-tier": ("escalate", False)}),
    ("no tier stated", [{**TOOL, "tiers": [{"name": "studio"}]}], {}, None, {"tool-tier": ("escalate", True)}),
    ("a tier that trains", [{**TOOL, "tiers": [{"name": "free", "trains_on_inputs": "yes"}]}], {"tag.steps[0].licence_tier": "free"}, None,
     {"tool-tier-trains": ("escalate", False), "tool-differs": ("judgement", False)}),
    ("fresh terms", [{**TOOL, "terms": {"seen": "2026-09-01"}}], {}, 60, {}),
    ("old terms", [{**TOOL, "terms": {"seen": "2026-08-01"}}], {}, 60, {"tool-terms-old": ("judgement", False)}),
    ("terms read after the step only", [{**TOOL, "terms": {"seen": "2026-10-11"}}], {}, 60, {"tool-terms-old": ("judgement", False)}),
    ("terms nobody read", [TOOL], {}, 60, {"tool-terms-old": ("judgement", False)}),
    ("fresh terms for an unknown day", [{**TOOL, "terms": {"seen": "2026-09-01"}}], {"tag.steps[0].at": UNSET}, 60,
     {"tool-terms-old": ("judgement", True)}),
    ("read again, in time", [{**TOOL, "terms": {"seen": "2026-01-01"}}, {**TOOL, "date": "2026-10-01", "terms": {"seen": "2026-10-01"}}], {}, 60, {}),
    ("terms changed since", [{**TOOL, "trains_on_inputs": "no"}, {**TOOL, "date": "2026-11-01", "trains_on_inputs": "yes"}], {}, None,
     {"tool-terms-changed": ("judgement", False)}),
    ("artist and register disagree", [{**TOOL, "training_data": "unowned"}], {}, None, {"tool-differs": ("judgement", False)}),
]  # fmt: skip


@pytest.mark.parametrize(("story", "tools", "changes", "days", "rules"), FINDINGS, ids=[case[0] for case in FINDINGS])
def test_what_the_register_finds(
    story: str, tools: list[dict[str, Any]], changes: dict[str, Any], days: int | None, rules: dict[str, tuple[str, bool]]
) -> None:
    assert found(register(*tools, days=days), changes) == rules


BARE = {f"tag.steps[0].{name}": UNSET for name in ("enterprise_agreement", "stores_inputs", "reuses_inputs", "trains_on_inputs",
                                                   "training_data", "terms_ref", "trained_on_talent")}  # fmt: skip
SETTLED = {"enterprise_agreement": "yes", "stores_inputs": "no", "reuses_inputs": "no", "trains_on_inputs": "no",
           "training_data": "licensed", "trained_on_talent": "no", "terms": {"ref": "T-9"}}  # fmt: skip


def test_naming_a_tool_fills_in_what_the_register_settles() -> None:
    unsure = {"tag.answers.no_training_on_inputs": "unsure", "tag.answers.secure_environment": "unsure"}
    tag, use = tag_and_use({**AT, **BARE, **unsure})
    filled, _ = register({**TOOL, **SETTLED}).look(tag, use, NOW)
    (step,) = filled.steps or ()
    assert [step.enterprise_agreement, step.stores_inputs, step.terms_ref] == [Answer.YES, Answer.NO, "T-9"]
    assert (filled.answers.no_training_on_inputs, filled.answers.secure_environment) == (Answer.YES, Answer.YES)
    plain, _ = Register().look(tag, use, NOW)
    assert plain == tag
    other, _ = register({**TOOL, **SETTLED, "versions": ["9"]}).look(tag, use, NOW)
    assert other == tag  # nobody looked at this version


def test_where_register_and_artist_differ_the_worse_counts() -> None:
    tag, use = tag_and_use({**AT, "tag.steps[0].stores_inputs": "yes"})
    filled, _ = register({**TOOL, **SETTLED, "training_data": "unowned", "trained_on_talent": "yes"}).look(tag, use, NOW)
    (step,) = filled.steps or ()
    assert (step.stores_inputs, step.training_data, step.trained_on_talent) == (Answer.YES, "unowned", Answer.YES)
    assert filled.answers.no_training_on_inputs is Answer.NO


def test_what_tiers_state_differently_is_unknown_where_the_tier_is() -> None:
    tiers = [{"name": "studio", "stores_inputs": "no"}, {"name": "free", "stores_inputs": "yes"}]
    held = register({**TOOL, "stores_inputs": "no", "reuses_inputs": "no", "tiers": tiers})
    for tier, answer in (("studio", Answer.NO), ("free", Answer.YES), ("trial", Answer.UNSURE), (None, Answer.UNSURE)):
        settled = held.statements[0].settles(tier)
        assert settled["stores_inputs"] is answer
    assert held.statements[0].settles(None)["reuses_inputs"] is Answer.NO


WITHDRAWN = [TOOL, {**TOOL, "date": "2026-11-10", "status": "withdrawn"}]
FINAL = {**AT, "uses[0].stage": "final", "tag.answers.temporary": "no"}


def verdict(held: Register, *filed: Filed, reviews: tuple[Review, ...] = (), as_of: dt.date = NOW) -> Verdict:
    one = record(FINAL)
    tag, tools = held.look(one.tag, one.uses[0], as_of)
    assessment = assess(tag, one.uses[0], PACKS, tools)
    context = Context(as_of=as_of, shot=one.uses[0].shot, version="v001", in_cut=True)
    return judge(one, one.uses[0], assessment, filed, context, PACKS, {1: one}, held, reviews)


REVIEW = Review(
    "aaaa-5", "GENERATOR", dt.date(2026, 11, 10), dt.date(2026, 11, 10), register(*WITHDRAWN).statements[1].digest()
)


@pytest.mark.parametrize(
    ("story", "day", "number", "reviews", "status"),
    [
        ("before", 9, 1, (), Status.STALE),
        ("the day after", 11, 1, (), Status.APPROVED),
        ("on the day, nobody knows the order", 10, 6, (), Status.STALE),
        ("on the day, recorded behind it in one chain", 10, 6, (REVIEW,), Status.APPROVED),
        ("on the day, recorded before it", 10, 4, (REVIEW,), Status.STALE),
        ("back-dated, recorded behind it", 9, 6, (REVIEW,), Status.STALE),
    ],
)
def test_an_approval_from_before_a_withdrawal_is_stale(
    story: str, day: int, number: int, reviews: tuple[Review, ...], status: Status
) -> None:
    approval = given_("approval", number, dt.date(2026, 11, day))
    assert verdict(register(*WITHDRAWN), approval, reviews=reviews).status is status


def test_before_the_withdrawal_the_approval_held() -> None:
    approval = given_("approval", 1, dt.date(2026, 11, 9))
    assert verdict(register(*WITHDRAWN), approval, as_of=dt.date(2026, 11, 9)).status is Status.APPROVED


STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {"tool": st.sampled_from(["Generator", "GENERATOR ", "Other"]), "date": st.sampled_from([f"2026-{m:02d}-15" for m in range(1, 13)]),
         "reviewed_by": st.just("L")},
        optional={"status": st.sampled_from(["allowed", "withdrawn"]), "stores_inputs": st.sampled_from(["yes", "no"]),
                  "trains_on_inputs": st.sampled_from(["yes", "no"]), "training_data": st.sampled_from(["owned", "unowned"]),
                  "versions": st.sampled_from([["2"], ["3"]]), "ai_class": st.sampled_from(["generative", "analytic"])},
    ),
    max_size=5,
)  # fmt: skip


@given(STATEMENTS, st.sampled_from(["stores_inputs", "trains_on_inputs", "training_data", "ai_class", "enterprise_agreement"]))
@settings(max_examples=150, deadline=None)
def test_a_register_never_makes_what_an_artist_stated_milder(statements: list[dict[str, Any]], fact: str) -> None:
    """What is stated and good may get worse; the strictest outcome without a register is a floor."""
    held = register(*statements)
    tag, use = tag_and_use({**AT, "uses[0].stage": "final"})
    plain = assess(tag, use, [PACKS[0]]).outcome
    filled, tools = held.look(tag, use, NOW)
    assert assess(filled, use, PACKS, tools).outcome.rank >= plain.rank
    assert getattr((filled.steps or ())[0], fact) is not None


@given(STATEMENTS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_of_different_days_the_order_of_statements_does_not_matter(statements: list[dict[str, Any]], rng: Any) -> None:
    unique = list({(s["tool"].strip().casefold(), s["date"]): s for s in statements}.values())
    shuffled = [*unique, *unique]
    rng.shuffle(shuffled)
    assert found(register(*unique), {}) == found(register(*shuffled), {})


def test_every_mistake_in_tools_yaml_is_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        register({"tool": "", "date": "soon", "reviewed_by": "x"}, {"tool": "A", "statsu": "allowed"})
    assert {problem.path for problem in caught.value.problems} >= {"tools[0].date", "tools[1].statsu", "tools[1].date"}


def test_rules_of_the_register_cite_the_register() -> None:
    held = register({**TOOL, "status": "withdrawn", "cite": "https://example.org/terms", "reason": "it trains"})
    tag, use = tag_and_use(AT)
    filled, tools = held.look(tag, use, NOW)
    (finding,) = [f for f in assess(filled, use, PACKS, tools).findings if f.rule == "tool-withdrawn"]
    assert (finding.cite, finding.outcome) == ("https://example.org/terms", Outcome.WRITTEN_APPROVAL)
    assert "Generator withdrawn by L. Legal on 2026-01-01: it trains" in finding.because


def bare(at: str | None = "2026-10-10", **more: Any) -> dict[str, Any]:
    """A step of which the artist says nothing that a register can settle."""
    return {**BARE, "tag.steps[0].at": at if at is not None else UNSET, **more}


GOOD, BAD = {"trains_on_inputs": "no"}, {"trains_on_inputs": "yes"}
DAYS: list[tuple[str, list[dict[str, Any]], str | None, Answer]] = [
    ("in force on the day", [{**TOOL, **GOOD}, {**TOOL, **BAD, "date": "2026-11-01"}], "2026-10-10", Answer.NO),
    ("the later one", [{**TOOL, **BAD}, {**TOOL, **GOOD, "date": "2026-10-01"}], "2026-10-10", Answer.NO),
    ("of an unknown day the worst", [{**TOOL, **BAD}, {**TOOL, **GOOD, "date": "2026-10-01"}], None, Answer.YES),
    ("of an unknown day what all agree on", [{**TOOL, **GOOD}, {**TOOL, **GOOD, "date": "2026-10-01"}], None, Answer.NO),
    ("before the first one nothing good", [{**TOOL, **GOOD, "date": "2026-11-01"}], "2026-10-10", Answer.UNSURE),
    ("before the first one what is bad", [{**TOOL, **BAD, "date": "2026-11-01"}], "2026-10-10", Answer.YES),
]


@pytest.mark.parametrize(("story", "tools", "at", "answer"), DAYS, ids=[case[0] for case in DAYS])
def test_the_terms_that_governed_a_step(story: str, tools: list[dict[str, Any]], at: str | None, answer: Answer) -> None:
    tag, use = tag_and_use({**bare(at), "tag.steps[0].at": at or UNSET})
    filled, _ = register(*tools).look(tag, use, NOW)
    assert (filled.steps or ())[0].trains_on_inputs is answer


STANDING: list[tuple[str, list[dict[str, Any]], set[str]]] = [
    ("withdrawn, and stated so again", [TOOL, {**TOOL, "date": "2026-10-01", "status": "withdrawn"},
     {**TOOL, "date": "2026-11-15", "status": "withdrawn"}], {"tool-withdrawn"}),
    ("prohibited on the day, allowed since", [{**TOOL, "status": "prohibited"}, {**TOOL, "date": "2026-11-01"}], {"tool-not-allowed-then"}),
    ("under another name before", [{**TOOL, "tool": "Gen Pro", "aliases": ["Generator"]},
     {**TOOL, "tool": "Gen Pro", "aliases": ["GenP"], "date": "2026-11-01", "status": "prohibited"}], {"tool-prohibited"}),
]  # fmt: skip


@pytest.mark.parametrize(("story", "tools", "rules"), STANDING, ids=[case[0] for case in STANDING])
def test_no_later_statement_hides_an_earlier_one(story: str, tools: list[dict[str, Any]], rules: set[str]) -> None:
    assert set(found(register(*tools), {})) == rules


@pytest.mark.parametrize(
    ("tools", "place"),
    [
        ([{**TOOL, "tiers": [{"name": "pro"}, {"name": "Pro "}]}], "tools[0].tiers"),
        ([TOOL, {**TOOL, "tool": "Nice", "aliases": ["generator"]}], "tools"),
    ],
)
def test_one_name_is_one_tool_and_one_tier(tools: list[dict[str, Any]], place: str) -> None:
    with pytest.raises(InputError) as caught:
        register(*tools)
    assert [problem.path for problem in caught.value.problems] == [place]


def test_a_general_fact_holds_for_a_tier_that_says_nothing() -> None:
    held = register({**TOOL, "trains_on_inputs": "yes", "tiers": [{"name": "pro", "stores_inputs": "no"}]})
    assert "tool-tier-trains" in found(held, {"tag.steps[0].licence_tier": "pro"})


def test_a_review_that_was_back_dated_does_not_keep_an_approval() -> None:
    back_dated = [TOOL, {**TOOL, "date": "2026-11-01", "status": "withdrawn"}]
    approval = given_("approval", 3, dt.date(2026, 11, 15))
    content = register(*back_dated).statements[1].digest()
    recorded = Review("aaaa-9", "Generator", dt.date(2026, 11, 1), dt.date(2026, 11, 21), content)
    assert verdict(register(*back_dated), approval, reviews=(recorded,)).status is Status.STALE
    assert verdict(register(*back_dated), approval).status is Status.APPROVED  # a register kept by hand is taken at its word


def test_of_two_first_statements_of_one_day_neither_is_known() -> None:
    both = [{**TOOL, "date": "2026-11-10"}, {**TOOL, "date": "2026-11-10", "status": "withdrawn"}]
    assert verdict(register(*both), given_("approval", 3, dt.date(2026, 11, 10))).status is Status.STALE
    assert (
        verdict(register({**TOOL, "date": "2026-11-10"}), given_("approval", 3, dt.date(2026, 11, 10))).status
        is Status.APPROVED
    )


def test_an_unknown_day_does_not_hide_that_a_tool_was_prohibited() -> None:
    tools = [{**TOOL, "status": "prohibited", "date": "2026-09-01"}, {**TOOL, "date": "2026-11-15"}]
    assert found(register(*tools), {"tag.steps[0].at": UNSET})["tool-not-allowed-then"] == ("escalate", True)


@pytest.mark.parametrize("version", ["2", "3", UNSET])
def test_another_version_does_not_hide_what_is_bad(version: str) -> None:
    held = register({**TOOL, "versions": ["2"], "training_data": "unowned", "stores_inputs": "no"})
    tag, use = tag_and_use({**bare(), "tag.steps[0].version": version})
    (step,) = held.look(tag, use, NOW)[0].steps or ()
    assert (step.training_data, step.stores_inputs) == ("unowned", Answer.NO if version == "2" else Answer.UNSURE)


def test_a_tool_that_was_allowed_for_less_on_the_day_is_found() -> None:
    tools = [{**TOOL, "use_cases": ["ideation"]}, {**TOOL, "date": "2026-11-15"}]
    assert "tool-use" in found(register(*tools), {})


def test_a_name_is_the_same_however_its_letters_are_composed() -> None:
    assert "tool-prohibited" in found(
        register({**TOOL, "tool": "Ge\u0301n", "status": "prohibited"}), {"tag.steps[0].tool": "G\u00e9n"}
    )


def test_a_consent_from_before_the_tool_was_registered_still_counts() -> None:
    late = register({**TOOL, "date": "2026-11-12"}, {**TOOL, "date": "2026-11-14", "status": "withdrawn"})
    one = record({**FINAL, "tag.talent": [TALENT], "tag.answers.no_talent_replacement": "no", "tag.steps[0].at": "2026-11-10"})
    tag, tools = late.look(one.tag, one.uses[0], NOW)
    filed = [
        given_("approval", 1, dt.date(2026, 11, 20)),
        given_("legal_review", 2, dt.date(2026, 11, 20)),
        given_("talent_consent", 3, talent=("T07",)),
    ]
    context = Context(as_of=NOW, shot=one.uses[0].shot, version="v001", in_cut=True)
    found_ = judge(one, one.uses[0], assess(tag, one.uses[0], PACKS, tools), filed, context, PACKS, {1: one}, late)
    assert found_.status is Status.APPROVED


def test_what_was_corrected_by_hand_was_not_known() -> None:
    first = register(TOOL)
    kept = Review("aaaa-1", "Generator", dt.date(2026, 1, 1), dt.date(2026, 1, 1), first.statements[0].digest())
    corrected = register({**TOOL, "training_data": "unowned"})
    approval = given_("approval", 3, dt.date(2026, 11, 15))
    assert verdict(first, approval, reviews=(kept,)).status is Status.APPROVED
    assert verdict(corrected, approval, reviews=(kept,)).status is Status.STALE


def test_a_first_statement_behind_the_evidence_in_its_chain_was_not_known() -> None:
    held = register({**TOOL, "date": "2026-11-10", "status": "withdrawn"})
    review = Review("aaaa-9", "Generator", dt.date(2026, 11, 10), dt.date(2026, 11, 10), held.statements[0].digest())
    assert verdict(held, given_("approval", 3, dt.date(2026, 11, 10)), reviews=(review,)).status is Status.STALE
    assert verdict(held, given_("approval", 12, dt.date(2026, 11, 10)), reviews=(review,)).status is Status.APPROVED


def test_after_a_change_by_hand_the_next_review_opens_the_way() -> None:
    add, edited = {**TOOL, "date": "2026-10-01"}, {**TOOL, "date": "2026-11-05", "status": "withdrawn"}
    again = {**edited, "date": "2026-11-12"}
    first = Review("aaaa-1", "Generator", dt.date(2026, 10, 1), dt.date(2026, 10, 1), register(add).statements[0].digest())
    late = Review("aaaa-9", "Generator", dt.date(2026, 11, 12), dt.date(2026, 11, 12), register(again).statements[0].digest())
    approval = given_("approval", 20, dt.date(2026, 11, 13))
    assert verdict(register(add, edited), approval, reviews=(first,)).status is Status.STALE
    assert verdict(register(add, edited, again), approval, reviews=(first, late)).status is Status.APPROVED


def test_paperwork_changes_nothing() -> None:
    kept = Review("aaaa-1", "Generator", dt.date(2026, 1, 1), dt.date(2026, 1, 1), register(TOOL).statements[0].digest())
    words = register({**TOOL, "reason": "a typo mended", "cite": "https://example.org", "reviewed_by": "N. Other"})
    assert verdict(words, given_("approval", 3, dt.date(2026, 11, 15)), reviews=(kept,)).status is Status.APPROVED


def test_a_statement_that_was_replaced_on_its_day_is_gone() -> None:
    held = register({**TOOL, **BAD}, {**TOOL, **GOOD})
    tag, use = tag_and_use({**bare(), "tag.steps[0].at": UNSET})
    assert (held.look(tag, use, NOW)[0].steps or ())[0].trains_on_inputs is Answer.NO
