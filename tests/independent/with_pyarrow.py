"""Columns of a file as pyarrow reads them (Arrow C++), counted value by value."""

import decimal
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import types as of

from truth import Truth, counted

NAME = f"pyarrow {pa.__version__}"
NANOSECONDS = ("time", "timestamp", "duration")
NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def parquet(path):
    """Every column of a Parquet file by name, struct fields by path."""
    found = {}
    file = pq.ParquetFile(path)
    for name, column in zip(file.schema_arrow.names, file.read().columns):
        found.update(leaves(name, column))
    old = [name for name, physical in physical_types(path).items() if physical == "INT96"]
    if old:
        # Nanoseconds since 1970 in 64 bits end in the year 2262; beyond it microseconds are all that pyarrow has.
        wide = pq.ParquetFile(path, coerce_int96_timestamp_unit="us").read(old)
        for name in old:
            found[name].counts = Counter(
                precise if abs(micros) < 2**63 // 1000 else micros * 1000
                for micros, precise in zip(moments(wide[name]), moments(file.read([name])[name]))
            )
    return found


def physical_types(path):
    """Physical type of each leaf column by its path."""
    schema = pq.ParquetFile(path).schema
    return {c.path: c.physical_type for c in map(schema.column, range(len(schema)))}


def moments(column):
    return column.drop_null().cast(pa.int64()).to_pylist()


def leaves(name, column):
    if of.is_struct(column.type) and column.type.num_fields > 0:
        # `flatten` gives each field the nulls of the struct
        found = {}
        for inner, child in zip(column.type, column.flatten()):
            found.update(leaves(f"{name}.{inner.name}", child))
        return found
    return {name: truth(column)}


def truth(column):
    rows = len(column)
    kind, scale, values = whole(column)
    unit, scale = (scale, 0) if kind in NANOSECONDS else (1, scale)
    if values is None:
        nulls = rows if of.is_null(column.type) else column.null_count
        return Truth(kind, rows, nulls)
    nulls = values.null_count
    counts, nan = counted((value * unit if unit > 1 else value, n) for value, n in pairs(values, kind))
    return Truth(kind, rows, nulls, nan, counts, scale)


def whole(column):
    """Kind, digits after the point (of moments, nanoseconds in their unit), and the values in units of the kind."""
    kind = column.type
    if of.is_dictionary(kind):
        column = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], kind.value_type)
        kind = column.type
    if of.is_null(kind):
        return None, 0, None
    if of.is_boolean(kind):
        return "boolean", 0, column.cast(pa.int8())
    if of.is_integer(kind):
        return "integer", 0, column
    if of.is_floating(kind):
        return "float", 0, column.cast(pa.float64())
    if of.is_decimal(kind):
        return "decimal", kind.scale, column
    if of.is_date(kind):
        return "date", 0, column.cast(pa.date32()).cast(pa.int32())
    for is_it, word in ((of.is_time, "time"), (of.is_timestamp, "timestamp"), (of.is_duration, "duration")):
        if is_it(kind):
            narrow = pa.int32() if of.is_time32(kind) else pa.int64()
            return word, NANOS[kind.unit], column.cast(narrow)
    if of.is_string(kind) or of.is_large_string(kind) or kind == pa.string_view():
        return "text", 0, column.cast(pa.large_string())
    if of.is_binary(kind) or of.is_large_binary(kind) or of.is_fixed_size_binary(kind) or kind == pa.binary_view():
        return "binary", 0, column.cast(pa.large_binary())
    return "nested", 0, None


def pairs(values, kind):
    """Values that are not null, with their counts."""
    if kind == "decimal":
        # digits by Python: a cast to whole numbers would be one of Arrow's
        with decimal.localcontext(prec=100):
            counts = Counter(values.drop_null().to_pylist())
            return [(int(v.scaleb(values.type.scale)), n) for v, n in counts.items()]
    counts = pc.value_counts(values.drop_null())
    return zip(counts.field(0).to_pylist(), counts.field(1).to_pylist())
