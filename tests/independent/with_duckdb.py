"""Columns of a table as DuckDB reads them: its counts of every value, and its own aggregates."""

import decimal
from collections import Counter

import duckdb

from truth import NUMBERS, Truth, counted

NAME = f"DuckDB {duckdb.__version__}"
OVERFLOWS = (duckdb.OutOfRangeException, duckdb.ConversionException)
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def connect():
    db = duckdb.connect(config={"threads": 2})
    db.execute("SET TimeZone = 'UTC'")
    return db


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(path):
    return "'" + str(path).replace("'", "''") + "'"


def read(source, leave_out):
    """A table `d` of everything in `source`, SQL that may follow FROM, that DuckDB can read; absent without any."""
    db = connect()
    try:
        db.execute(f"CREATE TABLE d AS SELECT * FROM {source}")
    except duckdb.Error:
        # one encoding that it does not have must not hide the other columns
        readable = []
        for name, *_ in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall():
            try:
                db.execute(f"SELECT {quoted(name)} FROM {source}").fetchall()
                readable.append(quoted(name))
            except duckdb.Error as error:
                leave_out(NAME, str(error))
        if not readable:
            return None
        db.execute(f"CREATE TABLE d AS SELECT {', '.join(readable)} FROM {source}")
    return db


def columns(db):
    """Every column of the table `d` by name, struct fields by path, with the SQL that gives its values."""
    found = {}
    for name, kind, *_ in db.execute("DESCRIBE d").fetchall() if db else []:
        leaves(db, found, name, quoted(name), kind)
    return found


def leaves(db, found, path, sql, kind):
    if kind.startswith("STRUCT(") and not kind.endswith("[]"):
        for name, inner, *_ in db.execute(f"DESCRIBE SELECT unnest({sql}) FROM d").fetchall():
            leaves(db, found, f"{path}.{name}", f"struct_extract({sql}, {literal(name)})", inner)
        return
    found[path] = (sql, kind)


def truth(db, sql, kind):
    """The exact counts of one column; absent where DuckDB takes one of its values for something else."""
    rows, present = db.execute(f"SELECT count(*), count({sql}) FROM d").fetchone()
    shape, scale, value, unit = whole(sql, kind)
    if value is None:
        return Truth(shape, rows, rows - present)
    groups = db.execute(f"SELECT {value}, count(*) FROM d WHERE {sql} IS NOT NULL GROUP BY 1").fetchall()
    if any(v is None for v, _ in groups):
        return None  # the greatest and least moments are infinite there
    if shape == "decimal":
        with decimal.localcontext(prec=100):
            groups = [(int(v.scaleb(scale)), n) for v, n in groups]
    elif shape in ("integer", "boolean", "date", "time", "timestamp"):
        groups = [(int(v) * unit, n) for v, n in groups]
    counts, nan = counted(groups)
    return Truth(shape, rows, rows - present, nan, Counter(counts), scale)


def lacks(kind, logical, physical):
    """Why a column of a type of tollgate's, read as this type of DuckDB's, has others; absent where it has not."""
    if logical == "duration":
        return "durations are read as whole numbers"
    if logical.startswith("decimal") and kind == "DOUBLE":
        return "decimals of more than 38 digits are read as floats"
    if physical == "INT96":
        return "96-bit moments are cut to microseconds"
    return "it has no type for nulls only" if logical == "null" else None


def whole(sql, kind):
    """Kind, digits after the point, SQL of the value in whole units, and nanoseconds in one of them."""
    if kind == "BOOLEAN":
        return "boolean", 0, sql, 1
    if kind in WHOLE:
        return "integer", 0, sql, 1
    if kind in ("FLOAT", "DOUBLE"):
        return "float", 0, f"CAST({sql} AS DOUBLE)", 1
    if kind.startswith("DECIMAL(") and kind.endswith(")"):
        return "decimal", int(kind[:-1].split(",")[1]), sql, 1
    if kind == "DATE":
        return "date", 0, f"{sql} - DATE '1970-01-01'", 1
    if kind in ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        return "timestamp", 0, f"epoch_us({sql})", 1000
    if kind == "TIMESTAMP_NS":
        return "timestamp", 0, f"epoch_ns({sql})", 1
    if kind == "TIME":
        return "time", 0, f"epoch_us({sql})", 1000
    if kind == "TIME_NS":
        return "time", 0, f"epoch_ns({sql})", 1
    if kind == "VARCHAR":
        return "text", 0, sql, 1
    if kind == "BLOB":
        return "binary", 0, sql, 1
    return ("nested" if kind.endswith(("]", ")")) else None), 0, None, 1


def aggregates(db, sql, kind):
    """DuckDB's own sum, mean, deviation and distinct count of the values that are not NaN; what overflows is left out.

    Its sums of whole numbers and decimals are whole; those of floats, all means and deviations round at each step.
    """
    value = f"CASE WHEN isnan({sql}) THEN NULL ELSE CAST({sql} AS DOUBLE) END" if kind in ("FLOAT", "DOUBLE") else sql
    wanted = {"distinct": f"count(DISTINCT {value})"}
    if whole(sql, kind)[0] in NUMBERS:
        wanted |= {"sum": f"sum({value})", "mean": f"avg({value})", "stddev": f"stddev_samp({value})"}
    try:
        return dict(zip(wanted, db.execute(f"SELECT {', '.join(wanted.values())} FROM d").fetchone()))
    except OVERFLOWS:
        pass
    found = {}
    for name, what in wanted.items():
        try:
            found[name] = db.execute(f"SELECT {what} FROM d").fetchone()[0]
        except OVERFLOWS:
            continue
    return found
