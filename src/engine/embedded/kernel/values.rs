//! Exact counts of distinct values: how often the most common one occurs, and which ones are outside a given set.

use super::keys::{DigestMap, DigestSet, Encoder, Keys, select};
use super::{Considered, query};
use crate::engine::embedded::value::scalar_at;
use crate::error::Result;
use crate::scalar::Scalar;
use arrow::array::RecordBatch;
use std::cmp::Ordering;

/// Unexpected values that are named; the others are counted.
const NAMED: usize = 20;

/// Which rows a share is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denominator {
    /// Those with a value.
    NonNull,
    /// All that are looked at.
    Rows,
}

/// How often the most common value of a column occurs.
///
/// Nulls: not a value. NaN is one value, and so are 0.0 and -0.0. Memory: 38 to 76 bytes per distinct value. Exact up
/// to the chance stated at [`super::keys::Digest`].
#[derive(Debug)]
pub struct MostCommon {
    column: String,
    of: Denominator,
    encoder: Encoder,
    counts: DigestMap<u64>,
    rows: u64,
}

impl MostCommon {
    /// A count over one column.
    #[must_use]
    pub fn new(column: impl Into<String>, of: Denominator) -> Self {
        Self {
            column: column.into(),
            of,
            encoder: Encoder::default(),
            counts: DigestMap::default(),
            rows: 0,
        }
    }

    pub(super) fn column(&self) -> &str {
        &self.column
    }

    /// Counts one batch.
    ///
    /// Errors: `Query` for a missing column, or a type without row form.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let keys = keys(&mut self.encoder, &self.column, batch)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r)) {
            if !keys.null[row] {
                *self.counts.entry(keys.digests[row]).or_default() += 1;
            } else if self.of == Denominator::NonNull {
                continue;
            }
            self.rows += 1;
        }
        Ok(())
    }

    /// Rows with the most common value over the denominator, 0 to 1; `None` without values.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let top = self.counts.values().max()?;
        Some(*top as f64 / self.rows as f64)
    }
}

/// The distinct values of a column against a set of expected ones.
///
/// Nulls: not a value. NaN is one value; 0.0 and -0.0 are one. Numbers of different kinds are equal when
/// [`Scalar::order`] says so. Memory: 20 to 39 bytes per distinct value, and the first 20 unexpected ones in
/// the order of their values.
#[derive(Debug)]
pub struct ValueSet {
    column: String,
    encoder: Encoder,
    /// Expected values in ascending order, with whether they were seen.
    expected: Vec<(Scalar, Occurrence)>,
    seen: DigestSet,
    unexpected: u64,
    named: Vec<Scalar>,
}

/// Whether an expected value was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occurrence {
    Seen,
    Missing,
}

impl ValueSet {
    /// A comparison of one column with these values.
    #[must_use]
    pub fn new(column: impl Into<String>, expected: Vec<Scalar>) -> Self {
        let mut expected: Vec<Scalar> = expected.into_iter().map(one_zero).collect();
        expected.sort_by(Scalar::order);
        expected.dedup_by(|a, b| a.order(b) == Ordering::Equal);
        Self {
            column: column.into(),
            encoder: Encoder::default(),
            expected: expected
                .into_iter()
                .map(|v| (v, Occurrence::Missing))
                .collect(),
            seen: DigestSet::default(),
            unexpected: 0,
            named: Vec::new(),
        }
    }

    pub(super) fn column(&self) -> &str {
        &self.column
    }

    /// Looks at one batch.
    ///
    /// Errors: `Query` for a missing column, or a type without row form.
    pub fn first_pass(&mut self, batch: &RecordBatch, kept: Considered<'_>) -> Result<()> {
        let keys = keys(&mut self.encoder, &self.column, batch)?;
        let array = super::column(batch, &self.column)?;
        for row in (0..batch.num_rows()).filter(|r| kept.row(*r) && !keys.null[*r]) {
            if self.seen.insert(keys.digests[row])
                && let Some(value) = scalar_at(array, row)
            {
                self.value(one_zero(value));
            }
        }
        Ok(())
    }

    fn value(&mut self, value: Scalar) {
        let found = self
            .expected
            .binary_search_by(|(wanted, _)| wanted.order(&value));
        if let Ok(at) = found {
            self.expected[at].1 = Occurrence::Seen;
            return;
        }
        self.unexpected += 1;
        let at = self.named.partition_point(|v| v.order(&value).is_lt());
        self.named.insert(at, value);
        self.named.truncate(NAMED);
    }

    /// Number of distinct values that are not expected.
    #[must_use]
    pub fn unexpected(&self) -> u64 {
        self.unexpected
    }

    /// The least unexpected values in ascending order, at most 20.
    #[must_use]
    pub fn named(&self) -> &[Scalar] {
        &self.named
    }

    /// Expected values that do not occur, in ascending order.
    #[must_use]
    pub fn missing(&self) -> Vec<&Scalar> {
        self.expected
            .iter()
            .filter(|(_, o)| *o == Occurrence::Missing)
            .map(|(v, _)| v)
            .collect()
    }
}

fn keys(encoder: &mut Encoder, column: &str, batch: &RecordBatch) -> Result<Keys> {
    let columns = select(batch, &[column.to_owned()])?;
    encoder
        .encode(&columns, batch.num_rows())
        .map_err(|e| query(format!("column `{column}`"), e))
}

/// One zero and one NaN, so that the name of a value does not depend on which came first.
fn one_zero(value: Scalar) -> Scalar {
    match value {
        Scalar::Float(v) if v.is_nan() => Scalar::Float(f64::NAN),
        Scalar::Float(v) => Scalar::Float(v + 0.0),
        other => other,
    }
}
