"""``check`` and ``apply``: what a Nuke script's renders inherit, without Nuke."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from genai_tags import tagging
from genai_tags.cli.common import (
    ByOption,
    Format,
    FormatOption,
    OutputOption,
    QuietOption,
    ShowOption,
    emit,
    finish,
    open_show,
    progress,
    report_problems,
    say,
)
from genai_tags.cli.judging import CutStage
from genai_tags.cli.shape import day
from genai_tags.comp.output import Judge, Output, Plan
from genai_tags.comp.script import Script
from genai_tags.comp.stored import stored
from genai_tags.comp.writes import plans
from genai_tags.errors import GenAITagsError, UsageError
from genai_tags.frames import Media, identity_of
from genai_tags.lineage import united
from genai_tags.model import TagSet
from genai_tags.notation import expand
from genai_tags.person import person
from genai_tags.report.comps import check_document, check_text
from genai_tags.show import Show
from genai_tags.status import Severity
from genai_tags.vocabulary import Stage

ScriptArgument = Annotated[str, typer.Argument(metavar="SCRIPT", help="A Nuke script (.nk).")]
WriteOption = Annotated[list[str] | None, typer.Option("--write", metavar="NODE", help="Only this Write; repeat for several.")]
GizmosOption = Annotated[list[str] | None, typer.Option("--gizmos", metavar="DIR", help="Where gizmos lie; else NUKE_PATH.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("check")(check)
    app.command("apply")(apply)


def check(
    script: ScriptArgument,
    write: WriteOption = None,
    gizmos: GizmosOption = None,
    stage: Annotated[CutStage, typer.Option("--stage", help="final or temp.")] = CutStage.FINAL,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Judge evidence as of this day, YYYY-MM-DD.")] = None,
    fail_on: Annotated[Severity, typer.Option("--fail-on", help="The mildest severity that makes the exit code 1.")] = (
        Severity.BLOCKER
    ),
    format_: FormatOption = Format.TEXT,
    output: OutputOption = None,
    show: ShowOption = None,
) -> None:
    """Say of every Write of a Nuke script what GenAI its render would hold and whether that may ship. Nothing of the script is run."""
    date = day(as_of, "--as-of")
    found = plans(_script(script, gizmos), write or ())
    opened = _show_of(script, show)
    _ = opened.packs  # what cannot be read is said before anything is judged by the rest
    judge = Judge(opened, Stage(stage.value), date)
    outputs = [judge.output(plan) for plan in found]
    heads = [str(head) for head in opened.book.heads()]
    loose = [] if outputs else judge.nothing(script)
    emit(check_document(script, outputs, heads, loose), lambda: check_text(script, outputs, loose), format_, output)
    findings = [*loose, *(finding for each in outputs for finding in each.findings)]
    finish([], any(finding.severity.rank >= fail_on.rank for finding in findings))


def apply(
    script: ScriptArgument,
    frames: Annotated[list[str], typer.Argument(metavar="FRAMES...", help="What was rendered: sequences or files.")],
    write: Annotated[
        str | None, typer.Option("--write", metavar="NODE", help="The Write that rendered it; else by its file.")
    ] = None,
    gizmos: GizmosOption = None,
    record: Annotated[bool, typer.Option("--record", help="Also say so in the ledger; not on a farm.")] = False,
    by: ByOption = None,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """Put on rendered frames what their Write inherits: for a farm that rendered without the plugin."""
    found = plans(_script(script, gizmos), [write] if write else (), off=True)
    kept = stored(script)
    opened = _show_of(script, show)
    name = person(by) if record else ""
    if record:
        opened.book.check_writable()
    judge = Judge(opened)
    errors: list[GenAITagsError] = []
    failed = False
    for path in frames:
        try:
            media = expand(path)
            chosen = [_plan_for(each, found, script, write is not None) for each in media]
        except GenAITagsError as error:
            errors.append(error)
            continue
        for each, plan in zip(media, chosen, strict=True):
            output = judge.output(plan)
            for finding in output.findings:
                if finding.code in ("model_undeclared", "unresolved"):
                    say(f"{each.path}: {finding.message}; this is counted on the frames")
            tags = _inherited(output, kept)
            failed = _put(opened, each, tags, name, quiet) or failed
    finish(errors, failed)


def _script(path: str, gizmos: list[str] | None) -> Script:
    """Raises InputError, or UsageError for a folder of gizmos that is none."""
    for folder in gizmos or ():
        if not os.path.isdir(folder):
            raise UsageError(f"--gizmos {folder}: there is no such folder")
    return Script(path, gizmos)


def _show_of(script: str, show: str | None) -> Show:
    """The show that is named, or that lies above the script. Raises ShowError."""
    if show is None and "GENAI_SHOW" not in os.environ:
        return open_show(None, beside=os.path.dirname(os.path.abspath(script)))
    return open_show(show)


def _plan_for(media: Media, found: list[Plan], script: str, chosen: bool) -> Plan:
    """The write that made a medium: by its file, or the one that was named."""
    named = [plan for plan in found if plan.path and _same(plan.path, media)]
    if len(named) == 1:
        return named[0]
    if chosen and len(found) == 1:
        return found[0]
    there = ", ".join(f"{plan.name} ({plan.path or 'no file'})" for plan in found) or "none"
    raise UsageError(f"{media.path}: which Write of {script} made it? Say so with --write; there are {there}")


def _same(path: str, media: Media) -> bool:
    pattern = path.replace("%V", "main").replace("%v", "m")
    ours = identity_of(pattern)
    return os.path.realpath(ours) == os.path.realpath(media.identity) or os.path.realpath(pattern) == os.path.realpath(
        media.path
    )


def _inherited(output: Output, kept: dict[str, TagSet]) -> TagSet:
    """What the graph says now and what was stored: a tag too many is looked at, a tag too few ships."""
    return united(output.tags, kept.get(output.plan.name, TagSet()))


def _put(show: Show, media: Media, tags: TagSet, by: str, quiet: bool) -> bool:
    if not tags and not any(item.tags for item in tagging.read(media)):
        say(f"{media.path}: nothing to put on it", quiet)
        return False
    with progress("tagging", len(media.files), quiet) as step:
        outcome = tagging.apply(show, media, lambda _: tags, step)
    if by:
        tagging.record(show, outcome, by)
    report_problems(outcome.problems)
    done = len(outcome.native) + len(outcome.beside)
    failed = f", {len(outcome.problems)} not done" if outcome.problems else ""
    say(f"{media.path}: {len(tags.stubs)} tag(s) on {done} frame(s), {len(outcome.unchanged)} already so{failed}", quiet)
    return bool(outcome.problems)
