"""``notice``, ``answer``, ``approve``, ``reject``, ``revoke`` and the other kinds of evidence: one shape for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated

import typer

from genai_tags.cli.common import ByOption, Format, FormatOption, ShowOption, emit, open_show, person
from genai_tags.codec import parse_date
from genai_tags.errors import UsageError
from genai_tags.evidence import Evidence, Scope
from genai_tags.show import Show
from genai_tags.validity import Context
from genai_tags.vocabulary import EvidenceKind, Purpose

_VERBS: tuple[tuple[str, EvidenceKind, str], ...] = (
    ("notice", EvidenceKind.NOTICE, "Record that the client contact was told; --reason gives a judgement."),
    ("request", EvidenceKind.REQUEST, "Record that the client contact was asked."),
    ("answer", EvidenceKind.ANSWER, "Record the client contact's answer that it may go ahead."),
    ("approve", EvidenceKind.APPROVAL, "Record a written approval."),
    ("reject", EvidenceKind.REJECTION, "Record that the client contact said no."),
    (
        "revoke",
        EvidenceKind.REVOCATION,
        "Take back every notice, answer, approval and waiver of a tag, or what --event names, or a performer's consent.",
    ),
    ("waive", EvidenceKind.WAIVER, "Record a named person's waiver, with reason and end."),
    ("consent", EvidenceKind.TALENT_CONSENT, "Record a performer's consent."),
    ("guild-consent", EvidenceKind.GUILD_CONSENT, "Record a guild's consent."),
    ("clearance", EvidenceKind.RIGHTS_CLEARANCE, "Record that rights are cleared."),
    ("legal-review", EvidenceKind.LEGAL_REVIEW, "Record that legal review passed."),
    ("human-review", EvidenceKind.HUMAN_INPUT, "Record that a person's input was reviewed."),
)

_NEEDS_REF = {kind for _, kind, _ in _VERBS} - {EvidenceKind.NOTICE, EvidenceKind.REQUEST, EvidenceKind.WAIVER}
_NEEDS_REASON = {EvidenceKind.WAIVER}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for name, kind, text in _VERBS:
        app.command(name, help=text)(_verb(name, kind))


def day(text: str | None, option: str) -> dt.date | None:
    """A date option. Raises UsageError for a day that does not exist."""
    if text is None:
        return None
    try:
        return parse_date(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _verb(name: str, kind: EvidenceKind) -> Callable[..., None]:
    def verb(
        targets: Annotated[
            list[str] | None, typer.Argument(metavar="(ID | SHOT)...", help="Tags, or shots: every tag used there.")
        ] = None,
        ref: Annotated[str | None, typer.Option("--ref", help="The paper, mail or ticket that says so.")] = None,
        role: Annotated[
            str | None, typer.Option("--role", help="The role in which it is given, such as client_contact.")
        ] = None,
        date: Annotated[str | None, typer.Option("--date", help="The day on the paper, YYYY-MM-DD; else today.")] = None,
        by: ByOption = None,
        given_by: Annotated[str | None, typer.Option("--given-by", help="Who gave it, if not the one who records it.")] = None,
        reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
        shot: Annotated[
            list[str] | None, typer.Option("--shot", help="Only for these shots, by pattern; repeat for several.")
        ] = None,
        version: Annotated[list[str] | None, typer.Option("--version", help="Only for these versions.")] = None,
        purpose: Annotated[list[Purpose] | None, typer.Option("--purpose", help="Only for these purposes.")] = None,
        territory: Annotated[list[str] | None, typer.Option("--territory", help="Only for these territories.")] = None,
        until: Annotated[str | None, typer.Option("--until", help="Holds through the end of this day.")] = None,
        condition: Annotated[
            list[str] | None, typer.Option("--condition", help="On this condition; repeat for several.")
        ] = None,
        talent: Annotated[list[str] | None, typer.Option("--talent", help="The performer's id that it is about.")] = None,
        input_: Annotated[list[str] | None, typer.Option("--input", help="The input's id that it is about.")] = None,
        event: Annotated[list[str] | None, typer.Option("--event", help="With revoke: the ledger event to take back.")] = None,
        attach: Annotated[
            str | None, typer.Option("--attach", metavar="FILE", help="Keep a copy of the paper, privately.")
        ] = None,
        format_: FormatOption = Format.TEXT,
        show: ShowOption = None,
    ) -> None:
        if kind in _NEEDS_REF and not (ref or "").strip():
            raise UsageError(f"{name} needs the paper that says so: --ref REF")
        if kind is EvidenceKind.WAIVER and until is None:
            raise UsageError("waive needs an end: --until YYYY-MM-DD")
        if kind in _NEEDS_REASON and not (reason or "").strip():
            raise UsageError(f"{name} needs --reason TEXT")
        if event and kind is not EvidenceKind.REVOCATION:
            raise UsageError("--event goes with revoke")
        for option, values in (("--shot", shot), ("--version", version), ("--territory", territory)):
            if any(not value.strip() for value in values or ()):
                raise UsageError(f"{option} is empty")
        opened, name_ = open_show(show), person(by)
        if not targets and not event:
            raise UsageError("say which tags: an ID or a SHOT")
        ids, shots = resolve(opened, targets or [])
        _check_events(opened, event or [], ids)
        _check_inputs(opened, ids, input_ or [])
        evidence = Evidence(
            kind=kind, tags=opened.refs(ids), inputs=tuple(input_ or ()), talent=_talent(opened, ids, kind, talent),
            given_by=given_by or name_, role=role, date=day(date, "--date") or opened.today(), until=day(until, "--until"),
            ref=ref, reason=reason, conditions=tuple(condition or ()),
            scope=Scope(shots=tuple(shot or shots), versions=tuple(version or ()), purposes=tuple(purpose or ()),
                        territories=tuple(territory or ())),
            revokes=tuple(event or ()), attachment=opened.book.put_attachment(attach) if attach else None,
        )  # fmt: skip
        _check_dates(evidence, opened.today())
        filed = opened.file(evidence, name_)
        verdicts = _left(opened, ids, shots)
        document = {"schema": "genai_tags.evidence/1", "event": filed.id, "kind": kind.value, "tags": ids, "left": verdicts}
        emit(document, lambda: "\n".join(_lines(filed.id, kind, verdicts)), format_)

    return verb


def _lines(event: str, kind: EvidenceKind, verdicts: list[dict[str, object]]) -> list[str]:
    lines = [f"{kind.value} recorded as {event}"]
    for each in verdicts:
        unmet = each["unmet"]
        left = f"still needed: {', '.join(unmet)}" if isinstance(unmet, list) and unmet else "nothing more is needed"
        lines.append(f"{each['id']} {each['shot'] or ''} {each['status']}: {left}")
    return lines


def resolve(show: Show, targets: list[str]) -> tuple[list[str], list[str]]:
    """The tags that ids and shots mean, and the shots that were named. Raises UsageError for what is neither."""
    ids: list[str] = []
    shots: list[str] = []
    for target in targets:
        if target in show.state.entries:
            ids.append(target)
        elif found := show.state.in_shot(target):
            ids.extend(found)
            shots.append(target)
        else:
            raise UsageError(f"{target!r} is neither a tag of this show nor a shot with one")
    if shots and len(shots) < len(set(targets)):
        raise UsageError("name tags or shots, not both: a shot limits the evidence to itself (or use --shot)")
    return list(dict.fromkeys(ids)), list(dict.fromkeys(shots))


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
    if kind is EvidenceKind.TALENT_CONSENT and len(known) > 1:
        raise UsageError(f"whose consent is it? Use --talent with one of {', '.join(sorted(known))}")
    return tuple(sorted(known)) if len(known) == 1 else ()


def _check_events(show: Show, events: list[str], ids: list[str]) -> None:
    """What is taken back must be evidence of these tags, or a clean statement."""
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


def _left(show: Show, ids: list[str], shots: list[str]) -> list[dict[str, object]]:
    """Where the tags stand now, per use."""
    context = Context(as_of=show.today(), territories=show.config.territories)
    found: list[dict[str, object]] = []
    for tag_id in ids:
        for judged in show.judge_uses(tag_id, context):
            if shots and judged.use.shot not in shots:
                continue
            verdict = judged.verdict
            found.append({"id": tag_id, "shot": judged.use.shot, "status": verdict.status.value, "unmet": list(verdict.unmet)})
    return found
