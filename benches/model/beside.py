"""The whole gate through the command line, and scikit-learn doing the same, in one run.

    python benches/model/beside.py TOLLGATE FOLDER [ROWS [METRIC ...]]

Needs numpy, pyarrow and scikit-learn; `large.py` makes the files in FOLDER. scikit-learn has the metrics of both models on all rows
and on the 100 slices, and no intervals: what it lacks (KS, calibration errors) is written with numpy. A paired bootstrap of 1,000
replicates takes that a thousand times, with rows drawn anew; as many replicates as a minute allows are made, and their time is
multiplied. Prints seconds of processor time, which other work on the machine does not change as it does the clock.
"""

import pathlib
import resource
import subprocess
import sys
import time

import numpy as np
from large import NUMBERS, make
from sklearn import metrics as m

METRICS = (
    "accuracy f1 matthews log_loss brier roc_auc average_precision ks expected_calibration_error median_absolute_error"
).split()
MINUTE = 60.0
REPLICATES = 1_000


def ks(truth, score):
    negative, positive, _ = m.roc_curve(truth, score)
    return np.max(positive - negative)


def calibration(truth, score):
    bins = np.clip(np.ceil(score * 10).astype(int) - 1, 0, 9)
    return np.abs(np.bincount(bins, weights=score - truth, minlength=10)).sum() / len(truth)


OF = {
    "accuracy": lambda t, c, p: m.accuracy_score(t, c),
    "balanced_accuracy": lambda t, c, p: m.balanced_accuracy_score(t, c),
    "precision": lambda t, c, p: m.precision_score(t, c),
    "recall": lambda t, c, p: m.recall_score(t, c),
    "f1": lambda t, c, p: m.f1_score(t, c),
    "matthews": lambda t, c, p: m.matthews_corrcoef(t, c),
    "kappa": lambda t, c, p: m.cohen_kappa_score(t, c),
    "log_loss": lambda t, c, p: m.log_loss(t, p),
    "brier": lambda t, c, p: m.brier_score_loss(t, p),
    "roc_auc": lambda t, c, p: m.roc_auc_score(t, p),
    "average_precision": lambda t, c, p: m.average_precision_score(t, p),
    "ks": lambda t, c, p: ks(t, p),
    "expected_calibration_error": lambda t, c, p: calibration(t, p),
    "mae": lambda t, v: m.mean_absolute_error(t, v),
    "mse": lambda t, v: m.mean_squared_error(t, v),
    "rmse": lambda t, v: m.root_mean_squared_error(t, v),
    "r2": lambda t, v: m.r2_score(t, v),
    "median_absolute_error": lambda t, v: m.median_absolute_error(t, v),
}


def values(made, metrics, rows):
    """Every metric of both models on these rows."""
    for side in ("candidate", "baseline"):
        late, score = made["late"][rows], made[side]["score"][rows]
        hours, said, called = made["hours"][rows], made[side]["said"][rows], score >= 0.5
        for name in metrics:
            OF[name](hours, said) if name in NUMBERS else OF[name](late, called, score)


def everywhere(made, metrics, drawn):
    """All rows that were drawn, and the slices of them."""
    values(made, metrics, drawn)
    for column in made["slices"].values():
        of = column[drawn]
        for part in range(10):
            values(made, metrics, drawn[of == part])


def main():
    tollgate, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    metrics = sys.argv[4:] or METRICS
    made = make(folder, count, metrics)
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    ran = subprocess.run([tollgate, "run"], cwd=folder, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{count} rows, {len(metrics)} metrics, 100 slices: {', '.join(metrics)}")
    print(f"tollgate run: {used:.1f} s of processor time, {time.time() - clock:.1f} s by the clock, exit {ran.returncode}")
    print(f"greatest resident memory: {after.ru_maxrss / 1024:.0f} MiB")
    start = time.process_time()
    everywhere(made, metrics, np.arange(count))
    print(f"scikit-learn, the values alone: {time.process_time() - start:.1f} s")
    random, done, start = np.random.default_rng(2), 0, time.process_time()
    while done == 0 or time.process_time() - start < MINUTE:
        everywhere(made, metrics, random.integers(0, count, count))
        done += 1
    each = (time.process_time() - start) / done
    print(f"scikit-learn, a replicate: {each:.1f} s (mean of {done}); {REPLICATES} would take {each * REPLICATES / 3600:.1f} h")


main()
