"""genai_tags inside Nuke: host objects to core objects and back, nothing else."""

from genai_tags import __version__

__all__ = ["__version__"]

OLDEST, NEWEST = 15, 17
"""Major versions that this was built for. Another one is told, not refused."""
