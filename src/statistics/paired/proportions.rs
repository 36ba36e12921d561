//! Two models that are right or wrong on the same rows.

use super::{Alpha, Method, NoInterval, Paired};
use crate::statistics::intervals::Interval;
use crate::statistics::tails;

/// How often two models disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairs {
    /// All rows: for accuracy every row, for recall the positive ones, for specificity the negative ones.
    pub rows: u64,
    /// Rows on which only the candidate is right.
    pub gained: u64,
    /// Rows on which only the baseline is right.
    pub lost: u64,
}

impl Pairs {
    /// Counts two columns of hits.
    ///
    /// Edge: the rows of the shorter one.
    #[must_use]
    pub fn of(candidate: &[bool], baseline: &[bool]) -> Self {
        let mut pairs = Self {
            rows: candidate.len().min(baseline.len()) as u64,
            gained: 0,
            lost: 0,
        };
        for (c, b) in candidate.iter().zip(baseline) {
            pairs.gained += u64::from(*c && !*b);
            pairs.lost += u64::from(*b && !*c);
        }
        pairs
    }

    /// `(gained - lost) / rows`.
    #[must_use]
    pub fn difference(self) -> f64 {
        (self.gained as f64 - self.lost as f64) / self.rows as f64
    }
}

/// Tango's score interval for the difference of two shares of the same rows.
///
/// Unit: share, -1 to 1. Nulls: left out by the caller. Edge: without a disagreement the ends are
/// `-z^2 / (n + z^2)` and `z^2 / (n + z^2)`, so that few rows never prove that models are alike; an end is -1 or 1 only
/// where all rows were lost or gained.
/// Errors: [`NoInterval::NoRows`]; [`NoInterval::Counts`] for more disagreements than rows.
/// Source: Tango, *Equivalence test and confidence interval for the difference in proportions for the paired-sample
/// design* (1998), the statistic with the restricted maximum likelihood estimate, inverted by bisection (from memory;
/// held against a maximum that is searched for, see `tests/independent/paired.py`).
pub fn tango(pairs: Pairs, alpha: Alpha) -> Result<Paired, NoInterval> {
    if pairs.rows == 0 {
        return Err(NoInterval::NoRows);
    }
    let differing = pairs.gained.saturating_add(pairs.lost);
    if differing > pairs.rows {
        return Err(NoInterval::Counts {
            part: differing,
            rows: pairs.rows,
        });
    }
    let (z, seen) = (alpha.z(), pairs.difference());
    let mirrored = Pairs {
        gained: pairs.lost,
        lost: pairs.gained,
        ..pairs
    };
    Ok(Paired {
        difference: seen,
        interval: Interval {
            low: -upper(mirrored, z),
            high: upper(pairs, z),
        },
        variance_of_difference: differing as f64 / pairs.rows as f64 - seen * seen,
        worst_row: 1.0,
        method: Method::Tango,
        rows: pairs.rows,
        differing,
    })
}

/// [`tango`], but that an end leaves 0 out only where McNemar's exact test does too: the interval to decide with.
///
/// Tango's interval holds its level on average over truths, and blocks a model that is no different in 7 % instead of 5
/// % where few rows differ (docs/model-benchmark.md); the exact test is below 5 % at every number of them.
/// Unit, edge and errors: as [`tango`]; an end that the exact test does not carry is 0.
pub fn shares(pairs: Pairs, alpha: Alpha) -> Result<Paired, NoInterval> {
    let mut found = tango(pairs, alpha)?;
    let exact = mcnemar_exact(pairs);
    if exact.worse > alpha.value() {
        found.interval.high = found.interval.high.max(0.0);
    }
    if exact.better > alpha.value() {
        found.interval.low = found.interval.low.min(0.0);
    }
    Ok(found)
}

/// The largest difference that the counts do not refute.
fn upper(pairs: Pairs, z: f64) -> f64 {
    if pairs.gained == pairs.rows {
        return 1.0;
    }
    let (mut low, mut high) = (pairs.difference(), 1.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if score(pairs, middle) >= -z {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// How many standard errors the counts are above a difference, where the error is that under the difference.
fn score(pairs: Pairs, difference: f64) -> f64 {
    let (n, b, c) = (pairs.rows as f64, pairs.gained as f64, pairs.lost as f64);
    let lost = lost_share(pairs, difference);
    let variance = n * (2.0 * lost + difference * (1.0 - difference));
    let above = b - c - n * difference;
    if variance <= 0.0 {
        return if above == 0.0 {
            0.0
        } else {
            above.signum() * f64::INFINITY
        };
    }
    above / variance.sqrt()
}

/// Most likely share of lost rows under a difference: the larger root of `2 n q^2 + B q + C = 0`.
fn lost_share(pairs: Pairs, difference: f64) -> f64 {
    let (n, b, c) = (pairs.rows as f64, pairs.gained as f64, pairs.lost as f64);
    let linear = (2.0 * n - b + c) * difference - b - c;
    let constant = -c * difference * (1.0 - difference);
    let root = (linear * linear - 8.0 * n * constant).max(0.0).sqrt();
    // The form without cancellation, by the sign of the linear term.
    let share = if linear > 0.0 {
        -2.0 * constant / (linear + root)
    } else {
        (root - linear) / (4.0 * n)
    };
    share.max(0.0)
}

/// Exact chances of the disagreements where neither model is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct McNemar {
    /// Chance of as many lost rows or more: small where the candidate is worse.
    pub worse: f64,
    /// Chance of as many gained rows or more: small where the candidate is better.
    pub better: f64,
    /// Twice the smaller one, at most 1.
    pub two_sided: f64,
}

/// McNemar's test, exact: the disagreements are tosses of a fair coin where neither model is better.
///
/// Unit: probability. Edge: all three are 1 without a disagreement.
/// Source: McNemar, *Note on the sampling error of the difference between correlated proportions* (1947), with the
/// binomial tail instead of the normal one; from memory, held against scipy's `binomtest`.
#[must_use]
pub fn mcnemar_exact(pairs: Pairs) -> McNemar {
    let all = pairs.gained as f64 + pairs.lost as f64;
    let tail = |count: u64| tails::binomial(count as f64, all, 0.5).exp().min(1.0);
    let (worse, better) = (tail(pairs.lost), tail(pairs.gained));
    McNemar {
        worse,
        better,
        two_sided: (2.0 * worse.min(better)).min(1.0),
    }
}
