"""What the rules would say of facts that nobody recorded yet: for a form that is being filled in, and for ``assess --from``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from genai_tags.config import DEFAULT_PACKS, Config
from genai_tags.counting import assessed
from genai_tags.ledger import clock
from genai_tags.model import Record, Tag, Use
from genai_tags.policy.pack import Pack, builtin
from genai_tags.policy.register import Register
from genai_tags.show import Judged, Show
from genai_tags.validity import Context
from genai_tags.verdict import judge


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The packs and the tool register in force on a day. ``config`` is None where there is no show."""

    packs: Sequence[Pack]
    register: Register
    today: dt.date
    config: Config | None = None

    @classmethod
    def of(cls, show: Show) -> Rulebook:
        """A show's. Raises ShowError where a pack or the register cannot be read."""
        return cls(show.packs, show.register, show.today(), show.config)

    @classmethod
    def default(cls) -> Rulebook:
        """The default packs and no register: facts can be tried before a show exists."""
        return cls([builtin(name) for name in DEFAULT_PACKS], Register(), clock.today("UTC"))

    def judge(self, tag: Tag, uses: Sequence[Use], as_of: dt.date | None = None) -> list[Judged]:
        """The verdict on each use (on an empty use where there is none), with no evidence given."""
        day = as_of or self.today
        record = Record(id="", revision=1, tag=tag, uses=tuple(uses))
        territories = self.config.territories if self.config else ()
        found = []
        for use in uses or (Use(),):
            assessment = assessed(tag, use, day, self.packs, self.register, self.config)
            context = Context(as_of=day, shot=use.shot, territories=territories)
            found.append(
                Judged("", None, use, judge(record, use, assessment, [], context, self.packs, {1: record}, self.register))
            )
        return found
