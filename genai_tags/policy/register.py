"""The tool register: which tools a show allows, for what, on which terms.

``tools.yaml`` is a list of dated statements, each complete; of one tool the latest by date counts (of one day the
strictest, of those the last).
The terms that governed a step are those of the statement in force on the day of the step; what changed since is said.
Naming a tool fills in what the register settles; where register and artist differ the worse wins.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from genai_tags.evidence import Review
from genai_tags.model import Answers, Step, Tag, Use
from genai_tags.policy.facts import ToolFacts
from genai_tags.policy.statements import KEEPS, WORSE, Statement, Terms, plain_name, read_statements
from genai_tags.vocabulary import (
    Answer,
    ToolStatus,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Register:
    """A show's register. ``terms_days``: how old terms may be on the day of a step; None for no limit."""

    statements: tuple[Statement, ...] = ()
    terms_days: int | None = None
    source: str = ""
    digest: str = ""

    def __bool__(self) -> bool:
        return bool(self.source)

    def named(self, name: str) -> tuple[Statement, ...]:
        """Everything that is stated of a tool, by any name it ever had."""
        tools = {plain_name(each.tool) for each in self.statements if plain_name(name) in each.names()}
        return tuple(each for each in self.statements if plain_name(each.tool) in tools)

    def current(self, name: str, day: dt.date) -> Statement | None:
        """What is stated of a tool as of a day."""
        return _latest(self.named(name), day)

    def known_to(self, day: dt.date, earlier: Sequence[Review], later: Sequence[Review], reviews: Sequence[Review]) -> Register:
        """The register as somebody knew it who wrote on ``day``: without what was stated or recorded later.

        ``reviews`` are the changes in the ledger; of those ``earlier`` and ``later`` were certainly recorded before and behind
        what was written. Of one day nobody can tell the order otherwise: a statement of that day counts as known where it is
        the tool's only one so far. What was put in by hand, of a tool kept by command, counts as known
        from the next change by command.
        """
        by_tool: dict[str, list[Review]] = {}
        for review in reviews:
            by_tool.setdefault(plain_name(review.tool), []).append(review)

        def known(each: Statement) -> bool:
            kept = by_tool.get(plain_name(each.tool), [])
            same = [review for review in kept if review.content == each.digest()]
            if kept and not same and each.date >= min(review.date for review in kept):
                stated = {other.digest() for other in self.named(each.tool)}
                same = [review for review in kept if review.content in stated and review.recorded > each.date]
                if not same:
                    return False
            since = max([each.date, *(review.recorded for review in same)])
            if since != day or any(review in later for review in same):
                return since < day
            alone = not any(o is not each and o.date <= day for o in self.named(each.tool))
            return alone or any(review in earlier for review in same)

        return dataclasses.replace(self, statements=tuple(each for each in self.statements if known(each)))

    def tools(self, day: dt.date) -> list[Statement]:
        """What is stated of every tool as of a day, by name."""
        names = dict.fromkeys(plain_name(each.tool) for each in self.statements)
        return [found for name in sorted(names) if (found := self.current(name, day))]

    def look(self, tag: Tag, use: Use, day: dt.date) -> tuple[Tag, tuple[ToolFacts, ...]]:
        """The tag with what the register fills in as of a day, and what it says of each step."""
        if not self or tag.steps is None:
            return tag, ()
        looked = [self._look(step, tag, use, day) for step in tag.steps]
        filled = dataclasses.replace(tag, steps=tuple(step for step, _ in looked))
        if all(facts.version_reviewed is Answer.YES for _, facts in looked):
            filled = dataclasses.replace(filled, answers=_answers(filled))
        return filled, tuple(facts for _, facts in looked)

    def _look(self, step: Step, tag: Tag, use: Use, day: dt.date) -> tuple[Step, ToolFacts]:
        if not (step.tool or "").strip():
            return step, ToolFacts()
        now = self.current(step.tool or "", day)
        if now is None:
            note = f"{step.tool} is not in {self.source}"
            return step, ToolFacts(registered=Answer.NO, cite=f"{self.source}#{step.tool}", note=note)
        stated = self.named(now.tool)
        days = {each.date for each in stated if each.date <= day}
        history = [each for on in sorted(days) if (each := _latest(stated, on))]  # what a later one of its day replaced is gone
        then = _latest(stated, min(day, step.at)) if step.at else None
        governing = then or now
        reviewed = _both(_fits(step.version, governing.versions), _fits(step.model, governing.models))
        settled = _settled_then(step, then, history)
        if reviewed is not Answer.YES:  # what is good of another version says nothing of this one
            settled = {name: settled[name] if settled[name] == WORSE[name][-1] else _nothing(name) for name in WORSE}
        filled = _fill(step, settled, governing if reviewed is Answer.YES else None)
        return filled, ToolFacts(
            registered=Answer.YES,
            status=now.status,
            allowed_then=_allowed_then(step, then, now, history),
            version_reviewed=reviewed,
            allowed_here=_both(
                *(
                    answer
                    for each in (now, governing)
                    for answer in (
                        _among(tag.use_case, each.use_cases), _among(use.stage, each.stages), _among(use.purpose, each.purposes),
                        _among(step.hosting, each.hosting),
                    )
                )
            ),
            tier_allowed=_tier_allowed(step, governing),
            tier_trains=Answer.YES if governing.tiers and any(settled[name] is Answer.YES for name in KEEPS) else Answer.NO,
            terms_fresh=self._terms_fresh(step, history),
            terms_changed=_changed(then, now, history, step.licence_tier),
            before_withdrawal=_before(step.at, _since(history)) if now.status is ToolStatus.WITHDRAWN else Answer.NO,
            differs=Answer.YES if _contradicts(step, settled) else Answer.NO,
            cite=now.cite or f"{self.source}#{now.tool}",
            note=_note(now),
        )  # fmt: skip

    def _terms_fresh(self, step: Step, history: Sequence[Statement]) -> Answer:
        """Whether somebody had read the terms within ``terms_days`` before the step; a review without ``seen`` is a reading."""
        if self.terms_days is None:
            return Answer.YES
        if step.at is None:
            return Answer.UNSURE
        days = [(step.at - (each.terms.seen or each.date)).days for each in history if each.status is ToolStatus.ALLOWED]
        return Answer.YES if any(0 <= n <= self.terms_days for n in days) else Answer.NO


def _since(history: Sequence[Statement]) -> dt.date:
    """The first day of the unbroken run of statements that keep a tool from being used, the latest among them."""
    since = dt.date.max
    for each in sorted(history, key=_order, reverse=True):
        if each.status is ToolStatus.ALLOWED:
            break
        since = each.date
    return since


def _allowed_then(step: Step, then: Statement | None, now: Statement, history: Sequence[Statement]) -> Answer:
    """Whether a tool that is allowed now was so on the day of the step."""
    if now.status is not ToolStatus.ALLOWED:
        return Answer.YES  # what it is now says more
    if then is None:
        never = all(each.status is ToolStatus.ALLOWED for each in history)
        return Answer.YES if never or step.at is not None else Answer.UNSURE
    return Answer.YES if then.status is ToolStatus.ALLOWED else Answer.NO


def _settled_then(step: Step, then: Statement | None, history: Sequence[Statement]) -> dict[str, Any]:
    """What the register settles of a step: by the statement in force on its day.

    Of an unknown day any statement may have held, and before the first one nobody had looked: the worst of them counts, and
    nothing good is settled unless all of them agree on it.
    """
    if then is not None:
        return then.settles(step.licence_tier)
    said = [each.settles(step.licence_tier) for each in history]
    early = step.at is not None
    return {name: _worst(name, [each[name] for each in said], early) for name in WORSE}


def _worst(name: str, values: Sequence[Any], early: bool) -> Any:
    stated = [value for value in values if not _unknown(value)]
    worst = max(stated, key=WORSE[name].index) if stated else None
    if worst == WORSE[name][-1] or (worst is not None and not early and len(stated) == len(values)):
        return worst
    return _nothing(name)


def _nothing(name: str) -> Any:
    """What a fact is that nothing settles."""
    return None if name in ("ai_class", "training_data") else Answer.UNSURE


def _latest(stated: Sequence[Statement], day: dt.date) -> Statement | None:
    """Of what is stated of one tool, what counts as of a day."""
    fitting = [each for each in stated if each.date <= day]
    return max(reversed(fitting), key=_order) if fitting else None


def _order(statement: Statement) -> tuple[dt.date, int]:
    return statement.date, list(ToolStatus).index(statement.status)


def _fits(value: str | None, patterns: Sequence[str]) -> Answer:
    if not patterns:
        return Answer.YES
    if value is None:
        return Answer.UNSURE
    return Answer.YES if any(fnmatch.fnmatchcase(plain_name(value), plain_name(each)) for each in patterns) else Answer.NO


def _among(value: T | None, allowed: Sequence[T]) -> Answer:
    if not allowed:
        return Answer.YES
    return Answer.UNSURE if value is None else Answer.YES if value in allowed else Answer.NO


def _both(*answers: Answer) -> Answer:
    return next((each for each in (Answer.NO, Answer.UNSURE) if each in answers), Answer.YES)


def _before(at: dt.date | None, day: dt.date) -> Answer:
    """Whether work came before a day; of the same day nobody can tell."""
    if at is None or at == day:
        return Answer.UNSURE
    return Answer.YES if at < day else Answer.NO


def _tier_allowed(step: Step, statement: Statement) -> Answer:
    if not statement.tiers:
        return Answer.YES
    if step.licence_tier is None:
        return Answer.UNSURE
    return Answer.YES if statement.tier(step.licence_tier) else Answer.NO


def _changed(then: Statement | None, now: Statement, history: Sequence[Statement], tier: str | None) -> Answer:
    """Whether what governs a step was stated anew since, and differently; unknown where its day is, or came before them all."""
    if then is None:
        said = [each.settles(tier) for each in history]
        return Answer.NO if all(each == said[0] for each in said) else Answer.UNSURE
    return Answer.YES if then is not now and then.settles(tier) != now.settles(tier) else Answer.NO


def _unknown(value: Any) -> bool:
    return value is None or value is Answer.UNSURE


def _worse(name: str, mine: Any, theirs: Any) -> Any:
    if _unknown(mine) or _unknown(theirs):
        return theirs if _unknown(mine) else mine
    return max(mine, theirs, key=WORSE[name].index)


def _fill(step: Step, settled: Mapping[str, Any], statement: Statement | None) -> Step:
    values = {name: _worse(name, getattr(step, name), settled[name]) for name in WORSE}
    terms = statement.terms if statement else Terms()
    return dataclasses.replace(
        step, **values, terms_ref=step.terms_ref or terms.ref, terms_date=step.terms_date or terms.date or terms.seen
    )


def _contradicts(step: Step, settled: Mapping[str, Any]) -> bool:
    """Whether artist and register state different things."""
    pairs = [(getattr(step, name), settled[name]) for name in WORSE]
    return any(mine != theirs and not _unknown(mine) and not _unknown(theirs) for mine, theirs in pairs)


def _answers(tag: Tag) -> Answers:
    """The principles that steps settle: what no step keeps is not trained on, what all agreements secure is secure."""
    steps, answers = tag.steps or (), tag.answers
    keeps = [getattr(step, name) for step in steps for name in KEEPS]
    secure = [step.enterprise_agreement for step in steps]
    made = dataclasses.replace(
        answers,
        no_training_on_inputs=_settled(answers.no_training_on_inputs, keeps, Answer.NO),
        secure_environment=_settled(answers.secure_environment, secure, Answer.YES),
    )
    if Answer.YES in keeps:
        made = dataclasses.replace(made, no_training_on_inputs=Answer.NO)
    return made


def _settled(stated: Answer, found: Sequence[Answer], good: Answer) -> Answer:
    return Answer.YES if stated is Answer.UNSURE and found and set(found) == {good} else stated


def _note(statement: Statement) -> str:
    why = f": {statement.reason}" if statement.reason else ""
    terms = f", terms {statement.terms.ref}" if statement.terms.ref else ""
    return f"{statement.tool} {statement.status} by {statement.reviewed_by} on {statement.date}{terms}{why}"


def read_register(data: bytes, source: str, name: str, terms_days: int | None = None) -> Register:
    """A register from tools.yaml; ``name`` is what citations call it. Raises InputError with every problem."""
    return Register(read_statements(data, source), terms_days, name, hashlib.sha256(data).hexdigest())
