"""Every statistic of a column from the counts of its values, in whole numbers and fractions: nothing is rounded.

A value is what a saved profile says it is: whole units (0 and 1 for booleans, digits of decimals, days, nanoseconds), a
float, a text or bytes. Who counted the values (pyarrow, DuckDB, Polars) is not this module's business.
"""

import math
import struct
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

NUMBERS = ("integer", "decimal", "float")
UNORDERED = ("boolean", "text", "binary")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Unicode's White_Space, which is not what Python strips: that takes U+001C to U+001F too.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# Values that a saved profile lists at most, and bytes of them: the limits that src/measure/values.rs states.
COUNT_CAP, COUNT_BYTES, BIN_CAP = 10_000, 1 << 20, 4_096
# Units of a second in what moments are counted in; days stay days.
SECOND = {"time": 10**9, "timestamp": 10**9, "duration": 10**9}


@dataclass
class Truth:
    """Counts of one column.

    `counts` is absent when only rows and nulls are known: `kind` is then `nested` for lists, maps and what is inside,
    and absent where the reader has no such type.
    """

    kind: str | None
    rows: int
    nulls: int
    nan: int = 0
    counts: Counter | None = None
    scale: int = 0
    kept: dict = field(default_factory=dict, repr=False)

    def once(self, name, make):
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    @property
    def valued(self):
        return self.rows - self.nulls - self.nan

    def fits(self):
        """Whether every value has at most 128 bits, so that it can be profiled."""
        return self.kind != "decimal" or all(-(2**127) <= v < 2**127 for v in self.counts)

    def counters(self):
        def rows(condition):
            return sum(n for v, n in self.counts.items() if condition(v))

        number, text = self.kind in NUMBERS, self.kind in ("text", "binary")
        return {
            "rows": self.rows,
            "nulls": self.nulls,
            "nan": self.nan,
            "infinite": rows(lambda v: v == math.inf) if self.kind == "float" else 0,
            "negative_infinite": rows(lambda v: v == -math.inf) if self.kind == "float" else 0,
            "zeros": rows(lambda v: v == 0) if number else 0,
            "negative": rows(lambda v: v < 0) if number else 0,
            "empty": rows(lambda v: len(v) == 0) if text else 0,
            "blank": rows(lambda v: not v.strip(WHITE_SPACE)) if self.kind == "text" else 0,
            "trues": rows(lambda v: v == 1) if self.kind == "boolean" else 0,
        }

    def bounds(self):
        return (min(self.counts), max(self.counts)) if self.counts else (None, None)

    def lengths(self):
        if self.kind not in ("text", "binary") or not self.counts:
            return None
        return [min(map(len, self.counts)), max(map(len, self.counts))]

    def power_sum(self, power):
        """Sum of the finite values to a power, as a fraction; of decimals, the digits."""

        def add():
            finite = ((v, n) for v, n in self.counts.items() if self.kind != "float" or math.isfinite(v))
            if self.kind != "float":
                return Fraction(sum(v**power * n for v, n in finite))
            # floats are whole multiples of 2^-1074
            unit = 1074 * power
            total = 0
            for value, n in finite:
                top, bottom = value.as_integer_ratio()
                total += n * top**power << (unit - power * (bottom.bit_length() - 1))
            return Fraction(total, 1 << unit)

        return self.once(f"power {power}", add)

    def infinity(self):
        """What infinities make of a sum; absent without any."""
        if self.kind != "float":
            return None
        up, down = math.inf in self.counts, -math.inf in self.counts
        return (math.nan if down else math.inf) if up else (-math.inf if down else None)

    def sum(self):
        if self.kind not in NUMBERS or self.valued == 0:
            return None
        infinity = self.infinity()
        return self.power_sum(1) / Fraction(10) ** self.scale if infinity is None else infinity

    def mean(self):
        total = self.sum()
        return total / self.valued if isinstance(total, Fraction) else total

    def variance(self):
        """Sample variance: divisor n - 1."""
        if self.kind not in NUMBERS or self.valued < 2:
            return None
        if self.infinity() is not None:
            return math.nan
        n = self.valued
        spread = n * self.power_sum(2) - self.power_sum(1) ** 2
        return spread / (n * (n - 1)) / Fraction(10) ** (2 * self.scale)

    def listed(self):
        """Whether so many values are listed one by one."""
        few = len(self.counts) <= COUNT_CAP
        return few and (self.kind not in ("text", "binary") or self.bytes_of_values() <= COUNT_BYTES)

    def bytes_of_values(self):
        return sum(len(v.encode() if self.kind == "text" else v) for v in self.counts)

    def number(self, value):
        """The value as a float in the unit of bins: a decimal with its point, days, seconds."""
        if self.kind == "decimal":
            return float(value) / 10.0**self.scale if self.scale >= 0 else float(value) * 10.0**-self.scale
        return float(value) / SECOND[self.kind] if self.kind in SECOND else float(value)

    def quantile(self, q):
        """The least value with at least a share `q` of the values at or below it."""
        rank, below = max(1, math.ceil(Fraction(str(q)) * self.valued)), 0
        for value in self.once("sorted", lambda: sorted(self.counts)):
            below += self.counts[value]
            if below >= rank:
                return value
        return None

    def keys(self):
        """Counts by the order-preserving 64-bit key of the value as a float."""

        def count():
            keys = Counter()
            for value, n in self.counts.items():
                keys[key(self.number(value))] += n
            return keys

        return self.once("keys", count)

    def bins(self, shift):
        """Counts over bins of `shift` bits of the keys, in ascending order."""
        bins = Counter()
        for bits, n in self.keys().items():
            bins[bits >> shift] += n
        return [list(pair) for pair in sorted(bins.items())]

    def shift(self):
        """The least shift that leaves at most `BIN_CAP` bins."""

        def find():
            # two neighbours are in two bins as long as a bit in which they differ is left
            keys = sorted(self.keys())
            apart = Counter((a ^ b).bit_length() for a, b in zip(keys, keys[1:]))
            return next(s for s in range(65) if sum(n for bits, n in apart.items() if bits > s) < BIN_CAP)

        return self.once("shift", find)


def key(value):
    """Bits of a float, so that their unsigned order is the order of the numbers."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", value + 0.0))
    return bits ^ 0xFFFF_FFFF_FFFF_FFFF if bits >> 63 else bits | 1 << 63


def unkey(bits):
    (value,) = struct.unpack(">d", struct.pack(">Q", bits & ~(1 << 63) if bits >> 63 else bits ^ 0xFFFF_FFFF_FFFF_FFFF))
    return value


def counted(values):
    """Counts of values without NaN, both zeros as one, and the number of NaN."""
    counts, nan = Counter(), 0
    for value, n in values:
        if isinstance(value, float) and value != value:
            nan += n
        else:
            counts[value + 0.0 if isinstance(value, float) else value] += n
    return counts, nan
