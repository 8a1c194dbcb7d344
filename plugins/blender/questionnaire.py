"""The policy's form as Blender's own properties, made from the model's dataclasses, so that no fact is forgotten.

It lives on the window manager, which no .blend file saves: private texts stay out of files that are handed on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import bpy

from genai_tags import questions
from genai_tags.codec import hints, parse_date, without_none
from genai_tags.config import DEFAULT_PACKS
from genai_tags.model import Affects, Answers, FrameSet, HumanInput, Input, Step, Tag, Talent, Use
from genai_tags.policy.asking import Quote, quotes
from genai_tags.policy.facts import FactType
from genai_tags.policy.pack import builtin
from genai_tags.vocabulary import Answer

from . import hooks

NOT_STATED, NONE = "NOT_STATED", "NONE_STATED"
_TAG = tuple(name for _, names in questions.SECTIONS for name in names)
_NAMES: dict[type, tuple[str, ...]] = {Tag: _TAG}
"""Which fields of a dataclass are asked for; all of them where nothing is said."""
_PARTS: dict[type, str] = {
    Affects: "talent.affects", Input: "input", Step: "step", Talent: "talent", Answers: "tag.answers", HumanInput: "tag.human_input",
    Use: "use", Tag: "tag",
}  # fmt: skip
"""The dataclasses by the paths that rules call them; those that others are made of come first."""


class Kind(Enum):
    """How a field is edited."""

    ANSWER = "answer"
    WORD = "word"
    WORDS = "words"
    TEXT = "text"
    PART = "part"
    LIST = "list"


@dataclasses.dataclass(frozen=True)
class Field:
    """A field of a dataclass: what it is made of, and the path by which rules call it."""

    name: str
    kind: Kind
    type: Any
    path: str
    private: bool = False
    """What Blender would write into its log and its crash report, were it edited in place."""


def fields(cls: type, path: str) -> tuple[Field, ...]:
    """The fields of a dataclass that are asked for, in their order."""
    found = hints(cls)
    private = {each.name for each in dataclasses.fields(cls) if each.metadata.get("private")}
    made = (_field(name, without_none(found[name]), f"{path}.{name}") for name in _NAMES.get(cls, tuple(found)))
    return tuple(dataclasses.replace(each, private=each.name in private) for each in made)


def _field(name: str, hint: Any, path: str) -> Field:
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        return (
            Field(name, Kind.WORDS, item, path)
            if issubclass(item, Enum)
            else Field(name, Kind.LIST, item, questions.rule_path(path))
        )
    if issubclass(hint, Answer):
        return Field(name, Kind.ANSWER, hint, path)
    if issubclass(hint, Enum):
        return Field(name, Kind.WORD, hint, path)
    return Field(name, Kind.PART if dataclasses.is_dataclass(hint) and hint is not FrameSet else Kind.TEXT, hint, path)


# ---------------------------------------------------------------- Blender's properties


def _described(path: str, said: Mapping[str, list[Quote]]) -> str:
    """What a field's tip says: the policy's words of the default packs, else what somebody who fills in the form must know."""
    quote = next(iter(said.get(path, ())), None)
    return (
        f"{quote.message} ({quote.pack}, {quote.title})" if quote is not None else questions.HELP.get(path, questions.NO_HELP)
    )


def _words(kind: type[Enum]) -> list[tuple[str, str, str]]:
    return [(str(word.value), str(word.value).replace("_", " "), "") for word in kind]


def _property(field: Field, said: Mapping[str, list[Quote]]) -> Iterator[tuple[str, Any]]:
    told: dict[str, Any] = {"name": questions.label(field.name), "description": _described(field.path, said)}
    if field.kind is Kind.ANSWER:
        yield field.name, bpy.props.EnumProperty(items=_words(Answer), default="unsure", update=hooks.changed, **told)
    elif field.kind is Kind.WORD:
        items = [(NOT_STATED, questions.NOT_STATED, ""), *_words(field.type)]
        yield field.name, bpy.props.EnumProperty(items=items, update=hooks.changed, **told)
    elif field.kind is Kind.WORDS:
        items = [*_words(field.type), (NONE, "none, stated", "")]
        yield field.name, bpy.props.EnumProperty(items=items, options={"ENUM_FLAG"}, update=hooks.changed, **told)
    elif field.kind is Kind.TEXT:
        offer = (
            {"search": hooks.offers(field.name), "search_options": {"SUGGESTION"}}
            if field.name in ("tool", "licence_tier", "shot")
            else {}
        )
        yield field.name, bpy.props.StringProperty(update=hooks.changed, **offer, **told)
    elif field.kind is Kind.PART:
        yield field.name, bpy.props.PointerProperty(type=_GROUPS[field.type], **told)
    else:
        yield field.name, bpy.props.CollectionProperty(type=_GROUPS[field.type], **told)
        yield f"no_{field.name}", bpy.props.BoolProperty(name=f"none, stated: no {field.name}", update=hooks.changed)


_GROUPS: dict[type, Any] = {}


def _group(cls: type, said: Mapping[str, list[Quote]]) -> Any:
    made: dict[str, Any] = {"shown": bpy.props.IntProperty(default=-1)}
    made.update(pair for field in fields(cls, _PARTS[cls]) for pair in _property(field, said))
    if cls in questions.LATER:
        made["more"] = bpy.props.BoolProperty(name="More about it", description="What the tool register settles in most shows")
    return type(f"GENAI_PG_{cls.__name__.lower()}", (bpy.types.PropertyGroup,), {"__annotations__": made})


class GENAI_PG_fact(bpy.types.PropertyGroup):  # type: ignore[misc]
    """A fact that a pack in force declares for itself."""

    path: bpy.props.StringProperty()  # type: ignore[valid-type]
    question: bpy.props.StringProperty()  # type: ignore[valid-type]
    is_answer: bpy.props.BoolProperty()  # type: ignore[valid-type]
    answer: bpy.props.EnumProperty(items=_words(Answer), default="unsure", update=hooks.changed)  # type: ignore[valid-type]
    words: bpy.props.StringProperty()  # type: ignore[valid-type]
    text: bpy.props.StringProperty(  # type: ignore[valid-type]
        update=hooks.changed, search=hooks.words, search_options={"SUGGESTION"},
    )  # fmt: skip


def form_group() -> Any:
    """The class of the whole form: a tag, its uses and the packs' own facts."""
    return type("GENAI_PG_form", (bpy.types.PropertyGroup,), {"__annotations__": {
        "tag": bpy.props.PointerProperty(type=_GROUPS[Tag]),
        "uses": bpy.props.CollectionProperty(type=_GROUPS[Use]),
        "facts": bpy.props.CollectionProperty(type=GENAI_PG_fact),
        "row": bpy.props.StringProperty(),
    }})  # fmt: skip


# ---------------------------------------------------------------- to and from the model


_SHOWN: list[Any] = []
"""What groups were filled in with: unknown keys, and texts of several lines that a line cannot show, stay as they were."""


def value(group: Any, cls: type, path: str) -> Any:
    """The dataclass that a group of properties states; what it has no property for is as it was shown. Raises ValueError, with the
    field's path, for a day or frames that cannot be read."""
    kept = _SHOWN[group.shown] if 0 <= group.shown < len(_SHOWN) else cls()
    return dataclasses.replace(
        kept, **{field.name: _value(group, field, getattr(kept, field.name)) for field in fields(cls, path)}
    )


def _value(group: Any, field: Field, kept: Any) -> Any:
    held = getattr(group, field.name)
    if field.kind is Kind.ANSWER:
        return Answer(held)
    if field.kind is Kind.WORD:
        return None if held == NOT_STATED else field.type(held)
    if field.kind is Kind.WORDS:
        return tuple(word for word in field.type if str(word.value) in held) or (() if NONE in held else None)
    if field.kind is Kind.TEXT:
        return kept if held == _line(kept) else _read(held.strip(), field)
    if field.kind is Kind.PART:
        return value(held, field.type, field.path)
    return tuple(value(item, field.type, field.path) for item in held) or (() if getattr(group, f"no_{field.name}") else None)


def _line(shown: Any) -> str:
    """A value as a line of text holds it."""
    return "" if shown is None else " ".join(str(shown).split("\n"))


def _read(text: str, field: Field) -> Any:
    if not text:
        return None
    try:
        if field.type is dt.date:
            return parse_date(text)
        return FrameSet.parse(text) if field.type is FrameSet else text
    except ValueError as error:
        raise ValueError(f"{field.path}: {error}") from None


def show(group: Any, cls: type, shown: Any, path: str) -> None:
    """Fill a group of properties in with a dataclass."""
    group.shown = len(_SHOWN)
    _SHOWN.append(shown)
    for field in fields(cls, path):
        found = getattr(shown, field.name)
        if field.kind is Kind.PART:
            show(getattr(group, field.name), field.type, found, field.path)
        elif field.kind is Kind.LIST:
            items = getattr(group, field.name)
            items.clear()
            for each in found or ():
                show(items.add(), field.type, each, field.path)
            setattr(group, f"no_{field.name}", found == ())
        elif field.kind is Kind.WORDS:
            setattr(group, field.name, {str(word.value) for word in found or ()} or ({NONE} if found == () else set()))
        elif field.kind is Kind.WORD:
            setattr(group, field.name, NOT_STATED if found is None else str(found.value))
        elif field.kind is Kind.ANSWER:
            setattr(group, field.name, str(found.value))
        else:
            setattr(group, field.name, _line(found))


def clear(form: Any) -> None:
    """Leave nothing in the whole form."""
    _SHOWN.clear()
    show(form.tag, Tag, Tag(), "tag")
    form.uses.clear()
    form.facts.clear()
    form.row = ""


def show_facts(items: Any, declared: Mapping[str, FactType], stated: Mapping[str, Any]) -> None:
    """Ask for the facts that packs declare for themselves."""
    items.clear()
    for name, kind in declared.items():
        item = items.add()
        item.path, item.question = name, kind.question or name
        item.words = " ".join(kind.words)
        word = str(stated.get(name, "") or "")
        item.is_answer = set(kind.words) == {"yes", "no"} and word in ("yes", "no", "unsure", "")
        if item.is_answer:
            item.answer = word or "unsure"
        else:
            item.text = word


def stated_facts(items: Any) -> dict[str, str]:
    """The packs' own facts by name; what is unsure or empty is left out."""
    words = {item.path: item.answer if item.is_answer else item.text.strip() for item in items}
    return {name: word for name, word in words.items() if word not in ("", "unsure")}


def every(group: Any, cls: type, path: str) -> Iterator[tuple[Any, Field]]:
    """Each field with the group that holds it, those of items too."""
    for field in fields(cls, path):
        held = getattr(group, field.name)
        if field.kind is Kind.PART:
            yield from every(held, field.type, field.path)
        elif field.kind is Kind.LIST:
            for item in held:
                yield from every(item, field.type, field.path)
        else:
            yield group, field


def is_empty(group: Any, field: Field) -> bool:
    """Whether nobody stated it yet."""
    return getattr(group, field.name) in ("", "unsure", NOT_STATED, set())


def register() -> None:
    """Add the properties."""
    said = quotes([builtin(name) for name in DEFAULT_PACKS])
    for cls in _PARTS:
        _GROUPS[cls] = _group(cls, said)
        bpy.utils.register_class(_GROUPS[cls])
    bpy.utils.register_class(GENAI_PG_fact)
    _GROUPS[object] = form_group()
    bpy.utils.register_class(_GROUPS[object])
    bpy.types.WindowManager.genai_form = bpy.props.PointerProperty(type=_GROUPS[object])


def unregister() -> None:
    """Take them away, and what was filled in."""
    del bpy.types.WindowManager.genai_form
    for each in (_GROUPS.pop(object), GENAI_PG_fact, *(_GROUPS.pop(cls) for cls in reversed(_PARTS))):
        bpy.utils.unregister_class(each)
    _SHOWN.clear()
    hooks.forget()
