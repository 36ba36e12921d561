//! What is asked of slices: none may be worse, none below a limit, none too far from the others.

use super::asked::{Asked, measurement, name};
use super::found::{Found, Slice, Value};
use super::limits::held;
use super::rules::{Decided, decision};
use super::words::{number, rows_text};
use crate::config::models::{Policy, SliceRules, Spread};
use crate::record::{Outcome, Status, Threshold};
use crate::statistics::paired::decide::Question;
use crate::statistics::paired::many::holm;
use crate::statistics::paired::{Paired, normal_below};

/// Rows of a slice on which the models must differ before it can be called worse.
const LEAST_DIFFERING: u64 = 10;

/// Slices that a message names.
const NAMED: usize = 3;

/// What is asked of the slices of one metric; nothing where there are none.
pub(super) fn outcomes(asked: &Asked, whole: &Found, parts: &[&Found]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let nothing = SliceRules::default();
    let rules = asked.config.rules.slices.as_ref().unwrap_or(&nothing);
    for (limit, at_least) in [(&rules.at_least, true), (&rules.at_most, false)] {
        if let Some((limit, _)) = limit {
            outcomes.push(worst_limit(asked, parts, *limit, at_least));
        }
    }
    let compares = asked.compares() || rules.no_worse_by.is_some();
    if compares && whole.baseline.is_some() && !asked.model.slices.is_empty() {
        outcomes.push(none_worse(asked, rules, parts));
    }
    if let Some(spread) = &asked.config.rules.spread {
        for (column, _) in &asked.model.slices {
            outcomes.push(apart(asked, column, spread, parts));
        }
    }
    outcomes
}

fn shown(slice: Option<&Slice>) -> String {
    slice.map_or_else(String::new, |s| {
        let value = crate::report::text::short(&s.value, 40);
        format!("{} = {value}", s.column)
    })
}

fn named(parts: &[&Found]) -> String {
    let names: Vec<String> = parts
        .iter()
        .take(NAMED)
        .map(|part| shown(part.slice.as_ref()))
        .collect();
    let more = match parts.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// No slice is worse than it was. A slice blocks where it is proved worse, with a correction for all slices of all metrics,
/// and loses more than the margin in these rows; what cannot be decided is told.
fn none_worse(asked: &Asked, rules: &SliceRules, parts: &[&Found]) -> Outcome {
    let place = &asked.config.place;
    let summary = "In no slice is the candidate proved worse than the baseline.";
    let mut outcome = asked.outcome("worst_slice", summary, place);
    let mut open: Vec<Open> = Vec::new();
    let (mut promoted, mut unable) = (0, Vec::new());
    for part in parts {
        let Some(Ok(compared)) = &part.baseline else {
            unable.push(*part);
            continue;
        };
        let margin = match &rules.no_worse_by {
            Some((amount, _)) => amount.of(compared.value),
            None => asked.margin(compared.value),
        };
        match (
            decision(asked, compared, Question::NoWorse { margin }),
            &compared.paired,
        ) {
            (Decided::Promote, _) => promoted += 1,
            (_, Ok(paired)) => open.push(Open {
                part,
                paired,
                before: compared.value,
                matters: -paired.difference > margin,
            }),
            (_, Err(_)) => unable.push(*part),
        }
    }
    let all = parts.len();
    let family = asked.family.max(all);
    let p: Vec<f64> = open
        .iter()
        .map(|open| worse(open.paired, asked.alpha.z()))
        .chain(std::iter::repeat_n(1.0, family - open.len()))
        .collect();
    let adjusted = holm(&p);
    let (mut worst, undecided): (Vec<(Open, f64)>, Vec<_>) = open
        .into_iter()
        .zip(adjusted)
        .partition(|(open, p)| *p <= asked.alpha.value() && open.matters);
    worst.sort_by(|a, b| a.0.paired.difference.total_cmp(&b.0.paired.difference));
    let undecided = undecided.iter().map(|(open, _)| open.part);
    let undecided: Vec<&Found> = undecided.chain(unable.iter().copied()).collect();
    outcome.measured = vec![
        measurement("slices", all as f64),
        measurement("worse", worst.len() as f64),
    ];
    outcome.limits = vec![Threshold {
        name: "worse".to_owned(),
        op: "<=".to_owned(),
        text: "0".to_owned(),
        number: Some(0.0),
        held: worst.is_empty(),
    }];
    if let Some((open, _)) = worst.first() {
        let now = open.part.candidate.as_ref().map_or(f64::NAN, |v| v.value);
        let others = match worst.len() {
            1 => String::new(),
            n => format!("; {n} of {all} slices are worse"),
        };
        outcome.status = asked.broken();
        outcome.rows = open.part.rows;
        outcome.message = format!(
            "{} is worse where {}: {} against {} of the baseline in {} (worse by {} to {}{others}).",
            name(asked),
            shown(open.part.slice.as_ref()),
            number(now),
            number(open.before),
            rows_text(open.part.rows),
            number(-open.paired.interval.high),
            number(-open.paired.interval.low),
        );
        return outcome;
    }
    undecided_or_kept(asked, rules, outcome, (promoted, all), &undecided)
}

/// A slice that is not proved to lose less than the margin.
struct Open<'a> {
    part: &'a Found,
    paired: &'a Paired,
    /// The baseline's value.
    before: f64,
    /// Whether it loses more than the margin in these rows.
    matters: bool,
}

fn undecided_or_kept(
    asked: &Asked,
    rules: &SliceRules,
    mut outcome: Outcome,
    (promoted, all): (usize, usize),
    undecided: &[&Found],
) -> Outcome {
    if all == 0 {
        outcome.status = Status::Skipped;
        outcome.message = format!(
            "{}: no slice has {} rows, so none was judged.",
            name(asked),
            asked.model.min_slice_rows
        );
        return outcome;
    }
    let kept = format!("{promoted} of {all} slices are proved no worse within the margin");
    if undecided.is_empty() {
        outcome.status = Status::Pass;
        outcome.message = format!("{}: {kept}.", name(asked));
        return outcome;
    }
    outcome.status = match rules.on_inconclusive {
        None => Status::Pass,
        Some(policy) => asked.unsure(policy),
    };
    outcome.message = format!(
        "{}: no slice is proved worse; {kept}, {} have too few rows to tell ({}).",
        name(asked),
        undecided.len(),
        named(undecided)
    );
    outcome
}

/// Chance of a difference as bad as this one where the slice is not worse; 1 where too few rows differ.
fn worse(paired: &Paired, z: f64) -> f64 {
    let error = (paired.interval.high - paired.difference) / z;
    if paired.differing < LEAST_DIFFERING || error <= 0.0 || !error.is_finite() {
        return 1.0;
    }
    normal_below(paired.difference / error)
}

/// Every slice keeps a fixed limit.
fn worst_limit(asked: &Asked, parts: &[&Found], limit: f64, at_least: bool) -> Outcome {
    let words = if at_least { "at least" } else { "at most" };
    let check = if at_least {
        "worst_slice_at_least"
    } else {
        "worst_slice_at_most"
    };
    let summary = format!("In every slice the metric is {words} its limit.");
    let mut outcome = asked.outcome(check, &summary, &asked.config.place);
    let mut worst: Option<(&Found, &Value, Status)> = None;
    let rank = |status: Status| match status {
        Status::Fail | Status::Error => 3,
        Status::Inconclusive => 2,
        Status::Warn | Status::Skipped => 1,
        _ => 0,
    };
    let mut unable = Vec::new();
    for part in parts {
        let Ok(value) = &part.candidate else {
            unable.push(*part);
            continue;
        };
        let status = held(asked, value, limit, at_least).status;
        let poorer = |other: &Value| {
            if at_least {
                value.value < other.value
            } else {
                value.value > other.value
            }
        };
        let is_worse = worst.as_ref().is_none_or(|(_, other, seen)| {
            rank(status) > rank(*seen) || (rank(status) == rank(*seen) && poorer(other))
        });
        if is_worse {
            worst = Some((part, value, status));
        }
    }
    let Some((part, value, status)) = worst else {
        outcome.status = Status::Skipped;
        outcome.message = format!("{}: no slice has enough rows and a value.", name(asked));
        return outcome;
    };
    let policy = asked
        .config
        .rules
        .slices
        .as_ref()
        .and_then(|s| s.on_inconclusive);
    outcome.status = match status {
        Status::Inconclusive => asked.unsure(policy.unwrap_or(Policy::Hold)),
        other => other,
    };
    outcome.rows = part.rows;
    outcome.measured = vec![measurement("worst_slice", value.value)];
    outcome.limits = vec![Threshold {
        name: "worst_slice".to_owned(),
        op: if at_least { ">=" } else { "<=" }.to_owned(),
        text: number(limit),
        number: Some(limit),
        held: if at_least {
            value.value >= limit
        } else {
            value.value <= limit
        },
    }];
    let without = match unable.len() {
        0 => String::new(),
        n => format!("; {n} slices have no value ({})", named(&unable)),
    };
    outcome.message = format!(
        "{} of the worst slice, {}, is {} in {}; {words} {} is asked for{without}.",
        name(asked),
        shown(part.slice.as_ref()),
        number(value.value),
        rows_text(part.rows),
        number(limit)
    );
    outcome
}

/// The slices of one column are not too far apart.
fn apart(asked: &Asked, column: &str, spread: &Spread, parts: &[&Found]) -> Outcome {
    let summary = "The metric is about the same in every slice.";
    let mut outcome = asked.outcome("spread", summary, &spread.place);
    outcome.id = format!(
        "{}.spread({}, {column})",
        asked.model.name, asked.config.name
    );
    let mut values: Vec<(&Found, &Value)> = parts
        .iter()
        .filter(|part| part.slice.as_ref().is_some_and(|s| s.column == column))
        .filter_map(|part| Some((*part, part.candidate.as_ref().ok()?)))
        .collect();
    values.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
    let (Some(least), Some(most)) = (values.first(), values.last()) else {
        outcome.status = Status::Skipped;
        outcome.message = format!(
            "{}: no slice of `{column}` has enough rows and a value.",
            name(asked)
        );
        return outcome;
    };
    if values.len() < 2 {
        outcome.status = Status::Skipped;
        outcome.message = format!(
            "{}: only one slice of `{column}` has enough rows.",
            name(asked)
        );
        return outcome;
    }
    let gap = most.1.value - least.1.value;
    // Slices share no row: their errors add up by squares, with a share of the error for each pair that could be furthest.
    let pairs = (values.len() * (values.len() - 1) / 2) as f64;
    let half = |value: &Value, up: bool| {
        value.interval.as_ref().ok().map(|interval| {
            if up {
                interval.high - value.value
            } else {
                value.value - interval.low
            }
        })
    };
    let wider = corrected(asked, pairs);
    let toward = half(most.1, false).and_then(|a| half(least.1, true).map(|b| a.hypot(b)));
    let away = half(most.1, true).and_then(|a| half(least.1, false).map(|b| a.hypot(b)));
    outcome.measured = vec![measurement("spread", gap)];
    outcome.limits = vec![Threshold {
        name: "spread".to_owned(),
        op: "<=".to_owned(),
        text: number(spread.at_most),
        number: Some(spread.at_most),
        held: gap <= spread.at_most,
    }];
    let (status, end) = match (toward, away) {
        (Some(toward), _) if gap - wider * toward > spread.at_most => (
            asked.broken(),
            format!(
                ", at least {} on other rows like these",
                number(gap - wider * toward)
            ),
        ),
        (_, Some(away)) if gap + wider * away <= spread.at_most => (Status::Pass, String::new()),
        (Some(_), Some(_)) => (
            asked.unsure(asked.undecided()),
            ", which these rows do not decide".to_owned(),
        ),
        _ => (
            asked.unsure(asked.undecided()),
            ", and how sure that is cannot be told".to_owned(),
        ),
    };
    outcome.status = status;
    outcome.message = format!(
        "{} is {} where {} and {} where {}: {} apart{end}; at most {} is asked for.",
        name(asked),
        number(least.1.value),
        shown(least.0.slice.as_ref()),
        number(most.1.value),
        shown(most.0.slice.as_ref()),
        number(gap),
        number(spread.at_most)
    );
    outcome
}

/// How much wider an interval becomes where the furthest of so many pairs was picked (Bonferroni, normal).
fn corrected(asked: &Asked, pairs: f64) -> f64 {
    let share = crate::statistics::paired::Alpha::new(asked.alpha.value() / pairs.max(1.0));
    share.map_or(1.0, |share| share.z() / asked.alpha.z())
}
