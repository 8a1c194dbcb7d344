"""One run of a windowed Blender by mouse and keyboard, and the pictures of it: started by ``python -m tests.window``, inside Blender.

It declares an element in the form by clicks and keys, undoes the tag, and shows timeline, preview and nodes with their badges. For
each picture it leaves a file ``NAME.ready`` in the folder that is its last argument, and goes on when that is gone.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import bpy

OUT = sys.argv[-1]
DECLARE, ELEMENT, SUBMIT = 136, 415, 354
"""Pixels from the upper edge of the sidebar to what is clicked, at a scale of 1."""


def window() -> Any:
    """Blender's window."""
    return bpy.context.window_manager.windows[0]


def area(kind: str) -> Any:
    """The largest editor of a kind."""
    return max((each for each in window().screen.areas if each.type == kind), key=lambda each: each.width * each.height)


def region(where: Any, kind: str) -> Any:
    """A region of an editor."""
    return next(each for each in where.regions if each.type == kind)


def click(x: int, y: int) -> Iterator[float]:
    """The left button, at window pixels from the lower left corner."""
    for nudge in (1, 0):  # a button notices a mouse that moves over it
        window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x + nudge, y=y)
        yield 0.2
    for value in ("PRESS", "RELEASE"):
        window().event_simulate(type="LEFTMOUSE", value=value, x=x, y=y)
        yield 0.2


def press(key: str, text: str = "", **held: bool) -> None:
    """A key, where the mouse is."""
    window().event_simulate(type=key, value="PRESS", unicode=text or None, **held)
    window().event_simulate(type=key, value="RELEASE", **held)


def write(text: str) -> None:
    """Letters, as they are typed."""
    for letter in text:
        press("SPACE" if letter == " " else letter.upper(), letter)


def beside(offset: int) -> Iterator[float]:
    """Click into the sequencer's sidebar, so far below its upper edge."""
    bar = region(area("SEQUENCE_EDITOR"), "UI")
    yield from click(bar.x + int(bar.width * 0.7), bar.y + bar.height - offset)


def picture(name: str) -> Iterator[float]:
    """Wait until whoever started this took a picture."""
    yield 1.0
    path = os.path.join(OUT, f"{name}.ready")
    open(path, "w").close()
    while os.path.exists(path):
        yield 0.2


def open_tab(where: Any) -> None:
    """Show our tab in an editor's sidebar."""
    where.spaces[0].show_region_ui = True
    bar = region(where, "UI")
    if bar.width > 1:
        bar.active_panel_category = "GenAI"
    where.tag_redraw()


def logged() -> str:
    """What Blender's Info editor holds."""
    other = min((each for each in window().screen.areas), key=lambda each: each.width * each.height)
    before, other.type = other.type, "INFO"
    try:
        with bpy.context.temp_override(window=window(), area=other, region=region(other, "WINDOW")):
            bpy.ops.info.select_all(action="SELECT")
            bpy.ops.info.report_copy()
    finally:
        other.type = before
    return str(bpy.context.window_manager.clipboard)


def steps() -> Iterator[float]:
    """The run: each yield waits so many seconds."""
    from genai_tags.show import Show

    main = max(window().screen.areas, key=lambda each: each.width * each.height)
    main.type = "SEQUENCE_EDITOR"
    main.spaces[0].view_type = "SEQUENCER"
    yield 0.5
    scene = bpy.context.scene
    if hasattr(window().workspace, "sequencer_scene"):
        window().workspace.sequencer_scene = scene
    scene.frame_start, scene.frame_end = 1001, 1240
    editor = scene.sequence_editor or scene.sequence_editor_create()
    made = editor.strips if hasattr(editor, "strips") else editor.sequences
    length = {"length": 45} if bpy.app.version >= (5, 0, 0) else {"frame_end": 1046}
    strip = made.new_effect(name="AGM_104_065_010_sky", type="COLOR", channel=1, frame_start=1001, **length)
    strip.select, editor.active_strip = True, strip
    with bpy.context.temp_override(window=window(), area=main, region=region(main, "WINDOW")):
        bpy.ops.sequencer.view_all()
        bpy.ops.ed.undo_push(message="strip")
    main.spaces[0].show_region_ui = True
    yield 0.7
    open_tab(main)
    yield 0.7
    yield from beside(DECLARE)
    yield 0.7
    yield from beside(ELEMENT)
    yield 0.5
    write("dusk sky")
    press("RET")
    yield 0.5
    press("RET")
    yield 0.5
    found = logged()
    assert "dusk sky" not in found, f"a private text is in Blender's log: {found}"
    yield from picture("blender-form")
    yield from beside(SUBMIT)
    yield 1.0
    show = Show.open(os.environ["GENAI_SHOW"])
    from importlib import import_module

    private = import_module("genai_tags.private")
    strip = made[0]
    ids = [each for each in show.state.entries if f'"{each}"' in strip.get("genai", "")]
    assert len(ids) == 1, f"the strip holds {strip.get('genai')!r}"
    entry = show.current(ids[0], show.today())
    assert private.whole(show, entry).tag.element == "dusk sky"
    timeline = region(main, "WINDOW")
    window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=timeline.x + 400, y=timeline.y + 200)
    yield 0.3
    press("Z", ctrl=True)
    yield 1.0
    editor = bpy.context.scene.sequence_editor
    made = editor.strips if hasattr(editor, "strips") else editor.sequences
    assert "genai" not in made[0], "undo did not take the tag off"
    print("END TO END: declared by mouse and keyboard, and undone", flush=True)  # noqa: T201
    yield from badges(main, list(show.state.entries))


def badges(main: Any, ids: list[str]) -> Iterator[float]:
    """Timeline and preview, then nodes."""
    from importlib import import_module

    operators = import_module("bl_ext.user_default.genai_tags.operators")
    scene = bpy.context.scene
    editor = scene.sequence_editor
    made = editor.strips if hasattr(editor, "strips") else editor.sequences
    for i, tag_id in enumerate(ids[:9]):
        length = {"length": 60} if bpy.app.version >= (5, 0, 0) else {"frame_end": 1061 + 25 * i}
        strip = made.new_effect(name=f"shot {i + 1:02d}", type="COLOR", channel=1 + i % 4, frame_start=1001 + 25 * i, **length)
        strip.color = (0.1 * i, 0.3, 0.5)
        strip.select = i < 3
        operators.tag([strip], [tag_id])
    made.remove(made[0])
    scene.frame_current = 1070
    main.spaces[0].view_type = "SEQUENCER_PREVIEW"
    yield 1.0
    open_tab(main)
    with bpy.context.temp_override(window=window(), area=main, region=region(main, "WINDOW")):
        bpy.ops.sequencer.view_all()
    yield from picture("blender-timeline")
    material = bpy.data.materials.new("wall")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True
    for i, tag_id in enumerate(ids[:3]):
        image = bpy.data.images.new(f"sky {i + 1}", 8, 8)
        operators.tag([image], [tag_id])
        node = material.node_tree.nodes.new("ShaderNodeTexImage")
        node.image, node.location = image, (-620 + 150 * i, 420 - 260 * i)
    cube = bpy.data.objects["Cube"]
    cube.data.materials.clear()
    cube.data.materials.append(material)
    window().view_layer.objects.active = cube
    main.type = "NODE_EDITOR"
    main.ui_type = "ShaderNodeTree"
    yield 1.0
    open_tab(main)
    with bpy.context.temp_override(window=window(), area=main, region=region(main, "WINDOW")):
        bpy.ops.node.view_all()
    yield from picture("blender-nodes")
    print("PICTURES: all taken", flush=True)  # noqa: T201


bpy.context.preferences.view.show_splash = False  # it takes the first click
_RUN = steps()


def go() -> float | None:
    """The next step; the end of Blender after the last one or a failure."""
    try:
        return next(_RUN)
    except StopIteration:
        bpy.ops.wm.quit_blender()
    except Exception:  # noqa: BLE001 - a failure ends the run
        traceback.print_exc()
        os._exit(1)
    return None


bpy.app.timers.register(go, first_interval=1.0)
