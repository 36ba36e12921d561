"""False alarms and power of the drift gate, beside what others ship.

Usage: python run.py TOLLGATE [--pairs 200] [--size 1000] [--seed 1]
Needs requirements.txt; every contender that is not installed is left out. Deterministic but for the contenders' own draws.

Every pair is drawn without replacement from one real table, so nothing changed between its sides; then one fault is put into
the second side. A pair is flagged when the tool says that any column, or the dataset, drifted, at its shipped default
(for those that take a level: 0.05 over the whole dataset).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

FLIGHTS = Path(__file__).parents[2] / "examples/flights/data/flights-2013-02.parquet"
SHARES = {"small": 0.02, "middle": 0.05, "large": 0.15}
JOINED = {"small": 0.15, "middle": 0.4, "large": 1.0}


def tables():
    """Real tables of different kinds: numbers, integers, texts, missing values."""
    flights = pd.read_parquet(FLIGHTS).drop(columns=["year", "month", "day", "time_hour"])
    for column in flights.columns:
        if str(flights[column].dtype).startswith("Int"):
            flights[column] = flights[column].astype("float64")
    found = {"flights": flights}
    try:
        import statsmodels.api as sm

        found["insurance"] = sm.datasets.randhie.load_pandas().data
        found["affairs"] = sm.datasets.fair.load_pandas().data
    except ImportError:
        pass
    try:
        from sklearn import datasets

        found["digits"] = datasets.load_digits(as_frame=True).frame.iloc[:, :65]
    except ImportError:
        pass
    return found


def numbers(frame):
    kinds = frame.select_dtypes("number").columns
    return [c for c in kinds if frame[c].nunique() > 8]


def texts(frame):
    return [c for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]


def whole(values):
    known = values.dropna()
    return bool((known == known.round()).all())


def fault(kind, frame, severity, rng, turn):
    """The frame with one fault in one column; None where it has no column of that kind."""
    frame, share = frame.copy(), SHARES[severity]
    rows = rng.random(len(frame)) < share
    if kind == "duplicate":
        k = int(share * len(frame))
        return pd.concat([frame.iloc[:-k], frame.iloc[:k]], ignore_index=True) if k else frame
    if kind in ("recode", "new value"):
        columns = texts(frame)
        if not columns:
            return None
        column = columns[turn % len(columns)]
        values = frame[column].astype("object")
        values[rows] = values.mode()[0] if kind == "recode" else "brand new"
        frame[column] = values
        return frame
    columns = numbers(frame)
    if not columns:
        return None
    column = columns[turn % len(columns)]
    values = frame[column].astype("float64")
    deviation, middle = values.std(), values.median()
    keep = (lambda v: v.round()) if whole(values) else (lambda v: v)
    if kind == "shift":
        values = keep(values + 2 * share * deviation)
    elif kind == "scale":
        values = keep(middle + (values - middle) * (1 + 2 * share))
    elif kind == "missing":
        values[rows] = np.nan
    elif kind == "stuck":
        values[rows] = middle
    elif kind == "unit":
        values[rows] = values[rows] * 1000
    elif kind == "truncate":
        values = values.clip(upper=values.quantile(1 - share))
    elif kind == "misjoin":
        rows = rng.random(len(frame)) < JOINED[severity]
        shuffled = values[rows].sample(frac=1, random_state=int(rng.integers(1 << 31)))
        values[rows] = shuffled.to_numpy()
    frame[column] = values
    return frame


KINDS = "shift scale missing stuck unit recode truncate duplicate misjoin".split() + ["new value"]


def tollgate(binary, pairs, alpha):
    """One run over all pairs, each a dataset."""
    with tempfile.TemporaryDirectory() as folder:
        folder, lines = Path(folder), ["version: 1", "datasets:"]
        for i, (before, now) in enumerate(pairs):
            before.to_parquet(folder / f"r{i}.parquet")
            now.to_parquet(folder / f"d{i}.parquet")
            lines.append(
                f"  p{i}: {{path: d{i}.parquet, reference: r{i}.parquet, drift: {{false_alarm: {alpha}}}}}"
            )
        (folder / "tollgate.yaml").write_text("\n".join(lines) + "\n")
        command = [binary, "run", "-q", "--output", str(folder / "out")]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)
        run = json.loads((folder / "out/run.json").read_text())
        of = {o["dataset"]: o for o in run["outcomes"] if o["check"] == "drift_dataset"}
        return [not of[f"p{i}"]["limits"][0]["held"] if of[f"p{i}"]["limits"] else False for i in range(len(pairs))]


def column_ps(before, now):
    for column in before.columns:
        a, b = before[column], now[column]
        if pd.api.types.is_numeric_dtype(a):
            a, b = a.dropna(), b.dropna()
            if len(a) and len(b):
                yield stats.ks_2samp(a, b).pvalue
        else:
            table = pd.crosstab(np.r_[np.zeros(len(a)), np.ones(len(b))], pd.concat([a, b]).to_numpy())
            if table.shape[1] > 1:
                yield stats.chi2_contingency(table).pvalue


def scipy_bonferroni(pairs, alpha):
    found = []
    for before, now in pairs:
        ps = list(column_ps(before, now))
        found.append(min(ps, default=1.0) * len(ps) <= alpha)
    return found


def evidently(pairs, _alpha):
    from evidently import Report
    from evidently.presets import DataDriftPreset

    found = []
    for before, now in pairs:
        result = Report([DataDriftPreset()]).run(now, before).dict()
        count = next(m for m in result["metrics"] if "DriftedColumnsCount" in str(m.get("metric_name", m.get("metric_id", ""))))
        found.append((count["value"]["share"] >= 0.5, count["value"]["count"] > 0))
    return found


def psi(pairs, _alpha):
    """PSI over deciles of the reference, above 0.2 in any column: a custom of practice."""
    found = []
    for before, now in pairs:
        worst = 0.0
        for column in before.select_dtypes("number"):
            a, b = before[column].dropna(), now[column].dropna()
            edges = np.unique(np.quantile(a, np.linspace(0, 1, 11)))[1:-1]
            if len(edges):
                shares = [np.maximum(np.bincount(np.digitize(v, edges), minlength=len(edges) + 1) / len(v), 1e-4) for v in (a, b)]
                worst = max(worst, float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()))
        found.append(worst > 0.2)
    return found


def draw(frame, size, rng):
    rows = rng.permutation(len(frame))[: 2 * size]
    halves = frame.iloc[rows[:size]], frame.iloc[rows[size:]]
    return [half.reset_index(drop=True) for half in halves]


def wilson(hits, n):
    interval = stats.binomtest(hits, n).proportion_ci(method="wilson")
    return f"{100 * hits / n:.1f} % [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tollgate")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--faults", type=int, default=20, help="pairs per kind, severity and table")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000, 5000])
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    contenders = {
        "tollgate 0.05": lambda pairs: tollgate(args.tollgate, pairs, 0.05),
        "tollgate 0.01": lambda pairs: tollgate(args.tollgate, pairs, 0.01),
        "scipy KS, chi-squared, Bonferroni 0.05": lambda pairs: scipy_bonferroni(pairs, 0.05),
        "PSI above 0.2 in any column": lambda pairs: psi(pairs, None),
    }
    try:
        import evidently as _  # noqa: F401

        both = lambda pairs: evidently(pairs, None)  # noqa: E731
        contenders["evidently, dataset"] = lambda pairs: [dataset for dataset, _ in both(pairs)]
        contenders["evidently, any column"] = lambda pairs: [column for _, column in both(pairs)]
    except ImportError:
        print("evidently is not installed", file=sys.stderr)
    rng = np.random.default_rng(args.seed)
    for size in args.sizes:
        fits = {name: frame for name, frame in tables().items() if len(frame) >= 2 * size}
        each = max(args.pairs // len(fits), 1)
        nulls = [draw(frame, size, rng) for frame in fits.values() for _ in range(each)]
        print(f"\n{size} rows a side, {', '.join(fits)}: flagged of {len(nulls)} pairs without a change [95 %]")
        for name, judge in contenders.items():
            print(f"  {name}: {wilson(sum(judge(nulls)), len(nulls))}", flush=True)
        print("found, per kind: small, middle, large")
        faults = {}
        for kind in KINDS:
            for severity in SHARES:
                cell = []
                for frame in fits.values():
                    for turn in range(args.faults):
                        before, now = draw(frame, size, rng)
                        now = fault(kind, now, severity, rng, turn)
                        if now is not None:
                            cell.append((before, now))
                faults[kind, severity] = cell
        for name, judge in contenders.items():
            hits = {key: judge(cell) for key, cell in faults.items()}
            total = sum(map(len, hits.values()))
            cells = "; ".join(
                f"{kind} " + " ".join(f"{100 * np.mean(hits[kind, s]):.0f}" for s in SHARES) for kind in KINDS
            )
            print(f"  {name}: {wilson(sum(map(sum, hits.values())), total)} of {total}: {cells}", flush=True)


if __name__ == "__main__":
    main()
