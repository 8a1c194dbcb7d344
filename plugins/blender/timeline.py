"""A scene's strips as an OpenTimelineIO timeline: one track for each channel (two where it holds pictures and sound), over the
scene's range, with trims, retimes, metas, nested scenes, markers and tags.

Written as JSON and not through the OTIO library, which has no wheel for every Python that Blender brings (decision 0004).
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from genai_tags import files
from genai_tags.carriers import otio
from genai_tags.comp.walk import Span
from genai_tags.errors import UsageError, WriteError
from genai_tags.lineage import united
from genai_tags.model import TagSet

from . import compat, store
from .collect import span_of
from .session import judged

_NUMBER = re.compile(r"(\d+)(\.[^.\d][^.]*)$")
_DEPTH = 20
_COLOURS = {"COLOR_01": "RED", "COLOR_02": "ORANGE", "COLOR_03": "YELLOW", "COLOR_04": "GREEN"}


def save(scene: Any, path: str) -> int:
    """Write a scene's timeline; how many clips it has. Raises UsageError where there is none, and WriteError."""
    if scene.sequence_editor is None or not compat.strips(scene.sequence_editor):
        raise UsageError(f"scene {scene.name} has no strips to export; open the scene of the edit")
    document = timeline(scene)
    try:
        files.write(path, json.dumps(document, indent=4, ensure_ascii=False).encode("utf-8") + b"\n")
    except OSError as error:
        raise WriteError(path, f"could not be written: {error.strerror}") from None
    return sum(1 for _ in otio.clips(document))


def timeline(scene: Any) -> dict[str, Any]:
    """A scene's timeline as plain JSON. Record time is the scene's own frame number."""
    maker = _Maker(scene)
    span = span_of(scene)
    stack = maker.stack(scene.name, scene.sequence_editor, span, 0)
    stack["markers"] = maker.markers(scene, span)
    return {
        "OTIO_SCHEMA": "Timeline.1", "name": scene.name, "global_start_time": maker.time(span.first), "tracks": stack,
        "metadata": {"blender": {"version": bpy.app.version_string, "file": os.path.basename(bpy.data.filepath)}},
    }  # fmt: skip


@dataclass(frozen=True)
class _Media:
    """Frames, and frames a second."""

    count: int
    rate: float


class _Maker:
    """Makes OTIO objects at a scene's rate."""

    def __init__(self, scene: Any) -> None:
        self.rate = round(scene.render.fps / scene.render.fps_base, 6)
        self._counts: dict[str, int] = {}

    def time(self, value: float) -> dict[str, Any]:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": self.rate, "value": float(value)}

    def range(self, start: float, duration: float, rate: float | None = None) -> dict[str, Any]:
        """A range; ``rate`` is that of its start, where it counts frames of media."""
        begun = {**self.time(start), "rate": rate or self.rate}
        return {"OTIO_SCHEMA": "TimeRange.1", "start_time": begun, "duration": self.time(duration)}

    def _media(self, strip: Any) -> _Media:
        """How long a strip's media is, and how fast it was filmed."""
        if strip.type == "IMAGE":
            return _Media(max(1, len(strip.elements)), self.rate)
        count = compat.content_length(strip)
        if strip.type != "MOVIE":
            return _Media(count, self.rate)
        path = bpy.path.abspath(strip.filepath, library=store.library_of(strip))
        if path not in self._counts:
            self._counts[path] = _count(path)
        return _Media(self._counts[path] or count, round(strip.fps, 6) if strip.fps > 0 else self.rate)

    def stack(self, name: str, owner: Any, span: Span, depth: int) -> dict[str, Any]:
        """The strips of an editor or a meta that show within a span."""
        channels: dict[tuple[int, str], list[Any]] = {}
        for strip in compat.strips(owner):
            first, last = compat.strip_range(strip)
            if first <= span.last and last >= span.first and strip.type != "SPEED":
                channels.setdefault((strip.channel, "Audio" if strip.type == "SOUND" else "Video"), []).append(strip)
        speeds = {strip.input_1.name: strip for strip in compat.strips(owner) if strip.type == "SPEED" and strip.input_1}
        found = list(getattr(owner, "channels", ()))
        tracks = []
        for channel, kind in sorted(channels):
            own = found[channel] if channel < len(found) else None
            tracks.append(
                _item(
                    "Track.1", own.name if own is not None else f"Channel {channel}", kind=kind,
                    children=self._children(channels[channel, kind], speeds, span, depth), enabled=own is None or not own.mute,
                )
            )  # fmt: skip
        return _item("Stack.1", name, children=tracks)

    def _children(self, strips: Iterable[Any], speeds: dict[str, Any], span: Span, depth: int) -> list[dict[str, Any]]:
        """Clips in order, gaps between them."""
        children, at = [], span.first
        for strip in sorted(strips, key=lambda each: compat.strip_range(each)[0]):
            first, last = compat.strip_range(strip)
            first, last = max(first, span.first), min(last, span.last)
            if first > at:
                children.append(_item("Gap.1", "", source_range=self.range(0, first - at)))
            children.append(self._strip(strip, Span(first, last), speeds.get(strip.name), depth))
            at = last + 1
        return children

    def _strip(self, strip: Any, span: Span, speed: Any, depth: int) -> dict[str, Any]:
        start = compat.content_start(strip)
        length = span.last - span.first + 1
        media = self._media(strip)
        retime = _retime(strip, speed, media, self.rate)
        scalar, keys = retime.scalar, retime.keys
        of_media = abs(scalar) * media.rate / self.rate  # frames of the media for each of the scene
        offset = (span.first - start) * of_media
        if retime.from_handle:  # a speed effect counts from where the strip is cut
            left = compat.strip_range(strip)[0]
            offset = left - start + (span.first - left) * of_media
        if scalar < 0:  # what is used of media that runs backwards, counted from its beginning
            offset = media.count - (span.last + 1 - start) * of_media
        if not retime.is_exact:  # which frames are used cannot be told: all of them may be
            scalar, offset = math.copysign(media.count / media.rate / (length / self.rate), scalar), 0
        if depth < _DEPTH and strip.type == "META":
            made = self.stack(strip.name, strip, span, depth + 1)
            made["source_range"] = self.range(0, length)
        elif depth < _DEPTH and _shows_strips(strip):
            inner = strip.scene.sequence_editor
            made = self.stack(strip.name, inner, span_of(strip.scene), depth + 1)
            made["source_range"] = self.range(offset, length)
        elif strip.type in ("IMAGE", "MOVIE", "SOUND", "MOVIECLIP", "CLIP", "SCENE", "COLOR", "TEXT", "MASK", "ADJUSTMENT"):
            reference, first = self._reference(strip, media)
            made = _item(
                "Clip.2", _name(strip), source_range=self.range(first + offset, length, media.rate),
                media_references={"DEFAULT_MEDIA": reference}, active_media_reference_key="DEFAULT_MEDIA",
            )  # fmt: skip
        else:  # transitions and other effects: what they work on lies on tracks of its own
            made = _item("Gap.1", strip.name, source_range=self.range(0, length))
        facts: dict[str, Any] = {"type": strip.type, "strip": strip.name}
        if keys:
            facts["retiming_keys"] = list(keys)
        inputs = [each.name for each in (getattr(strip, "input_1", None), getattr(strip, "input_2", None)) if each]
        if inputs:
            facts["inputs"] = inputs
        if strip.color_tag in _COLOURS:
            facts["color_tag"] = strip.color_tag
        made["metadata"]["blender"] = facts
        otio.put(made["metadata"], _tags(strip))
        made["enabled"] = not strip.mute
        if scalar != 1:
            made["effects"] = [
                {"OTIO_SCHEMA": "FreezeFrame.1" if scalar == 0 else "LinearTimeWarp.1", "name": "", "effect_name": "FreezeFrame" if scalar == 0 else "LinearTimeWarp",
                 "time_scalar": float(scalar), "enabled": True, "metadata": {}}
            ]  # fmt: skip
        return made

    def _reference(self, strip: Any, media: _Media) -> tuple[dict[str, Any], int]:
        """The media of a strip, and the number of its first frame."""
        if strip.type == "IMAGE":
            return self._images(strip)
        path = ""
        if strip.type == "MOVIE":
            path = strip.filepath
        elif strip.type == "SOUND" and strip.sound is not None:
            path = strip.sound.filepath
        elif strip.type in ("MOVIECLIP", "CLIP") and strip.clip is not None:
            path = strip.clip.filepath
        if path:
            available = self.range(0, media.count, media.rate)
            available["duration"]["rate"] = media.rate
            return _item(
                "ExternalReference.1", "", target_url=_url(path, store.library_of(strip)), available_range=available, bare=True
            ), 0
        if strip.type in ("COLOR", "TEXT", "ADJUSTMENT", "MASK"):
            return _item("GeneratorReference.1", strip.name, generator_kind=strip.type.lower(), parameters={}, bare=True), 0
        return _item("MissingReference.1", strip.name, bare=True), 0

    def _images(self, strip: Any) -> tuple[dict[str, Any], int]:
        names = [element.filename for element in strip.elements]
        match = _NUMBER.search(names[0]) if names else None
        regular = match is not None and len(names) > 1 and names == [
            f"{names[0][: match.start()]}{int(match[1]) + i:0{len(match[1])}d}{match[2]}" for i in range(len(names))
        ]  # fmt: skip
        folder = _url(strip.directory or "./", store.library_of(strip))
        if match is not None and regular:
            first = int(match[1])
            return _item(
                "ImageSequenceReference.1", "", target_url_base=folder.rstrip("/") + "/", name_prefix=names[0][: match.start()], name_suffix=match[2],
                start_frame=first, frame_step=1, rate=self.rate, frame_zero_padding=len(match[1]), missing_frame_policy="error",
                available_range=self.range(first, len(names)), bare=True,
            ), first  # fmt: skip
        url = _url(os.path.join(strip.directory, names[0]), store.library_of(strip)) if names else ""
        return _item("ExternalReference.1", "", target_url=url, available_range=self.range(0, max(1, len(names))), bare=True), 0

    def markers(self, scene: Any, span: Span) -> list[dict[str, Any]]:
        """The scene's markers within its range."""
        return [
            {
                "OTIO_SCHEMA": "Marker.2", "name": marker.name, "color": "GREEN", "marked_range": self.range(marker.frame - span.first, 1),
                "metadata": {"blender": {"camera": marker.camera.name}} if marker.camera else {},
            }
            for marker in sorted(scene.timeline_markers, key=lambda each: int(each.frame))
            if span.first <= marker.frame <= span.last
        ]  # fmt: skip


def _item(schema: str, name: str, bare: bool = False, **more: Any) -> dict[str, Any]:
    """An OTIO object with what every one of its kind has; ``bare`` for a media reference."""
    found: dict[str, Any] = {"OTIO_SCHEMA": schema, "name": name, "metadata": {}}
    if bare:
        return {**found, "available_range": None, "available_image_bounds": None, **more}
    return {**found, "source_range": None, "effects": [], "markers": [], "enabled": True, "color": None, **more}


def _name(strip: Any) -> str:
    """What a cut calls it: the shot of a production tracker's add-on where there is one, else the media's name."""
    shot = getattr(getattr(strip, "kitsu", None), "shot_name", "")
    if shot:
        return str(shot)
    if strip.type == "IMAGE" and len(strip.elements):
        return _NUMBER.sub("", strip.elements[0].filename).rstrip("._-") or str(strip.name)
    return str(strip.name)


def _shows_strips(strip: Any) -> bool:
    return (
        strip.type == "SCENE"
        and strip.scene is not None
        and strip.scene_input == "SEQUENCER"
        and strip.scene.sequence_editor is not None
    )


@dataclass(frozen=True)
class _Retime:
    """How fast a strip runs through its media, against the clock. ``keys`` are what there is where one figure does not say it."""

    scalar: float
    is_exact: bool = True
    from_handle: bool = False
    keys: tuple[float, ...] = ()


def _retime(strip: Any, speed: Any, media: _Media, rate: float) -> _Retime:
    """A strip's retime. Exact is what was compared with the frames that Blender renders; of the rest every frame counts."""
    reverse = -1.0 if getattr(strip, "use_reverse_frames", False) else 1.0
    keys = tuple(float(key.timeline_frame) for key in getattr(strip, "retiming_keys", ()))
    odd = compat.is_cut_hard(strip) and (reverse < 0 or bool(keys) or media.rate != rate)
    if speed is not None:
        plain = speed.speed_control == "MULTIPLY" and not compat.animated(speed, "speed_factor")
        if plain and reverse > 0 and not keys and media.rate == rate:
            return _Retime(float(speed.speed_factor), from_handle=True)
        return _Retime(reverse, is_exact=False, keys=keys or (float(speed.speed_factor),))
    if len(keys) > 2 or odd or (keys and (strip.type == "SOUND" or media.rate != rate)):
        return _Retime(reverse, is_exact=False, keys=keys)
    if strip.type not in ("IMAGE", "MOVIE"):
        return _Retime(reverse)
    return _Retime(reverse * _speed(media, keys[1] - keys[0] if len(keys) == 2 else compat.content_length(strip), rate))


def _speed(media: _Media, shown: float, rate: float) -> float:
    """Media's seconds for each second that shows it; 1 where they differ by less than a frame, which Blender rounds away."""
    lasts = media.count / media.rate * rate
    return 1.0 if shown <= 0 or abs(lasts - shown) < 1 else lasts / shown


def _count(path: str) -> int:
    """Frames of a movie file; 0 where it cannot be read. Strips do not say it: their length is that of what is shown."""
    if not os.path.isfile(path):
        return 0
    try:
        clip = bpy.data.movieclips.load(path)
    except RuntimeError:
        return 0
    count = int(clip.frame_duration)
    bpy.data.movieclips.remove(clip)
    return count


def _tags(strip: Any) -> TagSet:
    """A strip's own set; of a scene that it renders, what that inherits besides."""
    tags, _ = store.get(strip)
    if strip.type == "SCENE" and strip.scene is not None and not _shows_strips(strip):
        return united(tags, judged(strip.scene, glance=False).tags)
    return tags


def _url(path: str, library: Any = None) -> str:
    return Path(os.path.normpath(bpy.path.abspath(path, library=library))).as_uri()
