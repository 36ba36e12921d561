//! No repeated key, exactly, with every disputed choice spelled out.

use super::keys::{DigestMap, DigestSet, Encoder, Keys, select};
use super::{Considered, KernelCounts};
use crate::error::Result;
use arrow::array::{BooleanArray, RecordBatch};

/// What a key with a null in any of its columns is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNulls {
    /// Such rows take no part.
    Ignore,
    /// Null is a value: two nulls repeat each other.
    Equal,
    /// Every such row fails, by itself; it repeats nothing.
    Fail,
}

/// What the number of failing rows is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Second and later rows of each repeated key.
    ExtraRows,
    /// All rows of each repeated key.
    RowsInGroups,
    /// Repeated keys (a null key under [`KeyNulls::Fail`] counts as one each).
    Groups,
}

/// Rows whose key another row has.
///
/// Memory: 38 to 76 bytes per distinct key, 20 to 39 more for each repeated key in a second pass that counts
/// extra rows. Exact up to the chance stated at [`super::keys::Digest`].
/// Extra counts: `groups` (repeated keys), `rows_in_groups`, `extra_rows`, `distinct`; null keys under
/// [`KeyNulls::Fail`] are in none of them, but in `failing`.
#[derive(Debug)]
pub struct Unique {
    pub(super) columns: Vec<String>,
    nulls: KeyNulls,
    count: Count,
    encoder: Encoder,
    seen: DigestMap<u32>,
    passed: DigestSet,
    null_keys: u64,
    rows: u64,
    non_null: u64,
}

impl Unique {
    /// A test of the key in `columns`; no column names means every column of the batch.
    #[must_use]
    pub fn new(columns: Vec<String>, nulls: KeyNulls, count: Count) -> Self {
        Self {
            columns,
            nulls,
            count,
            encoder: Encoder::default(),
            seen: DigestMap::default(),
            passed: DigestSet::default(),
            null_keys: 0,
            rows: 0,
            non_null: 0,
        }
    }

    /// Number of distinct keys, without those that a null leaves out.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.seen.len() as u64
    }

    fn keys(&mut self, batch: &RecordBatch) -> Result<Keys> {
        self.encoder
            .encode(&select(batch, &self.columns)?, batch.num_rows())
    }

    pub(super) fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let keys = self.keys(batch)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            self.rows += 1;
            self.non_null += u64::from(!keys.null[row]);
            match (keys.null[row], self.nulls) {
                (true, KeyNulls::Ignore) => {}
                (true, KeyNulls::Fail) => self.null_keys += 1,
                _ => {
                    let n = self.seen.entry(keys.digests[row]).or_default();
                    *n = n.saturating_add(1);
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> KernelCounts {
        self.passed.clear();
        let (mut groups, mut rows_in_groups) = (0, 0);
        for n in self.seen.values().filter(|n| **n > 1) {
            groups += 1;
            rows_in_groups += u64::from(*n);
        }
        let extra_rows = rows_in_groups - groups;
        let repeated = match self.count {
            Count::ExtraRows => extra_rows,
            Count::RowsInGroups => rows_in_groups,
            Count::Groups => groups,
        };
        KernelCounts {
            failing: repeated + self.null_keys,
            rows: self.rows,
            non_null: self.non_null,
            extra: vec![
                ("groups", groups),
                ("rows_in_groups", rows_in_groups),
                ("extra_rows", extra_rows),
                ("distinct", self.seen.len() as u64),
            ],
            detail: String::new(),
        }
    }

    pub(super) fn second_pass(
        &mut self,
        batch: &RecordBatch,
        kept: Considered<'_>,
    ) -> Result<BooleanArray> {
        let keys = self.keys(batch)?;
        let flags = (0..batch.num_rows())
            .map(|row| Some(kept.row(row) && self.fails(keys.digests[row], keys.null[row])));
        Ok(flags.collect())
    }

    fn fails(&mut self, digest: u128, null: bool) -> bool {
        match (null, self.nulls) {
            (true, KeyNulls::Ignore) => false,
            (true, KeyNulls::Fail) => true,
            _ => {
                let repeated = self.seen.get(&digest).is_some_and(|n| *n > 1);
                repeated && (self.count != Count::ExtraRows || !self.passed.insert(digest))
            }
        }
    }
}

/// Pairs of rows that are equal in some columns.
///
/// Memory: 38 to 76 bytes per distinct key. Exact up to the chance stated at [`super::keys::Digest`].
#[derive(Debug)]
pub struct Equal {
    columns: Vec<String>,
    encoder: Encoder,
    seen: DigestMap<u64>,
}

impl Equal {
    /// Counts over these columns together.
    #[must_use]
    pub fn new(columns: Vec<String>) -> Self {
        Self {
            columns,
            encoder: Encoder::default(),
            seen: DigestMap::default(),
        }
    }

    /// Counts one batch; rows with a null are equal to each other.
    ///
    /// Errors: `Query` for a missing column, or a type without row form.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns = select(batch, &self.columns)?;
        let keys = self.encoder.encode(&columns, batch.num_rows())?;
        for digest in keys.digests {
            *self.seen.entry(digest).or_default() += 1;
        }
        Ok(())
    }

    /// Unordered pairs of different rows; 0 where no key repeats.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        let of = |n: &u64| n.saturating_mul(n.saturating_sub(1)) / 2;
        self.seen.values().map(of).fold(0, u64::saturating_add)
    }
}

/// Whether rows never repeat in some columns, for as long as they do not.
///
/// Memory: 20 to 39 bytes per row. Exact up to the chance stated at [`super::keys::Digest`].
#[derive(Debug)]
pub struct Apart {
    columns: Vec<String>,
    encoder: Encoder,
    seen: DigestSet,
}

impl Apart {
    /// A test of these columns together.
    #[must_use]
    pub fn new(columns: Vec<String>) -> Self {
        Self {
            columns,
            encoder: Encoder::default(),
            seen: DigestSet::default(),
        }
    }

    /// Whether no row of the batch has a null, or repeats a row before it.
    ///
    /// Errors: `Query` for a missing column, or a type without row form.
    pub fn holds(&mut self, batch: &RecordBatch) -> Result<bool> {
        let columns = select(batch, &self.columns)?;
        let keys = self.encoder.encode(&columns, batch.num_rows())?;
        let mut both = keys.digests.iter().zip(&keys.null);
        Ok(both.all(|(digest, null)| !null && self.seen.insert(*digest)))
    }
}
