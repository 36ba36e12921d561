//! Exact sums of many floats at a time: blocks are summed as whole numbers of a common unit.

use super::exact_sum::ExactSum;
use super::tally::BLOCK;

/// Octaves between the least and the greatest of a block, up to which its floats are whole numbers of 64 bits in the
/// last place of the least one: 53 bits and these are 62.
const OCTAVES: u16 = 9;

/// What an exponent field of a float is above the exponent of its last place.
const LAST_PLACE: i32 = 1075;

// The sum of a block of signed mantissas of 53 bits fits 64 bits.
const _: () = assert!(BLOCK <= 1 << 10);

impl ExactSum {
    /// Adds at most [`BLOCK`] finite floats to this sum, and their squares to another.
    pub(super) fn add_floats(&mut self, squares: &mut Self, block: &[f64]) {
        let Some((low, high)) = fields(block) else {
            return;
        };
        if high - low <= OCTAVES && low > 52 {
            self.add_scaled(squares, block, i32::from(low) - LAST_PLACE);
        } else if i32::from(high) < LAST_PLACE && whole(block) {
            self.add_scaled(squares, block, 0);
        } else {
            self.add_by_octave(squares, block, low.max(1), high.max(1));
        }
    }

    /// Adds floats that are whole multiples, of at most 62 bits, of `2^exponent`.
    fn add_scaled(&mut self, squares: &mut Self, block: &[f64], exponent: i32) {
        let scale = 2f64.powi(-exponent);
        let (mut sum, mut low, mut over) = (0i128, 0u128, 0u64);
        for value in block {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number")]
            let number = (value * scale) as i64;
            sum += i128::from(number);
            let size = u128::from(number.unsigned_abs());
            let (total, carry) = low.overflowing_add(size * size);
            low = total;
            over += u64::from(carry);
        }
        self.add_wide(sum.unsigned_abs(), exponent, sum < 0);
        squares.add_wide(low, 2 * exponent, false);
        squares.add_wide(u128::from(over), 2 * exponent + 128, false);
    }

    /// Adds floats whose exponent fields are in a range, or 0: first mantissas of equal exponents, then their sums.
    fn add_by_octave(&mut self, squares: &mut Self, block: &[f64], low: u16, high: u16) {
        let mut sums = vec![(0i64, 0u128); usize::from(high - low) + 1];
        for value in block {
            let field = field(*value);
            let implied = u64::from(field > 0) << 52;
            let mantissa = (value.to_bits() & ((1 << 52) - 1)) | implied;
            let (sum, square) = &mut sums[usize::from(field.max(low) - low)];
            let signed = mantissa.cast_signed();
            *sum += if *value < 0.0 { -signed } else { signed };
            *square += u128::from(mantissa) * u128::from(mantissa);
        }
        for (exponent, (sum, square)) in (i32::from(low) - LAST_PLACE..).zip(sums) {
            if square > 0 {
                self.add_wide(u128::from(sum.unsigned_abs()), exponent, sum < 0);
                squares.add_wide(square, 2 * exponent, false);
            }
        }
    }
}

/// The exponent field.
fn field(value: f64) -> u16 {
    (value.to_bits() >> 52) as u16 & 0x7ff
}

/// Exponent fields of the least and the greatest float in size that is not 0; absent when all are.
fn fields(block: &[f64]) -> Option<(u16, u16)> {
    let lesser = |a: f64, b: f64| if b < a { b } else { a };
    let greater = |a: f64, b: f64| if b > a { b } else { a };
    let (mut least, mut greatest) = ([f64::INFINITY; 4], [0.0; 4]);
    let (fours, rest) = block.as_chunks::<4>();
    let mut tail = [0.0; 4];
    tail[..rest.len()].copy_from_slice(rest);
    for four in fours.iter().chain([&tail]) {
        for ((least, greatest), value) in least.iter_mut().zip(&mut greatest).zip(four) {
            let size = value.abs();
            *least = lesser(*least, if size > 0.0 { size } else { f64::INFINITY });
            *greatest = greater(*greatest, size);
        }
    }
    let least = least.into_iter().fold(f64::INFINITY, lesser);
    let greatest = greatest.into_iter().fold(0.0, greater);
    (greatest > 0.0).then(|| (field(least), field(greatest)))
}

/// Whether floats of less than `2^53` are whole numbers.
fn whole(block: &[f64]) -> bool {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::float_cmp,
        reason = "a number that the cast changes is not whole"
    )]
    let is_whole = |v: &f64| (*v as i64) as f64 == *v;
    block.iter().all(is_whole)
}
