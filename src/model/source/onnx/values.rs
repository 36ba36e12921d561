//! Columns as a model's inputs, and its outputs as columns.

use super::Nulls;
use super::graph::{Output, Port};
use crate::model::table::Column;
use std::collections::HashMap;
use std::ops::Range;
use tract_onnx::tract_hir::internal::{Datum, DatumType, IntoTensor, Tensor};
use tract_onnx::tract_hir::tract_ndarray::ArrayD;

/// Columns of one output at most.
const WIDEST: usize = 10_000;

/// Values of a column of predictions.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cells {
    Booleans(Vec<bool>),
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

impl Cells {
    /// Adds those of later rows, which are of the same kind.
    pub(super) fn extend(&mut self, more: Self) {
        match (self, more) {
            (Self::Booleans(all), Self::Booleans(more)) => all.extend(more),
            (Self::Integers(all), Self::Integers(more)) => all.extend(more),
            (Self::Numbers(all), Self::Numbers(more)) => all.extend(more),
            (Self::Texts(all), Self::Texts(more)) => all.extend(more),
            _ => unreachable!("an output is of one type in every run"),
        }
    }
}

impl From<Cells> for Column {
    fn from(cells: Cells) -> Self {
        match cells {
            Cells::Booleans(values) => Self::Booleans(values.into_iter().map(Some).collect()),
            Cells::Integers(values) => Self::Integers(values.into_iter().map(Some).collect()),
            Cells::Numbers(values) => Self::Numbers(values.into_iter().map(Some).collect()),
            Cells::Texts(values) => {
                let mut known: HashMap<String, u32> = HashMap::new();
                let (mut codes, mut words) = (Vec::new(), Vec::new());
                for text in values {
                    let next = u32::try_from(words.len()).expect("fewer texts than rows in memory");
                    let code = *known.entry(text).or_insert_with_key(|text| {
                        words.push(text.clone());
                        next
                    });
                    codes.push(Some(code));
                }
                Self::Texts { codes, words }
            }
        }
    }
}

/// What is given for one input: rows times columns, filled up to the shape with the last row.
///
/// Errors: in words, the row and column of a value that the input cannot hold.
pub(super) fn input(
    port: &Port,
    columns: &[(&str, &Column)],
    rows: Range<usize>,
    shape: &[usize],
    nulls: Nulls,
) -> Result<Tensor, String> {
    match port.element {
        DatumType::F32 => filled(columns, rows, shape, |c, r| single(c, r, nulls)),
        DatumType::F64 => filled(columns, rows, shape, |c, r| number(c, r, nulls)),
        DatumType::I64 => filled(columns, rows, shape, whole),
        DatumType::I32 => filled(columns, rows, shape, |c, r| {
            let value = whole(c, r)?;
            i32::try_from(value).map_err(|_| format!("{value} is beyond 32 bits"))
        }),
        DatumType::Bool => filled(columns, rows, shape, truth),
        DatumType::String => filled(columns, rows, shape, text),
        other => Err(format!(
            "the input `{}` is of type {other:?}; columns become float32, float64, int64, int32, boolean and string",
            port.name
        )),
    }
}

fn filled<T: Datum>(
    columns: &[(&str, &Column)],
    rows: Range<usize>,
    shape: &[usize],
    value: impl Fn(&Column, usize) -> Result<T, String>,
) -> Result<Tensor, String> {
    let mut values = Vec::with_capacity(shape.iter().product());
    let last = rows.end - 1;
    for place in 0..shape[0] {
        let row = (rows.start + place).min(last);
        for (name, column) in columns {
            let value = value(column, row);
            values.push(value.map_err(|why| format!("row {}, column `{name}`: {why}", row + 1))?);
        }
    }
    let array = ArrayD::from_shape_vec(shape, values);
    Ok(array.map_err(|e| e.to_string())?.into_tensor())
}

const NO_NULL: &str = "null, which this input cannot hold";

/// A 64-bit number; null and NaN as they are wanted.
fn number(column: &Column, row: usize, nulls: Nulls) -> Result<f64, String> {
    if matches!(column, Column::Texts { .. }) {
        return Err("a text, and the input takes numbers".to_owned());
    }
    match (column.number(row).filter(|v| !v.is_nan()), nulls) {
        (Some(value), _) => Ok(value),
        (None, Nulls::Nan) => Ok(f64::NAN),
        (None, Nulls::Refuse) => Err(
            "null or NaN; `nulls: nan` gives NaN to a model that knows what it means".to_owned(),
        ),
    }
}

/// The nearest 32-bit number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "models of float32 are given the nearest"
)]
fn single(column: &Column, row: usize, nulls: Nulls) -> Result<f32, String> {
    let value = number(column, row, nulls)?;
    let single = value as f32;
    if single.is_infinite() && value.is_finite() {
        return Err(format!("{value} is beyond float32"));
    }
    Ok(single)
}

fn whole(column: &Column, row: usize) -> Result<i64, String> {
    match column {
        Column::Booleans(values) => values[row].map(i64::from).ok_or_else(|| NO_NULL.to_owned()),
        Column::Integers(values) => values[row].ok_or_else(|| NO_NULL.to_owned()),
        Column::Numbers(values) => {
            let value = values[row].ok_or(NO_NULL)?;
            whole_of(value).ok_or_else(|| format!("{value} is no whole number"))
        }
        Column::Texts { .. } => Err("a text, and the input takes whole numbers".to_owned()),
    }
}

/// The same as a whole number, where it is one.
#[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
fn whole_of(value: f64) -> Option<i64> {
    (value.trunc() == value && value.abs() <= 9_007_199_254_740_992.0).then_some(value as i64)
}

fn truth(column: &Column, row: usize) -> Result<bool, String> {
    match column {
        Column::Booleans(values) => values[row].ok_or_else(|| NO_NULL.to_owned()),
        _ => Err("no truth value, and the input takes true and false".to_owned()),
    }
}

fn text(column: &Column, row: usize) -> Result<String, String> {
    match column {
        Column::Texts { .. } => column.text(row).ok_or_else(|| NO_NULL.to_owned()),
        _ => Err("no text, and the input takes texts".to_owned()),
    }
}

/// The columns of an output that are wanted.
///
/// Errors: in words, for a shape that is not a row for each row, and a prediction that is NaN or infinite.
pub(super) fn output(
    output: &Output,
    tensor: &Tensor,
    rows: Range<usize>,
    size: usize,
) -> Result<Vec<(String, Cells)>, String> {
    let shape = tensor.shape();
    let wide: usize = shape.iter().skip(1).product();
    let flat = shape.iter().skip(1).filter(|s| **s != 1).count() <= 1;
    if shape.first() != Some(&size) || wide == 0 || wide > WIDEST || !flat {
        return Err(format!(
            "its output `{}` has the shape {shape:?} for {size} rows; each row has a value or a list of them",
            output.name
        ));
    }
    if let Some(classes) = output.classes.as_ref().filter(|c| c.len() != wide) {
        return Err(format!(
            "its output `{}` maps {} classes to {wide} values",
            output.name,
            classes.len()
        ));
    }
    let names: Vec<String> = (0..wide).map(|place| name(output, place, wide)).collect();
    let mut columns = Vec::new();
    for column in &output.columns {
        let Some(place) = names.iter().position(|n| n == column) else {
            let all = names.iter().map(String::as_str);
            let told = crate::diagnostic::listing("columns", column, all);
            return Err(format!(
                "its output `{}` has no column `{column}`; {told}",
                output.name
            ));
        };
        let cells = cells(tensor, place, wide, rows.len());
        let cells = cells.map_err(|e| format!("its output `{}` {e}", output.name))?;
        proper(&cells, column, rows.start)?;
        columns.push((column.clone(), cells));
    }
    Ok(columns)
}

/// What a column of an output is called.
fn name(output: &Output, place: usize, wide: usize) -> String {
    match &output.classes {
        Some(classes) => format!("{}.{}", output.name, classes[place]),
        None if wide == 1 => output.name.clone(),
        None => format!("{}.{place}", output.name),
    }
}

/// Every `wide`th value from `place` on, of the first `rows` rows.
fn cells(tensor: &Tensor, place: usize, wide: usize, rows: usize) -> Result<Cells, String> {
    fn of<T: Datum + Clone>(
        tensor: &Tensor,
        place: usize,
        wide: usize,
        rows: usize,
    ) -> Result<Vec<T>, String> {
        let view = tensor
            .to_plain_array_view::<T>()
            .map_err(|e| format!("cannot be read: {e}"))?;
        Ok(view
            .iter()
            .skip(place)
            .step_by(wide)
            .take(rows)
            .cloned()
            .collect())
    }
    let cast = |to: DatumType| {
        tensor
            .cast_to_dt(to)
            .map_err(|e| format!("cannot be read: {e}"))
    };
    match tensor.datum_type() {
        DatumType::F64 => of(tensor, place, wide, rows).map(Cells::Numbers),
        DatumType::F32 | DatumType::F16 => {
            of(cast(DatumType::F64)?.as_ref(), place, wide, rows).map(Cells::Numbers)
        }
        DatumType::I64 => of(tensor, place, wide, rows).map(Cells::Integers),
        DatumType::I8
        | DatumType::I16
        | DatumType::I32
        | DatumType::U8
        | DatumType::U16
        | DatumType::U32
        | DatumType::TDim => {
            of(cast(DatumType::I64)?.as_ref(), place, wide, rows).map(Cells::Integers)
        }
        DatumType::Bool => of(tensor, place, wide, rows).map(Cells::Booleans),
        DatumType::String => of(tensor, place, wide, rows).map(Cells::Texts),
        other => Err(format!("is of type {other:?}, of which no column can be")),
    }
}

/// Whether every number is one.
fn proper(cells: &Cells, name: &str, start: usize) -> Result<(), String> {
    let Cells::Numbers(values) = cells else {
        return Ok(());
    };
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(row) => {
            let what = if values[row].is_nan() {
                "NaN"
            } else {
                "infinite"
            };
            Err(format!(
                "its prediction `{name}` of row {} is {what}",
                start + row + 1
            ))
        }
    }
}
