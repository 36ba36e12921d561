"""Pointblank over Polars frames. Contracts are native: a null fails unless `na_pass`, all rows that repeat count."""

import json
from datetime import date

import pointblank as pb
import polars as pl
import pyarrow.parquet as pq

from ours import Answer, Rule


def write(table, folder):
    data = folder / "frame.parquet"
    pq.write_table(table, data)
    return data


def rule(name, step, arguments, check, **promise):
    """A step of Pointblank with its arguments, and the check that means the same."""
    form = json.dumps({"version": 1, "expect": [{check: {**promise, "on_empty": "pass"}}]})
    return Rule(name, form, (step, arguments))


def rules(rng):
    return [*numbers(rng), *texts(rng), *columns(rng)]


def numbers(rng):
    low = rng.randint(-6, 3)
    high = low + rng.randint(1, 9)
    some = rng.sample(range(10), rng.randint(1, 9))
    pairs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
    for on in ("n", "i", "f", "g"):
        for passes in (True, False):
            nulls = {"nulls": "ignore" if passes else "fail"}
            asked = {"columns": on, "na_pass": passes}
            for step, op in pairs.items():
                named = f"{step}_{passes} {on}"
                yield rule(
                    named, f"col_vals_{step}", {**asked, "value": low}, "compare", column=on, op=op, value=low, **nulls
                )
            for inclusive, bounds in (
                ((True, True), "[]"),
                ((True, False), "[)"),
                ((False, True), "(]"),
                ((False, False), "()"),
            ):
                arguments = {**asked, "left": low, "right": high, "inclusive": inclusive}
                limits = {"column": on, "min": low, "max": high, "bounds": bounds, **nulls}
                yield rule(f"between_{passes}_{bounds} {on}", "col_vals_between", arguments, "between", **limits)
        yield rule(
            f"in_set {on}",
            "col_vals_in_set",
            {"columns": on, "set": some},
            "in_set",
            column=on,
            values=some,
            nulls="fail",
        )
        arguments = {"columns": on, "set": some}
        yield rule(
            f"not_in_set {on}", "col_vals_not_in_set", arguments, "not_in_set", column=on, values=some, nulls="fail"
        )
    day = date(2024, 1, rng.randint(2, 30))
    arguments = {"columns": "d", "value": day, "na_pass": True}
    yield rule("ge d", "col_vals_ge", arguments, "compare", column="d", op=">=", value=str(day), nulls="ignore")


def texts(rng):
    codes = rng.sample(["open", "paid", "sent", "lost", "a", ""], rng.randint(1, 5))
    pattern = rng.choice(["^a", "b$", r"\d", "[a-z]{2}", "^$", r"\w", "é|ß", "^.$", r"^\s*$"])
    low = rng.randint(0, 2)
    for on in ("t", "s"):
        yield rule(
            f"in_set {on}",
            "col_vals_in_set",
            {"columns": on, "set": codes},
            "in_set",
            column=on,
            values=codes,
            nulls="fail",
        )
        for passes in (True, False):
            nulls = "ignore" if passes else "fail"
            arguments = {"columns": on, "pattern": pattern, "na_pass": passes}
            yield rule(
                f"regex_{passes} {on}", "col_vals_regex", arguments, "matches", column=on, pattern=pattern, nulls=nulls
            )
            arguments = {"columns": on, "min_val": low, "max_val": low + 2, "na_pass": passes}
            limits = {"column": on, "min": low, "max": low + 2, "nulls": nulls}
            yield rule(f"length_{passes} {on}", "col_vals_str_len", arguments, "length", **limits)


def columns(rng):
    repeats = {"nulls": "equal", "count": "rows_in_groups"}
    for on in ("id", "n", "i", "f", "g", "t", "s", "d", "b"):
        yield rule(f"not_null {on}", "col_vals_not_null", {"columns": on}, "not_null", column=on)
        yield rule(f"null {on}", "col_vals_null", {"columns": on}, "is_null", column=on)
        yield rule(f"distinct {on}", "rows_distinct", {"columns_subset": [on]}, "unique_key", columns=on, **repeats)
    yield rule(
        "distinct a c", "rows_distinct", {"columns_subset": ["a", "c"]}, "unique_key", columns=["a", "c"], **repeats
    )
    yield rule("complete", "rows_complete", {"columns_subset": ["a", "c"]}, "rows_complete", columns=["a", "c"])


def answers(rules, data):
    frame = pl.read_parquet(data)
    return [answer(frame, *rule.ask) for rule in rules]


def answer(frame, step, arguments):
    plan = getattr(pb.Validate(frame), step)(**arguments).interrogate()
    done = plan.validation_info[0]
    if done.eval_error:
        return Answer("error")
    return Answer("pass" if done.all_passed else "fail", int(done.n_failed))
