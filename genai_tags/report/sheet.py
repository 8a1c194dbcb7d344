"""The sheet: all that a face shows of a conform, as plain JSON types. Page, table, paper and desk are drawn from it alone.

No private value is on it, and no folder of this machine but in ``path`` and ``frame``, which no face prints: it may be handed over. Texts are as foreign hands wrote them; whoever draws makes them harmless.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from genai_tags.conform.against import Change, Changed
from genai_tags.conform.results import CutResult, EventResult, Finding, Report
from genai_tags.counting import may_count
from genai_tags.cut.model import AUDIO, VIDEO, Event
from genai_tags.policy.engine import Finding as RuleFinding
from genai_tags.report.shapes import (
    CARE,
    MAY,
    MAY_NOT,
    OUTSIDE,
    Ask,
    ChangeItem,
    CutItem,
    Lane,
    Note,
    PackItem,
    Row,
    Sheet,
    Totals,
    UseItem,
)
from genai_tags.report.words import made, needed, said, used
from genai_tags.show import Judged, Show
from genai_tags.status import BADGES, Severity, Status
from genai_tags.timecode import rate_text
from genai_tags.verdict import Verdict, label
from genai_tags.vocabulary import AIClass

_SECOND = 1.0


def make_sheet(show: Show, report: Report, changes: tuple[Sequence[Changed], int] | None = None) -> Sheet:
    """The sheet of a conform, without pictures; ``changes`` are those against an earlier cut."""
    uses = _Uses(show)
    rows: list[Row] = []
    cuts = [_cut(i, cut, rows, uses) for i, cut in enumerate(report.cuts)]
    return Sheet(
        show=report.show, stage=report.stage.value, purpose=said(report.purpose), as_of=str(report.as_of), totals=_totals(report, rows),
        packs=[PackItem(id=p.id, title=p.title, note=p.note, source=p.source) for p in show.packs if p.id in report.packs],
        register=report.register, heads=list(report.heads), notes=[_note(each, [f"{show.config.folder}/"]) for each in report.findings],
        changes=_changes(report, changes[0]) if changes else None, unchanged=changes[1] if changes else 0,
        cuts=cuts, rows=rows, uses=uses.items,
    )  # fmt: skip


def _totals(report: Report, rows: Sequence[Row]) -> Totals:
    return Totals(
        events=len(rows),
        blocked=sum(row["verdict"] == MAY_NOT for row in rows),
        care=sum(row["verdict"] == CARE for row in rows),
        fine=sum(row["verdict"] == MAY for row in rows),
        outside=sum(row["verdict"] == OUTSIDE for row in rows),
        loose=dict(Counter(f.severity.value for f in (*report.findings, *(f for cut in report.cuts for f in cut.findings)))),
        severities={level.value: count for level, count in report.counts().items()},
        statuses={status.value: count for status, count in reversed(report.by_status().items())},
    )


def _changes(report: Report, changes: Sequence[Changed]) -> list[ChangeItem]:
    places = {id(event): i for i, event in enumerate(event for cut in report.cuts for event in cut.events)}
    return [_change(each, places.get(id(each.new))) for each in changes]


def _change(each: Changed, row: int | None) -> ChangeItem:
    sides = [side for side in (each.old, each.new) if side is not None]
    event = sides[-1].event
    moved = f" by {each.moved_by:+d} frames" if each.moved_by else ""
    return ChangeItem(
        changes=[f"{said(change)}{moved if change is Change.MOVED else ''}" for change in each.changes], row=row,
        event=event.number if each.new else f"old {event.number}", clip=_clip(event.clip) or _name(event.file) or event.reel or "",
        record_in=list(dict.fromkeys(side.event.record_in for side in sides)),
        versions=list(dict.fromkeys(side.version or "-" for side in sides)),
        statuses=list(dict.fromkeys(side.status.value for side in sides)),
    )  # fmt: skip


def _cut(number: int, result: CutResult, rows: list[Row], uses: _Uses) -> CutItem:
    cut = result.cut
    first, end = len(rows), 0.0
    for event in result.events:
        span = _place(event.event, end)
        end = span[1]
        rows.append(_row(number, event, span, uses))
    mine = range(first, len(rows))
    begin = min(mine, key=lambda i: rows[i]["start"], default=None)
    return CutItem(
        path=cut.path, name=_name(cut.path.rstrip("/\\")) or cut.path, format=cut.format, title=cut.title,
        rate=rate_text(cut.rate), rate_assumed=cut.rate_assumed, events=len(cut.events),
        start=rows[begin]["start"] if begin is not None else 0.0, end=max((rows[i]["end"] for i in mine), default=1.0),
        origin=rows[begin]["record_in"] if begin is not None else "",
        lanes=_lanes(mine, rows, [each.event for each in result.events]), notes=[_note(each, _folders(cut.path)) for each in result.findings],
        unread=[f"{f'line {u.line}: ' if u.line else ''}{u.reason}: {_without_folders(u.text.strip(), _folders(cut.path))}" for u in cut.unread],
    )  # fmt: skip


def _place(event: Event, last: float) -> tuple[float, float]:
    """Where an event stands on the strip, in seconds; a second behind the one before where its timecodes say nothing."""
    if event.record is None:
        return last, last + _SECOND
    begin, end = (float(Fraction(frame) / event.rate) for frame in event.record)
    return round(begin, 4), round(max(begin, end), 4)


def _lanes(mine: range, rows: Sequence[Row], events: Sequence[Event]) -> list[Lane]:
    """Tracks as an editor stacks them: the topmost picture first, then sound, then the rest."""
    tracks: dict[tuple[int, int, str], list[int]] = {}
    for i, event in zip(mine, events, strict=True):
        tracks.setdefault(_track_order(event), []).append(i)
    return [
        Lane(name=name, rows=sorted(found, key=lambda i: (rows[i]["start"], rows[i]["end"])))
        for (_, _, name), found in sorted(tracks.items())
    ]


def _track_order(event: Event) -> tuple[int, int, str]:
    number = int((re.search(r"\d{1,6}", event.track) or ["0"])[0])
    if event.kind == VIDEO:
        return 0, -number, event.track
    return (1 if event.kind == AUDIO else 2), number, event.track


def _row(cut: int, result: EventResult, span: tuple[float, float], uses: _Uses) -> Row:
    event, level = result.event, result.severity
    file = event.file or (event.media.path if event.media else None)
    folders = _folders(
        result.cut, result.frame, event.file, event.media.path if event.media else None, *(m.value for m in result.matched)
    )
    mine = list(dict.fromkeys(uses.place(each) for each in result.judged))
    asked = [finding.rule for finding in result.findings if finding.rule]
    asked += [f"{ask['pack']}/{ask['rule']}" for i in mine for ask in uses.items[i]["asks"]]
    return Row(
        cut=cut, event=event.number, line=event.line, track=event.track, record_in=event.record_in, record_out=event.record_out,
        source_in=event.source_in, source_out=event.source_out, duration=event.record[1] - event.record[0] if event.record else None,
        start=span[0], end=span[1], reel=event.reel, clip=_clip(event.clip), file=_name(file),
        shot=result.shot, version=result.version, status=result.status.value, severity=level.value if level else None,
        verdict=_verdict(result.status, level), ai=_ai(result), tags=list(result.tags),
        tools=sorted({tool for i in mine for tool in uses.items[i]["tools"]}), rules=list(dict.fromkeys(asked)),
        notes=[_note(each, folders) for each in result.findings], uses=mine,
        needed=list(dict.fromkeys(need for i in mine for need in uses.items[i]["needed"])), frame=result.frame, picture=None,
    )  # fmt: skip


def _verdict(status: Status, level: Severity | None) -> str:
    if level is Severity.BLOCKER:
        return MAY_NOT
    if level is Severity.WARNING:
        return CARE
    return OUTSIDE if status is Status.OUTSIDE_SCOPE else MAY


def _ai(result: EventResult) -> str:
    """What is known of AI in an event, in words that stand apart from what was approved."""
    if result.tags:
        classes = {each.entry.record.tag.ai_class for each in result.judged if each.entry}
        return "AI-assisted, not generative" if classes == {AIClass.ANALYTIC} else "GenAI"
    if result.status in (Status.CLEAN, Status.CLEAN_INFERRED):
        return "no GenAI"
    return BADGES[result.status].text.lower()


def _note(finding: Finding, folders: Iterable[str] = ()) -> Note:
    return Note(
        code=finding.code, severity=finding.severity.value, message=_without_folders(finding.message, folders), fix=finding.fix,
        rule=finding.rule, cite=finding.cite, who=finding.who,
    )  # fmt: skip


def _name(path: str | None) -> str | None:
    """A file's name: where it lies is nobody's business who is handed a report."""
    return re.split(r"[\\/]", path)[-1] or path if path else path


_FOLDERS = re.compile(r"(?:file:/{0,2})?(?<![\w.])(?:[A-Za-z]:)?[\\/](?:[^\\/\s'\":;,()][^\\/'\":;,()\n]*[\\/])+")
"""The folders of an absolute path in a text; they may hold blanks."""


def _without_folders(text: str, known: Iterable[str]) -> str:
    """A message without the folders that it names: those that are known, and what looks like one."""
    for folder in sorted({each for each in known if len(each) > 1}, key=len, reverse=True):
        text = text.replace(folder, "")
    return _FOLDERS.sub("", text)


def _clip(clip: str | None) -> str | None:
    """A clip's name as the editor wrote it; where that is an absolute path, the file's name."""
    return _name(clip) if clip and re.match(r"file:|[A-Za-z]:[\\/]|[\\/]", clip) else clip


def _folders(*paths: str | None) -> list[str]:
    return [path[: len(path) - len(_name(path) or "")] for path in paths if path]


def _other_stage(judged: Judged) -> str:
    """Where a use is judged at another stage than it was declared for, what was declared."""
    uses = judged.entry.record.uses if judged.entry else ()
    declared = {use.stage for use in uses if use.shot in (None, judged.use.shot)} - {None}
    if not declared or judged.use.stage in declared:
        return ""
    return f" It was declared for {', '.join(sorted(map(str, declared)))}, and is judged as {judged.use.stage}."


class _Uses:
    """Tags in their uses, each once however many events show it."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self.items: list[UseItem] = []
        self._places: dict[tuple[object, ...], int] = {}

    def place(self, judged: Judged) -> int:
        verdict = judged.verdict
        revision = judged.entry.record.revision if judged.entry else None
        asked = id(verdict.assessment)  # kept by the show as long as the show lives
        key = (judged.tag_id, revision, repr(judged.use), asked, verdict.status, verdict.unmet, verdict.reasons)
        if key not in self._places:
            self._places[key] = len(self.items)
            self.items.append(self._item(judged))
        return self._places[key]

    def _item(self, judged: Judged) -> UseItem:
        verdict, entry = judged.verdict, judged.entry
        record = entry.record if entry else None
        steps = (record.tag.steps or ()) if record else ()
        return UseItem(
            tag=judged.tag_id, revision=record.revision if record else None, shot=judged.use.shot, status=verdict.status.value,
            use=f"{used(judged.use)}{_other_stage(judged)}", made=made(record.tag) if record else [],
            tools=sorted({step.tool for step in steps if step.tool}), basis=record.tag.basis.value if record else "",
            declared_by=entry.event.recorded_by if entry else "", reasons=[reason.message for reason in verdict.reasons],
            unmet=list(verdict.unmet), needed=[needed(need, self.show.config.roles) for need in verdict.unmet],
            asks=[ask_of(finding, verdict) for finding in verdict.assessment.findings if finding.live],
            given=list(self._given(judged.tag_id)),
        )  # fmt: skip

    def _given(self, tag_id: str) -> Iterable[str]:
        held = self.show.state.filed.get(tag_id, [])
        for each in sorted(held, key=lambda filed: (filed.evidence.date, filed.event)):
            evidence = each.evidence
            ref = f", {evidence.ref}" if evidence.ref else ""
            doubt = "" if may_count(self.show.config, each) else " - does not count in this show"
            yield f"{said(evidence.kind)} of {evidence.date} by {evidence.given_by}{ref}{doubt}"


def with_pictures(sheet: Sheet, pictures: Mapping[str, str]) -> Sheet:
    """The sheet with pictures: data URLs by the path of the frame."""
    return {**sheet, "rows": [{**row, "picture": pictures.get(row["frame"] or "")} for row in sheet["rows"]]}


def counted(groups: Iterable[Sequence[str]]) -> list[tuple[str, int]]:
    """Every word and in how many groups it stands, by word: what a filter offers."""
    return sorted(Counter(word for group in groups for word in set(group)).items())


def loose_notes(sheet: Sheet) -> list[Note]:
    """What is said of the show and of its cuts as a whole."""
    return [*sheet["notes"], *(note for cut in sheet["cuts"] for note in cut["notes"])]


def settled(sheet: Sheet, row: Row) -> str:
    """Why nothing is wrong with an event, in words: a reason is always given."""
    said = list(dict.fromkeys(reason for i in row["uses"] for reason in sheet["uses"][i]["reasons"]))
    calm = {
        Status.CLEAN: "signed: no GenAI", Status.CLEAN_INFERRED: "every source is signed as free of GenAI",
        Status.OUTSIDE_SCOPE: "outside the show's scope",
    }  # fmt: skip
    return "; ".join(said) or calm.get(Status(row["status"]), f"{row['ai']}; nothing more is asked for")


def ask_of(finding: RuleFinding, verdict: Verdict) -> Ask:
    """A rule's finding, and which of its needs are given; how to settle it and who can where something is left."""
    needs = {label(need, finding): verdict.is_given(need, finding) for need in finding.needs}
    left = not needs or not all(needs.values())
    return Ask(
        pack=finding.pack, rule=finding.rule, title=finding.title, message=finding.message, cite=finding.cite,
        outcome=finding.outcome.value, open=finding.open, because=list(finding.because), needs=needs,
        question=finding.question, fix=finding.fix if left else "", who=finding.who if left else "", subject=finding.subject,
    )  # fmt: skip
