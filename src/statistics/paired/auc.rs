//! Areas under the ROC curve of two scores on the same rows.

use super::mean::{Influences, check, summed};
use super::series::in_time;
use super::{Alpha, Method, NoInterval, Paired, score_half};
use crate::statistics::intervals::Interval;
use std::collections::HashSet;

/// Two scores of the same rows.
#[derive(Debug, Clone, Copy)]
pub struct Scores<'a> {
    /// Whether a row is of the positive class.
    pub positive: &'a [bool],
    /// The candidate's score; higher says more likely positive.
    pub candidate: &'a [f64],
    /// The baseline's score.
    pub baseline: &'a [f64],
    /// What a row counts for.
    pub weights: Weights<'a>,
    /// What rows share: a code per row, such as the customer or the day.
    pub clusters: Option<&'a [u32]>,
}

/// What a row counts for.
#[derive(Debug, Clone, Copy)]
pub enum Weights<'a> {
    /// Every row once.
    Equal,
    /// How many rows like it were seen: 3 is three observations.
    Times(&'a [f64]),
    /// How much it matters: 3 is one observation that matters three times.
    Importance(&'a [f64]),
}

/// What DeLong's method says about two scores.
#[derive(Debug, Clone, PartialEq)]
pub struct DeLong {
    /// Area of the candidate, 0 to 1.
    pub candidate: f64,
    /// Area of the baseline, 0 to 1.
    pub baseline: f64,
    /// Variance of the candidate's area.
    pub candidate_variance: f64,
    /// Variance of the baseline's area.
    pub baseline_variance: f64,
    /// Variance of the difference of areas.
    pub variance: f64,
    /// Difference `candidate - baseline` with bounds that allow for harm in rows that were not drawn.
    pub paired: Paired,
    /// DeLong's own interval, `difference -+ z sqrt(variance)`. Too short where few rows carry the difference: on sets
    /// with less than a few hundred rows of the rarer class it lets a worse model pass more often than it says.
    pub plain: Interval,
    /// Per row, what it adds to `difference - truth`; sums to 0. See [`Self::per_row`].
    pub influence: Vec<f64>,
    /// Rows, or clusters, of the class that has fewer of them; at least 2.
    pub rarer: u64,
}

impl DeLong {
    /// Bounds of the candidate's own area, by a score interval with the allowance of the difference's.
    ///
    /// Unit: area, 0 to 1. Edge: an area of 1 that 4 positive rows show has the lower end `1 - z^2 / 4`.
    #[must_use]
    pub fn own(&self, alpha: Alpha) -> Interval {
        let worst = self.paired.worst_row / self.influence.len() as f64;
        let clustered = matches!(self.paired.method, Method::ClusteredDeLong { .. });
        let reach = reach(alpha, clustered.then_some(self.rarer));
        let half = score_half(self.candidate_variance, worst, reach);
        Interval {
            low: (self.candidate - half).max(0.0),
            high: (self.candidate + half).min(1.0),
        }
    }

    /// As `paired`, where rows are in time order, and may share clusters as well.
    ///
    /// Unit: area. With clusters each end is the further one of both, see [`super::series::losses_in_time`].
    /// Errors: as [`super::series::in_time`].
    pub fn in_time(&self, alpha: Alpha) -> Result<Paired, NoInterval> {
        let followed = in_time(
            &Influences {
                estimate: self.paired.difference,
                rows: &self.influence,
                clusters: None,
                worst: Some(self.paired.worst_row / self.influence.len() as f64),
                scarce: Some(self.rarer),
            },
            alpha,
        )?;
        let followed = Paired {
            differing: self.paired.differing,
            ..followed
        };
        Ok(match self.paired.method {
            Method::ClusteredDeLong { .. } => self.paired.further(&followed),
            _ => followed,
        })
    }

    /// A number per row whose mean is the difference, and whose variance over the rows is the difference's: for
    /// [`super::series::hac`], rows in time order.
    #[must_use]
    pub fn per_row(&self) -> Vec<f64> {
        let rows = self.influence.len() as f64;
        let difference = self.paired.difference;
        self.influence
            .iter()
            .map(|i| difference + i * rows)
            .collect()
    }
}

/// Areas of two scores, their variances, and the interval of their difference.
///
/// Shape: columns of equal length. Unit: area, 0 to 1. A tie of a positive and a negative row counts one half. Time:
/// two sorts, `O(n log n)`. Nulls: left out by the caller; a NaN score is an error.
/// The interval of `paired` is a score interval: its half width `x` solves `x^2 = z^2 (variance + x / m)` with `m` the
/// rows of the rarer class. A row of that class that is ranked as wrongly as can be costs `1 / m` of area; where harm
/// sits in few rows, a draw without them shows both a small difference and a small error, and DeLong's interval is
/// then short and wrong. The allowance is at most `z^2 / m` (0.061 for 44 rows of the rarer class at 5 %), about half
/// of that where the variance is large, and vanishes as `1 / m`. What it costs is in docs/model-benchmark.md.
/// With clusters `z` is Student's quantile with one less than the clusters of the rarer class as degrees of freedom.
/// Weights: [`Weights::Times`] gives what repeating the rows gives; clusters treat both kinds alike.
/// Errors: [`NoInterval::OneClass`], [`NoInterval::TooFew`] with fewer than two rows (or two clusters) of a class,
/// [`NoInterval::NotANumber`], [`NoInterval::Lengths`], [`NoInterval::Weights`].
/// Source: DeLong, DeLong and Clarke-Pearson, *Comparing the areas under two or more correlated receiver operating
/// characteristic curves* (1988), in the form of Sun and Xu, *Fast implementation of DeLong's algorithm* (2014), with
/// placements from sorted ties; clusters as in Obuchowski, *Nonparametric analysis of clustered ROC curve data* (1997).
/// All from memory; held against the definition over all pairs (`tests/independent/paired.py`).
pub fn delong(scores: &Scores, alpha: Alpha) -> Result<DeLong, NoInterval> {
    let weights = weights(scores)?;
    let classes = Classes::of(scores.positive, &weights)?;
    let candidate = classes.area(scores.candidate);
    let baseline = classes.area(scores.baseline);
    let influence: Vec<f64> = candidate
        .influence
        .iter()
        .zip(&baseline.influence)
        .map(|(c, b)| c - b)
        .collect();
    let rarer = classes.rarer(scores)?;
    let variance = classes.variance(&influence, scores);
    let difference = candidate.area - baseline.area;
    let plain = alpha.z() * variance.sqrt();
    let reach = reach(alpha, scores.clusters.map(|_| rarer));
    let half = score_half(variance, classes.worst, reach);
    let around = |half: f64| Interval {
        low: (difference - half).max(-1.0),
        high: (difference + half).min(1.0),
    };
    let rows = scores.positive.len() as f64;
    Ok(DeLong {
        candidate_variance: classes.variance(&candidate.influence, scores),
        baseline_variance: classes.variance(&baseline.influence, scores),
        candidate: candidate.area,
        baseline: baseline.area,
        variance,
        paired: Paired {
            difference,
            interval: around(half),
            variance_of_difference: variance * rows,
            worst_row: classes.worst * rows,
            method: match scores.clusters {
                Some(of) => Method::ClusteredDeLong {
                    clusters: summed(influence.iter().copied(), of).len() as u64,
                },
                None => Method::DeLong,
            },
            rows: scores.positive.len() as u64,
            differing: differing(&influence),
        },
        plain: around(plain),
        influence,
        rarer,
    })
}

/// How many standard errors an end is away: of clusters, from Student's distribution of those of the rarer class, since a
/// variance between few clusters is hardly known. By simulation with positives in 2 to 8 of 60 clusters the normal quantile
/// is wrong in 7 % to 14 % of cases at the lower end where 5 % are asked, and this in at most 4.5 %.
fn reach(alpha: Alpha, clusters: Option<u64>) -> f64 {
    let of_clusters = |of: u64| {
        let (of, freedom) = (of as f64, of as f64 - 1.0);
        alpha.t(freedom) * (of / freedom).sqrt()
    };
    clusters.map_or_else(|| alpha.z(), of_clusters)
}

/// Rows whose placement the two scores do not agree on.
fn differing(influence: &[f64]) -> u64 {
    let largest = influence.iter().fold(0.0f64, |a, b| a.max(b.abs()));
    let moved = influence.iter().filter(|i| i.abs() > largest * 1e-9);
    moved.count() as u64
}

fn weights(scores: &Scores) -> Result<Vec<f64>, NoInterval> {
    let rows = scores.positive.len();
    let given = match scores.weights {
        Weights::Equal => None,
        Weights::Times(w) | Weights::Importance(w) => Some(w),
    };
    check(scores.candidate, given, scores.clusters.map(<[u32]>::len))?;
    check(scores.baseline, None, Some(rows))?;
    if scores.candidate.len() != rows {
        return Err(NoInterval::Lengths {
            rows,
            found: scores.candidate.len(),
        });
    }
    Ok(given.map_or_else(|| vec![1.0; rows], <[f64]>::to_vec))
}

/// A number with the order of the float; 0 and -0 are equal.
fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// The rows of both classes.
struct Classes<'a> {
    positive: &'a [bool],
    weights: &'a [f64],
    /// Weight of the positive and of the negative rows.
    totals: [f64; 2],
    /// Rows of weight above 0 of each.
    counts: [f64; 2],
    /// Largest part of its class that a row is.
    worst: f64,
}

/// An area and what each row adds to its error.
struct Area {
    area: f64,
    influence: Vec<f64>,
}

impl<'a> Classes<'a> {
    fn of(positive: &'a [bool], weights: &'a [f64]) -> Result<Self, NoInterval> {
        let (mut totals, mut counts, mut largest) = ([0.0; 2], [0.0; 2], [0.0f64; 2]);
        for (is, weight) in positive.iter().zip(weights) {
            let class = usize::from(!*is);
            totals[class] += weight;
            counts[class] += f64::from(u8::from(*weight > 0.0));
            largest[class] = largest[class].max(*weight);
        }
        if counts[0] == 0.0 || counts[1] == 0.0 {
            return Err(NoInterval::OneClass);
        }
        Ok(Self {
            positive,
            weights,
            totals,
            counts,
            worst: (largest[0] / totals[0]).max(largest[1] / totals[1]),
        })
    }

    /// Area and influences: `w (placement - area) / total of the class`, where the placement of a positive row is the
    /// share of negative weight below it, and that of a negative row the share of positive weight above it.
    fn area(&self, score: &[f64]) -> Area {
        let mut keyed: Vec<(u64, u32)> = score.iter().map(|s| key(*s)).zip(0..).collect();
        keyed.sort_unstable();
        let mut placements = vec![0.0; score.len()];
        let (mut below, mut area) = ([0.0; 2], 0.0);
        for tied in keyed.chunk_by(|a, b| a.0 == b.0) {
            let mut here = [0.0; 2];
            for (_, row) in tied {
                here[usize::from(!self.positive[*row as usize])] += self.weights[*row as usize];
            }
            let lower = (below[1] + here[1] / 2.0) / self.totals[1];
            let higher = (self.totals[0] - below[0] - here[0] / 2.0) / self.totals[0];
            area += here[0] / self.totals[0] * lower;
            for (_, row) in tied {
                let is = self.positive[*row as usize];
                placements[*row as usize] = if is { lower } else { higher };
            }
            below = [below[0] + here[0], below[1] + here[1]];
        }
        for (row, placement) in placements.iter_mut().enumerate() {
            let class = usize::from(!self.positive[row]);
            *placement = self.weights[row] * (*placement - area) / self.totals[class];
        }
        Area {
            area,
            influence: placements,
        }
    }

    /// Rows or clusters of the class that has fewer of them.
    ///
    /// Errors: [`NoInterval::TooFew`] below 2.
    fn rarer(&self, scores: &Scores) -> Result<u64, NoInterval> {
        let of_class = |class: usize| -> f64 {
            match (scores.clusters, scores.weights) {
                (Some(of), _) => {
                    let rows = of.iter().zip(self.positive).zip(self.weights);
                    let own = rows.filter(|((_, is), w)| usize::from(!**is) == class && **w > 0.0);
                    let codes: HashSet<u32> = own.map(|((code, _), _)| *code).collect();
                    codes.len() as f64
                }
                (None, Weights::Times(_)) => self.totals[class],
                (None, _) => self.counts[class],
            }
        };
        let units = of_class(0).min(of_class(1)).floor();
        if units < 2.0 {
            return Err(NoInterval::TooFew {
                units: u64::from(units > 0.0),
                needed: 2,
            });
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number of rows"
        )]
        Ok(units as u64)
    }

    fn variance(&self, influence: &[f64], scores: &Scores) -> f64 {
        if let Some(of) = scores.clusters {
            let sums = summed(influence.iter().copied(), of);
            let count = sums.len() as f64;
            return sums.iter().map(|s| s * s).sum::<f64>() * count / (count - 1.0);
        }
        let mut sums = [0.0; 2];
        for (row, i) in influence.iter().enumerate() {
            let repeated = match scores.weights {
                // Repeated rows add up their squares; one that matters more squares its weight.
                Weights::Times(w) if w[row] > 0.0 => w[row],
                _ => 1.0,
            };
            sums[usize::from(!self.positive[row])] += i * i / repeated;
        }
        let of_class = |(class, sum): (usize, f64)| {
            let count = match scores.weights {
                Weights::Times(_) => self.totals[class],
                _ => self.counts[class],
            };
            sum * count / (count - 1.0)
        };
        sums.into_iter().enumerate().map(of_class).sum()
    }
}
