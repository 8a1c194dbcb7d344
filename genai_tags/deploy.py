"""Lay a plugin down for a host: its own files, the core that runs inside the host, and PyYAML without its compiled part.

Nothing is installed into the host's Python: native wheels have crashed hosts, and a host's packages are its own. Blender has an
installer of its own, which takes a zip.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

from genai_tags import __version__, files
from genai_tags.errors import UsageError, WriteError

HOSTS = ("nuke", "resolve")
MANIFEST = "genai_tags_install.json"
SCHEMA = "genai_tags.install/1"

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_NOT_IN_HOSTS = ("cli", "demo", "_plugins", "__main__.py", "deploy.py")
"""The command line stays outside: it is run by the Python that it was installed into."""


def deploy(host: str, folder: str) -> dict[str, Any]:
    """Install a plugin into a folder of its own, or bring the one there up to date; the manifest.

    Raises UsageError where something of somebody else's would be overwritten, WriteError where the folder does not take it.
    """
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise UsageError(f"{folder} is not a folder")
    content = dict(_content(host, folder))
    old = manifest(folder)
    if old and old.get("host") != host:
        raise UsageError(f"{folder} holds the plugin for {old.get('host')}: each needs a folder of its own (--to DIR)")
    foreign = [name for name in content if name not in old.get("files", ()) and os.path.exists(os.path.join(folder, name))]
    if foreign:
        raise UsageError(
            f"{folder} holds {foreign[0]} of its own, which is not overwritten: install into a folder of its own (--to DIR)"
        )
    made: dict[str, Any] = {
        "schema": SCHEMA, "host": host, "version": __version__, "python": sys.executable, "files": sorted(content),
    }  # fmt: skip
    try:
        os.makedirs(folder, exist_ok=True)
        first = {**made, "files": sorted({*content, *old.get("files", ())})}  # an install that is cut short can be repeated
        files.write(os.path.join(folder, MANIFEST), json.dumps(first, indent=1).encode("utf-8") + b"\n")
        for name, data in content.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            files.write(path, data)
        _remove(folder, [name for name in old.get("files", ()) if name not in content])
        files.write(os.path.join(folder, MANIFEST), json.dumps(made, indent=1).encode("utf-8") + b"\n")
    except OSError as error:
        raise WriteError(folder, f"could not be installed into: {error.strerror}; run it again when that is mended") from None
    return made


def remove(host: str, folder: str) -> int:
    """Take away what ``deploy`` laid down; how many files there were. Raises UsageError where there is no plugin for this host."""
    old = manifest(folder)
    if old and old.get("host") != host:
        raise UsageError(f"{folder} holds the plugin for {old.get('host')}, not for {host}")
    if not old:
        raise UsageError(f"{folder} holds no plugin of genai_tags ({MANIFEST} is not there)")
    try:
        count = _remove(folder, old["files"])
        _remove(folder, [MANIFEST])
    except OSError as error:
        raise WriteError(folder, f"could not be taken away: {error.strerror}") from None
    return count


def manifest(folder: str) -> dict[str, Any]:
    """What was installed into a folder; nothing where there is no readable manifest."""
    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return {}
    named = found.get("files") if isinstance(found, dict) else None
    inside = isinstance(named, list) and all(isinstance(each, str) and _is_inside(each) for each in named)
    return dict(found) if inside else {}


def _is_inside(name: str) -> bool:
    """Whether a name of a manifest stays below its folder, whoever wrote it."""
    return not os.path.isabs(name) and ".." not in name.replace("\\", "/").split("/")


def _remove(folder: str, names: list[str]) -> int:
    count = 0
    for name in names:
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            os.unlink(path)
            count += 1
        place = os.path.dirname(path)
        while (
            len(place) > len(folder)
            and os.path.basename(place) not in _RESOLVES
            and os.path.isdir(place)
            and not set(os.listdir(place)) - {"__pycache__"}
        ):
            _remove_compiled(place)
            os.rmdir(place)
            place = os.path.dirname(place)
    return count


_RESOLVES = ("Scripts", "Utility")
"""Folders of Resolve's own, which stay though they be empty."""


def _remove_compiled(place: str) -> None:
    compiled = os.path.join(place, "__pycache__")
    if os.path.isdir(compiled):
        for name in os.listdir(compiled):
            os.unlink(os.path.join(compiled, name))
        os.rmdir(compiled)


def fusion_folder() -> str:
    """This user's Fusion folder of DaVinci Resolve, in which it looks for scripts (Blackmagic's scripting README; Windows as it is found
    in the field)."""
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "Blackmagic Design", "DaVinci Resolve", "Fusion")
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA") or os.path.join(home, "AppData", "Roaming")
        return os.path.join(roaming, "Blackmagic Design", "DaVinci Resolve", "Support", "Fusion")
    return os.path.join(home, ".local", "share", "DaVinciResolve", "Fusion")


_MENU = "GenAI Tags.py"


def _for_resolve(folder: str) -> Iterator[tuple[str, bytes]]:
    """One script for the menu, and the bridge beside the scripts: Resolve lists every file below them."""
    place = os.path.join(folder, "genai_tags")
    for name, data in _tree(_sources("resolve"), ""):
        if name.endswith(_MENU):
            yield f"Scripts/Utility/{_MENU}", data.replace(b'FILES = ""', f"FILES = {place!r}".encode())
        else:
            yield f"genai_tags/{name}", data


def _content(host: str, folder: str) -> Iterator[tuple[str, bytes]]:
    """Every file, by its place below the folder."""
    if host == "resolve":
        yield from _for_resolve(folder)
        return
    yield from _tree(_sources(host), "")
    yield from _core(_NOT_IN_HOSTS)


def _core(without: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """The core that runs inside a host, with what it needs."""
    yield from _tree(_PACKAGE, "genai_tags", without)
    yield "genai_tags/_vendor/__init__.py", b'"""Other people\'s modules, as they are; see the licence beside each."""\n'
    import yaml

    # Without cyaml.py PyYAML does not look for its compiled part, which may be another host's.
    yield from _tree(os.path.dirname(os.path.abspath(yaml.__file__)), "genai_tags/_vendor/yaml", ("cyaml.py",), (".py",))
    licence = next((each for each in metadata.files("PyYAML") or () if each.name in ("LICENSE", "LICENCE")), None)
    if licence is not None:
        yield "genai_tags/_vendor/yaml/LICENSE", licence.read_binary()


def blender_extension(folder: str) -> str:
    """Build Blender's extension, one zip for every version and system, into a folder; its path.

    The core is a wheel of pure Python inside it, as Blender's extension platform asks. Raises WriteError.
    """
    manifest_text = files.read(os.path.join(_sources("blender"), "blender_manifest.toml")).decode("utf-8")
    wheel_name, wheel = _wheel()
    listed = manifest_text.replace("wheels = []", f'wheels = ["./wheels/{wheel_name}"]')
    listed = re.sub(r'(?m)^version = ".*"$', f'version = "{__version__}"', listed)
    content = {name: data for name, data in _tree(_sources("blender"), "") if not name.endswith(".toml")}
    content["blender_manifest.toml"] = listed.encode("utf-8")
    content[f"wheels/{wheel_name}"] = wheel
    path = os.path.join(folder, f"genai_tags-{__version__}.zip")
    try:
        os.makedirs(folder, exist_ok=True)
        files.write(path, _zipped(content))
    except OSError as error:
        raise WriteError(path, f"could not be written: {error.strerror}") from None
    return path


def _wheel() -> tuple[str, bytes]:
    """The core as a wheel (PEP 427), and its name. Its version says which content it has: Blender does not unpack a wheel again whose
    name it knows."""
    content = dict(_core((*_NOT_IN_HOSTS, "ui")))
    digest = hashlib.sha256()
    for name in sorted(content):
        digest.update(name.encode("utf-8") + b"\0" + hashlib.sha256(content[name]).digest())
    version = f"{__version__}+{digest.hexdigest()[:12]}"
    info = f"genai_tags-{version}.dist-info"
    content[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: genai-tags\nVersion: {version}\nLicense: Apache-2.0\n".encode()
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: genai_tags\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    lines = [f"{name},sha256={_record_digest(data)},{len(data)}" for name, data in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode("utf-8")
    return f"genai_tags-{version}-py3-none-any.whl", _zipped(content)


def _record_digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")


def _zipped(content: Mapping[str, bytes]) -> bytes:
    """A zip that is the same whenever it is made of the same."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content[name])
    return made.getvalue()


def _sources(host: str) -> str:
    """Where a plugin's own files lie: beside the package in a checkout, within it where it was installed."""
    for folder in (os.path.join(_PACKAGE, "_plugins", host), os.path.join(os.path.dirname(_PACKAGE), "plugins", host)):
        if os.path.isdir(folder):
            return folder
    raise UsageError(f"this installation of genai_tags brings no plugin for {host}")


def _tree(
    folder: str,
    below: str,
    without: tuple[str, ...] = (),
    endings: tuple[str, ...] = (".py", ".yaml", ".png", ".md", ".typed", ".css", ".js", ".j2", ".html"),
) -> Iterator[tuple[str, bytes]]:
    for place, folders, names in os.walk(folder):
        inside = os.path.relpath(place, folder)
        folders[:] = sorted(each for each in folders if each != "__pycache__" and not (inside == "." and each in without))
        for name in sorted(names):
            if name.endswith(endings) and not (inside == "." and name in without):
                path = "/".join(part for part in (below, inside.replace(os.sep, "/"), name) if part not in ("", "."))
                yield path, files.read(os.path.join(place, name))
