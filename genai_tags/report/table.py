"""The report as a table for spreadsheets: one row for each event, in the columns that conform editors know."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable

from genai_tags.report.plain import plain
from genai_tags.report.shapes import ChangeItem, Row, Sheet
from genai_tags.report.sheet import settled
from genai_tags.status import BADGES, Status

BOM = "\ufeff"
"""Excel takes a file without it for the system's old code page."""

_LATER = re.compile(r"([;|][\s\"']*)(?=[=+\-@＝＋－＠])")
"""Where a cell would begin for a spreadsheet that takes another separator than the comma (the semicolon in half of Europe)."""
_RUNS = re.compile(r"[\s\"']*[=+\-@＝＋－＠]")
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
    ("Still Needed", lambda _, row: _joined(row["needed"], "; ")),
    ("To Settle It", lambda _, row: _joined((note["fix"] for note in row["notes"]), "; ")),
    ("Who Can", lambda _, row: _joined(note["who"] or "" for note in row["notes"])),
    ("Rules", lambda _, row: _joined(row["rules"])),
    ("Citations", lambda _, row: _joined(note["cite"] or "" for note in row["notes"])),
    ("Tags", lambda _, row: _joined(row["tags"])),
    ("Tools", lambda _, row: _joined(row["tools"])),
    ("As Of", lambda sheet, _: sheet["as_of"]),
)


def table(sheet: Sheet) -> bytes:
    """The table as CSV: UTF-8 with BOM, every cell quoted, no cell that a spreadsheet would run."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([*(name for name, _ in _COLUMNS), *_change(sheet, "Change")])
    changed = {each["row"]: ", ".join(each["changes"]) for each in sheet["changes"] or () if each["row"] is not None}
    for i, row in enumerate(sheet["rows"]):
        writer.writerow([*(cell(value(sheet, row)) for _, value in _COLUMNS), *_change(sheet, changed.get(i, ""))])
    for each in sheet["changes"] or ():
        if each["row"] is None:
            writer.writerow(_gone(sheet, each))
    return (BOM + stream.getvalue()).encode("utf-8", "backslashreplace")


def _change(sheet: Sheet, text: str) -> list[str]:
    """A last column, where there is an earlier cut to compare with."""
    return [cell(text)] if sheet["changes"] is not None else []


def _gone(sheet: Sheet, change: ChangeItem) -> list[str]:
    """A row for an AI event that was in the earlier cut alone."""
    known = {
        "Event": change["event"], "Record In": change["record_in"][0], "Clip Name": change["clip"], "Version": change["versions"][0],
        "Status": BADGES[Status(change["statuses"][0])].text, "As Of": sheet["as_of"],
    }  # fmt: skip
    return [*(cell(known.get(name, "")) for name, _ in _COLUMNS), cell(", ".join(change["changes"]))]


def cell(value: object) -> str:
    """A value as a cell: on one line, and as text where a spreadsheet would take it for a formula."""
    if isinstance(value, int):
        return str(value)
    text = _LATER.sub(r"\1'", plain("" if value is None else value))
    return f"'{text}" if _RUNS.match(text) else text


def _joined(words: Iterable[str], by: str = ", ") -> str:
    return by.join(dict.fromkeys(word for word in words if word))
