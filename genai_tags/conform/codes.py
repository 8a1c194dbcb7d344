"""Every finding code, how severe it is in a final and in a temp cut, and how to settle it. Documented in docs/findings.md."""

from __future__ import annotations

from dataclasses import dataclass

from genai_tags.status import Severity
from genai_tags.vocabulary import Stage

_BLOCK, _WARN, _INFO = Severity.BLOCKER, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Code:
    """Severity in a final and in a temp cut (None: not said there), what it means, what to do about it."""

    final: Severity | None
    temp: Severity | None
    meaning: str
    fix: str


CONFORM_CODES: dict[str, Code] = {
    # The event's status. Severities come from status.SEVERITIES.
    "no_record": Code(_BLOCK, _INFO, "Nobody said whether there is GenAI in it", "Tag it, or have it declared clean: genai-tags clean --shots SHOT."),
    "open": Code(_BLOCK, _WARN, "A rule asks for something that is not recorded", "Give what is still needed; genai-tags assess says who can."),
    "prohibited": Code(_BLOCK, _BLOCK, "A rule prohibits it", "Take it out of the cut."),
    "requested": Code(_BLOCK, _WARN, "Asked for, not answered yet", "Wait for the answer, or ask again."),
    "conditional": Code(_WARN, _INFO, "Approved on conditions", "Make sure that the conditions are met."),
    "waived": Code(_WARN, _INFO, "Waived by a named person", "Nothing, while the waiver holds."),
    "rejected": Code(_BLOCK, _BLOCK, "Rejected", "Take it out of the cut, or get a later approval."),
    "revoked": Code(_BLOCK, _BLOCK, "The approval was revoked", "Take it out of the cut, or have what was taken back given anew."),
    "expired": Code(_BLOCK, _WARN, "The approval has expired", "Get it renewed."),
    "stale": Code(_BLOCK, _WARN, "Facts that a rule reads changed since it was given", "Look at it as it is now, and have it given anew."),
    "unresolved": Code(_BLOCK, _WARN, "A tag whose record this ledger lacks", "Merge the ledger of the vendor who tagged it."),
    "out_of_scope": Code(_BLOCK, _WARN, "Approved, but not for this", "Get the approval extended."),
    "shot_out_of_scope": Code(_BLOCK, _WARN, "Approved for other shots", "Get the approval extended to this shot."),
    "version_drift": Code(_BLOCK, _WARN, "Approved for another version than the one in the cut", "Get this version approved, or cut the approved one."),
    "purpose_out_of_scope": Code(_BLOCK, _WARN, "Approved for another purpose", "Get the approval extended to this purpose."),
    "territory_out_of_scope": Code(_BLOCK, _WARN, "Not approved for every territory of the show", "Get the approval extended."),
    "consent_after_work": Code(_BLOCK, _WARN, "A performer's consent is dated after the work it is for", "Do the work again under the consent, or record a waiver with its reason."),
    "consent_out_of_project": Code(_BLOCK, _WARN, "A performer's consent is not expressly for another production, pitch or concept", "Get consent that says so, and record it with --project other."),
    # What the join and the media say.
    "tool_finding": Code(_WARN, _INFO, "The tool register has something against a tool that was used; an info where that is settled", "See genai-tags tools list, and give what is still needed."),
    "temp_in_final": Code(_BLOCK, None, "AI that was declared temporary is in a final cut", "Replace it, or revise the use to final and get that approved."),
    "undeclared_use": Code(_WARN, _INFO, "The tag is known, but not in this shot", "Declare the use: genai-tags declare --revise ID."),
    "undeclared_part": Code(_BLOCK, _WARN, "It was rendered with a model that nobody declared, or from a source that could not be read", "Declare it in the script that made it, and render or apply again; else tag the media anew (genai-tags tag --replace), or have it signed clean (genai-tags clean)."),
    "tagged_in_handles": Code(_INFO, _INFO, "Only frames outside the used range are tagged", "Nothing, while the cut stays."),
    "partly_tagged": Code(_WARN, _INFO, "Only some of the used frames carry the tag", "Tag the whole range, or state the frames in the use."),
    "tag_lost": Code(_WARN, _INFO, "The ledger says these frames were tagged; they carry nothing now", "Tag them again: genai-tags tag."),
    "name_conflict": Code(_WARN, _INFO, "Clip, file and media name different shots or versions", "Find out which is cut; the media that was found counts."),
    "header_mismatch": Code(_WARN, _INFO, "What the media carries is not what the ledger holds", "Tag the media again."),
    "tag_damaged": Code(_BLOCK, _WARN, "A tag on media or in the cut cannot be read", "Tag it again."),
    "hint_only": Code(_WARN, _INFO, "Only a GENAI line of the EDL names the tag; that proves nothing", "Give --media, or tag the shot or its media."),
    "clean_contradicted": Code(_WARN, _INFO, "Declared clean, but a tag was found", "Find out which is right; revise the tag or the statement."),
    "clean_outdated": Code(_WARN, _INFO, "Declared clean up to an earlier version", "Have this version declared clean."),
    "media_missing": Code(_WARN, _INFO, "The media was looked for and not found", "Give the folder with --media."),
    "media_unreadable": Code(_BLOCK, _WARN, "A used frame cannot be read", "Deliver the frame again."),
    "frames_missing": Code(_WARN, _INFO, "The event uses frames that the media lacks", "Deliver the frames, or check the source timecode."),
    "frames_unknown": Code(_INFO, _INFO, "Source timecode and frame numbers cannot be related; every frame was looked at", "Give EXR frames a timeCode, or cut from OTIO."),
    "ambiguous_match": Code(_WARN, _INFO, "Several media fit; all of them count", "Give the exact path in the cut, or fewer --media folders."),
    "event_problem": Code(_WARN, _INFO, "The event line is not sound", "Export the list again, or pass --rate."),
    # The cut as a whole.
    "rate_assumed": Code(_WARN, _INFO, "The list states no frame rate; 24 was assumed", "Pass --rate, or set rate: in genai.yaml."),
    "unread_line": Code(_WARN, _INFO, "A line was not understood", "Look at the line; nothing in it was checked."),
    "empty_cut": Code(_BLOCK, _WARN, "The cut has no event", "Look at the file; nothing was checked."),
    "ledger_problem": Code(_BLOCK, _WARN, "Part of the ledger cannot be read, or its chain is broken", "Run genai-tags log --verify."),
}  # fmt: skip
"""What a conform may say."""

COMP_CODES: dict[str, Code] = {
    "model_undeclared": Code(_BLOCK, _WARN, "A node passes the picture through a model, and nobody declared it", "Declare it on the node, or name the tool in the register (tools.yaml) as analytic."),
    "sources_unaccounted": Code(_INFO, _INFO, "Nobody said anything of some of the sources", "Tag them, or have them declared clean: genai-tags clean."),
    "no_output": Code(_BLOCK, _WARN, "The script has no Write that is on", "Name it with --write; give --gizmos where Writes lie in gizmos."),
    "source_problem": Code(_WARN, _INFO, "A source cannot be read or found, so what it carries is not known", "Look at the node; bring its media back, or check it inside Nuke."),
    "script_problem": Code(_WARN, _INFO, "Part of the script could not be followed", "Check it inside Nuke, where it can."),
}  # fmt: skip
"""What a check of a compositing script may say besides."""

CODES = {**CONFORM_CODES, **COMP_CODES}


def severity_of(code: str, stage: Stage) -> Severity | None:
    """The severity of a code that is no status."""
    found = CODES[code]
    return found.final if stage is Stage.FINAL else found.temp
