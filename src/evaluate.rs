//! States against promises. Pure: the same states give the same outcomes, wherever they were computed.

use crate::catalogue::{Bound, Op, template};
use crate::measure::{State, Unable};
use crate::plan::Planned;
use crate::record::{Measurement, Outcome, Severity, Status, Threshold};
use crate::scalar::{Integer, Scalar, number_text};
use std::collections::BTreeMap;

/// Judges one expectation by its state.
///
/// Status: what cannot be measured is `error` or `skipped`, never `pass`; NaN and absent values hold no bound.
#[must_use]
pub fn evaluate(dataset: &str, planned: &Planned, state: &State) -> Outcome {
    let mut outcome = Outcome {
        id: planned.id.clone(),
        dataset: dataset.to_owned(),
        check: planned.check.id.clone(),
        column: one_column(planned),
        status: Status::Error,
        severity: planned.common.severity,
        message: String::new(),
        summary: planned.check.summary.clone(),
        measured: Vec::new(),
        limits: Vec::new(),
        failing: state.failing,
        rows: state.failing.map(|_| state.rows),
        samples: state.samples.clone(),
        comparison: None,
        location: Some(planned.location.clone()),
        owner: planned.common.owner.clone(),
        description: planned.common.description.clone(),
        tags: planned.common.tags.clone(),
        waiver: planned.common.waiver.clone(),
    };
    match &state.unable {
        Some(Unable::Error(reason)) => {
            outcome.failing = None;
            outcome.message = format!("Not evaluated: {reason}.");
            return outcome;
        }
        Some(Unable::Skipped(reason)) => {
            outcome.status = Status::Skipped;
            outcome.message = format!("Skipped: {reason}.");
            return outcome;
        }
        None if state.failing.is_some() && state.rows == 0 => {
            outcome.status = Status::Skipped;
            outcome.message = match &planned.common.filter {
                Some((sql, _)) => format!("Skipped: no row is left by `where: {sql}`."),
                None => "Skipped: the dataset has no rows.".to_owned(),
            };
            return outcome;
        }
        None => {}
    }
    let measured = measured(state);
    outcome.limits = limits(planned, &measured);
    outcome.measured = measured
        .iter()
        .filter(|(name, _)| outcome.limits.iter().any(|l| l.name == *name) || name == "failing")
        .map(|(name, value)| measurement(name, value.as_ref()))
        .collect();
    outcome.message = message(dataset, planned, state, &measured);
    outcome.status = status(planned, state, &outcome.limits);
    outcome
}

fn one_column(planned: &Planned) -> Option<String> {
    match planned.args.all_columns()[..] {
        [one] => Some(one.to_owned()),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn measured(state: &State) -> Vec<(String, Option<Scalar>)> {
    let count = |v: u64| Some(Scalar::Int(Integer(i128::from(v))));
    let mut list = Vec::new();
    if let Some(failing) = state.failing {
        list.push(("failing".to_owned(), count(failing)));
        let ratio = (state.rows > 0).then(|| Scalar::Float(failing as f64 / state.rows as f64));
        list.push(("failing_ratio".to_owned(), ratio));
    }
    list.push(("rows".to_owned(), count(state.rows)));
    list.extend(state.values.iter().cloned());
    list
}

fn limits(planned: &Planned, measured: &[(String, Option<Scalar>)]) -> Vec<Threshold> {
    let mut found = Vec::new();
    for clause in &planned.check.pass {
        let (name, bound) = match &clause.bound {
            Bound::Number(v) => (clause.name.as_str(), Some(Scalar::Float(*v))),
            Bound::Param(param) if param == "max_failing" => match planned.common.max_failing_ratio
            {
                Some(ratio) if planned.common.max_failing.is_none() => {
                    ("failing_ratio", Some(Scalar::Float(ratio)))
                }
                _ => {
                    let limit = planned.common.max_failing.unwrap_or(0);
                    (
                        clause.name.as_str(),
                        Some(Scalar::Int(Integer(i128::from(limit)))),
                    )
                }
            },
            Bound::Param(param) => {
                let hours = clause.name.ends_with("_hours");
                let bound = match planned.args.get(param) {
                    Some(crate::catalogue::argument::Arg::Seconds(_)) if hours => planned
                        .args
                        .number(param)
                        .map(|s| Scalar::Float(s / 3600.0)),
                    Some(crate::catalogue::argument::Arg::Scalar(s)) => Some(s.clone()),
                    _ => None,
                };
                (clause.name.as_str(), bound)
            }
        };
        let Some(bound) = bound else { continue };
        let value = measured
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, v)| v.as_ref());
        found.push(Threshold {
            name: name.to_owned(),
            op: clause.op.symbol().to_owned(),
            text: bound.to_string(),
            number: bound.number().filter(|v| v.is_finite()),
            held: holds(value, clause.op, &bound),
        });
    }
    found
}

/// Absent values and NaN hold no bound.
fn holds(value: Option<&Scalar>, op: Op, bound: &Scalar) -> bool {
    match value {
        Some(Scalar::Float(v)) if v.is_nan() => false,
        Some(value) => op.holds(value.order(bound)),
        None => false,
    }
}

fn status(planned: &Planned, state: &State, limits: &[Threshold]) -> Status {
    if limits.is_empty() {
        return Status::Error;
    }
    let broken = limits.iter().any(|l| !l.held);
    let warned = planned
        .common
        .warn_at
        .is_some_and(|w| state.failing.unwrap_or(0) > w);
    let waived = planned.common.waiver.as_ref().is_some_and(|w| !w.expired);
    match (broken, planned.common.severity) {
        (true, _) if waived => Status::Warn,
        (true, Severity::Error) => Status::Fail,
        (true, Severity::Warn) => Status::Warn,
        (true, Severity::Info) => Status::Pass,
        (false, _) if warned => Status::Warn,
        (false, _) => Status::Pass,
    }
}

fn measurement(name: &str, value: Option<&Scalar>) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: value.map_or_else(|| "no value".to_owned(), plain),
        number: value.and_then(Scalar::number).filter(|v| v.is_finite()),
        unit: match name {
            "failing" | "rows" | "other_rows" => "rows",
            n if n.ends_with("_ratio") || n == "ratio" => "ratio",
            n if n.ends_with("_hours") => "hours",
            _ => "",
        }
        .to_owned(),
    }
}

fn plain(value: &Scalar) -> String {
    match value {
        Scalar::Float(v) => number_text((v * 1e6).round() / 1e6),
        other => other.to_string(),
    }
}

fn message(
    dataset: &str,
    planned: &Planned,
    state: &State,
    measured: &[(String, Option<Scalar>)],
) -> String {
    let mut names: BTreeMap<String, String> = measured
        .iter()
        .map(|(name, value)| {
            let text = value.as_ref().map_or_else(|| "no value".to_owned(), plain);
            (name.clone(), text)
        })
        .collect();
    if planned.args.get("dataset").is_none() {
        names.insert("dataset".to_owned(), dataset.to_owned());
    } else if let Some(other) = planned.args.text("dataset") {
        names.insert("dataset".to_owned(), other.to_owned());
    }
    names.insert("detail".to_owned(), state.detail.clone());
    let limit = planned.common.max_failing.unwrap_or(0);
    names.insert("max_failing".to_owned(), limit.to_string());
    names.insert(
        "max_failing_ratio".to_owned(),
        planned
            .common
            .max_failing_ratio
            .map_or_else(String::new, number_text),
    );
    let filter = planned.common.filter.as_ref().map(|(sql, _)| sql.clone());
    names.insert("where".to_owned(), filter.clone().unwrap_or_default());
    let text = template::render_message(&planned.check, &planned.args, &names)
        .unwrap_or_else(|reason| format!("{} (message: {reason})", planned.check.summary));
    match filter {
        Some(sql) if planned.common.slice.is_some() => {
            let slice = planned.common.slice.as_deref().unwrap_or_default();
            format!("{text} Only the slice `{slice}`, rows where {sql}.")
        }
        Some(sql) => format!("{text} Only rows where {sql}."),
        None => text,
    }
}
