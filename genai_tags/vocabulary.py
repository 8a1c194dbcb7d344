"""The words that facts are made of. Terms are those of the Netflix guidance, IPTC and the field; their values are what people write."""

from __future__ import annotations

from enum import Enum


class Word(str, Enum):
    """An enumeration whose members are the words people write."""

    def __str__(self) -> str:
        return str(self.value)


class Answer(Word):
    """A three-valued fact. Unset behaves as unsure (Netflix guidance: "no" or "unsure" escalates)."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class ElementType(Word):
    """What the element is to the audience."""

    VISUAL = "visual"
    AUDIO = "audio"
    TEXT = "text"


class UseCase(Word):
    """The rows of the Netflix use case matrix, and the rest. A label: rules fire from facts."""

    IDEATION = "ideation"
    BACKGROUND_ELEMENT = "background_element"
    FINAL_DESIGN_OR_KEY_VISUAL = "final_design_or_key_visual"
    TALENT_REPLICATION = "talent_replication"
    UNOWNED_TRAINING_DATA = "unowned_training_data"
    PROPRIETARY_MATERIAL = "proprietary_material"
    OTHER = "other"


class KeyElement(Word):
    """A creative element that carries the story."""

    NONE = "none"
    MAIN_CHARACTER = "main_character"
    KEY_VISUAL = "key_visual"
    CENTRAL_SETTING = "central_setting"


class Operation(Word):
    """What a step does."""

    GENERATE = "generate"
    EDIT = "edit"
    ENHANCE = "enhance"
    TRAIN = "train"
    FINE_TUNE = "fine_tune"


class AIClass(Word):
    """Generation, or analysis such as roto, denoise and upscaling."""

    GENERATIVE = "generative"
    ANALYTIC = "analytic"


class Hosting(Word):
    """Where a tool runs."""

    LOCAL = "local"
    ON_PREMISES = "on_premises"
    ENTERPRISE = "enterprise"
    PUBLIC = "public"


class TrainingData(Word):
    """Who owns what a model was trained on."""

    OWNED = "owned"
    LICENSED = "licensed"
    UNOWNED = "unowned"


class TrainedFor(Word):
    """The production a model was trained for."""

    THIS_PRODUCTION = "this_production"
    OTHER = "other"


class InputKind(Word):
    """What a tool was fed."""

    OWN = "own"
    CLIENT_PROPRIETARY = "client_proprietary"
    PERSONAL_DATA = "personal_data"
    TALENT_LIKENESS = "talent_likeness"
    UNRELEASED_FOOTAGE = "unreleased_footage"
    CONTRACT = "contract"
    SCRIPT = "script"
    THIRD_PARTY_IP = "third_party_ip"
    PUBLIC_FIGURE = "public_figure"
    DECEASED_PERSON = "deceased_person"


class TalentKind(Word):
    """How a performer is concerned."""

    REPLICA = "replica"
    ALTERATION = "alteration"
    SYNTHETIC = "synthetic"


class Modality(Word):
    """What of a performer is concerned."""

    FACE = "face"
    BODY = "body"
    VOICE = "voice"


class TalentException(Word):
    """Why no further consent is needed (Netflix guidance, talent enhancement)."""

    NONE = "none"
    AS_SCRIPTED = "as_scripted"
    SAFETY = "safety"
    UNRECOGNISABLE = "unrecognisable"
    AS_PERFORMED = "as_performed"
    CUSTOMARY_POST = "customary_post"
    AGREED_DUB_OR_DOUBLE = "agreed_dub_or_double"


class HumanLevel(Word):
    """How much of the result is a person's work."""

    NONE = "none"
    SELECTION = "selection"
    EDITING = "editing"
    SUBSTANTIAL = "substantial"


class FrameShare(Word):
    """Major: more than half of the frame."""

    MINOR = "minor"
    MAJOR = "major"


class Basis(Word):
    """How we know: a person said so, a mark was found, or it follows from something else."""

    DECLARED = "declared"
    DETECTED = "detected"
    INFERRED = "inferred"


class Stage(Word):
    """How far the material is from the audience."""

    IDEATION = "ideation"
    TEMP = "temp"
    FINAL = "final"


class Presence(Word):
    """How the element is seen or heard."""

    NONE = "none"
    INCIDENTAL = "incidental"
    PROMINENT = "prominent"


class Purpose(Word):
    """What the picture is for."""

    PROGRAMME = "programme"
    PROMO = "promo"
    ADVERTISING = "advertising"
    PITCH = "pitch"
    OTHER_PRODUCTION = "other_production"


class SourceType(Word):
    """IPTC NewsCodes DigitalSourceType, edition of 2024-09-17, http://cv.iptc.org/newscodes/digitalsourcetype/."""

    DIGITAL_CAPTURE = "digitalCapture"
    COMPUTATIONAL_CAPTURE = "computationalCapture"
    NEGATIVE_FILM = "negativeFilm"
    POSITIVE_FILM = "positiveFilm"
    PRINT = "print"
    HUMAN_EDITS = "humanEdits"
    COMPOSITE_WITH_TRAINED = "compositeWithTrainedAlgorithmicMedia"
    ALGORITHMICALLY_ENHANCED = "algorithmicallyEnhanced"
    DIGITAL_CREATION = "digitalCreation"
    DATA_DRIVEN_MEDIA = "dataDrivenMedia"
    TRAINED_ALGORITHMIC_MEDIA = "trainedAlgorithmicMedia"
    ALGORITHMIC_MEDIA = "algorithmicMedia"
    SCREEN_CAPTURE = "screenCapture"
    VIRTUAL_RECORDING = "virtualRecording"
    COMPOSITE = "composite"
    COMPOSITE_CAPTURE = "compositeCapture"
    COMPOSITE_SYNTHETIC = "compositeSynthetic"


class Membership(Word):
    """How a set's member concerns the media: it is that element, or it contains it."""

    SOURCE = "source"
    CONTAINS = "contains"


class EvidenceKind(Word):
    """What a person can give."""

    NOTICE = "notice"
    ANSWER = "answer"
    QUESTION = "question"
    REQUEST = "request"
    APPROVAL = "approval"
    REJECTION = "rejection"
    REVOCATION = "revocation"
    WAIVER = "waiver"
    TALENT_CONSENT = "talent_consent"
    GUILD_CONSENT = "guild_consent"
    RIGHTS_CLEARANCE = "rights_clearance"
    LEGAL_REVIEW = "legal_review"
    HUMAN_INPUT = "human_input"
    LABEL = "label"


REFUSALS = (EvidenceKind.REJECTION, EvidenceKind.REVOCATION)
"""They count whoever gives them."""


class ReplicaType(Word):
    """Kinds of digital replica in the SAG-AFTRA TV/Theatrical agreement of 2023."""

    EMPLOYMENT_BASED = "employment_based"
    INDEPENDENTLY_CREATED = "independently_created"
    BACKGROUND_ACTOR = "background_actor"
    SYNTHETIC = "synthetic"


class Signer(Word):
    """Who signed a performer's consent."""

    PERFORMER = "performer"
    ESTATE = "estate"
    UNION = "union"


class ToolStatus(Word):
    """Whether a show lets a tool be used; mild to strict."""

    ALLOWED = "allowed"
    WITHDRAWN = "withdrawn"
    PROHIBITED = "prohibited"


class ToolClass(Word):
    """What kind of tool it is (the four classes of the Tool Disclosure List)."""

    EMBEDDED_FEATURE = "embedded_feature"
    AI_ASSISTED = "ai_assisted"
    GENERATIVE_SYSTEM = "generative_system"
    CLOUD_PLATFORM = "cloud_platform"


class Risk(Word):
    """How risky a tool was found to be."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
