"""A process that makes small pictures of frames, so that no damaged frame and no native library can harm the caller.

One JSON line in (``{"path", "out", "width", "height"}``), one JSON line out (``{"why"}``, empty where it was made). The picture is an 8-bit JPEG.

Colour: scene-linear frames go through the default display and view of the OpenColorIO config named by ``OCIO``, else of the
one that OpenImageIO brings. EXR chromaticities say which primaries they are in; without them EXR means Rec.709 (OpenEXR,
"Standard attributes"). Formats that are stored for a display are left as they are.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

MAX_PIXELS = 200_000_000
"""Larger frames get no picture."""
MAX_MEMORY = 8 * 1024**3

_LINEAR = (".exr", ".hdr")
_PRIMARIES = {
    # Rx Ry Gx Gy Bx By: SMPTE ST 2065-1 (AP0), ACEScg (AP1), Rec.2020, P3-D65.
    "ACES2065-1": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077),
    "ACEScg": (0.713, 0.293, 0.165, 0.83, 0.128, 0.044),
    "Linear Rec.2020": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    "Linear P3-D65": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}


class NoPictureError(Exception):
    """Why there is no picture of a frame."""


def picture(path: str, out: str, width: int, height: int) -> None:
    """Write a JPEG of the frame that fits ``width`` by ``height``. Raises NoPictureError."""
    import OpenImageIO as oiio

    opened = oiio.ImageInput.open(path)
    if opened is None:
        raise NoPictureError(_plain(oiio.geterror()))
    spec = opened.spec()
    opened.close()
    if max(spec.width * spec.height, spec.full_width * spec.full_height) * max(1, spec.depth) > MAX_PIXELS:
        raise NoPictureError(f"is larger than {MAX_PIXELS // 1_000_000} million pixels")
    algo = oiio.ImageBufAlgo
    frame = oiio.ImageBuf(path)
    if spec.deep:
        frame = _made(algo.flatten(frame))
    frame = _made(algo.channels(frame, _rgb(frame.spec().channelnames)))
    frame = _made(algo.fixNonFinite(frame, oiio.NonFiniteFixMode.NONFINITE_BLACK))
    full = frame.roi_full
    frame = _made(algo.crop(frame, oiio.ROI(full.xbegin, full.xend, full.ybegin, full.yend)))
    aspect = spec.get_float_attribute("PixelAspectRatio", 1.0)
    frame = _small(oiio, frame, width, height, aspect if 0.1 < aspect < 10 else 1.0)
    if os.path.splitext(path)[1].lower() in _LINEAR:
        frame = _displayed(oiio, frame, spec.getattribute("chromaticities"))
    plain = oiio.ImageSpec(frame.spec().width, frame.spec().height, 3, "uint8")  # nothing of the frame's own header
    clean = oiio.ImageBuf(plain)
    algo.paste(clean, 0, 0, 0, 0, frame)
    clean.specmod()["Compression"] = "jpeg:80"
    if not clean.write(out, "uint8", "jpeg"):
        raise NoPictureError(_plain(clean.geterror()))


def _rgb(names: Sequence[str]) -> tuple[int, int, int]:
    """Which channels to look at: R, G, B of the picture, else of its first layer that has them, else one as grey."""
    lower = [name.lower() for name in names]
    for red, green, blue in (("r", "g", "b"), ("red", "green", "blue")):
        for prefix in ("", *(name[: -len(red)] for name in lower if name.endswith(f".{red}"))):
            if all(prefix + each in lower for each in (red, green, blue)):
                return lower.index(prefix + red), lower.index(prefix + green), lower.index(prefix + blue)
    grey = next((lower.index(each) for each in ("y", "g", "r", "luminance", "a") if each in lower), 0)
    return grey, grey, grey


def _small(oiio: Any, frame: Any, width: int, height: int, aspect: float) -> Any:
    spec = frame.spec()
    scale = min(width / (spec.full_width * aspect), height / spec.full_height)
    roi = oiio.ROI(0, max(1, round(spec.full_width * aspect * scale)), 0, max(1, round(spec.full_height * scale)), 0, 1, 0, 3)
    frame.set_origin(0, 0)
    frame.set_full(0, spec.full_width, 0, spec.full_height, 0, 1)
    return _made(oiio.ImageBufAlgo.resize(frame, roi=roi))


def _displayed(oiio: Any, frame: Any, chromaticities: Any) -> Any:
    """Scene-linear to display. Where the config cannot, the sRGB curve (IEC 61966-2-1) without a tone map."""
    config = oiio.ColorConfig()
    display = config.getDefaultDisplayName()
    view = config.getDefaultViewName(display)
    for space in (_space(chromaticities), "scene_linear"):
        shown = oiio.ImageBufAlgo.ociodisplay(frame, display, view, space)
        if not shown.has_error:
            return shown
    return _made(oiio.ImageBufAlgo.colorconvert(frame, "linear", "sRGB"))


def _space(chromaticities: Any) -> str:
    for name, primaries in _PRIMARIES.items():
        if chromaticities and all(abs(a - b) < 0.002 for a, b in zip(chromaticities, primaries, strict=False)):
            return name
    return "lin_rec709_scene"


def _made(frame: Any) -> Any:
    if frame.has_error:
        raise NoPictureError(_plain(frame.geterror()))
    return frame


def _plain(text: str) -> str:
    return " ".join(text.split())[:200] or "cannot be read"


def main() -> int:
    """Serve until standard input ends."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    for line in sys.stdin:
        asked = json.loads(line)
        why = ""
        try:
            picture(asked["path"], asked["out"], asked["width"], asked["height"])
        except NoPictureError as error:
            why = str(error)
        except (MemoryError, RuntimeError, ValueError, OSError) as error:
            why = _plain(str(error))
        print(json.dumps({"why": why}), flush=True)  # noqa: T201 - the protocol
    return 0


if __name__ == "__main__":
    sys.exit(main())
