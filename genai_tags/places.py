"""Where media lies: paths as the ledger keeps them, below named roots, so that they mean the same on every system."""

from __future__ import annotations

import os

from genai_tags.config import Config


class Places:
    """The media roots of a show."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._known: dict[str, str] = {}

    def relative(self, path: str) -> str:
        """A path as the ledger keeps it: ``root:folder/name``, so that it means the same on another operating system.

        A path below a root of another operating system (from a cut, say) is understood as well.
        """
        if path not in self._known:
            self._known[path] = self._foreign(path) or self._below_a_root(path)
        return self._known[path]

    def absolute(self, relative: str) -> str:
        """Where a path of the ledger lies on this machine."""
        name, colon, rest = relative.partition(":")
        root = self.config.roots().get(name) if colon else None
        return os.path.join(root, *rest.split("/")) if root is not None else relative

    def _below_a_root(self, path: str) -> str:
        folder, name = os.path.split(os.path.abspath(path))
        full = os.path.join(os.path.realpath(folder), name)
        best = max(
            ((name, root) for name, root in self.config.roots().items() if full.startswith(root.rstrip(os.sep) + os.sep)),
            key=lambda item: len(item[1]),
            default=None,
        )
        found = (
            full.replace(os.sep, "/") if best is None else f"{best[0]}:{os.path.relpath(full, best[1]).replace(os.sep, '/')}"
        )
        return found.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def _foreign(self, path: str) -> str | None:
        plain = path.replace("\\", "/")
        for name, systems in self.config.media_roots.items():
            for root in systems.values():
                prefix = root.replace("\\", "/").rstrip("/") + "/"
                if plain.lower().startswith(prefix.lower()) and not os.path.exists(path):
                    return f"{name}:{plain[len(prefix) :]}"
        return None
