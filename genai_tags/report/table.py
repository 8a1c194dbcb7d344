"""The report as a table for spreadsheets: one row for each event, in the columns that conform editors know."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from genai_tags.report.plain import plain
from genai_tags.report.sheet import Row, Sheet, settled
from genai_tags.status import BADGES, Status

BOM = "\ufeff"
"""Excel takes a file without it for the system's old code page."""

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell (OWASP, "CSV Injection"); the wide forms are folded by some."""

_COLUMNS: tuple[tuple[str, Callable[[Sheet, Row], object]], ...] = (
    ("Cut", lambda sheet, row: sheet["cuts"][row["cut"]]["name"]),
    ("Event", lambda _, row: row["event"]),
    ("Line", lambda _, row: row["line"]),
    ("Track", lambda _, row: row["track"]),
    ("Record In", lambda _, row: row["record_in"]),
    ("Record Out", lambda _, row: row["record_out"]),
    ("Source In", lambda _, row: row["source_in"]),
    ("Source Out", lambda _, row: row["source_out"]),
    ("Duration (fr)", lambda _, row: row["duration"]),
    ("Reel", lambda _, row: row["reel"]),
    ("Clip Name", lambda _, row: row["clip"]),
    ("Source File", lambda _, row: row["file"]),
    ("Shot", lambda _, row: row["shot"]),
    ("Version", lambda _, row: row["version"]),
    ("AI", lambda _, row: row["ai"]),
    ("Status", lambda _, row: BADGES[Status(row["status"])].text),
    ("Verdict", lambda _, row: row["verdict"]),
    ("Severity", lambda _, row: row["severity"]),
    ("Reason Codes", lambda _, row: _joined(note["code"] for note in row["notes"])),
    ("Reasons", lambda sheet, row: _joined((note["message"] for note in row["notes"]), "; ") or settled(sheet, row)),
    ("To Settle It", lambda _, row: _joined((note["fix"] for note in row["notes"]), "; ")),
    ("Who Can", lambda _, row: _joined(note["who"] or "" for note in row["notes"])),
    ("Rules", lambda _, row: _joined(note["rule"] or "" for note in row["notes"])),
    ("Citations", lambda _, row: _joined(note["cite"] or "" for note in row["notes"])),
    ("Tags", lambda _, row: _joined(row["tags"])),
    ("Tools", lambda _, row: _joined(row["tools"])),
    ("As Of", lambda sheet, _: sheet["as_of"]),
)


def table(sheet: Sheet) -> bytes:
    """The table as CSV: UTF-8 with BOM, every cell quoted, no cell that a spreadsheet would run."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([name for name, _ in _COLUMNS])
    for row in sheet["rows"]:
        writer.writerow([cell(value(sheet, row)) for _, value in _COLUMNS])
    return (BOM + stream.getvalue()).encode("utf-8", "backslashreplace")


def cell(value: object) -> str:
    """A value as a cell: on one line, and as text where a spreadsheet would take it for a formula."""
    text = "" if value is None else plain(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_RUNS) and not isinstance(value, int) else text


def _joined(words: object, by: str = ", ") -> str:
    assert hasattr(words, "__iter__")
    return by.join(dict.fromkeys(word for word in words if word))
