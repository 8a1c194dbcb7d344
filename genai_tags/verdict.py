"""Evidence against an assessment: what each piece settles, for whom, where and until when; and the status that comes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genai_tags.evidence import Filed, Review
from genai_tags.model import Record, Use
from genai_tags.policy.engine import PER_SUBJECT, Assessment, Finding
from genai_tags.policy.pack import Outcome, Pack
from genai_tags.policy.register import Register
from genai_tags.status import BADGES, Badge, Status
from genai_tags.validity import Context, Reason, Validity, because, is_after, listed, who
from genai_tags.vocabulary import EvidenceKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status, what is still needed for it to be settled, and why. ``evidence`` are the ledger events it rests on."""

    status: Status
    assessment: Assessment
    unmet: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def asking(self) -> Finding | None:
        """The strictest finding that still needs something; the strictest of all where nothing is needed."""
        live = [finding for finding in self.assessment.findings if finding.live]
        return next((f for f in live if any(label(need, f) in self.unmet for need in f.needs)), self.assessment.top)

    def is_given(self, need: str, finding: Finding) -> bool:
        """Whether what a finding needs is there; of what was rejected, or is prohibited, nothing counts as given."""
        return self.status is not Status.REJECTED and label(need, finding) not in self.unmet

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

_NEAR_MISSES = (Status.REVOKED, Status.STALE, Status.EXPIRED, Status.OUT_OF_SCOPE)


def judge(
    record: Record,
    use: Use,
    assessment: Assessment,
    filed: Sequence[Filed],
    context: Context,
    packs: Sequence[Pack],
    revisions: Mapping[int, Record],
    register: Register = Register(),
    reviews: Sequence[Review] = (),
) -> Verdict:
    """The status of one tag in one use, from the evidence filed for the tag as of a day.

    ``filed`` may stand in any order and hold duplicates; ``revisions`` are the tag's records that the ledger holds.
    """
    return _Judge(record, use, assessment, filed, context, packs, revisions, register, reviews).verdict()


def _until(each: Filed) -> str:
    return f" until {each.evidence.until}" if each.evidence.until else ""


def _covers(approval: Filed, rejection: Filed) -> bool:
    """Whether an approval is for every performer and input that a rejection is about."""
    pairs = ((f.evidence.talent, f.evidence.inputs) for f in (approval, rejection))
    (talent, inputs), (rejected, refused) = pairs
    if not (talent or inputs):
        return True
    return bool(rejected or refused) and set(rejected) <= set(talent) and set(refused) <= set(inputs)


_STRENGTH = {EvidenceKind.NOTICE: 0, EvidenceKind.ANSWER: 1, EvidenceKind.APPROVAL: 2}


def _standing(valid: Sequence[Filed]) -> list[Filed]:
    """What a need rests on: the latest, and what is older but stronger, so that a notice of one's own does not end a client's
    conditions. Of one day nobody can tell which came first: all count. A waiver counts where nothing else is there."""
    given = [each for each in valid if each.evidence.kind is not EvidenceKind.WAIVER] or list(valid)

    def strength(each: Filed) -> int:
        return _STRENGTH.get(each.evidence.kind, 0)

    return [
        each for each in given if not any(o.evidence.date > each.evidence.date and strength(o) >= strength(each) for o in given)
    ]


def _is_everybodys(need: str, finding: Finding) -> bool:
    """Whether a finding needs consent to what a model may be used for: that is every performer's."""
    return need == EvidenceKind.TALENT_CONSENT.value and (finding.subject or "").startswith("step")


def label(need: str, finding: Finding) -> str:
    """How a verdict names what a finding needs: with the performer or input that evidence must name."""
    return f"{need} of {finding.subject_id or finding.subject}" if need in PER_SUBJECT and finding.subject else need


@dataclass
class _Judge:
    record: Record
    use: Use
    assessment: Assessment
    filed: Sequence[Filed]
    context: Context
    packs: Sequence[Pack]
    revisions: Mapping[int, Record]
    register: Register
    reviews: Sequence[Review]

    def __post_init__(self) -> None:
        unique = {each.event: each for each in self.filed}
        known = [each for each in unique.values() if each.evidence.date <= self.context.as_of]
        self.filed = sorted(known, key=lambda each: (each.evidence.date, each.event))
        self.validity = Validity(
            self.record, self.use, self.filed, self.context, self.packs, self.revisions, self.register, self.reviews
        )
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
        for rejection in reversed(self.validity.of(EvidenceKind.REJECTION)):
            said = rejection.evidence
            if not self.validity.scope_misses(rejection, strict=False) and not self._lifted(rejection):
                text = f"{who(rejection)} rejected it on {said.date}{because(rejection)}; only an approval of a later day lifts that"
                why = Reason("rejected", text)
                return Verdict(Status.REJECTED, self.assessment, self._all_needs(), (why,), (rejection.event,))
        return None

    def _lifted(self, rejection: Filed) -> bool:
        """A rejection falls only to an approval of a later day, of all that was rejected; of one day nobody can tell the order."""
        return any(
            not is_after(rejection, approval)
            and bool((approval.evidence.ref or "").strip())
            and _covers(approval, rejection)
            and self.validity.fault(approval) is None
            for approval in self.validity.of(EvidenceKind.APPROVAL)
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
        judged = [(each, self.validity.fault(each, finding, need)) for each in answering]
        newest = max((each.evidence.date for each, fault in judged if fault is not None), default=None)
        faults = [fault for each, fault in reversed(judged) if fault is not None and each.evidence.date == newest]
        valid = [each for each, fault in judged if fault is None]
        if valid and not self._lacks_a_party(valid, need, finding):
            used.update({each.event: each for each in self._rests_on(valid, need, finding)})
            return
        unmet.setdefault(label(need, finding), [])
        for status, reason in faults:
            if reason not in misses.setdefault(status, []):
                misses[status].append(reason)

    def _rests_on(self, valid: Sequence[Filed], need: str, finding: Finding) -> list[Filed]:
        """What a need rests on; where every performer must consent, what it rests on for each of them."""
        if not _is_everybodys(need, finding):
            return _standing(valid)
        parties = [talent.id for talent in self.record.tag.talent or ()] or [None]
        each_party = [[e for e in valid if not e.evidence.talent or party in e.evidence.talent] for party in parties]
        return [each for papers in each_party if papers for each in _standing(papers)]

    def _answers(self, each: Filed, need: str, finding: Finding) -> bool:
        said = each.evidence
        if said.kind is EvidenceKind.APPROVAL and not (said.ref or "").strip():
            return False  # an approval is a paper; without its reference it is hearsay
        if said.kind is not EvidenceKind.WAIVER:
            if need == "reason" and said.kind is EvidenceKind.NOTICE:
                fits = bool((said.reason or "").strip())
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
        if _is_everybodys(need, finding):
            return True  # every party must consent: see _lacks_a_party
        named = said.talent if about == "talent" else said.inputs if about == "input" else ()
        if said.talent or said.inputs:
            return finding.subject_id in named if about in ("talent", "input") else self._names_all(each, need)
        if need not in PER_SUBJECT or about not in ("talent", "input"):
            return True
        return finding.subject_id is None and self._unnamed(about) == 1

    def _names_all(self, each: Filed, need: str) -> bool:
        """Whether a guild's consent that names performers is for all of them, and so for the element as a whole."""
        said, performers = each.evidence, {talent.id for talent in self.record.tag.talent or ()}
        return (
            need == said.kind.value == EvidenceKind.GUILD_CONSENT.value and not said.inputs and performers <= set(said.talent)
        )

    def _unnamed(self, about: str) -> int:
        tag = self.record.tag
        items = tag.talent if about == "talent" else [item for step in tag.steps or () for item in step.inputs or ()]
        return sum(item.id is None for item in items or ())

    def _lacks_a_party(self, valid: Sequence[Filed], need: str, finding: Finding) -> bool:
        """Consent to what a model may be used for is everybody's: each performer of the tag must be named by some consent."""
        if not _is_everybodys(need, finding):
            return False
        parties = {talent.id for talent in self.record.tag.talent or ()}
        return bool(parties - {name for each in valid for name in each.evidence.talent})

    def _pending(self, unmet: Mapping[str, list[Reason]], misses: Mapping[Status, list[Reason]]) -> Verdict:
        asked = [each for each in self.validity.of(EvidenceKind.REQUEST) if not self.validity.scope_misses(each, strict=False)]
        for status in _NEAR_MISSES:
            if status in misses:
                needed = Reason("open", f"still needed: {listed(list(unmet))}")
                again = [Reason("requested", f"asked on {a.evidence.date} by {who(a)}") for a in asked[-1:]]
                return Verdict(status, self.assessment, tuple(unmet), (*misses[status], *again, needed))
        if asked:
            text = f"asked on {asked[-1].evidence.date} by {who(asked[-1])}; still needed: {listed(list(unmet))}"
            why = Reason("requested", text)
            back = [
                Reason("question", f"{who(q)} asked back on {q.evidence.date}{because(q)}") for q in self._questions(asked[-1])
            ]
            return Verdict(Status.REQUESTED, self.assessment, tuple(unmet), (why, *back, *misses.get(Status.OPEN, ())))
        why = Reason("open", f"still needed: {listed(list(unmet))}")
        return Verdict(Status.OPEN, self.assessment, tuple(unmet), (why, *misses.get(Status.OPEN, ())))

    def _questions(self, asked: Filed) -> list[Filed]:
        """What the contact asked back since, and has not replied to since."""
        kinds = (EvidenceKind.ANSWER, EvidenceKind.APPROVAL, EvidenceKind.REJECTION)
        replied = max((each.evidence.date for kind in kinds for each in self.validity.of(kind)), default=dt.date.min)
        since = max(asked.evidence.date, replied + dt.timedelta(1) if replied > dt.date.min else replied)
        return [each for each in self.validity.of(EvidenceKind.QUESTION) if each.evidence.date >= since]

    def _settled(self, used: list[Filed]) -> Verdict:
        events = tuple(each.event for each in used)
        waivers = [each for each in used if each.evidence.kind is EvidenceKind.WAIVER]
        why = [
            Reason("waived", f"{who(each)} waived it on {each.evidence.date}{_until(each)}{because(each)}") for each in waivers
        ]
        conditions = [text for each in used for text in each.evidence.conditions]
        why += [Reason("conditional", f"on the condition: {text}") for text in dict.fromkeys(conditions)]
        if why:
            return Verdict(Status.WAIVED if waivers else Status.CONDITIONAL, self.assessment, (), tuple(why), events)
        approvals = [each for each in used if each.evidence.kind is EvidenceKind.APPROVAL]
        why = [Reason("approved", f"approved by {who(a)} on {a.evidence.date} ({a.evidence.ref})") for a in approvals]
        return Verdict(Status.APPROVED if approvals else Status.ALLOWED, self.assessment, (), tuple(why), events)

    def _all_needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(need for finding in self.live for need in finding.needs))
