"""``genai.yaml``: what a show is called, which rules hold, what is in scope, where media lies. Documented in docs/show.md."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import sys
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from genai_tags import naming, territories
from genai_tags.errors import InputError, NoShowError, Problem, ShowError
from genai_tags.naming import matches_any
from genai_tags.status import Severity, Status
from genai_tags.strict import decode_text, load_yaml, quoted
from genai_tags.vocabulary import EvidenceKind

CONFIG_NAME = "genai.yaml"
CONFIG_SCHEMA = "genai_tags.show/1"
DEFAULT_PACKS = ("netflix-2025-08",)
SYSTEMS = ("linux", "macos", "windows")
KINDS = frozenset({kind.value for kind in EvidenceKind} | {"clean", "redaction", "tool_review"})
"""What roles may be asked for."""
WRITER_PATTERN = re.compile(r"[a-z0-9]{4,32}")
NEVER_MILDER = ("rejected", "revoked", "prohibited", "ledger_problem", "empty_cut")
"""Findings that no show may silence."""


@dataclass(frozen=True, slots=True)
class ShowScope:
    """What a conform must account for. Tags that are found are judged whatever the scope says.

    ``shots`` are patterns (empty: all) plus the names in ``lists``; ``exclude`` are patterns that fall out;
    ``tracks`` are ``video``, ``audio`` or track names (empty: all).
    """

    shots: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    listed: frozenset[str] = frozenset()

    def holds_shot(self, shot: str | None) -> bool:
        """Whether a shot is in scope; an unknown shot is."""
        if shot is None:
            return True
        if matches_any(shot, self.exclude):
            return False
        return not (self.shots or self.listed) or shot in self.listed or matches_any(shot, self.shots)

    def holds_track(self, kind: str, name: str) -> bool:
        """Whether a track is in scope, by its kind or its name."""
        return not self.tracks or kind in self.tracks or name in self.tracks


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """Where the tool register lies, and how many days old terms may be when a tool is used (None: no limit)."""

    file: str = "tools.yaml"
    terms_days: int | None = None


@dataclass(frozen=True, slots=True)
class Renders:
    """What a host does with renders: those whose status is among ``stop`` are not begun. Nothing is stopped by default."""

    stop: tuple[Status, ...] = ()


@dataclass(frozen=True, slots=True)
class Writer:
    """An installation that writes into the book: whose it is, and which evidence of it counts (None: any kind)."""

    name: str
    gives: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A show's configuration, checked whole. Where ``writers`` is stated, only what they give counts."""

    folder: str
    name: str
    contacts: tuple[str, ...] = ()
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    packs: tuple[str, ...] = DEFAULT_PACKS
    binding: tuple[str, ...] = ()
    register: RegisterFile | None = None
    writers: Mapping[str, Writer] = field(default_factory=dict)
    territories: tuple[str, ...] = ()
    scope: ShowScope = ShowScope()
    rate: Fraction | None = None
    time_zone: str = "UTC"
    media_roots: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    naming: tuple[str, ...] = (naming.NETFLIX,)
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    renders: Renders = Renders()

    def roots(self) -> dict[str, str]:
        """Media roots of this operating system, by name; the show's own folder is ``show``."""
        system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")
        found = {name: os.path.realpath(each[system]) for name, each in self.media_roots.items() if system in each}
        return {**found, "show": os.path.realpath(self.folder)}

    @property
    def path(self) -> str:
        """The genai.yaml."""
        return os.path.join(self.folder, CONFIG_NAME)

    def writer_name(self, writer: str) -> str:
        """Whose installation it is, by name where genai.yaml names it."""
        return self.writers[writer].name if writer in self.writers else writer

    def writer_gives(self, writer: str, kind: str) -> bool:
        """Whether a kind of evidence counts that this installation recorded."""
        known = self.writers.get(writer)
        return not self.writers or (known is not None and (known.gives is None or kind in known.gives))

    def may_give(self, role: str | None, kind: str) -> bool:
        """Whether the show lets a role give a kind of evidence; a kind that ``roles`` does not name is free."""
        return kind not in self.roles or role in self.roles[kind]

    def counts(self, kind: str, role: str | None, writer: str) -> bool:
        """Whether what a role gave and an installation recorded counts in the show."""
        return self.may_give(role, kind) and self.writer_gives(writer, kind)


def find_config(start: str | None, beside: str | None = None) -> str:
    """The genai.yaml of the show: at ``start`` (a folder or the file), else ``GENAI_SHOW``, else upward from the folder
    ``beside``, which is the working folder where nobody names one.

    Raises ShowError, or NoShowError where nobody named a show and there is none upward.
    """
    stated = start or os.environ.get("GENAI_SHOW")
    if stated:
        path = os.path.join(stated, CONFIG_NAME) if os.path.isdir(stated) else stated
        if not os.path.isfile(path):
            raise ShowError(f"{stated}: there is no show here ({CONFIG_NAME}); make one with 'genai-tags init'")
        return os.path.abspath(path)
    folder = os.path.abspath(beside) if beside else os.getcwd()
    while True:
        path = os.path.join(folder, CONFIG_NAME)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            raise NoShowError(
                f"no {CONFIG_NAME} from {beside or 'here'} upward; use --show or GENAI_SHOW, or make one with 'genai-tags init'"
            )
        folder = above


def load_config(path: str) -> Config:
    """Read and check a genai.yaml. Raises ShowError with every problem."""
    try:
        with open(path, "rb") as stream:
            document = load_yaml(decode_text(stream.read(), path), path)
        return parse_config(document, path)
    except OSError as error:
        raise ShowError(f"{path}: cannot be read: {error.strerror}") from None
    except InputError as error:
        raise ShowError(str(error)) from None


def parse_config(document: Any, path: str) -> Config:
    """A configuration from loaded YAML. Raises InputError with every problem."""
    if not isinstance(document, Mapping):
        raise InputError(path, f"is not a {CONFIG_SCHEMA} document")
    reader = _Reader(document, os.path.dirname(os.path.abspath(path)))
    config = reader.config()
    if reader.problems:
        raise InputError(path, reader.problems)
    return config


_KEYS = {f.name for f in dataclasses.fields(Config)} - {"folder"} | {"schema"}


class _Reader:
    def __init__(self, document: Mapping[str, Any], folder: str) -> None:
        self.document, self.folder = document, folder
        self.problems: list[Problem] = []

    def config(self) -> Config:
        doc = self.document
        self._known(doc, _KEYS, "")
        if doc.get("schema") != CONFIG_SCHEMA:
            self._bad("schema", f"must be {CONFIG_SCHEMA}, not {doc.get('schema')!r}")
        if not isinstance(doc.get("name"), str):
            self._bad("name", "is missing")
        patterns = self._texts(doc, "naming") or (naming.NETFLIX,)
        try:
            naming.compile_patterns(patterns)
        except ValueError as error:
            self._bad("naming", str(error))
        return Config(
            folder=self.folder, name=str(doc.get("name")), contacts=self._texts(doc, "contacts"), roles=self._roles(),
            packs=self._texts(doc, "packs") or DEFAULT_PACKS, binding=self._binding(),
            register=self._register(), writers=self._writers(), territories=self._territories(),
            scope=self._scope(), rate=self._rate(), time_zone=self._zone(), media_roots=self._roots(), naming=patterns,
            severities=self._severities(), renders=self._renders(),
        )  # fmt: skip

    def _territories(self) -> tuple[str, ...]:
        found = self._texts(self.document, "territories")
        for wrong in filter(None, map(territories.problem, found)):
            self._bad("territories", wrong)
        return found

    def _binding(self) -> tuple[str, ...]:
        found, packs = self._texts(self.document, "binding"), self._texts(self.document, "packs")
        for name in found:
            if name not in packs:
                self._bad("binding", f"{name!r} is not among packs")
        return found

    def _register(self) -> RegisterFile | None:
        data = self._mapping(self.document, "register")
        if "register" not in self.document:
            return None
        self._known(data, {"file", "terms_days"}, "register")
        days = data.get("terms_days")
        if days is not None and not re.fullmatch(r"[1-9]\d{0,4}", str(days)):
            self._bad("register.terms_days", f"must be a number of days, not {days!r}")
            days = None
        return RegisterFile(str(data.get("file") or "tools.yaml"), int(days) if days else None)

    def _writers(self) -> dict[str, Writer]:
        found = {}
        if "writers" in self.document and not self.document["writers"]:
            self._bad("writers", "names nobody, so nothing would count; leave it out, or name this installation")
        for writer, data in self._mapping(self.document, "writers").items():
            path = f"writers.{writer}"
            if not WRITER_PATTERN.fullmatch(writer):
                self._bad(path, "is no name of a writer (4 to 32 of a-z 0-9); genai-tags log shows them")
            if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
                self._bad(path, "must be a mapping with a name")
                continue
            self._known(data, {"name", "gives"}, path)
            gives = self._texts(data, "gives", path) if "gives" in data else None
            for kind in gives or ():
                self._kind(kind, f"{path}.gives")
            found[writer] = Writer(data["name"], gives)
        return found

    def _kind(self, kind: str, path: str) -> None:
        if kind not in KINDS:
            near = difflib.get_close_matches(kind, KINDS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(KINDS))}"
            self._bad(path, f"{kind!r} is no kind of evidence; {hint}")

    def _roles(self) -> dict[str, tuple[str, ...]]:
        found = {}
        for kind in (data := self._mapping(self.document, "roles")):
            self._kind(kind, f"roles.{kind}")
            found[kind] = self._texts(data, kind, "roles")
        return found

    def _scope(self) -> ShowScope:
        data = self._mapping(self.document, "scope")
        self._known(data, {"shots", "exclude", "lists", "tracks"}, "scope")
        lists = self._texts(data, "lists", "scope")
        listed: set[str] = set()
        for name in lists:
            try:
                with open(os.path.join(self.folder, name), encoding="utf-8-sig") as stream:
                    listed.update(line.strip() for line in stream if line.strip() and not line.startswith("#"))
            except (OSError, UnicodeDecodeError) as error:
                self._bad("scope.lists", f"{name} cannot be read: {error}")
        shots, exclude = self._texts(data, "shots", "scope"), self._texts(data, "exclude", "scope")
        return ShowScope(shots, exclude, lists, self._texts(data, "tracks", "scope"), frozenset(listed))

    def _rate(self) -> Fraction | None:
        text = self.document.get("rate")
        if text is None:
            return None
        from genai_tags.timecode import parse_rate

        try:
            return parse_rate(str(text))
        except ValueError as error:
            self._bad("rate", str(error))
            return None

    def _zone(self) -> str:
        name = str(self.document.get("time_zone") or "UTC")
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            self._bad("time_zone", f"{name!r} is no IANA time zone such as Europe/Berlin")
            return "UTC"
        return name

    def _roots(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name, systems in self._mapping(self.document, "media_roots").items():
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name) or name == "show":
                self._bad(f"media_roots.{name}", "is not a usable name")
            if not isinstance(systems, Mapping):
                self._bad(f"media_roots.{name}", f"must give a folder for each of {', '.join(SYSTEMS)}")
                continue
            self._known(systems, set(SYSTEMS), f"media_roots.{name}")
            found[name] = {str(k): str(v) for k, v in systems.items() if isinstance(v, str)}
        return found

    def _severities(self) -> dict[str, Severity | None]:
        words = {severity.value: severity for severity in Severity}
        found: dict[str, Severity | None] = {}
        for code, word in self._mapping(self.document, "severities").items():
            if word not in (*words, "none"):
                self._bad(f"severities.{code}", f"must be one of {', '.join(words)}, none")
            if code in NEVER_MILDER and word != "blocker":
                self._bad(f"severities.{code}", "is always a blocker")
            found[code] = words.get(str(word))
        return found

    def _renders(self) -> Renders:
        data = self._mapping(self.document, "renders")
        self._known(data, {"stop"}, "renders")
        words = {status.value: status for status in Status}
        found = self._texts(data, "stop", "renders")
        for word in found:
            if word not in words:
                self._bad("renders.stop", f"{word!r} is no status; there are {', '.join(words)}")
        return Renders(tuple(words[word] for word in found if word in words))

    def _mapping(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = data.get(key) or {}
        if isinstance(value, Mapping):
            return value
        self._bad(key, "must be a mapping")
        return {}

    def _texts(self, data: Mapping[str, Any], key: str, above: str = "") -> tuple[str, ...]:
        value = data.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._bad(f"{above}.{key}" if above else key, "must be a list of texts")
            return ()
        return tuple(value)

    def _known(self, data: Mapping[str, Any], known: set[str], path: str) -> None:
        for key in data:
            if key not in known:
                near = difflib.get_close_matches(str(key), sorted(known), 1)
                ask = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"
                self._bad(f"{path}.{key}" if path else str(key), f"is not known here; {ask}")

    def _bad(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))


def render_config(name: str, packs: Sequence[str]) -> str:
    """The genai.yaml that ``init`` writes."""
    chosen = "\n".join(f"  - {quoted(pack)}" for pack in packs)
    return f"""# genai_tags: see docs/show.md for every setting.
schema: {CONFIG_SCHEMA}
name: {quoted(name)}
packs:
{chosen}
scope:
  # What a conform must account for. A tag that is found is judged in any case.
  tracks: [video]
# Who may give what; a kind that is not named is free. Take the marks away and name your own roles.
# roles:
#   approval: [client_contact]
#   talent_consent: [producer, talent_representative]
#   legal_review: [legal]
"""
