"""Writes honest files as their own libraries write them: FOLDER/honest/GROUP/NAME. Usage: python honest.py FOLDER.

Every estimator of scikit-learn that can be fitted to a small table, in protocols 0 to 5 and by joblib; pipelines,
frames, arrays, archives as PyTorch lays them out, texts, and bytes that are nothing.
"""

import io
import pickle
import sys
import tarfile
import warnings
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, OrdinalEncoder
from sklearn.utils import all_estimators
from sklearn.utils._test_common.instance_generator import _construct_instances

ROOT = Path(sys.argv[1]) / "honest"
warnings.simplefilter("ignore")
draw = np.random.RandomState(0)
X = np.abs(draw.rand(60, 4))
CLASSES = np.arange(60) % 3
NUMBERS = X @ [1, 2, 3, 4] + draw.rand(60)


def folder(group):
    place = ROOT / group
    place.mkdir(parents=True, exist_ok=True)
    return place


def fitted(kind):
    try:
        model = next(iter(_construct_instances(kind)))
    except Exception:
        return None
    for truth in (CLASSES, NUMBERS, None, (CLASSES > 0).astype(int)):
        try:
            return model.fit(X, truth)
        except Exception:
            continue
    return None


def estimators():
    pickled, joblibs, packed = folder("estimators, pickle"), folder("estimators, joblib"), folder("joblib, compressed")
    for number, (name, kind) in enumerate(all_estimators()):
        model = fitted(kind)
        if model is None:
            continue
        for protocol in range(6):
            (pickled / f"{name}.{protocol}.pkl").write_bytes(pickle.dumps(model, protocol=protocol))
        joblib.dump(model, joblibs / f"{name}.joblib")
        if number % 6 == 0:
            for way in ("zlib", "gzip"):
                joblib.dump(model, packed / f"{name}.{way}.joblib", compress=(way, 3))


def pipelines():
    place = folder("pipelines and frames")
    letters = lambda text, times: np.array(list(text) * times, dtype=object)
    frame = pd.DataFrame({"a": letters("xyz", 20), "b": letters("pq", 30), "n": X[:, 0]})
    columns = make_column_transformer((OneHotEncoder(), ["a"]), (OrdinalEncoder(), ["b"]), ("passthrough", ["n"]))
    models = {
        "table": make_pipeline(columns, LogisticRegression()).fit(frame, CLASSES),
        "text": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["aa bb", "cc dd", "aa dd"] * 20, CLASSES),
        "labels": LabelEncoder().fit(frame["a"].to_numpy()),
    }
    typed = pd.DataFrame({"t": pd.date_range("2020", periods=3), "s": ["x", None, "y"]})
    typed["c"] = pd.Categorical(list("aba"))
    typed["i"] = pd.array([1, None, 2], dtype="Int64")
    models |= {"frame": typed, "series": typed["s"], "index": typed.set_index("t")}
    models["levels"] = typed.set_index(["t", "s"])
    models["plain"] = [1, 2.5, "é", b"\x80\x04N.", bytearray(b"a"), {3}, None, 10**30, 1j]
    models["more"] = [OrderedDict(a=1), Counter("ab"), range(3), slice(1, 2), frozenset([4])]
    for name, model in models.items():
        for protocol in (2, 4, 5):
            (place / f"{name}.{protocol}.pkl").write_bytes(pickle.dumps(model, protocol=protocol))
        joblib.dump(model, place / f"{name}.joblib")


class Storage:
    pass


class Torch(pickle.Pickler):
    def persistent_id(self, value):
        return ("storage", "FloatStorage", "0", "cpu", 6) if isinstance(value, Storage) else None


def containers():
    place = folder("arrays and archives")
    records = np.zeros(3, dtype=[("Origin", "f4"), ("b", "i2")])
    np.save(place / "numbers.npy", X)
    np.save(place / "objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    np.savez(place / "z.npz", X=X, o=np.array([1, "a"], dtype=object))
    np.savez_compressed(place / "packed.npz", X=X, records=records)
    arrays = [records, np.array(["aa"]), np.array([b"a"]), np.array([object, 1]), np.array(3.5), np.zeros((0, 3))]
    joblib.dump(arrays, place / "arrays.joblib")
    state = io.BytesIO()
    Torch(state, protocol=2).dump(OrderedDict(w=Storage()))
    weights = np.arange(60, dtype="f4").tobytes()
    with zipfile.ZipFile(place / "state.pt", "w") as archive:
        for name, content in {"data.pkl": state.getvalue(), "data/0": weights, "version": b"3\n"}.items():
            archive.writestr(f"archive/{name}", content)
    first = [pickle.dumps(x, protocol=2) for x in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]
    (place / "old.pt").write_bytes(b"".join(first) + state.getvalue() + pickle.dumps(["0"], 2) + weights)
    with tarfile.open(place / "m.tar.gz", "w:gz") as archive:
        archive.add(place / "numbers.npy", "model/numbers.npy")


def others():
    place = folder("no model at all")
    texts = {"README.md": "class\nfoo\nbar (x) R.\n", "x.csv": "carrier\na\n", "r.txt": "cloudpickle\nnumpy\n"}
    for name, text in texts.items():
        (place / name).write_text(text)
    for number in range(200):
        (place / f"bytes-{number}.data").write_bytes(draw.bytes(4000))
        (place / f"floats-{number}.data").write_bytes(draw.randn(1000).astype("f4").tobytes())


if __name__ == "__main__":
    for make in (estimators, pipelines, containers, others):
        make()
