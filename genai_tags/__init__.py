"""GenAI metadata for clips and shots: what in this shot is AI, who allowed it, and is that still true in this cut?"""

__version__ = "0.1.0"
