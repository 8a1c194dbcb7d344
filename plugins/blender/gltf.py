"""Imported glTF: who made it stands in the file and is dropped by Blender. What a 3D generator made is marked as it comes in."""

from __future__ import annotations

from typing import Any

from . import detect
from .log import guarded


class glTF2ImportUserExtension:
    """What Blender's importer looks for, by this name, in every add-on that is on."""

    def __init__(self) -> None:
        self.extensions: list[Any] = []
        self._generator: str | None = None

    @guarded
    def gather_import_gltf_before_hook(self, gltf: Any) -> None:
        """The file was read; nothing of it is there yet."""
        asset = gltf.data.asset
        self._generator = detect.generator_of(str(getattr(asset, "generator", "") or ""))

    @guarded
    def gather_import_node_after_hook(self, vnode: Any, node: Any, obj: Any, gltf: Any) -> None:
        """An object of it was made."""
        if self._generator and obj is not None:
            obj[detect.GENERATOR] = self._generator
