//! Estimated number of distinct values, for columns with too many to list.

use datasketches::hll::HllSketch;

/// Base-2 logarithm of the number of registers.
const LG_REGISTERS: u8 = 12;
const REGISTERS: usize = 1 << LG_REGISTERS;
/// Bytes before the registers in the serialised form of the `HLL_8` mode.
const PREAMBLE: usize = 40;

/// Relative standard error of the estimate: `0.8326 / sqrt(4096)` for the in-order estimator, `1.04 / sqrt(4096)` for
/// the composite one that is used here.
///
/// Source: Flajolet and others, *`HyperLogLog`* (2007), theorem 1.
pub const RELATIVE_ERROR: f64 = 0.016_25;

/// A `HyperLogLog` sketch with 4,096 registers over XXH64 (seed 42) of each value.
///
/// Shape: 4 KiB. It depends on the set of values alone. The estimate is the composite one, which is the same for every
/// order of values and merges (the in-order estimator is not).
#[derive(Debug, Clone)]
pub struct Distinct(HllSketch);

impl Default for Distinct {
    fn default() -> Self {
        Self::from_registers(&[0; REGISTERS]).expect("an empty sketch reads back")
    }
}

impl Distinct {
    /// Adds a value by its bytes; adding it again changes nothing. Nulls and NaN: kept out by the caller.
    pub fn add(&mut self, bytes: &[u8]) {
        let hash = twox_hash::XxHash64::oneshot(42, bytes);
        self.0.update(hash.cast_signed());
    }

    /// Adds another's values: the sketch of the union, register by register the greater.
    pub fn merge(&mut self, other: &Self) {
        let greatest: Vec<u8> = self
            .registers()
            .iter()
            .zip(other.registers())
            .map(|(a, b)| *a.max(&b))
            .collect();
        if let Some(merged) = Self::from_registers(&greatest) {
            *self = merged;
        }
    }

    /// The estimated number of distinct values; its relative standard error is [`RELATIVE_ERROR`]. 0 without values.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        Self::from_registers(&self.registers()).map_or(f64::NAN, |own| own.0.composite_estimate())
    }

    /// The registers, for saving. Shape: 4,096 bytes, each 0 to 63.
    #[must_use]
    pub fn registers(&self) -> Vec<u8> {
        let bytes = self.0.serialize();
        bytes[bytes.len() - REGISTERS..].to_vec()
    }

    /// Reads saved registers; `None` when there are not 4,096 of them, or they are out of range.
    ///
    /// Source: the `HLL_8` image of the Apache DataSketches format, with the flag that says that values came in no
    /// particular order.
    #[must_use]
    pub fn from_registers(registers: &[u8]) -> Option<Self> {
        if registers.len() != REGISTERS || registers.iter().any(|r| *r > 63) {
            return None;
        }
        let share = |r: u8| 0.5f64.powi(i32::from(r));
        let sum = |high: bool| -> f64 {
            let of = registers.iter().filter(|r| (**r >= 32) == high);
            of.map(|r| share(*r)).sum()
        };
        let zeros = u32::try_from(registers.iter().filter(|r| **r == 0).count()).ok()?;
        let mut image = vec![10, 1, 7, LG_REGISTERS, 0, 16, 0, 0b1010];
        image.extend_from_slice(&0f64.to_le_bytes());
        image.extend_from_slice(&sum(false).to_le_bytes());
        image.extend_from_slice(&sum(true).to_le_bytes());
        image.extend_from_slice(&zeros.to_le_bytes());
        image.extend_from_slice(&0u32.to_le_bytes());
        debug_assert_eq!(image.len(), PREAMBLE);
        image.extend_from_slice(registers);
        HllSketch::deserialize(&image).ok().map(Self)
    }
}

/// Equal registers.
impl PartialEq for Distinct {
    fn eq(&self, other: &Self) -> bool {
        self.registers() == other.registers()
    }
}

#[cfg(test)]
mod tests {
    use super::{Distinct, RELATIVE_ERROR};

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
}
