//! Rows for the drift gate: of each side the compared columns as numbers and hashes, of many rows a random part; and the
//! values that rows are parted by.

use super::moments::{micros, seconds};
use super::source::Dataset;
use super::value::scalar_at;
use crate::drift::gate::{Rows, Slicing};
use crate::drift::sample::{NO_MOMENT, Shape, Side, Values, hash};
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use std::collections::BTreeMap;

/// Rows of a side that are compared, at most. Unit: rows; a share of rows is then known to about 0.2 points.
pub const ROWS: u64 = 200_000;

/// Cells of a side that are compared, at most, so that a very wide dataset fits into memory. Unit: 8 bytes each.
pub const CELLS: u64 = 16_000_000;

/// Rows of `columns` of the reference and of the data under test: all of them, or of many a part chosen by the hash
/// of the row's number. Of the same rows the values of `slices`, which both sides have.
///
/// Shape: columns in the order given, rows in the order of the files. Numbers as 64-bit floats, both zeros as one;
/// texts as hashes. Memory: at most [`ROWS`] rows and about [`CELLS`] cells of 8 bytes a side, and 8 bytes a row and
/// slice column with the text of every different value.
/// Errors: [`Error::Data`] when rows cannot be read, [`Error::Interrupted`].
pub fn rows(
    columns: Vec<(String, Shape)>,
    slices: &[String],
    (reference, reference_rows): (&Dataset, u64),
    (current, current_rows): (&Dataset, u64),
) -> Result<Rows> {
    let most = ROWS.min(CELLS / (columns.len() as u64).max(1)).max(1);
    let (before, parted_before) = side(reference, (&columns, slices), (reference_rows, most), 1)?;
    let (now, parted_now) = side(current, (&columns, slices), (current_rows, most), 2)?;
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

/// Rows of `columns` of one dataset, `most` of them at most, as [`rows`] takes them of a side.
///
/// Errors: [`Error::Data`] when rows cannot be read, [`Error::Interrupted`].
pub(super) fn alone(
    columns: &[(String, Shape)],
    dataset: &Dataset,
    rows: u64,
    most: u64,
) -> Result<Side> {
    Ok(side(dataset, (columns, &[]), (rows, most), 3)?.0)
}

/// Values of one side of a column that rows are parted by.
#[derive(Debug, Default)]
struct Parted {
    codes: Vec<u64>,
    names: BTreeMap<u64, String>,
}

fn side(
    dataset: &Dataset,
    (columns, slices): (&[(String, Shape)], &[String]),
    (rows, most): (u64, u64),
    salt: u64,
) -> Result<(Side, Vec<Parted>)> {
    let mut names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let mut parted = Vec::new();
    for slice in slices {
        let at = names.iter().position(|n| n == slice).unwrap_or(names.len());
        if at == names.len() {
            names.push(slice.clone());
        }
        parted.push((at, Parted::default()));
    }
    let mut sampler = Sampler {
        threshold: (rows > most).then(|| share(most, rows)),
        salt,
        columns: columns.iter().map(|(_, shape)| empty(*shape)).collect(),
        parted,
        side: Side::default(),
        hashes: Vec::new(),
    };
    dataset.scan(&names, &mut |batch| sampler.add(batch))?;
    let side = Side {
        columns: sampler.columns,
        ..sampler.side
    };
    let parted = sampler.parted.into_iter().map(|(_, parted)| parted);
    Ok((side, parted.collect()))
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

struct Sampler {
    /// Hashes of row numbers below it are taken; all where there is none.
    threshold: Option<u64>,
    salt: u64,
    columns: Vec<Values>,
    /// Columns that rows are parted by, by position in the batch.
    parted: Vec<(usize, Parted)>,
    side: Side,
    hashes: Vec<u64>,
}

impl Sampler {
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
        for (values, array) in self.columns.iter_mut().zip(batch.columns()) {
            match values {
                Values::Numbers(list) => numbers(list, array, &rows, &mut self.hashes)?,
                Values::Texts(list) => texts(list, array, &rows, &mut self.hashes),
                Values::Moments(list) => moments(list, array, &rows, &mut self.hashes)?,
                Values::Derived(_) => {}
                Values::Presence(list) => presence(list, array, &rows, &mut self.hashes),
            }
        }
        for (at, parted) in &mut self.parted {
            parted.add(batch.column(*at), &rows);
        }
        for hash in &mut self.hashes {
            *hash = hash::finished(*hash);
            self.side.digest = self.side.digest.wrapping_add(u128::from(*hash));
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
    let value = |row: usize| floats[row];
    for (row, hash) in hashes.iter_mut().enumerate() {
        let value = value(row);
        *hash = hash::with(*hash, if value.is_nan() { 1 } else { value.to_bits() });
    }
    list.extend(rows.iter().map(|row| value(*row)));
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

/// Whether there is a value; moments and the like count in the row's hash, nested values only by being there.
fn presence(list: &mut Vec<bool>, array: &ArrayRef, rows: &[usize], hashes: &mut [u64]) {
    let present = |row: usize| *array.data_type() != DataType::Null && !array.is_null(row);
    for (row, hash) in hashes.iter_mut().enumerate() {
        let plain = present(row) && !array.data_type().is_nested();
        let value = plain.then(|| scalar_at(array, row)).flatten();
        let code = value.map_or(u64::from(present(row)), |v| hash::text(&v.to_string()));
        *hash = hash::with(*hash, code);
    }
    list.extend(rows.iter().map(|row| present(*row)));
}
