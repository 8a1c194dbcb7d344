"""A policy's own words for whoever fills in a form: the rows of its matrix, and what its rules say of each fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from genai_tags.policy.conditions import All, Condition, Is, Some
from genai_tags.policy.pack import Pack, RuleKind
from genai_tags.vocabulary import UseCase


@dataclass(frozen=True, slots=True)
class Quote:
    """What a rule says of a fact that it reads."""

    pack: str
    rule: str
    title: str
    message: str
    question: str
    cite: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of a use case matrix. ``states`` are the facts that make it this row, with the words that do."""

    pack: str
    rule: str
    title: str
    message: str
    cite: str
    use_case: UseCase | None
    states: Mapping[str, tuple[str, ...]]


def matrix(packs: Iterable[Pack]) -> list[MatrixRow]:
    """Every row of every pack's matrix, in the packs' order."""
    return [
        MatrixRow(pack.id, rule.id, rule.title, rule.message, pack.url(rule), rule.use_case, stated(rule.when))
        for pack in packs
        for rule in pack.rules
        if rule.kind is RuleKind.MATRIX
    ]


def stated(condition: Condition) -> dict[str, tuple[str, ...]]:
    """The facts that a condition asks for outright; what stands under any, not or certain is no such fact."""
    if isinstance(condition, Is):
        return {condition.path: tuple(condition.words)}
    if isinstance(condition, All):
        return {path: words for inner in condition.inner for path, words in stated(inner).items()}
    return stated(condition.where) if isinstance(condition, Some) else {}


def quotes(packs: Sequence[Pack]) -> dict[str, list[Quote]]:
    """What the rules that read a fact say, by the fact's path; a rule about few facts comes first. A pack's own facts bring
    their question and help."""
    found: dict[str, list[tuple[int, Quote]]] = {}
    for pack in packs:
        for name, kind in pack.facts.items():
            own = Quote(pack.id, f"facts.{name}", kind.question, kind.help, kind.question, kind.source or pack.source)
            found.setdefault(f"facts.{name}", []).append((0, own))
        for rule in pack.rules:
            paths = rule.when.paths()
            quote = Quote(pack.id, rule.id, rule.title, rule.message, rule.question, pack.url(rule))
            for path in paths:
                found.setdefault(path, []).append((len(paths), quote))
    return {path: [quote for _, quote in sorted(each, key=lambda pair: pair[0])] for path, each in found.items()}
