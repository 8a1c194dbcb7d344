"""What a form asks of an element, in which order and in which words: shared by the forms of every host, whatever draws them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from genai_tags.model import Step, Tag
from genai_tags.policy.asking import MatrixRow, matrix
from genai_tags.policy.pack import Pack
from genai_tags.show import Judged
from genai_tags.vocabulary import Basis, UseCase

NOT_STATED = "not stated"
LABELS = {
    "no_recreation": "No unowned material is recreated",
    "no_training_on_inputs": "Tools do not keep or train on inputs",
    "secure_environment": "Enterprise-secured environment",
    "temporary": "Temporary, not in the final picture",
    "no_talent_replacement": "No performance is replaced or generated",
    "could_mislead": "Could be taken for real events or people",
    "union_role_impact": "Affects work of union-represented people",
    "story_relevant": "Carries story",
    "ai_class": "Generative or analytic",
    "by_org": "Run by (company)",
    "at": "Done on (day)",
    "ref": "Reference (private)",
    "element": "Element (private)",
    "prompt": "Prompt (private)",
    "prompt_template": "Prompt template (private)",
    "seed": "Seed (private)",
    "text": "What a person did (private)",
    "digital_source_type": "IPTC digital source type",
}

LATER: dict[type, tuple[str, ...]] = {
    Step: (
        "version", "model", "by_org", "hosting", "licence_tier", "enterprise_agreement", "terms_ref", "terms_date", "stores_inputs",
        "reuses_inputs", "trains_on_inputs", "training_data", "trained_on_talent", "trained_for", "prompt", "prompt_template", "seed",
    ),
}  # fmt: skip
"""Fields that are folded away until they are wanted: the register settles most of them."""

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What it is", ("element", "element_type", "key_element")),
    ("How it was made", ("steps",)),
    ("Performers", ("talent",)),
    ("The guiding principles", ("answers", "could_mislead", "union_role_impact")),
    ("And", ("human_input", "frame_share", "digital_source_type")),
)
HELP = {
    "step.at": "Decides whether a consent came before the work, and which terms of the tool held that day.",
    "step.tool": "As the tool register calls it: naming it there settles most of the rest.",
    "use.shot": "What is approved or cleared for a shot is looked up by its name.",
    "use.frames": "Frame numbers of the shot's sequence, both ends included; empty is all of them.",
    "input.id": "Clearances and consents name what they are for by this id.",
    "talent.id": "A name that says nothing outside the production; consents name performers by it.",
}
"""What no rule says, and somebody who fills in the form must know."""
NO_HELP = "No rule in force reads this by itself; it is kept, and said in reports."
DOUBTED = {Basis.DETECTED: "Detected on the media", Basis.INFERRED: "Taken over from what it was made of"}


def label(name: str) -> str:
    """What a form calls a field."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def rule_path(path: str) -> str:
    """What rules call an item of a list: ``step``, ``input``, ``talent``, ``use``."""
    return path.rpartition(".")[2].removesuffix("s")


def rows(packs: Iterable[Pack]) -> list[MatrixRow]:
    """The rows to choose from: those of every pack's matrix, then the use cases that no matrix covers."""
    found = matrix(packs)
    covered = {row.use_case for row in found}
    left = [word for word in UseCase if word not in covered]
    return found + [MatrixRow("", "", str(word).replace("_", " ").capitalize(), "", "", word, {}) for word in left]


def row_of(found: Sequence[MatrixRow], tag: Tag, judged: Iterable[Judged]) -> MatrixRow | None:
    """The row that a tag is: of those with its use case the one whose rule fires, else the first."""
    if tag.use_case is None:
        return None
    firing = {(f.pack, f.rule) for each in judged for f in each.verdict.assessment.findings if f.live and not f.open}
    fitting = [row for row in found if row.use_case is tag.use_case]
    return next((row for row in fitting if (row.pack, row.rule) in firing), next(iter(fitting), None))


def presets(row: MatrixRow | None) -> Mapping[str, str]:
    """The facts that a row settles, as path and word: what nobody stated yet is filled in from them."""
    return {path: words[0] for path, words in (row.states if row else {}).items() if len(words) == 1}
