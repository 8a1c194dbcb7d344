"""``request``: ask the client contact, as a page to send; and take the answer back in."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from genai_tags.answers import answers_of, blank_sheet, read_sheet
from genai_tags.cli.common import emit, open_show, read_file, say, write_file
from genai_tags.cli.evidence import change, check_options, made_of, standing, stands, tell
from genai_tags.cli.shape import Shape, command
from genai_tags.codec import encode
from genai_tags.errors import UsageError
from genai_tags.ledger.book import check_text
from genai_tags.person import person
from genai_tags.private import keep_bytes, keep_paper
from genai_tags.report.text import plain_lines
from genai_tags.show import Judged, Show
from genai_tags.vocabulary import EvidenceKind


@dataclass(kw_only=True)
class RequestShape(Shape):
    """What a request takes besides."""

    write: Annotated[
        str | None, typer.Option("--write", metavar="FILE.html", help="Write the page to send to the client contact.")
    ] = None
    picture: Annotated[
        list[str] | None, typer.Option("--picture", metavar="[SHOT=]FILE", help="With --write: a PNG or JPEG to look at.")
    ] = None
    pictures: Annotated[
        bool, typer.Option("--pictures", help="With --write: small pictures of the tagged frames that are on this machine.")
    ] = False
    answers: Annotated[
        str | None, typer.Option("--import", metavar="ANSWER.yaml", help="Record the answer that came back.")
    ] = None


def register(app: typer.Typer) -> None:
    """Add the verb."""
    text = "Record that the client contact was asked; --write makes the page to send, --import records the answer."
    app.command("request", help=text)(command(RequestShape, request))


def request(given: RequestShape) -> None:
    """Ask, or take an answer in."""
    if given.answers is not None:
        stated = RequestShape(answers=given.answers, ref=given.ref, by=given.by, format_=given.format_, show=given.show)
        if given != stated:
            raise UsageError("--import takes what the answer says: only --ref, --by, --format and --show go with it")
        _import(given, given.answers)
        return
    if (given.picture or given.pictures) and given.write is None:
        raise UsageError("--picture and --pictures go with --write FILE.html")
    check_options("request", EvidenceKind.REQUEST, given)
    opened, by = open_show(given.show), person(given.by)
    _ask(opened, by, given)


def _ask(show: Show, by: str, given: RequestShape) -> None:
    ids, shots, evidence = made_of(show, EvidenceKind.REQUEST, given, by)
    show.check_giver(evidence, by)
    before = standing(show, ids, shots)
    evidence = replace(evidence, token=show.request_token())
    attachment = keep_paper(show, given.attach, not given.no_copy) if given.attach else None
    if given.write is not None:
        from genai_tags.report.request import picture, request_document, request_html

        pictures = [picture(path) for path in given.picture or ()]
        strays = {each["shot"] for each in pictures} - {"", *(each.use.shot for each in before)}
        if strays:
            raise UsageError(f"--picture: {', '.join(sorted(map(str, strays)))} is no shot of this request")
        pictures += _of_frames(show, before) if given.pictures else []
        show.book.check_writable()
        check_text(encode(evidence))
        document = request_document(show, before, evidence.token or "", evidence.given_by, pictures, given.reason or "")
        page = request_html(document, blank_sheet(document)).encode("utf-8")
        write_file(given.write, page)
        attachment = attachment or hashlib.sha256(page).hexdigest()
        say(f"wrote {given.write}; send it, and record what comes back with: genai-tags request --import ANSWER.yaml")
    event = show.file(replace(evidence, attachment=attachment), by)
    tell(show, event, EvidenceKind.REQUEST, ids, shots, before, given)


def _of_frames(show: Show, judged: Sequence[Judged]) -> list[dict[str, str]]:
    """Small pictures of tagged frames; the page names the frame, not the folder."""
    from genai_tags.report.pictures import MISSING, available, pictures
    from genai_tags.report.request import frames_at_hand

    if not available():
        say(MISSING)
        return []
    frames = frames_at_hand(show, judged)
    made, lacking = pictures(path for paths in frames.values() for path in paths)
    for path, why in lacking.items():
        say(f"no picture of {path}: {why}")
    return [
        {"shot": shot, "name": os.path.basename(path), "url": made[path]}
        for shot, paths in frames.items()
        for path in paths
        if path in made
    ]


def _import(given: RequestShape, path: str) -> None:
    data = read_file(path)
    show, by = open_show(given.show), person(given.by)
    sheet = read_sheet(data, path)
    found = answers_of(show, sheet, path, given.ref, hashlib.sha256(data).hexdigest())
    for evidence in found.evidence:
        show.check_giver(evidence, by)
    events = []
    if found.evidence:
        keep_bytes(show, data, path)
    ids = list(dict.fromkeys(ref.id for evidence in found.evidence for ref in evidence.tags))
    before = standing(show, ids, [])
    for evidence, event in zip(found.evidence, show.file_all(found.evidence, by), strict=True):
        where = evidence.scope.shots
        events.append(
            {"event": event.id, "kind": evidence.kind.value, "tag": evidence.tags[0].id, "shot": where[0] if where else None}
        )
    left = [change(was, now) for was, now in zip(before, standing(show, ids, []), strict=True)]
    document = {
        "schema": "genai_tags.answers/1", "request": sheet.request, "events": events, "left": left, "known": list(found.known),
        "unanswered": list(found.unanswered),
    }  # fmt: skip
    lines = [f"{each['kind']} recorded as {each['event']}" for each in events] or ["nothing was recorded"]
    lines += [line for each in left for line in stands(each)]
    lines += [*found.known, *(f"no reply yet: {u}" for u in found.unanswered)]
    emit(document, lambda: plain_lines("\n".join(lines)), given.format_)
