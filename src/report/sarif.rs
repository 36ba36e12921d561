//! SARIF 2.1.0 for code scanning: every finding points at its line in the contract.

use super::ranking::{Ranking, flat};
use super::text::{clip, hex, json, line};
use super::words::since;
use crate::record::{Outcome, READABLE, Run, Status, WAIVERS, Waiver, WaiverKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// GitHub shows at most this many results of a run, so further ones are counted only.
const RESULTS: usize = 5_000;
/// Notifications of what could not be read, at most.
const NOTIFICATIONS: usize = 100;
/// Characters of a text.
const TEXT: usize = 2_000;

/// Renders one SARIF run, worst result first; kept promises are left out.
///
/// Source: OASIS SARIF 2.1.0. `partialFingerprints` are made of the outcome's id, which names dataset, check and columns
/// and no line, so an alert stays the same from run to run and when the contract's lines move.
#[must_use]
pub(super) fn render(run: &Run) -> String {
    let ranking = Ranking::of(run);
    let mut shown = ranking.broken.clone();
    shown.extend(flat(&ranking.unable));
    shown.extend(flat(&ranking.undecided));
    shown.extend(&ranking.warned);
    shown.extend(&ranking.waived);
    shown.extend(flat(&ranking.skipped));
    shown.extend(&ranking.noted);
    let left_out = shown.len().saturating_sub(RESULTS);
    shown.truncate(RESULTS);
    let rules: BTreeMap<&str, &Outcome> =
        shown.iter().rev().map(|o| (o.check.as_str(), *o)).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let results: Vec<Value> = shown
        .iter()
        .map(|o| result(run, o, index[o.check.as_str()]))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tollgate",
                "version": line(&run.provenance.tollgate),
                "rules": rules.values().map(|o| rule(run, o)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(run, left_out)],
            "results": results,
            "properties": { "verdict": run.verdict.status, "sentence": text(&run.verdict.sentence) },
        }]
    });
    let log = serde_json::to_string_pretty(&log).expect("a JSON value has text keys only");
    json(&log) + "\n"
}

fn rule(run: &Run, example: &Outcome) -> Value {
    let note = run.checks.iter().find(|c| c.id == example.check);
    let words = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
    let doc = note.map_or_else(String::new, |c| format!(" {}", words(&c.doc)));
    let full = text(&format!("{}{doc}", words(&example.summary)));
    let drift = example.is_drift();
    let help = if drift {
        format!(
            "{full} It is compared with the dataset's `reference`; the limits stand under `drift`."
        )
    } else if example.check == WAIVERS {
        format!("{full} Remove it, or correct its `outcome`.")
    } else if example.check == READABLE {
        format!("{full} See that it is there, whole, and may be read by the job.")
    } else if example.is_of_model() {
        format!("{full} What is asked of a model stands under its `metrics`.")
    } else {
        format!("{full} See `tollgate explain {}`.", line(&example.check))
    };
    json!({
        "id": line(&example.check),
        "shortDescription": { "text": text(&example.summary) },
        "fullDescription": { "text": full },
        "help": { "text": help },
        "defaultConfiguration": { "level": if drift { "warning" } else { "error" } },
        "properties": { "tags": ["data-quality"] },
    })
}

/// How the run went; says how many results did not fit.
fn invocation(run: &Run, left_out: usize) -> Value {
    let mut invocation = json!({
        "executionSuccessful": run.verdict.status != Status::Error && run.unread().next().is_none(),
        "exitCode": run.verdict.exit_code,
    });
    // SARIF 2.1.0, section 3.20.21: what kept the tool from doing its work.
    let unread = run.unread().take(NOTIFICATIONS).map(|outcome| {
        let said = format!("{}: {}", outcome.dataset, outcome.message);
        json!({
            "level": "error",
            "message": { "text": text(&said) },
            "associatedRule": { "id": line(&outcome.check) },
            "locations": [location(run, outcome)],
        })
    });
    let mut told: Vec<Value> = unread.collect();
    if left_out > 0 {
        let said = format!(
            "{left_out} results are left out: a code scanning service shows at most {RESULTS}."
        );
        told.push(json!({ "level": "note", "message": { "text": said } }));
    }
    if !told.is_empty() {
        invocation["toolExecutionNotifications"] = json!(told);
    }
    invocation
}

fn result(run: &Run, outcome: &Outcome, rule: usize) -> Value {
    let level = match outcome.status {
        Status::Fail | Status::Error | Status::Inconclusive => "error",
        Status::Warn | Status::Waived => "warning",
        Status::Skipped | Status::Pass => "note",
    };
    let message = match since(outcome) {
        Some(since) => format!("{} ({since})", clip(&outcome.message, TEXT - 100)),
        None => outcome.message.clone(),
    };
    let mut result = json!({
        "ruleId": line(&outcome.check),
        "ruleIndex": rule,
        "level": level,
        "message": { "text": text(&message) },
        "locations": [location(run, outcome)],
        "partialFingerprints": { "outcome/v1": hex(&Sha256::digest(outcome.id.as_bytes())) },
        "properties": {
            "id": text(&outcome.id),
            "status": outcome.status,
            "measured": outcome.measured,
            "limits": outcome.limits,
        },
    });
    if let Some(began) = &outcome.began {
        result["properties"]["began"] = json!(began);
    }
    if let Some(owner) = &outcome.owner {
        result["properties"]["owner"] = json!(text(owner));
    }
    if let Some(waiver) = outcome.waiver.as_ref().filter(|w| settled(outcome, w)) {
        let kind = match waiver.kind {
            WaiverKind::InSource => "inSource",
            WaiverKind::External => "external",
        };
        let why = format!(
            "{}, until {}: {}",
            waiver.owner, waiver.until, waiver.reason
        );
        result["suppressions"] =
            json!([{ "kind": kind, "status": "accepted", "justification": text(&why) }]);
    }
    result
}

/// Whether a waiver is why an outcome does not block: what has expired, or covers less, suppresses nothing.
fn settled(outcome: &Outcome, waiver: &Waiver) -> bool {
    let covers = waiver
        .max_failing
        .is_none_or(|most| outcome.failing.is_some_and(|n| n <= most));
    !waiver.expired && covers && !matches!(outcome.status, Status::Fail | Status::Error)
}

/// The line in the contract, or the configuration's first line where none is known: services refuse results without.
fn location(run: &Run, outcome: &Outcome) -> Value {
    let (file, region) = match &outcome.location {
        Some(at) => {
            let mut region =
                json!({ "startLine": at.line.max(1), "startColumn": at.column.max(1) });
            if let Some(end) = at.end_column.filter(|end| *end > at.column) {
                region["endColumn"] = json!(end);
            }
            (&at.file, region)
        }
        None => (&run.provenance.config, json!({ "startLine": 1 })),
    };
    let name = match &outcome.column {
        Some(column) => format!("{}.{column}", outcome.dataset),
        None => outcome.dataset.clone(),
    };
    json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(file) }, "region": region },
        "logicalLocations": [{ "fullyQualifiedName": text(&name), "kind": "member" }],
    })
}

fn text(value: &str) -> String {
    clip(&line(value), TEXT)
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
