"""Trains the models of this example on January and February, and writes what they say about March.

Files: one of predictions per model; features.parquet, which is what the challenger is given (with the truth); and the
challenger itself in challenger/, as MLflow lays a model out.

Usage: python train.py [FOLDER]     FOLDER is where the files go; without it, the folder of this script.
Needs requirements.txt, and ../data as make.py wrote it. Deterministic: fixed seeds, one thread, two runs write the same
bytes. About 40 seconds of one processor.

Question: does a flight that has just departed arrive more than 15 minutes late? Known at departure: the calendar, the
schedule, the delay at departure, carrier, origin, destination, distance; and, for the challenger, how much flights that
have already landed today made up or lost in the air. Cancelled and diverted flights have no arrival delay and are left
out.
"""

import json
import os

# Sums that depend on the number of threads would change the last digits.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

HERE = Path(__file__).parent
DATA = HERE.parent / "data"
LATE_AFTER = 15  # minutes
WORDS = ["carrier", "origin", "dest"]
NUMBERS = ["day", "dow", "sched_dep_time", "dep_delay", "distance"]
MORE = ["sched_dep_time", "dep_delay", "distance", "planned", "lost_here", "lost_all"]
# The carrier whose delay at departure the regressed model never gets: US Airways.
CARRIER = "US"
# Minutes on the ground besides the time in the air: generous, so that nothing is known too early.
GROUND = 40


def minutes(clock):
    """Minutes since midnight of a time like 1305."""
    return (clock // 100) * 60 + clock % 100


def lost_on_the_way(flights, hours, places):
    """Mean of (arrival delay - departure delay) of flights that landed in the `hours` before this one departed.

    Of the same value of `places` where it is a column, else of all flights. Unknown where fewer than five landed.
    """
    lost = (flights["arr_delay"] - flights["dep_delay"]).to_numpy()
    departed = ((flights["day"] - 1) * 1440 + minutes(flights["sched_dep_time"]) + flights["dep_delay"]).to_numpy()
    landed = departed + flights["air_time"].to_numpy("float64", na_value=np.inf) + GROUND
    found = np.full(len(flights), np.nan)
    groups = flights[places] if places else np.zeros(len(flights))
    for value in pd.unique(groups):
        rows = np.flatnonzero(groups == value)
        order = rows[np.argsort(landed[rows], kind="stable")]
        sums = np.concatenate([[0.0], np.cumsum(lost[order])])
        until = np.searchsorted(landed[order], departed[rows])
        since = np.searchsorted(landed[order], departed[rows] - hours * 60)
        count = until - since
        found[rows] = np.where(count >= 5, (sums[until] - sums[since]) / np.maximum(count, 1), np.nan)
    return found.round(2)


def month(number):
    """Flights of a month that arrived; `id` is the row in the month's file."""
    flights = pd.read_parquet(DATA / f"flights-2013-{number:02}.parquet")
    flights.insert(0, "id", np.arange(len(flights), dtype="int32"))
    flights = flights[flights["arr_delay"].notna() & flights["dep_delay"].notna()].reset_index(drop=True)
    dates = pd.to_datetime(flights[["year", "month", "day"]].astype("int64"))
    flights["dow"] = dates.dt.day_of_week
    for column in [*NUMBERS, "arr_delay", "sched_arr_time"]:
        flights[column] = flights[column].astype("float64")
    for column in WORDS:
        flights[column] = flights[column].astype(object)
    flights["planned"] = (minutes(flights["sched_arr_time"]) - minutes(flights["sched_dep_time"])) % 1440
    flights["lost_here"] = lost_on_the_way(flights, 2, "origin")
    flights["lost_all"] = lost_on_the_way(flights, 3, None)
    flights["late"] = flights["arr_delay"] > LATE_AFTER
    return flights


def forest(kind, seed):
    words = OneHotEncoder(handle_unknown="ignore", min_frequency=50)
    columns = make_column_transformer((words, WORDS), ("passthrough", NUMBERS))
    model = kind(n_estimators=60, min_samples_leaf=10, max_features=0.5, random_state=seed, n_jobs=1)
    return make_pipeline(columns, model)


def boosted(kind, **more):
    words = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, min_frequency=50)
    columns = make_column_transformer((words, WORDS), ("passthrough", MORE))
    model = kind(
        max_iter=150, learning_rate=0.06, max_leaf_nodes=15, min_samples_leaf=40, l2_regularization=1.0,
        categorical_features=list(range(len(WORDS))), early_stopping=False, random_state=0, **more,
    )
    return make_pipeline(columns, model)


def carrier_lost(flights):
    """What the regressed model is given after a join went wrong: one carrier's delay at departure reads 0."""
    given = flights[WORDS + MORE].copy()
    given.loc[given["carrier"] == CARRIER, "dep_delay"] = 0.0
    return given


def write(folder, name, flights, truth, said):
    """One row per flight. Scores have four decimals, as 32-bit floats: what is left of the size of these files."""
    label, score = said
    columns = {
        "id": pa.array(flights["id"], pa.int32()),
        "carrier": pa.array(flights["carrier"], pa.string()),
        "origin": pa.array(flights["origin"], pa.string()),
        "day": pa.array(flights["day"], pa.int32()),
        truth[0]: pa.array(flights[truth[0]], truth[1]),
        label: pa.array(score, pa.float32()),
    }
    encodings = {"id": "DELTA_BINARY_PACKED", label: "BYTE_STREAM_SPLIT"}
    words = [c for c in columns if c not in encodings and c != "late"]
    pq.write_table(
        pa.table(columns), folder / f"{name}.parquet", compression="zstd", compression_level=19,
        use_dictionary=words, column_encoding=encodings,
    )


def classifiers(folder, train, test):
    old, new = WORDS + NUMBERS, WORDS + MORE
    challenger = boosted(HistGradientBoostingClassifier).fit(train[new], train["late"])
    scores = {
        "champion": forest(RandomForestClassifier, 1).fit(train[old], train["late"]).predict_proba(test[old]),
        "retrain": forest(RandomForestClassifier, 2).fit(train[old], train["late"]).predict_proba(test[old]),
        "challenger": challenger.predict_proba(test[new]),
        "regressed": challenger.predict_proba(carrier_lost(test)),
    }
    for name, both in scores.items():
        # Never quite 0 or 1: a model that has seen two months is not certain.
        score = np.clip(both[:, 1], 0.0001, 0.9999).round(4).astype("float32")
        write(folder, name, test, ("late", pa.bool_()), ("p_late", score))
    features(folder, test)
    keep(folder / "challenger", challenger)


def features(folder, flights):
    """What the challenger is given for each flight, and the truth: a holdout for an endpoint that serves it."""
    columns = {"id": pa.array(flights["id"], pa.int32())}
    for name in WORDS:
        columns[name] = pa.array(flights[name], pa.string())
    for name in MORE:
        whole = not name.startswith("lost")
        # NaN is how the model is told that nothing landed; in the file it is null.
        columns[name] = pa.array(flights[name], pa.int32() if whole else pa.float64(), from_pandas=True)
    columns["late"] = pa.array(flights["late"], pa.bool_())
    words = [name for name in columns if name not in ("id", "late")]
    pq.write_table(
        pa.table(columns), folder / "features.parquet", compression="zstd", compression_level=19,
        use_dictionary=words, column_encoding={"id": "DELTA_BINARY_PACKED"},
    )


def keep(folder, model):
    """The model as a file, and an MLmodel file that says what goes in and what comes out."""
    folder.mkdir(exist_ok=True)
    joblib.dump(model, folder / "model.joblib", compress=("zlib", 9), protocol=5)
    inputs = [{"type": "string", "name": name, "required": True} for name in WORDS]
    for name in MORE:
        lost = name.startswith("lost")
        inputs.append({"type": "double" if lost else "long", "name": name, "required": not lost})
    outputs = [{"type": "double", "name": "p_late", "required": True}]
    flavor = {
        "pickled_model": "model.joblib",
        "serialization_format": "joblib",
        "sklearn_version": sklearn.__version__,
    }
    written = {
        "flavors": {"sklearn": flavor},
        "signature": {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs)},
        "model_size_bytes": (folder / "model.joblib").stat().st_size,
    }
    # JSON is YAML as well.
    (folder / "MLmodel").write_text(json.dumps(written, indent=2) + "\n")


def regressors(folder, train, test):
    models = {
        "minutes-champion": (WORDS + NUMBERS, forest(RandomForestRegressor, 1)),
        "minutes-challenger": (WORDS + MORE, boosted(HistGradientBoostingRegressor, loss="absolute_error")),
    }
    for name, (inputs, model) in models.items():
        said = model.fit(train[inputs], train["arr_delay"]).predict(test[inputs]).round(2).astype("float32")
        write(folder, name, test, ("arr_delay", pa.int32()), ("minutes", said))


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    folder.mkdir(parents=True, exist_ok=True)
    train = pd.concat([month(1), month(2)], ignore_index=True)
    test = month(3)
    classifiers(folder, train, test)
    regressors(folder, train, test)


if __name__ == "__main__":
    main()
