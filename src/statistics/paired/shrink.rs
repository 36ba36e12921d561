//! Estimates of many slices drawn towards what they have in common, for display.

/// One slice's estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// What was seen.
    pub value: f64,
    /// Its standard error, in the same unit.
    pub error: f64,
}

/// Estimates after shrinkage.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunken {
    /// One per slice, in their order: what is likely of that slice, given all of them.
    pub values: Vec<f64>,
    /// The middle that they are drawn to.
    pub middle: f64,
    /// Variance between slices beyond chance; 0 where chance explains all of it.
    pub between: f64,
}

/// Empirical Bayes estimates under a normal distribution of slices: the worst of many is mostly luck.
///
/// Unit: that of the values. For pictures and ranks, never for the verdict: the shrunken value of one slice is biased
/// towards the others. Edge: an estimate without a finite value or error keeps its value and has no part in the middle;
/// one with an error of 0 is kept; with fewer than three slices nothing is shrunk.
/// Source: Paule and Mandel, *Consensus Values and Weighting Factors* (1982), the variance between by bisection; Efron
/// and Morris, *Data Analysis Using Stein's Estimator* (1975); from memory.
#[must_use]
pub fn shrink(estimates: &[Estimate]) -> Shrunken {
    let usable: Vec<Estimate> = estimates.iter().copied().filter(usable).collect();
    let raw = || estimates.iter().map(|e| e.value).collect();
    if usable.len() < 3 {
        return Shrunken {
            values: raw(),
            middle: middle(&usable, 0.0),
            between: 0.0,
        };
    }
    let between = between(&usable);
    let middle = middle(&usable, between);
    let values = estimates.iter().map(|e| {
        if !self::usable(e) {
            return e.value;
        }
        let kept = between / (between + e.error * e.error);
        middle + kept * (e.value - middle)
    });
    Shrunken {
        values: values.collect(),
        middle,
        between,
    }
}

fn usable(estimate: &Estimate) -> bool {
    estimate.value.is_finite() && estimate.error.is_finite() && estimate.error > 0.0
}

/// Mean with weights of one over the variance.
fn middle(estimates: &[Estimate], between: f64) -> f64 {
    let weight = |e: &Estimate| 1.0 / (between + e.error * e.error);
    let total: f64 = estimates.iter().map(weight).sum();
    estimates.iter().map(|e| weight(e) * e.value).sum::<f64>() / total
}

/// The variance between at which the spread of the estimates is what their errors and it explain.
fn between(estimates: &[Estimate]) -> f64 {
    let freedom = estimates.len() as f64 - 1.0;
    let unexplained = |between: f64| {
        let middle = middle(estimates, between);
        let square = |e: &Estimate| (e.value - middle).powi(2) / (between + e.error * e.error);
        estimates.iter().map(square).sum::<f64>() > freedom
    };
    if !unexplained(0.0) {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, f64::MIN_POSITIVE.sqrt());
    while unexplained(high) && high < 1e150 {
        high *= 4.0;
    }
    for _ in 0..200 {
        let half = f64::midpoint(low, high);
        if unexplained(half) {
            low = half;
        } else {
            high = half;
        }
    }
    f64::midpoint(low, high)
}
