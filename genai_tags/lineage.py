"""What an output inherits from its inputs. Pure: sets in, set out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from genai_tags.model import TagSet
from genai_tags.stubs import make_set
from genai_tags.vocabulary import Basis, Membership


def inherit(inputs: Sequence[TagSet]) -> TagSet:
    """The set of an output made from ``inputs``: every tag of theirs, as *contains*.

    Members beyond the stubs of a header are counted on (``more``); the digest is then unknown until the full sets are read.
    """
    stubs = [dataclasses.replace(stub, membership=Membership.CONTAINS) for each in inputs for stub in each.stubs]
    basis = Basis.INFERRED if any(each.basis is Basis.INFERRED for each in inputs) else Basis.DECLARED
    merged = make_set(stubs, basis)
    more = sum(each.more for each in inputs)
    return dataclasses.replace(merged, more=more, digest=None) if more else merged
