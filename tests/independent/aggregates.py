"""Sums, means, deviations and distinct counts: what tollgate reports, and other programs' own, against exact ones."""

import math
from fractions import Fraction

from truth import NUMBERS, QUANTILES, key, unkey

ULP = 2.0**-53


def as_float(value):
    """A fraction as the nearest float; what is beyond the greatest one is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def root(value):
    return math.sqrt(value) if value == value and value >= 0 else math.nan


def theirs(comparison, what, truth, found, by):
    """Another program's aggregates against the exact ones, within what its arithmetic may lose.

    A sum of n floats in any order is off by at most (n - 1) u Σ|x|, with u = 2^-53 (Higham, Accuracy and Stability of
    Numerical Algorithms, 4.2); a mean by that over n. A deviation by updating formulas is off by about n u κ of it
    κ = sqrt(1 + mean² / variance) (Chan, Golub and LeVeque, 1983). Both programs add doubles this way.
    """
    if truth.counts is None or "distinct" not in found or not truth.fits():
        return
    comparison.exact(f"{what}: distinct, theirs against the counts", found["distinct"], len(truth.counts), by)
    total, mean, variance = truth.sum(), truth.mean(), truth.variance()
    if not isinstance(total, Fraction):
        return
    n, u = truth.valued, Fraction(ULP)
    size = sum(abs(Fraction(v)) * k for v, k in truth.counts.items()) / Fraction(10) ** truth.scale
    if "sum" in found and math.isfinite(found["sum"]):
        within = 0 if truth.kind != "float" else n * u * size
        comparison.near(f"{what}: sum, theirs against the counts", Fraction(found["sum"]), total, within, by)
    if found.get("mean") is not None and math.isfinite(found["mean"]):
        comparison.near(
            f"{what}: mean, theirs against the counts", Fraction(found["mean"]), mean, (n + 4) * u * size / n, by
        )
    if found.get("stddev") is not None and math.isfinite(found["stddev"]) and variance is not None:
        within = deviation_error(n, mean, variance)
        comparison.near(
            f"{what}: deviation, theirs against the counts", found["stddev"], root(as_float(variance)), within, by
        )


def deviation_error(n, mean, variance):
    """First-order bound of the updating formulas, and its second order for columns that hardly vary."""
    steps, spread = (n + 8) * ULP, root(as_float(variance))
    whole = root(as_float(variance + mean**2))
    return steps * whole + steps * steps * whole if spread > 0 else steps * whole


def ours(comparison, what, summary, truth, by):
    """The numbers of a run's record, which are rounded once: the nearest float, a root of it within one more step."""
    if truth.counts is None or not truth.fits() or "not_profiled" in summary:
        return
    distinct = summary["distinct"]
    if truth.listed():
        comparison.exact(f"{what}: distinct in the record", distinct, str(len(truth.counts)), by)
    else:
        # 4 times the standard error of 1.625 % that is printed beside it, and 6 digits
        about = float(distinct.removeprefix("~")) if distinct.startswith("~") else math.nan
        within = 4 * 0.016_25 * len(truth.counts) + 1
        comparison.near(f"{what}: estimated distinct", about, float(len(truth.counts)), within, by)
    if "withheld" in summary:  # personal data by content: the record says so, and tells no value
        comparison.exact(f"{what}: values that are withheld", summary.get("top", []), [], by)
        return
    tops = sorted(truth.counts.values(), reverse=True)[:5] if truth.listed() else []
    comparison.exact(f"{what}: counts of the most common", [t["count"] for t in summary.get("top", [])], tops, by)
    if truth.kind in NUMBERS and truth.valued > 0:
        numbers(comparison, what, summary, truth, by)


def numbers(comparison, what, summary, truth, by):
    """Mean, sum, deviation and quantiles of a record."""
    numbers = {m["name"]: m.get("number") for m in summary.get("details", [])}
    # the mean is a text of 6 digits
    mean = as_float(truth.mean())
    comparison.near(f"{what}: mean in the record", float(summary["mean"]), mean, 5.1e-6 * abs(mean), by)
    shift = 0 if truth.listed() else truth.shift()
    for q in QUANTILES:
        exact = truth.number(truth.quantile(q))
        text, bits = summary["median"], key(exact) >> shift << shift
        about = float(text.removeprefix("~")) if q == 0.5 else numbers[f"p{q * 100:02.0f}"]
        low, high = unkey(bits), unkey(bits | (1 << shift) - 1)
        if not math.isfinite(exact):
            comparison.exact(
                f"{what}: quantile {q} in the record", about if q == 0.5 else None, exact if q == 0.5 else None, by
            )
        elif q == 0.5 and text.startswith("~"):
            # and so is a median that lies in a range
            comparison.near(f"{what}: median in the record", about, exact, high - low + 5.1e-6 * abs(exact), by)
        else:
            comparison.exact(f"{what}: quantile {q} {about} lies in {low} to {high}", low <= about <= high, True, by)
    for name, value in (("sum", truth.sum()), ("stddev", truth.variance())):
        if value is None:
            comparison.exact(f"{what}: has a {name}", name in numbers, False, by)
            continue
        exact = as_float(value)
        exact = root(exact) if name == "stddev" else exact
        if not math.isfinite(exact):
            comparison.exact(f"{what}: {name} in the record", numbers.get(name), None, by)
        else:
            comparison.near(f"{what}: {name} in the record", numbers.get(name), exact, 4 * ULP * abs(exact), by)
