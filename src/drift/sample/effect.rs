//! How large a change is, in shares of rows and in the column's own unit, with 95 % intervals.

use super::codes::{Coded, MISSING};
use super::compare::Compared;
use super::facts::largest_category;
use crate::statistics::distances::kolmogorov_smirnov_of;
use crate::statistics::intervals::{
    Interval, Share, Z95, correlations, kolmogorov_radius, newcombe,
};
use statrs::function::erf::erfc_inv;
use std::f64::consts::SQRT_2;

/// Quantile of the normal distribution for an interval that is one of two which must both hold.
const Z_OF_TWO: f64 = 2.241_402_727_604_945;

/// How many times wider a Kolmogorov band is that is one of two which must both hold: 1.4802 over 1.3581.
const RADIUS_OF_TWO: f64 = 1.089_9;

/// A size and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// As measured. Unit: share of rows, or a difference of correlations; never negative.
    pub size: f64,
    /// Where it is with 95 % confidence.
    pub interval: Interval,
}

impl Effect {
    /// The difference of two shares.
    #[must_use]
    pub fn of_shares(before: Share, now: Share, z: f64) -> Self {
        Self {
            size: (now.value() - before.value()).abs(),
            interval: newcombe(before, now, z).absolute(),
        }
    }
}

/// Finite and infinite numbers of both sides, ascending.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// Those of the reference.
    pub before: Vec<f64>,
    /// Those of the current data.
    pub now: Vec<f64>,
}

impl Sorted {
    /// Numbers by side; NaN is left out.
    pub(super) fn of(values: &[f64], is_first: &[bool]) -> Self {
        let mut sorted = Self::default();
        for (value, first) in values.iter().zip(is_first).filter(|(v, _)| !v.is_nan()) {
            if *first {
                &mut sorted.before
            } else {
                &mut sorted.now
            }
            .push(*value);
        }
        sorted.before.sort_unstable_by(f64::total_cmp);
        sorted.now.sort_unstable_by(f64::total_cmp);
        sorted
    }
}

impl Compared {
    /// Rows of each side without a value in a scored column: of the reference, and now.
    #[must_use]
    pub fn missing(&self, column: usize) -> (Share, Share) {
        let codes = &self.table.scorers[column].coded.codes;
        self.shares(|row| Some(codes[row] == MISSING))
    }

    /// Numbers of a scored column; empty where it holds none.
    #[must_use]
    pub fn sorted(&self, column: usize) -> Sorted {
        match self.values[column].numbers() {
            Some(values) => Sorted::of(values, &self.labels_first),
            None => Sorted::default(),
        }
    }

    /// Shares of rows for which something holds, of the reference and now; rows of which nothing is said do not
    /// count.
    pub(super) fn shares(&self, holds: impl Fn(usize) -> Option<bool>) -> (Share, Share) {
        let mut shares = [Share { hits: 0, rows: 0 }; 2];
        for (row, first) in self.labels_first.iter().enumerate() {
            if let Some(holds) = holds(row) {
                let share = &mut shares[usize::from(!first)];
                share.rows += 1;
                share.hits += u64::from(holds);
            }
        }
        (shares[0], shares[1])
    }

    pub(super) fn coded(&self, column: usize) -> &Coded {
        &self.table.scorers[column].coded
    }

    /// The category whose share of the values changed most, and how much; `None` where no value has a code of its
    /// own.
    #[must_use]
    pub fn largest_category(&self, column: usize) -> Option<(u8, Effect)> {
        largest_category(self.coded(column), &self.code_shares(column))
    }

    /// Shares of the values by code.
    pub(super) fn code_shares(&self, column: usize) -> Vec<(Share, Share)> {
        let coded = self.coded(column);
        let mut hits = vec![[0u64; 2]; coded.bins.len()];
        for (code, first) in coded
            .codes
            .iter()
            .zip(&self.labels_first)
            .filter(|(c, _)| **c != MISSING)
        {
            hits[usize::from(*code)][usize::from(!first)] += 1;
        }
        let rows = [0, 1].map(|side| hits.iter().map(|h| h[side]).sum());
        let share = |h: &[u64; 2]| {
            (
                Share {
                    hits: h[0],
                    rows: rows[0],
                },
                Share {
                    hits: h[1],
                    rows: rows[1],
                },
            )
        };
        hits.iter().map(share).collect()
    }

    /// Shares of rows that occur more than once on their side, each but its first occurrence.
    #[must_use]
    pub fn repeated(&self) -> (Share, Share) {
        let (first, second) = self.table.repeated.counts(&self.labels_first);
        let rows = self.labels_first.iter().filter(|f| **f).count() as u64;
        let all = self.labels_first.len() as u64;
        (
            Share {
                hits: u64::from(first),
                rows,
            },
            Share {
                hits: u64::from(second),
                rows: all - rows,
            },
        )
    }

    /// Rank correlations of two scored columns, of the reference and now, and how far they are apart.
    ///
    /// Rows without one of the values do not count; of texts it is whether the value is the most frequent one.
    #[must_use]
    pub fn correlation(&self, (a, b): (usize, usize)) -> (f64, f64, Effect) {
        let (before, n) = self.correlation_of((a, b), true);
        let (now, m) = self.correlation_of((a, b), false);
        let interval = correlations((before, n), (now, m), Z95).absolute();
        (
            before,
            now,
            Effect {
                size: (now - before).abs(),
                interval,
            },
        )
    }

    fn correlation_of(&self, (a, b): (usize, usize), first: bool) -> (f64, u64) {
        let (a, b) = (self.coded(a), self.coded(b));
        let here = |row: &usize| {
            self.labels_first[*row] == first && a.codes[*row] != MISSING && b.codes[*row] != MISSING
        };
        let rows: Vec<usize> = (0..self.labels_first.len()).filter(here).collect();
        let ranks = |coded: &Coded| {
            let mut totals = vec![0.0; coded.bins.len()];
            for row in &rows {
                totals[usize::from(coded.codes[*row])] += 1.0;
            }
            let mut below = 0.0;
            let mut rank = |(k, total): (usize, &f64)| {
                let middle = below + total / 2.0;
                below += total;
                if coded.ordered {
                    middle
                } else {
                    f64::from(u8::from(k == 0))
                }
            };
            totals
                .iter()
                .enumerate()
                .map(&mut rank)
                .collect::<Vec<f64>>()
        };
        let (x, y) = (ranks(a), ranks(b));
        let pairs = rows
            .iter()
            .map(|row| (x[usize::from(a.codes[*row])], y[usize::from(b.codes[*row])]));
        (pearson(pairs), rows.len() as u64)
    }
}

/// Pearson's correlation; 0 where one side does not vary.
fn pearson(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let n = pairs.clone().count() as f64;
    let sum = |f: &dyn Fn((f64, f64)) -> f64| pairs.clone().map(f).sum::<f64>();
    let (x, y) = (sum(&|p| p.0) / n, sum(&|p| p.1) / n);
    let (xx, yy) = (
        sum(&|p| (p.0 - x) * (p.0 - x)),
        sum(&|p| (p.1 - y) * (p.1 - y)),
    );
    let xy = sum(&|p| (p.0 - x) * (p.1 - y));
    if xx > 0.0 && yy > 0.0 {
        xy / (xx * yy).sqrt()
    } else {
        0.0
    }
}

/// Quantile of the normal distribution for 95 % intervals of so many shares together (Bonferroni).
pub(in crate::drift) fn z_of(shares: usize) -> f64 {
    SQRT_2 * erfc_inv(0.05 / shares.max(1) as f64)
}

/// How far two distributions of numbers are apart: the greatest distance of their distribution functions, the share
/// of rows that moved at least.
///
/// Shape: ascending values of both sides, at least one each. Unit: share of values, 0 to 1.
/// Interval: a Kolmogorov band; from below also by how often a value of one side exceeds one of the other, beyond
/// one half: that is never more than the distance, and known better. Each holds with 97.5 %.
#[must_use]
pub fn distance(sorted: &Sorted) -> Effect {
    let (before, now) = (&sorted.before, &sorted.now);
    let size = kolmogorov_smirnov_of(before, now);
    let radius = kolmogorov_radius(before.len() as u64, now.len() as u64);
    let (beyond, deviation) = superiority(before, now);
    let low = (size - radius * RADIUS_OF_TWO).max((beyond - 0.5).abs() - Z_OF_TWO * deviation);
    Effect {
        size,
        interval: Interval {
            low: low.max(0.0),
            high: (size + radius).min(1.0),
        },
    }
}

/// Probability that a value of now exceeds one of before, ties by half, and the deviation of its estimate.
///
/// Source: E. and D. `DeLong` and Clarke-Pearson, *Comparing the Areas under Two or More Correlated ROC Curves*
/// (1988).
fn superiority(before: &[f64], now: &[f64]) -> (f64, f64) {
    let placements = |of: &[f64], among: &[f64]| -> Vec<f64> {
        let (mut low, mut high) = (0, 0);
        let share = |v: &f64| {
            while among.get(low).is_some_and(|w| w < v) {
                low += 1;
            }
            while among.get(high).is_some_and(|w| w <= v) {
                high += 1;
            }
            (low + high) as f64 / 2.0 / among.len() as f64
        };
        of.iter().map(share).collect()
    };
    let (of_now, of_before) = (placements(now, before), placements(before, now));
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let variance = |v: &[f64]| {
        let mean = mean(v);
        v.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
            / (v.len() as f64 - 1.0).max(1.0)
            / v.len() as f64
    };
    (
        mean(&of_now),
        (variance(&of_now) + variance(&of_before)).sqrt(),
    )
}
