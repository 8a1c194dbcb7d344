"""``init``: make a show."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from genai_tags.cli.common import say
from genai_tags.config import CONFIG_NAME, DEFAULT_PACKS
from genai_tags.show import Show


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("init")(init)


def init(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The show's folder.")],
    name: Annotated[str, typer.Option("--name", help="What the show is called.")],
    policy: Annotated[list[str] | None, typer.Option("--policy", help="A policy pack in force; repeat for several.")] = None,
) -> None:
    """Make a show: genai.yaml and an empty ledger."""
    Show.init(folder, name, policy or list(DEFAULT_PACKS))
    say(f"made {os.path.join(folder, CONFIG_NAME)}")
