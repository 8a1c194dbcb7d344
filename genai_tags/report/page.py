"""The report as one HTML page: totals, strip, filters, every event with its reasons, every tag with its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genai_tags.report.html import render
from genai_tags.report.plain import plain
from genai_tags.report.shapes import CutItem, Lane, Row, Sheet
from genai_tags.report.sheet import counted, settled
from genai_tags.report.strip import BAR, LANE, bar, clock, height_of, lines_of, span_of
from genai_tags.status import BADGES, Badge, Status

_PRINTED_LINE = 120
"""How many events of the busiest track stand on one line of the printed strip."""


def page(sheet: Sheet) -> str:
    """The page of a sheet."""
    badges = {status.value: badge for status, badge in BADGES.items()}
    return render(
        "report.html", sheet=sheet, badges=badges, headline=headline(sheet), alarm=alarm(sheet), strips=[_strip(sheet, cut) for cut in sheet["cuts"]],
        data=_data(sheet, badges), tools=counted(row["tools"] for row in sheet["rows"]),
        rules=counted(row["rules"] for row in sheet["rows"]), codes=counted([n["code"] for n in row["notes"]] for row in sheet["rows"]),
        lane=LANE, settled=settled, pictures=any(row["picture"] for row in sheet["rows"]),
    )  # fmt: skip


def headline(sheet: Sheet) -> str:
    """What the whole comes to, in a sentence. What was not checked is never said to be fine."""
    totals = sheet["totals"]
    if not totals["events"]:
        return "There is nothing in it to check."
    count = totals["events"]
    milder = ((totals["care"], "may ship with care"), (totals["fine"], "may ship"), (totals["outside"], "outside scope"))
    rest = ", ".join(f"{n} {words}" for n, words in milder if n)
    blockers, warnings = (totals["loose"].get(level, 0) for level in ("blocker", "warning"))
    loose = " and ".join(f"{n} {word}{'s' * (n > 1)}" for n, word in ((blockers, "blocker"), (warnings, "warning")) if n)
    if totals["blocked"]:
        said = f"{totals['blocked']} of {count} events may not ship{f', {rest}' if rest else ''}"
    elif blockers:
        said = f"It may not ship as it is: of {count} events {rest}"
    elif totals["outside"] == count:
        said = f"Nothing was checked: all {count} events are outside scope"
    else:
        said = f"Nothing blocks: {f'all {count} events may ship' if totals['fine'] == count else f'of {count} events {rest}'}"
    return f"{said}; {loose} about the whole." if loose else f"{said}."


def alarm(sheet: Sheet) -> str:
    """The severity that the headline is coloured by; empty where nothing is wrong."""
    totals = sheet["totals"]
    if totals["blocked"] or totals["loose"].get("blocker"):
        return "blocker"
    return "warning" if totals["care"] or totals["loose"].get("warning") or not totals["fine"] else ""


def _data(sheet: Sheet, badges: Mapping[str, Badge]) -> dict[str, Any]:
    """What the page's script draws and filters by."""
    statuses = list(badges)
    return {
        "lane": LANE, "bar": BAR,
        "badges": [{"symbol": b.symbol, "text": b.text, "colour": b.colour, "height": height_of(s)} for s, b in badges.items()],
        "cuts": [
            {"start": cut["start"], "end": cut["end"], "lanes": [lane["rows"] for lane in cut["lanes"]]} for cut in sheet["cuts"]
        ],
        "rows": [
            [row["start"], row["end"], statuses.index(row["status"]), plain(row["event"])[:20], plain(row["shot"] or row["clip"] or "")[:60],
             plain(row["record_in"])[:20]]
            for row in sheet["rows"]
        ],
    }  # fmt: skip


def _strip(sheet: Sheet, cut: CutItem) -> dict[str, Any]:
    """The strip as SVG paths, one for each status of each lane: the whole on one line, and in lines for paper."""
    timecode = clock(cut["rate"], cut["origin"])
    rows, span = sheet["rows"], span_of(cut)
    return {
        "span": span,
        "paths": [_paths(rows, lane, span) for lane in cut["lanes"]],
        "printed": [
            {"span": line, "begin": timecode(line[0]), "lanes": [_paths(rows, lane, line) for lane in cut["lanes"]]}
            for line in lines_of(cut, _PRINTED_LINE)
        ],
    }


def _paths(rows: Sequence[Row], lane: Lane, span: tuple[float, float]) -> list[tuple[str, str]]:
    """Status and path, mildest first, so that the worst lies on top."""
    found: dict[str, list[str]] = {}
    for i in lane["rows"]:
        row = rows[i]
        if row["end"] >= span[0] and row["start"] <= span[1]:
            found.setdefault(row["status"], []).append(
                bar(row["status"], max(row["start"], span[0]), min(row["end"], span[1]), span[0])
            )
    order = sorted(found, key=lambda word: Status(word).rank)
    return [(status, "".join(found[status])) for status in order]
