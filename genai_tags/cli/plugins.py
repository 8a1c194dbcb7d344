"""``plugins``: lay a plugin down for a host, and take it away."""

from __future__ import annotations

import os
import shlex
from enum import Enum
from typing import Annotated

import typer
from rich.text import Text

from genai_tags import __version__, deploy
from genai_tags.cli.common import Format, FormatOption, emit, say
from genai_tags.errors import UsageError
from genai_tags.report.plain import plain


class Host(str, Enum):
    """The hosts there is a plugin for."""

    NUKE = "nuke"
    BLENDER = "blender"
    RESOLVE = "resolve"


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    plugins = typer.Typer(help="Plugins for hosts: install and uninstall.", no_args_is_help=True)
    plugins.command("install")(install)
    plugins.command("uninstall")(uninstall)
    app.add_typer(plugins, name="plugins")


def install(
    host: Annotated[Host, typer.Argument(help="nuke, blender or resolve.")],
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DIR", help="A folder of its own, which may lie on a shared disk; for resolve its Fusion folder."
        ),
    ] = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Install a plugin, or bring it up to date. Nothing of the host's own is touched."""
    if to is None and host is Host.RESOLVE:
        to = deploy.fusion_folder()
    if to is None or not to.strip():
        raise UsageError("--to is empty; name a folder of its own")
    folder = os.path.abspath(to)
    if host is Host.BLENDER:
        _blender(folder, format_)
        return
    made = deploy.deploy(host.value, folder)
    if host is Host.RESOLVE:
        _resolve(folder, made["version"], len(made["files"]), format_)
        return
    environment = {"NUKE_PATH": folder, "HIERO_PLUGIN_PATH": os.path.join(folder, "hiero")}
    document = {
        "schema": "genai_tags.plugins/1", "host": host.value, "path": folder, "version": made["version"],
        "files": len(made["files"]), "environment": environment,
    }  # fmt: skip
    emit(document, lambda: Text(_text(host.value, folder, len(made["files"]), environment)), format_)


def _blender(folder: str, format_: Format) -> None:
    """Blender installs extensions itself, from a zip."""
    path = deploy.blender_extension(folder)
    command = f"blender --command extension install-file --repo user_default --enable {shlex.quote(path)}"
    document = {"schema": "genai_tags.plugins/1", "host": "blender", "path": path, "version": __version__, "command": command}
    lines = [
        f"blender: the extension is {plain(path)}",
        f"Install it: {plain(command)}",
        "or in Blender: Edit > Preferences > Add-ons > Install from Disk. Blender takes it away in the same place.",
    ]
    emit(document, lambda: Text("\n".join(lines)), format_)


def _resolve(folder: str, version: str, count: int, format_: Format) -> None:
    """Resolve finds its scripts by itself."""
    document = {"schema": "genai_tags.plugins/1", "host": "resolve", "path": folder, "version": version, "files": count}
    lines = [
        f"resolve: {count} files in {plain(folder)}",
        "Start Resolve again, open the desk (genai-tags view SHOW), then: Workspace > Scripts > GenAI Tags.",
        "Python scripts need DaVinci Resolve Studio from 21.1 on; without it there is conform --format marker-edl.",
    ]
    emit(document, lambda: Text("\n".join(lines)), format_)


def _text(host: str, folder: str, count: int, environment: dict[str, str]) -> str:
    lines = [
        f"{host}: {count} files in {plain(folder)}",
        "Let the host find it, in the environment of artists and of the farm:",
    ]
    lines += [f"  export {name}={plain(path)}${{{name}:+:${name}}}" for name, path in environment.items()]
    lines += [
        f"or, without an environment, one line in ~/.nuke/init.py: nuke.pluginAddPath({plain(folder)!r})",
        f"Try it: nuke -t {plain(os.path.join(folder, 'selftest.py'))}",
    ]
    return "\n".join(lines)


def uninstall(
    host: Annotated[Host, typer.Argument(help="nuke or resolve.")],
    source: Annotated[str | None, typer.Option("--from", metavar="DIR", help="The folder that it was installed into.")] = None,
) -> None:
    """Take a plugin away. What else lies in the folder stays."""
    if host is Host.BLENDER:
        raise UsageError("Blender takes its extensions away itself: blender --command extension remove genai_tags")
    if source is None and host is Host.RESOLVE:
        source = deploy.fusion_folder()
    if source is None:
        raise UsageError("--from names no folder; name the one that it was installed into")
    count = deploy.remove(host.value, os.path.abspath(source))
    say(f"{host.value}: {count} files taken away from {source}")
