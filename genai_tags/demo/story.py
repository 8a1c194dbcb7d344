"""The demo's story, step by step. Everything is done by the public command line, as a production would do it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass

from genai_tags.demo import facts
from genai_tags.demo.comp import comp
from genai_tags.demo.cuts import DemoShot, edl, otio
from genai_tags.demo.media import write_sequence

Call = Callable[..., tuple[int, str]]
"""Runs a command line: exit code and what it printed. ``show=True`` prints the output as well."""

_HANDLES = 8
_FIRST, _LAST = 1001, 1040


@dataclass(frozen=True, slots=True)
class _Plan:
    shot: str
    version: str
    facts: str | None
    colour: tuple[float, float, float]


PLANS = (
    _Plan("DMO_101_010_0010", "v003", facts.SET_EXTENSION, (0.9, 0.5, 0.2)),
    _Plan("DMO_101_010_0020", "v005", facts.SKY, (0.2, 0.4, 0.9)),
    _Plan("DMO_101_020_0010", "v002", facts.DE_AGEING, (0.8, 0.6, 0.5)),
    _Plan("DMO_101_020_0020", "v001", facts.POSTER, (0.5, 0.5, 0.5)),
    _Plan("DMO_101_030_0010", "v004", facts.TEMP_MATTE, (0.1, 0.1, 0.4)),
    _Plan("DMO_101_030_0020", "v002", None, (0.4, 0.7, 0.3)),
    _Plan("DMO_101_040_0010", "v001", None, (0.6, 0.6, 0.6)),
)
"""Approved set extension, pending sky, de-ageing without consent, poster, temp AI in a final, clean shot, untouched plate."""


class Demo:
    """Builds the show in ``folder`` and conforms its cut; ``say`` tells what happens."""

    def __init__(self, folder: str, call: Call, say: Callable[[str], None]) -> None:
        self.folder, self.call, self.say = folder, call, say
        self.ids: dict[str, str] = {}

    def run(self) -> bool:
        """Tell the story; whether every step went as it should."""
        self.say("1. A show is set up, and seven shots are rendered.")
        self._must("init", self.folder, "--name", "Demo")
        os.environ["GENAI_SHOW"] = self.folder
        shots = [self._render(i, plan) for i, plan in enumerate(PLANS)]
        self.say("2. Artists declare what they made with AI, and tag the frames.")
        for plan, shot in zip(PLANS, shots, strict=True):
            self._declare(plan, shot)
        self.say("3. The production gives and asks for what the rules demand.")
        self._evidence()
        self.say("4. What is AI in this show, who made it from what, and who allowed it?")
        self.call("find", show=True)
        self.say("5. The cut comes back from editorial as an EDL and as OpenTimelineIO.")
        cuts = self._export(shots)
        self.say("6. Both are conformed.")
        code, _ = self.call("conform", *cuts[:2], "--rate", "24", show=True)
        blocked = code == 1
        self.say("7. A trailer of the settled shots alone may ship.")
        shipped = self.call("conform", cuts[2], "--rate", "24", show=True)[0] == 0
        self.say("8. The client takes one approval back: the same trailer may not.")
        approval = (
            "revoke",
            self.ids["DMO_101_010_0010"],
            "--ref",
            "MAIL-0911",
            "--role",
            "client_contact",
            "--given-by",
            "C. Contact",
        )
        self._must(*approval)
        stopped = self.call("conform", cuts[2], "--rate", "24", show=True)[0] == 1
        self.say("9. The same for people: a page with the strip, every reason and every rule; and a table.")
        written = [os.path.join(self.folder, name) for name in ("report.html", "report.csv")]
        self._must("report", cuts[1], "--output", written[0], "--output", written[1])
        self.say("10. A compositor's script is checked before it renders, without Nuke.")
        script = os.path.join(self.folder, "comp.nk")
        with open(script, "w", encoding="utf-8") as stream:
            stream.write(comp(shots[0], shots[6], "v004"))
        checked = self.call("check", script, show=True)[0] == 1
        return blocked and shipped and stopped and checked

    def _must(self, *arguments: str) -> str:
        code, printed = self.call(*arguments)
        if code:
            raise RuntimeError(f"genai-tags {' '.join(arguments)} ended with {code}: {printed}")
        return printed

    def _render(self, i: int, plan: _Plan) -> DemoShot:
        start = (i + 1) * 24 * 3600
        stem = f"{plan.shot}_comp_GNT_{plan.version}"
        pattern = write_sequence(os.path.join(self.folder, "media", stem), stem, _FIRST, _LAST, start, plan.colour)
        return DemoShot(plan.shot, plan.version, pattern, _FIRST, _LAST, start, _FIRST + _HANDLES, _LAST - _HANDLES)

    def _declare(self, plan: _Plan, shot: DemoShot) -> None:
        if plan.facts is None:
            return
        path = os.path.join(self.folder, "facts", f"{plan.shot}.yaml")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(plan.facts)
        printed = self._must("declare", "--from", path, "--by", "A. Artist", "--format", "json")
        self.ids[plan.shot] = json.loads(printed)["id"]
        self._must("tag", shot.pattern, "--id", self.ids[plan.shot], "--by", "A. Artist")

    def _evidence(self) -> None:
        paper = ("--role", "client_contact", "--given-by", "C. Contact", "--by", "P. Producer")
        collapse = self.ids["DMO_101_010_0010"]
        self._must("legal-review", collapse, "--ref", "LEGAL-17", "--by", "P. Producer")
        self._must("approve", collapse, "--ref", "APPR-0042", "--shot", "DMO_101_010_0010", "--version", "v003", *paper)
        page = os.path.join(self.folder, "request.html")
        self._must("request", self.ids["DMO_101_010_0020"], "--ref", "MAIL-0907", "--write", page, "--by", "P. Producer")
        self._must("notice", self.ids["DMO_101_020_0010"], "--ref", "MAIL-0908", "--by", "P. Producer")
        why = "out of focus, never referred to"
        self._must("notice", self.ids["DMO_101_020_0020"], "--ref", "MAIL-0909", "--reason", why, "--by", "P. Producer")
        self._must("notice", self.ids["DMO_101_030_0010"], "--ref", "MAIL-0910", "--by", "P. Producer")
        self._must("clean", "--shots", "DMO_101_030_0020", "--ref", "SIGN-OFF-3", "--version", "v002", "--by", "S. Supervisor")

    def _export(self, shots: list[DemoShot]) -> list[str]:
        settled = [shot for shot in shots if shot.name in ("DMO_101_010_0010", "DMO_101_020_0020", "DMO_101_030_0020")]
        found = []
        for name, data in (
            ("locked.edl", edl("DEMO LOCKED", shots)),
            ("locked.otio", otio("DEMO LOCKED", shots)),
            ("trailer.edl", edl("DEMO TRAILER", settled)),
        ):
            path = os.path.join(self.folder, name)
            with open(path, "wb") as stream:
                stream.write(data)
            found.append(path)
        for shot in shots:
            if shot.name in self.ids:
                self._must("tag", found[1], "--clip", shot.clip, "--id", self.ids[shot.name], "--by", "A. Artist")
        return found
