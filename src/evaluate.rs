//! States against promises. Pure: the same states give the same outcomes, wherever they were computed.

use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Bound, Clause, Measure, Op, Statistic, template};
use crate::contract::{OnNoMatch, Privacy};
use crate::detect::HIDDEN;
use crate::measure::{State, Unable};
use crate::plan::Planned;
use crate::plan::common::OnEmpty;
use crate::record::{Measurement, Outcome, Severity, Status, Threshold};
use crate::scalar::{Integer, Scalar, number_text};
use std::collections::BTreeMap;

/// Judges one expectation by its state.
///
/// Status, the first that applies: `error` or `skipped` where nothing could be measured; without a row, what `on_empty`
/// says, by default `skipped`; `error` where the check holds no bound at all; broken bounds by severity;
/// `warn` from `warn_at` failing rows, or a share of `warn_at_ratio`, on; else `pass`. NaN and absent values hold no bound.
#[must_use]
pub fn evaluate(dataset: &str, planned: &Planned, state: &State) -> Outcome {
    let mut outcome = unjudged(dataset, planned, state);
    if let Some((on_no_match, what)) = &planned.common.no_match {
        outcome.status = match on_no_match {
            OnNoMatch::Pass => Status::Pass,
            OnNoMatch::Warn => Status::Warn,
            OnNoMatch::Fail => broken(planned),
        };
        outcome.message.clone_from(what);
        return outcome;
    }
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
        None if state.rows == 0
            && (state.failing.is_some() || planned.common.on_empty.is_some()) =>
        {
            (outcome.status, outcome.message) = no_rows(planned);
            return outcome;
        }
        None => {}
    }
    let measured = measured(state);
    outcome.limits = limits(planned, &measured);
    outcome.measured = measured
        .iter()
        .filter(|(name, _)| outcome.limits.iter().any(|l| l.name == *name) || name == "failing")
        .map(|(name, value)| measurement(planned, name, value.as_ref()))
        .collect();
    outcome.message = message(dataset, planned, state, &measured);
    outcome.status = status(planned, state, &outcome.limits);
    if outcome.status == Status::Pass && state.rows == 0 && is_set(&planned.check.measure) {
        (outcome.status, outcome.message) = no_rows(planned);
    }
    outcome
}

/// What is known of an outcome before anything is judged.
fn unjudged(dataset: &str, planned: &Planned, state: &State) -> Outcome {
    Outcome {
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
        began: None,
    }
}

/// Whether a set of values or a number of them is judged: without rows it keeps every upper bound, and nothing was
/// evaluated.
fn is_set(measure: &Measure) -> bool {
    match measure {
        Measure::Statistic(statistic) => matches!(
            statistic,
            Statistic::DistinctCount
                | Statistic::DistinctValues
                | Statistic::DuplicateColumns
                | Statistic::Correlations
        ),
        Measure::Profile { measure, .. } => {
            ["zeros", "negative", "infinite", "nulls", "nan"].contains(&measure.as_str())
        }
        _ => false,
    }
}

/// What a promise about no row at all is: skipped, unless `on_empty` says otherwise.
fn no_rows(planned: &Planned) -> (Status, String) {
    let reason = match &planned.common.filter {
        Some((sql, _)) => format!("no row is left by `where: {sql}`"),
        None => "the dataset has no rows".to_owned(),
    };
    let (status, said) = match planned.common.on_empty {
        None | Some(OnEmpty::Skip) => return (Status::Skipped, format!("Skipped: {reason}.")),
        Some(OnEmpty::Pass) => (Status::Pass, "pass"),
        Some(OnEmpty::Warn) => (Status::Warn, "warn"),
        Some(OnEmpty::Fail) => (broken(planned), "fail"),
    };
    (status, format!("As `on_empty: {said}` says: {reason}."))
}

/// What a broken promise is, by its severity; what a waiver makes of it comes later.
fn broken(planned: &Planned) -> Status {
    match planned.common.severity {
        Severity::Error => Status::Fail,
        Severity::Warn => Status::Warn,
        Severity::Info => Status::Pass,
    }
}

/// The column of an expectation about exactly one.
fn one_column(planned: &Planned) -> Option<String> {
    match planned.args.all_columns()[..] {
        [one] => Some(one.to_owned()),
        _ => None,
    }
}

/// All measured values by name; `failing_ratio` is failing rows over the rows looked at, absent without any.
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

/// Measured values that tell what is in a column, not only how often.
const TELLING: &[&str] = &[
    "min",
    "max",
    "sum",
    "mean",
    "stddev",
    "variance",
    "quantile",
    "value",
    "geometric_mean",
    "harmonic_mean",
    "sum_abs",
    "mad",
    "iqr",
    "age_hours",
    "days_late",
];

/// What stands in reports for a measured value.
fn shown(planned: &Planned, name: &str, value: Option<&Scalar>) -> String {
    match value {
        None => "no value".to_owned(),
        Some(_) if is_hidden(planned, name) => "(redacted)".to_owned(),
        Some(value) => plain(value),
    }
}

fn is_hidden(planned: &Planned, name: &str) -> bool {
    planned.privacy == Privacy::Personal && TELLING.contains(&name)
}

fn limits(planned: &Planned, measured: &[(String, Option<Scalar>)]) -> Vec<Threshold> {
    let mut found = Vec::new();
    for clause in &planned.check.pass {
        for (name, bound) in bounds(planned, clause) {
            let value = measured
                .iter()
                .find(|(n, _)| n == name)
                .and_then(|(_, v)| v.as_ref());
            let op = opened(planned, clause);
            found.push(Threshold {
                name: name.to_owned(),
                op: op.symbol().to_owned(),
                text: bound.to_string(),
                number: bound.number().filter(|v| v.is_finite()),
                held: holds(value, op, &bound),
            });
        }
    }
    found
}

/// What a clause holds, by name; nothing when its parameter is not given.
fn bounds<'a>(planned: &Planned, clause: &'a Clause) -> Vec<(&'a str, Scalar)> {
    let param = match &clause.bound {
        Bound::Number(v) => return vec![(clause.name.as_str(), Scalar::Float(*v))],
        Bound::Param(param) if param == "max_failing" => return tolerances(planned, clause),
        Bound::Param(param) => param,
    };
    let bound = match planned.args.get(param) {
        Some(Arg::Seconds(s)) if clause.name.ends_with("_hours") => {
            Scalar::Float(*s as f64 / 3600.0)
        }
        Some(Arg::Scalar(s)) => s.clone(),
        _ => return Vec::new(),
    };
    vec![(clause.name.as_str(), bound)]
}

/// Failing rows allowed: a number, a share, or both; none when neither is given.
fn tolerances<'a>(planned: &Planned, clause: &'a Clause) -> Vec<(&'a str, Scalar)> {
    let (number, ratio) = (planned.common.max_failing, planned.common.max_failing_ratio);
    let mut bounds = Vec::new();
    if number.is_some() || ratio.is_none() {
        let limit = Scalar::Int(Integer(i128::from(number.unwrap_or(0))));
        bounds.push((clause.name.as_str(), limit));
    }
    bounds.extend(ratio.map(|r| ("failing_ratio", Scalar::Float(r))));
    bounds
}

/// The operator of a clause about `min` or `max`, without the limit itself where the argument `bounds` leaves it out.
fn opened(planned: &Planned, clause: &Clause) -> Op {
    let bounds = planned.args.text("bounds").unwrap_or("[]");
    match (&clause.bound, clause.op) {
        (Bound::Param(name), Op::Ge) if name == "min" && bounds.starts_with('(') => Op::Gt,
        (Bound::Param(name), Op::Le) if name == "max" && bounds.ends_with(')') => Op::Lt,
        (_, op) => op,
    }
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
    if limits.iter().any(|l| !l.held) {
        return broken(planned);
    }
    let failing = state.failing.unwrap_or(0);
    let share = failing as f64 / (state.rows.max(1)) as f64;
    let common = &planned.common;
    let warned = common.warn_at.is_some_and(|w| failing >= w)
        || common.warn_at_ratio.is_some_and(|w| share >= w);
    if warned { Status::Warn } else { Status::Pass }
}

fn measurement(planned: &Planned, name: &str, value: Option<&Scalar>) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: shown(planned, name, value),
        number: value
            .and_then(Scalar::number)
            .filter(|v| v.is_finite() && !is_hidden(planned, name)),
        unit: match name {
            "failing" if matches!(planned.check.measure, Measure::Groups(_)) => "groups",
            "failing" | "rows" | "other_rows" => "rows",
            n if n.ends_with("_ratio") || n == "ratio" => "ratio",
            n if n.ends_with("_hours") => "hours",
            _ => "",
        }
        .to_owned(),
    }
}

/// A float to six digits after the point, for people; bounds are held against the number itself.
fn plain(value: &Scalar) -> String {
    match value {
        Scalar::Float(v) => number_text((v * 1e6).round() / 1e6),
        other => other.to_string(),
    }
}

/// What was found, in words; of personal columns no day and no moment.
fn detail(planned: &Planned, state: &State) -> String {
    let tells_time = matches!(
        planned.check.measure,
        Measure::Statistic(Statistic::DataFresh | Statistic::FreshBy | Statistic::Retention)
    );
    if tells_time && planned.privacy == Privacy::Personal {
        return "its times are not shown".to_owned();
    }
    state.detail.clone()
}

/// The arguments as a message may name them: no listed value of a personal column, and no text that is compared with it.
fn told(planned: &Planned) -> Args {
    let hidden = || Scalar::Text(HIDDEN.to_owned());
    let mut args = planned.args.clone();
    if planned.privacy == Privacy::Personal {
        for (_, arg, _) in &mut args.0 {
            match arg {
                Arg::Scalars(_) => *arg = Arg::Scalars(vec![hidden()]),
                Arg::Records(_) => *arg = Arg::Records(vec![vec![Some(hidden())]]),
                Arg::Scalar(Scalar::Text(_)) => *arg = Arg::Scalar(hidden()),
                _ => {}
            }
        }
    }
    args
}

fn message(
    dataset: &str,
    planned: &Planned,
    state: &State,
    measured: &[(String, Option<Scalar>)],
) -> String {
    let mut names: BTreeMap<String, String> = measured
        .iter()
        .map(|(name, value)| (name.clone(), shown(planned, name, value.as_ref())))
        .collect();
    if planned.args.get("dataset").is_none() {
        names.insert("dataset".to_owned(), dataset.to_owned());
    } else if let Some(other) = planned.args.text("dataset") {
        names.insert("dataset".to_owned(), other.to_owned());
    }
    names.insert("detail".to_owned(), detail(planned, state));
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
    let text = template::render_message(&planned.check, &told(planned), &names)
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
