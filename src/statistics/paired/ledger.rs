//! Attempts on the same rows spend the error; small accepted losses are held against where they began.

use super::decide::{Decision, Power, Question, decide};
use super::{Alpha, Paired};
use std::f64::consts::PI;

/// The error that attempt `attempt` (from 1) on the same evaluation rows may spend: `alpha 6 / (pi^2 k^2)`.
///
/// All attempts together spend `alpha`, however many there are, so a candidate that is truly worse passes in one of
/// them with at most that chance. At 5 %: 3.0 %, 0.76 %, 0.34 %, and 0.03 % at the tenth. Halving would leave a
/// thousandth of `alpha` at the tenth, and the standard errors asked for would grow with the root of `k`; here they
/// grow with the root of `ln k`, while the first attempt keeps more (61 % of `alpha` against 50 %).
/// It bounds what luck does. It does not bound what can be learnt about the rows from one verdict after the other by
/// who looks at more than the verdict: new rows do.
/// Edge: attempt 0 counts as the first.
/// Source: the union bound with `sum 1 / k^2 = pi^2 / 6`.
#[must_use]
pub fn spend(alpha: Alpha, attempt: u32) -> Alpha {
    let k = f64::from(attempt.max(1));
    Alpha(alpha.value() * 6.0 / (PI * PI * k * k))
}

/// The error of each of a number of attempts that was declared before the first: `alpha / attempts`.
///
/// Edge: 0 attempts count as one. Source: the union bound (Bonferroni).
#[must_use]
pub fn spend_declared(alpha: Alpha, attempts: u32) -> Alpha {
    Alpha(alpha.value() / f64::from(attempts.max(1)))
}

/// A decision against the baseline that also holds against the anchor, the model that the margin was first set for.
///
/// Ten losses of nine tenths of the margin each pass one by one; the anchor stops the second. Both have to be promoted
/// (an intersection-union test, no correction); a block of either blocks; the rows needed are the larger number, and
/// unknown where either is.
/// Shape: two paired differences of the same candidate, each turned so that more is better.
#[must_use]
pub fn anchored(
    to_baseline: &Paired,
    to_anchor: &Paired,
    margin: f64,
    alpha: Alpha,
    power: Power,
) -> Decision {
    let question = Question::NoWorse { margin };
    let both = [to_baseline, to_anchor].map(|paired| decide(paired, question, alpha, power));
    match both {
        [Decision::Block, _] | [_, Decision::Block] => Decision::Block,
        [Decision::Promote, other] | [other, Decision::Promote] => other,
        [
            Decision::Inconclusive { rows: a },
            Decision::Inconclusive { rows: b },
        ] => Decision::Inconclusive {
            rows: a.zip(b).map(|(a, b)| a.max(b)),
        },
    }
}

/// The margin that is left where the anchor's predictions are not at hand but its value is: `margin` less what the
/// baseline has already lost against the anchor.
///
/// Shape: `lost` is the anchor's value minus the baseline's, turned so that a loss is positive. Unit: that of the
/// metric.
/// Edge: gains do not widen it; 0 where all is spent, which a candidate passes only by being proved better.
#[must_use]
pub fn margin_left(margin: f64, lost: f64) -> f64 {
    (margin - lost.max(0.0)).max(0.0)
}
