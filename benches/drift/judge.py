"""One contender as a process of its own: `python judge.py NAME`, in the environment that has it.

Reads one line of JSON per pair, {"id", "before", "now"} with two Parquet files, and writes one line per pair:
{"id", "flags": {rule: true or false}, "cpu": seconds of processor time without reading} or {"id", "error": text}.
The first line that it writes says which version judges. Every contender is at its shipped defaults.
"""

import importlib.metadata
import json
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


def is_number(column):
    return pd.api.types.is_numeric_dtype(column)


def scipy_bonferroni(before, now, _pair):
    """Kolmogorov-Smirnov of numbers, chi-squared of texts, smallest p times columns at most 0.05. Missing left out."""
    from scipy import stats

    ps = []
    for name in before.columns:
        a, b = before[name].dropna(), now[name].dropna()
        if not len(a) or not len(b):
            continue
        if is_number(a):
            ps.append(stats.ks_2samp(a, b, method="asymp").pvalue)
        else:
            codes, _ = pd.factorize(pd.concat([a, b]))
            parts = codes[: len(a)], codes[len(a) :]
            table = np.stack([np.bincount(part, minlength=codes.max() + 1) for part in parts])
            if table.shape[1] > 1:
                ps.append(stats.chi2_contingency(table).pvalue)
    return {"any column": min(ps, default=1.0) * len(ps) <= 0.05}


def psi(before, now, _pair):
    """PSI over deciles of the reference above 0.2 in any column of numbers: a custom of practice."""
    worst = 0.0
    for name in before.select_dtypes("number"):
        a, b = before[name].dropna(), now[name].dropna()
        if not len(a) or not len(b):
            continue
        edges = np.unique(np.quantile(a, np.linspace(0, 1, 11)))[1:-1]
        if len(edges):
            counts = [np.bincount(np.digitize(v, edges), minlength=len(edges) + 1) / len(v) for v in (a, b)]
            p, q = (np.maximum(c, 1e-4) for c in counts)
            worst = max(worst, float(((q - p) * np.log(q / p)).sum()))
    return {"any column": worst > 0.2}


def evidently(before, now, _pair, declared=True):
    """DataDriftPreset(): dataset drift where at least half of the columns drifted, and any column that did.

    `declared`: the kinds of the columns are said, numbers and categories. Otherwise evidently infers them: texts of
    which more than half are distinct become free text, which it compares by training a classifier.
    """
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    if declared:
        numbers = [c for c in before.columns if is_number(before[c])]
        texts = [c for c in before.columns if c not in numbers]
        definition = DataDefinition(numerical_columns=numbers, categorical_columns=texts)
        now, before = (Dataset.from_pandas(frame, data_definition=definition) for frame in (now, before))
    result = Report([DataDriftPreset()]).run(now, before).dict()
    named = (m for m in result["metrics"] if "DriftedColumnsCount" in str(m.get("metric_name", m.get("metric_id", ""))))
    count = next(named)["value"]
    return {"dataset": count["share"] >= 0.5, "any column": count["count"] > 0}


def evidently_inferred(before, now, pair):
    return evidently(before, now, pair, declared=False)


def alibi_detect(before, now, _pair):
    """TabularDrift(reference, categories_per_feature): p_val 0.05, Bonferroni.

    It takes a dense array: texts become codes, a missing text is a value of its own, a missing number is the mean of
    the reference (scikit-learn's SimpleImputer).
    """
    from alibi_detect.cd import TabularDrift

    sides, categories = ([], []), {}
    for i, name in enumerate(before.columns):
        a, b = before[name], now[name]
        if is_number(a):
            middle = a.mean()
            parts = a.fillna(middle).to_numpy(float), b.astype("float64").fillna(middle).to_numpy(float)
        else:
            codes, _ = pd.factorize(pd.concat([a, b]), use_na_sentinel=False)
            parts, categories[i] = (codes[: len(a)], codes[len(a) :]), None
        for side, part in zip(sides, parts):
            side.append(np.asarray(part, dtype="float64"))
    a, b = (np.column_stack(side) for side in sides)
    detector = TabularDrift(a, categories_per_feature=categories or None)
    return {"dataset": bool(detector.predict(b)["data"]["is_drift"])}


FITTED = {}


def nannyml(before, now, pair):
    """UnivariateDriftCalculator(column_names): ten chunks, Jensen-Shannon, alert beyond mean + 3 deviations.

    With `time` in the pair, the column of that name and chunk_period "D", the reference fitted once.
    """
    from nannyml import UnivariateDriftCalculator

    when = pair.get("time")
    columns = [c for c in before.columns if c != when]
    days = {"timestamp_column_name": when, "chunk_period": "D"} if when else {}
    if when:
        calculator = FITTED.get(pair["before"])
        if calculator is None:
            FITTED.clear()
            calculator = FITTED[pair["before"]] = UnivariateDriftCalculator(column_names=columns, **days).fit(before)
    else:
        calculator = UnivariateDriftCalculator(column_names=columns).fit(before)
    found = calculator.calculate(now).filter(period="analysis").to_df()
    alerts = [c for c in found.columns if c[-1] == "alert"]
    return {"any column, any chunk": bool(found[alerts].to_numpy(dtype=bool).any())}


def whylogs(before, now, _pair):
    """calculate_drift_scores(..., with_thresholds=True): DRIFT in any column (p below 0.05, or its distance)."""
    import whylogs as why
    from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

    sides = [why.log(frame).view() for frame in (now, before)]
    scores = calculate_drift_scores(target_view=sides[0], reference_view=sides[1], with_thresholds=True)
    said = [score["drift_category"] for score in scores.values() if score]
    return {"any column": "DRIFT" in said}


def deepchecks(before, now, _pair):
    """train_test_validation(): the conditions about drift (a column's below 0.2, all together below 0.25), and new categories.

    The suite's other conditions ask something else: that no row is on both sides, for instance, fails here always.
    """
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import train_test_validation

    texts = [c for c in before.columns if not is_number(before[c])]
    sides = [Dataset(frame, cat_features=texts) for frame in (before, now)]
    result = train_test_validation().run(*sides, with_display=False)
    failed = {type(check.check).__name__ for check in result.get_not_passed_checks(fail_if_warning=True)}
    drift = bool(failed & {"FeatureDrift", "MultivariateDrift"})
    return {"drift": drift, "drift or new category": drift or "NewCategoryTrainTest" in failed}


JUDGES = {
    "scipy": (scipy_bonferroni, "scipy"),
    "psi": (psi, "numpy"),
    "evidently": (evidently, "evidently"),
    "evidently, types inferred": (evidently_inferred, "evidently"),
    "alibi-detect": (alibi_detect, "alibi-detect"),
    "nannyml": (nannyml, "nannyml"),
    "whylogs": (whylogs, "whylogs"),
    "deepchecks": (deepchecks, "deepchecks"),
}


def main():
    # What the contenders print goes to standard error, so that standard output has answers alone.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    judge, package = JUDGES[sys.argv[1]]
    version = importlib.metadata.version(package)
    print(json.dumps({"version": version, "package": package}), file=answers, flush=True)
    for line in sys.stdin:
        pair = json.loads(line)
        before, now = (pd.read_parquet(pair[side]) for side in ("before", "now"))
        np.random.seed(1)
        start = time.process_time()
        try:
            flags = {rule: bool(flag) for rule, flag in judge(before, now, pair).items()}
            answer = {"id": pair["id"], "flags": flags, "cpu": round(time.process_time() - start, 4)}
        except Exception as error:  # noqa: BLE001 - what a contender cannot judge is told, not hidden
            answer = {"id": pair["id"], "error": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
