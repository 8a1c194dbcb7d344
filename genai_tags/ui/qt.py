"""The Qt binding, looked at before it is used, and what every window of ours shares."""

from __future__ import annotations

import sys

import PySide6

if PySide6.__version_info__[:2] >= (6, 12) and sys.version_info < (3, 12):
    # It loses a reference to None on each void call there, and the process dies after some thousands of them.
    raise ImportError(
        f"PySide6 {PySide6.__version__} kills Python {sys.version_info[0]}.{sys.version_info[1]}; "
        "install 'PySide6-Essentials<6.12', or use Python 3.12"
    )

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication


def application(offscreen: bool = False) -> QApplication:
    """The process's Qt application, made where there is none. ``offscreen``: nothing is shown, no screen is needed."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QGuiApplication.setApplicationDisplayName("genai_tags")
    made = QApplication(["genai-tags", *(("-platform", "offscreen") if offscreen else ())])
    made.setApplicationName("genai_tags")
    return made
