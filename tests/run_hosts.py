"""Run the tests of ``tests/hosts`` in real Blenders: the ``bpy`` modules of the Pythons that this machine has, each in an environment
of its own. A module is some 370 megabytes to fetch.

``python -m tests.run_hosts [VERSION]...`` runs some versions of Blender alone.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.run_pythons import HERE, interpreters

BLENDERS = {"4.2.23": "3.11", "4.5.15": "3.11", "5.0.1": "3.11", "5.2.3": "3.13"}
"""Version of bpy -> the Python that its wheel is for."""
ENVIRONMENTS = os.path.join(HERE, ".venv", "hosts")


def prepared(blender: str, python: str) -> str:
    """The Python of an environment with a Blender. All in one command: numpy must be the one that this Blender was built for."""
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
        subprocess.run([inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
        with open(stamp, "w", encoding="ascii"):
            pass
    return inside


def main(arguments: list[str]) -> int:
    """Exit code 0 where every Blender that can run here passed, and at least one did."""
    pythons = interpreters()
    results: dict[str, int] = {}
    for blender, version in BLENDERS.items():
        if version not in pythons or (arguments and blender not in arguments):
            continue
        print(f"== Blender {blender}, Python {version}", flush=True)  # noqa: T201
        runner = prepared(blender, pythons[version])
        results[blender] = subprocess.run([runner, "-m", "pytest", "tests/hosts"], cwd=HERE).returncode
    ran = ", ".join(f"{each} {'passed' if code == 0 else 'FAILED'}" for each, code in results.items())
    left = ", ".join(each for each in BLENDERS if each not in results)
    print(f"Blenders: {ran or 'none'}; not run: {left or 'none'}", flush=True)  # noqa: T201
    return 0 if results and not any(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
