"""The book: nothing is lost by writers at once, and what was torn, removed, edited or slipped in is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from genai_tags.errors import LedgerError, UsageError
from genai_tags.ledger.book import Book
from genai_tags.ledger.chain import Event
from genai_tags.ledger.state import fold
from tests.conftest import Cli
from tests.facts import as_yaml

_WRITER = """
import sys
from genai_tags.ledger.book import Book
book = Book(sys.argv[1], sys.argv[2])
for i in range(int(sys.argv[3])):
    book.append("clean", {"clean": {"shots": [sys.argv[2]], "given_by": "x", "date": "2026-01-01", "ref": str(i)}}, "x")
"""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = Book(str(tmp_path), "aaaa")
    made.create()
    return made


def fill(book: Book, count: int = 3) -> list[Event]:
    return [
        book.append("clean", {"clean": {"shots": ["S"], "given_by": "x", "date": "2026-01-01", "ref": str(i)}}, "x")
        for i in range(count)
    ]


@pytest.mark.parametrize(("writers", "shared"), [(20, True), (100, False)], ids=["20 on one chain", "100 with a chain each"])
def test_processes_writing_at_once_lose_nothing(writers: int, shared: bool, book: Book, tmp_path: Path) -> None:
    names = ["aaaa" if shared else f"writer{i:02d}" for i in range(writers)]
    running = [subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name, "10"]) for name in names]
    assert [process.wait() for process in running] == [0] * writers
    events, problems = book.read()
    assert (len(events), problems, book.verify()) == (10 * writers, [], [])
    assert len(book.heads()) == (1 if shared else writers)
    assert len(os.listdir(book.folder)) == 10 * writers


def test_a_writer_that_is_killed_leaves_whole_events_only(book: Book, tmp_path: Path) -> None:
    for delay in range(6):
        process = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), "aaaa", "100000"])
        try:
            process.wait(0.25 + delay / 20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert book.verify() == []
    assert book.read()[0]


DAMAGE: dict[str, tuple[Callable[[Path], object], set[str], int]] = {
    # what is done to the folder of three events, the codes that name it, how many events still read
    "nothing": (lambda folder: None, set(), 3),
    "torn": (lambda folder: (folder / "aaaa-00000002.json").write_bytes(b'{"schema": "genai'), {"torn"}, 2),
    "empty": (lambda folder: (folder / "aaaa-00000003.json").write_bytes(b""), {"torn"}, 2),
    "missing": (lambda folder: (folder / "aaaa-00000002.json").unlink(), {"missing"}, 2),
    "first missing": (lambda folder: (folder / "aaaa-00000001.json").unlink(), {"missing"}, 2),
    "edited": (lambda folder: _replace(folder / "aaaa-00000002.json", '"1"', '"9"'), {"edited"}, 3),
    "renamed": (lambda folder: (folder / "aaaa-00000003.json").rename(folder / "bbbb-00000001.json"), {"foreign"}, 2),
    "copied far ahead": (
        lambda folder: shutil.copy(folder / "aaaa-00000001.json", folder / "aaaa-99999999.json"), {"foreign", "missing"}, 3,
    ),
    "foreign": (lambda folder: (folder / "notes.txt").write_text("hello"), {"foreign"}, 3),
    "a folder": (lambda folder: (folder / "bbbb-00000001.json").mkdir(), {"unreadable"}, 3),
    "a dangling link": (lambda folder: (folder / "bbbb-00000001.json").symlink_to("nowhere"), {"unreadable"}, 3),
    "another document": (lambda folder: (folder / "bbbb-00000001.json").write_text("[1]"), {"torn"}, 3),
    "a newer event": (lambda folder: (folder / "bbbb-00000001.json").write_text('{"schema": "genai_tags.event/2"}'), {"schema"}, 3),
    "duplicate keys": (lambda folder: _replace(folder / "aaaa-00000003.json", '"kind"', '"kind": "x", "kind"'), {"torn"}, 2),
}  # fmt: skip


def _replace(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_and_the_rest_still_reads(name: str, book: Book) -> None:
    damage, codes, count = DAMAGE[name]
    fill(book)
    damage(Path(book.folder))
    assert {problem.code for problem in book.verify()} == codes
    assert len(book.read()[0]) == count
    assert all(str(problem) for problem in book.verify())
    book.append("clean", {"clean": {}}, "x")  # and the chain goes on
    assert len(book.read()[0]) == count + 1


def test_a_removed_or_edited_end_is_found_by_a_head_that_was_printed(book: Book) -> None:
    fill(book)
    head = str(book.heads()[0])
    assert book.verify((head,)) == []
    (Path(book.folder) / "aaaa-00000003.json").unlink()
    assert [problem.code for problem in book.verify()] == []
    assert [problem.code for problem in book.verify((head,))] == ["truncated"]


def test_an_edited_private_payload_is_found_and_an_erased_one_is_not_a_fault(book: Book) -> None:
    fill(book)
    digest = book.put_private({"tag.element": "a cloud"})
    assert book.private(digest) == {"tag.element": "a cloud"}
    path = Path(book.private_folder) / f"{digest}.json"
    assert path.stat().st_mode & 0o077 == 0
    _replace(path, "cloud", "crowd")
    assert [problem.code for problem in book.verify()] == ["edited"]
    assert book.private(digest) == {}
    path.unlink()
    assert book.verify() == []


def test_the_same_private_value_has_another_digest_each_time(book: Book) -> None:
    assert book.put_private({"a": "b"}) != book.put_private({"a": "b"})


def test_books_merge_by_copying(book: Book, tmp_path: Path) -> None:
    other = Book(str(tmp_path / "other"), "bbbb")
    other.create()
    fill(book)
    fill(other)
    for path in Path(other.folder).iterdir():
        shutil.copy(path, book.folder)
    assert book.verify() == []
    assert len(fold(*book.read()).clean) == 6


def test_a_folder_that_is_not_there_is_a_ledger_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerError):
        Book(str(tmp_path / "nowhere"), "aaaa").read()
    with pytest.raises(LedgerError):
        Book(str(tmp_path / "nowhere"), "aaaa").append("clean", {}, "x")


def test_a_full_disk_records_nothing(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    from genai_tags import files

    def full(descriptor: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    fill(book)
    monkeypatch.setattr(files, "write_all", full)
    with pytest.raises(LedgerError, match="No space left on device"):
        fill(book, 1)
    assert len(os.listdir(book.folder)) == 3


def test_where_links_are_not_to_be_had_an_exclusive_create_stands_in(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: str, target: str) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    fill(book)
    assert (len(book.read()[0]), book.verify()) == (3, [])


def test_what_is_no_text_is_not_recorded(book: Book) -> None:
    with pytest.raises(UsageError, match="no valid text"):
        book.append("clean", {"ref": "\udcff"}, "x")
    assert os.listdir(book.folder) == []


ODD_BODIES = [
    {}, {"record": 5}, {"record": {"schema": "genai_tags.record/1", "id": "x", "revision": 0}}, {"evidence": []}, {"clean": {"shots": 5}},
    {"items": [{"path": 5, "reel": 5, "start": [], "rate": {}}], "stubs": []}, {"items": 5}, {"items": [{}], "stubs": [5]}, {"removes": 5},
]  # fmt: skip


@pytest.mark.parametrize("kind", ["record", "evidence", "clean", "media", "of-tomorrow"])
@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_an_odd_event_never_stops_the_others(kind: str, body: dict[str, object], book: Book) -> None:
    book.append(kind, body, "x")
    fill(book)
    state = fold(*book.read())
    assert len(state.clean) >= 3
    assert [str(problem) for problem in state.problems] or kind in ("media", "clean")


def test_the_log_tells_what_was_recorded_by_whom(cli: Cli, show: Path) -> None:
    (show / "f.yaml").write_text(as_yaml())
    tag_id = cli("declare", "--from", show / "f.yaml", "--by", "A. Artist", "--format", "json").json["id"]
    cli("notice", tag_id, "--given-by", "P. Producer", "--role", "producer")
    events = cli("log", tag_id, "--format", "json").json["events"]
    assert [(e["kind"], e["recorded_by"]) for e in events] == [("record", "A. Artist"), ("evidence", "T. Tester")]
    text = cli("log").out
    assert "P. Producer" in text
    assert "2026-11-21T12:00:00" in text
    assert cli("log", "nothing-like-it").code == 2


def test_verify_by_command_line(cli: Cli, show: Path) -> None:
    (show / "f.yaml").write_text(as_yaml())
    cli("declare", "--from", show / "f.yaml")
    ran = cli("log", "--verify", "--format", "json")
    assert (ran.code, ran.json["problems"]) == (0, [])
    head = ran.json["heads"][0]
    assert cli("log", "--verify", "--head", head).code == 0
    assert cli("log", "--verify", "--head", "zzz").code == 2
    assert cli("log", "--verify", "--head", "0" * 64).code == 1
    (event,) = (show / ".genai" / "book").iterdir()
    event.write_text("{")
    assert "torn" in cli("log", "--verify").out
    assert json.loads(cli("log", "--verify", "--format", "json").out)["problems"][0]["file"] == event.name


def test_verify_lists_private_values_that_are_gone_and_were_not_redacted(cli: Cli, show: Path) -> None:
    (show / "f.yaml").write_text(as_yaml())
    for _ in range(2):
        assert cli("declare", "--from", show / "f.yaml").code == 0
    assert cli("log", "--verify", "--format", "json").json["absent"] == {}
    for payload in (show / ".genai" / "private").iterdir():
        payload.unlink()
    assert cli("redact", "testwriter-2", "--reason", "asked for").code == 0
    ran = cli("log", "--verify", "--format", "json")
    assert (ran.code, ran.json["problems"], ran.json["absent"]) == (0, [], {"testwriter": ["testwriter-1"]})
    assert "not here: private values or papers of testwriter-1 (" in cli("log", "--verify").out


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("evidence", {"evidence": "x"}),
        ("clean", {"clean": {"shots": [[]], "media": 5}}),
        ("record", {"record": {"uses": 5}}),
        ("media", {"stubs": "x"}),
    ],
)
def test_the_log_lists_odd_events_too(kind: str, body: dict[str, object], cli: Cli, show: Path) -> None:
    Book(str(show / ".genai"), "aaaa").append(kind, body, "x")
    assert cli("log").code == 0
    assert len(cli("log", "--format", "json").json["events"]) == 1
    assert cli("log", "--verify").code in (0, 1)
