//! Distances between two distributions: for limits that people write, and for reading. Pure.

/// Share that an empty bin counts as in [`psi`], so that the index stays finite. Unit: share of rows; a custom of
/// practice.
pub const FLOOR: f64 = 1e-4;

/// Population stability index of `current` against `reference`.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: nats, 0 means identical.
/// Nulls and NaN: excluded by the caller; their share is a separate measure.
/// Edge: a share below [`FLOOR`] counts as that, so the result is finite and at least 0.
/// Source: sum over bins of `(p - q) ln(p / q)`, the symmetric divergence of Kullback and Leibler, *On Information
/// and Sufficiency* (1951).
#[must_use]
pub fn psi(reference: &[f64], current: &[f64]) -> f64 {
    reference
        .iter()
        .zip(current)
        .map(|(q, p)| (p.max(FLOOR), q.max(FLOOR)))
        .map(|(p, q)| (p - q) * (p / q).ln())
        .sum()
}

/// Two-sample Kolmogorov-Smirnov statistic: the greatest distance of the two distribution functions at the bins'
/// ends.
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

/// Two-sample Kolmogorov-Smirnov statistic of values.
///
/// Shape: ascending values of both sides. Unit: share of values, 0 to 1. NaN: excluded by the caller.
/// Edge: without a value on one side, 0. Source: as for [`kolmogorov_smirnov`].
#[must_use]
pub fn kolmogorov_smirnov_of(reference: &[f64], current: &[f64]) -> f64 {
    let (mut i, mut j, mut greatest) = (0, 0, 0f64);
    let (n, m) = (reference.len(), current.len());
    while i < n && j < m {
        let value = reference[i].min(current[j]);
        while i < n && reference[i] <= value {
            i += 1;
        }
        while j < m && current[j] <= value {
            j += 1;
        }
        greatest = greatest.max((i as f64 / n as f64 - j as f64 / m as f64).abs());
    }
    greatest
}

/// Jensen-Shannon distance: square root of the divergence with base-2 logarithm.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: 0 (identical) to 1 (nothing in common).
/// Nulls and NaN: excluded by the caller. Edge: bins empty on both sides change nothing; rounding never makes it
/// negative.
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

/// Kullback-Leibler divergence of `current` from `reference`.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: nats, 0 means identical; not symmetric.
/// Edge: a share below [`FLOOR`] counts as that, so the result is finite.
/// Source: `sum p ln(p / q)`, Kullback and Leibler, *On Information and Sufficiency* (1951).
#[must_use]
pub fn kullback_leibler(reference: &[f64], current: &[f64]) -> f64 {
    let shares = reference
        .iter()
        .zip(current)
        .map(|(q, p)| (q.max(FLOOR), p.max(FLOOR)));
    shares.map(|(q, p)| p * (p / q).ln()).sum()
}

/// Hellinger distance.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: 0 (identical) to 1 (nothing in common).
/// Source: `sqrt(sum (sqrt p - sqrt q)^2 / 2)` (Hellinger 1909).
#[must_use]
pub fn hellinger(reference: &[f64], current: &[f64]) -> f64 {
    let squares = reference
        .iter()
        .zip(current)
        .map(|(q, p)| (p.sqrt() - q.sqrt()).powi(2));
    (squares.sum::<f64>() / 2.0).sqrt()
}

/// Total variation distance: the share of rows that would have to change for the two to be alike.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: share, 0 to 1.
/// Source: half the sum of the absolute differences.
#[must_use]
pub fn total_variation(reference: &[f64], current: &[f64]) -> f64 {
    let apart = reference.iter().zip(current).map(|(q, p)| (p - q).abs());
    apart.sum::<f64>() / 2.0
}

/// The greatest difference of one share.
///
/// Shape: shares over the same bins. Unit: share, 0 to 1; 0 without a bin.
/// Source: the L-infinity distance, as in Breck et al., *Data Validation for Machine Learning* (2019).
#[must_use]
pub fn l_infinity(reference: &[f64], current: &[f64]) -> f64 {
    let apart = reference.iter().zip(current).map(|(q, p)| (p - q).abs());
    apart.fold(0.0, f64::max)
}

/// Chi-squared distance: half the sum of `(p - q)^2 / (p + q)`.
///
/// Shape: shares over the same bins, each list sums to 1. Unit: 0 (identical) to 1 (nothing in common).
/// Edge: bins empty on both sides change nothing. Source: the triangular discrimination (Le Cam 1986).
#[must_use]
pub fn chi_square(reference: &[f64], current: &[f64]) -> f64 {
    let shares = reference.iter().zip(current).filter(|(q, p)| *q + *p > 0.0);
    shares
        .map(|(q, p)| (p - q) * (p - q) / (p + q))
        .sum::<f64>()
        / 2.0
}

/// Wasserstein distance of order 1: how far the average value moved, each to its like.
///
/// Shape: ascending finite values of both sides, at least one each. Unit: that of the values.
/// Nulls, NaN and infinities: excluded by the caller. Edge: without a value on one side, 0.
/// Source: the integral of `|F - G|` (Kantorovich; Vallender 1974).
#[must_use]
pub fn wasserstein(reference: &[f64], current: &[f64]) -> f64 {
    integral(reference, current, f64::abs)
}

/// Energy distance of two samples of numbers: square root of twice the integral of `(F - G)^2`.
///
/// Shape, nulls and edge: as for [`wasserstein`]. Unit: square root of the values' unit.
/// Source: Székely and Rizzo, *Energy Statistics* (2013), in one dimension; `scipy.stats.energy_distance`.
#[must_use]
pub fn energy(reference: &[f64], current: &[f64]) -> f64 {
    (2.0 * integral(reference, current, |apart| apart * apart)).sqrt()
}

/// Integral of a function of the difference of both distribution functions.
fn integral(reference: &[f64], current: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    if reference.is_empty() || current.is_empty() {
        return 0.0;
    }
    let below = |values: &[f64], from: usize, value: f64| {
        from + values[from..].iter().take_while(|v| **v <= value).count()
    };
    let share = |n: usize, values: &[f64]| n as f64 / values.len() as f64;
    let (mut r, mut c, mut sum) = (0, 0, 0.0);
    let mut last = reference[0].min(current[0]);
    while r < reference.len() || c < current.len() {
        let next = [reference.get(r), current.get(c)].into_iter().flatten();
        let value = next.copied().fold(f64::INFINITY, f64::min);
        sum += of(share(r, reference) - share(c, current)) * (value - last);
        last = value;
        r = below(reference, r, value);
        c = below(current, c, value);
    }
    sum
}

/// [`wasserstein`] of counts at the same ascending finite points.
///
/// Edge: without a count on one side, 0.
#[must_use]
pub fn wasserstein_of(points: &[f64], reference: &[u64], current: &[u64]) -> f64 {
    integral_of(points, reference, current, f64::abs)
}

/// [`energy`] of counts at the same ascending finite points.
///
/// Edge: without a count on one side, 0.
#[must_use]
pub fn energy_of(points: &[f64], reference: &[u64], current: &[u64]) -> f64 {
    (2.0 * integral_of(points, reference, current, |apart| apart * apart)).sqrt()
}

fn integral_of(points: &[f64], reference: &[u64], current: &[u64], of: impl Fn(f64) -> f64) -> f64 {
    let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
    let (n, m) = (total(reference), total(current));
    if n == 0.0 || m == 0.0 {
        return 0.0;
    }
    let (mut below, mut sum) = ((0, 0), 0.0);
    for (pair, counts) in points.windows(2).zip(reference.iter().zip(current)) {
        below = (below.0 + counts.0, below.1 + counts.1);
        sum += of(below.0 as f64 / n - below.1 as f64 / m) * (pair[1] - pair[0]);
    }
    sum
}

/// Two-sample Cramér-von Mises statistic, as a share: the mean of `(F - G)^2` over all values of both sides.
///
/// Shape: counts over the same ascending bins. Unit: 0 (identical) to 1/3 (apart).
/// Edge: without a value on one side, 0. `n m / (n + m)` times it is the statistic `T` but for ties.
/// Source: Anderson, *On the Distribution of the Two-Sample Cramér-von Mises Criterion* (1962).
#[must_use]
pub fn cramer_von_mises(reference: &[u64], current: &[u64]) -> f64 {
    let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
    let (n, m) = (total(reference), total(current));
    if n == 0.0 || m == 0.0 {
        return 0.0;
    }
    let (mut f, mut g, mut sum) = (0.0, 0.0, 0.0);
    for (r, c) in reference.iter().zip(current) {
        f += *r as f64 / n;
        g += *c as f64 / m;
        sum += (f - g) * (f - g) * (*r + *c) as f64;
    }
    sum / (n + m)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn distances_of_shares() {
        let (p, q) = ([0.5, 0.5, 0.0], [0.25, 0.5, 0.25]);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} against {b}");
        close(total_variation(&p, &q), 0.25);
        close(l_infinity(&p, &q), 0.25);
        close(chi_square(&p, &q), f64::midpoint(0.0625 / 0.75, 0.25));
        close(hellinger(&[1.0, 0.0], &[0.0, 1.0]), 1.0);
        close(
            kullback_leibler(&[0.5, 0.5], &[0.75, 0.25]),
            0.75 * 1.5f64.ln() + 0.25 * 0.5f64.ln(),
        );
    }

    #[test]
    fn distances_of_values() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} against {b}");
        // scipy 1.17.1: wasserstein_distance([0, 1, 3], [5, 6, 8]) and energy_distance of the same.
        let (a, b) = ([0.0, 1.0, 3.0], [5.0, 6.0, 8.0]);
        close(wasserstein(&a, &b), 5.0);
        close(energy(&a, &b), 2.708_012_801_545_320_4);
        close(wasserstein(&a, &a), 0.0);
        let points = [0.0, 1.0, 3.0, 5.0, 6.0, 8.0];
        let (r, c) = ([1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]);
        close(wasserstein_of(&points, &r, &c), 5.0);
        close(energy_of(&points, &r, &c), 2.708_012_801_545_320_4);
        close(wasserstein_of(&points, &r, &[0; 6]), 0.0);
        close(kolmogorov_smirnov_of(&a, &b), 1.0);
        close(
            kolmogorov_smirnov_of(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0]),
            0.5,
        );
        close(kolmogorov_smirnov_of(&[], &a), 0.0);
        close(wasserstein(&[], &a), 0.0);
        close(cramer_von_mises(&[1, 1], &[1, 1]), 0.0);
        close(cramer_von_mises(&[1, 0], &[0, 1]), 0.5);
    }
}
