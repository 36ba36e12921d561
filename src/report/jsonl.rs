//! One outcome per line: for whoever keeps logs and counts over many runs.

use super::text::json;
use crate::record::{Outcome, Run, Status};
use serde::Serialize;

/// A line: the outcome as in the run record, and what makes the line stand alone.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// Verdict of the whole run.
    verdict: Status,
    /// The run's clock.
    now: &'a str,
    /// Configuration file as named.
    config: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    /// Program version.
    tollgate: &'a str,
    /// Version of the run record's shape.
    schema_version: &'a str,
}

/// Renders every outcome in contract order, each as one JSON object on a line of its own.
///
/// Source: JSON Lines, <https://jsonlines.org> (from memory); the keys are those of `outcomes` in the run record.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let line = |outcome| {
        let line = Line {
            outcome,
            verdict: run.verdict.status,
            now: &run.provenance.now,
            config: &run.provenance.config,
            commit: run.provenance.commit.as_deref(),
            tollgate: &run.provenance.tollgate,
            schema_version: &run.schema_version,
        };
        let text = serde_json::to_string(&line).expect("an outcome has text keys only");
        json(&text) + "\n"
    };
    run.outcomes.iter().map(line).collect()
}
