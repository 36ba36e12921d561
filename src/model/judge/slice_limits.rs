//! Fixed limits of slices: for the worst of them, and for how far they are apart.

use super::asked::{Asked, measurement, name};
use super::found::{Found, Value};
use super::gap::{Bounded, Gap, gap};
use super::limits::{Held, few, held};
use super::slices::{named, shown};
use super::words::{number, rows_text};
use crate::config::models::{Certainty, Policy, Spread};
use crate::record::{Outcome, Status, Threshold};
use crate::statistics::paired::Alpha;

/// Every slice keeps a fixed limit.
pub(super) fn worst_limit(asked: &Asked, parts: &[&Found], limit: f64, at_least: bool) -> Outcome {
    let words = if at_least { "at least" } else { "at most" };
    let check = if at_least {
        "worst_slice_at_least"
    } else {
        "worst_slice_at_most"
    };
    let summary = format!("In every slice the metric is {words} its limit.");
    let mut outcome = asked.outcome(check, &summary, &asked.config.place);
    let unable: Vec<&Found> = parts
        .iter()
        .copied()
        .filter(|p| p.candidate.is_err())
        .collect();
    let own = asked.config.rules.slices.as_ref();
    let own = own.and_then(|rules| rules.on_inconclusive);
    let policy = own.unwrap_or(asked.undecided());
    let Some((part, value, held)) = worst(asked, parts, (limit, at_least), policy) else {
        // Slices of enough rows without any value were asked for and not evaluated.
        let none = unable.is_empty();
        outcome.status = if none { Status::Skipped } else { Status::Error };
        outcome.message = format!("{}: no slice has enough rows and a value.", name(asked));
        return outcome;
    };
    outcome.status = match held.status {
        Status::Pass if !unable.is_empty() => own.map_or(Status::Warn, |p| asked.unsure(p)),
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
    let without = without_value(&unable);
    let rows_asked = if held.is_of_few() {
        format!(", and at least {} rows", asked.model.min_rows)
    } else {
        String::new()
    };
    outcome.message = format!(
        "{} of the worst slice, {}, is {} in {}; {words} {} is asked for{rows_asked}{without}.",
        name(asked),
        shown(part.slice.as_ref()),
        number(value.value),
        rows_text(part.rows),
        number(limit)
    );
    outcome
}

fn without_value(unable: &[&Found]) -> String {
    match unable.len() {
        0 => String::new(),
        1 => format!("; 1 slice has no value ({})", named(unable)),
        n => format!("; {n} slices have no value ({})", named(unable)),
    }
}

/// The slice that holds the limit worst: by status, then by value.
fn worst<'a>(
    asked: &Asked,
    parts: &[&'a Found],
    (limit, at_least): (f64, bool),
    policy: Policy,
) -> Option<(&'a Found, &'a Value, Held)> {
    let rank = |status: Status| match status {
        Status::Fail | Status::Error => 3,
        Status::Inconclusive => 2,
        Status::Warn | Status::Skipped => 1,
        _ => 0,
    };
    let poorness = |value: &Value| if at_least { -value.value } else { value.value };
    let judged = parts.iter().filter_map(|part| {
        let value = part.candidate.as_ref().ok()?;
        let held = held(asked, (value, part.rows), (limit, at_least), policy);
        Some((*part, value, held))
    });
    // Of equal ones the first, so that the order of the slices decides.
    judged.reduce(|worst, next| {
        let worse = rank(next.2.status)
            .cmp(&rank(worst.2.status))
            .then(poorness(next.1).total_cmp(&poorness(worst.1)));
        if worse.is_gt() { next } else { worst }
    })
}

/// The slices of one column are not too far apart.
pub(super) fn apart(asked: &Asked, column: &str, spread: &Spread, parts: &[&Found]) -> Outcome {
    let summary = "The metric is about the same in every slice.";
    let mut outcome = asked.outcome("spread", summary, &spread.place);
    outcome.id = format!(
        "{}.spread({}, {column})",
        asked.model.name, asked.config.name
    );
    let of_column = |part: &&&Found| part.slice.as_ref().is_some_and(|s| s.column == column);
    let here: Vec<&Found> = parts.iter().filter(of_column).copied().collect();
    let unable: Vec<&Found> = here
        .iter()
        .copied()
        .filter(|p| p.candidate.is_err())
        .collect();
    let mut values: Vec<(&Found, &Value)> = here
        .iter()
        .filter_map(|part| Some((*part, part.candidate.as_ref().ok()?)))
        .collect();
    values.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
    let (Some(least), Some(most), 2..) = (values.first(), values.last(), values.len()) else {
        let none = unable.is_empty();
        outcome.status = if none { Status::Skipped } else { Status::Error };
        outcome.message = format!(
            "{}: fewer than two slices of `{column}` have enough rows and a value.",
            name(asked)
        );
        return outcome;
    };
    let gap = most.1.value - least.1.value;
    outcome.measured = vec![measurement("spread", gap)];
    outcome.limits = vec![Threshold {
        name: "spread".to_owned(),
        op: "<=".to_owned(),
        text: number(spread.at_most),
        number: Some(spread.at_most),
        held: gap <= spread.at_most,
    }];
    let (status, end) = judged_gap(asked, &values, spread.at_most);
    outcome.status = match status {
        Status::Pass if !unable.is_empty() => Status::Warn,
        other => other,
    };
    let without = without_value(&unable);
    outcome.message = format!(
        "{} is {} where {} and {} where {}: {} apart{end}; at most {} is asked for{without}.",
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

/// What is proved of the greatest gap between two of these slices, which are in the order of their values, and how that is
/// said.
fn judged_gap(asked: &Asked, values: &[(&Found, &Value)], at_most: f64) -> (Status, String) {
    let unsure = asked.unsure(asked.undecided());
    if asked.config.rules.certainty == Some(Certainty::Point) {
        let gap = values[values.len() - 1].1.value - values[0].1.value;
        let kept = gap <= at_most;
        let status = if kept { Status::Pass } else { asked.broken() };
        return (status, String::new());
    }
    let known = values.iter().filter_map(|(part, value)| {
        let interval = *value.interval.as_ref().ok()?;
        let value = value.value;
        Some((*part, Bounded { value, interval }))
    });
    let (parts, bounded): (Vec<&Found>, Vec<Bounded>) = known.unzip();
    let pairs = (values.len() * (values.len() - 1) / 2) as f64;
    match gap(&bounded, at_most, corrected(asked, pairs)) {
        Gap::Above { least, most, gap } => {
            let of = |place: usize| shown(parts[place].slice.as_ref());
            let between = if (least, most) == (0, values.len() - 1) {
                String::new()
            } else {
                format!(" between {} and {}", of(least), of(most))
            };
            let end = format!(
                ", at least {}{between} on other rows like these",
                number(gap)
            );
            (asked.broken(), end)
        }
        _ if parts.len() < values.len() => {
            (unsure, ", and how sure that is cannot be told".to_owned())
        }
        Gap::Within => match values.iter().find(|(part, _)| few(asked, part.rows)) {
            Some((part, _)) => {
                let (of, rows) = (shown(part.slice.as_ref()), rows_text(part.rows));
                let least = asked.model.min_rows;
                (
                    unsure,
                    format!(", but {of} has {rows} and {least} are asked for"),
                )
            }
            None => (Status::Pass, String::new()),
        },
        Gap::Open => (unsure, ", which these rows do not decide".to_owned()),
    }
}

/// How much wider an interval becomes where one of so many pairs was picked (Bonferroni, normal).
fn corrected(asked: &Asked, pairs: f64) -> f64 {
    let share = Alpha::new(asked.alpha.value() / pairs.max(1.0));
    share.map_or(1.0, |share| share.z() / asked.alpha.z())
}
