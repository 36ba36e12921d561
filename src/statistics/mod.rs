//! Distances between distributions, and ranks. Pure.

/// Share that an empty bin counts as in [`psi`], so that the index stays finite. Unit: share of rows; a custom of practice.
pub const FLOOR: f64 = 1e-4;

/// Population stability index of `current` against `reference`.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: nats, 0 means identical.
/// Nulls and NaN: excluded by the caller; their share is a separate measure.
/// Edge: a share below [`FLOOR`] counts as that, so the result is finite and at least 0.
/// Source: sum over bins of `(p - q) ln(p / q)`, the symmetric divergence of Kullback and Leibler, *On Information and
/// Sufficiency* (1951).
#[must_use]
pub fn psi(reference: &[f64], current: &[f64]) -> f64 {
    reference
        .iter()
        .zip(current)
        .map(|(q, p)| (p.max(FLOOR), q.max(FLOOR)))
        .map(|(p, q)| (p - q) * (p / q).ln())
        .sum()
}

/// Two-sample Kolmogorov-Smirnov statistic: the greatest distance of the two distribution functions at the bins' ends.
///
/// Shape: counts over the same ascending bins, each list with at least one value. Unit: share of values, 0 to 1.
/// Nulls and NaN: excluded by the caller. Edge: without a value on one side, 0.
/// Where every bin is one value the statistic is exact, else a lower bound of it: what exceeds a limit really does.
/// Source: `sup |F(x) - G(x)|` of the two empirical distribution functions (Kolmogorov, Smirnov).
#[must_use]
pub fn kolmogorov_smirnov(reference: &[u64], current: &[u64]) -> f64 {
    let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
    let (all_reference, all_current) = (total(reference), total(current));
    let (mut below_reference, mut below_current, mut greatest) = (0, 0, 0f64);
    for (r, c) in reference.iter().zip(current) {
        below_reference += r;
        below_current += c;
        let distance = below_reference as f64 / all_reference - below_current as f64 / all_current;
        greatest = greatest.max(distance.abs());
    }
    greatest
}

/// Jensen-Shannon distance: square root of the divergence with base-2 logarithm.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: 0 (identical) to 1 (nothing in common).
/// Nulls and NaN: excluded by the caller. Edge: bins empty on both sides change nothing; rounding never makes it negative.
/// Source: the divergence of Lin, *Divergence Measures Based on the Shannon Entropy* (1991), with equal weights.
#[must_use]
pub fn jensen_shannon(reference: &[f64], current: &[f64]) -> f64 {
    let half = |a: &[f64], b: &[f64]| -> f64 {
        a.iter()
            .zip(b)
            .filter(|(p, _)| **p > 0.0)
            .map(|(p, q)| p * (p / f64::midpoint(*p, *q)).log2())
            .sum()
    };
    f64::midpoint(half(reference, current), half(current, reference))
        .max(0.0)
        .sqrt()
}

/// `ceil(q * n)` for `0 <= q <= 1`: how many of `n` values are at most the quantile `q`, in its `lower` definition.
///
/// Unit: values, 0 to `n`. Edge: not lifted by the rounding of the product, so 0.07 of 100 values is 7; 0 for `q = 0`,
/// for which callers take the least value.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "between 0 and n"
)]
pub fn rank(q: f64, n: u64) -> u64 {
    let product = q * n as f64;
    let near = product.round();
    let whole = (product - near).abs() <= product * 4.0 * f64::EPSILON;
    (if whole { near } else { product.ceil() }) as u64
}

#[cfg(test)]
mod tests {
    use super::{jensen_shannon, kolmogorov_smirnov, psi};

    #[test]
    fn identical_distributions_are_at_distance_zero() {
        let p = [0.2, 0.3, 0.5];
        assert!(psi(&p, &p).abs() < 1e-15);
        assert!(jensen_shannon(&p, &p).abs() < 1e-7);
        assert!(kolmogorov_smirnov(&[1, 2], &[1, 2]).abs() < 1e-15);
    }

    #[test]
    fn known_distances() {
        let expected = (0.6 - 0.5) * (0.6f64 / 0.5).ln() + (0.4 - 0.5) * (0.4f64 / 0.5).ln();
        assert!((psi(&[0.5, 0.5], &[0.6, 0.4]) - expected).abs() < 1e-12);
        assert!((jensen_shannon(&[1.0, 0.0], &[0.0, 1.0]) - 1.0).abs() < 1e-12);
        assert!((kolmogorov_smirnov(&[1, 1, 0, 0], &[0, 0, 1, 1]) - 1.0).abs() < 1e-12);
        assert!((kolmogorov_smirnov(&[1, 1, 1, 1], &[0, 0, 1, 1]) - 0.5).abs() < 1e-12);
    }
}
