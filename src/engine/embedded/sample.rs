//! Rows for the drift gate: of each side the compared columns as numbers and hashes, of many rows a random part; and the
//! values that rows are parted by.

use super::content;
use super::moments::{micros, seconds};
use super::source::Dataset;
use super::value::scalar_at;
use crate::drift::gate::{Rows, Slicing};
use crate::drift::sample::{NO_MOMENT, Shape, Side, Values, hash};
use crate::error::{Error, Result};
use crate::history::Contents;
use crate::scalar::Scalar;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a side that are compared, at most. Unit: rows; a share of rows is then known to about 0.2 points.
pub const ROWS: u64 = 200_000;

/// Cells of a side that are compared, at most, so that a very wide dataset fits into memory. Unit: 8 bytes each.
pub const CELLS: u64 = 16_000_000;

/// Rows whose contents are counted, about, where there are more. Unit: rows.
const CONTENTS: u64 = 200_000;

/// Rows of `columns` of the reference and of the data under test: all of them, or of many a part chosen by the hash
/// of the row's number. Of the same rows the values of `slices`, which both sides have.
///
/// Shape: columns in the order given, rows in the order of the files. Numbers as 64-bit floats, both zeros as one;
/// texts as hashes; the hash of a row is of its values as they are. Memory: at most [`ROWS`] rows and about [`CELLS`] cells of 8 bytes a side, and 8 bytes a row and
/// slice column with the text of every different value.
/// Errors: [`Error::Data`] when rows cannot be read, [`Error::Interrupted`].
pub fn rows(
    columns: Vec<(String, Shape)>,
    slices: &[String],
    (reference, reference_rows): (&Dataset, u64),
    (current, current_rows): (&Dataset, u64),
) -> Result<Rows> {
    let most = ROWS.min(CELLS / (columns.len() as u64).max(1)).max(1);
    let asked = |rows: u64, salt: u64| Asked {
        columns: &columns,
        kept: (0..columns.len()).collect(),
        slices,
        rows,
        most,
        salt,
        contents: None,
    };
    let before = sampled(reference, asked(reference_rows, 1))?;
    let now = sampled(current, asked(current_rows, 2))?;
    let (parted_before, parted_now) = (before.parted, now.parted);
    let (before, now) = (before.side, now.side);
    let parted = parted_before.into_iter().zip(parted_now);
    let slicing = |(column, (before, mut now)): (&String, (Parted, Parted))| {
        let mut names = before.names;
        names.append(&mut now.names);
        Slicing {
            column: column.clone(),
            reference: before.codes,
            current: now.codes,
            names,
        }
    };
    Ok(Rows {
        reference: before,
        current: now,
        columns,
        slicings: slices.iter().zip(parted).map(slicing).collect(),
    })
}

/// Rows of `columns` of one dataset, `most` of them at most, as [`rows`] takes them of a side; and of more rows than
/// these how often contents are there.
///
/// Shape: only the columns whose positions are in `kept` have values, all of them count in the hashes. Memory: 8 bytes a
/// row and column that is kept, and of about [`CONTENTS`] rows 16 each.
/// Errors: [`Error::Data`] when rows cannot be read, [`Error::Interrupted`].
pub(super) fn alone(
    columns: &[(String, Shape)],
    kept: BTreeSet<usize>,
    dataset: &Dataset,
    (rows, most): (u64, u64),
) -> Result<(Side, Option<Contents>)> {
    let asked = Asked {
        columns,
        kept,
        slices: &[],
        rows,
        most,
        salt: 3,
        contents: (rows > most).then_some(CONTENTS),
    };
    let sampled = sampled(dataset, asked)?;
    Ok((sampled.side, sampled.contents))
}

/// What is wanted of the rows of a dataset.
struct Asked<'a> {
    columns: &'a [(String, Shape)],
    /// Columns whose values are kept, by position; the others only count in the hashes.
    kept: BTreeSet<usize>,
    slices: &'a [String],
    /// Rows that there are.
    rows: u64,
    /// Rows at most.
    most: u64,
    salt: u64,
    /// Rows whose contents are counted, about.
    contents: Option<u64>,
}

/// What was taken of a dataset.
struct Sampled {
    side: Side,
    parted: Vec<Parted>,
    contents: Option<Contents>,
}

/// Values of one side of a column that rows are parted by.
#[derive(Debug, Default)]
struct Parted {
    codes: Vec<u64>,
    names: BTreeMap<u64, String>,
}

fn sampled(dataset: &Dataset, asked: Asked) -> Result<Sampled> {
    let columns = asked.columns.iter();
    let mut names: Vec<String> = columns.map(|(name, _)| name.clone()).collect();
    let mut parted = Vec::new();
    for slice in asked.slices {
        let at = names.iter().position(|n| n == slice).unwrap_or(names.len());
        if at == names.len() {
            names.push(slice.clone());
        }
        parted.push((at, Parted::default()));
    }
    let mut sampler = Sampler::new(asked, parted);
    dataset.scan(&names, &mut |batch| sampler.add(batch))?;
    let side = Side {
        columns: sampler.columns,
        ..sampler.side
    };
    let parted = sampler.parted.into_iter().map(|(_, parted)| parted);
    Ok(Sampled {
        parted: parted.collect(),
        contents: sampler.contents.map(|drawing| Contents {
            rows: side.rows,
            drawn: drawing.drawn,
        }),
        side,
    })
}

/// `most / rows` of all 64-bit numbers.
fn share(most: u64, rows: u64) -> u64 {
    u64::try_from((u128::from(most) << 64) / u128::from(rows)).unwrap_or(u64::MAX)
}

fn empty(shape: Shape) -> Values {
    match shape {
        Shape::Numbers => Values::Numbers(Vec::new()),
        Shape::Texts => Values::Texts(Vec::new()),
        Shape::Moments => Values::Moments(Vec::new()),
        Shape::Presence => Values::Presence(Vec::new()),
    }
}

/// Contents that are counted.
struct Drawing {
    /// Hashes of contents below it are; all where there is none.
    threshold: Option<u64>,
    drawn: BTreeMap<u64, u64>,
}

struct Sampler {
    /// Hashes of row numbers below it are taken; all where there is none.
    threshold: Option<u64>,
    salt: u64,
    kept: BTreeSet<usize>,
    contents: Option<Drawing>,
    columns: Vec<Values>,
    /// Columns that rows are parted by, by position in the batch.
    parted: Vec<(usize, Parted)>,
    side: Side,
    hashes: Vec<u64>,
}

impl Sampler {
    fn new(asked: Asked, parted: Vec<(usize, Parted)>) -> Self {
        let threshold = |most: u64| (asked.rows > most).then(|| share(most, asked.rows));
        let columns = asked.columns.iter();
        Self {
            threshold: threshold(asked.most),
            salt: asked.salt,
            contents: asked.contents.map(|most| Drawing {
                threshold: threshold(most),
                drawn: BTreeMap::new(),
            }),
            columns: columns.map(|(_, shape)| empty(*shape)).collect(),
            kept: asked.kept,
            parted,
            side: Side::default(),
            hashes: Vec::new(),
        }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let start = self.side.rows;
        self.side.rows += batch.num_rows() as u64;
        let number = |row: &usize| hash::finished(hash::with(self.salt, start + *row as u64));
        let taken = |row: &usize| self.threshold.is_none_or(|t| number(row) < t);
        let rows: Vec<usize> = (0..batch.num_rows()).filter(taken).collect();
        self.hashes.clear();
        self.hashes.resize(batch.num_rows(), 0);
        if self.threshold.is_some() {
            let numbers = rows.iter().map(|row| start + *row as u64);
            self.side.positions.extend(numbers);
        }
        let columns = self.columns.iter_mut().zip(batch.columns()).enumerate();
        for (at, (values, array)) in columns {
            let rows: &[usize] = if self.kept.contains(&at) { &rows } else { &[] };
            match values {
                Values::Numbers(list) => numbers(list, array, rows, &mut self.hashes)?,
                Values::Texts(list) => texts(list, array, rows, &mut self.hashes),
                Values::Moments(list) => moments(list, array, rows, &mut self.hashes)?,
                Values::Derived(_) => {}
                Values::Presence(list) => presence(list, array, rows, &mut self.hashes),
            }
        }
        for (at, parted) in &mut self.parted {
            parted.add(batch.column(*at), &rows);
        }
        for hash in &mut self.hashes {
            *hash = hash::finished(*hash);
            self.side.digest = self.side.digest.wrapping_add(u128::from(*hash));
        }
        if let Some(Drawing { threshold, drawn }) = &mut self.contents {
            let below = |hash: &&u64| threshold.is_none_or(|t| **hash < t);
            for hash in self.hashes.iter().filter(below) {
                *drawn.entry(*hash).or_insert(0) += 1;
            }
        }
        self.side
            .hashes
            .extend(rows.iter().map(|row| self.hashes[*row]));
        Ok(())
    }
}

impl Parted {
    /// Adds the values of some rows; 0 for none, NaN among these.
    fn add(&mut self, array: &ArrayRef, rows: &[usize]) {
        for row in rows {
            let text = match scalar_at(array, *row) {
                None => None,
                Some(Scalar::Float(v)) if v.is_nan() => None,
                Some(value) => Some(value.to_string()),
            };
            let code = text.as_deref().map_or(0, hash::text);
            if let Some(text) = text {
                self.names.entry(code).or_insert(text);
            }
            self.codes.push(code);
        }
    }
}

fn numbers(
    list: &mut Vec<f64>,
    array: &ArrayRef,
    rows: &[usize],
    hashes: &mut [u64],
) -> Result<()> {
    let floats = match seconds(array)? {
        Some(seconds) => seconds,
        None => floats(array)?,
    };
    let codes = content::numbers(array, &floats);
    for (hash, code) in hashes.iter_mut().zip(codes) {
        *hash = hash::with(*hash, code);
    }
    list.extend(rows.iter().map(|row| floats[*row]));
    Ok(())
}

/// Numbers as 64-bit floats, both zeros as one; NaN for nulls.
fn floats(array: &ArrayRef) -> Result<Vec<f64>> {
    let floats = cast(array, &DataType::Float64).map_err(|e| Error::data("read", "a column", e))?;
    let floats = floats.as_primitive::<Float64Type>();
    Ok(floats
        .iter()
        .map(|v| v.map_or(f64::NAN, |v| v + 0.0))
        .collect())
}

/// Dates and timestamps in microseconds. A column of nulls has no type, and no moment.
fn moments(
    list: &mut Vec<i64>,
    array: &ArrayRef,
    rows: &[usize],
    hashes: &mut [u64],
) -> Result<()> {
    let moments = if *array.data_type() == DataType::Null {
        vec![None; array.len()]
    } else {
        micros(array)?
    };
    for (hash, moment) in hashes.iter_mut().zip(&moments) {
        *hash = hash::with(*hash, moment.map_or(1, i64::cast_unsigned));
    }
    list.extend(rows.iter().map(|row| moments[*row].unwrap_or(NO_MOMENT)));
    Ok(())
}

fn texts(list: &mut Vec<u64>, array: &ArrayRef, rows: &[usize], hashes: &mut [u64]) {
    let codes: Vec<u64> = match array.data_type() {
        DataType::Utf8 => array
            .as_string::<i32>()
            .iter()
            .map(|t| t.map_or(0, hash::text))
            .collect(),
        _ => (0..array.len())
            .map(|row| scalar_at(array, row).map_or(0, |v| hash::text(&v.to_string())))
            .collect(),
    };
    for (hash, code) in hashes.iter_mut().zip(&codes) {
        *hash = hash::with(*hash, *code);
    }
    list.extend(rows.iter().map(|row| codes[*row]));
}

/// Whether there is a value; in the row's hash it counts by what it is.
fn presence(list: &mut Vec<bool>, array: &ArrayRef, rows: &[usize], hashes: &mut [u64]) {
    for (row, hash) in hashes.iter_mut().enumerate() {
        *hash = hash::with(*hash, content::value(array, row));
    }
    let present = |row: usize| *array.data_type() != DataType::Null && !array.is_null(row);
    list.extend(rows.iter().map(|row| present(*row)));
}

#[cfg(test)]
mod tests {
    use super::{Asked, Sampler};
    use crate::drift::sample::{Shape, Values};
    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use std::sync::Arc;

    /// Adds rows that are `i % different` in each of two columns, in batches of 100.
    fn add(sampler: &mut Sampler, rows: i64, different: i64) {
        for start in (0..rows).step_by(100) {
            let values: Vec<i64> = (start..start + 100).map(|i| i % different).collect();
            let column: ArrayRef = Arc::new(Int64Array::from(values));
            let batch = RecordBatch::try_from_iter([("x", column.clone()), ("y", column)]);
            sampler.add(&batch.unwrap()).unwrap();
        }
    }

    #[test]
    fn columns_that_are_not_kept_count_in_the_hashes_alone() {
        let columns = ["x", "y"].map(|name| (name.to_owned(), Shape::Numbers));
        let of = |kept: &[usize]| {
            let asked = Asked {
                columns: &columns,
                kept: kept.iter().copied().collect(),
                slices: &[],
                rows: 1_000,
                most: 1_000,
                salt: 3,
                contents: None,
            };
            let mut sampler = Sampler::new(asked, Vec::new());
            add(&mut sampler, 1_000, 7);
            sampler
        };
        let (both, one) = (of(&[0, 1]), of(&[1]));
        assert_eq!(both.side.hashes, one.side.hashes);
        assert_eq!(one.columns[0], Values::Numbers(Vec::new()));
        assert_eq!(one.columns[1], both.columns[1]);
        assert!(one.contents.is_none());
    }

    #[test]
    fn contents_are_drawn_with_all_their_rows() {
        let columns = [("x".to_owned(), Shape::Numbers)];
        let asked = Asked {
            columns: &columns,
            kept: [0].into(),
            slices: &[],
            rows: 40_000,
            most: 100,
            salt: 3,
            contents: Some(8_000),
        };
        let mut sampler = Sampler::new(asked, Vec::new());
        add(&mut sampler, 40_000, 10_000);
        let drawn = sampler.contents.unwrap().drawn;
        assert!((1_700..2_300).contains(&drawn.len()), "{}", drawn.len());
        assert!(drawn.values().all(|rows| *rows == 4));
        let hashes = sampler.side.hashes;
        assert!((50..200).contains(&hashes.len()), "{}", hashes.len());
        assert!(hashes.iter().any(|h| drawn.contains_key(h)));
    }
}
