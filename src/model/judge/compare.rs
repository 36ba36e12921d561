//! One metric on the same rows of two models: both values, their difference, and how sure each is.
//!
//! Which interval for which metric is what [`crate::statistics::paired`] says.

use super::found::Care;
use super::joint::Joint;
use super::linear::linear;
use crate::model::evaluation::{Evaluation, with_rows};
use crate::model::metric::{Direction, Metric, Prepared};
use crate::model::rows::{Problem, Side, Truth};
use crate::statistics::intervals::{Interval, Share};
use crate::statistics::paired::auc::{DeLong, Scores, Weights, delong};
use crate::statistics::paired::bootstrap::{Bootstrapped, Kind, Plan};
use crate::statistics::paired::cells::cells;
use crate::statistics::paired::mean::{Losses, skew_t};
use crate::statistics::paired::proportions::{Pairs, shares};
use crate::statistics::paired::series::losses_in_time;
use crate::statistics::paired::{Alpha, NoInterval, Paired};

/// Replicates of an interval by resampling.
pub const REPLICATES: u32 = 2_000;

/// Rows from which on every row is not left out one by one, and percentiles are taken as they are.
pub(super) const LARGE: usize = 20_000;

/// How resampling is done.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// Where random numbers begin.
    pub seed: u64,
    /// Threads; the result does not depend on them.
    pub threads: usize,
}

/// One side of a comparison, ready for resampling.
#[derive(Debug, Clone, Copy)]
pub struct Ready<'a> {
    /// The metric over its rows.
    pub prepared: &'a Prepared,
    /// Its rows.
    pub side: &'a Side,
}

/// The value of a metric of one side.
///
/// Problems: what the metric says of rows on which it has no value.
pub fn alone(metric: &Metric, side: &Side, rows: &Evaluation) -> Result<Prepared, Problem> {
    let prepared = with_rows(side, rows.group.as_deref(), |rows| metric.prepare(rows));
    let prepared = prepared.map_err(|undefined| undefined.to_string())?;
    prepared
        .result(None)
        .map_err(|undefined| undefined.to_string())?;
    Ok(prepared)
}

/// Bounds of a metric's own value, each with a one-sided error of `alpha`; `None` where rows have to be drawn anew.
///
/// Errors: where these rows do not tell how sure the value is.
#[must_use]
pub fn bounds(
    metric: &Metric,
    ready: Ready,
    rows: &Evaluation,
    care: Care,
) -> Option<Result<Interval, NoInterval>> {
    let (alpha, clusters) = (care.alpha, codes(rows));
    let plain = clusters.is_none() && !rows.timed;
    Some(match ready.prepared {
        Prepared::Proportion { hit, among } if plain => {
            let hits = counted(hit, among.as_deref());
            let share = Share {
                hits: hits.iter().filter(|hit| **hit).count() as u64,
                rows: hits.len() as u64,
            };
            Ok(share.wilson(alpha.z()))
        }
        Prepared::Proportion { hit, among } => {
            let hits = counted(hit, among.as_deref());
            let found = rates(&hits, None, among.as_deref(), rows, alpha);
            found.map(|paired| within(metric, paired.interval))
        }
        Prepared::Mean {
            losses,
            weights,
            unit_of_row,
        } => {
            let losses = Losses {
                differences: losses,
                weights: weights.as_deref(),
                clusters: clusters.filter(|_| unit_of_row.is_none()),
                largest: own_largest(metric, ready.side, losses),
            };
            mean(&losses, rows.timed && unit_of_row.is_none(), alpha).map(|found| found.interval)
        }
        Prepared::Cells { weights: None, .. } if plain => {
            let joint = Joint::of(ready.prepared, None)?;
            joint_interval(&joint, ready.prepared.rows(), care)
                .map(|found| within(metric, found.interval))
        }
        _ if is_area(metric, ready.side) && !rows.timed => {
            area(ready.side, None, rows, alpha).map(|found| found.own(alpha))
        }
        _ if is_area(metric, ready.side) => area(ready.side, None, rows, alpha)
            .and_then(|found| found.in_time(alpha))
            .map(|paired| Interval {
                low: (paired.interval.low + HALF).max(0.0),
                high: (paired.interval.high + HALF).min(1.0),
            }),
        Prepared::Ranked(ranked) if ranked.is_area() => {
            linear(ready.prepared, None, rows, care)?.map(|found| within(metric, found.interval))
        }
        _ => return None,
    })
}

/// The difference of both sides, turned so that more is better; `None` where rows have to be drawn anew.
///
/// Errors: where these rows do not tell how sure the difference is.
#[must_use]
pub fn difference(
    metric: &Metric,
    candidate: Ready,
    baseline: Ready,
    rows: &Evaluation,
    care: Care,
) -> Option<Result<Paired, NoInterval>> {
    let (alpha, clusters) = (care.alpha, codes(rows));
    let plain = clusters.is_none() && !rows.timed;
    let (now, before) = (candidate.side, baseline.side);
    let paired = match (candidate.prepared, baseline.prepared) {
        (
            Prepared::Proportion { hit: c, among },
            Prepared::Proportion {
                hit: b,
                among: others,
            },
        ) if among == others => {
            let (c, b) = (counted(c, among.as_deref()), counted(b, among.as_deref()));
            if plain {
                shares(Pairs::of(&c, &b), alpha)
            } else {
                rates(&c, Some(&b), among.as_deref(), rows, alpha)
            }
        }
        (
            Prepared::Mean {
                losses: c,
                weights,
                unit_of_row,
            },
            Prepared::Mean { losses: b, .. },
        ) if c.len() == b.len() => {
            let differences: Vec<f64> = c.iter().zip(b).map(|(c, b)| c - b).collect();
            let losses = Losses {
                differences: &differences,
                weights: weights.as_deref(),
                clusters: clusters.filter(|_| unit_of_row.is_none()),
                largest: largest(metric, now, &differences, [c, b]),
            };
            mean(&losses, rows.timed && unit_of_row.is_none(), alpha)
        }
        (Prepared::Proportion { .. }, Prepared::Proportion { .. })
        | (Prepared::Cells { weights: None, .. }, Prepared::Cells { .. })
            if plain =>
        {
            let joint = Joint::of(candidate.prepared, Some(baseline.prepared))?;
            let count = candidate.prepared.rows();
            joint_interval(&joint, count, care)
                .map(|found| found.paired(count as u64, joint.differing))
        }
        _ if is_area(metric, now) => area(now, Some(before), rows, alpha).and_then(|found| {
            if rows.timed {
                found.in_time(alpha)
            } else {
                Ok(found.paired)
            }
        }),
        (Prepared::Ranked(ranked), Prepared::Ranked(_)) if ranked.is_area() => {
            let found = linear(candidate.prepared, Some(baseline.prepared), rows, care)?;
            found.map(|found| recounted(found, now, before))
        }
        _ => return None,
    };
    Some(paired.map(|paired| turned(metric, paired)))
}

/// The bounds of the candidate's area under the ROC curve and its difference to another one, from one look at both; `None`
/// of other metrics, and in time order.
pub(super) fn areas(
    metric: &Metric,
    candidate: &Side,
    baseline: &Side,
    rows: &Evaluation,
    alpha: Alpha,
) -> Option<Result<(Interval, Paired), NoInterval>> {
    (is_area(metric, candidate) && !rows.timed).then(|| {
        let found = area(candidate, Some(baseline), rows, alpha)?;
        Ok((found.own(alpha), found.paired))
    })
}

/// The same with the rows on which the models differ: what a row adds to an area moves with every other row.
fn recounted(found: Paired, candidate: &Side, baseline: &Side) -> Paired {
    Paired {
        differing: differing(candidate, baseline),
        ..found
    }
}

/// The same so that more is better.
pub(super) fn turned(metric: &Metric, paired: Paired) -> Paired {
    match metric.direction() {
        Direction::LowerIsBetter => paired.turned(),
        Direction::HigherIsBetter | Direction::Neutral => paired,
    }
}

/// An interval without what no value of the metric is.
pub(super) fn within(metric: &Metric, interval: Interval) -> Interval {
    let (least, most) = metric.range();
    Interval {
        low: interval.low.max(least),
        high: interval.high.min(most),
    }
}

/// What rows share.
pub(super) fn codes(rows: &Evaluation) -> Option<&[u32]> {
    rows.clusters.as_ref().map(|(of, _)| of.as_slice())
}

/// The rows that count.
fn counted(hit: &[bool], among: Option<&[bool]>) -> Vec<bool> {
    let Some(among) = among else {
        return hit.to_vec();
    };
    let counts = hit.iter().zip(among).filter(|(_, among)| **among);
    counts.map(|(hit, _)| *hit).collect()
}

/// A share of rows that share clusters or follow each other, or how much it is above another one: a mean of zeros and ones.
fn rates(
    hits: &[bool],
    others: Option<&[bool]>,
    among: Option<&[bool]>,
    rows: &Evaluation,
    alpha: Alpha,
) -> Result<Paired, NoInterval> {
    let number = |hit: bool| f64::from(u8::from(hit));
    let differences: Vec<f64> = match others {
        None => hits.iter().map(|hit| number(*hit)).collect(),
        Some(others) => {
            let pairs = hits.iter().zip(others);
            pairs.map(|(c, b)| number(*c) - number(*b)).collect()
        }
    };
    let clusters: Option<Vec<u32>> = codes(rows).map(|of| {
        let counts = |row: &usize| among.is_none_or(|among| among[*row]);
        (0..of.len()).filter(counts).map(|row| of[row]).collect()
    });
    let losses = Losses {
        differences: &differences,
        weights: None,
        clusters: clusters.as_deref(),
        largest: Some(1.0),
    };
    mean(&losses, rows.timed, alpha)
}

/// The mean of row differences: in time order each may depend on those before.
///
/// Errors: [`NoInterval::Unseen`] where no row differs and none is known that could.
fn mean(losses: &Losses, timed: bool, alpha: Alpha) -> Result<Paired, NoInterval> {
    let found = if timed {
        losses_in_time(losses, alpha)?
    } else {
        skew_t(losses, alpha)?
    };
    if found.interval.is_point() {
        return Err(NoInterval::Unseen);
    }
    Ok(found)
}

/// The largest difference that a row can make between two models: what is known of it, else the largest one seen (`None`),
/// or the largest loss of either where they never differ.
fn largest(metric: &Metric, side: &Side, differences: &[f64], both: [&[f64]; 2]) -> Option<f64> {
    let alike = || differences.iter().all(|d| *d == 0.0);
    span(metric, side).or_else(|| alike().then(|| greatest(both[0]).max(greatest(both[1]))))
}

/// How far off the mean's own value a row can be: of a user's expression its range over all rows, or what it is where that is
/// more; of other metrics the largest loss seen (`None`), or what their range allows where no row has one.
fn own_largest(metric: &Metric, side: &Side, losses: &[f64]) -> Option<f64> {
    let seen = greatest(losses);
    if metric.is_own() || seen == 0.0 {
        return span(metric, side).map(|span| span.max(seen));
    }
    None
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |a, b| a.max(b.abs()))
}

/// The largest difference that a row can make, where there is one.
fn span(metric: &Metric, side: &Side) -> Option<f64> {
    if let Some(span) = metric.own_span(&side.predicted.own) {
        return Some(span).filter(|span| span.is_finite());
    }
    let (low, high) = metric.range();
    Some(high - low).filter(|span| span.is_finite())
}

/// Rows drawn anew where only the counts of their kinds matter.
fn joint_interval(joint: &Joint, rows: usize, care: Care) -> Result<Bootstrapped, NoInterval> {
    let of_counts = |counts: &[u64]| {
        let sums: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
        joint.value(&sums)
    };
    cells(&joint.counts(), &of_counts, &plan(rows, care))
}

/// Rows on which the models say something else.
pub(super) fn differing(candidate: &Side, baseline: &Side) -> u64 {
    let (now, before) = (&candidate.predicted, &baseline.predicted);
    let differs = |row: usize| {
        let of = |a: &Option<Vec<f64>>, b: &Option<Vec<f64>>| match (a, b) {
            (Some(a), Some(b)) => a[row].to_bits() != b[row].to_bits(),
            _ => false,
        };
        let scores = match (&now.scores, &before.scores) {
            (Some(a), Some(b)) => a
                .iter()
                .zip(b)
                .any(|(a, b)| a[row].to_bits() != b[row].to_bits()),
            _ => false,
        };
        let class = match (&now.class, &before.class) {
            (Some(a), Some(b)) => a[row] != b[row],
            _ => false,
        };
        scores
            || class
            || of(&now.score, &before.score)
            || of(&now.value, &before.value)
            || of(&now.low, &before.low)
            || of(&now.high, &before.high)
    };
    (0..candidate.rows()).filter(|row| differs(*row)).count() as u64
}

pub(super) fn plan(rows: usize, care: Care) -> Plan {
    let large = rows > LARGE;
    Plan {
        seed: care.sampling.seed,
        replicates: if large { REPLICATES / 2 } else { REPLICATES },
        threads: care.sampling.threads,
        alpha: care.alpha,
        kind: if large { Kind::Percentile } else { Kind::Bca },
    }
}

/// Whether it is the area under the ROC curve of two classes.
fn is_area(metric: &Metric, side: &Side) -> bool {
    let two = matches!(&side.truth, Truth::Classes { names, .. } if names.len() == 2);
    two && metric.name() == "roc_auc" && side.predicted.score.is_some()
}

/// Area of scores that are all equal.
const HALF: f64 = 0.5;

/// The area of one side, or of both; without another one, beside scores that are all equal, which add nothing.
fn area(
    now: &Side,
    before: Option<&Side>,
    rows: &Evaluation,
    alpha: Alpha,
) -> Result<DeLong, NoInterval> {
    let (Truth::Classes { of, .. }, Some(candidate)) = (&now.truth, &now.predicted.score) else {
        return Err(NoInterval::Undefined);
    };
    let equal;
    let baseline = match before {
        None => {
            equal = vec![HALF; candidate.len()];
            &equal
        }
        Some(before) => {
            let score = before.predicted.score.as_ref();
            score.ok_or(NoInterval::Undefined)?
        }
    };
    let positive: Vec<bool> = of.iter().map(|class| *class == 1).collect();
    delong(
        &Scores {
            positive: &positive,
            candidate,
            baseline,
            weights: now
                .weight
                .as_deref()
                .map_or(Weights::Equal, Weights::Importance),
            clusters: codes(rows),
        },
        alpha,
    )
}
