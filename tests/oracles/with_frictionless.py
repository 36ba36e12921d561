"""Frictionless: table schemas in JSON over CSV files, where the empty text is null for both."""

import csv
import json
from pathlib import Path

from frictionless import Resource, Schema, system

from ours import Answer, Rule

TYPES = {
    **dict.fromkeys(("id", "n", "i", "a", "c"), "integer"),
    **dict.fromkeys(("f", "g"), "number"),
    **dict.fromkeys(("t", "s"), "string"),
    "d": "date",
    "b": "boolean",
}


def write(table, folder):
    data = folder / "frame.csv"
    with data.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(table.column_names)
        rows.writerows([written(v) for v in row.values()] for row in table.to_pylist())
    return data


def written(value):
    """Infinity is `inf`: the `INF` of the standard is no number where tollgate reads CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "NaN" if value != value else repr(value)
    return str(value)


def rule(name, types=None, constraints=None, on=None, **schema):
    fields = [{"name": c, "type": t} for c, t in (types or TYPES).items()]
    for field in fields:
        if field["name"] == on:
            field["constraints"] = constraints
    return Rule(f"{name} {on}" if on else name, json.dumps({"fields": fields, **schema}), suffix="json")


def rules(rng):
    return [*numbers(rng), *texts(rng), *keys(rng), *columns(rng)]


def numbers(rng):
    low = rng.randint(-6, 3)
    high = low + rng.randint(0, 9)
    some = rng.sample(range(10), rng.randint(1, 9))
    for on in ("n", "i", "f", "g"):
        yield rule("minimum", on=on, constraints={"minimum": low})
        yield rule("maximum", on=on, constraints={"maximum": high})
        yield rule("both", on=on, constraints={"minimum": low, "maximum": high})
        yield rule("enum", on=on, constraints={"enum": some})
    day = f"2024-01-{rng.randint(10, 31)}"
    yield rule("minimum", on="d", constraints={"minimum": day})
    yield rule("maximum", on="d", constraints={"maximum": day})
    yield rule("enum", on="b", constraints={"enum": [True]})


def texts(rng):
    codes = rng.sample(["open", "paid", "sent", "lost", "a"], rng.randint(1, 5))
    pattern = rng.choice(["a", "a.*", r"\w+", "[a-z]{2}", r".*\d.*", ".", "a|ab", "é|ß|x y"])
    low = rng.randint(1, 2)
    for on in ("t", "s"):
        yield rule("enum", on=on, constraints={"enum": codes})
        yield rule("pattern", on=on, constraints={"pattern": pattern})
        yield rule("minLength", on=on, constraints={"minLength": low})
        yield rule("maxLength", on=on, constraints={"maxLength": low + 1})


def keys(rng):
    for on in TYPES:
        yield rule("required", on=on, constraints={"required": True})
        yield rule("unique", on=on, constraints={"unique": True})
    yield rule("primary_id", primaryKey=["id"])
    yield rule("primary_n", primaryKey=["n"])
    yield rule("primary_s_n", primaryKey=["s", "n"])
    yield rule("primary_a_c", primaryKey=["a", "c"])
    yield rule("unique_keys", uniqueKeys=[["n", "s"]])
    yield rule("unique_keys_nulls", uniqueKeys=[["a", "c"]])


def columns(rng):
    swapped = dict(rng.sample(list(TYPES.items()), len(TYPES)))
    fewer = {c: t for c, t in TYPES.items() if c != rng.choice(["n", "b"])}
    yield rule("types")
    yield rule("swapped", swapped)
    yield rule("swapped_equal", swapped, fieldsMatch="equal")
    yield rule("fewer", fewer)
    yield rule("fewer_subset", fewer, fieldsMatch="subset")
    yield rule("more", {**TYPES, "z": "string"})
    yield rule("text_as_integer", {**TYPES, "s": "integer"})
    yield rule("integer_as_boolean", {**TYPES, "id": "date"})
    yield rule("integer_as_text", {**TYPES, "id": "string"})


def answers(rules, data):
    return [answer(rule, Path(data)) for rule in rules]


def answer(rule, data):
    schema = Schema.from_descriptor(json.loads(rule.form))
    with system.use_context(trusted=True):
        report = Resource(path=str(data), schema=schema).validate(limit_errors=100000)
    errors = report.flatten(["type", "rowNumber"])
    rows = [row for kind, row in errors if kind != "type-error"]
    if not report.valid and (not rows or None in rows):
        return Answer("fail")
    if any(kind == "primary-key" for kind, _ in errors):
        rows = set(rows)  # A key of nulls that repeats is told twice.
    return Answer("pass" if report.valid else "fail", len(rows))
