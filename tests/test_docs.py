"""The documents say what the code does: the table of findings is made from it, and links lead somewhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from genai_tags.conform.codes import CODES
from genai_tags.status import BADGES, SEVERITIES, Status, severity
from genai_tags.vocabulary import Stage
from tests.conftest import ROOT

FINDINGS = ROOT / "docs" / "findings.md"

_HEAD = """# Findings and severities

Made from `genai_tags/conform/codes.py` and `genai_tags/status.py`; a test compares. A dash means: no finding. A show may set other severities
for codes (see [show.md](show.md)). Every finding names what it is, why, how to settle it and, where a rule asks, rule and citation.

## Statuses

The worst status of an event's tags is the event's. `open` and `requested` are
milder where only a notice or a reason is missing: warning, then info.

"""


def rendered() -> str:
    """The document as the code has it."""

    def word(value: object) -> str:
        return str(value) if value is not None else "-"

    lines = ["| | status | in a final cut | in a temp cut |", "|---|---|---|---|"]
    for status in Status:
        final, temp = (severity(status, stage) for stage in (Stage.FINAL, Stage.TEMP))
        lines.append(f"| {BADGES[status].symbol} {BADGES[status].text} | `{status}` | {word(final)} | {word(temp)} |")
    lines += ["", "## Codes", "", "| code | final | temp | meaning | to settle it |", "|---|---|---|---|---|"]
    for name, code in CODES.items():
        lines.append(f"| `{name}` | {word(code.final)} | {word(code.temp)} | {code.meaning} | {code.fix} |")
    return _HEAD + "\n".join(lines) + "\n"


def test_the_table_of_findings_is_the_codes() -> None:
    if os.environ.get("GENAI_UPDATE"):
        FINDINGS.write_text(rendered(), encoding="utf-8")
    assert FINDINGS.read_text(encoding="utf-8") == rendered()


def test_codes_that_are_statuses_have_the_severities_of_the_statuses() -> None:
    for status in Status:
        if status.value in CODES:
            assert (CODES[status.value].final, CODES[status.value].temp) == SEVERITIES[status]


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        assert target.startswith("http") or (path.parent / target).exists(), target
