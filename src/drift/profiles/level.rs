//! How often a column in which nothing changed would surprise as much as this one.

use super::cells::Column;
use crate::drift::sample::Random;
use crate::drift::sample::level::{ENOUGH, least, whole};
use crate::statistics::draws::Hypergeometric;

/// Draws of one column at most.
const MOST: usize = 200_000;

/// Draws at least as surprising after which a column that cannot count any more is left.
const HOPELESS: usize = 3;

/// How much more likely a tail may be than its approximation says before it is no longer believed.
const DOUBT: f64 = 1_000.0;

/// Draws behind a tail that is so small that it is believed.
const FEW: usize = 199;

/// Least probability that is claimed. Its bound is not known well enough to claim less.
const LEAST: f64 = 1e-9;

/// How often draws of the column are at least as surprising.
#[derive(Debug, Clone)]
pub(super) struct Level {
    minima: Vec<f64>,
    /// Kinds of change that are looked at.
    tests: f64,
    /// Below this probability a column counts, whatever the others say.
    wanted: f64,
    /// Probability of a column at least this surprising where nothing changed.
    pub p: f64,
}

impl Level {
    /// Draws one side from both until it is clear on which side of `wanted`, the level over the number of columns,
    /// the probability is.
    ///
    /// `p` is as for rows: `h / l` when the `h`-th draw as surprising was the `l`-th, else one more than the number of
    /// such over one more than the draws. Where a tail is so small that a thousand times all kinds could not explain
    /// it, few draws are made, none of which may come near; `p` is then that product.
    /// Source: Besag and Clifford (1991); Phipson and Smyth (2010).
    pub(super) fn of(
        column: &Column,
        observed: f64,
        (wanted, columns): (f64, usize),
        law: &Hypergeometric,
        seed: u64,
    ) -> Self {
        let kinds = column.scorer.kinds();
        let mut level = Self {
            minima: Vec::new(),
            tests: kinds.len() as f64,
            wanted,
            p: 1.0,
        };
        if kinds.len() == 1 {
            // One kind, which is exact by itself.
            level.p = observed.exp().max(LEAST);
            return level;
        }
        let most = (whole(ENOUGH as f64 / wanted) - 1).min(MOST);
        let believed = level.is_clear(observed);
        let mut random = Random::new(seed);
        let (mut rows, mut surprises) = (Vec::new(), Vec::new());
        let mut as_small = 0;
        while level.minima.len() < most {
            column.draw(law, &mut random, &mut rows);
            column.score(&rows, &mut surprises);
            let minimum = least(&surprises);
            level.minima.push(minimum);
            as_small += usize::from(minimum <= observed);
            if as_small >= ENOUGH {
                level.p = as_small as f64 / level.minima.len() as f64;
                return level;
            }
            // So many columns as likely as this one are adjusted to 1: no better is known of it, and none needed.
            let drawn = level.minima.len() as f64;
            if as_small >= HOPELESS && as_small as f64 * columns as f64 >= 3.0 * drawn {
                return level;
            }
            if believed && as_small == 0 && level.minima.len() == FEW {
                break;
            }
        }
        level.p = level.of_kind(observed);
        level
    }

    fn bound(&self, surprise: f64) -> f64 {
        (surprise + (DOUBT * self.tests).ln()).exp().max(LEAST)
    }

    fn is_clear(&self, surprise: f64) -> bool {
        self.bound(surprise) < self.wanted
    }

    /// Draws made.
    pub(super) fn draws(&self) -> usize {
        self.minima.len()
    }

    /// Probability that anything of the column surprises as much as one kind does, where nothing changed.
    pub(super) fn of_kind(&self, surprise: f64) -> f64 {
        if self.tests <= 1.0 {
            return surprise.exp().max(LEAST);
        }
        let as_small = self.minima.iter().filter(|m| **m <= surprise).count();
        let ranked = (as_small + 1) as f64 / (self.minima.len() + 1) as f64;
        if as_small == 0 && self.is_clear(surprise) {
            ranked.min(self.bound(surprise))
        } else {
            ranked
        }
    }
}

/// Probabilities of many columns, each adjusted so that the smallest of them is at most `x` in at most `x` of the
/// datasets in which nothing changed, whatever the columns have to do with each other.
///
/// Shape: in the order given; with each the factor that it was multiplied by.
/// Source: Holm, *A Simple Sequentially Rejective Multiple Test Procedure* (1979).
pub(super) fn holm(list: &[f64]) -> Vec<(f64, f64)> {
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|a, b| list[*a].total_cmp(&list[*b]).then(a.cmp(b)));
    let mut adjusted = vec![(1.0, 1.0); list.len()];
    let mut so_far = 0.0f64;
    for (place, i) in order.into_iter().enumerate() {
        let factor = (list.len() - place) as f64;
        so_far = so_far.max(list[i] * factor).min(1.0);
        adjusted[i] = (so_far, factor);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::holm;

    #[test]
    fn the_smallest_is_multiplied_by_all_and_none_becomes_smaller_than_one_before_it() {
        let adjusted: Vec<f64> = holm(&[0.01, 0.04, 0.03, 0.005])
            .iter()
            .map(|a| a.0)
            .collect();
        // statsmodels 0.15: `multipletests([.01, .04, .03, .005], method="holm")[1]`.
        let expected = [0.03, 0.06, 0.06, 0.02];
        for (a, e) in adjusted.iter().zip(expected) {
            assert!((a - e).abs() < 1e-12, "{adjusted:?}");
        }
        assert!(holm(&[]).is_empty());
        assert!(holm(&[0.9, 0.8]).iter().all(|(p, _)| *p <= 1.0));
    }
}
