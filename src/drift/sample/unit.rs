//! Changes of unit: values that look like others times a number that people convert by.

use crate::statistics::distances::kolmogorov_smirnov_of;
use crate::statistics::intervals::kolmogorov_radius;

/// Numbers that units differ by: powers of ten, parts of an hour, miles, inches.
const FACTORS: [f64; 8] = [
    10.0,
    100.0,
    1_000.0,
    1_000_000.0,
    60.0,
    3_600.0,
    1.609_344,
    2.54,
];

/// Distance up to which a few values that are taken from an end are still taken for the others times a factor.
const LOOSE: f64 = 0.25;

/// The number by which `before` is multiplied where that makes it look like `now`, and nothing else does as well.
///
/// Shape: ascending values, `now` may be only those beyond the other side. Edge: `None` for fewer than three values,
/// and where `now` looks like `before` as it is.
#[must_use]
pub(super) fn factor(before: &[f64], now: &[f64]) -> Option<f64> {
    if before.len() < 3 || now.len() < 3 {
        return None;
    }
    let limit = kolmogorov_radius(before.len() as u64, now.len() as u64).min(LOOSE);
    let apart = |factor: f64| {
        let converted: Vec<f64> = before.iter().map(|v| v * factor).collect();
        kolmogorov_smirnov_of(&converted, now)
    };
    let still = apart(1.0);
    if still <= limit {
        return None;
    }
    let both = FACTORS.iter().flat_map(|f| [*f, 1.0 / f]);
    let (found, distance) = both
        .map(|f| (f, apart(f)))
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    (distance <= limit && distance <= still / 2.0).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::factor;

    fn values(by: f64) -> Vec<f64> {
        (1..=500)
            .map(|i| (1.0 + f64::from(i) / 100.0).exp() * by)
            .collect()
    }

    #[test]
    fn units_are_told_apart() {
        for by in [1_000.0, 0.01, 60.0, 1.609_344, 1.0 / 2.54] {
            let found = factor(&values(1.0), &values(by)).unwrap_or(0.0);
            assert!((found / by - 1.0).abs() < 1e-9, "{by}: {found}");
        }
    }

    #[test]
    fn no_change_and_an_odd_change_are_no_unit() {
        assert_eq!(factor(&values(1.0), &values(1.0)), None);
        assert_eq!(factor(&values(1.0), &values(5.0)), None);
        assert_eq!(factor(&[1.0, 2.0], &[10.0, 20.0]), None);
    }
}
