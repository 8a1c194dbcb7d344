"""The report on paper: a PDF of the same sheet, its strip drawn by the painter that draws the window's."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPageLayout, QPageSize, QPainter, QPalette, QPdfWriter, QTextDocument

from genai_tags.report.page import headline
from genai_tags.report.plain import plain
from genai_tags.report.shapes import CutItem, Row, Sheet
from genai_tags.report.sheet import loose_notes, settled
from genai_tags.report.strip import LANE, clock, lines_of
from genai_tags.status import BADGES, Status
from genai_tags.ui import markup, theme
from genai_tags.ui.lanes import Lane, paint
from genai_tags.ui.qt import application

_DOTS = 144
"""Dots an inch: a strip's pixel is half a point."""
_FOOT = 40
_NAMES = 70.0
"""The width of the tracks' names."""
_LINE_EVENTS = 60
"""Events of the busiest track on one line of the strip."""


def paper(sheet: Sheet) -> bytes:
    """The PDF, A4 across, every page with its number, the day it was judged as of and the ledger's heads."""
    application(offscreen=True)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(f"{plain(sheet['show'])}: generative AI, as of {sheet['as_of']}")
    writer.setCreator("genai_tags")
    writer.setResolution(_DOTS)
    margins = QMarginsF(12, 12, 12, 12)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Landscape, margins, QPageLayout.Unit.Millimeter)
    )
    _Press(sheet, writer).run()
    buffer.close()
    return bytes(data.data())


class _Press:
    """Lays blocks on pages: what fits stays together, what is longer than a page runs on."""

    def __init__(self, sheet: Sheet, writer: QPdfWriter) -> None:
        self.sheet, self.writer = sheet, writer
        self.palette: QPalette = theme.light()
        self.area = QRectF(0, 0, writer.width(), writer.height() - _FOOT)
        self.painter = QPainter(writer)
        self.small = QFont("sans-serif")
        self.small.setPointSizeF(7)
        self.font = QFont("sans-serif")
        self.font.setPointSizeF(8.5)
        self.page, self.place = 1, 0.0

    def run(self) -> None:
        """Summary and strips, then events, then tags and rules."""
        self._block(_summary(self.sheet))
        if self.sheet["changes"] is not None:
            self._block(_changes(self.sheet))
        for cut in self.sheet["cuts"]:
            self._strip(cut)
        if self.sheet["rows"]:
            self._turn()
            self._events()
        if self.sheet["uses"]:
            self._turn()
            self._block("<h2>Tags in their uses</h2>")
            for each in self.sheet["uses"]:
                self._block(markup.use(each))
        self._foot()
        self.painter.end()

    def _document(self, body: str, width: float) -> QTextDocument:
        document = QTextDocument()
        document.setDefaultFont(self.font)
        document.setDocumentMargin(2)
        document.documentLayout().setPaintDevice(self.writer)
        document.setTextWidth(width)
        document.setHtml(f'<body style="color:#1a1a1a">{body}</body>')
        return document

    def _block(self, body: str) -> None:
        """A block of the page's width."""
        document = self._document(body, self.area.width())
        height = document.size().height()
        if self.place + height > self.area.height() and self.place > 0:
            self._turn()
        done = 0.0
        while True:
            part = min(height - done, self.area.height() - self.place)
            self.painter.save()
            self.painter.translate(0, self.place - done)
            document.drawContents(self.painter, QRectF(0, done, self.area.width(), part))
            self.painter.restore()
            self.place, done = self.place + part, done + part
            if done >= height - 1:
                return
            self._turn()

    # ------------------------------------------------------------ events

    def _events(self) -> None:
        """A row for each event; a heading for each cut and on each page."""
        self._block("<h2>Events</h2>")
        columns = self._columns()
        self._head(columns)
        for i, row in enumerate(self.sheet["rows"]):
            if len(self.sheet["cuts"]) > 1 and (not i or self.sheet["rows"][i - 1]["cut"] != row["cut"]):
                self._cells(
                    [(f"<b>{markup.text(self.sheet['cuts'][row['cut']]['name'], 200)}</b>", 0, self.area.width())],
                    "#e8e8e8",
                    columns,
                    120,
                )
            self._row(row, columns, "#f4f4f4" if i % 2 else "")

    def _columns(self) -> list[tuple[str, float, float]]:
        """Name, place and width of each column."""
        pictures = any(row["picture"] for row in self.sheet["rows"])
        shares = ((("", 8.0),) if pictures else ()) + (
            ("Event", 7.0),
            ("Record in", 10.0),
            ("Shot and clip", 24.0),
            ("Status", 15.0),
            ("Reasons", 44.0),
        )
        unit, place, found = self.area.width() / sum(share for _, share in shares), 0.0, []
        for name, share in shares:
            found.append((name, place, share * unit))
            place += share * unit
        return found

    def _head(self, columns: list[tuple[str, float, float]]) -> None:
        self._cells([(f"<b>{name}</b>", place, width) for name, place, width in columns], "#dddddd")

    def _row(self, row: Row, columns: list[tuple[str, float, float]], shade: str) -> None:
        found = BADGES[Status(row["status"])]
        notes = "".join(markup.note(each, self.palette) for each in row["notes"]) or markup.text(settled(self.sheet, row))
        if row["needed"]:
            notes += f"<p><b>Still needed, and who can:</b> {markup.text('; '.join(row['needed']), 800)}</p>"
        texts = {
            "Event": markup.text(row["event"], 20),
            "Record in": f"{markup.text(row['record_in'], 20)}<br>{markup.text(row['track'], 12)}",
            "Shot and clip": f"<b>{markup.text(row['shot'], 80)}</b> {markup.text(row['version'], 20)}<br>{markup.text(markup.where(row), 240)}",
            "Status": f'<span style="color:{found.colour}">■</span> {found.symbol} {found.text}<br>{markup.verdict(row, self.palette)}',
            "Reasons": notes,
        }
        self._cells(
            [(texts.get(name, ""), place, width) for name, place, width in columns], shade, columns, picture=row["picture"]
        )

    def _cells(
        self, cells: list[tuple[str, float, float]], shade: str, columns: list[tuple[str, float, float]] | None = None,
        room: float = 0, picture: str | None = None,
    ) -> None:  # fmt: skip
        """Cells side by side, together on one page, with ``room`` below; a new page begins with the columns' names."""
        documents = [(self._document(text, width - 8), place) for text, place, width in cells]
        image = QImage.fromData(base64.b64decode(picture.partition(",")[2])) if picture else None
        shown = QSizeF(image.size()).scaled(cells[0][2] - 10, 90, Qt.AspectRatioMode.KeepAspectRatio) if image else QSizeF(0, 0)
        height = max(shown.height(), *(document.size().height() for document, _ in documents)) + 6
        rest = ""
        if height > self.area.height() / 2:  # a row that would fill a page: its reasons run on below it
            *documents, _ = documents
            rest = cells[-1][0]
            height = max(shown.height(), *(document.size().height() for document, _ in documents)) + 6
        if self.place + height + room > self.area.height() and self.place > 0:
            self._turn()
            if columns is not None:
                self._head(columns)
        if shade:
            self.painter.fillRect(QRectF(0, self.place, self.area.width(), height), QColor(shade))
        for document, left in documents:
            self.painter.save()
            self.painter.translate(left, self.place + 3)
            document.drawContents(self.painter)
            self.painter.restore()
        if image is not None:
            self.painter.drawImage(QRectF(2, self.place + 3, shown.width(), shown.height()), image)
        self.place += height
        if rest:
            self._block(rest)

    # ------------------------------------------------------------ strips

    def _strip(self, cut: CutItem) -> None:
        """A cut's strip in as many lines as it takes to be readable."""
        lanes = [Lane.of(lane["name"], lane["rows"], self.sheet["rows"]) for lane in cut["lanes"]]
        timecode = clock(cut["rate"], cut["origin"])
        most = max(1, int((self.area.height() - 26) // LANE))
        groups = [lanes[n : n + most] for n in range(0, len(lanes), most)]
        for i, (start, end) in enumerate(lines_of(cut, _LINE_EVENTS)):
            for group in groups:
                self._line(group, start, end, timecode(start), plain(cut["name"])[:120] if i == 0 else "")

    def _line(self, lanes: list[Lane], start: float, end: float, timecode: str, name: str) -> None:
        tall = len(lanes) * LANE + 26
        if self.place + tall > self.area.height() and self.place > 0:
            self._turn()
        self.painter.setFont(self.small)
        self.painter.setPen(Qt.GlobalColor.black)
        self.painter.drawText(QRectF(_NAMES, self.place, self.area.width(), 20), 0, timecode)
        self.painter.drawText(QRectF(_NAMES + 120, self.place, self.area.width(), 20), 0, name)
        for n, lane in enumerate(lanes):
            area = QRectF(_NAMES, self.place + 20 + n * LANE, self.area.width() - _NAMES, LANE)
            self.painter.fillRect(area.adjusted(0, 1, 0, 0), Qt.GlobalColor.white if n % 2 else self.palette.window().color())
            self.painter.setPen(Qt.GlobalColor.black)
            side = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.painter.drawText(QRectF(0, area.top(), _NAMES - 6, LANE), side, lane.name[:8])
            paint(self.painter, lane, area, start, end, self.palette)
        self.place += tall

    def _turn(self) -> None:
        self._foot()
        self.writer.newPage()
        self.page, self.place = self.page + 1, 0.0

    def _foot(self) -> None:
        heads = ", ".join(self.sheet["heads"]) or "an empty book"
        words = f"{plain(self.sheet['show'])[:60]}, as of {self.sheet['as_of']}, page {self.page}. Ledger heads: {plain(heads)}"
        self.painter.setFont(self.small)
        self.painter.setPen(Qt.GlobalColor.darkGray)
        box = QRectF(0, self.area.height() + 8, self.area.width(), _FOOT - 8)
        self.painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWrapAnywhere), words)


def _summary(sheet: Sheet) -> str:
    totals = sheet["totals"]
    statuses = " &nbsp; ".join(f"{markup.badge(status)} {count}" for status, count in totals["statuses"].items())
    severities = ", ".join(f"{count} {level}" for level, count in totals["severities"].items())
    packs = "; ".join(f"{markup.text(p['title'])} ({markup.text(p['id'])}). {markup.text(p['note'])}" for p in sheet["packs"])
    register = f"<br>Tool register: {markup.text(sheet['register'])}" if sheet["register"] else ""
    return (
        f"<h1>{markup.text(sheet['show'], 120)}</h1><h2>{markup.text(headline(sheet))}</h2>"
        f"<p>{sheet['stage'].capitalize()} cut for {sheet['purpose']}, judged as of {sheet['as_of']}. "
        f"{totals['events']} events; findings: {severities}.</p><p>{statuses}</p>"
        f"{''.join(markup.note(each, theme.light()) for each in loose_notes(sheet))}<p>{packs}{register}</p>"
        "<p>Colour and height of a bar say where an event stands: the higher, the worse.</p>"
    )


def _changes(sheet: Sheet) -> str:
    changes = sheet["changes"] or []
    head = f"<h2>Against the earlier cut</h2><p>{len(changes)} AI events changed, {sheet['unchanged']} as they were.</p>"
    if not changes:
        return head
    names = ("Change", "Event", "Clip", "Record in", "Version", "Status")
    rows: Iterable[tuple[str, ...]] = (
        (
            markup.text(", ".join(each["changes"])), markup.text(each["event"], 20), markup.text(each["clip"], 100),
            markup.text(" → ".join(each["record_in"])), markup.text(" → ".join(each["versions"])),
            " → ".join(BADGES[Status(status)].text for status in each["statuses"]),
        )
        for each in changes
    )  # fmt: skip
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    titles = "".join(f'<th align="left">{name}</th>' for name in names)
    return f'{head}<table width="100%" cellpadding="3"><tr bgcolor="#dddddd">{titles}</tr>{cells}</table>'
