"""Predictions of two models over many rows and slices, and the configuration that holds one against the other.

    python benches/model/large.py FOLDER [ROWS [METRIC ...]]
    cd FOLDER && time tollgate run

Needs numpy and pyarrow. 1,000,000 rows by default, seeded; 10 columns of 10 slices each; both models see one signal with
errors of their own, the candidate no worse one. Ten metrics by default; others may be named: those of a number are asked of a
second pair of models, over the same rows.
"""

import pathlib
import sys

METRICS = "accuracy balanced_accuracy precision recall f1 matthews kappa log_loss brier roc_auc".split()
NUMBERS = ["mae", "mse", "rmse", "r2", "median_absolute_error"]


def make(folder, rows, metrics):
    """Writes the files; the columns of both models and of the slices."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    signal = random.normal(size=rows)
    late = signal + random.normal(size=rows) > 1.0
    slices = {f"s{at}": random.integers(0, 10, rows) for at in range(10)}
    hours = signal + 0.5 * random.normal(size=rows)
    named = {name: pa.array(of.astype(str)) for name, of in slices.items()}
    made = {"late": late, "hours": hours, "slices": slices}
    for name in ("candidate", "baseline"):
        said = signal + 0.5 * random.normal(size=rows)
        score = 1 / (1 + np.exp(-(said - 1.0) * 1.3))
        columns = {"late": late, "score": score, "hours": hours, "said": said, **named}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
        made[name] = {"score": score, "said": said}
    parts = {"large": ("binary", "label: late, score: score"), "hours": ("regression", "label: hours, value: said")}
    lines = ["version: 1", "models:"]
    for model, (task, predicted) in parts.items():
        asked = [m for m in metrics if (m in NUMBERS) == (task == "regression")]
        if not asked:
            continue
        lines += [
            f"  {model}:",
            f"    task: {task}",
            f"    candidate: {{predictions: candidate.parquet, {predicted}}}",
            f"    baseline: {{predictions: baseline.parquet, {predicted}}}",
            f"    slices: [{', '.join(slices)}]",
            "    metrics:",
            *(f"      {metric}: {{no_worse_by: 0.005}}" for metric in asked),
        ]
    (folder / "tollgate.yaml").write_text("\n".join(lines) + "\n")
    return made


if __name__ == "__main__":
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    make(pathlib.Path(sys.argv[1]), rows, sys.argv[3:] or METRICS)
