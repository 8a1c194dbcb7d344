"""OpenEXR headers at byte level: read, and edited without touching a chunk. Source: OpenEXR File Layout (openexr.com)."""
