//! Two events of `OpenLineage`, a line each: that a run began, and what it promised of each dataset and found, for catalogues
//! and lineage stores.

use super::text::{clip, hex, line};
use super::words::{allowed, found};
use crate::record::{ColumnSummary, DatasetRecord, Outcome, Run, Severity, Status};
use chrono::DateTime;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Characters of a text.
const TEXT: usize = 2_000;
/// Where the shapes are published.
const SPEC: &str = "https://openlineage.io/spec";

/// Renders the event that starts a run and the one that ends it: `COMPLETE` where the gate lets it through, `FAIL` where it
/// does not. Each is one line, as the file transport of the package `openlineage-python` writes events; both have the run's one
/// clock, and their order is that of the lines.
///
/// The run's id is a UUID of version 7: its clock, then a digest of the record, so that the same inputs give the same
/// bytes. Every outcome is a test of the run; those about datasets are assertions on them too, but for what was skipped,
/// which has no result. What could not be evaluated counts as a failure, because an error is no success. A dataset is
/// named by the conventions for files and object stores, with its path as written.
///
/// Source: `OpenLineage` 2-0-2 with the facets `DataQualityAssertionsDatasetFacet` 1-1-0, `TestRunFacet` 1-0-1,
/// `DataQualityMetricsInputDatasetFacet` 1-0-3, `SchemaDatasetFacet` 1-2-0, as the package `openlineage-python` 1.54.0
/// has them.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let named = run.datasets.iter().map(|d| {
        let (namespace, name) = named(&d.path);
        json!({ "namespace": namespace, "name": name, "facets": {}, "inputFacets": {} })
    });
    let start = event(run, "START", json!({}), named.collect());
    let ended = if run.verdict.exit_code == 0 {
        "COMPLETE"
    } else {
        "FAIL"
    };
    let tests: Vec<Value> = run.outcomes.iter().map(test).collect();
    let tests = facet(run, "1-0-1", "TestRunFacet", json!({ "tests": tests }));
    let found = run.datasets.iter().map(|d| dataset(run, d)).collect();
    let end = event(run, ended, json!({ "test": tests }), found);
    [start, end]
        .iter()
        .map(|event| super::text::json(&event.to_string()) + "\n")
        .collect()
}

/// An event of the run, with facets of the run and the datasets that it reads.
fn event(run: &Run, kind: &str, facets: Value, inputs: Vec<Value>) -> Value {
    json!({
        "eventType": kind,
        "eventTime": line(&run.provenance.now),
        "producer": producer(run),
        "schemaURL": format!("{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"),
        "run": { "runId": run_id(run), "facets": facets },
        "job": { "namespace": "tollgate", "name": line(&run.provenance.config), "facets": {} },
        "inputs": inputs,
        "outputs": [],
    })
}

/// A package URL, which is a URI and names no host.
fn producer(run: &Run) -> String {
    format!("pkg:generic/tollgate@{}", line(&run.provenance.tollgate))
}

/// A UUID of version 7 over the run's clock and its record (RFC 9562, section 5.7).
fn run_id(run: &Run) -> String {
    let clock = DateTime::parse_from_rfc3339(&run.provenance.now);
    let clock = clock.map_or(0, |c| c.timestamp_millis());
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&clock.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&Sha256::digest(super::json(run))[..10]);
    bytes[6] = 0x70 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    let digits = hex(&bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
    parts.join("-")
}

/// A facet: its content with who made it and which shape it has.
fn facet(run: &Run, version: &str, name: &str, mut content: Value) -> Value {
    content["_producer"] = json!(producer(run));
    content["_schemaURL"] = json!(format!("{SPEC}/facets/{version}/{name}.json#/$defs/{name}"));
    content
}

/// A test of the run.
fn test(outcome: &Outcome) -> Value {
    let status = match outcome.status {
        Status::Pass => "pass",
        Status::Skipped => "skip",
        Status::Fail | Status::Warn | Status::Waived | Status::Error | Status::Inconclusive => {
            "fail"
        }
    };
    let mut test = described(outcome);
    test.insert("name".to_owned(), json!(line(&outcome.id)));
    test.insert("type".to_owned(), json!(line(&outcome.check)));
    test.insert("status".to_owned(), json!(status));
    Value::Object(test)
}

/// An assertion on a dataset; none for what has no result.
fn assertion(outcome: &Outcome) -> Option<Value> {
    let success = match outcome.status {
        Status::Pass => true,
        Status::Skipped => return None,
        Status::Fail | Status::Warn | Status::Waived | Status::Error | Status::Inconclusive => {
            false
        }
    };
    let mut assertion = described(outcome);
    assertion.insert("assertion".to_owned(), json!(line(&outcome.check)));
    assertion.insert("name".to_owned(), json!(line(&outcome.id)));
    assertion.insert("success".to_owned(), json!(success));
    if let Some(column) = &outcome.column {
        assertion.insert("column".to_owned(), json!(column));
    }
    Some(Value::Object(assertion))
}

/// What tests and assertions say alike.
fn described(outcome: &Outcome) -> Map<String, Value> {
    // What does not block is a warning, whatever it is called in the contract.
    let blocks = !matches!(outcome.status, Status::Warn | Status::Waived);
    let severity = match outcome.severity {
        Severity::Error if blocks => "error",
        _ => "warn",
    };
    let mut map = Map::new();
    let texts = [
        ("severity", severity.to_owned()),
        ("description", outcome.message.clone()),
        ("expected", allowed(outcome)),
        ("actual", found(outcome)),
    ];
    for (name, value) in texts.into_iter().filter(|(_, v)| !v.is_empty()) {
        map.insert(name.to_owned(), json!(clip(&line(&value), TEXT)));
    }
    map.insert(
        "params".to_owned(),
        json!({ "status": outcome.status.word() }),
    );
    map
}

/// A dataset that was read.
fn dataset(run: &Run, record: &DatasetRecord) -> Value {
    let (namespace, name) = named(&record.path);
    let fields = record.schema.iter();
    let fields: Vec<Value> = fields
        .map(|c| json!({ "name": c.name, "type": c.dtype }))
        .collect();
    let mine = run.outcomes.iter().filter(|o| o.dataset == record.name);
    let assertions: Vec<Value> = mine.filter_map(assertion).collect();
    let assertions = facet(
        run,
        "1-1-0",
        "DataQualityAssertionsDatasetFacet",
        json!({ "assertions": assertions }),
    );
    if !run.is_read(&record.name) {
        // Nothing is known of its columns, rows and files.
        return json!({
            "namespace": namespace,
            "name": name,
            "facets": {},
            "inputFacets": { "dataQualityAssertions": assertions },
        });
    }
    let mut facets = Map::new();
    let schema = facet(
        run,
        "1-2-0",
        "SchemaDatasetFacet",
        json!({ "fields": fields }),
    );
    facets.insert("schema".to_owned(), schema);
    if let Some(version) = version(record) {
        let content = json!({ "datasetVersion": version });
        let version = facet(run, "1-0-1", "DatasetVersionDatasetFacet", content);
        facets.insert("version".to_owned(), version);
    }
    json!({
        "namespace": namespace,
        "name": name,
        "facets": facets,
        "inputFacets": {
            "dataQualityAssertions": assertions,
            "dataQualityMetrics": facet(
                run, "1-0-3", "DataQualityMetricsInputDatasetFacet", metrics(record)
            ),
        },
    })
}

/// Namespace and name of a path as written.
///
/// Source: "Naming conventions" of `OpenLineage`: object stores by bucket and key, local files by `file` and path.
fn named(path: &str) -> (String, String) {
    let remote = path.split_once("://").and_then(|(scheme, rest)| {
        let (host, key) = rest.split_once('/')?;
        Some((format!("{scheme}://{host}"), key.to_owned()))
    });
    let (namespace, name) = remote.unwrap_or_else(|| ("file".to_owned(), path.to_owned()));
    (line(&namespace), line(&name))
}

/// SHA-256 over the digests of the files; absent where one was not read as a whole.
fn version(record: &DatasetRecord) -> Option<String> {
    let digests: Option<Vec<&str>> = record.files.iter().map(|f| f.sha256.as_deref()).collect();
    match &digests?[..] {
        [] => None,
        [one] => Some(format!("sha256:{one}")),
        all => {
            let all = all.join("\n");
            Some(format!("sha256:{}", hex(&Sha256::digest(all))))
        }
    }
}

fn metrics(record: &DatasetRecord) -> Value {
    let profiled = record.profile.iter().filter(|c| c.not_profiled.is_none());
    let columns: Map<String, Value> = profiled.map(|c| (c.name.clone(), column(c))).collect();
    json!({
        "rowCount": record.rows,
        "bytes": record.files.iter().map(|f| f.bytes).sum::<u64>(),
        "fileCount": record.files.len(),
        "columnMetrics": columns,
    })
}

/// Counts of a column, and its bounds and sum where they are numbers. Values that are withheld are not in the record.
fn column(summary: &ColumnSummary) -> Value {
    let mut metrics = json!({
        "nullCount": summary.nulls,
        "count": summary.rows.saturating_sub(summary.nulls),
    });
    // Estimates begin with `~` and are no number.
    if let Ok(distinct) = summary.distinct.parse::<u64>() {
        metrics["distinctCount"] = json!(distinct);
    }
    let number = |text: &Option<String>| {
        let number = text.as_ref()?.parse::<f64>().ok()?;
        number.is_finite().then_some(number)
    };
    let is_number = ["int", "uint", "float", "decimal"]
        .iter()
        .any(|kind| summary.dtype.starts_with(kind));
    if is_number && summary.withheld.is_none() {
        for (name, value) in [("min", &summary.min), ("max", &summary.max)] {
            if let Some(number) = number(value) {
                metrics[name] = json!(number);
            }
        }
        let sum = summary.details.iter().find(|d| d.name == "sum");
        if let Some(sum) = sum.and_then(|s| s.number) {
            metrics["sum"] = json!(sum);
        }
    }
    metrics
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn paths_get_the_names_of_the_conventions() {
        for (path, namespace, name) in [
            ("data/a.parquet", "file", "data/a.parquet"),
            (
                "s3://lake/orders/a.parquet",
                "s3://lake",
                "orders/a.parquet",
            ),
            ("https://h.example/a.csv", "https://h.example", "a.csv"),
            ("s3://lake", "file", "s3://lake"),
        ] {
            assert_eq!(named(path), (namespace.to_owned(), name.to_owned()));
        }
    }
}
