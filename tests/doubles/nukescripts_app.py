"""The double of ``nukescripts``: panels by name, as Foundry's own panels.py registers them."""

from __future__ import annotations

import types
from typing import Any

from tests.doubles.nuke_app import App, _Strict


def nukescripts(app: App) -> types.ModuleType:
    """The module; it has panels in the GUI only."""
    module = _Strict("nukescripts")
    if app.gui:
        panels = _Strict("nukescripts.panels")

        def register(widget: str, name: str, identity: str, create: bool = False) -> Any:
            """The widget is a string that is evaluated when somebody docks it."""
            assert isinstance(widget, str)
            app.panels[identity] = widget
            app.menus["Pane"].addCommand(name, lambda: dock(app, identity))

        vars(panels)["registerWidgetAsPanel"] = register
        vars(module)["panels"] = panels
    return module


def dock(app: App, identity: str) -> Any:
    """Put a registered panel into a pane; its widget."""
    return eval(app.panels[identity], {"__builtins__": __builtins__})()
