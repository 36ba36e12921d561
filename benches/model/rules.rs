//! What each rule says about a pair of models on some rows.

use crate::world::{LINE, Rows, Shape, score};
use tollgate::statistics::intervals::Interval;
use tollgate::statistics::paired::auc::{Scores, Weights, delong};
use tollgate::statistics::paired::bootstrap::{Kind, Plan, Units, block_length};
use tollgate::statistics::paired::cells::cells;
use tollgate::statistics::paired::decide::{Decision, Power, Question, decide};
use tollgate::statistics::paired::mean::{Losses, skew_t};
use tollgate::statistics::paired::proportions::{Pairs, shares};
use tollgate::statistics::paired::series::{LongRun, hac};
use tollgate::statistics::paired::shared::{Sums, shared};
use tollgate::statistics::paired::{Alpha, NoInterval, Paired};

pub(crate) const FIVE: Alpha = Alpha::FIVE_PERCENT;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    Accuracy,
    Recall,
    Auc,
    Mae,
    LogLoss,
    F1,
}

impl Metric {
    pub(crate) const ALL: [(Self, &str); 6] = [
        (Self::Accuracy, "accuracy"),
        (Self::Recall, "recall"),
        (Self::Auc, "ROC AUC"),
        (Self::Mae, "MAE"),
        (Self::LogLoss, "log loss"),
        (Self::F1, "F1"),
    ];
}

/// The gate's interval, the one it would have without what is special about it, and the variance of the difference as
/// if both models had been measured on rows of their own.
pub(crate) struct Judged {
    pub(crate) paired: Paired,
    pub(crate) usual: Option<Interval>,
    pub(crate) separate: f64,
}

/// Rules beside the gate's.
pub(crate) const NAIVE: [&str; 3] = [
    "candidate ≥ baseline",
    "difference ≥ -margin",
    "two intervals",
];

/// What the gate says, what it would say with the usual interval, and what the others do.
pub(crate) fn decisions(judged: &Judged, margin: f64) -> ([Decision; 4], Option<Decision>) {
    let question = Question::NoWorse { margin };
    let ask = |paired: &Paired| decide(paired, question, FIVE, Power::NINETY_PERCENT);
    let seen = judged.paired.difference;
    let point = |promoted: bool| {
        if promoted {
            Decision::Promote
        } else {
            Decision::Block
        }
    };
    let half = FIVE.z() * judged.separate.sqrt();
    let with = |interval: Interval| {
        ask(&Paired {
            interval,
            ..judged.paired
        })
    };
    let apart = Interval {
        low: seen - half,
        high: seen + half,
    };
    let all = [
        ask(&judged.paired),
        point(seen >= 0.0),
        point(seen >= -margin),
        with(apart),
    ];
    (all, judged.usual.map(with))
}

/// Compares by the metric's own interval.
pub(crate) fn judge(
    metric: Metric,
    rows: &Rows,
    shape: Shape,
    seed: u64,
) -> Result<Judged, NoInterval> {
    match metric {
        Metric::Accuracy => share(rows, shape, |_| true),
        Metric::Recall => share(rows, shape, |positive| positive),
        Metric::Auc => area(rows, shape),
        Metric::Mae => {
            let off = |said: &[f64]| {
                said.iter()
                    .zip(&rows.value)
                    .map(|(s, v)| (s - v).abs())
                    .collect()
            };
            losses(off(&rows.candidate), off(&rows.baseline), rows, shape)
        }
        Metric::LogLoss => {
            let loss = |said: &[f64]| {
                let rows = said.iter().zip(&rows.positive);
                rows.map(|(s, is)| {
                    -if *is {
                        score(*s).ln()
                    } else {
                        (1.0 - score(*s)).ln()
                    }
                })
                .collect()
            };
            losses(loss(&rows.candidate), loss(&rows.baseline), rows, shape)
        }
        Metric::F1 => f1(rows, shape, seed),
    }
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (
        mean,
        values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0),
    )
}

fn usual_t(differences: &[f64]) -> Interval {
    let (mean, variance) = moments(differences);
    let n = differences.len() as f64;
    let half = FIVE.t(n - 1.0) * (variance / n).sqrt();
    Interval {
        low: mean - half,
        high: mean + half,
    }
}

fn mean_of(
    differences: &[f64],
    clusters: &[u32],
    shape: Shape,
    largest: Option<f64>,
) -> Result<Paired, NoInterval> {
    let losses = |clusters| Losses {
        differences,
        weights: None,
        clusters,
        largest,
    };
    match shape {
        Shape::Alone => skew_t(&losses(None), FIVE),
        Shape::Clustered => skew_t(&losses(Some(clusters)), FIVE),
        Shape::Ordered => hac(differences, 1, LongRun::Cosines, FIVE),
    }
}

/// What is usual: rows as if alone, or Newey and West's variance.
fn usual_of(differences: &[f64], shape: Shape) -> Option<Interval> {
    match shape {
        Shape::Ordered => hac(differences, 1, LongRun::NeweyWest, FIVE)
            .ok()
            .map(|p| p.interval),
        _ => Some(usual_t(differences)),
    }
}

fn losses(
    candidate: Vec<f64>,
    baseline: Vec<f64>,
    rows: &Rows,
    shape: Shape,
) -> Result<Judged, NoInterval> {
    let differences: Vec<f64> = baseline
        .iter()
        .zip(&candidate)
        .map(|(b, c)| b - c)
        .collect();
    Ok(Judged {
        paired: mean_of(&differences, &rows.cluster, shape, None)?,
        usual: usual_of(&differences, shape),
        separate: (moments(&candidate).1 + moments(&baseline).1) / candidate.len() as f64,
    })
}

fn share(rows: &Rows, shape: Shape, among: impl Fn(bool) -> bool) -> Result<Judged, NoInterval> {
    let taken: Vec<usize> = (0..rows.positive.len())
        .filter(|row| among(rows.positive[*row]))
        .collect();
    let hits = |said: &[f64]| -> Vec<bool> {
        taken
            .iter()
            .map(|row| (said[*row] > LINE) == rows.positive[*row])
            .collect()
    };
    let (candidate, baseline) = (hits(&rows.candidate), hits(&rows.baseline));
    let number = |hit: &bool| f64::from(u8::from(*hit));
    let differences: Vec<f64> = candidate
        .iter()
        .zip(&baseline)
        .map(|(c, b)| number(c) - number(b))
        .collect();
    let clusters: Vec<u32> = taken.iter().map(|row| rows.cluster[*row]).collect();
    let paired = match shape {
        Shape::Alone => shares(Pairs::of(&candidate, &baseline), FIVE)?,
        _ => mean_of(&differences, &clusters, shape, Some(1.0))?,
    };
    let variance = |hits: &[bool]| {
        let p = hits.iter().filter(|h| **h).count() as f64 / hits.len() as f64;
        p * (1.0 - p) / hits.len() as f64
    };
    Ok(Judged {
        paired,
        usual: usual_of(&differences, shape),
        separate: variance(&candidate) + variance(&baseline),
    })
}

fn area(rows: &Rows, shape: Shape) -> Result<Judged, NoInterval> {
    let scores = Scores {
        positive: &rows.positive,
        candidate: &rows.candidate,
        baseline: &rows.baseline,
        weights: Weights::Equal,
        clusters: (shape == Shape::Clustered).then_some(&rows.cluster),
    };
    let found = delong(&scores, FIVE)?;
    let mut judged = Judged {
        paired: found.paired,
        usual: Some(found.plain),
        separate: found.candidate_variance + found.baseline_variance,
    };
    if shape == Shape::Ordered {
        let per_row = found.per_row();
        judged.paired = hac(&per_row, 1, LongRun::Cosines, FIVE)?;
        judged.usual = usual_of(&per_row, shape);
    }
    Ok(judged)
}

/// F1 of both models from truth x candidate x baseline.
fn both(counts: &[f64]) -> Option<(f64, f64)> {
    let at = |truth: usize, a: usize, b: usize| counts[truth * 4 + a * 2 + b];
    let f1 = |hit: f64, called: f64, positive: f64| {
        (called + positive > 0.0).then(|| 2.0 * hit / (called + positive))
    };
    let positive: f64 = counts[4..].iter().sum();
    let first = |truth| at(truth, 1, 0) + at(truth, 1, 1);
    let second = |truth| at(truth, 0, 1) + at(truth, 1, 1);
    Some((
        f1(first(1), first(0) + first(1), positive)?,
        f1(second(1), second(0) + second(1), positive)?,
    ))
}

fn difference(counts: &[f64]) -> Option<f64> {
    both(counts).map(|(a, b)| a - b)
}

fn f1(rows: &Rows, shape: Shape, seed: u64) -> Result<Judged, NoInterval> {
    let n = rows.positive.len();
    let kind = |row: usize| {
        let said = |said: &[f64]| usize::from(said[row] > LINE);
        usize::from(rows.positive[row]) * 4 + said(&rows.candidate) * 2 + said(&rows.baseline)
    };
    let mut counts = [0u64; 8];
    (0..n).for_each(|row| counts[kind(row)] += 1);
    let plan = Plan {
        seed,
        replicates: 1_000,
        threads: 1,
        alpha: FIVE,
        kind: Kind::Bca,
    };
    let alone = cells(
        &counts,
        &|counts: &[u64]| difference(&numbers(counts)),
        &plan,
    )?;
    let units = match shape {
        Shape::Alone => None,
        Shape::Clustered => Some(Units::Clusters {
            of: &rows.cluster,
            count: rows.cluster.last().map_or(0, |last| last + 1),
        }),
        Shape::Ordered => Some(Units::Blocks {
            rows: n,
            length: block_length(n),
        }),
    };
    let found = match units {
        None => alone,
        Some(units) => {
            let terms: Vec<Vec<f64>> = (0..8)
                .map(|cell| {
                    (0..n)
                        .map(|row| f64::from(u8::from(kind(row) == cell)))
                        .collect()
                })
                .collect();
            let terms: Vec<&[f64]> = terms.iter().map(Vec::as_slice).collect();
            let sums = Sums {
                units,
                terms: &terms,
                slices: &[],
            };
            let found = shared(&sums, &[&difference], &plan)?.whole.remove(0)?;
            found.allowing(alone.worst, FIVE)
        }
    };
    Ok(Judged {
        paired: found.paired(n as u64, 0),
        usual: (shape != Shape::Alone).then_some(alone.interval),
        separate: separate(&counts, &plan)?,
    })
}

fn numbers(counts: &[u64]) -> Vec<f64> {
    counts.iter().map(|c| *c as f64).collect()
}

/// Sum of the variances of both.
fn separate(counts: &[u64], plan: &Plan) -> Result<f64, NoInterval> {
    let few = Plan {
        replicates: 100,
        kind: Kind::Percentile,
        ..*plan
    };
    let one = |which: fn((f64, f64)) -> f64| {
        cells(
            counts,
            &|counts: &[u64]| both(&numbers(counts)).map(which),
            &few,
        )
        .map(|b| b.variance)
    };
    Ok(one(|b| b.0)? + one(|b| b.1)?)
}
