"""Assessment + evidence -> status -> badge: the one table that every host, report and conform check draws from."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from genai_tags.model import Answer, EvidenceKind, Filed, Purpose, Record, Stage, Use, Word
from genai_tags.policy.engine import PER_SUBJECT, Assessment, Finding
from genai_tags.policy.facts import COLLECTIONS, Facts
from genai_tags.policy.pack import Outcome, Pack


class Status(Word):
    """Where a tag in a use stands, mildest first; the worst of an event's tags is the event's."""

    CLEAN = "clean"
    CLEAN_INFERRED = "clean_inferred"
    OUTSIDE_SCOPE = "outside_scope"
    ALLOWED = "allowed"
    APPROVED = "approved"
    CONDITIONAL = "conditional"
    WAIVED = "waived"
    REQUESTED = "requested"
    OPEN = "open"
    NO_RECORD = "no_record"
    OUT_OF_SCOPE = "out_of_scope"
    EXPIRED = "expired"
    STALE = "stale"
    UNRESOLVED = "unresolved"
    REVOKED = "revoked"
    REJECTED = "rejected"

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return list(Status).index(self)


class Severity(Word):
    """What a finding means for a delivery. Blocker: this may not ship."""

    INFO = "info"
    WARNING = "warning"
    BLOCKER = "blocker"

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Badge:
    """The one thing an artist sees: symbol, word and colour, never colour alone. Colours pass on dark and light."""

    symbol: str
    text: str
    colour: str


_GREEN, _BLUE, _GREY, _AMBER, _RED = "#2e9e5b", "#3d85c6", "#8a8a8a", "#d98e04", "#d64545"

BADGES: Mapping[Status, Badge] = {
    Status.CLEAN: Badge("○", "No GenAI (signed)", _GREEN),
    Status.CLEAN_INFERRED: Badge("◌", "No GenAI (sources clean)", _GREEN),
    Status.OUTSIDE_SCOPE: Badge("–", "Outside scope", _GREY),
    Status.ALLOWED: Badge("✓", "Allowed", _GREEN),
    Status.APPROVED: Badge("✔", "Approved", _GREEN),
    Status.CONDITIONAL: Badge("◐", "Approved with conditions", _BLUE),
    Status.WAIVED: Badge("⊘", "Waived", _BLUE),
    Status.REQUESTED: Badge("…", "Requested", _AMBER),
    Status.OPEN: Badge("!", "Open", _AMBER),
    Status.NO_RECORD: Badge("?", "No record", _AMBER),
    Status.OUT_OF_SCOPE: Badge("↔", "Approved for something else", _AMBER),
    Status.EXPIRED: Badge("⌛", "Expired", _AMBER),
    Status.STALE: Badge("↻", "Changed since approval", _AMBER),
    Status.UNRESOLVED: Badge("⁇", "Tag without a record", _AMBER),
    Status.REVOKED: Badge("⊗", "Revoked", _RED),
    Status.REJECTED: Badge("✖", "Rejected", _RED),
}

_BLOCK, _WARN, _INFO = Severity.BLOCKER, Severity.WARNING, Severity.INFO

SEVERITIES: Mapping[Status, tuple[Severity | None, Severity | None]] = {
    Status.NO_RECORD: (_BLOCK, _INFO),
    Status.CLEAN: (None, None),
    Status.CLEAN_INFERRED: (None, None),
    Status.OUTSIDE_SCOPE: (None, None),
    Status.ALLOWED: (None, None),
    Status.OPEN: (_BLOCK, _WARN),
    Status.REQUESTED: (_BLOCK, _WARN),
    Status.APPROVED: (None, None),
    Status.CONDITIONAL: (_WARN, _INFO),
    Status.WAIVED: (_WARN, _INFO),
    Status.REJECTED: (_BLOCK, _BLOCK),
    Status.REVOKED: (_BLOCK, _BLOCK),
    Status.EXPIRED: (_BLOCK, _WARN),
    Status.OUT_OF_SCOPE: (_BLOCK, _WARN),
    Status.STALE: (_BLOCK, _WARN),
    Status.UNRESOLVED: (_BLOCK, _WARN),
}
"""Severity in a final cut, and in a temp cut; None: no finding."""


def severity(status: Status, stage: Stage, unmet: Iterable[str] = ()) -> Severity | None:
    """What a status means in a final or temp cut. Where only a notice or a reason is missing, open is milder."""
    final, temp = SEVERITIES[status]
    left = set(unmet)
    if status is Status.OPEN and left and left <= {"notice", "reason"}:
        final, temp = Severity.WARNING, Severity.INFO
    return final if stage is Stage.FINAL else temp


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

_PERMISSIONS = frozenset((EvidenceKind.APPROVAL, EvidenceKind.ANSWER, EvidenceKind.WAIVER))
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


class _Judge:
    def __init__(
        self,
        record: Record,
        use: Use,
        assessment: Assessment,
        filed: Sequence[Filed],
        context: Context,
        packs: Sequence[Pack],
        revisions: Mapping[int, Record],
    ) -> None:
        self.record, self.use, self.assessment, self.context = record, use, assessment, context
        self.packs, self.revisions = packs, revisions
        unique = {each.event: each for each in filed}
        known = [each for each in unique.values() if each.evidence.date <= context.as_of]
        self.filed = sorted(known, key=lambda each: (each.evidence.date, each.event))
        self.live = [finding for finding in assessment.findings if finding.live]

    def verdict(self) -> Verdict:
        if self.assessment.outcome is Outcome.ALLOWED:
            return Verdict(Status.ALLOWED, self.assessment)
        refused = self._refusal()
        if refused is not None:
            return refused
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
            approval.evidence.date > rejection.evidence.date and self._fault(approval) is None
            for approval in self._of(EvidenceKind.APPROVAL)
        )

    def _settle(
        self,
        finding: Finding,
        need: str,
        used: dict[str, Filed],
        unmet: dict[str, list[Reason]],
        misses: dict[Status, list[Reason]],
    ) -> None:
        faults: list[tuple[Status, Reason]] = []
        for each in reversed([e for e in self.filed if self._answers(e, need, finding)]):
            fault = self._fault(each)
            if fault is None:
                used[each.event] = each
                return
            faults.append(fault)
        label = f"{need} of {finding.subject_id or finding.subject}" if need in PER_SUBJECT and finding.subject else need
        unmet.setdefault(label, [])
        for status, reason in faults:
            if reason not in misses.setdefault(status, []):
                misses[status].append(reason)

    def _answers(self, each: Filed, need: str, finding: Finding) -> bool:
        kind = each.evidence.kind
        if kind is EvidenceKind.WAIVER:
            return True
        if need == "reason" and kind is EvidenceKind.NOTICE:
            return bool(each.evidence.reason)
        if need not in _SETTLES:
            return kind.value == need and self._names(each, need, finding)
        return kind in _SETTLES[need]

    def _names(self, each: Filed, need: str, finding: Finding) -> bool:
        """Consent and clearance count for the talent or input they name, where the finding is about one with an id."""
        if need not in PER_SUBJECT or finding.subject_id is None or finding.subject is None:
            return True
        named = each.evidence.talent if finding.subject.startswith("talent") else each.evidence.inputs
        return finding.subject_id in named

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
        outside = self._scope_misses(each, strict=self.context.in_cut)
        if outside:
            return Status.OUT_OF_SCOPE, Reason(outside[0].code, f"{what} {outside[0].message}")
        return None

    def _revokes(self, revocation: Filed, each: Filed) -> bool:
        """By event, else by performer (their consent), else every permission: approval, answer and waiver."""
        taken, said = revocation.evidence, each.evidence
        if taken.revokes:
            return each.event in taken.revokes
        if taken.talent:
            meant = said.kind in _CONSENTS and bool(set(said.talent) & set(taken.talent))
        else:
            meant = said.kind in _PERMISSIONS
        return meant and said.date <= taken.date and not self._scope_misses(revocation, strict=False)

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
        shot = context.shot or self.use.shot
        if scope.shots and (shot is not None or strict) and not matches_any(shot, scope.shots):
            found.append(Reason("shot_out_of_scope", f"is for {_list(scope.shots)}, not {shot or 'an unknown shot'}"))
        version = context.version
        if scope.versions and (version is not None or strict) and not _same_version(version, scope.versions):
            found.append(Reason("version_drift", f"is for {_list(scope.versions)}, here is {version or 'an unknown version'}"))
        purpose = context.purpose or self.use.purpose or Purpose.PROGRAMME
        if scope.purposes and purpose not in scope.purposes:
            words = _list([each.value for each in scope.purposes])
            found.append(Reason("purpose_out_of_scope", f"is for {words}, not {purpose}"))
        missing = [each for each in context.territories if each not in scope.territories]
        if scope.territories and missing:
            found.append(Reason("territory_out_of_scope", f"is for {_list(scope.territories)}, not {_list(missing)}"))
        return found

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
    values: list[object] = []
    for path in sorted(frozenset().union(*(pack.paths() for pack in packs))):
        root = path.partition(".")[0]
        if root not in COLLECTIONS:
            values.append((path, facts.value(path)))
        elif root == path:
            values.append((path, facts.each(root)[1]))
        else:
            values.append((path, [each.value(path) for _, each in facts.each(root)[0]]))
    return values


def _same_use(record: Record, use: Use) -> Use | None:
    same = [each for each in record.uses if each.shot == use.shot]
    return same[0] if same else (Use(shot=use.shot) if not record.uses else None)


def matches_any(name: str | None, patterns: Iterable[str]) -> bool:
    """Whether a shot name fits one of the patterns (``*`` and ``?``, case counts). No name fits nothing."""
    return name is not None and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def version_number(version: str) -> int | None:
    """``v012``, ``V12`` and ``12`` are version 12; None where it is no number."""
    digits = version.strip().lower().removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


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


def use_in(record: Record, shot: str | None, stage: Stage | None, purpose: Purpose | None) -> tuple[Use, bool]:
    """The use of a record in a shot, and whether it was declared; stage and purpose of the cut it stands in win.

    A final cut makes every use final. A use that nobody declared knows only the shot, so what rules ask stays unknown.
    """
    import dataclasses

    fitting = [use for use in record.uses if use.shot is None or shot is None or use.shot == shot]
    exact = [use for use in fitting if use.shot == shot] or fitting
    base = exact[0] if exact else Use(shot=shot, story_relevant=Answer.UNSURE)
    if stage is Stage.FINAL or base.stage is None:
        base = dataclasses.replace(base, stage=stage or base.stage)
    if purpose is not None and base.purpose in (None, Purpose.PROGRAMME):
        base = dataclasses.replace(base, purpose=purpose)
    return base, bool(exact)
