"""``assess``: what the rules say, about facts, a tag, a shot or media."""

from __future__ import annotations

import datetime as dt
import os
from typing import Annotated, Any

import typer

from genai_tags import tagging
from genai_tags.cli.common import Format, FormatOption, OutputOption, ShowOption, emit, open_show
from genai_tags.cli.declare import read_facts
from genai_tags.cli.evidence import resolve
from genai_tags.cli.shape import day
from genai_tags.errors import NoShowError, UsageError
from genai_tags.frames import is_pattern
from genai_tags.notation import expand
from genai_tags.policy.pack import Outcome
from genai_tags.preview import Rulebook
from genai_tags.report.documents import badge_document, judged_document, rule_finding_document
from genai_tags.report.text import judged_text
from genai_tags.show import Judged, Show
from genai_tags.status import BADGES, Status
from genai_tags.validity import Context


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("assess")(assess)


def assess(
    target: Annotated[str | None, typer.Argument(metavar="[ID | SHOT | PATH]", help="A tag, a shot, or media.")] = None,
    facts: Annotated[str | None, typer.Option("--from", metavar="FACTS.yaml", help="Facts that are not recorded.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Judge evidence as of this day, YYYY-MM-DD.")] = None,
    format_: FormatOption = Format.TEXT,
    output: OutputOption = None,
    show: ShowOption = None,
) -> None:
    """Say what the rules ask for, why, what settles it and who can give it."""
    if (target is None) == (facts is None):
        raise UsageError("say what to assess: an ID, SHOT or PATH, or --from FACTS.yaml")
    date = day(as_of, "--as-of")
    if facts is not None:
        judged = _from_facts(facts, show, date)
    else:
        opened = open_show(show)
        context = Context(as_of=date or opened.today(), territories=opened.config.territories)
        judged = _of_target(opened, target or "", context)
    emit(_document(judged), lambda: judged_text(judged, facts or ""), format_, output)


def _from_facts(path: str, show: str | None, as_of: dt.date | None) -> list[Judged]:
    tag, uses = read_facts(path)
    try:
        rules = Rulebook.of(Show.open(show))
    except NoShowError:
        rules = Rulebook.default()
    return rules.judge(tag, uses, as_of)


def _of_target(show: Show, target: str, context: Context) -> list[Judged]:
    if target in show.state.entries:
        return show.judge_uses(target, context)
    shot_tags = show.tags_in(target, context.as_of)
    if shot_tags:
        in_shot = Context(as_of=context.as_of, shot=target, territories=context.territories)
        return [judged for tag_id in shot_tags for judged in show.judge_uses(tag_id, in_shot)]
    if os.path.exists(target) or is_pattern(target):
        return _of_media(show, target, context)
    resolve(show, [target])
    return []


def _of_media(show: Show, path: str, context: Context) -> list[Judged]:
    found: dict[str, list[Judged]] = {}
    for media in expand(path):
        name = show.parse_name(media.stem)
        there = Context(as_of=context.as_of, shot=name.shot, version=name.version, territories=context.territories)
        for item in tagging.read(media):
            for stub in show.full_set(item.tags).stubs:
                if stub.id not in show.state.entries:
                    raise UsageError(
                        f"{media.path} carries tag {stub.id}, which this show's ledger lacks; merge its vendor's ledger"
                    )
                if stub.id not in found:
                    found[stub.id] = show.judge_uses(stub.id, there)
    if not found:
        raise UsageError(f"{path} carries no tag; absence of a tag is not clean")
    return [judged for items in found.values() for judged in items]


def _document(items: list[Judged]) -> dict[str, Any]:
    status = max((item.verdict.status for item in items), key=lambda s: s.rank, default=Status.NO_RECORD)
    outcome = max((item.verdict.assessment.outcome for item in items), key=lambda o: o.rank, default=Outcome.ALLOWED)
    findings: list[dict[str, Any]] = []
    for item in items:
        for finding in item.verdict.assessment.findings:
            document = {**rule_finding_document(finding), "tag": item.tag_id or None, "shot": item.use.shot}
            if document not in findings:
                findings.append(document)
    return {
        "schema": "genai_tags.assess/1", "outcome": outcome.value, "status": status.value, "badge": badge_document(BADGES[status]),
        "findings": findings, "items": [judged_document(item) for item in items],
    }  # fmt: skip
