//! Text columns of samples that turn out to hold personal data or secrets, whatever the contract says of them.
//!
//! What is shown is decided after what is there: the first [`LOOK`] rows of the scan for failing rows are looked at
//! before any sample leaves it. A column in which [`SHARE`] of their texts, and at least [`LEAST`], hold something is not
//! shown; in every other column a value that holds something is not.

use super::super::kernel::rows::{REDACTED, Shown};
use crate::detect::Detector;
use crate::record::FailingRow;
use arrow::array::{Array, AsArray, RecordBatch};
use std::collections::BTreeMap;

/// Rows looked at, from the first one on.
const LOOK: u64 = 1_000;
/// Share of the texts of a column, from which on none of them is shown.
const SHARE: f64 = 0.1;
/// Texts that must hold something for that.
const LEAST: u64 = 2;

/// Columns that are shown, and what was found in them.
pub(super) struct Suspects {
    detector: Detector,
    /// Per column: texts, and those that hold something.
    seen: BTreeMap<String, (u64, u64)>,
    rows: u64,
}

impl Suspects {
    /// Will look at the columns that may be shown as they are.
    pub(super) fn of<'a>(shown: impl Iterator<Item = &'a (String, Shown)>) -> Self {
        let open = shown.filter(|(_, shown)| *shown == Shown::Value);
        Self {
            detector: Detector::of_reports(),
            seen: open.map(|(name, _)| (name.clone(), (0, 0))).collect(),
            rows: 0,
        }
    }

    /// Looks at the rows of the next batch, as long as enough were not seen.
    pub(super) fn look(&mut self, batch: &RecordBatch) {
        let left = usize::try_from(LOOK.saturating_sub(self.rows)).unwrap_or(0);
        for (name, (texts, found)) in &mut self.seen {
            let array = batch.column_by_name(name);
            let Some(array) = array.and_then(|a| a.as_string_opt::<i32>()) else {
                continue;
            };
            let rows = 0..array.len().min(left);
            for text in rows.filter(|r| array.is_valid(*r)).map(|r| array.value(r)) {
                *texts += 1;
                *found += u64::from(self.detector.find(text).is_some());
            }
        }
        self.rows += batch.num_rows() as u64;
    }

    /// Whether enough rows were seen.
    pub(super) fn is_sure(&self) -> bool {
        self.rows >= LOOK
    }

    /// Takes values out of samples that must not be shown.
    pub(super) fn redact(&self, samples: &mut [FailingRow]) {
        for cell in samples.iter_mut().flat_map(|s| &mut s.cells) {
            let Some((texts, found)) = self.seen.get(&cell.column) else {
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "at most 1,000")]
            let hidden = *found >= LEAST && *found as f64 >= SHARE * *texts as f64;
            if let Some(value) = &mut cell.value
                && (hidden || self.detector.find(value).is_some())
            {
                REDACTED.clone_into(value);
            }
        }
    }
}
