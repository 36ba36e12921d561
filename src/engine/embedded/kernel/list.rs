//! Lists in the rows of one column: how long they are, and what their items are.

use super::keys::{Encoder, is_null};
use super::{Considered, KernelCounts, column, query};
use crate::engine::embedded::schema::logical;
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::datatypes::DataType;
use std::collections::HashSet;

/// What is wanted of every list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// So many items at least, and at most.
    Length(Option<u64>, Option<u64>),
    /// No item twice; null items are none.
    Unique,
    /// No null item.
    NoNulls,
}

/// Rows whose list is not as wanted. A null list never fails; an empty one has no items.
///
/// NaN equals NaN, and 0.0 equals -0.0, among items at top level.
#[derive(Debug)]
pub struct Lists {
    pub(super) column: String,
    wanted: Wanted,
    encoder: Encoder,
    counts: KernelCounts,
}

impl Lists {
    /// A test of one column.
    #[must_use]
    pub fn new(column: impl Into<String>, wanted: Wanted) -> Self {
        Self {
            column: column.into(),
            wanted,
            encoder: Encoder::default(),
            counts: KernelCounts::default(),
        }
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let nulls = column(batch, &self.column)?.clone();
        let failing = self.second_pass(batch, kept)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            self.counts.rows += 1;
            self.counts.non_null += u64::from(!is_null(&nulls, row));
            self.counts.failing += u64::from(failing.value(row));
        }
        Ok(())
    }

    pub(super) fn counts(&self) -> KernelCounts {
        self.counts.clone()
    }

    pub(super) fn second_pass(
        &mut self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let array = column(batch, &self.column)?;
        let mut flags = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let fails = kept.row(row)
                && !is_null(array, row)
                && self.fails(&items(&self.column, array, row)?)?;
            flags.push(Some(fails));
        }
        Ok(flags.into_iter().collect())
    }

    fn fails(&mut self, items: &ArrayRef) -> Result<bool> {
        let length = items.len() as u64;
        Ok(match self.wanted {
            Wanted::Length(min, max) => {
                min.is_some_and(|m| length < m) || max.is_some_and(|m| length > m)
            }
            Wanted::NoNulls => (0..items.len()).any(|i| is_null(items, i)),
            Wanted::Unique => {
                let named = [(self.column.clone(), items.clone())];
                let keys = self.encoder.encode(&named, items.len())?;
                let mut seen = HashSet::new();
                let mut valued = (0..items.len()).filter(|i| !keys.null[*i]);
                valued.any(|i| !seen.insert(keys.digests[i]))
            }
        })
    }
}

/// The items of the list in a row.
fn items(name: &str, array: &ArrayRef, row: usize) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::List(_) => array.as_list::<i32>().value(row),
        DataType::LargeList(_) => array.as_list::<i64>().value(row),
        DataType::FixedSizeList(..) => array.as_fixed_size_list().value(row),
        DataType::Map(..) => std::sync::Arc::new(array.as_map().value(row)),
        other => {
            let reason = format!("{} is no list", logical(other));
            return Err(query(format!("column `{name}`"), reason));
        }
    })
}
