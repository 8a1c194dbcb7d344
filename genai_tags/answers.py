"""The client contact's answer to a request: a sheet that the request page writes, or that a person fills in."""

from __future__ import annotations

import datetime as dt
import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genai_tags.codec import decode_document
from genai_tags.errors import InputError, Problem
from genai_tags.evidence import Evidence, Filed, Scope, TagRef
from genai_tags.naming import matches_any
from genai_tags.show import Show
from genai_tags.strict import decode_text, load_yaml, quoted
from genai_tags.territories import problem
from genai_tags.vocabulary import EvidenceKind, Purpose, Word

ANSWER_SCHEMA = "genai_tags.answer/1"


class Reply(Word):
    """What a client contact can reply to one item."""

    APPROVED = "approved"
    GO_AHEAD = "go_ahead"
    REJECTED = "rejected"
    QUESTION = "question"


_KINDS = {
    Reply.APPROVED: EvidenceKind.APPROVAL, Reply.GO_AHEAD: EvidenceKind.ANSWER, Reply.REJECTED: EvidenceKind.REJECTION,
    Reply.QUESTION: EvidenceKind.QUESTION,
}  # fmt: skip


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
    """What an answer adds up to: evidence to file, replies that are on file already, and items without a reply."""

    evidence: tuple[Evidence, ...]
    known: tuple[str, ...]
    unanswered: tuple[str, ...]


def blank_sheet(document: Mapping[str, Any]) -> str:
    """A sheet for a request to fill in by hand, as YAML."""
    lines = [
        f"schema: {ANSWER_SCHEMA}", f"request: {document['request']}", f"show: {quoted(document['show'])}",
        "given_by:                 # your name", "role: client_contact", "date:                     # YYYY-MM-DD",
        "ref:                      # your mail, ticket or paper", "items:",
    ]  # fmt: skip
    for item in document["items"]:
        lines += [f"- tag: {item['tag']}", f"  revision: {item['revision']}"]
        lines += [f"  shot: {quoted(item['shot'])}"] if item["shot"] else []
        lines += ["  reply:", '  note: ""']
    return "\n".join([*lines, "# reply: approved | go_ahead | rejected | question",
                      "# beside reply, where you like: conditions: [\"...\"], until: YYYY-MM-DD, versions: [v003],",
                      "# purposes: [programme], territories: [US]"]) + "\n"  # fmt: skip


def read_sheet(data: bytes, source: str) -> Sheet:
    """An answer sheet. Raises InputError with every problem."""
    sheet = decode_document(Sheet, load_yaml(decode_text(data, source), source), ANSWER_SCHEMA, source)
    missing = [name for name in ("given_by", "role", "date") if not str(getattr(sheet, name) or "").strip()]
    if missing:
        raise InputError(source, [Problem(name, "is missing: who answered, in which role, and when?") for name in missing])
    return sheet


def answers_of(show: Show, sheet: Sheet, source: str, ref: str | None, digest: str) -> Answers:
    """Evidence for a sheet's replies, bound to what was asked: the revisions, and the limits of the request.

    ``digest`` is the sheet's own. Raises InputError for an unknown request, an answer to another show, an item that was not
    asked, two replies to one item, days that do not fit, and an approval without a paper.
    """
    requests = [each for held in show.state.filed.values() for each in held if each.evidence.kind is EvidenceKind.REQUEST]
    asked = next((each for each in requests if each.evidence.token == sheet.request), None)
    if asked is None:
        raise InputError(source, [Problem("request", f"{sheet.request!r} is no request of this show")])
    reader = _Reader(show, sheet, asked, (ref or sheet.ref or "").strip() or None, digest)
    found = reader.answers()
    if reader.problems:
        raise InputError(source, list(dict.fromkeys(reader.problems)))
    return found


_ZONES = dt.timedelta(1)
"""Where the contact sits it may be another day."""


class _Reader:
    def __init__(self, show: Show, sheet: Sheet, asked: Filed, paper: str | None, digest: str) -> None:
        self.show, self.sheet, self.asked, self.paper, self.digest = show, sheet, asked.evidence, paper, digest
        self.problems: list[Problem] = []

    def answers(self) -> Answers:
        sheet = self.sheet
        if sheet.show not in (None, self.show.config.name):
            self._bad("show", f"is {sheet.show!r}; this show is {self.show.config.name!r}")
        if sheet.date is not None and sheet.date < self.asked.date - _ZONES:
            self._bad("date", f"{sheet.date} lies before the request of {self.asked.date}")
        if sheet.date is not None and sheet.date > self.show.today() + _ZONES:
            self._bad("date", f"{sheet.date} lies in the future; today is {self.show.today()}")
        evidence: list[Evidence] = []
        known: list[str] = []
        replied: dict[str, list[Item]] = {}
        for i, item in enumerate(sheet.items):
            bound = self._bound(item, f"items[{i}]")
            if bound is None or item.reply is None:
                continue
            if item in replied.setdefault(item.tag, []):
                continue
            if any(None in (item.shot, other.shot) or item.shot == other.shot for other in replied[item.tag]):
                self._bad(f"items[{i}]", f"is another reply to {item.tag} {item.shot or ''}")
            replied[item.tag].append(item)
            if self.paper is None and item.reply is not Reply.QUESTION:
                self._bad("ref", "is missing: which mail or paper says so? Use --ref REF")
                continue
            made = self._evidence(item, bound)
            earlier = [each.event for each in self.show.state.filed.get(item.tag, []) if _is_same(each.evidence, made)]
            if earlier:
                known.append(f"{item.tag} {item.shot or ''}: already recorded as {earlier[0]}")
            else:
                evidence.append(made)
        unanswered = tuple(f"{item.tag} {item.shot or ''}".strip() for item in sheet.items if item.reply is None)
        return Answers(tuple(evidence), tuple(known), unanswered)

    def _bound(self, item: Item, path: str) -> TagRef | None:
        """The revision that was asked about; None, with a problem, where the item was not."""
        before = len(self.problems)
        refs = [ref for ref in self.asked.tags if ref.id == item.tag]
        if not refs:
            self._bad(f"{path}.tag", f"{item.tag!r} was not asked about")
            return None
        if refs[0].revision != item.revision:
            self._bad(f"{path}.revision", f"{item.revision} was not asked about, revision {refs[0].revision} was")
        if item.shot is not None and not self._was_asked(item.shot, refs[0]):
            self._bad(f"{path}.shot", f"{item.shot!r} was not asked about")
        if any(not version.strip() for version in item.versions):
            self._bad(f"{path}.versions", "holds an empty version")
        for place in item.territories:
            if wrong := problem(place):
                self._bad(f"{path}.territories", wrong)
        if item.until is not None and self.sheet.date is not None and item.until < self.sheet.date:
            self._bad(f"{path}.until", f"{item.until} lies before the answer of {self.sheet.date}")
        return refs[0] if len(self.problems) == before else None

    def _was_asked(self, shot: str, ref: TagRef) -> bool:
        """Whether a shot is within the request and was declared by the revision that was asked about; it is a name, no pattern."""
        held = self.show.state.entries.get(ref.id, {}).get(ref.revision, [])
        declared = {use.shot for entry in held for use in entry.record.uses}
        limits = self.asked.scope.shots
        return (shot in declared or not declared) and (not limits or matches_any(shot, limits))

    def _evidence(self, item: Item, bound: TagRef) -> Evidence:
        """What a reply says, within what was asked: a limit that the reply does not state is the request's."""
        asked, sheet = self.asked, self.sheet
        assert item.reply is not None
        assert sheet.date is not None
        scope = Scope(
            shots=(glob.escape(item.shot),) if item.shot else asked.scope.shots, versions=item.versions or asked.scope.versions,
            purposes=item.purposes or asked.scope.purposes, territories=item.territories or asked.scope.territories,
        )  # fmt: skip
        until = min((day for day in (item.until, asked.until) if day is not None), default=None)
        return Evidence(
            kind=_KINDS[item.reply], tags=(bound,), inputs=asked.inputs, talent=asked.talent, given_by=(sheet.given_by or "").strip(), role=sheet.role,
            date=min(sheet.date, self.show.today()),
            until=until, ref=self.paper, reason=item.note, conditions=item.conditions, scope=scope, attachment=self.digest,
            token=sheet.request,
        )  # fmt: skip

    def _bad(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))


def _is_same(filed: Evidence, made: Evidence) -> bool:
    fields: Sequence[str] = (
        "kind",
        "tags",
        "inputs",
        "talent",
        "scope",
        "given_by",
        "date",
        "until",
        "ref",
        "reason",
        "conditions",
    )
    return all(getattr(filed, name) == getattr(made, name) for name in fields)
