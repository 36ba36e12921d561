"""Profiles of files, column by column and measure by measure, against what other programs make of the same file."""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

import aggregates
import random_files
import random_texts
import with_duckdb
import with_polars
import with_pyarrow
import with_python
from gate import DATA, ROOT
from saved import Saved, compare_column

CONFORMANCE = ROOT.parent / "shared" / "conformance" / "parquet-testing" / "data"
# Files of parquet-testing that are rightly refused, as tests/sources_conformance.rs says with the reasons.
REFUSED = (
    "nation.dict-malformed.parquet",
    "uniform_encryption.parquet.encrypted",
    "datapage_v1-corrupt-checksum.parquet",
    "rle-dict-uncompressed-corrupt-checksum.parquet",
)
# Columns that are known to differ, and who is wrong. A column that does not any more must leave this list.
KNOWN = {
    "int96_from_spark.parquet: a": "Spark wrote its microseconds of the year 290000 with a day that wraps around, and reads "
    "them back; tollgate does too, pyarrow and Polars make other moments of them",
}
# Columns that each program must have been compared on at least, so that a reader that refuses everything is noticed.
LEAST = {
    "flights": {with_pyarrow.NAME: 75, with_python.NAME: 38, with_duckdb.NAME: 113, with_polars.NAME: 113},
    "lineitem": {with_pyarrow.NAME: 16, with_python.NAME: 16, with_duckdb.NAME: 32, with_polars.NAME: 32},
    "conformance": {with_pyarrow.NAME: 147, with_duckdb.NAME: 143, with_polars.NAME: 147},
    "random": {with_pyarrow.NAME: 1_800, with_duckdb.NAME: 1_500, with_polars.NAME: 1_600},
    "random CSV": {with_python.NAME: 180},
}
# Types of DuckDB and Polars for those that tollgate finds in a text file; moments in JSON are texts.
DUCKDB = {
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "string": "VARCHAR",
    "timestamp(utc)": "TIMESTAMPTZ",
    "timestamp(local)": "TIMESTAMP",
}
POLARS = {
    "int64": pl.Int64,
    "float64": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "string": pl.String,
    "timestamp(utc)": pl.Datetime("us", "UTC"),
    "timestamp(local)": pl.Datetime("us"),
}


class File:
    """One file with tollgate's saved profile of it and its columns in the record of a run."""

    def __init__(self, path, saved, record):
        self.path, self.saved, self.record = Path(path), saved, record
        self.types = {name: column["type"] for name, column in saved.columns.items()}


def flights(comparison, _scratch):
    names = (
        "flights-2013-01.parquet",
        "flights-2013-02.parquet",
        "flights-2013-03.parquet",
        "flights-2013-02-dirty.parquet",
        "flights-2013-02.csv",
        "flights-2013-02.ndjson",
    )
    compare(comparison, "flights", [DATA / name for name in names])


def lineitem(comparison, scratch):
    paths = [random_files.lineitem(scratch, form) for form in ("parquet", "csv")]
    compare(comparison, "lineitem", paths)


def conformance(comparison, _scratch):
    if not CONFORMANCE.is_dir():
        print("NOT COMPARED: parquet-testing/data is not beside the checkout; no file of it was looked at")
        return
    paths = sorted(p for p in CONFORMANCE.iterdir() if p.suffix in (".parquet", ".encrypted"))
    for path in (p for p in paths if p.name in REFUSED):
        comparison.run(["profile", str(path)], ROOT, [3])
        comparison.compared += 1
    compare(comparison, "conformance", [p for p in paths if p.name not in REFUSED])


def random_parquet(comparison, scratch):
    paths = random_files.write_all(scratch)
    missing = random_files.missing(paths)
    if missing:
        comparison.differences.append(f"random files lack {missing}")
    compare(comparison, "random", paths)


def random_csv(comparison, scratch):
    """By Python alone: what the others make of blank lines and mixed cells is a matter of their settings."""
    compare(comparison, "random CSV", random_texts.write_all(scratch))


def compare(comparison, name, paths):
    """Every file by every program that has a reader for it."""
    before = dict(comparison.columns)
    for file in profiled(comparison, paths):
        wrong = len(comparison.differences)
        for by, truths, own in readings(comparison, file):
            compare_file(comparison, file, by, truths, own)
        comparison.differences[wrong:] = unknown(file, comparison.differences[wrong:])
    for by, least in LEAST[name].items():
        columns = comparison.columns[by] - before.get(by, 0)
        print(f"{name}: {columns} columns of {len(paths)} files compared with {by}")
        if columns < least:
            comparison.differences.append(f"{name}: {by} was compared on {columns} columns only, not on {least}")


def unknown(file, differences):
    """Differences that are not known; and known ones that are gone."""
    for place in (k for k in KNOWN if k.startswith(f"{file.path.name}: ")):
        hits = [d for d in differences if d.startswith(f"{place}:")]
        if not hits:
            return [*differences, f"{place}: is listed and does not differ; take it off the list"]
        print(f"KNOWN TO DIFFER: {place}: {KNOWN[place]} ({len(hits)} differences)")
        differences = [d for d in differences if d not in hits]
    return differences


def profiled(comparison, paths):
    """Saved profiles, one process each; and one run over all of them for what a record holds."""

    def one(path):
        text = comparison.run(["profile", "--format", "json", str(path)], ROOT, [0])
        return text and Saved(text)

    with ThreadPoolExecutor(2) as pool:
        saved = list(pool.map(one, paths))
    records = recorded(comparison, paths)
    found = zip(paths, saved, records, strict=True)
    return [File(path, profile, record) for path, profile, record in found if profile]


def recorded(comparison, paths):
    """The columns of each file in the record of one run over all; without any when the run fails."""
    row_count = [{"row_count": {"min": 0}}]
    datasets = {f"d{i}": {"path": str(p), "allow_empty": True, "expect": row_count} for i, p in enumerate(paths)}
    with tempfile.TemporaryDirectory() as folder:
        # JSON is YAML
        Path(folder, "tollgate.yaml").write_text(json.dumps({"version": 1, "datasets": datasets}))
        if comparison.run(["run", "tollgate.yaml", "--output", "out"], folder, [0]) is None:
            return [{}] * len(paths)
        run = json.loads(Path(folder, "out", "run.json").read_text())
    records = {d["name"]: {c["name"]: c for c in d.get("profile", [])} for d in run["datasets"]}
    return [records[name] for name in datasets]


def readings(comparison, file):
    """Each program's columns: its name, the counts by column, its own aggregates by column."""
    form = file.path.suffix
    if form == ".parquet":
        yield with_pyarrow.NAME, with_pyarrow.parquet(file.path), {}
        physical = with_pyarrow.physical_types(file.path)
        source = f"read_parquet({with_duckdb.literal(file.path)})"
        frame = with_polars.parquet(file.path, comparison.leave_out)
    else:
        reader = with_python.csv_columns if form == ".csv" else with_python.ndjson_columns
        yield with_python.NAME, reader(file.path), {}
        if file.path.name.startswith("random"):
            return
        physical, source, frame = {}, text_source(file), text_frame(file)
    yield with_duckdb.NAME, *duckdb_reading(comparison, file, source, physical)
    yield with_polars.NAME, *polars_reading(comparison, file, frame)


def text_source(file):
    columns = ", ".join(f"{with_duckdb.literal(n)}: '{DUCKDB[t]}'" for n, t in file.types.items())
    reader, extra = (
        ("read_csv", "header = true") if file.path.suffix == ".csv" else ("read_json", "format = 'newline_delimited'")
    )
    return f"{reader}({with_duckdb.literal(file.path)}, columns = {{{columns}}}, {extra})"


def text_frame(file):
    types = {name: POLARS[kind] for name, kind in file.types.items()}
    if file.path.suffix == ".csv":
        return pl.read_csv(file.path, schema=types)
    return pl.read_ndjson(file.path, schema=types)


def duckdb_reading(comparison, file, source, physical):
    db = with_duckdb.read(source, comparison.leave_out)
    truths, own = {}, {}
    for name, (sql, kind) in with_duckdb.columns(db).items():
        lacks = with_duckdb.lacks(kind, file.types.get(name, ""), physical.get(name))
        truth = None if lacks else with_duckdb.truth(db, sql, kind)
        if truth is None:
            comparison.leave_out(with_duckdb.NAME, lacks or "its least and greatest moments are infinite")
            continue
        truths[name] = truth
        if truth.counts is not None:
            own[name] = with_duckdb.aggregates(db, sql, kind)
    return truths, own


def polars_reading(comparison, file, frame):
    truths, own = {}, {}
    for name, series in with_polars.columns(frame).items():
        lacks = with_polars.lacks(series.dtype, file.types.get(name, ""))
        if lacks:
            comparison.leave_out(with_polars.NAME, lacks)
            continue
        truths[name] = with_polars.truth(series)
        if truths[name].counts is not None:
            own[name] = with_polars.aggregates(series)
    return truths, own


def compare_file(comparison, file, by, truths, own):
    what = file.path.name
    if by in (with_pyarrow.NAME, with_python.NAME):
        comparison.exact(f"{what}: columns", list(file.saved.columns), list(truths), by)
    for name, truth in truths.items():
        place = f"{what}: {name}"
        if name not in file.saved.columns:
            comparison.differ(place, "no such column", "a column", by)
            continue
        comparison.exact(f"{what}: rows", file.saved.rows, truth.rows, by)
        compare_column(comparison, place, file.saved.columns[name], truth, by)
        if file.record:
            aggregates.ours(comparison, place, file.record[name], truth, by)
        aggregates.theirs(comparison, place, truth, own.get(name, {}), by)
