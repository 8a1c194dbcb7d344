"""Books between vendors and clients: a bundle of whole chains, checked link by link before anything is taken in.

A bundle is a ZIP of ``manifest.json``, ``book/WRITER-00000001.json`` and, only where asked for, ``private/``. A writer's chain
is taken in whole or not at all; where it differs from what is here, both sides are named and nothing of it is written.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genai_tags import files
from genai_tags.errors import InputError, LedgerError, Problem, WriteError
from genai_tags.ledger import clock
from genai_tags.ledger.book import Book
from genai_tags.ledger.chain import Event, Head, check_chains, event_in, parse_name, payloads_of, read_event, redactions
from genai_tags.strict import decode_text, load_json

EXCHANGE_SCHEMA = "genai_tags.exchange/1"
MAX_MEMBER = 64 * 1024 * 1024
MAX_TOTAL = 1 * 1024 * 1024 * 1024
MAX_MEMBERS = 2_000_000
_HEAD = re.compile(r"[a-z0-9]{4,32}-[1-9]\d{0,14}:[0-9a-f]{64}", re.ASCII)
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
    strays: tuple[str, ...] = ()
    """Private files that no event of the bundle cites; they were not read."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One writer's part of a bundle against the book here. ``problems`` keep it out."""

    writer: str
    new: tuple[str, ...]
    known: int
    problems: tuple[Problem, ...] = ()


# ---------------------------------------------------------------- out


def export(
    book: Book,
    path: str,
    show: str,
    names: Mapping[str, str],
    writers: Sequence[str],
    private: bool,
    redacted: Container[str] = (),
) -> Bundle:
    """Write the chains of ``writers`` (none: all) as a bundle, whole or not at all, without what was ``redacted``.

    Raises InputError, LedgerError, or WriteError where the bundle cannot be written.
    """
    chosen = {name: data for writer, name, data in book.raw() if not writers or writer in writers}
    absent = [writer for writer in writers if not any(name.startswith(f"{writer}-") for name in chosen)]
    if absent:
        raise InputError(path, f"the book has no writer {', '.join(absent)}; genai-tags log lists them")
    ends = {place[0]: (place[1], data) for name, data in chosen.items() if (place := parse_name(name))}
    heads = tuple(str(Head(w, n, hashlib.sha256(data).hexdigest())) for w, (n, data) in sorted(ends.items()))
    payloads = dict(_payloads(book, chosen, redacted)) if private else {}
    bundle = Bundle(path, chosen, payloads, show, {w: n for w, n in names.items() if not writers or w in writers}, heads)
    try:
        files.write(path, _zip(bundle))
    except OSError as error:
        raise WriteError(path, f"could not be written: {error.strerror}") from None
    return bundle


def _payloads(book: Book, chosen: Mapping[str, bytes], redacted: Container[str]) -> Iterator[tuple[str, bytes]]:
    for name, data in chosen.items():
        try:
            event = read_event(data, name)
        except InputError:
            continue  # torn: it is handed over as it is, and named on the other side
        for digest in payloads_of(event):
            for each in book.payload_names(digest) if digest not in redacted else ():
                found = book.payload(each)
                if found is None:
                    raise LedgerError(f"private/{each} is not yours to read; export without --private, or as its owner")
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
    return files.read(path, MAX_MEMBER)


def _from_zip(archive: zipfile.ZipFile, path: str) -> Bundle:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise InputError(path, "is larger than any bundle that is read")
    problems = [Problem(name, "stands twice in the bundle") for name, n in sorted(Counter(names).items()) if n > 1]
    problems += [Problem(name, "does not belong into a bundle") for name in names if not _belongs(name)]
    if "manifest.json" not in names:
        raise InputError(path, "is no bundle of genai-tags log export: manifest.json is missing")
    if problems:
        raise InputError(path, problems[:20])

    def members(folder: str, wanted: Callable[[str], bool]) -> dict[str, bytes]:
        found = [(info, info.filename.rpartition("/")) for info in infos]
        return {name: _member(archive, info, path) for info, (above, _, name) in found if above == folder and wanted(name)}

    events = members("book", lambda name: True)
    cited = _cited(events)
    private = members("private", lambda name: name.removesuffix(".json") in cited)
    strays = tuple(name for name in names if name.startswith("private/") and name.rpartition("/")[2] not in private)
    manifest = _member(archive, archive.getinfo("manifest.json"), path)
    return dataclasses.replace(_with_manifest(manifest, path, events, private), strays=strays)


def _belongs(name: str) -> bool:
    folder, _, last = name.rpartition("/")
    if folder == "private":
        return _PRIVATE.fullmatch(last) is not None
    return name == "manifest.json" or (folder == "book" and parse_name(last) is not None)


def _cited(events: Mapping[str, bytes]) -> set[str]:
    """The digests of private payloads that events cite."""
    found: set[str] = set()
    for name, data in events.items():
        with contextlib.suppress(InputError):  # it is named where chains are compared
            found.update(payloads_of(read_event(data, name)))
    return found


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
    if not isinstance(heads, list) or not all(isinstance(head, str) and _HEAD.fullmatch(head) for head in heads):
        raise InputError(path, [Problem("manifest.json", "lists no chain heads (WRITER-NUMBER:SHA-256)")])
    if len({head.rpartition("-")[0] for head in heads}) != len(heads):
        raise InputError(path, [Problem("manifest.json", "lists two ends of one chain")])
    return Bundle(
        path, events, private, str(found.get("show") or "") or None,
        {str(k): str(v) for k, v in names.items()} if isinstance(names, Mapping) else {},
        tuple(heads),
    )  # fmt: skip


def compare(book: Book, bundle: Bundle) -> list[Chain]:
    """Each writer's chain in a bundle against the book here: what is new, what is known, what is wrong."""
    here: dict[str, dict[str, bytes]] = {}
    for writer, name, data in book.raw():
        here.setdefault(writer, {})[name] = data
    theirs: dict[str, dict[str, bytes]] = {}
    for name, data in bundle.events.items():
        theirs.setdefault(name.rpartition("-")[0], {})[name] = data
    heads: dict[str, list[str]] = {}
    for head in bundle.heads:
        theirs.setdefault(head.rpartition("-")[0], {})
        heads.setdefault(head.rpartition("-")[0], []).append(head)
    return [_compare(w, here.get(w, {}), found, heads.get(w, []), book.writer) for w, found in sorted(theirs.items())]


def _compare(writer: str, here: Mapping[str, bytes], theirs: Mapping[str, bytes], heads: Sequence[str], own: str) -> Chain:
    problems = [
        Problem(
            name, "differs from what this ledger holds: one of them was edited, or two books went on as one writer", "conflict"
        )
        for name in sorted(set(here) & set(theirs))
        if here[name] != theirs[name]
    ]
    new = tuple(sorted(set(theirs) - set(here)))
    if writer == own and new:
        problems.append(
            Problem(new[0], "goes out under this installation's own name, and this book does not hold it", "own_name")
        )
    before = set(_chain_problems(here))
    problems += [each for each in _chain_problems({**theirs, **here}) if each not in before]
    ends = {str(Head(*place, hashlib.sha256(data).hexdigest())) for n, data in theirs.items() if (place := parse_name(n))}
    cut = "is where the sender's chain ended, and not in the bundle: it was cut short or replaced on the way"
    problems += [Problem(head, cut, "truncated") for head in heads if head not in ends]
    return Chain(writer, new, len(set(theirs) & set(here)), tuple(dict.fromkeys(problems)))


def _chain_problems(chain: Mapping[str, bytes]) -> list[Problem]:
    read = [event_in(data, name) for name, data in sorted(chain.items())]
    events = [each for each in read if isinstance(each, Event)]
    problems = [each for each in read if isinstance(each, Problem)]
    hashes = {place: hashlib.sha256(data).hexdigest() for name, data in chain.items() if (place := parse_name(name))}
    return [*problems, *check_chains(events, hashes, {problem.path for problem in problems})]


def take_in(book: Book, bundle: Bundle, chains: Sequence[Chain]) -> list[Problem]:
    """Write what is new of sound chains, in order, and the private files that they cite; problems of single private files.

    Raises LedgerError where the folder does not take it: what is written by then is a sound beginning of a chain.
    """
    for chain in chains:
        for name in sorted(chain.new, key=lambda each: parse_name(each) or ("", 0)):
            book.put_event(name, bundle.events[name])
    taken = {chain.writer for chain in chains}
    events = {name: data for name, data in bundle.events.items() if name.rpartition("-")[0] in taken}
    everything = [*book.read()[0], *(read_event(data, name) for name, data in events.items())]
    return list(_take_private(book, bundle, _cited(events), redactions(everything, book.writer)))


def _take_private(book: Book, bundle: Bundle, cited: set[str], redacted: Mapping[str, str]) -> Iterator[Problem]:
    for name in bundle.strays:
        yield Problem(name, "is cited by no event of the bundle; it is not taken in", "foreign")
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
