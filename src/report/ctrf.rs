//! Common Test Report Format: one test per outcome, for tools that show tests of many kinds.

use super::text::{clip, line};
use super::words::{allowed, found, since};
use crate::record::{Outcome, Run, Status};
use chrono::DateTime;
use serde_json::{Map, Value, json};

/// Version of the format that is written.
const VERSION: &str = "0.0.0";
/// Characters of a text.
const TEXT: usize = 2_000;

/// Renders one report. Warnings pass and say so; what could not be evaluated or decided fails, because the gate does not
/// let it through; what is waived is skipped. Times are the run's clock and durations 0, so that the same inputs give the
/// same bytes.
///
/// Source: the JSON Schema in version 0.3.0 of the package `ctrf`.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let count = |status: &str| {
        let all = run.outcomes.iter();
        all.filter(|o| word(o) == status).count()
    };
    let clock = DateTime::parse_from_rfc3339(&run.provenance.now);
    let clock = clock.map_or(0, |c| c.timestamp_millis());
    let mut suites: Vec<&str> = run.outcomes.iter().map(|o| o.dataset.as_str()).collect();
    suites.sort_unstable();
    suites.dedup();
    let mut environment = json!({
        "reportName": format!("tollgate {}", line(&run.provenance.config)),
        "healthy": run.verdict.exit_code == 0,
    });
    if let Some(commit) = &run.provenance.commit {
        environment["commit"] = json!(line(commit));
    }
    let report = json!({
        "reportFormat": "CTRF",
        "specVersion": VERSION,
        "timestamp": line(&run.provenance.now),
        "generatedBy": format!("tollgate {}", line(&run.provenance.tollgate)),
        "results": {
            "tool": { "name": "tollgate", "version": line(&run.provenance.tollgate) },
            "summary": {
                "tests": run.outcomes.len(),
                "passed": count("passed"),
                "failed": count("failed"),
                "skipped": count("skipped"),
                "pending": 0,
                "other": 0,
                "suites": suites.len(),
                "start": clock,
                "stop": clock,
                "extra": {
                    "verdict": run.verdict.status,
                    "exit_code": run.verdict.exit_code,
                    "sentence": text(&run.verdict.sentence),
                },
            },
            "tests": run.outcomes.iter().map(test).collect::<Vec<_>>(),
            "environment": environment,
        },
    });
    super::pretty(&report)
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome.status {
        Status::Pass | Status::Warn => "passed",
        Status::Fail | Status::Error | Status::Inconclusive => "failed",
        Status::Waived | Status::Skipped => "skipped",
    }
}

fn test(outcome: &Outcome) -> Value {
    let mut labels = Map::new();
    labels.insert("severity".to_owned(), json!(outcome.severity));
    let since = since(outcome);
    let known = [
        ("column", &outcome.column),
        ("owner", &outcome.owner),
        ("since", &since),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            labels.insert(name.to_owned(), json!(text(value)));
        }
    }
    let mut test = json!({
        "testId": line(&outcome.id),
        "name": line(&outcome.id),
        "status": word(outcome),
        "rawStatus": outcome.status,
        "duration": 0,
        "suite": [line(&outcome.dataset)],
        "type": line(&outcome.check),
        "labels": labels,
        "extra": { "measured": text(&found(outcome)), "allowed": text(&allowed(outcome)) },
    });
    if outcome.status != Status::Pass {
        test["message"] = json!(text(&outcome.message));
    }
    if let Some(at) = &outcome.location {
        test["filePath"] = json!(line(&at.file));
        test["line"] = json!(at.line);
    }
    if !outcome.tags.is_empty() {
        let tags: Vec<String> = outcome.tags.iter().map(|t| text(t)).collect();
        test["tags"] = json!(tags);
    }
    test
}

fn text(value: &str) -> String {
    clip(&line(value), TEXT)
}
