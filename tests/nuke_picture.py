"""The panel of Nuke as it looks in a dock, on the demo's show: for docs/pictures and for our own eyes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.doubles.nuke_app import App, Node
from tests.doubles.nukescripts_app import dock, nukescripts
from tests.nuke_stage import PLUGIN, _qt

_SHOT = "DMO_101_010_0010_comp_GNT_v003"


def comp(folder: Path) -> App:
    """A Nuke with the demo's media in one comp: an element, one that is asked for, a model, and plates."""
    app = App()
    app.root["first_frame"].fromScript("1001")
    app.root["last_frame"].fromScript("1024")
    app.root._name = str(folder / "comp.nk")

    def read(stem: str, name: str) -> Node:
        return app.make("Read", name=name, file=str(folder / "media" / stem / f"{stem}.%04d.exr"), first=1001, last=1024)

    sky, boat = read(_SHOT, "Sky_v003"), read("DMO_101_010_0020_comp_GNT_v005", "Boat_v005")
    face = read("DMO_101_020_0010_comp_GNT_v002", "Face_v002")
    merged = app.make(
        "Merge2", app.make("Inference", read("DMO_101_040_0010_comp_GNT_v001", "Plate"), modelFile="/cattery/SkyGen.cat"), sky
    )
    for node in (boat, face):
        merged = app.make("Merge2", merged, node)
    for i in range(6):
        merged = app.make(
            "Merge2", merged, app.make("Read", name=f"Plate{i}", file=f"/plates/p{i}.%04d.exr", first=1001, last=1024)
        )
    path = str(folder / "renders" / "DMO_101_010_0010_comp_GNT_v004.%04d.exr")
    app.make("Write", merged, name="Write_comp", file=path, file_type="exr")
    app.make(
        "Write",
        app.make("Merge2", read("DMO_101_030_0020_comp_GNT_v002", "Clean")),
        name="Write_pre",
        file=path.replace("v004", "v000"),
        file_type="exr",
    )
    return app


def panel(app: App) -> Any:
    """The plugin's panel, docked and filled."""
    sys.modules["nuke"], sys.modules["nukescripts"] = app.nuke, nukescripts(app)
    sys.path.insert(0, str(PLUGIN))
    from genai_tags_nuke import background, badges, start

    vars(background)["qt_core"] = lambda: _qt(app)
    start.callbacks()
    start.interface()
    widget = dock(app, start.PANEL)
    widget.resize(560, 900)
    widget.show()
    badges.refresh_now()
    app.idle()
    return widget
