"""Which tags change verdict when the rules change: the same ledger, judged under one set of packs and under another."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from genai_tags.policy.engine import Finding
from genai_tags.policy.pack import Pack
from genai_tags.rules import with_base
from genai_tags.show import Judged, Show
from genai_tags.validity import Context


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One tag in one use whose verdict differs. Findings are those that only one side has."""

    before: Judged
    after: Judged
    gone: tuple[Finding, ...]
    new: tuple[Finding, ...]

    @property
    def verdict_changed(self) -> bool:
        """Whether outcome, status or what is still needed differs, not only the rules that ask."""
        return _gist(self.before) != _gist(self.after)


def replaced(packs: Sequence[Pack], old: Pack | None, new: Pack) -> list[Pack]:
    """A show's packs with ``new`` in the place of ``old``.

    What a show made binding stays so: ``new`` is binding where ``old`` was. Without ``old`` in the show, ``new`` is added.
    """
    held = next((pack for pack in packs if old is not None and pack.id == old.id), None)
    made = dataclasses.replace(new, binding=new.binding or (held is not None and held.binding))
    if held is None:
        return with_base([*(pack for pack in packs if pack.id != new.id), made])
    return with_base([made if pack is held else pack for pack in packs if pack is held or pack.id != new.id])


def rule_changes(show: Show, before: Sequence[Pack], after: Sequence[Pack], as_of: dt.date) -> tuple[int, list[RuleChange]]:
    """How many uses were judged, and those whose verdict or whose rules differ, by tag."""
    context = Context(as_of=as_of, territories=show.config.territories)
    old, new = show.under(before), show.under(after)
    judged, changes = 0, []
    for tag_id in sorted(show.state.entries):
        for was, now in zip(old.judge_uses(tag_id, context), new.judge_uses(tag_id, context), strict=True):
            judged += 1
            change = RuleChange(was, now, _only(was, now), _only(now, was))
            if change.verdict_changed or change.gone or change.new:
                changes.append(change)
    return judged, changes


def _gist(judged: Judged) -> object:
    verdict = judged.verdict
    return verdict.assessment.outcome, verdict.status, frozenset(verdict.unmet)


def _only(one: Judged, other: Judged) -> tuple[Finding, ...]:
    """Live findings of one side that the other lacks or sees differently."""
    known = {_key(finding) for finding in other.verdict.assessment.findings}
    return tuple(f for f in one.verdict.assessment.findings if f.live and _key(f) not in known)


def _key(finding: Finding) -> object:
    return finding.rule, finding.subject, finding.outcome, finding.open, finding.needs, finding.superseded_by
