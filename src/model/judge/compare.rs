//! One metric on the same rows of two models: both values, their difference, and how sure each is.
//!
//! Which interval for which metric is what [`crate::statistics::paired`] says.

use crate::model::evaluation::{Evaluation, with_rows};
use crate::model::metric::{Direction, Metric, Prepared};
use crate::model::rows::{Problem, Side, Truth};
use crate::statistics::intervals::{Interval, Share};
use crate::statistics::paired::auc::{Scores, Weights, delong};
use crate::statistics::paired::bootstrap::{Kind, Plan, Units, block_length, bootstrap};
use crate::statistics::paired::cells::cells;
use crate::statistics::paired::mean::{Losses, skew_t};
use crate::statistics::paired::proportions::{Pairs, shares};
use crate::statistics::paired::series::{LongRun, hac};
use crate::statistics::paired::{Alpha, NoInterval, Paired};
use std::collections::BTreeMap;

/// Replicates of an interval by resampling.
pub const REPLICATES: u32 = 2_000;

/// Rows from which on every row is not left out one by one, and percentiles are taken as they are.
const LARGE: usize = 20_000;

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

/// Bounds of a metric's own value, each with a one-sided error of `alpha`.
///
/// Errors: where these rows do not tell how sure the value is.
pub fn bounds(
    metric: &Metric,
    Ready { prepared, side }: Ready,
    rows: &Evaluation,
    alpha: Alpha,
    sampling: Sampling,
) -> Result<(Interval, String), NoInterval> {
    let clusters = rows.clusters.as_ref();
    match prepared {
        Prepared::Proportion { hit, among } if clusters.is_none() && !rows.timed => {
            let counts = |row: &usize| among.as_ref().is_none_or(|among| among[*row]);
            let all = (0..hit.len()).filter(counts).count() as u64;
            let hits = (0..hit.len())
                .filter(counts)
                .filter(|row| hit[*row])
                .count() as u64;
            let share = Share { hits, rows: all };
            Ok((share.wilson(alpha.z()), "Wilson's interval".to_owned()))
        }
        Prepared::Mean {
            losses,
            weights,
            unit_of_row,
        } => {
            let losses = Losses {
                differences: losses,
                weights: weights.as_deref(),
                clusters: clusters
                    .filter(|_| unit_of_row.is_none())
                    .map(|(of, _)| of.as_slice()),
                largest: None,
            };
            let paired = mean(&losses, rows.timed && unit_of_row.is_none(), alpha)?;
            Ok((paired.interval, paired.method.text()))
        }
        _ if is_area(metric, side) && clusters.is_none() && !rows.timed => {
            area(side, side, rows, alpha).map(|found| {
                let half = alpha.z() * found.candidate_variance.sqrt();
                let value = found.candidate;
                let interval = Interval {
                    low: (value - half).max(0.0),
                    high: (value + half).min(1.0),
                };
                (interval, "DeLong's variance".to_owned())
            })
        }
        _ => {
            let statistic = |times: &[u32]| prepared.value(Some(times));
            let plan = plan(prepared.rows(), alpha, sampling);
            let found = bootstrap(&units(prepared, rows), &statistic, &plan)?;
            Ok((found.interval, found.method.text()))
        }
    }
}

/// The difference of both sides, turned so that more is better.
///
/// Errors: where these rows do not tell how sure the difference is.
pub fn difference(
    metric: &Metric,
    candidate: Ready,
    baseline: Ready,
    rows: &Evaluation,
    alpha: Alpha,
    sampling: Sampling,
) -> Result<Paired, NoInterval> {
    let clusters = rows.clusters.as_ref().map(|(of, _)| of.as_slice());
    let plain = clusters.is_none() && !rows.timed;
    let (now, before) = (candidate.side, baseline.side);
    let paired = match (candidate.prepared, baseline.prepared) {
        (
            Prepared::Proportion { hit: c, among },
            Prepared::Proportion {
                hit: b,
                among: others,
            },
        ) if plain && among == others => shares(pairs(c, b, among.as_deref()), alpha)?,
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
                largest: span(metric),
            };
            mean(&losses, rows.timed && unit_of_row.is_none(), alpha)?
        }
        (
            Prepared::Cells {
                cell: c, formula, ..
            },
            Prepared::Cells {
                cell: b,
                formula: other,
                ..
            },
        ) if plain && now.weight.is_none() => {
            let statistic = |of_candidate: &[f64], of_baseline: &[f64]| {
                let candidate = formula.value(of_candidate).ok()?;
                Some(candidate - other.value(of_baseline).ok()?)
            };
            joint(
                c,
                b,
                (formula.cells(), other.cells()),
                &statistic,
                &plan(c.len(), alpha, sampling),
            )?
        }
        _ if is_area(metric, now) && !rows.timed => area(now, before, rows, alpha)?.paired,
        _ => resampled(candidate, baseline, rows, alpha, sampling)?,
    };
    Ok(match metric.direction() {
        Direction::LowerIsBetter => paired.turned(),
        Direction::HigherIsBetter | Direction::Neutral => paired,
    })
}

/// The mean of row differences: in time order each may depend on those before.
fn mean(losses: &Losses, timed: bool, alpha: Alpha) -> Result<Paired, NoInterval> {
    if timed {
        hac(losses.differences, 1, LongRun::Cosines, alpha)
    } else {
        skew_t(losses, alpha)
    }
}

/// The largest difference that a row can make, where there is one.
fn span(metric: &Metric) -> Option<f64> {
    let (low, high) = metric.range();
    Some(high - low).filter(|span| span.is_finite())
}

fn pairs(candidate: &[bool], baseline: &[bool], among: Option<&[bool]>) -> Pairs {
    let Some(among) = among else {
        return Pairs::of(candidate, baseline);
    };
    let of = |hits: &[bool]| -> Vec<bool> {
        let hits = hits.iter().zip(among).filter(|(_, among)| **among);
        hits.map(|(hit, _)| *hit).collect()
    };
    Pairs::of(&of(candidate), &of(baseline))
}

/// A difference of two confusion matrices.
type OfMatrices<'a> = &'a (dyn Fn(&[f64], &[f64]) -> Option<f64> + Sync);

/// Both confusion matrices drawn anew together: rows with the same truth and predictions are one kind of row.
fn joint(
    candidate: &[u32],
    baseline: &[u32],
    (of_candidate, of_baseline): (usize, usize),
    statistic: OfMatrices,
    plan: &Plan,
) -> Result<Paired, NoInterval> {
    let mut kinds: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for pair in candidate.iter().copied().zip(baseline.iter().copied()) {
        *kinds.entry(pair).or_default() += 1;
    }
    let counts: Vec<u64> = kinds.values().copied().collect();
    let pairs: Vec<(u32, u32)> = kinds.keys().copied().collect();
    let of_counts = |counts: &[u64]| {
        let (mut c, mut b) = (vec![0.0; of_candidate], vec![0.0; of_baseline]);
        for ((now, before), count) in pairs.iter().zip(counts) {
            c[*now as usize] += *count as f64;
            b[*before as usize] += *count as f64;
        }
        statistic(&c, &b)
    };
    let differing = kinds.iter().filter(|((c, b), _)| c != b);
    let differing = differing.map(|(_, count)| *count).sum();
    let found = cells(&counts, &of_counts, plan)?;
    Ok(found.paired(candidate.len() as u64, differing))
}

fn resampled(
    candidate: Ready,
    baseline: Ready,
    rows: &Evaluation,
    alpha: Alpha,
    sampling: Sampling,
) -> Result<Paired, NoInterval> {
    let statistic = |times: &[u32]| {
        let now = candidate.prepared.value(Some(times))?;
        Some(now - baseline.prepared.value(Some(times))?)
    };
    let count = candidate.prepared.rows();
    let plan = plan(count, alpha, sampling);
    let found = bootstrap(&units(candidate.prepared, rows), &statistic, &plan)?;
    let differing = differing(candidate.side, baseline.side);
    Ok(found.paired(count as u64, differing))
}

/// Rows on which the models say something else.
fn differing(candidate: &Side, baseline: &Side) -> u64 {
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

fn plan(rows: usize, alpha: Alpha, sampling: Sampling) -> Plan {
    Plan {
        seed: sampling.seed,
        replicates: if rows > LARGE {
            REPLICATES / 2
        } else {
            REPLICATES
        },
        threads: sampling.threads,
        alpha,
        kind: if rows > LARGE {
            Kind::Percentile
        } else {
            Kind::Bca
        },
    }
}

/// What is drawn as one.
fn units<'a>(prepared: &Prepared, rows: &'a Evaluation) -> Units<'a> {
    let count = prepared.rows();
    match &rows.clusters {
        _ if prepared.unit_of_row().is_some() => Units::Rows(count),
        Some((of, count)) => Units::Clusters { of, count: *count },
        None if rows.timed => Units::Blocks {
            rows: count,
            length: block_length(count),
        },
        None => Units::Rows(count),
    }
}

/// Whether it is the area under the ROC curve of two classes.
fn is_area(metric: &Metric, side: &Side) -> bool {
    let two = matches!(&side.truth, Truth::Classes { names, .. } if names.len() == 2);
    two && metric.name() == "roc_auc" && side.predicted.score.is_some()
}

fn area(
    now: &Side,
    before: &Side,
    rows: &Evaluation,
    alpha: Alpha,
) -> Result<crate::statistics::paired::auc::DeLong, NoInterval> {
    let (Truth::Classes { of, .. }, Some(candidate), Some(baseline)) =
        (&now.truth, &now.predicted.score, &before.predicted.score)
    else {
        return Err(NoInterval::Undefined);
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
            clusters: rows.clusters.as_ref().map(|(of, _)| of.as_slice()),
        },
        alpha,
    )
}
