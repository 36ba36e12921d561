//! Many tests at once.

use super::Alpha;
use crate::statistics::intervals::Interval;

/// Holm's adjusted p-values: those at most `alpha` are rejected, and the chance of a single false one is at most
/// `alpha`.
///
/// Shape: one per test, in their order. Edge: NaN counts as 1. Nothing is assumed about how tests depend on each other.
/// Source: Holm, *A Simple Sequentially Rejective Multiple Test Procedure* (1979).
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let count = p.len();
    let mut adjusted = vec![1.0; count];
    let mut largest = 0.0f64;
    for (rank, test) in ascending(p).into_iter().enumerate() {
        largest = largest.max((count - rank) as f64 * known(p[test])).min(1.0);
        adjusted[test] = largest;
    }
    adjusted
}

/// Benjamini and Hochberg's adjusted p-values: of those at most `alpha`, at most that share is false on average.
///
/// For ranking; not for a verdict, since it does not bound the chance that one is false.
/// Shape and edge: as [`holm`]. Source: Benjamini and Hochberg, *Controlling the False Discovery Rate* (1995).
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let count = p.len();
    let mut adjusted = vec![1.0; count];
    let mut smallest = 1.0f64;
    for (rank, test) in ascending(p).into_iter().enumerate().rev() {
        smallest = smallest.min(count as f64 / (rank as f64 + 1.0) * known(p[test]));
        adjusted[test] = smallest;
    }
    adjusted
}

/// The p-value of all claims together: the largest one.
///
/// For a promotion that needs every slice and metric to be no worse: each is tested at the full `alpha`, and no
/// correction is needed. Edge: 1 without a test, and for NaN.
/// Source: Berger, *Multiparameter Hypothesis Testing and Acceptance Sampling* (1982), the intersection-union test.
#[must_use]
pub fn intersection_union(p: &[f64]) -> f64 {
    p.iter().map(|p| known(*p)).reduce(f64::max).unwrap_or(1.0)
}

/// The p-value of "not below `bound`" from a way to make intervals: the smallest one-sided error at which the upper end
/// is below the bound.
///
/// Unit: probability from 1e-12 to 0.5; 1 where no interval with an error below 0.5 is below the bound. For
/// [`holm`] over slices whose intervals come from different methods. `interval` has to be cheap: it is asked 50 times.
/// Source: the duality of intervals and tests, by bisection of the logarithm.
#[must_use]
pub fn p_below(bound: f64, interval: impl Fn(Alpha) -> Option<Interval>) -> f64 {
    let below = |p: f64| {
        let made = Alpha::new(p).and_then(&interval);
        made.is_some_and(|i| i.high < bound)
    };
    let (mut low, mut high) = (1e-12f64, 0.499_999);
    if !below(high) {
        return 1.0;
    }
    if below(low) {
        return low;
    }
    for _ in 0..48 {
        let middle = (low * high).sqrt();
        if below(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn known(p: f64) -> f64 {
    if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
}

/// Places of p-values from the smallest on; equal ones in their order.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| known(p[*a]).total_cmp(&known(p[*b])));
    order
}
