//! How far nights spread around what was expected of them.

use crate::statistics::student::student_quantile;

/// Mean of squared errors, of all or without one; the greatest of them may count as the next.
pub(super) struct Spread {
    /// Squares in ascending order, and their sums from the first on.
    squares: Vec<f64>,
    sums: Vec<f64>,
    /// Rank of each error.
    ranks: Vec<usize>,
    incidents: usize,
    /// What is given back with all errors, and with all but one.
    lost: [f64; 2],
}

impl Spread {
    pub(super) fn new(errors: &[f64], incidents: usize) -> Self {
        let (order, ranks) = ranked(errors);
        let squares: Vec<f64> = order.iter().map(|i| errors[*i] * errors[*i]).collect();
        let mut sums = vec![0.0];
        for square in &squares {
            sums.push(sums[sums.len() - 1] + square);
        }
        let lost = [
            lost(errors.len(), incidents),
            lost(errors.len() - 1, incidents),
        ];
        Self {
            squares,
            sums,
            ranks,
            incidents,
            lost,
        }
    }

    /// The variance that the errors show, without one of them: the greatest count as the greatest of the rest, and
    /// what normal errors lose by that is given back.
    pub(super) fn without(&self, but: Option<usize>) -> f64 {
        let rank = but.map_or(usize::MAX, |i| self.ranks[i]);
        let count = self.squares.len() - usize::from(but.is_some());
        let kept = count - self.incidents;
        let skips = rank < kept;
        let end = kept + usize::from(skips);
        let sum = self.sums[end] - if skips { self.squares[rank] } else { 0.0 };
        let cap = self.squares[if skips && rank + 1 == end {
            end.saturating_sub(2)
        } else {
            end - 1
        }];
        let sum = sum.max(0.0) + self.incidents as f64 * cap;
        sum / count as f64 * self.lost[usize::from(but.is_some())]
    }
}

/// Positions in ascending order of the absolute value, and the rank of each.
fn ranked(errors: &[f64]) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..errors.len()).collect();
    order.sort_by(|a, b| errors[*a].abs().total_cmp(&errors[*b].abs()));
    let mut ranks = vec![0; errors.len()];
    for (rank, i) in order.iter().enumerate() {
        ranks[*i] = rank;
    }
    (order, ranks)
}

/// How many deviations the most extreme of so many nights but for `apart` is off: with all, and without one of them.
pub(super) fn farthest(count: usize, freedom: f64, apart: usize) -> [f64; 2] {
    let expected = |count: usize| {
        let tail = (apart as f64 + 0.625) / (count as f64 + 0.25);
        student_quantile(tail.ln(), freedom)
    };
    [expected(count), expected(count - 1)]
}

/// How much farther the tails of a feature reach than those of Student's distribution: the ratio of the most extreme
/// of its nights, but for `apart` of them, to what it should be; at least 1.
///
/// Shape: how many deviations each night is off, by the others, and what [`farthest`] says of them. One number with
/// all nights, and one without each.
pub(super) fn stretch(t: &[f64], by: [f64; 2], apart: usize) -> (f64, Vec<f64>) {
    let (order, ranks) = ranked(t);
    let count = t.len();
    let at = |rank: usize, by: f64| (t[order[rank]].abs() / by).max(1.0);
    let all = at(count - 1 - apart, by[0]);
    let but = |rank: &usize| {
        at(
            if *rank >= count - 1 - apart {
                count - 2 - apart
            } else {
                count - 1 - apart
            },
            by[1],
        )
    };
    (all, ranks.iter().map(but).collect())
}

/// What the variance of `count` normal errors is divided by when the greatest `incidents` count as the next.
///
/// Source: expected order statistics after Blom, *Statistical Estimates and Transformed Beta-Variables* (1958).
fn lost(count: usize, incidents: usize) -> f64 {
    if incidents == 0 {
        return 1.0;
    }
    let n = count as f64;
    let square = |rank: usize| {
        let share = (rank as f64 + 0.625) / (n + 0.25);
        let z = std::f64::consts::SQRT_2 * statrs::function::erf::erf_inv(share);
        z * z
    };
    let all: f64 = (0..count).map(square).sum();
    let kept = count - incidents;
    let part: f64 = (0..kept).map(square).sum::<f64>() + incidents as f64 * square(kept - 1);
    all / part
}
