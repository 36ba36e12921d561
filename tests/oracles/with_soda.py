"""Soda 4: contracts over a DuckDB of the frame."""

import json
import logging
import os

import duckdb
import pyarrow.parquet as pq

os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"
from soda_core.common.yaml import ContractYamlSource  # noqa: E402
from soda_core.contracts.contract_verification import ContractVerificationSession  # noqa: E402
from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl  # noqa: E402

from ours import Answer, Rule  # noqa: E402

STATUS = {"PASSED": "pass", "FAILED": "fail", "WARN": "warn", "NOT_EVALUATED": "not evaluated"}
TYPES = {
    **dict.fromkeys(("id", "n", "i", "a", "c"), "bigint"),
    **dict.fromkeys(("f", "g"), "double"),
    **dict.fromkeys(("t", "s"), "varchar"),
    "d": "date",
    "b": "boolean",
}


def write(table, folder):
    data = folder / "frame.parquet"
    pq.write_table(table, data)
    return data


def whole(name, check, promised=({"name": "id"},), filter_=None, **settings):
    """A check of the dataset; `promised` are its columns, which a contract must have."""
    form = {"dataset": "frames/main/frame", "columns": promised, "checks": [{check: settings}]}
    if filter_:
        form["filter"] = filter_
    return Rule(name, json.dumps(form, ensure_ascii=False), check)


def column(name, check, on, at_column=None, **settings):
    """A check of a column; `at_column` are settings that the column has, not the check."""
    entry = {"name": on, **(at_column or {}), "checks": [{check: settings}]}
    form = {"dataset": "frames/main/frame", "columns": [entry]}
    return Rule(f"{name} {on}", json.dumps(form, ensure_ascii=False), check)


def rules(rng):
    return [*rows(rng), *missing(rng), *numbers(rng), *texts(rng), *repeated(rng), *aggregates(rng), *columns(rng)]


def count(rng, most):
    """A limit of failing rows."""
    number = rng.randint(1, most)
    return rng.choice(
        [
            {"must_be": 0},
            {"must_be_less_than": number},
            {"must_be_less_than_or_equal": number},
            {"must_be_between": {"greater_than_or_equal": 0, "less_than": number}},
        ]
    )


def percent(rng, most):
    return {"metric": "percent", **count(rng, most)}


def rows(rng):
    number = rng.choice([1, 6, 40, 80])
    yield whole("rows_default", "row_count")
    yield whole("rows_above", "row_count", threshold={"must_be_greater_than": number // 2})
    yield whole("rows_at_least", "row_count", threshold={"must_be_greater_than_or_equal": number})
    yield whole("rows_equal", "row_count", threshold={"must_be": number})
    between = {"greater_than": number // 2 - 1, "less_than_or_equal": number}
    yield whole("rows_between", "row_count", threshold={"must_be_between": between})
    yield whole("rows_warn", "row_count", threshold={"must_be": number, "level": "warn"})
    yield whole("rows_filter", "row_count", filter=f"n > {rng.randint(0, 9)}")
    condition = rng.choice([f"i > {rng.randint(-20, 20)}", "t = 'ab' OR t IS NULL", "n + id > 30"])
    yield whole("failed_rows", "failed_rows", expression=condition)
    yield whole("failed_rows_some", "failed_rows", expression=condition, threshold=count(rng, 40))
    yield whole("failed_rows_percent", "failed_rows", expression=condition, threshold=percent(rng, 90))
    yield whole("failed_query", "failed_rows", query=f"SELECT * FROM frame WHERE {condition}")
    total = {"must_be_between": {"greater_than": 0, "less_than": rng.randint(50, 400)}}
    yield whole("metric", "metric", expression="SUM(n)", threshold=total)
    yield whole("metric_share", "metric", expression="AVG(n) / 2", threshold={"must_be_less_than": rng.randint(1, 4)})
    yield whole("fresh", "freshness", column="d", threshold={"unit": "day", "must_be_less_than": 40000})
    yield whole("stale", "freshness", column="d", threshold={"unit": "hour", "must_be_less_than": 48})
    yield whole("failed_rows_of_filter", "failed_rows", filter_=f"n > {rng.randint(0, 9)}", expression=condition)


def missing(rng):
    for on in ("i", "f", "g", "t", "d", "b", "n"):
        yield column("missing", "missing", on)
        yield column("missing_some", "missing", on, threshold=count(rng, 12))
        yield column("missing_percent", "missing", on, threshold=percent(rng, 30))
    yield column("missing_values", "missing", "t", missing_values=["a", "zz", ""], threshold=count(rng, 30))
    yield column("missing_values", "missing", "n", missing_values=[0, 9], threshold=percent(rng, 40))
    yield column("missing_warn", "missing", "i", threshold={"level": "warn", "must_be": 0})
    yield column("missing_filter", "missing", "i", filter=f"n > {rng.randint(0, 8)}", threshold=count(rng, 9))
    yield column("missing_filter_percent", "missing", "i", filter=f"n > {rng.randint(0, 8)}", threshold=percent(rng, 9))


def numbers(rng):
    low = rng.randint(-10, 2)
    high = low + rng.randint(0, 15)
    some = rng.sample(range(10), rng.randint(1, 9))
    for on in ("n", "i", "f", "g"):
        yield column("valid_min", "invalid", on, valid_min=low, threshold=count(rng, 60))
        yield column("valid_max", "invalid", on, valid_max=high, threshold=count(rng, 60))
        yield column("valid_range", "invalid", on, valid_min=low, valid_max=high)
        yield column("valid_percent", "invalid", on, valid_min=low, valid_max=high, threshold=percent(rng, 90))
    for on in ("n", "i"):
        yield column("valid_values", "invalid", on, valid_values=some, threshold=count(rng, 60))
        yield column("invalid_values", "invalid", on, invalid_values=some, threshold=count(rng, 60))
        yield column("valid_missing", "invalid", on, valid_values=some, missing_values=[3], threshold=count(rng, 60))
    yield column("of_column", "invalid", "n", {"valid_min": low, "valid_max": high}, threshold=count(rng, 60))


def texts(rng):
    codes = rng.sample(["open", "paid", "sent", "lost", "a", "ab", ""], rng.randint(1, 5))
    pattern = rng.choice(["^a", "b$", r"\d", "[a-z]{2}", "^$", "é|ß", "^.$", r"^\s*$"])
    written = {"name": "pattern", "regex": pattern}
    low = rng.randint(0, 2)
    for on in ("t", "s"):
        yield column("valid_values", "invalid", on, valid_values=codes, threshold=count(rng, 60))
        yield column("invalid_values", "invalid", on, invalid_values=codes, threshold=count(rng, 60))
        yield column("valid_set_percent", "invalid", on, valid_values=codes, threshold=percent(rng, 90))
        yield column("valid_format", "invalid", on, valid_format=written, threshold=count(rng, 60))
        yield column("invalid_format", "invalid", on, invalid_format=written, threshold=count(rng, 60))
        yield column("valid_length", "invalid", on, valid_length=low + 1, threshold=count(rng, 60))
        yield column("valid_min_length", "invalid", on, valid_min_length=low, threshold=count(rng, 60))
        yield column("valid_max_length", "invalid", on, valid_max_length=low + 1, threshold=count(rng, 60))
    yield column("format_and_length", "invalid", "t", valid_format=written, valid_max_length=low + 1)
    yield column("set_but_missing", "invalid", "t", valid_values=codes, missing_values=["zz", ""])


def repeated(rng):
    for on in ("id", "n", "i", "f", "g", "t", "d", "b"):
        yield column("duplicate", "duplicate", on)
        yield column("duplicate_some", "duplicate", on, threshold=count(rng, 40))
        yield column("duplicate_percent", "duplicate", on, threshold=percent(rng, 99))
    yield column("duplicate_filter", "duplicate", "i", filter=f"n > {rng.randint(0, 8)}")
    yield whole("duplicate_key a_c", "duplicate", columns=["a", "c"])
    yield whole("duplicate_key n_s", "duplicate", columns=["n", "s"])


def aggregates(rng):
    low = rng.randint(-3, 4)
    high = low + rng.randint(1, 7)
    limits = {"must_be_between": {"greater_than_or_equal": low, "less_than_or_equal": rng.choice([high, 100])}}
    for on in ("n", "i", "f", "g"):
        for what in ("avg", "min", "max", "sum"):
            # The mean and the sum of infinities and NaN are no numbers in DuckDB.
            if on in ("n", "i") or what in ("min", "max"):
                yield column(what, "aggregate", on, function=what, threshold=limits)
    for on in ("t", "s"):
        for what in ("min_length", "max_length", "avg_length"):
            yield column(what, "aggregate", on, function=what, threshold=limits)
    above = {"must_be_greater_than": low}
    yield column("avg_filter", "aggregate", "i", function="avg", filter=f"n > {rng.randint(0, 8)}", threshold=above)


def columns(rng):
    names = [{"name": name, "data_type": kind} for name, kind in TYPES.items()]
    swapped = rng.sample(names, len(names))
    fewer = [c for c in names if c["name"] != rng.choice(["b", "n"])]
    wrong = [{**c, "data_type": "date"} if c["name"] == "s" else c for c in names]
    yield whole("schema", "schema", names)
    yield whole("schema_swapped", "schema", swapped)
    yield whole("schema_any_order", "schema", swapped, allow_other_column_order=True)
    yield whole("schema_fewer", "schema", fewer)
    yield whole("schema_extra", "schema", fewer, allow_extra_columns=True)
    yield whole("schema_more", "schema", [*names, {"name": "zz"}])
    yield whole("schema_names", "schema", [{"name": name} for name in TYPES])
    yield whole("schema_wrong", "schema", wrong)


def answers(rules, data):
    logging.disable(logging.CRITICAL)
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE frame AS SELECT * FROM read_parquet('{data}')")
    source = DuckDBDataSourceImpl.from_existing_cursor(connection, "frames")
    with source:
        return [answer(rule, source) for rule in rules]


def answer(rule, source):
    session = ContractVerificationSession.execute(
        contract_yaml_sources=[ContractYamlSource.from_str(rule.form)],
        data_source_impls=[source],
        soda_cloud_publish_results=False,
    )
    results = [c for v in session.contract_verification_results for c in v.check_results]
    if len(results) != 1:
        return Answer(f"error: {session.get_errors_str()[:200]}")
    result = results[0]
    status = STATUS[result.outcome.name]
    numbers = result.diagnostic_metric_values or {}
    failing = numbers.get({"failed_rows": "failed_rows_count"}.get(rule.ask, f"{rule.ask}_count"))
    if rule.ask in ("missing", "invalid", "duplicate", "failed_rows"):
        return Answer(status, None if failing is None else int(failing))
    if rule.ask in ("aggregate", "metric") and result.threshold_value is not None:
        return Answer(status, None, float(result.threshold_value))
    return Answer(status)
