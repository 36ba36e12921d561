"""Predictions of examples/flights/models as one table for `cargo bench --bench model -- real PAIRS FILE`.

    python benches/model/export.py FILE

Needs pyarrow. Columns without a head: late (0 or 1), champion, retrain; one row per flight of March 2013.
"""

import pathlib
import sys

import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parents[2] / "examples" / "flights" / "models"
models = [pq.read_table(folder / f"{name}.parquet").to_pydict() for name in ("champion", "retrain")]
assert models[0]["id"] == models[1]["id"]
with open(sys.argv[1], "w") as out:
    for late, one, two in zip(models[0]["late"], models[0]["p_late"], models[1]["p_late"]):
        out.write(f"{int(late)},{one:.6f},{two:.6f}\n")
