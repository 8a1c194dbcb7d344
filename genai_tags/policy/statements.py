"""Statements about tools, as they stand in tools.yaml: what a reviewer stated of a tool on a day."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genai_tags.codec import decode_document, digest, encode
from genai_tags.errors import InputError, Problem
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

    def digest(self) -> str:
        """What it states of the tool, without the paperwork: two of one digest say the same."""
        return statement_digest(encode(self))

    def names(self) -> set[str]:
        """What artists may call the tool."""
        return {plain_name(name) for name in (self.tool, *self.aliases)}

    def settles(self, tier: str | None) -> dict[str, Any]:
        """What it says of a step on a licence tier; what tiers state differently is unknown where the tier is."""
        found = {name: getattr(self, name) for name in WORSE}
        return {**found, **{name: self._of_tier(name, tier) for name in ("enterprise_agreement", *KEEPS)}}

    def _of_tier(self, name: str, tier: str | None) -> Answer:
        general: Answer = getattr(self, name)
        if not self.tiers:
            return general
        meant = self.tiers if tier is None else (self.tier(tier),)
        values = {Answer.UNSURE if each is None else _stated(getattr(each, name), general) for each in meant}
        return values.pop() if len(values) == 1 else Answer.UNSURE

    def tier(self, name: str | None) -> Tier | None:
        """The tier of that name."""
        return next((each for each in self.tiers if name is not None and plain_name(each.name) == plain_name(name)), None)


KEEPS = ("stores_inputs", "reuses_inputs", "trains_on_inputs")
_YES_ISWORSE, _NO_ISWORSE = (Answer.NO, Answer.YES), (Answer.YES, Answer.NO)
WORSE: Mapping[str, tuple[Any, ...]] = {
    "ai_class": (AIClass.ANALYTIC, AIClass.GENERATIVE),
    "enterprise_agreement": _NO_ISWORSE,
    **dict.fromkeys(KEEPS, _YES_ISWORSE),
    "training_data": (TrainingData.OWNED, TrainingData.LICENSED, TrainingData.UNOWNED),
    "trained_on_talent": _YES_ISWORSE,
}
"""The facts of a step that a register can settle, each with its values, better ones first."""


def plain_name(name: str) -> str:
    """A name as it is compared: case and spaces do not count."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _stated(answer: Answer, otherwise: Answer) -> Answer:
    return otherwise if answer is Answer.UNSURE else answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    schema: str
    tools: tuple[Statement, ...] = field(default=())


def statement_digest(stated: Mapping[str, Any]) -> str:
    """The digest of what rules may read of an encoded statement."""
    return digest({key: value for key, value in stated.items() if key not in _PAPERWORK})


_PAPERWORK = ("reviewed_by", "reason", "cite", "client_approval", "vendor", "tool_class", "risk")


def read_statements(data: bytes, source: str) -> tuple[Statement, ...]:
    """Statements from tools.yaml. Raises InputError with every problem."""
    made = decode_document(_File, load_yaml(decode_text(data, source), source), TOOLS_SCHEMA, source)
    problems = _check(made.tools)
    if problems:
        raise InputError(source, problems)
    return made.tools


def _check(statements: Sequence[Statement]) -> list[Problem]:
    """What no type can say: names are there, one name is one tool, and a tier is stated once."""
    problems: list[Problem] = []
    owners: dict[str, set[str]] = {}
    for i, each in enumerate(statements):
        if not each.tool.strip() or not each.reviewed_by.strip():
            problems.append(Problem(f"tools[{i}]", "names no tool or no reviewer"))
        tiers = [plain_name(tier.name) for tier in each.tiers]
        problems += [Problem(f"tools[{i}].tiers", f"states {t!r} twice") for t in sorted(set(tiers)) if tiers.count(t) > 1]
        for name in each.names():
            owners.setdefault(name, set()).add(plain_name(each.tool))
    for name, tools in sorted(owners.items()):
        if len(tools) > 1:
            problems.append(
                Problem("tools", f"{name!r} names several tools ({', '.join(sorted(tools))}); one name is one tool")
            )
    return problems
