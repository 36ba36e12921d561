//! Many tests at once.

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

fn known(p: f64) -> f64 {
    if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
}

/// Places of p-values from the smallest on; equal ones in their order.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| known(p[*a]).total_cmp(&known(p[*b])));
    order
}
