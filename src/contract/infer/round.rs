//! Round numbers: bounds widened outward to what a person would write.

/// The widest of 1, 2 and 5 times a power of ten that is at most a tenth of `span`; `(factor, exponent)`.
fn step(span: f64) -> (f64, i32) {
    let wanted = span / 10.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a finite number is within ±400"
    )]
    let exponent = wanted.log10().floor() as i32;
    let unit = wanted / 10f64.powi(exponent);
    let factor = if unit >= 5.0 {
        5.0
    } else if unit >= 2.0 {
        2.0
    } else {
        1.0
    };
    (factor, exponent)
}

/// Two bounds around `low` and `high`, as YAML numbers; `None` when they are not finite, equal, or beyond 2^53.
///
/// The texts read back as numbers that still hold both.
#[must_use]
pub(super) fn floats(low: f64, high: f64) -> Option<(String, String)> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let fits = low.is_finite() && high.is_finite() && low < high;
    if !fits || low.abs().max(high.abs()) > EXACT / 16.0 || high - low < 1e-12 {
        return None;
    }
    let (factor, exponent) = step(high - low);
    let size = factor * 10f64.powi(exponent);
    let decimals = usize::try_from(-exponent).unwrap_or(0);
    let text = |steps: f64| {
        let text = format!("{:.decimals$}", steps * size);
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    };
    let holds = |text: &str, keep: &dyn Fn(f64) -> bool| text.parse::<f64>().is_ok_and(keep);
    let below = |steps: f64| Some(text(steps)).filter(|t| holds(t, &|v| v <= low));
    let above = |steps: f64| Some(text(steps)).filter(|t| holds(t, &|v| v >= high));
    let (first, last) = ((low / size).floor(), (high / size).ceil());
    Some((
        below(first).or_else(|| below(first - 1.0))?,
        above(last).or_else(|| above(last + 1.0))?,
    ))
}

/// Two whole bounds around `low` and `high`, as YAML numbers; `None` when they are equal or beyond 2^49.
#[must_use]
pub(super) fn integers(low: i128, high: i128) -> Option<(String, String)> {
    const LIMIT: i128 = 1 << 49;
    if low >= high || low < -LIMIT || high > LIMIT {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "below 2^50")]
    let (factor, exponent) = step((high - low) as f64);
    let size = match u32::try_from(exponent) {
        #[expect(clippy::cast_possible_truncation, reason = "1, 2 or 5")]
        Ok(exponent) => factor as i128 * 10i128.pow(exponent),
        Err(_) => 1,
    };
    let below = low.div_euclid(size) * size;
    let above = -(-high).div_euclid(size) * size;
    Some((below.to_string(), above.to_string()))
}

/// Half and one and a half times a count, rounded outward to one significant digit.
#[must_use]
pub(super) fn around(rows: u64) -> (u64, u64) {
    let power = |v: u64| 10u64.pow(v.checked_ilog10().unwrap_or(0));
    let (low, high) = (rows / 2, rows.saturating_add(rows.div_ceil(2)));
    let low = (low / power(low.max(1)) * power(low.max(1))).max(1);
    (low, high.div_ceil(power(high)).saturating_mul(power(high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_would_write_these() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(integers(80, 4983), pair("0", "5000"));
        assert_eq!(integers(1, 2400), pair("0", "2400"));
        assert_eq!(integers(0, 59), pair("0", "60"));
        assert_eq!(integers(-43, 1301), pair("-100", "1400"));
        assert_eq!(integers(5, 6), pair("5", "6"));
        assert_eq!(integers(7, 7), None);
        assert_eq!(floats(19.72, 72.27), pair("15", "75"));
        assert_eq!(floats(0.01, 0.99), pair("0", "1"));
        assert_eq!(floats(0.1, 0.3), pair("0.1", "0.3"));
        assert_eq!(floats(f64::NEG_INFINITY, 1.0), None);
        assert_eq!(around(27_004), (10_000, 50_000));
        assert_eq!(around(1), (1, 2));
        assert_eq!(around(16), (8, 30));
    }

    proptest! {
        #[test]
        fn bounds_never_cut(a in -1e12..1e12f64, b in -1e12..1e12f64) {
            let (low, high) = (a.min(b), a.max(b));
            if let Some((min, max)) = floats(low, high) {
                prop_assert!(min.parse::<f64>().unwrap() <= low && high <= max.parse::<f64>().unwrap());
            }
        }
        #[test]
        fn small_bounds_never_cut(a in -1.0..1.0f64, b in -1.0..1.0f64) {
            let (low, high) = (a.min(b), a.max(b));
            if let Some((min, max)) = floats(low, high) {
                prop_assert!(min.parse::<f64>().unwrap() <= low && high <= max.parse::<f64>().unwrap());
            }
        }
        #[test]
        fn whole_bounds_never_cut(a in -1i128 << 45..1i128 << 45, b in -1i128 << 45..1i128 << 45) {
            let (low, high) = (a.min(b), a.max(b));
            if let Some((min, max)) = integers(low, high) {
                prop_assert!(min.parse::<i128>().unwrap() <= low && high <= max.parse::<i128>().unwrap());
            }
        }
    }
}
