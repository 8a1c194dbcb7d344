"""What the desk looks at, and what is chosen there, by names that outlive a refresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from genai_tags.report.shapes import Row, UseItem


@dataclass(frozen=True)
class Opened:
    """What the desk looks at, and how it is judged; the same words as ``genai-tags conform``."""

    paths: tuple[str, ...] = ()
    show: str | None = None
    rate: str | None = None
    media: tuple[str, ...] = ()
    stage: str = "final"
    purpose: str = "programme"
    as_of: str | None = None

    def question(self) -> dict[str, Any]:
        """What the worker is asked."""
        return asdict(self)


@dataclass(frozen=True)
class Chosen:
    """What a refresh must not lose: the cut, the event and the tag, by what they are called."""

    cut: int = 0
    event: tuple[object, ...] | None = None
    use: tuple[object, ...] | None = None


def name_of(row: Row) -> tuple[object, ...]:
    """What an event is called: what it shows, then where it stands. A new export moves it and numbers it anew."""
    return (
        row["cut"],
        row["track"],
        row["clip"],
        row["source_in"],
        row["source_out"],
        row["event"],
        row["line"],
        row["record_in"],
    )


def find_event(rows: Sequence[Row], name: tuple[object, ...] | None) -> int | None:
    """The event of that name, wherever it stands now; None where several, or none, show what it shows."""
    if name is None:
        return None
    names = [name_of(row) for row in rows]
    exact = [i for i, each in enumerate(names) if each == name]
    alike = exact or [i for i, each in enumerate(names) if each[:5] == name[:5]]
    return alike[0] if len(alike) == 1 else None


def name_of_use(use: UseItem) -> tuple[object, ...]:
    """What tells a tag in a use from others across a refresh."""
    return use["tag"], use["shot"], use["use"]
