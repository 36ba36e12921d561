"""Great Expectations: suites in JSON over pandas frames."""

import json
import warnings
from numbers import Real

import great_expectations as gx
import pandas as pd
import pyarrow.parquet as pq
from great_expectations.core import ExpectationSuite

from ours import Answer, Rule

warnings.filterwarnings("ignore")


def write(table, folder):
    data = folder / "frame.parquet"
    pq.write_table(table, data)
    return data


def rule(name, kind, **kwargs):
    expectation = {"type": f"expect_{kind}", "kwargs": kwargs}
    return Rule(name, json.dumps({"name": "suite", "expectations": [expectation]}), expectation, "json")


def column(name, kind, on, **kwargs):
    return rule(f"{name} {on}", f"column_{kind}", column=on, **kwargs)


def rules(rng):
    return [*values(rng), *texts(rng), *several(rng), *numbers(rng), *whole(rng)]


def values(rng):
    low = rng.randint(-10, 2)
    high = low + rng.randint(0, 15)
    mostly = rng.choice([0.5, 0.75, 0.9, 1.0])
    some = rng.sample(range(10), rng.randint(1, 9))
    for on in ("n", "i", "f", "g"):
        yield column("between", "values_to_be_between", on, min_value=low, max_value=high)
        yield column("mostly", "values_to_be_between", on, min_value=low, max_value=high, mostly=mostly)
        yield column("above", "values_to_be_between", on, min_value=low, strict_min=True)
        yield column("below", "values_to_be_between", on, max_value=high, strict_max=True)
        yield column("in_set", "values_to_be_in_set", on, value_set=some)
        yield column("not_in_set", "values_to_not_be_in_set", on, value_set=some)
    for on in ("i", "f", "g", "t", "d", "b", "n"):
        yield column("not_null", "values_to_not_be_null", on)
        yield column("not_null_mostly", "values_to_not_be_null", on, mostly=mostly)
        yield column("null", "values_to_be_null", on)
    for on in ("id", "n", "i", "f", "g", "t", "d", "b"):
        yield column("unique", "values_to_be_unique", on)
    for on in ("id", "n", "i"):
        yield column("increasing", "values_to_be_increasing", on)
        yield column("decreasing", "values_to_be_decreasing", on)
        yield column("strictly_increasing", "values_to_be_increasing", on, strictly=True)
    yield column("z_scores", "value_z_scores_to_be_less_than", "i", threshold=rng.choice([1, 2, 3]), double_sided=True)


def texts(rng):
    codes = rng.sample(["open", "paid", "sent", "lost", "a", ""], rng.randint(1, 5))
    pattern = rng.choice(["^a", "b$", r"\d", "[a-z]{2}", "^$", r"\w", "é|ß", "^.$", r"^\s*$"])
    low = rng.randint(0, 2)
    for on in ("t", "s"):
        yield column("in_set", "values_to_be_in_set", on, value_set=codes)
        yield column("not_in_set", "values_to_not_be_in_set", on, value_set=codes)
        yield column("matches", "values_to_match_regex", on, regex=pattern)
        yield column("not_matches", "values_to_not_match_regex", on, regex=pattern)
        yield column("length", "value_lengths_to_be_between", on, min_value=low, max_value=low + 2)
        yield column("length_is", "value_lengths_to_equal", on, value=low + 1)
        for match_on in ("any", "all"):
            yield column(
                f"regex_list_{match_on}",
                "values_to_match_regex_list",
                on,
                regex_list=["^a", pattern],
                match_on=match_on,
            )
        yield column("no_regex_list", "values_to_not_match_regex_list", on, regex_list=["^b", pattern])


def several(rng):
    ignore = rng.choice(["both_values_are_missing", "either_value_is_missing", "neither"])
    pair = {"column_A": "a", "column_B": "c", "ignore_row_if": ignore}
    yield rule("pair_equal", "column_pair_values_to_be_equal", **pair)
    yield rule("pair_greater", "column_pair_values_a_to_be_greater_than_b", **pair)
    yield rule("pair_greater_equal", "column_pair_values_a_to_be_greater_than_b", **pair, or_equal=True)
    ignored = rng.choice(["all_values_are_missing", "any_value_is_missing", "never"])
    many = {"ignore_row_if": ignored}
    yield rule("compound_unique", "compound_columns_to_be_unique", column_list=["a", "c"], **many)
    yield rule("within_record", "select_column_values_to_be_unique_within_record", column_list=["a", "c", "n"], **many)
    yield rule("row_total", "multicolumn_sum_to_equal", column_list=["n", "id"], sum_total=9)
    where = {"row_condition": f"n > {rng.randint(0, 8)}", "condition_parser": "pandas"}
    yield rule("where between", "column_values_to_be_between", column="i", min_value=-5, max_value=9, **where)
    yield rule("where unique", "column_values_to_be_unique", column="t", **where)


def numbers(rng):
    low = rng.randint(-3, 4)
    high = low + rng.randint(0, 6)
    limits = {"min_value": low, "max_value": high}
    for on in ("n", "i", "f", "g"):
        for what in ("min", "max", "mean", "median"):
            yield column(what, f"{what}_to_be_between", on, **limits)
    for on in ("n", "i"):
        yield column("stdev", "stdev_to_be_between", on, min_value=2, max_value=rng.choice([3, 12]))
        yield column("sum", "sum_to_be_between", on, min_value=-50, max_value=rng.choice([50, 200]))
        quantiles = {"quantiles": [0.25, 0.5, 0.75], "value_ranges": [[-9, low], [low, high], [low, 20]]}
        yield column("quantiles", "quantile_values_to_be_between", on, quantile_ranges=quantiles)
    for on in ("n", "i", "f", "g", "t", "s", "b", "d"):
        yield column("distinct", "unique_value_count_to_be_between", on, min_value=1, max_value=rng.randint(1, 12))
        share = round(rng.uniform(0.1, 0.9), 2)
        yield column("distinctness", "proportion_of_unique_values_to_be_between", on, min_value=0, max_value=share)
    codes = rng.sample(["open", "paid", "sent", "lost"], rng.randint(1, 4))
    yield column("distinct_in", "distinct_values_to_be_in_set", "s", value_set=codes)
    yield column("distinct_equal", "distinct_values_to_equal_set", "s", value_set=codes)
    yield column("distinct_contain", "distinct_values_to_contain_set", "s", value_set=codes)
    yield column("most_common", "most_common_value_to_be_in_set", "s", value_set=codes)
    yield column("most_common_ties", "most_common_value_to_be_in_set", "s", value_set=codes, ties_okay=True)


def whole(rng):
    names = ["id", "n", "i", "a", "c", "f", "g", "t", "s", "d", "b"]
    swapped = rng.sample(names, len(names))
    rows = rng.choice([1, 6, 40, 80])
    yield rule("row_count", "table_row_count_to_equal", value=rows)
    yield rule("row_count_between", "table_row_count_to_be_between", min_value=rows // 2, max_value=rows)
    yield rule("column_count", "table_column_count_to_equal", value=rng.choice([10, 11]))
    yield rule("columns", "table_columns_to_match_ordered_list", column_list=rng.choice([names, swapped]))
    yield rule("column_set", "table_columns_to_match_set", column_set=swapped[: rng.choice([10, 11])], exact_match=True)
    yield rule("exists", "column_to_exist", column=rng.choice(["n", "missing"]))


def answers(rules, data):
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": pd.read_parquet(data)})
    asked = [{**r.ask, "meta": {"at": at}} for at, r in enumerate(rules)]
    suite = ExpectationSuite(name="suite", expectations=asked)
    results = {r.expectation_config.meta["at"]: r for r in batch.validate(suite).results}
    return [answer(results[at]) for at in range(len(rules))]


def answer(result):
    errors = [e for e in result.exception_info.values() if isinstance(e, dict)] or [result.exception_info]
    raised = [e.get("exception_message") for e in errors if e.get("raised_exception")]
    if raised:
        return Answer(f"error: {raised[0]}")
    # Of distinct values GX reports a number that is none of rows.
    rows = None if "distinct" in result.expectation_config.type else result.result.get("unexpected_count")
    number = result.result.get("observed_value")
    if isinstance(number, bool) or not isinstance(number, Real):
        number = None
    return Answer("pass" if result.success else "fail", rows, None if number is None else float(number))
