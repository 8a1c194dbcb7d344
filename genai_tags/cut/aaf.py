"""AAF of Avid and Resolve as a timeline document, by the OTIO adapter and pyaaf2 in a process of its own: a broken file costs that
process, with its memory and time, and not this one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from genai_tags.carriers import otio as carrier
from genai_tags.cut.otio_objects import NOTE
from genai_tags.errors import InputError
from genai_tags.process import command, environment

SECONDS = 120
MEMORY = 8 * 1024**3
"""Bytes that reading may take."""
NOT_INSTALLED = 5
_CLASSES = ("TimelineMobSlot", "Sequence")
"""What the adapter calls tracks that have no name."""
_MISSING = "needs OpenTimelineIO and its AAF adapter: pip install 'genai-tags[aaf]'"


def document(path: str) -> Any:
    """The timeline document of an AAF. Raises InputError where it is none, takes too long, or nothing can read it here."""
    if not os.path.isfile(path):
        raise InputError(path, "cannot be read: there is no such file")
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "cut.otio")
        run = command("genai_tags.cut.aaf", os.path.abspath(path), target)
        try:
            ran = subprocess.run(
                run, env=environment(), capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise InputError(path, f"was not read within {SECONDS} seconds") from None
        if ran.returncode == NOT_INSTALLED:
            raise InputError(path, _MISSING)
        if ran.returncode:
            lines = ran.stderr.strip().splitlines()
            raise InputError(path, f"is no AAF that can be read ({lines[-1][:200] if lines else f'exit {ran.returncode}'})")
        return carrier.load(target)


def _convert(path: str, target: str) -> int:
    """Runs in the process of its own."""
    try:
        import aaf2
        import opentimelineio as otio
    except ImportError:
        return NOT_INSTALLED
    _limit()
    try:
        made = otio.adapters.read_from_file(path, adapter_name="AAF")
        found = json.loads(otio.adapters.write_to_string(made, "otio_json"))
        with aaf2.open(path) as stream:
            drop = _drop(stream)
    except Exception as error:  # noqa: BLE001 - whatever the readers raise is one reason
        print(f"{type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)  # noqa: T201
        return 3
    for track in found.get("tracks", {}).get("children", []):
        if track.get("name") in _CLASSES:
            track["name"] = ""
    if drop is not None and isinstance(found.get("metadata"), dict):
        found["metadata"][NOTE] = {"drop_frame": drop}
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(found, stream)
    return 0


def _drop(stream: Any) -> bool | None:
    """Whether the programme's timecode drops frames."""
    for mob in stream.content.toplevel():
        for slot in mob.slots:
            segment = slot.segment
            parts = list(getattr(segment, "components", None) or [segment])
            for part in parts:
                if type(part).__name__ == "Timecode":
                    return bool(part.get("Drop").value)
    return None


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard < 0 else min(MEMORY, hard), hard))


if __name__ == "__main__":
    sys.exit(_convert(*sys.argv[1:3]))
