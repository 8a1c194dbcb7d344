"""Whether one piece of evidence counts here: not taken back, not for other facts, not run out, not for something else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from genai_tags.evidence import Consent, Evidence, Filed, Review
from genai_tags.model import Record, Use
from genai_tags.naming import matches_any, version_number
from genai_tags.policy.engine import Finding
from genai_tags.policy.facts import BOUND, Facts, Given
from genai_tags.policy.pack import Pack, Rule
from genai_tags.policy.register import Register
from genai_tags.status import Status
from genai_tags.territories import covers, overlap
from genai_tags.vocabulary import REFUSALS, Answer, EvidenceKind, Purpose, Stage, TrainedFor


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a verdict is asked for. In a cut a limit on versions or shots needs the version or shot to be known."""

    as_of: dt.date
    shot: str | None = None
    version: str | None = None
    purpose: Purpose | None = None
    territories: tuple[str, ...] = ()
    in_cut: bool = False
    stage: Stage | None = None
    """The stage of the cut, where it overrules what uses declare."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is, with a stable code."""

    code: str
    message: str


_PERMISSIONS = frozenset((EvidenceKind.NOTICE, EvidenceKind.APPROVAL, EvidenceKind.ANSWER, EvidenceKind.WAIVER))
_KINDS = {kind.value for kind in EvidenceKind}
_OPTIONS = {
    "specific_use": "--use", "signed_separately": "--signed-separately", "signed_by": "--signed-by", "replica_type": "--replica-type",
    "compensated": "--compensated", "notice_48h": "--notice-date", "attached": "--attach",
}  # fmt: skip
"""How to state what a rule may demand of evidence."""
_CONSENTS = frozenset((EvidenceKind.TALENT_CONSENT, EvidenceKind.GUILD_CONSENT))


@dataclass
class Validity:
    """Evidence against one tag in one use, in a context. ``filed`` stands oldest first and without duplicates."""

    record: Record
    use: Use
    filed: Sequence[Filed]
    context: Context
    packs: Sequence[Pack]
    revisions: Mapping[int, Record]
    register: Register = Register()
    reviews: Sequence[Review] = ()
    _stale: dict[str, bool] = field(default_factory=dict, init=False)

    def of(self, kind: EvidenceKind) -> list[Filed]:
        """The evidence of one kind, oldest first."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[EvidenceKind, list[Filed]]:
        found: dict[EvidenceKind, list[Filed]] = {}
        for each in self.filed:
            found.setdefault(each.evidence.kind, []).append(each)
        return found

    def fault(self, each: Filed, finding: Finding | None = None, need: str = "") -> tuple[Status, Reason] | None:
        """Why evidence does not count here (for what a finding needs, where one is given); None where it does."""
        said = each.evidence
        what = f"the {said.kind.value.replace('_', ' ')} of {said.date} ({said.ref or each.event})"
        for revocation in self.of(EvidenceKind.REVOCATION):
            if self._revokes(revocation, each, finding) or self._ends_waiver(revocation, each, finding, need):
                text = f"{who(revocation)} revoked {what} on {revocation.evidence.date}{because(revocation)}"
                return Status.REVOKED, Reason("revoked", text)
        if each.event not in self._stale:  # many findings ask about the same paper
            self._stale[each.event] = self._is_stale(each)
        if self._stale[each.event]:
            return Status.STALE, Reason("stale", f"{what} {self._changed(each)}")
        if said.until is not None and said.until < self.context.as_of:
            return Status.EXPIRED, Reason("expired", f"{what} expired at the end of {said.until}")
        outside = self.scope_misses(each, strict=self.context.in_cut) or self._undeclared(each)
        if outside:
            return Status.OUT_OF_SCOPE, Reason(outside[0].code, f"{what} {outside[0].message}")
        if finding is not None and said.kind is not EvidenceKind.WAIVER:
            return self._unfit(each, finding, need, what)
        return None

    def _ends_waiver(self, revocation: Filed, each: Filed, finding: Finding | None, need: str) -> bool:
        """A performer who takes consent back also ends what waived that consent."""
        if each.evidence.kind is not EvidenceKind.WAIVER or finding is None or need != EvidenceKind.TALENT_CONSENT.value:
            return False
        concerned = {finding.subject_id, *each.evidence.talent} & set(revocation.evidence.talent)
        return bool(concerned) and is_after(revocation, each) and not self.scope_misses(revocation, strict=False)

    def _unfit(self, each: Filed, finding: Finding, need: str, what: str) -> tuple[Status, Reason] | None:
        """What a consent lacks for the work it is about, and what the rule demands and the evidence does not certainly say."""
        said, given = each.evidence, given_facts(each.evidence, self.record)
        if said.kind is EvidenceKind.TALENT_CONSENT:
            if given.before_work is not Answer.YES:
                return self._not_before(given.before_work, what)
            expressly = said.consent is not None and said.consent.project_scope is TrainedFor.OTHER
            if self._is_elsewhere() is not expressly:
                where = (
                    "is for another production" if expressly else "is not expressly for another production, pitch or concept"
                )
                return Status.OUT_OF_SCOPE, Reason("consent_out_of_project", f"{what} {where}")
        rule = self._rules.get((finding.pack, finding.rule))
        demand = rule.demands.get(EvidenceKind(need)) if rule and not finding.open and need in _KINDS else None
        if demand is not None:
            found = demand.evaluate(Facts(self.record.tag, self.use).bind("evidence", given))
            if found.truth is not True:
                lacks = ", ".join(text.removeprefix("evidence.") for text in found.because)
                options = [option for fact, option in _OPTIONS.items() if any(fact in text for text in found.because)]
                anew = f"; record it anew with {', '.join(options)}" if options else ""
                return Status.OPEN, Reason("evidence_incomplete", f"{what} is not enough for {finding.rule}: {lacks}{anew}")
        return None

    def _not_before(self, answer: Answer, what: str) -> tuple[Status, Reason]:
        """Consent that came after the work, or of which nobody can tell."""
        days = [step.at for step in self.record.tag.steps or ()]
        stated = sorted(str(day) for day in days if day is not None)
        if answer is Answer.NO:
            text = f"{what} came after the work of {stated[0]}; do the work again under it, or waive it with the reason (waive --talent)"
            return Status.OUT_OF_SCOPE, Reason("consent_after_work", text)
        why = (
            "came on the very day of the work"
            if None not in days and days
            else "may have come after the work: its day is not stated"
        )
        text = f"{what} {why}; consent comes first: state the day of every step (at) in a revision, or waive it with the reason (waive --talent)"
        return Status.OPEN, Reason("consent_order_unknown", text)

    def _is_elsewhere(self) -> bool:
        """Whether a model or the result serves something other than the production it was agreed for."""
        purpose = self.context.purpose or self.use.purpose
        trained = {step.trained_for for step in self.record.tag.steps or () if step.trained_on_talent is not Answer.NO}
        return purpose in (Purpose.PITCH, Purpose.OTHER_PRODUCTION) or TrainedFor.OTHER in trained

    @cached_property
    def _rules(self) -> dict[tuple[str, str], Rule]:
        return {(pack.id, rule.id): rule for pack in self.packs for rule in pack.rules}

    def _revokes(self, revocation: Filed, each: Filed, finding: Finding | None) -> bool:
        """By event, else by performer (their consent), else every notice, answer, approval and waiver."""
        taken, said = revocation.evidence, each.evidence
        if taken.revokes:
            return each.event in taken.revokes
        if taken.talent:
            meant = said.kind is EvidenceKind.TALENT_CONSENT and bool(set(said.talent) & set(taken.talent))
            if finding is not None and (finding.subject or "").startswith("talent"):
                meant = meant and finding.subject_id in taken.talent  # a paper of several is taken back by one for that one
        else:
            meant = said.kind in _PERMISSIONS
        return meant and is_after(revocation, each) and not self.scope_misses(revocation, strict=False)

    def _is_stale(self, each: Filed) -> bool:
        refs = [ref for ref in each.evidence.tags if ref.id == self.record.id]
        consent = each.evidence.kind is EvidenceKind.TALENT_CONSENT
        if consent and any(self._moved(ref.revision, each.evidence.date) for ref in refs):
            return True
        if any(ref.revision == self.record.revision for ref in refs) and not self.register:
            return False
        if each.evidence.kind in _CONSENTS:  # consent comes before the work, whatever is found out about its tools
            day, register = self.context.as_of, self.register
        else:
            day, register = self._knew(each)
        then = [(self.record, self.use) for ref in refs if ref.revision == self.record.revision]
        olds = [self.revisions.get(ref.revision) for ref in refs if ref.revision != self.record.revision]
        then += [(old, use) for old in olds if old and (use := self._same_use(old))]
        return not any(self._values(old, use, day, register) == self._now for old, use in then)

    def _moved(self, revision: int, given: dt.date) -> bool:
        """Whether a step that a consent came too late for was stated for another day since."""
        old = self.revisions.get(revision)
        before, now = ([step.at for step in (r.tag.steps if r else None) or ()] for r in (old, self.record))
        return any(day is not None and day <= given and (i >= len(now) or now[i] != day) for i, day in enumerate(before))

    def _changed(self, each: Filed) -> str:
        """What makes evidence stale, in words."""
        if all(ref.revision != self.record.revision for ref in each.evidence.tags if ref.id == self.record.id):
            return f"was for revision {_revision(each, self.record)}; facts changed since"
        tools = {tool for step in self.record.tag.steps or () for tool in self.register.named(step.tool or "")}
        ordered = any(_is_before(*pair) for r in self.reviews for pair in ((r.event, each.event), (each.event, r.event)))
        same_day = not ordered and any(statement.date == each.evidence.date for statement in tools)
        when = "on that day; of one day nobody can tell which came first" if same_day else "since"
        return f"was given before the tool register changed {when}; look again, and give it anew (after a change of tools.yaml by hand: tools review first)"

    def _knew(self, each: Filed) -> tuple[dt.date, Register]:
        """The day of evidence, and the register that whoever gave it knew; of an answer, the day on which was asked."""
        asked = [f for f in self.of(EvidenceKind.REQUEST) if each.evidence.token and f.evidence.token == each.evidence.token]
        source = asked[0] if asked else each
        day = min(source.evidence.date, each.evidence.date)
        before = [review for review in self.reviews if _is_before(review.event, source.event)]
        behind = [review for review in self.reviews if _is_before(source.event, review.event)]
        return day, self.register.known_to(day, before, behind, self.reviews) if self.register else self.register

    @cached_property
    def _now(self) -> object:
        return self._values(self.record, self.use, self.context.as_of, self.register)

    def _same_use(self, old: Record) -> Use | None:
        """The use of another revision that stands for this one, as the cut sees it: same shot and frames, then same place."""
        if old.uses and not any(use.shot in (None, self.use.shot) for use in old.uses):
            return self.use  # it was not declared for this shot: that is for its scope to say
        now, before = (self._uses(record) for record in (self.record, old))
        if self.use not in now:
            return before[0] if before else None
        place = [use for use in now if use.frames == self.use.frames].index(self.use)
        alike = [use for use in before if use.frames == self.use.frames] or before
        return alike[min(place, len(alike) - 1)] if alike else None

    def _uses(self, record: Record) -> list[Use]:
        return uses_in(record, self.context.shot or self.use.shot, self.context.stage, self.context.purpose)[0]

    def _values(self, record: Record, use: Use, day: dt.date, register: Register) -> object:
        """What rules in force may read of a revision, with what a register said on a day."""
        tag, tools = register.look(record.tag, use, day)
        return fact_values(Facts(tag, use, tools), self.packs)

    def scope_misses(self, each: Filed, *, strict: bool) -> list[Reason]:
        """What of the evidence's scope does not fit; ``strict``: a limit needs the shot or version to be known.

        A refusal fits where it and the show have a territory in common; what permits must cover all of them.
        """
        scope, context = each.evidence.scope, self.context
        found = []
        shot = context.shot if context.in_cut else context.shot or self.use.shot
        if scope.shots and (shot is not None or strict) and not matches_any(shot, scope.shots):
            found.append(Reason("shot_out_of_scope", f"is for {listed(scope.shots)}, not {shot or 'an unknown shot'}"))
        version = context.version
        if scope.versions and (version is not None or strict) and not same_version(version, scope.versions):
            found.append(Reason("version_drift", f"is for {listed(scope.versions)}, here is {version or 'an unknown version'}"))
        purpose = context.purpose or self.use.purpose or Purpose.PROGRAMME
        if scope.purposes and purpose not in scope.purposes:
            words = listed([each.value for each in scope.purposes])
            found.append(Reason("purpose_out_of_scope", f"is for {words}, not {purpose}"))
        missing = [place for place in context.territories if not covers(scope.territories, place)]
        if each.evidence.kind in REFUSALS:
            missing = missing if not overlap(scope.territories, context.territories) else []
        if scope.territories and (missing or (strict and not context.territories)):
            where = f"not {listed(missing)}" if missing else "and the show states no territories"
            found.append(Reason("territory_out_of_scope", f"is for {listed(scope.territories)}, {where}"))
        return found

    def _undeclared(self, each: Filed) -> list[Reason]:
        """Evidence that names no shots or purposes is for those that its revision declared, and no others."""
        shot, purpose, scope = self.context.shot, self.context.purpose or self.use.purpose, each.evidence.scope
        refs = [ref.revision for ref in each.evidence.tags if ref.id == self.record.id]
        uses = [use for n in refs for use in (self.revisions[n].uses if n in self.revisions else ())]
        here = [use for use in uses if shot is None or use.shot in (None, shot)] or uses
        declared = {use.purpose or Purpose.PROGRAMME for use in here} or {Purpose.PROGRAMME}
        if purpose is not None and purpose not in declared and not scope.purposes:
            words = listed(sorted(each.value for each in declared))
            return [Reason("purpose_out_of_scope", f"is for the declared {words}, not {purpose}")]
        if scope.shots or shot is None:
            return []
        if any(use.shot in (None, shot) for use in uses) or not (uses or self.context.in_cut):
            return []
        return [
            Reason("shot_out_of_scope", f"is for the declared {listed([str(use.shot) for use in uses]) or 'uses'}, not {shot}")
        ]


def given_facts(evidence: Evidence, record: Record) -> Given:
    """What a rule may demand of evidence, as far as evidence and record tell."""
    consent = evidence.consent or Consent()
    days = [step.at for step in record.tag.steps or ()]
    known = [day for day in days if day is not None]
    return Given(
        role=evidence.role, attached=Answer.YES if evidence.attachment else Answer.NO, replica_type=consent.replica_type,
        specific_use=consent.specific_use, signed_separately=consent.signed_separately, signed_by=consent.signed_by,
        compensated=consent.compensated, before_work=_precedes(evidence.date, known, len(known) == len(days), 0),
        notice_48h=_precedes(consent.notice, known, len(known) == len(days), 2),
    )  # fmt: skip


def _precedes(day: dt.date | None, work: Sequence[dt.date], complete: bool, apart: int) -> Answer:
    """Whether a day came more than ``apart`` days before all work. Days have no hours: exactly that many is unsure."""
    if day is None or not work:
        return Answer.UNSURE
    between = (min(work) - day).days
    if between < apart:
        return Answer.NO
    return Answer.YES if between > apart and complete else Answer.UNSURE


def fact_values(facts: Facts, packs: Sequence[Pack]) -> object:
    """The value of every fact that some rule in force may read: what must not change under evidence."""
    paths = frozenset().union(*(pack.paths() for pack in packs))

    def values(place: Facts, root: str) -> list[object]:
        own = sorted(path for path in paths if path.partition(".")[0] == root and path != root)
        item = place.bound.get(root)
        return [getattr(item, "id", None), *(place.value(path) for path in own)]

    plain = [(path, facts.value(path)) for path in sorted(paths) if path.partition(".")[0] not in BOUND]
    talent, all_talent = facts.each("talent")
    steps, all_steps = facts.each("step")
    made = [
        (
            values(step, "step"),
            values(step, "tool"),
            [values(item, "input") for _, item in step.each("input")[0]],
            step.each("input")[1],
        )
        for _, step in steps
    ]
    return [plain, [values(each, "talent") for _, each in talent], all_talent, made, all_steps]


def is_after(later: Filed, earlier: Filed) -> bool:
    """Whether a refusal can have come after: by the day on the paper (same day counts), or by the chain it was recorded in.

    The chain holds where a clock was set back.
    """
    if later.evidence.date >= earlier.evidence.date:
        return True
    return _is_before(earlier.event, later.event)


def _is_before(earlier: str, later: str) -> bool:
    """Whether one event was recorded before another in the same chain."""
    (writer, _, number), (other, _, before) = later.rpartition("-"), earlier.rpartition("-")
    return writer == other and number.isdigit() and before.isdigit() and int(number) > int(before)


def same_version(version: str | None, allowed: Iterable[str]) -> bool:
    """Whether a version is one of these: the same text or the same number. No version is none of them."""
    if version is None:
        return False
    number = version_number(version)
    return any(version == each or (number is not None and number == version_number(each)) for each in allowed)


def _revision(each: Filed, record: Record) -> str:
    return ", ".join(str(ref.revision) for ref in each.evidence.tags if ref.id == record.id)


def who(each: Filed) -> str:
    """Who gave it, with the role."""
    return f"{each.evidence.given_by} ({each.evidence.role})" if each.evidence.role else each.evidence.given_by


def because(each: Filed) -> str:
    """The stated reason, behind a colon."""
    return f": {each.evidence.reason}" if each.evidence.reason else ""


def listed(words: Sequence[str]) -> str:
    """Words with commas between them."""
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
