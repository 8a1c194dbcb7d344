"""``notice``, ``answer``, ``approve``, ``reject``, ``revoke`` and the other kinds of evidence: one shape for all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import fnmatch
import glob
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import typer

from genai_tags.cli.common import emit, open_show
from genai_tags.cli.shape import ConsentShape, RevokeShape, Shape, command, day
from genai_tags.errors import UsageError
from genai_tags.evidence import Consent, Evidence, Scope
from genai_tags.ledger.chain import Event
from genai_tags.person import person
from genai_tags.private import keep_paper
from genai_tags.report.words import left_open
from genai_tags.show import Judged, Show
from genai_tags.territories import problem
from genai_tags.validity import Context
from genai_tags.vocabulary import REFUSALS, Answer, EvidenceKind, Signer

_VERBS: tuple[tuple[str, EvidenceKind, type[Shape], str], ...] = (
    ("notice", EvidenceKind.NOTICE, Shape, "Record that the client contact was told; --reason gives a judgement."),
    ("answer", EvidenceKind.ANSWER, Shape, "Record the client contact's answer that it may go ahead."),
    ("approve", EvidenceKind.APPROVAL, Shape, "Record a written approval."),
    ("reject", EvidenceKind.REJECTION, Shape, "Record that the client contact said no."),
    (
        "revoke",
        EvidenceKind.REVOCATION,
        RevokeShape,
        "Take back every notice, answer, approval and waiver of a tag, or what --event names, or a performer's consent.",
    ),
    ("waive", EvidenceKind.WAIVER, Shape, "Record a named person's waiver, with reason and end."),
    ("consent", EvidenceKind.TALENT_CONSENT, ConsentShape, "Record a performer's consent."),
    ("guild-consent", EvidenceKind.GUILD_CONSENT, Shape, "Record a guild's consent."),
    ("clearance", EvidenceKind.RIGHTS_CLEARANCE, Shape, "Record that rights are cleared."),
    ("legal-review", EvidenceKind.LEGAL_REVIEW, Shape, "Record that legal review passed."),
    ("human-review", EvidenceKind.HUMAN_INPUT, Shape, "Record that a person's input was reviewed."),
    ("label", EvidenceKind.LABEL, Shape, "Record that the audience is told, and how."),
)

_SIGNERS = {Signer.PERFORMER: "performer", Signer.ESTATE: "estate of", Signer.UNION: "union for"}
"""Who gave a consent, where no name is stated: performers stand in the ledger under their opaque ids."""
_WITHOUT_REF = {EvidenceKind.NOTICE, EvidenceKind.REQUEST, EvidenceKind.WAIVER}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for name, kind, shape, text in _VERBS:
        run: Callable[[Shape], None] = partial(give, name, kind)
        app.command(name, help=text)(command(shape, run))


def give(name: str, kind: EvidenceKind, given: Shape) -> None:
    """Record evidence of one kind, and say what it settled and what is still open."""
    check_options(name, kind, given)
    opened, by = open_show(given.show), person(given.by)
    ids, shots, evidence = made_of(opened, kind, given, by)
    opened.check_giver(evidence, by)
    before = standing(opened, ids, shots)
    if given.attach is not None:
        evidence = dataclasses.replace(evidence, attachment=keep_paper(opened, given.attach, not given.no_copy))
    event = opened.file(evidence, by)
    tell(opened, event, kind, ids, shots, before, given)


def made_of(show: Show, kind: EvidenceKind, given: Shape, by: str) -> tuple[list[str], list[str], Evidence]:
    """The tags and shots that are meant, and the evidence as the options say it. Raises UsageError for what does not fit."""
    ids, shots = resolve(show, given.targets or [])
    events = given.event or [] if isinstance(given, RevokeShape) else []
    _check_events(show, events, ids)
    ids = ids or list(
        dict.fromkeys(tag_id for tag_id, held in show.state.filed.items() if any(f.event in events for f in held))
    )
    _check_inputs(show, ids, given.input_ or [])
    talent = _talent(show, ids, kind, given.talent)
    consent = _consent(given) if isinstance(given, ConsentShape) else None
    signer = f"{_SIGNERS[consent.signed_by]} {', '.join(talent)}" if consent and consent.signed_by else None
    evidence = Evidence(
        kind=kind, tags=show.refs(ids), inputs=tuple(given.input_ or ()), talent=talent,
        given_by=given.given_by or signer or by, role=given.role, date=day(given.date, "--date") or show.today(),
        until=day(given.until, "--until"), ref=given.ref, reason=given.reason, conditions=tuple(given.condition or ()),
        scope=Scope(shots=tuple(given.shot or map(glob.escape, shots)), versions=tuple(given.version or ()), purposes=tuple(given.purpose or ()),
                    territories=tuple(given.territory or ())),
        revokes=tuple(events), consent=consent,
    )  # fmt: skip
    _check_dates(evidence, show.today())
    return ids, shots, evidence


def _consent(given: ConsentShape) -> Consent | None:
    stated = Consent(
        replica_type=given.replica_type, use=given.use, specific_use=Answer.YES if (given.use or "").strip() else Answer.UNSURE,
        signed_separately=given.signed_separately, signed_by=given.signed_by, notice=day(given.notice_date, "--notice-date"),
        compensated=given.compensated, project_scope=given.project,
    )  # fmt: skip
    return stated if stated != Consent() else None


def tell(
    show: Show,
    event: Event,
    kind: EvidenceKind,
    ids: list[str],
    shots: list[str],
    before: Sequence[Judged],
    given: Shape,
) -> None:
    """Print what was recorded, what that settled and what is still open."""
    left = [change(was, now) for was, now in zip(before, standing(show, ids, shots), strict=True)]
    document = {"schema": "genai_tags.evidence/1", "event": event.id, "kind": kind.value, "tags": ids, "left": left}
    emit(document, lambda: "\n".join(_lines(event.id, kind, left)), given.format_)


def change(was: Judged, now: Judged) -> dict[str, Any]:
    """What evidence did to one tag in one use."""
    settled = [need for need in was.verdict.unmet if need not in now.verdict.unmet]
    return {
        "id": now.tag_id, "shot": now.use.shot, "was": was.verdict.status.value, "status": now.verdict.status.value,
        "settled": settled, "unmet": list(now.verdict.unmet), "reasons": [reason.message for reason in now.verdict.reasons],
    }  # fmt: skip


def _lines(event: str, kind: EvidenceKind, left: list[dict[str, Any]]) -> list[str]:
    return [f"{kind.value} recorded as {event}", *(line for each in left for line in stands(each))]


def stands(each: Mapping[str, Any]) -> list[str]:
    """What evidence did to one tag, and why it stands where it does."""
    did = f"settled {', '.join(each['settled'])}; " if each["settled"] else "settled nothing; "
    head = f"{each['id']} {each['shot'] or ''} {each['status']}: {did}{left_open(each)}"
    why = [reason for reason in each["reasons"] if not reason.startswith("still needed")] if not each["settled"] else []
    return [head, *(f"  {reason}" for reason in why)]


def standing(show: Show, ids: list[str], shots: list[str]) -> list[Judged]:
    """Where the tags stand now, per use."""
    context = Context(as_of=show.today(), territories=show.config.territories)
    judged = [judged for tag_id in ids for judged in show.judge_uses(tag_id, context)]
    return [each for each in judged if not shots or each.use.shot in shots]


def resolve(show: Show, targets: list[str]) -> tuple[list[str], list[str]]:
    """The tags that ids and shots (or patterns of them) mean, and the shots that were named. Raises UsageError for what is neither."""
    ids: list[str] = []
    shots: list[str] = []
    for target in targets:
        if target in show.state.entries:
            ids.append(target)
        elif meant := _shots(show, target):
            ids.extend(tag_id for shot in meant for tag_id in show.state.in_shot(shot))
            shots.extend(meant)
        else:
            raise UsageError(f"{target!r} is neither a tag of this show nor a shot with one")
    if shots and any(target in show.state.entries for target in targets):
        raise UsageError("name tags or shots, not both: a shot limits the evidence to itself (or use --shot)")
    return list(dict.fromkeys(ids)), list(dict.fromkeys(shots))


def _shots(show: Show, target: str) -> list[str]:
    """The shot of that name, or those that fit it as a pattern."""
    shots = show.state.shots()
    return [target] if target in shots else [shot for shot in sorted(shots) if fnmatch.fnmatchcase(shot, target)]


# ---------------------------------------------------------------- checks


def check_options(name: str, kind: EvidenceKind, given: Shape) -> None:
    """What can be told from the options alone."""
    if kind not in _WITHOUT_REF and not (given.ref or "").strip():
        raise UsageError(f"{name} needs the paper that says so: --ref REF")
    if kind is EvidenceKind.WAIVER and given.until is None:
        raise UsageError("waive needs an end: --until YYYY-MM-DD")
    if kind is EvidenceKind.WAIVER and not (given.reason or "").strip():
        raise UsageError(f"{name} needs --reason TEXT")
    if given.no_copy and given.attach is None:
        raise UsageError("--no-copy goes with --attach FILE")
    if not given.targets and not (isinstance(given, RevokeShape) and given.event):
        raise UsageError("say which tags: an ID or a SHOT")
    if isinstance(given, RevokeShape) and given.event and (given.shot or given.version or given.purpose or given.territory):
        raise UsageError("--event takes that event back everywhere; leave --shot, --version, --purpose and --territory out")
    for option, values in (("--shot", given.shot), ("--version", given.version), ("--territory", given.territory)):
        if any(not value.strip() for value in values or ()):
            raise UsageError(f"{option} is empty")
    for wrong in filter(None, map(problem, given.territory or ())):
        raise UsageError(f"--territory: {wrong}")


def _talent(show: Show, ids: list[str], kind: EvidenceKind, stated: list[str] | None) -> tuple[str, ...]:
    """Consent must name its performer; where the tags know only one, that one is meant."""
    entries = [entry for tag_id in ids if (entry := show.state.current(tag_id))]
    known = {talent.id for entry in entries for talent in entry.record.tag.talent or () if talent.id}
    for each in stated or ():
        if each not in known:
            raise UsageError(f"--talent {each!r}: the tags name {', '.join(sorted(known)) or 'no performer'}")
    if stated or kind not in (EvidenceKind.TALENT_CONSENT, EvidenceKind.GUILD_CONSENT):
        return tuple(stated or ())
    if kind is EvidenceKind.TALENT_CONSENT and not any(entry.record.tag.talent for entry in entries):
        raise UsageError("the tags name no performer; whose consent would it be?")
    nameless = any(talent.id is None for entry in entries for talent in entry.record.tag.talent or ())
    if kind is EvidenceKind.TALENT_CONSENT and known and nameless:
        raise UsageError(
            "a performer of the tags has no id; give every one an id (declare --revise), or name one with --talent"
        )
    if kind is EvidenceKind.TALENT_CONSENT and len(known) > 1:
        raise UsageError(f"whose consent is it? Use --talent with one of {', '.join(sorted(known))}")
    return tuple(sorted(known)) if len(known) == 1 else ()


def _check_events(show: Show, events: list[str], ids: list[str]) -> None:
    """What is taken back must be evidence of these tags, or a clean statement."""
    refusals = {f.event for held in show.state.filed.values() for f in held if f.evidence.kind in REFUSALS}
    for each in refusals & set(events):
        raise UsageError(f"--event {each} is a refusal: only an approval of a later day, of all that was refused, lifts it")
    about = {filed.event for tag_id in (ids or show.state.filed) for filed in show.state.filed.get(tag_id, [])}
    about |= {filed.event.id for filed in show.state.clean}
    for each in events:
        if each not in about:
            raise UsageError(f"--event {each!r} is no evidence of these tags and no clean statement; genai-tags log lists them")


def _check_inputs(show: Show, ids: list[str], inputs: list[str]) -> None:
    entries = [entry for tag_id in ids if (entry := show.state.current(tag_id))]
    known = {item.id for entry in entries for step in entry.record.tag.steps or () for item in step.inputs or () if item.id}
    for each in inputs:
        if each not in known:
            raise UsageError(f"--input {each!r}: the tags name {', '.join(sorted(known)) or 'no input'}")


def _check_dates(evidence: Evidence, today: dt.date) -> None:
    if evidence.date > today:
        raise UsageError(f"--date {evidence.date} lies in the future; today is {today}")
    if evidence.until is not None and evidence.until < evidence.date:
        raise UsageError(f"--until {evidence.until} lies before --date {evidence.date}")
    if evidence.consent and evidence.consent.notice and evidence.consent.notice > evidence.date:
        raise UsageError(
            f"--notice-date {evidence.consent.notice} lies after --date {evidence.date}: notice comes before consent"
        )
