//! Row tests and exact gates in Rust: what SQL cannot say, or says differently from one engine to the next.

pub mod at;
pub mod change;
pub mod counts;
pub mod fences;
pub mod foreign_key;
pub mod gauge;
pub mod keys;
pub mod list;
pub mod numbers;
pub mod order;
pub mod pairs;
pub mod periods;
pub mod personal;
pub mod quantile;
pub mod related;
pub mod rows;
pub mod spelling;
pub mod text;
pub mod unique;
pub mod values;

use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};

pub use change::Change;
pub use fences::Fences;
pub use foreign_key::{ForeignKey, KeySet, NullKey};
pub use gauge::{Gauge, Gauged, SetRelation};
pub use list::Lists;
pub use order::{Direction, Order, Strictness};
pub use personal::PersonalElsewhere;
pub use quantile::Quantile;
pub use rows::row_text;
pub use spelling::{NumberTest, Spelling};
pub use text::{JsonKeys, Parse, TextTest};
pub use unique::{Apart, Count, Equal, KeyNulls, Unique};
pub use values::{Denominator, MostCommon, ValueSet};

/// A row test in Rust: told batch after batch, in row order.
///
/// Life: `first_pass` for every batch, `finish` once, then, where rows are wanted, `second_pass` for the same
/// batches in the same order with the same filter.
#[derive(Debug)]
pub enum Kernel {
    /// Text of a published format, or that reads as another type.
    Text(TextTest),
    /// Numbers by their decimal spelling.
    Number(NumberTest),
    /// No repeated key.
    Unique(Unique),
    /// Values in order of the rows.
    Order(Order),
    /// Keys that another dataset has.
    ForeignKey(ForeignKey),
    /// Numbers not too far from the others.
    Fences(Fences),
    /// Numbers that change by so much from row to row.
    Change(Change),
    /// Lists of so many items, or without some.
    Lists(Lists),
    /// Personal data in some columns only.
    Personal(PersonalElsewhere),
}

/// What a kernel counted. Unit: rows, except where a name in `extra` says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KernelCounts {
    /// Failing rows (groups, where [`Unique`] counts groups).
    pub failing: u64,
    /// Considered rows.
    pub rows: u64,
    /// Considered rows whose columns are all non-null.
    pub non_null: u64,
    /// Further counts by name, in a fixed order.
    pub extra: Vec<(&'static str, u64)>,
    /// What was found, in words, where counts do not say it.
    pub detail: String,
}

impl Kernel {
    /// Counts one batch.
    ///
    /// `considered`: rows that a filter keeps (false and null are left out); `None` is all rows.
    /// Errors: `Query` for a missing column, a type the kernel cannot judge, a filter of another length.
    pub fn first_pass(
        &mut self,
        batch: &RecordBatch,
        considered: Option<&BooleanArray>,
    ) -> Result<()> {
        let kept = Considered::new(batch, considered)?;
        match self {
            Self::Text(k) => k.first_pass(batch, kept),
            Self::Number(k) => k.first_pass(batch, kept),
            Self::Unique(k) => k.first_pass(batch, kept),
            Self::Order(k) => k.first_pass(batch, kept),
            Self::ForeignKey(k) => k.first_pass(batch, kept),
            Self::Fences(k) => k.first_pass(batch, kept),
            Self::Change(k) => k.first_pass(batch, kept),
            Self::Lists(k) => k.first_pass(batch, kept),
            Self::Personal(k) => k.first_pass(batch, kept),
        }
    }

    /// Ends the first pass and makes ready for the second. With no batch at all every count is 0.
    pub fn finish(&mut self) -> KernelCounts {
        match self {
            Self::Text(k) => k.counts(),
            Self::Number(k) => k.counts(),
            Self::Unique(k) => k.finish(),
            Self::Order(k) => k.finish(),
            Self::ForeignKey(k) => k.counts(),
            Self::Fences(k) => k.finish(),
            Self::Change(k) => k.finish(),
            Self::Lists(k) => k.counts(),
            Self::Personal(k) => k.counts(),
        }
    }

    /// Which rows of a batch fail; never null; rows that are not considered do not fail.
    ///
    /// Errors: as for [`Self::first_pass`].
    pub fn second_pass(
        &mut self,
        batch: &RecordBatch,
        considered: Option<&BooleanArray>,
    ) -> Result<BooleanArray> {
        let kept = Considered::new(batch, considered)?;
        match self {
            Self::Text(k) => k.second_pass(batch, kept),
            Self::Number(k) => k.second_pass(batch, kept),
            Self::Unique(k) => k.second_pass(batch, kept),
            Self::Order(k) => k.second_pass(batch, kept),
            Self::ForeignKey(k) => k.second_pass(batch, kept),
            Self::Fences(k) => k.second_pass(batch, kept),
            Self::Change(k) => k.second_pass(batch, kept),
            Self::Lists(k) => k.second_pass(batch, kept),
            Self::Personal(k) => k.second_pass(batch, kept),
        }
    }

    /// Whether a row fails by the values in it alone, whatever other rows hold; such a test needs no first pass.
    #[must_use]
    pub fn looks_at_values(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Number(_) | Self::ForeignKey(_))
    }

    /// Columns the kernel reads; empty means all columns of the batch ([`Unique`] as `duplicate_rows`).
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Text(k) => vec![k.column.clone()],
            Self::Number(k) => vec![k.column.clone()],
            Self::Unique(k) => k.columns.clone(),
            Self::Order(k) => std::iter::once(&k.column).chain(&k.by).cloned().collect(),
            Self::ForeignKey(k) => k.columns.clone(),
            Self::Fences(k) => vec![k.column.clone()],
            Self::Change(k) => std::iter::once(&k.column).chain(&k.by).cloned().collect(),
            Self::Lists(k) => vec![k.column.clone()],
            Self::Personal(k) => k.columns.clone(),
        }
    }
}

/// The rows of one batch that a filter keeps: those where it is true, not false or null; all rows without a filter.
#[derive(Debug, Clone, Copy)]
pub struct Considered<'a>(Option<&'a BooleanArray>);

impl<'a> Considered<'a> {
    /// The rows of `batch` that `filter` keeps.
    ///
    /// Errors: `Query` for a filter of another length.
    pub fn new(batch: &RecordBatch, filter: Option<&'a BooleanArray>) -> Result<Self> {
        match filter {
            Some(f) if f.len() != batch.num_rows() => Err(query(
                "filter",
                format!("it has {} rows, the batch {}", f.len(), batch.num_rows()),
            )),
            _ => Ok(Self(filter)),
        }
    }

    pub(crate) fn row(self, row: usize) -> bool {
        self.0.is_none_or(|f| f.is_valid(row) && f.value(row))
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "callers hand over errors that they own"
)]
pub(crate) fn query(what: impl Into<String>, reason: impl ToString) -> Error {
    Error::Query {
        what: what.into(),
        reason: reason.to_string(),
    }
}

/// The column of a batch by name.
pub(crate) fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    batch
        .column_by_name(name)
        .ok_or_else(|| query(format!("column `{name}`"), "the data does not have it"))
}
