//! Is one model better than another on the same rows, and how sure is that? Intervals of paired differences. Pure.
//!
//! Every difference is turned so that more is better: candidate minus baseline where a higher value of the metric is
//! better, baseline minus candidate where a lower one is. An interval has a one-sided error of [`Alpha`] at each end:
//! with 5 % it is what is called an interval of 90 %. The unit of a difference is that of the metric.
//!
//! Which one for what: [`proportions::shares`] for shares of the same rows (accuracy; recall among the positive rows);
//! [`mean::skew_t`] for means of row losses, also with weights and with rows that share a cluster; [`series::hac`] for
//! losses in time order; [`auc::delong`] for areas under the ROC curve; [`cells::cells`] for functions of a confusion
//! matrix (precision, F1, Matthews); [`bootstrap::bootstrap`] for everything else; [`shared::shared`] for many metrics
//! on many slices at once. [`unpaired`] is for two summaries without rows. [`decide`] turns an interval into a verdict.

pub mod auc;
pub mod binned;
pub mod bootstrap;
pub mod cells;
pub mod decide;
mod drawn;
pub mod ledger;
pub mod many;
pub mod mean;
pub mod proportions;
mod quantiles;
mod random;
pub mod search;
pub mod series;
pub mod shared;
pub mod shrink;
pub mod unpaired;

pub(crate) use random::spread;

use super::intervals::Interval;
use super::student::student_quantile;
use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::SQRT_2;
use thiserror::Error;

/// Chance of a wrong answer at one end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Alpha(f64);

impl Alpha {
    /// 0.05.
    pub const FIVE_PERCENT: Self = Self(0.05);

    /// A chance above 0 and below 0.5; `None` for every other number.
    #[must_use]
    pub fn new(chance: f64) -> Option<Self> {
        (chance > 0.0 && chance < 0.5).then_some(Self(chance))
    }

    /// The chance, above 0 and below 0.5.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// How many standard errors a normal estimate is off with this chance in one direction: 1.645 for 5 %.
    #[must_use]
    pub fn z(self) -> f64 {
        -normal_quantile(self.0)
    }

    /// As [`Self::z`], where the standard error has been estimated with so many degrees of freedom.
    #[must_use]
    pub fn t(self, freedom: f64) -> f64 {
        student_quantile((2.0 * self.0).ln(), freedom)
    }
}

/// The `x` below which a standard normal number is with this probability.
///
/// Edge: negative infinity for 0, infinity for 1, NaN outside.
/// Source: `-sqrt 2` times the inverse of `erfc` at twice the probability.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    if probability > 0.5 {
        SQRT_2 * erfc_inv(2.0 * (1.0 - probability))
    } else {
        -SQRT_2 * erfc_inv(2.0 * probability)
    }
}

/// Probability that a standard normal number is below `x`.
#[must_use]
pub fn normal_below(x: f64) -> f64 {
    0.5 * erfc(-x / SQRT_2)
}

/// What two models' difference on the same rows is, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// The difference on these rows. Unit: that of the metric; more is better.
    pub difference: f64,
    /// Where the difference on all rows like these is, with the one-sided error asked for at each end.
    pub interval: Interval,
    /// Variance of the difference times the rows. Unit: square of the metric's. Rows that share a cluster or follow
    /// each other in time count with what they share, so that [`decide`] can say how many rows would be needed.
    pub variance_of_difference: f64,
    /// How much one row that was not drawn could change the difference at most, times the rows; 0 where the interval
    /// makes no use of it.
    pub worst_row: f64,
    /// How the interval was made.
    pub method: Method,
    /// Rows that took part.
    pub rows: u64,
    /// Rows on which the models differ. Few of them say little, however many rows there are.
    pub differing: u64,
}

impl Paired {
    /// The same where less is better: difference and ends change their signs.
    #[must_use]
    pub fn turned(self) -> Self {
        Self {
            difference: -self.difference,
            interval: Interval {
                low: -self.interval.high,
                high: -self.interval.low,
            },
            ..self
        }
    }

    /// The same difference with at least the allowance for rows that were not drawn of another one, made of more rows.
    #[must_use]
    pub fn as_wary_as(self, other: &Self, alpha: Alpha) -> Self {
        let worst_row = self.worst_row.max(other.worst_row);
        self.widened(self.variance_of_difference, worst_row, alpha)
    }

    /// The same difference with at least the variance per row of another one, made of more rows.
    #[must_use]
    pub fn as_spread_as(self, other: &Self, alpha: Alpha) -> Self {
        let variance = self
            .variance_of_difference
            .max(other.variance_of_difference);
        self.widened(variance, self.worst_row, alpha)
    }

    /// Both ends moved out by what the score bound of these numbers is further than that of its own; without rows as it is.
    fn widened(mut self, variance: f64, worst_row: f64, alpha: Alpha) -> Self {
        let (rows, z) = (self.rows as f64, alpha.z());
        let half = |variance: f64, worst: f64| score_half(variance / rows, worst / rows, z);
        let wider = half(variance, worst_row) - half(self.variance_of_difference, self.worst_row);
        if wider > 0.0 {
            self.interval.low -= wider;
            self.interval.high += wider;
            self.variance_of_difference = variance;
            self.worst_row = worst_row;
        }
        self
    }

    /// The same difference with each end where that of this or of the other interval is further out.
    ///
    /// Variance and worst row are the greater ones, the method is this one's.
    #[must_use]
    pub fn further(mut self, other: &Self) -> Self {
        self.interval.low = self.interval.low.min(other.interval.low);
        self.interval.high = self.interval.high.max(other.interval.high);
        let greater = |own: &mut f64, other: f64| *own = own.max(other);
        greater(
            &mut self.variance_of_difference,
            other.variance_of_difference,
        );
        greater(&mut self.worst_row, other.worst_row);
        self
    }
}

/// How an interval was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// [`proportions::tango`], or [`proportions::shares`].
    Tango,
    /// [`mean::skew_t`] over rows.
    SkewAdjustedT,
    /// [`mean::influences`] over rows.
    Influence,
    /// [`mean::skew_t`] over so many clusters.
    ClusteredT {
        /// Clusters.
        clusters: u64,
    },
    /// [`series::hac`], the variance with Bartlett's weights up to this lag.
    NeweyWest {
        /// Largest lag that counts.
        lags: u32,
    },
    /// [`series::hac`], the variance from so many cosine transforms.
    Cosines {
        /// Transforms, which are the degrees of freedom.
        terms: u32,
    },
    /// [`auc::delong`].
    DeLong,
    /// [`auc::delong`] over so many clusters.
    ClusteredDeLong {
        /// Clusters.
        clusters: u64,
    },
    /// Quantiles of bootstrap replicates.
    Percentile {
        /// Replicates with a value.
        replicates: u32,
    },
    /// Quantiles of bootstrap replicates, corrected for bias and skewness.
    Bca {
        /// Replicates with a value.
        replicates: u32,
        /// Groups that were left out one after the other; as many as rows where each row was.
        groups: u32,
    },
    /// [`unpaired::unpaired`] from standard errors.
    Welch,
    /// [`unpaired::unpaired`] from counts.
    Newcombe,
}

impl Method {
    /// One phrase for a report.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Tango => "Tango's score interval of paired shares".to_owned(),
            Self::SkewAdjustedT => "skew-adjusted t interval of paired losses".to_owned(),
            Self::Influence => {
                "skew-adjusted t interval of what each row adds to the metric".to_owned()
            }
            Self::ClusteredT { clusters } => {
                format!("skew-adjusted t interval over {clusters} clusters")
            }
            Self::NeweyWest { lags } => {
                format!("Diebold-Mariano interval, Newey-West variance with {lags} lags")
            }
            Self::Cosines { terms } => {
                format!("Diebold-Mariano interval, variance from {terms} cosine transforms")
            }
            Self::DeLong => "DeLong's variance, score bounds".to_owned(),
            Self::ClusteredDeLong { clusters } => {
                format!("DeLong's variance over {clusters} clusters, score bounds")
            }
            Self::Percentile { replicates } => {
                format!("paired bootstrap, percentiles of {replicates} replicates")
            }
            Self::Bca { replicates, groups } => {
                format!(
                    "paired bootstrap, BCa of {replicates} replicates, jackknife over {groups} groups"
                )
            }
            Self::Welch => "Welch's interval of unpaired values".to_owned(),
            Self::Newcombe => "Newcombe's interval of unpaired shares".to_owned(),
        }
    }
}

/// Why there is no interval. Never a pass: the caller's verdict is an error or inconclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoInterval {
    /// Nothing to compare.
    #[error("there are no rows")]
    NoRows,
    /// Fewer independent units than the interval needs.
    #[error(
        "{units} independent rows or clusters are too few for an interval: at least {needed} are needed"
    )]
    TooFew {
        /// Rows or clusters.
        units: u64,
        /// How many there must be.
        needed: u64,
    },
    /// A number that is none, or infinite.
    #[error("the value of row {row} is not a finite number")]
    NotANumber {
        /// Row, from 0.
        row: usize,
    },
    /// A weight below 0, or no weight above 0.
    #[error("weights have to be at least 0 and not all 0")]
    Weights,
    /// Columns that do not belong together.
    #[error("a column has {found} rows where there are {rows}")]
    Lengths {
        /// Rows of the first column.
        rows: usize,
        /// Rows of the other.
        found: usize,
    },
    /// Counts that cannot be.
    #[error("{part} rows of {rows} cannot be")]
    Counts {
        /// Rows that are part of the others.
        part: u64,
        /// All rows.
        rows: u64,
    },
    /// All rows have one class.
    #[error("all rows have the same class")]
    OneClass,
    /// The statistic has no value on the rows themselves.
    #[error("the metric has no value on these rows")]
    Undefined,
    /// The statistic has no value on too many of the rows drawn anew.
    #[error(
        "the metric has no value in {undefined} of {replicates} replicates: too many for an interval"
    )]
    Replicates {
        /// Replicates without a value.
        undefined: u32,
        /// All replicates.
        replicates: u32,
    },
    /// No row shows a difference, and what rows that were not drawn could show is not known.
    #[error(
        "all rows say the same, and how far off a row that was not drawn could be is not known"
    )]
    Unseen,
    /// One side is a bare number.
    #[error("one side is a number without rows, counts or a standard error")]
    Bare,
}

/// Lower and upper bound of a mean of bounded terms, by a score statistic.
///
/// `variance` is that of the estimate; `worst` what one unseen row could change it by. The bound `x` below the
/// estimate solves `x^2 = z^2 (variance + worst x)`: for the difference to be `x` lower than seen, rows that are as
/// bad as can be must have been missed, and these would have made the variance larger by that much. It is never
/// nearer than `z^2 worst`, which is what no harm seen in all the rows can rule out.
/// Source: the same argument as in Tango's and Wilson's score intervals, for terms other than 0 and 1; own derivation.
pub(super) fn score_half(variance: f64, worst: f64, z: f64) -> f64 {
    let square = z * z;
    let root = (square * square * worst * worst + 4.0 * square * variance).sqrt();
    f64::midpoint(square * worst, root)
}

#[cfg(test)]
mod tests;
