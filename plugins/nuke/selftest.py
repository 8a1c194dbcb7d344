"""Does Nuke do what genai_tags takes for granted? Run it by somebody who owns one: ``nuke -t selftest.py``.

It works in a temporary folder, saves nothing, and prints one line for each claim. The exit code is the number of claims that do not
hold; please send what it prints.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
if HERE not in sys.path:
    sys.path.insert(0, HERE)

import nuke  # noqa: E402
from genai_tags_nuke import knob, render  # noqa: E402
from genai_tags_nuke.graph import Graph  # noqa: E402

from genai_tags.carriers import exr  # noqa: E402
from genai_tags.carriers.host import encode_text  # noqa: E402
from genai_tags.comp.elements import KNOB  # noqa: E402
from genai_tags.model import Stub  # noqa: E402
from genai_tags.stubs import make_set  # noqa: E402

SET = make_set([Stub(id="selftest0001", revision=1)])
MODE = "default metadata and exr/*"


def claim_knobs(folder: str) -> None:
    """An unknown knob raises NameError in brackets and is None by knob()."""
    node = nuke.nodes.NoOp()
    assert node.knob("no_such_knob") is None
    try:
        node["no_such_knob"]
    except NameError:
        return
    raise AssertionError("no NameError")


def claim_hidden_knob(folder: str) -> None:
    """A hidden knob keeps encoded text exactly, and toScript gives it back without quotes."""
    node = nuke.nodes.NoOp()
    knob.put(node, SET)
    text = node[KNOB].toScript()
    assert text == encode_text(SET), text[:80]
    tags, problems = knob.get(node)
    assert tags.digest == SET.digest
    assert problems == []
    knob.put(node, make_set([]))
    assert node.knob(KNOB) is None


def claim_file_knob(folder: str) -> None:
    """A file path comes out with its Tcl evaluated and its frame pattern kept."""
    os.environ["GENAI_SELFTEST"] = folder
    read = nuke.nodes.Read()
    read["file"].fromScript("[getenv GENAI_SELFTEST]/a.%04d.exr")
    found = Graph().node(read).text("file")
    assert found == folder.replace("\\", "/") + "/a.%04d.exr", found


def claim_groups(folder: str) -> None:
    """A group gives out its Output; an Input inside knows its number and its parent."""
    plate, group = nuke.nodes.NoOp(), nuke.nodes.Group()
    group.setInput(0, plate)
    with group:
        inner, output = nuke.nodes.Input(), nuke.nodes.Output()
        output.setInput(0, inner)
    graph = Graph()
    assert graph.node(group).inside() is graph.node(output)
    assert graph.node(inner).outside() is graph.node(plate), "the Input does not lead outside"


def claim_labels(folder: str) -> None:
    """``nuke.autolabels`` is the dictionary that addAutolabel fills."""
    assert isinstance(nuke.autolabels, dict)


def claim_render(folder: str) -> None:
    """Frames are finished when afterFrameRender runs, its frame and file are known, and every part is tagged."""
    write, _ = _write(folder, "render")
    seen = []
    nuke.addAfterFrameRender(lambda: seen.append((nuke.frame(), render.finished(nuke.thisNode())[0])), nodeClass="Write")
    nuke.execute(write, 1, 2, 1)
    assert [frame for frame, _ in seen] == [1, 2], seen
    for _, paths in seen:
        assert len(paths) == 1, seen
        tags = exr.read(paths[0]).tags
        assert [stub.id for stub in tags.stubs] == ["selftest0001"], f"{paths[0]} carries {tags}"


def claim_metadata_node(folder: str) -> None:
    """A ModifyMetaData carries encoded text into the file where the Write's metadata allows it."""
    write, node = _write(folder, "metadata")
    knob.put(node, make_set([]))
    carrier = nuke.nodes.ModifyMetaData(metadata="{set exr/genai:encoded %s}" % encode_text(SET))  # noqa: UP031 - braces
    carrier.setInput(0, node)
    write.setInput(0, carrier)
    if write.knob("metadata") is None:
        raise AssertionError("a Write of EXR has no metadata knob")
    write["metadata"].setValue(MODE)
    nuke.execute(write, 1, 1, 1)
    tags = exr.read(os.path.join(folder, "metadata.0001.exr")).tags
    assert [stub.id for stub in tags.stubs] == ["selftest0001"]


def claim_stop(folder: str) -> None:
    """What beforeRender raises keeps the render from beginning."""

    def stop() -> None:
        if nuke.thisNode()["file"].value().endswith("stopped.%04d.exr"):
            raise RuntimeError("genai_tags: stopped by the self-test")

    nuke.addBeforeRender(stop, nodeClass="Write")
    write, _ = _write(folder, "stopped")
    try:
        nuke.execute(write, 1, 1, 1)
    except RuntimeError:
        assert not os.path.exists(os.path.join(folder, "stopped.0001.exr"))
        return
    raise AssertionError("the render went on")


def _write(folder: str, name: str):
    picture = nuke.nodes.Constant()
    knob.put(picture, SET)
    write = nuke.nodes.Write()
    write.setInput(0, picture)
    write["file"].setValue(os.path.join(folder, name + ".%04d.exr").replace("\\", "/"))
    write["file_type"].setValue("exr")
    return write, picture


def main() -> int:
    """Try every claim; how many do not hold."""
    render_callbacks = [
        (nuke.addBeforeRender, render.before_render),
        (nuke.addAfterFrameRender, render.after_frame),
        (nuke.addAfterRender, render.after_render),
    ]
    for add, call in render_callbacks:  # adding again what init.py added changes nothing
        add(call, nodeClass="Write")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, claim in sorted(globals().items()):
            if not name.startswith("claim_"):
                continue
            try:
                claim(folder)
                print("PASS", name[6:], "-", claim.__doc__)
            except Exception as error:
                failed += 1
                print("FAIL", name[6:], "-", claim.__doc__, "|", type(error).__name__, error)
                traceback.print_exc()
    print(f"genai_tags self-test in Nuke {nuke.NUKE_VERSION_STRING}: {failed} claim(s) do not hold")
    return failed


if __name__ == "__main__":
    sys.exit(main())
