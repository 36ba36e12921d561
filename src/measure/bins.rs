//! Counts over bins that the values themselves fix: the finest ones of which at most [`BIN_CAP`] are occupied.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Occupied bins at most. Each takes about 16 bytes.
pub const BIN_CAP: usize = 4_096;

/// Counts of numbers by the leading bits of their order-preserving 64-bit key.
///
/// Shape: bin `b` holds the keys from `b << shift` to `((b + 1) << shift) - 1`, in the order of the numbers, so bins
/// are narrow where numbers are close together and an outlier costs one bin. `shift` is the least that leaves at most
/// [`BIN_CAP`] bins occupied: it depends on the set of values alone, never on their order or on how they were split.
/// With `shift` 0 every bin is one value and all counts are exact. NaN: kept out by the caller.
#[derive(Debug, Clone, Default)]
pub struct Bins {
    shift: u32,
    counts: HashMap<u64, u64, FixedState>,
}

/// One occupied bin: least and greatest number that it may hold, and how many it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Least number of the bin.
    pub low: f64,
    /// Greatest number of the bin.
    pub high: f64,
    /// Values in it.
    pub count: u64,
}

impl Bins {
    /// Adds `count` values equal to `value`, which is not NaN; infinities have bins of their own.
    pub fn add(&mut self, value: f64, count: u64) {
        self.add_key(key(value), count);
    }

    fn add_key(&mut self, key: u64, count: u64) {
        *self.counts.entry(key >> self.shift).or_insert(0) += count;
        while self.counts.len() > BIN_CAP {
            self.coarsen();
        }
    }

    fn coarsen(&mut self) {
        self.shift += 1;
        let finer = std::mem::take(&mut self.counts);
        for (bin, count) in finer {
            *self.counts.entry(bin >> 1).or_insert(0) += count;
        }
    }

    /// Adds another's counts: the result is what adding all values to one would give.
    pub fn merge(&mut self, other: &Self) {
        while self.shift < other.shift {
            self.coarsen();
        }
        for (bin, count) in &other.counts {
            *self
                .counts
                .entry(bin >> (self.shift - other.shift))
                .or_insert(0) += count;
        }
        while self.counts.len() > BIN_CAP {
            self.coarsen();
        }
    }

    /// The same counts over bins of at least `shift` bits, so that two profiles have the same bins.
    #[must_use]
    pub fn at_shift(mut self, shift: u32) -> Self {
        while self.shift < shift {
            self.coarsen();
        }
        self
    }

    /// Bits of the key below a bin.
    #[must_use]
    pub fn shift(&self) -> u32 {
        self.shift
    }

    /// Occupied bins in ascending order.
    #[must_use]
    pub fn sorted(&self) -> Vec<Bin> {
        self.entries()
            .into_iter()
            .map(|(bin, count)| Bin {
                low: number(bin << self.shift),
                high: number((bin << self.shift) | ((1 << self.shift) - 1)),
                count,
            })
            .collect()
    }

    /// Bins and counts in ascending order, for saving.
    #[must_use]
    pub fn entries(&self) -> Vec<(u64, u64)> {
        let mut entries: Vec<(u64, u64)> = self.counts.iter().map(|(b, n)| (*b, *n)).collect();
        entries.sort_unstable();
        entries
    }

    /// Reads saved bins; `None` when there are too many of them, or their numbers do not fit.
    #[must_use]
    pub fn from_entries(shift: u32, entries: &[(u64, u64)]) -> Option<Self> {
        let fits = shift < 64 && entries.len() <= BIN_CAP;
        let within = |bin: u64| shift == 0 || bin >> (64 - shift) == 0;
        (fits && entries.iter().all(|(bin, _)| within(*bin))).then(|| Self {
            shift,
            counts: entries.iter().copied().collect(),
        })
    }
}

/// Equal bins with equal counts.
impl PartialEq for Bins {
    fn eq(&self, other: &Self) -> bool {
        self.shift == other.shift && self.counts == other.counts
    }
}

/// A key whose unsigned order is the order of the numbers.
///
/// Edge: both zeros have one key; infinities are the least and greatest keys of numbers. NaN: kept out by the caller.
#[must_use]
pub fn key(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | (1 << 63)
    }
}

/// The number of a key: the inverse of [`key`], a NaN where no number has this key.
#[must_use]
pub fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 {
        key & !(1 << 63)
    } else {
        !key
    })
}

#[cfg(test)]
mod tests {
    use super::{BIN_CAP, Bins, key, number};

    #[test]
    fn keys_keep_the_order_and_read_back() {
        let values = [
            f64::NEG_INFINITY,
            -2.5,
            -1e-310,
            0.0,
            1e-310,
            1.0,
            1.5,
            f64::INFINITY,
        ];
        for pair in values.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for value in values {
            assert_eq!(number(key(value)).to_bits(), value.to_bits());
        }
        assert_eq!(key(-0.0), key(0.0));
    }

    #[test]
    fn few_values_are_exact_and_many_keep_their_counts() {
        let mut bins = Bins::default();
        (0..BIN_CAP).for_each(|i| bins.add(i as f64, 2));
        assert_eq!(bins.shift(), 0);
        assert!(
            bins.sorted()
                .iter()
                .all(|b| b.low.to_bits() == b.high.to_bits() && b.count == 2)
        );
        (0..100_000).for_each(|i| bins.add(f64::from(i) + 0.5, 1));
        let sorted = bins.sorted();
        assert!(sorted.len() <= BIN_CAP && sorted.len() > BIN_CAP / 4);
        assert_eq!(
            sorted.iter().map(|b| b.count).sum::<u64>(),
            2 * BIN_CAP as u64 + 100_000
        );
    }

    #[test]
    fn the_order_and_the_split_do_not_matter() {
        let values: Vec<f64> = (0..20_000)
            .map(|i| f64::from(i * 7919 % 20_011).powi(3) - 1e6)
            .collect();
        let of = |values: &[f64]| {
            let mut bins = Bins::default();
            for value in values {
                bins.add(*value, 1);
            }
            bins
        };
        let mut backwards = values.clone();
        backwards.reverse();
        assert_eq!(of(&values), of(&backwards));
        for at in [0, 1, 100, 9_000] {
            let mut merged = of(&values[..at]);
            merged.merge(&of(&values[at..]));
            assert_eq!(merged, of(&values));
        }
    }
}
