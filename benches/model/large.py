"""Predictions of two models over many rows and slices, and the configuration that holds one against the other.

    python benches/model/large.py FOLDER [ROWS [METRIC ...]]
    cd FOLDER && time tollgate run

Needs numpy and pyarrow. 1,000,000 rows by default, seeded; 10 columns of 10 slices each; both models see one signal with
errors of their own, the candidate no worse one. Ten metrics by default; others may be named.
"""

import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

METRICS = "accuracy balanced_accuracy precision recall f1 matthews kappa log_loss brier roc_auc".split()
folder = pathlib.Path(sys.argv[1])
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
metrics = sys.argv[3:] or METRICS
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(1)
signal = random.normal(size=rows)
late = signal + random.normal(size=rows) > 1.0
slices = {f"s{at}": pa.array(random.integers(0, 10, rows).astype(str)) for at in range(10)}
for name in ("candidate", "baseline"):
    said = signal + 0.5 * random.normal(size=rows)
    score = 1 / (1 + np.exp(-(said - 1.0) * 1.3))
    columns = {"late": late, "score": score, **slices}
    pq.write_table(pa.table(columns), folder / f"{name}.parquet")
lines = [
    "version: 1",
    "models:",
    "  large:",
    "    task: binary",
    "    candidate: {predictions: candidate.parquet, label: late, score: score}",
    "    baseline: {predictions: baseline.parquet, label: late, score: score}",
    f"    slices: [{', '.join(slices)}]",
    "    metrics:",
    *(f"      {metric}: {{no_worse_by: 0.005}}" for metric in metrics),
]
(folder / "tollgate.yaml").write_text("\n".join(lines) + "\n")
