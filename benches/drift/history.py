"""Nights one after the other through the command line, with the history of the nights before as the reference."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cells
import tables
from contenders import Tollgate, children, flags

LEVELS = {"0.05": "0.05", "0.01": "0.01", "1 a year": "{per: year, rate: 1}"}


class Walk:
    """A contender for the cache alone: the binary, `reference: history`, one level."""

    def __init__(self, binary, level):
        self.one = Tollgate(binary, level)
        self.level, self.name, self.version = level, f"tollgate history {level}", self.one.version
        self.key = self.one.key.replace("tollgate-", "tollgate-history-").replace(" ", "_")


def walks(args):
    return [Walk(args.tollgate, level) for level in LEVELS]


def walks_named():
    return [f"tollgate history {level}" for level in LEVELS]


def there(binary):
    """Whether this binary keeps a history."""
    said = subprocess.run([binary, "run", "--help"], capture_output=True, text=True, check=False)
    return "--no-record" in said.stdout


def cell(series, severity):
    return cells.Cell("night", 0, series, severity, "history")


def measure(args, cache):
    """Every series at every level that has no answers yet."""
    if not there(args.tollgate):
        print("this tollgate keeps no history: the nightly rows of it stay empty", file=sys.stderr)
        return
    for one in walks(args):
        if args.only and one.name not in args.only:
            continue
        for series in tables.SERIES:
            wanted = {str(i) for i in cells.tested(series)}
            if not wanted <= set(cache.read(one, cell(series, "calm"))):
                walk(one, series, args, cache)


def walk(one, series, args, cache):
    """All nights in order: each tested one with its faults first, which are not recorded, then as it was.

    What is flagged stays flagged, as with a user who marks nothing.
    """
    found, wanted = cells.days(series), set(cells.tested(series))
    for severity in ("calm", "middle", "large"):
        cache.file(one, cell(series, severity)).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        level = LEVELS[one.level]
        (folder / "tollgate.yaml").write_text(
            "version: 1\nhistory: nights\ndatasets:\n"
            f"  batch: {{path: batch.parquet, reference: history, drift: {{false_alarm: {level}, severity: error}}}}\n"
        )
        for at, (date, frame) in enumerate(found):
            if at in wanted:
                for severity in ("middle", "large"):
                    broken, kind = cells.night(series, at, severity, args)
                    answer = judge(one, folder, date, broken, ["--no-record"])
                    cache.append(one, cell(series, severity), [{"id": str(at), "kind": kind, **answer}])
            answer = judge(one, folder, date, frame, [])
            if at in wanted:
                cache.append(one, cell(series, "calm"), [{"id": str(at), **answer}])
    print(f"{one.name}: {series} walked", file=sys.stderr, flush=True)


def judge(one, folder, date, frame, more):
    """One night's run, as `drift_history` says it."""
    frame.to_parquet(folder / "batch.parquet", index=False)
    start = children()
    command = [one.one.binary, "run", "-q", "--output", "out", "--now", f"{date}T06:00:00Z", *more]
    record = folder / "out/run.json"
    record.unlink(missing_ok=True)
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    cpu = round(children() - start, 4)
    if not record.exists():
        raise RuntimeError(f"{one.name} wrote no record on {date}: {ran.stdout[-500:]} {ran.stderr[-500:]}")
    outcomes = json.loads(record.read_text())["outcomes"]
    said = next(o for o in outcomes if o["check"] == "drift_history")
    return {"flags": flags(said), "cpu": cpu}
