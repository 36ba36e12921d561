"""Reads the machine formats of one run with programs that are not ours: `formats.py FOLDER CTRF_SCHEMA RUN_SCHEMA`.

The folder holds run.json, run.jsonl, quality.json, ctrf.json, openlineage.json, metrics.txt and junit.xml. Each format is
read whole, and what it says is held against run.json: nothing is lost, nothing that is not kept is told as kept.
"""

import json
import pathlib
import sys
import unicodedata

import attr
import jsonschema
import junitparser
from openlineage.client.generated import (
    base,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    dataset_version_dataset,
    schema_dataset,
    test_run,
)
from prometheus_client import openmetrics, parser
import prometheus_client.openmetrics.parser

folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text())


def shown(text):
    """A name as reports show it: what a reader cannot see is a visible escape."""

    def hidden(c):
        code = ord(c)
        return unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE

    return "".join(f"\\u{{{ord(c):x}}}" if hidden(c) else c for c in text)


outcomes = {shown(o["id"]): o for o in run["outcomes"]}
kept = ("pass", "warn")


def read(name):
    return json.loads((folder / name).read_text())


def same(what, found, expected):
    assert found == expected, f"{what}: {found} is not {expected}"


def valid(document, schema, name):
    kind = jsonschema.validators.validator_for(schema)
    checker = kind(schema, format_checker=kind.FORMAT_CHECKER)
    for error in checker.iter_errors(document):
        raise AssertionError(f"{name}: {error.json_path}: {error.message}")


def jsonl():
    schema = json.loads(pathlib.Path(sys.argv[3]).read_text())
    outcome = schema["properties"]["outcomes"]["items"]
    schema = {"$schema": schema["$schema"], **outcome, "definitions": schema["definitions"]}
    lines = (folder / "run.jsonl").read_text().splitlines()
    same("lines", len(lines), len(outcomes))
    for line in map(json.loads, lines):
        valid(line, schema, "run.jsonl")
        same("verdict", line["verdict"], run["verdict"]["status"])
    return len(lines)


def gitlab():
    findings = read("quality.json")
    schema = json.loads(pathlib.Path(__file__).with_name("gitlab.schema.json").read_text())
    valid(findings, schema, "quality.json")
    same("fingerprints", len({f["fingerprint"] for f in findings}), len(findings))
    told = [o for o in outcomes.values() if o["status"] in ("fail", "error", "inconclusive", "warn")]
    assert len(findings) >= len(told), findings
    return len(findings)


def ctrf():
    report = read("ctrf.json")
    valid(report, json.loads(pathlib.Path(sys.argv[2]).read_text()), "ctrf.json")
    tests = report["results"]["tests"]
    same("tests", len(tests), len(outcomes))
    for test in tests:
        same(test["name"], test["status"] == "passed", test["rawStatus"] in kept)
    return len(tests)


def made(kind, fields, name):
    """An object of the client's own class; unknown keys and missing ones are refused."""
    fields = dict(fields)
    schema = fields.pop("_schemaURL", None)
    names = {a.name.lstrip("_"): a for a in attr.fields(kind)}
    for key in fields:
        assert key.lstrip("_") in names, f"{name} has no key {key}"
    thing = kind(**{key.lstrip("_"): value for key, value in fields.items()})
    if schema is not None:
        same(f"schema of {name}", schema.split("#")[0], kind._get_schema().split("#")[0])
    return thing


def facet(kind, fields, parts):
    fields = dict(fields)
    for key, part in parts.items():
        values = fields[key]
        if isinstance(values, dict):
            fields[key] = {name: made(part, value, part.__name__) for name, value in values.items()}
        else:
            fields[key] = [made(part, value, part.__name__) for value in values]
    return made(kind, fields, kind.__name__)


DATASET = {
    "schema": (schema_dataset.SchemaDatasetFacet, {"fields": schema_dataset.SchemaDatasetFacetFields}),
    "version": (dataset_version_dataset.DatasetVersionDatasetFacet, {}),
}
INPUT = {
    "dataQualityAssertions": (
        data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet,
        {"assertions": data_quality_assertions_dataset.Assertion},
    ),
    "dataQualityMetrics": (
        data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet,
        {"columnMetrics": data_quality_metrics_input_dataset.ColumnMetrics},
    ),
}


def openlineage():
    start, event = map(json.loads, (folder / "openlineage.json").read_text().splitlines())
    same("schemaURL", start.pop("schemaURL"), base.RunEvent._get_schema())
    begun = base.RunEvent(
        **{k: start[k] for k in ("eventTime", "producer", "outputs")},
        eventType=base.EventType(start["eventType"]),
        run=base.Run(start["run"]["runId"]),
        job=base.Job(start["job"]["namespace"], start["job"]["name"]),
        inputs=[base.InputDataset(**dataset) for dataset in start["inputs"]],
    )
    same("eventType", begun.eventType, base.EventType.START)
    same("run", start["run"]["runId"], event["run"]["runId"])
    same("inputs", [d["name"] for d in start["inputs"]], [d["name"] for d in event["inputs"]])
    same("schemaURL", event.pop("schemaURL"), base.RunEvent._get_schema())
    facets = event["run"]["facets"]
    tests = facet(test_run.TestRunFacet, facets["test"], {"tests": test_run.TestExecution})
    same("tests", {t.name for t in tests.tests}, set(outcomes))
    for test in tests.tests:
        same(test.name, test.status == "pass", outcomes[test.name]["status"] == "pass")
    inputs = []
    for dataset in event["inputs"]:
        own = {k: facet(*DATASET[k][:1], v, DATASET[k][1]) for k, v in dataset["facets"].items()}
        found = {k: facet(*INPUT[k][:1], v, INPUT[k][1]) for k, v in dataset["inputFacets"].items()}
        inputs.append(base.InputDataset(dataset["namespace"], dataset["name"], facets=own, inputFacets=found))
    run_ = base.Run(event["run"]["runId"], {"test": tests})
    job = base.Job(event["job"]["namespace"], event["job"]["name"])
    event = base.RunEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        eventType=base.EventType(event["eventType"]),
        run=run_,
        job=job,
        inputs=inputs,
        outputs=event["outputs"],
    )
    passed = run["verdict"]["exit_code"] == 0
    same("eventType", event.eventType, base.EventType.COMPLETE if passed else base.EventType.FAIL)
    same("datasets", len(event.inputs), len(run["datasets"]))
    return sum(len(i.inputFacets["dataQualityAssertions"].assertions) for i in event.inputs)


def openmetrics_text():
    text = (folder / "metrics.txt").read_text()
    strict = list(openmetrics.parser.text_string_to_metric_families(text))
    loose = list(parser.text_string_to_metric_families(text))
    series = [{(s.name, tuple(sorted(s.labels.items()))): s.value for f in all_ for s in f.samples} for all_ in (strict, loose)]
    same("series", series[0], series[1])
    count = sum(len(f.samples) for f in strict)
    same("series once", len(series[0]), count)
    for (name, labels), value in series[0].items():
        if name == "tollgate_check_status" and dict(labels)["id"] in outcomes:
            status = outcomes[dict(labels)["id"]]["status"]
            same(dict(labels)["id"], value, float(status in ("pass", "warn", "waived")))
    return count


def junit():
    suites = junitparser.JUnitXml.fromfile(str(folder / "junit.xml"))
    count = lambda *words: sum(o["status"] in words for o in outcomes.values())
    same("tests", sum(s.tests for s in suites), len(outcomes))
    same("failures", sum(s.failures for s in suites), count("fail"))
    same("errors", sum(s.errors for s in suites), count("error", "inconclusive"))
    return len(outcomes)


for step in (jsonl, gitlab, ctrf, openlineage, openmetrics_text, junit):
    print(f"{step.__name__}: {step()} read")
