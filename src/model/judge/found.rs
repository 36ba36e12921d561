//! Every metric over all rows and over every slice, for both sides.

use super::compare::{
    Ready, Sampling, alone, areas, bounds, difference, differing, turned, within,
};
use super::linear::{linear, wider};
use super::resample::{Drawn, Open, Part, SIDES, intervals, over_all};
use super::tail::as_wary;
use crate::model::evaluation::Evaluation;
use crate::model::metric::{Direction, Metric, Prepared};
use crate::model::rows::{Problem, Side};
use crate::model::source::{Tracked, TrackedMetric};
use crate::statistics::intervals::{Interval, Share};
use crate::statistics::paired::spread;
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
    /// Rows of the side that has fewer, of those sides of which they are known.
    pub rows: Option<u64>,
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

/// What is found over all rows, over slices, and which slices are too small.
#[derive(Debug, Clone, Default)]
pub struct All {
    /// Every metric over all rows.
    pub whole: Vec<Found>,
    /// Every metric over every slice that is large enough, by column.
    pub slices: Vec<Found>,
    /// Slices that are too small, largest first, with their rows.
    pub small: Vec<(Slice, u64)>,
}

/// Every metric over all rows and over the slices with so many rows.
///
/// Rows that are drawn anew are drawn once for all metrics and slices where their sums are all that is needed. Threads
/// share the slices; the result does not depend on them.
#[must_use]
pub fn all(metrics: &[Metric], rows: &Evaluation, least_rows: u64, care: Care) -> All {
    let (parts, small) = parts(rows, least_rows);
    let (mut whole, open) = measured(metrics, rows, care, None);
    let places: Vec<Part> = parts.iter().map(|(_, part, _)| *part).collect();
    let (drawn, of_parts) = over_all(&open, rows, &places, care);
    fill(metrics, &mut whole, &open, rows, &drawn, care);
    drop(open);
    let alone = Care {
        sampling: Sampling {
            threads: 1,
            ..care.sampling
        },
        ..care
    };
    let slices = spread(
        parts.len(),
        care.sampling.threads,
        || (),
        |at, ()| {
            let (slice, _, part) = &parts[at];
            let rows = rows.gather(part);
            let (mut found, open) = measured(metrics, &rows, alone, Some(slice));
            let drawn = of_parts.get(at).map_or(&[][..], Vec::as_slice);
            fill(metrics, &mut found, &open, &rows, drawn, alone);
            as_wary(metrics, &mut found, &whole, care.alpha);
            found
        },
    );
    All {
        whole,
        slices: slices.into_iter().flatten().collect(),
        small,
    }
}

/// A slice, where it is, and its rows.
type Rows = (Slice, Part, Vec<u32>);

/// Slices by column: those with enough rows, and those without, by name and rows, largest first.
fn parts(rows: &Evaluation, least_rows: u64) -> (Vec<Rows>, Vec<(Slice, u64)>) {
    let (mut large, mut small) = (Vec::new(), Vec::new());
    for (column, slicing) in rows.slices.iter().enumerate() {
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); slicing.names.len()];
        for (row, part) in slicing.of.iter().enumerate() {
            if let Some(part) = parts.get_mut(*part as usize) {
                part.push(u32::try_from(row).unwrap_or(u32::MAX));
            }
        }
        for ((code, name), part) in (0..).zip(&slicing.names).zip(parts) {
            let slice = Slice {
                column: slicing.column.clone(),
                value: name.clone(),
            };
            if (part.len() as u64) < least_rows {
                small.push((slice, part.len() as u64));
            } else {
                large.push((slice, Part { column, code }, part));
            }
        }
    }
    small.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    (large, small)
}

/// Intervals that are not drawn yet.
const NOT_DRAWN: NoInterval = NoInterval::Undefined;

/// Every metric, with the intervals that need no rows drawn anew, and what is open.
fn measured(
    metrics: &[Metric],
    rows: &Evaluation,
    care: Care,
    slice: Option<&Slice>,
) -> (Vec<Found>, Vec<Open>) {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for (place, metric) in metrics.iter().enumerate() {
        let (one, left) = one(place, metric, rows, care, slice);
        found.push(one);
        open.extend(left);
    }
    (found, open)
}

fn one(
    place: usize,
    metric: &Metric,
    rows: &Evaluation,
    care: Care,
    slice: Option<&Slice>,
) -> (Found, Option<Open>) {
    let mut open = Open {
        metric: place,
        sides: [None, None, None],
        wanted: [false; SIDES],
        span: metric.own_span(&rows.candidate.predicted.own),
    };
    let candidate = alone(metric, &rows.candidate, rows);
    let area = rows.baseline.as_ref();
    let area = area.and_then(|b| areas(metric, &rows.candidate, b, rows, care.alpha));
    let mut known = area.map(|found| found.map(|(_, paired)| paired));
    let mut compared = [None, None];
    for (at, other) in [&rows.baseline, &rows.anchor].into_iter().enumerate() {
        let Some(other) = other else { continue };
        let candidate = candidate.as_ref().map_err(Clone::clone);
        compared[at] = Some(candidate.and_then(|ready| {
            let before = alone(metric, other, rows)?;
            let known = known.take().filter(|_| at == 0);
            let (found, wanted) = beside(
                metric,
                (ready, &rows.candidate),
                (&before, other),
                rows,
                (care, known),
            );
            open.wanted[at + 1] = wanted;
            open.sides[at + 1] = Some(before).filter(|_| wanted);
            Ok(found)
        }));
    }
    let value = candidate.as_ref().map_err(Clone::clone).map(|prepared| {
        let ready = Ready {
            prepared,
            side: &rows.candidate,
        };
        let interval = match area {
            Some(Ok((own, _))) => Some(Ok(own)),
            _ => bounds(metric, ready, rows, care),
        };
        open.wanted[0] = interval.is_none();
        Value {
            value: prepared.value(None).unwrap_or(f64::NAN),
            interval: interval.unwrap_or(Err(NOT_DRAWN)),
        }
    });
    let left = open.wanted.contains(&true);
    open.sides[0] = candidate.ok().filter(|_| left);
    let [baseline, anchor] = compared;
    let found = Found {
        metric: place,
        slice: slice.cloned(),
        rows: Some(rows.candidate.rows() as u64),
        candidate: value,
        baseline,
        anchor,
    };
    (found, Some(open).filter(|_| left))
}

/// A comparison, of which the interval may be known, and whether it has to be drawn.
fn beside(
    metric: &Metric,
    (ready, side): (&Prepared, &Side),
    (before, other): (&Prepared, &Side),
    rows: &Evaluation,
    (care, known): (Care, Option<Result<Paired, NoInterval>>),
) -> (Compared, bool) {
    let now = ready.value(None).unwrap_or(f64::NAN);
    let value = before.value(None).unwrap_or(f64::NAN);
    let sides = [(ready, side), (before, other)];
    let [candidate, baseline] = sides.map(|(prepared, side)| Ready { prepared, side });
    let paired = known.or_else(|| difference(metric, candidate, baseline, rows, care));
    let compared = Compared {
        value,
        paired: paired.unwrap_or(Err(NOT_DRAWN)),
        gain: gain(metric, now, value),
        rows: Some(rows.candidate.rows() as u64),
    };
    (compared, paired.is_none())
}

/// Puts the intervals that had to be drawn where they belong.
fn fill(
    metrics: &[Metric],
    found: &mut [Found],
    open: &[Open],
    rows: &Evaluation,
    drawn: &[Drawn],
    care: Care,
) {
    for ((place, side), result) in intervals(open, rows, drawn, care) {
        let (Some(found), metric) = (found.get_mut(place), &metrics[place]) else {
            continue;
        };
        let open = open.iter().find(|open| open.metric == place);
        let linear = open.and_then(|open| {
            let other = open.sides[side].as_ref().filter(|_| side > 0);
            linear(open.sides[0].as_ref()?, other, rows, care)
        });
        let count = rows.candidate.rows() as u64;
        let paired = |differing: u64| {
            let found = wider(result.map(|drawn| drawn.paired(count, differing)), linear)?;
            if !found.interval.is_point() {
                return Ok(found);
            }
            // All draws say the same: what a row that was not drawn could change is all that is left to say.
            let unseen = open.and_then(|open| open.unseen(side));
            let worst = unseen.ok_or(NoInterval::Unseen)?;
            Ok(result?.allowing(worst, care.alpha).paired(count, differing))
        };
        let other = match side {
            0 => {
                if let Ok(value) = &mut found.candidate {
                    value.interval = paired(0).map(|found| within(metric, found.interval));
                }
                continue;
            }
            1 => (&mut found.baseline, &rows.baseline),
            _ => (&mut found.anchor, &rows.anchor),
        };
        if let (Some(Ok(compared)), Some(side)) = other {
            let differing = differing(&rows.candidate, side);
            compared.paired = paired(differing).map(|paired| turned(metric, paired));
        }
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
        rows: now.rows.into_iter().chain(before.rows).min(),
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
