"""The form as Blender draws it: fields in the policy's order, and the verdict above them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import bpy

from genai_tags import questions
from genai_tags.errors import UsageError
from genai_tags.model import Tag, Use
from genai_tags.show import Judged
from genai_tags.status import BADGES

from . import compat, form, questionnaire, standing
from .operators import Tried, tag, taggable, targets
from .questionnaire import Field, Kind

_LETTER = 6.6
"""Pixels of a letter of Blender's interface font, on average, at a scale of 1."""


# ---------------------------------------------------------------- what can be done


class GENAI_OT_form_begin(Tried):
    """Declare an element that is not in the show's ledger yet"""

    bl_idname = "genai.form_begin"
    bl_label = "Declare an Element..."
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender reads a set

    def do(self, context: Any) -> str:
        """Open an empty form."""
        form.begin(compat.sequencer_scene(context), [each.name for each in targets(context)])
        return "Fill in the form below"


class GENAI_OT_form_revise(Tried):
    """Look over the facts of this tag and declare them anew"""

    bl_idname = "genai.form_revise"
    bl_label = "Revise"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    id: bpy.props.StringProperty()  # type: ignore[valid-type]

    def do(self, context: Any) -> str:
        """Open the form with a tag's facts."""
        if form.is_touched():
            raise UsageError("the form holds what nobody declared yet: declare it, or discard it first")
        form.revise(self.id)
        return f"Look over the facts of {self.id} below"


class GENAI_OT_form_discard(Tried):
    """Throw away what was filled in"""

    bl_idname = "genai.form_discard"
    bl_label = "Discard"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Ask, where something would be lost."""
        if form.is_touched():
            return set(context.window_manager.invoke_confirm(self, event))
        return self.execute(context)

    def execute(self, context: Any) -> set[str]:
        """Put the form away."""
        form.forget()
        return {"FINISHED"}


_ROWS: list[tuple[str, str, str]] = []
"""Blender keeps no copy of the items of a list that is made anew."""


def _rows(self: Any, context: Any) -> list[tuple[str, str, str]]:
    _ROWS[:] = [(str(i), row.title, row.message) for i, row in enumerate(form.rows())] or [("", "", "")]
    return _ROWS


class GENAI_OT_form_row(bpy.types.Operator):  # type: ignore[misc]
    """Which row of the policy's matrix the element is; what the row settles is filled in"""

    bl_idname = "genai.form_row"
    bl_label = "Use Case"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    row: bpy.props.EnumProperty(items=_rows)  # type: ignore[valid-type]

    def execute(self, context: Any) -> set[str]:
        """Choose it."""
        form.choose(self.row)
        return {"FINISHED"}


class GENAI_OT_form_item(bpy.types.Operator):  # type: ignore[misc]
    """Add one, or take this one out"""

    bl_idname = "genai.form_item"
    bl_label = "Add"
    bl_options = {"INTERNAL"}  # noqa: RUF012

    path: bpy.props.StringProperty()  # type: ignore[valid-type]
    place: bpy.props.IntProperty(default=-1)  # type: ignore[valid-type]

    def execute(self, context: Any) -> set[str]:
        """Do it."""
        if self.place < 0:
            form.add(self.path)
        else:
            form.remove(self.path, self.place)
        return {"FINISHED"}


class GENAI_OT_form_text(bpy.types.Operator):  # type: ignore[misc]
    """Write a private text. It stays between you and the ledger's private folder: edited in place, Blender would log it"""

    bl_idname = "genai.form_text"
    bl_label = "Private Text"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - not REGISTER: what is registered is logged

    path: bpy.props.StringProperty(options={"SKIP_SAVE"})  # type: ignore[valid-type]
    name: bpy.props.StringProperty(options={"SKIP_SAVE"})  # type: ignore[valid-type]
    text: bpy.props.StringProperty(subtype="PASSWORD", options={"SKIP_SAVE"})  # type: ignore[valid-type]
    """Of every other kind of text Blender writes what was typed into its log, and into its crash report."""

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Show what is there."""
        self.text = getattr(form.group().path_resolve(self.path), self.name)
        return set(context.window_manager.invoke_props_dialog(self, width=560, title=questions.label(self.name)))

    def draw(self, context: Any) -> None:
        """One line, ready to be written in or pasted into: stars while it is written, and the text below."""
        self.layout.activate_init = True
        self.layout.prop(self, "text", text="")
        _wrapped(self.layout, self.text, 80)

    def execute(self, context: Any) -> set[str]:
        """Keep it."""
        setattr(form.group().path_resolve(self.path), self.name, self.text)
        form.judge()
        return {"FINISHED"}


class GENAI_OT_declare(Tried):
    """Record the element in the show's ledger, and tag what is selected with it"""

    bl_idname = "genai.declare"
    bl_label = "Declare and Tag"
    bl_options = {"UNDO"}  # noqa: RUF012 - not REGISTER: it is never run again by itself

    def do(self, context: Any) -> str:
        """Record it; the ledger forgets nothing, so undo takes the tag off again and no more."""
        found = targets(context)
        if not found:
            raise UsageError("select what the element is")
        taggable(found)  # before anything is recorded
        record = form.declare()
        return f"{record.id}, revision {record.revision}, is on {tag(found, [record.id])} datablock(s)"


# ---------------------------------------------------------------- drawing


class FormPanel:
    """Filled in beside the work; it waits while another strip or node is chosen."""

    bl_label = "Declare"
    bl_category = "GenAI"
    bl_region_type = "UI"

    layout: Any

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether somebody is filling it in."""
        return form.is_open()

    def draw(self, context: Any) -> None:
        """Blender calls it at every redraw."""
        layout, wide = self.layout, _letters(context)
        shown, row = form.group(), form.row()
        layout.operator_menu_enum("genai.form_row", "row", text=row.title if row else "Use case, by the policy's matrix")
        self._verdict(layout, wide)
        self._end(layout, context, wide)
        for title, names in questions.SECTIONS:
            if title == "Performers":  # where it is used comes before what is seldom concerned
                with_use = _section(layout, "Where it is used")
                if with_use:
                    _list(with_use, shown.uses, Use, "use", "uses", wide)
            box = _section(layout, title, closed=title not in ("What it is", "How it was made"))
            for each in questionnaire.fields(Tag, "tag") if box else ():
                if each.name in names:
                    _field(box, shown.tag, each, "tag", wide)
        if len(shown.facts):
            _facts(_section(layout, "What the packs ask besides"), shown.facts, wide)

    def _verdict(self, layout: Any, wide: int) -> None:
        said = form.said()
        if said is None:
            return
        row = layout.row()
        row.alert = said.status not in standing.SETTLED
        row.label(text=f"{BADGES[said.status].symbol} {BADGES[said.status].text}: {said.outcome}")
        needed = dict.fromkeys(need.replace("_", " ") for each in said.judged for need in each.verdict.unmet)
        _wrapped(layout, f"Needed: {', '.join(needed) or 'nothing'}", wide)
        box = _section(layout, "What the rules say", closed=True)
        for each in said.judged if box else ():
            for line in _lines(each, len(said.judged) > 1):
                _wrapped(box, line, wide)

    def _end(self, layout: Any, context: Any, wide: int) -> None:
        said, found = form.said(), targets(context)
        for problem in said.problems if said else ():
            _wrapped(layout, problem, wide, alert=True)
        on = found[0].name if len(found) == 1 else f"{len(found)} selected"
        row = layout.row(align=True)
        row.scale_y = 1.4
        declare = row.row(align=True)
        declare.enabled = bool(found)
        verb = "Revise" if form.revises() else "Declare"
        declare.operator("genai.declare", text=f"{verb} and Tag {on}" if found else "Select what the element is")
        row.operator("genai.form_discard", text="", icon="TRASH")


def _section(layout: Any, title: str, closed: bool = False) -> Any:
    """A part that folds; None while it is folded."""
    header, body = layout.panel(f"genai_{title.replace(' ', '_').lower()}", default_closed=closed)
    header.label(text=title)
    return body


def _facts(box: Any, facts: Any, wide: int) -> None:
    for fact in facts if box else ():
        _wrapped(box, fact.question, wide)
        if fact.is_answer:
            box.row().prop(fact, "answer", expand=True)
        else:
            box.prop(fact, "text", text="")


def _letters(context: Any) -> int:
    """How many letters a line of the panel holds."""
    scale = context.preferences.system.ui_scale
    return max(24, int((context.region.width / scale - 48) / _LETTER))


def _wrapped(layout: Any, text: str, wide: int, alert: bool = False) -> None:
    column = layout.column(align=True)
    column.scale_y = 0.8
    column.alert = alert
    for line in textwrap.wrap(" ".join(text.split())[:1000], wide) or ():
        column.label(text=line)


def _lines(each: Judged, several: bool) -> Iterator[str]:
    """What the rules ask in one use: questions first, for they are the artist's to answer."""
    verdict = each.verdict
    if several:
        yield f"{each.use.shot or 'No shot stated'}: {verdict.badge.text}"
    live = [finding for finding in verdict.assessment.findings if finding.live]
    yield from _some(f"? {question}" for question in dict.fromkeys(f.question for f in live if f.open and f.question))
    for finding in live:
        if not finding.open:
            who = f" Who can: {finding.who.replace('_', ' ')}." if finding.who else ""
            yield f"{finding.outcome.value.replace('_', ' ')}: {finding.message} {finding.fix}{who} ({finding.pack}, {finding.rule})"


def _some(found: Iterable[str], most: int = 4) -> Iterator[str]:
    lines = list(found)
    yield from lines[:most]
    if len(lines) > most:
        yield f"and {len(lines) - most} more questions"


def _field(layout: Any, group: Any, field: Field, path: str, wide: int) -> None:
    if field.kind is Kind.PART:
        held = getattr(group, field.name)
        for each in questionnaire.fields(field.type, field.path):
            _field(layout, held, each, f"{path}.{field.name}", wide)
        return
    if field.kind is Kind.LIST:
        _list(layout, getattr(group, field.name), field.type, field.path, f"{path}.{field.name}", wide, group)
        return
    column = layout.column(align=True)
    if field.kind in (Kind.ANSWER, Kind.WORDS):
        column.label(text=questions.label(field.name))
        if field.kind is Kind.ANSWER:
            column.row(align=True).prop(group, field.name, expand=True)
        else:
            column.grid_flow(columns=2, align=True).prop(group, field.name)
    else:
        split = column.split(factor=0.4)
        split.label(text=questions.label(field.name))
        if field.private:
            edit = split.operator("genai.form_text", text=getattr(group, field.name)[:60] or questions.NOT_STATED)
            edit.path, edit.name = form.path_of(group), field.name
        else:
            split.prop(group, field.name, text="")
    said = form.said()
    remark = said.remarks.get((group.path_from_id(), field.name)) if said and said.remarks else None
    if remark:
        column.label(text=remark, icon="INFO")


def _list(layout: Any, found: Any, kind: type, path: str, place: str, wide: int, holder: Any = None) -> None:
    word = {"Talent": "performer"}.get(kind.__name__, kind.__name__.lower())
    later = questions.LATER.get(kind, ())
    for i, item in enumerate(found):
        box = layout.box()
        row = box.row()
        row.label(text=f"{word.capitalize()} {i + 1}")
        gone = row.operator("genai.form_item", text="", icon="X", emboss=False)
        gone.path, gone.place = place, i
        fields = questionnaire.fields(kind, path)
        for each in fields:
            if each.name not in later:
                _field(box, item, each, f"{place}[{i}]", wide)
        if later:
            box.prop(item, "more", icon="TRIA_DOWN" if item.more else "TRIA_RIGHT", emboss=False)
        for each in fields if later and item.more else ():
            if each.name in later:
                _field(box, item, each, f"{place}[{i}]", wide)
    row = layout.row()
    row.operator("genai.form_item", text=f"Add {'an' if word == 'input' else 'a'} {word}", icon="ADD").path = place
    name = place.rpartition(".")[2]
    if holder is not None and not len(found):
        row.prop(holder, f"no_{name}")


register, unregister = bpy.utils.register_classes_factory((
    GENAI_OT_form_begin, GENAI_OT_form_revise, GENAI_OT_form_discard, GENAI_OT_form_row, GENAI_OT_form_item, GENAI_OT_form_text,
    GENAI_OT_declare,
))  # fmt: skip
"""The form's operators; its panels are added with the others."""
