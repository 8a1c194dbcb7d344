"""Frames, or all shots of a show, as a cut: what has no timeline can be conformed, reported and looked at all the same.

An event stands behind the other; timecodes are empty, for nobody cut anything.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from fractions import Fraction

from genai_tags.config import CONFIG_NAME
from genai_tags.cut.model import Cut, Event
from genai_tags.cut.read import BUNDLES, read_cut
from genai_tags.frames import MEDIA_EXTENSIONS, Media, is_pattern
from genai_tags.naming import version_number
from genai_tags.notation import expand
from genai_tags.show import Show
from genai_tags.timecode import DEFAULT_RATE

_Order = tuple[bool, int, str]
"""Whether there is a version number, the number, the path."""
_SHOT_FRAMES = 24
"""How long a shot of unknown length stands on a strip."""


def is_show(path: str) -> bool:
    """Whether a path is a show: its folder or its genai.yaml."""
    return os.path.basename(path) == CONFIG_NAME or os.path.isfile(os.path.join(path, CONFIG_NAME))


def show_of(paths: Sequence[str], show: str | None) -> tuple[Show, list[str]]:
    """The show that paths name, else the stated one, else the one that is found upward; and the paths that are no show.

    Raises ShowError or LedgerError.
    """
    shows = [path for path in paths if is_show(path)]
    return Show.open(shows[0] if shows else show), [path for path in paths if path not in shows]


def cut_of(show: Show, path: str, rate: Fraction | None = None) -> Cut:
    """A cut file, or frames (a media file, a pattern or a folder) as a cut. Raises InputError where a path is neither."""
    extension = os.path.splitext(path.rstrip("/\\"))[1].lower()
    is_media = extension in MEDIA_EXTENSIONS or (os.path.isdir(path) and extension not in BUNDLES) or is_pattern(path)
    return cut_of_media(show, expand(path), path, rate) if is_media else read_cut(path, rate, show.config.rate)


def cut_of_media(show: Show, found: Sequence[Media], name: str, rate: Fraction | None = None) -> Cut:
    """An event for each file or sequence, all its frames used."""
    events, place = [], 0
    stated = rate or _rate(show)
    for i, media in enumerate(found, 1):
        end = place + len(media.files)
        path = os.path.abspath(media.path)
        events.append(_event(stated, i, (place, end), "frames", media.stem, path=path))
        place = end
    return Cut(path=name, format="frames", rate=stated, events=tuple(events))


def cut_of_show(show: Show) -> Cut:
    """An event for each shot that a tag, tagged media or a clean statement names, under its latest tagged version."""
    state = show.state
    latest: dict[str, tuple[_Order, str]] = {}
    for media in state.media:
        if media.shot and media.stubs:
            number = version_number(media.version or "")
            order = (number is not None, number or 0, media.path)
            latest[media.shot] = max(latest.get(media.shot, (order, "")), (order, posixpath.basename(media.path)))
    plain = {
        shot: filed.statement.version
        for filed in state.clean
        for shot in filed.statement.shots
        if not set("*?[") & set(shot) and filed.withdrawn is None
    }
    shots = sorted(state.shots() | set(latest) | set(plain))
    events = [
        _event(_rate(show), i, ((i - 1) * _SHOT_FRAMES, i * _SHOT_FRAMES), "shots", _clip(latest, plain, shot), shot=shot)
        for i, shot in enumerate(shots, 1)
    ]
    return Cut(path=show.config.folder, format="shots", title=show.config.name, rate=_rate(show), events=tuple(events))


def _clip(latest: Mapping[str, tuple[_Order, str]], clean: Mapping[str, str | None], shot: str) -> str:
    """The name of the media, without frame and extension, where it names the shot; else the shot, as it was signed to be clean."""
    name = latest[shot][1] if shot in latest else ""
    if shot in name:
        return name.partition(".")[0]
    version = clean.get(shot)
    return f"{shot}_{version}" if version else shot


def _event(
    rate: Fraction,
    number: int,
    record: tuple[int, int],
    track: str,
    clip: str,
    *,
    path: str | None = None,
    shot: str | None = None,
) -> Event:
    return Event(
        number=f"{number:03d}", track=track, record_in="", record_out="", source_in="", source_out="", record=record,
        rate=rate, source_rate=rate, clip=clip, shot=shot, file=path,
    )  # fmt: skip


def _rate(show: Show) -> Fraction:
    return show.config.rate or DEFAULT_RATE
