//! Every metric over all rows and over every slice, for both sides.

use super::compare::{Ready, Sampling, alone, bounds, difference};
use crate::model::evaluation::Evaluation;
use crate::model::metric::{Direction, Metric};
use crate::model::rows::{Problem, Side};
use crate::model::source::{Tracked, TrackedMetric};
use crate::statistics::intervals::{Interval, Share};
use crate::statistics::paired::unpaired::{self, unpaired};
use crate::statistics::paired::{Alpha, NoInterval, Paired};

/// The rows that a metric was measured on, where they are not all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Column.
    pub column: String,
    /// Its value in these rows.
    pub value: String,
}

/// A metric's value with where it is on all rows like these.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The value.
    pub value: f64,
    /// Its bounds, or why there are none.
    pub interval: Result<Interval, NoInterval>,
}

/// How the candidate compares with another model.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The other one's value.
    pub value: f64,
    /// The difference, or why its noise is not known.
    pub paired: Result<Paired, NoInterval>,
    /// By how much the candidate is better.
    pub gain: f64,
}

/// One metric over one set of rows.
#[derive(Debug, Clone)]
pub struct Found {
    /// Place of the metric in the configuration.
    pub metric: usize,
    /// Absent for all rows.
    pub slice: Option<Slice>,
    /// Rows; absent where they are not known.
    pub rows: Option<u64>,
    /// The candidate's value, or why there is none.
    pub candidate: Result<Value, Problem>,
    /// The comparison with the baseline, where there is one.
    pub baseline: Option<Result<Compared, Problem>>,
    /// The comparison with the anchor, where there is one.
    pub anchor: Option<Result<Compared, Problem>>,
}

/// How sure a comparison is to be, and how it resamples.
#[derive(Debug, Clone, Copy)]
pub struct Care {
    /// One-sided error.
    pub alpha: Alpha,
    /// Random numbers.
    pub sampling: Sampling,
}

/// Every metric over all rows.
#[must_use]
pub fn whole(metrics: &[Metric], rows: &Evaluation, care: Care) -> Vec<Found> {
    let of = |(place, metric)| one(place, metric, rows, care, None);
    metrics.iter().enumerate().map(of).collect()
}

/// Slices by column: those with enough rows, measured, and those without, by name and rows.
#[must_use]
pub fn slices(
    metrics: &[Metric],
    rows: &Evaluation,
    least_rows: u64,
    care: Care,
) -> (Vec<Found>, Vec<(Slice, u64)>) {
    let (mut found, mut small) = (Vec::new(), Vec::new());
    for slicing in &rows.slices {
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); slicing.names.len()];
        for (row, part) in slicing.of.iter().enumerate() {
            if let Some(part) = parts.get_mut(*part as usize) {
                part.push(u32::try_from(row).unwrap_or(u32::MAX));
            }
        }
        for (name, part) in slicing.names.iter().zip(parts) {
            let slice = Slice {
                column: slicing.column.clone(),
                value: name.clone(),
            };
            if (part.len() as u64) < least_rows {
                small.push((slice, part.len() as u64));
                continue;
            }
            let rows = rows.gather(&part);
            for (place, metric) in metrics.iter().enumerate() {
                found.push(one(place, metric, &rows, care, Some(slice.clone())));
            }
        }
    }
    small.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    (found, small)
}

fn one(
    place: usize,
    metric: &Metric,
    rows: &Evaluation,
    care: Care,
    slice: Option<Slice>,
) -> Found {
    let candidate = alone(metric, &rows.candidate, rows);
    let against = |other: &Option<Side>| {
        let other = other.as_ref()?;
        let compared = candidate.as_ref().map_err(Clone::clone).and_then(|ready| {
            let before = alone(metric, other, rows)?;
            let value = before.value(None).unwrap_or(f64::NAN);
            let now = ready.value(None).unwrap_or(f64::NAN);
            let paired = difference(
                metric,
                Ready {
                    prepared: ready,
                    side: &rows.candidate,
                },
                Ready {
                    prepared: &before,
                    side: other,
                },
                rows,
                care.alpha,
                care.sampling,
            );
            Ok(Compared {
                value,
                paired,
                gain: gain(metric, now, value),
            })
        });
        Some(compared)
    };
    let (baseline, anchor) = (against(&rows.baseline), against(&rows.anchor));
    let candidate = candidate.map(|prepared| {
        let ready = Ready {
            prepared: &prepared,
            side: &rows.candidate,
        };
        let interval = bounds(metric, ready, rows, care.alpha, care.sampling);
        Value {
            value: prepared.value(None).unwrap_or(f64::NAN),
            interval: interval.map(|(interval, _)| interval),
        }
    });
    Found {
        metric: place,
        slice,
        rows: Some(rows.candidate.rows() as u64),
        candidate,
        baseline,
        anchor,
    }
}

/// By how much a value is better than another one.
fn gain(metric: &Metric, now: f64, before: f64) -> f64 {
    match metric.direction() {
        Direction::LowerIsBetter => before - now,
        Direction::HigherIsBetter | Direction::Neutral => now - before,
    }
}

/// The comparison of a value of which rows or summaries are known with a tracked one.
///
/// Problems: the tracked metric is not there, or is another metric.
pub fn against_tracked(
    metric: &Metric,
    name: &str,
    now: &TrackedMetric,
    other: &Tracked,
    slice: Option<&Slice>,
    alpha: Alpha,
) -> Result<Compared, Problem> {
    let of = slice.map(|s| (s.column.as_str(), s.value.as_str()));
    let before = tracked(metric, name, other, of)?;
    let paired =
        unpaired(side(metric, now), side(metric, before), alpha).map(|paired| {
            match metric.direction() {
                Direction::LowerIsBetter => paired.turned(),
                Direction::HigherIsBetter | Direction::Neutral => paired,
            }
        });
    Ok(Compared {
        value: before.value,
        paired,
        gain: gain(metric, now.value, before.value),
    })
}

/// A tracked metric, when it is the metric that was asked for.
///
/// Problems: it is not there; it is defined otherwise; its value cannot be.
pub fn tracked<'a>(
    metric: &Metric,
    name: &str,
    source: &'a Tracked,
    slice: Option<(&str, &str)>,
) -> Result<&'a TrackedMetric, Problem> {
    let Some(found) = source.metric(name, slice) else {
        let place = slice.map_or_else(String::new, |(c, v)| format!(" for {c} = {v}"));
        return Err(format!(
            "{} has no `{name}`{place}; {}",
            source.origin.address,
            source.listing(name)
        ));
    };
    let definition = metric.definition();
    if let Some(other) = found.definition.as_ref().filter(|d| **d != definition) {
        return Err(format!(
            "`{name}` of {} is {other}, and the candidate's is {definition}: they cannot be compared",
            source.origin.address
        ));
    }
    let (least, most) = metric.range();
    if !(least..=most).contains(&found.value) {
        return Err(format!(
            "`{name}` of {} is {}, which is outside {least} to {most}",
            source.origin.address, found.value
        ));
    }
    Ok(found)
}

/// What is known of a tracked value's noise.
fn side(metric: &Metric, tracked: &TrackedMetric) -> unpaired::Side {
    match (tracked.standard_error, tracked.rows) {
        (Some(standard_error), rows) => unpaired::Side::Estimate {
            value: tracked.value,
            standard_error,
            rows,
        },
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a row count"
        )]
        (None, Some(rows)) if is_share_of_rows(metric) => unpaired::Side::Counts(Share {
            hits: (tracked.value * rows as f64).round() as u64,
            rows,
        }),
        (None, _) => unpaired::Side::Number(tracked.value),
    }
}

/// Whether a metric is the share of all rows that are right, so that a value and a count say how sure it is.
fn is_share_of_rows(metric: &Metric) -> bool {
    ["accuracy", "interval_coverage"].contains(&metric.name().as_str())
}

/// The value of a tracked metric with its bounds.
#[must_use]
pub fn value_of(metric: &Metric, tracked: &TrackedMetric, alpha: Alpha) -> Value {
    let exact = unpaired::Side::Estimate {
        value: 0.0,
        standard_error: 0.0,
        rows: None,
    };
    Value {
        value: tracked.value,
        interval: unpaired(side(metric, tracked), exact, alpha).map(|paired| paired.interval),
    }
}
