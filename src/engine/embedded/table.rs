//! Columns of a dataset as plain vectors, for predictions and for features that are sent to an endpoint; and numbers that
//! expressions give of them.

use super::relational::RowValue;
use super::source::Dataset;
use super::value::scalar_at;
use crate::error::{Error, Result};
use crate::model::table::{Column, Table};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// Rows that fit into memory as plain columns, at most.
pub const MOST_ROWS: usize = 100_000_000;

/// Reads `columns` of a dataset, in that order, rows in file order.
///
/// Whole numbers of at most 64 signed bits stay whole, floating point and decimals become 64-bit floats, everything else
/// becomes the text that reports show of it. Nulls stay nulls, NaN stays NaN.
/// Errors: [`Error::Data`] for a column that is not there, for unsigned numbers beyond 2^63, for lists, structs and maps,
/// for more than [`MOST_ROWS`] rows, and for what cannot be read; [`Error::Interrupted`].
pub fn load(dataset: &Dataset, columns: &[String], name: &str) -> Result<Table> {
    let mut builders = Vec::new();
    for column in columns {
        let Some(dtype) = dataset.canonical_type(column) else {
            let known = dataset.columns().iter().map(|f| f.name.as_str());
            let help = crate::diagnostic::listing("columns", column, known);
            let reason = format!("there is no column `{column}`; {help}");
            return Err(Error::data("read predictions of", name, reason));
        };
        let builder = Builder::of(&dtype).ok_or_else(|| {
            let reason =
                format!("column `{column}` is {dtype}, which is neither a number nor text");
            Error::data("read predictions of", name, reason)
        })?;
        builders.push(builder);
    }
    let mut rows = 0;
    dataset.scan(columns, &mut |batch| {
        rows += batch.num_rows();
        if rows > MOST_ROWS {
            let reason = format!("more than {MOST_ROWS} rows do not fit into memory");
            return Err(Error::data("read predictions of", name, reason));
        }
        for ((builder, array), column) in builders.iter_mut().zip(batch.columns()).zip(columns) {
            builder.add(array).map_err(|reason| {
                Error::data(
                    "read predictions of",
                    name,
                    format!("column `{column}`: {reason}"),
                )
            })?;
        }
        Ok(())
    })?;
    let columns = columns.iter().cloned();
    Ok(Table {
        rows,
        columns: columns
            .zip(builders.into_iter().map(|b| b.column))
            .collect(),
    })
}

/// Columns that an expression over one row reads, in order of first use.
///
/// Errors: one line that says why the text is not one expression over one row.
pub fn columns_of(expression: &str) -> std::result::Result<Vec<String>, String> {
    RowValue::parse(expression).map(|value| value.columns().to_vec())
}

/// The number that an expression gives of each row; true is 1 and false 0, null has none.
///
/// Shape: one number per row of the table. Texts, and what was read as text (dates and times among it), are text here.
/// Errors: one line: no expression over one row, a column that is not there, types that do not fit, an answer that is no
/// number, a cast that fails.
pub fn row_values(
    table: &Table,
    expression: &str,
) -> std::result::Result<Vec<Option<f64>>, String> {
    let value = RowValue::parse(expression)?;
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for name in value.columns() {
        let Some(column) = table.column(name) else {
            let known = table.columns.iter().map(|(n, _)| n.as_str());
            let help = crate::diagnostic::listing("columns", name, known);
            return Err(format!("there is no column `{name}`; {help}"));
        };
        let array = array(column);
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(table.rows));
    let schema = Arc::new(Schema::new(fields));
    let batch =
        RecordBatch::try_new_with_options(schema, arrays, &options).map_err(|e| e.to_string())?;
    value.of(&batch)
}

fn array(column: &Column) -> ArrayRef {
    match column {
        Column::Booleans(values) => Arc::new(BooleanArray::from(values.clone())),
        Column::Integers(values) => Arc::new(Int64Array::from(values.clone())),
        Column::Numbers(values) => Arc::new(Float64Array::from(values.clone())),
        Column::Texts { codes, words } => {
            let texts = codes.iter().map(|c| c.map(|c| words[c as usize].as_str()));
            Arc::new(texts.collect::<StringArray>())
        }
    }
}

struct Builder {
    column: Column,
    places: HashMap<String, u32>,
}

impl Builder {
    fn of(dtype: &DataType) -> Option<Self> {
        use DataType as T;
        let column = match dtype {
            T::Boolean => Column::Booleans(Vec::new()),
            whole if whole.is_integer() => Column::Integers(Vec::new()),
            number if number.is_numeric() => Column::Numbers(Vec::new()),
            nested if nested.is_nested() => return None,
            _ => Column::Texts {
                codes: Vec::new(),
                words: Vec::new(),
            },
        };
        let places = HashMap::new();
        Some(Self { column, places })
    }

    fn add(&mut self, array: &ArrayRef) -> std::result::Result<(), String> {
        let wide = |to: DataType| cast(array, &to).map_err(|e| e.to_string());
        match &mut self.column {
            Column::Booleans(values) => values.extend(array.as_boolean().iter()),
            Column::Integers(values) => {
                let wide = wide(DataType::Int64)?;
                if wide.null_count() != array.null_count() {
                    return Err("a whole number beyond 9,223,372,036,854,775,807".to_owned());
                }
                values.extend(wide.as_primitive::<Int64Type>().iter());
            }
            Column::Numbers(values) => {
                values.extend(
                    wide(DataType::Float64)?
                        .as_primitive::<Float64Type>()
                        .iter(),
                );
            }
            Column::Texts { codes, words } => {
                for row in 0..array.len() {
                    let Some(value) = scalar_at(array, row) else {
                        codes.push(None);
                        continue;
                    };
                    let text = value.to_string();
                    let code = if let Some(code) = self.places.get(&text) {
                        *code
                    } else {
                        let code = u32::try_from(words.len()).map_err(|_| "too many texts")?;
                        words.push(text.clone());
                        self.places.insert(text, code);
                        code
                    };
                    codes.push(Some(code));
                }
            }
        }
        Ok(())
    }
}
