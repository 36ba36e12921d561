//! Whole numbers into the profile of a column: one by one, or many at a time.

use super::column::ColumnProfile;
use super::form::{Form, Key};
use super::tally::BLOCK;

impl ColumnProfile {
    /// Adds a value in whole units (booleans, integers, decimals, moments) `count` times, at least once.
    pub fn add_int(&mut self, value: i128, count: u64) {
        let (wants, number) = (self.wants, self.form.is_number());
        if wants.counters && number {
            self.counters.zeros += count * u64::from(value == 0);
            self.counters.negative += count * u64::from(value < 0);
        } else if wants.counters && self.form == Form::Boolean {
            self.counters.trues += count * u64::from(value != 0);
        }
        if wants.sums && number {
            self.sum.add_int(value, count);
            self.squares.add_int_squared(value, count);
        }
        if wants.extremes {
            self.extend_ints(value, value);
        }
        if wants.values {
            self.values.add_int(value, count);
        }
    }

    /// Adds many values in whole units, each `factor` times a number. Nulls: kept out by the caller.
    pub fn add_ints(&mut self, numbers: &[i64], factor: i64) {
        if factor == 1 {
            numbers.chunks(BLOCK).for_each(|b| self.add_int_block(b));
            return;
        }
        let mut products = [0; BLOCK];
        for block in numbers.chunks(BLOCK) {
            let (least, greatest) = bounds(block);
            let fits = |v: i64| v.checked_mul(factor).is_some();
            if fits(least) && fits(greatest) {
                let products = &mut products[..block.len()];
                for (product, number) in products.iter_mut().zip(block) {
                    *product = number * factor;
                }
                self.add_int_block(products);
            } else {
                for number in block {
                    self.add_int(i128::from(*number) * i128::from(factor), 1);
                }
            }
        }
    }

    /// Adds many values in whole units of 128 bits. Nulls: kept out by the caller.
    pub fn add_wide_ints(&mut self, numbers: &[i128]) {
        let mut buffer = [0; BLOCK];
        for block in numbers.chunks(BLOCK) {
            let mut short = 0;
            for number in block {
                match i64::try_from(*number) {
                    Ok(number) => {
                        buffer[short] = number;
                        short += 1;
                    }
                    Err(_) => self.add_int(*number, 1),
                }
            }
            if short > 0 {
                self.add_int_block(&buffer[..short]);
            }
        }
    }

    /// Adds at least one and at most [`BLOCK`] numbers.
    fn add_int_block(&mut self, block: &[i64]) {
        let (wants, number) = (self.wants, self.form.is_number());
        if wants.counters && number {
            self.counters.zeros += count(block, |v| v == 0);
            self.counters.negative += count(block, |v| v < 0);
        } else if wants.counters && self.form == Form::Boolean {
            self.counters.trues += count(block, |v| v != 0);
        }
        let (least, greatest) = bounds(block);
        if wants.sums && number {
            self.add_sums(block, least.unsigned_abs().max(greatest.unsigned_abs()));
        }
        if wants.extremes {
            self.extend_ints(i128::from(least), i128::from(greatest));
        }
        if wants.values {
            self.values.add_int_block(block, least, greatest);
        }
    }

    /// Adds the numbers of a block, none of them greater in size than `most`, to the sums.
    fn add_sums(&mut self, block: &[i64], most: u64) {
        // A block has at most 2^10 numbers.
        if most < 1 << 26 {
            let sum: i64 = block.iter().sum();
            let squares: u64 = block.iter().map(|v| square_of_short(*v)).sum();
            self.sum.add_whole(i128::from(sum));
            self.squares.add_whole(i128::from(squares));
            return;
        }
        let sum = block.iter().map(|v| i128::from(*v)).sum();
        self.sum.add_whole(sum);
        let (mut low, mut high) = (0u128, 0u64);
        for value in block {
            let size = u128::from(value.unsigned_abs());
            let (sum, over) = low.overflowing_add(size * size);
            low = sum;
            high += u64::from(over);
        }
        self.squares.add_wide(low, 0, false);
        self.squares.add_wide(u128::from(high), 128, false);
    }

    /// Widens the extremes so that they hold two values.
    fn extend_ints(&mut self, least: i128, greatest: i128) {
        let is_less = |k: &Key| matches!(k, Key::Int(v) if least < *v);
        if self.least.as_ref().is_none_or(is_less) {
            self.least = Some(Key::Int(least));
        }
        let is_more = |k: &Key| matches!(k, Key::Int(v) if greatest > *v);
        if self.greatest.as_ref().is_none_or(is_more) {
            self.greatest = Some(Key::Int(greatest));
        }
    }
}

/// The square of a number of less than 32 bits.
fn square_of_short(value: i64) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "less than 32 bits")]
    let size = u64::from(value.unsigned_abs() as u32);
    size * size
}

fn count(block: &[i64], is: impl Fn(i64) -> bool) -> u64 {
    block.iter().map(|v| u64::from(is(*v))).sum()
}

/// Least and greatest of at least one number; four at a time, so that none waits for the one before.
fn bounds(block: &[i64]) -> (i64, i64) {
    let (mut least, mut greatest) = ([block[0]; 4], [block[0]; 4]);
    let (fours, rest) = block.as_chunks::<4>();
    for four in fours {
        for ((least, greatest), value) in least.iter_mut().zip(&mut greatest).zip(four) {
            *least = (*least).min(*value);
            *greatest = (*greatest).max(*value);
        }
    }
    let mut bounds = (least[0], greatest[0]);
    for value in rest.iter().chain(&least).chain(&greatest) {
        bounds = (bounds.0.min(*value), bounds.1.max(*value));
    }
    bounds
}
