"""Qt widgets for Nuke's panel, the Resolve panel and the desk: PySide6 and the standard library; no host is known here."""
