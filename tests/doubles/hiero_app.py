"""A strict double of Hiero and Nuke Studio, and of what their OTIO exporter and importer keep and drop (facts/nuke.md 5)."""

from __future__ import annotations

import copy
import itertools
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import opentimelineio as otio

from tests.doubles.nuke_app import _Strict

COLOURS = {"icons:status/TagApproved.png": "GREEN", "icons:status/TagBlocked.png": "RED"}
_SKIPPED = ("tag.start", "tag.length")


class DataCollection:
    """Strings only; a key that is missing raises."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def setValue(self, key: str, value: str) -> None:
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError("setValue takes strings")
        self._values[key] = value

    def value(self, key: str) -> str:
        if key not in self._values:
            raise RuntimeError(f"no key {key}")
        return self._values[key]

    def hasKey(self, key: str) -> bool:
        return key in self._values

    def dict(self) -> dict[str, str]:
        return dict(self._values)


class Tag:
    """A tag. ``addTag`` keeps a copy, and gives that back."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str, icon: str = "") -> None:
        self._name, self._icon, self._note, self._visible = name, icon, "", True
        self._metadata = DataCollection()
        self._metadata.setValue("tag.applieswhole", "1")

    def name(self) -> str:
        return self._name

    def icon(self) -> str:
        return self._icon

    def setIcon(self, icon: str) -> None:
        assert icon.startswith("icons:")
        self._icon = icon

    def note(self) -> str:
        return self._note

    def setNote(self, note: str) -> None:
        self._note = note

    def visible(self) -> bool:
        return self._visible

    def setVisible(self, on: bool) -> None:
        self._visible = on

    def metadata(self) -> DataCollection:
        return self._metadata


class _Taggable:
    def __init__(self, project: Project, name: str) -> None:
        self._project, self._name = project, name
        self._tags: list[Tag] = []

    def name(self) -> str:
        return self._name

    def project(self) -> Project:
        return self._project

    def tags(self) -> tuple[Tag, ...]:
        return tuple(self._tags)

    def addTag(self, tag: Tag) -> Tag:
        self._project.write()
        kept = copy.deepcopy(tag)
        self._tags.append(kept)
        return kept

    def removeTag(self, tag: Tag) -> None:
        self._project.write()
        self._tags = [each for each in self._tags if each is not tag]


class FileInfo:
    """One file of a media source."""

    def __init__(self, name: str, start: int) -> None:
        self._name, self._start = name, start

    def filename(self) -> str:
        return self._name

    def startFrame(self) -> int:
        return self._start


class MediaSource:
    """Where a clip's media lies."""

    def __init__(self, path: str, start: int) -> None:
        self._infos = [FileInfo(path, start)] if path else []

    def fileinfos(self) -> list[FileInfo]:
        return list(self._infos)


class Clip(_Taggable):
    """A clip in a bin."""

    def __init__(self, project: Project, name: str, path: str, start: int) -> None:
        super().__init__(project, name)
        self._source = MediaSource(path, start)

    def mediaSource(self) -> MediaSource:
        return self._source


class TrackItem(_Taggable):
    """A clip in use. ``sourceIn`` and ``sourceOut`` count from the clip's first frame, both inclusive. Nobody said that it can be
    hashed."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, project: Project, name: str, clip: Clip, first: float, last: float) -> None:
        super().__init__(project, name)
        self._clip, self._first, self._last = clip, first, last

    def source(self) -> Clip:
        return self._clip

    def sourceIn(self) -> float:
        return self._first

    def sourceOut(self) -> float:
        return self._last


class BinItem:
    """What a bin shows of a clip."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip

    def activeItem(self) -> Clip:
        return self._clip


class VideoTrack:
    """Tracks come in the same selection as items."""


class Project:
    """A project. What is changed outside an undo step is a violation."""

    def __init__(self, app: HieroApp, path: str) -> None:
        self.app, self._path = app, path
        self.steps: list[str] = []
        self._open = 0

    def path(self) -> str:
        return self._path

    @contextmanager
    def beginUndo(self, name: str) -> Iterator[None]:
        self.steps.append(name)
        self._open += 1
        yield
        self._open -= 1

    def write(self) -> None:
        if not self._open:
            self.app.violations.append("the project was changed outside an undo step")


class Menu:
    """A context menu while it is open."""

    def __init__(self) -> None:
        self.actions: dict[str, Callable[[], object]] = {}

    def addAction(self, action: tuple[str, Callable[[], object]]) -> None:
        self.actions[action[0]] = action[1]


class HieroApp:
    """One running Hiero."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.printed: list[str] = []
        self.handlers: dict[str, list[Callable[[Any], None]]] = {}

    def modules(self) -> dict[str, types.ModuleType]:
        """What is imported as ``hiero``."""
        hiero, core, events, ui = (_Strict(name) for name in ("hiero", "hiero.core", "hiero.core.events", "hiero.ui"))
        vars(events)["registerInterest"] = self._register
        vars(core).update(Tag=Tag, TrackItem=TrackItem, Clip=Clip, BinItem=BinItem, events=events)
        vars(ui).update(createMenuAction=lambda title, call: (title, call), mainWindow=lambda: None)
        vars(hiero).update(core=core, ui=ui, __path__=[])
        vars(core)["__path__"] = []
        return {"hiero": hiero, "hiero.core": core, "hiero.core.events": events, "hiero.ui": ui}

    def _register(self, event: str, call: Callable[[Any], None]) -> None:
        assert event.count("/") == 1
        assert event.split("/")[1] in ("kTimeline", "kSpreadsheet", "kBin", "kViewer"), "a wrong name is silently never called"
        self.handlers.setdefault(event, []).append(call)

    def menu(self, *selection: Any, where: str = "kTimeline") -> Menu:
        """Open the context menu on a selection."""
        menu = Menu()
        sender = types.SimpleNamespace(selection=lambda: list(selection) or None)
        for call in self.handlers.get(f"kShowContextMenu/{where}", ()):
            try:
                call(types.SimpleNamespace(sender=sender, menu=menu))
            except Exception as error:
                self.violations.append(f"ERROR: Error in event handler: {error!r}")
        return menu


# ------------------------------------------------------------ what Nuke Studio's OTIO keeps


def _markers(found: tuple[Tag, ...]) -> list[otio.schema.Marker]:
    made = []
    for tag in found:
        marker = otio.schema.Marker(name=tag.name())
        if tag.icon() in COLOURS:
            marker.color = COLOURS[tag.icon()]
        kept = {key: value for key, value in tag.metadata().dict().items() if key not in _SKIPPED}
        marker.metadata["nuke"] = {"icon": tag.icon(), "visible": tag.visible(), **kept}
        made.append(marker)
    return made


def export_otio(items: list[TrackItem], path: str, *, beta: bool = False) -> None:
    """Nuke Studio's export. ``beta`` is that of 15.0, which leaves tags out; later ones make markers of them."""
    timeline = otio.schema.Timeline("cut")
    timeline.metadata["nuke"] = {"version": "15.2"}
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for item in items:
        info = item.source().mediaSource().fileinfos()[0]
        start, length = info.startFrame() + item.sourceIn(), item.sourceOut() - item.sourceIn() + 1
        time = otio.opentime.RationalTime
        reference = otio.schema.ExternalReference(
            f"file://{info.filename()}", otio.opentime.TimeRange(time(info.startFrame(), 24), time(100, 24))
        )
        clip = otio.schema.Clip(item.name(), reference, otio.opentime.TimeRange(time(start, 24), time(length, 24)))
        if not beta:
            clip.markers.extend(_markers(item.tags()))
            markers = _markers(item.source().tags())
            if markers:
                reference.metadata["nuke"] = {"markers": markers}
        track.append(clip)
    otio.adapters.write_to_file(timeline, path)


def import_otio(app: HieroApp, path: str) -> list[TrackItem]:
    """Nuke Studio's import: of a marker only what lies under ``nuke`` and begins with ``tag.`` comes back, as text; a clip's own
    metadata does not come at all."""
    project = Project(app, path)
    found = []
    timeline = otio.adapters.read_from_file(path)
    with project.beginUndo("import"):
        for clip, number in zip(timeline.find_clips(), itertools.count()):
            url = clip.media_reference.target_url.removeprefix("file://")
            first = int(clip.media_reference.available_range.start_time.value)
            item = TrackItem(project, clip.name, Clip(project, f"clip{number}", url, first), clip.source_range.start_time.value - first,
                             clip.source_range.end_time_inclusive().value - first)  # fmt: skip
            for marker in clip.markers:
                kept = marker.metadata.get("nuke")
                tag = item.addTag(Tag(marker.name, kept["icon"] if kept else "icons:Tag.png"))
                if kept:
                    tag.setVisible(bool(kept["visible"]))
                    for key, value in kept.items():
                        if key.startswith("tag."):
                            tag.metadata().setValue(key, str(value))
            found.append(item)
    return found


def comp_metadata(item: TrackItem) -> str:
    """What Hiero's shot exporter writes into a comp's ModifyMetaData: quoted, with braces and backslashes escaped, nothing else."""

    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")

    lines = [f'{{set hiero/shot "{escaped(item.name())}"}}']
    for tag in item.tags():
        base = f"hiero/shot/tags/{escaped(tag.name())}"
        lines.append(f'{{set "{base}/note" "{escaped(tag.note())}"}}')
        for key, value in tag.metadata().dict().items():
            lines.append(f'{{set "{base}/{escaped(key.removeprefix("tag."))}" "{escaped(value)}"}}')
    return "\n".join(lines)
