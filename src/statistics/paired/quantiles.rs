//! From replicates of a statistic to an interval.

use super::{Alpha, Method, NoInterval, Paired, normal_below, normal_quantile, score_half};
use crate::statistics::intervals::Interval;

/// Which quantiles of the replicates are the ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Those of the one-sided error. No jackknife is needed.
    Percentile,
    /// Those and the ones corrected for bias and for a variance that depends on the value (bias-corrected and
    /// accelerated), at each end whichever is further out.
    Bca,
}

/// How often, from which seed, and on how many threads. The result does not depend on the threads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Where random numbers begin.
    pub seed: u64,
    /// Replicates: 1,000 for percentiles, 2,000 for BCa are usual.
    pub replicates: u32,
    /// Threads, at least 1.
    pub threads: usize,
    /// One-sided error of the interval.
    pub alpha: Alpha,
    /// Which quantiles.
    pub kind: Kind,
}

/// A statistic, and what it is on rows drawn anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrapped {
    /// The statistic on the rows themselves.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// Variance of the replicates.
    pub variance: f64,
    /// Replicates in which the statistic had no value; they are left out.
    pub undefined: u32,
    /// All replicates.
    pub replicates: u32,
    /// How much one row that was not drawn could change the value at most, where the interval allows for it; else 0.
    pub worst: f64,
    /// How the interval was made.
    pub method: Method,
}

impl Bootstrapped {
    /// The same as a paired difference of so many rows, of which so many differ.
    #[must_use]
    pub fn paired(&self, rows: u64, differing: u64) -> Paired {
        Paired {
            difference: self.value,
            interval: self.interval,
            variance_of_difference: self.variance * rows as f64,
            worst_row: self.worst * rows as f64,
            method: self.method,
            rows,
            differing,
        }
    }
}

impl Bootstrapped {
    /// Allows for rows that were not drawn: `worst` is how much one row could change the value at most.
    ///
    /// Unit: that of the value. Both ends move out by what the score bound is further than a normal one, between a half
    /// and the whole of `z^2 worst`; see [`super::auc::delong`] for the reason. Edge: 0 changes nothing.
    #[must_use]
    pub fn allowing(mut self, worst: f64, alpha: Alpha) -> Self {
        let z = alpha.z();
        let wider = score_half(self.variance, worst, z) - z * self.variance.sqrt();
        self.interval.low -= wider;
        self.interval.high += wider;
        self.worst = worst;
        self
    }
}

/// Largest share of replicates that may be without a value.
const UNDEFINED: f64 = 0.05;

/// The jackknife's part of an interval: how the statistic leans, and from how many groups that is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lean {
    pub(super) acceleration: f64,
    pub(super) groups: u32,
}

/// Acceleration from the statistic without each group; each value stands for `times` equal ones.
///
/// Source: `sum l^3 / (6 (sum l^2)^(3/2))` with `l` the mean of all values less each (Efron 1987; from memory).
pub(super) fn lean(without: &[(Option<f64>, u64)]) -> Lean {
    let known = || {
        without
            .iter()
            .filter_map(|(v, times)| v.map(|v| (v, *times as f64)))
    };
    let count: f64 = known().map(|(_, times)| times).sum();
    let mean = known().map(|(v, times)| v * times).sum::<f64>() / count;
    let (squares, cubes) = known().fold((0.0, 0.0), |(squares, cubes), (v, times)| {
        let l = mean - v;
        (squares + times * l * l, cubes + times * l * l * l)
    });
    let acceleration = if squares > 0.0 {
        cubes / (6.0 * f64::powf(squares, 1.5))
    } else {
        0.0
    };
    let groups: u64 = without.iter().map(|(_, times)| times).sum();
    Lean {
        acceleration: if acceleration.is_finite() {
            acceleration
        } else {
            0.0
        },
        groups: u32::try_from(groups).unwrap_or(u32::MAX),
    }
}

/// An interval from replicates; `lean` is given for BCa.
///
/// Errors: [`NoInterval::Undefined`], [`NoInterval::Replicates`].
pub(super) fn interval(
    value: Option<f64>,
    replicates: &[Option<f64>],
    lean: Option<Lean>,
    alpha: Alpha,
) -> Result<Bootstrapped, NoInterval> {
    let value = value
        .filter(|v| v.is_finite())
        .ok_or(NoInterval::Undefined)?;
    let mut known: Vec<f64> = replicates
        .iter()
        .flatten()
        .copied()
        .filter(|v| v.is_finite())
        .collect();
    let all = u32::try_from(replicates.len()).unwrap_or(u32::MAX);
    let undefined = all - u32::try_from(known.len()).unwrap_or(u32::MAX);
    if known.len() < 2 || f64::from(undefined) > UNDEFINED * f64::from(all) {
        return Err(NoInterval::Replicates {
            undefined,
            replicates: all,
        });
    }
    known.sort_unstable_by(f64::total_cmp);
    let count = known.len() as f64;
    let mean = known.iter().sum::<f64>() / count;
    let variance = known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let (mut low, mut high) = (alpha.value(), 1.0 - alpha.value());
    if let Some(lean) = lean {
        // The correction only ever widens: where few rows differ it is mostly noise.
        let corrected = levels(&known, value, lean, alpha);
        (low, high) = (low.min(corrected.0), high.max(corrected.1));
    }
    let defined = all - undefined;
    Ok(Bootstrapped {
        value,
        interval: Interval {
            low: quantile(&known, low),
            high: quantile(&known, high),
        },
        variance,
        undefined,
        replicates: all,
        worst: 0.0,
        method: match lean {
            None => Method::Percentile {
                replicates: defined,
            },
            Some(lean) => Method::Bca {
                replicates: defined,
                groups: lean.groups,
            },
        },
    })
}

/// The two levels of BCa.
///
/// Edge: replicates equal to the value count one half as below it; where all are on one side, as if half a replicate
/// were on the other.
/// Source: Efron, *Better Bootstrap Confidence Intervals* (1987), from memory.
fn levels(sorted: &[f64], value: f64, lean: Lean, alpha: Alpha) -> (f64, f64) {
    let count = sorted.len() as f64;
    let below = sorted.partition_point(|v| *v < value) as f64;
    let up_to = sorted.partition_point(|v| *v <= value) as f64;
    let share = (f64::midpoint(below, up_to) / count).clamp(0.5 / count, 1.0 - 0.5 / count);
    let bias = normal_quantile(share);
    let level = |z: f64| {
        let moved = bias + z;
        let room = 1.0 - lean.acceleration * moved;
        if room <= 0.0 {
            // The correction has run off: the outermost replicate.
            return if moved > 0.0 { 1.0 } else { 0.0 };
        }
        normal_below(bias + moved / room)
    };
    (level(-alpha.z()), level(alpha.z()))
}

/// A quantile of ascending values, between ranks `(n + 1) p` by a straight line.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank within the list"
)]
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = ((sorted.len() as f64 + 1.0) * level - 1.0).clamp(0.0, last as f64);
    let (low, part) = (place.floor() as usize, place.fract());
    let high = sorted[(low + 1).min(last)];
    sorted[low] + part * (high - sorted[low])
}
