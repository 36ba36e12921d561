//! Estimated number of distinct values, for columns with too many to list.

use super::hash;
use super::tally::BLOCK;
use super::wide;
use datasketches::hll::HllSketch;

/// Base-2 logarithm of the number of registers.
const LG_REGISTERS: u8 = 12;
const REGISTERS: usize = 1 << LG_REGISTERS;
/// Bytes before the registers in the serialised form of the `HLL_8` mode.
const PREAMBLE: usize = 40;

/// Makes the two words of the sketch for each value.
type Coupons = fn(&[u64], &mut [u64], &mut [u64]);

/// Values whose hashes are made together.
const AT_ONCE: usize = 256;

/// Relative standard error of the estimate: `0.8326 / sqrt(4096)` for the in-order estimator, `1.04 / sqrt(4096)` for
/// the composite one that is used here.
///
/// Source: Flajolet and others, *`HyperLogLog`* (2007), theorem 1.
pub const RELATIVE_ERROR: f64 = 0.016_25;

/// A `HyperLogLog` sketch with 4,096 registers over XXH64 (seed 42) of each value.
///
/// Shape: 4 KiB, a byte a register. It depends on the set of values alone, and each register is the one that an
/// `HLL_8` sketch of Apache DataSketches has after an update with the hash as a signed 64-bit number. The estimate is
/// the composite one, which is the same for every order of values and merges (the in-order estimator is not).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distinct(Box<[u8; REGISTERS]>);

impl Default for Distinct {
    fn default() -> Self {
        Self(Box::new([0; REGISTERS]))
    }
}

impl Distinct {
    /// Adds a value by its bytes; adding it again changes nothing. Nulls and NaN: kept out by the caller.
    pub fn add(&mut self, bytes: &[u8]) {
        let (place, zeros) = hash::coupon(hash::of_bytes(bytes));
        self.raise(place, zeros);
    }

    /// Adds a value of eight bytes, as a number in little-endian order.
    pub(super) fn add_word(&mut self, word: u64) {
        let (place, zeros) = hash::coupon(hash::of_word(word));
        self.raise(place, zeros);
    }

    /// Adds values of eight bytes each.
    pub(super) fn add_words(&mut self, words: impl IntoIterator<Item = u64>) {
        self.add_each(words.into_iter(), wide::of_words);
    }

    /// Adds values by their bytes.
    pub(super) fn add_all_bytes<'a>(&mut self, values: impl Iterator<Item = &'a [u8]>) {
        self.add_each(values.map(hash::of_bytes), wide::of_hashes);
    }

    /// Adds at most [`BLOCK`] values of eight bytes each. Of neighbours that are equal one is looked at, where there
    /// are enough of them.
    pub(super) fn add_block(&mut self, words: &[u64]) {
        let pairs = words.iter().zip(words.get(1..).unwrap_or_default());
        let repeats: u64 = pairs.map(|(a, b)| u64::from(a == b)).sum();
        if 2 * repeats < words.len() as u64 {
            return self.add_all(words, wide::of_words);
        }
        let mut kept = [0; BLOCK];
        let (mut length, mut last) = (0, !words[0]);
        for word in words {
            kept[length] = *word;
            length += usize::from(*word != last);
            last = *word;
        }
        self.add_all(&kept[..length], wide::of_words);
    }

    /// Adds values one block after the other.
    fn add_each(&mut self, mut values: impl Iterator<Item = u64>, coupons: Coupons) {
        let mut some = [0; AT_ONCE];
        loop {
            let mut length = 0;
            for (place, value) in some.iter_mut().zip(&mut values) {
                *place = value;
                length += 1;
            }
            if length == 0 {
                return;
            }
            self.add_all(&some[..length], coupons);
        }
    }

    /// Adds values, of some of which at once `coupons` makes the two words of the sketch.
    fn add_all(&mut self, values: &[u64], coupons: Coupons) {
        let (mut first, mut second) = ([0; AT_ONCE], [0; AT_ONCE]);
        for some in values.chunks(AT_ONCE) {
            coupons(some, &mut first, &mut second);
            for (place, zeros) in first[..some.len()].iter().zip(&second) {
                self.raise(*place, *zeros);
            }
        }
    }

    /// Takes the two words of one value into its register.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the lowest bits are wanted"
    )]
    fn raise(&mut self, place: u64, zeros: u64) {
        // A rank takes six bits, and 0 is a register without values.
        let rank = u8::try_from(zeros.leading_zeros().min(62) + 1).unwrap_or(63);
        let register = &mut self.0[place as usize % REGISTERS];
        if rank > *register {
            *register = rank;
        }
    }

    /// Adds another's values: the sketch of the union, register by register the greater.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// The estimated number of distinct values; its relative standard error is [`RELATIVE_ERROR`]. 0 without values.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        HllSketch::deserialize(&self.image()).map_or(f64::NAN, |own| own.composite_estimate())
    }

    /// The sketch as the `HLL_8` image of the Apache DataSketches format, with the flag that says that values came in
    /// no particular order.
    fn image(&self) -> Vec<u8> {
        let registers = &self.0[..];
        let share = |r: u8| 0.5f64.powi(i32::from(r));
        let sum = |high: bool| -> f64 {
            let of = registers.iter().filter(|r| (**r >= 32) == high);
            of.map(|r| share(*r)).sum()
        };
        let zeros = registers.iter().fold(0u32, |n, r| n + u32::from(*r == 0));
        let mut image = vec![10, 1, 7, LG_REGISTERS, 0, 16, 0, 0b1010];
        image.extend_from_slice(&0f64.to_le_bytes());
        image.extend_from_slice(&sum(false).to_le_bytes());
        image.extend_from_slice(&sum(true).to_le_bytes());
        image.extend_from_slice(&zeros.to_le_bytes());
        image.extend_from_slice(&0u32.to_le_bytes());
        debug_assert_eq!(image.len(), PREAMBLE);
        image.extend_from_slice(registers);
        image
    }

    /// The registers, for saving. Shape: 4,096 bytes, each 0 to 63.
    #[must_use]
    pub fn registers(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// Reads saved registers; `None` when there are not 4,096 of them, or they are out of range.
    #[must_use]
    pub fn from_registers(registers: &[u8]) -> Option<Self> {
        let registers: Box<[u8; REGISTERS]> = registers.to_vec().try_into().ok()?;
        registers
            .iter()
            .all(|r| *r <= 63)
            .then_some(Self(registers))
    }
}

#[cfg(test)]
mod tests {
    use super::{Distinct, HllSketch, PREAMBLE, RELATIVE_ERROR};
    use proptest::prelude::*;

    fn of(range: std::ops::Range<u64>) -> Distinct {
        let mut sketch = Distinct::default();
        range.for_each(|i| sketch.add(&i.to_le_bytes()));
        sketch
    }

    #[test]
    fn the_estimate_is_within_four_standard_errors() {
        for n in [10_001u64, 50_000, 300_000] {
            let estimate = of(0..n).estimate();
            let error = (estimate / n as f64 - 1.0).abs();
            assert!(error < 4.0 * RELATIVE_ERROR, "{n}: {estimate}");
        }
        assert!(Distinct::default().estimate().abs() < f64::EPSILON);
    }

    #[test]
    fn merging_is_the_union() {
        let mut merged = of(0..20_000);
        merged.merge(&of(10_000..40_000));
        assert_eq!(merged, of(0..40_000));
        assert_eq!(
            merged.estimate().to_bits(),
            of(0..40_000).estimate().to_bits()
        );
        assert!(Distinct::from_registers(&[0; 7]).is_none());
        assert!(Distinct::from_registers(&[64; 4096]).is_none());
    }

    fn agree(values: &[Vec<u8>]) {
        let mut ours = Distinct::default();
        let mut theirs = HllSketch::deserialize(&ours.image()).unwrap();
        for value in values {
            ours.add(value);
            theirs.update(twox_hash::XxHash64::oneshot(42, value).cast_signed());
        }
        assert_eq!(ours.0[..], theirs.serialize()[PREAMBLE..]);
    }

    proptest! {
        #[test]
        fn registers_are_those_of_the_crate(
            values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..200)
        ) {
            agree(&values);
        }

        #[test]
        fn words_are_bytes(words in proptest::collection::vec(any::<u64>(), 0..200)) {
            let (mut by_word, mut by_bytes) = (Distinct::default(), Distinct::default());
            by_word.add_words(words.iter().copied());
            for word in words {
                by_bytes.add(&word.to_le_bytes());
            }
            prop_assert_eq!(by_word, by_bytes);
        }
    }

    #[test]
    fn registers_of_many_values_are_those_of_the_crate() {
        let values = (0..200_000u32).map(|i| i.to_string().into_bytes());
        agree(&values.collect::<Vec<_>>());
    }
}
