//! Rows of the evaluation that the model was trained on.

use crate::model::table::{Column, Table};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Pairs of places that are listed.
pub const EXAMPLES: usize = 5;

/// Rows of the evaluation that are among those of the training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shared {
    /// Rows of the training that could be compared.
    pub training: u64,
    /// Rows of the evaluation that could be compared.
    pub evaluation: u64,
    /// Rows of the evaluation that occur in the training.
    pub shared: u64,
    /// `shared` out of `evaluation`; `None` where nothing could be compared, which is no proof that nothing is shared.
    pub share: Option<f64>,
    /// Rows of either side whose key has a null: they are never the same as another.
    pub without_key: u64,
    /// First places: row of the evaluation and the first such row of the training, both from 0. No values.
    pub examples: Vec<(u64, u64)>,
}

/// A digest of each row over `columns`, in that order; `None` where one of them is absent.
///
/// Each is the first 128 bits of SHA-256 over the values with their kinds: two rows that differ have the same with a
/// chance of 2^-128. A whole number is the same in a column of floats, -0 is 0, every NaN is one. A row with a null is
/// compared too, null with null: two rows may well be the same and lack a value.
#[must_use]
pub fn rows(table: &Table, columns: &[String]) -> Option<Vec<Option<u128>>> {
    digests(table, columns, Nulls::Values)
}

/// A digest of each row's key; a row with a null in its key has none.
#[must_use]
pub fn keys(table: &Table, columns: &[String]) -> Option<Vec<Option<u128>>> {
    digests(table, columns, Nulls::NoKey)
}

/// What a null means.
#[derive(Clone, Copy, PartialEq)]
enum Nulls {
    Values,
    NoKey,
}

fn digests(table: &Table, columns: &[String], nulls: Nulls) -> Option<Vec<Option<u128>>> {
    let found: Option<Vec<&Column>> = columns.iter().map(|name| table.column(name)).collect();
    let found = found.filter(|f| !f.is_empty())?;
    let row = |row: usize| {
        let mut hash = Sha256::new();
        for column in &found {
            if !add(column, row, &mut hash) && nulls == Nulls::NoKey {
                return None;
            }
        }
        let bytes = hash.finalize();
        let mut first = [0; 16];
        first.copy_from_slice(&bytes[..16]);
        Some(u128::from_be_bytes(first))
    };
    Some((0..table.rows).map(row).collect())
}

/// Adds a value with its kind; false for null.
fn add(column: &Column, row: usize, hash: &mut Sha256) -> bool {
    let number = |kind: u8, bytes: [u8; 8], hash: &mut Sha256| {
        hash.update([kind]);
        hash.update(bytes);
    };
    match column {
        Column::Booleans(values) => match values[row] {
            Some(value) => hash.update([1, u8::from(value)]),
            None => hash.update([0]),
        },
        Column::Integers(values) => match values[row] {
            Some(value) => number(2, value.to_le_bytes(), hash),
            None => hash.update([0]),
        },
        Column::Numbers(values) => match values[row] {
            Some(value) => match whole(value) {
                Some(value) => number(2, value.to_le_bytes(), hash),
                None if value.is_nan() => hash.update([4]),
                None => number(3, value.to_bits().to_le_bytes(), hash),
            },
            None => hash.update([0]),
        },
        Column::Texts { codes, words } => match codes[row] {
            Some(code) => {
                let word = words[code as usize].as_bytes();
                number(5, (word.len() as u64).to_le_bytes(), hash);
                hash.update(word);
            }
            None => hash.update([0]),
        },
    }
    !is_null(column, row)
}

fn is_null(column: &Column, row: usize) -> bool {
    match column {
        Column::Booleans(values) => values[row].is_none(),
        Column::Integers(values) => values[row].is_none(),
        Column::Numbers(values) => values[row].is_none(),
        Column::Texts { codes, .. } => codes[row].is_none(),
    }
}

/// The whole number that a float is, where it is one that is exact.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within 2^53: exact"
    )]
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

/// Counts the rows of the evaluation that occur in the training.
#[must_use]
pub fn shared(training: &[Option<u128>], evaluation: &[Option<u128>]) -> Shared {
    let mut first = HashMap::new();
    for (row, digest) in training.iter().enumerate() {
        if let Some(digest) = digest {
            first.entry(*digest).or_insert(row);
        }
    }
    let mut found = Shared {
        training: count(training),
        evaluation: count(evaluation),
        shared: 0,
        share: None,
        without_key: (training.len() + evaluation.len()) as u64
            - count(training)
            - count(evaluation),
        examples: Vec::new(),
    };
    for (row, digest) in evaluation.iter().enumerate() {
        let Some(before) = digest.and_then(|d| first.get(&d)) else {
            continue;
        };
        found.shared += 1;
        if found.examples.len() < EXAMPLES {
            found.examples.push((row as u64, *before as u64));
        }
    }
    let comparable = found.training > 0 && found.evaluation > 0;
    found.share = comparable.then(|| found.shared as f64 / found.evaluation as f64);
    found
}

fn count(digests: &[Option<u128>]) -> u64 {
    digests.iter().flatten().count() as u64
}
