"""The report on paper: a PDF of the same sheet, its strip drawn by the painter that draws the window's."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QFont, QImage, QPageLayout, QPageSize, QPainter, QPalette, QPdfWriter, QTextDocument

from genai_tags.report.page import headline
from genai_tags.report.plain import plain
from genai_tags.report.sheet import CutItem, Sheet, settled
from genai_tags.report.strip import LANE, rows_of_lines
from genai_tags.status import BADGES, Status
from genai_tags.ui import markup, theme
from genai_tags.ui.lanes import Lane, paint
from genai_tags.ui.qt import application

_DOTS = 144
"""Dots an inch: a strip's pixel is half a point."""
_FOOT = 40
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
    def __init__(self, sheet: Sheet, writer: QPdfWriter) -> None:
        self.sheet, self.writer = sheet, writer
        self.palette: QPalette = theme.light()
        self.area = QRectF(0, 0, writer.width(), writer.height() - _FOOT)
        self.painter = QPainter(writer)
        self.small = QFont("sans-serif")
        self.small.setPointSizeF(7)
        self.page = 1

    def run(self) -> None:
        """Summary and strips, then events, then tags and rules."""
        self._strips(self._document(_summary(self.sheet)))
        self._flow(self._document("".join(_events(self.sheet, self.palette))))
        if self.sheet["uses"]:
            self._flow(self._document("<h2>Tags in their uses</h2>" + "".join(markup.use(each) for each in self.sheet["uses"])))
        self._foot()
        self.painter.end()

    def _document(self, body: str) -> QTextDocument:
        document = QTextDocument()
        font = QFont("sans-serif")
        font.setPointSizeF(8.5)
        document.setDefaultFont(font)
        document.documentLayout().setPaintDevice(self.writer)
        document.setPageSize(QSizeF(self.area.width(), self.area.height()))
        for i, row in enumerate(self.sheet["rows"]):
            if row["picture"]:
                picture = QImage.fromData(base64.b64decode(row["picture"].partition(",")[2]))
                document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(f"picture:{i}"), picture)
        document.setHtml(f'<body style="color:#1a1a1a">{body}</body>')
        return document

    def _flow(self, document: QTextDocument) -> None:
        """A document on pages of its own."""
        for page in range(document.pageCount()):
            self._turn()
            self.painter.save()
            self.painter.translate(0, -page * self.area.height())
            document.drawContents(self.painter, QRectF(0, page * self.area.height(), self.area.width(), self.area.height()))
            self.painter.restore()

    def _strips(self, summary: QTextDocument) -> None:
        summary.drawContents(self.painter, self.area)
        place = min(summary.size().height(), self.area.height()) + 10
        for cut in self.sheet["cuts"]:
            place = self._strip(cut, place)

    def _strip(self, cut: CutItem, place: float) -> float:
        """A cut's strip in as many lines as it takes to be readable; where it ended."""
        lanes = [Lane.of(lane["name"], lane["rows"], self.sheet["rows"]) for lane in cut["lanes"]]
        busiest = max((len(lane.rows) for lane in lanes), default=0)
        left = 70.0
        tall = len(lanes) * LANE + 26
        self.painter.setFont(self.small)
        self.painter.setPen(Qt.GlobalColor.black)
        for i, (start, end) in enumerate(
            rows_of_lines((cut["start"], max(cut["end"], cut["start"] + 0.001)), max(1, -(-busiest // _LINE_EVENTS)))
        ):
            if place + tall > self.area.height():
                self._turn()
                place = 0.0
            self.painter.setFont(self.small)
            self.painter.setPen(Qt.GlobalColor.black)
            self.painter.drawText(QRectF(0, place, self.area.width(), 20), 0, plain(cut["name"])[:120] if i == 0 else "")
            for n, lane in enumerate(lanes):
                area = QRectF(left, place + 20 + n * LANE, self.area.width() - left, LANE)
                self.painter.fillRect(
                    area.adjusted(0, 1, 0, 0), Qt.GlobalColor.white if n % 2 else self.palette.window().color()
                )
                self.painter.setPen(Qt.GlobalColor.black)
                self.painter.drawText(
                    area.adjusted(-left, 0, -area.width() - 6, 0),
                    int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                    lane.name[:8],
                )
                paint(self.painter, lane, area, start, end, self.palette)
            place += tall
        return place

    def _turn(self) -> None:
        self._foot()
        self.writer.newPage()
        self.page += 1

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
    loose = [*sheet["notes"], *(note for cut in sheet["cuts"] for note in cut["notes"])]
    packs = "; ".join(f"{markup.text(p['title'])} ({markup.text(p['id'])}). {markup.text(p['note'])}" for p in sheet["packs"])
    register = f"<br>Tool register: {markup.text(sheet['register'])}" if sheet["register"] else ""
    return (
        f"<h1>{markup.text(sheet['show'], 120)}</h1><h2>{markup.text(headline(sheet))}</h2>"
        f"<p>{sheet['stage'].capitalize()} cut for {sheet['purpose']}, judged as of {sheet['as_of']}. "
        f"{totals['events']} events; findings: {severities}.</p><p>{statuses}</p>"
        f"{''.join(markup.note(each, theme.light()) for each in loose)}<p>{packs}{register}</p>"
        "<p>Colour and height of a bar say where an event stands: the higher, the worse.</p>"
    )


def _events(sheet: Sheet, palette: QPalette) -> Iterator[str]:
    pictures = any(row["picture"] for row in sheet["rows"])
    head = "".join(
        f'<th align="left">{name}</th>'
        for name in (*(("",) if pictures else ()), "Event", "Record in", "Shot and clip", "Status", "Reasons")
    )
    yield f'<h2>Events</h2><table width="100%" cellspacing="0" cellpadding="4" border="0"><thead><tr bgcolor="#dddddd">{head}</tr></thead>'
    for i, row in enumerate(sheet["rows"]):
        if len(sheet["cuts"]) > 1 and (not i or sheet["rows"][i - 1]["cut"] != row["cut"]):
            yield f'<tr bgcolor="#e8e8e8"><td colspan="6"><b>{markup.text(sheet["cuts"][row["cut"]]["name"], 200)}</b></td></tr>'
        picture = (
            f'<td width="110"><img src="picture:{i}" width="100"></td>' if row["picture"] else "<td></td>" if pictures else ""
        )
        shot = f"<b>{markup.text(row['shot'], 80)}</b> {markup.text(row['version'], 20)}<br>{markup.text(row['clip'] or row['file'], 120)}"
        notes = "".join(markup.note(each, palette) for each in row["notes"]) or markup.text(settled(sheet, row))
        shade = ' bgcolor="#f4f4f4"' if i % 2 else ""
        found = BADGES[Status(row["status"])]
        status = f'<span style="color:{found.colour}">■</span> {found.symbol} {found.text}<br>{markup.verdict(row, palette)}'
        cells = (
            markup.text(row["event"], 20),
            f"{markup.text(row['record_in'], 20)}<br>{markup.text(row['track'], 12)}",
            shot,
            status,
            notes,
        )
        yield f"<tr{shade}>{picture}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table>"
