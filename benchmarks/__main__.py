"""Run every benchmark and print one table: what was measured, the ratio, and the bar it is held against."""

from __future__ import annotations

import sys

from benchmarks import conforming, lineage, painting, reading, tagging
from benchmarks.measure import Row


def main() -> int:
    """Print the table; the exit code is 0 whatever the figures."""
    rows: list[Row] = []
    for module in (tagging, reading, conforming, lineage, painting):
        print(f"... {module.__name__}", file=sys.stderr, flush=True)
        rows.extend(module.run())
    width = max(len(row.what) for row in rows)
    for row in rows:
        print(f"{row.what:<{width}}  {row.figure:>24}  {row.bar}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
