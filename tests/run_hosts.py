"""Run the tests of ``tests/hosts`` in real Blenders: the ``bpy`` modules of the Pythons that this machine has, each in an environment
of its own. A module is some 370 megabytes to fetch.

``python -m tests.run_hosts [VERSION]...`` runs some versions of Blender alone, ``newest`` the newest that can run here. The exit code is
0 where all passed and at least one ran, 75 where none could be fetched or this machine has no Python for one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tests.run_pythons import HERE, interpreters
from tests.system_packages import install, missing_for_blender

BLENDERS = {"4.2.23": "3.11", "4.5.15": "3.11", "5.0.1": "3.11", "5.2.3": "3.13"}
"""Version of bpy -> the Python that its wheel is for."""
ENVIRONMENTS = os.path.join(HERE, ".venv", "hosts")


NOT_FETCHED = 75
"""The exit code for what may work another time (EX_TEMPFAIL)."""


def prepared(blender: str, python: str) -> str | None:
    """The Python of an environment with a Blender; None where that could not be fetched: old versions are taken off the index. All in
    one command: numpy must be the one that this Blender was built for."""
    folder = os.path.join(ENVIRONMENTS, blender)
    inside, stamp = os.path.join(folder, "bin", "python"), os.path.join(folder, ".installed")
    project = os.path.join(HERE, "pyproject.toml")
    if not os.path.exists(stamp) or os.path.getmtime(stamp) < os.path.getmtime(project):
        subprocess.run([python, "-m", "venv", folder], check=True)
        wanted = [
            f"bpy=={blender}",
            "--editable",
            HERE,
            "pytest>=8",
            "OpenEXR>=3.3",
            "OpenImageIO>=3.0",
            "opentimelineio>=0.17",
        ]
        pip = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        with tempfile.TemporaryDirectory() as fetched:
            if subprocess.run(
                [inside, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", fetched, f"bpy=={blender}"]
            ).returncode:
                return None
            subprocess.run([*pip, "--find-links", fetched, *wanted], check=True)
        with open(stamp, "w", encoding="ascii"):
            pass
    return inside


def main(arguments: list[str]) -> int:
    """Exit code 0 where every Blender that can run here passed, and at least one did; 75 where none could be had."""
    install(missing_for_blender)
    pythons = interpreters()
    fitting = [blender for blender, version in BLENDERS.items() if version in pythons]
    wanted = fitting[-1:] if arguments == ["newest"] else [each for each in fitting if each in arguments or not arguments]
    runners = {blender: runner for blender in wanted if (runner := prepared(blender, pythons[BLENDERS[blender]]))}
    results: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as hop:  # files of each version, for all the others to open
        for runner in runners.values():
            subprocess.run([runner, "-m", "tests.hosts.hop", hop], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
        for blender, runner in runners.items():
            print(f"== Blender {blender}, Python {BLENDERS[blender]}", flush=True)  # noqa: T201
            environment = {**os.environ, "GENAI_BLENDER_HOP": hop}
            results[blender] = subprocess.run([runner, "-m", "pytest", "tests/hosts"], cwd=HERE, env=environment).returncode
    ran = ", ".join(f"{each} {'passed' if code == 0 else 'FAILED'}" for each, code in results.items())
    left = ", ".join(each for each in BLENDERS if each not in results)
    print(f"Blenders: {ran or 'none'}; not run: {left or 'none'}", flush=True)  # noqa: T201
    if not results:
        return NOT_FETCHED
    return int(any(results.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
