"""Draw the badges that hosts put on nodes: ``python -m tests.icons FOLDER``. A pill with symbol and word, never colour alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HEIGHT = 18
"""Pixels; a node in Nuke's graph is 80 by 18 of them at its own size."""


def draw(folder: Path) -> None:
    """One picture for each status."""
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath

    from genai_tags.status import BADGES
    from genai_tags.ui.qt import application

    application(offscreen=True)
    font = QFont("DejaVu Sans")
    font.setPixelSize(11)
    font.setBold(True)
    for status, badge in BADGES.items():
        text = f"{badge.symbol} {badge.text}"
        width = round(QFontMetricsF(font).horizontalAdvance(text)) + 14
        image = QImage(width, HEIGHT, QImage.Format.Format_ARGB32)
        image.fill(QColor(0, 0, 0, 0))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill = QPainterPath()
        pill.addRoundedRect(QRectF(0.5, 0.5, width - 1, HEIGHT - 1), 8, 8)
        painter.fillPath(pill, QColor("#1b1b1b"))
        painter.setPen(QColor(badge.colour))
        painter.drawPath(pill)
        painter.setFont(font)
        painter.setPen(QColor(badge.colour).lighter(135))
        painter.drawText(QRectF(0, 0, width, HEIGHT), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        image.save(str(folder / f"{status.value}.png"))


if __name__ == "__main__":
    made = Path(sys.argv[1])
    made.mkdir(parents=True, exist_ok=True)
    draw(made)
