"""The CMX3600 reader: line-preserving, never guessing, never raising for a line.

Every line is either understood or listed as unread. Record timecodes are the file's own text. Written after 99 EDLs of
real systems: three line ends, 3 to 6 digit events, reels up to 32 characters with blanks, every channel form, comments
with and without ``*`` and blank, two-line transitions, M2 with negative and zero speeds.
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
from genai_tags.timecode import Timecode, rate_text, supports_drop_frame

_TC = r"\d{1,2}[:;.,]\d{2}[:;.,]\d{2}[:;.,]\d{2,3}"
_EVENT = re.compile(rf"\s*(\d{{1,6}}[A-Z]?)\s+(.*?)\s+({_TC})\s+({_TC})\s+({_TC})\s+({_TC})(?:\s+(.*\S))?\s*", re.ASCII)
_EVENT_LIKE = re.compile(rf"\s*\d{{1,6}}[A-Z]?\s+\S.*{_TC}", re.ASCII)
_TYPE = re.compile(
    r"(.*?)\s*(?<!\S)(C|D|W\d{1,3}|K|KB|K\s+B|KO|K\s+O)(?:\s+(\(?F?\)?)\s*(\d{1,5}))?(?:\s*\(?F\)?)?\s*", re.ASCII
)
_CHANNEL = re.compile(r"(?:NONE|B|V\d*|A\d*|AA\d*)(?:/?(?:V\d*|A\d*|AA\d*))*", re.ASCII)
_M2 = re.compile(rf"\s*\*?\s*M2\s+(.*?)\s+([+-]?\d+(?:\.\d+)?)\s+({_TC})\s*", re.ASCII)
_AUD = re.compile(r"\s*AUD(?:\s+\d+)+\s*", re.ASCII)
_KEYED = re.compile(r"([A-Z][A-Z _/]*?)\s*:\s*(.*)", re.ASCII)
_STATEMENT = re.compile(
    r"(?:TITLE\s*:|FCM\s*:|SPLIT\s*:|EFFECTS NAME IS\b|>>>\s*SOURCE\b|FINAL CUT PRO REEL\b|REM\b|GPI\b|DLEDL\s*:|KEY CLIP NAME\b|"
    r"(?:FROM|TO) CLIP\b|FROM FILE\b|SOURCE FILE\b|LOC\s*:|GENAI\s*:|ASC_S(?:OP|AT)\b|BLEND,|BL,|SRC\s*:|\|[CMD]:)",
    re.ASCII | re.IGNORECASE,
)

MAX_PROBLEM_TEXT = 200
MAX_LINE = 20_000
"""The longest line seen in a real EDL has 365 characters; comments of 20,000 have been written."""


def is_edl(text: str) -> bool:
    """Whether text looks like an EDL: a title, a frame code mode or an event line."""
    return bool(
        re.search(rf"^\s*(?:TITLE\s*:|FCM\s*:|\d{{1,6}}[A-Z]?\s+\S+.*{_TC})", text, re.MULTILINE | re.IGNORECASE | re.ASCII)
    )


def read_edl(data: bytes, path: str, rate: Fraction, rate_assumed: bool = False) -> Cut:
    """An EDL as a Cut. Raises InputError only where the bytes are no EDL at all."""
    text = decode(data, path)
    if not is_edl(text.text.replace("\r\n", "\n").replace("\r", "\n")):
        raise InputError(path, "is not an EDL: there is no title and no event line in it")
    return _Reader(path, rate, rate_assumed).read([line for line, _ in text.lines()])


class _Draft:
    """An event while its following lines are read."""

    __slots__ = ("comments", "event", "files", "from_clip", "hints", "is_audio", "to_clip")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.from_clip: str | None = None
        self.to_clip: str | None = None
        self.files: list[str] = []
        self.comments: list[str] = []
        self.hints: list[Hint] = []
        self.is_audio = False


class _Reader:
    def __init__(self, path: str, rate: Fraction, rate_assumed: bool) -> None:
        self.path, self.rate, self.rate_assumed = path, rate, rate_assumed
        self.title = ""
        self.drop = False
        self.drafts: list[_Draft] = []
        self.group: list[_Draft] = []
        """The event lines that the following comments are about: one, or the two of a transition."""
        self.unread: list[Unread] = []
        self.problems: list[Problem] = []

    def read(self, lines: list[str]) -> Cut:
        for number, line in enumerate(lines, 1):
            self._line(line.rstrip("\0\x1a"), number)
        events = _chain_transitions([_finish(draft) for draft in self.drafts])
        events = _check_overlaps(events)
        return Cut(
            path=self.path, format="cmx3600", title=self.title, rate=self.rate, rate_assumed=self.rate_assumed,
            events=tuple(events), unread=tuple(self.unread), problems=tuple(self.problems),
        )  # fmt: skip

    def _line(self, line: str, number: int) -> None:
        if not line.strip():
            return
        if len(line) > MAX_LINE:
            self._unread(line, number, f"is longer than {MAX_LINE} characters")
            return
        match = _EVENT.fullmatch(line)
        if match:
            self._event(match, number)
        elif _M2.fullmatch(line):
            self._speed(line, number)
        elif _AUD.fullmatch(line):
            for draft in self.group:
                draft.is_audio = True
                draft.comments.append(line.strip())
        elif line.lstrip().startswith("*") or _STATEMENT.search(line.lstrip(), 0, 40) or "|C:" in line:
            self._statement(line, number)
        elif _EVENT_LIKE.match(line):
            self._unread(line, number, "looks like an event, but has not four timecodes after reel, channel and transition")
        else:
            self._unread(line, number, "is no event, comment or statement of a CMX3600 list")

    def _unread(self, line: str, number: int, reason: str) -> None:
        self.unread.append(Unread(line=number, text=line[:MAX_PROBLEM_TEXT], reason=reason))

    # ------------------------------------------------------------ event lines

    def _event(self, match: re.Match[str], number: int) -> None:
        problems: list[Problem] = []
        where = f"line {number}"
        reel, channel, kind, duration = _columns(match[2], where, problems)
        source, record = self._span(match[3], match[4], where, problems), self._span(match[5], match[6], where, problems)
        event = Event(
            number=match[1], line=number, track=channel, kind=_kind(channel),
            record_in=match[5], record_out=match[6], source_in=match[3], source_out=match[4],
            record=record, source=source, rate=self.rate, source_rate=self.rate, reel=reel or None,
            transition=None if kind == "C" else kind, transition_frames=duration, problems=tuple(problems),
        )  # fmt: skip
        draft = _Draft(event)
        if match[7]:
            draft.comments.append(match[7])
        second_line = bool(self.group) and event.transition is not None and self.group[-1].event.number == event.number
        self.group = [*self.group[-1:], draft] if second_line else [draft]
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

    def _speed(self, line: str, number: int) -> None:
        match = _M2.fullmatch(line)
        assert match is not None
        speed = Fraction(match[2]) / (Fraction(round(self.rate)) if Fraction(match[2]).denominator == 1 else self.rate)
        named = [d for d in self.group if (d.event.reel or "").strip() == match[1].strip()]
        if not self.group:
            self._unread(line, number, "gives a speed before any event")
            return
        target = (named or self.group)[-1]
        if len(named) > 1 and named[0].event.speed == 1:  # both sides of a transition from one reel: M2 lines come in order
            target = named[0] if any("M2" in c for c in named[-1].comments) else named[-1]
        target.event = dataclasses.replace(target.event, speed=speed)
        target.comments.append(line.strip())

    def _statement(self, line: str, number: int) -> None:
        body = re.sub(r"^[\s*]+", "", line).rstrip()
        upper = body.upper()
        if upper.startswith("TITLE") and not self.drafts and ":" in body:
            self.title = body.partition(":")[2].strip()
        elif upper.startswith("FCM"):
            self.drop = "DROP" in upper and "NON" not in upper
        elif self.group:
            self._comment(body, number)

    def _comment(self, body: str, number: int) -> None:
        last, first = self.group[-1], self.group[0]
        keyed = _KEYED.match(body.upper())
        key = keyed[1].strip() if keyed else ""
        value = body.partition(":")[2].strip() if keyed else ""
        if key == "GENAI":
            self._hint(value, body, number)
            return
        last.comments.append(body)
        if key == "FROM CLIP NAME":
            first.from_clip = value
            if last is not first and last.from_clip is None:
                last.from_clip = value
        elif key == "TO CLIP NAME":
            last.to_clip = value
        elif key in ("SOURCE FILE", "FROM FILE", "FROM CLIP", "TO FILE", "TO CLIP", "SRC"):
            target = last if key.startswith("TO") or (last is not first and first.files) else first
            target.files.append(value)

    def _hint(self, value: str, body: str, number: int) -> None:
        fields = dict(item.partition("=")[::2] for item in value.split())
        tag_id = fields.get("id", "")
        if not ID_PATTERN.fullmatch(tag_id):
            self._unread(f"* {body}", number, "is a GENAI line without a usable id=")
            return
        clip = unquote(fields["clip"]) if "clip" in fields else None
        hint = Hint(id=tag_id, clip=clip, status=fields.get("status"), line=number)
        fitting = [d for d in self.group if clip is not None and clip in (d.to_clip or d.from_clip, d.event.reel)]
        (fitting or self.group)[-1].hints.append(hint)


def _columns(text: str, where: str, problems: list[Problem]) -> tuple[str, str, str, int]:
    """Reel, channel, transition type and duration from what stands between event number and timecodes.

    Read from the right, because reels may hold blanks.
    """
    match = _TYPE.fullmatch(text)
    if match is None:
        problems.append(Problem(where, "names no transition type (C, D, W or K)", "bad_event"))
        before, kind, duration = text, "C", 0
    else:
        before, kind, duration = match[1].strip(), "".join(match[2].split()), int(match[4] or 0)
    pieces = before.split()
    if pieces and _CHANNEL.fullmatch(pieces[-1]) and (len(pieces) > 1 or match is not None):
        reel = before[: before.rindex(pieces[-1])].strip()
        if not reel:
            problems.append(Problem(where, "names no reel", "bad_event"))
        return reel, pieces[-1], kind, duration
    problems.append(Problem(where, f"names no channel that is known ({before!r})", "bad_event"))
    return before, "", kind, duration


def _kind(channel: str) -> str:
    if not channel or "V" in channel or channel == "B":
        return VIDEO
    return DATA if channel == "NONE" else AUDIO


def _finish(draft: _Draft) -> Event:
    event = draft.event
    incoming = event.transition is not None
    clip = (draft.to_clip or draft.from_clip) if incoming else draft.from_clip
    problems = event.problems
    if event.record and event.source and event.speed == 1:
        source, record = event.source[1] - event.source[0], event.record[1] - event.record[0]
        if source != record:
            message = f"source lasts {source} frames, record {record}, and no M2 line says why"
            problems = (*problems, Problem(f"line {event.line}", message, "duration_mismatch"))
    return dataclasses.replace(
        event, clip=clip, file=draft.files[-1] if draft.files else None, comments=tuple(draft.comments),
        hints=tuple(draft.hints), kind=AUDIO if draft.is_audio and event.kind == DATA else event.kind, problems=problems,
    )  # fmt: skip


def _chain_transitions(events: list[Event]) -> list[Event]:
    """The outgoing side of a transition goes on behind its out point for as long as the transition lasts."""
    found = list(events)
    for i, event in enumerate(events):
        if event.transition is None or not event.transition_frames:
            continue
        for j in range(i - 1, -1, -1):
            if events[j].track == event.track or events[j].number == event.number:
                found[j] = dataclasses.replace(found[j], tail=max(found[j].tail, event.transition_frames))
                break
    return found


def _check_overlaps(events: list[Event]) -> list[Event]:
    """Two picture events of one track cannot hold the same record frame."""
    found = list(events)
    ends: dict[str, tuple[int, Event]] = {}
    for i, event in enumerate(events):
        if event.kind != VIDEO or event.record is None or event.record[0] == event.record[1]:
            continue
        end, before = ends.get(event.track, (None, None))
        if (
            end is not None
            and before is not None
            and event.record[0] < end
            and before.record
            and event.record[1] > before.record[0]
        ):
            problem = Problem(f"line {event.line}", f"overlaps event {before.number} in the record", "record_overlap")
            found[i] = dataclasses.replace(event, problems=(*event.problems, problem))
        ends[event.track] = (max(event.record[1], end or 0), event)
    return found
