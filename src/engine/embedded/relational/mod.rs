//! Row predicates in SQL, run by polars over Arrow batches without copying. The only module that names polars.

mod convert;

use crate::context::check_interrupt;
use crate::error::{Error, Result};
use crate::types::Field;
use arrow::array::{BooleanArray, RecordBatch};
use polars::prelude::{DataFrame, DataType, Expr, IntoLazy};

/// Refuses text that is not exactly one expression: unbalanced brackets or quotes, `;`, comments, subqueries.
fn one_expression(sql: &str) -> std::result::Result<(), String> {
    let mut depth = 0i32;
    let mut quote = None;
    let mut bare = String::new();
    for c in sql.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth < 0 {
                    return Err("a bracket closes that was never opened".to_owned());
                }
            }
            (None, ';') => return Err("`;` is not allowed: write one expression".to_owned()),
            (None, _) => {}
        }
        if quote.is_none() {
            bare.push(c);
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".to_owned());
    }
    if depth != 0 {
        return Err("a bracket is not closed".to_owned());
    }
    if bare.contains("--") || bare.contains("/*") {
        return Err("comments are not allowed in an expression".to_owned());
    }
    let words: Vec<String> = bare
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .map(str::to_lowercase)
        .collect();
    match words
        .iter()
        .find(|w| ["select", "over", "from"].contains(&w.as_str()))
    {
        Some(word) => Err(format!(
            "`{word}` is not allowed: write one expression over the columns of a row"
        )),
        None => Ok(()),
    }
}

fn parse(sql: &str) -> std::result::Result<Expr, String> {
    one_expression(sql)?;
    polars::sql::sql_expr(sql).map_err(|e| one_line(&e.to_string()))
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

/// Checks that `sql` is one boolean expression over these columns, by running it on no rows.
///
/// Errors: the reason in one line.
pub fn check_predicate(sql: &str, fields: &[Field]) -> std::result::Result<(), String> {
    let expression = parse(sql)?;
    let wanted = columns_of(&expression);
    for name in &wanted {
        if !fields.iter().any(|f| f.name == *name) {
            return Err(crate::diagnostic::listing(
                &format!("no column `{name}`; columns"),
                name,
                fields.iter().map(|f| f.name.as_str()),
            ));
        }
    }
    let empty = convert::empty_frame(fields, &wanted)?;
    // One row of nulls as well: some functions look at their arguments only when there is a row.
    let result = empty
        .lazy()
        .select([expression.alias("r")])
        .collect()
        .map_err(|e| one_line(&e.to_string()))?;
    let dtype = result.columns().first().map(|c| c.dtype().clone());
    match dtype {
        Some(DataType::Boolean | DataType::Null) => Ok(()),
        Some(other) => Err(format!(
            "the expression is {other}, it must be true or false"
        )),
        None => Err("the expression gives nothing".to_owned()),
    }
}

/// Columns that a predicate reads, in order of first use; empty when it does not parse.
#[must_use]
pub fn predicate_columns(sql: &str) -> Vec<String> {
    parse(sql).map(|e| columns_of(&e)).unwrap_or_default()
}

fn columns_of(expression: &Expr) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for node in expression {
        if let Expr::Column(name) = node
            && !names.iter().any(|n| n == name.as_str())
        {
            names.push(name.to_string());
        }
    }
    names.reverse();
    names
}

/// Predicates ready to run.
pub struct Predicates {
    expressions: Vec<Expr>,
}

impl Predicates {
    /// No predicate.
    #[must_use]
    pub fn none() -> Self {
        Self {
            expressions: Vec::new(),
        }
    }

    /// Parses predicates that the plan has checked.
    ///
    /// Errors: [`Error::Query`] when one does not parse.
    pub fn new(sql: &[String]) -> Result<Self> {
        let expressions = sql
            .iter()
            .enumerate()
            .map(|(i, sql)| {
                parse(sql)
                    .map(|e| e.alias(format!("p{i}")))
                    .map_err(|reason| Error::Query {
                        what: sql.clone(),
                        reason,
                    })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { expressions })
    }

    /// One mask per predicate: true where it is true; null counts as false.
    ///
    /// Errors: [`Error::Query`] when polars cannot evaluate, [`Error::Interrupted`].
    pub fn masks(&self, batch: &RecordBatch) -> Result<Vec<BooleanArray>> {
        check_interrupt()?;
        if self.expressions.is_empty() {
            return Ok(Vec::new());
        }
        let frame = convert::frame(batch)?;
        let height = frame.height();
        let result: DataFrame = frame
            .lazy()
            .select(self.expressions.clone())
            .collect()
            .map_err(|e| Error::Query {
                what: "row predicates".to_owned(),
                reason: one_line(&e.to_string()),
            })?;
        result
            .columns()
            .iter()
            .map(|column| {
                let series = column.as_materialized_series();
                if *series.dtype() == DataType::Null {
                    return Ok(BooleanArray::from(vec![false; height]));
                }
                let mask = series.bool().map_err(|e| Error::Query {
                    what: "row predicates".to_owned(),
                    reason: one_line(&e.to_string()),
                })?;
                let mut values: Vec<bool> = mask.iter().map(|v| v.unwrap_or(false)).collect();
                if values.len() == 1 && height != 1 {
                    values = vec![values[0]; height];
                }
                Ok(BooleanArray::from(values))
            })
            .collect()
    }
}
