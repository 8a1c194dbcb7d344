"""Tag EXR frames: ratio to copying the same file and flushing it. The frames are 4K, written by OpenImageIO."""

from __future__ import annotations

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import OpenImageIO as oiio

from benchmarks.measure import Row, medians
from genai_tags import files
from genai_tags.carriers import exr
from genai_tags.model import Stub, TagSet
from genai_tags.stubs import make_set
from genai_tags.vocabulary import AIClass, SourceType, Stage, UseCase

TAGS = make_set(
    [Stub(id=f"tag{i:09d}", revision=1, use_case=UseCase.BACKGROUND_ELEMENT, stage=Stage.FINAL, digest="x" * 22,
          source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA, ai_class=AIClass.GENERATIVE) for i in range(2)]
)  # fmt: skip
SEQUENCE = 40


def write_frame(path: str, compression: str, tile: int = 0) -> None:
    """A noisy half RGBA 4K frame, as a renderer's."""
    width, height = 4096, 2160
    rng = np.random.default_rng(1)
    ramp = np.linspace(0, 1, width, dtype=np.float32)[None, :, None] + rng.random((height, width, 4), dtype=np.float32) / 50
    spec = oiio.ImageSpec(width, height, 4, "half")
    spec.attribute("compression", compression)
    if tile:
        spec.tile_width = spec.tile_height = tile
    out = oiio.ImageOutput.create(path)
    assert out.open(path, spec), out.geterror()
    assert out.write_image(ramp), out.geterror()
    out.close()


def copy_and_flush(source: str, target: str) -> None:
    """What a tagged frame is measured against: the same bytes, copied and flushed."""
    with open(source, "rb") as read, open(target, "wb") as write:
        files.copy_range(read.fileno(), 0, write.fileno())
        os.fsync(write.fileno())
    files.sync_folder(os.path.dirname(target))


def run() -> list[Row]:
    """One frame of each kind, then sequences on four threads."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, compression, tile in (
            ("4K ZIP", "zip", 0),
            ("4K DWAA", "dwaa", 0),
            ("4K none", "none", 0),
            ("4K tiled ZIP", "zip", 64),
        ):
            rows.append(_one(folder, name, compression, tile))
        rows.append(_sequence(folder))
    return rows


def _one(folder: str, name: str, compression: str, tile: int) -> Row:
    source, target = os.path.join(folder, "frame.exr"), os.path.join(folder, "copy.exr")
    write_frame(source, compression, tile=tile)
    state = [False]

    def tag() -> None:
        state[0] = not state[0]
        exr.write(source, TAGS if state[0] else TagSet())

    found = medians({"copy": lambda: copy_and_flush(source, target), "tag": tag}, 15)
    return Row(f"tag one EXR, {name}, to copy + fsync", f"{found['tag'] / found['copy']:.2f}", "bar 1.10, goal 1.02")


def _sequence(folder: str) -> Row:
    """Forty 4K frames: tagging them in place of themselves, to copying each over an earlier copy, both on 4 threads."""
    source = os.path.join(folder, "frame.exr")
    write_frame(source, "dwaa")
    frames = [os.path.join(folder, f"s.{1001 + i}.exr") for i in range(SEQUENCE)]
    for frame in frames:
        shutil.copyfile(source, frame)
    state = [False]

    def tag_all() -> None:
        state[0] = not state[0]
        tags = TAGS if state[0] else TagSet()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda frame: exr.write(frame, tags), frames))

    def copy_one(frame: str) -> None:
        copy_and_flush(frame, frame + ".copy")
        os.replace(frame + ".copy", frame + ".kept")

    def copy_all() -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(copy_one, frames))

    found = medians({"copy": copy_all, "tag": tag_all}, 5)
    what = f"tag a 4K DWAA sequence of {SEQUENCE}, 4 threads, to copying it likewise"
    return Row(what, f"{found['tag'] / found['copy']:.2f}", "bar 1.3, goal 1.1")
