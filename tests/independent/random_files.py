"""Parquet files over encodings, compressions, page versions, null patterns and types, the same ones every time.

Every (type, encoding) pair is dealt to files in turn, so that each meets every compression and page version.
"""

import decimal
import functools
import math
import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20_131_015
FILES = 204
COLUMNS = 9
COMPRESSIONS = ("none", "snappy", "gzip", "brotli", "zstd", "lz4")
PAGE_VERSIONS = ("1.0", "2.0")
DELTAS = ("DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY")
NULLS = ("none", "all", "first", "last", "alternating", "runs", "few", "most")
WORDS = [
    "",
    " ",
    "a",
    "b",
    "Ω",
    "日本語",
    "🦀",
    "\u00a0\u2003",
    "\x00",
    "::error::",
    "<script>",
    "x" * 70,
    "\t",
    "NULL",
    "nan",
]


def integers(low, high):
    def make(rng):
        return rng.choice((low, high, 0, 1, rng.randint(low, high), max(low, rng.randint(-9, 9))))

    return make


def floats(bits):
    form = {16: "e", 32: "f", 64: "d"}[bits]

    def make(rng):
        if rng.random() < 0.2:
            (any_bits,) = struct.unpack(form, rng.randbytes(bits // 8))
            return any_bits
        plain = rng.choice((0.0, -0.0, math.inf, -math.inf, math.nan, 0.1, -2.5, 1.0, float(rng.randint(-50, 50))))
        return struct.unpack(form, struct.pack(form, plain))[0]

    return make


def decimals(precision, scale):
    def make(rng):
        most = 10**precision - 1
        digits = rng.choice((0, 1, -1, most, -most, rng.randint(-most, most), rng.randint(-99, 99) % (most + 1)))
        with decimal.localcontext(prec=80):
            return decimal.Decimal(digits).scaleb(-scale)

    return make


def texts(rng):
    return rng.choice((*WORDS, f"N{rng.randint(0, 40)}", "prefix/" * rng.randint(0, 4) + str(rng.randint(0, 9))))


def binaries(rng):
    return rng.choice((b"", b"\xff\xfe", b"\x00", b"same", rng.randbytes(rng.randint(0, 12))))


def fixed(width):
    return lambda rng: rng.choice((b"\x00" * width, b"\xff" * width, rng.randbytes(width), b"k" * width))


YEAR_1, YEAR_9999 = -719_162, 2_932_896


def types():
    """Name, Arrow type, maker of one value, encodings beside dictionary and PLAIN."""
    delta, split, strings = (
        ["DELTA_BINARY_PACKED"],
        ["BYTE_STREAM_SPLIT"],
        ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    )
    fixed_wide = ["BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY"]
    whole = delta + split
    day = 86_400
    yield "bool", pa.bool_(), lambda rng: rng.random() < 0.4, ["RLE"]
    for bits in (8, 16, 32, 64):
        yield f"int{bits}", getattr(pa, f"int{bits}")(), integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1), whole
        yield f"uint{bits}", getattr(pa, f"uint{bits}")(), integers(0, 2**bits - 1), whole
    yield "float16", pa.float16(), floats(16), split
    yield "float32", pa.float32(), floats(32), split
    yield "float64", pa.float64(), floats(64), split
    for precision, scale in ((1, 0), (5, 2), (9, 9), (18, 4), (25, 3), (38, 0), (38, 38)):
        yield f"decimal{precision}_{scale}", pa.decimal128(precision, scale), decimals(precision, scale), fixed_wide
    for precision, scale in ((20, 5), (38, 10), (39, 2), (76, 20)):
        yield f"wide{precision}_{scale}", pa.decimal256(precision, scale), decimals(precision, scale), fixed_wide
    yield "date32", pa.date32(), integers(YEAR_1, YEAR_9999), whole
    yield "date64", pa.date64(), lambda rng: rng.randint(YEAR_1, YEAR_9999) * day * 1000, whole
    yield "time_s", pa.time32("s"), lambda rng: rng.randrange(day), whole
    yield "time_ms", pa.time32("ms"), lambda rng: rng.randrange(day * 10**3), whole
    yield "time_us", pa.time64("us"), lambda rng: rng.randrange(day * 10**6), whole
    yield "time_ns", pa.time64("ns"), lambda rng: rng.randrange(day * 10**9), whole
    for unit, per in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)):
        least, most = (-(2**63), 2**63 - 1) if unit == "ns" else (YEAR_1 * day * per, YEAR_9999 * day * per)
        for zone in (None, "UTC", "Europe/Berlin", "+02:00"):
            yield f"timestamp_{unit}_{zone}", pa.timestamp(unit, zone), integers(least, most), whole
        yield f"duration_{unit}", pa.duration(unit), integers(-(10**15), 10**15), whole
    yield "string", pa.string(), texts, strings
    yield "large_string", pa.large_string(), texts, strings
    yield "string_view", pa.string_view(), texts, strings
    yield "binary", pa.binary(), binaries, strings
    yield "large_binary", pa.large_binary(), binaries, strings
    for width in (1, 7, 16):
        yield f"fixed{width}", pa.binary(width), fixed(width), fixed_wide
    yield "codes", pa.dictionary(pa.int16(), pa.string()), texts, []
    yield "number_codes", pa.dictionary(pa.int8(), pa.int64()), lambda rng: rng.randrange(20), []
    yield "null", pa.null(), lambda rng: None, []
    inner = [("a", pa.int64()), ("b", pa.string()), ("c", pa.struct([("d", pa.float64())]))]
    yield "struct", pa.struct(inner), structs, []
    yield "list", pa.list_(pa.int32()), lambda rng: [rng.choice((None, 1, 7)) for _ in range(rng.randrange(4))], []
    yield (
        "list_of_structs",
        pa.list_(pa.struct(inner[:2])),
        lambda rng: [{"a": rng.randrange(5), "b": texts(rng)} for _ in range(rng.randrange(3))],
        [],
    )
    yield "map", pa.map_(pa.string(), pa.int64()), lambda rng: [(texts(rng), n) for n in range(rng.randrange(3))], []


def structs(rng):
    maybe = lambda value: None if rng.random() < 0.2 else value  # noqa: E731
    return {"a": maybe(rng.randrange(-5, 2**40)), "b": maybe(texts(rng)), "c": maybe({"d": maybe(rng.random())})}


def is_null(pattern, row, rows, rng):
    return {
        "none": False,
        "all": True,
        "first": row < rows // 3 + 1,
        "last": row >= rows - rows // 3 - 1,
        "alternating": row % 2 == 0,
        "runs": row // 17 % 2 == 0,
        "few": rng.random() < 0.05,
        "most": rng.random() < 0.95,
    }[pattern]


def column(kind, make, rows, rng):
    pattern = rng.choice(NULLS)
    few = [make(rng) for _ in range(rng.choice((1, 2, 3, 9, 60, 300)))]
    run, last = rng.choice((1, 1, 8, 40)), None
    values = []
    for row in range(rows):
        if row % run == 0:
            last = rng.choice(few)
        values.append(None if pa.types.is_null(kind) or is_null(pattern, row, rows, rng) else last)
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode().cast(kind), pattern == "none"
    if pa.types.is_temporal(kind):
        whole = pa.int32() if kind.bit_width == 32 else pa.int64()
        return pa.array(values, whole).cast(kind), pattern == "none"
    if pa.types.is_float16(kind):
        values = [None if v is None else np.float16(v) for v in values]
    return pa.array(values, kind), pattern == "none"


def many(kind, make, rows, rng):
    """More distinct values than are listed one by one."""
    if kind == pa.string():
        values = [f"{rng.randrange(10**9)}{'y' * rng.randrange(120)}" for _ in range(rows)]
        return pa.array(values, kind)
    if pa.types.is_floating(kind):
        return pa.array(np.frombuffer(rng.randbytes(8 * rows), dtype=np.float64)).cast(kind)
    if pa.types.is_decimal(kind):
        with decimal.localcontext(prec=80):
            most = 10 ** min(kind.precision, 12) - 1
            digits = [decimal.Decimal(rng.randint(-most, most)).scaleb(-kind.scale) for _ in range(rows)]
        return pa.array(digits, kind)
    if (
        pa.types.is_time(kind)
        or pa.types.is_date64(kind)
        or not (pa.types.is_temporal(kind) or pa.types.is_integer(kind) and kind.bit_width >= 32)
    ):
        return None
    whole = pa.int32() if kind.bit_width == 32 else pa.int64()
    low = 0 if pa.types.is_unsigned_integer(kind) else -700_000
    return pa.array([rng.randint(low, 2 * 10**6) for _ in range(rows)], whole).cast(kind)


def deal():
    """(type, encoding) pairs in a fixed shuffled order, without end."""
    rng = random.Random(SEED)
    pairs = [(t, e) for t in types() for e in ["dictionary", "PLAIN", *t[3]]]
    # few types have these
    pairs += [(t, e) for t, e in pairs if e in ("RLE", "DELTA_LENGTH_BYTE_ARRAY") for _ in range(4)]
    while True:
        rng.shuffle(pairs)
        yield from pairs


@functools.cache
def write_all(folder):
    """Writes the files, once; gives their paths."""
    hands = deal()
    return [write(Path(folder) / f"random{i:03}.parquet", i, hands) for i in range(FILES)]


def write(path, i, hands):
    rng = random.Random(f"{SEED} {i}")
    rows = rng.choice((0, 1, 2, 7, 8, 9, 64, 100, 333, 500)) if i % 34 else 21_000
    arrays, fields, plain, encodings = [], [], [], {}
    for _ in range(COLUMNS):
        (name, kind, make, _), encoding = next(hands)
        make, encoding = fitted(kind, make, encoding, i)
        name = f"{name}.{encoding}" if rng.random() < 0.1 else f"{name} {encoding}"
        array, required = column(kind, make, min(rows, 500), rng)
        if rows > 500:
            wide = many(kind, make, rows, rng)
            array = pa.concat_arrays([array] * (rows // 500) if wide is None else [array, wide[500:]])
        if name in (f.name for f in fields):
            continue
        fields.append(pa.field(name, kind, nullable=pa.types.is_null(kind) or not required))
        arrays.append(array)
        if encoding == "dictionary":
            plain.append(name)
        elif not pa.types.is_nested(kind):
            encodings[name] = encoding
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(
        table,
        path,
        compression=COMPRESSIONS[i % 6],
        data_page_version=PAGE_VERSIONS[i // 6 % 2],
        use_dictionary=plain,
        column_encoding=encodings or None,
        data_page_size=rng.choice((1, 100, 1000, 2**20)),
        write_batch_size=rng.choice((1, 3, 32, 1024)),
        max_rows_per_page=rng.choice((5, 50, 20_000)),
        dictionary_pagesize_limit=rng.choice((20, 300, 2**20)),
        row_group_size=max(1, rng.choice((rows, rows // 2, rows // 5, 97)))
        if rows <= 500
        else rng.choice((rows, 8000)),
        write_statistics=rng.random() < 0.8,
        write_page_index=rng.random() < 0.5,
        write_page_checksum=rng.random() < 0.5,
        store_schema=rng.random() < 0.8,
        use_deprecated_int96_timestamps=old_moments(i),
        store_decimal_as_integer=whole_decimals(i),
        version=rng.choice(("1.0", "2.6") if not any("_ns" in f.name for f in fields) else ("2.6",)),
    )
    return path


def old_moments(i):
    return i % 5 == 0


def whole_decimals(i):
    return i % 3 == 0


def fitted(kind, make, encoding, i):
    """What a file's physical types can hold: 96-bit moments are coded or PLAIN, whole decimals are numbers."""
    if pa.types.is_timestamp(kind) and old_moments(i):
        # 96 bits reach further than the nanoseconds in 64 bits that they are read as, and beyond them is an error
        per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        make = integers(-9 * 10**9 * per, 9 * 10**9 * per)
        encoding = encoding if encoding == "dictionary" else "PLAIN"
    if encoding == "DELTA_BYTE_ARRAY" and pa.types.is_decimal(kind) and kind.precision <= 18 and whole_decimals(i):
        encoding = "DELTA_BINARY_PACKED"
    return make, encoding


def missing(paths):
    """What the files lack of every encoding with every compression in every page version."""
    wanted = {
        (encoding, compression.upper(), version)
        for encoding in ("dictionary", "PLAIN", "RLE", *DELTAS, "BYTE_STREAM_SPLIT")
        for compression in COMPRESSIONS
        for version in PAGE_VERSIONS
    }
    for i, path in enumerate(paths):
        metadata = pq.ParquetFile(path).metadata
        for group in range(metadata.num_row_groups):
            for at in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(at)
                compression = chunk.compression.replace("UNCOMPRESSED", "NONE")
                used = set(chunk.encodings)
                if chunk.physical_type != "BOOLEAN":
                    # levels are always of this encoding
                    used.discard("RLE")
                if used & {"RLE_DICTIONARY", "PLAIN_DICTIONARY"}:
                    used = {"dictionary"}
                wanted -= {(encoding, compression, PAGE_VERSIONS[i // 6 % 2]) for encoding in used}
    return sorted(wanted)


def lineitem(folder, form):
    """TPC-H lineitem, scale 0.01, made by tpchgen-cli beside this Python."""
    generator = Path(sys.executable).with_name("tpchgen-cli")
    subprocess.run(
        [generator, form, "-s", "0.01", "--tables", "lineitem", "--output-dir", folder], check=True, capture_output=True
    )
    return Path(folder) / f"lineitem.{form}"
