"""Prints the tables of README.md: what scikit-learn measures on the files that train.py wrote. Needs requirements.txt.

It also asks the model in challenger/ about features.parquet and says how many scores differ from challenger.parquet.
"""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn import metrics

HERE = Path(__file__).parent
NAMES = ["champion", "retrain", "challenger", "regressed"]


def line(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |")


def head(*cells):
    line(*cells)
    line("---", *["---:"] * (len(cells) - 1))


def of(flights):
    late, score = flights["late"], flights["p_late"].astype("float64")
    said = score >= 0.5
    return {
        "accuracy": metrics.accuracy_score(late, said),
        "recall": metrics.recall_score(late, said),
        "ROC AUC": metrics.roc_auc_score(late, score),
        "average precision": metrics.average_precision_score(late, score),
        "Brier": metrics.brier_score_loss(late, score),
        "log loss": metrics.log_loss(late, score),
    }


def overall(files):
    head("model", *of(files["champion"]))
    for name, flights in files.items():
        line(name, *(f"{v:.4f}" for v in of(flights).values()))


def by_slice(files, column):
    shown = [(m, n) for m in ("accuracy", "ROC AUC") for n in ("champion", "challenger", "regressed")]
    head(column, "flights", "late", *(f"{n}: {m}" for m, n in shown))
    for value, rows in files["champion"].groupby(column):
        found = {n: of(files[n].loc[rows.index]) for n in NAMES}
        line(value, len(rows), int(rows["late"].sum()), *(f"{found[n][m]:.4f}" for m, n in shown))


def minutes():
    head("model", "MAE", "median error", "RMSE")
    for name in ("minutes-champion", "minutes-challenger"):
        flights = pd.read_parquet(HERE / f"{name}.parquet")
        truth, said = flights["arr_delay"], flights["minutes"].astype("float64")
        found = [metrics.mean_absolute_error, metrics.median_absolute_error, metrics.root_mean_squared_error]
        line(name, *(f"{f(truth, said):.3f}" for f in found))


def parity(challenger):
    given = pd.read_parquet(HERE / "features.parquet")
    model = joblib.load(HERE / "challenger" / "model.joblib")
    inputs = given.drop(columns=["id", "late"])
    for column in ("carrier", "origin", "dest"):
        inputs[column] = inputs[column].astype(object)
    score = np.clip(model.predict_proba(inputs)[:, 1], 0.0001, 0.9999).round(4).astype("float32")
    print(f"{(score != challenger['p_late'].to_numpy()).sum()} of {len(score)} scores differ")


def main():
    files = {n: pd.read_parquet(HERE / f"{n}.parquet") for n in NAMES}
    overall(files)
    print()
    for column in ("origin", "carrier"):
        by_slice(files, column)
        print()
    differ = ((files["champion"]["p_late"] >= 0.5) != (files["retrain"]["p_late"] >= 0.5)).mean()
    print(f"champion and retrain answer differently for {100 * differ:.2f} % of the flights")
    print()
    minutes()
    print()
    parity(files["challenger"])


if __name__ == "__main__":
    main()
