//! Numbers of one night by their ranks among those of all other nights.

use super::predict::Point;

/// Ranges of numbers are cut at these shares of the other nights.
pub(super) const CUTS: [f64; 13] = [
    0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99,
];

/// Ranges between cuts.
pub(super) const RANGES: usize = CUTS.len() + 1;

/// A night's numbers among those of the others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked {
    /// Mean rank, 0 to 1.
    pub location: Point,
    /// Mean squared distance of the rank from one half.
    pub scale: Point,
    /// Its rows in each range; of a bin that a cut divides, as large a part as the others have there.
    pub ranges: [f64; RANGES],
    pub rows: u64,
}

impl Ranked {
    /// Ranks bins' counts among those of the others; absent without a value on either side.
    pub(super) fn new(counts: &[u64], others: impl Iterator<Item = u64>) -> Option<Self> {
        let others: Vec<u64> = others.collect();
        let total = others.iter().sum::<u64>() as f64;
        let rows: u64 = counts.iter().sum();
        if total == 0.0 || rows == 0 {
            return None;
        }
        let (mut ranks, mut spreads, mut ranges) = ([0.0; 2], [0.0; 2], [0.0; RANGES]);
        let mut seen = 0u64;
        for (count, other) in counts.iter().zip(&others) {
            let from = seen as f64 / total;
            seen += other;
            if *count == 0 {
                continue;
            }
            let (count, to) = (*count as f64, seen as f64 / total);
            let rank = f64::midpoint(from, to);
            let spread = (rank - 0.5).powi(2);
            for (sums, value) in [(&mut ranks, rank), (&mut spreads, spread)] {
                sums[0] += count * value;
                sums[1] += count * value * value;
            }
            divide(&mut ranges, (from, to), count);
        }
        let n = rows as f64;
        let point = |sums: [f64; 2], least: f64| {
            let y = sums[0] / n;
            Point {
                y,
                variance: (sums[1] / n - y * y).max(least) / n,
            }
        };
        // Even ranks have these variances; a column of few values has less, which says nothing of other nights.
        let (location, scale) = (point(ranks, 1.0 / 12.0), point(spreads, 1.0 / 180.0));
        Some(Self {
            location,
            scale,
            ranges,
            rows,
        })
    }
}

/// Adds a bin's rows to the ranges that it lies in, in proportion.
fn divide(ranges: &mut [f64; RANGES], (from, to): (f64, f64), count: f64) {
    if to <= from {
        let at = CUTS.iter().filter(|c| **c <= from).count();
        ranges[at] += count;
        return;
    }
    for (at, range) in ranges.iter_mut().enumerate() {
        let low = if at == 0 { 0.0 } else { CUTS[at - 1] };
        let high = CUTS.get(at).copied().unwrap_or(1.0);
        let part = (to.min(high) - from.max(low)).max(0.0);
        *range += count * part / (to - from);
    }
}
