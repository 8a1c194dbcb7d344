"""What is handed over besides the page: the table, paper, pictures; and the report verb over cuts, frames and shows."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genai_tags.demo.cuts import DemoShot
from genai_tags.demo.cuts import otio as make_otio
from genai_tags.process import command, environment
from genai_tags.report.page import alarm, headline
from genai_tags.report.pictures import pictures
from genai_tags.report.table import cell
from tests.conftest import CORPUS, Cli, corpus_files
from tests.sheets import made_up, needs_qt
from tests.stage import FINAL, SHOT, Stage
from tests.system_packages import missing_libraries

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "\u202e=1",
    "<b>",
    "x" * 10_000,
    "a\nb",
    '"";=1',
)


def rows_of(data: bytes) -> list[dict[str, str]]:
    """The table as a spreadsheet reads it."""
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_table_has_the_columns_that_conform_editors_know(stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    cut, path = stage.edl(stage.event(), stage.event(shot="AGM_104_065_020")), tmp_path / "out.csv"
    assert stage.cli("conform", cut, "--rate", "24", "--media", stage.media, "--output", path).code == 1
    first, second = rows_of(path.read_bytes())
    kept = (
        "Event", "Line", "Track", "Record In", "Record Out", "Source In", "Source Out", "Duration (fr)", "Reel", "Clip Name", "Shot",
        "Version", "AI", "Status", "Verdict", "Severity", "Reason Codes", "Tags", "Tools", "As Of",
    )  # fmt: skip
    assert {name: first[name] for name in kept} == {
        "Event": "001", "Line": "3", "Track": "V", "Record In": "01:00:00:00", "Record Out": "01:00:00:10", "Source In": "01:00:00:00",
        "Source Out": "01:00:00:10", "Duration (fr)": "10", "Reel": "AX", "Clip Name": f"{SHOT}_comp_NFX_v001", "Shot": SHOT,
        "Version": "v001", "AI": "GenAI", "Status": "Approved", "Verdict": "may ship", "Severity": "", "Reason Codes": "",
        "Tags": "tag0001", "Tools": "Generator", "As Of": "2026-11-21",
    }  # fmt: skip
    assert (second["Verdict"], second["Reason Codes"]) == ("may not ship", "no_record, media_missing")
    assert first["Reasons"]  # a reason is always given
    assert second["To Settle It"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_runs_in_a_spreadsheet(text: str) -> None:
    found = cell(text)
    assert not found.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert "\n" not in found
    assert "\u202e" not in found


@given(st.text())
@example("x;=cmd|1;y")
@example('a;"=1')
@example("\u2003=1")
@example("'=1")
@example('";=1')
def test_a_cell_never_begins_a_formula_and_comes_back_as_one_cell(text: str) -> None:
    """Nor where a spreadsheet takes the semicolon for the separator, as in half of Europe, or the tab."""
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(["lead", cell(text)])
    _, back = next(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert back == cell(text)
    assert back.strip()[:1] not in ("=", "+", "-", "@")
    for separator in (";", "|"):
        for found in next(csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter=separator)):
            assert found.strip()[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def test_hostile_names_reach_the_table_as_text(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    stage.cli("conform", stage.edl(stage.event(clip="=HYPERLINK(1)")), "--rate", "24", "--output", path)
    (row,) = rows_of(path.read_bytes())
    assert row["Clip Name"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("name", "start"), [("r.html", b"<!doctype html>"), ("r.csv", b"\xef\xbb\xbf"), ("r.json", b"{"), ("r.txt", b"Test Show")]
)
def test_the_face_is_chosen_by_the_files_name(stage: Stage, tmp_path: Path, name: str, start: bytes) -> None:
    stage.settled()
    path = tmp_path / name
    stage.do("conform", stage.edl(stage.event()), "--rate", "24", "--media", stage.media, "--output", path)
    assert path.read_bytes().startswith(start)


def test_conform_and_report_say_the_same(stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    cut = stage.edl(stage.event())
    one, other = tmp_path / "one.html", tmp_path / "other.html"
    stage.do("conform", cut, "--rate", "24", "--media", stage.media, "--output", one)
    ran = stage.do("report", cut, "--rate", "24", "--media", stage.media, "--output", other, "--output", tmp_path / "x.csv")
    assert one.read_bytes() == other.read_bytes()
    assert ran.err == f"genai-tags: wrote {other}\ngenai-tags: wrote {tmp_path / 'x.csv'}\n"


def test_a_report_of_the_whole_show_has_every_shot_that_anybody_spoke_of(stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    stage.declare({**FINAL, "uses[0].shot": "AGM/104/070", "uses[0].presence": "prominent"})  # some shows name shots like this
    stage.do("clean", "--shots", "AGM_104_090_010", "--ref", "S-1", "--version", "v002")
    stage.do("clean", "--shots", "AGM_105*", "--ref", "S-2")
    path = tmp_path / "show.csv"
    stage.do("report", "--output", path)
    assert [(row["Shot"], row["Version"], row["Status"]) for row in rows_of(path.read_bytes())] == [
        ("AGM/104/070", "", "Open"), (SHOT, "v001", "Approved"), ("AGM_104_090_010", "v002", "No GenAI (signed)"),
    ]  # fmt: skip


def test_a_report_of_frames_has_every_sequence(stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    stage.sequence(shot="AGM_104_065_020")
    path = tmp_path / "frames.csv"
    stage.do("report", stage.media, "--output", path)
    assert [(row["Shot"], row["Status"]) for row in rows_of(path.read_bytes())] == [
        (SHOT, "Approved"), ("AGM_104_065_020", "No record"),
    ]  # fmt: skip


def test_an_empty_show_is_an_empty_report(cli: Cli, show: Path, tmp_path: Path) -> None:
    for name in ("r.html", "r.csv", "r.json", "r.txt"):
        assert cli("report", "--output", tmp_path / name).code == 0
        assert (tmp_path / name).stat().st_size > 0


def test_a_report_holds_nothing_private(stage: Stage, tmp_path: Path) -> None:
    stage.settled(
        changes={
            **FINAL,
            "tag.element": "SECRET-ELEMENT",
            "tag.steps[0].prompt": "SECRET-PROMPT",
            "tag.steps[0].seed": "SECRET-SEED",
        }
    )
    cut = stage.edl(stage.event())
    for name in ("r.html", "r.csv", "r.json"):
        stage.do("report", cut, "--rate", "24", "--media", stage.media, "--output", tmp_path / name)
        data = (tmp_path / name).read_bytes()
        assert b"SECRET" not in data
    assert str(stage.media).encode() not in (tmp_path / "r.html").read_bytes()


@needs_qt
def test_paper_says_what_the_page_says(stage: Stage, tmp_path: Path) -> None:
    from pypdf import PdfReader

    stage.settled()
    cut = stage.edl(stage.event(), *(stage.event(shot=f"AGM_104_070_{i:03d}") for i in range(80)))
    path = tmp_path / "r.pdf"
    assert stage.cli("conform", cut, "--rate", "24", "--media", stage.media, "--output", path).code == 1
    reader = PdfReader(path)
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    text = "\n".join(pages)
    assert "80 of 81 events may not ship, 1 may ship." in pages[0]
    assert all(f"AGM_104_070_{i:03d}" in text for i in range(80))
    assert all(f"page {i}" in page for i, page in enumerate(pages, 1))
    assert reader.metadata is not None
    assert reader.metadata.title == "Test Show: generative AI, as of 2026-11-21"
    box = reader.pages[0].mediabox
    assert float(box.width) > float(box.height)


@needs_qt
def test_paper_takes_hostile_names(stage: Stage, tmp_path: Path) -> None:
    """Markup is printed and not obeyed, direction marks are written out, ten thousand letters do not push the rest off the page."""
    from pypdf import PdfReader

    name = "<img src='file:///etc/passwd'><b>\u202eevil\u202c \U0001f600 " + "n" * 10_000 + "\nsecond"
    document = json.loads(make_otio(name, [DemoShot(SHOT, "v001", "/nowhere/x.%04d.exr", 1001, 1010, 86400, 1001, 1010)]))
    document["tracks"]["children"][0]["children"][0]["name"] = name
    document["tracks"]["children"][0]["name"] = name
    cut = tmp_path / "cut.otio"
    cut.write_text(json.dumps(document), encoding="utf-8")
    path = tmp_path / "r.pdf"
    assert stage.cli("conform", cut, "--output", path).code == 1
    reader = PdfReader(path)
    text = unicodedata.normalize("NFKC", " ".join("".join(page.extract_text() for page in reader.pages).split()))
    assert "<imgsrc='file:///etc/passwd'><b>" in text.replace(" ", "")
    assert "\\u202e" in text
    assert "\u202e" not in text
    assert len(reader.pages) < 6


def test_what_differs_from_an_earlier_cut_is_in_the_table_and_on_paper(stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    old = stage.edl(stage.event(), stage.event(), name="old.edl")
    new = stage.edl(stage.event(shot="AGM_104_090_010"), stage.event(), name="new.edl")
    outs = [tmp_path / name for name in ("x.csv", *(("x.pdf",) if not missing_libraries() else ()))]
    stage.do(
        "report",
        new,
        "--against",
        old,
        "--rate",
        "24",
        "--media",
        stage.media,
        *(word for out in outs for word in ("--output", out)),
    )
    rows = rows_of(outs[0].read_bytes())
    assert [(row["Event"], row["Change"]) for row in rows] == [("001", ""), ("002", ""), ("old 001", "gone")]
    if len(outs) > 1:
        from pypdf import PdfReader

        assert "old 001" in " ".join(PdfReader(outs[1]).pages[0].extract_text().split())


@pytest.mark.parametrize("cut", [*corpus_files("otio/effects.otio"), *corpus_files("otio/premiere_example.otio")])
def test_no_folder_is_handed_over(cut: Path, cli: Cli, show: Path, tmp_path: Path) -> None:
    """Neither those of the editor's machine, which the cut names, nor those of this one."""
    outs = [tmp_path / name for name in ("x.html", "x.csv")]
    cli("report", cut, "--media", show, *(word for out in outs for word in ("--output", out)))
    for out in outs:
        text = out.read_text(encoding="utf-8-sig")
        assert not re.search(r"/Users/|[A-Z]:/|Downloads/|/tmp/", text)


def test_no_folder_of_frames_is_handed_over(stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    (stage.media / f"{SHOT}_comp_NFX_v001.1005.exr").write_bytes(b"not an EXR")
    other = stage.media / "copy of it"
    other.mkdir()
    stage.sequence(folder="copy of it")
    outs = [tmp_path / name for name in ("x.html", "x.csv")]
    words = [word for out in outs for word in ("--output", out)]
    stage.cli("report", stage.edl(stage.event()), "--rate", "24", "--media", stage.media, *words)
    stage.cli("report", stage.edl(stage.event()), "--media", stage.media, *words)
    for out in outs:
        text = out.read_text(encoding="utf-8-sig")
        assert str(stage.folder) not in text
        assert "ambiguous_match" in text
        assert f"{SHOT}_comp_NFX_v001.1005.exr" in text


HEADLINES = [
    # verdicts of events, findings about the whole, what is said, the colour
    ({"blocked": 2, "care": 1, "fine": 4}, {}, "2 of 7 events may not ship, 1 may ship with care, 4 may ship.", "blocker"),
    ({"fine": 7}, {}, "Nothing blocks: all 7 events may ship.", ""),
    ({"fine": 5, "outside": 2}, {}, "Nothing blocks: of 7 events 5 may ship, 2 outside scope.", ""),
    ({"care": 1, "fine": 6}, {}, "Nothing blocks: of 7 events 1 may ship with care, 6 may ship.", "warning"),
    ({"fine": 7}, {"warning": 2}, "Nothing blocks: all 7 events may ship; 2 warnings about the whole.", "warning"),
    ({"fine": 7}, {"blocker": 1, "warning": 1}, "It may not ship as it is: of 7 events 7 may ship; 1 blocker and 1 warning about the whole.", "blocker"),
    ({"outside": 7}, {}, "Nothing was checked: all 7 events are outside scope.", "warning"),
    ({}, {"blocker": 1}, "There is nothing in it to check.", "blocker"),
    ({}, {}, "There is nothing in it to check.", "warning"),
]  # fmt: skip


@pytest.mark.parametrize(("verdicts", "loose", "said", "colour"), HEADLINES, ids=range(len(HEADLINES)))
def test_the_headline_never_says_more_than_was_checked(
    verdicts: dict[str, int], loose: dict[str, int], said: str, colour: str
) -> None:
    sheet = made_up(["clean"])
    counts = {"blocked": 0, "care": 0, "fine": 0, "outside": 0, **verdicts}
    sheet["totals"] = {**sheet["totals"], **counts, "events": sum(counts.values()), "loose": loose}  # type: ignore[typeddict-item]
    assert (headline(sheet), alarm(sheet)) == (said, colour)


def test_a_line_that_was_not_read_is_in_the_headline(stage: Stage, tmp_path: Path) -> None:
    stage.do("clean", "--shots", "AGM_104_06*", "--ref", "S-1")
    cut = stage.edl(stage.event())
    cut.write_text(cut.read_text() + "002  AX       V     C        01:00:00:00 01:00:01:00 01:00:00:10\n")
    path = tmp_path / "x.html"
    stage.do("report", cut, "--rate", "24", "--output", path)
    assert "all 1 events may ship; 1 warning about the whole." in path.read_text()


def test_an_ending_that_is_no_face_is_refused(stage: Stage, tmp_path: Path) -> None:
    ran = stage.cli("report", "--output", tmp_path / "x.xlsx")
    assert (ran.code, (tmp_path / "x.xlsx").exists()) == (2, False)
    assert ".xlsx is no face" in ran.err


@needs_qt
def test_no_reason_is_cut_from_paper_and_no_track_runs_off_it() -> None:
    """An event with more findings than a page holds, and a cut with more tracks than a page is high."""
    from pypdf import PdfReader

    from genai_tags.report.shapes import Note
    from genai_tags.ui.paper import paper

    sheet = made_up(["open"] * 60, tracks=60)
    sheet["rows"][0]["notes"] = [
        Note(
            code="open",
            severity="blocker",
            message=f"reason{n:03d} " + "word " * 60,
            fix="Look at it.",
            rule=None,
            cite=None,
            who=None,
        )
        for n in range(40)
    ]
    pages = PdfReader(io.BytesIO(paper(sheet))).pages
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    assert [n for n in range(40) if f"reason{n:03d}" not in text] == []
    places: list[tuple[str, float]] = []
    for page in pages:
        page.extract_text(visitor_text=lambda words, _cm, tm, _font, _size: places.append((words.strip(), tm[5])))
    lanes = {words: y for words, y in places if re.fullmatch(r"V\d+", words)}
    assert len(lanes) == 60


def test_a_clip_that_is_a_path_is_its_files_name(stage: Stage, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("x.html", "x.csv")]
    cut = stage.edl(stage.event(clip="/Users/bob/secret job/x.mov"))
    cut.write_text(cut.read_text() + "M9   /Vol/secret job/y.mov is no line\n")
    stage.cli("report", cut, "--rate", "24", *(word for out in outs for word in ("--output", out)))
    for out in outs:
        text = out.read_text(encoding="utf-8-sig")
        assert "x.mov" in text
        assert "secret" not in text


def test_an_output_that_cannot_be_written_costs_no_other(stage: Stage, tmp_path: Path) -> None:
    ran = stage.cli("report", "--output", tmp_path / "nowhere" / "x.html", "--output", tmp_path / "y.csv")
    assert ran.code == 1
    assert (tmp_path / "y.csv").exists()
    refused = stage.cli("report", "--output", tmp_path / "a.html", "--output", tmp_path / "b.xlsx")
    assert (refused.code, (tmp_path / "a.html").exists()) == (2, False)


def test_the_rate_of_frames_is_what_was_stated(stage: Stage, tmp_path: Path) -> None:
    stage.sequence()
    stage.do("report", stage.media, "--rate", "25", "--output", tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())["cuts"][0]["rate"] == "25"


def test_what_is_needed_is_said_with_who_can(stage: Stage, tmp_path: Path) -> None:
    """Each paper has its own giver; the show's roles come before the usual ones."""
    stage.configure("roles: {legal_review: [legal, studio_legal]}\n")
    tag_id = stage.declare(
        {**FINAL, "uses[0].presence": "prominent", "tag.talent": [{"id": "T07", "kind": "replica", "exception": "none"}]}
    )
    stage.do("tag", stage.sequence(), "--id", tag_id)
    stage.cli("report", stage.edl(stage.event()), "--rate", "24", "--media", stage.media, "--output", tmp_path / "x.csv")
    (row,) = rows_of((tmp_path / "x.csv").read_bytes())
    wanted = row["Still Needed"].split("; ")
    assert "approval (client contact)" in wanted
    assert "legal review (legal or studio legal)" in wanted
    assert "talent consent of T07 (the performer)" in wanted
    assert len(row["Rules"].split(", ")) > 3


def test_a_tag_for_temp_is_not_called_final(stage: Stage, tmp_path: Path) -> None:
    stage.do("tag", stage.sequence(), "--id", stage.declare({"uses[0].stage": "temp"}))
    path = tmp_path / "x.html"
    stage.cli("report", stage.edl(stage.event()), "--rate", "24", "--media", stage.media, "--output", path)
    assert "It was declared for temp, and is judged as final." in path.read_text()


def test_no_module_of_the_folder_it_runs_in_is_imported(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery may hold a json.py."""
    delivery = tmp_path / "delivery"
    delivery.mkdir()
    for name in ("json.py", "base64.py", "yaml.py"):
        (delivery / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.chdir(delivery)
    made, _ = pictures([str(stage.frame("a.1001.exr"))])
    assert len(made) == 1
    question = json.dumps({"paths": [str(stage.folder)]})
    ran = subprocess.run(command("genai_tags.ui.worker"), input=question, capture_output=True, text=True, env=environment())
    assert '"done"' in ran.stdout
    ran = subprocess.run(command("genai_tags", "--version"), capture_output=True, text=True, env=environment())
    assert ran.stdout.startswith("genai-tags ")
    assert not (tmp_path / "ran").exists()


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("path", corpus_files("exr/valid/*.exr"))
def test_a_real_frame_has_a_picture_or_a_reason(path: Path) -> None:
    made, lacking = pictures([str(path)])
    assert set(made) | set(lacking) == {str(path)}
    if made:
        assert made[str(path)].startswith("data:image/jpeg;base64,/9j/")
    else:
        assert "Subsampled channels" in lacking[str(path)]


def test_a_frame_that_kills_its_reader_costs_that_frame_alone() -> None:
    """Some damaged files crash the library that reads them; the process is another one, and the next frame has a new one."""
    damaged = [str(param.values[0]) for param in corpus_files("exr/damaged/*.exr")]
    valid = [str(param.values[0]) for param in corpus_files("exr/valid/ScanLines*.exr")]
    if not os.path.exists(damaged[0]):
        pytest.skip(f"the corpus is not at {CORPUS}")
    made, lacking = pictures([*damaged, *valid])
    assert set(made) == set(valid)
    assert set(lacking) == set(damaged)
    assert all(lacking.values())


def test_a_reader_that_stalls_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(stage.frame("a.1001.exr"))
    original = subprocess.Popen

    def stalled(command: list[str], **options: Any) -> Any:
        return original([sys.executable, "-c", "import time; time.sleep(60)"], **options)

    monkeypatch.setattr(subprocess, "Popen", stalled)
    assert pictures([path], seconds=0.5) == ({}, {path: "took longer than 0.5 seconds"})


def test_a_reader_that_is_killed_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(stage.frame("a.1001.exr"))
    original = subprocess.Popen
    code = f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})"
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: original([sys.executable, "-c", code], **options))
    assert pictures([path]) == ({}, {path: "killed the process that read it"})


def test_scene_linear_is_shown_through_a_display_transform(stage: Stage) -> None:
    """Middle grey (0.18) is neither as dark as its linear value nor clipped; a value far above 1 is bright, not broken."""
    import base64

    import numpy
    import OpenImageIO as oiio

    found = {}
    for name, value in (("grey", 0.18), ("bright", 16.0)):
        path = stage.media / f"{name}.exr"
        buffer = oiio.ImageBuf(oiio.ImageSpec(64, 36, 3, "half"))
        oiio.ImageBufAlgo.fill(buffer, [value] * 3)
        assert buffer.write(str(path))
        made, _ = pictures([str(path)])
        out = stage.media / f"{name}.jpg"
        out.write_bytes(base64.b64decode(made[str(path)].partition(",")[2]))
        found[name] = float(numpy.mean(oiio.ImageBuf(str(out)).get_pixels("uint8")))
    assert 70 < found["grey"] < 135
    assert found["bright"] > 225


def test_pictures_stand_in_the_page_for_events_with_ai(stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    stage.sequence(shot="AGM_104_065_020")
    cut = stage.edl(stage.event(), stage.event(shot="AGM_104_065_020"))
    for option, count in (("ai", 1), ("all", 2), ("none", 0)):
        path = tmp_path / f"{option}.html"
        stage.cli("conform", cut, "--rate", "24", "--media", stage.media, "--output", path, "--pictures", option)
        assert path.read_text().count("data:image/jpeg") == count


def test_a_picture_holds_nothing_of_the_frames_own_header(stage: Stage) -> None:
    import base64

    import OpenImageIO as oiio

    spec = oiio.ImageSpec(64, 36, 3, "half")
    for name in ("Artist", "ImageDescription", "comments", "owner", "genai:summary"):
        spec.attribute(name, "SECRET")
    buffer = oiio.ImageBuf(spec)
    oiio.ImageBufAlgo.fill(buffer, [float("nan"), 0.5, 0.5])
    path = stage.media / "a.1001.exr"
    assert buffer.write(str(path))
    made, lacking = pictures([str(path)])
    assert lacking == {}
    assert b"SECRET" not in base64.b64decode(made[str(path)].partition(",")[2])


RGB = [
    (("R", "G", "B", "A"), (0, 1, 2)), (("A", "B", "G", "R"), (3, 2, 1)), (("beauty.red", "beauty.green", "beauty.blue"), (0, 1, 2)),
    (("Z", "diffuse.R", "diffuse.G", "diffuse.B"), (1, 2, 3)), (("Y",), (0, 0, 0)), (("A", "G"), (1, 1, 1)), (("depth",), (0, 0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("names", "chosen"), RGB)
def test_which_channels_a_picture_shows(names: tuple[str, ...], chosen: tuple[int, int, int]) -> None:
    from genai_tags.report.picture_worker import _rgb

    assert _rgb(names) == chosen


@pytest.mark.parametrize("said", ["5", "[]", "{}", "null", "x"])
def test_a_reader_of_frames_that_talks_nonsense_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    path = str(stage.frame("a.1001.exr"))
    original = subprocess.Popen
    code = f"import sys; sys.stdin.readline(); print({said!r}, flush=True)"
    monkeypatch.setattr(subprocess, "Popen", lambda line, **options: original([sys.executable, "-c", code], **options))
    made, lacking = pictures([path])
    assert (made, list(lacking)) == ({}, [path])
