"""The words: tag, use, set, stub, record. Frozen, and facts only; what people give is in ``evidence``.

Unknown is a value of its own everywhere: a three-valued fact is ``yes``, ``no`` or ``unsure``; an enumeration or text
that nobody stated is None; a list that nobody stated is None, while ``()`` says "none, stated".
Fields marked ``private`` never leave the ledger's ``private/`` folder.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from genai_tags.vocabulary import (
    AIClass,
    Answer,
    Basis,
    ElementType,
    FrameShare,
    Hosting,
    HumanLevel,
    InputKind,
    KeyElement,
    Membership,
    Modality,
    Operation,
    Presence,
    Purpose,
    SourceType,
    Stage,
    TalentException,
    TalentKind,
    TrainedFor,
    TrainingData,
    UseCase,
)

PRIVATE = {"private": True}


@dataclass(frozen=True, slots=True, order=True)
class FrameSet:
    """Frame numbers, as ascending, disjoint ranges; both ends inclusive, as in a file name's ``1001-1048``."""

    ranges: tuple[tuple[int, int], ...]

    MAX_FRAMES = 10_000_000

    @classmethod
    def parse(cls, text: str) -> FrameSet:
        """Read ``1001-1048``, ``1001`` or ``1001-1010,1020``. Raises ValueError on anything else."""
        numbers: list[tuple[int, int]] = []
        for piece in text.split(","):
            match = re.fullmatch(r"\s*(-?\d{1,9})\s*(?:-\s*(-?\d{1,9})\s*)?", piece, re.ASCII)
            if match is None:
                raise ValueError(f"{text!r} is not a frame range such as 1001-1048")
            first = int(match[1])
            last = int(match[2]) if match[2] is not None else first
            if last < first:
                raise ValueError(f"{piece.strip()!r} ends before it begins")
            numbers.append((first, last))
        return cls.of_ranges(numbers)

    @classmethod
    def of(cls, frames: Iterable[int]) -> FrameSet:
        """The set of these frame numbers."""
        numbers = sorted(set(frames))
        starts = [n for i, n in enumerate(numbers) if not i or n != numbers[i - 1] + 1]
        ends = [n for i, n in enumerate(numbers) if i + 1 == len(numbers) or n + 1 != numbers[i + 1]]
        return cls(tuple(zip(starts, ends, strict=True)))

    @classmethod
    def of_ranges(cls, ranges: Iterable[tuple[int, int]]) -> FrameSet:
        """The union of inclusive ranges. Raises ValueError above MAX_FRAMES frames."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        found = cls(tuple(merged))
        if len(found) > cls.MAX_FRAMES:
            raise ValueError(f"{len(found)} frames are more than the {cls.MAX_FRAMES} that a range may hold")
        return found

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and any(first <= frame <= last for first, last in self.ranges)

    def __iter__(self) -> Any:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __str__(self) -> str:
        return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in self.ranges)

    def overlaps(self, other: FrameSet) -> bool:
        """Whether any frame lies in both."""
        return any(a <= d and c <= b for a, b in self.ranges for c, d in other.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing a tool was fed."""

    id: str | None = None
    kinds: tuple[InputKind, ...] | None = None
    ref: str | None = field(default=None, metadata=PRIVATE)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One tool at work. Steps stand in order; each must comply on its own (Netflix guidance, vendors)."""

    tool: str | None = None
    version: str | None = None
    model: str | None = None
    operation: Operation | None = None
    ai_class: AIClass | None = None
    by_org: str | None = None
    at: dt.date | None = None
    hosting: Hosting | None = None
    licence_tier: str | None = None
    enterprise_agreement: Answer = Answer.UNSURE
    terms_ref: str | None = None
    terms_date: dt.date | None = None
    stores_inputs: Answer = Answer.UNSURE
    reuses_inputs: Answer = Answer.UNSURE
    trains_on_inputs: Answer = Answer.UNSURE
    training_data: TrainingData | None = None
    trained_on_talent: Answer = Answer.UNSURE
    trained_for: TrainedFor | None = None
    inputs: tuple[Input, ...] | None = None
    prompt: str | None = field(default=None, metadata=PRIVATE)
    prompt_template: str | None = field(default=None, metadata=PRIVATE)
    seed: str | None = field(default=None, metadata=PRIVATE)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affects:
    """What of a performance an alteration touches."""

    emotional_tone: Answer = Answer.UNSURE
    delivery: Answer = Answer.UNSURE
    intent: Answer = Answer.UNSURE
    unscripted_words: Answer = Answer.UNSURE
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talent:
    """One performer concerned, under an opaque id. ``guild`` is its name, or ``none``."""

    id: str | None = None
    kind: TalentKind | None = None
    modality: tuple[Modality, ...] | None = None
    recognisable: Answer = Answer.UNSURE
    guild: str | None = None
    exception: TalentException | None = None
    affects: Affects = Affects()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The five guiding principles of the Netflix guidance, as the person answered them."""

    no_recreation: Answer = Answer.UNSURE
    no_training_on_inputs: Answer = Answer.UNSURE
    secure_environment: Answer = Answer.UNSURE
    temporary: Answer = Answer.UNSURE
    no_talent_replacement: Answer = Answer.UNSURE
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanInput:
    """What a person contributed."""

    level: HumanLevel | None = None
    text: str | None = field(default=None, metadata=PRIVATE)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """How one element was made with AI. Facts only: no verdict, no evidence."""

    element: str | None = field(default=None, metadata=PRIVATE)
    element_type: ElementType | None = None
    use_case: UseCase | None = None
    key_element: KeyElement | None = None
    answers: Answers = Answers()
    steps: tuple[Step, ...] | None = None
    talent: tuple[Talent, ...] | None = None
    could_mislead: Answer = Answer.UNSURE
    union_role_impact: Answer = Answer.UNSURE
    human_input: HumanInput = HumanInput()
    frame_share: FrameShare | None = None
    digital_source_type: SourceType | None = None
    basis: Basis = Basis.DECLARED
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Facts that a policy pack declares for itself, by name."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ai_class(self) -> AIClass | None:
        """Generative if any step is; analytic if all are stated so; else unknown."""
        classes = {step.ai_class for step in self.steps or ()}
        if AIClass.GENERATIVE in classes:
            return AIClass.GENERATIVE
        return AIClass.ANALYTIC if classes == {AIClass.ANALYTIC} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where a tag is put to work. ``frames`` are frame numbers of the shot's sequence, both ends inclusive."""

    shot: str | None = None
    frames: FrameSet | None = None
    stage: Stage | None = None
    presence: Presence | None = None
    story_relevant: Answer = Answer.UNSURE
    purpose: Purpose | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A tag and its uses in full, as the ledger holds it. ``revision`` counts from 1."""

    id: str
    revision: int
    tag: Tag
    uses: tuple[Use, ...] = ()
    schema: str = ""
    """The schema it was read with; empty for a record made here."""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Member:
    """One tag in a set: which revision, and how it concerns the media."""

    id: str
    revision: int
    membership: Membership = Membership.SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """The public part of a record that rides on media. There is no field here for private or changeable things."""

    id: str
    revision: int
    membership: Membership = Membership.SOURCE
    use_case: UseCase | None = None
    stage: Stage | None = None
    source_type: SourceType | None = None
    ai_class: AIClass | None = None
    digest: str | None = None
    """128 bits of the record's SHA-256, base64url without padding."""

    @property
    def member(self) -> Member:
        """What of the stub counts for the set it is in."""
        return Member(id=self.id, revision=self.revision, membership=self.membership)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagSet:
    """What one piece of media carries. ``more`` members are in the set but not among ``stubs``.

    ``basis`` is inferred where the stubs came only by a host's metadata pass-through.
    """

    stubs: tuple[Stub, ...] = ()
    digest: str | None = None
    more: int = 0
    basis: Basis = Basis.DECLARED
    clean: Mapping[str, Any] | None = None
    """A clean statement's mark: ``statement`` (the digest of its ledger event) and ``version``."""
    undeclared: int = 0
    """Parts of it that nobody accounted for when it was rendered: a model that nobody declared, a source that could not be
    read. They have no record, so they are counted."""
    newer: bool = False
    """It was written in a newer schema: it can be read, but not written again here without loss."""

    def __bool__(self) -> bool:
        return bool(self.stubs or self.more or self.undeclared)
