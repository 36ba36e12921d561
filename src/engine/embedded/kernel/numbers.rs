//! Exact numbers over the values of one column of numbers, held until the end: moments, quantiles, shares, digits.

use super::{Considered, column, query};
use crate::engine::embedded::{schema::logical, value::scalar_at};
use crate::error::Result;
use crate::statistics::sample::{self, Estimator, QuantileMethod};
use crate::statistics::tails::chi_squared;
use arrow::array::RecordBatch;

/// What is asked of the values.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// `quantile`.
    Quantile(f64, QuantileMethod),
    /// `skewness`.
    Skewness(Estimator),
    /// `kurtosis`, in excess of that of a normal distribution.
    Kurtosis(Estimator),
    /// `variation`: deviation over `n - ddof`, over the mean.
    Variation(f64),
    /// `geometric_mean`.
    GeometricMean,
    /// `harmonic_mean`.
    HarmonicMean,
    /// `sum_abs`.
    SumAbs,
    /// `mad`, times the factor.
    Mad(f64),
    /// `iqr`.
    Iqr(QuantileMethod),
    /// `gini`.
    Gini,
    /// `ratio` of the values from the first bound on and below the second; of all without one of them.
    Between(Option<f64>, Option<f64>),
    /// `deviation` (mean absolute) and `p_value` (chi-square) of the first digits from Benford's law, and how many `digits`.
    Benford,
    /// `divergence` in nats of the shares of bins from expected ones, see [`Partition`].
    Divergence(Partition),
}

/// Bins of numbers with the shares that are expected.
///
/// Bin `i` is from edge `i` on and below edge `i + 1`, the last one with its upper edge, as `numpy.histogram` counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// Edges in ascending order, one more than weights.
    pub edges: Vec<f64>,
    /// Expected shares of the bins.
    pub weights: Vec<f64>,
    /// Expected shares below the first and above the last edge.
    pub tails: (f64, f64),
}

/// The values of one column of numbers.
///
/// Nulls and NaN: not values. Infinities: values. Unit: as [`crate::scalar::Scalar::number`]. Memory: 8 bytes per value.
/// Integers beyond 2^53 and decimals are rounded to the nearest float. Row order changes no digit.
#[derive(Debug)]
pub struct Numbers {
    column: String,
    asked: Asked,
    values: Vec<f64>,
}

/// Measured values by name.
pub type Found = Vec<(&'static str, Option<f64>)>;

impl Numbers {
    /// The values of one column, of which one thing is asked.
    #[must_use]
    pub fn new(column: impl Into<String>, asked: Asked) -> Self {
        Self {
            column: column.into(),
            asked,
            values: Vec::new(),
        }
    }

    pub(super) fn column(&self) -> &str {
        &self.column
    }

    /// Collects one batch.
    ///
    /// Errors: `Query` for a missing column, or values that are no numbers.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let found = numbers(batch, &self.column, kept)?;
        let valued = found.into_iter().flatten().filter(|v| !v.is_nan());
        self.values.extend(valued);
        Ok(())
    }

    /// What was asked for; a number is `None` where the values have none. Values are sorted and kept.
    pub fn finish(&mut self) -> Found {
        self.values.sort_unstable_by(f64::total_cmp);
        let v = &self.values;
        let one = |name, value: Option<f64>| vec![(name, value.filter(|v| !v.is_nan()))];
        match &self.asked {
            Asked::Quantile(q, method) => one("quantile", sample::quantile(v, *q, *method)),
            Asked::Skewness(estimator) => one("skewness", sample::skewness(v, *estimator)),
            Asked::Kurtosis(estimator) => one("kurtosis", sample::kurtosis(v, *estimator)),
            Asked::Variation(ddof) => one("variation", sample::variation(v, *ddof)),
            Asked::GeometricMean => one("geometric_mean", sample::geometric_mean(v)),
            Asked::HarmonicMean => one("harmonic_mean", sample::harmonic_mean(v)),
            Asked::SumAbs => one("sum_abs", sample::sum_abs(v)),
            Asked::Mad(factor) => one("mad", sample::mad(v).map(|m| m * factor)),
            Asked::Iqr(method) => one("iqr", sample::iqr(v, *method)),
            Asked::Gini => one("gini", sample::gini(v)),
            Asked::Between(low, high) => one("ratio", between(v, *low, *high)),
            Asked::Benford => benford(v),
            Asked::Divergence(partition) => one("divergence", partition.divergence(v)),
        }
    }
}

/// The numbers of the rows that are kept; `None` for a null.
///
/// Errors: `Query` for a missing column, or values that are no numbers.
pub(super) fn numbers(
    batch: &RecordBatch,
    name: &str,
    kept: Considered<'_>,
) -> Result<Vec<Option<f64>>> {
    let array = column(batch, name)?;
    let rows = (0..batch.num_rows()).filter(|r| kept.row(*r));
    rows.map(|row| {
        let Some(value) = scalar_at(array, row) else {
            return Ok(None);
        };
        let number = value.number().ok_or_else(|| {
            let reason = format!("{} is no number", logical(array.data_type()));
            query(format!("column `{name}`"), reason)
        })?;
        Ok(Some(number))
    })
    .collect()
}

fn between(sorted: &[f64], low: Option<f64>, high: Option<f64>) -> Option<f64> {
    let from = low.map_or(0, |low| sorted.partition_point(|v| *v < low));
    let to = high.map_or(sorted.len(), |high| sorted.partition_point(|v| *v < high));
    let inside = to.saturating_sub(from);
    (!sorted.is_empty()).then(|| inside as f64 / sorted.len() as f64)
}

fn benford(sorted: &[f64]) -> Found {
    let counts = sample::first_digits(sorted);
    let total: u64 = counts.iter().sum();
    let shares = sample::benford();
    let both = || counts.iter().map(|c| *c as f64).zip(shares);
    let deviation = both()
        .map(|(c, p)| (c / total as f64 - p).abs())
        .sum::<f64>()
        / 9.0;
    let squares = both().map(|(c, p)| (c - total as f64 * p).powi(2) / (total as f64 * p));
    let known = total > 0;
    vec![
        ("deviation", known.then_some(deviation)),
        (
            "p_value",
            known.then(|| chi_squared(squares.sum(), 8.0).exp()),
        ),
        ("digits", Some(total as f64)),
    ]
}

impl Partition {
    /// Kullback-Leibler divergence of the observed shares, tails included, from the expected ones, both of which are made
    /// to sum to 1. Infinite where something is found that is not expected at all.
    fn divergence(&self, sorted: &[f64]) -> Option<f64> {
        let (first, last) = (*self.edges.first()?, *self.edges.last()?);
        let below = |edge: f64| sorted.partition_point(|v| *v < edge);
        let mut observed = vec![below(first) as f64];
        for pair in self.edges.windows(2) {
            let to = if pair[1].to_bits() == last.to_bits() {
                sorted.partition_point(|v| *v <= last)
            } else {
                below(pair[1])
            };
            observed.push(to.saturating_sub(below(pair[0])) as f64);
        }
        observed.push((sorted.len() - sorted.partition_point(|v| *v <= last)) as f64);
        let mut expected = vec![self.tails.0];
        expected.extend(&self.weights);
        expected.push(self.tails.1);
        divergence(&observed, &expected)
    }
}

/// Kullback-Leibler divergence in nats of two lists of weights, each made to sum to 1; absent where one is all zeros.
///
/// Formula: `sum(p ln(p / q))`, a term of `p = 0` is 0, one of `q = 0` infinite.
/// Source: Kullback and Leibler, *On Information and Sufficiency* (1951).
pub(super) fn divergence(observed: &[f64], expected: &[f64]) -> Option<f64> {
    let (all, wanted) = (observed.iter().sum::<f64>(), expected.iter().sum::<f64>());
    let terms = observed.iter().zip(expected).map(|(o, e)| {
        let (p, q) = (o / all, e / wanted);
        if p > 0.0 { p * (p / q).ln() } else { 0.0 }
    });
    (all > 0.0 && wanted > 0.0).then(|| terms.sum::<f64>().max(0.0))
}
