"""The dockable panel, from Nuke 16 on: the core's panel, with Nuke behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nuke
from PySide6.QtWidgets import QVBoxLayout, QWidget

from genai_tags.comp.output import Output
from genai_tags.show import Show
from genai_tags.ui.comp import CompPanel
from genai_tags_nuke import actions, badges
from genai_tags_nuke.session import SESSION


class NukeHost:
    """Nuke, as the panel asks for it."""

    def refresh(self) -> None:
        """Look at the script again."""
        badges.refresh_now()

    def select(self, names: Sequence[str]) -> None:
        """Select nodes and frame them."""
        actions.select(names)

    def selected(self) -> list[str]:
        """What is selected."""
        return [node.fullName() for node in nuke.selectedNodes()]

    def tag(self, names: Sequence[str], ids: Sequence[str]) -> None:
        """Put tags on nodes. Raises GenAITagsError."""
        found: list[Any] = [node for name in names if (node := nuke.toNode(name)) is not None]
        actions.tag_nodes(found, ids)

    def show(self) -> Show | None:
        """The show of the script."""
        return SESSION.show()

    def open_desk(self) -> None:
        """Open the desk."""
        actions.open_desk()


class GenAIPanel(QWidget):
    """What Nuke docks: it makes one of these for every pane that the panel is put into."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(320)
        self.panel = CompPanel(NukeHost(), self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        badges.LISTENERS.append(self._listen)
        badges.touch()

    def _listen(self, outputs: list[Output]) -> None:
        try:
            self.panel.show_outputs(outputs)
        except RuntimeError:  # Qt's half of it is gone: Nuke closed the pane
            badges.LISTENERS.remove(self._listen)
