//! A number for each row, written in SQL.

use super::convert::{Frame, frame_of, type_word};
use super::guarded;
use super::predicate::{columns, expression, fitted, one_row};
use super::scan::scan;
use super::words::{Purpose, allowed};
use arrow::array::RecordBatch;
use polars::prelude as pl;
use polars::prelude::{DataType, Expr, IntoLazy};

/// An expression over one row whose answer is a number, or true and false, which count as 1 and 0.
#[derive(Clone)]
pub struct RowValue {
    columns: Vec<String>,
    expr: Expr,
}

impl RowValue {
    /// Reads exactly one expression.
    ///
    /// Errors: one line that says why the text is not one expression over one row.
    pub fn parse(sql: &str) -> Result<Self, String> {
        let tokens = scan(sql)?;
        allowed(&tokens, Purpose::Predicate)?;
        let expr = expression(sql, &tokens)?;
        one_row(&expr)?;
        Ok(Self {
            columns: columns(&expr, &tokens),
            expr,
        })
    }

    /// Columns it reads, in order of first use.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of each row of a batch; null where it has none.
    ///
    /// Errors: one line: the types do not fit, the answer is no number, a cast fails.
    pub fn of(&self, batch: &RecordBatch) -> Result<Vec<Option<f64>>, String> {
        let frame = frame_of(batch, &self.columns).map_err(|e| e.to_string())?;
        let head = frame.head_of(&self.columns);
        let expr = fitted(&self.expr, &self.columns, &head, &|e| is_number(e, &head))?;
        let rows = frame.rows();
        let data = frame.data.lazy();
        let number = expr.cast(DataType::Float64).alias("0");
        let answers = guarded(move || data.select([number]).collect())?;
        let column = answers.columns().first().ok_or("there is no answer")?;
        let numbers = guarded(|| Ok(column.as_materialized_series().f64()?.clone()))?;
        let values: Vec<Option<f64>> = numbers.iter().collect();
        // An expression of literals alone has one value for all rows.
        Ok(match values.as_slice() {
            [one] if rows != 1 => vec![*one; rows],
            _ => values,
        })
    }
}

fn is_number(expr: &Expr, empty: &Frame) -> Result<(), String> {
    let (data, expr) = (empty.data.clone(), expr.clone());
    let answer = guarded(move || data.lazy().select([expr]).collect())?;
    match answer.columns().first().map(pl::Column::dtype) {
        Some(dtype) if dtype.is_primitive_numeric() || dtype.is_decimal() => Ok(()),
        Some(DataType::Boolean) => Ok(()),
        Some(other) => Err(format!("the answer is {}, not a number", type_word(other))),
        None => Err("there is no answer".into()),
    }
}
