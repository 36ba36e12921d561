"""Compares what tollgate counts on examples/flights with what DuckDB counts.

Usage: compare.py PATH-OF-THE-BINARY

Exits 1 on any difference. Floats are compared within 1e-9 of their size; everything else exactly.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
FLIGHTS = ROOT / "examples" / "flights"
DATA = FLIGHTS / "data"
FEBRUARY = DATA / "flights-2013-02.parquet"
DIRTY = DATA / "flights-2013-02-dirty.parquet"
FILES = [
    DATA / "flights-2013-01.parquet",
    FEBRUARY,
    DATA / "flights-2013-03.parquet",
    DATA / "flights-2013-02.csv",
    DATA / "flights-2013-02.ndjson",
    DIRTY,
]

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


class Comparison:
    """Counts what was compared and keeps every difference."""

    def __init__(self, binary):
        self.binary = binary
        self.compared = 0
        self.differences = []

    def equal(self, what, ours, theirs):
        self.compared += 1
        if isinstance(ours, float) or isinstance(theirs, float):
            same = ours is not None and theirs is not None and abs(ours - theirs) <= 1e-9 * max(1.0, abs(theirs))
        else:
            same = ours == theirs
        if not same:
            self.differences.append(f"{what}: tollgate {ours}, DuckDB {theirs}")

    def run(self, arguments, folder, codes):
        done = subprocess.run([self.binary, *arguments], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in codes:
            sys.exit(f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout


def connect(path):
    """DuckDB with the file as `d`, its rows in order as `numbered`, and the two small tables."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    quoted = str(path).replace("'", "''")
    # Types as declared, not guessed: a guess of DuckDB's would be compared with a guess of ours.
    types = {r[0]: r[1] for r in db.execute(f"DESCRIBE SELECT * FROM '{FEBRUARY}'").fetchall()}
    if path.suffix == ".parquet":
        source = f"'{quoted}'"
    else:
        if path.suffix == ".ndjson":
            # JSON has no moments: without a contract they stay the text they are written as.
            types = {name: "VARCHAR" if kind.startswith("TIMESTAMP") else kind for name, kind in types.items()}
        reader = "read_csv" if path.suffix == ".csv" else "read_json"
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        extra = ", header = true" if path.suffix == ".csv" else ", format = 'newline_delimited'"
        source = f"{reader}('{quoted}', columns = {{{columns}}}{extra})"
    db.execute(f"CREATE TABLE d AS SELECT * FROM {source}")
    if path.suffix == ".parquet":
        db.execute(f"CREATE TABLE numbered AS SELECT * FROM read_parquet('{quoted}', file_row_number = true)")
    for name in ("airlines", "airports"):
        db.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{DATA / name}.csv', all_varchar = true)")
    return db


def plain(scalar):
    """A value of a saved profile as DuckDB gives it below: moments as nanoseconds."""
    if scalar is None:
        return None
    (kind, value), = scalar.items()
    return int(value["nanos"]) if kind == "timestamp" else int(value) if kind == "int" else value


def exact_sum(text):
    """`-1a@-3` is -0x1a * 2^-3."""
    digits, exponent = text.split("@")
    return int(digits, 16) * 2 ** int(exponent)


def profiles(comparison):
    for path in FILES:
        profile = json.loads(comparison.run(["profile", "--format", "json", str(path)], ROOT, [0]))
        db = connect(path)
        rows = db.execute("SELECT count(*) FROM d").fetchone()[0]
        comparison.equal(f"{path.name}: rows", profile["rows"], rows)
        kinds = {r[0]: r[1] for r in db.execute("DESCRIBE d").fetchall()}
        names = [c["name"] for c in profile["columns"]]
        comparison.equal(f"{path.name}: columns", names, list(kinds))
        for column in profile["columns"]:
            compare_column(comparison, f"{path.name}: {column['name']}", db, column, kinds[column["name"]])


def compare_column(comparison, what, db, column, kind):
    name = f'"{column["name"]}"'
    value = f"epoch_ns({name})" if kind.startswith("TIMESTAMP") else name
    number = kind in ("INTEGER", "BIGINT", "DOUBLE")

    def one(sql):
        return db.execute(f"SELECT {sql} FROM d").fetchone()[0]

    counters = column["counters"]
    comparison.equal(f"{what} nulls", counters["nulls"], one(f"count(*) - count({name})"))
    comparison.equal(f"{what} min", plain(column.get("min")), one(f"min({value})"))
    comparison.equal(f"{what} max", plain(column.get("max")), one(f"max({value})"))
    if number:
        comparison.equal(f"{what} zeros", counters["zeros"], one(f"count(*) FILTER ({name} = 0)"))
        comparison.equal(f"{what} negative", counters["negative"], one(f"count(*) FILTER ({name} < 0)"))
        comparison.equal(f"{what} sum", exact_sum(column["sum"]), int(one(f"sum({name})")))
        squares = one(f"sum(CAST({name} AS HUGEINT) * {name})")
        comparison.equal(f"{what} squares", exact_sum(column["squares"]), int(squares))
    if kind == "VARCHAR":
        comparison.equal(f"{what} empty", counters["empty"], one(f"count(*) FILTER ({name} = '')"))
        lengths = [one(f"min(length({name}))"), one(f"max(length({name}))")]
        comparison.equal(f"{what} lengths", column["lengths"], lengths)
    groups = db.execute(f"SELECT {value}, count(*) FROM d WHERE {name} IS NOT NULL GROUP BY 1").fetchall()
    ours = {plain(v): n for v, n in column["counts"]}
    comparison.equal(f"{what} counts of every value", ours, dict(groups))


def verdicts(comparison):
    expectations = [e for e, _ in FAILING] + [e for e, _, _ in VALUES]
    db = connect(FEBRUARY)
    with tempfile.TemporaryDirectory() as folder:
        lines = ["version: 1", "datasets:", "  d:", f"    path: {FEBRUARY}", "    allow_empty: true", "    expect:"]
        lines += [f"      - {e}" for e in expectations]
        lines += ["  airports:", f"    path: {DATA / 'airports.csv'}"]
        Path(folder, "tollgate.yaml").write_text("\n".join(lines) + "\n")
        comparison.run(["run", "tollgate.yaml", "--output", "out"], folder, [0, 1])
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


def planted(comparison):
    db = connect(DIRTY)
    with tempfile.TemporaryDirectory() as folder:
        comparison.run(["run", str(FLIGHTS / "dirty.yaml"), "--output", folder], ROOT, [1])
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


def drift(comparison):
    january, february = connect(FILES[0]), connect(FEBRUARY)
    with tempfile.TemporaryDirectory() as folder:
        comparison.run(["run", str(FLIGHTS / "tollgate.yaml"), "--output", folder], ROOT, [0])
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


def main():
    comparison = Comparison(str(Path(sys.argv[1]).resolve()))
    for step in (profiles, verdicts, planted, drift):
        before = comparison.compared
        step(comparison)
        print(f"{step.__name__}: {comparison.compared - before} numbers compared with DuckDB {duckdb.__version__}")
    for difference in comparison.differences:
        print(f"differs: {difference}"[:500])
    print(f"{comparison.compared} compared, {len(comparison.differences)} differ")
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
