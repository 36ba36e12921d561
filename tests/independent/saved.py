"""A saved profile held against the exact counts of its columns, measure by measure."""

import json
import re
from fractions import Fraction

from truth import NUMBERS, QUANTILES, UNORDERED, unkey


def plain(scalar):
    """A value of a saved profile in whole units, as a float, a text or bytes."""
    if scalar is None:
        return None
    ((kind, value),) = scalar.items()
    if kind == "timestamp":
        return int(value["nanos"])
    if kind == "decimal":
        return int(value["unscaled"])
    if kind == "binary":
        return bytes(value)
    return value if kind == "text" else float(value) if kind == "float" else int(value)


def exact_sum(text):
    """`-1a@-3` is -0x1a * 2^-3."""
    digits, exponent = text.split("@")
    return int(digits, 16) * Fraction(2) ** int(exponent)


def kind_of(form):
    """The kind of a column's values and the digits after the point."""
    if isinstance(form, dict):
        return "decimal", form["decimal"]
    return {"none": None, "timestamp_utc": "timestamp", "timestamp_local": "timestamp"}.get(form, form), 0


class Saved:
    """One saved profile."""

    def __init__(self, text):
        self.whole = json.loads(text)
        self.rows = self.whole["rows"]
        self.columns = {c["name"]: c for c in self.whole["columns"]}


def compare_column(comparison, what, column, truth, by):
    """Every measure that is in the saved column or follows from it."""
    comparison.columns[by] += 1
    counters = column["counters"]
    for name in ("rows", "nulls"):
        comparison.exact(f"{what}: {name}", counters[name], getattr(truth, name), by)
    kind, scale = kind_of(column["form"])
    if truth.counts is None:
        if truth.kind == "nested":
            comparison.exact(f"{what}: kind of values", kind, None, by)
        return
    looked_into = "not_profiled" not in column
    comparison.exact(f"{what}: is looked into", looked_into, truth.fits(), by)
    if not looked_into or not truth.fits():
        return
    comparison.exact(f"{what}: kind and scale", (kind, scale), (truth.kind, truth.scale), by)
    if kind != truth.kind:
        return
    for name, value in truth.counters().items():
        comparison.exact(f"{what}: {name}", counters[name], value, by)
    if "withheld" in column:
        compare_withheld(comparison, what, column, truth, by)
        return
    least, greatest = truth.bounds()
    comparison.exact(f"{what}: min", plain(column.get("min")), least, by)
    comparison.exact(f"{what}: max", plain(column.get("max")), greatest, by)
    comparison.exact(f"{what}: lengths", column.get("lengths"), truth.lengths(), by)
    if kind in NUMBERS:
        comparison.exact(f"{what}: sum", exact_sum(column["sum"]), Fraction(truth.power_sum(1)), by)
        comparison.exact(f"{what}: sum of squares", exact_sum(column["squares"]), Fraction(truth.power_sum(2)), by)
    compare_values(comparison, what, column, truth, by)


def compare_withheld(comparison, what, column, truth, by):
    """No value is told of a column whose values look personal; that they do is found here in another way."""
    told = [name for name in ("min", "max", "counts") if column.get(name) is not None]
    comparison.exact(f"{what}: values that are withheld", told, [], by)
    found = any(looks_personal(str(value)) for value in truth.counts)
    comparison.exact(f"{what}: a value looks personal", "withheld" in column, found, by)


def looks_personal(text):
    """An e-mail address, or 13 to 19 digits with the check digit of card numbers (ISO/IEC 7812), that are no decimal's."""
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[A-Za-z]+", text):
        return True
    return any(luhn(digits) for digits in re.findall(r"(?<![\d.])\d{13,19}(?!\d|\.\d)", text))


def luhn(digits):
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def compare_values(comparison, what, column, truth, by):
    """Counts of all values where they are listed; beyond, bins, and where quantiles lie in them."""
    listed = truth.listed()
    comparison.exact(f"{what}: values are listed", "counts" in column, listed, by)
    if "counts" not in column or not listed:
        comparison.exact(f"{what}: has bins", "bins" in column, not listed and truth.kind not in UNORDERED, by)
        if "bins" in column:
            compare_bins(comparison, what, column["bins"], truth, by)
        return
    ours = [(plain(v), n) for v, n in column["counts"]]
    comparison.exact(f"{what}: distinct", len(ours), len(truth.counts), by)
    comparison.exact(f"{what}: counts of every value, in order", ours, sorted(truth.counts.items()), by)


def compare_bins(comparison, what, bins, truth, by):
    shift, entries = bins
    comparison.exact(f"{what}: bits of a bin", shift, truth.shift(), by)
    comparison.exact(f"{what}: counts over bins", entries, truth.bins(shift), by)
    for q in QUANTILES:
        low, high = bin_of(shift, entries, q)
        value = truth.number(truth.quantile(q))
        comparison.exact(f"{what}: quantile {q} lies within {low} to {high}", low <= value <= high, True, by)


def bin_of(shift, entries, q):
    """The bounds of the bin that the quantile `q` lies in."""
    total = sum(n for _, n in entries)
    rank, below = max(1, -(-Fraction(str(q)) * total // 1)), 0
    for at, n in entries:
        below += n
        if below >= rank:
            return unkey(at << shift), unkey((at << shift) + (1 << shift) - 1)
    raise ValueError("no values")
