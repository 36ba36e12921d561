"""Times `tollgate profile` beside its peers, whole processes in turn, and prints medians and ratios.

Usage: run.py TOLLGATE [--scale 1] [--runs 3] [--folder DIR]

Makes TPC-H lineitem with tpchgen-cli into the folder, as Parquet and as CSV. Two threads each. One warm-up run each is not
counted. Figures are the operating system's own of each process: wall and CPU seconds, greatest resident memory.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def made(folder, scale, form):
    path = folder / f"sf{scale}" / f"lineitem.{form}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        generator = Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([generator, form, "-s", scale, "--tables", "lineitem", "--output-dir", path.parent], check=True)
    return str(path)


def once(command):
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "POLARS_MAX_THREADS": "2"})
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise SystemExit(f"{command} ended with {status}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("tollgate")
    arguments.add_argument("--scale", default="1")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tollgate-bench")
    given = arguments.parse_args()
    for form in ("parquet", "csv"):
        path = made(given.folder, given.scale, form)
        peers = [sys.executable, str(HERE / "peers.py")]
        contenders = {
            "tollgate": [given.tollgate, "profile", path, "--quiet", "--output", str(given.folder / "profile.json")],
            "duckdb": [*peers, "duckdb", path],
            "polars": [*peers, "polars", path],
        }
        figures = {name: [] for name in contenders}
        for run in range(given.runs + 1):
            for name, command in contenders.items():
                figure = once(command)
                if run > 0:
                    figures[name].append(figure)
        print(f"\nlineitem, scale {given.scale}, {form}: median of {given.runs} (least to greatest)")
        ours = [statistics.median(column) for column in zip(*figures["tollgate"])]
        for name, runs in figures.items():
            cells = []
            for what, column, own in zip(("wall s", "CPU s", "peak MiB"), zip(*runs), ours):
                middle = statistics.median(column)
                cells.append(f"{what} {middle:.2f} ({min(column):.2f} to {max(column):.2f}), tollgate takes {own / middle:.2f} of it")
            print(f"  {name:<9} " + "; ".join(cells))


main()
