//! Tail probabilities: how rarely a statistic as large as this one occurs where nothing changed. Pure.
//!
//! Results are natural logarithms of probabilities, at most 0, so that they stay apart far beyond what a float can
//! hold. Where a tail is an approximation, the permutation test that ranks it keeps its level all the same: each is
//! a fixed function of its statistic, the same for the observed labels and for every other.

use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc;
use statrs::function::gamma::{gamma_lr, gamma_ur, ln_gamma};
use std::f64::consts::{LN_2, PI, SQRT_2};

/// Least probability that is computed directly; below it the leading term of the tail's asymptotic series is taken.
const LEAST: f64 = 1e-280;

/// Mean of a count from which its hypergeometric tail is that of a normal distribution.
const LARGE_COUNT: f64 = 25.0;

/// `ln P(|Z| >= |z|)` for a standard normal `Z`.
///
/// NaN: 0, it says nothing. Edge: infinity gives negative infinity.
/// Source: `erfc(|z| / sqrt 2)`; beyond its range the leading term `exp(-z^2 / 2) / (|z| sqrt(pi / 2))`.
#[must_use]
pub fn normal(z: f64) -> f64 {
    let z = z.abs();
    if z.is_nan() {
        return 0.0;
    }
    let tail = erfc(z / SQRT_2);
    if tail > LEAST {
        tail.ln().min(0.0)
    } else {
        -z * z / 2.0 - (z * (PI / 2.0).sqrt()).ln()
    }
}

/// `ln P(X >= x)` for a chi-squared `X` with `freedom` degrees.
///
/// Edge: 0 without a degree of freedom, and for `x <= 0` or NaN.
/// Source: the regularised upper incomplete gamma function at `freedom / 2`, `x / 2`.
#[must_use]
pub fn chi_squared(x: f64, freedom: f64) -> f64 {
    let says_something = freedom > 0.0 && x > 0.0;
    if !says_something || !x.is_finite() {
        return if x == f64::INFINITY && freedom > 0.0 {
            f64::NEG_INFINITY
        } else {
            0.0
        };
    }
    let (shape, half) = (freedom / 2.0, x / 2.0);
    let tail = gamma_ur(shape, half);
    if tail > LEAST {
        tail.ln().min(0.0)
    } else {
        (shape - 1.0) * half.ln() - half - ln_gamma(shape)
    }
}

/// `ln P(K >= lambda)` for the limit distribution of `sqrt(n m / (n + m))` times the two-sample Kolmogorov-Smirnov
/// statistic.
///
/// Edge: 0 below 0.2, where the probability is 1 to twelve digits.
/// Source: `2 sum (-1)^(k-1) exp(-2 k^2 lambda^2)` (Kolmogorov 1933, Smirnov 1939).
#[must_use]
pub fn kolmogorov(lambda: f64) -> f64 {
    if lambda.is_nan() || lambda < 0.2 {
        return 0.0;
    }
    let square = -2.0 * lambda * lambda;
    if lambda > 3.0 {
        return LN_2 + square;
    }
    let term = |k: i32| f64::from(1 - 2 * ((k - 1) % 2)) * (f64::from(k * k) * square).exp();
    (2.0 * (1..=20).map(term).sum::<f64>())
        .clamp(LEAST, 1.0)
        .ln()
}

/// `ln P(A >= a)` for the limit distribution of the Anderson-Darling statistic.
///
/// Edge: 0 for `a <= 0` and NaN; beyond 8 the tail goes on as `exp(-a) / sqrt(a)`.
/// Source: the function `adinf` of Marsaglia and Marsaglia, *Evaluating the Anderson-Darling Distribution* (2004);
/// the two-sample statistic has the same limit (Pettitt 1976).
#[must_use]
pub fn anderson_darling(a: f64) -> f64 {
    const JOINT: f64 = 8.0;
    if a.is_nan() || a <= 0.0 {
        return 0.0;
    }
    let tail = |z: f64| (1.0 - anderson_darling_below(z)).clamp(LEAST, 1.0).ln();
    if a <= JOINT {
        tail(a)
    } else {
        tail(JOINT) - (a - JOINT) - 0.5 * (a / JOINT).ln()
    }
}

fn anderson_darling_below(z: f64) -> f64 {
    let polynomial = |c: [f64; 6]| c.iter().rev().fold(0.0, |sum, c| sum * z + c);
    if z < 2.0 {
        let sum = polynomial([
            2.000_12,
            0.247_105,
            -0.064_982_1,
            0.034_796_2,
            -0.011_672_0,
            0.001_686_91,
        ]);
        (-1.233_714_1 / z).exp() / z.sqrt() * sum
    } else {
        let sum = polynomial([
            1.077_6,
            -2.306_95,
            0.434_24,
            -0.082_433,
            0.008_056,
            -0.000_314_6,
        ]);
        (-sum.exp()).exp()
    }
}

/// `ln P(X >= count)` for a Poisson `X`.
///
/// Edge: 0 for a count of 0; negative infinity where the mean is 0 and the count is not.
/// Source: the regularised lower incomplete gamma function at `count`, `mean`.
#[must_use]
pub fn poisson(count: f64, mean: f64) -> f64 {
    if count <= 0.0 {
        return 0.0;
    }
    if mean <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let tail = gamma_lr(count, mean);
    if tail > LEAST {
        tail.ln().min(0.0)
    } else {
        count * mean.ln() - mean - ln_gamma(count + 1.0)
    }
}

/// `ln P(X >= count)` for a binomial `X` of `trials` with `probability`; neither number has to be whole.
///
/// Edge: 0 for a count of 0; a count above the trials counts as all of them.
/// Source: the regularised incomplete beta function at `probability`, with `count` and `trials - count + 1`.
#[must_use]
pub fn binomial(count: f64, trials: f64, probability: f64) -> f64 {
    let count = count.min(trials);
    let says_something = count > 0.0 && probability > 0.0 && probability < 1.0;
    if !says_something {
        return 0.0;
    }
    let tail = beta_reg(count, trials - count + 1.0, probability);
    if tail > LEAST {
        return tail.ln().min(0.0);
    }
    let choose = ln_gamma(trials + 1.0) - ln_gamma(count + 1.0) - ln_gamma(trials - count + 1.0);
    choose + count * probability.ln() + (trials - count) * (-probability).ln_1p()
}

/// An urn: of `total` rows `marked` are marked, and `drawn` are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Urn {
    /// All rows.
    pub total: u32,
    /// Marked rows, at most `total`.
    pub marked: u32,
    /// Drawn rows, at most `total`.
    pub drawn: u32,
}

/// `ln` of the two-sided probability of drawing `seen` marked rows, or a number as far off: twice the smaller tail.
///
/// Edge: 0 where only one number can be drawn. Small expected counts exactly; from `LARGE_COUNT` on by the normal
/// approximation with continuity correction.
/// Source: the hypergeometric distribution (Fisher's exact test).
#[must_use]
pub fn hypergeometric(seen: u32, urn: Urn) -> f64 {
    let Urn {
        total,
        marked,
        drawn,
    } = urn;
    if marked == 0 || marked == total || drawn == 0 || drawn == total {
        return 0.0;
    }
    let (k, n, d, t) = (
        f64::from(seen),
        f64::from(marked),
        f64::from(drawn),
        f64::from(total),
    );
    let mean = n * d / t;
    let least = mean.min(n - mean).min(d - mean).min(t - n - d + mean);
    if least > LARGE_COUNT {
        let deviation = (mean * (t - n) / t * (t - d) / (t - 1.0)).sqrt();
        return normal(((k - mean).abs() - 0.5).max(0.0) / deviation);
    }
    (hypergeometric_tail(k, (n, d, t), k >= mean) + LN_2).min(0.0)
}

/// `ln P(X >= seen)` where `up`, else `ln P(X <= seen)`: the probability of `seen`, times the sum of the ratios
/// outwards.
fn hypergeometric_tail(seen: f64, (marked, drawn, total): (f64, f64, f64), up: bool) -> f64 {
    let choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    let others = total - marked;
    let at = choose(marked, seen) + choose(others, drawn - seen) - choose(total, drawn);
    let (mut term, mut sum, mut x) = (1.0f64, 1.0f64, seen);
    loop {
        let ratio = if up {
            (marked - x) * (drawn - x) / ((x + 1.0) * (others - drawn + x + 1.0))
        } else {
            x * (others - drawn + x) / ((marked - x + 1.0) * (drawn - x + 1.0))
        };
        term *= ratio.max(0.0);
        sum += term;
        x += if up { 1.0 } else { -1.0 };
        if term <= sum * 1e-12 {
            return sum.ln() + at;
        }
    }
}

/// The smallest of `count` independent tails as one tail: `ln(1 - (1 - p)^count)`.
///
/// Edge: one tail stays what it is, and so does every tail where there is none; less than one tail is a larger
/// allowance for this one.
/// Source: the distribution of a minimum (Šidák 1967).
#[must_use]
pub fn smallest_of(ln_p: f64, count: f64) -> f64 {
    if count <= 0.0 || ln_p >= 0.0 {
        return ln_p.min(0.0);
    }
    if ln_p < -30.0 {
        return (ln_p + count.ln()).min(0.0);
    }
    (-(count * (-ln_p.exp()).ln_1p()).exp_m1())
        .max(LEAST)
        .ln()
        .min(0.0)
}

#[cfg(test)]
mod tests {
    use super::{
        Urn, anderson_darling, chi_squared, hypergeometric, kolmogorov, normal, poisson,
        smallest_of,
    };

    #[track_caller]
    fn close(ln_p: f64, expected: f64, within: f64) {
        assert!(
            (ln_p - expected).abs() <= within * expected.abs().max(1.0),
            "{ln_p} against {expected}"
        );
    }

    // Values of scipy 1.17.1: `norm.logsf`, `chi2.logsf`, `special.kolmogorov`, `poisson.logsf`, `hypergeom.logsf`.

    #[test]
    fn normal_tails() {
        close(normal(1.96), -2.995_816_471_169_693_5, 1e-9);
        close(normal(-6.0), -20.043_621_769_414_766, 1e-9);
        // Far out the leading term is left alone.
        close(normal(40.0), -803.915_294_833_194, 1e-5);
        assert_eq!(normal(f64::NAN).to_bits(), 0f64.to_bits());
        assert!(normal(f64::INFINITY) < f64::MIN);
    }

    #[test]
    fn chi_squared_tails() {
        close(chi_squared(3.841_458_820_694_124, 1.0), 0.05f64.ln(), 1e-9);
        close(chi_squared(30.0, 10.0), -7.062_491_384_232_906, 1e-9);
        assert!(chi_squared(3_000.0, 10.0) < -1_400.0);
        assert!(chi_squared(3_000.0, 10.0) > chi_squared(3_001.0, 10.0));
        assert_eq!(chi_squared(5.0, 0.0).to_bits(), 0f64.to_bits());
    }

    #[test]
    fn kolmogorov_tails() {
        close(kolmogorov(0.5), -0.036_720_787_162_354_86, 1e-9);
        close(kolmogorov(1.358), -2.995_196_470_433_184, 1e-9);
        close(kolmogorov(4.0), -31.306_852_819_440_056, 1e-9);
    }

    #[test]
    fn anderson_darling_tails() {
        // Percentiles of the limit distribution for 10, 5 and 1 per cent (Stephens 1974; Lewis 1961).
        close(anderson_darling(1.933), 0.1f64.ln(), 1e-3);
        close(anderson_darling(2.492), 0.05f64.ln(), 1e-3);
        close(anderson_darling(3.878), 0.01f64.ln(), 2e-3);
        assert!((anderson_darling(8.001) - anderson_darling(8.0)).abs() < 0.002);
    }

    #[test]
    fn poisson_tails() {
        close(poisson(3.0, 1.0), -2.521_968_260_031_4, 1e-9);
        close(poisson(10.0, 2.5), -8.190_222_759_226_05, 1e-9);
        close(poisson(200.0, 5.0), -546.319_217_676_749_3, 1e-3);
        assert_eq!(poisson(0.0, 0.0).to_bits(), 0f64.to_bits());
        assert!(poisson(1.0, 0.0) < f64::MIN);
    }

    #[test]
    fn hypergeometric_tails() {
        let urn = |total, marked, drawn| Urn {
            total,
            marked,
            drawn,
        };
        close(
            hypergeometric(8, urn(1_000, 10, 300)),
            -5.803_433_316_534_388,
            1e-9,
        );
        close(
            hypergeometric(0, urn(2_000, 15, 1_000)),
            -9.756_944_398_692_385,
            1e-9,
        );
        // By the normal approximation.
        close(
            hypergeometric(260, urn(2_000, 400, 1_000)),
            -24.543_253_957_474_87,
            0.05,
        );
        assert_eq!(hypergeometric(3, urn(3, 3, 3)).to_bits(), 0f64.to_bits());
    }

    #[test]
    fn the_smallest_of_many_is_less_of_a_surprise() {
        close(
            smallest_of(0.01f64.ln(), 10.0),
            (1.0 - 0.99f64.powi(10)).ln(),
            1e-12,
        );
        close(smallest_of(-50.0, 10.0), -50.0 + 10f64.ln(), 1e-12);
        close(smallest_of(-3.0, 1.0), -3.0, 1e-12);
        assert!(smallest_of(-1e-3, 5.0) <= 0.0);
    }
}
