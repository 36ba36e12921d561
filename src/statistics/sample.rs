//! Numbers that describe the values of one column as a whole. Pure.
//!
//! All of them take the values in ascending order, so that the order of rows changes no digit; sums are compensated
//! (Neumaier, *Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen*, 1974). None takes NaN.

/// How a number between two values is chosen for a quantile.
///
/// Source: the nine definitions of Hyndman and Fan, *Sample Quantiles in Statistical Packages* (1996), and those that take one
/// of the two neighbours at position `q (n - 1)`, under the names that `NumPy` gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantileMethod {
    /// Definition 1: the least value with at least a share `q` of the values at or below it.
    InvertedCdf,
    /// Definition 2: as 1, the mean of two values where a share of exactly `q` ends at the first.
    AveragedInvertedCdf,
    /// Definition 3: the value whose rank is nearest to `q n`, the even one of two.
    ClosestObservation,
    /// Definition 4.
    InterpolatedInvertedCdf,
    /// Definition 5.
    Hazen,
    /// Definition 6.
    Weibull,
    /// Definition 7, the default of `NumPy`, pandas, R and spreadsheets.
    Linear,
    /// Definition 8.
    MedianUnbiased,
    /// Definition 9.
    NormalUnbiased,
    /// The value at or before position `q (n - 1)`.
    Lower,
    /// The value at or after it.
    Higher,
    /// The mean of the two.
    Midpoint,
    /// The nearer of the two, the even one when both are as near.
    Nearest,
}

impl QuantileMethod {
    /// Names in check files.
    pub const WORDS: &[(&str, Self)] = &[
        ("inverted_cdf", Self::InvertedCdf),
        ("averaged_inverted_cdf", Self::AveragedInvertedCdf),
        ("closest_observation", Self::ClosestObservation),
        ("interpolated_inverted_cdf", Self::InterpolatedInvertedCdf),
        ("hazen", Self::Hazen),
        ("weibull", Self::Weibull),
        ("linear", Self::Linear),
        ("median_unbiased", Self::MedianUnbiased),
        ("normal_unbiased", Self::NormalUnbiased),
        ("lower", Self::Lower),
        ("higher", Self::Higher),
        ("midpoint", Self::Midpoint),
        ("nearest", Self::Nearest),
    ];

    /// Reads a name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::WORDS.iter();
        all.find(|(name, _)| *name == word).map(|(_, m)| *m)
    }

    /// Alpha and beta of the definitions that interpolate at `alpha + q (n + 1 - alpha - beta)`, counted from 1.
    fn parameters(self) -> Option<(f64, f64)> {
        Some(match self {
            Self::InterpolatedInvertedCdf => (0.0, 1.0),
            Self::Hazen => (0.5, 0.5),
            Self::Weibull => (0.0, 0.0),
            Self::Linear => (1.0, 1.0),
            Self::MedianUnbiased => (1.0 / 3.0, 1.0 / 3.0),
            Self::NormalUnbiased => (3.0 / 8.0, 3.0 / 8.0),
            _ => return None,
        })
    }
}

/// Which of two customary estimates of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimator {
    /// The moment of the values themselves.
    Population,
    /// Corrected for the bias that a sample of a normal distribution has.
    Sample,
}

/// A sum that loses less than a unit in the last place per value.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for value in values {
        let next = sum + value;
        if next.is_finite() {
            lost += if sum.abs() >= value.abs() {
                (sum - next) + value
            } else {
                (value - next) + sum
            };
        }
        sum = next;
    }
    sum + lost
}

fn count(sorted: &[f64]) -> f64 {
    sorted.len() as f64
}

/// The arithmetic mean. Absent without values.
#[must_use]
pub fn mean(sorted: &[f64]) -> Option<f64> {
    (!sorted.is_empty()).then(|| sum(sorted.iter().copied()) / count(sorted))
}

/// The mean of a power of the distances from the mean.
fn central(sorted: &[f64], mean: f64, power: i32) -> f64 {
    sum(sorted.iter().map(|v| (v - mean).powi(power))) / count(sorted)
}

/// The variance, over `n - ddof`. Absent with `ddof` values or fewer.
#[must_use]
pub fn variance(sorted: &[f64], ddof: f64) -> Option<f64> {
    let mean = mean(sorted)?;
    let freedom = count(sorted) - ddof;
    (freedom > 0.0).then(|| central(sorted, mean, 2) * count(sorted) / freedom)
}

/// Skewness: `g1 = m3 / m2^1.5`, or `G1 = g1 sqrt(n (n - 1)) / (n - 2)` as an estimate from a sample.
///
/// Edge: absent where all values are equal, and for `G1` with fewer than three values.
/// Source: Joanes and Gill, *Comparing measures of sample skewness and kurtosis* (1998).
#[must_use]
pub fn skewness(sorted: &[f64], estimator: Estimator) -> Option<f64> {
    let (n, mean) = (count(sorted), mean(sorted)?);
    let spread = central(sorted, mean, 2);
    let g1 = central(sorted, mean, 3) / spread.powf(1.5);
    let value = match estimator {
        Estimator::Population => g1,
        Estimator::Sample if n < 3.0 => return None,
        Estimator::Sample => g1 * (n * (n - 1.0)).sqrt() / (n - 2.0),
    };
    (spread > 0.0).then_some(value)
}

/// Excess kurtosis, 0 for a normal distribution: `g2 = m4 / m2^2 - 3`, or
/// `G2 = (n - 1) / ((n - 2) (n - 3)) ((n + 1) g2 + 6)` as an estimate from a sample.
///
/// Edge: absent where all values are equal, and for `G2` with fewer than four values.
/// Source: Joanes and Gill, *Comparing measures of sample skewness and kurtosis* (1998).
#[must_use]
pub fn kurtosis(sorted: &[f64], estimator: Estimator) -> Option<f64> {
    let (n, mean) = (count(sorted), mean(sorted)?);
    let spread = central(sorted, mean, 2);
    let g2 = central(sorted, mean, 4) / spread.powi(2) - 3.0;
    let value = match estimator {
        Estimator::Population => g2,
        Estimator::Sample if n < 4.0 => return None,
        Estimator::Sample => (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * g2 + 6.0),
    };
    (spread > 0.0).then_some(value)
}

/// Coefficient of variation: standard deviation over the mean. Absent where the mean is 0.
#[must_use]
pub fn variation(sorted: &[f64], ddof: f64) -> Option<f64> {
    let mean = mean(sorted)?;
    let deviation = variance(sorted, ddof)?.sqrt();
    (mean != 0.0).then(|| deviation / mean)
}

/// Geometric mean: `exp` of the mean of the logarithms; 0 where a value is 0. Absent where one is negative.
#[must_use]
pub fn geometric_mean(sorted: &[f64]) -> Option<f64> {
    let least = *sorted.first()?;
    if least < 0.0 {
        return None;
    }
    if least == 0.0 {
        return Some(0.0);
    }
    Some((sum(sorted.iter().map(|v| v.ln())) / count(sorted)).exp())
}

/// Harmonic mean: `n / sum(1 / x)`; 0 where a value is 0. Absent where one is negative.
#[must_use]
pub fn harmonic_mean(sorted: &[f64]) -> Option<f64> {
    let least = *sorted.first()?;
    if least < 0.0 {
        return None;
    }
    if least == 0.0 {
        return Some(0.0);
    }
    Some(count(sorted) / sum(sorted.iter().map(|v| 1.0 / v)))
}

/// Sum of the values without their signs. Absent without values.
#[must_use]
pub fn sum_abs(sorted: &[f64]) -> Option<f64> {
    (!sorted.is_empty()).then(|| sum(sorted.iter().map(|v| v.abs())))
}

/// Gini coefficient: half the mean difference of two values over their mean; 0 where all are equal, near 1 where one has all.
///
/// Formula: `sum((2 i - n - 1) x_i) / (n sum(x_i))` over values in ascending order, `i` from 1.
/// Edge: absent where a value is negative or all are 0.
/// Source: Sen, *On Economic Inequality* (1973), the coefficient written over ranked values.
#[must_use]
pub fn gini(sorted: &[f64]) -> Option<f64> {
    let n = count(sorted);
    let total = sum(sorted.iter().copied());
    if *sorted.first()? < 0.0 || total <= 0.0 {
        return None;
    }
    let ranked = sorted.iter().enumerate();
    let weighted = sum(ranked.map(|(i, v)| (2.0 * (i as f64 + 1.0) - n - 1.0) * v));
    Some(weighted / (n * total))
}

/// The quantile `q`, 0 to 1. Absent without values.
#[must_use]
pub fn quantile(sorted: &[f64], q: f64, method: QuantileMethod) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let n = count(sorted);
    let at = |place: f64| sorted[index(place, last)];
    let between = |place: f64| {
        let (low, high) = (at(place.floor()), at(place.floor() + 1.0));
        let share = (place - place.floor()).clamp(0.0, 1.0);
        if share == 0.0 || low.to_bits() == high.to_bits() {
            low
        } else {
            low + (high - low) * share
        }
    };
    if let Some((alpha, beta)) = method.parameters() {
        let place = alpha + q * (n + 1.0 - alpha - beta) - 1.0;
        return Some(between(place.clamp(0.0, last as f64)));
    }
    let virtual_place = q * (n - 1.0);
    Some(match method {
        QuantileMethod::Lower => at(virtual_place.floor()),
        QuantileMethod::Higher => at(virtual_place.ceil()),
        QuantileMethod::Midpoint => {
            f64::midpoint(at(virtual_place.floor()), at(virtual_place.ceil()))
        }
        QuantileMethod::Nearest => at(virtual_place.round_ties_even()),
        QuantileMethod::ClosestObservation => {
            let place = q * n - 0.5;
            let even = place.fract() == 0.0 && place % 2.0 == 0.0;
            at(if even { place - 1.0 } else { place.floor() })
        }
        QuantileMethod::AveragedInvertedCdf => {
            let place = super::rank(q, sorted.len() as u64) as f64;
            let whole = (q * n - place).abs() <= q * n * 4.0 * f64::EPSILON;
            let first = at(place - 1.0);
            if whole && place > 0.0 {
                f64::midpoint(first, at(place))
            } else {
                first
            }
        }
        _ => at(super::rank(q, sorted.len() as u64) as f64 - 1.0),
    })
}

/// A place among the values, 0 to `last`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the places that there are"
)]
fn index(place: f64, last: usize) -> usize {
    (place.max(0.0) as usize).min(last)
}

/// The median: the middle value, or the mean of the two middle ones.
#[must_use]
pub fn median(sorted: &[f64]) -> Option<f64> {
    quantile(sorted, 0.5, QuantileMethod::Midpoint)
}

/// Interquartile range: the quantile 0.75 minus the quantile 0.25.
#[must_use]
pub fn iqr(sorted: &[f64], method: QuantileMethod) -> Option<f64> {
    Some(quantile(sorted, 0.75, method)? - quantile(sorted, 0.25, method)?)
}

/// Median of the distances from the median, not scaled; times 1.4826 it is the deviation of a normal distribution.
#[must_use]
pub fn mad(sorted: &[f64]) -> Option<f64> {
    let middle = median(sorted)?;
    let mut distances: Vec<f64> = sorted.iter().map(|v| (v - middle).abs()).collect();
    distances.sort_unstable_by(f64::total_cmp);
    median(&distances)
}

/// How the first digits of the values are distributed, 1 to 9; zeros and infinities have none.
#[must_use]
pub fn first_digits(values: &[f64]) -> [u64; 9] {
    let mut counts = [0; 9];
    for value in values.iter().filter(|v| v.is_finite() && **v != 0.0) {
        let text = format!("{:e}", value.abs());
        if let Some(digit) = text.bytes().next().and_then(|b| b.checked_sub(b'1')) {
            counts[usize::from(digit).min(8)] += 1;
        }
    }
    counts
}

/// Shares of the first digits 1 to 9 after Benford's law: `log10(1 + 1 / d)`.
///
/// Source: Benford, *The law of anomalous numbers* (1938).
#[must_use]
pub fn benford() -> [f64; 9] {
    let mut shares = [0.0; 9];
    for (i, share) in shares.iter_mut().enumerate() {
        *share = (1.0 + 1.0 / (i as f64 + 1.0)).log10();
    }
    shares
}
