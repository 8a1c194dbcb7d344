"""Strict doubles of hosts that cannot be installed: what they do not know raises, what would hurt the real host is a violation."""
