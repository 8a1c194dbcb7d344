"""Sheets for tests of what is drawn: of a stage's cut, or made up where only the drawing counts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from genai_tags.conform.check import conform
from genai_tags.conform.listing import cut_of
from genai_tags.conform.results import Options
from genai_tags.report.shapes import CutItem, Lane, Row, Sheet, Totals
from genai_tags.report.sheet import make_sheet
from genai_tags.show import Show
from tests.system_packages import missing_libraries

needs_qt = pytest.mark.skipif(bool(missing_libraries()), reason=f"Qt needs {', '.join(missing_libraries())} of the system")


def sheet_of(folder: Path, cut: Path, media: Sequence[Path] = ()) -> Sheet:
    """The sheet of a cut in a show, judged today."""
    show = Show.open(str(folder))
    options = Options(as_of=show.today(), media=[str(path) for path in media])
    return make_sheet(show, conform(show, [cut_of(show, str(cut), Fraction(24))], options))


def made_up(statuses: Sequence[str], tracks: int = 1, shot: str = "AGM_104_{:03d}_010") -> Sheet:
    """A sheet with one event a second on each track, of these statuses in turn."""
    rows = [
        _row(i, status, shot.format(i % 1000) if "{" in shot else shot, i % tracks, tracks) for i, status in enumerate(statuses)
    ]
    lanes = [Lane(name=f"V{t + 1}", rows=[i for i in range(len(rows)) if i % tracks == t]) for t in range(tracks)]
    end = max((row["end"] for row in rows), default=1.0)
    cut = CutItem(
        path="cut.edl", name="cut.edl", format="cmx3600", title="", rate="24", rate_assumed=False, events=len(rows), start=0.0, end=end,
        origin="00:00:00:00", lanes=lanes, notes=[], unread=[],
    )  # fmt: skip
    totals = Totals(
        events=len(rows),
        blocked=0,
        care=0,
        fine=len(rows),
        outside=0,
        loose={},
        severities={},
        statuses={word: list(statuses).count(word) for word in dict.fromkeys(statuses)},
    )
    return Sheet(
        show="Made up", stage="final", purpose="programme", as_of="2026-11-21", totals=totals, packs=[], register=None, heads=[],
        notes=[], changes=None, unchanged=0, cuts=[cut], rows=rows, uses=[],
    )  # fmt: skip


def _row(i: int, status: str, shot: str, track: int, tracks: int) -> Row:
    start = float(i // tracks)
    blocked = status in ("open", "no_record", "revoked", "rejected")
    return Row(
        cut=0, event=f"{i + 1:03d}", line=i, track=f"V{track + 1}", record_in="00:00:00:00", record_out="00:00:01:00", source_in="",
        source_out="", duration=24, start=start, end=start + 1, reel=None, clip=shot, file=None, shot=shot, version="v001", status=status,
        severity="blocker" if blocked else None, verdict="may not ship" if blocked else "may ship", ai="GenAI", tags=[], tools=[],
        rules=[], notes=[], needed=[], uses=[], frame=None, picture=None,
    )  # fmt: skip
