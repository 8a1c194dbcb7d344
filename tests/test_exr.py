"""EXR headers: read right, edited without loss, refused when damaged. OpenImageIO and OpenEXR are asked for their opinion."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO as oiio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genai_tags.carriers import exr
from genai_tags.demo.media import frame_bytes
from genai_tags.errors import DamagedMediaError, IncompleteMediaError, MediaError, UnsupportedMediaError, WriteError
from genai_tags.exr.edit import set_strings
from genai_tags.exr.header import Header, parse, read_header
from genai_tags.exr.layout import read_layout
from genai_tags.model import Stub, TagSet
from genai_tags.stubs import HEADER_BUDGET, make_set
from genai_tags.vocabulary import AIClass, Basis, SourceType, Stage, UseCase
from tests.conftest import corpus_files

STUB = Stub(
    id="abcd1234efgh", revision=3, use_case=UseCase.BACKGROUND_ELEMENT, stage=Stage.FINAL,
    source_type=SourceType.TRAINED_ALGORITHMIC_MEDIA, ai_class=AIClass.GENERATIVE, digest="x" * 22,
)  # fmt: skip
TAGS = make_set([STUB])


def copy(source: Path, folder: Path) -> Path:
    target = folder / source.name
    shutil.copyfile(source, target)
    return target


def chunks(path: Path) -> bytes:
    """Everything behind the offset tables: no byte of it may change."""
    header = read_header(str(path))
    with path.open("rb") as stream:
        return path.read_bytes()[read_layout(stream.fileno(), header).data_start :]


def other_attributes(header: Header) -> list[list[bytes]]:
    return [[header.data[a.start : a.end] for a in part.attributes if not exr.is_ours(a.name)] for part in header.parts]


@pytest.mark.parametrize("source", corpus_files("exr/valid/*.exr"))
def test_a_real_file_is_tagged_without_loss_and_untagged_to_the_identical_file(source: Path, tmp_path: Path) -> None:
    path, original = copy(source, tmp_path), source.read_bytes()
    before = read_header(str(path))
    assert exr.write(str(path), TAGS)
    after = read_header(str(path))
    assert exr.read(str(path)).tags == TAGS
    assert chunks(path) == chunks(source)
    assert other_attributes(after) == other_attributes(before)
    assert len(path.read_bytes()) - len(original) <= HEADER_BUDGET * len(after.parts)
    assert not exr.write(str(path), TAGS)  # once more changes nothing
    assert exr.write(str(path), TagSet())
    assert path.read_bytes() == original


@pytest.mark.parametrize("source", corpus_files("exr/valid/*.exr"))
def test_openexr_reads_the_tags_of_a_real_file(source: Path, tmp_path: Path) -> None:
    path = copy(source, tmp_path)
    exr.write(str(path), TAGS)
    for part in OpenEXR.File(str(path), header_only=True).parts:
        assert part.header["genai:set"] == TAGS.digest


@pytest.mark.parametrize("source", corpus_files("exr/valid/*.exr"))
def test_openimageio_reads_tags_and_the_same_pixels(source: Path, tmp_path: Path) -> None:
    path = copy(source, tmp_path)
    exr.write(str(path), TAGS)
    original, tagged = oiio.ImageBuf(str(source)), oiio.ImageBuf(str(path))
    if not original.read():  # subsampled chroma: the library says no to the tagged file for the same reason
        assert not tagged.read()
        assert original.geterror().replace(str(source), str(path)) == tagged.geterror()
        return
    assert tagged.read()
    assert tagged.spec().get_string_attribute("genai:set") == TAGS.digest
    if not original.spec().deep:
        assert np.array_equal(original.get_pixels(), tagged.get_pixels(), equal_nan=True)


@pytest.mark.parametrize("source", corpus_files("exr/damaged/*.exr"))
def test_a_damaged_file_is_refused_with_its_reason_and_left_alone(source: Path, tmp_path: Path) -> None:
    path = copy(source, tmp_path)
    begin = time.process_time()
    with pytest.raises((DamagedMediaError, IncompleteMediaError, UnsupportedMediaError)) as caught:
        exr.write(str(path), TAGS)
    assert caught.value.path == str(path)
    assert caught.value.message
    assert time.process_time() - begin < 5  # milliseconds; a hang would take for ever
    assert path.read_bytes() == source.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == [source.name]


VARIANTS: dict[str, dict[str, Any]] = {
    **{name: {"compression": name} for name in ("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab")},
    "tiled": {"tile": 16, "compression": "zip"},
    "mip": {"tile": 16, "compression": "zip", "textureformat": "Plain Texture"},
}


def written_by_oiio(path: Path, options: dict[str, Any]) -> None:
    spec = oiio.ImageSpec(70, 45, 3, "half")
    spec.attribute("compression", options["compression"])
    if "tile" in options:
        spec.tile_width = spec.tile_height = options["tile"]
    pixels = np.random.default_rng(1).random((45, 70, 3), dtype=np.float32)
    if options.get("textureformat"):
        buf = oiio.ImageBuf(oiio.ImageSpec(64, 64, 3, "half"))
        oiio.ImageBufAlgo.noise(buf, "gaussian", 0.5, 0.1)
        assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, buf, str(path))
        return
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(pixels), out.geterror()
    out.close()


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_compression_and_tiling_keeps_its_chunks(variant: str, tmp_path: Path) -> None:
    path = tmp_path / "frame.exr"
    written_by_oiio(path, VARIANTS[variant])
    original = path.read_bytes()
    header = parse(original, "x")
    exr.write(str(path), TAGS)
    tagged = path.read_bytes()
    growth = len(tagged) - len(original)
    first = struct.unpack_from("<Q", original, header.end)[0]
    assert tagged[first + growth :] == original[first:]
    exr.write(str(path), TagSet())
    assert path.read_bytes() == original


@pytest.mark.parametrize("shape", ["multipart", "deep"])
def test_multi_part_and_deep_files_carry_tags_in_every_part(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "frame.exr"
    spec = oiio.ImageSpec(32, 20, 4, "half")
    out = oiio.ImageOutput.create(str(path))
    if shape == "multipart":
        spec.attribute("name", "beauty")
        second = oiio.ImageSpec(32, 20, 1, "float")
        second.attribute("name", "depth")
        assert out.open(str(path), (spec, second))
        out.write_image(np.ones((20, 32, 4), dtype=np.float32))
        out.open(str(path), second, "AppendSubimage")
        out.write_image(np.ones((20, 32, 1), dtype=np.float32))
    else:
        spec = oiio.ImageSpec(8, 6, 5, "float")
        spec.channelnames = ("R", "G", "B", "A", "Z")
        spec.deep = True
        assert out.open(str(path), spec), out.geterror()
        deep = oiio.DeepData()
        deep.init(48, 5, spec.channelformats or ["float"] * 5, spec.channelnames)
        deep.set_samples(5, 2)
        assert out.write_deep_image(deep), out.geterror()
    out.close()
    original = path.read_bytes()
    exr.write(str(path), TAGS)
    assert exr.read(str(path)).tags == TAGS
    header = read_header(str(path))
    assert len(header.parts) == (2 if shape == "multipart" else 1)
    for part in header.parts:
        assert header.find(part, b"genai:set", b"string") == (TAGS.digest or "").encode()
    exr.write(str(path), TagSet())
    assert path.read_bytes() == original


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "frame.1001.exr"
    path.write_bytes(frame_bytes(86400, (1, 1, 1), 0))
    return path


def test_what_a_host_passed_through_is_inferred_and_a_write_removes_every_alias(frame: Path) -> None:
    exr.write(str(frame), TAGS)
    plain = frame.read_bytes()
    set_strings(str(frame), {"nuke/genai:tags": _value(plain, "genai:tags"), "nuke/genai:set": TAGS.digest or ""}, exr.is_ours)
    carried = exr.read(str(frame))
    assert carried.tags.stubs == (STUB,)
    assert carried.tags.basis is Basis.INFERRED
    exr.write(str(frame), TAGS)
    assert frame.read_bytes() == plain


def _value(data: bytes, name: str) -> str:
    header = parse(data, "x")
    return (header.find(header.parts[0], name.encode(), b"string") or b"").decode()


def test_the_canonical_name_beats_its_aliases(frame: Path) -> None:
    exr.write(str(frame), TAGS)
    old = make_set([Stub(id="oldoldold", revision=1)])
    from genai_tags.stubs import header_fields

    fields = {f"nuke/{name}"[:31]: value for name, value in header_fields(old).items()}
    set_strings(str(frame), fields, lambda name: name.startswith(b"nuke/"))
    assert exr.read(str(frame)).tags == TAGS


@pytest.mark.parametrize(
    "alias", [b"exr/genai:tags", b"nuke/genai/tags", b"exr/nuke/genai:tags", b"genai/tags", b"exr/exr/genai:tags"]
)
def test_every_alias_seen_in_hosts_is_ours(alias: bytes) -> None:
    assert exr.canonical_name(alias) == "genai:tags"
    assert exr.is_ours(alias)


@pytest.mark.parametrize("name", [b"genai:studio_note", b"genaitags", b"my/genai:tags", b"comments", b"genai:"])
def test_what_others_wrote_is_not_ours(name: bytes) -> None:
    assert not exr.is_ours(name)


def test_timecode_reel_and_rate_are_read_for_the_conform(frame: Path) -> None:
    carried = exr.read(str(frame))
    assert (carried.timecode, carried.rate, carried.reel) == ("01:00:00:00", (24, 1), None)


def test_mode_times_and_extended_attributes_stay(frame: Path) -> None:
    frame.chmod(0o640)
    os.utime(frame, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_789))
    with_xattr = True
    try:
        os.setxattr(frame, "user.note", b"kept")
    except OSError:
        with_xattr = False
    exr.write(str(frame), TAGS)
    stat = frame.stat()
    assert (stat.st_mode & 0o777, stat.st_mtime_ns) == (0o640, 1_600_000_000_123_456_789)
    assert not with_xattr or os.getxattr(frame, "user.note") == b"kept"


def test_a_link_still_points_to_the_tagged_file(frame: Path) -> None:
    link = frame.parent / "link.exr"
    link.symlink_to(frame.name)
    exr.write(str(link), TAGS)
    assert link.is_symlink()
    assert exr.read(str(frame)).tags == TAGS


def test_a_frame_still_being_written_is_refused(frame: Path) -> None:
    data = bytearray(frame.read_bytes())
    end = parse(bytes(data), "x").end
    data[end + 8 * 20 : end + 8 * 36] = bytes(8 * 16)
    frame.write_bytes(data)
    with pytest.raises(IncompleteMediaError, match="lacks 16 of 36 chunks"):
        exr.write(str(frame), TAGS)
    assert frame.read_bytes() == bytes(data)


def test_a_frame_that_changes_while_it_is_tagged_is_left_alone(frame: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genai_tags import files

    real = files.copy_range

    def copy_and_meddle(source: int, start: int, target: int) -> None:
        real(source, start, target)
        with frame.open("ab") as stream:
            stream.write(b"more")

    monkeypatch.setattr(files, "copy_range", copy_and_meddle)
    with pytest.raises(IncompleteMediaError, match="changed while"):
        exr.write(str(frame), TAGS)
    assert frame.read_bytes().endswith(b"more")
    assert len(list(frame.parent.iterdir())) == 1


def test_a_full_disk_leaves_the_frame_as_it_was(frame: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genai_tags import files

    def full(descriptor: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    original = frame.read_bytes()
    monkeypatch.setattr(files, "write_all", full)
    with pytest.raises(WriteError, match="No space left on device"):
        exr.write(str(frame), TAGS)
    assert frame.read_bytes() == original
    assert len(list(frame.parent.iterdir())) == 1


_KILLED = """
import os, sys
from genai_tags import files
from genai_tags.carriers import exr
from genai_tags.stubs import make_set
from genai_tags.model import Stub

wanted, seen = int(sys.argv[2]), 0
def dying(name, real):
    def call(*arguments, **options):
        global seen
        seen += 1
        if seen == wanted:
            os.kill(os.getpid(), 9)
        return real(*arguments, **options)
    return call
for name in ("open", "pread", "write", "fchmod", "fchown", "utime", "fsync", "stat", "replace", "close", "unlink", "listxattr"):
    setattr(os, name, dying(name, getattr(os, name)))
exr.write(sys.argv[1], make_set([Stub(id="abcd1234efgh", revision=1)]))
print("done", seen)
"""


def test_killed_at_any_system_call_the_frame_is_old_or_new(frame: Path) -> None:
    original = frame.read_bytes()
    outcomes = set()
    for wanted in range(1, 40):
        frame.write_bytes(original)
        ran = subprocess.run([sys.executable, "-c", _KILLED, str(frame), str(wanted)], capture_output=True, text=True)
        data = frame.read_bytes()
        if ran.returncode == 0:
            assert data != original
            break
        assert ran.returncode == -signal.SIGKILL
        tagged = exr.read(str(frame)).tags
        outcomes.add(bool(tagged))
        assert data == original if not tagged else len(data) > len(original)
    else:
        pytest.fail("never came to an end")
    assert outcomes == {False, True}


@given(st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mutation_of_a_header_does_more_than_raise_a_documented_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    original = frame_bytes(86400, (1, 1, 1), 0)
    end = parse(original, "x").end
    mutated = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        mutated[data.draw(st.integers(0, end + 300))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del mutated[data.draw(st.integers(0, len(mutated) - 1)) :]
    path = tmp_path_factory.getbasetemp() / "mutated.exr"
    path.write_bytes(mutated)
    for attempt in (lambda: exr.read(str(path)), lambda: exr.write(str(path), TAGS)):
        try:
            attempt()
        except MediaError:
            assert path.read_bytes() == bytes(mutated)


def test_a_header_of_a_hundred_thousand_attributes_is_read(tmp_path: Path) -> None:
    data = frame_bytes(86400, (1, 1, 1), 0)
    block = b"".join(b"a%06d\0string\0\0\0\0\0" % i for i in range(100_000))
    path = tmp_path / "many.exr"
    path.write_bytes(data[:8] + block + data[8:])
    begin = time.process_time()
    assert len(read_header(str(path)).parts[0].attributes) == 100_010
    assert time.process_time() - begin < 10


def test_a_lying_size_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "lying.exr"
    path.write_bytes(b"\x76\x2f\x31\x01\x02\0\0\0x\0string\0" + (2**25).to_bytes(4, "little") + b"abc")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DamagedMediaError):
        read_header(str(path))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_an_empty_set_touches_no_file(frame: Path) -> None:
    stat = frame.stat()
    assert not exr.write(str(frame), TagSet())
    assert frame.stat().st_ino == stat.st_ino


@pytest.mark.parametrize("path", ["/dev/null", "/"])
def test_what_is_no_file_is_no_exr(path: str) -> None:
    with pytest.raises(MediaError):
        exr.read(path)
