"""Options as dataclasses, and commands made from them; the one shape that every evidence verb has."""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from genai_tags.cli.common import ByOption, Format, FormatOption, ShowOption
from genai_tags.codec import parse_date
from genai_tags.errors import UsageError
from genai_tags.vocabulary import Answer, Purpose, ReplicaType, Signer, TrainedFor

S = TypeVar("S")


@dataclass(kw_only=True)
class Shape:
    """The options of every evidence verb."""

    targets: Annotated[
        list[str] | None, typer.Argument(metavar="(ID | SHOT)...", help="Tags, or shots: every tag used there.")
    ] = None
    ref: Annotated[str | None, typer.Option("--ref", help="The paper, mail or ticket that says so.")] = None
    role: Annotated[str | None, typer.Option("--role", help="The role in which it is given, such as client_contact.")] = None
    date: Annotated[str | None, typer.Option("--date", help="The day on the paper, YYYY-MM-DD; else today.")] = None
    by: ByOption = None
    given_by: Annotated[str | None, typer.Option("--given-by", help="Who gave it, if not the one who records it.")] = None
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None
    shot: Annotated[list[str] | None, typer.Option("--shot", help="Only for these shots, by pattern; repeat for several.")] = (
        None
    )
    version: Annotated[list[str] | None, typer.Option("--version", help="Only for these versions.")] = None
    purpose: Annotated[list[Purpose] | None, typer.Option("--purpose", help="Only for these purposes.")] = None
    territory: Annotated[list[str] | None, typer.Option("--territory", help="Only for these territories.")] = None
    until: Annotated[str | None, typer.Option("--until", help="Holds through the end of this day.")] = None
    condition: Annotated[list[str] | None, typer.Option("--condition", help="On this condition; repeat for several.")] = None
    talent: Annotated[list[str] | None, typer.Option("--talent", help="The performer's id that it is about.")] = None
    input_: Annotated[list[str] | None, typer.Option("--input", help="The input's id that it is about.")] = None
    attach: Annotated[str | None, typer.Option("--attach", metavar="FILE", help="Keep a copy of the paper, privately.")] = None
    no_copy: Annotated[bool, typer.Option("--no-copy", help="With --attach: keep the paper's digest alone, no copy.")] = False
    format_: FormatOption = Format.TEXT
    show: ShowOption = None


@dataclass(kw_only=True)
class ConsentShape(Shape):
    """What a performer's consent says besides."""

    replica_type: Annotated[ReplicaType | None, typer.Option("--replica-type", help="Which kind of replica.")] = None
    use: Annotated[
        str | None, typer.Option("--use", metavar="TEXT", help="The specific use, in the consent's words; kept privately.")
    ] = None
    signed_separately: Annotated[
        Answer, typer.Option("--signed-separately", help="Signed apart from other terms: yes, no, unsure.")
    ] = Answer.UNSURE
    signed_by: Annotated[Signer | None, typer.Option("--signed-by", help="The performer, the estate or the union.")] = None
    notice_date: Annotated[
        str | None, typer.Option("--notice-date", help="The day on which the performer was told, YYYY-MM-DD.")
    ] = None
    compensated: Annotated[Answer, typer.Option("--compensated", help="Creation and use are paid for.")] = Answer.UNSURE
    project: Annotated[
        TrainedFor | None, typer.Option("--project", help="this_production, or other for an express consent to another one.")
    ] = None


@dataclass(kw_only=True)
class RevokeShape(Shape):
    """What may be taken back."""

    event: Annotated[list[str] | None, typer.Option("--event", help="The ledger event to take back.")] = None


def command(shape: type[S], run: Callable[[S], None]) -> Callable[..., None]:
    """A function that Typer can make a command of: the fields of a dataclass are its options."""
    hints = get_type_hints(shape, include_extras=True)

    def verb(**given: Any) -> None:
        run(shape(**given))

    fields = [field for field in dataclasses.fields(shape) if field.init]  # type: ignore[arg-type]
    parameters = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[field.name],
            default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
        )
        for field in fields
    ]  # fmt: skip
    verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    verb.__annotations__ = {field.name: hints[field.name] for field in fields}
    return verb


def day(text: str | None, option: str) -> dt.date | None:
    """A date option. Raises UsageError for a day that does not exist."""
    if text is None:
        return None
    try:
        return parse_date(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
