//! A comparison as a run record, so that the report of a run writes its machine formats.

use super::render::Comparison;
use super::{Change, Effect, Impact, Rule};
use crate::diagnostic::Location;
use crate::record::{
    CheckNote, Counts, Measurement, Outcome, Provenance, RUN_SCHEMA_VERSION, Run, Status,
    Threshold, Verdict,
};

/// Whom a change breaks, in a word.
fn whom(change: &Change) -> &'static str {
    match (change.consumer, change.producer) {
        (Impact::Breaking, Impact::Breaking) => "consumers and producers",
        (Impact::Breaking, Impact::Compatible) => "consumers",
        (Impact::Compatible, Impact::Breaking) => "producers",
        (Impact::Compatible, Impact::Compatible) => "nobody",
    }
}

/// The record: an outcome per change, whose check is the rule and whose dataset is the new side.
pub(super) fn run(comparison: &Comparison) -> Run {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for change in &comparison.changes {
        let mut outcome = outcome(comparison, change);
        let id = outcome.id.clone();
        let same = |o: &Outcome| o.id == id || o.id.starts_with(&format!("{id}#"));
        let before = outcomes.iter().filter(|o| same(o)).count();
        if before > 0 {
            outcome.id = format!("{id}#{}", before + 1);
        }
        outcomes.push(outcome);
    }
    if outcomes.is_empty() {
        outcomes.push(unchanged(comparison));
    }
    let mut rules: Vec<_> = comparison.changes.iter().map(|c| c.rule).collect();
    rules.sort_by_key(|r| r.id());
    rules.dedup();
    let note = |rule: &Rule| CheckNote {
        id: rule.id(),
        doc: format!("Breaking when {}.", rule.reason()),
    };
    Run {
        schema_version: RUN_SCHEMA_VERSION.to_owned(),
        verdict: verdict(comparison, &outcomes),
        left_out: None,
        provenance: Provenance {
            tollgate: env!("CARGO_PKG_VERSION").to_owned(),
            catalogue_sha256: String::new(),
            config: file(&comparison.new).to_owned(),
            config_sha256: String::new(),
            values_files: Vec::new(),
            commit: None,
            seed: 0,
            now: String::new(),
        },
        models: Vec::new(),
        datasets: Vec::new(),
        checks: rules.iter().map(note).collect(),
        outcomes,
    }
}

/// Where nothing changed: readers of tests take a file without a test for a broken job.
fn unchanged(comparison: &Comparison) -> Outcome {
    let nothing = Change::new(Rule::MetadataChanged, Effect::Neither, String::new());
    let dataset = file(&comparison.new).to_owned();
    Outcome {
        id: format!("{dataset}.unchanged"),
        check: "unchanged".to_owned(),
        message: "Nothing changed.".to_owned(),
        summary: "Nothing changed.".to_owned(),
        ..outcome(comparison, &nothing)
    }
}

fn verdict(comparison: &Comparison, outcomes: &[Outcome]) -> Verdict {
    let count = |s: Status| outcomes.iter().filter(|o| o.status == s).count();
    let counts = Counts {
        pass: count(Status::Pass),
        warn: count(Status::Warn),
        fail: count(Status::Fail),
        ..Counts::default()
    };
    let status = match (counts.fail, counts.warn) {
        (0, 0) => Status::Pass,
        (0, _) => Status::Warn,
        _ => Status::Fail,
    };
    Verdict {
        status,
        exit_code: comparison.exit_code(),
        sentence: comparison.sentence(),
        counts,
    }
}

fn outcome(comparison: &Comparison, change: &Change) -> Outcome {
    let whom = whom(change);
    let subject = change.column.as_deref().unwrap_or("dataset");
    let dataset = file(&comparison.new).to_owned();
    let kept = change.status == Status::Pass && whom == "nobody";
    Outcome {
        id: format!("{dataset}.{}({subject})", change.rule.id()),
        check: change.rule.id(),
        column: change.column.clone(),
        status: change.status,
        severity: change.severity,
        message: format!(
            "`{subject}`: {}; {}.{}",
            change.message,
            change.reason,
            change
                .replay
                .as_ref()
                .map_or_else(String::new, |said| format!(" Replayed: {said}."))
        ),
        summary: change.rule.summary().to_owned(),
        measured: vec![Measurement {
            name: "breaks".to_owned(),
            text: whom.to_owned(),
            number: None,
            unit: String::new(),
        }],
        limits: vec![Threshold {
            name: "breaks".to_owned(),
            op: "==".to_owned(),
            text: "nobody".to_owned(),
            number: None,
            held: kept,
        }],
        failing: None,
        rows: None,
        samples: Vec::new(),
        comparison: None,
        location: Some(place(comparison, change)),
        owner: None,
        description: None,
        tags: Vec::new(),
        waiver: change.waiver.clone(),
        began: None,
        dataset,
    }
}

/// A file that is there to be looked at: of `REV:path` the path.
fn file(name: &str) -> &str {
    match name.split_once(':') {
        Some((rev, path)) if rev.len() > 1 && !path.starts_with("//") => path,
        _ => name,
    }
}

/// The place in the new contract; of what is gone from it, its first line. In the old one where the new side is data.
fn place(comparison: &Comparison, change: &Change) -> Location {
    let named = |location: &Location| Location {
        file: file(&location.file).to_owned(),
        ..location.clone()
    };
    if let Some(new) = &change.new {
        return named(new);
    }
    match &change.old {
        Some(old) if !crate::contract::revision::is_contract(&comparison.new) => named(old),
        _ => Location {
            file: file(&comparison.new).to_owned(),
            line: 1,
            column: 1,
            end_column: None,
        },
    }
}
