//! The mean difference of two models' losses on the same rows.

use super::{Alpha, Method, NoInterval, Paired, score_half};
use crate::statistics::intervals::Interval;

/// Differences of row losses, turned so that more is better: baseline's loss minus candidate's.
#[derive(Debug, Clone, Copy)]
pub struct Losses<'a> {
    /// One difference per row.
    pub differences: &'a [f64],
    /// How much each row matters; a row of weight 2 is one observation that matters twice, not two observations.
    pub weights: Option<&'a [f64]>,
    /// What rows share: a code per row, such as the customer or the day.
    pub clusters: Option<&'a [u32]>,
    /// The largest difference, up or down, that a row can have, where there is one (1 for a Brier score). `None` takes
    /// the largest one seen; 0 makes no allowance for rows that were not drawn.
    pub largest: Option<f64>,
}

/// Weighted mean, and what each independent unit adds to its error.
pub(super) struct Parts {
    pub(super) mean: f64,
    /// Per row or cluster: its part of `estimate - truth`. They sum to 0.
    pub(super) influence: Vec<f64>,
    pub(super) differing: u64,
    /// Largest share of the weight that a row has.
    pub(super) heaviest: f64,
}

/// Interval for the mean of differences, for skewed ones too.
///
/// Shape: equal lengths; clusters are any codes. Unit: that of the losses. Nulls: left out by the caller.
/// The bounds are `mean - s T` with the standard error `s`, where `T` solves Hall's cubic for the quantile of Student's
/// distribution with one degree of freedom less than there are rows or clusters; with `g` the skewness of the mean,
/// `T = 3 / g ((1 + g (t - g / 6))^(1/3) - 1)`; an end is never nearer than Student's own. Where rows share clusters,
/// the cluster is the unit: its weighted residuals are added up first.
/// Both ends then move out by what the score bound of the worst row (the largest difference over the rows) is further
/// than Student's: harm in few rows, when these were not drawn, leaves a small difference and a small error. In a row,
/// not in a whole cluster: that would take the power of all but the largest sets.
/// Edge: where all differences are 0 the interval has no width unless `largest` is known: then no bound is nearer than
/// `t^2 largest / n`. See [`Paired::differing`].
/// Errors: [`NoInterval::NoRows`], [`NoInterval::TooFew`] below 2 units, [`NoInterval::Lengths`],
/// [`NoInterval::NotANumber`], [`NoInterval::Weights`].
/// Source: Johnson, *Modified t Tests and Confidence Intervals for Asymmetrical Populations* (1978), inverted as in
/// Hall, *On the Removal of Skewness by Transformation* (1992); both from memory, coverage measured by `benches/model`.
pub fn skew_t(losses: &Losses, alpha: Alpha) -> Result<Paired, NoInterval> {
    let parts = parts(losses)?;
    let seen = || largest(losses.differences);
    let worst = losses.largest.unwrap_or_else(seen) * parts.heaviest;
    let units = Units {
        estimate: parts.mean,
        influence: &parts.influence,
        worst,
        scarce: None,
    };
    let (interval, variance) = units.interval(alpha)?;
    let rows = losses.differences.len();
    Ok(Paired {
        difference: parts.mean,
        interval,
        variance_of_difference: variance * rows as f64,
        worst_row: worst * rows as f64,
        method: match losses.clusters {
            Some(_) => Method::ClusteredT {
                clusters: parts.influence.len() as u64,
            },
            None => Method::SkewAdjustedT,
        },
        rows: rows as u64,
        differing: parts.differing,
    })
}

/// An estimate that is no mean, and what each row adds to its error.
#[derive(Debug, Clone, Copy)]
pub struct Influences<'a> {
    /// The estimate.
    pub estimate: f64,
    /// Per row, its part of `estimate - truth` to first order; they sum to 0.
    pub rows: &'a [f64],
    /// What rows share: a code per row.
    pub clusters: Option<&'a [u32]>,
    /// How much one row that was not drawn could change the estimate; `None` takes the most that one of these does.
    pub worst: Option<f64>,
    /// Rows or clusters of the kind of which there are fewest, where the estimate is as sure as these tell: the rarer class
    /// of an area. `None` is all of them.
    pub scarce: Option<u64>,
}

/// Interval for any smooth statistic, as [`skew_t`] has it for means: the statistic is taken as the mean of what its rows
/// add to it.
///
/// Shape, unit, edge and errors: as [`skew_t`]. What is not linear in the rows is left out; it vanishes as one over the
/// rows. Degrees of freedom, and what the sum of squares is made larger by, are those of the scarce kind where it is
/// named: fewer than 2 of it are [`NoInterval::TooFew`].
/// Source: the infinitesimal jackknife (Efron 1982, chapter 6; from memory), with the correction for skewness of
/// [`skew_t`].
pub fn influences(of: &Influences, alpha: Alpha) -> Result<Paired, NoInterval> {
    check(of.rows, None, of.clusters.map(<[u32]>::len))?;
    let summed = of
        .clusters
        .map(|codes| summed(of.rows.iter().copied(), codes));
    let worst = of.worst.unwrap_or_else(|| largest(of.rows));
    let units = Units {
        estimate: of.estimate,
        influence: summed.as_deref().unwrap_or(of.rows),
        worst,
        scarce: of.scarce,
    };
    let (interval, variance) = units.interval(alpha)?;
    let rows = of.rows.len() as f64;
    Ok(Paired {
        difference: of.estimate,
        interval,
        variance_of_difference: variance * rows,
        worst_row: worst * rows,
        method: match &summed {
            Some(clusters) => Method::ClusteredT {
                clusters: clusters.len() as u64,
            },
            None => Method::Influence,
        },
        rows: of.rows.len() as u64,
        differing: of.rows.iter().filter(|u| u.abs() > 0.0).count() as u64,
    })
}

pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0f64, |a, b| a.max(b.abs()))
}

/// Independent units with what each adds to an estimate's error.
struct Units<'a> {
    estimate: f64,
    influence: &'a [f64],
    worst: f64,
    /// Units of the kind of which there are fewest.
    scarce: Option<u64>,
}

impl Units<'_> {
    /// The interval, and the variance of the estimate.
    fn interval(&self, alpha: Alpha) -> Result<(Interval, f64), NoInterval> {
        let units = self.influence.len() as u64;
        let units = self.scarce.map_or(units, |scarce| scarce.min(units));
        if units < 2 {
            return Err(NoInterval::TooFew { units, needed: 2 });
        }
        let squares: f64 = self.influence.iter().map(|u| u * u).sum();
        let cubes: f64 = self.influence.iter().map(|u| u * u * u).sum();
        let count = units as f64;
        let variance = squares * count / (count - 1.0);
        let t = alpha.t(count - 1.0);
        let skew = if squares > 0.0 {
            cubes / squares.powf(1.5)
        } else {
            0.0
        };
        let error = variance.sqrt();
        let (below, above) = (unskewed(t, skew).max(t), (-unskewed(-t, skew)).max(t));
        let wider = score_half(variance, self.worst, t) - t * error;
        let interval = Interval {
            low: self.estimate - error * below - wider,
            high: self.estimate + error * above + wider,
        };
        Ok((interval, variance))
    }
}

/// The quantile of a studentised mean with this skewness where a symmetric one has `t`.
pub(super) fn unskewed(t: f64, skew: f64) -> f64 {
    if skew.abs() < 1e-8 {
        return t;
    }
    3.0 / skew * ((1.0 + skew * (t - skew / 6.0)).cbrt() - 1.0)
}

/// The inverse of [`unskewed`]: a studentised mean with this skewness as a symmetric one.
pub(super) fn normalised(t: f64, skew: f64) -> f64 {
    t + skew * t * t / 3.0 + skew * skew * t * t * t / 27.0 + skew / 6.0
}

/// Weighted mean and influences of rows or clusters, in the order of the first row of each.
pub(super) fn parts(losses: &Losses) -> Result<Parts, NoInterval> {
    let values = losses.differences;
    check(values, losses.weights, losses.clusters.map(<[u32]>::len))?;
    let weight = |row: usize| losses.weights.map_or(1.0, |w| w[row]);
    let total: f64 = (0..values.len()).map(weight).sum();
    if !(total.is_finite() && total > 0.0) {
        return Err(NoInterval::Weights);
    }
    let mean = values
        .iter()
        .enumerate()
        .map(|(i, v)| weight(i) * v)
        .sum::<f64>()
        / total;
    let rows = (0..values.len()).map(|i| weight(i) * (values[i] - mean) / total);
    let influence = match losses.clusters {
        None => rows.collect(),
        Some(of) => summed(rows, of),
    };
    Ok(Parts {
        mean,
        differing: values.iter().filter(|v| **v != 0.0).count() as u64,
        heaviest: (0..values.len()).map(weight).fold(0.0, f64::max) / total,
        influence,
    })
}

/// Sums of the rows of each cluster, in the order in which clusters first occur.
pub(super) fn summed(rows: impl Iterator<Item = f64>, of: &[u32]) -> Vec<f64> {
    let mut places = std::collections::HashMap::new();
    let mut sums: Vec<f64> = Vec::new();
    for (number, code) in rows.zip(of) {
        let place = *places.entry(*code).or_insert(sums.len());
        if place == sums.len() {
            sums.push(0.0);
        }
        sums[place] += number;
    }
    sums
}

/// Whether numbers are numbers and columns as long as each other.
pub(super) fn check(
    values: &[f64],
    weights: Option<&[f64]>,
    clusters: Option<usize>,
) -> Result<(), NoInterval> {
    let rows = values.len();
    if rows == 0 {
        return Err(NoInterval::NoRows);
    }
    for found in [weights.map(<[f64]>::len), clusters].into_iter().flatten() {
        if found != rows {
            return Err(NoInterval::Lengths { rows, found });
        }
    }
    if let Some(row) = values.iter().position(|v| !v.is_finite()) {
        return Err(NoInterval::NotANumber { row });
    }
    if weights.is_some_and(|w| w.iter().any(|w| !w.is_finite() || *w < 0.0)) {
        return Err(NoInterval::Weights);
    }
    Ok(())
}
