"""Run the tests on every Python from 3.10 to 3.13 that this machine has, each in an environment of its own, and say which ran."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys

from tests.system_packages import missing_libraries

SUPPORTED = ("3.10", "3.11", "3.12", "3.13")
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENTS = os.path.join(HERE, ".venv", "pythons")


def version_of(python: str) -> str | None:
    """``3.11`` for an interpreter that runs; None for one that does not (a shim, say)."""
    code = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() if found.returncode == 0 else None


def interpreters() -> dict[str, str]:
    """One interpreter for each supported version that is here; the one that runs this comes first."""
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    candidates = [sys.executable]
    candidates += [path for name in SUPPORTED if (path := shutil.which(f"python{name}"))]
    candidates += sorted(glob.glob(os.path.join(glob.escape(pyenv), "versions", "*", "bin", "python3")))
    candidates += [f"/usr/bin/python{name}" for name in SUPPORTED]
    found: dict[str, str] = {}
    for python in candidates:
        version = version_of(python)
        if version in SUPPORTED and version not in found:
            found[version] = python
    return found


def prepared(version: str, python: str) -> str:
    """The Python of an environment with the package and its test dependencies."""
    if python == sys.executable:
        return python
    folder = os.path.join(ENVIRONMENTS, version)
    inside, stamp = os.path.join(folder, "bin", "python"), os.path.join(folder, ".installed")
    project = os.path.join(HERE, "pyproject.toml")
    if not os.path.exists(stamp) or os.path.getmtime(stamp) < os.path.getmtime(project):
        subprocess.run([python, "-m", "venv", folder], check=True)
        install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", f"{HERE}[test]"]
        subprocess.run(install, check=True)
        with open(stamp, "w", encoding="ascii"):
            pass
    return inside


def main(arguments: list[str]) -> int:
    """Exit code 0 where every version passed."""
    results: dict[str, int] = {}
    for version, python in interpreters().items():
        print(f"== Python {version}", flush=True)  # noqa: T201
        runner = prepared(version, python)
        workers = ["-n", str(min(4, os.cpu_count() or 1))]
        if missing_libraries():  # the plugin would end the run; the tests that need it are skipped and say so
            workers += ["-p", "no:pytest-qt"]
        results[version] = subprocess.run([runner, "-m", "pytest", *workers, *arguments], cwd=HERE).returncode
    missing = [version for version in SUPPORTED if version not in results]
    ran = ", ".join(f"{v} {'passed' if code == 0 else 'FAILED'}" for v, code in sorted(results.items()))
    print(f"Pythons: {ran}; not on this machine: {', '.join(missing) or 'none'}", flush=True)  # noqa: T201
    return 0 if results and not any(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
