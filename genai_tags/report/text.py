"""Reports for a terminal, by Rich: tables whose words say it all, colour only on top."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from genai_tags.conform.against import Change, Changed
from genai_tags.conform.results import EventResult, Finding, Report
from genai_tags.report.plain import plain
from genai_tags.show import Judged
from genai_tags.status import BADGES, Severity, Status

_COLOURS = {Severity.BLOCKER: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def badge_text(status: Status) -> Text:
    """Symbol and word, in the badge's colour."""
    badge = BADGES[status]
    return Text(f"{badge.symbol} {badge.text}", style=badge.colour)


def report_text(report: Report) -> RenderableType:
    """A whole conform: totals first, then what needs attention, then every event."""
    events = [event for cut in report.cuts for event in cut.events]
    parts: list[RenderableType] = [_totals(report)]
    loose = [*report.findings, *(finding for cut in report.cuts for finding in cut.findings)]
    if loose:
        parts.append(_loose(loose))
    parts.append(_events(events, len(report.cuts) > 1))
    parts.append(Text(f"ledger heads: {', '.join(report.heads) or 'an empty book'}", style="dim"))
    if report.register:
        parts.append(Text(f"tool register: {plain(report.register)}", style="dim"))
    return Group(*parts)


def _totals(report: Report) -> Text:
    counts = report.counts()
    text = Text(f"{plain(report.show)}: {report.stage} cut as of {report.as_of}, {', '.join(report.packs)}\n")
    for i, (severity, count) in enumerate(counts.items()):
        text.append(", " if i else "")
        text.append(
            f"{count} {severity}{'' if count == 1 or severity is Severity.INFO else 's'}",
            _COLOURS[severity] if count else "dim",
        )
    statuses = "  ".join(f"{BADGES[s].symbol} {BADGES[s].text} {n}" for s, n in reversed(report.by_status().items()))
    text.append(f"\n{statuses}")
    return text


def _loose(findings: Iterable[Finding]) -> Table:
    table = Table(title="About the cut as a whole", title_justify="left", show_header=False, box=None, pad_edge=False)
    for finding in findings:
        table.add_row(Text(finding.severity, _COLOURS[finding.severity]), finding.code, Text(plain(finding.message)))
    return table


def _events(events: Sequence[EventResult], with_cut: bool) -> Table:
    table = Table(pad_edge=False)
    for name in (*(("Cut",) if with_cut else ()), "Event", "Record in", "Clip", "Shot", "Version", "Status", "Finding"):
        table.add_column(name, overflow="fold", no_wrap=name in ("Event", "Record in", "Version"))
    for result in events:
        event = result.event
        row: list[RenderableType] = [Text(plain(result.cut.rpartition("/")[2]))] if with_cut else []
        what = event.clip or event.file or event.reel or ""
        row += [Text(plain(text or "")) for text in (event.number, event.record_in, what, result.shot, result.version)]
        row += [badge_text(result.status), _finding_text(result)]
        table.add_row(*row)
    return table


def _finding_text(result: EventResult) -> Text:
    text = Text()
    for i, finding in enumerate(result.findings):
        text.append("\n" if i else "")
        text.append(finding.severity.value, _COLOURS[finding.severity])
        text.append(f" {finding.code}: {plain(finding.message)}")
    return text


def changes_text(changes: Sequence[Changed], unchanged: int) -> RenderableType:
    """What became of the AI events of an earlier cut, a line each."""
    head = f"AI events against the earlier cut: {len(changes)} changed, {unchanged} as they were"
    if not changes:
        return Text(head)
    table = Table(title=head, title_justify="left", pad_edge=False)
    for name in ("Change", "Event", "Clip", "Record in", "Version", "Status"):
        table.add_column(name, overflow="fold")
    for each in changes:
        some = each.new or each.old
        assert some is not None
        moved = f" by {each.moved_by:+d} frames" if each.moved_by else ""
        number = some.event.number if each.new else f"old {some.event.number}"
        words = ", ".join(f"{change}{moved if change is Change.MOVED else ''}" for change in each.changes)
        sides = [side for side in (each.old, each.new) if side is not None]
        cells = [
            number, some.event.clip or some.event.file or some.event.reel or "", _arrow([s.event.record_in for s in sides]),
            _arrow([s.version or "-" for s in sides]),
        ]  # fmt: skip
        status = Text(" -> ").join(badge_text(status) for status in dict.fromkeys(s.status for s in sides))
        table.add_row(words, *(Text(plain(cell)) for cell in cells), status)
    return table


def _arrow(words: Sequence[str]) -> str:
    return " -> ".join(dict.fromkeys(words))


def judged_text(items: Sequence[Judged], title: str) -> RenderableType:
    """Verdicts on tags: status, what is needed, and every rule that asks."""
    parts: list[RenderableType] = []
    for judged in items:
        verdict = judged.verdict
        head = Text(f"{plain(judged.tag_id or title)}  {plain(judged.use.shot or 'no shot')}  ")
        head.append_text(badge_text(verdict.status))
        head.append(f"  outcome {verdict.assessment.outcome}")
        for reason in verdict.reasons:
            head.append(f"\n  {plain(reason.message)}")
        parts.append(head)
        table = Table(pad_edge=False)
        for name in ("Outcome", "Rule", "Why", "Settled by", "Who"):
            table.add_column(name, overflow="fold")
        for finding in verdict.assessment.findings:
            dim = "" if finding.live else "dim"
            outcome = (
                f"{finding.outcome}{' (open)' if finding.open else ''}"
                if finding.live
                else f"superseded by {finding.superseded_by}"
            )
            why = finding.message + (f"\n? {finding.question}" if finding.question else "") + "\n" + "; ".join(finding.because)
            about = f"{finding.rule}\n{finding.subject}" if finding.subject else finding.rule
            needs = [(need, verdict.is_given(need, finding) and bool(judged.tag_id)) for need in finding.needs]
            settled = ", ".join(f"{'✓ ' if done and finding.live else ''}{need}" for need, done in needs)
            cells = (outcome, plain_lines(about), plain_lines(why), settled, finding.who)
            table.add_row(*(Text(cell, style=dim) for cell in cells))
        parts.append(table)
    sources = sorted({f.cite.partition("#")[0] for judged in items for f in judged.verdict.assessment.findings})
    parts.extend(Text(f"rules read from {source}", style="dim") for source in sources)
    return Group(*parts)


def plain_lines(text: str) -> str:
    """``plain`` for text of ours that holds line breaks on purpose."""
    return "\n".join(plain(line) for line in text.split("\n"))
