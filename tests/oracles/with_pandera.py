"""Pandera: schemas in YAML over pandas frames whose whole numbers and truth values may be null."""

import warnings

import pandas as pd
import pandera.pandas as pa
import pyarrow.parquet as pq
import yaml

from ours import Answer, Rule

NULLABLE = {"int64": pd.Int64Dtype(), "bool": pd.BooleanDtype()}


def write(table, folder):
    data = folder / "frame.parquet"
    pq.write_table(table, data)
    return data


def rule(name, columns, **schema):
    form = {"schema_type": "dataframe", "version": "0.35.0", "columns": columns}
    return Rule(name, yaml.safe_dump({**form, **schema}, sort_keys=False, allow_unicode=True))


def check(name, on, check, *, shown=None, nullable=True, **options):
    """One check of one column, in the list form that keeps options beside the value."""
    item = dict(check[1]) if isinstance(check[1], dict) else {"value": check[1]}
    item["options"] = {"check_name": check[0], "ignore_na": True, **options}
    return rule(f"{shown or name} {on}", {on: {"dtype": None, "nullable": nullable, "checks": [item]}})


def rules(rng):
    return [*numbers(rng), *texts(rng), *columns(rng), *flat(rng)]


def numbers(rng):
    low = rng.randint(-6, 3)
    high = low + rng.randint(1, 9)
    some = rng.sample(range(10), rng.randint(1, 9))
    compared = [
        ("greater_than", low),
        ("greater_than_or_equal_to", low),
        ("less_than", high),
        ("less_than_or_equal_to", high),
        ("equal_to", low),
        ("not_equal_to", low),
    ]
    for on in ("n", "i", "f", "g"):
        for name, value in compared:
            yield check(name, on, (name, value))
        for left in (True, False):
            for right in (True, False):
                bounds = {"min_value": low, "max_value": high, "include_min": left, "include_max": right}
                yield check(f"in_range_{left}_{right}", on, ("in_range", bounds))
        yield check("isin", on, ("isin", some))
        yield check("notin", on, ("notin", some))
    for on in ("i", "f"):
        yield check("greater_than", on, ("greater_than", low), shown="nulls_looked_at", ignore_na=False)
        yield check("greater_than", on, ("greater_than", low), shown="not_nullable", nullable=False)
    yield check("greater_than", "n", ("greater_than", low), shown="warned", raise_warning=True)


def texts(rng):
    codes = rng.sample(["open", "paid", "sent", "lost", "a", ""], rng.randint(1, 5))
    pattern = rng.choice(["a", "b$", r"\d", "[a-z]{2}", r"\w", "é|ß", r"\s*$", "a|b"])
    low = rng.randint(0, 2)
    for on in ("t", "s"):
        yield check("isin", on, ("isin", codes))
        yield check("notin", on, ("notin", codes))
        yield check("str_matches", on, ("str_matches", pattern))
        yield check("str_contains", on, ("str_contains", pattern))
        yield check("str_startswith", on, ("str_startswith", rng.choice(["a", "o", "x "])))
        yield check("str_endswith", on, ("str_endswith", rng.choice(["b", "t", "d"])))
        yield check("str_length", on, ("str_length", {"min_value": low, "max_value": low + 2}))
    yield check("unique_values_eq", "s", ("unique_values_eq", {"values": sorted(codes)}))


def columns(rng):
    for on in ("id", "n", "i", "f", "g", "t", "d", "b"):
        yield rule(f"unique {on}", {on: {"dtype": None, "nullable": True, "unique": True}})
        yield rule(f"not_null {on}", {on: {"dtype": None, "nullable": False}})
    both = {name: {"dtype": None, "nullable": True} for name in ("a", "c")}
    yield rule("unique_together", both, unique=["a", "c"])
    yield rule("strict", both, strict=True)
    turned = dict(reversed(both.items())) if rng.random() < 0.5 else both
    yield rule("ordered", turned, ordered=True)
    yield rule("missing", {"not_there": {"dtype": None, "nullable": True}})
    yield rule("may_lack", {"not_there": {"dtype": None, "nullable": True, "required": False}})
    for on, dtype in (("n", "int64"), ("f", "float64"), ("n", "float64"), ("f", "int64")):
        yield rule(f"dtype_{dtype} {on}", {on: {"dtype": dtype, "nullable": True}})


def flat(rng):
    """As `to_yaml` of this version writes them: checks stand beside the type of the column."""
    low = rng.randint(0, 6)
    for name, made in {
        "written_greater_than": pa.Check.greater_than(low),
        "written_in_range": pa.Check.in_range(low, low + 2, include_max=False),
        "written_isin": pa.Check.isin([low, low + 1]),
    }.items():
        schema = pa.DataFrameSchema({"n": pa.Column(None, made, nullable=True)})
        yield Rule(f"{name} n", schema.to_yaml())


def answers(rules, data):
    frame = pq.read_table(data)
    types = {pa_type: NULLABLE.get(str(pa_type)) for pa_type in frame.schema.types}
    frame = frame.to_pandas(types_mapper=types.get, date_as_object=True)
    frame = frame.astype({"n": "int64", "id": "int64"})
    return [answer(frame, rule) for rule in rules]


def answer(frame, rule):
    schema = pa.DataFrameSchema.from_yaml(rule.form)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", pa.errors.SchemaWarning)
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            if (cases["schema_context"] == "DataFrameSchema").any() and rule.name != "unique_together":
                return Answer("fail")
            if cases["check"].astype(str).str.startswith("dtype").any():
                return Answer("fail")
            rows = cases["index"].dropna()
            return Answer("fail", len(set(rows)) if len(rows) else None)
    told = any(issubclass(w.category, pa.errors.SchemaWarning) for w in warned)
    return Answer("warn" if told else "pass", None if told else 0)
