"""Dark as a DCC is, light as an office is: two palettes, and colours that can be read on both."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QStyleOption, QWidget

from genai_tags.status import BADGES, Severity, Status

_DARK = {
    "Window": "#383838", "WindowText": "#dcdcdc", "Base": "#262626", "AlternateBase": "#2d2d2d", "ToolTipBase": "#1b1b1b",
    "ToolTipText": "#dcdcdc", "Text": "#dcdcdc", "Button": "#4a4a4a", "ButtonText": "#dcdcdc", "BrightText": "#ffffff",
    "Highlight": "#2f6fb5", "HighlightedText": "#ffffff", "Link": "#8fc3ff", "LinkVisited": "#c3a6ff", "PlaceholderText": "#9a9a9a",
    "Light": "#5a5a5a", "Midlight": "#505050", "Mid": "#2a2a2a", "Dark": "#1e1e1e", "Shadow": "#0d0d0d",
}  # fmt: skip
_LIGHT = {
    "Window": "#f2f2f2", "WindowText": "#1a1a1a", "Base": "#ffffff", "AlternateBase": "#f7f7f7", "ToolTipBase": "#ffffff",
    "ToolTipText": "#1a1a1a", "Text": "#1a1a1a", "Button": "#e6e6e6", "ButtonText": "#1a1a1a", "BrightText": "#000000",
    "Highlight": "#2f6fb5", "HighlightedText": "#ffffff", "Link": "#1f5f99", "LinkVisited": "#6a3fa0", "PlaceholderText": "#6b6b6b",
    "Light": "#ffffff", "Midlight": "#f4f4f4", "Mid": "#c8c8c8", "Dark": "#a8a8a8", "Shadow": "#767676",
}  # fmt: skip

_SEVERITIES = {  # on light and on dark; at least 4.5 to 1 on either background (WCAG 2.2, 1.4.3)
    Severity.BLOCKER: ("#b3261e", "#ff8a80"), Severity.WARNING: ("#8a5a00", "#ffc24d"), Severity.INFO: ("#1f5f99", "#8fc3ff"),
}  # fmt: skip


class Style(QProxyStyle):
    """Fusion, with check boxes and radio buttons that can be told from what they stand on (WCAG 2.2, 1.4.11)."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Outline what Fusion leaves faint."""
        super().drawPrimitive(element, option, painter, widget)
        box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(option.palette.placeholderText().color(), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if element == QStyle.PrimitiveElement.PE_IndicatorCheckBox:
            painter.drawRect(box)
        elif element == QStyle.PrimitiveElement.PE_IndicatorRadioButton:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(box)


def dress(application: QApplication, dark_one: bool) -> None:
    """Give a window of our own its style and palette. A host keeps its own."""
    application.setStyle(Style())
    application.setPalette(dark() if dark_one else light())


def dark() -> QPalette:
    """The palette of a DCC."""
    return _palette(_DARK, "#7f7f7f")


def light() -> QPalette:
    """The palette of an office."""
    return _palette(_LIGHT, "#8c8c8c")


def _palette(colours: dict[str, str], disabled: str) -> QPalette:
    palette = QPalette()
    for name, colour in colours.items():
        palette.setColor(getattr(QPalette.ColorRole, name), QColor(colour))
    for name in ("WindowText", "Text", "ButtonText"):
        palette.setColor(QPalette.ColorGroup.Disabled, getattr(QPalette.ColorRole, name), QColor(disabled))
    return palette


def is_dark(palette: QPalette) -> bool:
    """Whether text is lighter than what it stands on; a host's own palette counts."""
    return palette.windowText().color().lightnessF() > palette.window().color().lightnessF()


def frame_focus(painter: QPainter, widget: QWidget) -> None:
    """Show that a widget has the focus (WCAG 2.2, 2.4.7), where its style does not."""
    painter.save()
    painter.setPen(QPen(widget.palette().highlight().color().lighter(130), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(widget.rect()).adjusted(1, 1, -1, -1))
    painter.restore()


def badge_colour(status: Status) -> QColor:
    """A badge's colour, for shapes; text stands beside them in the palette's own colour."""
    return QColor(BADGES[status].colour)


def severity_colour(severity: Severity, palette: QPalette) -> QColor:
    """A severity's colour, for text."""
    return QColor(_SEVERITIES[severity][is_dark(palette)])
