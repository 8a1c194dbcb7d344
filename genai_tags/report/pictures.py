"""Small pictures of frames as data URLs, made in processes of their own: a frame that kills or stalls one costs that frame."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from genai_tags.process import command, environment

WIDTH, HEIGHT = 192, 108
"""What a picture fits into, in pixels."""
SECONDS = 20.0
"""How long a frame may take."""
_WORKERS = 2


MISSING = "no pictures: OpenImageIO is not installed (pip install 'genai-tags[media]')"


def available() -> bool:
    """Whether OpenImageIO is here (the extra ``media``)."""
    return importlib.util.find_spec("OpenImageIO") is not None


def pictures(
    paths: Iterable[str], done: Callable[[], None] = lambda: None, seconds: float = SECONDS
) -> tuple[dict[str, str], dict[str, str]]:
    """Pictures by path, and why others have none. Never raises for a frame."""
    wanted = list(dict.fromkeys(paths))
    found: dict[str, str] = {}
    lacking: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="genai_tags-") as folder:
        makers = [_Maker(os.path.join(folder, f"{i}.jpg"), seconds) for i in range(min(_WORKERS, len(wanted)))]
        free = list(makers)

        def one(path: str) -> None:
            maker = free.pop()  # there are as many makers as threads
            try:
                url, why = maker.make(path)
            finally:
                free.append(maker)
            (found if url else lacking)[path] = url or why
            done()

        try:
            with ThreadPoolExecutor(max(1, len(makers))) as pool:
                list(pool.map(one, wanted))
        finally:
            for maker in makers:
                maker.stop()
    return found, lacking


class _Maker:
    """One process; a new one takes its place where it died or was too slow."""

    def __init__(self, out: str, seconds: float) -> None:
        self.out, self.seconds = out, seconds
        self.process: subprocess.Popen[str] | None = None

    def make(self, path: str) -> tuple[str, str]:
        """A data URL, or why there is none."""
        if self.process is None:
            self.process = self._start()
        slow = threading.Event()
        timer = threading.Timer(self.seconds, self._give_up, (self.process, slow))
        timer.start()
        try:
            answer = self._ask(self.process, path)
        finally:
            timer.cancel()
        if answer is None or slow.is_set():
            self.stop()
            return "", f"took longer than {self.seconds:g} seconds" if slow.is_set() else "killed the process that read it"
        return ("", answer) if answer else self._made()

    def _made(self) -> tuple[str, str]:
        try:
            with open(self.out, "rb") as stream:
                return f"data:image/jpeg;base64,{base64.b64encode(stream.read()).decode('ascii')}", ""
        except OSError as error:
            return "", f"its picture cannot be read: {error.strerror}"

    def _ask(self, process: subprocess.Popen[str], path: str) -> str | None:
        """Why there is no picture, empty where there is one; None where the process is gone."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"path": path, "out": self.out, "width": WIDTH, "height": HEIGHT}) + "\n")
            process.stdin.flush()
            return str(json.loads(process.stdout.readline())["why"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command("genai_tags.report.picture_worker"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=environment(),
        )  # fmt: skip

    def _give_up(self, process: subprocess.Popen[str], slow: threading.Event) -> None:
        slow.set()
        process.kill()

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            with contextlib.suppress(OSError):
                self.process.kill()
            self.process.communicate()
            self.process = None
