"""Books between vendors and clients: chains come in whole or not at all, and what is wrong is named."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_tags.errors import GenAITagsError, InputError
from genai_tags.ledger import exchange
from genai_tags.ledger.book import Book
from genai_tags.ledger.state import fold
from tests.conftest import Cli
from tests.facts import as_yaml

Members = dict[str, bytes]


def book(folder: Path, writer: str, count: int = 3) -> Book:
    made = Book(str(folder), writer)
    made.create()
    for i in range(count):
        made.append("clean", {"clean": {"shots": [f"{writer}{i}"], "given_by": "x", "date": "2026-01-01", "ref": "r"}}, "x")
    return made


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def bundle(path: Path, found: Members) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def theirs(tmp_path: Path) -> Book:
    return book(tmp_path / "theirs", "aaaa")


@pytest.fixture
def handed(theirs: Book, tmp_path: Path) -> Path:
    exchange.export(theirs, str(tmp_path / "a.zip"), "Theirs", {}, [], False)
    return tmp_path / "a.zip"


@pytest.fixture
def ours(tmp_path: Path) -> Book:
    return book(tmp_path / "ours", "cccc", 1)


def take_in(into: Book, path: Path) -> list[exchange.Chain]:
    found = exchange.read_bundle(str(path))
    chains = exchange.compare(into, found)
    exchange.take_in(into, found, [chain for chain in chains if not chain.problems])
    return chains


def test_a_book_comes_over_byte_for_byte(theirs: Book, ours: Book, handed: Path) -> None:
    (chain,) = take_in(ours, handed)
    assert (chain.writer, len(chain.new), chain.known, chain.problems) == ("aaaa", 3, 0, ())
    for name in os.listdir(theirs.folder):
        assert (Path(ours.folder) / name).read_bytes() == (Path(theirs.folder) / name).read_bytes()
    assert ours.verify(tuple(str(head) for head in theirs.heads())) == []
    (again,) = take_in(ours, handed)
    assert (again.new, again.known) == ((), 3)


def test_the_same_book_makes_the_same_bundle(theirs: Book, tmp_path: Path, handed: Path) -> None:
    exchange.export(theirs, str(tmp_path / "b.zip"), "Theirs", {}, [], False)
    assert (tmp_path / "b.zip").read_bytes() == handed.read_bytes()


def _edit(found: Members, name: str, old: bytes, new: bytes) -> None:
    assert old in found[name]
    found[name] = found[name].replace(old, new)


def _swap(found: Members) -> None:
    one, two = "book/aaaa-00000001.json", "book/aaaa-00000002.json"
    found[one], found[two] = found[two], found[one]


def _rewrite_all(found: Members) -> None:
    """A forger who edits an event and chains everything anew; the manifest still tells where the chain ended."""
    previous = None
    for name in sorted(n for n in found if n.startswith("book/")):
        event = json.loads(found[name])
        event["previous"], event["recorded_by"] = previous, "forger"
        found[name] = json.dumps(event, indent=1).encode() + b"\n"
        previous = hashlib.sha256(found[name]).hexdigest()


DAMAGE: dict[str, tuple[Callable[[Members], object], set[str]]] = {
    "cut short": (lambda m: m.pop("book/aaaa-00000003.json"), {"truncated"}),
    "a gap": (lambda m: m.pop("book/aaaa-00000002.json"), {"missing"}),
    "no beginning": (lambda m: m.pop("book/aaaa-00000001.json"), {"missing"}),
    "edited": (lambda m: _edit(m, "book/aaaa-00000002.json", b'"x"', b'"y"'), {"edited"}),
    "edited at the end": (lambda m: _edit(m, "book/aaaa-00000003.json", b'"x"', b'"y"'), {"truncated"}),
    "reordered": (_swap, {"foreign"}),
    "torn": (lambda m: m.update({"book/aaaa-00000002.json": b'{"schema'}), {"torn"}),
    "empty": (lambda m: m.update({"book/aaaa-00000002.json": b""}), {"torn"}),
    "of tomorrow": (lambda m: _edit(m, "book/aaaa-00000003.json", b"event/1", b"event/2"), {"schema", "truncated"}),
    "chained anew": (_rewrite_all, {"truncated"}),
    "nothing of it left": (lambda m: [m.pop(n) for n in list(m) if n.startswith("book/")], {"truncated"}),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_and_nothing_of_the_chain_is_written(name: str, ours: Book, handed: Path, tmp_path: Path) -> None:
    damage, codes = DAMAGE[name]
    found = members(handed)
    damage(found)
    before = sorted(os.listdir(ours.folder))
    (chain,) = take_in(ours, bundle(tmp_path / "damaged.zip", found))
    assert {problem.code for problem in chain.problems} == codes
    assert sorted(os.listdir(ours.folder)) == before


def test_a_sound_chain_comes_in_beside_a_damaged_one(theirs: Book, ours: Book, tmp_path: Path) -> None:
    other = book(tmp_path / "other", "bbbb")
    for name in os.listdir(other.folder):
        shutil.copy(Path(other.folder) / name, theirs.folder)
    exchange.export(theirs, str(tmp_path / "two.zip"), "Theirs", {}, [], False)
    found = members(tmp_path / "two.zip")
    found["book/aaaa-00000002.json"] = b"{}"
    chains = take_in(ours, bundle(tmp_path / "damaged.zip", found))
    assert {chain.writer: bool(chain.problems) for chain in chains} == {"aaaa": True, "bbbb": False}
    assert {writer for writer, _, _ in ours.raw()} == {"bbbb", "cccc"}


def test_two_books_that_went_on_as_one_writer_are_a_conflict(theirs: Book, ours: Book, handed: Path, tmp_path: Path) -> None:
    take_in(ours, handed)
    shutil.copytree(tmp_path / "theirs", tmp_path / "clone")
    clone = Book(str(tmp_path / "clone"), "aaaa")
    for each, ref in ((theirs, "here"), (clone, "there")):
        each.append("clean", {"clean": {"shots": ["S"], "given_by": "x", "date": "2026-01-01", "ref": ref}}, "x")
    assert take_in(ours, tmp_path / "theirs")[0].problems == ()
    (chain,) = take_in(ours, tmp_path / "clone")
    assert [problem.code for problem in chain.problems] == ["conflict"]
    assert len(list(ours.raw())) == 5


def test_a_longer_chain_goes_on_where_ours_ended(theirs: Book, ours: Book, handed: Path, tmp_path: Path) -> None:
    take_in(ours, handed)
    theirs.append("clean", {"clean": {"shots": ["S"], "given_by": "x", "date": "2026-01-01", "ref": "later"}}, "x")
    (chain,) = take_in(ours, tmp_path / "theirs")
    assert (chain.new, chain.known) == (("aaaa-00000004.json",), 3)


NO_BUNDLES: dict[str, Callable[[Members], Any]] = {
    "no manifest": lambda m: m.pop("manifest.json"),
    "a foreign manifest": lambda m: m.update({"manifest.json": b"{}"}),
    "a list for a manifest": lambda m: m.update({"manifest.json": b"[]"}),
    "a path out of the folder": lambda m: m.update({"book/../../evil-00000001.json": b"{}"}),
    "an absolute path": lambda m: m.update({"/book/evil-00000001.json": b"{}"}),
    "a name with more zeros": lambda m: m.update({"book/aaaa-000000001.json": b"{}"}),
    "a script": lambda m: m.update({"run.sh": b"rm"}),
    "a private file of another name": lambda m: m.update({"private/passwd": b"x"}),
}


@pytest.mark.parametrize("name", NO_BUNDLES)
def test_what_is_no_bundle_is_refused(name: str, handed: Path, tmp_path: Path) -> None:
    found = members(handed)
    NO_BUNDLES[name](found)
    with pytest.raises(InputError):
        exchange.read_bundle(str(bundle(tmp_path / "odd.zip", found)))


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)], ids=["empty", "PK", "text", "no member"]
)
def test_what_is_no_zip_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(InputError):
        exchange.read_bundle(str(tmp_path / "x.zip"))


def test_a_member_that_unpacks_without_end_is_refused(handed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_MEMBER", 10_000)
    found = members(handed)
    found["book/aaaa-00000002.json"] = b" " * 20_000
    with pytest.raises(InputError, match="larger than"):
        exchange.read_bundle(str(bundle(tmp_path / "bomb.zip", found)))


@given(st.integers(0, 2**32), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_a_bundle_with_flipped_bytes_is_refused_or_the_same(seed: int, flips: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        exchange.export(book(here / "t", "aaaa", 2), str(here / "a.zip"), "T", {}, [], False)
        into = book(here / "o", "cccc", 1)
        rng, data = random.Random(seed), bytearray((here / "a.zip").read_bytes())
        for _ in range(flips):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        (here / "b.zip").write_bytes(bytes(data))
        with contextlib.suppress(GenAITagsError):
            take_in(into, here / "b.zip")
        assert into.verify() == []
        events = {name: data for writer, name, data in into.raw() if writer == "aaaa"}
        assert events.items() <= {name: data for _, name, data in Book(str(here / "t"), "aaaa").raw()}.items()


def test_private_files_travel_only_where_asked_for_and_cited(theirs: Book, ours: Book, tmp_path: Path) -> None:
    digest = theirs.put_private({"tag.element": "a cloud"})
    theirs.append("record", {"record": {}, "private": digest}, "x")
    exchange.export(theirs, str(tmp_path / "open.zip"), "T", {}, [], False)
    assert not any(name.startswith("private/") for name in members(tmp_path / "open.zip"))
    exchange.export(theirs, str(tmp_path / "private.zip"), "T", {}, [], True)
    found = members(tmp_path / "private.zip")
    stray = b"uncited"
    found[f"private/{hashlib.sha256(stray).hexdigest()}"] = stray
    path = bundle(tmp_path / "stray.zip", found)
    read = exchange.read_bundle(str(path))
    problems = exchange.take_in(ours, read, exchange.compare(ours, read))
    assert [problem.code for problem in problems] == ["foreign"]
    assert ours.private(digest) == {"tag.element": "a cloud"}
    assert (Path(ours.private_folder) / f"{digest}.json").stat().st_mode & 0o077 == 0


def test_what_was_redacted_here_does_not_come_back(theirs: Book, ours: Book, tmp_path: Path) -> None:
    digest = theirs.put_private({"tag.element": "a cloud"})
    theirs.append("record", {"record": {}, "private": digest}, "x")
    exchange.export(theirs, str(tmp_path / "private.zip"), "T", {}, [], True)
    ours.append("redaction", {"redaction": {"payloads": [digest]}}, "x")
    read = exchange.read_bundle(str(tmp_path / "private.zip"))
    problems = exchange.take_in(ours, read, exchange.compare(ours, read))
    assert [problem.code for problem in problems] == ["redacted"]
    assert ours.private(digest) == {}


def test_a_stranger_may_not_take_away_what_is_not_theirs(theirs: Book, ours: Book, tmp_path: Path) -> None:
    digest = theirs.put_private({"tag.element": "a cloud"})
    theirs.append("record", {"record": {}, "private": digest}, "x")
    stranger = book(tmp_path / "stranger", "bbbb", 1)
    stranger.append("evidence", {"evidence": {}, "private": digest}, "x")  # citing it makes nobody its owner
    stranger.append("redaction", {"redaction": {"payloads": [digest]}}, "x")
    take_in(theirs, tmp_path / "stranger")
    assert theirs.verify() == []
    exchange.export(theirs, str(tmp_path / "private.zip"), "T", {}, [], True, fold(theirs.read()[0], (), "aaaa").redacted)
    assert f"private/{digest}.json" in members(tmp_path / "private.zip")
    theirs.append("redaction", {"redaction": {"payloads": [digest]}}, "x")
    assert [problem.code for problem in theirs.verify()] == ["unerased"]


def test_nobody_hands_in_events_under_our_own_name(theirs: Book, ours: Book, handed: Path, tmp_path: Path) -> None:
    mine = Book(str(tmp_path / "ours"), "aaaa")
    found = exchange.read_bundle(str(handed))
    (chain,) = exchange.compare(mine, found)
    assert [problem.code for problem in chain.problems] == ["own_name"]


@pytest.mark.parametrize(
    "heads", [["x"], [5], "x", ["aaaa-3:" + "0" * 63], ["aaaa-0:" + "0" * 64], ["aaaa-2:" + "0" * 64, "aaaa-3:" + "0" * 64]]
)
def test_a_manifest_that_lies_about_heads_is_refused(heads: object, handed: Path, tmp_path: Path) -> None:
    found = members(handed)
    found["manifest.json"] = json.dumps({**json.loads(found["manifest.json"]), "heads": heads}).encode()
    with pytest.raises(InputError, match=r"heads|ends of one chain"):
        exchange.read_bundle(str(bundle(tmp_path / "lie.zip", found)))


def test_a_head_is_number_and_digest(handed: Path, ours: Book, tmp_path: Path) -> None:
    found = members(handed)
    manifest = json.loads(found["manifest.json"])
    manifest["heads"] = [manifest["heads"][0].replace("aaaa-3:", "aaaa-9:")]
    found["manifest.json"] = json.dumps(manifest).encode()
    (chain,) = take_in(ours, bundle(tmp_path / "lie.zip", found))
    assert [problem.code for problem in chain.problems] == ["truncated"]


@pytest.mark.parametrize(
    "change",
    [
        (b'"sequence": 1', b'"sequence": true'),
        (b'"ref": "r"', b'"ref": 1e999'),
        (b'"ref": "r"', b'"ref": 1' + b"0" * 300 + b"e99"),
    ],
)
def test_an_event_that_other_readers_would_see_otherwise_is_none(
    change: tuple[bytes, bytes], handed: Path, ours: Book, tmp_path: Path
) -> None:
    found = members(handed)
    _edit(found, "book/aaaa-00000001.json", *change)
    (chain,) = take_in(ours, bundle(tmp_path / "odd.zip", found))
    assert "torn" in {problem.code for problem in chain.problems}


def test_a_client_rolls_twelve_vendors_into_one_view(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles = []
    for i in range(12):
        writer, folder = f"vendor{i:02d}", tmp_path / f"vendor{i:02d}"
        monkeypatch.setenv("GENAI_WRITER", writer)
        monkeypatch.setenv("GENAI_SHOW", str(folder))
        assert cli("init", folder, "--name", f"At {writer}").code == 0
        (folder / "f.yaml").write_text(as_yaml({"uses[0].shot": f"AGM_104_065_{i:03d}"}))
        assert cli("declare", "--from", folder / "f.yaml").code == 0
        assert cli("log", "export", tmp_path / f"{writer}.zip").code == 0
        bundles.append(tmp_path / f"{writer}.zip")
    client = tmp_path / "client"
    monkeypatch.setenv("GENAI_WRITER", "theclient")
    monkeypatch.setenv("GENAI_SHOW", str(client))
    cli("init", client, "--name", "Client")
    with (client / "genai.yaml").open("a") as stream:
        stream.write("writers:\n  vendor03: {name: Vendor Three}\n")
    ran = cli("log", "import", "-", "--format", "json", stdin="\n".join(map(str, bundles)))
    assert ran.code == 0
    writers = [chain for each in ran.json["bundles"] for chain in each["writers"]]
    assert [chain["known_writer"] for chain in writers] == [i == 3 for i in range(12)]
    rows = cli("find", "--format", "json").json["rows"]
    assert [row["shot"] for row in rows] == [f"AGM_104_065_{i:03d}" for i in range(12)]
    assert [row["vendor"] for row in rows][2:4] == ["vendor02", "Vendor Three"]
    assert cli("log", "--verify").code == 0


_IMPORT = """
import sys
from genai_tags.ledger import exchange
from genai_tags.ledger.book import Book
book, found = Book(sys.argv[1], "cccc"), exchange.read_bundle(sys.argv[2])
exchange.take_in(book, found, exchange.compare(book, found))
"""


def test_imports_at_once_and_imports_that_are_killed_leave_a_sound_book(ours: Book, tmp_path: Path) -> None:
    exchange.export(book(tmp_path / "big", "aaaa", 300), str(tmp_path / "big.zip"), "T", {}, [], False)
    arguments = [sys.executable, "-c", _IMPORT, str(tmp_path / "ours"), str(tmp_path / "big.zip")]
    killed = subprocess.Popen(arguments)
    while len(os.listdir(ours.folder)) < 5 and killed.poll() is None:
        pass
    killed.kill()
    killed.wait()
    assert [problem.code for problem in ours.verify()] == []
    running = [subprocess.Popen(arguments) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert ours.verify() == []
    assert len(fold(*ours.read()).clean) == 301


def test_import_and_export_by_command_line(cli: Cli, show: Path, tmp_path: Path, handed: Path) -> None:
    assert cli("log", "import", handed).code == 0
    assert cli("log", "import", tmp_path / "nowhere.zip").code == 3
    assert cli("log", "export", tmp_path / "out.zip", "--writer", "nobody").code == 3
    assert cli("log", "export", tmp_path / "no" / "folder.zip").code == 1
    found = members(handed)
    found.pop("book/aaaa-00000003.json")
    ran = cli("log", "import", bundle(tmp_path / "cut.zip", found), handed, "--format", "json")
    assert ran.code == 1
    assert [
        chain["problems"][:1] and chain["problems"][0]["code"] for each in ran.json["bundles"] for chain in each["writers"]
    ] == [
        "truncated",
        [],
    ]
    assert cli("log", "export", tmp_path / "out.zip", "--writer", "aaaa").code == 0
    assert sorted(members(tmp_path / "out.zip")) == ["book/aaaa-00000001.json", "book/aaaa-00000002.json", "book/aaaa-00000003.json",
                                                     "manifest.json"]  # fmt: skip
    assert io.BytesIO((tmp_path / "out.zip").read_bytes()).read(2) == b"PK"
