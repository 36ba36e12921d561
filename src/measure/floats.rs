//! Floats into the profile of a column: one by one, or many at a time.

use super::column::ColumnProfile;
use super::form::Key;
use super::tally::BLOCK;

impl ColumnProfile {
    /// Adds a float `count` times, at least once; NaN is counted only, -0.0 is 0.0.
    pub fn add_float(&mut self, value: f64, count: u64) {
        let (wants, counters) = (self.wants, &mut self.counters);
        if value.is_nan() {
            counters.nan += count;
            return;
        }
        let value = value + 0.0;
        if wants.counters {
            counters.zeros += count * u64::from(value == 0.0);
            counters.negative += count * u64::from(value < 0.0);
        }
        if wants.counters || wants.sums {
            counters.infinite += count * u64::from(value == f64::INFINITY);
            counters.negative_infinite += count * u64::from(value == f64::NEG_INFINITY);
        }
        if wants.sums && value.is_finite() {
            self.sum.add_float(value, count);
            self.squares.add_float_squared(value, count);
        }
        if wants.extremes {
            self.extend_floats(value, value);
        }
        if wants.values {
            self.values.add_float(value, count);
        }
    }

    /// Adds many floats; NaN is counted only, -0.0 is 0.0. Nulls: kept out by the caller.
    pub fn add_floats(&mut self, values: &[f64]) {
        let mut buffer = [0.0; BLOCK];
        for block in values.chunks(BLOCK) {
            let kept = without_nan(block, &mut buffer);
            self.counters.nan += (block.len() - kept) as u64;
            if kept > 0 {
                self.add_float_block(&mut buffer[..kept]);
            }
        }
    }

    /// Adds at least one and at most [`BLOCK`] floats, none of them NaN or -0.0; leaves anything in the block.
    fn add_float_block(&mut self, block: &mut [f64]) {
        let wants = self.wants;
        if wants == super::Wants::COUNTS {
            return;
        }
        let (least, greatest) = bounds(block);
        let finite = least > f64::NEG_INFINITY && greatest < f64::INFINITY;
        let counters = &mut self.counters;
        if wants.counters {
            counters.zeros += count(block, |v| v == 0.0);
            counters.negative += count(block, |v| v < 0.0);
        }
        if (wants.counters || wants.sums) && !finite {
            counters.infinite += count(block, |v| v == f64::INFINITY);
            counters.negative_infinite += count(block, |v| v == f64::NEG_INFINITY);
        }
        if wants.extremes {
            self.extend_floats(least, greatest);
        }
        if wants.values {
            self.values.add_float_block(block, least, greatest);
        }
        if wants.sums {
            let mut kept = block.len();
            if !finite {
                kept = 0;
                for place in 0..block.len() {
                    block[kept] = block[place];
                    kept += usize::from(block[kept].is_finite());
                }
            }
            self.sum.add_floats(&mut self.squares, &block[..kept]);
        }
    }

    /// Widens the extremes so that they hold two values.
    fn extend_floats(&mut self, least: f64, greatest: f64) {
        let is_less = |k: &Key| matches!(k, Key::Float(v) if least < *v);
        if self.least.as_ref().is_none_or(is_less) {
            self.least = Some(Key::Float(least));
        }
        let is_more = |k: &Key| matches!(k, Key::Float(v) if greatest > *v);
        if self.greatest.as_ref().is_none_or(is_more) {
            self.greatest = Some(Key::Float(greatest));
        }
    }
}

/// Copies a block without its NaN, every -0.0 as 0.0; how many are left.
fn without_nan(block: &[f64], kept: &mut [f64; BLOCK]) -> usize {
    if count(block, f64::is_nan) == 0 {
        for (slot, value) in kept.iter_mut().zip(block) {
            *slot = value + 0.0;
        }
        return block.len();
    }
    let mut length = 0;
    for value in block {
        kept[length] = value + 0.0;
        length += usize::from(!value.is_nan());
    }
    length
}

fn count(block: &[f64], is: impl Fn(f64) -> bool) -> u64 {
    block.iter().map(|v| u64::from(is(*v))).sum()
}

/// Least and greatest of at least one float without NaN; eight at a time, so that none waits for the one before.
fn bounds(block: &[f64]) -> (f64, f64) {
    let lesser = |a: f64, b: f64| if b < a { b } else { a };
    let greater = |a: f64, b: f64| if b > a { b } else { a };
    let (mut least, mut greatest) = ([block[0]; 8], [block[0]; 8]);
    let (eights, rest) = block.as_chunks::<8>();
    for eight in eights {
        for ((least, greatest), value) in least.iter_mut().zip(&mut greatest).zip(eight) {
            *least = lesser(*least, *value);
            *greatest = greater(*greatest, *value);
        }
    }
    let all = rest.iter().chain(&least).chain(&greatest);
    all.fold((block[0], block[0]), |(low, high), value| {
        (lesser(low, *value), greater(high, *value))
    })
}
