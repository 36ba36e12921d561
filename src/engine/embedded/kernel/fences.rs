//! Values far from the others: the distance of each from the middle of all, in units of their spread.

use super::numbers::numbers;
use super::{Considered, KernelCounts};
use crate::error::Result;
use crate::statistics::sample::{self, QuantileMethod};
use arrow::array::{BooleanArray, RecordBatch};

/// A deviation over the median of absolute distances from the median, for a normal distribution: `1 / quantile(0.75)`.
pub const MAD_FACTOR: f64 = 1.482_602_218_505_602;

/// How far a value is from the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Score {
    /// Distance from the mean in standard deviations over `n - ddof`.
    Z(f64),
    /// Distance from the median in median absolute deviations, scaled to a standard deviation ([`MAD_FACTOR`]).
    Mad,
    /// Distance below the first or above the third quartile in interquartile ranges; 0 between them.
    Iqr(QuantileMethod),
}

/// Which scores are allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowed {
    /// Least.
    pub min: Option<f64>,
    /// Greatest.
    pub max: Option<f64>,
    /// Whether the least itself is allowed.
    pub with_min: bool,
    /// Whether the greatest itself is allowed.
    pub with_max: bool,
}

impl Allowed {
    fn holds(self, score: f64) -> bool {
        let above = self
            .min
            .is_none_or(|m| score > m || self.with_min && score >= m);
        let below = self
            .max
            .is_none_or(|m| score < m || self.with_max && score <= m);
        above && below
    }
}

/// Rows whose value is farther from the others than is allowed.
///
/// Nulls and NaN: not values, never fail. Infinities are values: with one, mean and deviation are no numbers, so that no
/// z-score is, and every value fails. Spread 0: a value in the middle scores 0, every other infinity.
/// Memory: 8 bytes per value. Row order changes no digit.
#[derive(Debug)]
pub struct Fences {
    pub(super) column: String,
    score: Score,
    allowed: Allowed,
    values: Vec<f64>,
    middle: (f64, f64),
    spread: f64,
    rows: u64,
}

impl Fences {
    /// A test of one column.
    #[must_use]
    pub fn new(column: impl Into<String>, score: Score, allowed: Allowed) -> Self {
        Self {
            column: column.into(),
            score,
            allowed,
            values: Vec::new(),
            middle: (f64::NAN, f64::NAN),
            spread: f64::NAN,
            rows: 0,
        }
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let found = numbers(batch, &self.column, kept)?;
        self.rows += found.len() as u64;
        self.values
            .extend(found.into_iter().flatten().filter(|v| !v.is_nan()));
        Ok(())
    }

    pub(super) fn finish(&mut self) -> KernelCounts {
        let mut values = std::mem::take(&mut self.values);
        values.sort_unstable_by(f64::total_cmp);
        let nan = f64::NAN;
        match self.score {
            Score::Z(ddof) => {
                let mean = sample::mean(&values).unwrap_or(nan);
                self.middle = (mean, mean);
                // One value alone has no deviation and is where its mean is.
                self.spread = sample::variance(&values, ddof).map_or(0.0, f64::sqrt);
            }
            Score::Mad => {
                let median = sample::median(&values).unwrap_or(nan);
                self.middle = (median, median);
                self.spread = sample::mad(&values).unwrap_or(nan) * MAD_FACTOR;
            }
            Score::Iqr(method) => {
                let quartile = |q| sample::quantile(&values, q, method).unwrap_or(nan);
                self.middle = (quartile(0.25), quartile(0.75));
                self.spread = self.middle.1 - self.middle.0;
            }
        }
        let failing = values.iter().filter(|v| !self.allowed.holds(self.of(**v)));
        KernelCounts {
            failing: failing.count() as u64,
            rows: self.rows,
            non_null: values.len() as u64,
            extra: Vec::new(),
            detail: String::new(),
        }
    }

    /// The score of a value.
    fn of(&self, value: f64) -> f64 {
        let (low, high) = self.middle;
        let distance = if value < low {
            value - low
        } else if value > high {
            value - high
        } else if low.is_nan() || high.is_nan() || self.spread.is_nan() {
            f64::NAN
        } else {
            return 0.0;
        };
        distance / self.spread
    }

    pub(super) fn second_pass(
        &mut self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let mut found = numbers(batch, &self.column, kept)?.into_iter();
        let flags = (0..batch.num_rows()).map(|row| {
            let value = if kept.row(row) {
                found.next().flatten()
            } else {
                None
            };
            let value = value.filter(|v| !v.is_nan());
            Some(value.is_some_and(|v| !self.allowed.holds(self.of(v))))
        });
        Ok(flags.collect())
    }
}
