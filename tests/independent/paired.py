"""Expected values of the statistics of paired differences, from scipy, statsmodels and plain definitions.

    python tests/independent/paired.py > tests/independent/paired.json

Needs numpy, scipy and statsmodels. The numbers are committed; `tests/paired.rs` holds the program against them. What no
library has is computed from its definition by another way than the program's: Tango's restricted likelihood is searched
numerically, DeLong's placements are counted over all pairs, Hall's cubic is solved by `brentq`.
"""

import json

import numpy as np
from scipy import optimize, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

ALPHAS = [0.05, 0.025, 0.001]
RNG = np.random.default_rng(20131)


def listed(values):
    return [float(v) for v in values]


def tango_score(n, b, c, d):
    """The score statistic, with the likelihood of the multinomial maximised over the share of lost rows."""
    low, high = max(0.0, -d), (1 - d) / 2

    def slope(q):
        # Falls in q, so that the likelihood has one maximum.
        return sum(k * weight / share for k, weight, share in ((b, 1, q + d), (c, 1, q), (n - b - c, -2, 1 - 2 * q - d)) if k)

    inner = low + 1e-15, high - 1e-15
    q = low if slope(inner[0]) <= 0 else high if slope(inner[1]) >= 0 else optimize.brentq(slope, *inner, xtol=1e-16, rtol=1e-15)
    variance = n * (2 * q + d * (1 - d))
    above = b - c - n * d
    return above / np.sqrt(variance) if variance > 0 else 0.0


def tango():
    cases = []
    triples = [(10, 0, 0), (1, 0, 0), (200, 0, 0), (50, 1, 0), (50, 0, 3), (44, 14, 1), (100, 20, 12), (1000, 12, 30),
               (5, 5, 0), (5, 0, 5), (3, 1, 2), (100000, 700, 800), (7, 3, 4)]
    for n, b, c in triples:
        for alpha in ALPHAS[:2]:
            z = stats.norm.isf(alpha)
            seen = (b - c) / n
            edge = 1 - 1e-12
            high = 1.0 if b == n else optimize.brentq(lambda d: tango_score(n, b, c, d) + z, seen, edge, xtol=1e-13)
            low = -1.0 if c == n else optimize.brentq(lambda d: tango_score(n, b, c, d) - z, -edge, seen, xtol=1e-13)
            cases.append({"n": n, "b": b, "c": c, "alpha": alpha, "low": low, "high": high})
    return cases


def mcnemar():
    cases = []
    for b, c in [(0, 0), (0, 1), (5, 1), (3, 12), (40, 61), (1000, 900)]:
        tail = lambda side: stats.binomtest(c, b + c, 0.5, alternative=side).pvalue if b + c else 1.0
        cases.append({"b": b, "c": c, "worse": tail("greater"), "better": tail("less"), "two_sided": tail("two-sided")})
    return cases


def unskewed(t, g):
    if abs(g) < 1e-12:
        return t
    cubic = lambda x: x + g * x * x / 3 + g * g * x**3 / 27 + g / 6 - t
    return optimize.brentq(cubic, -1e6, 1e6, xtol=1e-13, rtol=1e-14)


def allowed(variance, worst, t):
    """How much further the score bound of the worst row is than Student's."""
    start = t * np.sqrt(variance)
    return optimize.brentq(lambda x: x * x - t * t * (variance + worst * x), start, start + 2 * t * t * worst + 1e-9, xtol=1e-15) - start


def mean():
    cases = []
    samples = [np.round(x, 3) for x in [RNG.normal(0.1, 1, 40), RNG.exponential(1, 60) - 1, -RNG.lognormal(0, 1, 200), np.array([0.5, 0.7]),
               np.where(RNG.random(120) < 0.1, RNG.normal(-1, 1, 120), 0.0)]]
    for x in samples:
        n = len(x)
        for weights, clusters in [(None, None), (RNG.integers(1, 5, n).astype(float), None), (None, RNG.integers(0, max(2, n // 4), n)),
                                  (np.round(RNG.random(n) + 0.1, 2), RNG.integers(0, max(2, n // 4), n))]:
            w = np.ones(n) if weights is None else weights
            of = np.arange(n) if clusters is None else clusters
            middle = np.average(x, weights=w)
            residual = w * (x - middle) / w.sum()
            units = np.array([residual[of == code].sum() for code in np.unique(of)])
            k = len(units)
            if k < 2:
                continue
            error = np.sqrt((units**2).sum() * k / (k - 1))
            g = (units**3).sum() / (units**2).sum() ** 1.5
            for alpha in ALPHAS[:2]:
                t = stats.t.isf(alpha, k - 1)
                wider = allowed(error**2, np.abs(x).max() * w.max() / w.sum(), t)
                cases.append({
                    "x": listed(x), "weights": None if weights is None else listed(weights),
                    "clusters": None if clusters is None else [int(c) for c in clusters], "alpha": alpha, "mean": float(middle),
                    "error": float(error), "low": float(middle - error * max(t, unskewed(t, g)) - wider), "high": float(middle + error * max(t, -unskewed(-t, g)) + wider),
                })
    return cases


def series():
    cases = []
    for n, rho in [(60, 0.0), (200, 0.5), (700, 0.9)]:
        noise = RNG.normal(0, 1, n)
        x = np.zeros(n)
        for i in range(n):
            x[i] = rho * x[i - 1] * (i > 0) + noise[i]
        x = np.round(x, 3)
        for horizon in [1, 4, 12]:
            lags = max(horizon - 1, int(np.floor(4 * (n / 100) ** (2 / 9))))
            fit = OLS(x, np.ones(n)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
            h = horizon
            factor = (n + 1 - 2 * h + h * (h - 1) / n) / n
            t, worst = stats.t.isf(0.05, n - 1), np.abs(x).max() / n
            half = t * fit.bse[0] / np.sqrt(factor) + allowed(fit.bse[0] ** 2 / factor, worst, t)
            terms = max(1, int(np.floor(0.4 * n ** (2 / 3))))
            at = np.arange(n)
            transforms = [np.sqrt(2 / n) * ((x - x.mean()) * np.cos(np.pi * j * (at + 0.5) / n)).sum() for j in range(1, terms + 1)]
            cosine = np.sqrt(np.mean(np.square(transforms)) / n)
            cases.append({"x": listed(x), "horizon": horizon, "lags": lags, "variance": float(fit.bse[0] ** 2 * n),
                          "low": float(x.mean() - half), "high": float(x.mean() + half), "terms": terms,
                          "cosine_low": float(x.mean() - stats.t.isf(0.05, terms) * cosine - allowed(cosine**2, worst, stats.t.isf(0.05, terms)))})
    return cases


def placements(positive, score):
    pos, neg = score[positive], score[~positive]
    wins = (pos[:, None] > neg[None, :]) + 0.5 * (pos[:, None] == neg[None, :])
    return wins.mean(), wins.mean(axis=1), wins.mean(axis=0)


def delong():
    cases = []
    for n, share, digits in [(30, 0.3, 1), (200, 0.2, 2), (90, 0.5, 6), (12, 0.5, 0)]:
        positive = np.zeros(n, dtype=bool)
        positive[: int(n * share)] = True
        RNG.shuffle(positive)
        shared = RNG.normal(0, 1, n) + positive
        a = np.round(shared + 0.3 * RNG.normal(0, 1, n), digits)
        b = np.round(shared + 0.5 * RNG.normal(0, 1, n), digits)
        times = RNG.integers(1, 4, n)
        for repeated in (None, times):
            p, x, y = (positive, a, b) if repeated is None else (np.repeat(v, repeated) for v in (positive, a, b))
            area_x, x10, x01 = placements(p, x)
            area_y, y10, y01 = placements(p, y)
            variance = lambda v10, v01: float(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))
            cases.append({
                "positive": [bool(v) for v in positive], "candidate": listed(a), "baseline": listed(b),
                "times": None if repeated is None else listed(repeated), "area": float(area_x), "other": float(area_y),
                "area_variance": variance(x10, x01), "other_variance": variance(y10, y01), "variance": variance(x10 - y10, x01 - y01),
            })
    return cases


def unpaired():
    cases = []
    for (m1, s1, n1), (m2, s2, n2) in [((0.8, 0.02, 40), (0.7, 0.05, 12)), ((3.1, 0.5, 5), (3.0, 0.001, 900))]:
        found = stats.ttest_ind_from_stats(m1, s1 * np.sqrt(n1), n1, m2, s2 * np.sqrt(n2), n2, equal_var=False)
        v1, v2 = s1**2, s2**2
        freedom = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        assert np.isclose(found.pvalue, 2 * stats.t.sf(abs(found.statistic), freedom))
        half = stats.t.isf(0.05, freedom) * np.sqrt(v1 + v2)
        cases.append({"candidate": [m1, s1, n1], "baseline": [m2, s2, n2], "low": m1 - m2 - half, "high": m1 - m2 + half})
    return cases


def many():
    cases = []
    for size in (1, 2, 7, 30):
        p = RNG.random(size) ** 3
        p[0] = p[-1]
        cases.append({"p": listed(p), "holm": listed(multipletests(p, method="holm")[1])})
    return cases


def shrink():
    cases = []
    for size, spread in ((5, 2.0), (12, 0.5), (8, 0.0)):
        error = RNG.random(size) + 0.3
        value = RNG.normal(1, spread, size) + error * RNG.normal(0, 1, size)
        found = combine_effects(value, error**2, method_re="iterated")
        between = float(max(found.tau2, 0.0))
        cases.append({"value": listed(value), "error": listed(error), "between": between})
    return cases


def bca():
    cases = []
    for x in (RNG.exponential(1, 25), RNG.normal(0, 1, 40)):
        found = stats.bootstrap((x,), lambda v, axis: v.std(axis=axis), n_resamples=200_000, confidence_level=0.9, method="BCa", rng=1, batch=5_000)
        plain = stats.bootstrap((x,), lambda v, axis: v.std(axis=axis), n_resamples=200_000, confidence_level=0.9, method="percentile", rng=2, batch=5_000)
        cases.append({"x": listed(x), "low": float(found.confidence_interval.low), "high": float(found.confidence_interval.high),
                      "error": float(found.standard_error), "plain_low": float(plain.confidence_interval.low),
                      "plain_high": float(plain.confidence_interval.high)})
    return cases


if __name__ == "__main__":
    made = {f.__name__: f() for f in (tango, mcnemar, mean, series, delong, unpaired, many, shrink, bca)}
    print(json.dumps(made, separators=(",", ":")))
