"""The demo's cut, written as an editorial system would export it: an EDL and an OpenTimelineIO file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genai_tags.demo.media import RATE
from genai_tags.timecode import to_text

PROGRAMME_START = 24 * 3600
"""01:00:00:00 in frames."""


@dataclass(frozen=True, slots=True)
class DemoShot:
    """A shot of the demo: its media, and what the cut uses of it. Frame numbers are inclusive."""

    name: str
    version: str
    pattern: str
    first: int
    last: int
    start: int
    use_first: int
    use_last: int

    @property
    def clip(self) -> str:
        """The clip's name in the cut."""
        return f"{self.name}_comp_GNT_{self.version}"

    @property
    def source(self) -> tuple[int, int]:
        """Source frame counts in and out (exclusive)."""
        return self.start + self.use_first - self.first, self.start + self.use_last - self.first + 1


def edl(title: str, shots: Sequence[DemoShot]) -> bytes:
    """A CMX3600 list of one picture track."""
    lines = [f"TITLE: {title}", "FCM: NON-DROP FRAME", ""]
    record = PROGRAMME_START
    for i, shot in enumerate(shots, 1):
        begin, end = shot.source
        times = " ".join(to_text(n, RATE) for n in (begin, end, record, record + end - begin))
        lines += [f"{i:03d}  AX       V     C        {times}", f"* FROM CLIP NAME: {shot.clip}", ""]
        record += end - begin
    return "\r\n".join(lines).encode("ascii")


def otio(title: str, shots: Sequence[DemoShot]) -> bytes:
    """A timeline of one picture track with image sequences."""
    clips = [_clip(shot) for shot in shots]
    track: dict[str, Any] = {"OTIO_SCHEMA": "Track.1", "metadata": {}, "name": "V1", "source_range": None, "effects": [], "markers": [],
             "children": clips, "kind": "Video"}  # fmt: skip
    stack: dict[str, Any] = {"OTIO_SCHEMA": "Stack.1", "metadata": {}, "name": "tracks", "source_range": None, "effects": [], "markers": [],
             "children": [track]}  # fmt: skip
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": title,
        "global_start_time": _time(PROGRAMME_START),
        "tracks": stack,
    }
    return json.dumps(timeline, indent=4).encode("utf-8")


def _clip(shot: DemoShot) -> dict[str, Any]:
    begin, end = shot.source
    folder, _, name = shot.pattern.rpartition("/")
    reference = {
        "OTIO_SCHEMA": "ImageSequenceReference.1", "metadata": {}, "name": "", "available_range": _range(shot.start, shot.last - shot.first + 1),
        "target_url_base": f"{folder}/", "name_prefix": name.partition("%")[0], "name_suffix": ".exr", "start_frame": shot.first,
        "frame_step": 1, "rate": float(RATE), "frame_zero_padding": 4, "missing_frame_policy": "error",
    }  # fmt: skip
    return {
        "OTIO_SCHEMA": "Clip.2", "metadata": {}, "name": shot.clip, "source_range": _range(begin, end - begin), "effects": [],
        "markers": [], "enabled": True, "media_references": {"DEFAULT_MEDIA": reference}, "active_media_reference_key": "DEFAULT_MEDIA",
    }  # fmt: skip


def _time(value: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(RATE), "value": float(value)}


def _range(start: int, length: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": _time(length), "start_time": _time(start)}
