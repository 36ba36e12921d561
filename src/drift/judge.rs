//! One drift outcome per column and measure that moved, one passing outcome per column that did not.

use super::coverage::Coverage;
use super::default_limit;
use super::fate::{Fate, Parts};
use super::gate::{self, Picture, Rows};
use crate::config::drift::Calibration;
use crate::contract::Privacy;
use crate::measure::bins::{Bins, number};
use crate::measure::{ColumnProfile, Profile, Quantile, short};
use crate::plan::DatasetPlan;
use crate::record::{
    Comparison, ComparisonKind, Measurement, Outcome, Severity, Status, Threshold,
};
use crate::scalar::number_text;
use crate::statistics::distances::psi_unchanged;
use crate::statistics::{jensen_shannon, kolmogorov_smirnov, psi};
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
        outcomes.push(coverage.columns(plan));
    }
    outcomes.push(coverage.outcome(plan, reference.rows, current.rows));
    outcomes
}

/// Whether a fixed limit was written; beside the calibrated gate only those are held.
fn is_written(plan: &DatasetPlan, check: &str) -> bool {
    let mut limits = plan.config.drift.limits.iter();
    limits.any(|(name, ..)| check.strip_prefix("drift_") == Some(name))
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
            Parts::Nulls => Vec::new(),
            Parts::Numbers => self.numbers(),
            Parts::Categories => self.categories(),
        });
        outcomes
    }

    /// The limit of a measure: what the user gave, or the default.
    fn limit(&self, name: &str) -> f64 {
        let given = self
            .plan
            .config
            .drift
            .limits
            .iter()
            .find(|(n, ..)| n == name);
        given.map_or_else(|| default_limit(name), |(_, v, _)| *v)
    }

    fn outcome(
        &self,
        measure: &str,
        value: f64,
        message: String,
        comparison: Option<Comparison>,
    ) -> Outcome {
        let limit = self.limit(measure);
        let round = |v: f64| number_text((v * 1e4).round() / 1e4);
        let blank = blank(self.plan, measure, Some(&self.now.name));
        let held = value <= limit;
        Outcome {
            status: if held {
                Status::Pass
            } else {
                broken(self.plan)
            },
            message,
            measured: vec![Measurement {
                name: measure.to_owned(),
                text: round(value),
                number: Some(value),
                unit: String::new(),
            }],
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
        vec![self.outcome("null_ratio_change", (now - before).abs(), message, None)]
    }

    /// The distribution of numbers: PSI over the deciles of the reference, Kolmogorov-Smirnov over the finest bins
    /// that both sides have. Beside the index stands what it is on average where nothing changed.
    ///
    /// Nulls and NaN: left out, their share is a measure of its own. Infinities have bins of their own.
    fn numbers(&self) -> Vec<Outcome> {
        let aligned = Aligned::new(&self.before.bins(), &self.now.bins());
        let (labels, before, now) = aligned.deciles();
        let index = psi(&before, &now);
        let unchanged = psi_unchanged(self.before.valued(), self.now.valued(), before.len());
        let distance = kolmogorov_smirnov(&aligned.reference, &aligned.current);
        let comparison = Comparison {
            kind: ComparisonKind::Histogram,
            labels,
            reference: before,
            current: now,
        };
        let median = |p: &ColumnProfile| p.quantile(0.5).map_or_else(String::new, Quantile::text);
        let words = |value: f64, limit: f64| {
            let what = if value > limit {
                "is distributed differently from"
            } else {
                "is distributed like"
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
        };
        let (psi_limit, ks_limit) = (self.limit("psi"), self.limit("ks"));
        let mut by_deciles = self.outcome("psi", index, words(index, psi_limit), Some(comparison));
        by_deciles.measured.push(Measurement {
            name: "psi_unchanged".to_owned(),
            text: number_text((unchanged * 1e4).round() / 1e4),
            number: Some(unchanged),
            unit: String::new(),
        });
        vec![
            by_deciles,
            self.outcome("ks", distance, words(distance, ks_limit), None),
        ]
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
        let distance = jensen_shannon(&comparison.reference, &comparison.current);
        let mixed = format!(
            "The mix of values of `{}` is at distance {} from the reference.",
            self.now.name,
            number_text((distance * 1e3).round() / 1e3)
        );
        let drawn = Some(comparison).filter(|c| c.labels.len() <= 40);
        vec![
            self.outcome("js", distance, mixed, drawn),
            self.one_sided(
                "new_category_ratio",
                "the reference does not have",
                (&now, &before),
                self.now,
            ),
            self.one_sided(
                "lost_category_ratio",
                "only the reference has",
                (&before, &now),
                self.before,
            ),
        ]
    }

    /// Share of the non-null rows of `side` whose value the other side does not have, 0 to 1; 0 without such rows.
    fn one_sided(
        &self,
        measure: &str,
        what: &str,
        (here, there): (&Counts, &Counts),
        side: &ColumnProfile,
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
        let ratio = rows as f64 / side.non_null().max(1) as f64;
        self.outcome(measure, ratio, message, None)
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
    }
}

fn percent(share: f64) -> String {
    format!("{} %", number_text((share * 1e4).round() / 1e2))
}

/// Counts of two profiles over the same bins in ascending order.
struct Aligned {
    low: Vec<f64>,
    reference: Vec<u64>,
    current: Vec<u64>,
}

impl Aligned {
    /// Both over the wider bins of the two; a bin that only one side occupies counts 0 on the other.
    fn new(reference: &Bins, current: &Bins) -> Self {
        let shift = reference.shift().max(current.shift());
        let mut counts: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for (bin, count) in reference.clone().at_shift(shift).entries() {
            counts.entry(bin).or_default().0 += count;
        }
        for (bin, count) in current.clone().at_shift(shift).entries() {
            counts.entry(bin).or_default().1 += count;
        }
        Self {
            low: counts.keys().map(|bin| number(bin << shift)).collect(),
            reference: counts.values().map(|(r, _)| *r).collect(),
            current: counts.values().map(|(_, c)| *c).collect(),
        }
    }

    /// What each range between deciles of the reference is called, and the shares of the reference and of the current
    /// data in it.
    ///
    /// Shape: at most 10 ranges, fewer where one value holds several deciles; each list of shares sums to 1.
    fn deciles(&self) -> (Vec<String>, Vec<f64>, Vec<f64>) {
        let totals: (u64, u64) = (self.reference.iter().sum(), self.current.iter().sum());
        let (mut labels, mut shares) = (Vec::new(), (Vec::new(), Vec::new()));
        let (mut decile, mut seen, mut start, mut part) = (1, 0u64, 0, (0u64, 0u64));
        for (i, (reference, current)) in self.reference.iter().zip(&self.current).enumerate() {
            seen += reference;
            part = (part.0 + reference, part.1 + current);
            let last = i + 1 == self.low.len();
            let full = decile < 10 && seen * 10 >= totals.0 * decile;
            if full || last {
                labels.push(format!("from {}", short(self.low[start])));
                shares.0.push(part.0 as f64 / totals.0.max(1) as f64);
                shares.1.push(part.1 as f64 / totals.1.max(1) as f64);
                (start, part) = (i + 1, (0, 0));
                while decile < 10 && seen * 10 >= totals.0 * decile {
                    decile += 1;
                }
            }
        }
        (labels, shares.0, shares.1)
    }
}
