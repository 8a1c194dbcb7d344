"""Asking the client contact: a page that is safe whatever stands in it, and an answer that binds to what was asked."""

from __future__ import annotations

import html.parser
import json
import re
from pathlib import Path
from typing import Any

import pytest

from genai_tags.demo.media import write_sequence
from genai_tags.show import Show
from tests.conftest import Cli
from tests.facts import TALENT, as_yaml
from tests.stage import Stage

SHOT = "AGM_104_065_010"
FINAL = {"uses[0].stage": "final", "tag.answers.temporary": "no", "uses[0].presence": "prominent"}


class Page(html.parser.HTMLParser):
    """What a browser would make of a page: tags in balance, their attributes, the text."""

    VOID = ("meta", "input", "br", "img", "link")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts = 0
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.scripts += tag == "script"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text.append(data)


def declare(cli: Cli, show: Path, changes: dict[str, Any] | None = None) -> str:
    (show / "f.yaml").write_text(as_yaml(changes or FINAL), encoding="utf-8")
    ran = cli("declare", "--from", show / "f.yaml", "--format", "json")
    assert ran.code == 0, ran.err
    return str(ran.json["id"])


def ask(cli: Cli, show: Path, *targets: str) -> str:
    """Write a page; its sheet, as YAML to fill in."""
    ran = cli("request", *targets, "--write", show / "page.html", "--reason", "Lock is on Friday.", "--ref", "MAIL-1")
    assert ran.code == 0, ran.err
    text = "".join(Page((show / "page.html").read_text(encoding="utf-8")).text)
    return text[text.index("schema: genai_tags.answer/1") : text.index("# reply:")]


def filled(sheet: str, reply: str, **more: str) -> str:
    sheet = sheet.replace("given_by:                 # your name", "given_by: C. Contact")
    sheet = sheet.replace("date:                     # YYYY-MM-DD", "date: 2026-11-21").replace(
        "ref:                      #", "ref: MAIL-9 #"
    )
    extra = "".join(f"\n  {name}: {value}" for name, value in more.items())
    return sheet.replace('  reply:\n  note: ""', f"  reply: {reply}{extra}")


def bring(cli: Cli, show: Path, sheet: str, *options: str) -> Any:
    (show / "answer.yaml").write_text(sheet, encoding="utf-8")
    return cli("request", "--import", show / "answer.yaml", "--format", "json", *options)


def test_the_page_says_what_a_client_contact_needs(cli: Cli, show: Path) -> None:
    pattern = write_sequence(str(show / "media"), f"{SHOT}_comp_NFX_v001", 1001, 1009, 86400, (1, 1, 1))
    tag_id = declare(
        cli,
        show,
        {**FINAL, "tag.talent": [{**TALENT, "guild": "<x>"}], "tag.could_mislead": "unsure", "uses[0].frames": "1003-1007"},
    )
    assert cli("tag", pattern, "--id", tag_id).code == 0
    ask(cli, show, SHOT)
    text = " ".join("".join(Page((show / "page.html").read_text(encoding="utf-8")).text).split())
    for words in (
        "may we use generative AI like this?", "Lock is on Friday.", "frames 1003-1007, final picture, seen or heard prominently",
        "Generator 2 generates it; run on premises", "given I1 (own)", "Performer T07 is replicated (face); recognisable: yes; guild <x>",
        "A visual element (other): a cloud.", "Could a viewer take it for something that really happened or was said?",
        "A recognisable performer shown or heard in what they did not perform needs that performer's consent.", "○ talent consent of T07 needed",
        f"{SHOT}_comp_NFX_v001.1003.exr", f"{SHOT}_comp_NFX_v001.1005.exr", f"{SHOT}_comp_NFX_v001.1007.exr",
        "Still needed: approval, guild consent of T07", "Given so far: nothing", "An unofficial reading",
    ):  # fmt: skip
        assert words in text, words
    assert "prompt" not in text
    assert str(show) not in text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</pre></article></main>", "'; alert(1); '", "{{ 7*7 }}",
        "\u202egnp.exe", "\u0000\u001b[31m", "emoji 🎬 and ümlaut", "a\nb", "x" * 10_000, "]]> <!-- -->", "&lt;b&gt;", "${1}`", "\\u003cscript",
    ],
)  # fmt: skip
def test_the_page_is_safe_whatever_stands_in_it(text: str, cli: Cli, show: Path) -> None:
    shot = "S" + text.replace("\0", "").replace("\n", " ")[:200]
    tag_id = declare(
        cli,
        show,
        {**FINAL, "tag.element": text.replace("\0", ""), "tag.steps[0].tool": text.replace("\0", ""), "uses[0].shot": shot},
    )
    sheet = ask(cli, show, tag_id)
    page = (show / "page.html").read_text(encoding="utf-8")
    parsed = Page(page)
    assert parsed.scripts == 1
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    assert not any(tag in ("img", "iframe", "object", "link") for tag, _ in parsed.tags)
    assert "default-src 'none'" in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    script = page[page.index("<script>") + 8 : page.index("</script>")]
    assert not re.search(r"&(#\d+|quot|lt|gt|amp);", script)  # what is escaped for HTML is no JavaScript
    (reply,) = [attributes for tag, attributes in parsed.tags if tag == "fieldset" and attributes.get("class") == "reply"]
    assert json.loads(str(reply["data-shot"])) == shot
    ran = bring(cli, show, filled(sheet, "approved"))
    assert ran.code == 0, ran.err
    assert [event["tag"] for event in ran.json["events"]] == [tag_id]


REPLIES = [
    ("approved", {}, "approval"),
    (
        "approved",
        {"conditions": '["no close-up", "not in the trailer"]', "versions": "[v003]", "until": "2027-01-31"},
        "approval",
    ),
    ("go_ahead", {"note": "fine as it is"}, "answer"),
    ("rejected", {"note": '"too close: to the original"'}, "rejection"),
]


@pytest.mark.parametrize(("reply", "more", "kind"), REPLIES)
def test_a_reply_becomes_evidence(reply: str, more: dict[str, str], kind: str, cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show)
    ran = bring(cli, show, filled(ask(cli, show, SHOT), reply, **more))
    assert ran.code == 0, ran.err
    assert [(event["kind"], event["shot"]) for event in ran.json["events"]] == [(kind, SHOT)]
    filed = [each.evidence for each in Show.open(str(show)).state.filed[tag_id]][-1]
    assert (filed.kind.value, filed.given_by, filed.role, str(filed.date), filed.ref) == (
        kind,
        "C. Contact",
        "client_contact",
        "2026-11-21",
        "MAIL-9",
    )
    assert filed.conditions == (("no close-up", "not in the trailer") if "conditions" in more else ())
    assert filed.scope.versions == (("v003",) if "versions" in more else ())
    assert str(filed.until) == more.get("until", "None")
    again = bring(cli, show, (show / "answer.yaml").read_text())
    assert (again.json["events"], len(again.json["known"])) == ([], 1)


def test_a_question_is_on_record_and_silence_is_not(cli: Cli, show: Path) -> None:
    declare(cli, show)
    sheet = ask(cli, show, SHOT)
    ran = bring(cli, show, filled(sheet, "question", note='"which poster?"'))
    assert (ran.code, [event["kind"] for event in ran.json["events"]]) == (0, ["question"])
    assert "C. Contact (client_contact) asked back on 2026-11-21: which poster?" in cli("assess", SHOT).out
    ran = bring(cli, show, filled(sheet, ""))
    assert (ran.code, ran.json["events"], len(ran.json["unanswered"])) == (0, [], 1)


def test_an_answer_is_for_the_revision_that_was_asked_about(cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show)
    sheet = ask(cli, show, SHOT)
    (show / "g.yaml").write_text(as_yaml({**FINAL, "tag.key_element": "key_visual"}))
    assert cli("declare", "--from", show / "g.yaml", "--revise", tag_id).code == 0
    ran = bring(cli, show, filled(sheet, "approved"))
    assert [each["status"] for each in ran.json["left"]] == ["stale"]
    ran = bring(cli, show, filled(sheet, "approved").replace("revision: 1", "revision: 2"))
    assert (ran.code, "revision 1 was" in ran.err) == (3, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("request: REQ", "request: REQ-x"), "is no request of this show"),
        (("genai_tags.answer/1", "genai_tags.answer/2"), "schema: must be"),
        (("tag: ", "tag: x"), "was not asked about"),
        (("given_by: C. Contact", "given_by:"), "given_by: is missing"),
        (("date: 2026-11-21", "date:"), "date: is missing"),
        (("date: 2026-11-21", "date: 2026-11-31"), "is not a day that exists"),
        (("date: 2026-11-21", "date: 2027-01-01"), "lies in the future"),
        (("ref: MAIL-9", "ref:"), "ref: is missing"),
        (("reply: approved", "reply: aproved"), "did you mean 'approved'?"),
        (("reply: approved", "repyl: approved"), "did you mean 'reply'?"),
        ((f'shot: "{SHOT}"', "shot: OTHER"), "'OTHER' was not asked about"),
        (("items:", "items: x\nmore:"), "items: must be a list"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_whole(change: tuple[str, str], message: str, cli: Cli, show: Path) -> None:
    declare(cli, show)
    sheet = filled(ask(cli, show, SHOT), "approved")
    assert change[0] in sheet
    before = sorted(each.name for each in (show / ".genai").rglob("*"))
    ran = bring(cli, show, sheet.replace(*change))
    assert ran.code in (2, 3)
    assert message in ran.err
    assert sorted(each.name for each in (show / ".genai").rglob("*")) == before


def test_an_answer_from_a_role_that_may_not_give_it_is_refused_and_logged(cli: Cli, show: Path) -> None:
    with (show / "genai.yaml").open("a") as stream:
        stream.write("roles:\n  approval: [client_executive]\n")
    declare(cli, show)
    ran = bring(cli, show, filled(ask(cli, show, SHOT), "approved"))
    assert ran.code == 2
    assert "not by client_contact" in ran.err
    events = cli("log", "--format", "json").json["events"]
    assert [event["kind"] for event in events] == ["record", "evidence", "refused"]
    assert events[-1]["body"]["refused"]["given_by"] == "C. Contact"


PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def test_pictures_ride_in_the_page(cli: Cli, show: Path) -> None:
    declare(cli, show)
    (show / 'a"b.png').write_bytes(PNG)
    assert cli("request", SHOT, "--write", show / "page.html", "--picture", show / 'a"b.png').code == 0
    images = [attributes for tag, attributes in Page((show / "page.html").read_text(encoding="utf-8")).tags if tag == "img"]
    assert [image["alt"] for image in images] == ['a"b.png']
    assert re.match(r"data:image/png;base64,iVBOR", str(images[0]["src"]))
    (show / "bad.png").write_bytes(b"<svg onload=alert(1)>")
    ran = cli("request", SHOT, "--write", show / "other.html", "--picture", show / "bad.png")
    assert (ran.code, (show / "other.html").exists()) == (3, False)
    assert cli("request", SHOT, "--picture", show / 'a"b.png').code == 2
    assert cli("request", SHOT, "--write", show / "no" / "page.html").code == 1
    assert cli("request", SHOT, "--import", show / "x.yaml").code == 2
    assert cli("request", "--import", show / "nowhere.yaml").code == 3


def test_small_pictures_of_tagged_frames_are_made_where_asked(stage: Stage, tmp_path: Path) -> None:
    """The middle frame of what was tagged, without the folder it lies in; nothing where the frames are gone."""
    tag_id, path = stage.declare(FINAL), tmp_path / "page.html"
    stage.do("tag", stage.sequence(), "--id", tag_id)
    stage.do("request", tag_id, "--ref", "M", "--write", path)
    assert "data:image/jpeg" not in path.read_text()
    stage.do("request", tag_id, "--ref", "M", "--write", path, "--pictures")
    page = path.read_text()
    assert page.count("data:image/jpeg") == 1
    assert f"{SHOT}_comp_NFX_v001.1006.exr" in page
    assert str(stage.media) not in page
    for frame in stage.media.iterdir():
        frame.unlink()
    stage.do("request", tag_id, "--ref", "M", "--write", path, "--pictures")
    assert "data:image/jpeg" not in path.read_text()
    assert stage.cli("request", tag_id, "--ref", "M", "--pictures").code == 2


def test_two_uses_of_one_shot_are_asked_and_answered_together(cli: Cli, show: Path) -> None:
    uses = [{"shot": SHOT, "stage": stage, "presence": "prominent"} for stage in ("temp", "final")]
    tag_id = declare(cli, show, {"uses": uses})
    sheet = ask(cli, show, SHOT)
    assert sheet.count(f"tag: {tag_id}") == 1
    ran = bring(cli, show, filled(sheet, "approved"))
    assert (ran.code, len(ran.json["events"])) == (0, 1)


def test_an_answer_stays_within_what_was_asked(cli: Cli, show: Path) -> None:
    uses = [
        {"shot": shot, "stage": "final", "presence": "prominent", "story_relevant": "yes"}
        for shot in ("SH_010", "SH_0101", "SH*")
    ]
    tag_id = declare(cli, show, {"tag.answers.temporary": "no", "uses": uses, "tag.talent": [TALENT]})
    options = (
        "--shot",
        "SH_01?",
        "--version",
        "v003",
        "--until",
        "2026-12-01",
        "--talent",
        "T07",
        "--purpose",
        "programme",
        "--territory",
        "US",
    )
    assert cli("request", tag_id, "--write", show / "page.html", *options).code == 0
    text = "".join(Page((show / "page.html").read_text(encoding="utf-8")).text)
    token = re.search(r"REQ-\w+", text)
    assert token is not None
    head = f"schema: genai_tags.answer/1\nrequest: {token[0]}\ngiven_by: C\nrole: client_contact\ndate: 2026-11-21\nref: M\nitems:\n"

    def answer(*items: str) -> Any:
        return bring(cli, show, head + "".join(f"- {{tag: {tag_id}, revision: 1, {item}}}\n" for item in items))

    for shot in ('"SH_01*"', '"*"', "SH_0101", '"SH*"', "SH_020"):
        assert answer(f"shot: {shot}, reply: approved").code == 3, shot
    assert answer("shot: SH_010, reply: approved", "shot: SH_010, reply: rejected").code == 3
    assert answer("shot: SH_010, reply: approved", "reply: rejected").code == 3
    assert answer("shot: SH_010, reply: approved, versions: ['']").code == 3
    assert (
        answer("shot: SH_010, reply: approved, until: 2027-01-01", "shot: SH_010, reply: approved, until: 2027-01-01").code == 0
    )
    scope = Show.open(str(show)).state.filed[tag_id][-1].evidence
    assert (scope.scope.shots, scope.scope.versions, scope.talent, str(scope.until)) == (
        ("SH_010",),
        ("v003",),
        ("T07",),
        "2026-12-01",
    )
    assert (scope.scope.purposes, scope.scope.territories) == (("programme",), ("US",))


def test_a_shot_is_a_name_even_where_it_looks_like_a_pattern(cli: Cli, show: Path) -> None:
    uses = [{"shot": shot, "stage": "final", "presence": "prominent"} for shot in ("SH*", "SH_020")]
    tag_id = declare(cli, show, {"tag.answers.temporary": "no", "uses": uses})
    sheet = ask(cli, show, tag_id)
    head, *items = filled(sheet, "approved").split("- tag:")
    assert len(items) == 2
    assert bring(cli, show, "- tag:".join([head, *(item for item in items if "SH_020" not in item)])).code == 0
    rows = cli("find", tag_id, "--format", "json").json["rows"]
    assert {row["shot"]: "approval" in row["unmet"] for row in rows} == {"SH*": False, "SH_020": True}


@pytest.mark.parametrize(
    ("day", "code", "filed"),
    [("2026-11-20", 0, "2026-11-20"), ("2026-11-22", 0, "2026-11-21"), ("2026-11-19", 3, ""), ("2026-11-23", 3, "")],
)
def test_where_the_contact_sits_it_may_be_another_day(day: str, code: int, filed: str, cli: Cli, show: Path) -> None:
    tag_id = declare(cli, show)
    ran = bring(cli, show, filled_on(ask(cli, show, SHOT), day))
    assert ran.code == code
    assert str(Show.open(str(show)).state.filed[tag_id][-1].evidence.date) == (filed or "2026-11-21")


def filled_on(sheet: str, day: str) -> str:
    return filled(sheet, "approved").replace("date: 2026-11-21", f"date: {day}")


def test_a_redacted_answer_does_not_come_back(cli: Cli, show: Path) -> None:
    declare(cli, show)
    sheet = filled(ask(cli, show, SHOT), "approved")
    event = bring(cli, show, sheet).json["events"][0]["event"]
    assert cli("redact", event, "--reason", "asked for").code == 0
    ran = bring(cli, show, sheet, "--ref", "OTHER")
    assert (ran.code, "is not kept again" in ran.err) == (2, True)
    assert cli("log", "--verify").code == 0


def test_what_cannot_be_recorded_leaves_no_page(cli: Cli, show: Path) -> None:
    declare(cli, show)
    assert cli("request", SHOT, "--write", show / "page.html", "--reason", "x\udcff").code == 2
    assert not (show / "page.html").exists()
