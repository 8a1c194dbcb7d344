"""One renderer for each output, shared by every verb."""
