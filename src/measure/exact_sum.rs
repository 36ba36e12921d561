//! Sums without rounding: the same values give the same sum in every order, however they are split and merged.

use num_bigint::{BigInt, BigUint, Sign};

/// Weight of the lowest bit: below the square of the smallest positive float (`2^-2148`), a multiple of 32.
const LOW: i32 = -2176;
/// Limbs of 32 bits: up to the square of the greatest float (`2^2048`) and 2^64 of them.
const LIMBS: usize = 136;
/// Additions after which carries are moved on; each adds less than 2^32 to a limb of 63 bits.
const CARRY_AFTER: u32 = 1 << 29;

/// An exact sum of integers and floats.
///
/// Shape: a fixed-point number of 4,352 bits. Unit: that of the values. NaN and infinities: kept out by the caller.
/// Source: the long accumulator of Kulisch, *Computer Arithmetic and Validity* (2013), with carries kept in the limbs.
#[derive(Debug, Clone)]
pub struct ExactSum {
    limbs: Box<[i64]>,
    additions: u32,
    /// Whole numbers that are not in the limbs yet.
    whole: i128,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self {
            limbs: vec![0; LIMBS].into_boxed_slice(),
            additions: 0,
            whole: 0,
        }
    }
}

impl ExactSum {
    /// Adds a finite float `count` times.
    pub fn add_float(&mut self, value: f64, count: u64) {
        let (mantissa, exponent) = parts(value);
        let product = u128::from(mantissa) * u128::from(count);
        self.add_wide(product, exponent, value.is_sign_negative());
    }

    /// Adds the square of a finite float `count` times.
    pub fn add_float_squared(&mut self, value: f64, count: u64) {
        let (mantissa, exponent) = parts(value);
        let (high, low) = halves(u128::from(mantissa) * u128::from(mantissa));
        self.add_wide(low * u128::from(count), 2 * exponent, false);
        self.add_wide(high * u128::from(count), 2 * exponent + 64, false);
    }

    /// Adds an integer `count` times.
    pub fn add_int(&mut self, value: i128, count: u64) {
        if let (Ok(short), Ok(count)) = (i64::try_from(value), i64::try_from(count)) {
            return self.add_whole(i128::from(short) * i128::from(count));
        }
        let (high, low) = halves(value.unsigned_abs());
        self.add_wide(low * u128::from(count), 0, value < 0);
        self.add_wide(high * u128::from(count), 64, value < 0);
    }

    /// Adds the square of an integer `count` times.
    pub fn add_int_squared(&mut self, value: i128, count: u64) {
        if let (Ok(short), Ok(count)) = (i32::try_from(value), u32::try_from(count)) {
            let square = i128::from(i64::from(short) * i64::from(short));
            return self.add_whole(square * i128::from(count));
        }
        let square = value.checked_mul(value);
        if let Some(product) = square.and_then(|s| s.checked_mul(i128::from(count))) {
            return self.add_whole(product);
        }
        let (high, low) = halves(value.unsigned_abs());
        for (product, exponent) in [(low * low, 0), (high * low, 65), (high * high, 128)] {
            let (upper, lower) = halves(product);
            self.add_wide(lower * u128::from(count), exponent, false);
            self.add_wide(upper * u128::from(count), exponent + 64, false);
        }
    }

    /// Adds another sum, exactly.
    pub fn merge(&mut self, other: &Self) {
        self.carry();
        let mut other = other.clone();
        other.carry();
        for (mine, theirs) in self.limbs.iter_mut().zip(&other.limbs) {
            *mine += theirs;
        }
        self.carry();
    }

    /// Adds a whole number; few reach the limbs.
    pub(super) fn add_whole(&mut self, value: i128) {
        self.whole = self.whole.checked_add(value).unwrap_or_else(|| {
            self.flush();
            value
        });
    }

    /// Moves the whole numbers into the limbs.
    fn flush(&mut self) {
        let whole = std::mem::take(&mut self.whole);
        self.add_wide(whole.unsigned_abs(), 0, whole < 0);
    }

    /// Adds `mantissa * 2^exponent`, or takes it away; the exponent is one that a float or its square has.
    pub(super) fn add_wide(&mut self, mantissa: u128, exponent: i32, negative: bool) {
        let (high, low) = halves(mantissa);
        for (half, exponent) in [(low, exponent), (high, exponent + 64)] {
            if half > 0 {
                let half = u64::try_from(half).expect("a half of 128 bits");
                self.add(half, exponent, negative);
            }
        }
    }

    /// Adds `mantissa * 2^exponent`.
    fn add(&mut self, mantissa: u64, exponent: i32, negative: bool) {
        let position = usize::try_from(exponent - LOW).expect("LOW is below every exponent");
        let shifted = u128::from(mantissa) << (position % 32);
        let limbs = &mut self.limbs[position / 32..position / 32 + 3];
        for (i, limb) in limbs.iter_mut().enumerate() {
            let digit = i64::try_from((shifted >> (32 * i)) & 0xffff_ffff).expect("32 bits");
            *limb += if negative { -digit } else { digit };
        }
        self.additions += 1;
        if self.additions >= CARRY_AFTER {
            self.carry();
        }
    }

    /// Moves carries on: afterwards every limb but the last is from 0 to 2^32 - 1, and equal sums have equal limbs.
    fn carry(&mut self) {
        self.flush();
        let last = self.limbs.len() - 1;
        let mut carry = 0;
        for limb in &mut self.limbs[..last] {
            *limb += carry;
            carry = *limb >> 32;
            *limb &= 0xffff_ffff;
        }
        self.limbs[last] += carry;
        self.additions = 0;
    }

    /// Bytes that the sum takes.
    #[cfg(test)]
    pub(super) fn heap(&self) -> usize {
        self.limbs.len() * size_of::<i64>()
    }

    /// The sum as `integer * 2^LOW`.
    fn integer(&self) -> BigInt {
        let mut sum = self.clone();
        sum.carry();
        let last = sum.limbs.len() - 1;
        let mut bytes: Vec<u8> = Vec::with_capacity(4 * last + 8);
        for limb in &sum.limbs[..last] {
            bytes.extend_from_slice(&limb.to_le_bytes()[..4]);
        }
        bytes.extend_from_slice(&sum.limbs[last].to_le_bytes());
        BigInt::from_signed_bytes_le(&bytes)
    }

    /// The sum where it is a whole number of at most 128 bits.
    #[must_use]
    pub fn whole(&self) -> Option<i128> {
        let unit = u64::from(LOW.unsigned_abs());
        let sum = self.integer();
        if sum.trailing_zeros().is_some_and(|zeros| zeros < unit) {
            return None;
        }
        i128::try_from(sum >> unit).ok()
    }

    /// The sum times `10^-scale`, correctly rounded (below `2^-1022`: rounded twice); infinite beyond the greatest float.
    #[must_use]
    pub fn total(&self, scale: i8) -> f64 {
        let (numerator, divisor) = scaled(self.integer(), scale);
        quotient(&numerator, &divisor, LOW)
    }

    /// The mean of `n` values that were added, times `10^-scale`, correctly rounded; absent without values.
    #[must_use]
    pub fn mean(&self, n: u64, scale: i8) -> Option<f64> {
        let (numerator, divisor) = scaled(self.integer(), scale);
        (n > 0).then(|| quotient(&numerator, &(divisor * n), LOW))
    }

    /// The sample variance (divisor `n - 1`) times `10^(-2 scale)` of `n` values whose squares were added to
    /// `squares`, correctly rounded; absent with fewer than two values.
    ///
    /// Source: `(n Σx² - (Σx)²) / (n (n - 1))` in integers, so nothing cancels.
    #[must_use]
    pub fn variance(&self, squares: &Self, n: u64, scale: i8) -> Option<f64> {
        if n < 2 {
            return None;
        }
        let sum = self.integer();
        let spread = ((squares.integer() * n) << LOW.unsigned_abs()) - &sum * &sum;
        let (numerator, _) = scaled(spread, scale.min(0).saturating_mul(2));
        let places = scale.max(0).unsigned_abs();
        let tens = BigUint::from(10u8).pow(2 * u32::from(places));
        Some(quotient(&numerator, &(tens * n * (n - 1)), 2 * LOW))
    }
}

/// Equal sums, however they came about.
impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.integer() == other.integer()
    }
}

/// Upper and lower 64 bits.
fn halves(value: u128) -> (u128, u128) {
    (value >> 64, value & u128::from(u64::MAX))
}

/// `mantissa * 2^exponent` of a finite float's size.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).expect("11 bits");
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | (1 << 52), exponent - 1075)
    }
}

/// Numerator and divisor of `value * 10^-scale`.
fn scaled(value: BigInt, scale: i8) -> (BigInt, BigUint) {
    let tens = BigUint::from(10u8).pow(u32::from(scale.unsigned_abs()));
    if scale >= 0 {
        (value, tens)
    } else {
        (value * BigInt::from(tens), BigUint::from(1u8))
    }
}

/// `numerator / divisor * 2^exponent`, to the nearest float, ties to even.
fn quotient(numerator: &BigInt, divisor: &BigUint, exponent: i32) -> f64 {
    let size = numerator.magnitude();
    if size.bits() == 0 {
        return 0.0;
    }
    // 64 bits of quotient, and whether anything is left below them.
    let have = i64::try_from(size.bits()).expect("few bits")
        - i64::try_from(divisor.bits()).expect("few bits");
    let lift = i32::try_from(65 - have).expect("few bits");
    let (lifted, lowered) = if lift >= 0 {
        (size << lift.unsigned_abs(), divisor.clone())
    } else {
        (size.clone(), divisor << lift.unsigned_abs())
    };
    let mut digits = &lifted / &lowered;
    let mut rest = &lifted % &lowered != BigUint::ZERO;
    let mut exponent = exponent - lift;
    while digits.bits() > 64 {
        rest |= digits.bit(0);
        digits >>= 1u8;
        exponent += 1;
    }
    let digits = digits.iter_u64_digits().next().unwrap_or(0) | u64::from(rest);
    // The cast rounds to 53 bits; the lowest of the 64 only breaks ties.
    let rounded = times_power_of_two(digits as f64, exponent);
    if numerator.sign() == Sign::Minus {
        -rounded
    } else {
        rounded
    }
}

/// `value * 2^exponent`; steps keep every factor a normal float.
fn times_power_of_two(mut value: f64, mut exponent: i32) -> f64 {
    while exponent > 1000 {
        value *= 2f64.powi(1000);
        exponent -= 1000;
    }
    while exponent < -1000 {
        value *= 2f64.powi(-1000);
        exponent += 1000;
    }
    value * 2f64.powi(exponent)
}

/// `-1a2b@-3` is `-0x1a2b * 2^-3`; the digits are odd (0 is `0@0`), so equal sums have equal texts.
impl std::fmt::Display for ExactSum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum = self.integer();
        let zeros = sum.trailing_zeros().unwrap_or(0);
        if sum.sign() == Sign::NoSign {
            return f.write_str("0@0");
        }
        let exponent = i64::from(LOW) + i64::try_from(zeros).unwrap_or(0);
        write!(f, "{}@{exponent}", (sum >> zeros).to_str_radix(16))
    }
}

impl std::str::FromStr for ExactSum {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an exact sum");
        let (digits, exponent) = text.split_once('@').ok_or_else(wrong)?;
        let digits = BigInt::parse_bytes(digits.as_bytes(), 16).ok_or_else(wrong)?;
        let exponent: i32 = exponent.parse().map_err(|_| wrong())?;
        let shift = u32::try_from(i64::from(exponent) - i64::from(LOW)).map_err(|_| wrong())?;
        if digits.bits() + u64::from(shift) > 32 * LIMBS as u64 {
            return Err(wrong());
        }
        let sum = digits << shift;
        let mut bytes = sum.to_signed_bytes_le();
        let sign = if sum.sign() == Sign::Minus { 0xff } else { 0 };
        bytes.resize(4 * (LIMBS - 1) + 8, sign);
        let mut result = Self::default();
        for (limb, four) in result.limbs.iter_mut().zip(bytes.chunks_exact(4)) {
            *limb = i64::from(u32::from_le_bytes(four.try_into().map_err(|_| wrong())?));
        }
        let last: [u8; 8] = bytes[4 * (LIMBS - 1)..].try_into().map_err(|_| wrong())?;
        result.limbs[LIMBS - 1] = i64::from_le_bytes(last);
        Ok(result)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums are exact")]
mod tests {
    use super::ExactSum;

    fn sum(values: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        for value in values {
            sum.add_float(*value, 1);
        }
        sum
    }

    #[test]
    fn nothing_is_lost_to_rounding() {
        assert_eq!(sum(&[1e300, 1.0, -1e300]).total(0), 1.0);
        assert_eq!(sum(&[0.1; 10]).total(0), 1.0);
        assert_eq!(sum(&[5e-324, 5e-324]).total(0), 1e-323);
        assert_eq!(sum(&[-3.5]).mean(2, 0), Some(-1.75));
    }

    #[test]
    fn variance_does_not_cancel() {
        let (mut total, mut squares) = (ExactSum::default(), ExactSum::default());
        for value in [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0] {
            total.add_float(value, 1);
            squares.add_float_squared(value, 1);
        }
        assert_eq!(total.variance(&squares, 3, 0), Some(1.0));
        assert_eq!(total.variance(&squares, 1, 0), None);
    }

    #[test]
    fn integers_beyond_128_bits_of_square() {
        let (mut total, mut squares) = (ExactSum::default(), ExactSum::default());
        for value in [i128::MAX, i128::MAX - 2] {
            total.add_int(value, 1);
            squares.add_int_squared(value, 1);
        }
        assert_eq!(total.variance(&squares, 2, 0), Some(2.0));
        assert_eq!(total.variance(&squares, 2, 2), Some(0.0002));
        assert_eq!(total.whole(), None);
    }

    #[test]
    fn texts_read_back_and_are_canonical() {
        for values in [&[0.1, -2.5, 1e-300][..], &[], &[-1.0], &[3.0, -3.0]] {
            let sum = sum(values);
            let back: ExactSum = sum.to_string().parse().unwrap();
            assert_eq!(back.to_string(), sum.to_string());
            assert_eq!(back.total(0).to_bits(), sum.total(0).to_bits());
        }
        assert_eq!(sum(&[6.0]).to_string(), "3@1");
        assert!("1@99999".parse::<ExactSum>().is_err());
        assert!("x".parse::<ExactSum>().is_err());
    }
}
