"""Evidence: what it settles, for whom, where and until when; and that no order, duplicate or clock makes a verdict milder."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_tags.codec import decode_facts
from genai_tags.evidence import Consent, Evidence, Filed, Scope, TagRef
from genai_tags.model import Record
from genai_tags.naming import version_number
from genai_tags.policy.engine import assess
from genai_tags.policy.pack import builtin
from genai_tags.status import BADGES, SEVERITIES, Severity, Status, severity
from genai_tags.validity import Context
from genai_tags.verdict import Verdict, judge
from genai_tags.vocabulary import EvidenceKind, Purpose, Stage, TrainedFor
from tests.facts import STEP, TALENT, facts

PACK = builtin("netflix-2025-08")
DAY = dt.date(2026, 11, 1)
FINAL = {
    "uses[0].stage": "final",
    "tag.answers.temporary": "no",
    "uses[0].presence": "prominent",
    "tag.use_case": "background_element",
}
SHOT = "AGM_104_065_010"


def record(changes: dict[str, Any], revision: int = 1) -> Record:
    tag, uses = decode_facts(facts(changes), "t")
    return Record(id="abcd", revision=revision, tag=tag, uses=uses)


def given_(kind: str, number: int, day: dt.date = DAY, writer: str = "aaaa", **more: Any) -> Filed:
    scope = Scope(**more.pop("scope", {}))
    revision = more.pop("revision", 1)
    evidence = Evidence(
        kind=EvidenceKind(kind),
        tags=(TagRef(id="abcd", revision=revision),),
        given_by="C",
        date=day,
        scope=scope,
        ref=more.pop("ref", "R"),
        **more,
    )
    return Filed(event=f"{writer}-{number}", recorded_by="x", evidence=evidence)


def verdict(changes: dict[str, Any], *filed: Filed, old: Record | None = None, **context: Any) -> Verdict:
    now = record(changes, 2 if old else 1)
    revisions = {each.revision: each for each in (now, old) if each}
    here = Context(**{"as_of": dt.date(2026, 11, 21), "shot": SHOT, "version": "v001", "in_cut": True, **context})
    return judge(now, now.uses[0], assess(now.tag, now.uses[0], [PACK]), filed, here, [PACK], revisions)


LEGAL = given_("legal_review", 90)


def test_a_prominent_final_needs_approval_and_legal_review() -> None:
    assert verdict(FINAL).status is Status.OPEN
    assert set(verdict(FINAL).unmet) == {"approval", "legal_review", "notice", "answer"}
    assert verdict(FINAL, given_("approval", 2)).unmet == ("legal_review",)
    assert verdict(FINAL, given_("approval", 2), LEGAL).status is Status.APPROVED


CALM_FINAL = {**FINAL, "uses[0].presence": "incidental"}

SETTLED = [
    ("nothing", [], Status.OPEN), ("a notice", [given_("notice", 1)], Status.OPEN),
    ("a notice with its reason", [given_("notice", 1, reason="far away")], Status.ALLOWED),
    ("an answer", [given_("answer", 1)], Status.ALLOWED), ("an approval", [given_("approval", 1)], Status.APPROVED),
    ("an approval without a paper", [given_("approval", 1, ref=None)], Status.OPEN),
    ("a conditional approval", [given_("approval", 1, conditions=("no close-up",))], Status.CONDITIONAL),
    ("two approvals of a day, one conditional", [given_("approval", 10, conditions=("x",)), given_("approval", 9)], Status.CONDITIONAL),
    ("a request", [given_("request", 1)], Status.REQUESTED), ("a waiver", [given_("waiver", 1, reason="r")], Status.WAIVED),
    ("a rejection", [given_("rejection", 1)], Status.REJECTED),
    ("a rejection, approved the same day", [given_("rejection", 1), given_("approval", 2)], Status.REJECTED),
    ("a rejection, approved the day after", [given_("rejection", 1), given_("approval", 2, dt.date(2026, 11, 2))], Status.APPROVED),
    ("an approval revoked", [given_("approval", 1), given_("revocation", 2)], Status.REVOKED),
    ("a notice revoked", [given_("notice", 1, reason="r"), given_("revocation", 2)], Status.REVOKED),
    ("revoked, approved the day after", [given_("approval", 1), given_("revocation", 2), given_("approval", 3, dt.date(2026, 11, 2))], Status.APPROVED),
    ("revoked with the clock set back", [given_("approval", 1), given_("revocation", 2, dt.date(2026, 10, 1))], Status.REVOKED),
    ("rejected with the clock set back", [given_("approval", 1), given_("rejection", 2, dt.date(2026, 10, 1))], Status.REJECTED),
    ("another event revoked", [given_("approval", 1), given_("revocation", 2, revokes=("aaaa-9",))], Status.APPROVED),
    ("that event revoked", [given_("approval", 1), given_("revocation", 2, revokes=("aaaa-1",))], Status.REVOKED),
    ("dated after the day it is judged on", [given_("approval", 1, dt.date(2026, 12, 1))], Status.OPEN),
]  # fmt: skip


@pytest.mark.parametrize(("story", "filed", "status"), SETTLED, ids=[case[0] for case in SETTLED])
def test_what_settles_an_incidental_final(story: str, filed: list[Filed], status: Status) -> None:
    assert verdict(CALM_FINAL, *filed).status is status


SCOPES: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("shot", {"shots": ("AGM_104_*",)}, {}, None),
    ("other shot", {"shots": ("AGM_105_*",)}, {}, "shot_out_of_scope"),
    ("unknown shot", {"shots": ("AGM_104_*",)}, {"shot": None}, "shot_out_of_scope"),
    ("version", {"versions": ("v1",)}, {}, None),
    ("other version", {"versions": ("v002",)}, {}, "version_drift"),
    ("unknown version", {"versions": ("v001",)}, {"version": None}, "version_drift"),
    ("purpose", {"purposes": (Purpose.PROGRAMME,)}, {}, None),
    ("other purpose", {"purposes": (Purpose.PROMO,)}, {}, "purpose_out_of_scope"),
    ("territory", {"territories": ("US", "GB")}, {"territories": ("GB",)}, None),
    ("other territory", {"territories": ("US",)}, {"territories": ("US", "GB")}, "territory_out_of_scope"),
    ("unknown territory", {"territories": ("US",)}, {}, "territory_out_of_scope"),
]


@pytest.mark.parametrize(("story", "scope", "context", "code"), SCOPES, ids=[case[0] for case in SCOPES])
def test_a_limit_holds_and_an_unknown_never_satisfies_it(
    story: str, scope: dict[str, Any], context: dict[str, Any], code: str | None
) -> None:
    found = verdict(CALM_FINAL, given_("approval", 1, scope=scope), **context)
    assert (found.status, [r.code for r in found.reasons]) == (
        (Status.OUT_OF_SCOPE, [code, "open"]) if code else (Status.APPROVED, ["approved"])
    )


@pytest.mark.parametrize(("day", "status"), [(10, Status.APPROVED), (11, Status.EXPIRED)])
def test_evidence_holds_through_the_end_of_its_last_day(day: int, status: Status) -> None:
    approval = given_("approval", 1, until=dt.date(2026, 11, 10))
    assert verdict(CALM_FINAL, approval, as_of=dt.date(2026, 11, day)).status is status


def test_evidence_is_for_the_declared_shots() -> None:
    found = verdict(CALM_FINAL, given_("approval", 1), shot="AGM_104_099_010")
    assert [reason.code for reason in found.reasons] == ["shot_out_of_scope", "open"]


CHANGES: list[tuple[str, dict[str, Any], Status]] = [
    ("the private name", {"tag.element": "other"}, Status.APPROVED),
    ("the tool's version", {"tag.steps[0].version": "3"}, Status.APPROVED),
    ("a rule's fact", {"tag.steps[0].terms_ref": "T-2"}, Status.STALE),
    ("an input", {"tag.steps[0].inputs": [{"id": "I1", "kinds": ["own", "script"]}]}, Status.STALE),
    ("a step", {"tag.steps": [STEP, {**STEP, "tool": "Second"}]}, Status.STALE),
    ("an answer", {"tag.answers.secure_environment": "unsure"}, Status.STALE),
    ("the story", {"uses[0].story_relevant": "unsure"}, Status.STALE),
]


@pytest.mark.parametrize(("story", "change", "status"), CHANGES, ids=[case[0] for case in CHANGES])
def test_a_revision_that_changes_what_a_rule_reads_makes_evidence_stale(
    story: str, change: dict[str, Any], status: Status
) -> None:
    old = record(CALM_FINAL)
    assert verdict({**CALM_FINAL, **change}, given_("approval", 1), old=old).status is status


def test_an_input_that_moves_to_another_step_is_a_change() -> None:
    first = {**STEP, "inputs": [{"id": "I1", "kinds": ["own"]}]}
    second = {**STEP, "tool": "Second", "inputs": []}
    old = record({**CALM_FINAL, "tag.steps": [first, second]})
    moved = {"tag.steps": [{**first, "inputs": []}, {**second, "inputs": first["inputs"]}]}
    assert verdict({**CALM_FINAL, **moved}, given_("approval", 1), old=old).status is Status.STALE


def test_another_performer_is_a_change() -> None:
    talent = {"tag.talent": [TALENT], "tag.answers.no_talent_replacement": "no"}
    old = record({**FINAL, **talent})
    filed = [given_("approval", 1), LEGAL, given_("talent_consent", 3, talent=("T07",))]
    assert verdict({**FINAL, **talent}, *filed).status is Status.APPROVED
    other = {**talent, "tag.talent": [{**TALENT, "id": "T09"}]}
    assert verdict({**FINAL, **other}, *filed, old=old).status is Status.STALE


TWO = {**FINAL, "tag.talent": [TALENT, {**TALENT, "id": "T08"}], "tag.answers.no_talent_replacement": "no"}


@pytest.mark.parametrize(
    ("consents", "unmet"),
    [
        ([], ("talent_consent of T07", "talent_consent of T08")),
        ([("T07",)], ("talent_consent of T08",)),
        ([("T09",)], ("talent_consent of T07", "talent_consent of T08")),
        ([("T07",), ("T08",)], ()),
        ([("T07", "T08")], ()),
        ([()], ("talent_consent of T07", "talent_consent of T08")),
    ],
)
def test_consent_counts_for_the_performer_it_names(consents: list[tuple[str, ...]], unmet: tuple[str, ...]) -> None:
    filed = [given_("talent_consent", i + 5, talent=talent) for i, talent in enumerate(consents)]
    assert verdict(TWO, given_("approval", 1), LEGAL, *filed).unmet == unmet


def test_an_approval_for_one_performer_does_not_cover_the_other() -> None:
    consents = [given_("talent_consent", 5, talent=("T07", "T08"))]
    assert verdict(TWO, given_("approval", 1, talent=("T07",)), LEGAL, *consents).status is not Status.APPROVED


def test_a_model_for_another_production_needs_every_party() -> None:
    change = {"tag.steps[0].trained_on_talent": "yes", "tag.steps[0].trained_for": "other"}
    filed = [given_("approval", 1), LEGAL, given_("rights_clearance", 2)]
    one = given_("talent_consent", 5, talent=("T07",))
    both = given_("talent_consent", 6, talent=("T07", "T08"), consent=Consent(project_scope=TrainedFor.OTHER))
    assert [r.code for r in verdict({**TWO, **change}, *filed, one).reasons] == ["consent_out_of_project", "open"]
    one = given_("talent_consent", 5, talent=("T07",), consent=Consent(project_scope=TrainedFor.OTHER))
    assert verdict({**TWO, **change}, *filed, one).status is Status.OPEN
    assert verdict({**TWO, **change}, *filed, both).status is Status.APPROVED


def test_a_performer_takes_their_consent_back() -> None:
    filed = [given_("approval", 1), LEGAL, given_("talent_consent", 5, talent=("T07", "T08"))]
    taken = given_("revocation", 6, talent=("T08",))
    assert verdict(TWO, *filed).status is Status.APPROVED
    assert verdict(TWO, *filed, taken).status is Status.REVOKED


def test_analysis_alone_is_allowed_unless_somebody_rejected_it() -> None:
    analytic = {"tag.steps[0].ai_class": "analytic", "tag.steps[0].operation": "enhance"}
    assert verdict(analytic).status is Status.ALLOWED
    assert verdict(analytic, given_("rejection", 1)).status is Status.REJECTED


EVENTS = st.lists(
    st.builds(
        lambda kind, number, day, limited, until: given_(
            kind,
            number,
            dt.date(2026, 11, day),
            scope={"versions": ("v002",)} if limited else {},
            until=dt.date(2026, 11, until) if until else None,
        ),
        st.sampled_from(["notice", "answer", "approval", "rejection", "revocation", "request", "legal_review"]),
        st.integers(1, 99),
        st.integers(1, 25),
        st.booleans(),
        st.none() | st.integers(1, 28),
    ),
    max_size=6,
    unique_by=lambda filed: filed.event,
)


@given(EVENTS, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_no_order_and_no_duplicate_changes_a_verdict(filed: list[Filed], rng: Any) -> None:
    expected = verdict(FINAL, *filed)
    shuffled = [*filed, *filed[:2]]
    rng.shuffle(shuffled)
    assert verdict(FINAL, *shuffled) == expected


@given(EVENTS, st.integers(1, 25))
@settings(max_examples=200, deadline=None)
def test_a_refusal_never_makes_a_verdict_milder(filed: list[Filed], day: int) -> None:
    before = verdict(FINAL, *filed)
    for kind in ("rejection", "revocation"):
        after = verdict(FINAL, *filed, given_(kind, 100, dt.date(2026, 11, day)))
        settled = {Status.ALLOWED, Status.APPROVED, Status.CONDITIONAL, Status.WAIVED}
        assert before.status in settled or after.status not in settled


@given(EVENTS, st.integers(0, 5), st.integers(1, 400))
@settings(max_examples=200, deadline=None)
def test_a_refusal_recorded_with_a_clock_set_back_counts_all_the_same(filed: list[Filed], which: int, back: int) -> None:
    refusal = given_("rejection", 100, dt.date(2026, 11, 26))
    before = verdict(FINAL, *filed, refusal, as_of=dt.date(2026, 11, 28))
    early = dataclasses.replace(
        refusal, evidence=dataclasses.replace(refusal.evidence, date=refusal.evidence.date - dt.timedelta(back))
    )
    assert verdict(FINAL, *filed, early, as_of=dt.date(2026, 11, 28)).status.rank >= before.status.rank


def test_every_status_has_a_badge_and_a_severity() -> None:
    assert set(BADGES) == set(SEVERITIES) == set(Status)
    assert len({badge.symbol for badge in BADGES.values()}) == len(Status)
    assert severity(Status.OPEN, Stage.FINAL, ["notice", "reason"]) is Severity.WARNING
    assert severity(Status.OPEN, Stage.FINAL, ["notice", "answer"]) is Severity.BLOCKER
    assert severity(Status.OPEN, Stage.TEMP, ["reason"]) is Severity.INFO


@pytest.mark.parametrize(
    ("text", "number"), [("v012", 12), ("V12", 12), ("12", 12), ("v", None), ("final", None), ("v٣", None)]
)
def test_a_version_is_a_number(text: str, number: int | None) -> None:
    assert version_number(text) == number
