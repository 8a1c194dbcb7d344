"""Put sets on media and take them off: natively where that is safe, else in a sidecar; and say so in the ledger."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from genai_tags.carriers import exr, sidecar
from genai_tags.carriers.exr import NOTHING, Carried
from genai_tags.carriers.protection import protection
from genai_tags.errors import GenAITagsError, MediaError, Problem, ProtectedMediaError, UnsupportedMediaError
from genai_tags.frames import Media
from genai_tags.model import FrameSet, Stub, TagSet
from genai_tags.show import Show
from genai_tags.stubs import encode_stub, in_header, make_set

THREADS = 4
"""Frames in flight: system calls release the GIL, so the flush of one frame hides behind the copy of another."""

Frame = int | None
Change = Callable[[TagSet], TagSet]


@dataclass(slots=True)
class Outcome:
    """What happened to one medium. ``beside`` says why frames went to the sidecar."""

    media: Media
    sets: dict[Frame, TagSet] = field(default_factory=dict)
    native: list[Frame] = field(default_factory=list)
    beside: dict[Frame, str] = field(default_factory=dict)
    unchanged: list[Frame] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadItem:
    """Frames that carry one set. ``frames`` is None for a single file without a frame number."""

    path: str
    frames: FrameSet | None
    tags: TagSet
    problems: tuple[Problem, ...] = ()
    clip: str | None = None


def read_frame(media: Media, frame: Frame, path: str, entries: Sequence[sidecar.Entry], *, bound: bool = True) -> Carried:
    """What one frame carries, by header or sidecar. ``bound``: also whether it is the very file that the sidecar was written
    for, which reads all of it. Raises MediaError."""
    carried = exr.read(path) if media.extension.lower() == ".exr" else NOTHING
    if not entries:
        return carried
    tags, problems = sidecar.tags_for(entries, frame)
    bad = sidecar.mismatch(entries, frame, path) if bound else None
    united, disagreement = sidecar.unite(carried.tags, tags)
    wrong = (*carried.problems, *problems, *([bad] if bad else []), *disagreement)
    return dataclasses.replace(carried, tags=united, problems=wrong)


def beside(media: Media) -> str:
    """Where a medium's sidecar lies."""
    return sidecar.sidecar_path(media.folder, media.stem, media.extension)


def read(media: Media) -> list[ReadItem]:
    """What a medium carries, frames with the same set together. Never stops at a bad frame."""
    groups: dict[tuple[Any, ...], list[Frame]] = defaultdict(list)
    sets: dict[tuple[Any, ...], tuple[TagSet, tuple[Problem, ...]]] = {}
    try:
        entries = sidecar.load(beside(media))
        extra: tuple[Problem, ...] = ()
    except MediaError as error:
        entries, extra = [], (Problem(error.path, error.message, "sidecar_damaged"),)
    for frame, path in media.files:
        try:
            carried = read_frame(media, frame, path, entries)
            problems = (*extra, *carried.problems)
            tags = carried.tags
        except MediaError as error:
            tags, problems = TagSet(), (*extra, Problem(path, error.message, error.code))
        key = (tags.digest, tags.more, tags.undeclared, tags.basis, str(tags.clean), problems)
        groups[key].append(frame)
        sets[key] = (tags, problems)
    return [_item(media, frames, *sets[key]) for key, frames in groups.items()]


def _item(media: Media, frames: list[Frame], tags: TagSet, problems: tuple[Problem, ...]) -> ReadItem:
    numbers = [frame for frame in frames if frame is not None]
    return ReadItem(media.path, FrameSet.of(numbers) if numbers else None, tags, problems)


def adding(stubs: Sequence[Stub], *, replace: bool = False) -> Change:
    """Add stubs to whatever is there (a newer revision takes the place of an older), or put them in its place: then nothing is
    left that nobody accounted for."""

    def change(tags: TagSet) -> TagSet:
        ids = {stub.id for stub in stubs}
        kept = [] if replace else [stub for stub in tags.stubs if stub.id not in ids]
        made = make_set([*kept, *stubs])  # a clean mark does not stay beside a tag
        return made if replace else dataclasses.replace(made, undeclared=tags.undeclared)

    return change


def removing(ids: Iterable[str]) -> Change:
    """Take these tags off, or all of them where none is named."""
    unwanted = set(ids)

    def change(tags: TagSet) -> TagSet:
        kept = make_set([s for s in tags.stubs if s.id not in unwanted])
        return dataclasses.replace(kept, clean=tags.clean, undeclared=tags.undeclared) if unwanted else TagSet()

    return change


def marking_clean(mark: Mapping[str, str]) -> Change:
    """Mark media with a clean statement."""
    return lambda tags: dataclasses.replace(tags, clean=dict(mark))


def apply(show: Show | None, media: Media, change: Change, done: Callable[[], None] = lambda: None) -> Outcome:
    """Change the set of every frame of a medium. Frames that cannot be changed are problems; the others are done."""
    outcome = Outcome(media)
    try:
        entries = sidecar.load(beside(media))
    except MediaError as error:
        outcome.problems.append(Problem(error.path, error.message, "sidecar_damaged"))
        return outcome

    def one(item: tuple[Frame, str]) -> None:
        frame, path = item
        try:
            _apply_frame(show, media, frame, path, entries, change, outcome)
        except MediaError as error:
            outcome.problems.append(Problem(path, error.message, error.code))
        except (GenAITagsError, OSError) as error:
            outcome.problems.append(Problem(path, str(error), "failed"))
        done()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, media.files))
    _save_beside(outcome, bool(entries))
    return outcome


def _apply_frame(
    show: Show | None, media: Media, frame: Frame, path: str, entries: Sequence[sidecar.Entry], change: Change, outcome: Outcome
) -> None:
    carried = read_frame(media, frame, path, entries)
    before = show.full_set(carried.tags) if show is not None else carried.tags
    if before.newer:
        raise UnsupportedMediaError(path, "carries tags of a newer genai_tags; update genai_tags to change them")
    wanted = change(before)
    if before.more and wanted:
        raise UnsupportedMediaError(
            path, f"carries {before.more} more tags that are not at hand; they would be lost (merge the ledger that tagged it)"
        )
    is_exr = media.extension.lower() == ".exr"
    replaced = any(problem.code == "sidecar_mismatch" for problem in carried.problems)
    reason = protection(path) if is_exr else f"{media.extension or 'this kind of'} files carry no native tag"
    if reason is None:
        changed = exr.write(path, wanted)
        (outcome.native if changed else outcome.unchanged).append(frame)
        if (held := in_header(wanted)) < len(wanted.stubs):
            outcome.beside[frame] = f"the header holds {held} of {len(wanted.stubs)} tags"
    elif is_exr and _loses(exr.read(path).tags, wanted):
        raise ProtectedMediaError(path, f"keeps the tags in its header: {reason}")
    elif replaced or (before.digest, before.clean, before.undeclared) != (wanted.digest, wanted.clean, wanted.undeclared):
        outcome.beside[frame] = reason
    else:
        outcome.unchanged.append(frame)
    outcome.sets[frame] = wanted


def _loses(header: TagSet, wanted: TagSet) -> bool:
    """Whether a header that may not be touched holds what is unwanted."""
    return bool(set(header.stubs) - set(wanted.stubs)) or header.undeclared > wanted.undeclared


def _save_beside(outcome: Outcome, exists: bool) -> None:
    """Frames whose whole set fits the header leave the sidecar; the others enter it."""
    media = outcome.media
    paths = dict(media.files)
    native = set(outcome.native) | set(outcome.unchanged)
    changes = {frame: tags if frame in outcome.beside else TagSet() for frame, tags in outcome.sets.items()}
    bound = {f: paths[f] for f in outcome.beside if f not in native and (outcome.sets[f] or outcome.sets[f].clean)}
    try:
        if outcome.beside or (exists and outcome.native):
            kept = {f: t for f, t in changes.items() if f in outcome.beside or f in outcome.native}
            sidecar.save(beside(media), kept, bound)
    except MediaError as error:
        outcome.problems.append(Problem(error.path, error.message, error.code))
        for frame in outcome.beside:
            outcome.sets.pop(frame, None)


def record(show: Show, outcome: Outcome, by: str) -> None:
    """Write into the ledger which frames carry which set now, in place of what it said of them before."""
    touched = set(outcome.sets)
    if not touched:
        return
    relative = show.relative(outcome.media.identity)
    wanted: dict[str | None, tuple[TagSet, set[Frame]]] = {}
    for frame, tags in outcome.sets.items():
        wanted.setdefault(tags.digest, (tags, set()))[1].add(frame)
    removes = []
    for old in show.tagged(relative):
        frames: set[Frame] = set(old.frames) if old.frames is not None else {None}
        if not frames & touched:
            continue
        removes.append(old.event)
        if frames - touched:
            rest = make_set(old.stubs)
            wanted.setdefault(rest.digest, (rest, set()))[1].update(frames - touched)
    details = _details(show, outcome.media)
    events = [(tags, frames) for tags, frames in wanted.values() if tags.stubs]
    if not events and removes:
        show.record_media([], TagSet(), by, removes)
    for i, (tags, frames) in enumerate(events):
        numbers = [frame for frame in frames if frame is not None]
        item = {"path": relative, "frames": str(FrameSet.of(numbers)) if numbers else None, **details(frames)}
        show.record_media([item], tags, by, removes if i == 0 else ())


def _details(show: Show, media: Media) -> Callable[[set[Frame]], dict[str, Any]]:
    """What else finds these frames in a cut: shot and version by name, reel and source timecode by header."""
    name = show.parse_name(media.stem)
    paths = dict(media.files)

    def details(frames: set[Frame]) -> dict[str, Any]:
        found: dict[str, Any] = {"shot": name.shot, "version": name.version}
        here = sorted((frame for frame in frames if frame in paths), key=lambda f: (f is not None, f))
        if here and media.extension.lower() == ".exr":
            carried = exr.read(paths[here[0]])
            rate = carried.rate
            found.update(reel=carried.reel, start=carried.timecode, rate=f"{rate[0]}/{rate[1]}" if rate and rate[1] else None)
        return {key: value for key, value in found.items() if value is not None}

    return details


def read_item_document(item: ReadItem) -> dict[str, Any]:
    """An item as ``genai-tags read`` prints it."""
    found: dict[str, Any] = {
        "path": item.path, "frames": str(item.frames) if item.frames is not None else None, "set": item.tags.digest,
        "tags": [encode_stub(stub) for stub in item.tags.stubs], "more": item.tags.more, "undeclared": item.tags.undeclared, "basis": item.tags.basis.value,
        "clean": dict(item.tags.clean) if item.tags.clean is not None else None,
        "problems": [{"code": p.code, "message": p.message, "path": p.path} for p in item.problems],
    }  # fmt: skip
    if item.clip is not None:
        found["clip"] = item.clip
    return found
