"""Nights of which none differs but by chance and by a spread between nights, for the level of the history gate.

Usage: python simulated.py FOLDER; then `cargo bench --bench nights -- FOLDER given LEVEL null0,null1,null2,null3 calm`.
Needs numpy. Seven columns of numbers, normal or lognormal, whose levels spread between nights by 0, 0.1 or 0.3 of a
deviation; one of them rounded, one with 1 % missing, one that goes with another; three of texts of 3, 12 and 40 values,
whose shares spread.
"""

import datetime
import json
import sys
from pathlib import Path

import numpy as np

LEVELS, TEXTS = [0, 0.1, 0.3, 0.1, 0.3, 0], [(3, 0), (12, 0.2), (40, 0.4)]


def columns(rng):
    rows, made = int(rng.integers(80, 400)), []
    for at, spread in enumerate(LEVELS):
        level = rng.normal() * spread
        values = level + rng.normal(size=rows) if at % 2 == 0 else np.exp(level + rng.normal(size=rows))
        values = [float(x) for x in (np.round(values, 1) if at == 2 else values)]
        if at == 4:
            values = [None if rng.random() < 0.01 else x for x in values]
        made.append([f"number n{at}", values])
    made.append(["number n6", [2 * x + float(rng.normal()) for x in made[0][1]]])
    for at, (count, spread) in enumerate(TEXTS):
        shares = np.exp(rng.normal(size=count) * spread) / np.arange(1, count + 1)
        made.append([f"text t{at}", [str(x) for x in rng.choice(count, size=rows, p=shares / shares.sum())]])
    return made


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for series in range(4):
        rng = np.random.default_rng(100 + series)
        with (folder / f"null{series}.jsonl").open("w") as file:
            for day in range(360):
                date = datetime.date(2020, 1, 1) + datetime.timedelta(day)
                line = {"date": str(date), "judged": "calm" if day >= 60 else "", "kind": "", "columns": columns(rng)}
                file.write(json.dumps(line) + "\n")


main(Path(sys.argv[1]))
