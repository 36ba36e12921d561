"""What a judge could find who knows too much: a bound for the faults of the nights.

Usage: python oracle.py
Needs requirements.txt. The judge is told the column and the kind of fault, knows exactly how the night would have been
without it, looks at that column alone, and makes one one-sided test at 5 %: no other column, kind or day to be wary of.
What he is expected to find of the faults of `cells.py` is printed in per cent; what no longer goes with other columns he
does not see. A column without a change counts as not found.
"""

from types import SimpleNamespace

import cells
import numpy as np
import tables
from faults import SHARES, numbers
from scipy.stats import binom, norm

LEVEL = 0.05


def binomial(rate, now, rows):
    """Power against `now` of the most powerful test of a share of rows that is `rate`."""
    if rate <= 0:
        return 1 - (1 - now) ** rows
    bound = binom.isf(LEVEL, rows, rate)
    return binom.sf(bound, rows, now)


def column(before, now):
    """The column that the fault changed."""
    for name in before.columns:
        a, b = before[name], now[name]
        if len(a) != len(b) or not ((a == b) | (a.isna() & b.isna())).all():
            return name
    return None


def found(before, now, kind, share):
    """Chance that the judge finds the fault of a night."""
    rows = len(before)
    if kind == "duplicate":
        rate = before.duplicated().mean()
        return binomial(rate, min(1.0, now.duplicated().mean()), rows)
    name = column(before, now)
    if name is None:
        return 0.0
    a, b = before[name], now[name]
    known = a.dropna()
    n = len(known)
    if kind == "shift":
        return norm.cdf((b.mean() - a.mean()) / a.std() * np.sqrt(n) - norm.isf(LEVEL))
    if kind == "scale":
        # Variance of a logarithm of a variance: by the fourth moment.
        z = (known - known.mean()) / known.std()
        error = np.sqrt(max((z**4).mean() - 1, 0.1) / n)
        return norm.cdf(np.log(b.var() / a.var()) / error - norm.isf(LEVEL))
    if kind == "missing":
        return binomial(a.isna().mean(), a.isna().mean() + share * a.notna().mean(), rows)
    if kind == "stuck":
        rate = (known == known.median()).mean()
        return binomial(rate, rate + share * (1 - rate), n)
    if kind == "recode":
        rate = (known == known.mode()[0]).mean()
        return binomial(rate, rate + share * (1 - rate), n)
    if kind == "truncate":
        cut = b.max()
        return binomial((known == cut).mean(), (known >= cut).mean(), n)
    if kind in ("unit", "new value"):
        return binomial(0.0, share, n)
    return float("nan")


def main():
    args = SimpleNamespace(seed=1)
    for series in [*tables.SERIES, *tables.HELD]:
        for severity in ("middle", "large"):
            kinds = {}
            for at in cells.tested(series):
                before = cells.days(series)[at][1]
                now, kind = cells.night(series, at, severity, args)
                if kind in ("shift", "scale", "stuck", "truncate", "missing", "unit"):
                    before = before.astype({c: "float64" for c in numbers(before)})
                kinds.setdefault(kind, []).append(found(before, now, kind, SHARES[severity]))
            shown = {k: f"{100 * np.mean(v):.0f}" for k, v in sorted(kinds.items())}
            all_but = np.concatenate([v for k, v in kinds.items() if k != "misjoin"])
            print(series, severity, f"without misjoin {100 * all_but.mean():.1f} % of {len(all_but)}", shown)


if __name__ == "__main__":
    main()
