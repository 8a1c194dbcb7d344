"""``clean``: a person's signed "no GenAI here"."""

from __future__ import annotations

from typing import Annotated

import typer

from genai_tags import tagging
from genai_tags.cli.common import ByOption, QuietOption, ShowOption, finish, open_show, paths_of, say
from genai_tags.cli.shape import day
from genai_tags.cli.tag import change_media
from genai_tags.codec import MARK_PATTERN
from genai_tags.errors import UsageError
from genai_tags.evidence import CleanMedia, CleanStatement
from genai_tags.frames import Media
from genai_tags.notation import expand_all
from genai_tags.person import person
from genai_tags.show import Show
from genai_tags.vocabulary import Basis


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
    if version is not None and not MARK_PATTERN.fullmatch(version):
        raise UsageError(f"--version {version!r} is not a version such as v012")
    if any(not pattern.strip() for pattern in shots or ()):
        raise UsageError("--shots is empty")
    if mark and not paths:
        raise UsageError("--mark needs paths to mark")
    opened, name = open_show(show), person(by)
    media, missing = expand_all(paths_of(paths)) if paths else ([], [])
    if missing:
        finish(missing)
    if sources:
        _check_sources(opened, sources)
    given = day(date, "--date") or opened.today()
    if given > opened.today():
        raise UsageError(f"--date {given} lies in the future; today is {opened.today()}")
    for each in media:
        if any(item.tags.stubs or item.tags.more for item in tagging.read(each)):
            raise UsageError(f"{each.path} carries tags: it is not clean; untag it first if that is wrong")
    statement = CleanStatement(
        shots=tuple(shots or ()), version=version,
        media=tuple(CleanMedia(path=opened.relative(each.identity), frames=each.frames) for each in media),
        given_by=given_by or name, role=role, date=given, ref=ref,
        basis=Basis.INFERRED if sources else Basis.DECLARED,
    )  # fmt: skip
    event = opened.state_clean(statement, name)
    say(
        f"recorded clean statement {event.id} for {', '.join((*statement.shots, *(each.path for each in statement.media)))}",
        quiet,
    )
    if mark:
        details = {"statement": event.digest[:22], **({"version": version} if version else {})}
        finish([], _mark(opened, media, details, name, quiet))


def _mark(show: Show, media: list[Media], details: dict[str, str], by: str, quiet: bool) -> bool:
    return change_media(show, media, tagging.marking_clean(details), by, quiet, "marked")


def _check_sources(show: Show, sources: list[str]) -> None:
    """An output is clean because its sources are: each must be stated so, and carry no tag."""
    media, missing = expand_all(sources)
    if missing:
        finish(missing)
    for each in media:
        name, relative = show.parse_name(each.stem), show.relative(each.identity)
        read = tagging.read(each)
        problems = [problem for item in read for problem in item.problems]
        if problems:
            raise UsageError(f"{each.path} cannot be read in full ({problems[0]}): it is not known to be clean")
        if any(item.tags for item in read) or show.tagged(relative) or show.state.in_shot(name.shot or ""):
            raise UsageError(f"{each.path} or its shot carries tags: it is not clean")
        found, _ = show.clean_for(show.today(), name.shot, name.version, {relative: each.frames})
        if found is None:
            raise UsageError(f"{each.path} has no clean statement that covers it; state that first")
