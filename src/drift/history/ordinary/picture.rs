//! How a column looks beside the nights before.

use super::cell::Frame;
use super::feature::Nights;
use super::ranked::{CUTS, RANGES};
use super::{Labels, Picture};

/// Texts in a picture at most.
const PICTURED: usize = 20;

impl Nights {
    /// Bins that each range has a part of: the first, and the one after the last.
    pub(super) fn range(&self, at: usize) -> (usize, usize) {
        let total = self.pool.iter().sum::<u64>().max(1) as f64;
        let low = if at == 0 { 0.0 } else { CUTS[at - 1] * total };
        let high = CUTS.get(at).map_or(total, |c| c * total);
        let (mut seen, mut found) = (0u64, (0, self.pool.len()));
        for (bin, count) in self.pool.iter().enumerate() {
            if seen as f64 <= low {
                found.0 = bin;
            }
            seen += count;
            if seen as f64 >= high && at + 1 < RANGES {
                found.1 = bin + 1;
                break;
            }
        }
        (if at == 0 { 0 } else { found.0 }, found.1.max(found.0 + 1))
    }

    /// Ranges of whole bins for a picture, about a tenth of all rows each.
    fn ranges(&self) -> Vec<(usize, usize)> {
        let total: u64 = self.pool.iter().sum();
        let (mut ranges, mut seen, mut start, mut cut) = (Vec::new(), 0u64, 0, 1);
        for (at, count) in self.pool.iter().enumerate() {
            seen += count;
            if cut < 10 && seen * 10 >= total * cut || at + 1 == self.pool.len() {
                ranges.push((start, at + 1));
                start = at + 1;
            }
            while cut < 10 && seen * 10 >= total * cut {
                cut += 1;
            }
        }
        ranges
    }

    /// Shares of the ranges or of the frequent texts; absent where there are none.
    pub(super) fn picture(&self) -> Option<Picture> {
        let share = |counts: &[u64], parts: &[(usize, usize)], total: u64| -> Vec<f64> {
            let of = |(from, to): &(usize, usize)| {
                counts[*from..*to].iter().sum::<u64>() as f64 / total.max(1) as f64
            };
            parts.iter().map(of).collect()
        };
        let (labels, parts) = match &self.frame {
            Frame::Numbers { .. } => {
                let low =
                    |(from, _): &(usize, usize)| self.frame.bounds(*from).map_or(f64::NAN, |b| b.0);
                (
                    Labels::Numbers(self.ranges().iter().map(low).collect()),
                    self.ranges(),
                )
            }
            Frame::Texts(names) => {
                let mut order: Vec<usize> = (0..names.len()).collect();
                order.sort_by_key(|at| std::cmp::Reverse(self.pool[*at].max(self.now.counts[*at])));
                order.truncate(PICTURED);
                order.sort_unstable();
                let labels = order.iter().map(|at| names[*at].clone()).collect();
                (
                    Labels::Texts(labels),
                    order.iter().map(|at| (*at, at + 1)).collect(),
                )
            }
            Frame::Times | Frame::Presence => return None,
        };
        let total: u64 = self.past.iter().flatten().map(|c| c.valued).sum();
        let before = share(&self.pool, &parts, total);
        let now = share(&self.now.counts, &parts, self.now.valued);
        (!parts.is_empty()).then_some(Picture {
            labels,
            before,
            now,
        })
    }
}
