"""dataframely over Polars frames. Contracts are native: `unique` takes nulls for equal, lengths are in bytes."""

import json
from datetime import date

import dataframely as dy
import polars as pl
import pyarrow.parquet as pq

from ours import Answer, Rule

KINDS = {
    **dict.fromkeys(("id", "n", "i", "a", "c"), dy.Int64),
    **dict.fromkeys(("f", "g"), dy.Float64),
    **dict.fromkeys(("t", "s"), dy.String),
    "d": dy.Date,
    "b": dy.Bool,
}


def write(table, folder):
    data = folder / "frame.parquet"
    pq.write_table(table, data)
    return data


def rule(name, on, arguments, check, **promise):
    """A column with one constraint, and the check that means the same; `name` is that of the rule in dataframely."""
    form = json.dumps({"version": 1, "expect": [{check: {**promise, "on_empty": "pass"}}]})
    kind = KINDS[on[0] if isinstance(on, list) else on]
    free = {"allow_inf": True, "allow_nan": True} if kind is dy.Float64 else {}
    free = {k: v for k, v in free.items() if k not in arguments}
    columns = {c: kind(**{"nullable": True, **free, **arguments}) for c in ([on] if isinstance(on, str) else on)}
    return Rule(f"{name} {' '.join(columns)}", form, (columns, name.partition("=")[0]))


def rules(rng):
    return [*numbers(rng), *texts(rng), *columns(rng)]


def numbers(rng):
    low = rng.randint(-6, 3)
    high = low + rng.randint(1, 9)
    some = rng.sample(range(10), rng.randint(1, 9))
    for on in ("n", "i", "f", "g"):
        number = float if KINDS[on] is dy.Float64 else int
        yield rule("min", on, {"min": number(low)}, "between", column=on, min=low)
        yield rule("max", on, {"max": number(high)}, "between", column=on, max=high)
        yield rule("min_exclusive", on, {"min_exclusive": number(low)}, "compare", column=on, op=">", value=low)
        yield rule("max_exclusive", on, {"max_exclusive": number(high)}, "compare", column=on, op="<", value=high)
    for on in ("n", "i"):
        yield rule("is_in", on, {"is_in": some}, "in_set", column=on, values=some)
    for on in ("f", "g"):
        yield rule("nan", on, {"allow_nan": False}, "not_nan", column=on)
        yield rule("inf", on, {"allow_inf": False}, "finite", column=on, nan="ignore")
    day = date(2024, 1, rng.randint(2, 30))
    yield rule("min", "d", {"min": day}, "between", column="d", min=str(day))
    yield rule("max", "d", {"max": day}, "between", column="d", max=str(day))


def texts(rng):
    pattern = rng.choice(["^a", "b$", r"\d", "[a-z]{2}", "^$", r"\w", "é|ß", "^.$", r"^\s*$"])
    low, unit = rng.randint(0, 2), {"unit": "bytes"}
    for on in ("t", "s"):
        yield rule("regex", on, {"regex": pattern}, "matches", column=on, pattern=pattern)
        yield rule("min_length", on, {"min_length": low}, "length", column=on, min=low, **unit)
        yield rule("max_length", on, {"max_length": low + 1}, "length", column=on, max=low + 1, **unit)


def columns(rng):
    equal = {"nulls": "equal", "count": "rows_in_groups"}
    for on in KINDS:
        yield rule("nullability", on, {"nullable": False}, "not_null", column=on)
        yield rule("unique", on, {"unique": True}, "unique_key", columns=on, **equal)
    both = {"nullable": False, "primary_key": True}
    yield rule("primary_key", ["id", "n"], both, "unique_key", columns=["id", "n"], **equal)
    yield rule("primary_key", ["n", "id"], both, "unique_key", columns=["n", "id"], **equal)
    yield rule("primary_key", ["a", "c"], both, "unique_key", columns=["a", "c"], **equal)


def answers(rules, data):
    frame = pl.read_parquet(data)
    return [answer(frame, *rule.ask) for rule in rules]


def answer(frame, columns, name):
    schema = type("Oracle", (dy.Schema,), dict(columns))
    counts = schema.filter(frame.select(list(columns)))[1].counts()
    failing = sum(count for rule, count in counts.items() if rule.rpartition("|")[2] == name)
    return Answer("fail" if failing else "pass", failing)
