//! Confidence intervals for what a report says moved. Pure.

/// Quantile of the standard normal distribution for two-sided intervals of 95 %.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Whether both ends are one number, but for rounding.
    #[must_use]
    pub fn is_point(self) -> bool {
        self.high - self.low <= 1e-12 * self.high.abs().max(self.low.abs())
    }

    /// The standard error that an estimate with this interval has, where an end is `z` of them away: by its further end, since
    /// the nearer one may be where the range of the metric ends.
    ///
    /// Edge: not below 0; not finite where an end is not.
    #[must_use]
    pub fn standard_error(self, estimate: f64, z: f64) -> f64 {
        (self.high - estimate).max(estimate - self.low).max(0.0) / z
    }

    /// The interval of the absolute value of what this one is about; it reaches down to 0 where this one holds 0.
    #[must_use]
    pub fn absolute(self) -> Self {
        if self.low <= 0.0 && self.high >= 0.0 {
            Self {
                low: 0.0,
                high: self.high.max(-self.low),
            }
        } else {
            Self {
                low: self.low.abs().min(self.high.abs()),
                high: self.low.abs().max(self.high.abs()),
            }
        }
    }
}

/// `hits` of `rows`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Rows that count.
    pub hits: u64,
    /// All rows.
    pub rows: u64,
}

impl Share {
    /// The share, 0 to 1; 0 without a row.
    #[must_use]
    pub fn value(self) -> f64 {
        self.hits as f64 / self.rows.max(1) as f64
    }

    /// Wilson's interval for the share that rows like these have.
    ///
    /// Unit: share, 0 to 1. Edge: 0 to 1 without a row.
    /// Source: Wilson, *Probable Inference* (1927), without continuity correction.
    #[must_use]
    pub fn wilson(self, z: f64) -> Interval {
        if self.rows == 0 {
            return Interval {
                low: 0.0,
                high: 1.0,
            };
        }
        let (n, p) = (self.rows as f64, self.value());
        let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let exact = |at: f64, edge: bool, end: f64| if edge { end } else { at.clamp(0.0, 1.0) };
        Interval {
            low: exact(middle - half, self.hits == 0, 0.0),
            high: exact(middle + half, self.hits == self.rows, 1.0),
        }
    }
}

/// Newcombe's interval for the difference `current - reference` of two shares.
///
/// Unit: share, -1 to 1. Edge: -1 to 1 without a row on either side.
/// Source: Newcombe, *Interval Estimation for the Difference between Independent Proportions* (1998), method 10.
#[must_use]
pub fn newcombe(reference: Share, current: Share, z: f64) -> Interval {
    let (q, p) = (reference.value(), current.value());
    let (before, now) = (reference.wilson(z), current.wilson(z));
    let root = |a: f64, b: f64| (a * a + b * b).sqrt();
    Interval {
        low: p - q - root(p - now.low, before.high - q),
        high: p - q + root(now.high - p, q - before.low),
    }
}

/// Half the width of a 95 % interval for the greatest distance of two distribution functions.
///
/// Unit: share of values. Edge: infinite without a value on one side.
/// Source: the Kolmogorov limit, `1.358 sqrt(1 / n + 1 / m)`; the bound of Dvoretzky, Kiefer and Wolfowitz with
/// Massart's constant is the same to three digits.
#[must_use]
pub fn kolmogorov_radius(n: u64, m: u64) -> f64 {
    1.358_1 * (1.0 / n as f64 + 1.0 / m as f64).sqrt()
}

/// Interval for the difference `current - reference` of two rank correlations.
///
/// Shape: each with the number of rows that it is of. Unit: -2 to 2. Edge: -2 to 2 for fewer than five rows on a
/// side.
/// Source: Fisher's transformation with the variance `1.06 / (n - 3)` of Fieller, Hartley and Pearson (1957), joined
/// as Zou, *Toward Using Confidence Intervals to Compare Correlations* (2007) joins them.
#[must_use]
pub fn correlations((before, n): (f64, u64), (now, m): (f64, u64), z: f64) -> Interval {
    if n < 5 || m < 5 {
        return Interval {
            low: -2.0,
            high: 2.0,
        };
    }
    let ends = |r: f64, n: u64| {
        let half = z * (1.06 / (n as f64 - 3.0)).sqrt();
        let middle = r.clamp(-0.999_999, 0.999_999).atanh();
        ((middle - half).tanh(), (middle + half).tanh())
    };
    let ((low_before, high_before), (low_now, high_now)) = (ends(before, n), ends(now, m));
    let root = |a: f64, b: f64| (a * a + b * b).sqrt();
    Interval {
        low: now - before - root(now - low_now, high_before - before),
        high: now - before + root(high_now - now, before - low_before),
    }
}

/// Interval for the difference `current - reference` of two medians.
///
/// Shape: ascending values of both sides. Unit: that of the values. `None` for fewer than six values on a side.
/// Source: Price and Bonett, *Distribution-Free Confidence Intervals for Difference and Ratio of Medians* (2002): the
/// variance of a median from the order statistics `sqrt(n)` ranks around it.
#[must_use]
pub fn medians(reference: &[f64], current: &[f64], z: f64) -> Option<Interval> {
    let difference = median(current)? - median(reference)?;
    let variance = median_variance(reference)? + median_variance(current)?;
    let half = z * variance.sqrt();
    (half.is_finite() && difference.is_finite()).then_some(Interval {
        low: difference - half,
        high: difference + half,
    })
}

/// The middle of ascending values; the mean of the two middle ones of an even number. `None` without a value.
#[must_use]
pub fn median(ascending: &[f64]) -> Option<f64> {
    let n = ascending.len();
    let high = ascending.get(n / 2)?;
    Some(if n % 2 == 1 {
        *high
    } else {
        f64::midpoint(ascending[n / 2 - 1], *high)
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank between 1 and n / 2"
)]
fn median_variance(ascending: &[f64]) -> Option<f64> {
    let n = ascending.len();
    if n < 6 {
        return None;
    }
    let rank = ((f64::midpoint(n as f64, 1.0) - (n as f64).sqrt()).round() as usize).max(1);
    // With so many ranks outside, the order statistics are this many deviations of a normal count apart.
    let deviations = 2.0 * (f64::midpoint(n as f64, 1.0) - rank as f64) / (n as f64).sqrt();
    let deviation = (ascending[n - rank] - ascending[rank - 1]) / (2.0 * deviations.max(0.5));
    Some(deviation * deviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(interval: Interval, low: f64, high: f64) {
        let off = (interval.low - low).abs().max((interval.high - high).abs());
        assert!(off < 1e-9, "{interval:?} against {low} to {high}");
    }

    // Values of statsmodels 0.15: `proportion_confint` (wilson), `confint_proportions_2indep` (newcomb, diff).
    #[test]
    fn intervals_of_shares() {
        close(
            Share { hits: 15, rows: 50 }.wilson(Z95),
            0.191_035_535_008_809_43,
            0.437_503_504_644_534,
        );
        close(
            Share { hits: 0, rows: 50 }.wilson(Z95),
            0.0,
            0.071_347_599_133_358_74,
        );
        close(Share { hits: 0, rows: 0 }.wilson(Z95), 0.0, 1.0);
        let (before, now) = (Share { hits: 30, rows: 60 }, Share { hits: 15, rows: 50 });
        close(
            newcombe(before, now, Z95),
            -0.364_061_627_647_475_4,
            -0.015_744_262_436_547_557,
        );
    }

    #[test]
    fn absolute_values() {
        close(
            Interval {
                low: -3.0,
                high: 1.0,
            }
            .absolute(),
            0.0,
            3.0,
        );
        close(
            Interval {
                low: -3.0,
                high: -1.0,
            }
            .absolute(),
            1.0,
            3.0,
        );
        close(
            Interval {
                low: 1.0,
                high: 2.0,
            }
            .absolute(),
            1.0,
            2.0,
        );
    }

    #[test]
    fn medians_of_shifted_values() {
        let a: Vec<f64> = (0..101).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|v| v + 30.0).collect();
        let interval = medians(&a, &b, Z95).unwrap_or(Interval {
            low: 0.0,
            high: 0.0,
        });
        assert!(interval.low < 30.0 && interval.high > 30.0, "{interval:?}");
        // The deviation of a median of 101 evenly spread values is about 101 / (2 sqrt(101)) = 5.
        assert!(
            (interval.high - 30.0 - Z95 * 5.02 * 2f64.sqrt()).abs() < 1.5,
            "{interval:?}"
        );
        assert_eq!(medians(&a[..5], &b, Z95), None);
    }

    #[test]
    fn correlations_of_many_rows_are_told_apart() {
        let interval = correlations((0.9, 1_000), (0.5, 1_000), Z95);
        assert!(interval.high < -0.3 && interval.low > -0.5, "{interval:?}");
        close(correlations((0.9, 4), (0.5, 1_000), Z95), -2.0, 2.0);
    }
}
