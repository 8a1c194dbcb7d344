"""What the demo's artists declare, as they would write it in FACTS.yaml."""

from __future__ import annotations

_SECURE = """\
  answers: {no_recreation: yes, no_training_on_inputs: yes, secure_environment: yes, temporary: %s, no_talent_replacement: yes}
"""

_STEP = """\
  steps:
    - tool: %s
      operation: %s
      ai_class: generative
      hosting: on_premises
      enterprise_agreement: yes
      stores_inputs: no
      reuses_inputs: no
      trains_on_inputs: no
      training_data: licensed
      trained_on_talent: no
      inputs: [{id: %s, kinds: [own]}]
      prompt: %s
"""

SET_EXTENSION = (
    "tag:\n  element: street and skyline behind the collapsing building\n  element_type: visual\n  use_case: background_element\n"
    "  key_element: none\n" + _SECURE % "no"
    + _STEP % ("InHouse Diffusion", "generate", "I1", "ruined street, dusk, dust, matching plate DMO_101_010_0010")
    + "  talent: []\n  could_mislead: no\n  union_role_impact: no\n  human_input: {level: substantial}\n"
    "uses:\n  - {shot: DMO_101_010_0010, stage: final, presence: prominent, story_relevant: yes}\n"
)  # fmt: skip

SKY = (
    "tag:\n  element: sky replacement over the harbour\n  element_type: visual\n  use_case: background_element\n"
    "  key_element: none\n" + _SECURE % "no"
    + _STEP % ("InHouse Diffusion", "generate", "I2", "storm clouds over a harbour, wide, no birds")
    + "  talent: []\n  could_mislead: no\n  union_role_impact: no\n  human_input: {level: editing}\n"
    "uses:\n  - {shot: DMO_101_010_0020, stage: final, presence: prominent, story_relevant: no}\n"
)  # fmt: skip

DE_AGEING = (
    "tag:\n  element: lead actor twenty years younger\n  element_type: visual\n  use_case: talent_replication\n"
    "  key_element: main_character\n"
    "  answers: {no_recreation: yes, no_training_on_inputs: yes, secure_environment: yes, temporary: no, no_talent_replacement: no}\n"
    + (_STEP % ("FaceWorks", "edit", "I3", "make 25 years old")).replace("[own]", "[talent_likeness, unreleased_footage]")
    + "  talent: [{id: T07, kind: replica, modality: [face], recognisable: yes, guild: SAG-AFTRA, exception: none}]\n"
    "  could_mislead: no\n  union_role_impact: yes\n  human_input: {level: substantial}\n"
    "uses:\n  - {shot: DMO_101_020_0010, stage: final, presence: prominent, story_relevant: yes}\n"
)

POSTER = (
    "tag:\n  element: concert poster on the far wall\n  element_type: visual\n  use_case: background_element\n"
    "  key_element: none\n" + _SECURE % "no"
    + _STEP % ("InHouse Diffusion", "generate", "I4", "faded concert poster, invented band, no readable names")
    + "  talent: []\n  could_mislead: no\n  union_role_impact: no\n  human_input: {level: editing}\n"
    "uses:\n  - {shot: DMO_101_020_0020, stage: final, presence: incidental, story_relevant: no}\n"
)  # fmt: skip

TEMP_MATTE = (
    "tag:\n  element: placeholder city behind the window\n  element_type: visual\n  use_case: ideation\n"
    "  key_element: none\n" + _SECURE % "yes"
    + _STEP % ("Cloud Imager", "generate", "I5", "generic city at night out of a window")
    + "  talent: []\n  could_mislead: no\n  union_role_impact: no\n"
    "uses:\n  - {shot: DMO_101_030_0010, stage: temp, presence: incidental, story_relevant: no}\n"
)  # fmt: skip
