"""Put statements into tools.yaml: behind the others, whose bytes stay as they are, and noted in the ledger."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from genai_tags import files
from genai_tags.codec import encode
from genai_tags.config import RegisterFile, load_config, parse_config
from genai_tags.errors import InputError, ShowError, UsageError
from genai_tags.ledger.chain import Event
from genai_tags.policy.register import Register, read_register
from genai_tags.policy.statements import TOOLS_SCHEMA, Statement
from genai_tags.show import GENAI_FOLDER, Show
from genai_tags.strict import decode_text, load_yaml, quoted

Make = Callable[[Register], dict[str, Any]]
"""From the register as it is to the facts of a new statement, date and reviewer left out."""

_HEAD = f"# Dated statements, each complete; of one tool the latest counts, of one day the strictest. See docs/tools.md.\nschema: {TOOLS_SCHEMA}\ntools:\n"
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


def state_tool(show: Show, make: Make, on: dt.date, by: str, role: str | None) -> tuple[Statement, Event, Register, bool]:
    """Record a statement as of a day: it, the ledger's event, the register with it, and whether that is a new file.

    Raises UsageError where it lies before the tool's last statement, RefusedError, InputError where facts are wrong,
    ShowError where a file does not take it, LedgerError. Nothing is changed then.
    """
    show.book.check_writable()
    with _alone(show):
        config = load_config(show.config.path)  # somebody may have named the register since
        held = config.register or RegisterFile()
        path = os.path.join(show.config.folder, held.file)
        before, new_file = _read(path)
        register = read_register(before, path, held.file, held.terms_days) if not new_file else Register()
        stated = {**make(register), "date": str(on), "reviewed_by": by}
        show.check_role("tool_review", role, by, about=[str(stated.get("tool"))])
        last = register.current(str(stated.get("tool")), dt.date.max)
        if last is not None and on < last.date:
            raise UsageError(
                f"{on} lies before the last statement on {last.tool}, of {last.date}, which would win all the same; "
                f"where that one is wrong, correct it in {held.file}"
            )
        after = _with(before, stated)
        grown = _check(after, path, held, register, stated)
        named = _config_with(show) if config.register is None else None
        _write(path, after)
        if named is not None:
            _write(show.config.path, named)
        made = grown.statements[-1]
        return made, show.review_tool(encode(made), by), grown, named is not None


@contextlib.contextmanager
def _alone(show: Show) -> Iterator[None]:
    """Only one at a time, where the system can say so; a lock ends with its process."""
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        yield
        return
    path = os.path.join(show.config.folder, GENAI_FOLDER, "tools.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        raise ShowError(f"{path}: cannot be locked: {error.strerror}") from None
    try:
        yield
    finally:
        os.close(descriptor)


def _read(path: str) -> tuple[bytes, bool]:
    try:
        return files.read(path), False
    except FileNotFoundError:
        return _HEAD.encode(), True
    except OSError as error:
        raise ShowError(f"{path}: the tool register cannot be read: {error.strerror}") from None


def _with(before: bytes, stated: Mapping[str, Any]) -> bytes:
    """The bytes with one more item of the list, indented and ended as the others are."""
    text = before.decode("utf-8-sig", "replace")
    indent = (_ITEM.search(text[text.find("tools:") :]) or re.match("()", ""))[1]  # type: ignore[index]
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{key}: {quoted(value)}" for key, value in stated.items() if value not in (None, [], {}, "")]
    item = f"{indent}- " + f"{end}{indent}  ".join(lines) + end
    return before + (b"" if before.endswith(b"\n") else end.encode()) + item.encode("utf-8")


def _check(after: bytes, path: str, held: RegisterFile, register: Register, stated: Mapping[str, Any]) -> Register:
    """The register with the new statement, where nothing else changed. Raises InputError or ShowError."""
    alone = _with(_HEAD.encode(), stated)
    read_register(alone, f"the statement on {stated.get('tool')}", held.file)  # what is wrong in it is wrong in it alone
    try:
        grown = read_register(after, path, held.file, held.terms_days)
        fits = grown.statements[:-1] == register.statements
    except InputError as error:
        if any(problem.path == "tools" for problem in error.problems):
            raise
        fits = False
    if not fits:
        raise ShowError(
            f"{path}: nothing can be put behind its list of tools; write each tool on lines of its own that begin with '- ', "
            "and tools: as the last key"
        )
    return grown


def _config_with(show: Show) -> bytes:
    """genai.yaml with the register named: a lost one must not go unnoticed. Raises ShowError where that cannot be put in."""
    path = show.config.path
    with open(path, "rb") as stream:
        before = stream.read()
    addition = "\nregister:\n  # How many days old terms may be when a tool is used: terms_days: 180\n  file: tools.yaml\n"
    after = before + (b"" if before.endswith(b"\n") else b"\n") + addition.lstrip("\n").encode()
    try:
        config = parse_config(load_yaml(decode_text(after, path), path), path)
    except InputError:
        raise ShowError(f"{path}: cannot be added to; put 'register: {{file: tools.yaml}}' into it yourself") from None
    if config.register != RegisterFile():
        raise ShowError(f"{path}: cannot be added to; put 'register: {{file: tools.yaml}}' into it yourself")
    return after


def _write(path: str, data: bytes) -> None:
    try:
        files.write(path, data)
    except OSError as error:
        raise ShowError(f"{path}: cannot be written: {error.strerror}") from None
