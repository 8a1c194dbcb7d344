"""Processes of our own: they find the same modules as this one, and none in the folder they happen to run in."""

from __future__ import annotations

import os
import sys

_RUN = "import sys; del sys.path[0]; import runpy; runpy.run_module(sys.argv.pop(1), run_name='__main__')"
"""``python -m`` would look in the current folder first: a delivery may hold a json.py."""


def command(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module in a process of its own."""
    return [sys.executable, "-c", _RUN, module, *arguments]


def environment() -> dict[str, str]:
    """This process's environment, with its module paths made absolute and said to the next one."""
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
    return {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
