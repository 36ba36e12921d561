"""Single measures asked for by checks, without a profile: what nobody asks for is not computed, and must not be missed.

Each column of each file gets one expectation, in turn, so that every measure meets every kind of column alone.
"""

import json
import math
import tempfile
from fractions import Fraction
from pathlib import Path

import random_files
import with_pyarrow
from aggregates import ULP, as_float, root
from gate import DATA
from truth import NUMBERS

ANY = -1e308
# Check, its arguments, the name of what it measures, the same of exact counts; for numbers, then for all columns.
NUMERIC = (
    ("mean_between", {"min": ANY}, "mean", lambda t: t.mean()),
    ("stddev_between", {"min": 0}, "stddev", lambda t: t.variance()),
    ("sum_between", {"min": ANY}, "sum", lambda t: t.sum()),
    ("min_between", {"min": ANY}, "min", lambda t: in_units(t, t.bounds()[0])),
    ("max_between", {"min": ANY}, "max", lambda t: in_units(t, t.bounds()[1])),
    ("quantile_between", {"q": 0.25, "min": ANY}, "quantile", lambda t: in_units(t, t.quantile(0.25))),
)
PLAIN = (
    ("null_ratio", {"max": 1}, "null_ratio", lambda t: Fraction(t.nulls, t.rows) if t.rows else None),
    # NaN is one value here
    ("distinct_count", {"min": 0}, "distinct", lambda t: Fraction(len(t.counts) + (t.nan > 0))),
)


def in_units(truth, value):
    if value is None or isinstance(value, float) and not math.isfinite(value):
        return value
    return Fraction(value) / Fraction(10) ** truth.scale


def measures(comparison, scratch):
    paths = [*random_files.write_all(scratch), *(DATA / f"flights-2013-0{month}.parquet" for month in (1, 2, 3))]
    datasets, asked = {}, []
    for i, path in enumerate(paths):
        expectations = []
        for k, (name, truth) in enumerate(with_pyarrow.parquet(path).items()):
            if truth.counts is None or not truth.fits():
                continue
            choice = (*NUMERIC, *PLAIN) if truth.kind in NUMBERS else PLAIN
            check, arguments, measure, exact = choice[(i + k) % len(choice)]
            expectations.append({check: {"column": name, **arguments}})
            asked.append((f"{path.name}: {name}: {check}", measure, exact(truth)))
        datasets[f"d{i:03}"] = {
            "path": str(path),
            "allow_empty": True,
            "profile": False,
            "expect": expectations or [{"row_count": {"min": 0}}],
        }
        if not expectations:
            asked.append((f"{path.name}: row_count", None, None))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tollgate.yaml").write_text(json.dumps({"version": 1, "datasets": datasets}))
        if comparison.run(["run", "tollgate.yaml", "--output", "out"], folder, [0, 1]) is None:
            return
        outcomes = json.loads(Path(folder, "out", "run.json").read_text())["outcomes"]
    comparison.exact("measures: outcomes", len(outcomes), len(asked), "what was asked for")
    for (what, measure, exact), outcome in zip(asked, outcomes):
        if measure:
            number = {m["name"]: m.get("number") for m in outcome.get("measured", [])}.get(measure)
            compare(comparison, what, number, exact, measure)


def compare(comparison, what, number, exact, measure):
    """A measured number is the nearest float; a root of it within one more step. Absent where no finite one is."""
    wanted = as_float(exact) if isinstance(exact, Fraction) else exact
    wanted = root(wanted) if measure == "stddev" and wanted is not None else wanted
    if wanted is None or not math.isfinite(wanted):
        comparison.exact(what, number, None, with_pyarrow.NAME)
    else:
        comparison.near(what, number, wanted, 4 * ULP * abs(wanted), with_pyarrow.NAME)
