"""Facts for tests: a calm tag on which no rule asks for more than a notice, and changes to it by dotted path."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

import yaml

from genai_tags.codec import decode_facts
from genai_tags.model import Tag, Use

UNSET = "<taken out>"
"""A value that no fact may have: take the fact out."""

PACK_HEAD = b"""
schema: genai_tags.pack/1
id: x
title: t
party: p
version: "1"
source: s
retrieved: d
effective: d"""
"""What a pack begins with; rules, and what else it says, follow on a new line."""

STEP: dict[str, Any] = {
    "tool": "Generator", "version": "2", "at": "2026-11-10", "operation": "generate", "ai_class": "generative", "hosting": "on_premises",
    "enterprise_agreement": "yes", "terms_ref": "T-1", "stores_inputs": "no", "reuses_inputs": "no", "trains_on_inputs": "no",
    "training_data": "licensed", "trained_on_talent": "no", "trained_for": "this_production",
    "inputs": [{"id": "I1", "kinds": ["own"]}],
}  # fmt: skip

TALENT: dict[str, Any] = {
    "id": "T07", "kind": "replica", "modality": ["face"], "recognisable": "yes", "guild": "none", "exception": "none",
    "affects": {"emotional_tone": "no", "delivery": "no", "intent": "no", "unscripted_words": "no"},
}  # fmt: skip

CALM: dict[str, Any] = {
    "tag": {
        "element": "a cloud", "element_type": "visual", "use_case": "other", "key_element": "none",
        "answers": {
            "no_recreation": "yes", "no_training_on_inputs": "yes", "secure_environment": "yes", "temporary": "yes",
            "no_talent_replacement": "yes",
        },
        "steps": [STEP], "talent": [], "could_mislead": "no", "union_role_impact": "no", "human_input": {"level": "substantial"},
    },
    "uses": [{"shot": "AGM_104_065_010", "stage": "temp", "presence": "incidental", "story_relevant": "no", "purpose": "programme"}],
}  # fmt: skip


def facts(changes: Mapping[str, Any] | None = None, base: Mapping[str, Any] = CALM) -> dict[str, Any]:
    """The base with values set (or, for UNSET, taken out) at dotted paths such as ``tag.steps[0].tool``."""
    found = copy.deepcopy(dict(base))
    for path, value in (changes or {}).items():
        *parents, last = [int(p) if p.isdigit() else p for p in re.findall(r"[^.\[\]]+", path)]
        place: Any = found
        for name in parents:
            place = place[name]
        if value == UNSET:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)
    return found


def tag_and_use(changes: Mapping[str, Any] | None = None) -> tuple[Tag, Use]:
    """The same as model objects, with the first use."""
    tag, uses = decode_facts(facts(changes), "test")
    return tag, uses[0]


def as_yaml(changes: Mapping[str, Any] | None = None) -> str:
    """The same as a FACTS.yaml."""
    return yaml.dump(facts(changes), Dumper=Plain, sort_keys=False)


class Plain(yaml.SafeDumper):
    """Writes every value out: the strict loader refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
