"""Whose word counts in a show: roles and writers, strangers' revisions, and evidence that cites another record."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from genai_tags.config import Config
from genai_tags.evidence import Filed, writer_of
from genai_tags.ledger.state import Entry, State
from genai_tags.model import Tag, Use
from genai_tags.policy.engine import Assessment, Finding, assess
from genai_tags.policy.pack import Pack
from genai_tags.policy.register import Register
from genai_tags.status import Status
from genai_tags.validity import Reason
from genai_tags.verdict import Verdict
from genai_tags.vocabulary import REFUSALS

_GIVEN_AS = {"reason": "notice"}
"""Needs that are given as evidence of another name."""


def may_count(config: Config, each: Filed) -> bool:
    """Evidence counts from roles and writers whom the show lets give it; a refusal always does."""
    said = each.evidence
    return said.kind in REFUSALS or config.counts(said.kind.value, said.role, writer_of(each.event))


def not_counted(config: Config, each: Filed) -> Reason:
    """Why evidence does not count: its role or its writer may not give it in this show."""
    said, writer = each.evidence, writer_of(each.event)
    what = f"the {said.kind.value.replace('_', ' ')} of {said.date} ({said.ref or each.event}) does not count"
    if not config.may_give(said.role, said.kind.value):
        roles = ", ".join(config.roles[said.kind.value])
        given = f"{said.role} may not give it" if said.role else "it was given in no role"
        return Reason("not_counted", f"{what}: {given}; {roles} may")
    return Reason("not_counted", f"{what}: writers: in genai.yaml does not let {config.writer_name(writer)} give it")


def doubted(config: Config, state: State, entry: Entry, verdict: Verdict, ignored: Sequence[Filed]) -> Verdict:
    """A verdict with what evidence does not count, and stale where nobody can tell which record is the true one."""
    if ignored and verdict.unmet:
        reasons = (*verdict.reasons, *(not_counted(config, each) for each in ignored))
        verdict = dataclasses.replace(verdict, reasons=reasons)
    number = entry.record.revision
    rivals = ", ".join(rival.event.id for rival in state.conflict(entry.record.id, number))
    two = f"two different records stand as revision {number} ({rivals}); declare a new revision" if rivals else None
    odd = two or _stranger(config, state, entry)
    if odd is None or verdict.status.rank >= Status.STALE.rank:
        return verdict
    return dataclasses.replace(verdict, status=Status.STALE, reasons=(Reason("stale", odd), *verdict.reasons), evidence=())


def undeclared(entry: Entry, verdict: Verdict) -> Verdict:
    """A verdict as of a day before anybody had declared the tag: nothing that was settled since was settled then."""
    if verdict.status.rank >= Status.OPEN.rank:
        return verdict
    why = Reason("open", f"it was declared on {entry.at[:10]} only; on that day nothing of it was on record")
    return dataclasses.replace(verdict, status=Status.OPEN, reasons=(why,), evidence=())


def _stranger(config: Config, state: State, entry: Entry) -> str | None:
    """Why a revision is not taken at its word: somebody made it whom the show does not name, of a tag that is not theirs."""
    writers, tag_id = config.writers, entry.record.id
    first = state.entries[tag_id][min(state.entries[tag_id])]
    uncontested = len({each.digest for each in first}) == 1
    if not writers or entry.event.writer in writers or (uncontested and entry.event.writer == first[0].event.writer):
        return None
    who = f"revision {entry.record.revision} was made by {entry.event.writer}"
    return f"{who}, whom writers: in genai.yaml does not name; check it and declare a new one"


def with_givers(config: Config, finding: Finding) -> Finding:
    """A finding that names the roles of this show, where it says who may give what is needed."""
    kinds = [_GIVEN_AS.get(need, need) for need in finding.needs]
    roles = dict.fromkeys(role for kind in kinds for role in config.roles.get(kind, ()))
    return dataclasses.replace(finding, who=", ".join(roles)) if roles else finding


def assessed(
    tag: Tag, use: Use, day: dt.date, packs: Sequence[Pack], register: Register, config: Config | None = None
) -> Assessment:
    """What packs say of facts, with what the tool register fills in as of a day and who may give what in a show."""
    filled, tools = register.look(tag, use, day)
    found = assess(filled, use, packs, tools)
    if config is None:
        return found
    return dataclasses.replace(found, findings=tuple(with_givers(config, finding) for finding in found.findings))


def is_about(each: Filed, entry: Entry) -> bool:
    """Evidence that cites another record under the same id and revision (two writers who had not met) is not about this one."""
    refs = [ref for ref in each.evidence.tags if ref.id == entry.record.id]
    if each.evidence.kind in REFUSALS:
        return True  # a refusal of either counts
    return any(ref.revision != entry.record.revision or ref.digest in (None, entry.digest) for ref in refs)
