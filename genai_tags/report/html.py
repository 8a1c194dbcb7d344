"""HTML pages from templates: self-contained, without network; whatever foreign text holds is made harmless."""

from __future__ import annotations

import json
import os
from typing import Any

from genai_tags.report.plain import plain

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


def render(template: str, **values: Any) -> str:
    """A template of ``templates/`` filled in: every text is escaped, and control and direction marks are written out."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, finalize=_harmless,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["ascii_json"] = json.dumps
    environment.filters["short"] = short
    return environment.get_template(template).render(**values)


def short(text: object, letters: int = 160) -> str:
    """A text made harmless, on one line, and cut where it is too long to look at."""
    found = plain(text)
    return found if len(found) <= letters else f"{found[: letters - 1]}…"


def _harmless(value: object) -> object:
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
