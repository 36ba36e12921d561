//! The mean difference of two models' losses in time order, where a row is like the one before it.

use super::mean::{Influences, Losses, influences, largest, parts, skew_t};
use super::{Alpha, Method, NoInterval, Paired, mean, score_half};
use crate::statistics::intervals::Interval;
use std::f64::consts::PI;

/// How the long-run variance is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LongRun {
    /// Newey and West's: autocovariances up to a lag, with Bartlett's weights. The lag is
    /// `max(horizon - 1, floor(4 (n / 100)^(2/9)))`. Known by name; promotes a
    /// little more often than the cosines: see docs/model-benchmark.md.
    NeweyWest,
    /// The mean square of `floor(0.4 n^(2/3))` cosine transforms, with as many degrees of freedom: at least 1, and at most
    /// `n - 1` and 400, beyond which Student's quantile is the normal one and more transforms only add bias. Holds its
    /// level better.
    Cosines,
}

/// Interval for the mean of loss differences in time order: the test of Diebold and Mariano.
///
/// Shape: differences (baseline's loss minus candidate's) in time order; `horizon` is how many rows ahead a forecast
/// looks, 1 where each row is known before the next is forecast. Unit: that of the losses. Nulls: left out by the
/// caller, which shifts the lags by as many rows. Edge: an interval without width where all differences are 0.
/// With [`LongRun::NeweyWest`] the standard error is multiplied by
/// `sqrt((n + 1 - 2 h + h (h - 1) / n) / n)^-1` and the quantile is Student's with `n - 1` degrees of freedom.
/// Both ends allow for harm in rows that were not drawn, by the largest difference seen, as [`mean::skew_t`] does.
/// Errors: as [`mean::skew_t`]; [`NoInterval::TooFew`] below 8 rows, or fewer than `2 horizon + 2`.
/// Source, all from memory: Diebold and Mariano, *Comparing Predictive Accuracy* (1995); Harvey, Leybourne and Newbold,
/// *Testing the equality of prediction mean squared errors* (1997), the factor; Newey and West (1987, and the lag rule
/// of 1994); Lazarus, Lewis, Stock and Watson, *HAR Inference: Recommendations for Practice* (2018), the cosines.
pub fn hac(
    differences: &[f64],
    horizon: u32,
    long_run: LongRun,
    alpha: Alpha,
) -> Result<Paired, NoInterval> {
    mean::check(differences, None, None)?;
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let series = Series {
        estimate: mean,
        centred: differences.iter().map(|d| d - mean).collect(),
        worst: largest(differences) / count,
        scarce: None,
        differing: differing(differences),
    };
    series.interval(horizon, long_run, alpha)
}

/// Interval for the weighted mean of losses in time order, whose rows may share clusters as well.
///
/// Shape, unit, nulls and errors: as [`skew_t`], rows in time order, each known before the next is forecast; at least 8 of
/// them. The long-run variance is that of `n w (d - mean) / sum of w` by [`LongRun::Cosines`], whose mean is that of the
/// losses: a row of weight 2 is one observation that matters twice. Both ends allow for rows that were not drawn as
/// [`skew_t`] does, by `largest` where it is known.
/// Where rows share clusters, each end is the further one of this interval and of [`skew_t`] over the clusters: rows of one
/// cluster that lie far apart in time share what the long-run variance of so few transforms does not see, and rows of
/// different clusters that follow each other share what clusters do not.
/// Source: the influence of a row on a weighted mean, in the long-run variance of [`hac`].
pub fn losses_in_time(losses: &Losses, alpha: Alpha) -> Result<Paired, NoInterval> {
    let parts = parts(&Losses {
        clusters: None,
        ..*losses
    })?;
    let seen = || largest(losses.differences);
    let series = Series {
        estimate: parts.mean,
        centred: scaled(&parts.influence),
        worst: losses.largest.unwrap_or_else(seen) * parts.heaviest,
        scarce: None,
        differing: parts.differing,
    };
    let followed = series.interval(1, LongRun::Cosines, alpha)?;
    match losses.clusters {
        None => Ok(followed),
        Some(_) => Ok(skew_t(losses, alpha)?.further(&followed)),
    }
}

/// Interval for any smooth statistic of rows in time order, as [`influences`] has it for rows that do not follow each other.
///
/// Shape, unit and errors: as [`influences`], rows in time order, at least 8. The long-run variance is that of what each row
/// adds, times the rows. Degrees of freedom are the transforms, or one less than the units of the scarce kind where these
/// are fewer. Where rows share clusters, each end is the further one of both, for the reason that [`losses_in_time`] gives.
/// Source: as [`influences`] and [`hac`].
pub fn in_time(of: &Influences, alpha: Alpha) -> Result<Paired, NoInterval> {
    mean::check(of.rows, None, of.clusters.map(<[u32]>::len))?;
    let series = Series {
        estimate: of.estimate,
        centred: scaled(of.rows),
        worst: of.worst.unwrap_or_else(|| largest(of.rows)),
        scarce: of.scarce,
        differing: differing(of.rows),
    };
    let followed = series.interval(1, LongRun::Cosines, alpha)?;
    match of.clusters {
        None => Ok(followed),
        Some(_) => Ok(influences(of, alpha)?.further(&followed)),
    }
}

/// What each row adds, times the rows: numbers whose mean is 0 and whose variance over the rows is the estimate's.
fn scaled(influence: &[f64]) -> Vec<f64> {
    let rows = influence.len() as f64;
    influence.iter().map(|own| own * rows).collect()
}

fn differing(values: &[f64]) -> u64 {
    values.iter().filter(|value| **value != 0.0).count() as u64
}

/// An estimate from rows in time order.
struct Series {
    estimate: f64,
    /// One number per row, whose mean is 0 but for rounding.
    centred: Vec<f64>,
    /// How much one row that was not drawn could change the estimate.
    worst: f64,
    /// Units of the kind of which there are fewest.
    scarce: Option<u64>,
    differing: u64,
}

impl Series {
    fn interval(
        &self,
        horizon: u32,
        long_run: LongRun,
        alpha: Alpha,
    ) -> Result<Paired, NoInterval> {
        let rows = self.centred.len() as u64;
        let needed = u64::from(horizon)
            .saturating_mul(2)
            .saturating_add(2)
            .max(8);
        for (units, needed) in [(rows, needed), (self.scarce.unwrap_or(rows), 2)] {
            if units < needed {
                return Err(NoInterval::TooFew { units, needed });
            }
        }
        let count = rows as f64;
        let most = self
            .scarce
            .map_or(f64::INFINITY, |units| units as f64 - 1.0);
        let t = |freedom: f64| alpha.t(freedom.min(most));
        let (variance, half, method) = match long_run {
            LongRun::NeweyWest => {
                let lags = lags(count, horizon);
                let variance = newey_west(&self.centred, lags) / count;
                let h = f64::from(horizon.max(1));
                let factor = (count + 1.0 - 2.0 * h + h * (h - 1.0) / count) / count;
                let half = score_half(variance / factor, self.worst, t(count - 1.0));
                (variance, half, Method::NeweyWest { lags })
            }
            LongRun::Cosines => {
                let terms = terms(count);
                let variance = cosines(&self.centred, terms) / count;
                let half = score_half(variance, self.worst, t(f64::from(terms)));
                (variance, half, Method::Cosines { terms })
            }
        };
        Ok(Paired {
            difference: self.estimate,
            interval: Interval {
                low: self.estimate - half,
                high: self.estimate + half,
            },
            variance_of_difference: variance * count,
            worst_row: self.worst * count,
            method,
            rows,
            differing: self.differing,
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of lags; the cast saturates"
)]
fn lags(count: f64, horizon: u32) -> u32 {
    let rule = (4.0 * (count / 100.0).powf(2.0 / 9.0)).floor() as u32;
    rule.max(horizon.saturating_sub(1)).min(count as u32 - 1)
}

/// Cosine transforms, at most.
const MOST_TERMS: u32 = 400;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of terms; the cast saturates"
)]
fn terms(count: f64) -> u32 {
    let rule = (0.4 * count.powf(2.0 / 3.0)).floor() as u32;
    rule.min(MOST_TERMS).clamp(1, count as u32 - 1)
}

/// Long-run variance with Bartlett's weights, which make it at least 0.
fn newey_west(centred: &[f64], lags: u32) -> f64 {
    let at = |lag: usize| {
        let pairs = centred.iter().zip(&centred[lag..]);
        pairs.map(|(a, b)| a * b).sum::<f64>() / centred.len() as f64
    };
    let weighted = (1..=lags).map(|lag| {
        let weight = 1.0 - f64::from(lag) / (f64::from(lags) + 1.0);
        2.0 * weight * at(lag as usize)
    });
    (at(0) + weighted.sum::<f64>()).max(0.0)
}

/// Transforms that are summed in one pass over the rows.
const TOGETHER: usize = 8;

/// Long-run variance as the mean square of the first cosine transforms.
fn cosines(centred: &[f64], terms: u32) -> f64 {
    let n = centred.len() as f64;
    let mut squares = 0.0;
    for first in (1..=terms).step_by(TOGETHER) {
        let steps: [f64; TOGETHER] =
            std::array::from_fn(|lane| PI * (f64::from(first) + lane as f64) / n);
        // cos((t + 1/2) step) for all t by rotation, begun anew every 256 rows so that rounding cannot add up.
        let mut sums = [0.0; TOGETHER];
        for (chunk, part) in centred.chunks(256).enumerate() {
            let starts = steps.map(|step| (chunk * 256) as f64 * step + step / 2.0);
            rotated(part, starts, steps, &mut sums);
        }
        for (_, sum) in (first..=terms).zip(sums) {
            squares += 2.0 / n * sum * sum;
        }
    }
    squares / f64::from(terms)
}

/// Adds sums of values times cosines of angles, each of which grows by its own step.
fn rotated(
    values: &[f64],
    starts: [f64; TOGETHER],
    steps: [f64; TOGETHER],
    sums: &mut [f64; TOGETHER],
) {
    let (sine, cosine) = (steps.map(f64::sin), steps.map(f64::cos));
    let (mut y, mut x) = (starts.map(f64::sin), starts.map(f64::cos));
    for value in values {
        for lane in 0..TOGETHER {
            sums[lane] += value * x[lane];
            let turned = x[lane] * cosine[lane] - y[lane] * sine[lane];
            y[lane] = y[lane] * cosine[lane] + x[lane] * sine[lane];
            x[lane] = turned;
        }
    }
}
