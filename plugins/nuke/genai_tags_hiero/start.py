"""Menus of Hiero and Nuke Studio. Projects are changed when an editor asks for it, as one step of undo each, and never by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import hiero.core
import hiero.core.events
import hiero.ui

from genai_tags import tagging
from genai_tags.carriers import otio
from genai_tags.errors import UsageError
from genai_tags.model import TagSet
from genai_tags.stubs import make_set
from genai_tags_hiero import items, judging
from genai_tags_hiero.log import guarded, say

WHERE = ("kShowContextMenu/kTimeline", "kShowContextMenu/kSpreadsheet", "kShowContextMenu/kBin")


def register() -> None:
    """Add our entries to the context menus."""
    for event in WHERE:
        hiero.core.events.registerInterest(event, _menu)


@guarded
def _menu(event: Any) -> None:
    chosen = selected(event)
    if not chosen:
        return
    for title, call in (
        ("GenAI: refresh badges", refresh),
        ("GenAI: tag...", tag),
        ("GenAI: take tags off", untag),
        ("GenAI: put records into an exported OTIO...", into_otio),
    ):
        action = hiero.ui.createMenuAction(title, _bound(call, chosen))
        event.menu.addAction(action)


def _bound(call: Callable[[Sequence[Any]], object], chosen: Sequence[Any]) -> Callable[[], object]:
    return guarded(lambda: call(chosen))


def selected(event: Any) -> list[Any]:
    """The track items and clips of a selection; of a bin its clips."""
    if not hasattr(event.sender, "selection"):
        return []
    found = []
    for each in event.sender.selection() or ():
        item = each.activeItem() if isinstance(each, hiero.core.BinItem) else each
        if judging.clip_of(item) is not None:
            found.append(item)
    return found


def refresh(chosen: Sequence[Any]) -> None:
    """Draw what each item stands at now. Items that carry nothing keep no tag of ours; nobody said anything of them."""
    project = chosen[0].project()
    results = judging.judged(chosen, judging.show_of(project))
    with project.beginUndo("GenAI badges"):
        for item, output in results:
            items.show(item, output)
    carrying = sum(bool(output.tags) for _, output in results)
    clean = sum(output.status in items.CLEAN for _, output in results)
    rest = len(results) - carrying - clean
    say(
        f"{carrying} of {len(results)} item(s) carry GenAI tags, {clean} are signed clean; of {rest} nobody said anything, which is not clean"
    )


def tag(chosen: Sequence[Any]) -> None:
    """Ask for a tag's id and put it on the items."""
    ids = (ask("Tag id (several: spaces between)") or "").split()
    if not ids:
        return
    project = chosen[0].project()
    show = judging.show_of(project)
    if show is None:
        raise UsageError("no show is open: set GENAI_SHOW, or save the project below the show's folder")
    stubs = show.stubs(ids)
    with project.beginUndo("GenAI tag"):
        for item in chosen:
            items.put(item, tagging.adding(stubs)(items.get(item)[0]))
    refresh(chosen)


def untag(chosen: Sequence[Any]) -> None:
    """Take our tags off the items. What their media carries stays."""
    with chosen[0].project().beginUndo("GenAI untag"):
        for item in chosen:
            items.put(item, TagSet())


def into_otio(chosen: Sequence[Any]) -> None:
    """Put the items' records into a timeline that was exported: for versions whose exporter leaves tags out."""
    path = ask("The exported .otio file")
    if not path:
        return
    sets: dict[str, list[TagSet]] = {}
    for item in chosen:
        clip = judging.clip_of(item)
        for each in (item, clip) if clip is not None else (item,):
            sets.setdefault(item.name(), []).append(items.get(each)[0])
    united = {
        name: replace(
            make_set([stub for tags in each for stub in tags.stubs]), undeclared=max(tags.undeclared for tags in each)
        )
        for name, each in sets.items()
    }
    counts = otio.put_records(path, {name: tags for name, tags in united.items() if tags})
    missing = [name for name, count in counts.items() if not count]
    if not counts:
        say("none of the chosen items holds a tag of its own; tag them first (GenAI: tag...)")
        return
    say(f"{path}: records on {sum(counts.values())} clip(s)" + (f"; no clip is named {', '.join(missing)}" if missing else ""))


def ask(question: str) -> str | None:
    """A line that the editor types; None where they leave it."""
    try:
        from PySide6.QtWidgets import QInputDialog
    except ImportError:
        from PySide2.QtWidgets import QInputDialog  # type: ignore[import-not-found,no-redef]
    text, given = QInputDialog.getText(hiero.ui.mainWindow(), "GenAI", question)
    return text.strip() if given else None
