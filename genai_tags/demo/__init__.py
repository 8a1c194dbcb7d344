"""The demo: a small show with its own media, told by calls of the public command line."""
