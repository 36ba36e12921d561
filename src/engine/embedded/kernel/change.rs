//! How much a number changes from one row to the next.

use super::keys::{DigestMap, Encoder, select};
use super::numbers::numbers;
use super::{Considered, KernelCounts};
use crate::error::Result;
use arrow::array::{BooleanArray, RecordBatch};

/// What is told of two numbers that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The second minus the first.
    Difference,
    /// The same over the first, without its sign.
    Share,
}

/// Rows whose number differs from the last one before it, of the same group, by less or more than is allowed.
///
/// The comparison is with the row just before, failing or not. Nulls are skipped and never fail; the first number of a group
/// has none before it; a null in a `by` column is a group of its own. NaN, and a share of 0, is no change that is allowed.
/// Memory: one number per group. Exact up to the chance stated at [`super::keys::Digest`], where there are groups.
#[derive(Debug)]
pub struct Change {
    pub(super) column: String,
    pub(super) by: Vec<String>,
    step: Step,
    min: Option<f64>,
    max: Option<f64>,
    encoder: Encoder,
    last: DigestMap<f64>,
    counts: KernelCounts,
}

impl Change {
    /// A test of one column; `by` may be empty, and a bound absent.
    #[must_use]
    pub fn new(
        column: impl Into<String>,
        step: Step,
        bounds: [Option<f64>; 2],
        by: Vec<String>,
    ) -> Self {
        Self {
            column: column.into(),
            by,
            step,
            min: bounds[0],
            max: bounds[1],
            encoder: Encoder::default(),
            last: DigestMap::default(),
            counts: KernelCounts::default(),
        }
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        for (non_null, failing) in self.flags(batch, kept)?.into_iter().flatten() {
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

    /// Per row: `None` when not considered, else whether there is a number, and whether the row fails.
    fn flags(
        &mut self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<Vec<Option<(bool, bool)>>> {
        let mut found = numbers(batch, &self.column, kept)?.into_iter();
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
            let Some(value) = found.next().flatten() else {
                flags.push(Some((false, false)));
                continue;
            };
            let before = self.last.insert(keys.digests[row], value);
            flags.push(Some((true, before.is_some_and(|b| !self.holds(b, value)))));
        }
        Ok(flags)
    }

    fn holds(&self, before: f64, value: f64) -> bool {
        let change = match self.step {
            Step::Difference => value - before,
            Step::Share => (value - before) / before.abs(),
        };
        let above = self.min.is_none_or(|m| change >= m);
        let below = self.max.is_none_or(|m| change <= m);
        !change.is_nan() && above && below
    }
}
