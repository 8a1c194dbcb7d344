"""What an artist can do: each a menu command, and each safe to call from a script."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from typing import Any

import nuke

from genai_tags import deskline, tagging
from genai_tags.carriers.host import encode_text
from genai_tags.comp.elements import Element, elements, placed, with_views
from genai_tags.comp.stored import script_digest, store
from genai_tags.comp.walk import EVERY, Visit
from genai_tags.errors import GenAITagsError, UsageError
from genai_tags.evidence import CleanMedia, CleanStatement
from genai_tags.frames import Folders, Media
from genai_tags.model import Stub, TagSet
from genai_tags.person import person
from genai_tags.show import Show
from genai_tags.status import Status
from genai_tags.stubs import KEY_ENCODED
from genai_tags_nuke import background, badges, knob
from genai_tags_nuke.graph import Graph
from genai_tags_nuke.log import guarded, say, warn
from genai_tags_nuke.session import SESSION, judged, plan, script_folder, script_path, writes

SETTLED = (Status.ALLOWED, Status.APPROVED, Status.CLEAN, Status.CLEAN_INFERRED, Status.OUTSIDE_SCOPE)


def _show() -> Show:
    """The show. Raises UsageError where there is none."""
    show = SESSION.show()
    if show is None:
        raise UsageError("no show is open: set GENAI_SHOW, or save the script below the show's folder")
    return show


def asked(title: str, *lines: str) -> list[str] | None:
    """What the artist types into a small panel; None where they leave it."""
    panel = nuke.Panel(title)
    for line in lines:
        panel.addSingleLineInput(line, "")
    if not panel.show():
        return None
    return [str(panel.value(line) or "").strip() for line in lines]


# ---------------------------------------------------------------- nodes


@guarded
def tag_selected() -> None:
    """Ask for a tag's id and put it on the selected nodes."""
    nodes = nuke.selectedNodes()
    if not nodes:
        say("select the nodes that bring the element first")
        return
    given = asked("Tag the selected nodes", "Tag id (several: spaces between)")
    if given and given[0]:
        tag_nodes(nodes, given[0].split())
        say(f"{given[0]} is on {', '.join(node.fullName() for node in nodes)}")


def tag_nodes(nodes: Iterable[Any], ids: Sequence[str]) -> None:
    """Put tags on nodes, beside what is there. Raises UsageError for a tag that the ledger lacks."""
    stubs = _show().stubs(ids)
    for node in nodes:
        _change(node, stubs)
    badges.touch()


def _change(node: Any, stubs: Sequence[Stub]) -> None:
    tags, problems = knob.get(node)
    if problems:
        warn(f"{node.fullName()}: its tags were damaged and are replaced ({problems[0]})")
    if tags.newer:
        raise UsageError(f"{node.fullName()} holds tags of a newer genai_tags; update genai_tags to change them")
    try:
        knob.put(node, tagging.adding(stubs)(tags))
    except (RuntimeError, ValueError, TypeError) as error:
        raise UsageError(f"{node.fullName()} takes no tag: {error}") from None


@guarded
def untag_selected() -> None:
    """Take all tags off the selected nodes. What their media carries stays."""
    nodes = nuke.selectedNodes()
    for node in nodes:
        knob.put(node, TagSet())
    say(f"no tag is on {', '.join(node.fullName() for node in nodes)} any more" if nodes else "select the nodes first")
    badges.touch()


# ---------------------------------------------------------------- media


def _media(nodes: Iterable[Any]) -> list[Media]:
    """What nodes read. Raises UsageError where that is nothing."""
    graph, folders, found = Graph(), Folders(), []
    for element in _elements(graph, nodes):
        for path in with_views(placed(element.path or "", script_folder()), nuke.views()) if element.path else ():
            media = folders.media(path)
            if media is not None:
                found.append(media)
    if not found:
        raise UsageError("none of the selected nodes reads media that is there")
    return found


def _elements(graph: Graph, nodes: Iterable[Any]) -> list[Element]:
    wrapped = [graph.node(node) for node in nodes]
    return elements(Visit(node, EVERY, badges.reads(node)) for node in wrapped)


@guarded
def tag_media() -> None:
    """Ask for a tag's id and put it on the media of the selected Reads: into the files themselves, and the ledger."""
    given = asked("Tag the media of the selected nodes", "Tag id (several: spaces between)")
    if not given or not given[0]:
        return
    show, by, media = _show(), person(), _media(nuke.selectedNodes())
    change = tagging.adding(show.stubs(given[0].split()))

    def work() -> list[tagging.Outcome]:
        outcomes = [tagging.apply(show, each, change) for each in media]
        for outcome in outcomes:
            tagging.record(show, outcome, by)
        return outcomes

    background.beside(f"tagging {id(media)}", work, _told)


def _told(outcomes: Sequence[tagging.Outcome]) -> None:
    for outcome in outcomes:
        done = len(outcome.native) + len(outcome.beside)
        say(f"{outcome.media.path}: tagged {done} frame(s), {len(outcome.unchanged)} already so")
        for problem in outcome.problems[:3]:
            warn(str(problem))
    badges.touch()


@guarded
def clean_media() -> None:
    """Record a signed statement that the media of the selected Reads holds no GenAI."""
    given = asked("No GenAI in the media of the selected nodes", "Paper or mail that says so", "Given by (empty: you)", "Role")
    if not given:
        return
    if not given[0]:
        warn("a clean statement needs its paper or mail; nothing was recorded")
        return
    show, by, media = _show(), person(), _media(nuke.selectedNodes())
    for each in media:
        if any(item.tags.stubs or item.tags.more for item in tagging.read(each)):
            raise UsageError(f"{each.path} carries tags: it is not clean")
    statement = CleanStatement(
        media=tuple(CleanMedia(path=show.relative(each.identity), frames=each.frames) for each in media),
        given_by=given[1] or by, role=given[2] or None, date=show.today(), ref=given[0],
    )  # fmt: skip
    event = show.state_clean(statement, by)
    say(f"recorded clean statement {event.id} for {', '.join(each.path for each in statement.media)}")
    badges.touch()


# ---------------------------------------------------------------- looking


def select(names: Iterable[str]) -> None:
    """Select nodes, and them alone, and frame them."""
    for node in nuke.selectedNodes():
        node.setSelected(False)
    found = [node for name in names if (node := nuke.toNode(name.partition(".genai_output")[0])) is not None]
    for node in found:
        node.setSelected(True)
    if found:
        nuke.zoomToFitSelected()


@guarded
def next_unsettled() -> None:
    """Select the next node whose badge is not settled, in the order of their names."""
    names = sorted(name for name, status in badges.every() if status not in SETTLED)
    if not names:
        say("every badge is settled; a node without one was not spoken of")
        return
    now = [node.fullName() for node in nuke.selectedNodes()]
    behind = [name for name in names if not now or name > max(now)]
    select([(behind or names)[0]])


@guarded
def what_feeds() -> None:
    """Select what brings GenAI into the selected Write."""
    chosen = [node for node in nuke.selectedNodes() if node.Class() in ("Write", "DeepWrite")] or writes()
    names: dict[str, None] = {}
    for output in judged(SESSION.show(), [plan(node) for node in chosen], glance=True):
        names.update(dict.fromkeys(name for standing in output.standings for name in standing.sources))
        names.update(dict.fromkeys(s.key for s in output.suspects if s.status is not Status.ALLOWED))
    if names:
        select(names)
    else:
        say("nothing known brings GenAI into it; sources that nobody spoke of may")


# ---------------------------------------------------------------- farms


@guarded
def store_sets() -> None:
    """Put what every Write inherits beside the script, for a farm that renders chunks of it."""
    path, show = script_path(), SESSION.show()
    if path is None:
        say("save the script first: what its Writes inherit is put beside it")
    if path is None or show is None:
        return
    graph = Graph()
    plans = [plan(write, graph) for write in writes()]
    digest = script_digest(path)

    def done(where: str | None) -> None:
        if where:
            say(f"stored what the Writes inherit in {where}")

    background.beside("store", lambda: store(path, judged(show, plans, glance=False), digest), done)


@guarded
def metadata_node() -> None:
    """Put a ModifyMetaData before the selected Write that carries what it inherits: for a farm without this plugin.

    Nuke writes it with the Write's metadata on "default metadata and exr/*" or more. It is what was true when it was made.
    """
    chosen = [node for node in nuke.selectedNodes() if node.Class() in ("Write", "DeepWrite")]
    if not chosen:
        say("select a Write first")
    for write in chosen:
        output = judged(SESSION.show(), [plan(write)], glance=False)[0]
        if not output.tags:
            say(f"{write.fullName()} inherits no tag; there is nothing to carry")
            continue
        text = f"{{set exr/{KEY_ENCODED} {encode_text(output.tags)}}}"
        there = write.input(0)
        with nuke.Undo():
            if there is not None and there.Class() == "ModifyMetaData" and KEY_ENCODED in there["metadata"].toScript():
                there["metadata"].fromScript(text)
            else:
                node = nuke.nodes.ModifyMetaData(metadata=text)
                node.setInput(0, there)
                write.setInput(0, node)
        say(f"{write.fullName()} carries what it inherits now by {write.input(0).fullName()}")
        level = write.knob("metadata")
        if level is not None and str(level.value()) in ("no metadata", "default metadata"):
            warn(f"{write.fullName()} writes {level.value()!r}: frames carry it from 'default metadata and exr/*' on")


# ---------------------------------------------------------------- the desk


@guarded
def open_desk() -> None:
    """Open the desk beside Nuke, or bring the show up to date in the one that is open."""
    folder = _show().config.folder
    try:
        deskline.call("refresh", folder)
        return
    except GenAITagsError:
        pass
    subprocess.Popen([*_command(), "view", folder], env=_environment(), close_fds=True)


def _command() -> list[str]:
    """The command line of genai_tags, by the Python that installed this plugin: never Nuke's own."""
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "genai_tags_install.json")
    try:
        with open(path, encoding="utf-8") as stream:
            python = str(json.load(stream)["python"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            f"{path} is not there or damaged: install the plugin again (genai-tags plugins install nuke)"
        ) from None
    if not os.path.exists(python):
        raise UsageError(
            f"{python}, which installed this plugin, is not on this machine; install genai_tags here, and the plugin again"
        )
    return [python, "-m", "genai_tags"]


def _environment() -> dict[str, str]:
    """The environment without what Nuke put there for itself: its Python and its Qt would break another program's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QT_", "QML", "LD_", "DYLD_"))}
    return {**ours, "PYTHONIOENCODING": "utf-8"}
