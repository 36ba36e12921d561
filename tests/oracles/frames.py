"""Random frames: every column has one difficulty, so that a difference has one cause.

| column | values |
|---|---|
| id, n | whole numbers without nulls; `id` is unique |
| i, a, c | whole numbers with nulls |
| f | floats with nulls, zeros of both signs and infinities, no NaN |
| g | floats with nulls and NaN |
| t | texts with nulls, the empty text, line ends and characters beyond ASCII |
| s | one of four codes, without nulls |
| d | days with nulls |
| b | truth values with nulls |
"""

import random
from datetime import date, timedelta

import pyarrow as pa

CODES = ["open", "paid", "sent", "lost"]
TEXTS = ["a", "ab", "abc", "Abc", "b1", "x y", "42x", "no-1", "zz"]
ODD_TEXTS = ["", " ", "é", "ß", "日本", "a\u0301", "🦀", "ab\n", "a\nb", "ÀB"]
ODD_FLOATS = [0.0, -0.0, float("inf"), float("-inf"), 1e308, 5e-324]
FIRST_DAY = date(2024, 1, 1)

# Name, rows, whether odd values occur. Tame frames let rules pass, empty ones have no row.
SIZES = [("empty", 0, False), ("one", 1, False), ("few", 6, True), ("tame", 40, False), ("wild", 80, True)]

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("n", pa.int64()),
        ("i", pa.int64()),
        ("a", pa.int64()),
        ("c", pa.int64()),
        ("f", pa.float64()),
        ("g", pa.float64()),
        ("t", pa.string()),
        ("s", pa.string()),
        ("d", pa.date32()),
        ("b", pa.bool_()),
    ]
)


class Frame:
    """Rows with a name; `rng` draws the arguments of the rules that are held over it."""

    def __init__(self, kind, seed, rows, odd):
        self.kind, self.name = kind, f"{kind}-{seed}"
        self.rng = random.Random(f"{kind} {seed}")
        self.table = table(self.rng, rows, odd)

    def nans(self, column):
        values = self.table.column(column).to_pylist()
        return sum(v is not None and v != v for v in values)


def frames(seeds):
    for seed in range(seeds):
        for kind, rows, odd in SIZES:
            if kind != "empty" or seed == 0:
                yield Frame(kind, seed, rows, odd)


def table(rng, rows, odd):
    nulls = 0.15 if odd else 0.0

    def column(draw, share=nulls):
        return [None if rng.random() < share else draw() for _ in range(rows)]

    def number(choices):
        return rng.choice(choices) if odd and rng.random() < 0.3 else rng.choice([-2.5, -1.0, 0.5, 1.5, 2.25, 7.0])

    def text():
        return rng.choice(ODD_TEXTS if odd and rng.random() < 0.4 else TEXTS)

    numbers = list(range(1, rows + 1))
    rng.shuffle(numbers)
    columns = {
        "id": numbers,
        "n": column(lambda: rng.randint(0, 9), 0),
        "i": column(lambda: rng.randint(-20, 20)),
        "a": column(lambda: rng.randint(0, 6)),
        "c": column(lambda: rng.randint(0, 6)),
        "f": column(lambda: number(ODD_FLOATS)),
        "g": column(lambda: number([float("nan")])),
        "t": column(text),
        "s": column(lambda: rng.choice(CODES), 0),
        "d": column(lambda: FIRST_DAY + timedelta(days=rng.randint(0, 60))),
        "b": column(lambda: rng.random() < 0.5),
    }
    return pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names}, SCHEMA)
