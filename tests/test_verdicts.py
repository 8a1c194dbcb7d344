"""Verdicts where papers pull apart: refusals in part, conditions, waivers, consents out of place, and what no order may change."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_tags.evidence import Consent, Filed
from genai_tags.policy.engine import assess
from genai_tags.policy.pack import builtin, read_pack
from genai_tags.status import Status
from genai_tags.validity import Context
from genai_tags.verdict import Verdict, judge
from genai_tags.vocabulary import Purpose, TrainedFor
from tests.facts import PACK_HEAD, STEP, TALENT, UNSET
from tests.test_status import CALM_FINAL, FINAL, LEGAL, SHOT, TWO, given_, record, verdict

ONE = {**FINAL, "tag.talent": [TALENT], "tag.answers.no_talent_replacement": "no"}
CONSENT = given_("talent_consent", 50, talent=("T07",))
SETTLED = (given_("approval", 1), LEGAL, CONSENT)


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


REFUSALS: list[tuple[str, dict[str, Any], tuple[str, ...], Status]] = [
    ("in one of the territories", {"territories": ("DE",)}, ("US", "DE"), Status.REJECTED),
    ("in a part of the territory", {"territories": ("DE",)}, ("EU",), Status.REJECTED),
    ("in all of them and more", {"territories": ("WORLD",)}, ("US",), Status.REJECTED),
    ("in another territory", {"territories": ("KR",)}, ("US", "DE"), Status.APPROVED),
    ("where nobody knows where the show ships", {"territories": ("DE",)}, (), Status.REJECTED),
    ("for this version", {"versions": ("v001",)}, ("US",), Status.REJECTED),
    ("for another version", {"versions": ("v002",)}, ("US",), Status.APPROVED),
]


@pytest.mark.parametrize(("story", "scope", "territories", "status"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_a_refusal_holds_where_it_reaches(
    story: str, scope: dict[str, Any], territories: tuple[str, ...], status: Status
) -> None:
    filed = [given_("approval", 1), given_("rejection", 2, on(5), scope=scope)]
    assert verdict(CALM_FINAL, *filed, territories=territories).status is status
    taken = [given_("approval", 1), given_("revocation", 2, on(5), scope=scope)]
    expected = Status.REVOKED if status is Status.REJECTED else status
    assert verdict(CALM_FINAL, *taken, territories=territories).status is expected


LIFTS: list[tuple[str, dict[str, Any], dict[str, Any], Status]] = [
    ("all of it", {}, {}, Status.APPROVED),
    ("all of what was rejected", {"talent": ("T07",)}, {"talent": ("T07", "T08")}, Status.APPROVED),
    ("another performer", {"talent": ("T07",)}, {"talent": ("T08",)}, Status.REJECTED),
    ("one performer of the whole", {}, {"talent": ("T07",)}, Status.REJECTED),
    ("an input of the whole", {}, {"inputs": ("I1",)}, Status.REJECTED),
]


@pytest.mark.parametrize(("story", "rejected", "approved", "status"), LIFTS, ids=[case[0] for case in LIFTS])
def test_a_rejection_falls_to_an_approval_of_all_of_it(
    story: str, rejected: dict[str, Any], approved: dict[str, Any], status: Status
) -> None:
    consents = [given_("talent_consent", 60, talent=("T07", "T08"))]
    filed = [
        given_("approval", 1),
        LEGAL,
        *consents,
        given_("rejection", 2, on(2), **rejected),
        given_("approval", 3, on(5), **approved),
    ]
    assert verdict(TWO, *filed).status is status


PAPERS: list[tuple[str, list[Filed], Status]] = [
    ("a notice of one's own does not end a condition", [given_("answer", 1, conditions=("small",)), given_("notice", 2, on(2), reason="x")], Status.CONDITIONAL),
    ("a later answer does", [given_("answer", 1, conditions=("small",)), given_("answer", 2, on(2))], Status.ALLOWED),
    ("and so does a later approval", [given_("answer", 1, conditions=("small",)), given_("approval", 2, on(2))], Status.APPROVED),
    ("a later answer does not end an approval's", [given_("approval", 1, conditions=("small",)), given_("answer", 2, on(2))], Status.CONDITIONAL),
    ("a reason is words", [given_("notice", 1, reason="  ")], Status.OPEN),
    ("a waiver stands back behind an approval", [given_("waiver", 1, reason="r"), given_("approval", 2)], Status.APPROVED),
]  # fmt: skip


@pytest.mark.parametrize(("story", "filed", "status"), PAPERS, ids=[case[0] for case in PAPERS])
def test_what_stands_when_several_papers_speak(story: str, filed: list[Filed], status: Status) -> None:
    assert verdict(CALM_FINAL, *filed).status is status


def test_a_waiver_for_a_performer_is_for_the_performer_alone() -> None:
    unowned = {**ONE, "tag.steps[0].training_data": "unowned", "tag.union_role_impact": "yes"}
    filed = [given_("approval", 1), LEGAL, given_("waiver", 2, reason="r", talent=("T07",))]
    assert set(verdict(unowned, *filed).unmet) == {"rights_clearance of step 1 (Generator)", "guild_consent"}
    cleared = [*filed, given_("rights_clearance", 3, talent=("T07",)), given_("guild_consent", 4, talent=("T08",))]
    assert set(verdict(unowned, *cleared).unmet) == {"rights_clearance of step 1 (Generator)", "guild_consent"}
    assert verdict(unowned, *filed, given_("rights_clearance", 3), given_("guild_consent", 4, talent=("T07",))).unmet == ()


def test_a_performer_who_takes_consent_back_ends_what_waived_it() -> None:
    waived = [given_("approval", 1), LEGAL, given_("waiver", 2, reason="r", talent=("T07",))]
    assert verdict(ONE, *waived).status is Status.WAIVED
    assert verdict(ONE, *waived, given_("revocation", 3, on(2), talent=("T07",))).status is Status.REVOKED
    assert (
        verdict(
            TWO, *waived, given_("waiver", 4, reason="r", talent=("T08",)), given_("revocation", 3, on(2), talent=("T09",))
        ).unmet
        == ()
    )


CONSENTS: list[tuple[str, dict[str, Any], Filed, str]] = [
    ("in order", {}, CONSENT, "approved"),
    ("on the day of the work", {"tag.steps[0].at": "2026-11-01"}, CONSENT, "consent_order_unknown"),
    ("of work whose day nobody states", {"tag.steps[0].at": UNSET}, CONSENT, "consent_order_unknown"),
    ("after the work", {"tag.steps[0].at": "2026-10-31"}, CONSENT, "consent_after_work"),
    ("after one of the steps", {"tag.steps": [STEP, {**STEP, "tool": "Other", "at": "2026-10-31"}]}, CONSENT, "consent_after_work"),
    ("for this production", {}, given_("talent_consent", 50, talent=("T07",), consent=Consent(project_scope=TrainedFor.THIS_PRODUCTION)), "approved"),
    ("for another one", {}, given_("talent_consent", 50, talent=("T07",), consent=Consent(project_scope=TrainedFor.OTHER)), "consent_out_of_project"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "changes", "consent", "code"), CONSENTS, ids=[case[0] for case in CONSENTS])
def test_a_consent_is_for_work_to_come_on_this_production(
    story: str, changes: dict[str, Any], consent: Filed, code: str
) -> None:
    found = verdict({**ONE, **changes}, given_("approval", 1), LEGAL, consent)
    assert code in {reason.code for reason in found.reasons}
    assert (found.status is Status.APPROVED) is (code == "approved")


def test_moving_the_day_of_the_work_makes_a_consent_stale_but_not_an_approval() -> None:
    late = record({**ONE, "tag.steps[0].at": "2026-10-31"})
    found = verdict({**ONE, "tag.steps[0].at": "2026-11-15"}, *SETTLED, old=late)
    assert (found.status, found.unmet) == (Status.STALE, ("talent_consent of T07",))
    undated = record({**ONE, "tag.steps[0].at": UNSET})
    assert verdict(ONE, *SETTLED, old=undated).status is Status.APPROVED  # what was not stated may be stated


@pytest.mark.parametrize(
    ("declared", "limits", "cut", "code"),
    [
        ("programme", (), Purpose.PROGRAMME, None),
        (UNSET, (), Purpose.PROGRAMME, None),
        ("programme", (), Purpose.PROMO, "purpose_out_of_scope"),
        ("promo", (), Purpose.PROGRAMME, "purpose_out_of_scope"),
        ("programme", (Purpose.PROMO,), Purpose.PROMO, None),
        ("promo", (Purpose.PROGRAMME,), None, "purpose_out_of_scope"),
    ],
)
def test_evidence_is_for_the_declared_purpose(
    declared: str, limits: tuple[Purpose, ...], cut: Purpose | None, code: str | None
) -> None:
    approval = given_("approval", 1, scope={"purposes": limits})
    found = verdict({**CALM_FINAL, "uses[0].purpose": declared}, approval, purpose=cut)
    assert [reason.code for reason in found.reasons][:1] == [code or "approved"]


def test_a_demand_is_made_of_whatever_settles_the_need() -> None:
    pack = read_pack(
        PACK_HEAD
        + b"""
anchors: {a: ""}
rules:
- {id: r, kind: duty, title: t, cite: a, when: {tag.could_mislead: no}, outcome: escalate, message: m, needs: [answer],
   demands: {answer: {evidence.role: client_contact, evidence.attached: yes}}}
""",
        "x.yaml",
    )
    one = record({})

    def status(*filed: Filed) -> Verdict:
        here = Context(as_of=dt.date(2026, 11, 21), shot=SHOT)
        return judge(one, one.uses[0], assess(one.tag, one.uses[0], [pack]), filed, here, [pack], {1: one})

    assert (
        status(given_("approval", 1, role="artist")).unmet == ("notice", "answer")
        or "answer" in status(given_("approval", 1, role="artist")).unmet
    )
    assert status(given_("approval", 1, role="artist")).unmet == ("answer",)
    assert status(given_("approval", 1, role="client_contact", attachment="0" * 64)).unmet == ()


EVENTS = st.lists(
    st.builds(
        lambda kind, number, day, talent, conditional, limited: given_(
            kind, number, on(day), "bbbb", reason="r", talent=talent if kind in ("talent_consent", "waiver", "revocation") else (),
            conditions=("c",) if conditional else (), scope={"territories": ("US",)} if limited else {},
        ),
        st.sampled_from(["notice", "answer", "approval", "rejection", "revocation", "request", "legal_review", "talent_consent", "waiver", "question"]),
        st.integers(1, 99), st.integers(1, 9), st.sampled_from([(), ("T07",), ("T08",), ("T07", "T08")]), st.booleans(), st.booleans(),
    ),
    max_size=7, unique_by=lambda filed: filed.event,
)  # fmt: skip
PLACES: dict[str, Any] = {"territories": ("US",)}
OK = (Status.ALLOWED, Status.APPROVED, Status.CONDITIONAL, Status.WAIVED)


@given(EVENTS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_no_order_and_no_duplicate_changes_a_verdict_on_performers(filed: list[Filed], rng: Any) -> None:
    everything = [*filed, *SETTLED]
    shuffled = [*everything, *everything[:3]]
    rng.shuffle(shuffled)
    assert verdict(TWO, *shuffled, **PLACES) == verdict(TWO, *everything, **PLACES)


@given(EVENTS, st.sampled_from(["rejection", "revocation"]), st.integers(1, 9), st.sampled_from([(), ("T07",)]))
@settings(max_examples=100, deadline=None)
def test_taking_a_refusal_away_is_never_stricter(filed: list[Filed], kind: str, day: int, talent: tuple[str, ...]) -> None:
    everything = [*filed, *SETTLED]
    refused = verdict(TWO, *everything, given_(kind, 100, on(day), talent=talent), **PLACES)
    assert verdict(TWO, *everything, **PLACES).status in OK or refused.status not in OK


@given(EVENTS, st.integers(1, 400))
@settings(max_examples=100, deadline=None)
def test_a_clock_set_back_for_a_refusal_changes_nothing_for_the_better(filed: list[Filed], back: int) -> None:
    one_chain = [dataclasses.replace(each, event=f"bbbb-{i}") for i, each in enumerate(SETTLED, 100)]
    everything = [*filed, *one_chain]
    late = given_("revocation", 200, on(15), "bbbb")
    early = dataclasses.replace(late, evidence=dataclasses.replace(late.evidence, date=late.evidence.date - dt.timedelta(back)))
    before, after = (verdict(TWO, *everything, each, **PLACES) for each in (late, early))
    assert before.status in OK or after.status not in OK


SAGA = {**TWO, "tag.steps[0].trained_on_talent": "yes", "tag.steps[0].trained_for": "other",
        "tag.talent": [{**TALENT, "exception": "as_scripted"}, {**TALENT, "id": "T08", "exception": "as_scripted"}]}  # fmt: skip
EXPRESS = Consent(project_scope=TrainedFor.OTHER)


def test_of_several_parties_each_has_a_paper_of_its_own() -> None:
    base = [given_("approval", 1), LEGAL, given_("rights_clearance", 2)]
    eight = given_("talent_consent", 5, talent=("T08",), consent=EXPRESS)
    conditional = given_("talent_consent", 5, talent=("T08",), consent=EXPRESS, conditions=("no sequel",))
    seven = given_("talent_consent", 6, on(2), talent=("T07",), consent=EXPRESS)
    assert verdict(SAGA, *base, eight).unmet == ("talent_consent of step 1 (Generator)",)
    assert verdict(SAGA, *base, eight, seven).status is Status.APPROVED
    assert verdict(SAGA, *base, conditional, seven).status is Status.CONDITIONAL
    assert verdict(SAGA, *base, eight, given_("waiver", 7, reason="r", talent=("T07",))).status is Status.WAIVED


def test_a_waiver_does_not_hide_the_client_s_conditions() -> None:
    filed = [given_("approval", 1, conditions=("blur it",)), LEGAL, given_("waiver", 2, reason="r", talent=("T07",))]
    found = verdict(ONE, *filed)
    assert (found.status, [reason.code for reason in found.reasons]) == (Status.WAIVED, ["waived", "conditional"])


def test_a_joint_paper_is_taken_back_by_one_for_that_one() -> None:
    filed = [
        given_("approval", 1),
        LEGAL,
        given_("talent_consent", 5, talent=("T07", "T08")),
        given_("guild_consent", 6, talent=("T07",)),
    ]
    assert verdict(TWO, *filed, given_("revocation", 7, on(2), talent=("T07",))).unmet == ("talent_consent of T07",)


def test_an_approval_without_its_paper_lifts_no_rejection() -> None:
    filed = [given_("notice", 1, reason="r"), given_("rejection", 2, on(2)), given_("approval", 3, on(5), ref=None)]
    assert verdict(CALM_FINAL, *filed).status is Status.REJECTED


def test_a_generic_model_of_other_productions_asks_for_no_express_consent() -> None:
    generic = {**ONE, "tag.steps[0].trained_on_talent": "no", "tag.steps[0].trained_for": "other"}
    assert verdict(generic, *SETTLED).status is Status.APPROVED


def test_a_day_that_moves_behind_the_consent_changes_nothing() -> None:
    assert verdict({**ONE, "tag.steps[0].at": "2026-11-12"}, *SETTLED, old=record(ONE)).status is Status.APPROVED


USES = [{"shot": SHOT, "stage": "final", "presence": "incidental", "story_relevant": "no"},
        {"shot": SHOT, "stage": "final", "presence": "none", "story_relevant": "no"}]  # fmt: skip


def test_a_revision_of_words_alone_keeps_every_use_of_a_shot() -> None:
    changes = {"tag.answers.temporary": "no", "uses": USES}
    old, now = record(changes), record({**changes, "tag.element": "in other words"}, 2)
    here = Context(as_of=dt.date(2026, 11, 21), shot=SHOT, in_cut=True, purpose=Purpose.PROGRAMME)
    packs = [builtin("netflix-2025-08")]
    for use in now.uses:
        filled = dataclasses.replace(use, purpose=Purpose.PROGRAMME)
        found = judge(now, filled, assess(now.tag, filled, packs), [given_("approval", 1)], here, packs, {1: old, 2: now})
        assert found.status is Status.APPROVED


def codes(found: Verdict) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_the_newest_paper_says_why_it_does_not_hold() -> None:
    renewed = [given_("approval", 1), given_("revocation", 2, on(2)), given_("approval", 3, on(3), until=on(5))]
    assert codes(verdict(CALM_FINAL, *renewed)) == ["expired", "open"]
    limited = [given_("approval", 1, until=on(5)), given_("approval", 2, on(6), scope={"versions": ("v002",)})]
    assert codes(verdict(CALM_FINAL, *limited, version="v003")) == ["version_drift", "open"]


def test_asking_anew_is_said_beside_what_no_longer_holds() -> None:
    filed = [given_("approval", 1, until=on(5)), given_("request", 2, on(6))]
    found = verdict(CALM_FINAL, *filed)
    assert (found.status, codes(found)) == (Status.EXPIRED, ["expired", "requested", "open"])


def test_a_question_that_was_replied_to_is_no_longer_asked() -> None:
    asked = [given_("request", 1), given_("question", 2, on(2), reason="which?")]
    assert codes(verdict(FINAL, *asked)) == ["requested", "question"]
    assert codes(verdict(FINAL, *asked, given_("answer", 3, on(2)))) == ["requested"]
    assert codes(verdict(FINAL, *asked, given_("answer", 3, on(3)), given_("question", 4, on(4)))) == ["requested", "question"]


def test_what_is_still_needed_names_its_own_rule() -> None:
    found = verdict(ONE, given_("approval", 1), CONSENT)
    assert found.unmet == ("legal_review",)
    assert found.asking is not None
    assert "legal_review" in found.asking.needs


def test_a_shot_that_was_added_is_not_approved_for() -> None:
    other = {**USES[0], "shot": "AGM_104_099_010"}
    old, now = record({**CALM_FINAL, "uses": USES[:1]}), record({**CALM_FINAL, "uses": [USES[0], other]}, 2)
    here = Context(as_of=dt.date(2026, 11, 21), shot="AGM_104_099_010", in_cut=True, purpose=Purpose.PROGRAMME)
    packs = [builtin("netflix-2025-08")]
    use = dataclasses.replace(now.uses[1], purpose=Purpose.PROGRAMME)
    found = judge(now, use, assess(now.tag, use, packs), [given_("approval", 1)], here, packs, {1: old, 2: now})
    assert codes(found)[:1] == ["shot_out_of_scope"]
