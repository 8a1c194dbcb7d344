"""What we promise of speed, measured side by side with peers and with plain copies in one run. ``make bench``."""
