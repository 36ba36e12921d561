//! Counts over bins that the values themselves fix: the finest ones of which at most [`BIN_CAP`] are occupied.

use super::tally::{Tally, bounds};

/// Occupied bins at most. Together they take 256 KiB at most, most columns less.
pub const BIN_CAP: usize = 4_096;

/// Counts of numbers by the leading bits of their order-preserving 64-bit key.
///
/// Shape: bin `b` holds the keys from `b << shift` to `((b + 1) << shift) - 1`, in the order of the numbers, so bins
/// are narrow where numbers are close together and an outlier costs one bin. `shift` is the least that leaves at most
/// [`BIN_CAP`] bins occupied: it depends on the set of values alone, never on their order or on how they were split.
/// With `shift` 0 every bin is one value and all counts are exact. NaN: kept out by the caller.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bins {
    shift: u32,
    counts: Tally,
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

    /// Adds `count` values with one key.
    pub(super) fn add_key(&mut self, key: u64, count: u64) {
        self.counts.add(key >> self.shift, count);
        self.settle();
    }

    /// Adds one value for each of at most `BLOCK` keys, all of them from `least` to `greatest`. The keys are left
    /// as numbers of bins.
    pub(super) fn add_keys(&mut self, keys: &mut [u64], least: u64, greatest: u64) {
        if self.shift > 0 {
            for key in &mut *keys {
                *key >>= self.shift;
            }
        }
        self.counts
            .add_block(keys, least >> self.shift, greatest >> self.shift);
        self.settle();
    }

    /// Bins of keys with their counts, none of them 0; in any order, equal keys may come more than once.
    pub(super) fn of_keys(entries: &[(u64, u64)]) -> Self {
        let shift = least_shift(entries);
        Self {
            shift,
            counts: Tally::of(entries, shift),
        }
    }

    /// Bytes that the counts take.
    #[cfg(test)]
    pub(super) fn heap(&self) -> usize {
        self.counts.heap()
    }

    /// Makes bins wider until few enough are occupied.
    fn settle(&mut self) {
        if self.counts.len() > BIN_CAP {
            let entries = self.counts.counted();
            self.coarsen(least_shift(&entries), &entries);
        }
    }

    /// Takes these entries at the shift so far, each bin `further` bits wider.
    fn coarsen(&mut self, further: u32, entries: &[(u64, u64)]) {
        self.shift += further;
        self.counts = Tally::of(entries, further);
    }

    /// Adds another's counts: the result is what adding all values to one would give.
    pub fn merge(&mut self, other: &Self) {
        if self.shift < other.shift {
            self.coarsen(other.shift - self.shift, &self.counts.counted());
        }
        self.counts.merge(&other.counts, self.shift - other.shift);
        self.settle();
    }

    /// The same counts over bins of at least `shift` bits, so that two profiles have the same bins.
    #[must_use]
    pub fn at_shift(mut self, shift: u32) -> Self {
        if self.shift < shift {
            self.coarsen(shift - self.shift, &self.counts.counted());
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
        self.counts.entries()
    }

    /// Reads saved bins; `None` when there are too many of them, or their numbers do not fit.
    #[must_use]
    pub fn from_entries(shift: u32, entries: &[(u64, u64)]) -> Option<Self> {
        let fits = shift < 64 && entries.len() <= BIN_CAP;
        let within = |bin: u64| shift == 0 || bin >> (64 - shift) == 0;
        let mut sorted = entries.to_vec();
        sorted.sort_unstable();
        let once = sorted.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (fits && once && sorted.iter().all(|(bin, count)| within(*bin) && *count > 0)).then(|| {
            Self {
                shift,
                counts: Tally::of(&sorted, 0),
            }
        })
    }
}

/// The least number of bits that leaves at most [`BIN_CAP`] different keys when all are shifted right by it.
fn least_shift(entries: &[(u64, u64)]) -> u32 {
    if entries.len() <= BIN_CAP {
        return 0;
    }
    least_shift_by_map(entries).unwrap_or_else(|| {
        let mut sorted: Vec<u64> = entries.iter().map(|(key, _)| *key).collect();
        sorted.sort_unstable();
        least_shift_of_sorted(&sorted)
    })
}

fn least_shift_of_sorted(sorted: &[u64]) -> u32 {
    // Two neighbours stay apart while the highest bit in which they differ is left.
    let mut apart = [0usize; 65];
    for pair in sorted.windows(2) {
        let differ = pair[0] ^ pair[1];
        apart[(64 - differ.leading_zeros()) as usize] += 1;
    }
    let mut occupied = sorted.len() - apart[0];
    let mut shift = 0;
    while occupied > BIN_CAP {
        shift += 1;
        occupied -= apart[shift as usize];
    }
    shift
}

/// Words of 64 bits of the map in which occupied bins are marked: 32 KiB.
const MAP: usize = 1 << 12;

/// The same without sorting, where bins that are narrow enough fit into a map of bits; absent where they do not.
fn least_shift_by_map(entries: &[(u64, u64)]) -> Option<u32> {
    let (low, high) = bounds(entries)?;
    let mut start = 0;
    while (high >> start >> 6) - (low >> start >> 6) >= MAP as u64 {
        start += 1;
    }
    let mut map = vec![0u64; MAP];
    let first = low >> start >> 6;
    for (key, _) in entries {
        let bin = key >> start;
        map[usize::try_from((bin >> 6) - first).ok()?] |= 1 << (bin & 63);
    }
    // Whether one of 2, 4, … 64 neighbours is occupied is left in the first bit of each such group.
    let firsts = [
        0x5555_5555_5555_5555,
        0x1111_1111_1111_1111,
        0x0101_0101_0101_0101,
    ];
    let firsts = firsts
        .into_iter()
        .chain([0x0001_0001_0001_0001, 0x1_0000_0001, 1]);
    for (level, firsts) in (1..).zip(firsts) {
        if occupied(&map) <= BIN_CAP {
            return (level > 1 || start == 0).then_some(start + level - 1);
        }
        let half = 1 << (level - 1);
        for word in &mut map {
            *word = (*word | (*word >> half)) & firsts;
        }
    }
    (occupied(&map) <= BIN_CAP).then_some(start + 6)
}

fn occupied(map: &[u64]) -> usize {
    map.iter().map(|word| word.count_ones() as usize).sum()
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
