"""``* GENAI:`` lines in an EDL: hints for whoever reads the list, never truth. No other byte of the file is touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote

from genai_tags.lines import decode

MAX_LINE = 249


def hint_line(tag_id: str, clip: str | None, status: str) -> str:
    """One line: ASCII, under 250 characters; the clip name is percent-encoded and cut where it is too long."""
    head, tail = f"* GENAI: v=1 id={tag_id}", f" status={status}"
    if clip is None:
        return head + tail
    encoded = [quote(letter, safe="._-") for letter in clip]
    room = MAX_LINE - len(head) - len(tail) - len(" clip=")
    while sum(map(len, encoded)) > room:
        encoded.pop()
    return f"{head} clip={''.join(encoded)}{tail}"


def is_ours(line: str) -> bool:
    """Whether a line is one that ``annotate`` wrote."""
    head, _, rest = line.strip().lstrip("*").partition(":")
    return head.strip().upper() == "GENAI" and rest.split()[:1] == ["v=1"]


def annotate(data: bytes, hints: Mapping[int, Sequence[str]], starts: Collection[int], source: str) -> bytes:
    """The EDL with these lines, by the number of the event line they are about, in place of all earlier ones of ours.

    ``starts`` are the line numbers at which a new event begins (the second line of a transition does not). The lines
    stand at the end of the event's comments, in the file's own encoding and line ends. Raises InputError for what is no text.
    """
    text = decode(data, source)
    lines = _without_ours(text.lines())
    pieces: list[str] = []
    for start, end in _groups(lines, starts):
        wanted = [hint for line in lines[start:end] for hint in hints.get(line.number, ())]
        place = _after_last_comment(lines, start, end)
        pieces.extend(line.text + line.end for line in lines[start:place])
        if wanted:
            pieces.append(_insertion(wanted, lines[place - 1].end, _usual_end(lines)))
        pieces.extend(line.text + line.end for line in lines[place:end])
    return text.encode("".join(pieces))


class _Line:
    """A line that is not ours; ``number`` is the one it had in the file that was read."""

    __slots__ = ("end", "number", "text")

    def __init__(self, text: str, end: str, number: int) -> None:
        self.text, self.end, self.number = text, end, number


def _without_ours(lines: list[tuple[str, str]]) -> list[_Line]:
    kept: list[_Line] = []
    for number, (text, end) in enumerate(lines, 1):
        if not is_ours(text):
            kept.append(_Line(text, end, number))
        elif end == "" and kept:  # ours stood last without an end: the end before it was ours too
            kept[-1].end = ""
    return kept


def _groups(lines: list[_Line], starts: Collection[int]) -> list[tuple[int, int]]:
    """Runs of lines that belong to one event; what precedes the first is one too."""
    begins = [0, *(i for i, line in enumerate(lines) if line.number in starts and i)]
    return list(zip(begins, [*begins[1:], len(lines)], strict=True))


def _after_last_comment(lines: list[_Line], start: int, end: int) -> int:
    for i in range(end - 1, start, -1):
        text = lines[i].text.strip().upper()
        if text and not text.startswith("FCM"):
            return i + 1
    return start + 1 if end > start else end


def _usual_end(lines: list[_Line]) -> str:
    return next((line.end for line in lines if line.end), "\n")


def _insertion(hints: list[str], end: str, usual: str) -> str:
    if end:
        return "".join(hint + end for hint in hints)
    return "".join(usual + hint for hint in hints)  # the file's last line has no end, and neither shall ours
