"""What a producer sends to the client contact: uses in plain words, rules that ask, questions, frames to look at."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Sequence
from typing import Any

from genai_tags.counting import may_count
from genai_tags.errors import InputError
from genai_tags.frames import on_disk, single
from genai_tags.ledger.state import Entry, TaggedMedia
from genai_tags.model import FrameSet, Use
from genai_tags.policy.engine import ALL_NEEDS, Finding
from genai_tags.private import whole
from genai_tags.report.html import render
from genai_tags.report.words import made, said, used
from genai_tags.show import Judged, Show
from genai_tags.verdict import label

MAX_PICTURE = 10 * 1024 * 1024
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}


def request_document(
    show: Show, judged: Sequence[Judged], token: str, by: str, pictures: Sequence[dict[str, str]], text: str
) -> dict[str, Any]:
    """Everything that the page says, item by item: one for each tag in each use. Pictures of no shot stand at the end."""
    shots = {each.use.shot for each in judged}
    return {
        "schema": "genai_tags.request/1", "show": show.config.name, "request": token, "date": str(show.today()), "by": by,
        "contacts": list(show.config.contacts), "packs": [{"id": p.id, "title": p.title, "note": p.note} for p in show.packs],
        "text": text, "items": [_item(show, uses, pictures) for uses in _by_shot(judged)],
        "pictures": [picture for picture in pictures if picture["shot"] not in shots],
        "heads": [str(head) for head in show.book.heads()],
    }  # fmt: skip


def _by_shot(judged: Sequence[Judged]) -> list[list[Judged]]:
    """Uses of one tag in one shot together: they are answered together."""
    found: dict[tuple[str, str | None], list[Judged]] = {}
    for each in judged:
        found.setdefault((each.tag_id, each.use.shot), []).append(each)
    return list(found.values())


def _item(show: Show, uses: Sequence[Judged], pictures: Sequence[dict[str, str]]) -> dict[str, Any]:
    judged = max(uses, key=lambda each: each.verdict.status.rank)
    entry = judged.entry
    assert entry is not None
    asking = [f for each in uses for f in each.verdict.assessment.findings if f.live and f.needs]
    unmet = list(dict.fromkeys(need for each in uses for need in each.verdict.unmet))
    questions = list(dict.fromkeys(f.question for f in asking if f.question and f.who != "artist"))
    filed = [
        each
        for each in show.state.filed.get(judged.tag_id, [])
        if each.evidence.kind.value in ALL_NEEDS and may_count(show.config, each)
    ]
    given = [f"{said(e.kind)} of {e.date}{f' ({e.ref})' if e.ref else ''}" for e in (each.evidence for each in filed)]
    return {
        "tag": judged.tag_id, "revision": entry.record.revision, "shot": judged.use.shot, "use": " ".join(dict.fromkeys(used(each.use) for each in uses)),
        "made": made(whole(show, entry).tag), "status": judged.verdict.status.value, "unmet": [each.replace("_", " ") for each in unmet],
        "given": given, "rules": _rules(asking, unmet), "questions": questions, "frames": list(dict.fromkeys(f for each in uses for f in _frames(show, entry, each.use))),
        "pictures": [picture for picture in pictures if picture["shot"] == judged.use.shot],
    }  # fmt: skip


def _rules(findings: Sequence[Finding], unmet: Sequence[str]) -> list[dict[str, Any]]:
    """The rules that ask, once each, strictest first, with what each needs and whether that is given."""
    found: dict[str, dict[str, Any]] = {}
    for finding in findings:
        rule = found.setdefault(
            f"{finding.pack}/{finding.rule}",
            {"pack": finding.pack, "rule": finding.rule, "message": finding.message, "cite": finding.cite, "open": finding.open,
             "because": [], "needs": {}},
        )  # fmt: skip
        rule["because"] += [text for text in finding.because if text not in rule["because"]]
        rule["needs"].update(
            {name.replace("_", " "): name not in unmet for name in (label(need, finding) for need in finding.needs)}
        )
    return list(found.values())


def _frames(show: Show, entry: Entry, use: Use) -> list[str]:
    """First, middle and last frame of what was tagged, by name; without the folders of the vendor."""
    found: list[str] = []
    for media in show.state.media:
        if any(stub.id == entry.record.id for stub in media.stubs) and (use.shot is None or media.shot in (None, use.shot)):
            found += _three(media, use.frames)
    return list(dict.fromkeys(found))


def _three(media: TaggedMedia, limit: FrameSet | None) -> list[str]:
    name = media.path.rpartition("/")[2].rpartition(":")[2]
    frames = [frame for frame in media.frames or () if limit is None or frame in limit]
    hashes = max(re.findall("#+", name), key=len, default="")
    if not frames or not 0 < len(hashes) < 10:
        return [name]
    first, _, last = name.rpartition(hashes)
    return [
        f"{first}{frame:0{len(hashes)}d}{last}" for frame in dict.fromkeys((frames[0], frames[len(frames) // 2], frames[-1]))
    ]


def picture(stated: str) -> dict[str, str]:
    """A picture to look at, as a data URL: ``FILE``, or ``SHOT=FILE`` to stand beside that shot.

    Raises InputError for what a browser would not show.
    """
    shot, equals, path = stated.partition("=")
    if not equals or os.path.exists(stated):
        shot, path = "", stated
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_PICTURE + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    kind = next((kind for magic, kind in _PICTURES.items() if data.startswith(magic)), None)
    if kind is None or (kind == "image/webp" and data[8:12] != b"WEBP"):
        raise InputError(path, "is no PNG, JPEG, GIF or WebP picture; make one of the frame first")
    if len(data) > MAX_PICTURE:
        raise InputError(path, f"is larger than {MAX_PICTURE // 1024 // 1024} MB; send a smaller picture")
    return {"shot": shot, "name": os.path.basename(path), "url": f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"}


def frames_at_hand(show: Show, judged: Sequence[Judged]) -> dict[str, list[str]]:
    """For each shot the middle tagged frame of each of its media that is on this machine, by path."""
    found: dict[str, list[str]] = {}
    for each in judged:
        for tagged in show.state.media:
            ours = any(stub.id == each.tag_id for stub in tagged.stubs)
            if ours and each.use.shot and tagged.shot in (None, each.use.shot):
                paths = found.setdefault(each.use.shot, [])
                path = _middle(show.places.absolute(tagged.path), tagged.frames, each.use.frames)
                paths += [path] if path and path not in paths else []
    return found


def _middle(path: str, *limits: FrameSet | None) -> str | None:
    """The middle frame of media on this machine, of those within the limits."""
    media = on_disk(path) or (single(path) if os.path.isfile(path) else None)
    files = [file for frame, file in media.files if all(limit is None or frame in limit for limit in limits)] if media else []
    return files[len(files) // 2] if files else None


def request_html(document: dict[str, Any], sheet: str) -> str:
    """The page: self-contained, without network, with a form that writes the answer. Foreign text is made harmless."""
    return render("request.html", **document, sheet=sheet.splitlines())
