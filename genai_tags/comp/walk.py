"""Walk a graph upstream: which nodes reach an output, and over which frames. Each node once, without recursion.

What cannot be told (an expression in a script that no host has open) is taken to contribute: a tag too many is looked at, a
tag too few ships.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from genai_tags.comp.graph import Node, Values
from genai_tags.comp.knowledge import known

FIRST, LAST = -10_000_000, 10_000_000
"""Every frame there may be."""


@dataclass(frozen=True, slots=True)
class Span:
    """Frames from ``first`` to ``last``, both inclusive."""

    first: int
    last: int

    def hull(self, other: Span) -> Span:
        """The shortest span that holds both."""
        return Span(min(self.first, other.first), max(self.last, other.last))

    @property
    def is_every(self) -> bool:
        """Whether no limit is known."""
        return self.first <= FIRST or self.last >= LAST


EVERY = Span(FIRST, LAST)
ALWAYS, NEVER = frozenset((1.0,)), frozenset((0.0,))


@dataclass(frozen=True, slots=True)
class Visit:
    """A node that contributes, over these of its own frames. ``reads``: it brings a file, by this knob; what is connected to it
    does not count. ``works``: its own operation may show, so that it is not merely passed through."""

    node: Node
    span: Span
    reads: str | None = None
    works: bool = True


def walk(start: Node, span: Span) -> list[Visit]:
    """What reaches an output over a span, the output first, every node before what it is made of."""
    order = _upstream(start)
    spans: dict[str, Span] = {start.key: span}
    visits = []
    for node in order:
        own = spans.get(node.key)
        if own is None:
            continue  # connected, and switched away
        works, passes = _enabled(node, own)
        reads, alone = _reads(node, own) if works else (None, False)
        visits.append(Visit(node, own, reads, works))
        feeds = () if alone and not passes else _feeds(node, own, works and not alone, passes)
        for child, there in feeds:
            before = spans.get(child.key)
            spans[child.key] = there if before is None else before.hull(there)
    return visits


def _upstream(start: Node) -> list[Node]:
    """Everything connected, every node before what it is made of (reversed postorder). A loop, which no host makes, is cut."""
    done: list[Node] = []
    seen = {start.key}
    stack: list[tuple[Node, Iterator[Node]]] = [(start, iter(_connected(start)))]
    while stack:
        node, children = stack[-1]
        child = next((each for each in children if each.key not in seen), None)
        if child is None:
            done.append(node)
            stack.pop()
        else:
            seen.add(child.key)
            stack.append((child, iter(_connected(child))))
    done.reverse()
    return done


def _connected(node: Node) -> list[Node]:
    return [each for each in (node.inside(), node.outside(), *node.inputs()) if each is not None]


def _enabled(node: Node, span: Span) -> tuple[bool, bool]:
    """Whether a node may work, and whether it may let its first input through, anywhere in the span."""
    off = node.values("disable", span.first, span.last)
    works, passes = off is None or not off or 0 in off, off is None or any(off)
    if 1 in (node.values("useLifetime", span.first, span.last) or ()):
        lives = _one(node, "lifetimeStart", span), _one(node, "lifetimeEnd", span)
        if lives[0] is not None and lives[1] is not None:
            works = works and lives[0] <= span.last and lives[1] >= span.first
            passes = passes or lives[0] > span.first or lives[1] < span.last
    return works, passes


def _one(node: Node, knob: str, span: Span) -> float | None:
    values = node.values(knob, span.first, span.last)
    return next(iter(values)) if values and len(values) == 1 else None


def _reads(node: Node, span: Span) -> tuple[str | None, bool]:
    """The knob by which a node reads a file, where it may; and whether that is all it does."""
    if node.kind in known().sources:
        if node.values("read_from_file", span.first, span.last) == NEVER:  # a camera that was set by hand
            return None, False
        return known().sources[node.kind], node.kind in known().pictures  # geometry has its texture connected
    if node.kind in known().readers:
        reading = node.values("reading", span.first, span.last)
        if reading is None or any(reading):
            return "file", reading == ALWAYS
    return None, False


def _feeds(node: Node, span: Span, works: bool, passes: bool) -> list[tuple[Node, Span]]:
    """What a node is made of over a span of its frames, and over which of theirs."""
    inputs = node.inputs()
    through = [(inputs[0], span)] if passes and inputs and inputs[0] is not None else []
    if not works:
        return through
    inner, outer = node.inside(), node.outside()
    if inner is not None:  # what is connected to a group reaches it by the Inputs inside
        return [(inner, span), *through]
    if outer is not None:
        return [(outer, span)]
    asked = _asked(node, span)
    slots = _contributing(node, span, inputs)
    return [(each, asked) for i in slots if (each := inputs[i]) is not None] + through


def _contributing(node: Node, span: Span, inputs: Sequence[Node | None]) -> list[int]:
    every = [i for i in range(len(inputs)) if i not in known().metadata_inputs.get(node.kind, ())]
    if node.kind == "Switch":
        return _chosen(_stated(node, "which", span), every, nearest=True)
    if node.kind == "Dissolve":  # the third input is the mask, or the last: nobody who wrote it down said which
        which, masks = _stated(node, "which", span), {2, every[-1] if len(every) > 2 else 2}
        pictures = [i for mask in masks for i in _chosen(which, [i for i in every if i != mask], nearest=False)]
        return sorted({*pictures, *(i for i in every if i in masks)})
    if node.kind in known().mixing and node.values("mix", span.first, span.last) == NEVER:
        return [0] if inputs else []
    return every


def _chosen(which: Values | None, slots: list[int], *, nearest: bool) -> list[int]:
    """The inputs that a switch may show: for each value the nearest, or the two that it lies between."""
    if which is None or not slots:
        return slots
    places = {end for v in which for end in ((math.floor(v + 0.5),) if nearest else (math.floor(v), math.ceil(v)))}
    wanted = {min(max(place, 0), len(slots) - 1) for place in places}
    return [slots[place] for place in sorted(wanted)]


def _stated(node: Node, knob: str, span: Span) -> Values | None:
    """A knob's values; 0 where a script does not save it, because that is its default."""
    values = node.values(knob, span.first, span.last)
    return NEVER if values == frozenset() else values


def _asked(node: Node, span: Span) -> Span:
    """The frames that a node asks of what it is made of."""
    if node.kind not in known().time:  # plug-ins retime as well, and nobody has looked into all of them
        return span if known().is_own(node.kind) and not node.kind.startswith("OFX") else EVERY
    if node.kind == "TimeOffset" and _stated(node, "reverse_input", span) == NEVER:
        offset = _stated(node, "time_offset", span)
        if offset and not span.is_every:
            shifts = [math.floor(-value) for value in offset] + [math.ceil(-value) for value in offset]
            return Span(span.first + min(shifts), span.last + max(shifts))
    if node.kind == "FrameHold" and _stated(node, "increment", span) == NEVER:
        old, new = (
            node.values("first_frame", span.first, span.last),
            _stated(node, "firstFrame", span),
        )  # its old name, and its new
        if old is not None and new is not None:
            return Span(math.floor(min(old | new)), math.ceil(max(old | new)))
    return EVERY
