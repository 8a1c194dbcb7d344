"""The bridge between DaVinci Resolve and the desk. It runs inside Resolve: the standard library alone, Python 3.9 and later."""
