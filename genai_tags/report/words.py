"""Facts in plain words: what a client contact reads who has never seen a FACTS.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genai_tags.model import Step, Tag, Talent, Use
from genai_tags.status import Status
from genai_tags.vocabulary import Answer, Operation, Presence, Word

_DOES = {
    Operation.GENERATE: "generates it",
    Operation.EDIT: "edits it",
    Operation.ENHANCE: "enhances it",
    Operation.TRAIN: "is trained for it",
    Operation.FINE_TUNE: "is fine-tuned for it",
}
_SEEN = {
    Presence.NONE: "not seen or heard",
    Presence.INCIDENTAL: "seen or heard incidentally",
    Presence.PROMINENT: "seen or heard prominently",
}
_ANSWERS = {
    "no_recreation": (
        "It does not recreate unowned or copyrighted material.",
        "It recreates unowned or copyrighted material.",
        "Whether it recreates unowned or copyrighted material is not certain.",
    ),
    "no_training_on_inputs": (
        "The tools do not store, reuse or train on what they are given.",
        "A tool stores, reuses or trains on what it is given.",
        "Whether the tools store, reuse or train on what they are given is not certain.",
    ),
    "secure_environment": (
        "The tools run in an enterprise-secured environment.",
        "Not every tool runs in an enterprise-secured environment.",
        "Whether the tools run in an enterprise-secured environment is not certain.",
    ),
    "temporary": (
        "The material is temporary.",
        "The material is meant to stay in the picture.",
        "Whether the material is temporary is not certain.",
    ),
    "no_talent_replacement": (
        "No performance or union-covered work is replaced or newly generated.",
        "A performance or union-covered work is replaced or newly generated.",
        "Whether a performance or union-covered work is replaced is not certain.",
    ),
}
_MISLEADS = (
    "It could be taken for real events, people or statements.",
    "It would not be taken for real events, people or statements.",
    "Whether it could be taken for real events, people or statements is not certain.",
)
_UNION = (
    "It affects work usually done by union-represented people.",
    "It does not affect work usually done by union-represented people.",
    "Whether it affects work usually done by union-represented people is not certain.",
)


_GIVERS = {
    "notice": "producer", "reason": "producer", "answer": "client contact", "approval": "client contact", "talent_consent": "the performer",
    "guild_consent": "the guild", "rights_clearance": "legal", "legal_review": "legal", "human_input": "supervisor", "label": "producer",
}  # fmt: skip
"""Who usually gives what, where a show's ``roles`` do not say."""


def needed(need: str, roles: Mapping[str, Sequence[str]]) -> str:
    """Something that is still needed, with who can give it: ``talent consent of T07 (the performer)``."""
    kind = need.partition(" of ")[0]
    stated = roles.get(kind) or roles.get({"reason": "notice"}.get(kind, ""))
    return f"{need.replace('_', ' ')} ({' or '.join(map(said, stated)) if stated else _GIVERS.get(kind, 'producer')})"


def left_open(left: Mapping[str, Any]) -> str:
    """What one tag still needs (``unmet``, ``status``), after something was given."""
    if left["unmet"]:
        return f"still needed: {', '.join(left['unmet'])}"
    return "nothing can settle it" if left["status"] == Status.REJECTED.value else "nothing more is needed"


def _sentence(answer: Answer, sentences: tuple[str, str, str]) -> str:
    """The sentence for yes, no or unsure."""
    return sentences[0 if answer is Answer.YES else 1 if answer is Answer.NO else 2]


def said(word: Word | str | None) -> str:
    """A word of the vocabulary as people write it; "not stated" where nobody stated it."""
    return str(word).replace("_", " ") if word is not None else "not stated"


def answered(answer: Answer) -> str:
    """Yes, no, or "not sure"."""
    return "not sure" if answer is Answer.UNSURE else str(answer)


def used(use: Use) -> str:
    """Where and how an element is used, in one sentence."""
    parts = [f"Shot {use.shot}" if use.shot else "No shot stated"]
    if use.frames is not None:
        parts.append(f"frames {use.frames}")
    parts.append(f"{use.stage} picture" if use.stage else "stage not stated")
    parts.append(_SEEN[use.presence] if use.presence else "presence not stated")
    parts.append(f"carries story: {answered(use.story_relevant)}")
    parts.append(f"for {said(use.purpose)}" if use.purpose else "purpose not stated")
    return ", ".join(parts) + "."


def made(tag: Tag) -> list[str]:
    """How an element was made, a sentence each."""
    found = [_element(tag)]
    steps = tag.steps or ()
    found += [_step(step, f"Step {i}: " if len(steps) > 1 else "") for i, step in enumerate(steps, 1)]
    if not steps:
        found.append("Which tools were used is not stated.")
    if tag.talent is None:
        found.append("Whether a performer is concerned is not stated.")
    found += [_talent(talent) for talent in tag.talent or ()]
    found += [_sentence(getattr(tag.answers, name), sentences) for name, sentences in _ANSWERS.items()]
    found += [_sentence(tag.could_mislead, _MISLEADS), _sentence(tag.union_role_impact, _UNION)]
    found.append(f"A person's part in the result: {said(tag.human_input.level)}.")
    found += [f"{said(name)}: {value}." for name, value in tag.facts.items()]
    return found


def _element(tag: Tag) -> str:
    kind = f"{said(tag.element_type)} element" if tag.element_type else "element"
    name = f": {tag.element}" if tag.element else ""
    key = f", {said(tag.key_element)}" if tag.key_element not in (None, "none") else ""
    return f"A {kind} ({said(tag.use_case)}{key}){name}."


def _step(step: Step, label: str) -> str:
    tool = " ".join(part for part in (step.tool or "A tool that is not named", step.version) if part)
    model = f" with the model {step.model}" if step.model else ""
    does = _DOES[step.operation] if step.operation else "works on it"
    where: list[Any] = [f"run {said(step.hosting)}" if step.hosting else "", f"by {step.by_org}" if step.by_org else ""]
    where += [f"on {step.at}" if step.at else "", f"licence tier {step.licence_tier}" if step.licence_tier else ""]
    where.append(f"enterprise agreement: {answered(step.enterprise_agreement)}")
    where.append(f"trained on {said(step.training_data)} data" if step.training_data else "training data not stated")
    fed = "what it was given is not stated"
    if step.inputs is not None:
        given = [f"{item.id or 'an input'} ({', '.join(map(said, item.kinds or ())) or 'not stated'})" for item in step.inputs]
        fed = f"given {', '.join(given)}" if given else "given nothing"
    return f"{label}{tool}{model} {does}; {', '.join(part for part in where if part)}; {fed}."


def _talent(talent: Talent) -> str:
    what = {"replica": "is replicated", "alteration": "is altered", "synthetic": "is synthesised"}
    does = what[talent.kind] if talent.kind else "is concerned"
    parts = ", ".join(map(said, talent.modality or ()))
    affects = [said(name) for name in ("emotional_tone", "delivery", "intent", "unscripted_words")
               if getattr(talent.affects, name) is Answer.YES]  # fmt: skip
    more = f"; touches {', '.join(affects)}" if affects else ""
    guild = f"; guild {talent.guild}" if talent.guild else ""
    exception = f"; exception {said(talent.exception)}" if talent.exception else ""
    return (
        f"Performer {talent.id or 'without an id'} {does}{f' ({parts})' if parts else ''}; "
        f"recognisable: {answered(talent.recognisable)}{guild}{exception}{more}."
    )
