//! Two columns of numbers over the same bins.

use crate::measure::bins::{Bins, number};
use crate::measure::short;
use std::collections::BTreeMap;

/// Ranges of a picture, at most.
const RANGES: usize = 20;

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

    /// The shares of the reference and of the current data in each range between deciles of the reference.
    ///
    /// Shape: at most 10 ranges, fewer where one value holds several deciles; each list of shares sums to 1.
    pub(super) fn deciles(&self) -> (Vec<f64>, Vec<f64>) {
        let totals: (u64, u64) = (self.reference.iter().sum(), self.current.iter().sum());
        let mut shares = (Vec::new(), Vec::new());
        let (mut decile, mut seen, mut part) = (1, 0u64, (0u64, 0u64));
        for (i, (reference, current)) in self.reference.iter().zip(&self.current).enumerate() {
            seen += reference;
            part = (part.0 + reference, part.1 + current);
            let last = i + 1 == self.low.len();
            let full = decile < 10 && seen * 10 >= totals.0 * decile;
            if full || last {
                shares.0.push(part.0 as f64 / totals.0.max(1) as f64);
                shares.1.push(part.1 as f64 / totals.1.max(1) as f64);
                part = (0, 0);
                while decile < 10 && seen * 10 >= totals.0 * decile {
                    decile += 1;
                }
            }
        }
        shares
    }

    /// What each range of a picture is called, and the shares of the reference and of the current data in it.
    ///
    /// Shape: at most [`RANGES`] ranges of equal width with round edges over the middle of the reference, wider where
    /// the current data lie elsewhere, and what lies beyond in the outermost ones; or one per value where there are as
    /// few. Each list of shares sums to 1.
    pub(super) fn picture(&self) -> (Vec<String>, Vec<f64>, Vec<f64>) {
        let single = |(low, high): (&f64, &f64)| low.to_bits() == high.to_bits();
        let few = self.low.len() <= RANGES && self.low.iter().zip(&self.high).all(single);
        // Without even distances all is one range.
        let edges = || self.edges().or_else(|| Some(vec![*self.low.first()?]));
        let edges = if few { None } else { edges() };
        let mut ranges: Vec<(String, [u64; 2])> = match &edges {
            None => self.low.iter().map(|v| (short(*v), [0, 0])).collect(),
            Some(edges) => {
                let below = std::iter::once(format!("below {}", short(edges[0])));
                let from = edges.iter().map(|edge| format!("from {}", short(*edge)));
                below.chain(from).map(|label| (label, [0, 0])).collect()
            }
        };
        for (i, low) in self.low.iter().enumerate() {
            let place = edges
                .as_ref()
                .map_or(i, |edges| edges.partition_point(|edge| edge <= low));
            let Some((_, rows)) = ranges.get_mut(place) else {
                continue;
            };
            rows[0] += self.reference[i];
            rows[1] += self.current[i];
        }
        if edges.is_some() && ranges.first().is_some_and(|(_, rows)| *rows == [0, 0]) {
            ranges.remove(0);
        }
        let share = |side: usize| {
            let all = ranges
                .iter()
                .map(|(_, rows)| rows[side])
                .sum::<u64>()
                .max(1);
            ranges
                .iter()
                .map(|(_, rows)| rows[side] as f64 / all as f64)
                .collect()
        };
        let (reference, current) = (share(0), share(1));
        let labels = ranges.into_iter().map(|(label, _)| label).collect();
        (labels, reference, current)
    }

    /// Round numbers at even distances where a picture is cut; absent where there is no width to cut.
    fn edges(&self) -> Option<Vec<f64>> {
        let at = |counts: &[u64], q: f64| {
            let mut left = crate::statistics::rank(q, counts.iter().sum()).max(1);
            let found = counts.iter().position(|n| {
                let here = *n >= left;
                left = left.saturating_sub(*n);
                here
            });
            found.map(|i| self.low[i])
        };
        let (least, most) = (at(&self.reference, 0.01)?, at(&self.reference, 0.99)?);
        let (left, right) = (at(&self.current, 0.05)?, at(&self.current, 0.95)?);
        let width = if most > least { most - least } else { f64::MAX };
        let low = left.min(least).max(least - width);
        let high = right.max(most).min(most + width);
        if !(high - low).is_finite() || high <= low {
            return None;
        }
        let wanted = (high - low) / (RANGES - 3) as f64;
        let power = 10f64.powf(wanted.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|digit| digit * power)
            .into_iter()
            .find(|step| *step >= wanted)?;
        let first = (low / step).floor();
        let edge = |i: u8| (first + f64::from(i)) * step;
        let edges: Vec<f64> = (0..u8::MAX).map(edge).take_while(|e| *e <= high).collect();
        // Beyond what a float can tell apart there are no even distances.
        let rises = edges.windows(2).all(|pair| pair[0] < pair[1]);
        (rises && !edges.is_empty() && edges.len() < RANGES).then_some(edges)
    }
}

#[cfg(test)]
mod tests {
    use super::{Aligned, RANGES};
    use crate::measure::bins::Bins;

    fn aligned(before: &[f64], now: &[f64]) -> Aligned {
        let bins = |values: &[f64]| {
            let mut bins = Bins::default();
            for value in values {
                bins.add(*value, 1);
            }
            bins
        };
        Aligned::new(&bins(before), &bins(now))
    }

    fn whole(shares: &[f64]) {
        assert!(
            (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9,
            "{shares:?}"
        );
    }

    #[test]
    fn a_picture_has_round_edges_and_holds_every_row() {
        let before: Vec<f64> = (0..1_000).map(|i| f64::from(i) / 7.0).collect();
        let now: Vec<f64> = before.iter().map(|v| v + 20.0).chain([1e6, -1e6]).collect();
        let (labels, reference, current) = aligned(&before, &now).picture();
        assert!(labels.len() <= RANGES && labels.len() > 8, "{labels:?}");
        assert_eq!(labels[..3], ["below 0", "from 0", "from 10"]);
        whole(&reference);
        whole(&current);
        // Nothing of the reference is beyond its range, and the one value far above is in the last one.
        assert!(reference[0] < 1e-12 && current[0] > 0.0 && current[labels.len() - 1] > 0.0);
    }

    #[test]
    fn few_values_have_a_range_each_and_odd_ones_do_not_matter() {
        let (labels, reference, _) = aligned(&[1.0, 1.0, 2.0], &[2.0, 5.5]).picture();
        assert_eq!(labels, ["1", "2", "5.5"]);
        whole(&reference);
        let many: Vec<f64> = (0..100).map(|i| f64::from(i) * 1e306).collect();
        let odd = [f64::NEG_INFINITY, f64::INFINITY, f64::MAX, f64::MIN];
        for (before, now) in [(&many[..], &odd[..]), (&odd, &many), (&[3.0; 9], &many)] {
            let (labels, reference, current) = aligned(before, now).picture();
            assert!(labels.len() <= RANGES && !labels.is_empty());
            whole(&reference);
            whole(&current);
        }
    }
}
