//! The history gate: a batch against the ordinary spread of the batches before it, as outcomes.
//!
//! `ordinary` compares, and knows nothing of configurations and reports; `words` says it.

pub mod ordinary;
mod slices;
mod words;

use super::deciding::told;
use super::gate::default_floor;
use super::judge::{blank, broken};
use crate::config::drift::FalseAlarm;
use crate::contract::Privacy;
use crate::history::{Night, NightColumn};
use crate::plan::DatasetPlan;
use crate::record::{Comparison, ComparisonKind, Measurement, Outcome, Status, Threshold};
use crate::scalar::number_text;
use ordinary::{By, Compared, Finding, Kind, Labels, Spending, compare_by_calendar};

/// What every outcome of past runs promises.
const SUMMARY: &str = "The batch looks like those of ordinary runs before it.";

/// Floor of the age of the latest date or time: half of the time between runs.
const LATE: f64 = 0.5;

/// What a batch shows beside those before: one outcome per unusual thing, one of its columns, one for the dataset.
///
/// `past` holds the runs before the one under test, ascending in time, of any standing; those that are not ordinary
/// are left out here. With fewer than [`ordinary::FEWEST`] of them the outcome of the dataset is `skipped`, and so it is on
/// a day of the calendar while too few special days before it are known: what is unusual is then told, and decides nothing.
#[must_use]
pub fn judge(plan: &DatasetPlan, past: &[Night], current: &Night) -> Vec<Outcome> {
    let past: Vec<Night> = past.iter().map(|n| without_excluded(plan, n)).collect();
    let current = without_excluded(plan, current);
    if current.rows == 0 {
        return vec![skipped(plan, "the dataset has no rows")];
    }
    let days = &plan.config.drift.calendar;
    let spending = spending(plan.config.drift.false_alarm);
    let compared = compare_by_calendar(&past, &current, spending, &|n| days.name(n.at));
    let compared = match &compared {
        Ok(compared) => compared,
        Err(more) => return vec![skipped(plan, &words::few(plan, *more))],
    };
    let gate = Gate {
        plan,
        past: &past,
        current: &current,
        compared,
    };
    let unusual = compared
        .findings
        .iter()
        .filter(|f| !gate.is_told_already(f));
    let unusual: Vec<&Finding> = unusual.collect();
    let mut outcomes = gate.outcomes(&unusual);
    let columns = columns(plan, &past, &current);
    let whole = if let By::Early { .. } = compared.by {
        let whole = gate.early(&outcomes);
        outcomes = told(outcomes, "past runs do not decide on this special day");
        whole
    } else {
        let all = outcomes.iter().chain([&columns]).map(|o| o.status);
        gate.dataset(all.fold(Status::Pass, Status::max), &outcomes)
    };
    outcomes.extend([columns, whole]);
    outcomes.extend(slices::outcomes(&gate, &unusual));
    outcomes
}

/// What a false alarm is counted by, as the gate spends it.
fn spending(false_alarm: FalseAlarm) -> Spending {
    match false_alarm {
        FalseAlarm::PerRun(share) => Spending::PerRun(share),
        FalseAlarm::PerYear { rate } => Spending::PerYear(rate),
    }
}

/// A night without the columns that `exclude` names.
fn without_excluded(plan: &DatasetPlan, night: &Night) -> Night {
    let excluded = |c: &NightColumn| {
        plan.config
            .drift
            .exclude
            .iter()
            .any(|(name, _)| *name == c.name)
    };
    let mut night = night.clone();
    night.columns.retain(|c| !excluded(c));
    night
}

fn skipped(plan: &DatasetPlan, why: &str) -> Outcome {
    Outcome {
        status: Status::Skipped,
        message: format!("Skipped: {why}."),
        summary: SUMMARY.to_owned(),
        ..blank(plan, "history", None)
    }
}

/// One comparison on its way to outcomes.
struct Gate<'a> {
    plan: &'a DatasetPlan,
    past: &'a [Night],
    current: &'a Night,
    compared: &'a Compared,
}

/// What was measured for a kind.
fn measured(kind: Kind) -> &'static str {
    match kind {
        Kind::Rows => "rows",
        Kind::Fresh => "age_days",
        Kind::Missing => "missing_ratio",
        Kind::Location => "superiority",
        Kind::Scale => "rank_spread",
        Kind::Shape => "range_ratio",
        Kind::Value => "value_ratio",
        Kind::Mix => "category_ratio",
        Kind::Unseen => "unseen_ratio",
        Kind::Low => "min",
        Kind::High => "max",
        Kind::Repeated => "repeated_ratio",
        Kind::Together => "association",
    }
}

/// The floor that a kind is held against; absent for the age of the latest date.
fn floor_name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Rows => Some("rows"),
        Kind::Fresh => None,
        Kind::Missing => Some("missing"),
        Kind::Location | Kind::Scale | Kind::Shape | Kind::Value | Kind::Mix => {
            Some("distribution")
        }
        Kind::Unseen | Kind::Low | Kind::High => Some("unseen"),
        Kind::Repeated => Some("repeated"),
        Kind::Together => Some("correlation"),
    }
}

impl Gate<'_> {
    fn column(&self, finding: &Finding) -> Option<&NightColumn> {
        Some(&self.current.columns[finding.column?])
    }

    fn is_open(&self, column: &str) -> bool {
        self.plan.privacy(column) == Privacy::Open
    }

    fn floor(&self, kind: Kind) -> f64 {
        let Some(name) = floor_name(kind) else {
            return LATE;
        };
        let given = self
            .plan
            .config
            .drift
            .floors
            .iter()
            .find(|(n, ..)| n == name);
        given.map_or_else(|| default_floor(name), |(_, floor, _)| *floor)
    }

    /// Whether a more surprising finding of the column says the same of its distribution.
    fn is_told_already(&self, finding: &Finding) -> bool {
        let distribution = |f: &Finding| floor_name(f.kind) == Some("distribution");
        let before = self.compared.findings.iter().take_while(|f| *f != finding);
        let same = |f: &Finding| f.column == finding.column && distribution(f);
        distribution(finding) && before.into_iter().any(same)
    }

    /// One outcome per kind and column, in the order of the columns; those of the dataset first.
    fn outcomes(&self, findings: &[&Finding]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = findings.iter().map(|f| self.outcome(f)).collect();
        outcomes.sort_by(|a, b| a.id.cmp(&b.id));
        outcomes.dedup_by(|a, b| a.id == b.id);
        let columns = &self.current.columns;
        let place = |o: &Outcome| {
            columns
                .iter()
                .position(|c| Some(&c.name) == o.column.as_ref())
        };
        outcomes.sort_by_key(place);
        outcomes
    }

    fn outcome(&self, finding: &Finding) -> Outcome {
        let column = self.column(finding).map(|c| c.name.as_str());
        let open = column.is_none_or(|c| self.is_open(c));
        let name = measured(finding.kind);
        let beyond = finding.surely > self.floor(finding.kind);
        let status = match (beyond, broken(self.plan)) {
            (true, status) => status,
            // One step less than what surely matters.
            (false, Status::Fail) => Status::Warn,
            (false, _) => Status::Pass,
        };
        let shows = open || !matches!(finding.kind, Kind::Low | Kind::High);
        let mut measured = Vec::new();
        if shows {
            measured.push(number(name, finding.now));
            measured.push(number("expected", finding.expected));
            measured.push(number("ordinary_low", finding.ordinary.0));
            measured.push(number("ordinary_high", finding.ordinary.1));
        }
        measured.push(number("p", finding.adjusted));
        measured.push(number("nights", finding.window as f64));
        Outcome {
            status,
            message: self.sentence(finding, beyond),
            summary: SUMMARY.to_owned(),
            measured,
            limits: if shows {
                limits(name, finding)
            } else {
                Vec::new()
            },
            comparison: comparison(finding).filter(|_| open),
            ..blank(
                self.plan,
                &format!("history_{}", finding.kind.word()),
                column,
            )
        }
    }
}

/// Between which values nothing is unusual at the level of the dataset.
fn limits(name: &str, finding: &Finding) -> Vec<Threshold> {
    let (low, high) = finding.bounds;
    let one = |op: &str, bound: f64, held: bool| Threshold {
        name: name.to_owned(),
        op: op.to_owned(),
        text: number_text(words::rounded(bound)),
        number: Some(bound),
        held,
    };
    let all = [
        one(">=", low, finding.now >= low),
        one("<=", high, finding.now <= high),
    ];
    all.into_iter()
        .filter(|l| !l.held && l.number.is_some_and(f64::is_finite))
        .collect()
}

fn number(name: &str, value: f64) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: number_text(words::rounded(value)),
        number: Some(value).filter(|v| v.is_finite()),
        unit: if name.ends_with("_ratio") {
            "ratio".to_owned()
        } else {
            String::new()
        },
    }
}

fn comparison(finding: &Finding) -> Option<Comparison> {
    let picture = finding.picture.as_ref()?;
    let (kind, labels) = match &picture.labels {
        Labels::Numbers(low) => {
            let from = |v: &f64| format!("from {}", crate::measure::short(*v));
            (ComparisonKind::Histogram, low.iter().map(from).collect())
        }
        Labels::Texts(texts) => (ComparisonKind::Categories, texts.clone()),
    };
    Some(Comparison {
        kind,
        labels,
        reference: picture.before.clone(),
        current: picture.now.clone(),
    })
}

impl Gate<'_> {
    /// Nights that count: of a day that is held against those of its name they, else ordinary ones.
    fn ordinary(&self) -> impl DoubleEndedIterator<Item = &Night> + Clone {
        let days = &self.plan.config.drift.calendar;
        let name = match self.compared.by {
            By::Name => days.name(self.current.at),
            By::Ordinary | By::Special(_) | By::Early { .. } => None,
        };
        let past = self.past.iter().filter(|n| n.standing.teaches());
        past.filter(move |n| days.name(n.at) == name)
    }

    fn dataset_measured(&self) -> Vec<Measurement> {
        let compared = self.compared;
        let mut measured = vec![
            number("p", compared.p),
            count("ordinary_runs", compared.nights),
            count("features", compared.tests),
            number("effective_tests", compared.effective),
            number("tail_exponent", compared.exponent),
        ];
        if let By::Special(days) | By::Early { known: days, .. } = compared.by {
            measured.push(count("special_days", days));
        }
        measured
    }

    /// The outcome of the dataset on a special day that past runs do not decide on; `outcomes` are what is unusual.
    fn early(&self, outcomes: &[Outcome]) -> Outcome {
        Outcome {
            measured: self.dataset_measured(),
            ..skipped(self.plan, &self.not_judged(outcomes))
        }
    }

    /// The outcome of the dataset as a whole; `outcomes` are all others.
    fn dataset(&self, status: Status, outcomes: &[Outcome]) -> Outcome {
        let compared = self.compared;
        let flagged = compared.is_flagged();
        // What is unusual is news even where each part of it is too small to matter.
        let news = if broken(self.plan) == Status::Pass {
            Status::Pass
        } else {
            Status::Warn
        };
        let level = compared.level;
        Outcome {
            status: if flagged { status.max(news) } else { status },
            message: self.whole(outcomes),
            summary: SUMMARY.to_owned(),
            measured: self.dataset_measured(),
            limits: vec![Threshold {
                name: "p".to_owned(),
                op: ">".to_owned(),
                text: number_text(words::rounded(level)),
                number: Some(level),
                held: !flagged,
            }],
            ..blank(self.plan, "history", None)
        }
    }
}

/// Whether the batch has the columns of the nights before, each of the type that it had on the latest.
fn columns(plan: &DatasetPlan, past: &[Night], current: &Night) -> Outcome {
    let teaching = past.iter().filter(|n| n.standing.teaches());
    let latest: Vec<&Night> = teaching.rev().take(ordinary::FEWEST).collect();
    let known = |name: &str| {
        let nights = latest.iter().filter_map(|n| find(n, name));
        // A night without a value does not tell the type.
        nights
            .clone()
            .find(|c| !c.is_untyped())
            .or_else(|| nights.clone().next())
    };
    let (mut new, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for column in &current.columns {
        match known(&column.name) {
            None => new.push(format!("`{}`", column.name)),
            Some(before) => changed.extend(otherwise(before, &latest, column)),
        }
    }
    // A column that the latest night lacked already is no news.
    for column in latest.first().iter().flat_map(|n| &n.columns) {
        if find(current, &column.name).is_none() {
            gone.push(format!("`{}`", column.name));
        }
    }
    let differing = new.len() + changed.len() + gone.len();
    let held = differing == 0;
    let parts = [("gone", gone), ("new", new), ("of another type", changed)];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what}: {}", words::listed(names)))
        .collect();
    Outcome {
        status: if held { Status::Pass } else { broken(plan) },
        message: if held {
            "Columns are those of the nights before.".to_owned()
        } else {
            format!("Columns {}.", parts.join("; "))
        },
        summary: "The columns are those of the nights before.".to_owned(),
        measured: vec![Measurement {
            unit: "columns".to_owned(),
            ..count("columns_changed", differing)
        }],
        limits: vec![Threshold {
            name: "columns_changed".to_owned(),
            op: "<=".to_owned(),
            text: "0".to_owned(),
            number: Some(0.0),
            held,
        }],
        ..blank(plan, "history_columns", None)
    }
}

/// What a column is otherwise than before: its type, or that its values are not profiled any more, which is said as long as
/// one of the latest nights knew them: nothing else says that the column is not compared.
fn otherwise(before: &NightColumn, latest: &[&Night], now: &NightColumn) -> Option<String> {
    let name = &now.name;
    if !before.is_like(now) {
        return Some(format!(
            "`{name}` ({} before, {} now)",
            before.dtype, now.dtype
        ));
    }
    let mut nights = latest.iter().filter_map(|n| find(n, name));
    let lost = nights.any(|c| c.is_better_known_than(now));
    lost.then(|| format!("`{name}` (values beyond what is profiled now)"))
}

fn find<'a>(night: &'a Night, name: &str) -> Option<&'a NightColumn> {
    night.columns.iter().find(|c| c.name == name)
}

fn count(name: &str, n: usize) -> Measurement {
    Measurement {
        text: n.to_string(),
        number: Some(n as f64),
        ..number(name, n as f64)
    }
}
