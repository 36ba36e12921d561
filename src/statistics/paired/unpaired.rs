//! Two models of which only summaries are known.

use super::{Alpha, Method, NoInterval, Paired};
use crate::statistics::intervals::{Interval, Share};

/// What is known of one model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Side {
    /// A number and nothing else.
    Number(f64),
    /// A number with its standard error.
    Estimate {
        /// Value of the metric.
        value: f64,
        /// Its standard error, in the same unit.
        standard_error: f64,
        /// Rows it is of, where that is known; the error counts as exact otherwise.
        rows: Option<u64>,
    },
    /// A share of rows.
    Counts(Share),
}

/// Interval for `candidate - baseline` of two models measured on rows that are not the same, or not known to be.
///
/// Unit: that of the metric. [`Paired::turned`] turns it where less is better. Paired rows need about a tenth as many.
/// [`Paired::rows`] is the smaller number of rows, 0 where one is not known; the variance is per row of that.
/// Two standard errors: Welch's interval with the degrees of freedom of Satterthwaite, normal where rows are not known.
/// Two counts: Newcombe's. One of each: their own intervals joined as Newcombe joins two of Wilson.
/// Edge: where both standard errors are 0, an interval without width.
/// Errors: [`NoInterval::Bare`] where a side is a bare number: the caller compares numbers and says that it does;
/// [`NoInterval::NotANumber`] for what is not finite, and for a negative standard error; [`NoInterval::NoRows`];
/// [`NoInterval::Counts`].
/// Source: Welch, *The generalization of 'Student's' problem* (1947); Newcombe (1998), method 10; Zou and Donner,
/// *Construction of confidence limits about effect measures: a general approach* (2008), for one of each; from memory.
pub fn unpaired(candidate: Side, baseline: Side, alpha: Alpha) -> Result<Paired, NoInterval> {
    let (now, before) = (Known::of(candidate)?, Known::of(baseline)?);
    let difference = now.value - before.value;
    let variance = now.variance + before.variance;
    let welch = matches!(
        (candidate, baseline),
        (Side::Estimate { .. }, Side::Estimate { .. })
    );
    let interval = if welch {
        let t = match freedom(&now, &before) {
            Some(freedom) => alpha.t(freedom),
            None => alpha.z(),
        };
        let half = t * variance.sqrt();
        Interval {
            low: difference - half,
            high: difference + half,
        }
    } else {
        let (a, b) = (now.interval(alpha), before.interval(alpha));
        let root = |a: f64, b: f64| a.hypot(b);
        Interval {
            low: difference - root(now.value - a.low, b.high - before.value),
            high: difference + root(a.high - now.value, before.value - b.low),
        }
    };
    let rows = now.rows.zip(before.rows).map_or(0, |(a, b)| a.min(b));
    Ok(Paired {
        difference,
        interval,
        variance_of_difference: variance * rows as f64,
        worst_row: 0.0,
        method: if welch {
            Method::Welch
        } else {
            Method::Newcombe
        },
        rows,
        differing: rows,
    })
}

struct Known {
    value: f64,
    variance: f64,
    rows: Option<u64>,
    share: Option<Share>,
}

impl Known {
    fn of(side: Side) -> Result<Self, NoInterval> {
        match side {
            Side::Number(_) => Err(NoInterval::Bare),
            Side::Estimate { rows: Some(0), .. } | Side::Counts(Share { rows: 0, .. }) => {
                Err(NoInterval::NoRows)
            }
            Side::Estimate {
                value,
                standard_error,
                rows,
            } => {
                if !(value.is_finite() && standard_error.is_finite() && standard_error >= 0.0) {
                    return Err(NoInterval::NotANumber { row: 0 });
                }
                Ok(Self {
                    value,
                    variance: standard_error * standard_error,
                    rows,
                    share: None,
                })
            }
            Side::Counts(share) if share.hits > share.rows => Err(NoInterval::Counts {
                part: share.hits,
                rows: share.rows,
            }),
            Side::Counts(share) => {
                let p = share.value();
                Ok(Self {
                    value: p,
                    variance: p * (1.0 - p) / share.rows as f64,
                    rows: Some(share.rows),
                    share: Some(share),
                })
            }
        }
    }

    fn interval(&self, alpha: Alpha) -> Interval {
        if let Some(share) = self.share {
            return share.wilson(alpha.z());
        }
        let t = match self.rows {
            Some(rows) if rows > 1 => alpha.t(rows as f64 - 1.0),
            _ => alpha.z(),
        };
        let half = t * self.variance.sqrt();
        Interval {
            low: self.value - half,
            high: self.value + half,
        }
    }
}

/// Satterthwaite's degrees of freedom; `None` where rows are not known, or nothing varies.
fn freedom(a: &Known, b: &Known) -> Option<f64> {
    let part = |side: &Known| {
        let rows = side.rows.filter(|rows| *rows > 1)?;
        Some(side.variance * side.variance / (rows as f64 - 1.0))
    };
    let sum = part(a)? + part(b)?;
    (sum > 0.0).then(|| (a.variance + b.variance).powi(2) / sum)
}
