//! Values in the order of the rows.

use super::keys::{DigestMap, Encoder, select};
use super::{Considered, KernelCounts, column, query};
use crate::engine::embedded::{schema::logical, value::scalar_at};
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use arrow::array::{BooleanArray, RecordBatch};
use arrow::datatypes::DataType;
use std::cmp::Ordering;

/// Which way values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Up.
    Increasing,
    /// Down.
    Decreasing,
}

/// Whether equal neighbours are in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Equal values fail.
    Strict,
    /// Equal values are in order.
    Weak,
}

/// Rows whose value breaks the order against the last non-null value before it, of the same group.
///
/// The comparison is with the row just before, failing or not: one dip fails one row. Nulls are skipped and never
/// fail; a null in a `by` column is a group of its own. NaN is greater than every number and equal to NaN; -0.0
/// equals 0.0. Text orders by bytes. Nested and interval columns, and decimals beyond 128 bits, are refused. Memory:
/// one value per group. Exact up to the chance stated at [`super::keys::Digest`], where there are groups.
#[derive(Debug)]
pub struct Order {
    pub(super) column: String,
    pub(super) by: Vec<String>,
    direction: Direction,
    strictness: Strictness,
    encoder: Encoder,
    last: DigestMap<Scalar>,
    counts: KernelCounts,
}

impl Order {
    /// A test of one column; `by` may be empty.
    pub fn new(
        column: impl Into<String>,
        direction: Direction,
        strictness: Strictness,
        by: Vec<String>,
    ) -> Self {
        Self {
            column: column.into(),
            by,
            direction,
            strictness,
            encoder: Encoder::default(),
            last: DigestMap::default(),
            counts: KernelCounts::default(),
        }
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        for row in self.flags(batch, kept)? {
            let Some((non_null, failing)) = row else {
                continue;
            };
            self.counts.rows += 1;
            self.counts.non_null += u64::from(non_null);
            self.counts.failing += u64::from(failing);
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> KernelCounts {
        self.last.clear();
        self.counts.clone()
    }

    pub(super) fn second_pass(
        &mut self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let flags = self.flags(batch, kept)?;
        Ok(flags.iter().map(|f| Some(f.is_some_and(|f| f.1))).collect())
    }

    /// Per row: `None` when not considered, else whether all columns are non-null, and whether the row fails.
    fn flags(
        &mut self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<Vec<Option<(bool, bool)>>> {
        let array = column(batch, &self.column)?;
        if array.data_type().is_nested() {
            return Err(self.refuse(array.data_type()));
        }
        let groups = if self.by.is_empty() {
            Vec::new()
        } else {
            select(batch, &self.by)?
        };
        let keys = self.encoder.encode(&groups, batch.num_rows())?;
        let mut flags = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            if !kept.row(row) {
                flags.push(None);
                continue;
            }
            let Some(value) = scalar_at(array, row) else {
                flags.push(Some((false, false)));
                continue;
            };
            if matches!(value, Scalar::Text(_)) && *array.data_type() != DataType::Utf8 {
                return Err(self.refuse(array.data_type()));
            }
            let broken = self
                .last
                .get(&keys.digests[row])
                .is_some_and(|last| self.breaks(last, &value));
            self.last.insert(keys.digests[row], value);
            flags.push(Some((!keys.null[row], broken)));
        }
        Ok(flags)
    }

    fn refuse(&self, dtype: &DataType) -> Error {
        query(
            format!("column `{}`", self.column),
            format!("{} has no order", logical(dtype)),
        )
    }

    fn breaks(&self, last: &Scalar, value: &Scalar) -> bool {
        match (value.order(last), self.direction) {
            (Ordering::Equal, _) => self.strictness == Strictness::Strict,
            (Ordering::Less, Direction::Increasing)
            | (Ordering::Greater, Direction::Decreasing) => true,
            _ => false,
        }
    }
}
