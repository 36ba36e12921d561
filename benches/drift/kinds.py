"""Which kind of change the drift gate names when one is put into a real table.

Usage: python kinds.py TOLLGATE [--pairs 20] [--sizes 1000 5000] [--seed 1]
Needs numpy, pandas and pyarrow of requirements.txt. Deterministic.

Every pair is drawn without replacement from the flights of February 2013, both sides in the order of the file; then one
fault is put into the second side. `found` is the share of pairs in which the faulty column (or the rows) are named as
changed at all, `named` the share in which the sentence says the kind as well, `other` the share in which any sentence
says a kind that was not put in.
"""

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

FLIGHTS = Path(__file__).parents[2] / "examples/flights/data/flights-2013-02.parquet"

# What sentences say of each kind.
SAID = {
    "unit": r"a change of unit",
    "stuck": r"filled in or got stuck",
    "cut": r"as if it had been cut off there",
    "recoded": r"seems? to be (written|one value)",
    "burst": r"lie in (about )?rows",
    "copy": r"again, in the same order",
    "misjoined": r"no longer belong",
    "swapped": r"as if swapped with",
    "time zone": r"as if the time zone",
    "precision": r"what is finer had been cut off",
    "default date": r"stood for missing or unreadable",
}


def table():
    """The flights with the scheduled departure as one moment, which the table gives in parts."""
    frame = pd.read_parquet(FLIGHTS)
    clock = frame["sched_dep_time"]
    day = pd.to_datetime(frame[["year", "month", "day"]])
    frame["scheduled"] = day + pd.to_timedelta(clock // 100, "h") + pd.to_timedelta(clock % 100, "m")
    frame["scheduled"] = frame["scheduled"].astype("datetime64[us]")
    return frame.drop(columns=["year", "month", "day", "hour", "minute", "sched_dep_time"])


def numbers(frame, column):
    return frame[column].astype("float64")


def rename(frame, rng):
    old = rng.choice(["EWR", "JFK", "LGA"])
    frame["origin"] = frame["origin"].replace({old: "Renamed"})


def rename_many(frame, rng):
    frame["carrier"] = frame["carrier"].replace({"UA": "United", "DL": "Delta", "MQ": "Envoy"})


def merge(frame, rng):
    frame["carrier"] = frame["carrier"].replace({"US": "AA"})


def relabel(frame, rng):
    rows = (frame["carrier"] == "UA") & (rng.random(len(frame)) < 0.5)
    frame.loc[rows, "carrier"] = "B6"


def new_value(frame, rng):
    frame.loc[rng.random(len(frame)) < 0.1, "origin"] = "SWF"


def missing(frame, rng):
    frame.loc[rng.random(len(frame)) < 0.08, "air_time"] = pd.NA


def missing_burst(frame, rng):
    start = int(rng.integers(len(frame) * 9 // 10))
    frame.loc[start : start + len(frame) // 12, "air_time"] = pd.NA


def copied_block(frame, rng):
    block = len(frame) // 15
    start = int(rng.integers(len(frame) // 2))
    return pd.concat([frame.iloc[: len(frame) - block], frame.iloc[start : start + block]])


def repeated(frame, rng):
    rows = rng.integers(len(frame), size=len(frame) // 15)
    both = pd.concat([frame, frame.iloc[rows]])
    return both.iloc[rng.permutation(len(both))]


def shuffled(frame, rng):
    frame["distance"] = frame["distance"].to_numpy()[rng.permutation(len(frame))]


def shuffled_part(frame, rng):
    rows = np.flatnonzero(rng.random(len(frame)) < 0.5)
    values = frame["distance"].to_numpy().copy()
    values[rows] = values[rng.permutation(rows)]
    frame["distance"] = values


def unit(frame, rng):
    frame["distance"] = numbers(frame, "distance") * 1.609344


def unit_part(frame, rng):
    values = numbers(frame, "distance")
    frame["distance"] = values.where(rng.random(len(frame)) >= 0.1, values * 1000)


def stuck(frame, rng):
    frame.loc[rng.random(len(frame)) < 0.15, "air_time"] = 120


def cut(frame, rng):
    frame["air_time"] = frame["air_time"].clip(upper=200)


def swapped(frame, rng):
    frame["distance"], frame["air_time"] = numbers(frame, "air_time"), numbers(frame, "distance")


def shifted(frame, rng):
    frame["distance"] = numbers(frame, "distance") + 150


def time_zone(frame, rng):
    frame["scheduled"] = frame["scheduled"] - pd.Timedelta(hours=5)


def precision(frame, rng):
    frame["scheduled"] = frame["scheduled"].dt.floor("h")


def default_date(frame, rng):
    rows = rng.random(len(frame)) < 0.03
    frame["scheduled"] = frame["scheduled"].mask(rows, pd.Timestamp("1970-01-01"))


# Fault, outcome that has to be there, kind that its sentence has to say (none: it must say none).
FAULTS = {
    "one value renamed": (rename, r"unseen\(origin\)", "recoded"),
    "three values renamed": (rename_many, r"unseen\(carrier\)", "recoded"),
    "one value merged into another": (merge, r"unseen\(carrier\)", "recoded"),
    "half of a value relabelled": (relabel, r"mix\(carrier\)", "recoded"),
    "new value in 10 % of the rows": (new_value, r"unseen\(origin\)", None),
    "missing in 8 %, in one block": (missing_burst, r"missing\(air_time\)", "burst"),
    "missing in 8 %, all over": (missing, r"missing\(air_time\)", None),
    "block of 7 % there twice": (copied_block, "repeated", "copy"),
    "7 % repeated here and there": (repeated, "repeated", None),
    "one column shuffled": (shuffled, "correlation", "misjoined"),
    "half of a column shuffled": (shuffled_part, "correlation", "misjoined"),
    "miles to kilometres": (unit, r"\(distance\)", "unit"),
    "10 % times 1,000": (unit_part, r"\(distance\)", "unit"),
    "shifted by 150": (shifted, r"\(distance\)", None),
    "stuck in 15 %": (stuck, r"\(air_time\)", "stuck"),
    "cut off": (cut, r"\(air_time\)", "cut"),
    "two columns swapped": (swapped, r"\((distance|air_time)\)", "swapped"),
    "time zone of one column": (time_zone, r"(time_of_day|gap)\(scheduled\)", "time zone"),
    "cut off to the hour": (precision, r"precision\(scheduled\)", "precision"),
    "1970-01-01 in 3 %": (default_date, r"default_date\(scheduled\)", "default date"),
}


def sentences(binary, pairs):
    """Outcomes of changes by pair: their checks and messages."""
    with tempfile.TemporaryDirectory() as folder:
        folder, lines = Path(folder), ["version: 1", "datasets:"]
        for i, (before, now) in enumerate(pairs):
            before.to_parquet(folder / f"r{i}.parquet", index=False)
            now.to_parquet(folder / f"d{i}.parquet", index=False)
            lines.append(f"  p{i}: {{path: d{i}.parquet, reference: r{i}.parquet, drift: {{false_alarm: 0.01}}}}")
        (folder / "tollgate.yaml").write_text("\n".join(lines) + "\n")
        command = [binary, "run", "-q", "--output", str(folder / "out")]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        run = json.loads((folder / "out/run.json").read_text())
        found = [[] for _ in pairs]
        for o in run["outcomes"]:
            change = o.get("column") or o["check"] in ("drift_repeated", "drift_correlation")
            if change and o["check"].startswith("drift_"):
                found[int(o["dataset"][1:])].append((o["id"].split(".drift_", 1)[1], o["message"]))
        return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tollgate")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print sentences of the last pair of each fault")
    args = parser.parse_args()
    frame, rng = table(), np.random.default_rng(args.seed)
    for size in args.sizes:
        print(f"\n{size} rows a side, {args.pairs} pairs a fault, in per cent\n| put in | found | named | other |\n|---|---|---|---|")
        for name, (fault, outcome, kind) in FAULTS.items():
            pairs = []
            for _ in range(args.pairs):
                rows = rng.permutation(len(frame))[: 2 * size]
                halves = [frame.iloc[np.sort(half)].reset_index(drop=True) for half in (rows[:size], rows[size:])]
                changed = fault(halves[1], rng)
                pairs.append((halves[0], halves[1] if changed is None else changed))
            hits, shown = np.zeros(3), []
            for said in sentences(args.tollgate, pairs):
                about = [message for id, message in said if re.search(outcome, id)]
                kinds = {k for _, message in said for k, words in SAID.items() if re.search(words, message)}
                named = not kinds if kind is None else any(re.search(SAID[kind], m) for m in about)
                hits += (bool(about), bool(about) and named, bool(kinds - {kind}))
                if args.show:
                    shown = about[:1] + [m for _, m in said if kinds - {kind} and m not in about]
            cells = " | ".join(f"{100 * h / args.pairs:.0f}" for h in hits)
            print(f"| {name} | {cells} |", flush=True)
            if args.show:
                print("\n".join(shown))


if __name__ == "__main__":
    main()
