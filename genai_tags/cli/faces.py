"""The faces of a conform: text, JSON, CSV, HTML and PDF, printed or written; ``conform`` and ``report`` share them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Annotated

import typer
from rich.console import Group

from genai_tags.cli.common import progress, render, say, write_file
from genai_tags.conform.against import Changed, compare
from genai_tags.conform.results import Report
from genai_tags.errors import UsageError
from genai_tags.report import pictures as picturing
from genai_tags.report.documents import changes_document, report_document
from genai_tags.report.marks import marker_edl
from genai_tags.report.page import page
from genai_tags.report.shapes import Sheet
from genai_tags.report.sheet import make_sheet, with_pictures
from genai_tags.report.table import table
from genai_tags.report.text import changes_text, report_text
from genai_tags.show import Show


class Face(str, Enum):
    """How to show a conform."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"
    PDF = "pdf"
    MARKER_EDL = "marker-edl"


class Pictures(str, Enum):
    """Which events get a small picture of their middle frame."""

    AI = "ai"
    ALL = "all"
    NONE = "none"


FaceOption = Annotated[
    Face | None,
    typer.Option(
        "--format", help="text, json, csv, html, pdf, or marker-edl for Resolve; else by the name of --output, else text."
    ),
]
PicturesOption = Annotated[
    Pictures, typer.Option("--pictures", help="In HTML and PDF, small pictures of events: with AI (ai), all, or none.")
]

_SUFFIXES = {".json": Face.JSON, ".csv": Face.CSV, ".html": Face.HTML, ".htm": Face.HTML, ".pdf": Face.PDF}


def face_of(path: str | None, chosen: Face | None = None) -> Face:
    """The face that an option or a file name asks for. Raises UsageError for an ending that is no face."""
    ending = os.path.splitext(path or "")[1].lower()
    if chosen is None and ending not in ("", ".txt", ".log", ".md") and ending not in _SUFFIXES:
        known = ", ".join(sorted({*_SUFFIXES, ".txt"}))
        raise UsageError(f"--output {path}: {ending} is no face; {known} are, or say which with --format")
    return chosen or _SUFFIXES.get(ending, Face.TEXT)


def print_bytes(data: bytes, exact: bool) -> None:
    """Print to standard output; ``exact`` keeps line ends and BOM as they are, where it takes bytes."""
    stream = getattr(sys.stdout, "buffer", None) if exact else None
    if stream is None:
        sys.stdout.write(data.decode("utf-8", "replace"))
    else:
        sys.stdout.flush()
        stream.write(data)
    sys.stdout.flush()


@dataclass
class Faces:
    """Everything that can be made of one conform; what several faces need is made once."""

    show: Show
    report: Report
    pictures: Pictures = Pictures.AI
    quiet: bool = False

    @cached_property
    def changes(self) -> tuple[Sequence[Changed], int] | None:
        """Against the earlier cuts, where there are any."""
        return compare(self.report) if self.report.earlier else None

    @cached_property
    def sheet(self) -> Sheet:
        """Without pictures."""
        return make_sheet(self.show, self.report, self.changes)

    @cached_property
    def illustrated(self) -> Sheet:
        """With pictures, where media is at hand and OpenImageIO is here."""
        frames = self._frames()
        if not frames:
            return self.sheet
        with progress("pictures", len(frames), self.quiet) as done:
            made, lacking = picturing.pictures(frames, done)
        if lacking:
            path, why = next(iter(lacking.items()))
            say(f"no picture of {len(lacking)} frame(s), first {path}: {why}", self.quiet)
        return with_pictures(self.sheet, made)

    def _frames(self) -> list[str]:
        rows = [row for row in self.sheet["rows"] if row["frame"] is not None]
        if self.pictures is Pictures.NONE or not rows:
            return []
        if not picturing.available():
            say(picturing.MISSING, self.quiet)
            return []
        return list(dict.fromkeys(r["frame"] for r in rows if r["frame"] and (r["tags"] or self.pictures is Pictures.ALL)))

    def text(self, colour: bool) -> bytes:
        """For a terminal."""
        parts = [changes_text(*self.changes)] if self.changes else []
        return render(Group(*parts, report_text(self.report)), colour=colour).encode("utf-8", "backslashreplace")

    def json(self) -> bytes:
        """For programs."""
        earlier = [result.cut for result in self.report.earlier]
        more = changes_document(earlier, *self.changes) if self.changes else {}
        document = {**report_document(self.report), **more}
        return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")

    def html(self) -> bytes:
        """For a browser."""
        return page(self.illustrated).encode("utf-8", "backslashreplace")

    def made(self, face: Face, colour: bool = False) -> bytes:
        """A face as bytes. Raises UsageError for a PDF without the extra ``ui``."""
        makers: dict[Face, Callable[[], bytes]] = {
            Face.TEXT: lambda: self.text(colour), Face.JSON: self.json, Face.HTML: self.html, Face.PDF: self.pdf,
            Face.CSV: lambda: table(self.sheet), Face.MARKER_EDL: self.marker_edl,
        }  # fmt: skip
        return makers[face]()

    def marker_edl(self) -> bytes:
        """Badges for a timeline of Resolve. Raises UsageError for several cuts, and for what is no timeline."""
        if len(self.report.cuts) != 1:
            raise UsageError("a marker EDL is for one timeline: name one cut")
        return marker_edl(self.report.cuts[0])

    def pdf(self) -> bytes:
        """For paper."""
        try:
            from genai_tags.ui.paper import paper
        except ImportError as error:
            raise UsageError(f"a PDF needs Qt: pip install 'genai-tags[ui]' ({error})") from None
        return paper(self.illustrated)

    def emit(self, face: Face, output: str | None) -> None:
        """Print a face, or write it to a file, whole or not at all."""
        if face is Face.PDF and output is None and sys.stdout.isatty():
            raise UsageError("a PDF is not for the terminal: give --output FILE.pdf")
        data = self.made(face, colour=output is None)
        if output is not None:
            write_file(output, data)
        else:
            print_bytes(data, exact=face in (Face.PDF, Face.CSV, Face.MARKER_EDL))
