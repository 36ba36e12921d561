"""Real days and the faults of the benchmark's nights, for the history gate's own code.

Usage: python given.py FOLDER [SERIES ...], then
`cargo bench --bench nights -- FOLDER given [LEVEL|year] [SERIES,...] [calm|all] [NIGHTS]`.
Needs requirements.txt. One file per series, one line of JSON per batch in the order in which they are judged: faults of
a night before the night itself. Names of columns begin with their kind. A calendar beside them: calendars.py.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import cells
import pandas as pd
import tables


def values(column):
    """Numbers, or texts; null where there is none."""
    if pd.api.types.is_numeric_dtype(column):
        return "number", [None if v != v else float(v) for v in column.astype("float64")]
    return "text", [None if v is None or v != v else str(v) for v in column]


def line(date, judged, kind, frame):
    columns = [[*values(frame[name])] for name in frame.columns]
    named = [[f"{of} {name}", list_] for name, (of, list_) in zip(frame.columns, columns)]
    return json.dumps({"date": str(date), "judged": judged, "kind": kind, "columns": named}) + "\n"


def main(folder, series):
    folder.mkdir(parents=True, exist_ok=True)
    args = SimpleNamespace(seed=1)
    for name in series or [*tables.SERIES, *tables.HELD]:
        wanted = set(cells.tested(name))
        with (folder / f"{name}.jsonl").open("w") as file:
            for at, (date, frame) in enumerate(cells.days(name)):
                if at in wanted:
                    for severity in ("middle", "large"):
                        broken, kind = cells.night(name, at, severity, args)
                        file.write(line(date, severity, kind, broken))
                file.write(line(date, "calm" if at in wanted else "", "", frame))
        print(f"{name}: {len(cells.days(name))} nights, {len(wanted)} judged", flush=True)


main(Path(sys.argv[1]), sys.argv[2:])
