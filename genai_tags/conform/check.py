"""Judge every event of every cut: status, findings with codes, and what the whole adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from genai_tags.conform.codes import CODES, severity_of
from genai_tags.conform.match import Joined, Joiner
from genai_tags.conform.media import MediaIndex
from genai_tags.conform.results import CutResult, EventResult, Finding, Options, Report
from genai_tags.cut.edl import BLACK
from genai_tags.cut.model import Cut, Event
from genai_tags.frames import Media
from genai_tags.ledger.state import FiledClean
from genai_tags.model import FrameSet
from genai_tags.rules import TOOLS_PACK
from genai_tags.show import Judged, Show
from genai_tags.status import Severity, Status, severity
from genai_tags.validity import Context, Reason
from genai_tags.vocabulary import Basis, Stage


def conform(show: Show, cuts: Sequence[Cut], options: Options, earlier: Sequence[Cut] = ()) -> Report:
    """Check cuts against a show's ledger and media. Raises InputError where a media folder cannot be searched."""
    joiner = Joiner(show, MediaIndex(show, options.media), options.as_of)
    checker = _Checker(show, joiner, options)
    results = tuple(checker.cut(cut) for cut in cuts)
    header_reads = joiner.reader.reads
    broken = list(dict.fromkeys((*show.book.verify(read=show.events_read), *show.state.problems)))
    ledger = (
        [checker.finding("ledger_problem", f"the ledger is damaged in {len(broken)} place(s), first {broken[0]}")]
        if broken
        else []
    )
    return Report(
        show=show.config.name, as_of=options.as_of, stage=options.stage, purpose=options.purpose, cuts=results,
        heads=tuple(str(head) for head in show.book.heads()), packs=tuple(pack.id for pack in show.packs),
        register=f"{show.register.source}:{show.register.digest}" if show.register else None,
        header_reads=header_reads, findings=tuple(f for f in ledger if f), earlier=tuple(checker.cut(cut) for cut in earlier),
    )  # fmt: skip


@dataclass(slots=True)
class _Draft:
    """Findings of one event while it is judged."""

    findings: list[Finding] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)

    def add(self, finding: Finding | None) -> None:
        if finding is not None and finding not in self.findings:
            self.findings.append(finding)


class _Checker:
    def __init__(self, show: Show, joiner: Joiner, options: Options) -> None:
        self.show, self.joiner, self.options = show, joiner, options

    def cut(self, cut: Cut) -> CutResult:
        findings = []
        if cut.rate_assumed:
            findings.append(self.finding("rate_assumed", f"{cut.path} states no frame rate; {cut.rate} was assumed"))
        findings.extend(
            self.finding("unread_line", f"{f'line {u.line}' if u.line else 'an object'} {u.reason}: {u.text.strip()[:80]!r}")
            for u in cut.unread
        )
        findings.extend(self.finding("event_problem", str(problem)) for problem in cut.problems)
        if not cut.events:
            findings.append(self.finding("empty_cut", f"not one event was found in {cut.path}"))
        events = tuple(self.event(cut, event) for event in cut.events)
        return CutResult(cut=cut, events=events, findings=tuple(f for f in findings if f))

    def finding(self, code: str, message: str, judged: Judged | None = None, level: Severity | None = None) -> Finding | None:
        """A finding with the severity of its code, or of the show's own table; None where that says none."""
        level = level or severity_of(code, self.options.stage)
        if code in self.show.config.severities:
            level = self.show.config.severities[code]
        if level is None:
            return None
        top = judged.verdict.asking if judged else None
        fix = top.fix if top and top.fix and code == "open" else CODES[code].fix
        return Finding(
            code=code, severity=level, message=message, fix=fix, rule=f"{top.pack}/{top.rule}" if top else None,
            cite=top.cite if top else None, who=top.who if top else None,
        )  # fmt: skip

    # ------------------------------------------------------------ one event

    def event(self, cut: Cut, event: Event) -> EventResult:
        joined = self.joiner.join(event)
        draft = _Draft()
        for problem in event.problems:
            code = "tag_damaged" if problem.code == "metadata_damaged" else "event_problem"
            draft.add(self.finding(code, str(problem)))
        ids = sorted(joined.matches)
        statuses = [status for tag_id in ids for status in self._tag(joined, tag_id, draft)]
        if joined.hidden:
            text = f"the media carries {joined.hidden} more tag(s) that neither header, sidecar nor ledger lists"
            draft.add(self.finding("unresolved", text))
            statuses.append(Status.UNRESOLVED)
        clean = self._clean(joined, draft)
        if joined.undeclared and clean is None:  # else somebody looked, and signed
            text = f"the media was rendered with {joined.undeclared} part(s) that nobody accounted for"
            draft.add(self.finding("undeclared_part", text))
            statuses.append(Status.NO_RECORD)
        if statuses:
            status = max(statuses, key=lambda s: s.rank)
            if clean is not None:
                draft.add(self.finding("clean_contradicted", f"{clean.event.id} says clean, but {', '.join(ids)} was found"))
        else:
            status = self._untagged(joined, clean, draft)
        if not event.enabled:
            status, draft.findings = Status.OUTSIDE_SCOPE, []
        else:
            self._media_findings(joined, draft, in_question=status is not Status.OUTSIDE_SCOPE)
        matched = tuple(dict.fromkeys(match for tag_id in ids for match in joined.matches[tag_id]))
        return EventResult(
            cut=cut.path, event=event, shot=joined.name.shot, version=joined.name.version, status=status,
            tags=tuple(ids), matched=matched, findings=tuple(sorted(draft.findings, key=lambda f: -f.severity.rank)),
            judged=tuple(draft.judged), frame=_middle(joined),
        )  # fmt: skip

    def _tag(self, joined: Joined, tag_id: str, draft: _Draft) -> list[Status]:
        """Judge every use of one tag, in the ledger's revision and in those that the media carries.

        No status where the event does not use the frames that the tag concerns.
        """
        held = self.show.state.entries.get(tag_id, {})
        unknown = [stub for stub in joined.stubs[tag_id] if not self.show.holds(stub)]
        if unknown or not held:
            revision = f" revision {max(stub.revision for stub in unknown)}" if unknown else ""
            draft.add(self.finding("unresolved", f"the record of tag {tag_id}{revision} is not in this show's ledger"))
            return [Status.UNRESOLVED]
        judged = [each for revision in self._revisions(joined, tag_id) for each in self._judge(joined, tag_id, revision)]
        used = [each for each in judged if not self._in_handles(joined, tag_id, each)]
        if not used and tag_id in joined.tagged_frames:
            used = judged  # the uses say that it is not here; the frames say that it is
        if not used:
            frames = next((each.use.frames for each in judged if each.use.frames is not None), None)
            where = f"frames {frames}" if frames else "frames"
            draft.add(self.finding("tagged_in_handles", f"tag {tag_id} concerns {where} outside the used {_numbers(joined)}"))
            return []
        if tag_id in joined.hinted_only:
            draft.add(self.finding("hint_only", f"only line {joined.event.hints[0].line} of the list names tag {tag_id}"))
            used = [_unproven(each) for each in used]
        draft.judged.extend(used)
        for each in used:
            self._say(tag_id, each, draft)
            self._tools(tag_id, each, draft)
            self._stage(tag_id, each, draft)
        if not used[0].declared:
            draft.add(self.finding("undeclared_use", f"tag {tag_id} is not declared for {joined.name.shot}"))
        self._compare_with_ledger(joined, tag_id, used, draft)
        return [each.verdict.status for each in used]

    def _revisions(self, joined: Joined, tag_id: str) -> list[int | None]:
        """The ledger's current revision (None), and older ones that frames or the cut still carry."""
        entry = self.show.current(tag_id, self.options.as_of)
        carried = {stub.revision for stub in joined.stubs[tag_id]} - {entry.record.revision if entry else 0}
        return [None, *sorted(carried)]

    def _judge(self, joined: Joined, tag_id: str, revision: int | None) -> list[Judged]:
        context = Context(
            as_of=self.options.as_of, shot=joined.name.shot, version=joined.name.version, purpose=self.options.purpose,
            territories=self.show.config.territories, in_cut=True,
        )  # fmt: skip
        stage = self.options.stage if self.options.stage is Stage.FINAL else None
        return self.show.judge(tag_id, context, stage, self.options.purpose, revision)

    def _say(self, tag_id: str, judged: Judged, draft: _Draft) -> None:
        verdict = judged.verdict
        level = severity(verdict.status, self.options.stage, verdict.unmet)
        if level is None:
            return
        reasons = verdict.reasons or ()
        code = reasons[0].code if reasons and reasons[0].code in CODES else verdict.status.value
        text = "; ".join(reason.message for reason in shown(reasons)) or CODES[code].meaning
        top = verdict.asking
        asks = f" - {top.message}" if top and verdict.unmet and code in ("open", "requested") else ""
        found = self.finding(code, f"tag {tag_id}: {text}{asks}", judged, level)
        if found is not None and any(reason.code == "question" for reason in reasons):
            found = replace(found, fix="Answer the question that came back, and ask again.", who="producer")
        draft.add(found)

    def _tools(self, tag_id: str, judged: Judged, draft: _Draft) -> None:
        """What the tool register has against a step, settled or not."""
        settled = not judged.verdict.unmet
        for finding in judged.verdict.assessment.findings:
            if finding.pack == TOOLS_PACK and finding.live and not finding.open:
                text = f"tag {tag_id}, {finding.subject}: {finding.because[-1]} - {finding.message}"
                draft.add(self.finding("tool_finding", text, level=Severity.INFO if settled else None))

    def _stage(self, tag_id: str, judged: Judged, draft: _Draft) -> None:
        entry = judged.entry
        if self.options.stage is not Stage.FINAL or entry is None:
            return
        declared = {use.stage for use in entry.record.uses if use.shot in (None, judged.use.shot)} - {None}
        if declared and Stage.FINAL not in declared:
            words = ", ".join(sorted(str(stage) for stage in declared))
            draft.add(self.finding("temp_in_final", f"tag {tag_id} was declared for {words}, and this cut is final"))

    def _in_handles(self, joined: Joined, tag_id: str, judged: Judged) -> bool:
        """Whether every frame that the use concerns lies outside what the event uses."""
        used, stated = joined.wanted, judged.use.frames
        if used is None:
            return False
        if stated is not None:
            return not stated.overlaps(used)
        return (
            tag_id not in joined.tagged_frames
            and tag_id in joined.handles_only
            and not ({m.by for m in joined.matches[tag_id]} - {"shot", "version", "hint"})
        )

    def _compare_with_ledger(self, joined: Joined, tag_id: str, used: list[Judged], draft: _Draft) -> None:
        carried = joined.tagged_frames.get(tag_id, set())
        readable = joined.used_frames - set(joined.unreadable)
        if joined.expected.get(tag_id) and not carried and readable:
            paths = ", ".join(sorted({tagged.path for tagged in joined.expected[tag_id]}))
            draft.add(self.finding("tag_lost", f"the ledger says that {paths} carries tag {tag_id}; the used frames do not"))
        stated = [each.use.frames for each in used]
        limits = None if None in stated else FrameSet.of_ranges(r for each in stated if each for r in each.ranges)
        wanted = {frame for frame in readable if frame is not None and (limits is None or frame in limits)}
        if carried and wanted - carried:
            missing = FrameSet.of(frame for frame in wanted - carried if frame is not None)
            draft.add(self.finding("partly_tagged", f"tag {tag_id} is missing on used frames {missing}"))
        entry = used[0].entry
        for stub in sorted(joined.stubs[tag_id], key=lambda s: s.revision):
            if entry is not None and stub.revision != entry.record.revision:
                text = f"revision {stub.revision} of tag {tag_id} is carried, the ledger is at {entry.record.revision}"
                draft.add(self.finding("header_mismatch", text))

    # ------------------------------------------------------------ events without a tag

    def _untagged(self, joined: Joined, clean: FiledClean | None, draft: _Draft) -> Status:
        event = joined.event
        if clean is not None:
            return Status.CLEAN_INFERRED if clean.statement.basis is Basis.INFERRED else Status.CLEAN
        for tag_id in sorted(joined.handles_only - set(joined.matches)):
            draft.add(self.finding("tagged_in_handles", f"tag {tag_id} concerns frames outside the used {_numbers(joined)}"))
        if any(self._speaks_for(joined, tag_id) for tag_id in joined.handles_only):
            return Status.OUTSIDE_SCOPE
        scope = self.show.config.scope
        black = (event.reel or "").upper() in BLACK and not event.clip and not event.file
        if black or not scope.holds_shot(joined.name.shot) or not scope.holds_track(event.kind, event.track):
            return Status.OUTSIDE_SCOPE
        what = event.clip or event.file or event.reel or "the event"
        level = severity(Status.NO_RECORD, self.options.stage)
        draft.add(self.finding("no_record", f"nothing says whether there is GenAI in {what}", level=level))
        return Status.NO_RECORD

    def _speaks_for(self, joined: Joined, tag_id: str) -> bool:
        """Whether a tag on the handles of this very media says that somebody looked at it, frame by frame.

        Only a tag of this ledger that was declared for the shot does; a stray one says nothing of the other frames.
        """
        entry = self.show.current(tag_id, self.options.as_of)
        return entry is not None and any(use.shot in (None, joined.name.shot) for use in entry.record.uses)

    def _clean(self, joined: Joined, draft: _Draft) -> FiledClean | None:
        """The clean statement that covers an event. A mark on media proves nothing: the statement itself must cover it."""
        media = {
            self.show.relative(each.identity): span.wanted or each.frames
            for each, span in zip(joined.media, joined.spans, strict=True)
        }
        found, outdated = self.show.clean_for(self.options.as_of, joined.name.shot, joined.name.version, media)
        if outdated is not None and not joined.matches:
            upto = outdated.statement.version
            text = f"clean was stated up to {upto}, here is {joined.name.version or 'an unknown version'}"
            draft.add(self.finding("clean_outdated", text))
        return found if joined.conflict is None else None  # of two shots named, nobody knows which was meant

    # ------------------------------------------------------------ media

    def _media_findings(self, joined: Joined, draft: _Draft, in_question: bool) -> None:
        if joined.searched and not joined.media and in_question:
            wanted = joined.event.file or joined.event.clip or joined.event.reel
            blocked = any(finding.code == "no_record" for finding in draft.findings)
            level = Severity.INFO if blocked else None
            draft.add(self.finding("media_missing", f"no media was found for {wanted}", level=level))
        if joined.conflict is not None:
            draft.add(self.finding("name_conflict", joined.conflict))
        if len(joined.media) > 1:
            paths = ", ".join(media.path for media in joined.media)
            draft.add(self.finding("ambiguous_match", f"several media fit: {paths}"))
        if joined.unreadable:
            first = next(iter(joined.unreadable.values()))
            more = f" and {len(joined.unreadable) - 1} more" if len(joined.unreadable) > 1 else ""
            draft.add(self.finding("media_unreadable", f"{first}{more}"))
        for problem in joined.problems:
            draft.add(self.finding("tag_damaged", str(problem)))
        for media, span in zip(joined.media, joined.spans, strict=True):
            if span.missing is not None:
                draft.add(self.finding("frames_missing", f"{media.path} lacks used frames {span.missing}"))
            if span.wanted is None and joined.event.source_in and _is_worth_saying(media, in_question):
                draft.add(self.finding("frames_unknown", f"nothing relates the source timecode to the frames of {media.path}"))


def _is_worth_saying(media: Media, in_question: bool) -> bool:
    """Whether it is worth saying that timecode and frames could not be related: not for one file, not outside scope."""
    return in_question and len(media.files) > 1


def _middle(joined: Joined) -> str | None:
    """The middle one of the used frames."""
    files = next((span.files for span in joined.spans if span.files), ())
    return files[len(files) // 2][1] if files else None


def _numbers(joined: Joined) -> FrameSet:
    return joined.wanted or FrameSet.of(frame for frame in joined.used_frames if frame is not None)


def shown(reasons: Sequence[Reason]) -> list[Reason]:
    """The first reasons of the leading code, how many more there are, and all others."""
    first = [reason for reason in reasons if reason.code == reasons[0].code]
    more = [Reason(first[0].code, f"and {len(first) - 2} more")] if len(first) > 2 else []
    return [*first[:2], *more, *(reason for reason in reasons if reason.code != reasons[0].code)]


def _unproven(judged: Judged) -> Judged:
    """A hint alone never makes an event approved."""
    verdict = judged.verdict
    if verdict.status.rank >= Status.OPEN.rank:
        return judged
    return replace(judged, verdict=replace(verdict, status=Status.OPEN, unmet=("a match that proves it",)))
