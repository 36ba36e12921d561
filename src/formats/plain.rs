//! Numbers by their decimal spelling, exactly.

use num_bigint::BigInt;

/// A decimal number: `unscaled` divided by ten to the power of `scale`.
///
/// A float is the shortest decimal text that reads back as it (as Rust prints it), so 0.1 has one place after the
/// point. Zeros at the end of the places do not count, except in text, which is taken as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    unscaled: BigInt,
    scale: i32,
    /// Digits after the point.
    places: u64,
}

impl Plain {
    /// A whole number or decimal; zeros at the end of its places do not count.
    #[must_use]
    pub fn new(unscaled: i128, scale: i32) -> Self {
        let (mut unscaled, mut scale) = (unscaled, scale);
        while scale > 0 && unscaled % 10 == 0 {
            unscaled /= 10;
            scale -= 1;
        }
        Self {
            unscaled: unscaled.into(),
            scale,
            places: u64::try_from(scale).unwrap_or(0),
        }
    }

    /// The shortest decimal of a 64-bit float; `None` for NaN and infinity.
    #[must_use]
    pub fn of_f64(value: f64) -> Option<Self> {
        value
            .is_finite()
            .then(|| Self::of_scientific(&format!("{value:e}")))
    }

    /// The shortest decimal of a 32-bit float; `None` for NaN and infinity.
    #[must_use]
    pub fn of_f32(value: f32) -> Option<Self> {
        value
            .is_finite()
            .then(|| Self::of_scientific(&format!("{value:e}")))
    }

    fn of_scientific(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let unscaled = format!("{whole}{fraction}").parse().unwrap_or(0);
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let scale = i32::try_from(fraction.len()).unwrap_or(0) - exponent;
        Self::new(unscaled, scale)
    }

    /// `[+-]?[0-9]+(\.[0-9]+)?` as it is written, zeros at the end included; `None` for any other text, and for more
    /// than 1,000 characters.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let fits = all(whole) && (all(fraction) || !digits.contains('.')) && text.len() <= 1_000;
        if !fits {
            return None;
        }
        let places = fraction.len();
        Some(Self {
            unscaled: format!("{whole}{fraction}").parse().ok()?,
            scale: i32::try_from(places).ok()?,
            places: places as u64,
        })
    }

    /// Digits after the point.
    #[must_use]
    pub fn places(&self) -> u64 {
        self.places
    }

    /// Digits before the point without leading zeros; none for a number below 1.
    #[must_use]
    pub fn digits_before(&self) -> u64 {
        let zero = BigInt::from(0);
        if self.unscaled == zero {
            return 0;
        }
        let digits = self.unscaled.magnitude().to_string().len();
        let before = i64::try_from(digits).unwrap_or(i64::MAX) - i64::from(self.scale);
        u64::try_from(before).unwrap_or(0)
    }

    /// Order by value.
    #[must_use]
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let ten = |power: i32| BigInt::from(10).pow(power.unsigned_abs());
        let difference = other.scale - self.scale;
        if difference >= 0 {
            (&self.unscaled * ten(difference)).cmp(&other.unscaled)
        } else {
            self.unscaled.cmp(&(&other.unscaled * ten(difference)))
        }
    }

    /// Whether it is a whole multiple of another number; of zero only zero is.
    #[must_use]
    pub fn is_multiple_of(&self, of: &Self) -> bool {
        let zero = BigInt::from(0);
        if of.unscaled == zero || self.unscaled == zero {
            return self.unscaled == zero;
        }
        let ten = |power: i32| BigInt::from(10).pow(power.unsigned_abs());
        let difference = of.scale - self.scale;
        let remainder = if difference >= 0 {
            (&self.unscaled * ten(difference)) % &of.unscaled
        } else {
            &self.unscaled % (&of.unscaled * ten(difference))
        };
        remainder == zero
    }
}

#[cfg(test)]
mod tests {
    use super::Plain;

    #[test]
    fn floats_are_their_shortest_decimal() {
        let places = |v: f64| Plain::of_f64(v).map(|p| (p.digits_before(), p.places()));
        assert_eq!(places(0.1), Some((0, 1)));
        assert_eq!(places(0.1 + 0.2), Some((0, 17)));
        assert_eq!(places(-1.50), Some((1, 1)));
        assert_eq!(places(-0.0), Some((0, 0)));
        assert_eq!(places(1e22), Some((23, 0)));
        assert_eq!(places(1.5e-7), Some((0, 8)));
        assert_eq!(places(f64::MAX), Some((309, 0)));
        assert_eq!(places(5e-324), Some((0, 324)));
        assert_eq!(places(f64::NAN), None);
        assert_eq!(Plain::of_f32(0.1).map(|p| p.places()), Some(1));
    }

    #[test]
    fn texts_are_taken_as_written() {
        let places = |v: &str| Plain::of_text(v).map(|p| (p.digits_before(), p.places()));
        assert_eq!(places("1.50"), Some((1, 2)));
        assert_eq!(places("-007"), Some((1, 0)));
        assert_eq!(places("+0.00"), Some((0, 2)));
        for text in ["", ".", "1.", ".5", "1e3", "1,5", " 1", "NaN", "１"] {
            assert_eq!(places(text), None, "{text}");
        }
    }

    #[test]
    fn multiples_are_exact() {
        let is = |v: f64, of: f64| {
            Plain::of_f64(v)
                .zip(Plain::of_f64(of))
                .map(|(v, of)| v.is_multiple_of(&of))
        };
        assert_eq!(is(0.3, 0.1), Some(true));
        assert_eq!(is(4.35, 0.01), Some(true));
        assert_eq!(is(4.355, 0.01), Some(false));
        assert_eq!(is(-7.5, 2.5), Some(true));
        assert_eq!(is(1e308, 0.1), Some(true));
        assert_eq!(is(0.0, 3.0), Some(true));
        assert_eq!(is(1.0, 0.0), Some(false));
        assert_eq!(is(10.0, 4.0), Some(false));
    }
}
