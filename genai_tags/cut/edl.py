"""The CMX3600 reader: line-preserving, never guessing, never raising for a line.

Every line is either understood or listed as unread. Record timecodes are the file's own text. Written after 99 EDLs of
real systems: three line ends, 3 to 6 digit events, reels up to 32 characters with blanks, every channel form, comments
with and without ``*`` and blank, two-line transitions, M2 with negative and zero speeds. Lines are taken apart word by
word; no pattern here can backtrack.
"""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from urllib.parse import unquote

from genai_tags.codec import ID_PATTERN
from genai_tags.cut.model import AUDIO, DATA, VIDEO, Cut, Event, Hint, Unread
from genai_tags.errors import InputError, Problem
from genai_tags.lines import decode
from genai_tags.timecode import Timecode, nominal, rate_text, supports_drop_frame

_TOKEN = re.compile(r"\S+")
_NUMBER = re.compile(r"\d{1,6}[A-Z]?", re.ASCII)
_TC = re.compile(r"\d{1,2}[:;.,]\d{2}[:;.,]\d{2}[:;.,]\d{2,3}", re.ASCII)
_TYPE = re.compile(r"C|D|W\d{1,3}|K[BO]?", re.ASCII)
_DURATION = re.compile(r"\d{1,5}", re.ASCII)
_CHANNEL = re.compile(r"NONE|B|[AV][AV0-9]{0,15}(?:/[AV][AV0-9]{0,15}){0,3}", re.ASCII)
_SPEED = re.compile(r"[+-]?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})", re.ASCII)
_STATEMENT = re.compile(
    r"TITLE\s?:|FCM\s?:|SPLIT\s?:|EFFECTS NAME IS\b|>>>\s?SOURCE\b|FINAL CUT PRO REEL\b|REM\b|GPI\b|DLEDL\s?:|KEY CLIP NAME\b|"
    r"(?:FROM|TO) CLIP\b|(?:FROM|TO) FILE\b|SOURCE FILE\b|LOC\s?:|GENAI\s?:|ASC_S(?:OP|AT)\b|BLEND,|SRC\s?:|\|[CMD]:",
    re.ASCII | re.IGNORECASE,
)
_MARKER = re.compile(r"\|C:Resolve\w+ \|M:", re.ASCII)
"""DaVinci Resolve's "Timeline Markers to EDL": a note, a colour and a name behind each event."""

MAX_PROBLEM_TEXT = 200
MAX_LINE = 20_000
"""The longest line seen in a real EDL has 365 characters; comments of 20,000 have been written."""
BLACK = frozenset(("BL", "BLK", "BLACK"))
"""Reels that mean no picture, where no clip or file is named."""
_MATTE = frozenset(("K", "KB", "KO"))


def is_edl(text: str) -> bool:
    """Whether text looks like an EDL: a title, a frame code mode or an event line."""
    return any(
        line.lstrip()[:16].upper().replace(" ", "").startswith(("TITLE:", "FCM:")) or _split(line) is not None
        for line in re.split(r"[\r\n]+", text)
        if len(line) <= MAX_LINE
    )


def read_edl(data: bytes, path: str, rate: Fraction, rate_assumed: bool = False) -> Cut:
    """An EDL as a Cut. Raises InputError only where the bytes are no EDL at all."""
    text = decode(data, path)
    if not is_edl(text.text):
        raise InputError(path, "is not an EDL: there is no title and no event line in it")
    return _Reader(path, rate, rate_assumed).read([line for line, _ in text.lines()])


@dataclasses.dataclass(frozen=True, slots=True)
class _Columns:
    """An event line taken apart: what stands between number and timecodes, the four timecodes, and what follows them."""

    number: str
    middle: list[str]
    reel_text: str
    times: list[str]
    rest: str


def _split(line: str) -> _Columns | None:
    """An event line's columns, from its words: linear, whatever the line."""
    if not line.lstrip()[:1].isdigit():
        return None
    words = list(_TOKEN.finditer(line))
    if len(words) < 5 or not _NUMBER.fullmatch(words[0][0]):
        return None
    times = [len(word[0]) > 9 and bool(_TC.fullmatch(word[0])) for word in words]
    for i in range(1, len(words) - 3):
        if times[i] and all(times[i : i + 4]):
            between = line[words[0].end() : words[i].start()]
            rest = line[words[i + 3].end() :].strip()
            return _Columns(words[0][0], [w[0] for w in words[1:i]], between, [w[0] for w in words[i : i + 4]], rest)
    return None


def _event_like(line: str) -> bool:
    words = line.split()
    return bool(words) and bool(_NUMBER.fullmatch(words[0])) and any(_TC.fullmatch(word) for word in words[1:])


class _Draft:
    """An event while its following lines are read."""

    __slots__ = ("comments", "event", "files", "from_clip", "hints", "is_audio", "key_clip", "to_clip")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.from_clip: str | None = None
        self.to_clip: str | None = None
        self.key_clip: str | None = None
        self.files: list[str] = []
        self.comments: list[str] = []
        self.hints: list[Hint] = []
        self.is_audio = False

    @property
    def incoming(self) -> bool:
        """The second side of a transition."""
        return self.event.transition is not None

    @property
    def black(self) -> bool:
        """The black side of a fade: names and files that follow are the other side's."""
        return (self.event.reel or "").upper() in BLACK

    def clip(self) -> str | None:
        """What the event's clip is called: the new side's name for an incoming one, the key's for a matte."""
        if self.event.transition in ("K", "KO"):
            return self.key_clip or self.to_clip or self.from_clip
        return (self.to_clip or self.from_clip) if self.incoming else self.from_clip


class _Reader:
    def __init__(self, path: str, rate: Fraction, rate_assumed: bool) -> None:
        self.path, self.rate, self.rate_assumed = path, rate, rate_assumed
        self.title = ""
        self.drop = False
        self.drafts: list[_Draft] = []
        self.group: list[_Draft] = []
        """The event lines that the following comments are about: lines of one number, one behind the other."""
        self.commented = False
        self.waiting: list[tuple[Hint, list[_Draft]]] = []
        self.unread: list[Unread] = []
        self.problems: list[Problem] = []

    def read(self, lines: list[str]) -> Cut:
        for number, line in enumerate(lines, 1):
            self._line(line, number)
        for hint, group in self.waiting:
            _give(hint, group)
        events = _chain_transitions([_finish(draft) for draft in self.drafts])
        return Cut(
            path=self.path, format="cmx3600", title=self.title, rate=self.rate, rate_assumed=self.rate_assumed,
            events=tuple(_check_overlaps(events)), unread=tuple(self.unread), problems=tuple(self.problems),
        )  # fmt: skip

    def _line(self, line: str, number: int) -> None:
        if not line.strip():
            return
        if len(line) > MAX_LINE:
            self._unread(line, number, f"is longer than {MAX_LINE} characters")
            return
        columns = _split(line)
        body = line.strip().lstrip("*").strip()
        starred = line.lstrip().startswith("*")
        words = body.split()
        if columns is not None:
            self._event(columns, number)
        elif _event_like(line):
            self._unread(line, number, "looks like an event, but has not four timecodes after reel, channel and transition")
        elif words and words[0].upper() == "M2" and _TC.fullmatch(words[-1]):
            self._speed(line, words[1:], number)
        elif words and words[0].upper() == "AUD" and all(word.isdigit() for word in words[1:]):
            for draft in self.group:
                draft.is_audio = True
                draft.comments.append(body)
        elif starred or _STATEMENT.match(body) or _MARKER.search(line):
            self._statement(line, body, number, starred)
        else:
            self._unread(line, number, "is no event, comment or statement of a CMX3600 list")

    def _unread(self, line: str, number: int, reason: str) -> None:
        self.unread.append(Unread(line=number, text=line[:MAX_PROBLEM_TEXT], reason=reason))

    # ------------------------------------------------------------ event lines

    def _event(self, columns: _Columns, number: int) -> None:
        problems: list[Problem] = []
        where = f"line {number}"
        reel, channel, kind, duration = _middle(columns, where, problems)
        source_in, source_out, record_in, record_out = columns.times
        joined = bool(self.group) and self.group[-1].event.number == columns.number and (kind != "C" or not self.commented)
        event = Event(
            number=columns.number, line=number, track=channel, kind=_kind(channel),
            record_in=record_in, record_out=record_out, source_in=source_in, source_out=source_out,
            record=self._span(record_in, record_out, where, problems), source=self._span(source_in, source_out, where, problems),
            rate=self.rate, source_rate=self.rate, reel=reel or None, joined=joined,
            transition=None if kind == "C" else kind, transition_frames=duration, problems=tuple(problems),
        )  # fmt: skip
        draft = _Draft(event)
        if columns.rest:
            draft.comments.append(columns.rest)
        self.group = [*self.group, draft] if joined else [draft]
        self.commented = False
        self.drafts.append(draft)

    def _span(self, first: str, second: str, where: str, problems: list[Problem]) -> tuple[int, int] | None:
        try:
            span = self._frames(first), self._frames(second)
        except ValueError as error:
            problems.append(Problem(where, str(error), "bad_timecode"))
            return None
        if span[1] < span[0]:
            problems.append(Problem(where, f"{second} lies before {first}", "bad_timecode"))
            return None
        return span

    def _frames(self, text: str) -> int:
        timecode = Timecode.parse(text)
        drop = (timecode.drop or self.drop) and supports_drop_frame(self.rate)
        if timecode.drop and not drop:
            raise ValueError(
                f"{text} is drop-frame, which does not exist at {rate_text(self.rate)} frames per second; use --rate"
            )
        return timecode.to_frames(self.rate, drop)

    # ------------------------------------------------------------ what follows an event

    def _speed(self, line: str, words: list[str], number: int) -> None:
        """``M2 REEL SPEED TIMECODE``: the timecode is where the source is entered, and says which side is meant."""
        value, reel = (words[-2] if len(words) > 1 else ""), words[:-2]
        if reel and reel[-1] in ("-", "+"):
            value, reel = reel[-1] + value, reel[:-1]
        if not _SPEED.fullmatch(value) or not self.group:
            self._unread(
                line, number, "gives a speed before any event" if not self.group else "gives no speed that can be read"
            )
            return
        named = [d for d in self.group if (d.event.reel or "").split() == reel] or self.group
        exact = [d for d in named if d.event.source_in == words[-1]] or named
        free = [d for d in exact if not any(c.startswith("M2") for c in d.comments)] or exact
        speed = Fraction(value) / nominal(self.rate)
        for draft in free if not any(d.incoming for d in self.group) else free[:1]:
            draft.event = dataclasses.replace(draft.event, speed=speed, either_way=speed < 0)
            draft.comments.append("M2 " + " ".join(words))
        self.commented = True

    def _statement(self, line: str, body: str, number: int, starred: bool) -> None:
        upper = body.upper()
        if upper.startswith("TITLE") and not self.drafts and ":" in body:
            self.title = body.partition(":")[2].strip()
        elif upper.startswith("FCM") and not starred:
            self._mode(line, upper.partition(":")[2].split(), number)
        elif upper.partition(":")[0].strip() == "GENAI":
            self._hint(line, body.partition(":")[2], number)
        elif self.group:
            self.commented = True
            self._comment(body)

    def _mode(self, line: str, words: list[str], number: int) -> None:
        name = "".join(words).replace("-", "")
        if name not in ("DROPFRAME", "NONDROPFRAME"):
            self._unread(line, number, "names no frame code mode that is known (DROP FRAME, NON-DROP FRAME)")
            return
        self.drop = name == "DROPFRAME"
        if self.drop and not supports_drop_frame(self.rate):
            text = f"says DROP FRAME, which does not exist at {rate_text(self.rate)} frames per second; use --rate"
            self.problems.append(Problem(f"line {number}", text, "bad_timecode"))

    def _comment(self, body: str) -> None:
        head, colon, tail = body.partition(":")
        key, value = " ".join(head.upper().split()), tail.strip()
        about = [d for d in self.group if not d.black] or self.group  # of a fade, the side that is not black
        incoming = [d for d in about if d.incoming]
        outgoing = [d for d in about if not d.incoming]
        for draft in incoming or outgoing or self.group:
            draft.comments.append(body)
        if not colon:
            return
        if key == "FROM CLIP NAME":
            fresh = [d for d in outgoing if d.from_clip is None]
            for draft in fresh or [d for d in incoming if d.from_clip is None]:
                draft.from_clip = value
        elif key == "TO CLIP NAME":
            for draft in incoming or outgoing:
                draft.to_clip = value
        elif key == "KEY CLIP NAME":
            for draft in self.group:
                draft.key_clip = value
        elif key in ("SOURCE FILE", "FROM FILE", "FROM CLIP", "TO FILE", "TO CLIP", "SRC"):
            fresh = [d for d in outgoing if not d.files] if not key.startswith("TO") else []
            for draft in fresh or incoming or outgoing:
                draft.files.append(value)

    def _hint(self, line: str, value: str, number: int) -> None:
        fields = dict(item.partition("=")[::2] for item in value.split())
        tag_id = fields.get("id", "")
        if not ID_PATTERN.fullmatch(tag_id) or not self.group:
            why = "is a GENAI line without a usable id=" if self.group else "is a GENAI line before any event"
            self._unread(line, number, why)
            return
        clip = unquote(fields["clip"]) if "clip" in fields else None
        self.waiting.append((Hint(id=tag_id, clip=clip, status=fields.get("status"), line=number), self.group))


def _give(hint: Hint, group: list[_Draft]) -> None:
    """A hint belongs to the event whose clip or reel it names, else to the last one. Long names were cut short."""
    for draft in group:
        for name in (draft.clip(), draft.event.reel):
            if hint.clip and name and (name == hint.clip or (len(hint.clip) >= 20 and name.startswith(hint.clip))):
                draft.hints.append(hint)
                return
    group[-1].hints.append(hint)


def _middle(columns: _Columns, where: str, problems: list[Problem]) -> tuple[str, str, str, int]:
    """Reel, channel, transition type and duration, read from the right because reels may hold blanks."""
    words = [*columns.middle]
    duration = 0
    if words and words[-1].upper() == "(F)":  # a key that fades
        words.pop()
    if len(words) > 1 and _DURATION.fullmatch(words[-1]) and (_TYPE.fullmatch(words[-2]) or words[-2] in ("B", "O")):
        duration = int(words.pop())
    if len(words) > 2 and words[-1] in ("B", "O") and words[-2] == "K":
        words[-2:] = ["K" + words[-1]]
    if words and _TYPE.fullmatch(words[-1]):
        kind = words.pop()
    else:
        problems.append(Problem(where, "names no transition type (C, D, W or K)", "bad_event"))
        kind = "C"
    channel = words.pop() if words and _CHANNEL.fullmatch(words[-1]) else ""
    if not channel:
        problems.append(Problem(where, f"names no channel that is known ({' '.join(words)!r})", "bad_event"))
    elif not words:
        problems.append(Problem(where, "names no reel", "bad_event"))
    return _as_written(words, columns.reel_text), channel, kind, 0 if kind == "C" else duration


def _as_written(words: list[str], text: str) -> str:
    """The reel with its own blanks: the first ``len(words)`` words of the text."""
    found = list(_TOKEN.finditer(text))[: len(words)]
    return text[found[0].start() : found[-1].end()] if found else ""


def _kind(channel: str) -> str:
    if not channel or "V" in channel or channel == "B":
        return VIDEO
    return DATA if channel == "NONE" else AUDIO


def _finish(draft: _Draft) -> Event:
    event, problems = draft.event, draft.event.problems
    if event.record and event.source and event.speed == 1:
        source, record = event.source[1] - event.source[0], event.record[1] - event.record[0]
        if source != record:
            message = f"source lasts {source} frames, record {record}, and no M2 line says why"
            problems = (*problems, Problem(f"line {event.line}", message, "duration_mismatch"))
    return dataclasses.replace(
        event, clip=draft.clip(), file=draft.files[-1] if draft.files else None, comments=tuple(draft.comments),
        hints=tuple(draft.hints), kind=AUDIO if draft.is_audio and event.kind == DATA else event.kind, problems=problems,
    )  # fmt: skip


def _chain_transitions(events: list[Event]) -> list[Event]:
    """The outgoing side of a dissolve or wipe goes on behind its out point for as long as the transition lasts."""
    found = list(events)
    for i, event in enumerate(events):
        if event.transition is None or event.transition in _MATTE or not event.transition_frames:
            continue
        for j in range(i - 1, -1, -1):
            if events[j].track == event.track or events[j].number == event.number:
                found[j] = dataclasses.replace(found[j], tail=max(found[j].tail, event.transition_frames))
                break
    return found


def _check_overlaps(events: list[Event]) -> list[Event]:
    """Two picture events of one track cannot hold the same record frame; a matte and what it keys over must."""
    found = list(events)
    ends: dict[str, tuple[int, Event]] = {}
    for i, event in enumerate(events):
        if event.kind != VIDEO or event.record is None or event.record[0] == event.record[1] or event.transition in _MATTE:
            continue
        end, before = ends.get(event.track, (event.record[0], event))
        if event.record[0] < end and before.record and event.record[1] > before.record[0]:
            problem = Problem(f"line {event.line}", f"overlaps event {before.number} in the record", "record_overlap")
            found[i] = dataclasses.replace(event, problems=(*event.problems, problem))
        ends[event.track] = (max(event.record[1], end), event)
    return found
