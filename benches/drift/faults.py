"""Faults put into one column of a batch, at several severities.

These definitions stay as they are, so that figures of different days can be compared.
"""

import numpy as np
import pandas as pd

SHARES = {"small": 0.02, "middle": 0.05, "large": 0.15, "tiny": 0.004}
JOINED = {"small": 0.15, "middle": 0.4, "large": 1.0, "tiny": 0.03}
SEVERITIES = ["small", "middle", "large"]
KINDS = "shift scale missing stuck unit recode truncate duplicate misjoin".split() + ["new value"]
WORDS = {
    "shift": "shift",
    "scale": "spread",
    "missing": "missing",
    "stuck": "stuck at the median",
    "unit": "times 1,000",
    "recode": "recoded to the commonest",
    "truncate": "truncated",
    "duplicate": "repeated rows",
    "misjoin": "joined to wrong rows",
    "new value": "new value",
}


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
        commonest = values.mode()
        if kind == "recode" and commonest.empty:
            # A column without a value has none to be recoded to.
            return None
        values[rows] = commonest[0] if kind == "recode" else "brand new"
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
