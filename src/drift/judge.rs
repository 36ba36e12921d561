//! One drift outcome per column and measure that moved, one passing outcome per column that did not.

use super::{CATEGORY_CAP, default_limit};
use crate::contract::Privacy;
use crate::measure::{ColumnProfile, Profile};
use crate::plan::DatasetPlan;
use crate::record::{
    Comparison, ComparisonKind, Measurement, Outcome, Severity, Status, Threshold,
};
use crate::scalar::number_text;
use crate::statistics::{jensen_shannon, kolmogorov_smirnov, psi};
use std::collections::BTreeSet;

/// Compares every column that both profiles have; left out: excluded columns, dates and times (a new batch always
/// moves them), columns whose type changed, and text beyond the category cap.
#[must_use]
pub fn judge(plan: &DatasetPlan, reference: &Profile, current: &Profile) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for column in &current.columns {
        let excluded = plan
            .config
            .drift
            .exclude
            .iter()
            .any(|(name, _)| *name == column.name);
        let temporal = ["date", "time", "duration"]
            .iter()
            .any(|t| column.dtype.starts_with(t));
        let Some(before) = reference.column(&column.name) else {
            continue;
        };
        if excluded || temporal || before.dtype != column.dtype || column.not_profiled.is_some() {
            continue;
        }
        if before.values() == 0 || column.rows == 0 {
            continue;
        }
        let judge = Judge {
            plan,
            before,
            now: column,
        };
        outcomes.extend(judge.nulls());
        outcomes.extend(if before.sorted.is_empty() {
            judge.categories()
        } else {
            judge.numbers()
        });
    }
    outcomes
}

struct Judge<'a> {
    plan: &'a DatasetPlan,
    before: &'a ColumnProfile,
    now: &'a ColumnProfile,
}

#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
impl Judge<'_> {
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
        let held = value <= limit;
        let severity = self.plan.config.drift.severity;
        let round = |v: f64| number_text((v * 1e4).round() / 1e4);
        Outcome {
            id: format!(
                "{}.drift_{measure}({})",
                self.plan.config.name, self.now.name
            ),
            dataset: self.plan.config.name.clone(),
            check: format!("drift_{measure}"),
            column: Some(self.now.name.clone()),
            status: match (held, severity) {
                (true, _) | (false, Severity::Info) => Status::Pass,
                (false, Severity::Warn) => Status::Warn,
                (false, Severity::Error) => Status::Fail,
            },
            severity,
            message,
            summary: "The column looks as it did in the reference.".to_owned(),
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
            failing: None,
            rows: None,
            samples: Vec::new(),
            comparison: comparison.filter(|_| self.plan.privacy(&self.now.name) == Privacy::Open),
            location: Some(
                self.plan
                    .config
                    .drift
                    .place
                    .as_ref()
                    .unwrap_or(&self.plan.config.place)
                    .location(),
            ),
            owner: self
                .plan
                .config
                .contract
                .as_ref()
                .and_then(|c| c.owner.clone()),
            description: None,
            tags: vec!["drift".to_owned()],
            waiver: None,
        }
    }

    fn nulls(&self) -> Vec<Outcome> {
        let ratio = |p: &ColumnProfile| p.nulls as f64 / p.rows.max(1) as f64;
        let (before, now) = (ratio(self.before), ratio(self.now));
        let message = format!(
            "Share of nulls in `{}` went from {} to {}.",
            self.now.name,
            percent(before),
            percent(now)
        );
        vec![self.outcome("null_ratio_change", (now - before).abs(), message, None)]
    }

    fn numbers(&self) -> Vec<Outcome> {
        if self.now.sorted.is_empty() {
            return Vec::new();
        }
        let mut edges: Vec<f64> = (1..10)
            .filter_map(|i| self.before.quantile(f64::from(i) / 10.0))
            .collect();
        edges.dedup();
        let (before, now) = (
            shares(&self.before.sorted, &edges),
            shares(&self.now.sorted, &edges),
        );
        let comparison = Comparison {
            kind: ComparisonKind::Histogram,
            labels: std::iter::once("lowest".to_owned())
                .chain(edges.iter().map(|e| format!("> {}", number_text(*e))))
                .collect(),
            reference: before.clone(),
            current: now.clone(),
        };
        let median = |p: &ColumnProfile| p.quantile(0.5).map_or_else(String::new, number_text);
        let index = psi(&before, &now);
        let moved = |what: &str| {
            format!(
                "`{}` {what} the reference: median {} then, {} now.",
                self.now.name,
                median(self.before),
                median(self.now)
            )
        };
        let words = |value: f64, limit: f64| {
            moved(if value > limit {
                "is distributed differently from"
            } else {
                "is distributed like"
            })
        };
        let distance = kolmogorov_smirnov(&self.before.sorted, &self.now.sorted);
        vec![
            self.outcome(
                "psi",
                index,
                words(index, self.limit("psi")),
                Some(comparison),
            ),
            self.outcome("ks", distance, words(distance, self.limit("ks")), None),
        ]
    }

    fn categories(&self) -> Vec<Outcome> {
        let (Some(before), Some(now)) = (&self.before.counts, &self.now.counts) else {
            return Vec::new();
        };
        if before.len() > CATEGORY_CAP || now.len() > CATEGORY_CAP || now.is_empty() {
            return Vec::new();
        }
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        let share = |counts: &std::collections::BTreeMap<String, u64>, total: u64| -> Vec<f64> {
            names
                .iter()
                .map(|n| counts.get(*n).copied().unwrap_or(0) as f64 / total.max(1) as f64)
                .collect()
        };
        let (was, is) = (
            share(before, self.before.values()),
            share(now, self.now.values()),
        );
        let new: Vec<&str> = now
            .keys()
            .filter(|n| !before.contains_key(*n))
            .map(String::as_str)
            .collect();
        let lost: Vec<&str> = before
            .keys()
            .filter(|n| !now.contains_key(*n))
            .map(String::as_str)
            .collect();
        let new_rows: u64 = new.iter().filter_map(|n| now.get(*n)).sum();
        let list = |values: &[&str]| {
            let shown = values
                .iter()
                .take(5)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let open = self.plan.privacy(&self.now.name) == Privacy::Open;
            match (values.len(), open) {
                (0, _) => "none".to_owned(),
                (n, false) => format!("{n} values"),
                (n, true) if n > 5 => format!("{shown} and {} more", n - 5),
                (_, true) => shown,
            }
        };
        let new_message = format!(
            "Values of `{}` that the reference does not have: {} ({new_rows} of {} rows); values it lost: {}.",
            self.now.name,
            list(&new),
            self.now.rows,
            list(&lost)
        );
        let comparison = Comparison {
            kind: ComparisonKind::Categories,
            labels: names.iter().map(|n| (*n).clone()).collect(),
            reference: was.clone(),
            current: is.clone(),
        };
        let distance = jensen_shannon(&was, &is);
        let mixed = format!(
            "The mix of values of `{}` is at distance {} from the reference.",
            self.now.name,
            number_text((distance * 1e3).round() / 1e3)
        );
        let new_ratio = new_rows as f64 / self.now.values().max(1) as f64;
        vec![
            self.outcome(
                "js",
                distance,
                mixed,
                Some(comparison).filter(|c| c.labels.len() <= 40),
            ),
            self.outcome("new_category_ratio", new_ratio, new_message, None),
        ]
    }
}

fn percent(share: f64) -> String {
    format!("{} %", number_text((share * 1e4).round() / 1e2))
}

/// Shares of values in `(-inf, e1], (e1, e2] .. (ek, inf)`.
#[expect(clippy::cast_precision_loss, reason = "row counts stay far below 2^53")]
fn shares(sorted: &[f64], edges: &[f64]) -> Vec<f64> {
    let mut below = 0;
    let mut found = Vec::with_capacity(edges.len() + 1);
    for edge in edges {
        let at = sorted.partition_point(|v| v <= edge);
        found.push((at - below) as f64 / sorted.len() as f64);
        below = at;
    }
    found.push((sorted.len() - below) as f64 / sorted.len() as f64);
    found
}
