"""The report as a page, in a real headless Chromium: it is opened, filtered, clicked, driven by keyboard and printed."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from genai_tags.demo.cuts import DemoShot
from genai_tags.demo.cuts import otio as make_otio
from tests.conftest import Cli
from tests.facts import as_yaml
from tests.stage import FINAL, SHOT, Stage
from tests.system_packages import chromium

HOSTILE = "<img src=x onerror=alert(1)></script><b>\u202egnp.exe\u202c \U0001f600 " + "n" * 10_000
needs_chromium = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here: apt-get install chromium")
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium(), args=flags)
        yield found
        found.close()


class Page:
    """A page of ours, offline; whatever it asks of the network, and whatever its script complains of, is kept."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.page = browser.new_page(viewport={"width": 1400, "height": 900}, **options)
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        self.page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        self.page.goto(path.as_uri())

    def shown(self) -> list[str]:
        """The numbers of the events that are shown."""
        return [each.strip() for each in self.page.locator("li.event:not([hidden]) .number").all_inner_texts()]

    def check(self) -> None:
        """Nothing was fetched, nothing went wrong."""
        assert [url for url in self.asked if not url.startswith(("file:", "data:"))] == []
        assert self.wrong == []
        self.page.close()


@pytest.fixture
def report(stage: Stage, tmp_path: Path) -> Path:
    """Three events: approved, open with another tool, and without a record."""
    stage.settled()
    other = {**FINAL, "tag.steps[0].tool": "Cloud Imager", "uses[0].shot": "AGM_104_065_020", "uses[0].presence": "prominent"}
    pattern, tag_id = stage.sequence(shot="AGM_104_065_020"), stage.declare(other)
    stage.do("tag", pattern, "--id", tag_id)
    cut = stage.edl(stage.event(), stage.event(shot="AGM_104_065_020"), stage.event(shot="AGM_104_065_030"))
    path = tmp_path / "report.html"
    ran = stage.cli("conform", cut, "--rate", "24", "--media", stage.media, "--output", path, "--pictures", "all")
    assert ran.code == 1, ran.err
    return path


def test_the_page_says_at_once_what_may_not_ship(browser: Any, report: Path) -> None:
    page = Page(browser, report)
    assert page.page.locator(".headline").inner_text() == "2 of 3 events may not ship, 1 may ship."
    assert page.shown() == ["001", "002", "003"]
    assert page.page.locator("#count").inner_text() == "3 of 3 events"
    text = page.page.locator("body").inner_text()
    assert "judged as of 2026-11-21" in text
    policy = page.page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert policy.startswith("default-src 'none'")
    assert re.search(r"Ledger heads: testwriter-\d+:[0-9a-f]{64}", text)
    why = page.page.locator("#e1 .why").inner_text()
    assert "Who can: client contact" in why
    assert "To settle it:" in why
    assert page.page.locator("#e1 .why a[href^='https://partnerhelp.netflixstudios.com/']").count() >= 1
    page.check()


def test_filters_by_status_shot_tool_and_rule(browser: Any, report: Path) -> None:
    page = Page(browser, report)
    page.page.select_option("#f-tool", "Cloud Imager")
    assert page.shown() == ["002"]
    page.page.select_option("#f-tool", "")
    page.page.fill("#f-text", "065_030")
    assert page.shown() == ["003"]
    page.page.fill("#f-text", "")
    page.page.click("button[data-status=approved]")
    assert page.shown() == ["001"]
    assert page.page.locator("button[data-status=approved]").get_attribute("aria-pressed") == "true"
    assert page.page.locator("path.faint").count() >= 1
    page.page.click("button[data-status=approved]")
    rule = page.page.locator("#f-rule option").nth(1).get_attribute("value")
    page.page.select_option("#f-rule", rule)
    assert page.shown()
    assert page.shown() != ["001", "002", "003"]
    page.page.click("#filters button[type=reset]")
    page.page.wait_for_selector("#count:text-is('3 of 3 events')")
    page.page.fill("#f-text", "no such thing")
    assert page.page.locator("#none").is_visible()
    page.check()


def test_the_strip_is_driven_by_keyboard_and_tells_a_screen_reader(browser: Any, report: Path) -> None:
    page = Page(browser, report)
    view = page.page.locator(".view")
    view.focus()
    page.page.keyboard.press("ArrowRight")
    assert view.get_attribute("aria-valuetext") == f"Event 001 at 01:00:00:00, {SHOT}: Approved, may ship"
    page.page.keyboard.press("End")
    assert "Event 003" in (view.get_attribute("aria-valuetext") or "")
    page.page.keyboard.press("+")
    box = page.page.locator(".view svg").get_attribute("viewBox") or ""
    assert float(box.split()[2]) < 1.25
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "e2"
    page.check()


def test_a_click_on_a_bar_leads_to_its_reasons(browser: Any, report: Path) -> None:
    page = Page(browser, report)
    box = page.page.locator(".view").bounding_box()
    assert box is not None
    page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 4)
    assert page.page.evaluate("document.activeElement.id") == "e1"
    assert "chosen" in (page.page.locator("#e1").get_attribute("class") or "")
    page.page.click("#e1 .why a[href^='#u']")
    page.page.wait_for_selector("details.use[open]")
    page.check()


def test_the_strip_shows_status_by_colour_and_by_height(browser: Any, report: Path) -> None:
    """Amber is higher than green, so that the strip is readable without colours."""
    page = Page(browser, report)
    box = page.page.locator(".view").bounding_box()
    assert box is not None
    image = _pixels(page.page.screenshot())
    foot, middle = box["y"] + 26, box["x"] + box["width"] / 6
    assert _near(image(middle, foot), GREEN)
    assert _near(image(middle + box["width"] / 3, foot), AMBER)
    assert not _near(image(middle, foot - 8), GREEN)
    assert _near(image(middle + box["width"] / 3, foot - 8), AMBER)
    page.check()


GREEN, AMBER = (0x2E, 0x9E, 0x5B), (0xD9, 0x8E, 0x04)
"""Approved, and open."""


def _near(one: Any, other: Any) -> bool:
    """The same colour but for a browser's rounding."""
    return all(abs(a - b) <= 2 for a, b in zip(one, other, strict=True))


def _pixels(png: bytes) -> Callable[[float, float], tuple[int, ...]]:
    from PySide6.QtGui import QImage

    image = QImage.fromData(png)

    def pixel(x: float, y: float) -> tuple[int, ...]:
        colour = image.pixelColor(round(x), round(y))
        return colour.red(), colour.green(), colour.blue()

    return pixel


def test_it_prints_everything_that_is_shown(browser: Any, report: Path) -> None:
    from pypdf import PdfReader

    page = Page(browser, report)
    printed = PdfReader(io.BytesIO(page.page.pdf(format="A4", landscape=True)))
    text = "\n".join(each.extract_text() for each in printed.pages)
    for word in ("AGM_104_065_010", "AGM_104_065_020", "AGM_104_065_030", "may not ship", "The rules that ask", "Ledger heads"):
        assert word in text
    assert "Zoom" not in text
    page.page.emulate_media(media="print")
    assert page.page.locator(".printed").first.is_visible()
    assert not page.page.locator("#filters").is_visible()
    page.check()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_light_and_dark(browser: Any, report: Path, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), for every text of the page that is not a control."""
    page = Page(browser, report, color_scheme=scheme)
    ratios = page.page.evaluate(_CONTRAST)
    assert len(ratios) > 30
    assert [each for each in ratios if each[0] < 4.5] == []
    page.check()


_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour, under) => { canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data; };
  const lum = (c) => [0, 1, 2].map((i) => c[i] / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  for (const element of document.querySelectorAll("h1, h2, h3, p, b, dd, dt, .badge, .verdict, a, li, code")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.offsetParent) continue;
    let under = getComputedStyle(document.body).backgroundColor, chain = [];
    for (let e = element; e; e = e.parentElement) chain.unshift(getComputedStyle(e).backgroundColor);
    let base = rgb(under, "white");
    for (const colour of chain) base = rgb(colour, `rgb(${base[0]},${base[1]},${base[2]})`);
    const back = `rgb(${base[0]},${base[1]},${base[2]})`, text = rgb(getComputedStyle(element).color, back);
    const [a, b] = [lum(text), lum(base)].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), element.tagName + " " + element.className + " " + element.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""


def test_hostile_names_stay_text(browser: Any, cli: Cli, show: Path, tmp_path: Path) -> None:
    """Markup, direction marks, ten thousand letters, emoji and line breaks: nothing runs, nothing turns around."""
    facts = tmp_path / "facts.yaml"
    facts.write_text(as_yaml({**FINAL, "tag.steps[0].tool": "</script><script>alert(2)</script>"}), encoding="utf-8")
    assert cli("declare", "--from", facts).code == 0
    otio = tmp_path / "cut.otio"

    document = json.loads(make_otio(HOSTILE, [DemoShot(SHOT, "v001", "/nowhere/x.%04d.exr", 1001, 1010, 86400, 1001, 1010)]))
    document["tracks"]["children"][0]["children"][0]["name"] = f"{SHOT} {HOSTILE}\nsecond line"
    document["tracks"]["children"][0]["name"] = HOSTILE
    otio.write_text(json.dumps(document), encoding="utf-8")
    path = tmp_path / "hostile.html"
    cli("conform", otio, "--output", path)
    page = Page(browser, path)
    assert page.shown() == ["001"]
    text = page.page.locator("body").inner_text()
    assert "<img src=x onerror=alert(1)>" in text
    assert "\\u202e" in text
    assert "\u202e" not in path.read_text(encoding="utf-8")
    assert page.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.page.fill("#f-text", "onerror")
    assert page.shown() == ["001"]
    page.check()


def test_two_thousand_events_are_filtered_at_once(browser: Any, stage: Stage, tmp_path: Path) -> None:
    """The strip keeps every blocker visible: the few that are open stand out of two thousand that are clean."""
    stage.do("clean", "--shots", "AGM_104_06*", "--ref", "S-1")
    events = [
        stage.event(shot=f"AGM_104_06{i % 10}_010" if i % 400 else "AGM_105_001_010", first=1001, last=1010)
        for i in range(2000)
    ]
    path = tmp_path / "big.html"
    stage.cli("conform", stage.edl(*events), "--rate", "24", "--output", path)
    page = Page(browser, path)
    assert page.page.locator(".headline").inner_text() == "5 of 2000 events may not ship, 1995 may ship."
    box = page.page.locator(".view").bounding_box()
    assert box is not None
    image = _pixels(page.page.screenshot())
    columns = range(round(box["x"]), round(box["x"] + box["width"]))
    high = {x for x in columns if _near(image(x, box["y"] + 18), AMBER)}
    runs = sum(x - 1 not in high for x in high)
    assert runs == 5
    page.page.select_option("#f-verdict", "may not ship")
    assert len(page.shown()) == 5
    page.page.click("[data-next]")
    assert "may not ship" in (page.page.locator(".view").get_attribute("aria-valuetext") or "")
    page.check()


def test_the_request_page_is_answered_in_the_browser(browser: Any, stage: Stage, tmp_path: Path) -> None:
    """The client contact opens the page, fills in the form, saves the answer; what comes back is recorded."""
    tag_id = stage.declare({**FINAL, "uses[0].presence": "prominent", "tag.element": "a cloud"})
    stage.do("legal-review", tag_id, "--ref", "L-1")
    path = tmp_path / "request.html"
    stage.do("request", tag_id, "--ref", "M-1", "--write", path)
    page = Page(browser, path)
    page.page.click("#write")
    assert "your name" in page.page.locator("#missing").inner_text()
    name = 'C. "Contact" \\ \u00e9\U0001f600: #'
    page.page.fill("#given_by", name)
    page.page.fill("#ref", "MAIL-1")
    page.page.check("input[value=approved]")
    page.page.click("fieldset.reply summary")
    page.page.fill("fieldset.reply .versions", "v001")
    page.page.fill("fieldset.reply .conditions", "not in the trailer\nonly at night")
    page.page.click("#write")
    assert page.page.locator("#missing").inner_text() == "Complete."
    with page.page.expect_download() as saved:
        page.page.click("#save")
    answer = tmp_path / "answer.yaml"
    saved.value.save_as(answer)
    assert answer.read_text(encoding="utf-8") == page.page.locator("#answer").input_value()
    page.check()
    ran = stage.do("request", "--import", answer, "--format", "json").json
    assert ran["left"][0]["status"] == "conditional"
    evidence = json.loads(stage.do("log", "--format", "json").out)["events"][-1]["body"]["evidence"]
    assert evidence["given_by"] == name
    assert evidence["conditions"] == ["not in the trailer", "only at night"]
    assert evidence["scope"]["versions"] == ["v001"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_request_page_can_be_read_on_light_and_dark_and_prints(
    browser: Any, stage: Stage, tmp_path: Path, scheme: str
) -> None:
    from pypdf import PdfReader

    path = tmp_path / "request.html"
    stage.do("request", stage.declare(FINAL), "--ref", "M-1", "--write", path)
    page = Page(browser, path, color_scheme=scheme)
    ratios = page.page.evaluate(_CONTRAST)
    assert [each for each in ratios if each[0] < 4.5] == []
    printed = PdfReader(io.BytesIO(page.page.pdf(format="A4")))
    text = unicodedata.normalize("NFKC", "\n".join(each.extract_text() for each in printed.pages))
    assert "Or fill this in and send it back" in text
    assert "reply:" in text
    page.check()


def test_the_strip_stays_on_screen_while_it_is_driven(browser: Any, stage: Stage, tmp_path: Path) -> None:
    """The focus must not leave the screen (WCAG 2.2, 2.4.11); a link leads to the reasons."""
    path = tmp_path / "long.html"
    stage.cli("conform", stage.edl(*(stage.event() for _ in range(60))), "--rate", "24", "--output", path)
    page = Page(browser, path)
    page.page.locator(".view").focus()
    for _ in range(50):
        page.page.keyboard.press("ArrowRight")
    box = page.page.locator(".view").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 900
    page.page.click(".go")
    assert page.page.url.endswith("#e49")
    page.check()


def test_what_a_filter_hides_is_not_chosen(browser: Any, report: Path) -> None:
    page = Page(browser, report)
    page.page.locator(".view").focus()
    page.page.keyboard.press("ArrowRight")
    page.page.fill("#f-text", "065_030")
    assert page.page.locator(".view").get_attribute("aria-valuetext") == "none chosen"
    assert page.page.locator(".event.chosen").count() == 0
    page.check()


def test_a_print_from_a_dark_browser_is_dark_on_white(browser: Any, report: Path) -> None:
    page = Page(browser, report, color_scheme="dark")
    page.page.emulate_media(media="print", color_scheme="dark")
    assert page.page.locator(".headline").evaluate("e => getComputedStyle(e).color") == "rgb(179, 38, 30)"
    page.check()


def test_a_print_keeps_its_columns_where_an_event_has_no_picture(browser: Any, report: Path) -> None:
    page = Page(browser, report)
    assert page.page.locator("#e0 img").count() == 1
    assert page.page.locator("#e2 img").count() == 0
    page.page.set_viewport_size({"width": 1010, "height": 700})  # the inside of a sheet of A4 across
    page.page.emulate_media(media="print")
    lefts = [page.page.locator(f"#e{i} .what").bounding_box()["x"] for i in range(3)]
    assert lefts[0] == lefts[1] == lefts[2]
    assert page.page.locator(".printed .lanes li").first.inner_text() == "V"
    assert page.page.locator(".line .small").first.inner_text() == "01:00:00:00"
    page.check()


def test_against_an_earlier_cut_the_page_can_be_read_on_a_telephone(browser: Any, stage: Stage, tmp_path: Path) -> None:
    stage.settled()
    old = stage.edl(stage.event(), name="old.edl")
    new = stage.edl(stage.event(shot="AGM_104_090_010"), stage.event(), name="new.edl")
    path = tmp_path / "against.html"
    stage.cli("conform", new, "--against", old, "--rate", "24", "--media", stage.media, "--output", path)
    page = Page(browser, path)
    assert "moved by +10 frames" in page.page.locator("table").inner_text()
    page.page.set_viewport_size({"width": 400, "height": 800})
    assert page.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.page.locator("th").first.bounding_box()["width"] > 60
    page.check()
