"""What an output inherits from what it is made of: the union of all tags, each as something it contains."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from genai_tags.codec import digest
from genai_tags.errors import Problem
from genai_tags.model import FrameSet, TagSet
from genai_tags.stubs import MAX_COUNT, make_set
from genai_tags.vocabulary import Membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One thing that goes into an output, as the host calls it, and what is known of it.

    ``by`` says where the tags came from (``header``, ``sidecar``, ``ledger``, ``node``, ``metadata``); ``path`` is the media as
    ``folder/stem.####.ext``, None for an element without a file; ``frames`` are those that can reach the output.
    ``clean`` names the ledger event of the statement that covers it.
    """

    name: str
    path: str | None = None
    frames: FrameSet | None = None
    tags: TagSet = TagSet()
    by: tuple[str, ...] = ()
    clean: str | None = None
    hidden: int = 0
    """Tags that a header counts and that neither it nor sidecar nor ledger lists."""
    problems: tuple[Problem, ...] = ()
    picture: bool = True
    """Whether it brings pictures; a camera or geometry file that is not there hides no element."""

    @property
    def unknown(self) -> bool:
        """Whether it could not be read in full, so that it may carry more than is known."""
        return self.picture and any(problem.code != "tag_lost" for problem in self.problems)

    @property
    def unaccounted(self) -> bool:
        """Whether it brings pictures that nobody said anything of. Absence of a tag is not clean."""
        return self.picture and not self.tags and not self.hidden and self.clean is None


def inherit(sets: Iterable[TagSet], hidden: int = 0, undeclared: int = 0) -> TagSet:
    """The set of an output: every member of every source, as ``contains``; independent of order and repetition.

    ``hidden`` members that a source counts and nobody lists are counted on: what comes of it stays unresolved. So are ``undeclared``
    parts that nobody accounted for.
    """
    stubs = (dataclasses.replace(stub, membership=Membership.CONTAINS) for tags in sets for stub in tags.stubs)
    made = make_set(sorted(stubs, key=lambda stub: (stub.member, str(stub.digest))))
    made = dataclasses.replace(made, undeclared=min(undeclared, MAX_COUNT))
    if not hidden:
        return made
    return dataclasses.replace(made, more=hidden, digest=digest([made.digest, "hidden", hidden]))


def united(one: TagSet, other: TagSet) -> TagSet:
    """Two sets of one output as one: what was found now, and what was stored of it before."""
    return inherit([one, other], max(one.more, other.more), max(one.undeclared, other.undeclared))


def all_clean(sources: Sequence[Source]) -> bool:
    """Whether every source of pictures is stated clean, and there is one; and no other source brings anything."""
    stated = [source.clean is not None for source in sources if source.picture]
    return bool(stated) and all(stated) and not any(source.tags or source.hidden for source in sources)
