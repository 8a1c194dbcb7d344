"""A stage for conform scenarios: a small show with real EXR media and cuts, everything done by the public command line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from genai_tags.demo.cuts import DemoShot, otio
from genai_tags.demo.media import frame_bytes, write_sequence
from genai_tags.timecode import to_text
from tests.conftest import Cli, Ran
from tests.facts import as_yaml

SHOT = "AGM_104_065_010"
FIRST, LAST, START = 1001, 1010, 86400
FINAL = {"uses[0].stage": "final", "tag.answers.temporary": "no"}
RATE = Fraction(24)


class Stage:
    """One show on stage. Tag ids are tag0001, tag0002 and so on, in the order of declaration."""

    def __init__(self, cli: Cli, folder: Path) -> None:
        self.cli, self.folder = cli, folder
        self.media = folder / "media"
        self.media.mkdir()

    def do(self, *arguments: object) -> Ran:
        """A command line that must work."""
        ran = self.cli(*arguments)
        assert ran.code == 0, ran.err
        return ran

    def configure(self, text: str) -> None:
        """Add lines to genai.yaml."""
        path = self.folder / "genai.yaml"
        path.write_text(path.read_text() + text)

    def sequence(self, version: str = "v001", shot: str = SHOT, first: int = FIRST, last: int = LAST, folder: str = "") -> str:
        """Frames of a shot, timecode 01:00:00:00 on the first; the pattern."""
        return write_sequence(str(self.media / folder), f"{shot}_comp_NFX_{version}", first, last, START, (0.5, 0.5, 0.5))

    def declare(self, changes: Mapping[str, Any] | None = None, revise: str | None = None) -> str:
        """Declare calm facts with changes; the id."""
        path = self.folder / "facts.yaml"
        path.write_text(as_yaml(changes if changes is not None else FINAL))
        extra = ("--revise", revise) if revise else ()
        return str(self.do("declare", "--from", path, "--format", "json", *extra).json["id"])

    def settled(self, version: str = "v001", changes: Mapping[str, Any] | None = None, **approval: str) -> tuple[str, str]:
        """Frames, a tag on them, and an approval; pattern and id."""
        pattern, tag_id = self.sequence(version), self.declare(changes)
        self.do("tag", pattern, "--id", tag_id)
        self.approve(tag_id, **approval)
        return pattern, tag_id

    def approve(self, tag_id: str, date: str = "2026-11-01", **more: str) -> None:
        """An approval by the client contact."""
        extra = [word for name, value in more.items() for word in (f"--{name}", value)]
        self.do(
            "approve", tag_id, "--ref", "A-1", "--role", "client_contact", "--given-by", "C. Contact", "--date", date, *extra
        )

    def event(
        self, version: str = "v001", shot: str = SHOT, first: int = FIRST, last: int = LAST, **more: str
    ) -> dict[str, str]:
        """An EDL event that uses frames ``first`` to ``last`` (inclusive)."""
        begin = START + first - FIRST
        times = {"source_in": to_text(begin, RATE), "source_out": to_text(begin + last - first + 1, RATE)}
        return {"clip": f"{shot}_comp_NFX_{version}", **times, **more}

    def edl(self, *events: Mapping[str, str], head: str = "TITLE: SCENE\nFCM: NON-DROP FRAME\n", name: str = "cut.edl") -> Path:
        """An EDL of these events, one behind the other; ``comment`` adds a line to an event."""
        lines, record = [head], 86400
        for i, event in enumerate(events, 1):
            hours = [
                sum(int(n) * m for n, m in zip(event[key].split(":"), (86400, 1440, 24, 1), strict=True))
                for key in ("source_in", "source_out")
            ]
            length = int(event.get("length", hours[1] - hours[0]))
            times = f"{event['source_in']} {event['source_out']} {to_text(record, RATE)} {to_text(record + length, RATE)}"
            lines.append(
                f"{i:03d}  {event.get('reel', 'AX'):<8} {event.get('channel', 'V'):<5} {event.get('kind', 'C'):<8} {times}\n"
            )
            if event.get("clip"):
                lines.append(f"* FROM CLIP NAME: {event['clip']}\n")
            if event.get("comment"):
                lines.append(event["comment"] + "\n")
            record += length
        path = self.folder / name
        path.write_text("".join(lines))
        return path

    def otio(self, pattern: str, version: str = "v001", first: int = FIRST, last: int = LAST) -> Path:
        """A timeline of one image-sequence clip."""
        path = self.folder / "cut.otio"
        path.write_bytes(otio("SCENE", [DemoShot(SHOT, version, pattern, FIRST, LAST, START, first, last)]))
        return path

    def conform(self, cut: Path, *options: object, media: bool = True) -> dict[str, Any]:
        """The conform of a cut as JSON, with everything that differs between runs taken out."""
        extra = ("--media", self.media) if media else ()
        rate = () if "--rate" in options or "--no-rate" in options else ("--rate", "24")
        given = [option for option in options if option != "--no-rate"]
        ran = self.cli("conform", cut, "--format", "json", *rate, *extra, *given)
        assert ran.code in (0, 1), ran.err
        document = self._steady(ran.json)
        assert document["schema"] == "genai_tags.conform/1"
        document["exit_code"] = ran.code
        return document

    def _steady(self, document: dict[str, Any]) -> dict[str, Any]:
        document["heads"] = [re.sub(r":[0-9a-f]{64}$", ":…", head) for head in document["heads"]]
        text = json.dumps(document, ensure_ascii=False)
        return dict(json.loads(text.replace(str(self.folder), "SHOW")))

    def frame(self, name: str) -> Path:
        """One untagged frame."""
        path = self.media / name
        path.write_bytes(frame_bytes(START, (1, 1, 1), 0))
        return path


def codes(document: Mapping[str, Any]) -> set[str]:
    """Every finding code in a conform document."""
    places: Sequence[Mapping[str, Any]] = [document, *document["cuts"], *document["events"]]
    return {finding["code"] for place in places for finding in place["findings"]}
