//! Student's distribution: tails as logarithms, and quantiles.

use statrs::function::beta::beta_reg;
use statrs::function::gamma::ln_gamma;

/// Squares beyond this share of the degrees of freedom have the tail's leading term.
const FAR: f64 = 1e12;

/// `ln P(|T| >= |t|)` for a Student `T` with `freedom` degrees.
///
/// NaN: 0, it says nothing. Edge: infinity gives negative infinity.
/// Source: the regularised incomplete beta function at `freedom / (freedom + t^2)`; where that underflows, its
/// leading term.
#[must_use]
pub fn student(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || t == 0.0 {
        return 0.0;
    }
    let ratio = t * t / freedom;
    if ratio < FAR {
        let p = beta_reg(freedom / 2.0, 0.5, 1.0 / (1.0 + ratio));
        if p > 1e-280 {
            return p.min(1.0).ln();
        }
    }
    let (a, b) = (freedom / 2.0, 0.5);
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    -a * ratio.ln_1p() - a.ln() - ln_beta
}

/// The `t` with `ln P(|T| >= t) = ln_p`.
///
/// Unit: standard errors, at least 0. Edge: 0 for `ln_p >= 0`.
/// Source: bisection of [`student`] to twelve digits.
#[must_use]
pub fn student_quantile(ln_p: f64, freedom: f64) -> f64 {
    if ln_p >= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while student(high, freedom) > ln_p && high < 1e150 {
        high *= 2.0;
    }
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if student(middle, freedom) > ln_p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::{student, student_quantile};

    /// `2 * pt(-t, df)` in the words of R; the second by the closed form of five degrees of freedom.
    #[test]
    fn tails_are_those_of_r() {
        for (t, freedom, p) in [
            (1.0, 1.0, 0.5),
            (2.0, 5.0, 0.101_939_478_829_858_21),
            (2.570_581_835_636_314, 5.0, 0.05),
            (3.499_483_297_350_493_4, 7.0, 0.01),
        ] {
            assert!(
                (student(t, freedom).exp() / p - 1.0).abs() < 1e-9,
                "{t} {freedom}"
            );
        }
        assert!(student(1e80, 40.0).is_finite());
        assert!(student(f64::NAN, 4.0) == 0.0);
    }

    #[test]
    fn quantiles_invert_tails() {
        for ln_p in [-0.1, -3.0, -20.0, -200.0] {
            let t = student_quantile(ln_p, 9.0);
            assert!((student(t, 9.0) / ln_p - 1.0).abs() < 1e-6, "{ln_p}");
        }
    }
}
