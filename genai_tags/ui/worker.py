"""A process that reads and judges for the desk, so that no cut, frame or ledger can stall or kill a window.

One JSON document in on standard input, JSON lines out: ``{"opened", "files"}`` names the show and what to watch, ``{"sheet"}`` without its rows and uses, ``{"rows"}`` and ``{"uses"}``
some hundred at a time, ``{"done"}``; or ``{"facts"}`` of one tag; or ``{"error"}``. Nothing is read from foreign code here: the
window parses one line at a time.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from genai_tags.codec import encode
from genai_tags.conform.check import conform
from genai_tags.conform.listing import cut_of, cut_of_show, show_of
from genai_tags.conform.results import Options
from genai_tags.errors import GenAITagsError, InputError
from genai_tags.private import whole
from genai_tags.report.sheet import make_sheet
from genai_tags.show import Show
from genai_tags.timecode import parse_rate
from genai_tags.vocabulary import Purpose, Stage

_AT_ONCE = 200


def answer(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What was asked for, piece by piece. Raises GenAITagsError."""
    show, paths = show_of(asked.get("paths") or (), asked.get("show"))
    register = show.config.register
    files = [show.book.folder, show.config.path, *([os.path.join(show.config.folder, register.file)] if register else [])]
    yield {"opened": show.config.folder, "files": files}
    if "facts" in asked:
        yield _facts(show, str(asked["facts"]))
        return
    rate = parse_rate(asked["rate"]) if asked.get("rate") else None
    cuts = [cut_of(show, path, rate) for path in paths] or [cut_of_show(show)]
    options = Options(
        stage=Stage(asked.get("stage") or "final"), purpose=Purpose(asked.get("purpose") or "programme"),
        as_of=dt.date.fromisoformat(asked["as_of"]) if asked.get("as_of") else show.today(), media=asked.get("media") or (),
    )  # fmt: skip
    sheet = make_sheet(show, conform(show, cuts, options))
    rows, uses = sheet["rows"], sheet["uses"]
    yield {"sheet": {**sheet, "rows": [], "uses": []}, "total": len(rows), "folder": show.config.folder}
    for name, items in (("rows", list(rows)), ("uses", list(uses))):
        for i in range(0, len(items), _AT_ONCE):
            yield {name: items[i : i + _AT_ONCE]}
    yield {"done": True}


def _facts(show: Show, tag_id: str) -> dict[str, Any]:
    """The facts of a tag with its private values, as FACTS.yaml would hold them."""
    entry = show.state.current(tag_id)
    if entry is None:
        raise InputError(tag_id, "is no tag of this show's ledger")
    record = whole(show, entry)
    return {"facts": {"tag": encode(record.tag), "uses": [encode(use) for use in record.uses]}, "id": tag_id}


def main() -> int:
    """Answer one question."""
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        for piece in answer(json.load(sys.stdin)):
            print(json.dumps(piece), flush=True)  # noqa: T201 - the protocol
    except (GenAITagsError, ValueError, OSError, MemoryError, RecursionError) as error:
        print(json.dumps({"error": str(error) or type(error).__name__}), flush=True)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
