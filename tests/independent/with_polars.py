"""Columns of a table as Polars reads them: its counts of every value, and its own aggregates."""

import decimal

import polars as pl

from truth import Truth, counted

NAME = f"Polars {pl.__version__}"
NANOS = {"ms": 10**6, "us": 10**3, "ns": 1}


def parquet(path, leave_out):
    """Everything in a Parquet file that Polars can read."""
    try:
        return pl.read_parquet(path)
    except pl.exceptions.PolarsError:
        readable = []
        for name in names(path, leave_out):
            try:
                readable.append(pl.read_parquet(path, columns=[name]))
            except pl.exceptions.PolarsError as error:
                leave_out(NAME, str(error))
        return pl.concat(readable, how="horizontal") if readable else pl.DataFrame()


def names(path, leave_out):
    try:
        return pl.read_parquet_schema(path)
    except pl.exceptions.PolarsError as error:
        leave_out(NAME, str(error))
        return []


def lacks(dtype, logical):
    """Why a column of a type of tollgate's, read as this type of Polars', has other values; absent where it has not."""
    if logical == "date" and isinstance(dtype, pl.Datetime):
        return "days in milliseconds are read as moments"
    return "it has no type for nulls only" if logical == "null" and dtype != pl.Null else None


def columns(frame):
    """Every column of a frame by name, struct fields by path, as a series."""
    found = {}
    for series in frame.get_columns():
        leaves(found, series.name, series)
    return found


def leaves(found, path, series):
    if isinstance(series.dtype, pl.Struct) and series.dtype.fields:
        for field in series.dtype.fields:
            leaves(found, f"{path}.{field.name}", series.struct.field(field.name))
        return
    found[path] = series


def truth(series):
    """The exact counts of one column."""
    rows, nulls = len(series), series.null_count()
    kind, scale, values, unit = whole(series)
    if values is None:
        return Truth(kind, rows, nulls)
    counts = values.drop_nulls().alias("value").value_counts(name="rows of it")
    pairs = zip(counts["value"].to_list(), counts["rows of it"].to_list())
    if kind == "decimal":
        with decimal.localcontext(prec=100):
            pairs = [(int(v.scaleb(scale)), n) for v, n in pairs]
    counts, nan = counted((v * unit if unit > 1 else v, n) for v, n in pairs)
    return Truth(kind, rows, nulls, nan, counts, scale)


def whole(series):
    """Kind, digits after the point, the values in whole units, and nanoseconds in one of them."""
    dtype = series.dtype
    if dtype == pl.Boolean:
        return "boolean", 0, series.cast(pl.Int8), 1
    if dtype.is_integer():
        return "integer", 0, series, 1
    if dtype.is_float():
        return "float", 0, series.cast(pl.Float64), 1
    if isinstance(dtype, pl.Decimal):
        return "decimal", dtype.scale, series, 1
    if dtype == pl.Date:
        return "date", 0, series.to_physical(), 1
    if dtype == pl.Time:
        return "time", 0, series.to_physical(), 1
    if isinstance(dtype, pl.Datetime):
        return "timestamp", 0, series.to_physical(), NANOS[dtype.time_unit]
    if isinstance(dtype, pl.Duration):
        return "duration", 0, series.to_physical(), NANOS[dtype.time_unit]
    if dtype == pl.String:
        return "text", 0, series, 1
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        return "text", 0, series.cast(pl.String), 1
    if dtype == pl.Binary:
        return "binary", 0, series, 1
    return ("nested" if dtype.is_nested() else None), 0, None, 1


def aggregates(series):
    """Polars' own sum, mean, deviation and distinct count of the values that are not NaN.

    Summed as floats of 64 bits or, where they are whole, as 128-bit numbers: Polars sums a column in its own type, in
    which small floats are rounded to 24 bits and whole numbers wrap around.
    """
    values = series.drop_nulls()
    if values.dtype.is_float():
        values = values.cast(pl.Float64)
        values = values.filter(values.is_not_nan())
    found = {"distinct": values.n_unique()}
    if values.dtype.is_integer():
        found["sum"] = values.cast(pl.Int128).sum()
    elif values.dtype.is_float():
        found["sum"] = values.sum()
    if values.dtype.is_integer() or values.dtype.is_float():
        values = values.cast(pl.Float64)
        found["mean"], found["stddev"] = values.mean(), values.std()
    return found
