"""Policy packs: rules as data, each with the place in the source that it reads.

A pack is YAML (``packs/*.yaml``, or a file beside genai.yaml), loaded through the strict loader and checked whole:
unknown facts, misspelt words, citations without an anchor and circular supersessions are all reported at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genai_tags.codec import Decoder
from genai_tags.errors import InputError, Problem
from genai_tags.policy import conditions
from genai_tags.policy.conditions import Condition
from genai_tags.policy.facts import BOUND, COLLECTIONS, FactType
from genai_tags.strict import decode_text, load_yaml
from genai_tags.territories import problem as territory_problem
from genai_tags.vocabulary import EvidenceKind, UseCase, Word

PACK_SCHEMA = "genai_tags.pack/1"
_PACKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "packs")


class Outcome(Word):
    """What a rule asks for, mild to strict."""

    ALLOWED = "allowed"
    NOTIFY = "notify"
    JUDGEMENT = "judgement"
    ESCALATE = "escalate"
    WRITTEN_APPROVAL = "written_approval"
    PROHIBITED = "prohibited"

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return _RANKS[self]


_RANKS = {outcome: rank for rank, outcome in enumerate(Outcome)}


class RuleKind(Word):
    """What part of a guidance a rule reads."""

    DUTY = "duty"
    PRINCIPLE = "principle"
    ALWAYS = "always"
    CONFIDENTIALITY = "confidentiality"
    FINAL = "final"
    TALENT = "talent"
    EXCEPTION = "exception"
    VENDOR = "vendor"
    MATRIX = "matrix"
    LABEL = "label"


class Confidence(Word):
    """How sure we are that a source says what a rule reads from it."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    INFERENCE = "inference"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``each`` makes one finding per step, input or talent; ``supersedes`` names rules of the same pack.

    ``demands`` are conditions that evidence of a needed kind must meet to settle it. ``source`` says where the fact was found
    and ``confidence`` how sure that is.
    """

    id: str
    kind: RuleKind
    title: str
    cite: str
    when: Condition
    outcome: Outcome
    message: str
    question: str = ""
    fix: str = ""
    who: str = ""
    each: str | None = None
    needs: tuple[EvidenceKind, ...] = ()
    supersedes: tuple[str, ...] = ()
    demands: Mapping[EvidenceKind, Condition] = field(default_factory=dict)
    source: str = ""
    confidence: Confidence = Confidence.INFERENCE
    use_case: UseCase | None = None
    """For a row of a use case matrix: the label that fits it."""

    def reads(self, root: str) -> bool:
        """Whether it may read facts of a root such as ``tool``."""
        return any(path.partition(".")[0] == root for path in self.when.paths())


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules of one party. ``unofficial`` says that the reading is ours and nobody's who wrote the source.

    ``informational`` rules ask for a notice at most, unless the show makes the pack ``binding``. ``territories`` and
    ``purposes`` say where and for what the pack holds; empty means everywhere.
    """

    id: str
    title: str
    party: str
    version: str
    source: str
    retrieved: str
    effective: str
    unofficial: bool
    note: str
    anchors: Mapping[str, str]
    applies: Condition | None
    rules: tuple[Rule, ...]
    facts: Mapping[str, FactType] = field(default_factory=dict)
    informational: bool = False
    binding: bool = True
    territories: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()

    def url(self, rule: Rule) -> str:
        """Where the rule stands in the source."""
        return self.source + self.anchors[rule.cite]

    def paths(self) -> frozenset[str]:
        """Every fact that some rule of the pack may read."""
        inner = frozenset().union(*(rule.when.paths() | ({rule.each} if rule.each else set()) for rule in self.rules))
        return inner | (self.applies.paths() if self.applies else frozenset())


def builtin_names() -> list[str]:
    """The packs that come with genai_tags."""
    return sorted(name.removesuffix(".yaml") for name in os.listdir(_PACKS) if name.endswith(".yaml"))


def builtin(name: str) -> Pack:
    """A pack that comes with genai_tags. Raises InputError where there is none of that name."""
    return read_pack(builtin_text(name), f"{name}.yaml", trusted=True)


def builtin_text(name: str) -> bytes:
    """The YAML of a pack that comes with genai_tags, to copy and change. Raises InputError where there is none."""
    if name not in builtin_names():
        raise InputError(name, f"is not a policy pack; there are {', '.join(builtin_names())}, or give a .yaml file")
    with open(os.path.join(_PACKS, f"{name}.yaml"), "rb") as stream:
        return stream.read()


def read_pack(data: bytes, source: str, *, trusted: bool = False) -> Pack:
    """A pack from YAML bytes; an informational one is not binding. Raises InputError with everything that is wrong in it."""
    document = load_yaml(decode_text(data, source), source, trusted=trusted)
    if not isinstance(document, Mapping):
        raise InputError(source, "is not a policy pack")
    reader = _Reader(document)
    pack = reader.pack()
    if reader.problems or pack is None:
        raise InputError(source, reader.problems)
    return pack


_LISTS = ("territories", "purposes")
_TEXTS = ("id", "title", "party", "version", "source", "retrieved", "effective")
_KEYS = {*_TEXTS, *_LISTS, "schema", "unofficial", "informational", "note", "anchors", "applies", "facts", "rules"}
_RULE_TEXTS = ("title", "cite", "message", "question", "fix", "who", "source")
_RULE_KEYS = {*_RULE_TEXTS, "use_case", "id", "kind", "each", "when", "outcome", "needs", "supersedes", "demands", "confidence"}


class _Reader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.decoder = Decoder()
        self.decoder.problems = self.problems

    def pack(self) -> Pack | None:
        doc = self.document
        self._unknown(doc, _KEYS, "")
        if doc.get("schema") != PACK_SCHEMA:
            self._bad("schema", f"must be {PACK_SCHEMA}, not {doc.get('schema')!r}")
        texts = {name: self._text(doc, name, name) for name in _TEXTS}
        anchors = self._mapping(doc, "anchors")
        facts = self._facts()
        territories, purposes = (tuple(str(word) for word in self._list(doc, name, "pack")) for name in _LISTS)
        for wrong in filter(None, map(territory_problem, territories)):
            self._bad("territories", wrong)
        applies = self._applies(facts, purposes)
        items = doc.get("rules")
        if not isinstance(items, list) or not items:
            self._bad("rules", "must be a list of rules")
            return None
        rules = [self._rule(item, i, facts, anchors) for i, item in enumerate(items)]
        made = tuple(rule for rule in rules if rule is not None)
        self._cross_check(made)
        if self.problems:
            return None
        informational = doc.get("informational", "no") == "yes"
        return Pack(
            **texts, unofficial=doc.get("unofficial", "yes") == "yes", note=str(doc.get("note") or ""), anchors=anchors,
            applies=applies, rules=made, facts=facts, informational=informational, binding=not informational,
            territories=territories, purposes=purposes,
        )  # fmt: skip

    def _applies(self, facts: Mapping[str, FactType], purposes: tuple[str, ...]) -> Condition | None:
        """What the pack itself says, and that the use is for one of its purposes."""
        found = []
        if "applies" in self.document:
            found.append(conditions.parse(self.document["applies"], "applies", facts, self.problems))
        if purposes:
            found.append(conditions.parse({"use.purpose": list(purposes)}, "purposes", facts, self.problems))
        return conditions.All(tuple(found)) if len(found) > 1 else next(iter(found), None)

    def _rule(self, data: Any, i: int, facts: Mapping[str, FactType], anchors: Mapping[str, str]) -> Rule | None:
        path = f"rules[{i}]"
        if not isinstance(data, Mapping):
            self._bad(path, "must be a mapping")
            return None
        before = len(self.problems)
        name = self._text(data, "id", f"{path}.id")
        path = f"rules.{name}" if name else path
        self._unknown(data, _RULE_KEYS, path)
        texts = {key: " ".join(str(data.get(key) or "").split()) for key in _RULE_TEXTS}
        for key in ("title", "cite", "message"):
            if not texts[key]:
                self._bad(f"{path}.{key}", "is missing")
        if texts["cite"] and texts["cite"] not in anchors:
            self._bad(f"{path}.cite", f"{texts['cite']!r} is not among anchors")
        each = data.get("each")
        if each is not None and each not in COLLECTIONS:
            self._bad(f"{path}.each", f"must be one of {', '.join(COLLECTIONS)}")
            each = None
        kind = self._word(RuleKind, data.get("kind"), f"{path}.kind")
        outcome = self._word(Outcome, data.get("outcome"), f"{path}.outcome")
        when = conditions.parse(data.get("when"), f"{path}.when", facts, self.problems)
        self._bound(when, each, f"{path}.when")
        needs = [self._word(EvidenceKind, word, f"{path}.needs") for word in self._list(data, "needs", path)]
        supersedes = tuple(str(word) for word in self._list(data, "supersedes", path))
        demands = self._demands(data, needs, path)
        confidence = self._word(Confidence, data.get("confidence", "inference"), f"{path}.confidence") or Confidence.INFERENCE
        use_case = self._word(UseCase, data["use_case"], f"{path}.use_case") if "use_case" in data else None
        if self.document.get("informational") == "yes" and not (texts["source"] and "confidence" in data):
            self._bad(path, "is of an informational pack and must state its source and confidence")
        if len(self.problems) > before or kind is None or outcome is None:
            return None
        return Rule(
            id=name, kind=kind, outcome=outcome, when=when, each=each, supersedes=supersedes, demands=demands, confidence=confidence,
            use_case=use_case,
            needs=tuple(need for need in needs if need is not None), **texts,
        )  # fmt: skip

    def _bound(self, when: Condition, each: str | None, path: str) -> None:
        """A fact of a step, input or talent can only be asked for where one is in view."""
        views = {"step": _STEP, "input": _STEP | {"input"}, "talent": {"talent"}}.get(each or "", set())
        for fact in sorted(_loose(when, frozenset(views))):
            self._bad(path, f"{fact} stands outside some: and the rule has no fitting each:")

    def _demands(self, data: Mapping[str, Any], needs: list[Any], path: str) -> dict[EvidenceKind, Condition]:
        found: dict[EvidenceKind, Condition] = {}
        for word, condition in self._mapping(data, "demands", text=False).items():
            kind = self._word(EvidenceKind, word, f"{path}.demands")
            if kind not in needs:
                self._bad(f"{path}.demands.{word}", "is not among needs")
                continue
            found[kind] = conditions.parse(condition, f"{path}.demands.{word}", {}, self.problems)
            for fact in sorted(fact for fact in found[kind].paths() if not fact.startswith("evidence.")):
                self._bad(f"{path}.demands.{word}", f"{fact} is no fact of evidence")
        return found

    def _cross_check(self, rules: tuple[Rule, ...]) -> None:
        ids = [rule.id for rule in rules]
        for name in sorted({each for each in ids if ids.count(each) > 1}):
            self._bad(f"rules.{name}", "stands twice")
        known = {rule.id: rule for rule in rules}
        for rule in rules:
            for name in rule.supersedes:
                if name not in known:
                    self._bad(f"rules.{rule.id}.supersedes", f"there is no rule {name!r}")
                elif rule.id in known[name].supersedes or name == rule.id:
                    self._bad(f"rules.{rule.id}.supersedes", f"{name!r} and it supersede each other")
                elif known[name].each and rule.each and known[name].each != rule.each:
                    self._bad(f"rules.{rule.id}.supersedes", f"{name!r} looks at each {known[name].each}")

    def _facts(self) -> dict[str, FactType]:
        found: dict[str, FactType] = {}
        for name, data in self._mapping(self.document, "facts", text=False).items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not isinstance(data, Mapping) or not data.get("question"):
                self._bad(f"facts.{name}", "needs a plain name, a type and a question")
                continue
            self._unknown(data, {"type", "question", "help", "source"}, f"facts.{name}")
            words = data.get("type")
            if words != "text" and words != "answer" and not (isinstance(words, list) and words):
                self._bad(f"facts.{name}.type", "must be answer, text or a list of words")
            allowed = (
                {"text": (), "answer": ("yes", "no")}.get(words) if isinstance(words, str) else tuple(map(str, words or ()))
            )
            question, note, source = (" ".join(str(data.get(key) or "").split()) for key in ("question", "help", "source"))
            if self.document.get("informational") == "yes" and not source:
                self._bad(f"facts.{name}.source", "is missing: a fact of an informational pack says where it comes from")
            found[name] = FactType(allowed or (), False, question, note, source)
        return found

    def _mapping(self, data: Mapping[str, Any], key: str, text: bool = True) -> dict[str, Any]:
        value = data.get(key) or {}
        if not isinstance(value, Mapping):
            self._bad(key, "must be a mapping")
            return {}
        return {str(k): (str(v or "") if text else v) for k, v in value.items()}

    def _list(self, data: Mapping[str, Any], key: str, path: str) -> list[Any]:
        value = data.get(key) or []
        if not isinstance(value, list):
            self._bad(f"{path}.{key}", "must be a list")
            return []
        return value

    def _text(self, data: Mapping[str, Any], key: str, path: str) -> str:
        value = data.get(key)
        if not isinstance(value, str):
            self._bad(path, "is missing" if value is None else "must be text")
            return ""
        return value

    def _word(self, kind: type[Any], value: Any, path: str) -> Any:
        if value is None:
            return self._bad(path, "is missing")
        return self.decoder._scalar(kind, value, path)

    def _unknown(self, data: Mapping[str, Any], known: set[str], path: str) -> None:
        for key in data:
            if key not in known:
                self._bad(f"{path}.{key}" if path else str(key), f"is not known here; known are {', '.join(sorted(known))}")

    def _bad(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))


def _loose(condition: Condition, views: frozenset[str]) -> set[str]:
    """Facts of steps, inputs and talent that are asked for where none is in view."""
    if isinstance(condition, conditions.Some):
        inner = {"input": _STEP | {"input"}, "step": _STEP}.get(condition.root, {condition.root})
        return _loose(condition.where, views | inner)
    inner_conditions = getattr(condition, "inner", ())
    if isinstance(inner_conditions, Condition):
        inner_conditions = (inner_conditions,)
    if inner_conditions:
        return set().union(*(_loose(each, views) for each in inner_conditions))
    return {path for path in condition.paths() if (root := path.partition(".")[0]) in BOUND and root not in views}


_STEP = {"step", "tool"}
"""What is in view where a step is."""
