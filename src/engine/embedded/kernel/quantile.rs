//! Exact ranks and quantiles, for gates that must not depend on a sketch.

use super::{Considered, column, query};
use crate::engine::embedded::{schema::logical, value::scalar_at};
use crate::error::Result;
use crate::scalar::{Integer, Scalar};
use crate::statistics::rank;
use arrow::array::{BooleanArray, RecordBatch};

/// Counts the values `x <= bound`, so that `quantile(q) <= bound` is `at_most >= ceil(q * values)`.
///
/// Nulls and NaN: not values; NaN is counted apart. Memory: constant.
#[derive(Debug)]
pub struct RankCount {
    column: String,
    bound: Scalar,
    /// Values that are at most the bound.
    pub at_most: u64,
    /// Non-null values that are not NaN.
    pub values: u64,
    /// NaN values.
    pub nan: u64,
}

impl RankCount {
    /// A count against one bound.
    ///
    /// Errors: `Query` for a bound that is NaN.
    pub fn new(column: impl Into<String>, bound: Scalar) -> Result<Self> {
        let column = column.into();
        if matches!(bound, Scalar::Float(v) if v.is_nan()) {
            return Err(query(format!("column `{column}`"), "the bound is NaN"));
        }
        Ok(Self {
            column,
            bound,
            at_most: 0,
            values: 0,
            nan: 0,
        })
    }

    /// Counts one batch.
    ///
    /// Errors: `Query` for a missing column, or a column that does not compare with the bound.
    pub fn first_pass(
        &mut self,
        batch: &RecordBatch,
        considered: Option<&BooleanArray>,
    ) -> Result<()> {
        let kept = Considered::new(batch, considered)?;
        let array = column(batch, &self.column)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            match scalar_at(array, row) {
                None => {}
                Some(Scalar::Float(v)) if v.is_nan() => self.nan += 1,
                Some(v) => {
                    self.values += 1;
                    let below = at_most(&v, &self.bound).ok_or_else(|| {
                        query(
                            format!("column `{}`", self.column),
                            format!(
                                "{} does not compare with {}",
                                logical(array.data_type()),
                                self.bound
                            ),
                        )
                    })?;
                    self.at_most += u64::from(below);
                }
            }
        }
        Ok(())
    }
}

/// `x <= bound`, exact between integers and floats; decimals of another kind compare as floats.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded to a whole number first; beyond i128 the cast saturates"
)]
fn at_most(x: &Scalar, bound: &Scalar) -> Option<bool> {
    use std::mem::discriminant;
    Some(match (x, bound) {
        (Scalar::Float(a), Scalar::Float(b)) => a <= b,
        (Scalar::Int(Integer(a)), Scalar::Float(b)) => *a <= b.floor() as i128,
        (Scalar::Float(a), Scalar::Int(Integer(b))) => a.ceil() as i128 <= *b,
        (Scalar::Timestamp { nanos: a, .. }, Scalar::Timestamp { nanos: b, .. }) => a <= b,
        _ if discriminant(x) == discriminant(bound) => x.order(bound).is_le(),
        (
            Scalar::Decimal { .. } | Scalar::Int(_) | Scalar::Float(_),
            Scalar::Decimal { .. } | Scalar::Int(_) | Scalar::Float(_),
        ) => x.number()? <= bound.number()?,
        _ => return None,
    })
}

/// The exact quantile, `lower` definition: the smallest value `x` with at least `q` of the values at most `x`.
///
/// Nulls and NaN: not values. Unit: as [`Scalar::number`]. Memory: 8 bytes per value. Integers beyond 2^53 and
/// decimals are rounded to the nearest float.
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
    pub fn first_pass(
        &mut self,
        batch: &RecordBatch,
        considered: Option<&BooleanArray>,
    ) -> Result<()> {
        let kept = Considered::new(batch, considered)?;
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

    /// The quantile; `None` without values.
    pub fn finish(&mut self) -> Option<f64> {
        let n = self.values.len();
        let at = rank(self.q, n as u64).saturating_sub(1);
        let at = usize::try_from(at)
            .unwrap_or(usize::MAX)
            .min(n.checked_sub(1)?);
        Some(*self.values.select_nth_unstable_by(at, f64::total_cmp).1)
    }
}
