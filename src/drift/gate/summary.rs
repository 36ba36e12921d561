//! The outcome of the dataset as a whole: changed or not, how sure, what was proved and what could not be.

use super::words::{grouped, percent, runs};
use super::{Gate, Rows, blank, broken, number};
use crate::diagnostic::plural;
use crate::drift::sample::{Change, Compared, Drift, Origin, Side, Values, distance};
use crate::plan::DatasetPlan;
use crate::record::{Measurement, Outcome, Status, Threshold};
use crate::scalar::number_text;
use crate::statistics::intervals::{Z95, newcombe};

/// Names shown.
const SHOWN: usize = 10;

/// The outcome where nothing need or can be compared: the same rows on both sides, no column, too few rows.
pub(super) fn without_comparison(
    plan: &DatasetPlan,
    rows: &Rows,
    false_alarm: f64,
) -> Option<Outcome> {
    let (before, now) = (&rows.reference, &rows.current);
    let said = |status, message| {
        Some(Outcome {
            status,
            message,
            ..dataset(plan)
        })
    };
    if rows.columns.is_empty() || before.rows == 0 || now.rows == 0 {
        return said(
            Status::Skipped,
            "Skipped: there is nothing that both sides have.".to_owned(),
        );
    }
    if before.rows == now.rows && before.digest == now.digest {
        let message = format!(
            "Nothing changed: the {} rows are those of the reference.",
            grouped(now.rows)
        );
        return said(Status::Pass, message);
    }
    let labellings = ways(before.hashes.len(), now.hashes.len());
    (labellings * false_alarm < 1.0).then(|| Outcome {
        status: Status::Skipped,
        message: format!(
            "Skipped: {} rows of the reference and {} of the data are too few to show any change at a false alarm of {}.",
            grouped(before.rows),
            grouped(now.rows),
            percent(false_alarm)
        ),
        ..dataset(plan)
    })
}

/// Ways to label so many rows, at most `1e9`.
fn ways(n: usize, m: usize) -> f64 {
    let mut ways = 1.0;
    for i in 1..=n.min(m) {
        ways *= (n.max(m) + i) as f64 / i as f64;
        if ways > 1e9 {
            break;
        }
    }
    ways
}

fn dataset(plan: &DatasetPlan) -> Outcome {
    Outcome {
        summary: "The rows look as if they came from where the reference came from.".to_owned(),
        ..blank(plan, "dataset", None)
    }
}

/// The outcome after a comparison; `outcomes` are those of the changes.
pub(super) fn outcome(
    gate: &Gate,
    compared: &Compared,
    changes: &[Drift],
    outcomes: &[Outcome],
    counting: &[usize],
) -> Outcome {
    let false_alarm = gate.plan.config.drift.false_alarm.per_run();
    let flagged = compared.p <= false_alarm;
    // A change is news even where each part of it is too small to matter.
    let news = if broken(gate.plan) == Status::Pass {
        Status::Pass
    } else {
        Status::Warn
    };
    let status = outcomes.iter().map(|o| o.status).fold(news, Status::max);
    let mut message = if flagged {
        changed(gate, compared, changes)
    } else {
        unchanged(gate, compared)
    };
    if !counting.is_empty() {
        let names: Vec<String> = counting
            .iter()
            .map(|c| format!("`{}`", gate.name(*c)))
            .collect();
        message.push_str(" Left out because they count rows: ");
        message.push_str(&listed(&names));
        message.push('.');
    }
    if !compared.untimed.is_empty() {
        let names: Vec<String> = compared
            .untimed
            .iter()
            .map(|c| format!("`{}`", gate.name(*c)))
            .collect();
        message.push_str(" Times of day are not compared without three whole days on both sides: ");
        message.push_str(&listed(&names));
        message.push('.');
    }
    for (side, name) in [
        (&gate.rows.reference, "the reference"),
        (&gate.rows.current, "the data"),
    ] {
        message.push_str(&part(side, name));
    }
    Outcome {
        status: if flagged { status } else { Status::Pass },
        message,
        measured: vec![
            number("p", compared.p),
            count("columns_compared", compared.columns()),
            count("tests", compared.findings.len()),
            count("labellings", compared.labellings),
            count("labelled_rows", compared.level_rows),
        ],
        limits: vec![Threshold {
            name: "p".to_owned(),
            op: ">".to_owned(),
            text: number_text(false_alarm),
            number: Some(false_alarm),
            held: !flagged,
        }],
        ..dataset(gate.plan)
    }
}

pub(super) fn count(name: &str, n: usize) -> Measurement {
    Measurement {
        text: n.to_string(),
        ..number(name, n as f64)
    }
}

/// Says which rows were compared where it was not all of them.
fn part(side: &Side, name: &str) -> String {
    if side.hashes.len() as u64 == side.rows {
        return String::new();
    }
    format!(
        " Of {name} {} of {} rows were compared, chosen at random.",
        grouped(side.hashes.len() as u64),
        grouped(side.rows)
    )
}

fn changed(gate: &Gate, compared: &Compared, changes: &[Drift]) -> String {
    let named = |surely: bool| {
        let of = |d: &&Drift| (d.effect.interval.low > gate.floor(&d.change).1) == surely;
        let mut names: Vec<String> = Vec::new();
        for drift in changes.iter().filter(of) {
            let name = match drift.origin {
                Some(origin) => format!("`{}`", gate.name(origin.column())),
                None if matches!(drift.change, Change::Repeated(..)) => {
                    "rows that repeat".to_owned()
                }
                None => "how columns go together".to_owned(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    };
    let (large, mut small) = (named(true), named(false));
    small.retain(|name| !large.contains(name));
    let parts = [
        ("by more than the floors", large),
        ("but not surely by more than the floors", small),
    ];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts
        .map(|(how, names)| format!("{how}: {}", listed(names)))
        .collect();
    format!(
        "Changed {} ({} compared). Unchanged data would look this different in at most {}.",
        parts.join("; "),
        plural(compared.columns() as u64, "column"),
        runs(compared.p)
    )
}

pub(super) fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn unchanged(gate: &Gate, compared: &Compared) -> String {
    let total = compared.columns();
    let (mut proved, mut needed) = (0, 0u64);
    for column in 0..compared.origins.len() {
        if !matches!(compared.origins[column], Origin::Values(_)) {
            continue;
        }
        match compared.proof(gate, column) {
            None => proved += 1,
            Some(rows) => needed = needed.max(rows),
        }
    }
    let proof = match (proved, total - proved) {
        (_, 0) => format!(" All {total} are proved to be unchanged within the floors."),
        (_, left) => format!(
            " {proved} of {total} are proved to be unchanged within the floors; for {left} that takes about {} rows a side.",
            grouped(needed)
        ),
    };
    format!(
        "No change found in {total} columns: unchanged data look at least this different in {}.{proof}",
        runs(compared.p)
    )
}

impl Compared {
    /// Whether a column is proved to be unchanged within the floors: `None` where it is, else the rows a side that an
    /// unchanged column would take.
    fn proof(&self, gate: &Gate, column: usize) -> Option<u64> {
        let floor = |name: &str| {
            let given = gate
                .plan
                .config
                .drift
                .floors
                .iter()
                .find(|(n, ..)| n == name);
            given.map_or_else(|| super::default_floor(name), |(_, v, _)| *v)
        };
        let (before, now) = self.missing(column);
        let missing = newcombe(before, now, Z95).absolute().high;
        let rows = before.rows.min(now.rows).max(1);
        // The upper end shrinks with the square root of the rows.
        let more = |high: f64, floor: f64| rows_for(rows, high, floor);
        let moved = match self.values(column) {
            Values::Numbers(_) | Values::Derived(_) => {
                let sorted = self.sorted(column);
                if sorted.before.is_empty() || sorted.now.is_empty() {
                    0.0
                } else {
                    distance(&sorted).interval.high
                }
            }
            Values::Texts(_) => self
                .largest_category(column)
                .map_or(0.0, |(_, e)| e.interval.high),
            Values::Moments(_) | Values::Presence(_) => 0.0,
        };
        let needed = more(missing, floor("missing")).max(more(moved, floor("distribution")));
        (needed > rows).then_some(needed)
    }
}

/// Rows at which an upper end that shrinks with their square root reaches the floor, to two digits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
fn rows_for(rows: u64, high: f64, floor: f64) -> u64 {
    if high <= floor {
        return 0;
    }
    let needed = rows as f64 * (high / floor.max(1e-9)).powi(2);
    let digit = 10f64.powi(needed.log10().floor() as i32 - 1);
    ((needed / digit).ceil() * digit) as u64
}
