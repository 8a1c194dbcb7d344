"""Whole stories of a show, told by the command line and compared whole: every word printed and every file left behind.

``stories/NAME/story.txt`` is a transcript. Lines that begin with two spaces are what was printed; the others are played:

    @ 2026-10-01T09:00:00Z       the clock stands there (UTC)
    as vendora "A. Artist"       whose installation it is, and who types
    in vendor-a                  the show that commands are about
    $ genai-tags notice ...      a command line
    % frames STEM FIRST LAST     real EXR frames; also: copy, remove, replace FILE OLD NEW, append FILE TEXT

``GENAI_UPDATE=1 pytest tests/test_stories.py`` writes the transcripts again; read the difference before committing it.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import secrets
import shlex
import shutil
from pathlib import Path

import pytest

from genai_tags.demo.media import write_sequence
from genai_tags.show import Show
from tests.conftest import Cli

STORIES = Path(__file__).parent / "stories"


class Teller:
    """Plays the lines of a story in a folder of its own."""

    def __init__(self, cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cli, self.folder, self.patch = cli, folder, monkeypatch
        numbers, tokens = itertools.count(1), itertools.count(1)
        monkeypatch.setattr(Show, "_new_id", lambda self: f"tag{next(numbers):04d}")
        monkeypatch.setattr(secrets, "token_hex", lambda size=16: f"{next(tokens):0{2 * size}x}")
        monkeypatch.setenv("TZ", "Pacific/Auckland")  # the machine's zone must not matter, the show's does
        monkeypatch.setenv("COLUMNS", "150")

    def tell(self, line: str) -> list[str]:
        """What a line brings about, as lines to print."""
        word, _, rest = line.partition(" ")
        if word == "@":
            self.patch.setenv("GENAI_NOW", rest)
        elif word == "as":
            writer, person = shlex.split(rest)
            self.patch.setenv("GENAI_WRITER", writer)
            self.patch.setenv("GENAI_BY", person)
        elif word == "in":
            self.patch.setenv("GENAI_SHOW", str(self.folder / rest))
        elif word == "$":
            return self._run(shlex.split(rest))
        elif word == "%":
            self._do(*shlex.split(rest))
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"no such line in a story: {line!r}")
        return []

    def _run(self, arguments: list[str]) -> list[str]:
        assert arguments[0] == "genai-tags"
        ran = self.cli(*arguments[1:])
        text = (ran.out + ran.err).replace(str(self.folder), "HERE")
        lines = [line.rstrip() for line in text.splitlines()]
        return [*lines, *([f"[{ran.code}]"] if ran.code else [])]

    def _do(self, what: str, *given: str) -> None:
        paths = [self.folder / each for each in given]
        if what == "frames":
            stem = self.folder / given[0]
            write_sequence(str(stem.parent), stem.name, int(given[1]), int(given[2]), 86400, (0.5, 0.5, 0.5))
        elif what == "copy":
            paths[1].parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(paths[0], paths[1])
        elif what == "remove":
            paths[0].unlink()
        elif what == "replace":
            before, (old, new) = paths[0].read_text(encoding="utf-8"), (text.replace("\\n", "\n") for text in given[1:])
            assert old in before
            paths[0].write_text(before.replace(old, new), encoding="utf-8")
        elif what == "append":
            with paths[0].open("a", encoding="utf-8") as stream:
                stream.write(given[1].replace("\\n", "\n"))
        else:
            raise ValueError(f"no such deed in a story: {what!r}")

    def left_behind(self) -> list[str]:
        """Every file with the beginning of its SHA-256; bundles by name, because compressors differ."""
        found = []
        for path in sorted(each for each in self.folder.rglob("*") if each.is_file()):
            name = path.relative_to(self.folder).as_posix()
            if path.suffix in (".exr", ".zip", ".html"):
                found.append(name)
            else:
                found.append(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}")
        return found


@pytest.mark.parametrize("name", sorted(each.name for each in STORIES.iterdir() if each.is_dir()))
def test_a_story_told_whole(name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = STORIES / name / "story.txt"
    expected = book.read_text(encoding="utf-8")
    here = tmp_path / "here"
    shutil.copytree(STORIES / name, here, ignore=shutil.ignore_patterns("story.txt"))
    monkeypatch.chdir(here)
    teller = Teller(cli, here, monkeypatch)
    told: list[str] = []
    for line in expected.splitlines():
        if not line.startswith("  ") and line != "files left behind:":
            told.append(line)
            told += [f"  {text}".rstrip() or "  " for text in teller.tell(line)]
    story = "\n".join([*told, "files left behind:", *(f"  {each}" for each in teller.left_behind())]) + "\n"
    if os.environ.get("GENAI_UPDATE"):
        book.write_text(story, encoding="utf-8")
    assert story == expected


def test_every_story_ends_with_its_files() -> None:
    for each in STORIES.glob("*/story.txt"):
        assert re.search(r"^files left behind:\n(?:  .*\n)+\Z", each.read_text(encoding="utf-8"), re.MULTILINE), each
