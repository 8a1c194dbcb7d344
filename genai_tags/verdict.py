"""Evidence against an assessment: what each piece settles, for whom, where and until when; and the status that comes of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from genai_tags.evidence import Filed
from genai_tags.model import Record, Use
from genai_tags.naming import matches_any, version_number
from genai_tags.policy.engine import PER_SUBJECT, Assessment, Finding
from genai_tags.policy.facts import COLLECTIONS, Facts
from genai_tags.policy.pack import Outcome, Pack
from genai_tags.status import BADGES, Badge, Status
from genai_tags.vocabulary import Answer, EvidenceKind, Purpose, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a verdict is asked for. In a cut a limit on versions or shots needs the version or shot to be known."""

    as_of: dt.date
    shot: str | None = None
    version: str | None = None
    purpose: Purpose | None = None
    territories: tuple[str, ...] = ()
    in_cut: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is, with a stable code."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status, what is still needed for it to be settled, and why. ``evidence`` are the ledger events it rests on."""

    status: Status
    assessment: Assessment
    unmet: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def badge(self) -> Badge:
        """What an artist sees."""
        return BADGES[self.status]


_SETTLES: Mapping[str, tuple[EvidenceKind, ...]] = {
    # Who answered or approved was told; who approved in writing also gave the answer and the reason.
    "notice": (EvidenceKind.NOTICE, EvidenceKind.ANSWER, EvidenceKind.APPROVAL),
    "reason": (EvidenceKind.ANSWER, EvidenceKind.APPROVAL),
    "answer": (EvidenceKind.ANSWER, EvidenceKind.APPROVAL),
    "approval": (EvidenceKind.APPROVAL,),
}

_PERMISSIONS = frozenset((EvidenceKind.NOTICE, EvidenceKind.APPROVAL, EvidenceKind.ANSWER, EvidenceKind.WAIVER))
_CONSENTS = frozenset((EvidenceKind.TALENT_CONSENT, EvidenceKind.GUILD_CONSENT))
_NEAR_MISSES = (Status.REVOKED, Status.STALE, Status.EXPIRED, Status.OUT_OF_SCOPE)


def judge(
    record: Record,
    use: Use,
    assessment: Assessment,
    filed: Sequence[Filed],
    context: Context,
    packs: Sequence[Pack],
    revisions: Mapping[int, Record],
) -> Verdict:
    """The status of one tag in one use, from the evidence filed for the tag as of a day.

    ``filed`` may stand in any order and hold duplicates; ``revisions`` are the tag's records that the ledger holds.
    """
    return _Judge(record, use, assessment, filed, context, packs, revisions).verdict()


@dataclass
class _Judge:
    record: Record
    use: Use
    assessment: Assessment
    filed: Sequence[Filed]
    context: Context
    packs: Sequence[Pack]
    revisions: Mapping[int, Record]

    def __post_init__(self) -> None:
        unique = {each.event: each for each in self.filed}
        known = [each for each in unique.values() if each.evidence.date <= self.context.as_of]
        self.filed = sorted(known, key=lambda each: (each.evidence.date, each.event))
        self.live = [finding for finding in self.assessment.findings if finding.live]

    def verdict(self) -> Verdict:
        refused = self._refusal()
        if refused is not None:
            return refused
        if self.assessment.outcome is Outcome.ALLOWED:
            return Verdict(Status.ALLOWED, self.assessment)
        used: dict[str, Filed] = {}
        unmet: dict[str, list[Reason]] = {}
        misses: dict[Status, list[Reason]] = {}
        for finding in self.live:
            for need in finding.needs:
                self._settle(finding, need, used, unmet, misses)
        return self._pending(unmet, misses) if unmet else self._settled(list(used.values()))

    def _refusal(self) -> Verdict | None:
        for finding in self.live:
            if finding.outcome is Outcome.PROHIBITED:
                why = Reason("prohibited", f"{finding.pack} prohibits it: {finding.message}")
                return Verdict(Status.REJECTED, self.assessment, (), (why,))
        for rejection in reversed(self._of(EvidenceKind.REJECTION)):
            said = rejection.evidence
            if not self._scope_misses(rejection, strict=False) and not self._lifted(rejection):
                why = Reason("rejected", f"{_who(rejection)} rejected it on {said.date}{_because(rejection)}")
                return Verdict(Status.REJECTED, self.assessment, self._all_needs(), (why,), (rejection.event,))
        return None

    def _lifted(self, rejection: Filed) -> bool:
        """A rejection falls only to an approval of a later day; on one day nobody can tell which came last."""
        return any(
            not _is_after(rejection, approval) and self._fault(approval) is None for approval in self._of(EvidenceKind.APPROVAL)
        )

    def _settle(
        self,
        finding: Finding,
        need: str,
        used: dict[str, Filed],
        unmet: dict[str, list[Reason]],
        misses: dict[Status, list[Reason]],
    ) -> None:
        answering = [each for each in self.filed if self._answers(each, need, finding)]
        faults = [fault for each in reversed(answering) if (fault := self._fault(each)) is not None]
        valid = [each for each in answering if self._fault(each) is None]
        if valid and not self._lacks_a_party(valid, need, finding):
            latest = max(each.evidence.date for each in valid)  # of one day, nobody can tell which came last: all count
            used.update({each.event: each for each in valid if each.evidence.date == latest})
            return
        label = f"{need} of {finding.subject_id or finding.subject}" if need in PER_SUBJECT and finding.subject else need
        unmet.setdefault(label, [])
        for status, reason in faults:
            if reason not in misses.setdefault(status, []):
                misses[status].append(reason)

    def _answers(self, each: Filed, need: str, finding: Finding) -> bool:
        said = each.evidence
        if said.kind is EvidenceKind.APPROVAL and not (said.ref or "").strip():
            return False  # an approval is a paper; without its reference it is hearsay
        if said.kind is not EvidenceKind.WAIVER:
            if need == "reason" and said.kind is EvidenceKind.NOTICE:
                fits = bool(said.reason)
            else:
                fits = said.kind in _SETTLES[need] if need in _SETTLES else said.kind.value == need
            if not fits:
                return False
        return self._names(each, need, finding)

    def _names(self, each: Filed, need: str, finding: Finding) -> bool:
        """Evidence that names performers or inputs is about those alone. Consent and clearance must name theirs.

        What names nobody covers an element without an id only where it is the only such one.
        """
        said, about = each.evidence, (finding.subject or "").partition(" ")[0]
        if about == "step" and need == EvidenceKind.TALENT_CONSENT.value:
            return True  # every party must consent: see _lacks_a_party
        named = said.talent if about == "talent" else said.inputs if about == "input" else ()
        if said.talent or said.inputs:
            return finding.subject_id in named if about in ("talent", "input") else need in PER_SUBJECT and not said.inputs
        if need not in PER_SUBJECT or about not in ("talent", "input"):
            return True
        return finding.subject_id is None and self._unnamed(about) == 1

    def _unnamed(self, about: str) -> int:
        tag = self.record.tag
        items = tag.talent if about == "talent" else [item for step in tag.steps or () for item in step.inputs or ()]
        return sum(item.id is None for item in items or ())

    def _lacks_a_party(self, valid: Sequence[Filed], need: str, finding: Finding) -> bool:
        """Consent to what a model may be used for is everybody's: each performer of the tag must be named by some consent."""
        if need != EvidenceKind.TALENT_CONSENT.value or not (finding.subject or "").startswith("step"):
            return False
        parties = {talent.id for talent in self.record.tag.talent or ()}
        return bool(parties - {name for each in valid for name in each.evidence.talent})

    def _fault(self, each: Filed) -> tuple[Status, Reason] | None:
        """Why evidence does not count here; None where it does."""
        said = each.evidence
        what = f"the {said.kind.value.replace('_', ' ')} of {said.date} ({said.ref or each.event})"
        for revocation in self._of(EvidenceKind.REVOCATION):
            if self._revokes(revocation, each):
                who = f"{_who(revocation)} revoked {what} on {revocation.evidence.date}{_because(revocation)}"
                return Status.REVOKED, Reason("revoked", who)
        if self._is_stale(each):
            return Status.STALE, Reason("stale", f"{what} was for revision {_revision(each, self.record)}; facts changed since")
        if said.until is not None and said.until < self.context.as_of:
            return Status.EXPIRED, Reason("expired", f"{what} expired at the end of {said.until}")
        outside = self._scope_misses(each, strict=self.context.in_cut) or self._undeclared(each)
        if outside:
            return Status.OUT_OF_SCOPE, Reason(outside[0].code, f"{what} {outside[0].message}")
        return None

    def _revokes(self, revocation: Filed, each: Filed) -> bool:
        """By event, else by performer (their consent), else every notice, answer, approval and waiver."""
        taken, said = revocation.evidence, each.evidence
        if taken.revokes:
            return each.event in taken.revokes
        if taken.talent:
            meant = said.kind in _CONSENTS and bool(set(said.talent) & set(taken.talent))
        else:
            meant = said.kind in _PERMISSIONS
        return meant and _is_after(revocation, each) and not self._scope_misses(revocation, strict=False)

    def _is_stale(self, each: Filed) -> bool:
        refs = [ref for ref in each.evidence.tags if ref.id == self.record.id]
        if any(ref.revision == self.record.revision for ref in refs):
            return False
        olds = [self.revisions.get(ref.revision) for ref in refs]
        now = fact_values(self.record, self.use, self.packs)
        return not any(old and fact_values(old, _same_use(old, self.use), self.packs) == now for old in olds)

    def _scope_misses(self, each: Filed, *, strict: bool) -> list[Reason]:
        scope, context = each.evidence.scope, self.context
        found = []
        shot = context.shot if context.in_cut else context.shot or self.use.shot
        if scope.shots and (shot is not None or strict) and not matches_any(shot, scope.shots):
            found.append(Reason("shot_out_of_scope", f"is for {_list(scope.shots)}, not {shot or 'an unknown shot'}"))
        version = context.version
        if scope.versions and (version is not None or strict) and not _same_version(version, scope.versions):
            found.append(Reason("version_drift", f"is for {_list(scope.versions)}, here is {version or 'an unknown version'}"))
        purpose = context.purpose or (None if context.in_cut else self.use.purpose) or Purpose.PROGRAMME
        if scope.purposes and purpose not in scope.purposes:
            words = _list([each.value for each in scope.purposes])
            found.append(Reason("purpose_out_of_scope", f"is for {words}, not {purpose}"))
        missing = [each for each in context.territories if each not in scope.territories]
        if scope.territories and (missing or (strict and not context.territories)):
            where = f"not {_list(missing)}" if missing else "and the show states no territories"
            found.append(Reason("territory_out_of_scope", f"is for {_list(scope.territories)}, {where}"))
        return found

    def _undeclared(self, each: Filed) -> list[Reason]:
        """Evidence that names no shots is for the shots that its revision declared, and no others."""
        shot = self.context.shot
        if each.evidence.scope.shots or shot is None:
            return []
        refs = [ref.revision for ref in each.evidence.tags if ref.id == self.record.id]
        uses = [use for n in refs for use in (self.revisions[n].uses if n in self.revisions else ())]
        if any(use.shot in (None, shot) for use in uses) or not (uses or self.context.in_cut):
            return []
        return [
            Reason("shot_out_of_scope", f"is for the declared {_list([str(use.shot) for use in uses]) or 'uses'}, not {shot}")
        ]

    def _pending(self, unmet: Mapping[str, list[Reason]], misses: Mapping[Status, list[Reason]]) -> Verdict:
        for status in _NEAR_MISSES:
            if status in misses:
                return Verdict(status, self.assessment, tuple(unmet), tuple(misses[status]))
        asked = [each for each in self._of(EvidenceKind.REQUEST) if not self._scope_misses(each, strict=False)]
        if asked:
            text = f"asked on {asked[-1].evidence.date} by {_who(asked[-1])}; still needed: {_list(list(unmet))}"
            why = Reason("requested", text)
            return Verdict(Status.REQUESTED, self.assessment, tuple(unmet), (why,))
        return Verdict(Status.OPEN, self.assessment, tuple(unmet), (Reason("open", f"still needed: {_list(list(unmet))}"),))

    def _settled(self, used: list[Filed]) -> Verdict:
        events = tuple(each.event for each in used)
        waivers = [each for each in used if each.evidence.kind is EvidenceKind.WAIVER]
        if waivers:
            why = [Reason("waived", f"{_who(each)} waived it on {each.evidence.date}{_because(each)}") for each in waivers]
            return Verdict(Status.WAIVED, self.assessment, (), tuple(why), events)
        conditions = [text for each in used for text in each.evidence.conditions]
        if conditions:
            why = [Reason("conditional", f"on the condition: {text}") for text in dict.fromkeys(conditions)]
            return Verdict(Status.CONDITIONAL, self.assessment, (), tuple(why), events)
        approvals = [each for each in used if each.evidence.kind is EvidenceKind.APPROVAL]
        why = [Reason("approved", f"approved by {_who(a)} on {a.evidence.date} ({a.evidence.ref})") for a in approvals]
        return Verdict(Status.APPROVED if approvals else Status.ALLOWED, self.assessment, (), tuple(why), events)

    def _all_needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(need for finding in self.live for need in finding.needs))

    def _of(self, kind: EvidenceKind) -> list[Filed]:
        return [each for each in self.filed if each.evidence.kind is kind]


def fact_values(record: Record, use: Use | None, packs: Sequence[Pack]) -> object:
    """The value of every fact that some rule in force may read: what must not change under evidence."""
    if use is None:
        return None
    facts = Facts(record.tag, use)
    paths = frozenset().union(*(pack.paths() for pack in packs))

    def values(place: Facts, root: str) -> list[object]:
        own = sorted(path for path in paths if path.partition(".")[0] == root and path != root)
        item = place.bound.get(root)
        return [getattr(item, "id", None), *(place.value(path) for path in own)]

    plain = [(path, facts.value(path)) for path in sorted(paths) if path.partition(".")[0] not in COLLECTIONS]
    talent, all_talent = facts.each("talent")
    steps, all_steps = facts.each("step")
    made = [
        (values(step, "step"), [values(item, "input") for _, item in step.each("input")[0]], step.each("input")[1])
        for _, step in steps
    ]
    return [plain, [values(each, "talent") for _, each in talent], all_talent, made, all_steps]


def _same_use(record: Record, use: Use) -> Use | None:
    """The use of another revision that stands for this one: same shot, and same frames where several share it."""
    same = [each for each in record.uses if each.shot == use.shot]
    exact = [each for each in same if each.frames == use.frames] or same
    return exact[0] if exact else (Use(shot=use.shot) if not record.uses else None)


def _is_after(later: Filed, earlier: Filed) -> bool:
    """Whether a refusal can have come after: by the day on the paper (same day counts), or by the chain it was recorded in.

    The chain holds where a clock was set back.
    """
    if later.evidence.date >= earlier.evidence.date:
        return True
    (writer, _, number), (other, _, before) = later.event.rpartition("-"), earlier.event.rpartition("-")
    return writer == other and number.isdigit() and before.isdigit() and int(number) > int(before)


def _same_version(version: str | None, allowed: Iterable[str]) -> bool:
    if version is None:
        return False
    number = version_number(version)
    return any(version == each or (number is not None and number == version_number(each)) for each in allowed)


def _revision(each: Filed, record: Record) -> str:
    return ", ".join(str(ref.revision) for ref in each.evidence.tags if ref.id == record.id)


def _who(each: Filed) -> str:
    return f"{each.evidence.given_by} ({each.evidence.role})" if each.evidence.role else each.evidence.given_by


def _because(each: Filed) -> str:
    return f": {each.evidence.reason}" if each.evidence.reason else ""


def _list(words: Sequence[str]) -> str:
    return ", ".join(words) if words else "nothing"


def uses_in(record: Record, shot: str | None, stage: Stage | None, purpose: Purpose | None) -> tuple[list[Use], bool]:
    """Every use of a record in a shot, and whether they were declared; stage and purpose of the cut it stands in win.

    A final cut makes every use final. A use that nobody declared knows only the shot, so what rules ask stays unknown.
    """
    fitting = [use for use in record.uses if use.shot is None or shot is None or use.shot == shot]
    found = [use for use in fitting if use.shot == shot] or fitting
    made = []
    for use in found or [Use(shot=shot, story_relevant=Answer.UNSURE)]:
        in_stage = stage if stage is Stage.FINAL or use.stage is None else use.stage
        made.append(dataclasses.replace(use, stage=in_stage, purpose=purpose or use.purpose))
    return made, bool(found)
