//! Two columns of numbers over the same bins.

use crate::measure::bins::{Bins, number};
use crate::measure::short;
use std::collections::BTreeMap;

/// Counts of two profiles over the same bins in ascending order.
pub(super) struct Aligned {
    low: Vec<f64>,
    high: Vec<f64>,
    pub(super) reference: Vec<u64>,
    pub(super) current: Vec<u64>,
}

impl Aligned {
    /// Both over the wider bins of the two; a bin that only one side occupies counts 0 on the other.
    pub(super) fn new(reference: &Bins, current: &Bins) -> Self {
        let shift = reference.shift().max(current.shift());
        let mut counts: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for (bin, count) in reference.clone().at_shift(shift).entries() {
            counts.entry(bin).or_default().0 += count;
        }
        for (bin, count) in current.clone().at_shift(shift).entries() {
            counts.entry(bin).or_default().1 += count;
        }
        Self {
            low: counts.keys().map(|bin| number(bin << shift)).collect(),
            high: counts
                .keys()
                .map(|bin| number((bin << shift) | ((1 << shift) - 1)))
                .collect(),
            reference: counts.values().map(|(r, _)| *r).collect(),
            current: counts.values().map(|(_, c)| *c).collect(),
        }
    }

    /// The middles of the bins of finite numbers, with the counts of the reference, of the current data, and of both.
    pub(super) fn finite(&self) -> (Vec<f64>, Vec<u64>, Vec<u64>, Vec<u64>) {
        let mut all = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (i, (low, high)) in self.low.iter().zip(&self.high).enumerate() {
            if low.is_finite() && high.is_finite() {
                all.0.push(f64::midpoint(*low, *high));
                all.1.push(self.reference[i]);
                all.2.push(self.current[i]);
                all.3.push(self.reference[i] + self.current[i]);
            }
        }
        all
    }

    /// What each range between deciles of the reference is called, and the shares of the reference and of the current
    /// data in it.
    ///
    /// Shape: at most 10 ranges, fewer where one value holds several deciles; each list of shares sums to 1.
    pub(super) fn deciles(&self) -> (Vec<String>, Vec<f64>, Vec<f64>) {
        let totals: (u64, u64) = (self.reference.iter().sum(), self.current.iter().sum());
        let (mut labels, mut shares) = (Vec::new(), (Vec::new(), Vec::new()));
        let (mut decile, mut seen, mut start, mut part) = (1, 0u64, 0, (0u64, 0u64));
        for (i, (reference, current)) in self.reference.iter().zip(&self.current).enumerate() {
            seen += reference;
            part = (part.0 + reference, part.1 + current);
            let last = i + 1 == self.low.len();
            let full = decile < 10 && seen * 10 >= totals.0 * decile;
            if full || last {
                labels.push(format!("from {}", short(self.low[start])));
                shares.0.push(part.0 as f64 / totals.0.max(1) as f64);
                shares.1.push(part.1 as f64 / totals.1.max(1) as f64);
                (start, part) = (i + 1, (0, 0));
                while decile < 10 && seen * 10 >= totals.0 * decile {
                    decile += 1;
                }
            }
        }
        (labels, shares.0, shares.1)
    }
}
