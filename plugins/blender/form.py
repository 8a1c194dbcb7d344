"""The form at work: what is filled in, what the rules say of it meanwhile, and declaring it. Nothing here draws."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import bpy

from genai_tags import questions
from genai_tags.codec import check_tag
from genai_tags.errors import UsageError
from genai_tags.model import Record, Step, Tag, Use
from genai_tags.person import person
from genai_tags.policy.asking import MatrixRow
from genai_tags.preview import Rulebook
from genai_tags.private import whole
from genai_tags.show import Judged
from genai_tags.status import Status
from genai_tags.vocabulary import Answer, Basis, Stage

from . import handlers, hooks, questionnaire, redraw
from .collect import pattern
from .log import guarded
from .session import SESSION

_PAUSE = 0.06
"""Seconds without a change before the verdict is made anew."""


@dataclass
class Said:
    """What the rules say of the form as it stands. ``remarks`` are what the tool register makes of a field, by the group's path and the
    field's name."""

    status: Status
    outcome: str
    judged: list[Judged]
    problems: list[str]
    remarks: dict[tuple[str, str], str] = field(default_factory=dict)


class _Form:
    """What the properties cannot hold."""

    def __init__(self) -> None:
        self.rules: Rulebook | None = None
        self.rows: list[MatrixRow] = []
        self.revises: str | None = None
        self.said: Said | None = None
        self.preset: list[tuple[str, str, str]] = []
        """What a row filled in: the path of what holds it, the field's name and the word."""
        self.begun: tuple[Any, ...] = ()


_FORM = _Form()


def is_open() -> bool:
    """Whether somebody is filling it in."""
    return _FORM.rules is not None


def said() -> Said | None:
    """What the rules said of it last."""
    return _FORM.said


def group() -> Any:
    """The properties."""
    return bpy.context.window_manager.genai_form


def rows() -> Sequence[MatrixRow]:
    """The rows of the policy's matrix."""
    return _FORM.rows


def row() -> MatrixRow | None:
    """The row that is chosen."""
    number = group().row
    return _FORM.rows[int(number)] if number and int(number) < len(_FORM.rows) else None


def revises() -> str | None:
    """The tag of which a new revision is filled in."""
    return _FORM.revises


# ---------------------------------------------------------------- filling in


def begin(scene: Any, names: Iterable[str]) -> None:
    """An empty form for an element used in the scene's shot, which one of ``names``, the render's or the file's own name says.
    Raises UsageError where no show is open."""
    show = SESSION.needed()
    render = os.path.basename(pattern(scene) or "")
    said_by = [show.parse_name(name).shot for name in (*names, render, os.path.basename(bpy.data.filepath), scene.name)]
    load(Tag(steps=(Step(),)), (Use(shot=next(filter(None, said_by), None), stage=Stage.FINAL),))


def load(tag: Tag, uses: Sequence[Use], revised: str | None = None) -> None:
    """Show a tag: one to revise, or one that was found and needs confirming. Raises UsageError where no show is open."""
    rules = Rulebook.of(SESSION.needed())
    forget()
    _FORM.revises = revised
    _FORM.rows = questions.rows(rules.packs)
    shown = group()
    questionnaire.show(shown.tag, Tag, tag, "tag")
    for use in uses:
        questionnaire.show(shown.uses.add(), Use, use, "use")
    questionnaire.show_facts(shown.facts, {name: kind for pack in rules.packs for name, kind in pack.facts.items()}, tag.facts)
    chosen = questions.row_of(_FORM.rows, tag, rules.judge(tag, uses))
    shown.row = str(_FORM.rows.index(chosen)) if chosen else ""
    _FORM.rules = rules
    _FORM.begun = _state()
    judge()


def is_touched() -> bool:
    """Whether something stands in the form that would be lost."""
    return is_open() and _state() != _FORM.begun


def _state() -> tuple[Any, ...]:
    try:
        return tag(), uses()
    except ValueError as error:
        return (str(error),)


def revise(tag_id: str) -> None:
    """Show a tag of the ledger, to record a new revision of it. Raises UsageError for one that the ledger lacks."""
    show = SESSION.needed()
    entry = show.current(tag_id, show.today())
    if entry is None:
        raise UsageError(f"the ledger holds no tag {tag_id}")
    record = whole(show, entry)
    load(record.tag, record.uses, tag_id)


def forget() -> None:
    """Put it away, with all that was filled in."""
    if bpy.app.timers.is_registered(_judge_later):
        bpy.app.timers.unregister(_judge_later)
    _FORM.__init__()  # type: ignore[misc]
    if bpy.context.window_manager is not None:
        questionnaire.clear(group())


def choose(number: str) -> None:
    """A row of the matrix says what it is about: what nobody stated yet is filled in, and taken back with another row."""
    for path, name, word in _FORM.preset:
        holder = group().path_resolve(path)
        if getattr(holder, name) == word:
            setattr(holder, name, "unsure" if word in ("yes", "no") else questionnaire.NOT_STATED)
    _FORM.preset.clear()
    group().row = number
    for path, word in questions.presets(row()).items():
        _fill(path, word)
    judge()


def _fill(path: str, word: str) -> None:
    shown = group()
    for fact in shown.facts:
        if f"facts.{fact.path}" == path and fact.is_answer and fact.answer == "unsure":
            fact.answer = word
            _FORM.preset.append((path_of(fact), "answer", word))
    uses = (pair for use in shown.uses for pair in questionnaire.every(use, Use, "use"))
    for holder, each in (*questionnaire.every(shown.tag, Tag, "tag"), *uses):
        is_choice = each.kind in (questionnaire.Kind.ANSWER, questionnaire.Kind.WORD)
        if each.path == path and is_choice and questionnaire.is_empty(holder, each):
            setattr(holder, each.name, word)
            _FORM.preset.append((path_of(holder), each.name, word))


def path_of(holder: Any) -> str:
    """Where a group lies in the form."""
    return str(holder.path_from_id()).partition("genai_form.")[2]


def _moved(preset: tuple[str, str, str], path: str, place: int) -> tuple[str, str, str] | None:
    """Where a filled-in field is after an item of a list was taken out; None where it went with it."""
    holder, name, word = preset
    match = re.match(rf"{re.escape(path)}\[(\d+)\]", holder)
    if match is None or int(match[1]) < place:
        return preset
    if int(match[1]) == place:
        return None
    return f"{path}[{int(match[1]) - 1}]{holder[match.end() :]}", name, word


def items(path: str) -> Any:
    """A list in the form by its path (``tag.steps``, ``tag.steps[0].inputs``, ``uses``)."""
    return group().path_resolve(path)


def add(path: str) -> None:
    """Put one more item into a list."""
    items(path).add()
    judge()


def remove(path: str, place: int) -> None:
    """Take an item out of a list."""
    items(path).remove(place)
    _FORM.preset = [moved for each in _FORM.preset if (moved := _moved(each, path, place)) is not None]
    judge()


# ---------------------------------------------------------------- what it says


def tag() -> Tag:
    """The tag as it stands; what a person looked over is declared. Raises ValueError for what cannot be read."""
    shown, chosen = group(), row()
    made: Tag = questionnaire.value(shown.tag, Tag, "tag")
    asked = {fact.path for fact in shown.facts}
    facts = {name: word for name, word in made.facts.items() if name not in asked} | questionnaire.stated_facts(shown.facts)
    return dataclasses.replace(made, use_case=chosen.use_case if chosen else None, facts=facts, basis=Basis.DECLARED)


def uses() -> tuple[Use, ...]:
    """The uses as they stand; one that says nothing is none. Raises ValueError for frames that cannot be read."""
    found = (questionnaire.value(use, Use, "use") for use in group().uses)
    return tuple(use for use in found if use != Use())


@guarded
def judge() -> None:
    """Make the verdict anew."""
    rules = _FORM.rules
    if rules is None:
        return
    try:
        stated, places = tag(), uses()
    except ValueError as error:
        _FORM.said = Said(Status.OPEN, "cannot be judged", [], [str(error)])
        redraw.now()
        return
    judged = rules.judge(stated, places)
    _FORM.said = Said(
        status=max((each.verdict.status for each in judged), key=lambda s: s.rank, default=Status.OPEN),
        outcome=max((each.verdict.assessment.outcome for each in judged), key=lambda o: o.rank).value.replace("_", " "),
        judged=judged, problems=[str(problem) for problem in check_tag(stated)], remarks=_remarks(rules, stated, places),
    )  # fmt: skip
    redraw.now()


def _remarks(rules: Rulebook, stated: Tag, places: Sequence[Use]) -> dict[tuple[str, str], str]:
    """What the register settles otherwise than it was stated."""
    filled, _ = rules.register.look(stated, next(iter(places), Use()), rules.today)
    shown = group().tag
    pairs: list[tuple[Any, Any, Any]] = [(shown.answers, stated.answers, filled.answers)]
    pairs += list(zip(shown.steps, stated.steps or (), filled.steps or (), strict=False))
    return {
        (holder.path_from_id(), each.name): f"register: {str(getattr(theirs, each.name)).replace('_', ' ')}"
        for holder, mine, theirs in pairs
        for each in questionnaire.fields(type(mine), "")
        if each.kind is not questionnaire.Kind.LIST
        and getattr(theirs, each.name) not in (None, Answer.UNSURE, getattr(mine, each.name))
    }


def _judge_later() -> None:
    judge()


def _changed() -> None:
    """Something was filled in. Judged a moment later, for a slider or a name changes many times."""
    if _FORM.rules is None or bpy.app.background:
        return
    if bpy.app.timers.is_registered(_judge_later):
        bpy.app.timers.unregister(_judge_later)
    bpy.app.timers.register(_judge_later, first_interval=_PAUSE)


def _tools() -> list[str]:
    return [each.tool for each in _FORM.rules.register.tools(_FORM.rules.today)] if _FORM.rules else []


def _tiers() -> list[str]:
    rules = _FORM.rules
    if rules is None:
        return []
    known = [rules.register.current(step.tool, rules.today) for step in group().tag.steps if step.tool]
    return list(dict.fromkeys(tier.name for each in known if each for tier in each.tiers))


def _shots() -> list[str]:
    show = SESSION.show()
    return sorted(show.state.shots()) if show is not None else []


# ---------------------------------------------------------------- declaring


def declare() -> Record:
    """Record what was filled in, and put the form away. Raises UsageError with what keeps it from being declared."""
    show = SESSION.needed()
    if _FORM.rules is None:
        raise UsageError("nothing is filled in")
    try:
        stated, places = tag(), uses()
    except ValueError as error:
        raise UsageError(str(error)) from None
    problems = check_tag(stated)
    if problems:
        raise UsageError("; ".join(map(str, problems)))
    show.check_facts(stated, "the form")
    record = show.declare(stated, places, person(), _FORM.revises)
    forget()
    return record


@guarded
def genai_tags_opened(*_: Any) -> None:
    """Another file is open."""
    forget()


_HANDLERS = (("load_post", genai_tags_opened),)


def register() -> None:
    """Add it."""
    questionnaire.register()
    hooks.listen(_changed, {"tool": _tools, "licence_tier": _tiers, "shot": _shots})
    handlers.add(_HANDLERS)


def unregister() -> None:
    """Take it away."""
    handlers.remove(_HANDLERS)
    forget()
    questionnaire.unregister()
