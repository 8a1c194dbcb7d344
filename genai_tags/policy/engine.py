"""What the packs in force say about one tag in one use. Pure: facts in, findings out; evidence has no part here.

Three values: a rule whose condition is unknown yields an *open* finding, its outcome the milder of the rule's own and
``escalate``, with the question to answer. An unknown never supersedes. Within a pack superseding rules are applied
first; then the strictest outcome wins. Across packs nothing supersedes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genai_tags.model import Tag, Use
from genai_tags.policy.conditions import Result
from genai_tags.policy.facts import Facts, ToolFacts
from genai_tags.policy.pack import Outcome, Pack, Rule, RuleKind
from genai_tags.vocabulary import EvidenceKind

OUTCOME_NEEDS: dict[Outcome, tuple[str, ...]] = {
    Outcome.ALLOWED: (),
    Outcome.NOTIFY: ("notice",),
    Outcome.JUDGEMENT: ("notice", "reason"),
    Outcome.ESCALATE: ("notice", "answer"),
    Outcome.WRITTEN_APPROVAL: ("approval",),
    Outcome.PROHIBITED: (),
}
"""What settles an outcome. ``reason`` is the named person's reason, given with a notice."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says. ``needs`` are evidence kinds (and ``reason``); ``subject`` the step, input or talent meant."""

    pack: str
    rule: str
    title: str
    cite: str
    outcome: Outcome
    open: bool
    superseded_by: str | None
    needs: tuple[str, ...]
    because: tuple[str, ...]
    question: str
    message: str
    fix: str
    who: str
    subject: str | None = None
    subject_id: str | None = None
    """The id of the talent or input that evidence must name."""
    if_binding: Outcome | None = None
    """What an informational pack would ask for, were it binding in this show."""

    @property
    def live(self) -> bool:
        """Not superseded."""
        return self.superseded_by is None


@dataclass(frozen=True, slots=True)
class Assessment:
    """Every finding of every pack, and the strictest live outcome."""

    findings: tuple[Finding, ...]

    @property
    def top(self) -> Finding | None:
        """The strictest finding that no other rule supersedes."""
        return next((finding for finding in self.findings if finding.live), None)

    @property
    def outcome(self) -> Outcome:
        """The strictest outcome that no other rule supersedes; ``allowed`` where no rule fired."""
        return max((f.outcome for f in self.findings if f.live), key=lambda o: o.rank, default=Outcome.ALLOWED)


def assess(tag: Tag, use: Use, packs: Sequence[Pack], tools: tuple[ToolFacts, ...] = ()) -> Assessment:
    """Judge one tag in one use; ``tools`` is what the register says of each step. Strictest first, superseded ones last."""
    facts = Facts(tag, use, tools)
    findings = [finding for pack in packs for finding in _pack_findings(pack, facts)]
    return Assessment(tuple(sorted(findings, key=lambda f: (not f.live, -f.outcome.rank, f.open))))


def _pack_findings(pack: Pack, facts: Facts) -> list[Finding]:
    applies = pack.applies.evaluate(facts) if pack.applies else Result(True)
    if applies.truth is False:
        return []
    found = [finding for rule in pack.rules for finding in _rule_findings(pack, rule, facts, applies)]
    rules = {rule.id: rule for rule in pack.rules}
    winners = [f for f in found if not f.open and rules[f.rule].supersedes]
    return [_supersede(finding, winners, rules) for finding in found]


def _supersede(finding: Finding, winners: list[Finding], rules: dict[str, Rule]) -> Finding:
    for winner in winners:
        same = winner.subject is None or winner.subject == finding.subject
        if finding.rule in rules[winner.rule].supersedes and same:
            return dataclasses.replace(finding, superseded_by=winner.rule)
    return finding


def _rule_findings(pack: Pack, rule: Rule, facts: Facts, applies: Result) -> Iterator[Finding]:
    if rule.each is None:
        yield from _finding(pack, rule, rule.when.evaluate(facts), applies, None, facts)
        return
    items, complete = facts.each(rule.each)
    for name, each in items:
        yield from _finding(pack, rule, rule.when.evaluate(each), applies, name, each)
    if not complete:
        yield from _finding(pack, rule, Result(None, (f"{rule.each} list not stated",)), applies, None, facts)


def _finding(pack: Pack, rule: Rule, result: Result, applies: Result, subject: str | None, facts: Facts) -> Iterator[Finding]:
    if result.truth is False or (result.truth is None and rule.kind is RuleKind.EXCEPTION):
        return  # an exception that nobody can tell applies does not: the rule it would lift asks already
    is_open = result.truth is None or applies.truth is None
    asked = min(rule.outcome, Outcome.ESCALATE, key=lambda o: o.rank) if is_open else rule.outcome
    outcome = asked if pack.binding else min(asked, Outcome.NOTIFY, key=lambda o: o.rank)
    extra = () if is_open or not pack.binding else tuple(kind.value for kind in rule.needs)
    because = tuple(dict.fromkeys(result.because + (applies.because if applies.truth is None else ())))
    unstated = is_open or any(text.endswith("not stated") for text in because)
    item = facts.bound.get(rule.each) if rule.each else None
    tool = facts.bound.get("tool") if rule.reads("tool") else None
    if tool is not None and tool.note:
        because = (*because, tool.note)
    yield Finding(
        pack=pack.id, rule=rule.id, title=rule.title, cite=(tool and tool.cite) or pack.url(rule), outcome=outcome, open=is_open,
        superseded_by=None, needs=OUTCOME_NEEDS[outcome] + extra, because=because, if_binding=asked if asked != outcome else None,
        question=(rule.question or f"Is this so: {rule.title}?") if unstated else "",
        message=rule.message, fix=rule.fix, who=rule.who, subject=subject, subject_id=getattr(item, "id", None),
    )  # fmt: skip


PER_SUBJECT = frozenset(
    kind.value for kind in (EvidenceKind.TALENT_CONSENT, EvidenceKind.GUILD_CONSENT, EvidenceKind.RIGHTS_CLEARANCE)
)
"""Evidence that must name the talent or the input that a finding is about, where it has an id."""

ALL_NEEDS = (
    frozenset(need for needs in OUTCOME_NEEDS.values() for need in needs)
    | PER_SUBJECT
    | {kind.value for kind in (EvidenceKind.LEGAL_REVIEW, EvidenceKind.HUMAN_INPUT, EvidenceKind.LABEL)}
)
"""Everything that a verdict may still be in need of."""
