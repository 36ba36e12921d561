//! Exact quantiles, for gates that must not depend on a sketch.

use super::{Considered, column, query};
use crate::engine::embedded::{schema::logical, value::scalar_at};
use crate::error::Result;
use crate::statistics::rank;
use arrow::array::RecordBatch;

/// The exact quantile, `lower` definition: the smallest value `x` with at least `q` of the values at most `x`.
///
/// Nulls and NaN: not values. Unit: as [`crate::scalar::Scalar::number`]. Memory: 8 bytes per value. Integers beyond
/// 2^53 and decimals are rounded to the nearest float.
/// Source: definition 1 of Hyndman and Fan, *Sample Quantiles in Statistical Packages* (1996).
#[derive(Debug)]
pub struct Quantile {
    column: String,
    q: f64,
    values: Vec<f64>,
}

impl Quantile {
    /// A quantile of one column; `q` from 0 (the minimum) to 1 (the maximum).
    ///
    /// Errors: `Query` for another `q`.
    pub fn new(column: impl Into<String>, q: f64) -> Result<Self> {
        let column = column.into();
        if !(0.0..=1.0).contains(&q) {
            return Err(query(
                format!("quantile of `{column}`"),
                format!("{q} is not between 0 and 1"),
            ));
        }
        Ok(Self {
            column,
            q,
            values: Vec::new(),
        })
    }

    pub(super) fn column(&self) -> &str {
        &self.column
    }

    /// Collects one batch.
    ///
    /// Errors: `Query` for a missing column, or values that are no numbers.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let array = column(batch, &self.column)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            let Some(value) = scalar_at(array, row) else {
                continue;
            };
            let number = value.number().ok_or_else(|| {
                query(
                    format!("column `{}`", self.column),
                    format!("{} has no quantile", logical(array.data_type())),
                )
            })?;
            if !number.is_nan() {
                self.values.push(number);
            }
        }
        Ok(())
    }

    /// The quantile; `None` without values. Values come out in another order, so that it is asked once.
    pub fn finish(&mut self) -> Option<f64> {
        let n = self.values.len();
        let at = rank(self.q, n as u64).saturating_sub(1);
        let at = usize::try_from(at)
            .unwrap_or(usize::MAX)
            .min(n.checked_sub(1)?);
        Some(*self.values.select_nth_unstable_by(at, f64::total_cmp).1)
    }
}
