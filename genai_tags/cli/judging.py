"""What ``conform``, ``report`` and ``view`` share: how a cut is read and judged, as options of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Annotated

import typer

from genai_tags.cli.common import EXIT_INPUT, QuietOption, ShowOption, say
from genai_tags.cli.faces import Faces, Pictures, PicturesOption
from genai_tags.cli.shape import day
from genai_tags.conform.check import conform
from genai_tags.conform.listing import cut_of, cut_of_show
from genai_tags.conform.results import Options
from genai_tags.cut.merge import merged
from genai_tags.cut.model import Cut
from genai_tags.errors import InputError, UsageError
from genai_tags.show import Show
from genai_tags.timecode import parse_rate
from genai_tags.vocabulary import Purpose, Stage


class CutStage(str, Enum):
    """What kind of cut it is."""

    FINAL = "final"
    TEMP = "temp"


RateOption = Annotated[str | None, typer.Option("--rate", help="The cut's frame rate: 24, 23.976, 24000/1001.")]


@dataclass(kw_only=True)
class JudgingShape:
    """How a cut is read and judged."""

    rate: RateOption = None
    media: Annotated[
        list[str] | None, typer.Option("--media", metavar="DIR", help="Where the media lies; repeat for several.")
    ] = None
    stage: Annotated[CutStage, typer.Option("--stage", help="final or temp.")] = CutStage.FINAL
    purpose: Annotated[Purpose, typer.Option("--purpose", help="What the cut is for.")] = Purpose.PROGRAMME
    as_of: Annotated[str | None, typer.Option("--as-of", help="Judge evidence as of this day, YYYY-MM-DD.")] = None
    show: ShowOption = None

    def check(self) -> None:
        """Look at what can be wrong before anything is read. Raises UsageError."""
        read_rate(self.rate)
        day(self.as_of, "--as-of")

    def options(self, show: Show) -> Options:
        """As the conform takes them. Raises UsageError."""
        date = day(self.as_of, "--as-of") or show.today()
        return Options(stage=Stage(self.stage.value), purpose=self.purpose, as_of=date, media=self.media or ())


@dataclass(kw_only=True)
class FacesShape(JudgingShape):
    """What is shown of it besides."""

    against: Annotated[
        list[str] | None, typer.Option("--against", metavar="OLD", help="An earlier cut: say what became of its AI events.")
    ] = None
    merge: Annotated[
        bool,
        typer.Option("--merge", help="The cuts are lists of one reel (an EDL for each track): one cut, by record timecode."),
    ] = False
    pictures: PicturesOption = Pictures.AI
    quiet: QuietOption = False
    errors: list[InputError] = field(default_factory=list, init=False)
    """Cuts that could not be read."""

    def made(self, show: Show, paths: Sequence[str]) -> Faces:
        """The conform of these cuts, or of the whole show where none is named; exit code 3 where not one can be read."""
        cuts, earlier = self._read(show, paths), self._read(show, self.against or [])
        if paths and not cuts:
            raise typer.Exit(EXIT_INPUT)
        return Faces(show, conform(show, cuts or [cut_of_show(show)], self.options(show), earlier), self.pictures, self.quiet)

    def _read(self, show: Show, paths: Sequence[str]) -> list[Cut]:
        found: list[Cut] = []
        for path in paths:
            try:
                found.append(cut_of(show, path, read_rate(self.rate)))
            except InputError as error:
                self.errors.append(error)
                say(str(error))
        if not self.merge or not found:
            return found
        if self.errors:  # a reel without one of its lists is no reel
            raise typer.Exit(EXIT_INPUT)
        return [merged(found)]


def read_rate(text: str | None) -> Fraction | None:
    """A rate option as a Fraction. Raises UsageError."""
    if text is None:
        return None
    try:
        return parse_rate(text)
    except ValueError as error:
        raise UsageError(f"--rate: {error}") from None
