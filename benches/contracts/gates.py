"""One tool holds the same rules on one Parquet file, in its best form: `gates.py TOOL FILE`.

Prints the rules that failed, with their failing rows, as JSON: `beside.py` looks that all tools found the same. The interpreter is
that of the tool's own environment. Two threads where a tool lets one choose; none may report its use to anybody.
"""

import json
import logging
import os
import sys
import tempfile
import warnings
from datetime import date
from pathlib import Path

# Read when the libraries are imported; Soda 3 keeps its settings in the home folder.
os.environ.setdefault("POLARS_MAX_THREADS", "2")
os.environ["SODA_CORE_TELEMETRY_ENABLED"] = os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

# Rules over TPC-H's lineitem, each (kind, column, arguments). `l_tax` reaches 0.08: one rule is broken on purpose.
ROWS = 100_000
KEY = ["l_orderkey", "l_linenumber"]
PAIR = ("l_shipdate", "l_receiptdate")
RULES = [
    ("rows", "", ROWS),
    ("not_null", "l_orderkey", None),
    ("not_null", "l_partkey", None),
    ("not_null", "l_suppkey", None),
    ("not_null", "l_comment", None),
    ("key", "", KEY),
    ("between", "l_quantity", (1.0, 50.0)),
    ("between", "l_discount", (0.0, 0.1)),
    ("between", "l_tax", (0.0, 0.07)),
    ("in_set", "l_returnflag", ["A", "N", "R"]),
    ("in_set", "l_linestatus", ["F", "O"]),
    ("in_set", "l_shipmode", ["AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"]),
    ("matches", "l_shipinstruct", "^[A-Z ]+$"),
    ("length", "l_comment", (10, 43)),
    ("since", "l_shipdate", date(1992, 1, 2)),
    ("before", "", PAIR),
]
NAMES = [f"{kind} {column}".strip() for kind, column, _ in RULES]
VALUES = ("between", "in_set", "matches", "length", "since")


def named(column, *kinds):
    """The rule of a column that is of one of these kinds."""
    return next(f"{kind} {column}" for kind, on, _ in RULES if on == column and kind in kinds)


def expectation(kind, column, of):
    """A rule as an expectation of tollgate."""
    return {
        "rows": lambda: {"row_count": {"min": of}},
        "not_null": lambda: {"not_null": column},
        "key": lambda: {"unique_key": of},
        "between": lambda: {"between": {"column": column, "min": of[0], "max": of[1]}},
        "in_set": lambda: {"in_set": {"column": column, "values": of}},
        "matches": lambda: {"matches": {"column": column, "pattern": of}},
        "length": lambda: {"length": {"column": column, "min": of[0], "max": of[1]}},
        "since": lambda: {"compare": {"column": column, "op": ">=", "value": str(of)}},
        "before": lambda: {"expression": f"{of[0]} < {of[1]}"},
    }[kind]()


def tollgate(record):
    """What a record of `tollgate run` with these rules says."""
    # Before them comes what every dataset promises: that it has rows.
    outcomes = json.loads(Path(record).read_text())["outcomes"][1:]
    assert len(outcomes) == len(RULES), [o["id"] for o in outcomes]
    return {name: o.get("failing") for name, o in zip(NAMES, outcomes) if o["status"] == "fail"}


def pandera(path):
    import pandera.polars as pa
    import polars as pl

    make = {
        "between": lambda of: pa.Check.in_range(*of),
        "in_set": pa.Check.isin,
        "matches": pa.Check.str_matches,
        "length": lambda of: pa.Check.str_length(*of),
        "since": pa.Check.ge,
    }
    required = {column for kind, column, _ in RULES if kind == "not_null"}
    checks = {column: [] for _, column, _ in RULES if column}
    for kind, column, of in RULES:
        if kind in make:
            checks[column].append(make[kind](of))
    columns = {c: pa.Column(checks=some, nullable=c not in required) for c, some in checks.items()}
    whole = [
        pa.Check(lambda data: data.lazyframe.select(pl.col(PAIR[0]) < pl.col(PAIR[1])), name="before"),
        pa.Check(lambda data: data.lazyframe.select(pl.len() >= ROWS), name="rows"),
    ]
    schema = pa.DataFrameSchema(columns, unique=KEY, checks=whole)
    try:
        schema.validate(pl.read_parquet(path), lazy=True)
    except pa.errors.SchemaErrors as errors:
        found = {}
        for error in errors.schema_errors:
            name = getattr(error.check, "name", None) or str(error.check)
            if "uniqueness" in name:
                name = "key"
            elif name not in ("before", "rows"):
                name = named(error.schema.name, "not_null" if name == "not_nullable" else VALUES[0], *(() if name == "not_nullable" else VALUES))
            cases = error.failure_cases
            found[name] = cases.height if hasattr(cases, "height") else None
        return found
    return {}


def dataframely(path):
    import dataframely as dy
    import polars as pl

    kinds = {"l_orderkey": dy.Int64, "l_partkey": dy.Int64, "l_suppkey": dy.Int64, "l_linenumber": dy.Int32}
    make = {
        "not_null": lambda of: {"nullable": False},
        "between": lambda of: {"min": of[0], "max": of[1]},
        "in_set": lambda of: {"check": lambda column: column.is_in(of)},
        "matches": lambda of: {"regex": of},
        "length": lambda of: {"min_length": of[0], "max_length": of[1]},
        "since": lambda of: {"min": of},
    }
    said = {column: {"nullable": True} for _, column, _ in RULES if column} | {c: {"nullable": True} for c in (*KEY, *PAIR)}
    for kind, column, of in RULES:
        if kind == "between":
            kinds[column] = dy.Float64
        if kind in ("since", "before"):
            kinds.update(dict.fromkeys(PAIR, dy.Date))
        if kind in make:
            said[column].update(make[kind](of))
    for column in KEY:
        said[column].update(primary_key=True, nullable=False)
    columns = {c: kinds.get(c, dy.String)(**settings) for c, settings in said.items()}
    rules = {
        "before": dy.rule()(lambda cls: pl.col(PAIR[0]) < pl.col(PAIR[1])),
        "rows": dy.rule()(lambda cls: pl.len() >= ROWS),
    }
    schema = type("Lineitem", (dy.Schema,), {**columns, **rules})
    counts = schema.filter(pl.read_parquet(path, columns=list(columns)))[1].counts()
    kinds = {"nullability": ("not_null",)}
    split = ((rule.split("|"), count) for rule, count in counts.items())
    return {
        "key" if at == ["primary_key"] else at[0] if len(at) == 1 else named(at[0], *kinds.get(at[1], VALUES)): count
        for at, count in split
    }


def pointblank(path):
    import pointblank as pb
    import polars as pl

    plan = pb.Validate(pl.read_parquet(path))
    for kind, column, of in RULES:
        plan = {
            "rows": lambda: plan.row_count_match(of, tol=(0, 10**9)),
            "not_null": lambda: plan.col_vals_not_null(columns=column),
            "key": lambda: plan.rows_distinct(columns_subset=of),
            "between": lambda: plan.col_vals_between(columns=column, left=of[0], right=of[1]),
            "in_set": lambda: plan.col_vals_in_set(columns=column, set=of),
            "matches": lambda: plan.col_vals_regex(columns=column, pattern=of),
            "length": lambda: plan.col_vals_str_len(columns=column, min_val=of[0], max_val=of[1]),
            "since": lambda: plan.col_vals_ge(columns=column, value=of),
            "before": lambda: plan.col_vals_lt(columns=of[0], value=pb.col(of[1])),
        }[kind]()
    done = plan.interrogate().validation_info
    assert len(done) == len(RULES) and not any(step.eval_error for step in done)
    return {name: int(step.n_failed) for name, step in zip(NAMES, done) if not step.all_passed}


def great_expectations(path):
    import great_expectations as gx
    import pandas as pd
    from great_expectations.core import ExpectationSuite

    def asked(at, kind, column, of):
        name, kwargs = {
            "rows": lambda: ("table_row_count_to_be_between", {"min_value": of}),
            "not_null": lambda: ("column_values_to_not_be_null", {}),
            "key": lambda: ("compound_columns_to_be_unique", {"column_list": of}),
            "between": lambda: ("column_values_to_be_between", {"min_value": of[0], "max_value": of[1]}),
            "in_set": lambda: ("column_values_to_be_in_set", {"value_set": of}),
            "matches": lambda: ("column_values_to_match_regex", {"regex": of}),
            "length": lambda: ("column_value_lengths_to_be_between", {"min_value": of[0], "max_value": of[1]}),
            "since": lambda: ("column_values_to_be_between", {"min_value": of}),
            "before": lambda: ("column_pair_values_a_to_be_greater_than_b", {"column_A": of[1], "column_B": of[0]}),
        }[kind]()
        on = {"column": column} if column else {}
        return {"type": f"expect_{name}", "kwargs": {**on, **kwargs}, "meta": {"at": at}}

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("frame")
    frame = pd.read_parquet(path)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = ExpectationSuite(name="suite", expectations=[asked(at, *rule) for at, rule in enumerate(RULES)])
    results = batch.validate(suite).results
    assert len(results) == len(RULES)
    raised = [r.exception_info for r in results if "raised_exception': True" in str(r.exception_info)]
    assert not raised, raised
    failed = [(r.expectation_config.meta["at"], r.result.get("unexpected_count")) for r in results if not r.success]
    return {NAMES[at]: count for at, count in failed}


def view(path):
    """A DuckDB whose `lineitem` is the file."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    connection.execute(f"CREATE VIEW lineitem AS SELECT * FROM read_parquet('{path}')")
    return connection


def failing(kind, column, of):
    """The rows that break a rule, in SQL."""
    return {
        "not_null": lambda: f"{column} IS NULL",
        "between": lambda: f"{column} NOT BETWEEN {of[0]} AND {of[1]}",
        "in_set": lambda: f"{column} NOT IN ({', '.join(map(repr, of))})",
        "matches": lambda: f"NOT regexp_matches({column}, '{of}')",
        "length": lambda: f"length({column}) NOT BETWEEN {of[0]} AND {of[1]}",
        "since": lambda: f"{column} < DATE '{of}'",
        "before": lambda: f"{of[0]} >= {of[1]}",
    }[kind]()


def sql(path):
    """No tool: two queries of DuckDB by hand, one for all rules of rows, one for the key."""
    connection = view(path)
    by_row = [(name, failing(*rule)) for name, rule in zip(NAMES, RULES) if rule[0] not in ("rows", "key")]
    counts = ", ".join(f"count_if({condition})" for _, condition in by_row)
    rows, *counted = connection.execute(f"SELECT count(*), {counts} FROM lineitem").fetchone()
    groups = f"SELECT 1 FROM lineitem GROUP BY {', '.join(KEY)} HAVING count(*) > 1"
    repeated = connection.execute(f"SELECT count(*) FROM ({groups})").fetchone()[0]
    found = {"rows": int(rows < ROWS), "key": repeated} | {name: count for (name, _), count in zip(by_row, counted)}
    return {name: count for name, count in found.items() if count}


def soda(path):
    from soda_core.common.yaml import ContractYamlSource
    from soda_core.contracts.contract_verification import ContractVerificationSession
    from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl

    columns, whole = {}, []
    for name, (kind, column, of) in zip(NAMES, RULES):
        settings = {
            "not_null": lambda: {"missing": {}},
            "between": lambda: {"invalid": {"valid_min": of[0], "valid_max": of[1]}},
            "in_set": lambda: {"invalid": {"valid_values": of}},
            "matches": lambda: {"invalid": {"valid_format": {"name": "pattern", "regex": of}}},
            "length": lambda: {"invalid": {"valid_min_length": of[0], "valid_max_length": of[1]}},
            "rows": lambda: {"row_count": {"threshold": {"must_be_greater_than_or_equal": of}}},
            "key": lambda: {"duplicate": {"columns": of}},
        }.get(kind, lambda: {"failed_rows": {"expression": failing(kind, column, of), "name": name}})()
        (columns.setdefault(column, []) if column and kind != "since" else whole).append(settings)
    entries = [{"name": name, "checks": checks} for name, checks in columns.items()]
    form = {"dataset": "bench/main/lineitem", "columns": entries, "checks": whole}
    source = DuckDBDataSourceImpl.from_existing_cursor(view(path), "bench")
    with source:
        session = ContractVerificationSession.execute(
            contract_yaml_sources=[ContractYamlSource.from_str(json.dumps(form))],
            data_source_impls=[source],
            soda_cloud_publish_results=False,
        )
    results = [c for v in session.contract_verification_results for c in v.check_results]
    assert len(results) == len(RULES), session.get_errors_str()
    assert all(r.outcome.name in ("PASSED", "FAILED") for r in results), results
    kinds = {"missing": ("not_null",), "invalid": VALUES}
    found = {}
    for result in (r for r in results if r.outcome.name == "FAILED"):
        kind, column = result.check.type, result.check.column_name
        counted = result.diagnostic_metric_values or {}
        if kind in kinds:
            name = named(column, *kinds[kind])
        else:
            name = {"row_count": "rows", "duplicate": "key"}.get(kind) or result.check.name
        found[name] = counted.get(f"{kind}_count", counted.get("failed_rows_count"))
    return found


def sodacl(path):
    home = tempfile.TemporaryDirectory()
    (Path(home.name) / ".soda").mkdir()
    (Path(home.name) / ".soda" / "config.yml").write_text("send_anonymous_usage_stats: false\n")
    os.environ["HOME"] = home.name
    from soda.scan import Scan

    def check(kind, column, of):
        return {
            "rows": lambda: f"row_count >= {of}",
            "not_null": lambda: f"missing_count({column}) = 0",
            "key": lambda: f"duplicate_count({', '.join(of)}) = 0",
            "between": lambda: {f"invalid_count({column}) = 0": {"valid min": of[0], "valid max": of[1]}},
            "in_set": lambda: {f"invalid_count({column}) = 0": {"valid values": of}},
            "matches": lambda: {f"invalid_count({column}) = 0": {"valid regex": of}},
            "length": lambda: {f"invalid_count({column}) = 0": {"valid min length": of[0], "valid max length": of[1]}},
        }.get(kind, lambda: {"failed rows": {"name": f"{kind} {column}".strip(), "fail condition": failing(kind, column, of)}})()

    scan = Scan()
    scan.disable_telemetry()
    scan.set_data_source_name("bench")
    scan.add_duckdb_connection(view(path), data_source_name="bench")
    scan.add_sodacl_yaml_str(json.dumps({"checks for lineitem": [check(*rule) for rule in RULES]}))
    scan.execute()
    assert not scan.get_error_logs_text() and len(scan._checks) == len(RULES), scan.get_error_logs_text()
    found = {}
    for failed in (check for check in scan._checks if check.outcome.value == "fail"):
        said = failed.check_cfg
        metric = getattr(said, "metric_name", None)
        kinds = {"missing_count": ("not_null",), "invalid_count": VALUES}.get(metric)
        name = named(said.metric_args[0], *kinds) if kinds else {"row_count": "rows", "duplicate_count": "key"}.get(metric)
        found[name or failed.name] = int(failed.check_value)
    return found


def datacontract(path):
    import yaml
    from datacontract.data_contract import DataContract

    said = {c: {"logicalType": "string"} for _, c, _ in RULES if c} | {c: {"logicalType": "integer"} for c in KEY}
    said |= {c: {"logicalType": "date"} for c in PAIR}
    said |= {c: {"logicalType": "integer"} for c in ("l_partkey", "l_suppkey")}
    whole = []
    for kind, column, of in RULES:
        options = {
            "between": lambda: {"minimum": of[0], "maximum": of[1]},
            "matches": lambda: {"pattern": of},
            "length": lambda: {"minLength": of[0], "maxLength": of[1]},
            "since": lambda: {"minimum": str(of)},
        }.get(kind)
        if options:
            said[column].setdefault("logicalTypeOptions", {}).update(options())
        if kind == "between":
            said[column].update({"logicalType": "number", "physicalType": "double"})
        if kind == "not_null":
            said[column]["required"] = True
        if kind == "in_set":
            said[column]["enum"] = [{"value": value} for value in of]
        if kind == "rows":
            whole.append({"metric": "rowCount", "mustBeGreaterOrEqualTo": of})
        if kind == "key":
            whole.append({"metric": "duplicateValues", "arguments": {"properties": of}, "mustBe": 0})
        if kind == "before":
            query = f"SELECT COUNT(*) FROM {{object}} WHERE {failing(kind, column, of)}"
            whole.append({"type": "sql", "query": query, "mustBe": 0})
    properties = [{"name": name, **of} for name, of in said.items()]
    form = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "bench", "version": "1.0.0", "status": "active"}
    form["servers"] = [{"server": "local", "type": "local", "path": path, "format": "parquet"}]
    form["schema"] = [{"name": "lineitem", "physicalType": "table", "properties": properties, "quality": whole}]
    checks = DataContract(data_contract_str=yaml.safe_dump(form)).test().checks
    judged = [c for c in checks if c.type not in ("field_type", "field_is_present")]
    assert all(c.result.value in ("passed", "failed") for c in judged), [(c.name, c.reason) for c in judged]
    found = {}
    for check in (c for c in judged if c.result.value == "failed"):
        told = check.diagnostics or {}
        kinds = ("not_null",) if told.get("metric") == "missing_count" else VALUES
        whole = {"row_count": "rows", "duplicate_count": "key"}.get(told.get("metric"), "before")
        found[named(check.field, *kinds) if check.field else whole] = told.get("value")
    return found


TOOLS = {
    tool.__name__: tool
    for tool in (pandera, dataframely, pointblank, great_expectations, sql, soda, sodacl, datacontract)
}

if __name__ == "__main__":
    print(json.dumps(TOOLS[sys.argv[1]](os.path.abspath(sys.argv[2]))))
