"""The finding view: why an event or a tag stands where it does, which rule asks, how to settle it and who can."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QDesktopServices, QPainter
from PySide6.QtWidgets import QTextBrowser, QWidget

from genai_tags.report.shapes import Sheet, UseItem
from genai_tags.ui import markup
from genai_tags.ui.theme import frame_focus


class ReasonsView(QTextBrowser):
    """Reasons as text that can be read, scrolled and copied by keyboard. It loads nothing from anywhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._drawn: Callable[[], str] | None = None
        super().__init__(parent)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._open)
        self.setAccessibleName("Reasons")
        self.setPlaceholderText("Choose an event to read where it stands and why.")

    def show_event(self, sheet: Sheet, place: int) -> None:
        """Everything about one event."""
        self._draw(lambda: markup.reasons(sheet, place, self.palette()))

    def show_use(self, use: UseItem) -> None:
        """Everything about a tag in a use."""
        self._draw(lambda: markup.use(use))

    def _draw(self, drawn: Callable[[], str]) -> None:
        self._drawn = drawn
        self.setHtml(drawn())

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing: foreign text must not fetch or read anything."""
        return None

    def event(self, event: QEvent) -> bool:
        """Show the focus, around the text and its scroll bar."""
        done = super().event(event)
        if event.type() == QEvent.Type.Paint and self.hasFocus():
            painter = QPainter(self)
            frame_focus(painter, self)
            painter.end()
        elif event.type() == QEvent.Type.PaletteChange and self._drawn is not None and self.toPlainText():
            self.setHtml(self._drawn())  # its colours are of the palette
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return done

    def _open(self, address: QUrl) -> None:
        """A rule's source, in the browser, and only because somebody clicked."""
        if address.scheme() == "https":
            QDesktopServices.openUrl(address)
