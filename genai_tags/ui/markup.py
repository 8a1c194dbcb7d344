"""A sheet's words as the small HTML that Qt's text documents know. Whatever foreign text holds is made harmless."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from PySide6.QtGui import QPalette

from genai_tags.report.html import short
from genai_tags.report.page import headline
from genai_tags.report.shapes import Ask, Note, Row, Sheet, UseItem
from genai_tags.report.sheet import ask_of, loose_notes, settled
from genai_tags.show import Judged
from genai_tags.status import BADGES, Severity, Status
from genai_tags.ui.theme import severity_colour


def text(found: object, letters: int = 600) -> str:
    """A text made harmless, on one line, and cut where it is too long to look at."""
    return html.escape(short(found if found is not None else "", letters))


def badge(status: str) -> str:
    """Symbol and word; the colour is a square beside them, so that the words stay readable."""
    found = BADGES[Status(status)]
    return f'<span style="color:{found.colour}">■</span> {html.escape(found.symbol)} <b>{html.escape(found.text)}</b>'


def title(sheet: Sheet) -> str:
    """What a window says above its strip."""
    totals = sheet["totals"]
    statuses = " &nbsp; ".join(f"{badge(status)} {count}" for status, count in totals["statuses"].items())
    packs = ", ".join(text(pack["id"]) for pack in sheet["packs"])
    loose = [note for note in loose_notes(sheet) if note["severity"] != "info"]
    notes = "".join(f"<br><b>{note['severity']}</b> {note['code']}: {text(note['message'], 300)}" for note in loose[:4])
    return (
        f"<span style='font-size:large'><b>{text(sheet['show'], 80)}: {text(headline(sheet))}</b></span>"
        f"<br>{sheet['stage'].capitalize()} cut for {sheet['purpose']}, as of {sheet['as_of']}, {packs}<br>{statuses}{notes}"
    )


def reasons(sheet: Sheet, place: int, palette: QPalette) -> str:
    """Everything about one event: where it stands, why, which rule asks, how to settle it and who can."""
    row = sheet["rows"][place]
    parts = [
        f"<h3>{text(row['event'], 40)} &nbsp; {text(row['shot'] or row['clip'] or 'no name', 160)} {text(row['version'], 40)}</h3>",
        f"<p>{badge(row['status'])} &nbsp; {verdict(row, palette)}</p>",
        f"<p>{text(where(row), 600)}</p>",
    ]
    parts += [note(each, palette) for each in row["notes"]]
    if not row["notes"]:
        parts.append(f"<p>{text(settled(sheet, row))}.</p>")
    if row["needed"]:
        parts.append(f"<p><b>Still needed, and who can:</b> {_words(row['needed'])}</p>")
    parts += [use(sheet["uses"][i]) for i in row["uses"]]
    return "".join(parts)


def where(row: Row) -> str:
    """Clip, track, timecodes, reel and line in one line."""
    record = f"{row['record_in']} to {row['record_out']}" if row["record_in"] else ""
    source = f"source {row['source_in']} to {row['source_out']}" if row["source_in"] else ""
    found = (row["clip"] or row["file"], f"track {row['track']}", record, source, f"reel {row['reel']}" if row["reel"] else "")
    line = f"line {row['line']}" if row["line"] else ""
    return " · ".join(str(each) for each in (*found, line) if each)


def verdict(row: Row, palette: QPalette) -> str:
    """May it ship?"""
    if row["severity"] is None:
        return f"<b>{row['verdict']}</b>"
    return f'<b style="color:{severity_colour(Severity(row["severity"]), palette).name()}">{row["verdict"]}</b>'


def note(found: Note, palette: QPalette) -> str:
    """A finding."""
    colour = severity_colour(Severity(found["severity"]), palette).name()
    who = f" <b>Who can:</b> {text(found['who'].replace('_', ' '), 100)}." if found["who"] else ""
    rule = f"<br>Rule: {cited(found['cite'], found['rule'])}" if found["rule"] else ""
    return (
        f'<p><b style="color:{colour}">{found["severity"]}</b> <code>{found["code"]}</code> {text(found["message"], 1200)}'
        f"<br>To settle it: {text(found['fix'])}{who}{rule}</p>"
    )


def cited(cite: str | None, name: str | None) -> str:
    """A rule with its source: a link where that is one."""
    if cite and cite.startswith("https://"):
        return f'<a href="{html.escape(cite, quote=True)}">{text(name)}</a>'
    return f"{text(name)}{f' ({text(cite)})' if cite else ''}"


def use(found: UseItem) -> str:
    """A tag in a use."""
    parts = [
        f"<h4>Tag {text(found['tag'], 40)}, revision {found['revision'] or '-'}</h4><p>{badge(found['status'])}<br>{text(found['use'])}</p>",
        _list([*found["made"], f"{found['basis'].capitalize()} by {found['declared_by']}."]),
        f"<p><b>Given:</b> {_words(found['given']) or 'nothing yet'}</p>",
    ]
    if found["needed"]:
        parts.append(f"<p><b>Still needed, and who can:</b> {_words(found['needed'])}</p>")
    if found["asks"]:
        parts.append(f"<ul>{''.join(f'<li>{ask(each)}</li>' for each in found['asks'])}</ul>")
    return "".join(parts)


def ask(found: Ask) -> str:
    """A rule that asks."""
    needs = ", ".join(f"{'✓' if done else '○'} {text(need.replace('_', ' '), 80)}" for need, done in found["needs"].items())
    subject = f" ({text(found['subject'], 80)})" if found["subject"] else ""
    question = f"<br>? {text(found['question'])}" if found["question"] else ""
    rule = f"{found['pack']}, {found['rule']}"
    settle = f"<br>To settle it: {text(found['fix'])}" if found["fix"] else ""
    settle += f" <b>Who can:</b> {text(found['who'].replace('_', ' '), 80)}." if found["who"] else ""
    unsaid = " (asked because nobody stated enough)" if found["open"] else ""
    return (
        f"<b>{found['outcome'].replace('_', ' ')}</b>{unsaid}: {text(found['message'])}{subject}<br>"
        f"{cited(found['cite'], rule)} · {_words(found['because'])}"
        f"{f' · {needs}' if needs else ''}{question}{settle}"
    )


def _words(found: Iterable[str]) -> str:
    return "; ".join(text(each) for each in found)


def _list(found: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{text(each)}</li>' for each in found)}</ul>" if found else ""


def judged(each: Judged) -> str:
    """What the rules ask in one use: questions first, for they are the artist's to answer."""
    verdict = each.verdict
    live = [finding for finding in verdict.assessment.findings if finding.live]
    head = f"<h4>{text(each.use.shot or 'No shot stated', 120)}</h4>"
    needs = ", ".join(text(need.replace("_", " "), 80) for need in verdict.unmet)
    asked = list(dict.fromkeys(finding.question for finding in live if finding.question))
    questions = (
        f"<p><b>Open questions:</b></p><ul>{''.join(f'<li>{text(question)}</li>' for question in asked)}</ul>" if asked else ""
    )
    rules = "".join(f"<li>{ask(ask_of(finding, verdict))}</li>" for finding in live if not finding.open)
    return f"{head}<p><b>Needed:</b> {needs or 'nothing'}</p>{questions}<ul>{rules}</ul>"
