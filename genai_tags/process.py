"""Processes of our own: they must find the same modules as this one, however it found them."""

from __future__ import annotations

import os
import sys


def environment() -> dict[str, str]:
    """This process's environment, with its module paths made absolute and said to the next one."""
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)
    return {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
