"""The rules in force in a show: packs by name, territory and opting in, and the tool register."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

from genai_tags import files
from genai_tags.config import Config
from genai_tags.errors import InputError, Problem, ShowError
from genai_tags.policy.pack import Pack, RuleKind, builtin, builtin_names, builtin_text, read_pack
from genai_tags.policy.register import Register, read_register
from genai_tags.territories import overlap

BASE_PACK = "base"
"""The least that holds anywhere; in force where no other pack asks for the standing duty."""
TOOLS_PACK = "tools"
"""The pack that reads the register; in force where a show has one."""


def load_pack(name: str, folder: str = ".") -> Pack:
    """A pack by name, or from a ``.yaml`` file (relative to ``folder``). Raises InputError."""
    if not name.endswith((".yaml", ".yml")):
        return builtin(name)
    path = os.path.join(folder, name)
    try:
        data = files.read(path)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None
    pack = read_pack(data, path)
    if pack.id in builtin_names() and data != builtin_text(pack.id):
        raise InputError(path, [Problem("id", f"{pack.id} is a pack that comes with genai_tags; give yours an id of its own")])
    return pack


def packs_in_force(config: Config) -> list[Pack]:
    """The show's packs that hold in its territories, each binding or not. Raises ShowError where one cannot be read.

    A show that states no territories is subject to all of its packs.
    """
    names = [*config.packs, *([TOOLS_PACK] if config.register and TOOLS_PACK not in config.packs else [])]
    found: list[Pack] = []
    for name in names:
        try:
            pack = load_pack(name, config.folder)
        except InputError as error:
            raise ShowError(str(error)) from None
        if any(each.id == pack.id for each in found):
            raise ShowError(f"{config.path}: packs: {name} has the id {pack.id}, which another pack has already")
        if not pack.territories or not config.territories or overlap(pack.territories, config.territories):
            found.append(bound(config, pack, name))
    return with_base(found)


def with_base(packs: Sequence[Pack]) -> list[Pack]:
    """Packs, and the base pack where no other binding one asks for the standing duty."""
    others = [pack for pack in packs if pack.id != BASE_PACK]
    told = any(rule.kind is RuleKind.DUTY for pack in others if pack.binding for rule in pack.rules)
    return others if told else [*others, builtin(BASE_PACK)]


def bound(config: Config, pack: Pack, name: str = "") -> Pack:
    """A pack as it holds in a show: an informational one binds where the show opts in."""
    return dataclasses.replace(pack, binding=not pack.informational or bool({name, pack.id} & set(config.binding)))


def load_register(config: Config) -> Register:
    """The show's tool register; an empty one where genai.yaml names none. Raises ShowError where it cannot be read."""
    if config.register is None:
        return Register()
    path = os.path.join(config.folder, config.register.file)
    try:
        return read_register(files.read(path), path, config.register.file, config.register.terms_days)
    except OSError as error:
        raise ShowError(f"{path}: the tool register cannot be read: {error.strerror}") from None
    except InputError as error:
        raise ShowError(str(error)) from None
