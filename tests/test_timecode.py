"""Timecode and rates, compared with OpenTimelineIO's opentime."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_tags.timecode import Timecode, parse_rate, rate_text, supports_drop_frame, to_text

RATES = {"24": 24.0, "25": 25.0, "30": 30.0, "23.976": 24000 / 1001, "29.97": 30000 / 1001, "59.94": 60000 / 1001, "60": 60.0}


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", Fraction(24)), ("23.976", Fraction(24000, 1001)), ("23.98", Fraction(24000, 1001)), ("24000/1001", Fraction(24000, 1001)),
        ("23.976024627685547", Fraction(24000, 1001)), ("29.97", Fraction(30000, 1001)), ("59.94", Fraction(60000, 1001)),
        ("119.88", Fraction(120000, 1001)), ("47.952", Fraction(48000, 1001)), ("12.5", Fraction(25, 2)), (" 25 ", Fraction(25)), ("24.0", Fraction(24)),
    ],
)  # fmt: skip
def test_a_rate_is_read_exactly(text: str, rate: Fraction) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "0", "-24", "24/0", "fast", "1e2", "24fps", "1001", "²4", "24/1001/2"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="frame rate"):
        parse_rate(text)


@given(st.sampled_from(sorted(RATES)), st.integers(0, 24 * 3600 * 24 - 1), st.booleans())
def test_timecode_agrees_with_opentime_both_ways(name: str, frames: int, drop: bool) -> None:
    rate = parse_rate(name)
    use_drop = drop and supports_drop_frame(rate)
    theirs = otio.opentime.to_timecode(otio.opentime.RationalTime(frames, RATES[name]), RATES[name], use_drop)
    assert to_text(frames, rate, use_drop) == theirs
    assert Timecode.parse(theirs).to_frames(rate) == frames


@pytest.mark.parametrize("name", ["29.97", "59.94"])
def test_drop_frame_holds_around_every_minute(name: str) -> None:
    rate = parse_rate(name)
    for frames in (minute * 60 * round(rate) + offset for minute in range(70) for offset in range(-70, 70)):
        if frames >= 0:
            assert Timecode.parse(to_text(frames, rate, drop=True)).to_frames(rate) == frames


@pytest.mark.parametrize(
    ("text", "rate", "message"),
    [
        ("01:00:00:24", "24", "frame 24 does not exist at 24"),
        ("00:01:00;00", "29.97", "is dropped"),
        ("00:01:00;00", "24", "drop frame does not exist"),
        ("00:60:00:00", "24", "more than 59"),
        ("1:2:3:4", "24", "is not a timecode"),
        ("01:00:00", "24", "is not a timecode"),
        ("٠١:00:00:00", "24", "is not a timecode"),
    ],
)
def test_a_timecode_that_does_not_exist_is_refused(text: str, rate: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Timecode.parse(text).to_frames(parse_rate(rate))


def test_a_rate_is_written_as_it_is_exact() -> None:
    assert [rate_text(parse_rate(text)) for text in ("24", "23.976")] == ["24", "24000/1001"]
