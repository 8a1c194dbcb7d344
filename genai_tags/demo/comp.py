"""A small Nuke script of the demo: a plate through a model that nobody declared, under a tagged element."""

from __future__ import annotations

from collections.abc import Sequence

from genai_tags.demo.cuts import DemoShot

_HEAD = """#! /usr/local/Nuke16.0v4/libnuke-16.0.4.so -nx
version 16.0 v4
Root {{
 inputs 0
 first_frame {first}
 last_frame {last}
}}
"""
_READ = """Read {{
 inputs 0
 file_type exr
 file {file}
 first {first}
 last {last}
 name {name}
}}
"""
_TAIL = """Merge2 {{
 inputs 2
 name Merge1
}}
Write {{
 file renders/{shot}_comp_GNT_{version}.%04d.exr
 file_type exr
 name Write1
}}
"""


def comp(element: DemoShot, plate: DemoShot, version: str) -> str:
    """The text of the script; it reads both shots, and writes the next version of the element's."""
    span = {"first": element.use_first, "last": element.use_last}
    reads: Sequence[str] = [
        _READ.format(file=element.pattern, name="Element", **span),
        _READ.format(file=plate.pattern, name="Plate", **span),
    ]
    model = "Inference {\n modelFile /cattery/SkyGen.cat\n name Inference1\n}\n"
    return _HEAD.format(**span) + reads[0] + reads[1] + model + _TAIL.format(shot=element.name, version=version)
