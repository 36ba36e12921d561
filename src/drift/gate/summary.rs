//! The outcome of the dataset as a whole: changed or not, how sure, what was proved and what could not be.

use super::words::{grouped, percent, runs};
use super::{Gate, Rows, blank, broken, number};
use crate::diagnostic::plural;
use crate::drift::sample::{Change, Compared, Drift, Origin, Side, Values, distance};
use crate::plan::DatasetPlan;
use crate::record::{Measurement, Outcome, Status, Threshold};
use crate::scalar::number_text;
use crate::statistics::intervals::{Share, Z95, newcombe};

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
    let rows = [before.rows, now.rows];
    let ways = ways(before.hashes.len(), now.hashes.len());
    (ways * false_alarm < 1.0).then(|| too_few(plan, rows, false_alarm))
}

/// The outcome where so few rows are there that none of their labellings could be surprising enough.
pub(super) fn too_few(plan: &DatasetPlan, [before, now]: [u64; 2], false_alarm: f64) -> Outcome {
    Outcome {
        status: Status::Skipped,
        message: format!(
            "Skipped: {} rows of the reference and {} of the data are too few to show any change at a false alarm of {}.",
            grouped(before),
            grouped(now),
            percent(false_alarm)
        ),
        ..dataset(plan)
    }
}

/// Ways to label so many rows, at most `1e9`.
pub(super) fn ways(n: usize, m: usize) -> f64 {
    let mut ways = 1.0;
    for i in 1..=n.min(m) {
        ways *= (n.max(m) + i) as f64 / i as f64;
        if ways > 1e9 {
            break;
        }
    }
    ways
}

pub(super) fn dataset(plan: &DatasetPlan) -> Outcome {
    Outcome {
        summary: "The rows look as if they came from where the reference came from.".to_owned(),
        ..blank(plan, "dataset", None)
    }
}

/// What a comparison found, however it was made.
pub(super) struct Told {
    /// Probability of a dataset at least this surprising where nothing changed.
    pub p: f64,
    /// Columns compared.
    pub columns: usize,
    /// Numbers of what was done, by name.
    pub counts: Vec<(&'static str, usize)>,
    /// Rows a side that it would take to prove a column unchanged, by column; `None` where it is proved.
    pub proofs: Vec<Option<u64>>,
    /// Columns that cannot be proved unchanged with any number of rows: their ranges are too wide.
    pub coarse: Vec<String>,
    /// Sentences that follow, each with a space in front.
    pub notes: String,
}

impl Told {
    /// What comparing rows found.
    pub(super) fn of_rows(gate: &Gate, compared: &Compared, changes: &[Drift]) -> Self {
        let own = |c: &usize| matches!(compared.origins[*c], Origin::Values(_));
        let columns = (0..compared.origins.len()).filter(own);
        Self {
            p: compared.p,
            columns: compared.columns(),
            counts: vec![
                ("columns_compared", compared.columns()),
                ("tests", compared.findings.len()),
                ("labellings", compared.labellings),
                ("labelled_rows", compared.level_rows),
            ],
            proofs: if changes.is_empty() {
                columns.map(|c| compared.proof(gate, c)).collect()
            } else {
                Vec::new()
            },
            coarse: Vec::new(),
            notes: String::new(),
        }
    }
}

/// Says which columns were left out because they count rows.
pub(super) fn left_out(columns: &[&str]) -> String {
    if columns.is_empty() {
        return String::new();
    }
    let names: Vec<String> = columns.iter().map(|c| format!("`{c}`")).collect();
    format!(" Left out because they count rows: {}.", listed(&names))
}

/// Says of which columns the times of day were not compared.
pub(super) fn untimed(columns: &[&str]) -> String {
    if columns.is_empty() {
        return String::new();
    }
    let names: Vec<String> = columns.iter().map(|c| format!("`{c}`")).collect();
    format!(
        " Times of day are not compared without three whole days on both sides: {}.",
        listed(&names)
    )
}

/// Says which rows were compared where it was not all of them.
pub(super) fn parts(rows: &Rows) -> String {
    part(&rows.reference, "the reference") + &part(&rows.current, "the data")
}

/// The outcome after a comparison; `outcomes` are those of the changes.
///
/// `skipped` where nothing changed as far as can be told and a column could not be told well enough.
pub(super) fn outcome(
    gate: &Gate,
    told: &Told,
    changes: &[Drift],
    outcomes: &[Outcome],
) -> Outcome {
    let false_alarm = gate.plan.config.drift.false_alarm.per_run();
    let flagged = told.p <= false_alarm;
    // A change is news even where each part of it is too small to matter.
    let news = if broken(gate.plan) == Status::Pass {
        Status::Pass
    } else {
        Status::Warn
    };
    let status = match (flagged, told.coarse.is_empty()) {
        (true, _) => outcomes.iter().map(|o| o.status).fold(news, Status::max),
        (false, false) => Status::Skipped,
        (false, true) => Status::Pass,
    };
    let mut message = if flagged {
        changed(gate, told, changes)
    } else {
        unchanged(told)
    };
    if !flagged && !told.coarse.is_empty() {
        message.push_str(&coarse(&told.coarse));
    }
    message.push_str(&told.notes);
    let counts = told.counts.iter().map(|(name, n)| count(name, *n));
    Outcome {
        status,
        message,
        measured: std::iter::once(number("p", told.p)).chain(counts).collect(),
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

fn coarse(columns: &[String]) -> String {
    format!(
        " Not told finely enough: {}; a profile keeps ranges of so many different numbers, and one range holds more than a quarter of the floor `distribution`.",
        listed(columns)
    )
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

fn changed(gate: &Gate, told: &Told, changes: &[Drift]) -> String {
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
        plural(told.columns as u64, "column"),
        runs(told.p)
    )
}

pub(super) fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn unchanged(told: &Told) -> String {
    let total = told.columns;
    let left: Vec<u64> = told.proofs.iter().copied().flatten().collect();
    let proved = told.proofs.len() - left.len();
    let proof = match left.iter().max() {
        None => format!(" All {total} are proved to be unchanged within the floors."),
        Some(needed) => format!(
            " {proved} of {total} are proved to be unchanged within the floors; for {} that takes about {} rows a side.",
            left.len(),
            grouped(*needed)
        ),
    };
    format!(
        "No change found in {total} columns: unchanged data look at least this different in {}.{proof}",
        runs(told.p)
    )
}

impl Compared {
    /// [`proof`] of a column.
    fn proof(&self, gate: &Gate, column: usize) -> Option<u64> {
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
        proof(gate, self.missing(column), moved)
    }
}

/// Whether a column is proved to be unchanged within the floors: `None` where it is, else the rows a side that an
/// unchanged column would take. `moved` is the upper end of how much its values can have changed.
pub(super) fn proof(gate: &Gate, (before, now): (Share, Share), moved: f64) -> Option<u64> {
    let missing = newcombe(before, now, Z95).absolute().high;
    let rows = before.rows.min(now.rows).max(1);
    // The upper end shrinks with the square root of the rows.
    let more = |high: f64, floor: &str| rows_for(rows, high, gate.floor_called(floor));
    let needed = more(missing, "missing").max(more(moved, "distribution"));
    (needed > rows).then_some(needed)
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
