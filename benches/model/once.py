"""One replicate's work in scikit-learn: ten metrics of two models on 1,000,000 rows and on 100 slices of them.

    python benches/model/once.py

Needs numpy and scikit-learn. Prints seconds of processor time; a bootstrap of 1,000 replicates does this 1,000 times, after drawing.
"""

import time

import numpy as np
from sklearn import metrics as m

ROWS = 1_000_000
RNG = np.random.default_rng(1)
z = RNG.normal(size=ROWS)
score = lambda said: 1 / (1 + np.exp(-1.5 * (said - 0.8)))
truth = RNG.random(ROWS) < score(z)
value = z + 0.5 * RNG.normal(size=ROWS)
models = [z + width * RNG.normal(size=ROWS) for width in (0.3, 0.15)]
columns = [RNG.integers(0, 10, ROWS) for _ in range(10)]


def ten(rows):
    for said in models:
        t, s, p = truth[rows], said[rows], score(said[rows])
        c = s > 0.8
        m.accuracy_score(t, c), m.recall_score(t, c), m.precision_score(t, c), m.recall_score(t, c, pos_label=False), m.f1_score(t, c)
        m.matthews_corrcoef(t, c), m.cohen_kappa_score(t, c), m.log_loss(t, p), m.brier_score_loss(t, p), m.mean_absolute_error(value[rows], s)


start = time.process_time()
ten(slice(None))
print(f"all rows: {time.process_time() - start:.1f} s")
start = time.process_time()
for column in columns:
    for part in range(10):
        ten(column == part)
print(f"100 slices: {time.process_time() - start:.1f} s")
