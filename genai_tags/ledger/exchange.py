"""Books between vendors and clients: a bundle of whole chains, checked link by link before anything is taken in.

A bundle is a ZIP of ``manifest.json``, ``book/WRITER-00000001.json`` and, only where asked for, ``private/``. A writer's chain
is taken in whole or not at all; where it differs from what is here, both sides are named and nothing of it is written.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genai_tags import files
from genai_tags.errors import InputError, LedgerError, Problem
from genai_tags.ledger import clock
from genai_tags.ledger.book import Book
from genai_tags.ledger.chain import Event, check_chains, parse_name, payloads_of, read_event
from genai_tags.strict import decode_text, load_json

EXCHANGE_SCHEMA = "genai_tags.exchange/1"
MAX_MEMBER = 64 * 1024 * 1024
MAX_TOTAL = 4 * 1024 * 1024 * 1024
MAX_MEMBERS = 2_000_000
_PRIVATE = re.compile(r"([0-9a-f]{64})(?:\.json)?")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was handed over: event files and private files by name, who says so, and where chains ended."""

    source: str
    events: Mapping[str, bytes]
    private: Mapping[str, bytes] = field(default_factory=dict)
    show: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """What the sender calls its writers."""
    heads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """One writer's part of a bundle against the book here. ``problems`` keep it out."""

    writer: str
    new: tuple[str, ...]
    known: int
    problems: tuple[Problem, ...] = ()


# ---------------------------------------------------------------- out


def export(book: Book, path: str, show: str, names: Mapping[str, str], writers: Sequence[str], private: bool) -> Bundle:
    """Write the chains of ``writers`` (none: all) as a bundle, whole or not at all. Raises InputError or LedgerError."""
    chosen = {name: data for writer, name, data in book.raw() if not writers or writer in writers}
    absent = [writer for writer in writers if not any(name.startswith(f"{writer}-") for name in chosen)]
    if absent:
        raise InputError(path, f"the book has no writer {', '.join(absent)}; genai-tags log lists them")
    heads = tuple(str(head) for head in book.heads() if not writers or head.writer in writers)
    payloads = dict(_payloads(book, chosen)) if private else {}
    bundle = Bundle(path, chosen, payloads, show, {w: n for w, n in names.items() if not writers or w in writers}, heads)
    try:
        files.write(path, _zip(bundle))
    except OSError as error:
        raise LedgerError(f"{path}: cannot be written: {error.strerror}") from None
    return bundle


def _payloads(book: Book, chosen: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for name, data in chosen.items():
        try:
            event = read_event(data, name)
        except InputError:
            continue  # torn: it is handed over as it is, and named on the other side
        for digest in payloads_of(event):
            for each in book.payload_names(digest):
                found = book.payload(each)
                if found is not None:
                    yield each, found


def _zip(bundle: Bundle) -> bytes:
    manifest = {
        "schema": EXCHANGE_SCHEMA, "show": bundle.show, "at": clock.stamp(), "names": dict(bundle.names), "heads": list(bundle.heads),
        "events": len(bundle.events), "private": len(bundle.private),
    }  # fmt: skip
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        members = {"manifest.json": json.dumps(manifest, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"}
        members.update({f"book/{name}": data for name, data in sorted(bundle.events.items())})
        members.update({f"private/{name}": data for name, data in sorted(bundle.private.items())})
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # a fixed date: same book, same bundle
    return made.getvalue()


# ---------------------------------------------------------------- in


def read_bundle(path: str) -> Bundle:
    """A bundle, or a show's folder, ``.genai`` or book that lies elsewhere. Raises InputError for what is none."""
    try:
        if os.path.isdir(path):
            return _from_folder(path)
        with zipfile.ZipFile(path) as archive:
            return _from_zip(archive, path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(path, f"is no bundle of genai-tags log export: {error}") from None
    except Exception as error:  # zlib.error and its like differ by compression method
        if type(error).__module__ in ("zlib", "lzma", "bz2", "_lzma"):
            raise InputError(path, f"is damaged: {error}") from None
        raise


def _from_folder(path: str) -> Bundle:
    for folder in (path, os.path.join(path, "book"), os.path.join(path, ".genai", "book")):
        names = [name for name in os.listdir(folder) if parse_name(name)] if os.path.isdir(folder) else []
        if names:
            return Bundle(path, {name: _file(os.path.join(folder, name)) for name in sorted(names)})
    raise InputError(path, "holds no book; give a bundle, a show's folder or its .genai/book")


def _file(path: str) -> bytes:
    if not os.path.isfile(path):
        raise InputError(path, "is no file")
    with open(path, "rb") as stream:
        data = stream.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        raise InputError(path, f"is larger than {MAX_MEMBER} bytes")
    return data


def _from_zip(archive: zipfile.ZipFile, path: str) -> Bundle:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    problems = [Problem(name, "stands twice in the bundle") for name in sorted({n for n in names if names.count(n) > 1})] \
        if len(set(names)) != len(names) else []  # fmt: skip
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise InputError(path, "is larger than any bundle that is read")
    events: dict[str, bytes] = {}
    private: dict[str, bytes] = {}
    for info in infos:
        folder, _, name = info.filename.rpartition("/")
        place = events if folder == "book" and parse_name(name) else None
        place = private if folder == "private" and _PRIVATE.fullmatch(name) else place
        if place is not None:
            place[name] = _member(archive, info, path)
        elif info.filename != "manifest.json":
            problems.append(Problem(info.filename, "does not belong into a bundle"))
    if "manifest.json" not in names:
        raise InputError(path, "is no bundle of genai-tags log export: manifest.json is missing")
    if problems:
        raise InputError(path, problems)
    return _with_manifest(_member(archive, archive.getinfo("manifest.json"), path), path, events, private)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> bytes:
    with archive.open(info) as stream:
        data = stream.read(MAX_MEMBER + 1)  # the size that a header states is a claim
    if len(data) > MAX_MEMBER:
        raise InputError(path, [Problem(info.filename, f"is larger than {MAX_MEMBER} bytes")])
    return data


def _with_manifest(data: bytes, path: str, events: Mapping[str, bytes], private: Mapping[str, bytes]) -> Bundle:
    found = load_json(decode_text(data, path), path)
    if not isinstance(found, Mapping) or found.get("schema") != EXCHANGE_SCHEMA:
        raise InputError(path, [Problem("manifest.json", f"is no {EXCHANGE_SCHEMA} document")])
    names, heads = found.get("names"), found.get("heads")
    return Bundle(
        path, events, private, str(found.get("show") or "") or None,
        {str(k): str(v) for k, v in names.items()} if isinstance(names, Mapping) else {},
        tuple(map(str, heads)) if isinstance(heads, list) else (),
    )  # fmt: skip


def compare(book: Book, bundle: Bundle) -> list[Chain]:
    """Each writer's chain in a bundle against the book here: what is new, what is known, what is wrong."""
    here: dict[str, dict[str, bytes]] = {}
    for writer, name, data in book.raw():
        here.setdefault(writer, {})[name] = data
    theirs: dict[str, dict[str, bytes]] = {}
    for name, data in bundle.events.items():
        theirs.setdefault(name.rpartition("-")[0], {})[name] = data
    for head in bundle.heads:
        theirs.setdefault(head.rpartition("-")[0], {})
    return [_compare(writer, here.get(writer, {}), found, bundle) for writer, found in sorted(theirs.items())]


def _compare(writer: str, here: Mapping[str, bytes], theirs: Mapping[str, bytes], bundle: Bundle) -> Chain:
    problems = [
        Problem(
            name, "differs from what this ledger holds: one of them was edited, or two books went on as one writer", "conflict"
        )
        for name in sorted(set(here) & set(theirs))
        if here[name] != theirs[name]
    ]
    new = tuple(sorted(set(theirs) - set(here)))
    before = set(_chain_problems(here))
    problems += [each for each in _chain_problems({**theirs, **here}) if each not in before]
    digests = {hashlib.sha256(data).hexdigest() for data in theirs.values()}
    problems += [
        Problem(
            head,
            "is where the sender's chain ended, and not in the bundle: it was cut short or replaced on the way",
            "truncated",
        )
        for head in bundle.heads
        if head.rpartition("-")[0] == writer and head.rpartition(":")[2] not in digests
    ]
    return Chain(writer, new, len(set(theirs) & set(here)), tuple(dict.fromkeys(problems)))


def _chain_problems(chain: Mapping[str, bytes]) -> list[Problem]:
    events: list[Event] = []
    problems: list[Problem] = []
    for name, data in sorted(chain.items()):
        try:
            event = read_event(data, name)
        except InputError as error:
            problems.append(Problem(name, f"is torn or no event: {error.problems[0]}", "torn"))
            continue
        if (event.writer, event.sequence) != parse_name(name):
            problems.append(Problem(name, f"holds event {event.id}: it was renamed or copied", "foreign"))
            continue
        events.append(event)
    hashes = {place: hashlib.sha256(data).hexdigest() for name, data in chain.items() if (place := parse_name(name))}
    return [*problems, *check_chains(events, hashes, {problem.path for problem in problems})]


def take_in(book: Book, bundle: Bundle, chains: Sequence[Chain], redacted: Mapping[str, str]) -> list[Problem]:
    """Write what is new of sound chains, in order, and the private files that they cite; problems of single private files.

    Raises LedgerError where the folder does not take it: what is written by then is a sound beginning of a chain.
    """
    cited: set[str] = set()
    for chain in chains:
        for name in sorted(chain.new, key=lambda each: parse_name(each) or ("", 0)):
            book.put_event(name, bundle.events[name])
    taken = {chain.writer for chain in chains}
    for name, data in bundle.events.items():
        if name.rpartition("-")[0] in taken:
            try:
                cited.update(payloads_of(read_event(data, name)))
            except InputError:
                continue
    return list(_take_private(book, bundle, cited, redacted))


def _take_private(book: Book, bundle: Bundle, cited: set[str], redacted: Mapping[str, str]) -> Iterator[Problem]:
    for name, data in bundle.private.items():
        digest = name.removesuffix(".json")
        if digest in redacted:
            yield Problem(f"private/{name}", f"was redacted here by {redacted[digest]}; it is not taken in", "redacted")
        elif digest not in cited or hashlib.sha256(data).hexdigest() != digest:
            yield Problem(f"private/{name}", "is not what an event of the bundle cites; it is not taken in", "foreign")
        else:
            book.put_payload(name, data)


def summary(bundle: Bundle, chain: Chain, label: str | None) -> dict[str, Any]:
    """One chain of an import, as ``log import`` prints it; ``label`` is what this show calls the writer."""
    given: Counter[str] = Counter()
    for name in () if chain.problems else chain.new:
        evidence = read_event(bundle.events[name], name).body.get("evidence")
        if isinstance(evidence, Mapping):
            given[str(evidence.get("kind"))] += 1
    return {
        "evidence": dict(sorted(given.items())), "writer": chain.writer, "name": label, "calls_itself": bundle.names.get(chain.writer), "known_writer": label is not None,
        "new": len(chain.new), "known": chain.known,
        "problems": [{"code": p.code, "file": p.path, "message": p.message} for p in chain.problems],
    }  # fmt: skip
