"""Every finding code: a small show where it must appear, compared whole, and a neighbour where it must not.

``GENAI_UPDATE=1 pytest tests/test_conform_scenarios.py`` writes the expected files again; read the difference before committing it.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genai_tags.carriers import exr
from genai_tags.conform.codes import CONFORM_CODES
from genai_tags.status import Status
from tests.facts import TALENT, UNSET
from tests.stage import FINAL, FIRST, LAST, SHOT, Stage, codes

EXPECTED = Path(__file__).parent / "scenarios"
Play = Callable[[Stage], dict[str, Any]]


def approved(s: Stage) -> dict[str, Any]:
    s.settled()
    return s.conform(s.edl(s.event()))


def no_record(s: Stage) -> dict[str, Any]:
    s.sequence()
    return s.conform(s.edl(s.event()))


def declared_clean(s: Stage, version: str = "v001") -> dict[str, Any]:
    s.sequence(version)
    s.do("clean", "--shots", "AGM_104_*", "--ref", "C-1", "--version", "v001", "--date", "2026-11-01")
    return s.conform(s.edl(s.event(version)))


def clean_inferred(s: Stage) -> dict[str, Any]:
    plate, comp = s.sequence("v001", SHOT[:-3] + "020"), s.sequence("v001")
    s.do("clean", plate, "--ref", "C-1")
    s.do("clean", comp, "--source", plate, "--ref", "C-2")
    return s.conform(s.edl(s.event()))


def outside_scope(s: Stage) -> dict[str, Any]:
    s.configure("  exclude: [AGM_104_*]\n")
    return s.conform(
        s.edl(s.event(), {**s.event(), "clip": "", "reel": "BL"}, {**s.event(shot="AGM_105_001_010"), "channel": "A2"})
    )


def allowed(s: Stage) -> dict[str, Any]:
    tag_id = s.declare()
    s.do("tag", s.sequence(), "--id", tag_id)
    s.do("notice", tag_id, "--reason", "out of focus", "--date", "2026-11-01")
    return s.conform(s.edl(s.event()))


def open_(s: Stage) -> dict[str, Any]:
    s.do("tag", s.sequence(), "--id", s.declare({**FINAL, "uses[0].presence": "prominent"}))
    return s.conform(s.edl(s.event()))


def open_for_a_reason(s: Stage) -> dict[str, Any]:
    tag_id = s.declare()
    s.do("tag", s.sequence(), "--id", tag_id)
    s.do("notice", tag_id, "--date", "2026-11-01")
    return s.conform(s.edl(s.event()))


def requested(s: Stage) -> dict[str, Any]:
    tag_id = s.declare({**FINAL, "uses[0].presence": "prominent"})
    s.do("tag", s.sequence(), "--id", tag_id)
    s.do("request", tag_id, "--date", "2026-11-01")
    return s.conform(s.edl(s.event()))


def conditional(s: Stage) -> dict[str, Any]:
    s.settled(condition="no close-up")
    return s.conform(s.edl(s.event()))


def waived(s: Stage) -> dict[str, Any]:
    tag_id = s.declare()
    s.do("tag", s.sequence(), "--id", tag_id)
    s.do("waive", tag_id, "--reason", "studio decision", "--until", "2026-12-31", "--date", "2026-11-01")
    return s.conform(s.edl(s.event()))


def rejected(s: Stage, later: str = "2026-11-01") -> dict[str, Any]:
    _, tag_id = s.settled()
    s.do("reject", tag_id, "--ref", "R-1", "--reason", "likeness", "--date", "2026-11-01")
    if later != "2026-11-01":
        s.approve(tag_id, date=later)
    return s.conform(s.edl(s.event()))


def revoked(s: Stage) -> dict[str, Any]:
    _, tag_id = s.settled()
    s.do("revoke", tag_id, "--ref", "R-1", "--date", "2026-11-02")
    return s.conform(s.edl(s.event()))


def expired(s: Stage, as_of: str = "2026-11-11") -> dict[str, Any]:
    s.settled(until="2026-11-10")
    return s.conform(s.edl(s.event()), "--as-of", as_of)


def stale(s: Stage, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    pattern, tag_id = s.settled()
    s.declare(changes or {**FINAL, "tag.steps[0].enterprise_agreement": "no"}, revise=tag_id)
    s.do("tag", pattern, "--id", tag_id)
    return s.conform(s.edl(s.event()))


def unresolved(s: Stage) -> dict[str, Any]:
    pattern, _ = s.settled()
    for event in (s.folder / ".genai" / "book").iterdir():
        event.unlink()
    assert pattern
    return s.conform(s.edl(s.event()))


def shot_out_of_scope(s: Stage, shot: str = "AGM_104_066_*") -> dict[str, Any]:
    s.settled(shot=shot)
    return s.conform(s.edl(s.event()))


def version_drift(s: Stage, in_cut: str = "v014") -> dict[str, Any]:
    pattern, tag_id = s.sequence("v012"), s.declare()
    s.do("tag", pattern, "--id", tag_id)
    s.approve(tag_id, version="v012")
    if in_cut != "v012":
        s.do("tag", s.sequence(in_cut), "--id", tag_id)
    return s.conform(s.edl(s.event(in_cut)))


def purpose_out_of_scope(s: Stage, purpose: str = "promo") -> dict[str, Any]:
    s.settled(purpose="programme")
    return s.conform(s.edl(s.event()), "--purpose", purpose)


def territory_out_of_scope(s: Stage, territories: str = "[US, GB]") -> dict[str, Any]:
    s.configure(f"territories: {territories}\n")
    s.settled(territory="US")
    return s.conform(s.edl(s.event()))


def replicated(
    s: Stage, work: str = "2026-10-20", project: str = "this_production", purpose: str = "programme"
) -> dict[str, Any]:
    """A replica with everything the rules ask for; consent is of 1 October."""
    changes = {
        **FINAL, "tag.talent": [TALENT], "tag.use_case": "talent_replication", "tag.answers.no_talent_replacement": "no",
        "tag.steps[0].at": work, "uses[0].purpose": purpose,
    }  # fmt: skip
    _, tag_id = s.settled(changes=changes)
    s.do("legal-review", tag_id, "--ref", "L-1", "--date", "2026-11-01")
    s.do("consent", tag_id, "--ref", "C-1", "--date", "2026-10-01", "--signed-by", "performer", "--project", project)
    return s.conform(s.edl(s.event()), *(("--purpose", purpose) if purpose != "programme" else ()))


def consent_out_of_project(s: Stage, project: str = "this_production") -> dict[str, Any]:
    return replicated(s, project=project, purpose="pitch")


def tool_finding(s: Stage, status: str = "withdrawn") -> dict[str, Any]:
    """An approved element whose tool was withdrawn; the client approved it all the same."""
    s.do("tools", "add", "Generator", "--date", "2026-10-01")
    if status != "allowed":
        s.do("tools", "review", "Generator", "--status", status, "--reason", "new terms", "--date", "2026-10-10")
    s.settled(date="2026-11-21")
    document = s.conform(s.edl(s.event()))
    document["register"] = document["register"].partition(":")[0]
    return document


def temp_in_final(s: Stage, cut: str = "final") -> dict[str, Any]:
    tag_id = s.declare({})
    s.do("tag", s.sequence(), "--id", tag_id)
    s.approve(tag_id)
    return s.conform(s.edl(s.event()), "--stage", cut)


def undeclared_part(s: Stage) -> dict[str, Any]:
    """Frames of an approved element that were rendered through a model nobody declared."""
    pattern, _ = s.settled()
    for frame in range(FIRST, LAST + 1):
        path = pattern.replace("%04d", str(frame))
        exr.write(path, dataclasses.replace(exr.read(path).tags, undeclared=1))
    return s.conform(s.edl(s.event()))


def undeclared_use(s: Stage, shot: str = "AGM_104_099_010") -> dict[str, Any]:
    tag_id = s.declare()
    s.do("tag", s.sequence(shot=shot), "--id", tag_id)
    s.approve(tag_id)
    return s.conform(s.edl(s.event(shot=shot)))


def tagged_in_handles(s: Stage, first: int = 1004) -> dict[str, Any]:
    s.sequence()
    tag_id = s.declare({**FINAL, "uses[0].shot": UNSET})
    s.do("tag", s.media / f"{SHOT}_comp_NFX_v001.1001-1003#.exr", "--id", tag_id)
    s.approve(tag_id)
    return s.conform(s.edl(s.event(first=first, last=1008)))


def stated_outside_the_use(s: Stage) -> dict[str, Any]:
    s.sequence()
    s.declare({**FINAL, "uses[0].frames": "1001-1003"})
    return s.conform(s.edl(s.event(first=1004, last=1008)))


def partly_tagged(s: Stage, last: int = 1010) -> dict[str, Any]:
    s.sequence()
    tag_id = s.declare()
    s.do("tag", s.media / f"{SHOT}_comp_NFX_v001.1001-1006#.exr", "--id", tag_id)
    s.approve(tag_id)
    return s.conform(s.edl(s.event(last=last)))


def tag_lost(s: Stage, again: bool = False) -> dict[str, Any]:
    _, tag_id = s.settled()
    pattern = s.sequence()  # rendered once more, without the tags
    if again:
        s.do("tag", pattern, "--id", tag_id)
    return s.conform(s.edl(s.event()))


def header_mismatch(s: Stage, again: bool = False) -> dict[str, Any]:
    pattern, tag_id = s.settled()
    s.declare({**FINAL, "tag.element": "another cloud"}, revise=tag_id)
    if again:
        s.do("tag", pattern, "--id", tag_id)
    return s.conform(s.edl(s.event()))


def tag_damaged(s: Stage) -> dict[str, Any]:
    _, tag_id = s.settled()
    for path in s.media.iterdir():
        path.write_bytes(path.read_bytes().replace(b'{"more":0,', b'{"more":0.'))
    assert tag_id
    return s.conform(s.edl(s.event()))


def hint_only(s: Stage, shot: str = "plate_7") -> dict[str, Any]:
    tag_id = s.declare()
    s.approve(tag_id)
    event = {
        **s.event(),
        "clip": f"{shot}_comp_v001",
        "comment": f"* GENAI: v=1 id={tag_id} clip={shot}_comp_v001 status=approved",
    }
    return s.conform(s.edl(event), media=False)


def clean_contradicted(s: Stage) -> dict[str, Any]:
    s.settled()
    s.do("clean", "--shots", SHOT, "--ref", "C-1", "--date", "2026-11-01")
    return s.conform(s.edl(s.event()))


def media_missing(s: Stage) -> dict[str, Any]:
    s.sequence(shot="AGM_104_001_010")
    s.approve(s.declare())
    return s.conform(s.edl(s.event()))


def media_unreadable(s: Stage) -> dict[str, Any]:
    s.settled()
    (s.media / f"{SHOT}_comp_NFX_v001.1004.exr").write_bytes(b"not a frame any more")
    return s.conform(s.edl(s.event()))


def frames_missing(s: Stage) -> dict[str, Any]:
    s.settled()
    return s.conform(s.edl(s.event(last=1012)))


def frames_unknown(s: Stage, timecode: bool = False) -> dict[str, Any]:
    pattern, tag_id = s.sequence(), s.declare()
    if not timecode:
        for path in s.media.iterdir():
            path.write_bytes(path.read_bytes().replace(b"timeCode\0", b"someCode\0"))
    s.do("tag", pattern, "--id", tag_id)
    s.approve(tag_id)
    return s.conform(s.edl(s.event()))


def ambiguous_match(s: Stage) -> dict[str, Any]:
    s.settled()
    s.sequence(folder="old")
    return s.conform(s.edl(s.event()))


def event_problem(s: Stage, length: str = "5") -> dict[str, Any]:
    s.settled()
    return s.conform(s.edl({**s.event(), "length": length}))


def rate_assumed(s: Stage) -> dict[str, Any]:
    s.settled()
    return s.conform(s.edl(s.event()), "--no-rate")


def rate_of_the_show(s: Stage) -> dict[str, Any]:
    s.settled()
    s.configure("rate: 24\n")
    return s.conform(s.edl(s.event()), "--no-rate")


def unread_line(s: Stage) -> dict[str, Any]:
    s.settled()
    return s.conform(s.edl({**s.event(), "comment": "THIS IS NO STATEMENT"}))


def name_conflict(s: Stage, named: str = "v009") -> dict[str, Any]:
    s.settled()
    return s.conform(s.edl({**s.event(named), "comment": f"* SOURCE FILE: {SHOT}_comp_NFX_v001.1001.exr"}))


def empty_cut(s: Stage) -> dict[str, Any]:
    s.settled()
    cut = s.otio(str(s.media / "x.%04d.exr"))
    document = json.loads(cut.read_text())
    document["tracks"]["children"][0]["children"] = []
    cut.write_text(json.dumps(document))
    return s.conform(cut)


def ledger_problem(s: Stage) -> dict[str, Any]:
    s.settled()
    (s.folder / ".genai" / "book" / "other-00000001.json").write_text('{"schema": "genai_tags.event/1"')
    return s.conform(s.edl(s.event()))


def prohibited(s: Stage, impact: str = "yes") -> dict[str, Any]:
    pack = s.folder / "house.yaml"
    rule = "{id: no-union-work, kind: always, title: T, cite: all, when: {tag.union_role_impact: yes}, outcome: prohibited, message: Never.}"
    head = "schema: genai_tags.pack/1\nid: our-house\ntitle: House\nparty: us\nversion: '1'\nsource: 'https://example.com/'\n"
    pack.write_text(f"{head}retrieved: '2026-01-01'\neffective: '2026-01-01'\nanchors: {{all: '#a'}}\nrules: [{rule}]\n")
    config = s.folder / "genai.yaml"
    config.write_text(config.read_text().replace('packs:\n  - "netflix-2025-08"', "packs: [house.yaml]"))
    s.do("tag", s.sequence(), "--id", s.declare({**FINAL, "tag.union_role_impact": impact}))
    return s.conform(s.edl(s.event()))


def out_of_scope_by_talent(s: Stage, talent: str = "T08") -> dict[str, Any]:
    people = [TALENT, {**TALENT, "id": "T08"}]
    tag_id = s.declare({**FINAL, "tag.talent": people, "tag.answers.no_talent_replacement": "no"})
    s.do("tag", s.sequence(), "--id", tag_id)
    s.approve(tag_id)
    s.do("legal-review", tag_id, "--ref", "L-1")
    for each in {"T08", talent}:
        s.do("consent", tag_id, "--ref", "CONSENT-1", "--talent", each, "--date", "2026-11-01")
    return s.conform(s.edl(s.event()))


def same_facts_again(s: Stage) -> dict[str, Any]:
    return stale(s, {**FINAL, "tag.element": "another name for it"})


PLAYS: dict[str, tuple[str | None, Status, Play, Play]] = {
    # name: finding code, status of the first event, where it appears, where it must not
    "approved": (None, Status.APPROVED, approved, no_record),
    "clean": (None, Status.CLEAN, declared_clean, no_record),
    "clean_inferred": (None, Status.CLEAN_INFERRED, clean_inferred, no_record),
    "outside_scope": (None, Status.OUTSIDE_SCOPE, outside_scope, no_record),
    "allowed": (None, Status.ALLOWED, allowed, open_),
    "no_record": ("no_record", Status.NO_RECORD, no_record, declared_clean),
    "open": ("open", Status.OPEN, open_, allowed),
    "open_for_a_reason": ("open", Status.OPEN, open_for_a_reason, allowed),
    "open_for_one_performer": ("open", Status.OPEN, out_of_scope_by_talent, lambda s: out_of_scope_by_talent(s, "T07")),
    "prohibited": ("prohibited", Status.REJECTED, prohibited, lambda s: prohibited(s, "no")),
    "requested": ("requested", Status.REQUESTED, requested, open_),
    "conditional": ("conditional", Status.CONDITIONAL, conditional, approved),
    "waived": ("waived", Status.WAIVED, waived, approved),
    "rejected": ("rejected", Status.REJECTED, rejected, lambda s: rejected(s, "2026-11-02")),
    "revoked": ("revoked", Status.REVOKED, revoked, approved),
    "expired": ("expired", Status.EXPIRED, expired, lambda s: expired(s, "2026-11-10")),
    "stale": ("stale", Status.STALE, stale, same_facts_again),
    "unresolved": ("unresolved", Status.UNRESOLVED, unresolved, approved),
    "shot_out_of_scope": (
        "shot_out_of_scope",
        Status.OUT_OF_SCOPE,
        shot_out_of_scope,
        lambda s: shot_out_of_scope(s, "AGM_104_065_*"),
    ),
    "version_drift": ("version_drift", Status.OUT_OF_SCOPE, version_drift, lambda s: version_drift(s, "v012")),
    "purpose_out_of_scope": (
        "purpose_out_of_scope",
        Status.OUT_OF_SCOPE,
        purpose_out_of_scope,
        lambda s: purpose_out_of_scope(s, "programme"),
    ),
    "territory_out_of_scope": (
        "territory_out_of_scope",
        Status.OUT_OF_SCOPE,
        territory_out_of_scope,
        lambda s: territory_out_of_scope(s, "[US]"),
    ),
    "consent_after_work": ("consent_after_work", Status.OUT_OF_SCOPE, lambda s: replicated(s, "2026-09-30"), replicated),
    "consent_out_of_project": (
        "consent_out_of_project",
        Status.OUT_OF_SCOPE,
        consent_out_of_project,
        lambda s: consent_out_of_project(s, "other"),
    ),
    "tool_finding": ("tool_finding", Status.APPROVED, tool_finding, lambda s: tool_finding(s, "allowed")),
    "temp_in_final": ("temp_in_final", Status.APPROVED, temp_in_final, lambda s: temp_in_final(s, "temp")),
    "undeclared_part": ("undeclared_part", Status.NO_RECORD, undeclared_part, approved),
    "undeclared_use": ("undeclared_use", Status.OUT_OF_SCOPE, undeclared_use, lambda s: undeclared_use(s, SHOT)),
    "tagged_in_handles": ("tagged_in_handles", Status.OUTSIDE_SCOPE, tagged_in_handles, lambda s: tagged_in_handles(s, 1001)),
    "stated_outside_the_use": ("tagged_in_handles", Status.NO_RECORD, stated_outside_the_use, approved),
    "partly_tagged": ("partly_tagged", Status.APPROVED, partly_tagged, lambda s: partly_tagged(s, 1006)),
    "tag_lost": ("tag_lost", Status.APPROVED, tag_lost, lambda s: tag_lost(s, again=True)),
    "header_mismatch": ("header_mismatch", Status.APPROVED, header_mismatch, lambda s: header_mismatch(s, again=True)),
    "tag_damaged": ("tag_damaged", Status.APPROVED, tag_damaged, approved),
    "hint_only": ("hint_only", Status.OPEN, hint_only, lambda s: hint_only(s, SHOT)),
    "clean_contradicted": ("clean_contradicted", Status.APPROVED, clean_contradicted, approved),
    "clean_outdated": ("clean_outdated", Status.NO_RECORD, lambda s: declared_clean(s, "v002"), declared_clean),
    "media_missing": ("media_missing", Status.APPROVED, media_missing, approved),
    "media_unreadable": ("media_unreadable", Status.APPROVED, media_unreadable, approved),
    "frames_missing": ("frames_missing", Status.APPROVED, frames_missing, approved),
    "frames_unknown": ("frames_unknown", Status.APPROVED, frames_unknown, lambda s: frames_unknown(s, timecode=True)),
    "ambiguous_match": ("ambiguous_match", Status.APPROVED, ambiguous_match, approved),
    "event_problem": ("event_problem", Status.APPROVED, event_problem, lambda s: event_problem(s, "10")),
    "rate_assumed": ("rate_assumed", Status.APPROVED, rate_assumed, rate_of_the_show),
    "unread_line": ("unread_line", Status.APPROVED, unread_line, approved),
    "name_conflict": ("name_conflict", Status.APPROVED, name_conflict, lambda s: name_conflict(s, "v001")),
    "empty_cut": ("empty_cut", Status.NO_RECORD, empty_cut, approved),
    "ledger_problem": ("ledger_problem", Status.APPROVED, ledger_problem, approved),
}


@pytest.mark.parametrize("name", PLAYS)
def test_a_show_compared_whole(name: str, stage: Stage) -> None:
    code, status, play, _ = PLAYS[name]
    document = play(stage)
    assert [event["status"] for event in document["events"]][:1] in ([status.value], [])
    assert code is None or code in codes(document)
    path = EXPECTED / f"{name}.json"
    if os.environ.get("GENAI_UPDATE"):
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    assert document == json.loads(path.read_text())


@pytest.mark.parametrize("name", PLAYS)
def test_a_neighbour_without_it(name: str, stage: Stage) -> None:
    code, status, _, neighbour = PLAYS[name]
    document = neighbour(stage)
    if code is None:
        assert document["events"][0]["status"] != status.value
    else:
        assert code not in codes(document)


def test_every_code_has_its_show() -> None:
    shown = {finding["code"] for path in EXPECTED.glob("*.json") for finding in _all_findings(json.loads(path.read_text()))}
    assert shown == set(CONFORM_CODES) - {"out_of_scope"}  # the four reasons for it have codes of their own


def _all_findings(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for place in (document, *document["cuts"], *document["events"]) for f in place["findings"]]


def test_every_status_has_its_show() -> None:
    shown = {event["status"] for path in EXPECTED.glob("*.json") for event in json.loads(path.read_text())["events"]}
    assert shown == {status.value for status in Status}
