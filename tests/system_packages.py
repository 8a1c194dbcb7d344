"""What some tests need of the system: Qt's libraries, a Chromium, and OpenEXR's own exrheader. Installs them where it may (root, Debian).

Elsewhere it says what to install; the tests that need what is missing are skipped and say so.
"""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable

LIBRARIES = {
    "libEGL.so.1": "libegl1", "libGL.so.1": "libgl1", "libglib-2.0.so.0": "libglib2.0-0", "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxkbcommon.so.0": "libxkbcommon0", "libdbus-1.so.3": "libdbus-1-3", "libfontconfig.so.1": "libfontconfig1", "libX11.so.6": "libx11-6",
}  # fmt: skip
FONT, FONT_PACKAGE = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"


def chromium() -> str | None:
    """A Chromium of the system."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("GENAI_CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)


def missing_libraries() -> list[str]:
    """Qt's libraries that are not here."""
    return _not_loadable(LIBRARIES)


def _not_loadable(names: Iterable[str]) -> list[str]:
    found = []
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            found.append(name)
    return found


def missing() -> list[str]:
    """Debian packages that would complete this machine."""
    if not sys.platform.startswith("linux"):
        return []
    packages = [LIBRARIES[name] for name in missing_libraries()]
    if not os.path.exists(FONT):
        packages.append(FONT_PACKAGE)
    if not shutil.which("exrheader"):
        packages.append("openexr")
    return packages + ([] if chromium() else ["chromium"])


BLENDER = {
    "libX11.so.6": "libx11-6", "libXrender.so.1": "libxrender1", "libXfixes.so.3": "libxfixes3", "libXi.so.6": "libxi6",
    "libXxf86vm.so.1": "libxxf86vm1", "libxkbcommon.so.0": "libxkbcommon0", "libSM.so.6": "libsm6", "libICE.so.6": "libice6",
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libEGL_mesa.so.0": "libegl-mesa0",
}  # fmt: skip
DRIVERS = "/usr/lib/*/dri/swrast_dri.so", "libgl1-mesa-dri"
"""Mesa's drawing in software, which the badges' pixels are asserted on."""


def missing_for_blender() -> list[str]:
    """Debian packages that Blender's module lacks here."""
    if not sys.platform.startswith("linux"):
        return []
    return [BLENDER[name] for name in _not_loadable(BLENDER)] + ([] if glob.glob(DRIVERS[0]) else [DRIVERS[1]])


def main() -> int:
    """Install what the tests need, or say what it is. Never fails: tests say what they could not do."""
    return install(missing)


def install(missing: Callable[[], list[str]]) -> int:
    """Install what is missing where that may be done, and say what is missing still."""
    packages = missing()
    if not packages:
        return 0
    if os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(packages)}", flush=True)  # noqa: T201
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", *command], env=quiet, stdout=subprocess.DEVNULL, check=False)
        packages = missing()
    if packages:
        print(f"some tests will be skipped; to run them all: apt-get install {' '.join(packages)}", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
