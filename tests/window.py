"""Run a windowed Blender end to end on a virtual screen, and keep the pictures: ``python -m tests.window PICTURES [BLENDER...]``.

``BLENDER`` is the command that starts it (``blender`` where nothing is said), with the extension installed; a chroot may stand before
it, then ``GENAI_WINDOW_ROOT`` is its folder. It needs Xvfb and ImageMagick's ``import``. Debian packages current Blenders.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time

from genai_tags.deploy import blender_extension
from genai_tags.files import write

SCREEN, SECONDS = ":78", 120
HERE = os.path.dirname(os.path.abspath(__file__))


def main(arguments: list[str]) -> int:
    """Exit code 0 where the whole run went through."""
    pictures, blender = arguments[0], arguments[1:] or ["blender"]
    root = os.environ.get("GENAI_WINDOW_ROOT", "/")
    stage = tempfile.mkdtemp(prefix="genai_window_", dir=os.path.join(root, "tmp"))
    inside = os.path.join("/", os.path.relpath(stage, root))
    subprocess.run(
        [sys.executable, "-m", "genai_tags", "demo", os.path.join(stage, "demo")], check=True, stdout=subprocess.DEVNULL
    )
    shutil.copy(os.path.join(HERE, "hosts", "windowed.py"), stage)
    zipped = os.path.join(inside, os.path.basename(blender_extension(stage)))
    environment = {
        **os.environ,
        "DISPLAY": SCREEN,
        "GENAI_SHOW": os.path.join(inside, "demo"),
        "GENAI_BY": "Ana",
        "HOME": inside,
    }
    subprocess.run(
        [*blender, "--command", "extension", "install-file", "--repo", "user_default", "--enable", zipped],
        check=True,
        env=environment,
    )
    screen = subprocess.Popen(["Xvfb", SCREEN, "-screen", "0", "1600x1000x24"], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        run = subprocess.Popen(
            [
                *blender, "--gpu-backend", "opengl", "--window-geometry", "0", "0", "1600", "1000",
                "--enable-event-simulate", "--python", os.path.join(inside, "windowed.py"), "--", inside,
            ],
            env=environment,
        )  # fmt: skip
        return _watch(run, stage, pictures)
    finally:
        screen.terminate()
        shutil.rmtree(stage, ignore_errors=True)


def _watch(run: subprocess.Popen[bytes], stage: str, pictures: str) -> int:
    """Take a picture whenever the run asks for one."""
    until = time.monotonic() + SECONDS
    while run.poll() is None and time.monotonic() < until:
        for name in [each for each in os.listdir(stage) if each.endswith(".ready")]:
            target = os.path.join(pictures, name.replace(".ready", ".png"))
            taken = subprocess.run(
                ["import", "-display", SCREEN, "-window", "root", "png:-"], check=True, capture_output=True
            ).stdout
            write(target, taken)
            os.unlink(os.path.join(stage, name))
        time.sleep(0.2)
    if run.poll() is None:
        run.kill()
        return 1
    return int(run.returncode)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
