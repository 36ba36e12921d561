//! From an interval to a verdict.

use super::{Alpha, Paired, normal_quantile, score_half};

/// What is asked of a candidate. Margins are in the unit of the difference and at least 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Question {
    /// Is it no worse than the baseline by `margin` or more (non-inferiority)?
    NoWorse {
        /// Loss that is accepted.
        margin: f64,
    },
    /// Is it better by more than this (superiority)?
    Better {
        /// Gain that is asked for; 0 asks for any.
        by: f64,
    },
    /// Is it neither better nor worse by `margin` or more (equivalence)?
    Alike {
        /// Difference that is accepted.
        margin: f64,
    },
}

/// What the rows prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// What was asked for.
    Promote,
    /// The opposite: worse (for [`Question::NoWorse`]), not better by so much, or not alike.
    Block,
    /// Neither.
    Inconclusive {
        /// Rows like these that would prove what was asked for, were the difference the one seen; `None` where no
        /// number would, since the difference seen is at the margin or beyond, or where rows are not known.
        rows: Option<u64>,
    },
}

/// Chance that an answer is found that is there to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power(f64);

impl Power {
    /// 0.9.
    pub const NINETY_PERCENT: Self = Self(0.9);

    /// From 0.5 to below 1; `None` for every other number.
    #[must_use]
    pub fn new(chance: f64) -> Option<Self> {
        (0.5..1.0).contains(&chance).then_some(Self(chance))
    }

    /// Standard errors between the truth and the bound: 1.282 for 90 %.
    #[must_use]
    pub fn z(self) -> f64 {
        normal_quantile(self.0)
    }
}

/// What the interval proves about the question.
///
/// No worse: promoted if the lower end is above `-margin`, else blocked if the upper end is below 0. Both can hold (a
/// small loss that is certain): it is promoted, and an anchored baseline keeps such losses from adding up, see
/// [`super::ledger`]. Better: promoted if the lower end is above `by`, blocked if the upper end is below it. Alike:
/// promoted if both ends are within the margin, blocked if the interval is outside.
/// `alpha` is that of the interval and counts only for the rows needed:
/// `((z_alpha + z_power)^2 v + z_alpha^2 w room) / room^2` with `v` the variance per row, `w` what the worst row not
/// drawn could change, and `room` between the difference seen and the bound; for [`Question::Alike`] half of the
/// missing power at each end. At least one row more than there are.
/// Edge: an end or a margin that is NaN, and a margin below 0, prove nothing.
#[must_use]
pub fn decide(paired: &Paired, question: Question, alpha: Alpha, power: Power) -> Decision {
    let (low, high, seen) = (paired.interval.low, paired.interval.high, paired.difference);
    let (promoted, blocked, room, power) = match question {
        Question::NoWorse { margin } => (
            margin >= 0.0 && low > -margin,
            margin >= 0.0 && high < 0.0,
            margin + seen,
            power,
        ),
        Question::Better { by } => (low > by, high < by, seen - by, power),
        Question::Alike { margin } => (
            margin >= 0.0 && low > -margin && high < margin,
            margin >= 0.0 && (low > margin || high < -margin),
            margin - seen.abs(),
            Power(f64::midpoint(1.0, power.0)),
        ),
    };
    match (promoted, blocked) {
        (true, _) => Decision::Promote,
        (false, true) => Decision::Block,
        (false, false) => Decision::Inconclusive {
            rows: needed(paired, room, alpha, power),
        },
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of rows below 2^53"
)]
fn needed(paired: &Paired, room: f64, alpha: Alpha, power: Power) -> Option<u64> {
    let z = alpha.z() + power.z();
    let unseen = alpha.z().powi(2) * paired.worst_row * room;
    let rows = (z * z * paired.variance_of_difference + unseen) / (room * room);
    let known = room > 0.0 && paired.rows > 0 && rows.is_finite() && rows < 9e15;
    known.then(|| (rows.ceil() as u64).max(paired.rows + 1))
}

/// Rows of two models that never differ which prove that the one is no worse than the other by `margin`: below that
/// number nothing does, however alike they are.
///
/// Shape: a metric of which one row that was not drawn could change the difference by one row's share: shares of rows,
/// losses from 0 to 1, areas under the ROC curve by the rows of the rarer class. `None` for a margin that is not above 0.
/// Source: the score bound of no difference at all, `z_alpha^2 / n`, as in [`detectable`].
#[must_use]
pub fn rows_without_difference(margin: f64, alpha: Alpha) -> Option<u64> {
    counted(alpha.z().powi(2) / margin, margin)
}

/// Rows that prove with this power that a model is no worse by `margin`, where it is equally good and the models differ in
/// a share `differing` of the rows.
///
/// Shape: a share of rows that are right. `None` for a margin that is not above 0.
/// Source: as [`decide`] says of the rows needed, with the variance of a difference of zeros and ones around 0.
#[must_use]
pub fn rows_for_share(margin: f64, differing: f64, alpha: Alpha, power: Power) -> Option<u64> {
    let z = alpha.z() + power.z();
    let rows = (z * z * differing + alpha.z().powi(2) * margin) / (margin * margin);
    counted(rows, margin)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number of rows below 2^53"
)]
fn counted(rows: f64, margin: f64) -> Option<u64> {
    (margin > 0.0 && rows.is_finite() && rows < 9e15).then(|| rows.ceil() as u64)
}

/// The smallest loss that so many rows tell from none with this power, and so the smallest margin worth asking for.
///
/// Shape: variance per row and worst row as in [`Paired`], from these rows or from earlier ones. Unit: that of the
/// difference. Edge: infinite without rows.
/// Source: `(z_alpha + z_power) sqrt(v / n)`, and the score bound of the worst row.
#[must_use]
pub fn detectable(rows: u64, paired: &Paired, alpha: Alpha, power: Power) -> f64 {
    if rows == 0 {
        return f64::INFINITY;
    }
    let (n, z) = (rows as f64, alpha.z() + power.z());
    // The power is needed for what varies, not for what was not drawn.
    let worst = paired.worst_row * (alpha.z() / z).powi(2);
    score_half(paired.variance_of_difference / n, worst / n, z)
}
