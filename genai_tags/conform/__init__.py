"""The conform check: of every event of a cut, may it ship, and why or why not."""
