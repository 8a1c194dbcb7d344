"""What ``check`` prints of a script's outputs: as a document, and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from genai_tags.comp.output import Output, Standing, Suspect, headline
from genai_tags.comp.walk import FIRST, LAST
from genai_tags.conform.results import Finding
from genai_tags.lineage import Source
from genai_tags.report.documents import badge_document, finding_document
from genai_tags.report.plain import plain
from genai_tags.report.text import badge_text
from genai_tags.status import Severity
from genai_tags.stubs import encode_stub


def check_document(script: str, outputs: Sequence[Output], heads: Sequence[str], loose: Sequence[Finding]) -> dict[str, Any]:
    """Every output of a script, as ``check --format json`` prints it; ``loose`` are findings about the script as a whole."""
    counted = Counter(finding.severity for finding in (*loose, *(f for each in outputs for f in each.findings)))
    return {
        "schema": "genai_tags.check/1", "script": script, "heads": list(heads),
        "summary": {level.value: counted[level] for level in reversed(Severity)},
        "findings": [finding_document(each) for each in loose], "outputs": [output_document(each) for each in outputs],
    }  # fmt: skip


def output_document(output: Output) -> dict[str, Any]:
    """One output."""
    plan = output.plan
    return {
        "write": plan.name, "path": plan.path, "frames": f"{plan.span.first}-{plan.span.last}", "shot": output.shot,
        "version": output.version, "status": output.status.value, "badge": badge_document(output.badge), "set": output.tags.digest,
        "tags": [_standing(each) for each in output.standings], "models": [_suspect(each) for each in output.suspects],
        "sources": [_source(each) for each in output.sources], "findings": [finding_document(each) for each in output.findings],
    }  # fmt: skip


def _standing(standing: Standing) -> dict[str, Any]:
    return {**encode_stub(standing.stub), "status": standing.status.value, "sources": list(standing.sources)}


def _suspect(suspect: Suspect) -> dict[str, Any]:
    step = (suspect.tag.steps or ())[0]
    return {"node": suspect.key, "tool": step.tool, "model": step.model, "status": suspect.status.value, "basis": suspect.tag.basis.value}  # fmt: skip


def _source(source: Source) -> dict[str, Any]:
    frames = str(source.frames) if source.frames is not None else None
    if (
        source.frames is not None
        and source.frames.ranges
        and (source.frames.ranges[0][0] <= FIRST or source.frames.ranges[-1][1] >= LAST)
    ):
        frames = None
    return {
        "node": source.name, "path": source.path, "frames": frames, "tags": [stub.id for stub in source.tags.stubs],
        "by": list(source.by), "clean": source.clean, "unaccounted": source.unaccounted,
        "problems": [{"code": p.code, "message": p.message, "path": p.path} for p in source.problems],
    }  # fmt: skip


def check_text(script: str, outputs: Sequence[Output], loose: Sequence[Finding] = ()) -> RenderableType:
    """Every output: its badge, what is in it, and what is in the way."""
    parts: list[RenderableType] = [Text(plain(script))]
    for output in outputs:
        plan = output.plan
        head = Text(f"\n{plain(plan.name)}  {plan.span.first}-{plan.span.last}  {plain(plan.path or 'no file')}\n")
        head.append_text(badge_text(output.status))
        head.append(plain(headline(output).partition(output.badge.text)[2]))
        parts.append(head)
        if output.standings or output.suspects:
            parts.append(_table(output))
        parts += [_finding(each) for each in output.findings]
    return Group(*parts, *(_finding(each) for each in loose))


def _finding(finding: Finding) -> Text:
    text = Text(f"{finding.severity} {finding.code}: {plain(finding.message)}")
    who = f" ({plain(finding.who)})" if finding.who else ""
    text.append(f"\n    {plain(finding.fix)}{who}", style="dim")
    return text


def _table(output: Output) -> Table:
    table = Table(pad_edge=False)
    for name in ("Status", "Tag", "What", "By"):
        table.add_column(name, overflow="fold")
    for each in output.standings:
        what = ", ".join(
            str(word).replace("_", " ") for word in (each.stub.use_case, each.stub.stage, each.stub.ai_class) if word
        )
        table.add_row(
            badge_text(each.status), f"{each.stub.id} r{each.stub.revision}", what, plain(", ".join(each.sources[:4]))
        )
    for suspect in output.suspects:
        step = (suspect.tag.steps or ())[0]
        named = f"{step.tool}{f' ({step.model})' if step.model else ''}"
        table.add_row(badge_text(suspect.status), "undeclared", plain(named), plain(suspect.key))
    return table
