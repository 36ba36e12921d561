//! Properties, exact enumeration, edges, and levels.

mod binned;
mod intervals;
mod resampled;
mod searched;
mod verdicts;

use super::random::Stream;
use super::{Alpha, Method, Paired};
use crate::statistics::intervals::Interval;

/// Normal numbers, two at a time.
fn normals(seed: u64, count: usize) -> Vec<f64> {
    let mut stream = Stream::new(seed, 0);
    let mut one = || {
        let (u, v) = (1.0 - stream.uniform(), stream.uniform());
        (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
    };
    (0..count).map(|_| one()).collect()
}

fn paired(difference: f64, low: f64, high: f64) -> Paired {
    Paired {
        difference,
        interval: Interval { low, high },
        variance_of_difference: 0.03,
        worst_row: 0.0,
        method: Method::SkewAdjustedT,
        rows: 100,
        differing: 10,
    }
}

#[track_caller]
fn near(found: f64, wanted: f64, within: f64) {
    assert!(
        (found - wanted).abs() <= within,
        "{found} instead of {wanted}"
    );
}

#[test]
fn errors_are_chances() {
    assert_eq!(Alpha::new(0.0), None);
    assert_eq!(Alpha::new(0.5), None);
    assert_eq!(Alpha::new(f64::NAN), None);
    near(Alpha::FIVE_PERCENT.z(), 1.644_853_626_951_472_2, 1e-12);
    near(Alpha::FIVE_PERCENT.t(5.0), 2.015_048_372_669_157, 1e-9);
    let one = paired(0.1, -0.2, 0.3);
    assert_eq!(one.turned().turned(), one);
    near(one.turned().interval.low, -0.3, 0.0);
}
