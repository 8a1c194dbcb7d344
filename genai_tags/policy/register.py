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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from genai_tags.codec import Decoder, kind_of
from genai_tags.errors import InputError, Problem
from genai_tags.model import Answers, Step, Tag, Use
from genai_tags.policy.facts import ToolFacts
from genai_tags.strict import decode_text, load_yaml
from genai_tags.vocabulary import (
    AIClass,
    Answer,
    Hosting,
    Purpose,
    Risk,
    Stage,
    ToolClass,
    ToolStatus,
    TrainingData,
    UseCase,
)

TOOLS_SCHEMA = "genai_tags.tools/1"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Terms of use: which, of what date, and when somebody last read them."""

    ref: str | None = None
    date: dt.date | None = None
    seen: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One licence tier that a tool is sold on, and what it does with what it is given."""

    name: str
    enterprise_agreement: Answer = Answer.UNSURE
    stores_inputs: Answer = Answer.UNSURE
    reuses_inputs: Answer = Answer.UNSURE
    trains_on_inputs: Answer = Answer.UNSURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a reviewer stated about a tool on a day. An empty list sets no limit; versions and models are patterns."""

    tool: str
    date: dt.date
    reviewed_by: str
    status: ToolStatus = ToolStatus.ALLOWED
    aliases: tuple[str, ...] = ()
    vendor: str | None = None
    tool_class: ToolClass | None = None
    risk: Risk | None = None
    ai_class: AIClass | None = None
    models: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    use_cases: tuple[UseCase, ...] = ()
    stages: tuple[Stage, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    hosting: tuple[Hosting, ...] = ()
    tiers: tuple[Tier, ...] = ()
    enterprise_agreement: Answer = Answer.UNSURE
    stores_inputs: Answer = Answer.UNSURE
    reuses_inputs: Answer = Answer.UNSURE
    trains_on_inputs: Answer = Answer.UNSURE
    training_data: TrainingData | None = None
    trained_on_talent: Answer = Answer.UNSURE
    terms: Terms = Terms()
    client_approval: str | None = None
    cite: str | None = None
    reason: str | None = None

    def names(self) -> set[str]:
        """What artists may call the tool."""
        return {_plain(name) for name in (self.tool, *self.aliases)}

    def settles(self, tier: str | None) -> dict[str, Any]:
        """What it says of a step on a licence tier; what tiers state differently is unknown where the tier is."""
        found = {name: getattr(self, name) for name in _WORSE}
        return {**found, **{name: self._of_tier(name, tier) for name in ("enterprise_agreement", *_KEEPS)}}

    def _of_tier(self, name: str, tier: str | None) -> Answer:
        general: Answer = getattr(self, name)
        if not self.tiers:
            return general
        meant = self.tiers if tier is None else (self.tier(tier),)
        values = {Answer.UNSURE if each is None else _stated(getattr(each, name), general) for each in meant}
        return values.pop() if len(values) == 1 else Answer.UNSURE

    def tier(self, name: str | None) -> Tier | None:
        """The tier of that name."""
        return next((each for each in self.tiers if name is not None and _plain(each.name) == _plain(name)), None)


_KEEPS = ("stores_inputs", "reuses_inputs", "trains_on_inputs")
_YES_IS_WORSE, _NO_IS_WORSE = (Answer.NO, Answer.YES), (Answer.YES, Answer.NO)
_WORSE: Mapping[str, tuple[Any, ...]] = {
    "ai_class": (AIClass.ANALYTIC, AIClass.GENERATIVE),
    "enterprise_agreement": _NO_IS_WORSE,
    **dict.fromkeys(_KEEPS, _YES_IS_WORSE),
    "training_data": (TrainingData.OWNED, TrainingData.LICENSED, TrainingData.UNOWNED),
    "trained_on_talent": _YES_IS_WORSE,
}
"""The facts of a step that a register can settle, each with its values, better ones first."""


@dataclass(frozen=True, slots=True)
class Register:
    """A show's register. ``terms_days``: how old terms may be on the day of a step; None for no limit."""

    statements: tuple[Statement, ...] = ()
    terms_days: int | None = None
    source: str = ""
    digest: str = ""

    def __bool__(self) -> bool:
        return bool(self.source)

    def current(self, name: str, day: dt.date) -> Statement | None:
        """What is stated of a tool as of a day."""
        fitting = [each for each in self.statements if _plain(name) in each.names() and each.date <= day]
        return max(reversed(fitting), key=_order) if fitting else None

    def known_on(self, day: dt.date, told: Iterable[str] = ()) -> dt.date:
        """The day whose statements somebody who wrote on ``day`` certainly knew: of one day nobody can tell which came first.

        The first statement of a tool is taken as known on its own day; ``told`` are tools whose change was recorded before.
        """
        known = {_plain(name) for name in told}
        anew = [each for each in self.statements if each.date == day and not each.names() & known]
        restated = any(other.date < day and other.names() & each.names() for each in anew for other in self.statements)
        return day - dt.timedelta(1) if restated else day

    def tools(self, day: dt.date) -> list[Statement]:
        """What is stated of every tool as of a day, by name."""
        names = dict.fromkeys(_plain(each.tool) for each in self.statements)
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
        then = self.current(step.tool or "", min(day, step.at)) if step.at else now
        governing = then or now
        reviewed = _both(_fits(step.version, governing.versions), _fits(step.model, governing.models))
        filled = _fill(step, governing) if reviewed is Answer.YES else step
        tier = governing.tier(step.licence_tier)
        return filled, ToolFacts(
            registered=Answer.YES,
            status=now.status,
            version_reviewed=reviewed,
            allowed_here=_both(
                _among(tag.use_case, now.use_cases), _among(use.stage, now.stages), _among(use.purpose, now.purposes),
                _among(step.hosting, now.hosting),
            ),
            tier_allowed=_tier_allowed(step, governing),
            tier_trains=Answer.YES if tier and any(getattr(tier, name) is Answer.YES for name in _KEEPS) else Answer.NO,
            terms_fresh=self._terms_fresh(step, day),
            terms_changed=_changed(then, now, step.licence_tier),
            before_withdrawal=_before(step.at, now.date) if now.status is ToolStatus.WITHDRAWN else Answer.NO,
            differs=Answer.YES if _contradicts(step, governing) else Answer.NO,
            cite=now.cite or f"{self.source}#{now.tool}",
            note=_note(now),
        )  # fmt: skip

    def _terms_fresh(self, step: Step, day: dt.date) -> Answer:
        """Whether somebody had read the terms within ``terms_days`` before the step."""
        if self.terms_days is None:
            return Answer.YES
        if step.at is None:
            return Answer.UNSURE
        seen = [
            each.terms.seen or each.terms.date
            for each in self.statements
            if _plain(step.tool or "") in each.names() and each.date <= day
        ]
        days = [(step.at - each).days for each in seen if each is not None]
        return Answer.YES if any(0 <= n <= self.terms_days for n in days) else Answer.NO


def _order(statement: Statement) -> tuple[dt.date, int]:
    return statement.date, list(ToolStatus).index(statement.status)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _fits(value: str | None, patterns: Sequence[str]) -> Answer:
    if not patterns:
        return Answer.YES
    if value is None:
        return Answer.UNSURE
    return Answer.YES if any(fnmatch.fnmatchcase(_plain(value), _plain(each)) for each in patterns) else Answer.NO


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


def _changed(then: Statement | None, now: Statement, tier: str | None) -> Answer:
    """Whether what governs a step was stated anew since, and differently."""
    if then is None or then is now:
        return Answer.NO
    return Answer.YES if then.settles(tier) != now.settles(tier) else Answer.NO


def _stated(answer: Answer, otherwise: Answer) -> Answer:
    return otherwise if answer is Answer.UNSURE else answer


def _unknown(value: Any) -> bool:
    return value is None or value is Answer.UNSURE


def _worse(name: str, mine: Any, theirs: Any) -> Any:
    if _unknown(mine) or _unknown(theirs):
        return theirs if _unknown(mine) else mine
    return max(mine, theirs, key=_WORSE[name].index)


def _fill(step: Step, statement: Statement) -> Step:
    settled = statement.settles(step.licence_tier)
    values = {name: _worse(name, getattr(step, name), settled[name]) for name in _WORSE}
    terms = statement.terms
    return dataclasses.replace(
        step, **values, terms_ref=step.terms_ref or terms.ref, terms_date=step.terms_date or terms.date or terms.seen
    )


def _contradicts(step: Step, statement: Statement) -> bool:
    """Whether artist and register state different things."""
    settled = statement.settles(step.licence_tier)
    pairs = [(getattr(step, name), settled[name]) for name in _WORSE]
    return any(mine != theirs and not _unknown(mine) and not _unknown(theirs) for mine, theirs in pairs)


def _answers(tag: Tag) -> Answers:
    """The principles that steps settle: what no step keeps is not trained on, what all agreements secure is secure."""
    steps, answers = tag.steps or (), tag.answers
    keeps = [getattr(step, name) for step in steps for name in _KEEPS]
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


# ---------------------------------------------------------------- tools.yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    schema: str
    tools: tuple[Statement, ...] = field(default=())


def read_register(data: bytes, source: str, name: str, terms_days: int | None = None) -> Register:
    """A register from tools.yaml; ``name`` is what citations call it. Raises InputError with every problem."""
    document = load_yaml(decode_text(data, source), source)
    if not isinstance(document, Mapping):
        raise InputError(source, f"must hold schema: and tools:, not {kind_of(document)}")
    decoder = Decoder()
    made = decoder.build(_File, document)
    if document.get("schema") != TOOLS_SCHEMA:
        decoder.problems.append(Problem("schema", f"must be {TOOLS_SCHEMA}, not {document.get('schema')!r}"))
    if made is None or decoder.problems:
        raise InputError(source, decoder.problems)
    for i, each in enumerate(made.tools):
        if not each.tool.strip() or not each.reviewed_by.strip():
            decoder.problems.append(Problem(f"tools[{i}]", "names no tool or no reviewer"))
    if decoder.problems:
        raise InputError(source, decoder.problems)
    return Register(made.tools, terms_days, name, hashlib.sha256(data).hexdigest())
