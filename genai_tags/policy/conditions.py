"""Conditions of rules: data in, yes / no / unknown out, with the facts that decided it.

A condition is a mapping, and all its entries must hold:

    use.stage: final               the fact is this word
    input.kinds: [script, contract]   it is one of these; for a list fact: it holds one of these
    stated: step.terms_ref         somebody stated it, and not as "none"
    any: [...]   all: [...]   not: {...}
    some: step / input / talent, with where: {...}
    certain: {...}                 yes only if the inner condition is certainly yes; an unknown is no
    unknown: {...}                 yes if the inner condition is unknown
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from genai_tags.errors import Problem
from genai_tags.policy.facts import COLLECTIONS, Facts, FactType, type_of

Truth = bool | None
"""True, False, or None for unknown."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came out, and the facts it rests on: ``path = value`` or ``path not stated``."""

    truth: Truth
    because: tuple[str, ...] = ()


class Condition:
    """One condition. ``paths`` are all facts it may read."""

    __slots__ = ()

    def evaluate(self, facts: Facts) -> Result:
        """Yes, no or unknown for these facts."""
        raise NotImplementedError

    def paths(self) -> frozenset[str]:
        """Every fact that may be read, whatever the outcome."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Is(Condition):
    """A fact is one of ``words``; for a list, holds one of them."""

    path: str
    words: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    """What a pack-declared fact may be; anything else is as good as not stated."""

    def evaluate(self, facts: Facts) -> Result:
        value = facts.value(self.path)
        if value is None or (self.allowed and value not in self.allowed):
            return Result(None, (f"{self.path} not stated",))
        if isinstance(value, tuple):
            hit = [word for word in value if word in self.words]
            return Result(bool(hit), (f"{self.path} = {', '.join(hit or value) or 'none'}",))
        return Result(value in self.words, (f"{self.path} = {value}",))

    def paths(self) -> frozenset[str]:
        return frozenset((self.path,))


@dataclass(frozen=True, slots=True)
class Stated(Condition):
    """Somebody stated a fact, and not as ``none``."""

    path: str

    def evaluate(self, facts: Facts) -> Result:
        value = facts.value(self.path)
        if value is None:
            return Result(None, (f"{self.path} not stated",))
        return Result(value not in ("none", ()), (f"{self.path} = {value or 'none'}",))

    def paths(self) -> frozenset[str]:
        return frozenset((self.path,))


@dataclass(frozen=True, slots=True)
class All(Condition):
    """Every inner condition holds."""

    inner: tuple[Condition, ...]

    def evaluate(self, facts: Facts) -> Result:
        return _join([each.evaluate(facts) for each in self.inner], decisive=False)

    def paths(self) -> frozenset[str]:
        return frozenset().union(*(each.paths() for each in self.inner))


@dataclass(frozen=True, slots=True)
class Any_(Condition):  # noqa: N801 - the word is "any"
    """At least one inner condition holds."""

    inner: tuple[Condition, ...]

    def evaluate(self, facts: Facts) -> Result:
        return _join([each.evaluate(facts) for each in self.inner], decisive=True)

    def paths(self) -> frozenset[str]:
        return frozenset().union(*(each.paths() for each in self.inner))


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The inner condition does not hold."""

    inner: Condition

    def evaluate(self, facts: Facts) -> Result:
        found = self.inner.evaluate(facts)
        return Result(None if found.truth is None else not found.truth, found.because)

    def paths(self) -> frozenset[str]:
        return self.inner.paths()


@dataclass(frozen=True, slots=True)
class Certain(Condition):
    """The inner condition is certainly true: an unknown never fires what this guards."""

    inner: Condition

    def evaluate(self, facts: Facts) -> Result:
        found = self.inner.evaluate(facts)
        return Result(found.truth is True, found.because)

    def paths(self) -> frozenset[str]:
        return self.inner.paths()


@dataclass(frozen=True, slots=True)
class Unknown(Condition):
    """Nobody stated enough to tell the inner condition."""

    inner: Condition

    def evaluate(self, facts: Facts) -> Result:
        found = self.inner.evaluate(facts)
        return Result(found.truth is None, found.because)

    def paths(self) -> frozenset[str]:
        return self.inner.paths()


@dataclass(frozen=True, slots=True)
class Some(Condition):
    """At least one step, input or talent satisfies ``where``."""

    root: str
    where: Condition

    def evaluate(self, facts: Facts) -> Result:
        items, complete = facts.each(self.root)
        found = [(name, self.where.evaluate(each)) for name, each in items]
        named = [Result(r.truth, tuple(f"{name}: {text}" for text in r.because)) for name, r in found]
        if not complete:
            named.append(Result(None, (f"{self.root} list not stated",)))
        return _join(named, decisive=True, empty=(f"{self.root} list = none",))

    def paths(self) -> frozenset[str]:
        return self.where.paths() | {self.root}


def _join(results: list[Result], *, decisive: bool, empty: tuple[str, ...] = ()) -> Result:
    """Three-valued any (decisive True) or all (decisive False)."""
    for want in (decisive, None):
        hits = [r for r in results if r.truth is want]
        if hits:
            return Result(want, tuple(dict.fromkeys(text for r in hits for text in r.because)))
    texts = tuple(dict.fromkeys(text for r in results for text in r.because))
    return Result(not decisive, texts or empty)


# ---------------------------------------------------------------- from YAML


def parse(data: Any, path: str, declared: Mapping[str, FactType], problems: list[Problem]) -> Condition:
    """A condition from pack data. What is wrong goes to ``problems``, with its dotted path."""
    return _Parser(declared, problems).condition(data, path)


class _Parser:
    def __init__(self, declared: Mapping[str, FactType], problems: list[Problem]) -> None:
        self.declared = declared
        self.problems = problems
        self.words: dict[str, Callable[[Any, str], Condition]] = {
            "all": lambda data, path: All(self._list(data, path)),
            "any": lambda data, path: Any_(self._list(data, path)),
            "not": lambda data, path: Not(self.condition(data, path)),
            "certain": lambda data, path: Certain(self.condition(data, path)),
            "unknown": lambda data, path: Unknown(self.condition(data, path)),
            "stated": self._stated,
        }

    def condition(self, data: Any, path: str) -> Condition:
        if not isinstance(data, Mapping) or not data:
            self.problems.append(Problem(path, "must be a condition: a mapping with at least one entry"))
            return All(())
        parts = [self._entry(data, key, value, f"{path}.{key}") for key, value in data.items() if key != "where"]
        if "where" in data and "some" not in data:
            self.problems.append(Problem(f"{path}.where", "stands without some:"))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _entry(self, data: Mapping[str, Any], key: str, value: Any, path: str) -> Condition:
        if key == "some":
            if value not in COLLECTIONS:
                self.problems.append(Problem(path, f"must be one of {', '.join(COLLECTIONS)}, not {value!r}"))
            return Some(str(value), self.condition(data.get("where"), path.removesuffix("some") + "where"))
        if key in self.words:
            return self.words[key](value, path)
        return self._fact(key, value, path)

    def _list(self, data: Any, path: str) -> tuple[Condition, ...]:
        if not isinstance(data, list) or not data:
            self.problems.append(Problem(path, "must be a list of conditions"))
            return ()
        return tuple(self.condition(item, f"{path}[{i}]") for i, item in enumerate(data))

    def _stated(self, data: Any, path: str) -> Condition:
        if self._type(str(data), path) is None:
            return All(())
        return Stated(str(data))

    def _fact(self, fact: str, value: Any, path: str) -> Condition:
        kind = self._type(fact, path)
        words = tuple(str(v) for v in value) if isinstance(value, list) else (str(value),)
        if value is None or not words:
            self.problems.append(Problem(path, "names no value"))
        for word in words if kind and kind.words else ():
            if kind and word not in kind.words:
                self.problems.append(Problem(path, f"{word!r} is not among {', '.join(kind.words)}{_near(word, kind.words)}"))
        return Is(fact, words, kind.words if kind and fact.startswith("facts.") else ())

    def _type(self, fact: str, path: str) -> FactType | None:
        kind = type_of(fact, self.declared)
        if kind is None:
            self.problems.append(Problem(path, f"there is no fact {fact!r}"))
        return kind


def _near(word: str, words: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(words), 1)
    return f"; did you mean {near[0]!r}?" if near else ""
