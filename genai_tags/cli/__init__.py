"""The command line: one small module per verb."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of ``genai-tags``."""
    from genai_tags.cli.app import run

    sys.exit(run())
