"""Badge colours in the names that DaVinci Resolve and OpenTimelineIO have for them.

Resolve has two palettes, and a name of the wrong one is refused without a word: clips have one, markers and flags another. There is
no red for clips, and no orange for markers. Source: Blackmagic's scripting README and stubs (20.3.2 to 21.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genai_tags.status import BADGES, Status

CLIP_COLOURS = (
    "Orange", "Apricot", "Yellow", "Lime", "Olive", "Green", "Teal", "Navy", "Blue", "Purple", "Violet", "Pink", "Tan", "Beige", "Brown",
    "Chocolate",
)  # fmt: skip
MARKER_COLOURS = (
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia", "Rose", "Lavender", "Sky", "Mint", "Lemon", "Sand", "Cocoa",
    "Cream",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colours:
    """One meaning in each palette; ``otio`` is a name that OTIO has, and Resolve in its capitals."""

    clip: str
    marker: str
    otio: str


_BY_HUE: Mapping[str, Colours] = {
    BADGES[Status.ALLOWED].colour: Colours("Green", "Green", "GREEN"), BADGES[Status.WAIVED].colour: Colours("Blue", "Blue", "BLUE"),
    BADGES[Status.OUTSIDE_SCOPE].colour: Colours("Tan", "Sand", "WHITE"), BADGES[Status.OPEN].colour: Colours("Orange", "Yellow", "YELLOW"),
    BADGES[Status.REJECTED].colour: Colours("Pink", "Red", "RED"),
}  # fmt: skip


def colours(status: Status) -> Colours:
    """The names of a badge's colour."""
    return _BY_HUE[BADGES[status].colour]
