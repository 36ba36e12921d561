//! SARIF 2.1.0 for code scanning: every broken promise points at its line in the contract.

use super::text::{hex, line};
use crate::record::{Outcome, Run, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Renders one SARIF run; kept promises are left out.
///
/// Source: OASIS SARIF 2.1.0; `partialFingerprints` keep an alert the same from run to run.
#[must_use]
pub fn render(run: &Run) -> String {
    let shown: Vec<&Outcome> = run
        .outcomes
        .iter()
        .filter(|o| o.status != Status::Pass)
        .collect();
    let mut rules: Vec<(&str, &str)> = shown
        .iter()
        .map(|o| (o.check.as_str(), o.summary.as_str()))
        .collect();
    rules.sort_unstable();
    rules.dedup_by_key(|r| r.0);
    let rules: Vec<Value> = rules
        .iter()
        .map(|(id, summary)| json!({ "id": id, "shortDescription": { "text": line(summary) } }))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "tollgate", "version": run.provenance.tollgate, "rules": rules } },
            "invocations": [{ "executionSuccessful": true, "exitCode": run.verdict.exit_code }],
            "results": shown.iter().map(|o| result(o)).collect::<Vec<_>>(),
        }]
    });
    serde_json::to_string_pretty(&log).map_or_else(|_| String::new(), |text| text + "\n")
}

fn result(outcome: &Outcome) -> Value {
    let level = match outcome.status {
        Status::Fail | Status::Error | Status::Inconclusive => "error",
        Status::Warn => "warning",
        Status::Skipped | Status::Pass => "note",
    };
    let mut result = json!({
        "ruleId": outcome.check,
        "level": level,
        "message": { "text": line(&outcome.message) },
        "partialFingerprints": { "outcome/v1": hex(&Sha256::digest(outcome.id.as_bytes())) },
    });
    if let Some(place) = &outcome.location {
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": { "startLine": place.line, "startColumn": place.column },
        } }]);
    }
    result
}

/// A path as a relative URI reference: everything beyond unreserved characters and `/` is percent-encoded.
fn uri(path: &str) -> String {
    path.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&hex(&[byte]).to_uppercase());
        }
        text
    })
}
