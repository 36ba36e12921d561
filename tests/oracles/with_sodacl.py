"""Soda 3: checks in SodaCL over a DuckDB of the frame."""

import json
import logging
import os
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

# Soda 3 keeps its settings in the home folder and sends usage unless they say no: it gets a home of its own.
HOME = tempfile.TemporaryDirectory()
(Path(HOME.name) / ".soda").mkdir()
(Path(HOME.name) / ".soda" / "config.yml").write_text("send_anonymous_usage_stats: false\n", encoding="utf-8")
os.environ["HOME"] = HOME.name
from soda.scan import Scan  # noqa: E402

from ours import Answer, Rule  # noqa: E402

COUNTED = ("missing_count", "invalid_count", "duplicate_count", "failed rows")


def write(table, folder):
    data = folder / "frame.parquet"
    pq.write_table(table, data)
    return data


def rule(name, check, **settings):
    """Settings have `_` where SodaCL has a space."""
    body = {key.replace("_", " "): value for key, value in settings.items()}
    form = {"checks for frame": [{check: body} if body else check]}
    return Rule(name, json.dumps(form, ensure_ascii=False), check)


def rules(rng):
    return [*rows(rng), *missing(rng), *numbers(rng), *texts(rng), *repeated(rng), *aggregates(rng), *columns(rng)]


def threshold(rng, most):
    """What stands behind a metric: all the ways to write a limit that failing rows can keep."""
    number = rng.randint(1, most)
    return rng.choice(["= 0", f"< {number}", f"<= {number}", f"between 0 and {number}"])


def said(column):
    """A column called `d` would be read as the unit of days."""
    return f'"{column}"' if column == "d" else column


def rows(rng):
    count = rng.choice([1, 6, 40, 80])
    yield rule("rows_above", f"row_count > {count // 2}")
    yield rule("rows_below", f"row_count < {count}")
    yield rule("rows_between", f"row_count between {count // 2} and {count}")
    yield rule("rows_open", f"row_count between ({count // 2 - 1} and {count})")
    yield rule("rows_equal", f"row_count = {count}")
    yield rule("rows_fail", "row_count", fail=f"when < {count}")
    yield rule("rows_warn", "row_count", warn=f"when < {count}", fail="when > 1000")
    yield rule("rows_filter", f"row_count > {count // 3}", filter=f"n > {rng.randint(0, 9)}")
    for on in ("i", "t"):
        condition = {"i": f"i > {rng.randint(-20, 20)}", "t": "t = 'ab' OR t IS NULL"}[on]
        yield rule(f"fail_condition {on}", "failed rows", fail_condition=condition)
        yield rule(f"fail_query {on}", "failed rows", fail_query=f"SELECT * FROM frame WHERE {condition}")
    yield rule("rows_closed", f"row_count between [{count // 2} and {count}]")
    yield rule("fresh", 'freshness("d") < 40000d')
    yield rule("stale", 'freshness("d") < 3d')
    yield rule("expression", f"total between 0 and {rng.randint(50, 400)}", total_expression="SUM(n)")


def missing(rng):
    for on in ("i", "f", "g", "t", "d", "b", "n"):
        yield rule(f"missing {on}", f"missing_count({said(on)}) {threshold(rng, 9)}")
        yield rule(f"missing_percent {on}", f"missing_percent({said(on)}) {threshold(rng, 30)}")
        yield rule(f"missing_sign {on}", f"missing_percent({said(on)}) < {rng.randint(1, 30)}%")
    yield rule("missing_warn i", "missing_count(i)", warn="when > 0", fail=f"when > {rng.randint(1, 12)}")
    yield rule("missing_values t", f"missing_count(t) {threshold(rng, 30)}", missing_values=["a", "zz", ""])
    yield rule("missing_values n", f"missing_count(n) {threshold(rng, 30)}", missing_values=[0, 9])
    yield rule("missing_percent_values t", f"missing_percent(t) {threshold(rng, 60)}", missing_values=["a", "zz"])
    yield rule("missing_filter i", f"missing_count(i) {threshold(rng, 5)}", filter=f"n > {rng.randint(0, 8)}")


def numbers(rng):
    low = rng.randint(-10, 2)
    high = low + rng.randint(0, 15)
    some = rng.sample(range(10), rng.randint(1, 9))
    for on in ("n", "i", "f", "g"):
        yield rule(f"valid_min {on}", f"invalid_count({on}) {threshold(rng, 40)}", valid_min=low)
        yield rule(f"valid_max {on}", f"invalid_count({on}) {threshold(rng, 40)}", valid_max=high)
        yield rule(f"both {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_min=low, valid_max=high)
        yield rule(f"percent {on}", f"invalid_percent({on}) {threshold(rng, 90)}", valid_min=low, valid_max=high)
    for on in ("n", "i"):
        yield rule(f"in_set {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_values=some)
        yield rule(
            f"in_set_missing {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_values=some, missing_values=[3]
        )


def texts(rng):
    codes = rng.sample(["open", "paid", "sent", "lost", "a", "ab", ""], rng.randint(1, 5))
    pattern = rng.choice(["^a", "b$", r"\d", "[a-z]{2}", "^$", "é|ß", "^.$", r"^\s*$"])
    low = rng.randint(0, 2)
    for on in ("t", "s"):
        yield rule(f"in_set {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_values=codes)
        yield rule(f"in_set_percent {on}", f"invalid_percent({on}) {threshold(rng, 90)}", valid_values=codes)
        yield rule(f"regex {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_regex=pattern)
        yield rule(f"not_in_set {on}", f"invalid_count({on}) {threshold(rng, 60)}", invalid_values=codes)
        yield rule(f"format_not_integer {on}", f"invalid_count({on}) {threshold(rng, 60)}", invalid_format="integer")
        yield rule(f"length {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_length=low + 1)
        yield rule(f"valid_min_length {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_min_length=low)
        yield rule(f"valid_max_length {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_max_length=low + 1)
        for written in ("integer", "email", "uuid", "positive integer", "decimal", "percentage", "ip address"):
            yield rule(f"format_{written} {on}", f"invalid_count({on}) {threshold(rng, 60)}", valid_format=written)
    yield rule("regex_and_length t", "invalid_count(t) = 0", valid_regex=pattern, valid_max_length=low + 1)


def repeated(rng):
    for on in ("id", "n", "i", "f", "g", "t", "d", "b"):
        yield rule(f"duplicate {on}", f"duplicate_count({said(on)}) = 0")
        yield rule(f"duplicate_some {on}", f"duplicate_count({said(on)}) < {rng.randint(1, 20)}")
        yield rule(f"duplicate_percent {on}", f"duplicate_percent({said(on)}) < {rng.randint(1, 99)}")
    yield rule("duplicate_key a_c", "duplicate_count(a, c) = 0")
    yield rule("duplicate_key n_s", "duplicate_count(n, s) = 0")


def aggregates(rng):
    low = rng.randint(-3, 4)
    high = low + rng.randint(0, 6)
    for on in ("n", "i", "f", "g"):
        for what in ("avg", "min", "max", "sum", "stddev", "stddev_samp", "variance", "var_samp"):
            # The mean and the sum of infinities have no number, and DuckDB refuses their deviation.
            if on == "f" and what not in ("min", "max"):
                continue
            yield rule(f"{what} {on}", f"{what}({on}) between {low} and {rng.choice([high, 100])}")
    yield rule("open n", f"avg(n) between ({low} and {high + 1})")
    yield rule("above n", f"max(n) > {rng.randint(0, 9)}")
    yield rule("avg_filter i", f"avg(i) > {low}", filter=f"n > {rng.randint(0, 8)}")
    for what in ("min_length", "max_length", "avg_length"):
        for on in ("t", "s"):
            yield rule(f"{what} {on}", f"{what}({on}) between {max(low, 0)} and {max(high, 2)}")
    yield rule("percentile n", f"percentile(n, 0.5) between {low} and {high}")
    yield rule("percentile i", f"percentile(i, 0.95) between {low} and {high + 9}")


def columns(rng):
    names = ["id", "n", "i", "a", "c", "f", "g", "t", "s", "d", "b"]
    some = rng.sample(names, 3)
    types = {"id": "bigint", "f": "double", "t": "varchar", "d": "date", "b": "boolean"}
    yield rule("required", "schema", fail={"when required column missing": [*some, rng.choice(["zz", "id"])]})
    yield rule("forbidden", "schema", fail={"when forbidden column present": [rng.choice(["zz", "id"]), "yy"]})
    yield rule("types", "schema", fail={"when wrong column type": types})
    other = {**types, "s": rng.choice(["varchar", "date"])}
    yield rule("types_wrong", "schema", fail={"when wrong column type": other})
    yield rule("index", "schema", fail={"when wrong column index": {some[0]: names.index(some[0]), "n": 1}})
    yield rule("index_wrong", "schema", fail={"when wrong column index": {some[0]: rng.randint(0, 10)}})
    yield rule("warn_missing", "schema", warn={"when required column missing": [rng.choice(["zz", "id"])]})


def answers(rules, data):
    logging.disable(logging.CRITICAL)
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE frame AS SELECT * FROM read_parquet('{data}')")
    return [answer(rule, connection) for rule in rules]


def answer(rule, connection):
    scan = Scan()
    scan.disable_telemetry()
    scan.set_data_source_name("frames")
    scan.add_duckdb_connection(connection, data_source_name="frames")
    scan.add_sodacl_yaml_str(rule.form)
    scan.execute()
    checks = scan._checks
    if len(checks) != 1 or checks[0].outcome is None:
        told = scan.get_error_logs_text()
        return Answer(f"error: {told[:200]}" if told else "not evaluated")
    check = checks[0]
    value = getattr(check, "check_value", None)
    status = check.outcome.value
    if value is None or rule.name.startswith(("rows_warn", "missing_warn")):
        return Answer(status)
    if rule.ask.startswith(COUNTED):
        return Answer(status, int(value))
    if "percent(" in rule.ask:
        return Answer(status)
    return Answer(status, None, float(value))
