//! What has to be read of which file for which column, in units that the files alone determine.

use super::leaf::{Leaf, Look};
use crate::engine::embedded::profile::Wanted;
use crate::engine::embedded::source::{DataFile, Dataset, footer_rows};
use crate::measure::{ColumnProfile, Wants};
use crate::scalar::Scalar;
use crate::types::LogicalType;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::file::metadata::RowGroupMetaData;
use std::cmp::Reverse;
use std::ops::Range;

/// Units of a column in one file, at most.
const UNITS: u64 = 8;

/// Compressed bytes that are worth a unit of their own.
const UNIT_BYTES: u64 = 4 << 20;

/// What is to be done.
pub(super) struct Plan<'a> {
    /// The wanted columns.
    pub(super) wanted: &'a [Wanted],
    /// The files, in their order.
    pub(super) files: Vec<(&'a DataFile, &'a ArrowReaderMetadata)>,
    /// Rows of all files.
    pub(super) rows: u64,
    /// Columns that no page is read for: their constants with rows, one per file, or nothing but rows and nulls.
    pub(super) known: Vec<(usize, Known)>,
    /// Columns for which rows have to be made.
    pub(super) uncovered: Vec<usize>,
    /// Pages to read; the largest first.
    pub(super) units: Vec<Unit>,
}

/// What is known of a column without a page.
pub(super) enum Known {
    /// Rows, and how many of them are null.
    Counts(u64, u64),
    /// Rows of one file that have this value.
    Constant(u64, Scalar),
}

/// A column in some consecutive row groups of one file.
pub(super) struct Unit {
    /// Position among the wanted columns.
    pub(super) column: usize,
    /// Position of the file.
    pub(super) file: usize,
    /// The leaf that tells the column.
    pub(super) leaf: Leaf,
    /// Row groups.
    pub(super) groups: Range<usize>,
    /// Compressed bytes of their chunks.
    pub(super) bytes: u64,
}

impl<'a> Plan<'a> {
    /// The plan for a dataset of Parquet files; `None` for others.
    pub(super) fn of(dataset: &'a Dataset, wanted: &'a [Wanted]) -> Option<Self> {
        let files = dataset.parquet()?;
        let mut plan = Self {
            wanted,
            rows: files.iter().map(|(_, footer)| footer_rows(footer)).sum(),
            files,
            known: Vec::new(),
            uncovered: Vec::new(),
            units: Vec::new(),
        };
        for column in 0..wanted.len() {
            if !plan.constant(dataset, column) && !plan.stated(dataset, column) {
                plan.read(column);
            }
        }
        plan.units
            .sort_by_key(|u| (Reverse(u.bytes), u.file, u.column, u.groups.start));
        Some(plan)
    }

    /// A partition: one value per file.
    fn constant(&mut self, dataset: &Dataset, column: usize) -> bool {
        let Some(values) = dataset.partition(&self.wanted[column].0.name) else {
            return false;
        };
        for ((_, footer), value) in self.files.iter().zip(values) {
            let rows = footer_rows(footer);
            let known = match value {
                Some(value) => Known::Constant(rows, value),
                None => Known::Counts(rows, rows),
            };
            self.known.push((column, known));
        }
        true
    }

    /// Rows and nulls where nothing else is wanted and every footer states them.
    fn stated(&mut self, dataset: &Dataset, column: usize) -> bool {
        let (field, wants) = &self.wanted[column];
        if !counts_only(&field.dtype, *wants) {
            return false;
        }
        let Some(nulls) = dataset.nulls_stated(&field.name) else {
            return false;
        };
        self.known.push((column, Known::Counts(self.rows, nulls)));
        true
    }

    fn read(&mut self, column: usize) {
        let (field, wants) = &self.wanted[column];
        let profiled = ColumnProfile::new(&field.name, &field.dtype)
            .not_profiled
            .is_none();
        let look = match (profiled, counts_only(&field.dtype, *wants)) {
            (true, false) => Look::Values,
            (_, true) => Look::Levels,
            // Nobody looks into its values, but a file whose values cannot be read is refused all the same.
            (false, false) => {
                self.uncovered.push(column);
                return;
            }
        };
        let mut units = Vec::new();
        for (file, (_, footer)) in self.files.iter().enumerate() {
            let Some(leaf) = Leaf::of(footer, &field.name, look) else {
                self.uncovered.push(column);
                return;
            };
            let groups = footer.metadata().row_groups();
            units.extend(cut(groups, leaf.index).map(|(groups, bytes)| Unit {
                column,
                file,
                leaf: leaf.clone(),
                groups,
                bytes,
            }));
        }
        self.units.extend(units);
    }
}

/// Whether rows and nulls are all that is wanted; NaN is among the values.
fn counts_only(dtype: &LogicalType, wants: Wants) -> bool {
    wants == Wants::COUNTS && !matches!(dtype, LogicalType::Float(_))
}

/// Consecutive row groups of about the same number of bytes of a leaf.
fn cut(groups: &[RowGroupMetaData], leaf: usize) -> impl Iterator<Item = (Range<usize>, u64)> {
    let size =
        move |g: &RowGroupMetaData| u64::try_from(g.column(leaf).compressed_size()).unwrap_or(0);
    let all: u64 = groups.iter().map(size).fold(0, u64::saturating_add);
    let share = (all / UNITS + 1).max(UNIT_BYTES);
    let mut start = 0;
    std::iter::from_fn(move || {
        let mut bytes = 0_u64;
        let mut end = start;
        while end < groups.len() && bytes < share {
            bytes = bytes.saturating_add(size(&groups[end]));
            end += 1;
        }
        let unit = (start < end).then_some((start..end, bytes));
        start = end;
        unit
    })
}
