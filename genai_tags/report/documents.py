"""What verbs print with ``--format json``: the shapes that other programs rely on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from genai_tags.conform.against import Change, Changed
from genai_tags.conform.results import CutResult, EventResult, Finding, Report
from genai_tags.cut.model import Cut
from genai_tags.policy.engine import Finding as RuleFinding
from genai_tags.show import Judged
from genai_tags.status import BADGES, Badge, Status
from genai_tags.timecode import rate_text


def badge_document(badge: Badge) -> dict[str, str]:
    """Symbol, text and colour."""
    return {"symbol": badge.symbol, "text": badge.text, "colour": badge.colour}


def rule_finding_document(finding: RuleFinding) -> dict[str, Any]:
    """One rule's finding, as ``assess`` prints it."""
    return {
        "pack": finding.pack, "rule": finding.rule, "cite": finding.cite, "outcome": finding.outcome.value, "open": finding.open,
        "superseded_by": finding.superseded_by, "needs": list(finding.needs), "because": list(finding.because),
        "question": finding.question, "message": finding.message, "fix": finding.fix, "who": finding.who,
        "title": finding.title, "subject": finding.subject, "if_binding": finding.if_binding.value if finding.if_binding else None,
    }  # fmt: skip


def judged_document(judged: Judged) -> dict[str, Any]:
    """One tag in one use, with its verdict."""
    verdict, use = judged.verdict, judged.use
    return {
        "id": judged.tag_id, "shot": use.shot, "stage": use.stage.value if use.stage else None,
        "outcome": verdict.assessment.outcome.value, "status": verdict.status.value, "badge": badge_document(verdict.badge),
        "unmet": list(verdict.unmet), "reasons": [{"code": r.code, "message": r.message} for r in verdict.reasons],
        "evidence": list(verdict.evidence),
    }  # fmt: skip


def report_document(report: Report) -> dict[str, Any]:
    """A whole conform."""
    counts = {severity.value: count for severity, count in report.counts().items()}
    return {
        "schema": "genai_tags.conform/1", "show": report.show, "as_of": str(report.as_of), "stage": report.stage.value,
        "packs": list(report.packs), "register": report.register, "cuts": [_cut(cut) for cut in report.cuts],
        "summary": {**counts, "by_status": {s.value: n for s, n in report.by_status().items()}},
        "heads": list(report.heads), "header_reads": report.header_reads,
        "findings": [finding_document(finding) for finding in report.findings],
        "events": [_event(event) for cut in report.cuts for event in cut.events],
        "unread": [
            {"cut": cut.cut.path, "line": u.line, "text": u.text, "reason": u.reason} for cut in report.cuts for u in cut.cut.unread
        ],
    }  # fmt: skip


def changes_document(before: Sequence[Cut], changes: Sequence[Changed], unchanged: int) -> dict[str, Any]:
    """What became of the AI events of an earlier cut."""
    counted = Counter(change for each in changes for change in each.changes)
    return {
        "against": [cut.path for cut in before],
        "changes": [
            {"changes": [c.value for c in each.changes], "moved_by": each.moved_by, "old": _brief(each.old), "new": _brief(each.new)}
            for each in changes
        ],
        "change_summary": {**{change.value: counted[change] for change in Change}, "unchanged": unchanged},
    }  # fmt: skip


def _brief(result: EventResult | None) -> dict[str, Any] | None:
    if result is None:
        return None
    kept = (
        "cut",
        "event",
        "line",
        "track",
        "record_in",
        "record_out",
        "source_in",
        "source_out",
        "clip",
        "shot",
        "version",
        "status",
        "tags",
    )
    return {key: value for key, value in _event(result).items() if key in kept}


def _cut(result: CutResult) -> dict[str, Any]:
    cut = result.cut
    return {
        "path": cut.path, "format": cut.format, "title": cut.title, "rate": rate_text(cut.rate), "rate_assumed": cut.rate_assumed,
        "events": len(cut.events), "findings": [finding_document(finding) for finding in result.findings],
    }  # fmt: skip


def _event(result: EventResult) -> dict[str, Any]:
    event = result.event
    return {
        "cut": result.cut, "event": event.number, "line": event.line, "track": event.track, "record_in": event.record_in,
        "record_out": event.record_out, "source_in": event.source_in, "source_out": event.source_out, "reel": event.reel,
        "clip": event.clip, "file": event.file, "shot": result.shot, "version": result.version, "status": result.status.value,
        "badge": badge_document(BADGES[Status(result.status)]), "tags": list(result.tags),
        "matched": [{"by": m.by, "value": m.value} for m in result.matched], "findings": [finding_document(f) for f in result.findings],
    }  # fmt: skip


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding of a conform or a check."""
    return {
        "code": finding.code, "severity": finding.severity.value, "message": finding.message, "fix": finding.fix,
        "rule": finding.rule, "cite": finding.cite, "who": finding.who,
    }  # fmt: skip
