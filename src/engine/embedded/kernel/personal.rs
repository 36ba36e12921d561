//! Row test of all text columns together: personal data where it is not expected.

use super::text::text;
use super::{Considered, KernelCounts};
use crate::detect::{Detector, Kind};
use crate::error::Result;
use arrow::array::{Array, BooleanArray, RecordBatch, StringArray};
use std::collections::BTreeMap;

/// Rows in which one of these columns holds what is looked for fail. Nulls hold nothing.
#[derive(Debug)]
pub struct PersonalElsewhere {
    pub(super) columns: Vec<String>,
    detector: Detector,
    counts: KernelCounts,
    /// Per column: rows that hold something, by what is found first.
    found: Vec<BTreeMap<Kind, u64>>,
}

impl PersonalElsewhere {
    /// A test of these text columns.
    #[must_use]
    pub fn new(columns: Vec<String>, detector: Detector) -> Self {
        Self {
            found: vec![BTreeMap::new(); columns.len()],
            columns,
            detector,
            counts: KernelCounts::default(),
        }
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let arrays = self.arrays(batch)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            let mut fails = false;
            for (array, found) in arrays.iter().zip(&mut self.found) {
                let kind = value(array, row).and_then(|text| self.detector.find(text));
                if let Some(kind) = kind {
                    *found.entry(kind).or_default() += 1;
                    fails = true;
                }
            }
            self.counts.rows += 1;
            self.counts.non_null += 1;
            self.counts.failing += u64::from(fails);
        }
        Ok(())
    }

    /// What was counted, with the columns and kinds in words; never a value.
    pub(super) fn counts(&self) -> KernelCounts {
        let both = self.columns.iter().zip(&self.found);
        let words = both
            .filter(|(_, found)| !found.is_empty())
            .map(|(column, found)| {
                let kinds: Vec<String> = found
                    .iter()
                    .map(|(kind, rows)| {
                        format!("{kind} in {}", crate::diagnostic::plural(*rows, "row"))
                    })
                    .collect();
                format!("`{column}` ({})", kinds.join(", "))
            });
        let words: Vec<String> = words.collect();
        KernelCounts {
            detail: if words.is_empty() {
                "in no other column".to_owned()
            } else {
                format!("in {}", words.join(", "))
            },
            ..self.counts.clone()
        }
    }

    pub(super) fn second_pass(
        &self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let arrays = self.arrays(batch)?;
        let fails = |row: usize| {
            let mut texts = arrays.iter().filter_map(|array| value(array, row));
            kept.row(row) && texts.any(|text| self.detector.find(text).is_some())
        };
        Ok((0..batch.num_rows()).map(|row| Some(fails(row))).collect())
    }

    fn arrays(&self, batch: &RecordBatch) -> Result<Vec<StringArray>> {
        self.columns.iter().map(|name| text(batch, name)).collect()
    }
}

fn value(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}
