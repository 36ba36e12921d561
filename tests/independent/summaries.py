"""Numbers of checks about whole columns, held against NumPy, SciPy, Polars and DuckDB on the flights and random frames."""

import json
import math
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from gate import DATA
from scipy import stats

ANY = {"min": -1e300}
METHODS = (
    "inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear "
    "median_unbiased normal_unbiased lower higher midpoint nearest"
).split()
# What both programs round: sums over n doubles, and what follows from them.
LOSS = 1e-9


def gini(x):
    return np.abs(x[:, None] - x[None, :]).sum() / (2 * len(x) ** 2 * x.mean())


def first_digits(x):
    digits = [int(f"{abs(v):.17e}"[0]) for v in x if v != 0 and math.isfinite(v)]
    return np.bincount(digits, minlength=10)[1:]


def benford(x):
    counts = first_digits(x)
    law = np.log10(1 + 1 / np.arange(1, 10))
    if not counts.sum():
        return None, None
    return (
        float(np.abs(counts / counts.sum() - law).mean()),
        float(stats.chisquare(counts, counts.sum() * law).pvalue),
    )


def of_numbers(x):
    """Expectation, measured name, and the number as another program has it, for the values `x` of column `x`."""
    sample, few = len(x), x[:1000]
    varies = sample > 0 and bool((x != x[0]).any())
    yield "variance_between", ANY, "variance", np.var(x, ddof=1) if sample > 1 else None
    yield "variance_between", {**ANY, "ddof": 0}, "variance", np.var(x) if sample else None
    yield "stddev_between", {**ANY, "ddof": 0}, "stddev", np.std(x) if sample else None
    yield "skewness_between", ANY, "skewness", stats.skew(x, bias=False) if varies and sample > 2 else None
    yield ("skewness_between", {**ANY, "estimator": "population"}, "skewness", stats.skew(x) if varies else None)
    yield "kurtosis_between", ANY, "kurtosis", stats.kurtosis(x, bias=False) if varies and sample > 3 else None
    yield ("kurtosis_between", {**ANY, "estimator": "population"}, "kurtosis", stats.kurtosis(x) if varies else None)
    mean = math.fsum(x) / sample if sample else 0
    spread = mean and sample > 1
    yield "coefficient_of_variation_between", ANY, "variation", np.std(x, ddof=1) / mean if spread else None
    positive = sample and x.min() >= 0
    yield "geometric_mean_between", ANY, "geometric_mean", (
        0.0 if x.min() == 0 else stats.gmean(x)) if positive else None
    yield "harmonic_mean_between", ANY, "harmonic_mean", (
        0.0 if x.min() == 0 else stats.hmean(x)) if positive else None
    yield "sum_abs_between", ANY, "sum_abs", math.fsum(np.abs(x)) if sample else None
    yield "mad_between", ANY, "mad", stats.median_abs_deviation(x) if sample else None
    yield ("mad_between", {**ANY, "scale": "normal"}, "mad",
           stats.median_abs_deviation(x, scale="normal") if sample else None)
    yield "iqr_between", ANY, "iqr", stats.iqr(x) if sample else None
    if sample == len(few):
        whole = positive and x.sum() > 0
        yield "gini_between", ANY, "gini", gini(x) if whole else None
    deviation, p_value = benford(x)
    yield "benford", {"max_deviation": 1}, "deviation", deviation
    yield "benford", {"min_p_value": 0}, "p_value", p_value
    low, high = (float(v) for v in np.quantile(x, [0.2, 0.7])) if sample else (0.0, 1.0)
    yield ("histogram_ratio_between", {"min": 0, "from": low, "to": high}, "ratio",
           float(((x >= low) & (x < high)).mean()) if sample else None)
    for i, method in enumerate(METHODS):
        for q in (0.0, 0.1 + 0.03 * i, 0.5, 1.0):
            value = np.quantile(x, q, method=method) if sample else None
            yield "quantile_between", {**ANY, "q": q, "method": method}, "quantile", value
    if sample and high > low:
        edges = [float(x.min()), low, high, float(x.max())]
        if all(a < b for a, b in zip(edges, edges[1:])):
            counts, weights = np.histogram(x, edges)[0], [0.3, 0.5, 0.2]
            yield ("kl_divergence", {"max": 9, "bins": edges, "weights": weights}, "divergence",
                   stats.entropy(counts, weights))


def of_values(values):
    """The same for values that may be anything, nulls left out."""
    counts = values.drop_nulls().value_counts()["count"].to_numpy()
    rows, once = counts.sum(), (counts == 1).sum()
    known = rows > 0
    yield "uniqueness_between", {"min": 0}, "uniqueness", once / rows if known else None
    yield "unique_value_ratio_between", {"min": 0}, "unique_value_ratio", once / len(counts) if known else None
    yield "distinctness_between", {"min": 0}, "distinctness", len(counts) / rows if known else None
    yield ("distinctness_between", {"min": 0, "of": "rows"}, "distinctness",
           len(counts) / len(values) if known else None)
    yield "entropy_between", ANY, "entropy", stats.entropy(counts) if known else None
    yield "entropy_between", {**ANY, "unit": "bits"}, "entropy", stats.entropy(counts, base=2) if known else None
    top = np.sort(counts)[::-1]
    yield "top_ratio_between", {"min": 0, "k": 3}, "top_ratio", top[:3].sum() / rows if known else None
    yield "class_balance", {"max_imbalance": 1e300}, "imbalance", top[0] / top[-1] if known else None


def of_pairs(frame, one, other):
    both = frame.select(one, other).drop_nulls().drop_nans()
    a, b = both[one].to_numpy(), both[other].to_numpy()
    varies = len(a) > 1 and (a != a[0]).any() and (b != b[0]).any()
    yield ("correlation_between", {**ANY, "other": other}, "correlation",
           stats.pearsonr(a, b).statistic if varies else None)
    yield ("correlation_between", {**ANY, "other": other, "method": "spearman"}, "correlation",
           stats.spearmanr(a, b).statistic if varies else None)
    yield "ratio_of_sums_between", {**ANY, "other": other}, "ratio", math.fsum(a) / math.fsum(b) if len(b) and math.fsum(b) else None


def of_categories(frame, one, other):
    both = frame.select(one, other).drop_nulls()
    table = both.to_dummies(one).group_by(other).sum().drop(other).to_numpy()
    if min(table.shape) < 2:
        return
    joint = table / table.sum()
    product = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    information = float(np.where(joint > 0, joint * np.log(np.where(joint > 0, joint, 1) / product), 0).sum())
    entropy = stats.entropy(table.sum(1))
    arguments = {**ANY, "other": other}
    yield "cramers_v_between", arguments, "cramers_v", stats.contingency.association(table.astype(int), "cramer")
    yield "mutual_information_between", arguments, "mutual_information", information
    yield "conditional_entropy_between", arguments, "conditional_entropy", entropy - information
    yield "target_leakage", arguments, "uncertainty", information / entropy


def failing(frame):
    """Expectations that count rows or groups over `d`, and the count in SQL by DuckDB."""
    z = "(SELECT avg(x) m, stddev_samp(x) s FROM d WHERE NOT isnan(x))"
    quartiles = "(SELECT quantile_cont(x, 0.25) a, quantile_cont(x, 0.75) b FROM d WHERE NOT isnan(x))"
    return [
        ("z_scores_between", {"column": "x", "min": -2, "max": 2},
         f"SELECT count(*) FROM d, {z} WHERE NOT isnan(x) AND abs((x - m) / s) > 2"),
        ("no_outliers", {"column": "x"},
         f"SELECT count(*) FROM d, {quartiles} WHERE NOT isnan(x) AND (x < a - 1.5 * (b - a) OR x > b + 1.5 * (b - a))"),
        ("change_between", {"column": "k", "max": 2},
         "SELECT count(*) FROM (SELECT k - lag(k) OVER (ORDER BY r) c FROM d WHERE k IS NOT NULL) WHERE c > 2"),
        ("change_between", {"column": "k", "min": -1, "by": "c"},
         "SELECT count(*) FROM (SELECT k - lag(k) OVER (PARTITION BY c ORDER BY r) c FROM d WHERE k IS NOT NULL) WHERE c < -1"),
        ("functional_dependency", {"columns": "c", "dependent": "k"},
         "SELECT count(*) FROM (SELECT c FROM d WHERE c IS NOT NULL GROUP BY c HAVING count(DISTINCT k) > 1)"),
        ("no_label_conflicts", {"columns": ["c", "k"], "label": "l"},
         "SELECT count(*) FROM (SELECT c, k FROM d WHERE l IS NOT NULL GROUP BY c, k HAVING count(DISTINCT l) > 1)"),
        ("group_row_count", {"columns": "c", "min": 9, "max": 30},
         "SELECT count(*) FROM (SELECT c FROM d WHERE c IS NOT NULL GROUP BY c HAVING count(*) NOT BETWEEN 9 AND 30)"),
        ("group_value_between", {"expr": "SUM(k)", "by": "c", "min": 20},
         "SELECT count(*) FROM (SELECT c FROM d GROUP BY c HAVING coalesce(sum(k), -1) < 20)"),
        ("mutually_exclusive_ranges", {"lower": "k", "upper": "l", "by": "c", "zero_length": "allowed"},
         "SELECT count(*) FROM (SELECT k, l, lead(k) OVER (PARTITION BY c ORDER BY k, l) n FROM d "
         "WHERE k IS NOT NULL AND l IS NOT NULL) WHERE k > l OR n < l"),
        ("value_counts_match", {"column": "k", "dataset": "other"},
         "SELECT count(*) FROM (SELECT k, count(*) n FROM d WHERE k IS NOT NULL GROUP BY k) a FULL JOIN "
         "(SELECT k, count(*) n FROM o WHERE k IS NOT NULL GROUP BY k) b USING (k) WHERE a.n IS DISTINCT FROM b.n"),
        ("dataset_matches", {"keys": "r", "columns": ["k", "c"], "dataset": "other"},
         "SELECT count(*) FROM d FULL JOIN o ON d.r = o.r WHERE d.r IS NULL OR o.r IS NULL OR "
         "d.k IS DISTINCT FROM o.k OR d.c IS DISTINCT FROM o.c"),
        ("no_overlap", {"columns": ["k", "c"], "dataset": "other"},
         "SELECT count(*) FROM d WHERE (k, c) IN (SELECT (k, c) FROM o WHERE k IS NOT NULL AND c IS NOT NULL)"),
    ]


def frame(seed, rows):
    random = np.random.default_rng(seed)
    scale = 10.0 ** random.integers(-3, 6)
    kinds = [random.normal, random.lognormal, random.exponential, random.standard_cauchy]
    kind = kinds[seed % len(kinds)]
    x = kind(size=rows) * scale if kind is not random.normal else kind(loc=seed % 3, size=rows) * scale
    x = np.where(random.random(rows) < 0.1, np.round(x), x)
    null = lambda values, share: [None if random.random() < share else v for v in values]
    return pl.DataFrame({
        "r": range(rows),
        "x": pl.Series(null(x.tolist(), 0.1), dtype=pl.Float64),
        "y": pl.Series(null((np.abs(x) + random.normal(size=rows)).tolist(), 0.05), dtype=pl.Float64),
        "k": pl.Series(null(random.integers(0, 9, rows).tolist(), 0.1), dtype=pl.Int64),
        "l": pl.Series(null(random.integers(0, 3, rows).tolist(), 0.2), dtype=pl.Int32),
        "c": pl.Series(null([f"c{v}" for v in random.integers(0, 1 + seed, rows)], 0.1), dtype=pl.String),
    })


def summaries(comparison, scratch):
    """Writes the frames, asks for everything in one run, and compares."""
    with tempfile.TemporaryDirectory() as folder:
        frames = {"f1": pl.read_parquet(DATA / "flights-2013-01.parquet")}
        for seed, rows in enumerate([0, 1, 2, 3, 4, 7, 30, 101, 1000, 5000]):
            frames[f"random{seed}"] = frame(seed, rows)
        datasets, asked = {}, []
        for name, data in frames.items():
            path = Path(folder, f"{name}.parquet")
            data.write_parquet(path)
            wanted = list(expectations(name, data))
            asked += [(f"{name}: {check} {arguments}", measure, value) for check, arguments, measure, value in wanted]
            expect = [{check: arguments} for check, arguments, *_ in wanted]
            datasets[name] = {"path": str(path), "allow_empty": True, "profile": False, "expect": expect}
        other = frame(9, 1000)
        other.write_parquet(Path(folder, "other.parquet"))
        datasets["other"] = {"path": str(Path(folder, "other.parquet")), "profile": False, "expect": [{"row_count": 1}]}
        asked += counts(folder, datasets, frames, other)
        Path(folder, "tollgate.yaml").write_text(json.dumps({"version": 1, "datasets": datasets}))
        if comparison.run(["run", "tollgate.yaml", "--output", "out"], folder, [0, 1, 3]) is None:
            return
        outcomes = json.loads(Path(folder, "out", "run.json").read_text())["outcomes"]
    order = {name: i for i, name in enumerate(datasets)}
    asked.sort(key=lambda a: order[a[0].split(":")[0]])
    outcomes = [o for o in outcomes if o["dataset"] != "other"]
    comparison.exact("summaries: outcomes", len(outcomes), len(asked), "what was asked for")
    for (what, measure, value), outcome in zip(asked, outcomes):
        if outcome["status"] == "skipped":
            comparison.exact(what, "skipped", "skipped" if value in (None, 0) else value, "SQL")
            continue
        if measure == "failing":
            comparison.exact(what, outcome.get("failing"), value, "DuckDB")
            continue
        number = {m["name"]: m.get("number") for m in outcome.get("measured", [])}.get(measure)
        theirs = None if value is None or not math.isfinite(value) else float(value)
        within = None if theirs is None else LOSS * max(1.0, abs(theirs))
        comparison.near(what, number, theirs, within, "NumPy, SciPy or Polars")


def expectations(name, data):
    columns = ["distance", "dep_delay", "air_time"] if name == "f1" else ["x", "y", "k"]
    values = ["carrier", "tailnum", "dest", "dep_delay"] if name == "f1" else ["c", "k", "x"]
    for column in columns:
        numbers = data[column].drop_nulls().cast(pl.Float64).to_numpy()
        for check, arguments, measure, value in of_numbers(np.sort(numbers)):
            yield check, {"column": column, **arguments}, measure, value
    for column in values:
        for check, arguments, measure, value in of_values(data[column]):
            key = "columns" if check in UNDER_COLUMNS else "column"
            yield check, {key: column, **arguments}, measure, value
    pair = columns[:2]
    for check, arguments, measure, value in of_pairs(data, *pair):
        yield check, {"column": pair[0], **arguments}, measure, value
    pair = ("carrier", "origin") if name == "f1" else ("c", "l")
    if data.height > 20:
        for check, arguments, measure, value in of_categories(data, *pair):
            yield check, {"column": pair[0], **arguments}, measure, value


UNDER_COLUMNS = {"uniqueness_between", "unique_value_ratio_between", "distinctness_between"}


def counts(folder, datasets, frames, other):
    """Adds the expectations that count rows; what they must find."""
    asked = []
    for name, data in frames.items():
        if not name.startswith("random") or data.height < 7:
            continue
        with duckdb.connect() as base:
            base.register("d", data.to_arrow())
            base.register("o", other.to_arrow())
            for check, arguments, sql in failing(data):
                datasets[name]["expect"].append({check: arguments})
                asked.append((f"{name}: {check} {arguments}", "failing", base.execute(sql).fetchone()[0]))
    return asked
