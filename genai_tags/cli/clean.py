"""``clean``: a person's signed "no GenAI here"."""

from __future__ import annotations

from typing import Annotated

import typer

from genai_tags import tagging
from genai_tags.cli.common import ByOption, QuietOption, ShowOption, finish, open_show, paths_of, person, say
from genai_tags.cli.evidence import day
from genai_tags.cli.tag import change_media
from genai_tags.errors import UsageError
from genai_tags.frames import Media, expand_all
from genai_tags.ledger.state import FiledClean
from genai_tags.model import Basis, CleanStatement
from genai_tags.show import Show


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("clean")(clean)


def clean(
    paths: Annotated[list[str] | None, typer.Argument(help="Media that holds no GenAI; - reads a list.")] = None,
    shots: Annotated[
        list[str] | None, typer.Option("--shots", help="Shots without GenAI, by pattern (AGM_104_*); repeat for several.")
    ] = None,
    ref: Annotated[str, typer.Option("--ref", help="The paper or mail that says so.")] = "",
    by: ByOption = None,
    given_by: Annotated[str | None, typer.Option("--given-by", help="Who signed it, if not the one who records it.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="In which role.")] = None,
    date: Annotated[str | None, typer.Option("--date", help="The day on the paper, YYYY-MM-DD; else today.")] = None,
    version: Annotated[str | None, typer.Option("--version", help="The last version that it covers; else all.")] = None,
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", help="The media it was made from, all stated clean: makes the statement an inferred one."),
    ] = None,
    mark: Annotated[bool, typer.Option("--mark", help="Also mark the media itself.")] = False,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """State that shots or media hold no GenAI, up to a version."""
    if not ref.strip():
        raise UsageError("a clean statement needs its paper: --ref REF")
    if not paths and not shots:
        raise UsageError("say what is clean: paths, or --shots PATTERN")
    if mark and not paths:
        raise UsageError("--mark needs paths to mark")
    opened, name = open_show(show), person(by)
    media, missing = expand_all(paths_of(paths)) if paths else ([], [])
    if missing:
        finish(missing)
    if sources:
        _check_sources(opened, sources)
    statement = CleanStatement(
        shots=tuple(shots or ()), paths=tuple(dict.fromkeys(opened.relative(each.path) for each in media)), version=version,
        given_by=given_by or name, role=role, date=day(date, "--date") or opened.today(), ref=ref,
        basis=Basis.INFERRED if sources else Basis.DECLARED,
    )  # fmt: skip
    event = opened.state_clean(statement, name)
    say(f"recorded clean statement {event.id} for {', '.join((*statement.shots, *statement.paths))}", quiet)
    if mark:
        details = {"statement": event.id, **({"version": version} if version else {})}
        finish([], _mark(opened, media, details, name, quiet))


def _mark(show: Show, media: list[Media], details: dict[str, str], by: str, quiet: bool) -> bool:
    return change_media(show, media, tagging.marking_clean(details), by, quiet, "marked")


def _check_sources(show: Show, sources: list[str]) -> None:
    """An output is clean because its sources are: each must be stated so, and carry no tag."""
    media, missing = expand_all(sources)
    if missing:
        finish(missing)
    for each in media:
        relative = show.relative(each.path)
        if any(item.tags for item in tagging.read(each)):
            raise UsageError(f"{each.path} carries tags: it is not clean")
        if not any(_covers(show, filed, relative, each) for filed in show.state.clean):
            raise UsageError(f"{each.path} has no clean statement; state that first")


def _covers(show: Show, filed: FiledClean, relative: str, media: Media) -> bool:
    from genai_tags.status import matches_any

    return relative in filed.statement.paths or matches_any(show.parse_name(media.stem).shot, filed.statement.shots)
