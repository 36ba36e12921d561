//! One drift outcome per column and measure that moved, one passing outcome per column that did not.

use super::aligned::Aligned;
use super::coverage::Coverage;
use super::default_limit;
use super::fate::{Fate, Parts};
use super::gate::{self, Picture, Rows};
use super::measures::{
    Distance, Held, KNOWN, Known, Numbers, of_texts, one_sided_unchanged, share_unchanged,
};
use super::sides;
use crate::config::drift::Calibration;
use crate::contract::Privacy;
use crate::measure::{ColumnProfile, Profile, Quantile};
use crate::plan::DatasetPlan;
use crate::record::{
    Comparison, ComparisonKind, Measurement, Outcome, Severity, Status, Threshold,
};
use crate::scalar::number_text;
use std::collections::{BTreeMap, BTreeSet};

type Counts = BTreeMap<String, u64>;

/// Compares every column of either profile, then says which columns differ as such and which were not judged.
///
/// With `rows` of both sides the calibrated gate compares them, without them what the profiles count; fixed limits are
/// then held where they are written only. With `false_alarm: off` all fixed limits are, and nothing else.
/// Left out by design: excluded columns, dates and times (a new batch always moves them), nested values, and text
/// with more than [`super::CATEGORY_CAP`] values on both sides. Anything else that could not be compared makes the
/// last outcome `skipped`, or `error` where no column at all could be judged: drift never passes unseen.
#[must_use]
pub fn judge(
    plan: &DatasetPlan,
    (reference, current): (&Profile, &Profile),
    rows: Option<&Rows>,
    seed: u64,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut coverage = Coverage::default();
    if reference.rows > 0 && current.rows > 0 {
        for (name, before, now) in both(reference, current) {
            let fate = Fate::of(plan, name, before, now);
            if let (Some(before), Some(now), Some(parts)) = (before, now, fate.judged()) {
                outcomes.extend(Judge { plan, before, now }.parts(parts));
            }
            coverage.add(
                name,
                match (rows, plan.config.drift.calibration) {
                    (Some(_), _) => fate.with_rows(),
                    (None, Calibration::Off) => fate,
                    (None, _) => fate.with_profiles(before, now),
                },
            );
        }
        if plan.config.drift.calibration != Calibration::Off {
            let pictures = pictures(&outcomes);
            outcomes.retain(|o| is_written(plan, &o.check));
            let profiles = (reference, current);
            outcomes.extend(match rows {
                Some(rows) => gate::judge(plan, rows, profiles, &pictures, seed),
                None => gate::judge_profiles(plan, profiles, &pictures, seed),
            });
        }
        outcomes.extend(unheld(plan, &outcomes));
        outcomes.push(coverage.columns(plan));
    }
    outcomes.push(coverage.outcome(plan, reference.rows, current.rows));
    sides::say(plan, &coverage.differing(), &mut outcomes);
    outcomes
}

/// Written limits that no column could be held against: nobody may think that they were kept.
fn unheld(plan: &DatasetPlan, outcomes: &[Outcome]) -> Vec<Outcome> {
    let limits = plan.config.drift.limits.iter().map(|(name, ..)| name);
    let unheld = limits.filter(|name| {
        let check = format!("drift_{name}");
        outcomes.iter().all(|o| o.check != check)
    });
    let skipped = |name: &String| Outcome {
        status: Status::Skipped,
        message: format!("Skipped: no column has what the limit `{name}` is for."),
        ..blank(plan, name, None)
    };
    unheld.map(skipped).collect()
}

/// Whether a fixed limit was written; beside the calibrated gate only those are held.
fn is_written(plan: &DatasetPlan, check: &str) -> bool {
    let name = check.strip_prefix("drift_");
    name.is_some_and(|name| is_limit(plan, name))
}

/// Whether a limit of this name was written.
fn is_limit(plan: &DatasetPlan, name: &str) -> bool {
    let mut limits = plan.config.drift.limits.iter();
    limits.any(|(n, ..)| n == name)
}

/// The comparisons that were drawn with the distances beside them, by column.
fn pictures(outcomes: &[Outcome]) -> BTreeMap<String, Picture> {
    let drawn = |o: &Outcome| {
        let picture = Picture {
            comparison: o.comparison.clone()?,
            distances: o.measured.clone(),
        };
        Some((o.column.clone()?, picture))
    };
    outcomes.iter().filter_map(drawn).collect()
}

/// Columns of the current data in order, then those that only the reference has.
pub(super) fn both<'a>(
    reference: &'a Profile,
    current: &'a Profile,
) -> Vec<(
    &'a str,
    Option<&'a ColumnProfile>,
    Option<&'a ColumnProfile>,
)> {
    let here = current.columns.iter();
    let mut list: Vec<_> = here
        .map(|c| (c.name.as_str(), reference.column(&c.name), Some(c)))
        .collect();
    let gone = reference.columns.iter();
    let gone = gone.filter(|c| current.column(&c.name).is_none());
    list.extend(gone.map(|c| (c.name.as_str(), Some(c), None)));
    list
}

struct Judge<'a> {
    plan: &'a DatasetPlan,
    before: &'a ColumnProfile,
    now: &'a ColumnProfile,
}

impl Judge<'_> {
    fn parts(&self, parts: Parts) -> Vec<Outcome> {
        let mut outcomes = self.nulls();
        outcomes.extend(match parts {
            Parts::Nulls | Parts::Moments | Parts::Spans => Vec::new(),
            Parts::Numbers => self.numbers(),
            Parts::Categories => self.categories(),
        });
        outcomes
    }

    /// The limit of a measure: what the user gave, or the default.
    fn limit(&self, name: &str) -> Option<f64> {
        let mut given = self.plan.config.drift.limits.iter();
        let given = given.find(|(n, ..)| n == name);
        given.map_or_else(|| default_limit(name), |(_, v, _)| Some(*v))
    }

    /// Distances that are held for this column, in their order.
    fn held(&self, when: fn(&Known) -> Held) -> impl Iterator<Item = &'static str> {
        let held = move |k: &&Known| match when(k) {
            Held::ByDefault => true,
            Held::Written => is_limit(self.plan, k.name),
            Held::Never => false,
        };
        KNOWN.iter().filter(held).map(|k| k.name)
    }

    fn outcome(
        &self,
        measure: &str,
        distance: Distance,
        message: String,
        comparison: Option<Comparison>,
    ) -> Outcome {
        let limit = self.limit(measure).unwrap_or(f64::NAN);
        let round = |v: f64| number_text((v * 1e4).round() / 1e4);
        let number = |name: String, value: f64| Measurement {
            name,
            text: round(value),
            number: Some(value).filter(|v| v.is_finite()),
            unit: String::new(),
        };
        let blank = blank(self.plan, measure, Some(&self.now.name));
        let held = distance.value <= limit;
        Outcome {
            status: if held {
                Status::Pass
            } else {
                broken(self.plan)
            },
            message,
            measured: vec![
                number(measure.to_owned(), distance.value),
                number(format!("{measure}_unchanged"), distance.unchanged),
            ],
            limits: vec![Threshold {
                name: measure.to_owned(),
                op: "<=".to_owned(),
                text: round(limit),
                number: Some(limit),
                held,
            }],
            comparison: comparison.filter(|_| self.open()),
            ..blank
        }
    }

    /// Whether values of the column may be shown.
    fn open(&self) -> bool {
        self.plan.privacy(&self.now.name) == Privacy::Open
    }

    /// Change of the share of rows without a value: a NaN is none either.
    fn nulls(&self) -> Vec<Outcome> {
        let lacking = |p: &ColumnProfile| p.counters.nulls + p.counters.nan;
        let ratio = |p: &ColumnProfile| lacking(p) as f64 / p.counters.rows.max(1) as f64;
        let (before, now) = (ratio(self.before), ratio(self.now));
        let nan = self.before.counters.nan + self.now.counters.nan > 0;
        let message = format!(
            "Share of nulls{} in `{}` went from {} to {}.",
            if nan { " and NaN" } else { "" },
            self.now.name,
            percent(before),
            percent(now)
        );
        let counts = |p: &ColumnProfile| (lacking(p), p.counters.rows);
        let distance = Distance {
            value: (now - before).abs(),
            unchanged: share_unchanged(counts(self.before), counts(self.now)),
        };
        vec![self.outcome("null_ratio_change", distance, message, None)]
    }

    /// The distribution of numbers: those of [`KNOWN`] that are held, over the deciles of the reference or the finest bins
    /// that both sides have.
    ///
    /// Nulls and NaN: left out, their share is a measure of its own. Infinities have bins of their own.
    fn numbers(&self) -> Vec<Outcome> {
        let aligned = Aligned::new(&self.before.bins(), &self.now.bins());
        let (before, now) = aligned.deciles();
        let numbers = Numbers::new((self.before, self.now), &aligned, (&before, &now));
        let known = self.held(|k| k.numbers);
        let measured: Vec<(&str, Distance)> = known
            .filter_map(|name| Some((name, numbers.distance(name)?)))
            .collect();
        let (labels, reference, current) = aligned.picture();
        let mut comparison = Some(Comparison {
            kind: ComparisonKind::Histogram,
            labels,
            reference,
            current,
        });
        let outcome = |(name, distance): (&str, Distance)| {
            self.outcome(
                name,
                distance,
                self.moved(name, distance),
                comparison.take(),
            )
        };
        measured.into_iter().map(outcome).collect()
    }

    fn moved(&self, name: &str, distance: Distance) -> String {
        let median = |p: &ColumnProfile| p.quantile(0.5).map_or_else(String::new, Quantile::text);
        let what = if self.limit(name).is_some_and(|l| distance.value <= l) {
            "is distributed like"
        } else {
            "is distributed differently from"
        };
        let medians = if self.open() {
            format!(
                ": median {} then, {} now",
                median(self.before),
                median(self.now)
            )
        } else {
            String::new()
        };
        format!("`{}` {what} the reference{medians}.", self.now.name)
    }

    /// The mix of values: Jensen-Shannon distance of their shares, and the rows of values that one side lacks.
    ///
    /// Shape: one bin per value of either side. Nulls: left out, their share is a measure of its own.
    fn categories(&self) -> Vec<Outcome> {
        let (Some(before), Some(now)) = (counts(self.before), counts(self.now)) else {
            return Vec::new();
        };
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        let share = |counts: &Counts, total: u64| -> Vec<f64> {
            let of =
                |n: &&String| counts.get(*n).copied().unwrap_or(0) as f64 / total.max(1) as f64;
            names.iter().map(of).collect()
        };
        let comparison = Comparison {
            kind: ComparisonKind::Categories,
            labels: names.iter().map(|n| (*n).clone()).collect(),
            reference: share(&before, self.before.non_null()),
            current: share(&now, self.now.non_null()),
        };
        let mut drawn = Some(comparison.clone()).filter(|c| c.labels.len() <= 40);
        let shares = (&comparison.reference[..], &comparison.current[..]);
        let mut outcomes = Vec::new();
        for name in self.held(|k| k.texts) {
            let Some(distance) = of_texts(name, shares, (self.before, self.now)) else {
                continue;
            };
            let mixed = format!(
                "The mix of values of `{}` is at distance {} from the reference.",
                self.now.name,
                number_text((distance.value * 1e3).round() / 1e3)
            );
            outcomes.push(self.outcome(name, distance, mixed, drawn.take()));
        }
        outcomes.push(self.one_sided(
            "new_category_ratio",
            "the reference does not have",
            (&now, self.now),
            (&before, self.before),
        ));
        outcomes.push(self.one_sided(
            "lost_category_ratio",
            "only the reference has",
            (&before, self.before),
            (&now, self.now),
        ));
        outcomes
    }

    /// Share of the non-null rows of `side` whose value the other side does not have, 0 to 1; 0 without such rows.
    fn one_sided(
        &self,
        measure: &str,
        what: &str,
        (here, side): (&Counts, &ColumnProfile),
        (there, other): (&Counts, &ColumnProfile),
    ) -> Outcome {
        let only: Vec<(&String, &u64)> = here
            .iter()
            .filter(|(n, _)| !there.contains_key(*n))
            .collect();
        let rows: u64 = only.iter().map(|(_, count)| **count).sum();
        let few = only.iter().take(5).map(|(name, _)| name.as_str());
        let few = few.collect::<Vec<_>>().join(", ");
        let names = match (only.len(), self.open()) {
            (0, _) => "none".to_owned(),
            (n, false) => format!("{n} values"),
            (n, true) if n > 5 => format!("{few} and {} more", n - 5),
            (_, true) => few,
        };
        let message = format!(
            "Values of `{}` that {what}: {names} ({rows} of {} rows with a value).",
            self.now.name,
            side.non_null()
        );
        let together = |name: &String| {
            here.get(name).copied().unwrap_or(0) + there.get(name).copied().unwrap_or(0)
        };
        let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
        let counts: Vec<u64> = names.into_iter().map(together).collect();
        let distance = Distance {
            value: rows as f64 / side.non_null().max(1) as f64,
            unchanged: one_sided_unchanged(&counts, side.non_null(), other.non_null()),
        };
        self.outcome(measure, distance, message, None)
    }
}

/// Rows by value as text; absent when there are too many values.
fn counts(profile: &ColumnProfile) -> Option<Counts> {
    profile.values_seen().map(BTreeMap::from_iter)
}

/// What a drift beyond its limit is, by the dataset's drift severity.
pub(super) fn broken(plan: &DatasetPlan) -> Status {
    match plan.config.drift.severity {
        Severity::Info => Status::Pass,
        Severity::Warn => Status::Warn,
        Severity::Error => Status::Fail,
    }
}

/// An outcome of one drift measure in which nothing has been said yet; its status is `error`.
pub(super) fn blank(plan: &DatasetPlan, measure: &str, column: Option<&str>) -> Outcome {
    let drift = &plan.config.drift;
    let of = column.map_or_else(String::new, |c| format!("({c})"));
    Outcome {
        id: format!("{}.drift_{measure}{of}", plan.config.name),
        dataset: plan.config.name.clone(),
        check: format!("drift_{measure}"),
        column: column.map(str::to_owned),
        status: Status::Error,
        severity: drift.severity,
        message: String::new(),
        summary: "The column looks as it did in the reference.".to_owned(),
        measured: Vec::new(),
        limits: Vec::new(),
        failing: None,
        rows: None,
        samples: Vec::new(),
        comparison: None,
        location: Some(
            drift
                .place
                .as_ref()
                .unwrap_or(&plan.config.place)
                .location(),
        ),
        owner: plan.config.contract.as_ref().and_then(|c| c.owner.clone()),
        description: None,
        tags: vec!["drift".to_owned()],
        waiver: None,
        began: None,
    }
}

fn percent(share: f64) -> String {
    format!("{} %", number_text((share * 1e4).round() / 1e2))
}
