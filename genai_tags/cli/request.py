"""``request``: ask the client contact, as a page to send; and take the answer back in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from genai_tags import files
from genai_tags.answers import answers_of, blank_sheet, read_sheet
from genai_tags.cli.common import emit, open_show, person, say
from genai_tags.cli.evidence import change, check_options, made_of, standing, tell
from genai_tags.cli.shape import Shape, command
from genai_tags.errors import InputError, UsageError, WriteError
from genai_tags.show import Show
from genai_tags.vocabulary import EvidenceKind


@dataclass(kw_only=True)
class RequestShape(Shape):
    """What a request takes besides."""

    write: Annotated[
        str | None, typer.Option("--write", metavar="FILE.html", help="Write the page to send to the client contact.")
    ] = None
    picture: Annotated[
        list[str] | None, typer.Option("--picture", metavar="FILE", help="With --write: a PNG or JPEG to look at.")
    ] = None
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
        if given.targets or given.write or given.attach:
            raise UsageError("--import takes the answer's own tags and paper; leave targets, --write and --attach out")
        _import(given, given.answers)
        return
    if given.picture and given.write is None:
        raise UsageError("--picture goes with --write FILE.html")
    check_options("request", EvidenceKind.REQUEST, given)
    opened, by = open_show(given.show), person(given.by)
    _ask(opened, by, given)


def _ask(show: Show, by: str, given: RequestShape) -> None:
    ids, shots, evidence = made_of(show, EvidenceKind.REQUEST, given, by)
    show.check_role(evidence.kind.value, evidence.role, by, evidence.given_by, ids)
    before = standing(show, ids, shots)
    evidence = replace(evidence, token=show.request_token())
    attachment = show.book.put_attachment(given.attach, not given.no_copy) if given.attach else None
    if given.write is not None:
        from genai_tags.report.request import picture, request_document, request_html

        pictures = [picture(path) for path in given.picture or ()]
        show.book.check_writable()
        document = request_document(show, before, evidence.token or "", evidence.given_by, pictures, given.reason or "")
        page = request_html(document, blank_sheet(document)).encode("utf-8")
        try:
            files.write(given.write, page)
        except OSError as error:
            raise WriteError(given.write, f"could not be written: {error.strerror}") from None
        attachment = attachment or hashlib.sha256(page).hexdigest()
        say(f"wrote {given.write}; send it, and record what comes back with: genai-tags request --import ANSWER.yaml")
    event = show.file(replace(evidence, attachment=attachment), by)
    tell(show, event, EvidenceKind.REQUEST, ids, shots, before, given)


def _import(given: RequestShape, path: str) -> None:
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    show, by = open_show(given.show), person(given.by)
    sheet = read_sheet(data, path)
    if sheet.date is not None and sheet.date > show.today():
        raise UsageError(f"{path}: the answer's date {sheet.date} lies in the future; today is {show.today()}")
    found = answers_of(show, sheet, path, given.ref, hashlib.sha256(data).hexdigest())
    for evidence in found.evidence:
        ids = [ref.id for ref in evidence.tags]
        show.check_role(evidence.kind.value, evidence.role, by, evidence.given_by, ids)
    left, events = [], []
    if found.evidence:
        show.book.put_attachment(path)
    for evidence in found.evidence:
        ids, shots = [ref.id for ref in evidence.tags], list(evidence.scope.shots)
        before = standing(show, ids, shots)
        event = show.file(evidence, by)
        events.append({"event": event.id, "kind": evidence.kind.value, "tag": ids[0], "shot": shots[0] if shots else None})
        left += [change(was, now) for was, now in zip(before, standing(show, ids, shots), strict=True)]
    document = {
        "schema": "genai_tags.answers/1", "request": sheet.request, "events": events, "left": left, "known": list(found.known),
        "questions": list(found.questions), "unanswered": list(found.unanswered),
    }  # fmt: skip
    lines = [f"{each['kind']} recorded as {each['event']}" for each in events] or ["nothing was recorded"]
    lines += [f"{each['id']} {each['shot'] or ''} {each['was']} -> {each['status']}" for each in left]
    lines += [*found.known, *(f"question: {q}" for q in found.questions), *(f"no reply yet: {u}" for u in found.unanswered)]
    emit(document, lambda: "\n".join(lines), given.format_)
