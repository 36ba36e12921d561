"""datacontract-cli: contracts of the Open Data Contract Standard over Parquet.

Each rule is a contract of one object. The tool gets them as one contract of many objects, which is quicker; the name of
the object is all that differs.
"""

import json
import logging
import os
import shutil

import pyarrow.parquet as pq
import yaml
from datacontract.data_contract import DataContract

from ours import Answer, Rule

TYPES = {
    **dict.fromkeys(("id", "n", "i", "a", "c"), "integer"),
    **dict.fromkeys(("f", "g"), "number"),
    **dict.fromkeys(("t", "s"), "string"),
    "d": "date",
    "b": "boolean",
}
COUNTS = ("missing_count", "invalid_count", "duplicate_count")


def write(table, folder):
    data = folder / "frame.parquet"
    pq.write_table(table, data)
    return data


def contract(objects, server=None):
    head = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "frames", "version": "1.0.0", "status": "active"}
    return {**head, **({"servers": [server]} if server else {}), "schema": objects}


def between(name, said):
    """The name of a rule, with the operators of which the tool reads the ends otherwise."""
    if "mustBeBetween" in said:
        return f"{name}_between"
    return f"{name}_outside" if "mustNotBeBetween" in said else name


def rule(name, properties, quality=None):
    """A rule of the object `frame`; `properties` are names with what is said of them."""
    name = between(name, quality or ())
    written = [{"name": on, "logicalType": TYPES.get(on, "string"), **said} for on, said in properties.items()]
    for one in written:
        if one["logicalType"] == "number":
            one["physicalType"] = "double"  # A plain number is a decimal for the tool, which holds no NaN.
    schema = {"name": "frame", "physicalType": "table", "properties": written}
    if quality:
        schema["quality"] = [quality]
    return Rule(name, json.dumps(contract([schema]), ensure_ascii=False), schema, "json")


def option(key, on, value, **more):
    return rule(f"{key} {on}", {on: {"logicalTypeOptions": {key: value, **more}}})


def quality(name, on, **said):
    return rule(f"{between(name, said)} {on}", {on: {"quality": [said]}})


def rules(rng):
    return [*keys(rng), *options(rng), *library(rng), *rows(rng), *queries(rng), *present()]


def keys(rng):
    for on in TYPES:
        yield rule(f"required {on}", {on: {"required": True}})
        yield rule(f"unique {on}", {on: {"unique": True}})
    for on in ("id", "n", "i"):
        yield rule(f"primary {on}", {on: {"primaryKey": True, "primaryKeyPosition": 1}})
    for one, two in (("n", "s"), ("a", "c"), ("id", "n")):
        said = [{"primaryKey": True, "primaryKeyPosition": at} for at in (1, 2)]
        yield rule(f"primary_{one}_{two}", {one: said[0], two: said[1]})


def options(rng):
    low = rng.randint(-6, 3)
    high = low + rng.randint(1, 9)
    for on in ("n", "i", "f", "g"):
        yield option("minimum", on, low)
        yield option("maximum", on, high)
        yield option("exclusiveMinimum", on, low)
        yield option("exclusiveMaximum", on, high)
    yield rule("both i", {"i": {"logicalTypeOptions": {"minimum": low, "maximum": high}}})
    day = f"2024-01-{rng.randint(10, 31)}"
    yield option("minimum", "d", day)
    yield option("maximum", "d", day)
    pattern = rng.choice(["a", "^a.*", "b$", r"\d", "[a-z]{2}", "^.$", "a|ab", "é|ß", r"^\s*$", "^$"])
    codes = rng.sample(["open", "paid", "sent", "lost", "a", "ab", ""], rng.randint(1, 5))
    for on in ("t", "s"):
        yield option("minLength", on, rng.randint(0, 3))
        yield option("maxLength", on, rng.randint(0, 3))
        yield option("pattern", on, pattern)
        yield rule(f"enum {on}", {on: {"enum": [{"value": code} for code in codes]}})
    some = rng.sample(range(10), rng.randint(1, 9))
    yield rule("enum n", {"n": {"enum": [{"value": number} for number in some]}})


def operator(rng, most):
    """All operators, with numbers that counts come near."""
    key = rng.choice(
        [
            "mustBe",
            "mustNotBe",
            "mustBeGreaterThan",
            "mustBeGreaterOrEqualTo",
            "mustBeLessThan",
            "mustBeLessOrEqualTo",
            "mustBeBetween",
            "mustNotBeBetween",
        ]
    )
    number = rng.randint(0 if key in ("mustBe", "mustNotBe") else 1, most)
    return {key: [number - 1, number + rng.randint(1, 4)] if key.endswith("Between") else number}


def library(rng):
    for on in ("i", "f", "g", "t", "d", "b"):
        yield quality("nulls", on, metric="nullValues", mustBe=0)
        yield quality("nulls_count", on, metric="nullValues", **operator(rng, 12))
        yield quality("nulls_percent", on, metric="nullValues", unit="percent", **operator(rng, 30))
    lost = {"missingValues": [None, "", "a", "zz"]}
    yield quality("missing", "t", metric="missingValues", arguments=lost, mustBe=0)
    yield quality("missing_count", "t", metric="missingValues", arguments=lost, **operator(rng, 30))
    yield quality("missing_percent", "t", metric="missingValues", arguments=lost, unit="percent", **operator(rng, 50))
    numbers = {"missingValues": [None, 0, 5]}
    yield quality("missing_count", "n", metric="missingValues", arguments=numbers, **operator(rng, 20))
    yield quality("missing_count", "i", metric="missingValues", arguments=numbers, **operator(rng, 12))
    unlisted = {"missingValues": ["a", "zz"]}
    yield quality("missing_no_null", "t", metric="missingValues", arguments=unlisted, **operator(rng, 12))
    codes = {"validValues": rng.sample(["open", "paid", "sent", "lost", "a", "ab", ""], rng.randint(1, 5))}
    pattern = {"pattern": rng.choice(["a", "^a.*", "b$", r"\d", "[a-z]{2}", "^.$", "é|ß"])}
    for on in ("t", "s"):
        for name, arguments in (("set", codes), ("pattern", pattern), ("set_and_pattern", {**codes, **pattern})):
            yield quality(f"invalid_{name}", on, metric="invalidValues", arguments=arguments, mustBe=0)
        said = {"metric": "invalidValues", "arguments": codes}
        yield quality("invalid_set_count", on, **said, **operator(rng, 40))
        yield quality("invalid_set_percent", on, **said, unit="percent", **operator(rng, 90))
        # Of patterns only the greatest number is held.
        said = {"metric": "invalidValues", "arguments": pattern, "mustBeLessOrEqualTo": rng.randint(1, 60)}
        yield quality("invalid_pattern_count", on, **said)
        yield quality("invalid_pattern_percent", on, **said, unit="percent")
    for on in TYPES:
        yield quality("duplicates", on, metric="duplicateValues", mustBe=0)
        yield quality("duplicates_some", on, metric="duplicateValues", mustBeLessThan=rng.randint(1, 40))
    for one, two in (("n", "s"), ("a", "c")):
        said = {"metric": "duplicateValues", "arguments": {"properties": [one, two]}}
        yield rule(f"duplicates_{one}_{two}", {one: {}, two: {}}, {**said, "mustBe": 0})


def rows(rng):
    for number in (1, 6, 40, 80):
        operators = operator(rng, 2)
        key, bound = next(iter(operators.items()))
        near = [number + b for b in bound] if isinstance(bound, list) else number - 1 + bound
        yield rule(f"rows_{number}", {"n": {}}, {"metric": "rowCount", key: near})


def queries(rng):
    def query(name, sql, on=None, **operators):
        said = {"type": "sql", "query": sql, **operators}
        return quality(name, on, **said) if on else rule(name, {"n": {}, "t": {}, "i": {}}, said)

    low = rng.randint(-9, 9)
    yield query("sql_count", f"SELECT COUNT(*) FROM {{object}} WHERE i > {low}", mustBe=0)
    yield query("sql_count_some", f"SELECT COUNT(*) FROM {{object}} WHERE i > {low}", **operator(rng, 40))
    yield query("sql_rows", "SELECT COUNT(*) FROM {object}", **operator(rng, 80))
    yield query("sql_sum", "SELECT SUM(n) FROM {object}", **operator(rng, 400))
    yield query("sql_average", "SELECT AVG(n) FROM {object} WHERE t IS NOT NULL", **operator(rng, 9))
    yield query("sql_distinct", "SELECT COUNT(DISTINCT {property}) FROM {object}", "t", **operator(rng, 18))
    either = "{property} IS NULL OR {property} = 'ab'"
    yield query("sql_null", f"SELECT COUNT(*) FROM {{object}} WHERE {either}", "t", mustBe=0)
    yield query("sql_not", "SELECT COUNT(*) FROM {object} WHERE NOT ({property} < 3)", "i", mustBeLessThan=9)


def present():
    yield rule("columns", {on: {} for on in TYPES})
    yield rule("columns_more", {**{on: {} for on in TYPES}, "zz": {}})
    yield rule("columns_renamed", {"number": {"physicalName": "n", "logicalType": "integer"}})


def answers(rules, data):
    logging.disable(logging.CRITICAL)
    folder = data.parent / "models"
    folder.mkdir()
    objects = []
    for at, one in enumerate(rules):
        shutil.copyfile(data, folder / f"frame{at}.parquet")
        objects.append({**one.ask, "name": f"frame{at}"})
    server = {"server": "local", "type": "local", "path": os.fspath(folder / "{model}.parquet"), "format": "parquet"}
    text = yaml.safe_dump(contract(objects, server), allow_unicode=True)
    checks = DataContract(data_contract_str=text).test().checks
    told = [c.reason for c in checks if c.type == "general" and c.result.value != "passed"]
    if told:
        raise SystemExit(f"datacontract-cli read nothing: {told[0]}")
    return [answer(rule, [c for c in checks if c.model == f"frame{at}"]) for at, rule in enumerate(rules)]


def counted(rule):
    """Whether tollgate has a check that counts the rows, and does not compute the number in SQL."""
    said = [r for p in rule.ask["properties"] for r in p.get("quality", [])] + rule.ask.get("quality", [])
    if not said:
        return True
    one = said[0]
    arguments = one.get("arguments", {})
    mixed = {"validValues", "pattern"} <= set(arguments) or 0 in arguments.get("missingValues", [])
    most = one.get("mustBe") == 0 or "mustBeLessOrEqualTo" in one or ("mustBeLessThan" in one and "unit" not in one)
    return most and not mixed


def answer(rule, checks):
    """Types of Parquet files are not looked at by the tool: the columns of a rule have those that the frame has."""
    checks = [c for c in checks if c.type != "field_type"]
    results = {c.result.value if c.result else "none" for c in checks}
    untold = [c.reason for c in checks if not c.result or c.result.value not in ("passed", "failed")]
    if untold and "failed" not in results:
        return Answer(f"error: {untold[0]}")
    status = "fail" if "failed" in results else "pass"
    judged = [c for c in checks if c.type != "field_is_present"]
    if len(judged) != 1:
        return Answer(status)
    told = judged[0].diagnostics or {}
    metric, value = told.get("metric"), told.get("value")
    if metric in COUNTS and value is not None and counted(rule):
        return Answer(status, int(value))
    return Answer(status)
