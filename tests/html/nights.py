"""Many nights from a few records of runs: `nights.py OUT CLEAN.json DIRTY.json [MODELS.json ...]`.

Writes OUT/<night>/run.json for 80 nights before 2013-06-01, with other clocks and, where a number is only shown, other
numbers; verdicts stay as they are. The dirty record stands for some nights of it. Also OUT/promotion.json, a record of
promotions, and three files that cannot be read.
"""

import copy
import datetime
import json
import math
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
clean, dirty, *models = (json.loads(pathlib.Path(p).read_text()) for p in sys.argv[2:])
end = datetime.datetime(2013, 6, 1, 6, tzinfo=datetime.timezone.utc)


def moved(record, at, night):
    """The record at another time, its numbers swaying a little where no limit is crossed by that."""
    record = copy.deepcopy(record)
    record["provenance"]["now"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    for place, outcome in enumerate(record["outcomes"]):
        for measured in outcome["measured"]:
            if measured.get("number"):
                measured["number"] *= 1 + 0.04 * math.sin(night / 5 + place)
    for model in record.get("models", []):
        for place, metric in enumerate(model["metrics"]):
            if "candidate" in metric:
                metric["candidate"]["value"] *= 1 + 0.01 * math.sin(night / 7 + place)
    return record


def write(path, record):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record))


for night in range(80):
    at = end - datetime.timedelta(days=79 - night)
    if night in (30, 31):
        continue  # Nothing ran.
    bad = night in (12, 13, 14, 50) or night >= 77
    write(out / f"{night:02}" / "run.json", moved(dirty if bad else clean, at, night))
    for place, record in enumerate(models):
        if night % 4 == 3:
            later = at + datetime.timedelta(hours=1)
            write(out / f"{night:02}" / f"run-models-{place}.json", moved(record, later, night))


def move(kind, before, after, night, **more):
    at = (end - datetime.timedelta(days=79 - night)).strftime("%Y-%m-%dT%H:%M:%SZ")
    identity = f"{night:032x}"
    return {"id": identity, "kind": kind, "model": "late", "alias": "champion", "from": before, "to": after, "at": at, **more}


name = models[0]["models"][0]["name"] if models else "late"
moves = [
    move("promotion", "6", "7", 22, by="ci", reason="better by 0.01 on February"),
    move("rollback", "7", "6", 27, by="a person", reason="<script>alert(1)</script> too slow"),
    move("promotion", "6", "8", 63, by="ci"),
]
promotions = [
    {"name": name, "registry": "models", "safety": "a lock", "ended": "moved", "sentence": "moved", "move": m} for m in moves
]
write(out / "promotion.json", {"schema_version": "1.0", "tollgate": "0.1.0", "promotions": promotions})
(out / "run.json").write_text("{}")
(out / "run-broken.json").write_text("{")
(out / "run-binary.json").write_bytes(b"\xff\xfe\x00")
