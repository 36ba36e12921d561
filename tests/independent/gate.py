"""What checks and drift find on examples/flights, held against the same counted in SQL by DuckDB."""

import json
import math
import sys
import tempfile
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
FLIGHTS = ROOT / "examples" / "flights"
DATA = FLIGHTS / "data"
FEBRUARY = DATA / "flights-2013-02.parquet"
DIRTY = DATA / "flights-2013-02-dirty.parquet"
JANUARY = DATA / "flights-2013-01.parquet"

# Expectation, SQL of the failing rows or groups of rows over `d`.
FAILING = [
    ("not_null: {column: dep_time}", "count(*) FILTER (dep_time IS NULL)"),
    ("not_null: {column: dep_time, where: \"carrier = 'AA'\"}",
     "count(*) FILTER (dep_time IS NULL AND carrier = 'AA')"),
    ("between: {column: dep_delay, min: -5, max: 60}", "count(*) FILTER (dep_delay < -5 OR dep_delay > 60)"),
    ("between: {column: dep_delay, min: -5, max: 60, bounds: '()'}",
     "count(*) FILTER (dep_delay <= -5 OR dep_delay >= 60)"),
    ("between: {column: dep_delay, min: -5, max: 60, nulls: fail}",
     "count(*) FILTER (dep_delay < -5 OR dep_delay > 60 OR dep_delay IS NULL)"),
    ("between: {column: dep_delay, max: 9.5}", "count(*) FILTER (dep_delay > 9.5)"),
    ("between: {column: time_hour, max: '2013-02-10T00:00:00Z'}",
     "count(*) FILTER (time_hour > TIMESTAMPTZ '2013-02-10 00:00:00Z')"),
    ("date_between: {column: time_hour, min: 2013-02-03, max: 2013-02-10}",
     "count(*) FILTER (CAST(time_hour AT TIME ZONE 'UTC' AS DATE) NOT BETWEEN DATE '2013-02-03' AND DATE '2013-02-10')"),
    ("in_set: {column: carrier, values: [AA, B6, UA]}", "count(*) FILTER (carrier NOT IN ('AA', 'B6', 'UA'))"),
    ("not_in_set: {column: tailnum, values: [N725MQ]}", "count(*) FILTER (tailnum IN ('N725MQ'))"),
    ("compare: {column: arr_delay, op: '<=', other: dep_delay}", "count(*) FILTER (arr_delay > dep_delay)"),
    ("compare: {column: distance, op: '!=', value: 529}", "count(*) FILTER (distance = 529)"),
    ("matches: {column: tailnum, pattern: '^N[0-9]+[A-Z]{2}$'}",
     "count(*) FILTER (NOT regexp_matches(tailnum, '^N[0-9]+[A-Z]{2}$'))"),
    ("matches: {column: tailnum, pattern: 'N[0-9]+', match: full}",
     "count(*) FILTER (NOT regexp_full_match(tailnum, 'N[0-9]+'))"),
    ("not_matches: {column: tailnum, pattern: 'UA$'}", "count(*) FILTER (regexp_matches(tailnum, 'UA$'))"),
    ("length: {column: tailnum, min: 6, max: 6}", "count(*) FILTER (length(tailnum) <> 6)"),
    ("missing: {column: tailnum, tokens: [N725MQ]}", "count(*) FILTER (tailnum IS NULL OR tailnum = 'N725MQ')"),
    ("expression: {expr: 'air_time * 60 > distance * 8'}",
     "count(*) FILTER (NOT (air_time * 60 > distance * 8))"),
    ("unique_key: {columns: [carrier, flight, day]}",
     "count(*) - count(DISTINCT (carrier, flight, day))"),
    ("duplicate_rows", "count(*) - (SELECT count(*) FROM (SELECT DISTINCT * FROM d))"),
    ("foreign_key: {columns: dest, dataset: airports, their_columns: faa}",
     "count(*) FILTER (dest NOT IN (SELECT faa FROM airports WHERE faa IS NOT NULL))"),
    ("increasing: {column: distance}",
     "(SELECT count(*) FROM (SELECT distance, lag(distance) OVER (ORDER BY file_row_number) b FROM numbered) WHERE distance < b)"),
]

QUANTILE = ("(SELECT {0} FROM (SELECT {0}, row_number() OVER (ORDER BY {0}) r, count(*) OVER () n FROM d "
            "WHERE {0} IS NOT NULL) WHERE r = greatest(1, ceil({1} * n)))")

# Expectation, name of the measured value, SQL of that value over `d`.
VALUES = [
    ("row_count: {min: 1}", "rows", "count(*)"),
    ("null_ratio: {column: tailnum, max: 1}", "null_ratio", "count(*) FILTER (tailnum IS NULL) / count(*)"),
    ("distinct_count: {column: tailnum, min: 0}", "distinct", "count(DISTINCT tailnum)"),
    ("min_between: {column: arr_delay, min: -9999}", "min", "min(arr_delay)"),
    ("max_between: {column: arr_delay, min: -9999}", "max", "max(arr_delay)"),
    ("sum_between: {column: arr_delay, min: 0}", "sum", "sum(arr_delay)"),
    ("mean_between: {column: arr_delay, min: -9999}", "mean", "avg(arr_delay)"),
    ("mean_between: {column: arr_delay, min: -9999, where: \"origin = 'JFK'\"}", "mean",
     "avg(arr_delay) FILTER (origin = 'JFK')"),
    ("stddev_between: {column: arr_delay, min: 0}", "stddev", "stddev_samp(arr_delay)"),
    ("median_between: {column: arr_delay, min: -9999}", "quantile", QUANTILE.format("arr_delay", 0.5)),
    ("quantile_between: {column: arr_delay, q: 0, min: -9999}", "quantile", "min(arr_delay)"),
    ("quantile_between: {column: arr_delay, q: 0.01, min: -9999}", "quantile", QUANTILE.format("arr_delay", 0.01)),
    ("quantile_between: {column: distance, q: 0.999, min: 0}", "quantile", QUANTILE.format("distance", 0.999)),
    ("quantile_between: {column: arr_delay, q: 1, min: -9999}", "quantile", "max(arr_delay)"),
    ("most_common_ratio: {column: dest, max: 1}", "most_common_ratio",
     "(SELECT max(n) FROM (SELECT count(*) n FROM d GROUP BY dest)) / count(*)"),
    ("value_between: {expr: 'SUM(distance) - SUM(air_time)', min: 0}", "value", "sum(distance) - sum(air_time)"),
    ("value_between: {expr: 'COUNT(DISTINCT tailnum)', min: 0}", "value", "count(DISTINCT tailnum)"),
]

# Outcome of dirty.yaml, SQL of its failing rows over the dirty batch.
PLANTED = [
    ("flights.in_set(month)", "count(*) FILTER (month NOT IN (2))"),
    ("flights.between(sched_dep_time)", "count(*) FILTER (sched_dep_time NOT BETWEEN 0 AND 2359)"),
    ("flights.foreign_key(carrier)", "count(*) FILTER (carrier NOT IN (SELECT carrier FROM airlines))"),
    ("flights.not_null(origin)", "count(*) FILTER (origin IS NULL)"),
    ("flights.compare(distance)", "count(*) FILTER (carrier = 'B6' AND NOT distance < 2590)"),
    ("flights.duplicate_rows", "count(*) - (SELECT count(*) FROM (SELECT DISTINCT * FROM d))"),
    ("flights.between(distance)", "count(*) FILTER (distance NOT BETWEEN 80 AND 4983)"),
    ("flights.between(dep_time)", "count(*) FILTER (dep_time NOT BETWEEN 1 AND 2400)"),
]


def connect(path):
    """DuckDB with the file as `d`, its rows in order as `numbered`, and the two small tables."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    quoted = str(path).replace("'", "''")
    db.execute(f"CREATE TABLE d AS SELECT * FROM '{quoted}'")
    db.execute(f"CREATE TABLE numbered AS SELECT * FROM read_parquet('{quoted}', file_row_number = true)")
    for name in ("airlines", "airports"):
        db.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{DATA / name}.csv', all_varchar = true)")
    return db


def verdicts(comparison, _scratch):
    expectations = [e for e, _ in FAILING] + [e for e, _, _ in VALUES]
    db = connect(FEBRUARY)
    with tempfile.TemporaryDirectory() as folder:
        lines = ["version: 1", "datasets:", "  d:", f"    path: {FEBRUARY}", "    allow_empty: true", "    expect:"]
        lines += [f"      - {e}" for e in expectations]
        lines += ["  airports:", f"    path: {DATA / 'airports.csv'}"]
        Path(folder, "tollgate.yaml").write_text("\n".join(lines) + "\n")
        if comparison.run(["run", "tollgate.yaml", "--output", "out"], folder, [0, 1]) is None:
            return
        run = json.loads(Path(folder, "out", "run.json").read_text())
    outcomes = [o for o in run["outcomes"] if o["dataset"] == "d"]
    if len(outcomes) != len(expectations):
        sys.exit(f"{len(expectations)} expectations gave {len(outcomes)} outcomes")
    for (expectation, sql), outcome in zip(FAILING, outcomes):
        comparison.equal(expectation, outcome.get("failing"), db.execute(f"SELECT {sql} FROM d").fetchone()[0])
    for (expectation, name, sql), outcome in zip(VALUES, outcomes[len(FAILING):]):
        value = db.execute(f"SELECT {sql} FROM d").fetchone()[0]
        measured = {m["name"]: m for m in outcome["measured"]}
        # The text is what people read, rounded to 6 places; the number is the value itself.
        comparison.equal(expectation, measured[name]["number"], float(value))


def planted(comparison, _scratch):
    db = connect(DIRTY)
    with tempfile.TemporaryDirectory() as folder:
        if comparison.run(["run", str(FLIGHTS / "dirty.yaml"), "--output", folder], ROOT, [1]) is None:
            return
        run = json.loads(Path(folder, "run.json").read_text())
    outcomes = {o["id"]: o for o in run["outcomes"]}
    for name, sql in PLANTED:
        ours = outcomes[name].get("failing")
        comparison.equal(f"dirty: {name}", ours, db.execute(f"SELECT {sql} FROM d").fetchone()[0])


def shares(db, name):
    """Share of the non-null rows of each value of a column, in ascending order of the value."""
    counts = dict(db.execute(f'SELECT "{name}", count(*) FROM d WHERE "{name}" IS NOT NULL GROUP BY 1').fetchall())
    total = sum(counts.values())
    return {key: counts[key] / total for key in sorted(counts)}


def kolmogorov_smirnov(before, now):
    """Greatest distance of the two empirical distribution functions."""
    greatest = left = right = 0.0
    for key in sorted(before | now):
        left += before.get(key, 0.0)
        right += now.get(key, 0.0)
        greatest = max(greatest, abs(left - right))
    return greatest


def jensen_shannon(before, now):
    """Square root of the Jensen-Shannon divergence in bits."""
    def half(p, q):
        return sum(v * math.log2(2 * v / (v + q.get(k, 0.0))) for k, v in p.items() if v > 0)
    return math.sqrt(max(0.0, (half(before, now) + half(now, before)) / 2))


def drift(comparison, _scratch):
    january, february = connect(JANUARY), connect(FEBRUARY)
    with tempfile.TemporaryDirectory() as folder:
        # The fixed limits, whose measures others can count too; the calibrated gate has tests of its own.
        config = Path(folder, "tollgate.yaml")
        config.write_text(
            f"version: 1\ndatasets:\n  flights:\n    path: {FEBRUARY}\n    reference: {JANUARY}\n"
            "    drift: {false_alarm: off}\n")
        if comparison.run(["run", str(config), "--output", folder], ROOT, [0]) is None:
            return
        run = json.loads(Path(folder, "run.json").read_text())
    for outcome in (o for o in run["outcomes"] if o["check"].startswith("drift_") and "column" in o):
        name, measure = outcome["column"], outcome["check"].removeprefix("drift_")
        before, now = shares(january, name), shares(february, name)
        if measure == "ks":
            value = kolmogorov_smirnov(before, now)
        elif measure == "js":
            value = jensen_shannon(before, now)
        elif measure == "new_category_ratio":
            value = sum(share for key, share in now.items() if key not in before)
        elif measure == "null_ratio_change":
            nulls = f'SELECT count(*) FILTER ("{name}" IS NULL) / count(*) FROM d'
            value = abs(february.execute(nulls).fetchone()[0] - january.execute(nulls).fetchone()[0])
        else:
            continue
        comparison.equal(outcome["id"], outcome["measured"][0]["number"], value)
