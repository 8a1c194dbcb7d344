"""Laying a plugin down: everything that Nuke needs and nothing else, no file of somebody else's touched, and Nuke starts from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli

_START = """
import importlib.abc, json, os, runpy, sys, time
folder, work = sys.argv[1:]
ALLOWED = {"genai_tags", "genai_tags_nuke", "nuke", "nukescripts"}

class Bar(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names and not top.startswith("_sysconfigdata"):
            raise ImportError(f"{name} is barred inside a host")
        return None

sys.path[:] = [path for path in sys.path if "site-packages" not in path and path]
sys.meta_path.insert(0, Bar())
sys.modules["nuke"] = nuke = type(sys)("nuke")
calls = []
nuke.GUI, nuke.NUKE_VERSION_MAJOR, nuke.NUKE_VERSION_STRING = False, 16, "16.0v4"
nuke.tprint = print
nuke.Group = nuke.File_Knob = nuke.Node = nuke.Precomp = type("Node", (), {})
for name in ("BeforeRender", "AfterFrameRender", "AfterRender"):
    setattr(nuke, "add" + name, lambda call, nodeClass, name=name: calls.append((name, nodeClass)))
begin = time.perf_counter()
runpy.run_path(os.path.join(folder, "init.py"))
took = time.perf_counter() - begin
from genai_tags.show import Show
from genai_tags.model import Tag, Use
show = Show.init(work, "Host", ["netflix-2025-08"])
record = show.declare(Tag(), (Use(shot="S"),), "artist")
import genai_tags, genai_tags.strict
print(json.dumps({"calls": calls, "core": genai_tags.__file__, "yaml": genai_tags.strict.yaml.__name__, "took": took,
                  "compiled": genai_tags.strict.yaml.__with_libyaml__, "id": record.id}))
"""


def test_nuke_starts_from_what_was_laid_down_with_every_other_module_barred(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "plugin"
    document = cli("plugins", "install", "nuke", "--to", folder, "--format", "json").json
    assert document["environment"] == {"NUKE_PATH": str(folder), "HIERO_PLUGIN_PATH": str(folder / "hiero")}
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _START, str(folder), str(tmp_path / "show")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.strip().splitlines()[-1])
    assert sorted(map(tuple, found["calls"])) == sorted(
        (hook, kind) for hook in ("BeforeRender", "AfterFrameRender", "AfterRender") for kind in ("Write", "DeepWrite")
    )
    assert found["core"].startswith(str(folder))
    assert (found["yaml"], found["compiled"]) == ("genai_tags._vendor.yaml", False)


def test_nothing_of_the_command_line_and_nothing_compiled_is_laid_down(cli: Cli, tmp_path: Path) -> None:
    cli("plugins", "install", "nuke", "--to", tmp_path / "p")
    names = [str(path.relative_to(tmp_path / "p")) for path in (tmp_path / "p").rglob("*") if path.is_file()]
    assert [name for name in names if "/cli/" in name or "/demo/" in name or name.endswith((".so", ".pyc", "cyaml.py"))] == []
    assert {"init.py", "menu.py", "selftest.py", "genai_tags_nuke/icons/open.png", "genai_tags/policy/packs/base.yaml"} <= set(
        names
    )


def test_installing_again_brings_it_up_to_date_and_uninstalling_leaves_what_is_not_ours(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    cli("plugins", "install", "nuke", "--to", folder)
    (folder / "studio.py").write_text("ours")
    manifest = json.loads((folder / "genai_tags_install.json").read_text())
    (folder / "genai_tags_nuke" / "gone.py").write_text("of an older version")
    manifest["files"].append("genai_tags_nuke/gone.py")
    (folder / "genai_tags_install.json").write_text(json.dumps(manifest))
    (folder / "init.py").write_text("damaged")
    assert cli("plugins", "install", "nuke", "--to", folder).code == 0
    assert not (folder / "genai_tags_nuke" / "gone.py").exists()
    assert "Nuke runs this file" in (folder / "init.py").read_text()
    assert cli("plugins", "uninstall", "nuke", "--from", folder).code == 0
    assert [path.name for path in folder.rglob("*")] == ["studio.py"]


def test_an_install_that_was_cut_short_is_repeated_or_taken_away(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genai_tags import files

    folder, written = tmp_path / "p", []
    real = files.write

    def fail(path: str, data: bytes) -> None:
        written.append(path)
        if len(written) > 20:
            raise OSError(28, "No space left on device")
        real(path, data)

    for verb in (("install", "nuke", "--to"), ("uninstall", "nuke", "--from")):
        written.clear()
        monkeypatch.setattr(files, "write", fail)
        assert cli("plugins", "install", "nuke", "--to", folder).code == 1
        monkeypatch.setattr(files, "write", real)
        assert cli("plugins", *verb, folder).code == 0
    assert list(folder.rglob("*")) == []


def test_an_artist_s_own_init_is_not_overwritten(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "init.py").write_text("mine")
    ran = cli("plugins", "install", "nuke", "--to", tmp_path)
    assert (ran.code, "holds init.py of its own" in ran.err) == (2, True)
    assert ((tmp_path / "init.py").read_text(), (tmp_path / "menu.py").exists()) == ("mine", False)


@pytest.mark.parametrize("names", [["../../victim"], ["/etc/victim"], "init.py", [1]])
def test_a_manifest_that_names_files_elsewhere_is_none_of_ours(cli: Cli, tmp_path: Path, names: object) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (tmp_path / "victim").write_text("keep")
    (folder / "genai_tags_install.json").write_text(json.dumps({"files": names}))
    ran = cli("plugins", "uninstall", "nuke", "--from", folder)
    assert (ran.code, (tmp_path / "victim").read_text()) == (2, "keep")


def test_a_folder_that_takes_nothing_is_said(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = cli("plugins", "install", "nuke", "--to", tmp_path / "file" / "below")
    assert (ran.code, "could not be installed into" in ran.err) == (1, True)


def test_a_wheel_brings_the_plugin_along() -> None:
    """What pyproject.toml forces into the wheel is where ``deploy`` looks for it; a checkout has it beside the package."""
    assert '"plugins/nuke" = "genai_tags/_plugins/nuke"' in (ROOT / "pyproject.toml").read_text()
    assert os.path.isdir(ROOT / "plugins" / "nuke")


_CORE = """
import importlib.abc, sys
class Bar(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top != "genai_tags" and top not in sys.stdlib_module_names and not top.startswith("_sysconfigdata"):
            raise ImportError(f"{name} is barred inside a host")
        return None
sys.path[:] = [sys.argv[1], *(path for path in sys.path if "site-packages" not in path and path)]
sys.meta_path.insert(0, Bar())
import genai_tags, genai_tags.comp.job, genai_tags.comp.output, genai_tags.carriers.otio, genai_tags.carriers.host, genai_tags.tagging
print(genai_tags.__file__)
"""


def test_blender_s_zip_is_the_same_each_time_and_its_core_needs_nothing_else(cli: Cli, tmp_path: Path) -> None:
    document = cli("plugins", "install", "blender", "--to", tmp_path / "a", "--format", "json").json
    cli("plugins", "install", "blender", "--to", tmp_path / "b")
    path = Path(document["path"])
    assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    with zipfile.ZipFile(path) as archive:
        (wheel,) = [name for name in archive.namelist() if name.endswith(".whl")]
        assert f'wheels = ["./{wheel}"]' in archive.read("blender_manifest.toml").decode()
        assert "__init__.py" in archive.namelist()
        assert not [name for name in archive.namelist() if name.endswith((".pyc", ".so"))]
        archive.extract(wheel, tmp_path)
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _CORE, str(tmp_path / wheel)], capture_output=True, text=True, cwd=tmp_path
    )  # a wheel of pure Python can be imported as it is
    assert ran.returncode == 0, ran.stderr
    assert str(tmp_path / wheel) in ran.stdout


def test_blender_takes_its_extension_away_itself(cli: Cli, tmp_path: Path) -> None:
    ran = cli("plugins", "uninstall", "blender", "--from", tmp_path)
    assert (ran.code, "blender --command extension remove genai_tags" in ran.err) == (2, True)
