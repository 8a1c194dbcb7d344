"""Traces that generative add-ons leave in a .blend, whether they are installed or not.

*Found* is what an add-on wrote on the very strip, image or object. *Suspected* is what it left in a scene: that it was used, not
for what. Values are read by an allow-list: these add-ons keep keys and secrets beside them. Sources: the add-ons' own repositories.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from genai_tags.comp.knowledge import Learned
from genai_tags.vocabulary import AIClass, Operation


@dataclass(frozen=True)
class Trace:
    """An add-on that left something on a datablock; ``model`` where it says which."""

    tool: str
    model: str | None = None

    @property
    def learned(self) -> Learned:
        """What it says of a picture."""
        return Learned(self.tool, None, AIClass.GENERATIVE, Operation.GENERATE)


@dataclass(frozen=True)
class _Cluster:
    """Names in a scene that, all together, are one add-on's. One name alone (``seed``, ``my_prompt``) is anybody's."""

    tool: str
    names: tuple[str, ...]
    model: str | None = None


_SCENES = (
    _Cluster("AI Render", ("air_props",)),
    _Cluster("ComfyUI-BlenderAI-node", ("sdn", "sdn_history_item")),
    _Cluster("StableGen", ("comfyui_prompt", "comfyui_negative_prompt"), "model_name"),
    _Cluster("DiffusedTexture", ("my_prompt", "my_negative_prompt", "texture_seed")),
    _Cluster("Tripo", ("tripo_tasks",)),
    _Cluster("Hunyuan3D", ("gen_3d_props",)),
    _Cluster("Dream Textures", ("dream_textures_history",)),
    _Cluster("blender-mcp (Hyper3D Rodin)", ("blendermcp_use_hyper3d",)),
    _Cluster("blender-mcp (Hunyuan3D)", ("blendermcp_use_hunyuan3d",)),
    _Cluster("BlenderGPT", ("gpt4_chat_history",)),
    _Cluster("Pallaidium", ("generate_movie_prompt", "movie_num_seed")),
)
GENERATOR = "genai_generator"
"""Where the import of a glTF file notes who made it."""
_GENERATORS = re.compile(r"(?i)\b(?:tripo|meshy|hyper3d|rodin|hunyuan|trellis|stable fast 3d|stablegen)")


def generator_of(text: str) -> str | None:
    """A glTF ``asset.generator`` that is a 3D generator, as far as it is printable; None for any other program."""
    plain = "".join(c for c in text if c.isprintable())[:80]
    return plain if _GENERATORS.search(plain) else None


_SWITCHES = frozenset(("blendermcp_use_hyper3d", "blendermcp_use_hunyuan3d"))
"""Names that say something only where they are on."""


def found(block: Any) -> Trace | None:
    """What an add-on wrote on a datablock that it made; None where that is nothing."""
    names = _names(block)
    if any(name.startswith("ai_meta_") for name in names):
        return Trace("Pallaidium", _text(block, "ai_meta_model"))
    if "dream_textures_hash" in names:
        return Trace("Dream Textures")
    if "sg_generated" in names and block.get("sg_generated"):
        return Trace("StableGen")
    generator = block.get(GENERATOR) if GENERATOR in names else None
    return Trace(generator[:80]) if isinstance(generator, str) and generator else None


def suspected(scene: Any) -> Iterator[Trace]:
    """Add-ons that were used in a scene."""
    names = _names(scene)
    for cluster in _SCENES:
        if all(name in names for name in cluster.names):
            if cluster.names[0] in _SWITCHES and not _value(scene, cluster.names[0]):
                continue
            yield Trace(cluster.tool, _text(scene, cluster.model) if cluster.model else None)


def _names(block: Any) -> set[str]:
    """The names of properties that a datablock has, those of add-ons that are not installed too."""
    names: set[str] = set()
    for place in _places(block):
        names.update(place.keys())
    return names


def _places(block: Any) -> Iterator[Any]:
    if hasattr(block, "keys"):
        try:
            block.keys()
        except TypeError:  # a kind of data that holds no properties
            return
        yield block
    system = getattr(block, "bl_system_properties_get", None)  # from 5.0 what add-ons declare lies apart
    group = system() if system is not None else None
    if group is not None:
        yield group


def _value(block: Any, name: str) -> Any:
    for place in _places(block):
        if name in place.keys():  # noqa: SIM118 - Blender's property groups are no mappings
            return place[name]
    return None


def _text(block: Any, name: str) -> str | None:
    value = _value(block, name)
    return value[:200] if isinstance(value, str) and value else None
