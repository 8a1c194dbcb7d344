"""Asks the desk what to do and does it, until either side is gone. Resolve has no events: the desk is asked twice a second, which costs
Resolve two calls, and none while nothing changed hands.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from . import badges, exporting, snapshot
from .api import MissingCallError, call, current, edition, has

PAUSE = 0.5
SECONDS = 5.0
PATIENCE = 10
"""How often in a row either side may not answer."""
MISSING = "no desk is open. Start one on this machine: genai-tags view SHOW_OR_CUT (it needs pip install 'genai-tags[ui]')"


def say(text: str) -> None:
    """A line in Resolve's console."""
    line = f"genai_tags: {' '.join(text.split())}"
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)  # noqa: T201 - the console is the log


def desks() -> list[dict[str, str]]:
    """The desks that left word on this machine, newest first; a killed one's word may still lie there."""
    found = []
    for name in _words():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            with open(name, encoding="utf-8") as stream:
                word = json.load(stream)
            found.append((os.stat(name).st_mtime_ns, {each: str(word[each]) for each in ("socket", "token", "show")}))
    return [word for _, word in sorted(found, key=lambda pair: -pair[0])]


def _words() -> list[str]:
    folder = os.environ.get("GENAI_DESK")
    if not folder:
        if sys.platform == "win32":
            folder = os.path.join(os.environ.get("LOCALAPPDATA") or os.path.expanduser("~"), "genai_tags", "desk")
        else:
            runtime = os.environ.get("XDG_RUNTIME_DIR")
            folder = os.path.join(runtime or os.path.join(os.path.expanduser("~"), ".cache"), "genai_tags-desk")
    with contextlib.suppress(OSError):
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".json")]
    return []


def ask(word: dict[str, str], said: dict[str, Any]) -> dict[str, Any] | None:
    """One line to the desk and its answer; None where it is gone."""
    line = json.dumps({"token": word["token"], "do": "host", "host": "resolve", **said}).encode("ascii") + b"\n"
    try:
        if sys.platform == "win32":
            answer = _by_pipe(word["socket"], line)
        else:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.settimeout(SECONDS)
                stream.connect(word["socket"])
                stream.sendall(line)
                with stream.makefile("rb") as reader:
                    answer = reader.readline(65536)
        return dict(json.loads(answer))
    except (OSError, ValueError, TypeError):
        return None


def _by_pipe(path: str, line: bytes) -> bytes:
    """Windows' pipes have no time limit of their own: a thread waits, and is left behind where nothing comes."""
    found: list[bytes] = []

    def talk() -> None:
        with contextlib.suppress(OSError), open(path, "r+b", buffering=0) as pipe:
            pipe.write(line)
            found.append(pipe.readline(65536))

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if not found:
        raise OSError("the desk did not answer")
    return found[0]


def run(resolve: Any, pause: float = PAUSE, sleep: Callable[[float], None] = time.sleep) -> None:
    """Serve the desk until it closes, or Resolve does."""
    if resolve is None:
        say("Resolve cannot be reached: from 21.1 on Python scripts need DaVinci Resolve Studio")
        return
    session = secrets.token_hex(8)
    word = next((each for each in desks() if ask(each, {"session": session, "busy": True}) is not None), None)
    if word is None:
        say(MISSING)
        return
    say(f"{edition(resolve)} is connected with the desk of {word['show']}")
    done: dict[str, Any] | None = None
    silent = failed = 0
    while True:
        try:
            _, timeline = current(resolve)
            name = str(call(timeline, "GetName")) if timeline is not None else ""
            failed = 0
        except Exception as error:  # noqa: BLE001 - Resolve is closing, or hiccups; its objects fail in their own ways
            failed += 1
            if failed < PATIENCE:
                sleep(pause)
                continue
            say(f"Resolve is gone: {error}")
            ask(word, {"session": session, "bye": True})
            return
        answer = ask(word, {"session": session, "timeline": name[:200], "done": done})
        if answer is None and silent < PATIENCE and any(each["socket"] == word["socket"] for each in desks()):
            silent += 1  # it is busy: its word still lies there
            sleep(pause)
            continue
        if answer is None or not answer.get("ok"):
            say(f"the desk is gone: {answer.get('why') if answer else 'start the script again when it is open'}")
            return
        silent = 0
        job = answer.get("job")
        if isinstance(job, dict):
            done = _kept_alive(word, session, resolve, job)
        else:
            done = None
            sleep(pause)


def _kept_alive(word: dict[str, str], session: str, resolve: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Do a job while a thread tells the desk that it is under way; the thread asks nothing of Resolve."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(1.0):
            ask(word, {"session": session, "busy": True})

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        _, timeline = current(resolve)  # the one that is open now
        return work(resolve, timeline, job)
    except Exception as error:  # noqa: BLE001 - said by the desk
        return {"job": job.get("job"), "do": job.get("do"), "why": str(error)[:500]}
    finally:
        ended.set()
        thread.join(SECONDS + 2)


def work(resolve: Any, timeline: Any, job: dict[str, Any]) -> dict[str, Any]:
    """Do one job; what came of it, or why it could not be done."""
    found: dict[str, Any] = {"job": job.get("job"), "do": job.get("do")}
    try:
        found.update(_DO[str(job["do"])](resolve, timeline, job))
    except MissingCallError as error:
        found["why"] = str(error)
    except Exception as error:  # noqa: BLE001 - the editor's session goes on
        found["why"] = f"{job.get('do')} did not work ({type(error).__name__}) {error}"[:500]
    return _short(found)


def _short(found: dict[str, Any]) -> dict[str, Any]:
    """What was refused, as far as a line holds it."""
    refused = [str(each)[:200] for each in found.get("refused", ())]
    if refused:
        found["refused"] = refused[:20]
        found["more"] = max(0, len(refused) - 20)
    return found


def _look(resolve: Any, timeline: Any, job: dict[str, Any]) -> dict[str, Any]:
    return {
        "items": snapshot.save(timeline, str(job["to"])),
        "path": job["to"],
        "timeline": snapshot.timeline_id(timeline),
        "rate": f"{snapshot.rate_of(timeline):.3f}",
    }


def _go(resolve: Any, timeline: Any, job: dict[str, Any]) -> dict[str, Any]:
    wanted = str(job["timecode"])
    if job.get("timeline") not in (None, snapshot.timeline_id(timeline)):
        return {"why": "another timeline is open than the one that was looked at"}
    call(timeline, "SetCurrentTimecode", wanted)
    there = str(call(timeline, "GetCurrentTimecode")) if has(timeline, "GetCurrentTimecode") else wanted
    return (
        {} if there == wanted else {"why": f"the playhead is at {there}, not at {wanted}: it moves on the Edit and Color page"}
    )


_DO: dict[str, Callable[[Any, Any, dict[str, Any]], dict[str, Any]]] = {
    "look": _look,
    "mark": lambda resolve, timeline, job: badges.put(timeline, str(job["from"])),
    "unmark": lambda resolve, timeline, job: badges.take_off(timeline),
    "go": _go,
    "export": lambda resolve, timeline, job: exporting.export(resolve, timeline, str(job["folder"])),
}
