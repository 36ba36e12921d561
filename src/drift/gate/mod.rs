//! The calibrated drift gate: one level for the whole dataset, each change named with its size.
//!
//! `words` are its sentences, `kinds` those of recodings and of places in the file, `moments` those of dates and times,
//! `summary` is the outcome of the dataset as a whole, `counted` is the gate where a profile stands for the rows.

mod counted;
mod kinds;
mod moments;
mod slices;
mod summary;
pub(super) mod words;

pub use slices::{SLICE_ROWS, SLICES};

use super::fate::{Fate, Parts};
use super::judge::{blank, both, broken};
use super::sample::{Change, Compared, Drift, Moved, Origin, Renamed, Shape, Side, Values};
use crate::contract::Privacy;
use crate::measure::Profile;
use crate::plan::DatasetPlan;
use crate::record::{Comparison, Measurement, Outcome, Status, Threshold};
use crate::scalar::number_text;
use std::collections::BTreeMap;

/// Chance per run that an unchanged dataset is flagged, over all columns together, where `drift:` gives none.
pub const FALSE_ALARM: f64 = 0.01;

/// What `false_alarm` may be. Unit: share of runs.
pub const FALSE_ALARMS: std::ops::RangeInclusive<f64> = 0.001..=0.5;

/// Rows from which numbers that rise by row are taken for a count of the rows.
const COUNTING: usize = 20;

/// Floors in `drift: {floors: …}`: below them a change is reported and does not block. Name, default, meaning.
///
/// Unit: share of rows; of `correlation` a difference of rank correlations.
pub const FLOORS: &[(&str, f64, &str)] = &[
    (
        "distribution",
        0.02,
        "Share of rows that moved at least: numbers, or the category that changed most.",
    ),
    ("missing", 0.005, "Change of the share of missing values."),
    (
        "unseen",
        0.001,
        "Share of rows with values, or beyond the range, that the other side does not have.",
    ),
    (
        "repeated",
        0.005,
        "Change of the share of rows that occur more than once.",
    ),
    ("correlation", 0.05, "Change of a rank correlation."),
    (
        "rows",
        0.05,
        "Change of the number of rows, beside that of past runs.",
    ),
];

/// Floor that holds when `drift:` gives none. Unit: that of the floor; 0 for an unknown name.
#[must_use]
pub fn default_floor(name: &str) -> f64 {
    FLOORS
        .iter()
        .find(|(n, ..)| *n == name)
        .map_or(0.0, |(_, floor, _)| *floor)
}

/// Rows of both sides as the gate compares them.
#[derive(Debug)]
pub struct Rows {
    /// Compared columns, in the order of the sides' values.
    pub columns: Vec<(String, Shape)>,
    /// Rows of the reference.
    pub reference: Side,
    /// Rows under test.
    pub current: Side,
    /// Values that the same rows are parted by, one per column of `slices` that both sides have.
    pub slicings: Vec<Slicing>,
}

/// The values of a column that rows are parted by.
#[derive(Debug)]
pub struct Slicing {
    /// The column.
    pub column: String,
    /// Codes of the reference's rows, see [`super::sample::hash::text`]; 0 for no value.
    pub reference: Vec<u64>,
    /// Codes of the rows under test.
    pub current: Vec<u64>,
    /// What each code stands for.
    pub names: BTreeMap<u64, String>,
}

/// How a column looks on both sides, and how far apart that is by the measures that people know.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub comparison: Comparison,
    pub distances: Vec<Measurement>,
}

/// Columns that the gate compares, and how: those that both sides have, of one kind, and that are not excluded.
#[must_use]
pub fn columns(plan: &DatasetPlan, reference: &Profile, current: &Profile) -> Vec<(String, Shape)> {
    let shape = |name: &str, before, now| match Fate::of(plan, name, before, now).with_rows() {
        Fate::Judged(Parts::Numbers | Parts::Spans) => Some(Shape::Numbers),
        Fate::Judged(Parts::Moments) => Some(Shape::Moments),
        Fate::Judged(Parts::Categories) => Some(Shape::Texts),
        Fate::Judged(Parts::Nulls) | Fate::LeftOut(_) | Fate::Untold(_) => Some(Shape::Presence),
        Fate::Gone | Fate::New | Fate::Changed(_) | Fate::Excluded | Fate::Apart | Fate::Id => None,
    };
    let pairs = both(reference, current).into_iter();
    pairs
        .filter_map(|(name, before, now)| Some((name.to_owned(), shape(name, before, now)?)))
        .collect()
}

/// What the gate finds: an outcome per change, then one for the dataset.
///
/// `pictures` are the comparisons of columns by name. The same rows in any order, the same seed, and any number of
/// threads give the same outcomes.
#[must_use]
pub(super) fn judge(
    plan: &DatasetPlan,
    rows: &Rows,
    profiles: (&Profile, &Profile),
    pictures: &BTreeMap<String, Picture>,
    seed: u64,
) -> Vec<Outcome> {
    let false_alarm = plan.config.drift.false_alarm.per_run();
    if let Some(outcome) = summary::without_comparison(plan, rows, false_alarm) {
        let none = slices::without_comparison(plan, &outcome);
        return std::iter::once(outcome).chain(none).collect();
    }
    let sides = (&rows.reference, &rows.current);
    let counts = |c: &usize| counts_rows(&sides.0.columns[*c], &sides.1.columns[*c]);
    let (counting, columns): (Vec<usize>, Vec<usize>) = (0..rows.columns.len()).partition(counts);
    let mut compared = Compared::of_columns(sides, &columns, false_alarm, seed);
    if compared.p <= false_alarm {
        compared.spelled = kinds::spelled(&rows.columns, profiles);
    }
    let changes = compared.changes(false_alarm);
    let origins = &compared.origins;
    let gate = Gate {
        plan,
        columns: &rows.columns,
        profiles,
        pictures,
        origins,
        sampled: rows.current.hashes.len() as u64 != rows.current.rows,
        changed: changed(&changes),
    };
    let mut outcomes = gate.outcomes(&changes);
    let names: Vec<&str> = counting.iter().map(|c| gate.name(*c)).collect();
    let untimed: Vec<&str> = compared.untimed.iter().map(|c| gate.name(*c)).collect();
    let told = summary::Told {
        notes: summary::left_out(&names) + &summary::untimed(&untimed) + &summary::parts(rows),
        ..summary::Told::of_rows(&gate, &compared, &changes)
    };
    outcomes.push(summary::outcome(&gate, &told, &changes, &outcomes));
    let flagged = compared.p <= false_alarm;
    outcomes.extend(slices::judge(&gate, rows, &columns, (flagged, seed)));
    outcomes
}

/// What the gate finds where one side at least is known by its profile alone.
#[must_use]
pub(super) fn judge_profiles(
    plan: &DatasetPlan,
    profiles: (&Profile, &Profile),
    pictures: &BTreeMap<String, Picture>,
    seed: u64,
) -> Vec<Outcome> {
    let mut outcomes = counted::judge(plan, profiles, pictures, seed);
    let message = "Skipped: slices are parts of the rows, and a saved profile has none.";
    let none = Outcome {
        status: Status::Skipped,
        message: message.to_owned(),
        ..blank(plan, "dataset", None)
    };
    outcomes.extend(slices::without_comparison(plan, &none));
    outcomes
}

/// Whether a column holds whole numbers that rise from row to row on both sides: it counts rows, and a new batch
/// always moves it.
fn counts_rows(before: &Values, now: &Values) -> bool {
    let counts = |values: &Values| match values {
        Values::Numbers(v) => {
            let rises = v.windows(2).all(|w| w[0] < w[1]);
            v.len() >= COUNTING && rises && v.iter().all(|x| x.fract() == 0.0)
        }
        _ => false,
    };
    counts(before) && counts(now)
}

/// Scored columns that changed by themselves: more than in how they go with others.
fn changed(changes: &[Drift]) -> Vec<Origin> {
    let alone = changes.iter().filter(|d| !matches!(d.change, Change::Fit));
    alone.filter_map(|d| d.origin).collect()
}

pub(super) struct Gate<'a> {
    plan: &'a DatasetPlan,
    columns: &'a [(String, Shape)],
    profiles: (&'a Profile, &'a Profile),
    pictures: &'a BTreeMap<String, Picture>,
    origins: &'a [Origin],
    /// Whether a part of the rows under test was compared.
    sampled: bool,
    /// Scored columns that changed by themselves.
    changed: Vec<Origin>,
}

impl Gate<'_> {
    fn name(&self, column: usize) -> &str {
        &self.columns[column].0
    }

    fn is_open(&self, column: &str) -> bool {
        self.plan.privacy(column) == Privacy::Open
    }

    fn floor(&self, change: &Change) -> (&'static str, f64) {
        let name = floor_name(change);
        (name, self.floor_called(name))
    }

    fn floor_called(&self, name: &str) -> f64 {
        let given = self
            .plan
            .config
            .drift
            .floors
            .iter()
            .find(|(n, ..)| n == name);
        given.map_or_else(|| default_floor(name), |(_, floor, _)| *floor)
    }

    /// How far the average value moved, in the column's own unit; of distributions that may be shown.
    fn wasserstein(&self, column: &str, drift: &Drift) -> Option<Measurement> {
        let Change::Distribution { wasserstein, .. } = &drift.change else {
            return None;
        };
        let shown = self.is_open(column)
            && wasserstein.is_finite()
            && moments::name(drift.origin).is_none();
        shown.then(|| Measurement {
            text: words::plain(*wasserstein),
            ..number("wasserstein", *wasserstein)
        })
    }

    /// An outcome per change; the first where two have one name.
    fn outcomes(&self, changes: &[Drift]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = Vec::new();
        for drift in changes {
            let outcome = self.outcome(drift);
            if outcomes.iter().all(|o| o.id != outcome.id) {
                outcomes.push(outcome);
            }
        }
        outcomes
    }

    fn outcome(&self, drift: &Drift) -> Outcome {
        let column = drift.origin.map(|o| self.name(o.column()));
        let (measure, name) = names(&drift.change);
        let measure = moments::name(drift.origin).unwrap_or(measure);
        let (floor_name, floor) = self.floor(&drift.change);
        let beyond = drift.effect.interval.low > floor;
        let status = match (beyond, broken(self.plan)) {
            (true, status) => status,
            // One step less than what surely matters.
            (false, Status::Fail) => Status::Warn,
            (false, _) => Status::Pass,
        };
        let picture = column.and_then(|c| self.pictures.get(c).filter(|_| self.is_open(c)));
        let mut measured = vec![
            share(name, drift.effect.size, measured_unit(&drift.change)),
            number("p", drift.adjusted),
        ];
        if !matches!(drift.change, Change::Missing(..)) {
            measured.extend(picture.iter().flat_map(|p| p.distances.clone()));
            measured.extend(column.and_then(|c| self.wasserstein(c, drift)));
        }
        Outcome {
            status,
            message: self.sentence(drift, (floor_name, floor)),
            summary: "The rows look as if they came from where the reference came from.".to_owned(),
            measured,
            limits: vec![Threshold {
                name: name.to_owned(),
                op: "<=".to_owned(),
                text: number_text(floor),
                number: Some(floor),
                held: !beyond,
            }],
            comparison: picture.map(|p| p.comparison.clone()),
            ..blank(self.plan, measure, column)
        }
    }
}

fn floor_name(change: &Change) -> &'static str {
    match change {
        Change::Missing(..) => "missing",
        Change::Distribution { .. } | Change::Value { .. } | Change::Mix(_) | Change::Fit => {
            "distribution"
        }
        Change::Recoded { renamed, .. } if is_mix(renamed) => "distribution",
        Change::Unseen { .. } | Change::Recoded { .. } | Change::Range { .. } => "unseen",
        Change::Repeated(..) => "repeated",
        Change::Correlation(_) => "correlation",
    }
}

/// What an outcome is called, and what was measured for it.
fn names(change: &Change) -> (&'static str, &'static str) {
    match change {
        Change::Missing(..) => ("missing", "missing_ratio_change"),
        Change::Distribution {
            moved: Moved::Location,
            ..
        } => ("location", "moved_ratio"),
        Change::Distribution {
            moved: Moved::Scale,
            ..
        } => ("scale", "moved_ratio"),
        Change::Distribution {
            moved: Moved::Shape,
            ..
        } => ("shape", "moved_ratio"),
        Change::Value { .. } => ("value", "value_ratio_change"),
        Change::Mix(_) => ("mix", "category_ratio_change"),
        Change::Recoded { renamed, .. } if is_mix(renamed) => ("mix", "category_ratio_change"),
        Change::Unseen { .. } | Change::Recoded { .. } => ("unseen", "unseen_ratio"),
        Change::Range { .. } => ("range", "beyond_ratio"),
        Change::Fit => ("fit", "moved_ratio"),
        Change::Repeated(..) => ("repeated", "repeated_ratio_change"),
        Change::Correlation(_) => ("correlation", "correlation_change"),
    }
}

/// Whether both sides have all values of a recoding, so that it was found by another mix of them.
fn is_mix(renamed: &[Renamed]) -> bool {
    renamed.iter().all(|r| r.kept)
}

fn measured_unit(change: &Change) -> &'static str {
    if matches!(change, Change::Correlation(_)) {
        ""
    } else {
        "ratio"
    }
}

fn share(name: &str, value: f64, unit: &str) -> Measurement {
    Measurement {
        unit: unit.to_owned(),
        ..number(name, value)
    }
}

fn number(name: &str, value: f64) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: number_text((value * 1e4).round() / 1e4),
        number: Some(value),
        unit: String::new(),
    }
}
