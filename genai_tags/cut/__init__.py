"""A cut: a timeline in whatever format, as events in file order."""
