//! Columns that look swapped: each as the other was.

use super::compare::Origin;
use super::effect::Sorted;
use super::kinds::{Change, Drift};
use crate::statistics::distances::kolmogorov_smirnov_of;
use crate::statistics::intervals::kolmogorov_radius;

/// Columns that are held against each other for being swapped, at most.
const SWAPPED: usize = 20;

/// How many times wider a Kolmogorov band of 99 % is than one of 95 %: 1.6276 over 1.3581.
pub(super) const RADIUS_99: f64 = 1.198_4;

/// Marks pairs of columns of which each looks like the other did.
pub(in crate::drift) fn mark_swapped(
    list: &mut [Drift],
    sorted: &dyn Fn(Origin) -> Option<Sorted>,
) {
    let moved = |d: &Drift| match d.change {
        Change::Distribution { .. } => d.origin,
        _ => None,
    };
    let candidates = list
        .iter()
        .enumerate()
        .filter_map(|(i, d)| Some((i, moved(d)?)));
    let values = |(i, origin): (usize, Origin)| Some((i, origin, sorted(origin)?));
    let sorted: Vec<(usize, Origin, Sorted)> =
        candidates.take(SWAPPED).filter_map(values).collect();
    let alike = |before: &[f64], now: &[f64]| {
        let radius = kolmogorov_radius(before.len() as u64, now.len() as u64);
        kolmogorov_smirnov_of(before, now) <= radius * RADIUS_99
    };
    for (i, first, a) in &sorted {
        for (j, second, b) in sorted.iter().filter(|(j, ..)| j > i) {
            if alike(&a.before, &b.now) && alike(&b.before, &a.now) {
                for (at, with) in [(*i, *second), (*j, *first)] {
                    if let Change::Distribution { swapped, .. } = &mut list[at].change {
                        *swapped = Some(with);
                    }
                }
            }
        }
    }
}
