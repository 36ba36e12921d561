"""Times `tollgate profile`, its peers and the ladder below it: whole processes in turn, medians, spreads and ratios.

benches/run.sh builds and calls it; benches/README.md says how to read it. Data is made once into the folder. One
warm-up round is not counted. Figures are the operating system's own of each process: wall seconds, CPU seconds (user
and system, all threads), greatest resident memory.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FLIGHTS = HERE.parents[1] / "examples" / "flights" / "data"
PEERS = {
    "duckdb": "DuckDB SUMMARIZE",
    "polars": "Polars, same statistics, lazy",
    "whylogs": "whylogs, one thread",
    "ydata": "ydata-profiling minimal, first 100,000 rows",
    "qsv": "qsv stats --everything, 2 jobs",
}
# qsv keeps what it found beside the data otherwise, and answers from it the next time.
NO_CACHE = ("--force", "--cache-threshold", "0")
# Step, what it is; the first is what the others are held against.
LADDERS = {
    "parquet": {
        "decode": "arrow-rs decode, no statistics",
        "read": "read the bytes",
        "decompress": "decompress the pages",
    },
    "csv": {"split": "split fields, no statistics", "read": "read the bytes"},
}


def made(folder, scale, form):
    """TPC-H lineitem; generated beside its place and moved there when whole."""
    path = folder / f"sf{scale}" / f"lineitem.{form}"
    if not path.exists():
        part = path.parent / "part"
        part.mkdir(parents=True, exist_ok=True)
        generator = Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run(
            [generator, form, "-s", scale, "--tables", "lineitem", "--output-dir", part],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (part / path.name).rename(path)
    return path


def once(command):
    """Wall seconds, CPU seconds, peak MiB of one process; absent when it does not end well."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        print(f"  {command[0]} ended with {status}: {said.decode(errors='replace')[-300:]}")
        return None
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def two_processors():
    """Keeps this process and what it starts on two processors, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def contenders(given, path):
    """Name and command of everything that is timed on a file: tollgate, its ladder, its peers."""
    form = path.suffix[1:]
    found = {
        "tollgate": [given.tollgate, "profile", str(path), "--quiet", "--output", str(given.folder / "profile.json")]
    }
    if given.ladder:
        for step, what in LADDERS[form].items():
            found[what] = [given.ladder, step, str(path)]
    for peer in given.peers:
        if peer == "qsv":
            if form == "csv" and given.qsv:
                found[PEERS[peer]] = [given.qsv, "stats", "--everything", "--jobs", "2", *NO_CACHE, str(path)]
        else:
            found[PEERS[peer]] = [sys.executable, str(HERE / "peers.py"), peer, str(path)]
    return found


def measure(commands, runs):
    """Figures of every contender, in alternation; one that fails is left out from then on."""
    figures = {name: [] for name in commands}
    for run in range(runs + 1):
        for name in list(figures):
            figure = once(commands[name])
            if figure is None:
                del figures[name]
            elif run > 0:
                figures[name].append(figure)
    return figures


def cell(values, own):
    middle = statistics.median(values)
    digits = 0 if middle >= 100 else 1 if middle >= 10 else 2
    ratio = f"{middle / own:.2f}" if middle < 10 * own else f"{middle / own:.0f}"
    return f"{middle:.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f}) | {ratio}"


def table(title, figures, base):
    """One Markdown table; ratios are medians against the contender called `base`."""
    if base not in figures:
        print(f"\n{title}: {base} did not run\n")
        return
    own = [statistics.median(column) for column in zip(*figures[base])]
    print(f"\n{title}; ratios against {base}\n")
    print("| contender | CPU s | ratio | wall s | ratio | peak MiB | ratio |\n|---|---|---|---|---|---|---|")
    for name, runs in sorted(figures.items(), key=lambda f: statistics.median(r[1] for r in f[1])):
        wall, cpu, peak = zip(*runs)
        cells = [cell(values, o) for values, o in ((cpu, own[1]), (wall, own[0]), (peak, own[2]))]
        print(f"| {name} | {' | '.join(cells)} |")
    sys.stdout.flush()


def report(given, path, what):
    commands = contenders(given, path)
    runs = given.runs
    figures = measure(commands, runs)
    size = path.stat().st_size / 1e6
    title = f"{what}, {size:.0f} MB {path.suffix[1:]}, median of {runs} (least to greatest)"
    base, *_ = LADDERS[path.suffix[1:]].values()
    steps = {"tollgate", *LADDERS[path.suffix[1:]].values()}
    peers = {name: f for name, f in figures.items() if name == "tollgate" or name not in steps}
    if len(peers) > 1:
        table(title, peers, "tollgate")
    if given.ladder:
        table(f"ladder: {title}", {name: f for name, f in figures.items() if name in steps}, base)


def metadata_only(given, path):
    """A contract that only asks for the number of rows: no page is read."""
    folder = given.folder / "metadata-only"
    folder.mkdir(parents=True, exist_ok=True)
    dataset = {"path": str(path), "profile": False, "expect": [{"row_count": {"min": 1}}]}
    contract = json.dumps({"version": 1, "datasets": {"d": dataset}})
    (folder / "tollgate.yaml").write_text(contract)
    command = [given.tollgate, "run", str(folder / "tollgate.yaml"), "--quiet", "--output", str(folder / "out")]
    walls = [figure[0] * 1000 for figure in (once(command) for _ in range(given.runs + 1)) if figure][1:]
    if walls:
        print(
            f"\nmetadata-only contract: {statistics.median(walls):.0f} ms wall ({min(walls):.0f} to {max(walls):.0f})"
        )


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tollgate")
    parser.add_argument("--ladder", help="the built benchmark of that name")
    parser.add_argument("--scale", default="1", help="of lineitem: 1 is 6 million rows, 10 is 60 million")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, required=True, help="where data is made and kept")
    parser.add_argument("--peers", default=",".join(PEERS), help="which, by commas; none: an empty text")
    parser.add_argument("--formats", default="parquet,csv")
    parser.add_argument("--qsv", default=shutil.which("qsv"))
    given = parser.parse_args()
    given.peers = [peer for peer in given.peers.split(",") if peer]
    for peer in given.peers:
        if peer not in PEERS:
            parser.error(f"no peer is called {peer}; there are {', '.join(PEERS)}")
    return given


def main():
    given = arguments()
    given.folder.mkdir(parents=True, exist_ok=True)
    two_processors()
    print(
        f"{platform.machine()}, {os.cpu_count()} processors of which 2 are used, load {os.getloadavg()[0]:.1f}"
    )
    if "qsv" in given.peers and not given.qsv:
        print("qsv: not built, left out")
    for form in given.formats.split(","):
        path = made(given.folder, given.scale, form)
        report(given, path, f"lineitem, scale {given.scale}")
        if form == "parquet":
            metadata_only(given, path)
        report(given, FLIGHTS / f"flights-2013-02.{form}", "flights, 24,951 rows")


if __name__ == "__main__":
    main()
