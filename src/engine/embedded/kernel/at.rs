//! The value of one row, told by its place, and columns that hold the same values.

use super::keys::{Encoder, is_null};
use super::{Considered, column};
use crate::engine::embedded::value::scalar_at;
use crate::error::Result;
use crate::scalar::Scalar;
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use twox_hash::XxHash64;

/// The value of one row among those that are kept; from the end where the place is negative.
///
/// Memory: as many values as the place is from the end.
#[derive(Debug)]
pub struct ValueAt {
    pub(super) column: String,
    index: i64,
    wanted: Scalar,
    rows: u64,
    /// Values of the last rows, or of the one looked for.
    held: VecDeque<Option<Scalar>>,
}

impl ValueAt {
    /// A test of the row `index`, 0 for the first and -1 for the last.
    #[must_use]
    pub fn new(column: impl Into<String>, index: i64, wanted: Scalar) -> Self {
        Self {
            column: column.into(),
            index,
            wanted,
            rows: 0,
            held: VecDeque::new(),
        }
    }

    /// Looks at one batch.
    ///
    /// Errors: `Query` for a missing column.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let array = column(batch, &self.column)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            let place = self.rows;
            self.rows += 1;
            if self.index < 0 {
                self.held.push_back(scalar_at(array, row));
                if self.held.len() as u64 > self.index.unsigned_abs() {
                    self.held.pop_front();
                }
            } else if place == self.index.unsigned_abs() {
                self.held.push_back(scalar_at(array, row));
            }
        }
        Ok(())
    }

    /// Whether the value is the wanted one, and what it is instead, in words; absent where there is no such row.
    #[must_use]
    pub fn finish(&self) -> (Option<bool>, String) {
        let reached = self.index >= 0 || self.held.len() as u64 == self.index.unsigned_abs();
        match self.held.front().filter(|_| reached) {
            None => (None, "there is no such row".to_owned()),
            Some(None) => (Some(false), "it is null".to_owned()),
            Some(Some(value)) => {
                let same = value.order(&self.wanted) == Ordering::Equal;
                (Some(same), format!("it is {value}"))
            }
        }
    }
}

/// Columns that hold the same value in every row as one before them.
///
/// Nulls equal each other, NaN equals NaN, 0.0 equals -0.0. Columns of different types differ. Columns whose type has no row
/// form are left out. Memory: 16 bytes per column. Exact up to a chance of 2^-128 per pair of columns.
#[derive(Debug, Default)]
pub struct SameColumns {
    columns: Vec<Seen>,
    rows: u64,
}

/// One column so far.
#[derive(Debug)]
struct Seen {
    name: String,
    dtype: DataType,
    encoder: Encoder,
    /// Digest of the values up to here; absent for a type without row form.
    digest: Option<u128>,
}

impl SameColumns {
    /// Looks at one batch.
    ///
    /// Errors: none but those of batches whose columns changed.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let schema = batch.schema();
        if self.columns.is_empty() {
            let fields = schema.fields().iter();
            let seen = fields.map(|f| Seen {
                name: f.name().clone(),
                dtype: f.data_type().clone(),
                encoder: Encoder::default(),
                digest: Some(0),
            });
            self.columns = seen.collect();
        }
        let rows: Vec<usize> = (0..batch.num_rows()).filter(|r| kept.row(*r)).collect();
        self.rows += rows.len() as u64;
        for seen in &mut self.columns {
            let array = column(batch, &seen.name)?;
            let named = [(seen.name.clone(), array.clone())];
            let keys = seen.encoder.encode(&named, batch.num_rows());
            let Some((digest, keys)) = seen.digest.zip(keys.ok()) else {
                seen.digest = None;
                continue;
            };
            let next = |digest: u128, row: &usize| {
                let value = if is_null(array, *row) {
                    0
                } else {
                    keys.digests[*row]
                };
                chained(digest, value)
            };
            seen.digest = Some(rows.iter().fold(digest, next));
        }
        Ok(())
    }

    /// Each column that is the same as one before it, with that one; in the order of the columns.
    #[must_use]
    pub fn finish(&self) -> Vec<(String, String)> {
        let mut first: BTreeMap<(String, u128), &str> = BTreeMap::new();
        let mut found = Vec::new();
        for seen in self.columns.iter().filter(|_| self.rows > 0) {
            let Some(digest) = seen.digest else { continue };
            let key = (seen.dtype.to_string(), digest);
            match first.get(&key) {
                Some(same) => found.push((seen.name.clone(), (*same).to_owned())),
                None => drop(first.insert(key, &seen.name)),
            }
        }
        found
    }
}

/// The digest of values up to one, from that of those before it.
fn chained(before: u128, value: u128) -> u128 {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&before.to_le_bytes());
    bytes[16..].copy_from_slice(&value.to_le_bytes());
    let halves = [0x6f6c_756d, 0x7361_6d65].map(|seed| u128::from(XxHash64::oneshot(seed, &bytes)));
    halves[0] << 64 | halves[1]
}
