//! Cells of failing rows, as text for samples.

use super::column;
use crate::engine::embedded::value::scalar_at;
use crate::error::Result;
use crate::record::Cell;
use arrow::array::RecordBatch;

/// Whether the values of a column may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As they are.
    Value,
    /// Replaced by [`REDACTED`].
    Redacted,
}

/// What stands for a value of a redacted column.
pub const REDACTED: &str = crate::detect::HIDDEN;

/// The cells of one row, in the order of `columns`. Values are raw: renderers neutralise them.
///
/// Nulls: no value, even in redacted columns.
/// Errors: `Query` for a missing column or a row the batch does not have.
pub fn row_text(batch: &RecordBatch, row: usize, columns: &[(String, Shown)]) -> Result<Vec<Cell>> {
    if row >= batch.num_rows() {
        return Err(super::query(
            "sample",
            format!("row {row} of {}", batch.num_rows()),
        ));
    }
    columns
        .iter()
        .map(|(name, shown)| {
            let value = scalar_at(column(batch, name)?, row).map(|v| match shown {
                Shown::Value => v.to_string(),
                Shown::Redacted => REDACTED.to_owned(),
            });
            Ok(Cell {
                column: name.clone(),
                value,
            })
        })
        .collect()
}
