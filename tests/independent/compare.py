"""Compares what tollgate counts with what pyarrow, DuckDB, Polars and Python count.

Usage: compare.py PATH-OF-THE-BINARY [STEP ...]

Steps (all without any): flights lineitem conformance random random_csv measures summaries verdicts planted drift.

Exits 1 on any difference, and names each: file, column, measure, tollgate's number, the other one and whose it is.
Whole numbers, floats that are values, sums and counts exactly; what another program rounds, within what its
arithmetic may lose (see aggregates.py).
"""

import sys
import tempfile
import time
from pathlib import Path

import gate
import measures
import profiles
import summaries
from comparison import Comparison

STEPS = {
    "flights": profiles.flights,
    "lineitem": profiles.lineitem,
    "conformance": profiles.conformance,
    "random": profiles.random_parquet,
    "random_csv": profiles.random_csv,
    "measures": measures.measures,
    "summaries": summaries.summaries,
    "verdicts": gate.verdicts,
    "planted": gate.planted,
    "drift": gate.drift,
}


def main():
    binary, *wanted = sys.argv[1:]
    comparison = Comparison(str(Path(binary).resolve()))
    with tempfile.TemporaryDirectory() as scratch:
        for name in wanted or STEPS:
            before, start = comparison.compared, time.monotonic()
            STEPS[name](comparison, scratch)
            seconds = time.monotonic() - start
            print(f"{name}: {comparison.compared - before} numbers compared in {seconds:.0f} s", flush=True)
    for (by, reason), times in sorted(comparison.left_out.items()):
        print(f"not read by {by}, {times} columns: {reason}")
    for difference in comparison.differences:
        print(f"differs: {difference}"[:700])
    print(f"{comparison.compared} compared, {len(comparison.differences)} differ")
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
