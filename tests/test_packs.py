"""The packs beside Netflix's: where each rule speaks, that it only informs until a show opts in, and where a pack holds."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from genai_tags.errors import InputError
from genai_tags.policy.engine import Finding, assess
from genai_tags.policy.pack import Outcome, builtin, builtin_names, read_pack
from genai_tags.territories import covers, overlap
from tests.conftest import Cli
from tests.facts import PACK_HEAD, TALENT, as_yaml, tag_and_use

F, S, T = "tag.facts", "tag.steps[0]", "tag.talent"
FINAL = {"uses[0].stage": "final", "tag.answers.temporary": "no"}
REPLICA, SYNTHETIC = {T: [TALENT]}, {T: [{**TALENT, "kind": "synthetic"}]}


def with_facts(*changes: dict[str, Any], **facts: str) -> dict[str, Any]:
    return {**{path: value for each in changes for path, value in each.items()}, F: facts}


CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], str]] = [
    # rule, facts on which it stands, facts on which it does not, what it asks for where the show opts in
    ("sag-aftra-2026", "sag-informed-consent", REPLICA, SYNTHETIC, "written_approval"),
    ("sag-aftra-2026", "sag-compensation", REPLICA, SYNTHETIC, "written_approval"),
    ("sag-aftra-2026", "sag-consent-before-work", with_facts(REPLICA, replica_source="scan"), REPLICA, "written_approval"),
    ("sag-aftra-2026", "sag-deceased", with_facts(REPLICA, deceased_performer="yes"), REPLICA, "written_approval"),
    ("sag-aftra-2026", "sag-alteration", {T: [{**TALENT, "kind": "alteration"}]},
     {T: [{**TALENT, "kind": "alteration", "exception": "customary_post"}]}, "written_approval"),
    ("sag-aftra-2026", "sag-synthetic", SYNTHETIC, REPLICA, "escalate"),
    ("sag-aftra-2026", "sag-minor", with_facts(REPLICA, performer_minor="yes"), REPLICA, "escalate"),
    ("sag-aftra-2026", "sag-animation-prompt", with_facts(REPLICA, prompt_names_performer="yes"), REPLICA, "written_approval"),
    ("eu-ai-act-50", "ai-act-deep-fake", {**FINAL, "tag.could_mislead": "yes"}, FINAL, "escalate"),
    ("eu-ai-act-50", "ai-act-deep-fake", {**FINAL, **REPLICA}, REPLICA, "escalate"),
    ("eu-ai-act-50", "ai-act-artistic", with_facts(FINAL, work_type="artistic"), FINAL, "judgement"),
    ("eu-ai-act-50", "ai-act-public-text", with_facts(FINAL, {"tag.element_type": "text"}, informs_public="yes"), FINAL, "escalate"),
    ("eu-ai-act-50", "ai-act-mark-kept", with_facts(machine_mark_kept="no"), {}, "notify"),
    ("mpa-or-5", "or-5-client-approval", {}, with_facts(client_approved_tool="yes"), "written_approval"),
    ("mpa-or-5", "or-5-tool-list", {}, {f"{S}.tool": "Registered"}, "judgement"),
    ("mpa-or-5", "or-5-dataset", {f"{S}.training_data": "unowned"}, {}, "escalate"),
    ("mpa-or-5", "or-5-sandbox", {f"{S}.hosting": "public"}, with_facts({f"{S}.hosting": "public"}, sandboxed="yes"), "escalate"),
    ("academy-copyright", "copyright-disclose", FINAL, with_facts(FINAL, ai_share="de_minimis"), "judgement"),
    ("academy-copyright", "copyright-human-contribution", FINAL, with_facts(FINAL, human_contribution="painted over"), "judgement"),
    ("academy-copyright", "academy-acting", REPLICA, with_facts(REPLICA, performed_by_humans="yes"), "judgement"),
    ("academy-copyright", "academy-writing", {**FINAL, "tag.element_type": "text", "uses[0].story_relevant": "yes"}, FINAL, "judgement"),
    ("house", "house-say-which", {}, with_facts(grey_area="none"), "notify"),
    ("house", "house-analysis", with_facts(grey_area="roto"), with_facts(grey_area="upscale"), "allowed"),
    ("house", "house-invented-detail", with_facts(grey_area="upscale"), with_facts(grey_area="denoise"), "notify"),
    ("house", "house-changed-picture", with_facts(grey_area="relight"), {}, "judgement"),
    ("house", "house-own-plates", with_facts(grey_area="own_plates_model"), {}, "notify"),
    ("house", "house-other-plates", with_facts({f"{S}.trained_for": "other"}, grey_area="own_plates_model"),
     with_facts(grey_area="own_plates_model"), "escalate"),
    ("house", "house-footage-outside", {f"{S}.hosting": "public", f"{S}.inputs": [{"id": "I1", "kinds": ["unreleased_footage"]}]},
     {f"{S}.inputs": [{"id": "I1", "kinds": ["unreleased_footage"]}]}, "escalate"),
]  # fmt: skip


def standing(name: str, changes: dict[str, Any], binding: bool = True) -> dict[str, Finding]:
    """What one pack says with certainty."""
    from tests.test_register import NOW, TOOL, register

    tag, use = tag_and_use(changes)
    tag, tools = register({**TOOL, "tool": "Registered"}).look(tag, use, NOW)
    pack = dataclasses.replace(builtin(name), binding=binding)
    return {finding.rule: finding for finding in assess(tag, use, [pack], tools).findings if not finding.open}


@pytest.mark.parametrize(("pack", "rule", "fires", "quiet", "outcome"), CASES, ids=[f"{c[1]}-{i}" for i, c in enumerate(CASES)])
def test_a_rule_speaks_where_it_should(
    pack: str, rule: str, fires: dict[str, Any], quiet: dict[str, Any], outcome: str
) -> None:
    assert standing(pack, fires)[rule].outcome == outcome
    assert rule not in standing(pack, quiet)


def test_every_rule_has_its_case() -> None:
    others = set(builtin_names()) - {"netflix-2025-08", "tools", "base"}
    assert {(name, rule.id) for name in others for rule in builtin(name).rules} == {(case[0], case[1]) for case in CASES}


@pytest.mark.parametrize(("pack", "rule", "fires"), [case[:3] for case in CASES if builtin(case[0]).informational])
def test_an_informational_rule_asks_for_a_notice_at_most(pack: str, rule: str, fires: dict[str, Any]) -> None:
    told, bound = standing(pack, fires, binding=False)[rule], standing(pack, fires)[rule]
    assert (told.outcome, told.needs) == (Outcome.NOTIFY, ("notice",))
    assert told.if_binding == (bound.outcome if bound.outcome is not Outcome.NOTIFY else None)


@pytest.mark.parametrize("name", [name for name in builtin_names() if builtin(name).informational])
def test_an_informational_pack_says_where_each_fact_comes_from(name: str) -> None:
    pack = builtin(name)
    assert all(rule.source for rule in pack.rules)
    assert all(kind.source and kind.question for kind in pack.facts.values())
    assert not pack.binding


def test_a_pack_that_informs_without_sources_is_refused() -> None:
    text = (
        PACK_HEAD
        + b"""
informational: yes
anchors: {a: ""}
facts: {mine: {type: answer, question: Really}}
rules:
- {id: r, kind: duty, title: t, cite: a, when: {tag.could_mislead: yes}, outcome: notify, message: m}
- {id: q, kind: talent, title: t, cite: a, each: talent, when: {talent.kind: replica}, outcome: notify, message: m, source: s,
   confidence: likely, needs: [talent_consent], demands: {legal_review: {evidence.compensated: yes}, talent_consent: {tag.could_mislead: yes}}}
- {id: p, kind: duty, title: t, cite: a, when: {evidence.compensated: yes}, outcome: notify, message: m, source: s, confidence: primary}
"""
    )
    with pytest.raises(InputError) as caught:
        read_pack(text, "x.yaml")
    places = {problem.path for problem in caught.value.problems}
    assert places == {
        "facts.mine.source", "rules.r", "rules.q.confidence", "rules.q.demands.legal_review", "rules.q.demands.talent_consent",
        "rules.p.when",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "place", "holds"),
    [
        (["US"], "US", True), (["us "], "US", True), (["US"], "GB", False), (["EU"], "DE", True), (["EU"], "NO", False),
        (["EEA"], "NO", True), (["EEA"], "EU", True), (["DE", "FR"], "EU", False), (["WORLD"], "KR", True), (["US"], "WORLD", False),
        ([], "US", False),
    ],
)  # fmt: skip
def test_territories(stated: list[str], place: str, holds: bool) -> None:
    assert covers(stated, place) is holds


@pytest.mark.parametrize(
    ("some", "others", "so"),
    [(["EU"], ["DE"], True), (["US"], ["EU"], False), (["WORLD"], ["DE"], True), (["EEA"], ["EU"], True), (["US"], [], False)],
)
def test_places_in_common(some: list[str], others: list[str], so: bool) -> None:
    assert overlap(some, others) is overlap(others, some) is so


def configure(show: Path, text: str) -> None:
    """Put lines in front of the last part of genai.yaml."""
    path = show / "genai.yaml"
    path.write_text(path.read_text().replace("scope:", text + "scope:"))


@pytest.mark.parametrize(
    ("territories", "there"), [("", True), ("territories: [US]\n", False), ("territories: [US, FR]\n", True)]
)
def test_territories_select_packs(territories: str, there: bool, cli: Cli, show: Path) -> None:
    configure(show, territories)
    (show / "genai.yaml").write_text((show / "genai.yaml").read_text().replace("packs:", "packs:\n  - eu-ai-act-50"))
    (show / "f.yaml").write_text(as_yaml({**FINAL, "tag.could_mislead": "yes"}))
    found = cli("assess", "--from", show / "f.yaml", "--format", "json").json["findings"]
    assert ("ai-act-deep-fake" in {finding["rule"] for finding in found}) is there


@pytest.mark.parametrize(("purpose", "truth"), [("programme", True), ("pitch", False)])
def test_purpose_selects_packs(purpose: str, truth: bool) -> None:
    assert ("copyright-disclose" in standing("academy-copyright", {**FINAL, "uses[0].purpose": purpose})) is truth


def test_an_unknown_purpose_asks() -> None:
    tag, use = tag_and_use({**FINAL, "uses[0].purpose": "<taken out>"})
    (finding, *_) = [f for f in assess(tag, use, [builtin("academy-copyright")]).findings if f.rule == "copyright-disclose"]
    assert finding.open


def test_a_show_opts_in(cli: Cli, show: Path) -> None:
    (show / "f.yaml").write_text(as_yaml())
    config = show / "genai.yaml"
    config.write_text(config.read_text().replace("packs:", "packs:\n  - mpa-or-5"))
    assert cli("assess", "--from", show / "f.yaml", "--format", "json").json["outcome"] == "notify"
    configure(show, "binding: [mpa-or-5]\n")
    assert cli("assess", "--from", show / "f.yaml", "--format", "json").json["outcome"] == "written_approval"
    config.write_text(config.read_text().replace("[mpa-or-5]", "[mpa-or-6]"))
    ran = cli("assess", "--from", show / "f.yaml")
    assert (ran.code, "binding: 'mpa-or-6' is not among packs" in ran.err) == (4, True)


def test_facts_of_a_pack_are_typed_and_named(cli: Cli, show: Path) -> None:
    config = show / "genai.yaml"
    config.write_text(config.read_text().replace("packs:", "packs:\n  - house"))
    for facts, message in (
        ({"grey_area": "rotto"}, "'rotto' is not among"),
        ({"gray_area": "roto"}, "is declared by no pack in force"),
    ):
        (show / "f.yaml").write_text(as_yaml({F: facts}))
        ran = cli("declare", "--from", show / "f.yaml")
        assert ran.code == 3
        assert message in ran.err
    assert "tag.facts.grey_area (none | roto" in cli("policy", "show", "house").out
