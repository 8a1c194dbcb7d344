"""A strict stand-in for DaVinci Resolve's scripting objects, with the traps that are documented or were found in the field.

- ``hasattr`` is true for every name, and calling one that there is not gives None; here that fails the test. ``dir`` tells the truth.
- Two palettes: a wrong colour is refused with a bare False. Colours of generators are taken with True, and not kept.
- Timeline markers count from the timeline's first frame; on an occupied frame none is added; their frames may come back as floats.
- Transitions lie among the items. Titles and generators have no Media Pool item.
- ``GetSourceStartFrame`` is off by one on some items. The frame rate is a text before 21.1.
- Exports: a text in the place of an enumeration gives False; a second FCPXML under one name, too; the file counts, not the answer.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from genai_tags.palette import CLIP_COLOURS, MARKER_COLOURS

CALLS: Counter[str] = Counter()
"""How often each call was made."""


class Unknown:
    """What a name that Resolve does not know gives: callable, and nothing comes of it."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __call__(self, *_: object) -> None:
        raise AssertionError(f"{self.what}: this Resolve has no such call; Resolve itself would have returned None")


class Thing:
    """A scripting object: knows its own calls by ``dir`` alone."""

    calls: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(f"{type(self).__name__}.{name}")

    def __getattribute__(self, name: str) -> Any:
        if name[:1].isupper():
            if name not in object.__getattribute__(self, "calls"):
                return Unknown(f"{type(self).__name__}.{name}")
            CALLS[name] += 1
            own = object.__getattribute__(self, "__dict__")
            if name in own:  # a test's own answer
                return own[name]
        return object.__getattribute__(self, name)

    def __dir__(self) -> list[str]:
        return list(self.calls)


class PoolItem(Thing):
    """A source in the Media Pool."""

    calls = ("GetClipProperty", "GetUniqueId", "GetMetadata", "SetMetadata")

    def __init__(
        self, uid: str, path: str, start: str = "01:00:00:00", fps: float = 24.0, frames: int = 200, reel: str = "A001"
    ) -> None:
        self.uid = uid
        self.properties: dict[str, Any] = {
            "File Path": path, "Start TC": start, "FPS": fps, "Frames": str(frames), "Reel Name": reel, "Type": "Video",
        }  # fmt: skip
        self.metadata: dict[str, str] = {"GenAI": ""}  # the custom field that somebody created

    def GetMetadata(self, name: str) -> str:
        return self.metadata.get(name, "")

    def SetMetadata(self, values: dict[str, str]) -> bool:
        self.metadata.update({name: value for name, value in values.items() if name in self.metadata})
        return True  # fields that there are not are dropped without a word

    def GetUniqueId(self) -> str:
        return self.uid

    def GetClipProperty(self, name: str | None = None) -> Any:
        return dict(self.properties) if name is None else self.properties.get(name, "")


class TimelineItem(Thing):
    """A use of a source, a title, or a transition."""

    calls = (
        "GetName", "GetStart", "GetEnd", "GetDuration", "GetLeftOffset", "GetMediaPoolItem", "GetUniqueId", "GetClipEnabled", "GetClipColor",
        "SetClipColor", "ClearClipColor", "AddFlag", "GetFlagList", "ClearFlags", "GetSourceStartFrame", "GetSourceEndFrame", "GetType",
    )  # fmt: skip

    def __init__(
        self, uid: str, name: str, start: int, length: int, pool: PoolItem | None = None, offset: int = 0, kind: str = "video",
        used: int | None = None, enabled: bool = True, off_by_one: bool = False,
    ) -> None:  # fmt: skip
        self.uid, self.name, self.start, self.length, self.pool, self.offset, self.kind = (
            uid,
            name,
            start,
            length,
            pool,
            offset,
            kind,
        )
        self.used, self.enabled, self.off_by_one = used if used is not None else length, enabled, off_by_one
        self.colour, self.flags = "", list[str]()
        self.keeps = True

    def GetName(self) -> str:
        return self.name

    def GetStart(self, subframes: bool = False) -> float:
        return float(self.start)

    def GetEnd(self, subframes: bool = False) -> float:
        return float(self.start + self.length)

    def GetDuration(self, subframes: bool = False) -> float:
        return float(self.length)

    def GetLeftOffset(self, subframes: bool = False) -> float:
        return float(self.offset)

    def GetMediaPoolItem(self) -> PoolItem | None:
        return self.pool

    def GetUniqueId(self) -> str:
        return self.uid

    def GetClipEnabled(self) -> bool:
        return self.enabled

    def GetType(self) -> str:
        return self.kind

    def GetSourceStartFrame(self) -> int:
        return self.offset + int(self.off_by_one)

    def GetSourceEndFrame(self) -> int:
        return self.offset + self.used - 1 + int(self.off_by_one)

    def GetClipColor(self) -> str:
        return self.colour

    def SetClipColor(self, name: str) -> bool:
        if name not in CLIP_COLOURS:
            return False
        if self.pool is not None and self.keeps:
            self.colour = name
        return True  # generators say True, and keep nothing

    def ClearClipColor(self) -> bool:
        self.colour = ""
        return True

    def AddFlag(self, name: str) -> bool:
        if name not in MARKER_COLOURS:
            return False
        if name not in self.flags:
            self.flags.append(name)
        return True

    def GetFlagList(self) -> list[str]:
        return list(self.flags)

    def ClearFlags(self, name: str) -> bool:
        self.flags = [] if name == "All" else [each for each in self.flags if each != name]
        return True


class Timeline(Thing):
    """A timeline."""

    calls = (
        "GetName", "GetStartFrame", "GetEndFrame", "GetStartTimecode", "GetTrackCount", "GetTrackName", "GetItemListInTrack", "GetSetting",
        "GetMarkers", "AddMarker", "DeleteMarkerAtFrame", "Export", "GetCurrentTimecode", "SetCurrentTimecode", "GetUniqueId",
    )  # fmt: skip

    def __init__(self, name: str = "reel 1", start: int = 86400, code: str = "01:00:00:00", rate: object = "24") -> None:
        self.name, self.start, self.code, self.rate = name, start, code, rate
        self.tracks: dict[str, list[list[TimelineItem]]] = {"video": [[]], "audio": []}
        self.markers: dict[int, dict[str, Any]] = {}
        self.floats = False
        self.playhead, self.page = code, "edit"
        self.files: dict[str, str] = {}
        self.drops_markers = False

    def add(self, item: TimelineItem, track: int = 1, kind: str = "video") -> TimelineItem:
        """Put an item on a track."""
        rows = self.tracks[kind]
        while len(rows) < track:
            rows.append([])
        rows[track - 1].append(item)
        return item

    def length(self) -> int:
        """Frames."""
        return max((item.start + item.length for row in self.tracks["video"] for item in row), default=self.start) - self.start

    def GetName(self) -> str:
        return self.name

    def GetUniqueId(self) -> str:
        return f"timeline {self.name}"

    def GetStartFrame(self) -> int:
        return self.start

    def GetEndFrame(self) -> int:
        return self.start + self.length()

    def GetStartTimecode(self) -> str:
        return self.code

    def GetSetting(self, name: str) -> object:
        assert name == "timelineFrameRate"
        return self.rate

    def GetTrackCount(self, kind: str) -> int:
        return len(self.tracks[kind])

    def GetTrackName(self, kind: str, index: int) -> str:
        assert 1 <= index <= len(self.tracks[kind]), "tracks count from 1"
        return f"{kind.capitalize()} {index}"

    def GetItemListInTrack(self, kind: str, index: int) -> list[TimelineItem]:
        assert 1 <= index <= len(self.tracks[kind]), "tracks count from 1"
        return list(self.tracks[kind][index - 1])

    def GetMarkers(self) -> dict[Any, dict[str, Any]]:
        return {float(frame) if self.floats else frame: dict(each) for frame, each in self.markers.items()}

    def AddMarker(self, frame: int, colour: str, name: str, note: str, duration: int, data: str = "") -> bool:
        assert isinstance(frame, int)
        assert isinstance(duration, int)
        if frame in self.markers or colour not in MARKER_COLOURS or not 0 <= frame < max(1, self.length()):
            return False
        if not self.drops_markers:
            self.markers[frame] = {"color": colour, "name": name, "note": note, "duration": duration, "customData": data}
        return True

    def DeleteMarkerAtFrame(self, frame: int) -> bool:
        return self.markers.pop(frame, None) is not None

    def GetCurrentTimecode(self) -> str:
        return self.playhead

    def SetCurrentTimecode(self, code: str) -> bool:
        if self.page in ("edit", "color"):
            self.playhead = code
        return True

    def Export(self, path: str, kind: object, part: object) -> bool:
        if isinstance(kind, str):
            return False
        text = self.files.get({1.0: ".otio", 2.0: ".edl"}.get(kind, "") if isinstance(kind, float) else "", "")
        if text and not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
        return True  # whatever came of it


class Project(Thing):
    """The open project."""

    calls = ("GetCurrentTimeline", "GetName")

    def __init__(self, timeline: Timeline | None) -> None:
        self.timeline = timeline

    def GetCurrentTimeline(self) -> Timeline | None:
        return self.timeline

    def GetName(self) -> str:
        return "project"


class Manager(Thing):
    """The project manager."""

    calls = ("GetCurrentProject",)

    def __init__(self, project: Project | None) -> None:
        self.project = project

    def GetCurrentProject(self) -> Project | None:
        return self.project


class Resolve(Thing):
    """The application."""

    calls = ("GetProjectManager", "GetVersionString", "GetProductName", "EXPORT_OTIO", "EXPORT_EDL", "EXPORT_NONE")
    EXPORT_OTIO, EXPORT_EDL, EXPORT_NONE = 1.0, 2.0, 0.0

    def __init__(self, timeline: Timeline | None) -> None:
        self.manager = Manager(Project(timeline))
        self.closed = False

    def GetProjectManager(self) -> Manager:
        if self.closed:
            raise RuntimeError("the connection is gone")
        return self.manager

    def GetVersionString(self) -> str:
        return "20.3.2.9"

    def GetProductName(self) -> str:
        return "DaVinci Resolve Studio"
