"""Open a show, and the few calls that a host makes."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime as dt
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from genai_tags import files, naming
from genai_tags.codec import encode, encode_record, refuse_newer
from genai_tags.config import CONFIG_NAME, Config, find_config, load_config, parse_config, render_config
from genai_tags.counting import assessed, doubted, is_about, may_count, undeclared
from genai_tags.errors import InputError, LedgerError, Problem, RefusedError, ShowError, UsageError
from genai_tags.evidence import CleanStatement, Evidence, Filed, Review, TagRef, writer_of
from genai_tags.ledger import clock
from genai_tags.ledger.book import Book
from genai_tags.ledger.chain import Event
from genai_tags.ledger.state import (
    CLEAN,
    EVIDENCE,
    MEDIA,
    RECORD,
    REFUSED,
    TOOL_REVIEW,
    Entry,
    FiledClean,
    State,
    TaggedMedia,
    fold,
)
from genai_tags.model import FrameSet, Record, Stub, Tag, TagSet, Use
from genai_tags.places import Places
from genai_tags.policy.engine import Assessment
from genai_tags.policy.pack import Pack
from genai_tags.policy.register import Register
from genai_tags.rules import load_register, packs_in_force
from genai_tags.strict import load_yaml
from genai_tags.stubs import encode_stub, make_set
from genai_tags.validity import Context, uses_in
from genai_tags.verdict import Verdict, judge
from genai_tags.vocabulary import REFUSALS, Membership, Purpose, Stage

GENAI_FOLDER = ".genai"
_ID_LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"
ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """A tag in a use, and its verdict. ``declared`` is False where no use of the record names the shot."""

    tag_id: str
    entry: Entry | None
    use: Use
    verdict: Verdict
    declared: bool = True


class Show:
    """A show: its configuration, its packs, its book and what the book adds up to."""

    def __init__(self, config: Config, writer: str | None = None) -> None:
        self.config = config
        self.book = Book(os.path.join(config.folder, GENAI_FOLDER), writer)
        self.places = Places(config)
        self._assessed: dict[tuple[str, str, dt.date], Assessment] = {}
        self._unanswered: dict[tuple[str, int], Verdict] = {}
        if not os.path.isdir(self.book.folder):
            raise LedgerError(
                f"{self.book.folder}: the show's book is not there; bring it back, or make an empty one with 'genai-tags init'"
            )

    @classmethod
    def open(cls, start: str | None = None, writer: str | None = None, beside: str | None = None) -> Show:
        """Find and open a show: see ``find_config``. Raises ShowError or LedgerError."""
        return cls(load_config(find_config(start, beside)), writer)

    @classmethod
    def init(cls, folder: str, name: str, packs: Sequence[str]) -> Show:
        """Make a show in a folder. Raises ShowError where there is one already or the folder does not take it."""
        path = os.path.join(folder, CONFIG_NAME)
        text = render_config(name, packs)
        config = parse_config(load_yaml(text, path), path)
        packs_in_force(config)
        if not name.strip():
            raise UsageError("a show needs a name: --name NAME")
        book = Book(os.path.join(folder, GENAI_FOLDER))
        if os.path.exists(path) and not os.path.isdir(book.folder):
            book.create()  # the show is there, its book was lost: an empty one is the honest beginning
            return cls.open(path)
        try:
            os.makedirs(folder, exist_ok=True)
            book.create()
            if not files.create(path, text.encode("utf-8")):
                raise ShowError(f"{path}: there is a show already; edit it instead")
        except OSError as error:
            raise ShowError(f"{path}: cannot be created: {error.strerror}") from None
        return cls(config)

    # ------------------------------------------------------------ what is known

    @cached_property
    def packs(self) -> list[Pack]:
        """The packs in force. Raises ShowError where one cannot be read."""
        return packs_in_force(self.config)

    def under(self, packs: Sequence[Pack]) -> Show:
        """The same show with other packs in force: what a change of rules would do."""
        other = copy.copy(self)
        other.__dict__.pop("_reads_shots", None)
        other.__dict__["packs"] = list(packs)
        other._assessed, other._unanswered = {}, {}
        return other

    @cached_property
    def register(self) -> Register:
        """The tool register; empty where the show has none. Raises ShowError where it cannot be read."""
        return load_register(self.config)

    @cached_property
    def state(self) -> State:
        """What the book adds up to; ``refresh`` reads it again."""
        state = fold(*self.events_read, self.book.writer)
        for i, review in enumerate(state.reviews):
            with contextlib.suppress(ValueError):
                day = clock.day_of(review.at, self.config.time_zone)
                state.reviews[i] = dataclasses.replace(review, recorded=day)
        return state

    @cached_property
    def events_read(self) -> tuple[list[Event], list[Problem]]:
        """The book's events and the files that are none, as they were read."""
        return self.book.read()

    def stamp(self) -> tuple[int, ...]:
        """What tells one state of book, configuration and register from another, at the cost of a few calls."""
        found = []
        register = os.path.join(self.config.folder, self.config.register.file) if self.config.register else self.config.path
        packs = [os.path.join(self.config.folder, name) for name in self.config.packs]  # those that are files
        for path in (self.book.folder, self.config.path, register, *packs):
            try:
                found.append(os.stat(path).st_mtime_ns)
            except OSError:
                found.append(-1)
        return tuple(found)

    def refresh(self) -> None:
        """Forget what was read of the book."""
        self.__dict__.pop("state", None)
        self.__dict__.pop("events_read", None)
        self.__dict__.pop("_reviews", None)
        self._unanswered.clear()

    @cached_property
    def name_patterns(self) -> list[re.Pattern[str]]:
        """The show's naming patterns."""
        return naming.compile_patterns(self.config.naming)

    def parse_name(self, name: str) -> naming.Name:
        """Shot and version in a name, by pattern or by the shots that the ledger knows."""
        return naming.parse(name, self.name_patterns, self.state.shots())

    def today(self) -> dt.date:
        """The day it is in the show's time zone."""
        return clock.today(self.config.time_zone)

    # ------------------------------------------------------------ recording

    def check_facts(self, tag: Tag, source: str) -> None:
        """Check the facts that packs declare for themselves. Raises InputError for unknown ones and wrong words."""
        declared = {name: kind for pack in self.packs for name, kind in pack.facts.items()}
        problems = []
        for name, value in tag.facts.items():
            if name not in declared:
                known = ", ".join(sorted(declared)) or "none"
                problems.append(Problem(f"tag.facts.{name}", f"is declared by no pack in force; declared are {known}"))
            elif declared[name].words and value not in (*declared[name].words, "unsure"):
                problems.append(Problem(f"tag.facts.{name}", f"{value!r} is not among {', '.join(declared[name].words)}"))
        if problems:
            raise InputError(source, problems)

    def declare(self, tag: Tag, uses: tuple[Use, ...], by: str, revise: str | None = None) -> Record:
        """Record a tag, or a new revision of one. Raises UsageError, NewerSchemaError or LedgerError."""
        self.book.check_writable()
        tag_id, revision = self._new_id(), 1
        if revise is not None:
            entry = self._known(revise, self.state.current(revise))
            refuse_newer(entry.record)
            tag_id, revision = revise, entry.record.revision + 1
        record = Record(id=tag_id, revision=revision, tag=tag, uses=uses)
        body, private = encode_record(record)
        self.append(RECORD, {"record": body, "private": self.book.put_private(private)}, by)
        return record

    def request_token(self) -> str:
        """What an answer will cite a request by: random, never reused."""
        return f"REQ-{self._new_id()}"

    def _new_id(self) -> str:
        while (fresh := "".join(secrets.choice(_ID_LETTERS) for _ in range(ID_LENGTH))) in self.state.entries:
            pass
        return fresh

    def file(self, evidence: Evidence, recorded_by: str) -> Event:
        """Record evidence. Raises RefusedError where the show does not let the role give it."""
        return self.file_all([evidence], recorded_by)[0]

    def file_all(self, evidence: Sequence[Evidence], recorded_by: str) -> list[Event]:
        """Record several pieces of evidence; none where a role may not give one of them. Raises RefusedError."""
        for each in evidence:
            self.check_giver(each, recorded_by)
        return [self._file(each, recorded_by) for each in evidence]

    def _file(self, evidence: Evidence, recorded_by: str) -> Event:
        private: dict[str, Any] = {}
        body = encode(evidence, private)
        return self.append(EVIDENCE, {"evidence": body, "private": self.book.put_private(private)}, recorded_by)

    def state_clean(self, statement: CleanStatement, recorded_by: str) -> Event:
        """Record a clean statement. Raises RefusedError where the show does not let the role give it."""
        self.check_role("clean", statement.role, recorded_by, statement.given_by, list(statement.shots))
        return self.append(CLEAN, {"clean": encode(statement)}, recorded_by)

    def check_giver(self, evidence: Evidence, by: str) -> None:
        """Let evidence be given by its role, or record the attempt and raise RefusedError."""
        self.check_role(evidence.kind.value, evidence.role, by, evidence.given_by, [ref.id for ref in evidence.tags])

    def check_role(self, kind: str, role: str | None, by: str, given_by: str = "", about: Sequence[str] = ()) -> None:
        """Let a role give something, or record the attempt and raise RefusedError."""
        if kind in REFUSALS:
            return  # a refusal counts whoever gave it
        if not self.config.may_give(role, kind):
            allowed = ", ".join(self.config.roles[kind])
            why = f"{kind} may be given by {allowed} in this show, not by {role or 'no stated role'}; see roles: in genai.yaml"
        elif not self.config.writer_gives(self.book.writer, kind):
            why = f"{kind} recorded by {self.book.writer} does not count in this show; see writers: in genai.yaml"
        else:
            return
        refused = {"kind": kind, "role": role, "given_by": given_by or by, "about": list(about), "why": why}
        event = self.append(REFUSED, {"refused": refused}, by)
        raise RefusedError(f"{why} (the attempt is recorded as {event.id})")

    def review_tool(self, statement: Mapping[str, Any], by: str) -> Event:
        """Record that the tool register was changed."""
        return self.append(TOOL_REVIEW, {"tool": dict(statement)}, by)

    def record_media(self, items: Sequence[dict[str, Any]], tags: TagSet, by: str, removes: Sequence[str] = ()) -> Event:
        """Record which media carry a set now; ``removes`` are earlier such events that no longer hold."""
        body = {
            "set": tags.digest,
            "stubs": [encode_stub(s) for s in tags.stubs],
            "items": list(items),
            "removes": list(removes),
        }
        return self.append(MEDIA, body, by)

    def append(self, kind: str, body: dict[str, Any], by: str) -> Event:
        """Record an event in the name of somebody. Raises UsageError or LedgerError."""
        if not by.strip():
            raise UsageError("somebody must be named: use --by NAME, or set GENAI_BY")
        event = self.book.append(kind, body, by)
        self.refresh()
        return event

    def refs(self, tag_ids: Iterable[str]) -> tuple[TagRef, ...]:
        """What evidence for these tags binds to now. Raises UsageError for a tag the ledger lacks."""
        found = []
        for tag_id in dict.fromkeys(tag_ids):
            entry = self._known(tag_id, self.state.current(tag_id))
            found.append(TagRef(id=tag_id, revision=entry.record.revision, digest=entry.digest))
        return tuple(found)

    def _known(self, tag_id: str, entry: Entry | None) -> Entry:
        if entry is None:
            raise UsageError(f"there is no tag {tag_id!r} in this show's ledger")
        return entry

    def stubs(self, tag_ids: Iterable[str], membership: Membership = Membership.SOURCE) -> list[Stub]:
        """The public parts of tags. Raises UsageError for a tag the ledger lacks."""
        ids = [ref.id for ref in self.refs(tag_ids)]
        return [stub for tag_id in ids if (stub := self.state.stub(tag_id, membership))]

    # ------------------------------------------------------------ judging

    def judge(
        self,
        tag_id: str,
        context: Context,
        stage: Stage | None = None,
        purpose: Purpose | None = None,
        revision: int | None = None,
    ) -> list[Judged]:
        """The verdict on every use of a tag in the context's shot; none where the ledger lacks the tag or revision."""
        entry = self.current(tag_id, context.as_of) if revision is None else self._entry(tag_id, revision)
        if entry is None:
            return []
        context = dataclasses.replace(context, stage=stage)
        uses, declared = uses_in(entry.record, context.shot, stage, purpose)
        return [Judged(tag_id, entry, use, self._verdict(entry, use, context), declared) for use in uses]

    def judge_uses(self, tag_id: str, context: Context) -> list[Judged]:
        """The verdict on each use of a tag, or on the tag without any."""
        entry = self._known(tag_id, self.current(tag_id, context.as_of))
        uses = [u for u in entry.record.uses if context.shot in (None, u.shot) or u.shot is None] or [Use(shot=context.shot)]
        return [Judged(tag_id, entry, use, self._verdict(entry, use, context)) for use in uses]

    def tags_in(self, shot: str, as_of: dt.date) -> list[str]:
        """The tags with a use in a shot, as they stood at the end of a day."""
        entries = {tag_id: self.current(tag_id, as_of) for tag_id in self.state.entries}
        return sorted(tag_id for tag_id, entry in entries.items() if entry and any(u.shot == shot for u in entry.record.uses))

    def current(self, tag_id: str, as_of: dt.date) -> Entry | None:
        """The revision of a tag that stood at the end of a day; its first one where it was declared later."""
        past = as_of < self.today()
        return self.state.current(tag_id, clock.end_of(as_of, self.config.time_zone) if past else None)

    def is_declared(self, entry: Entry, as_of: dt.date) -> bool:
        """Whether a revision was on record by the end of a day."""
        return as_of >= self.today() or entry.at < clock.end_of(as_of, self.config.time_zone)

    def holds(self, stub: Stub) -> bool:
        """Whether the ledger holds the very record that a stub cites."""
        entries = self.state.entries.get(stub.id, {}).get(stub.revision, ())
        return any(stub.digest in (None, entry.digest) for entry in entries)

    def _entry(self, tag_id: str, revision: int) -> Entry | None:
        held = self.state.entries.get(tag_id, {}).get(revision)
        return max(held, key=lambda entry: entry.digest) if held else None

    def _verdict(self, entry: Entry, use: Use, context: Context) -> Verdict:
        tag_id = entry.record.id
        assessment = self._assess(entry, use, context.as_of)
        if tag_id not in self.state.filed:  # without evidence every use that rules see alike stands alike
            key = (entry.digest, id(assessment))  # the day is the assessment's
            if key not in self._unanswered:
                self._unanswered[key] = self._weigh(entry, use, context, assessment, [])
            return self._unanswered[key]
        about = [each for each in self.state.filed[tag_id] if is_about(each, entry)]
        return self._weigh(entry, use, context, assessment, about)

    def _weigh(self, entry: Entry, use: Use, context: Context, assessment: Assessment, about: list[Filed]) -> Verdict:
        filed = [each for each in about if may_count(self.config, each)]
        revisions = self.state.revisions(entry.record.id)
        verdict = judge(entry.record, use, assessment, filed, context, self.packs, revisions, self.register, self._reviews)
        ignored = [each for each in about if each.evidence.date <= context.as_of and not may_count(self.config, each)]
        if not self.is_declared(entry, context.as_of):
            return undeclared(entry, verdict)
        return doubted(self.config, self.state, entry, verdict, ignored)

    @cached_property
    def _reviews(self) -> list[Review]:
        """Changes of the register by writers whom the show lets make them; of the same change the first recording, our own before others'."""
        found = [each for each in self.state.reviews if self.config.writer_gives(writer_of(each.event), "tool_review")]
        first: dict[tuple[str, dt.date, str], dt.date] = {}
        for each in sorted(found, key=lambda r: (writer_of(r.event) != self.book.writer, r.recorded)):
            first.setdefault((each.tool, each.date, each.content), each.recorded)
        return [dataclasses.replace(each, recorded=first[each.tool, each.date, each.content]) for each in found]

    def _assess(self, entry: Entry, use: Use, as_of: dt.date) -> Assessment:
        """What the packs say; a thousand events that use one tag alike are judged once."""
        plain = use if self._reads_shots else dataclasses.replace(use, shot=None, frames=None)
        key = (entry.digest, repr(plain), as_of)
        if key not in self._assessed:
            self._assessed[key] = self.assess(entry.record.tag, use, as_of)
        return self._assessed[key]

    def assess(self, tag: Tag, use: Use, as_of: dt.date) -> Assessment:
        """What the packs in force say of facts, with what the tool register fills in as of a day."""
        return assessed(tag, use, as_of, self.packs, self.register, self.config)

    @cached_property
    def _reads_shots(self) -> bool:
        return any({"use.shot", "use.frames"} & pack.paths() for pack in self.packs)

    def clean_for(
        self, as_of: dt.date, shot: str | None, version: str | None, media: Mapping[str, FrameSet | None]
    ) -> tuple[FiledClean | None, FiledClean | None]:
        """The clean statement that covers a shot or media, and else one that would but for its version."""
        outdated = None
        for filed in self.state.clean:
            withdrawn = filed.withdrawn is not None and filed.withdrawn <= as_of
            counts = self.config.counts("clean", filed.statement.role, filed.event.writer)
            if not counts or filed.statement.date > as_of or withdrawn or not filed.covers(shot, media):
                continue
            if filed.covers_version(version):
                return filed, None
            outdated = filed
        return None, outdated

    # ------------------------------------------------------------ where media lies

    def relative(self, path: str) -> str:
        """A path as the ledger keeps it: see ``Places.relative``."""
        return self.places.relative(path)

    def tagged(self, relative: str) -> list[TaggedMedia]:
        """What the ledger says was tagged at a root-relative path."""
        return [media for media in self.state.media if media.path == relative]

    def full_set(self, tags: TagSet) -> TagSet:
        """A set with every stub, where the header had only the first and the ledger knows the rest. Else as it is."""
        known = self.state.sets.get(tags.digest or "") if tags.more else None
        if known is None or not set(tags.stubs) <= set(known):
            return tags
        return dataclasses.replace(make_set(known, tags.basis), clean=tags.clean, undeclared=tags.undeclared)
