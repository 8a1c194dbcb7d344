"""``tag`` and ``untag``: put tags on media and on the clips of a timeline, and take them off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from genai_tags import tagging
from genai_tags.carriers import otio
from genai_tags.cli.common import (
    ByOption,
    PathsArgument,
    QuietOption,
    ShowOption,
    finish,
    open_show,
    paths_of,
    progress,
    report_problems,
    say,
)
from genai_tags.errors import GenAITagsError, UsageError
from genai_tags.frames import Media
from genai_tags.model import FrameSet
from genai_tags.notation import expand_all
from genai_tags.person import person
from genai_tags.show import Show
from genai_tags.vocabulary import Membership

TIMELINES = (".otio", ".otioz")

ClipOption = Annotated[list[str] | None, typer.Option("--clip", help="In a timeline: the clips, by name or pattern; repeat for several.")]  # fmt: skip
StudioOption = Annotated[bool, typer.Option("--nuke-studio", help="In a timeline: also as a marker that Nuke Studio keeps when it imports and exports.")]  # fmt: skip
SourceOption = Annotated[bool, typer.Option("--source", help="In a timeline: on the media reference instead of the clip.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("tag")(tag)
    app.command("untag")(untag)


def tag(
    paths: PathsArgument,
    ids: Annotated[list[str], typer.Option("--id", help="The tag; repeat for several.")],
    by: ByOption = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put these tags in the place of what is there.")] = False,
    contains: Annotated[
        bool, typer.Option("--contains", help="The media contains the element (a comp), it is not the element itself.")
    ] = False,
    clip: ClipOption = None,
    source: SourceOption = False,
    nuke_studio: StudioOption = False,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """Add tags to media: EXR headers, else a sidecar; or to clips of an .otio or .otioz."""
    opened, name = open_show(show), person(by)
    stubs = opened.stubs(ids, Membership.CONTAINS if contains else Membership.SOURCE)
    if nuke_studio and source:
        raise UsageError("--nuke-studio is for clips; it goes without --source")
    given = paths_of(paths)
    _change(opened, given, tagging.adding(stubs, replace=replace), name, clip, source, quiet, "tagged", nuke_studio)


def untag(
    paths: PathsArgument,
    ids: Annotated[list[str] | None, typer.Option("--id", help="Only this tag; repeat for several. Else all.")] = None,
    by: ByOption = None,
    clip: ClipOption = None,
    source: SourceOption = False,
    quiet: QuietOption = False,
    show: ShowOption = None,
) -> None:
    """Take tags off. An EXR file that only we changed becomes the identical file again."""
    opened, name = open_show(show), person(by)
    _change(opened, paths_of(paths), tagging.removing(ids or ()), name, clip, source, quiet, "untagged")


def _change(
    show: Show,
    paths: Sequence[str],
    change: tagging.Change,
    by: str,
    clip: list[str] | None,
    source: bool,
    quiet: bool,
    done: str,
    mirrored: bool = False,
) -> None:
    timelines = [path for path in paths if path.lower().endswith(TIMELINES)]
    if timelines and not clip:
        raise UsageError("a timeline has many clips: say which with --clip NAME (or a pattern such as --clip '*')")
    show.book.check_writable()
    errors: list[GenAITagsError] = []
    for path in timelines:
        errors.extend(change_timeline(path, change, clip or [], source, quiet, done, mirrored))
    media, missing = expand_all([path for path in paths if path not in timelines])
    failed = change_media(show, media, change, by, quiet, done)
    finish([*errors, *missing], failed)


def change_timeline(
    path: str, change: tagging.Change, patterns: list[str], source: bool, quiet: bool, done: str, mirrored: bool = False
) -> list[GenAITagsError]:
    """Change clips of one timeline; the errors, for the batch to go on."""
    try:
        counts = otio.update(path, change, patterns, source, mirrored)
        for pattern, count in counts.items():
            if not count:
                raise UsageError(f"{path}: no clip is named {pattern!r}; nothing was written")
        for pattern, count in counts.items():
            say(f"{path}: {done} {count} clip{'s' if count != 1 else ''} named {pattern!r}", quiet)
    except GenAITagsError as error:
        return [error]
    return []


def change_media(show: Show, media: Sequence[Media], change: tagging.Change, by: str, quiet: bool, done: str) -> bool:
    """Change media and record it; whether any frame failed."""
    failed = False
    with progress(done, sum(len(each.files) for each in media), quiet) as step:
        for each in media:
            outcome = tagging.apply(show, each, change, step)
            tagging.record(show, outcome, by)
            report_problems(outcome.problems)
            _tell(outcome, quiet, done)
            failed = failed or bool(outcome.problems)
    return failed


def _tell(outcome: tagging.Outcome, quiet: bool, done: str) -> None:
    counts = []
    if outcome.native:
        counts.append(f"{done} {len(outcome.native)} frame{'s' if len(outcome.native) != 1 else ''}")
    if outcome.unchanged:
        counts.append(f"{len(outcome.unchanged)} already so")
    for reason in dict.fromkeys(outcome.beside.values()):
        frames = [frame for frame, why in outcome.beside.items() if why == reason]
        numbers = FrameSet.of(frame for frame in frames if frame is not None)
        where = f"frames {numbers} " if numbers.ranges else ""
        counts.append(f"{where}in the sidecar because {reason}")
    if outcome.problems:
        counts.append(f"{len(outcome.problems)} not done")
    say(f"{outcome.media.path}: {', '.join(counts) or 'nothing to do'}", quiet)
