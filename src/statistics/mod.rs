//! Distances between distributions, tail probabilities, intervals, random draws, ranks, and paired differences. Pure.

pub mod distances;
pub mod draws;
pub mod intervals;
pub mod paired;
pub mod sample;
pub mod student;
pub mod tails;
pub mod unchanged;

pub use distances::{FLOOR, jensen_shannon, kolmogorov_smirnov, psi};

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
