"""Small EXR frames for the demo: uncompressed half RGB with a timecode, written with the standard library alone."""

from __future__ import annotations

import os
import struct
from fractions import Fraction

from genai_tags.timecode import to_text

WIDTH, HEIGHT = 64, 36
RATE = Fraction(24)


def write_sequence(folder: str, stem: str, first: int, last: int, start: int, colour: tuple[float, float, float]) -> str:
    """Write frames ``first`` to ``last`` (inclusive); ``start`` is the source frame count of the first. Returns the pattern."""
    os.makedirs(folder, exist_ok=True)
    for frame in range(first, last + 1):
        with open(os.path.join(folder, f"{stem}.{frame}.exr"), "wb") as stream:
            stream.write(frame_bytes(start + frame - first, colour, frame - first))
    return os.path.join(folder, f"{stem}.%04d.exr")


def frame_bytes(source_frame: int, colour: tuple[float, float, float], step: int) -> bytes:
    """One frame as bytes: a gradient that moves with ``step``."""
    box = struct.pack("<4i", 0, 0, WIDTH - 1, HEIGHT - 1)
    channels = b"".join(name + b"\0" + struct.pack("<iiii", 1, 0, 1, 1) for name in (b"B", b"G", b"R")) + b"\0"
    header = b"\x76\x2f\x31\x01" + struct.pack("<i", 2)
    for name, kind, value in (
        (b"channels", b"chlist", channels),
        (b"compression", b"compression", b"\0"),
        (b"dataWindow", b"box2i", box),
        (b"displayWindow", b"box2i", box),
        (b"lineOrder", b"lineOrder", b"\0"),
        (b"pixelAspectRatio", b"float", struct.pack("<f", 1)),
        (b"screenWindowCenter", b"v2f", struct.pack("<2f", 0, 0)),
        (b"screenWindowWidth", b"float", struct.pack("<f", 1)),
        (b"framesPerSecond", b"rational", struct.pack("<iI", RATE.numerator, RATE.denominator)),
        (b"timeCode", b"timecode", struct.pack("<II", _bcd(to_text(source_frame, RATE)), 0)),
    ):
        header += name + b"\0" + kind + b"\0" + struct.pack("<i", len(value)) + value
    header += b"\0"
    lines = [_line(y, colour, step) for y in range(HEIGHT)]
    place = len(header) + 8 * HEIGHT
    table = b""
    for line in lines:
        table += struct.pack("<Q", place)
        place += len(line)
    return header + table + b"".join(lines)


def _line(y: int, colour: tuple[float, float, float], step: int) -> bytes:
    ramp = [((x + 2 * step) % WIDTH) / WIDTH * (1 - y / HEIGHT / 2) for x in range(WIDTH)]
    pixels = b"".join(struct.pack(f"<{WIDTH}e", *(part * value for value in ramp)) for part in reversed(colour))
    return struct.pack("<ii", y, len(pixels)) + pixels


def _bcd(timecode: str) -> int:
    hours, minutes, seconds, frames = (int(part) for part in timecode.split(":"))
    return sum((n // 10 << 4 | n % 10) << shift for n, shift in ((frames, 0), (seconds, 8), (minutes, 16), (hours, 24)))
