"""Avid Log Exchange: a bin as a table. Each row is an event without a place in a programme: its media may be used anywhere.

Avid's format: ``Heading``, ``Column`` and ``Data`` in turn, separated by tabs; ``Start`` and ``End`` are source timecodes, the end
exclusive. Rows stay what they are: a reader that takes a tab too many for a row is no help to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from genai_tags.cut.model import AUDIO, VIDEO, Cut, Event, MediaReference, Unread
from genai_tags.cut.otio_objects import url_to_path
from genai_tags.errors import InputError, Problem
from genai_tags.lines import decode
from genai_tags.timecode import Timecode, parse_rate

REELS = ("tape", "reel", "tape name", "camroll", "tape id", "reel name")
FILES = ("source path", "source file path", "filename", "file name", "unc path", "source file", "path")
"""Columns by what they say; the first that says something counts."""


def read_ale(data: bytes, path: str, fallback: Fraction, rate_assumed: bool, stated: Fraction | None = None) -> Cut:
    """The rows of an ALE as a Cut. Its own ``FPS`` counts unless ``stated`` overrides it; ``fallback`` stands in where it has none.
    Raises InputError for what is no ALE."""
    lines = [text for text, _ in decode(data, path).lines()]
    heading, columns, begin = _head(lines, path)
    try:
        own = parse_rate(heading["fps"]) if heading.get("fps") else None
    except ValueError:
        own = None
    rate = stated or own or fallback
    events: list[Event] = []
    unread: list[Unread] = []
    for number in range(begin, len(lines)):
        if not lines[number].strip():
            continue
        cells = [cell.strip() for cell in lines[number].split("\t")]
        if len(cells) > len(columns) + 1 or not any(cells):
            unread.append(
                Unread(line=number + 1, text=lines[number][:200], reason=f"has {len(cells)} cells for {len(columns)} columns")
            )
            continue
        row = dict(zip(columns, cells, strict=False))
        events.append(_event(row, len(events) + 1, number + 1, rate))
    assumed = rate_assumed and stated is None and own is None
    return Cut(
        path=path, format="ale", title="", rate=rate, rate_assumed=assumed, events=tuple(events), unread=tuple(unread),
    )  # fmt: skip


def is_ale(text: str) -> bool:
    """Whether text begins as an ALE does."""
    return text.lstrip("\ufeff \t\r\n").startswith("Heading")


def _head(lines: list[str], path: str) -> tuple[dict[str, str], list[str], int]:
    """The heading, the columns, and the index of the first row."""
    heading: dict[str, str] = {}
    columns: list[str] = []
    section = ""
    for i, line in enumerate(lines):
        word = line.strip()
        if word in ("Heading", "Column", "Data"):
            section = word
            if word == "Data":
                if not columns:
                    raise InputError(path, f"line {i + 1}: has no columns before its data")
                return heading, columns, i + 1
        elif section == "Heading" and word:
            key, _, value = line.partition("\t")
            heading[key.strip().casefold()] = value.strip()
        elif section == "Column" and word:
            columns = [cell.strip().casefold() for cell in line.split("\t")]
        elif word and not section:
            break
    raise InputError(path, "is no Avid Log Exchange: Heading, Column and Data must follow one another")


def _event(row: Mapping[str, str], number: int, line: int, rate: Fraction) -> Event:
    problems: list[Problem] = []
    own = rate
    if row.get("fps"):
        try:
            own = parse_rate(row["fps"])
        except ValueError:
            problems.append(Problem(f"row {number}", f"has the rate {row['fps']!r}; that of the list was taken", "bad_range"))
    ends = [_frames(row.get(name, ""), own) for name in ("start", "end")]
    source = (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None and ends[1] >= ends[0] else None
    if source is None:
        problems.append(
            Problem(f"row {number}", f"has the source {row.get('start') or '-'} to {row.get('end') or '-'}", "no_range")
        )
    tracks = row.get("tracks", "V").upper()
    name = row.get("name") or None
    file = next((url_to_path(row[each]) for each in FILES if row.get(each)), None)
    if file and file[-1] in "/\\":  # Resolve and Avid name the folder apart
        file += row.get("source file name") or name or ""
    return Event(
        number=f"{number:03d}", line=line, track=row.get("tracks") or "V", kind=VIDEO if "V" in tracks or not tracks else AUDIO,
        record_in="", record_out="", source_in=row.get("start", ""), source_out=row.get("end", ""), source=source, rate=own, source_rate=own,
        reel=next((row[each] for each in REELS if row.get(each)), None), clip=name, file=file, media=MediaReference(path=file) if file else None,
        problems=tuple(problems),
    )  # fmt: skip


def _frames(text: str, rate: Fraction) -> int | None:
    try:
        return Timecode.parse(text).to_frames(rate)
    except ValueError:
        return None
