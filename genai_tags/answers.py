"""The client contact's answer to a request: a sheet that the request page writes, or that a person fills in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genai_tags.codec import Decoder, kind_of
from genai_tags.errors import InputError, Problem
from genai_tags.evidence import Evidence, Filed, Scope, TagRef
from genai_tags.show import Show
from genai_tags.strict import decode_text, load_yaml
from genai_tags.vocabulary import EvidenceKind, Purpose, Word

ANSWER_SCHEMA = "genai_tags.answer/1"


class Reply(Word):
    """What a client contact can reply to one item."""

    APPROVED = "approved"
    GO_AHEAD = "go_ahead"
    REJECTED = "rejected"
    QUESTION = "question"


_KINDS = {Reply.APPROVED: EvidenceKind.APPROVAL, Reply.GO_AHEAD: EvidenceKind.ANSWER, Reply.REJECTED: EvidenceKind.REJECTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The reply to one tag in one shot; no ``reply`` is no answer yet."""

    tag: str
    revision: int
    shot: str | None = None
    reply: Reply | None = None
    conditions: tuple[str, ...] = ()
    note: str | None = None
    until: dt.date | None = None
    versions: tuple[str, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    territories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole answer: who gave it, in which role, on what day, on which paper."""

    schema: str
    request: str
    show: str | None = None
    given_by: str | None = None
    role: str | None = None
    date: dt.date | None = None
    ref: str | None = None
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What an answer adds up to: evidence to file, replies that are already on file, questions, and items without a reply."""

    evidence: tuple[Evidence, ...]
    known: tuple[str, ...]
    questions: tuple[str, ...]
    unanswered: tuple[str, ...]


def blank_sheet(document: Mapping[str, Any]) -> str:
    """A sheet for a request to fill in by hand, as YAML."""
    lines = [
        f"schema: {ANSWER_SCHEMA}", f"request: {document['request']}", f"show: {json.dumps(document['show'])}",
        "given_by:                 # your name", "role: client_contact", "date:                     # YYYY-MM-DD",
        "ref:                      # your mail, ticket or paper", "items:",
    ]  # fmt: skip
    for item in document["items"]:
        shot = f", shot: {json.dumps(item['shot'])}" if item["shot"] else ""
        lines.append(f"- {{tag: {item['tag']}, revision: {item['revision']}{shot}, reply: }}")
    return "\n".join([*lines, "# reply: approved | go_ahead | rejected | question",
                      "# beside reply, where you like: conditions: [...], note: ..., until: YYYY-MM-DD, versions: [...],",
                      "# purposes: [...], territories: [...]"]) + "\n"  # fmt: skip


def read_sheet(data: bytes, source: str) -> Sheet:
    """An answer sheet. Raises InputError with every problem."""
    document = load_yaml(decode_text(data, source), source)
    if not isinstance(document, Mapping):
        raise InputError(source, f"must be an answer sheet, not {kind_of(document)}")
    decoder = Decoder()
    sheet = decoder.build(Sheet, document)
    if document.get("schema") != ANSWER_SCHEMA:
        decoder.problems.append(Problem("schema", f"must be {ANSWER_SCHEMA}, not {document.get('schema')!r}"))
    for name in ("given_by", "date"):
        if sheet is not None and not getattr(sheet, name):
            decoder.problems.append(Problem(name, "is missing: who answered, and when?"))
    if sheet is None or decoder.problems:
        raise InputError(source, decoder.problems)
    return sheet


def answers_of(show: Show, sheet: Sheet, source: str, ref: str | None, digest: str) -> Answers:
    """Evidence for a sheet's replies, bound to the revisions that were asked about.

    ``digest`` is the sheet's own, by which a second import of it is known. Raises InputError for an unknown request, an item
    that was not asked, and an approval without a paper.
    """
    asked = next((each for held in show.state.filed.values() for each in held if each.evidence.token == sheet.request), None)
    if asked is None:
        raise InputError(source, [Problem("request", f"{sheet.request!r} is no request of this show")])
    paper = ref or sheet.ref
    problems: list[Problem] = []
    evidence: list[Evidence] = []
    known: list[str] = []
    for i, item in enumerate(sheet.items):
        bound = _bound(item, asked, f"items[{i}]", problems)
        if bound is None or item.reply is None or item.reply is Reply.QUESTION:
            continue
        if not (paper or "").strip():
            problems.append(Problem("ref", "is missing: which mail or paper says so? Use --ref REF"))
            continue
        made = _evidence(sheet, item, bound, str(paper), digest)
        earlier = [each.event for each in show.state.filed.get(item.tag, []) if _is_same(each.evidence, made)]
        if earlier:
            known.append(f"{item.tag} {item.shot or ''}: already recorded as {earlier[0]}")
        elif made not in evidence:
            evidence.append(made)
    if problems:
        raise InputError(source, list(dict.fromkeys(problems)))
    return Answers(
        tuple(evidence), tuple(known),
        tuple(f"{item.tag} {item.shot or ''}: {item.note or 'a question'}" for item in sheet.items if item.reply is Reply.QUESTION),
        tuple(f"{item.tag} {item.shot or ''}".strip() for item in sheet.items if item.reply is None),
    )  # fmt: skip


def _bound(item: Item, asked: Filed, path: str, problems: list[Problem]) -> TagRef | None:
    """The revision that was asked about; None, with a problem, where it was not."""
    shots = asked.evidence.scope.shots
    refs = [ref for ref in asked.evidence.tags if ref.id == item.tag]
    if not refs:
        problems.append(Problem(f"{path}.tag", f"{item.tag!r} was not asked about"))
    elif refs[0].revision != item.revision:
        problems.append(Problem(f"{path}.revision", f"{item.revision} was not asked about, revision {refs[0].revision} was"))
    elif item.shot is not None and shots and item.shot not in shots:
        problems.append(Problem(f"{path}.shot", f"{item.shot!r} was not asked about"))
    else:
        return refs[0]
    return None


def _evidence(sheet: Sheet, item: Item, bound: TagRef, ref: str, digest: str) -> Evidence:
    assert item.reply is not None
    assert sheet.date is not None
    scope = Scope(
        shots=(item.shot,) if item.shot else (), versions=item.versions, purposes=item.purposes, territories=item.territories
    )
    return Evidence(
        kind=_KINDS[item.reply], tags=(bound,), given_by=sheet.given_by or "", role=sheet.role, date=sheet.date, until=item.until,
        ref=ref, reason=item.note, conditions=item.conditions, scope=scope, attachment=digest,
    )  # fmt: skip


def _is_same(filed: Evidence, made: Evidence) -> bool:
    fields: Sequence[str] = ("kind", "tags", "scope", "attachment")
    return all(getattr(filed, name) == getattr(made, name) for name in fields)
