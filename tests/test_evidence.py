"""Evidence by the command line: consent and its facts, roles and refusals, redaction, waivers, and verdicts as of a day."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from genai_tags.evidence import Consent
from genai_tags.policy.pack import builtin
from genai_tags.show import Show
from genai_tags.status import Status
from genai_tags.validity import Context, given_facts
from genai_tags.verdict import judge
from genai_tags.vocabulary import Answer, ReplicaType, Signer
from tests.conftest import Cli
from tests.facts import STEP, TALENT, as_yaml
from tests.test_status import given_, record

SHOT = "AGM_104_065_010"
REPLICA = {"tag.talent": [TALENT], "tag.use_case": "talent_replication", "tag.answers.no_talent_replacement": "no",
           "tag.steps[0].at": "2026-10-12"}  # fmt: skip


def declare(cli: Cli, show: Path, changes: dict[str, Any], *more: object) -> str:
    (show / "f.yaml").write_text(as_yaml(changes))
    ran = cli("declare", "--from", show / "f.yaml", "--format", "json", *more)
    assert ran.code == 0, ran.err
    return str(ran.json["id"])


def roles(show: Path, text: str) -> None:
    with (show / "genai.yaml").open("a") as stream:
        stream.write(text)


# ---------------------------------------------------------------- consent


DAYS = [
    # the day of the steps, the day of consent, whether it came before the work
    (["2026-10-12"], "2026-10-11", Answer.YES), (["2026-10-12"], "2026-10-12", Answer.UNSURE), (["2026-10-12"], "2026-10-13", Answer.NO),
    (["2026-10-12", None], "2026-10-11", Answer.UNSURE), (["2026-10-12", None], "2026-10-13", Answer.NO), ([None], "2026-10-11", Answer.UNSURE),
    (["2026-10-12", "2026-10-01"], "2026-10-05", Answer.NO),
]  # fmt: skip


@pytest.mark.parametrize(("work", "consent", "before"), DAYS)
def test_consent_comes_before_the_work_or_nobody_can_tell(work: list[str | None], consent: str, before: Answer) -> None:
    undated = {name: value for name, value in STEP.items() if name != "at"}
    steps = [{**undated, **({"at": day} if day else {})} for day in work]
    evidence = given_("talent_consent", 1, dt.date.fromisoformat(consent)).evidence
    assert given_facts(evidence, record({"tag.steps": steps})).before_work is before


@pytest.mark.parametrize(
    ("told", "answer"),
    [("2026-10-09", Answer.YES), ("2026-10-10", Answer.UNSURE), ("2026-10-11", Answer.NO), (None, Answer.UNSURE)],
)
def test_two_days_apart_may_be_less_than_48_hours(told: str | None, answer: Answer) -> None:
    consent = Consent(notice=dt.date.fromisoformat(told) if told else None)
    evidence = given_("talent_consent", 1, consent=consent).evidence
    assert given_facts(evidence, record({"tag.steps[0].at": "2026-10-12"})).notice_48h is answer


FULL = ("--replica-type", "employment_based", "--use", "one flashback", "--signed-separately", "yes", "--signed-by", "performer",
        "--notice-date", "2026-10-01", "--compensated", "yes", "--project", "this_production", "--date", "2026-10-05")  # fmt: skip


def test_a_consent_is_kept_with_its_facts_and_its_words_privately(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show, REPLICA)
    ran = cli("consent", tag_id, "--ref", "C-1", *FULL, "--format", "json")
    assert "talent_consent of T07" in ran.json["left"][0]["settled"]
    opened = Show.open(str(show))
    (filed,) = opened.state.filed[tag_id]
    assert filed.evidence.given_by == "performer T07"
    assert filed.evidence.consent == Consent(
        replica_type=ReplicaType.EMPLOYMENT_BASED, specific_use=Answer.YES, signed_separately=Answer.YES, signed_by=Signer.PERFORMER,
        notice=dt.date(2026, 10, 1), compensated=Answer.YES, project_scope="this_production",  # type: ignore[arg-type]
    )  # fmt: skip
    assert not any("flashback" in path.read_text() for path in (show / ".genai" / "book").iterdir())
    (event,) = [event for event in opened.state.events if event.kind == "evidence"]
    assert opened.book.private(event.body["private"]) == {"consent.use": "one flashback"}


LACKS = [
    ("--signed-separately", "no", "signed_separately = no"), ("--signed-by", None, "signed_by not stated"), ("--use", None, "specific_use not stated"),
    ("--compensated", "unsure", "compensated not stated"), ("--notice-date", "2026-10-10", "lies after"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "value", "message"), LACKS)
def test_a_binding_agreement_says_what_a_consent_lacks(
    option: str, value: str | None, message: str, cli: Cli, show: Path
) -> None:
    config = show / "genai.yaml"
    config.write_text(config.read_text().replace("packs:", "packs:\n  - sag-aftra-2026") + "binding: [sag-aftra-2026]\n")
    tag_id = declare(cli, show, REPLICA)
    place = FULL.index(option)
    given = [*FULL[:place], *((option, value) if value else ()), *FULL[place + 2 :]]
    ran = cli("consent", tag_id, "--ref", "C-1", *given)
    assert message in ran.out + ran.err
    assert "settled talent_consent" not in ran.out
    ran = cli("consent", tag_id, "--ref", "C-2", *FULL)
    assert "settled talent_consent of T07" in ran.out


def test_a_waiver_stands_in_for_a_consent_that_came_late() -> None:
    late = record({**REPLICA, "uses[0].stage": "final", "tag.answers.temporary": "no"})
    packs = [builtin("netflix-2025-08")]
    from genai_tags.policy.engine import assess

    def status(*filed: Any) -> Status:
        context = Context(as_of=dt.date(2026, 11, 21), shot=SHOT, in_cut=True)
        return judge(late, late.uses[0], assess(late.tag, late.uses[0], packs), filed, context, packs, {1: late}).status

    settled = [given_("approval", 1), given_("legal_review", 2), given_("talent_consent", 3, talent=("T07",))]
    assert status(*settled) is Status.OUT_OF_SCOPE
    assert status(*settled, given_("waiver", 4, reason="signed on the day of the scan", talent=("T07",))) is Status.WAIVED


# ---------------------------------------------------------------- who may give what


def test_a_refused_attempt_is_on_record_and_leaves_no_paper(cli: Cli, show: Path) -> None:
    roles(show, "roles:\n  approval: [client_contact]\n  clean: [supervisor]\n")
    tag_id = declare(cli, show, {})
    (show / "paper.txt").write_text("approved!")
    ran = cli("approve", tag_id, "--ref", "A-1", "--role", "artist", "--given-by", "A. Artist", "--attach", show / "paper.txt")
    assert (ran.code, "recorded as testwriter-2" in ran.err) == (2, True)
    assert cli("clean", "--shots", "S*", "--ref", "C-1", "--role", "runner").code == 2
    log = cli("log", "--format", "json").json["events"]
    assert [event["kind"] for event in log] == ["record", "refused", "refused"]
    assert log[1]["body"]["refused"] == {
        "kind": "approval", "role": "artist", "given_by": "A. Artist", "about": [tag_id],
        "why": "approval may be given by client_contact in this show, not by artist; see roles: in genai.yaml",
    }  # fmt: skip
    assert len(list((show / ".genai" / "private").iterdir())) == 1  # the record's own
    assert cli("assess", tag_id, "--format", "json").json["status"] == "open"
    assert cli("log", "--verify").code == 0


def test_only_writers_whom_the_show_names_count(cli: Cli, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tag_id = declare(cli, show, {})
    assert cli("notice", tag_id, "--ref", "M-1").code == 0
    assert cli("assess", tag_id, "--format", "json").json["status"] == "allowed"
    roles(show, "writers:\n  otherwriter: {name: Other, gives: [approval]}\n")
    assert cli("assess", tag_id, "--format", "json").json["status"] == "open"
    ran = cli("notice", tag_id, "--ref", "M-2")
    assert (ran.code, "recorded by testwriter does not count" in ran.err) == (2, True)
    monkeypatch.setenv("GENAI_WRITER", "otherwriter")
    assert cli("notice", tag_id, "--ref", "M-3").code == 2
    assert cli("approve", tag_id, "--ref", "A-3").code == 0
    assert cli("reject", tag_id, "--ref", "A-4").code == 0  # a refusal counts whoever gave it
    assert cli("assess", tag_id, "--format", "json").json["status"] == "rejected"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roles: {aproval: [x]}\n", "did you mean 'approval'?"),
        ("writers: {X: {name: A}}\n", "is no name of a writer"),
        ("writers: {abcd: {nam: A}}\n", "must be a mapping with a name"),
        ("writers: {abcd: {name: A, gives: [everything]}}\n", "is no kind of evidence"),
        ("register: {terms_days: soon}\n", "must be a number of days"),
        ("register: {fiel: x}\n", "did you mean 'file'?"),
        ("binding: [x]\n", "is not among packs"),
        ("register: {file: nowhere.yaml}\n", "the tool register cannot be read"),
        ("writers: {}\n", "names nobody"),
        ("territories: [US, world wide]\n", "write WORLD"),
        ("territories: [USA]\n", "is no territory"),
    ],
)
def test_what_is_wrong_in_genai_yaml_is_said(text: str, message: str, cli: Cli, show: Path) -> None:
    declare(cli, show, {})
    roles(show, text)
    ran = cli("find")
    assert (ran.code, message in ran.err) == (4, True), ran.err


# ---------------------------------------------------------------- redaction


def test_a_redacted_payload_is_gone_and_the_chain_holds(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show, {})
    (show / "paper.txt").write_text("signed by Jane Doe")
    assert cli("notice", tag_id, "--ref", "M-1", "--attach", show / "paper.txt").code == 0
    assert cli("notice", tag_id, "--ref", "M-2", "--attach", show / "paper.txt").code == 0
    status = cli("assess", tag_id, "--format", "json").json["status"]
    private = show / ".genai" / "private"
    assert len(list(private.iterdir())) == 2
    ran = cli("redact", tag_id, "testwriter-2", "--reason", "asked for", "--format", "json")
    assert [(each["event"], each["erased"], each["shared_with"]) for each in ran.json["redacted"]] == [
        ("testwriter-1", 1, []),
        ("testwriter-2", 1, ["testwriter-3"]),
    ]
    assert list(private.iterdir()) == []
    assert cli("log", "--verify").code == 0
    assert cli("assess", tag_id, "--format", "json").json["status"] == status
    assert cli("find", "--private", "--format", "json").json["rows"][0]["element"] is None
    again = cli("redact", tag_id, "--reason", "again", "--format", "json")
    assert [each["erased"] for each in again.json["redacted"]] == [0]


def test_a_payload_that_comes_back_after_its_redaction_is_named(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show, {})
    (path,) = (show / ".genai" / "private").iterdir()
    kept = path.read_bytes()
    assert cli("redact", tag_id, "--reason", "asked for").code == 0
    path.write_bytes(kept)
    ran = cli("log", "--verify", "--format", "json")
    assert [problem["code"] for problem in ran.json["problems"]] == ["unerased"]
    assert cli("redact", tag_id, "--reason", "once more").code == 0
    assert cli("log", "--verify").code == 0


def test_redact_does_all_or_nothing(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show, {})
    assert cli("notice", tag_id, "--ref", "M-1").code == 0
    before = sorted(str(path) for path in (show / ".genai").rglob("*"))
    for arguments in ((tag_id, "testwriter-2"), (tag_id, "testwriter-99"), ("nothing",)):
        assert cli("redact", *arguments, "--reason", "asked for").code == 2
    assert cli("redact", tag_id, "--reason", " ").code == 2
    assert sorted(str(path) for path in (show / ".genai").rglob("*")) == before


def test_a_paper_may_be_kept_by_digest_alone(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show, {})
    (show / "paper.txt").write_text("signed by Jane Doe")
    assert cli("notice", tag_id, "--ref", "M-1", "--attach", show / "paper.txt", "--no-copy").code == 0
    (filed,) = Show.open(str(show)).state.filed[tag_id]
    assert filed.evidence.attachment == hashlib.sha256(b"signed by Jane Doe").hexdigest()
    assert len(list((show / ".genai" / "private").iterdir())) == 1


# ---------------------------------------------------------------- as of a day


def test_a_verdict_as_of_a_day_is_of_the_revision_of_that_day(cli: Cli, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_NOW", "2026-10-01T12:00:00Z")
    tag_id = declare(cli, show, {})
    cli("notice", tag_id, "--ref", "M-1")
    monkeypatch.setenv("GENAI_NOW", "2026-10-10T12:00:00Z")
    declare(cli, show, {"tag.key_element": "key_visual"}, "--revise", tag_id)
    monkeypatch.setenv("GENAI_NOW", "2026-11-21T12:00:00Z")

    def status(day: str) -> str:
        return str(cli("assess", tag_id, "--as-of", day, "--format", "json").json["status"])

    assert [status(day) for day in ("2026-09-30", "2026-10-01", "2026-10-09", "2026-10-10", "2026-11-21", "2027-01-01")] == [
        "open", "allowed", "allowed", "stale", "stale", "stale",
    ]  # fmt: skip


def test_a_clock_set_back_does_not_take_a_revision_into_the_past(cli: Cli, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_NOW", "2026-10-10T12:00:00Z")
    tag_id = declare(cli, show, {"tag.key_element": "key_visual"})
    monkeypatch.setenv("GENAI_NOW", "2026-09-01T12:00:00Z")
    declare(cli, show, {}, "--revise", tag_id)
    monkeypatch.setenv("GENAI_NOW", "2026-11-21T12:00:00Z")
    opened = Show.open(str(show))
    assert {entry.at[:10] for held in opened.state.entries[tag_id].values() for entry in held} == {"2026-10-10"}


def test_days_end_in_the_time_zone_of_the_show(cli: Cli, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles(show, "time_zone: America/Los_Angeles\n")
    monkeypatch.setenv("GENAI_NOW", "2026-10-02T05:00:00Z")  # still the first in Los Angeles
    tag_id = declare(cli, show, {})
    monkeypatch.setenv("GENAI_NOW", "2026-10-02T08:00:00Z")
    declare(cli, show, {"tag.key_element": "key_visual"}, "--revise", tag_id)
    monkeypatch.setenv("GENAI_NOW", "2026-11-21T12:00:00Z")
    opened = Show.open(str(show))
    found = [opened.current(tag_id, dt.date(2026, 10, day)) for day in (1, 2)]
    assert [entry.record.revision for entry in found if entry] == [1, 2]
    assert json.loads(cli("find", "--as-of", "2026-10-01", "--format", "json").out)["rows"][0]["revision"] == 1


def test_what_was_declared_later_was_not_approved_then(cli: Cli, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_NOW", "2026-10-05T12:00:00Z")
    tag_id = declare(cli, show, {})
    cli("approve", tag_id, "--ref", "A-1", "--date", "2026-09-01")
    monkeypatch.setenv("GENAI_NOW", "2026-11-21T12:00:00Z")
    before = cli("assess", tag_id, "--as-of", "2026-09-10", "--format", "json").json
    assert (before["status"], before["items"][0]["reasons"][0]["message"][:29]) == ("open", "it was declared on 2026-10-05")
    assert cli("assess", tag_id, "--as-of", "2026-10-05", "--format", "json").json["status"] == "approved"


def test_a_refusal_is_not_revoked_but_lifted(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show, {})
    event = cli("reject", tag_id, "--ref", "R-1", "--format", "json").json["event"]
    ran = cli("revoke", tag_id, "--ref", "R-2", "--event", event)
    assert (ran.code, "only an approval of a later day" in ran.err) == (2, True)
    assert "only an approval of a later day lifts that" in cli("assess", tag_id).out
