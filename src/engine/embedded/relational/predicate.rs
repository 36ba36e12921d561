//! One boolean SQL expression over the rows of a dataset.

use super::convert::{Frame, mask, type_word};
use super::fit::fit;
use super::scan::{Token, scan};
use super::words::{Purpose, allowed};
use super::{guarded, query_error};
use crate::diagnostic::listing;
use crate::error::{Error, Result};
use crate::types::Field;
use arrow::array::BooleanArray;
use polars::prelude as pl;
use polars::prelude::{DataType, Expr, IntoLazy};

/// A condition on one row, written in SQL; a row of which it is true is a failing row.
///
/// Nulls: unknown is not true, so a row whose condition is null does not fail.
#[derive(Clone)]
pub struct Predicate {
    sql: String,
    columns: Vec<String>,
    expr: Expr,
}

impl Predicate {
    /// Reads exactly one expression.
    ///
    /// Errors: one line that says why the text is not one condition on one row.
    pub fn parse(sql: &str) -> std::result::Result<Self, String> {
        let tokens = scan(sql)?;
        allowed(&tokens, Purpose::Predicate)?;
        let expr = expression(sql, &tokens)?;
        one_row(&expr)?;
        Ok(Self {
            sql: sql.to_owned(),
            columns: columns(&expr, &tokens),
            expr,
        })
    }

    /// Columns it reads, in order of first use.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The text it was read from.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Whether it can be asked of rows with these columns: the names exist, the types fit, the answer is true or false.
    ///
    /// Errors: one line that names the column or the types.
    pub fn check(&self, fields: &[Field]) -> std::result::Result<(), String> {
        known(&self.columns, &self.sql, fields)?;
        // A frame of thousands of columns costs as much for a condition on one as for one on all.
        let read = fields.iter().filter(|f| self.columns.contains(&f.name));
        let read: Vec<Field> = read.cloned().collect();
        let empty = Frame::empty(if read.is_empty() { fields } else { &read });
        Masks::new(&empty, &[self])
            .and_then(|m| m.evaluate(&empty.nulls(1)))
            .map(|_| ())
            .map_err(|reason| with_types(reason, &self.columns, fields))
    }
}

/// Reads one expression without a name of its own.
pub(super) fn expression(sql: &str, tokens: &[Token]) -> std::result::Result<Expr, String> {
    if tokens.is_empty() {
        return Err("the expression is empty".into());
    }
    let expr = guarded(|| polars::sql::sql_expr(sql))?;
    for node in &expr {
        match node {
            Expr::Alias(..) => {
                return Err("the expression must not be given a name (`AS ..`)".into());
            }
            Expr::Selector(_) => {
                return Err("a column called `*` or `^..$` cannot be used in an expression".into());
            }
            Expr::SubPlan(..) => return Err("a query inside is not allowed here".into()),
            Expr::Function {
                function: pl::FunctionExpr::StructExpr(_),
                ..
            } => {
                return Err("a name with a dot is one quoted name here: \"a.b\"; fields of nested columns cannot be read".into());
            }
            _ => {}
        }
    }
    Ok(expr)
}

/// The second wall after the list of words: nothing that looks at more than its own row.
pub(super) fn one_row(expr: &Expr) -> std::result::Result<(), String> {
    for node in expr {
        match node {
            Expr::Column(_)
            | Expr::Literal(_)
            | Expr::BinaryExpr { .. }
            | Expr::Cast { .. }
            | Expr::Ternary { .. }
            | Expr::Function { .. } => {}
            Expr::Agg(pl::AggExpr::Implode { input, .. })
                if matches!(**input, Expr::Literal(_)) => {}
            _ => {
                return Err(
                    "a row condition looks at one row at a time; this one needs others".into(),
                );
            }
        }
    }
    Ok(())
}

/// Columns of an expression, in order of first use in its text.
pub(super) fn columns(expr: &Expr, tokens: &[Token]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for node in expr {
        if let Expr::Column(name) = node
            && !names.iter().any(|n| n == name.as_str())
        {
            names.push(name.to_string());
        }
    }
    names.sort_by_cached_key(|name| {
        tokens
            .iter()
            .position(|t| matches!(t, Token::Word(w) | Token::Quoted(w) if w == name))
    });
    names
}

/// Whether every column exists and can be read.
pub(super) fn known(
    columns: &[String],
    sql: &str,
    fields: &[Field],
) -> std::result::Result<(), String> {
    for name in columns {
        match fields.iter().find(|f| f.name == *name) {
            None => {
                let quotes = if sql.contains(&format!("\"{name}\"")) {
                    "; a text takes single quotes"
                } else {
                    ""
                };
                return Err(format!(
                    "there is no column `{name}`; {}{quotes}",
                    listing("columns", name, fields.iter().map(|f| f.name.as_str()))
                ));
            }
            Some(field) if super::convert::readable(&field.dtype).is_none() => {
                return Err(format!(
                    "column `{name}` is {}, which an expression cannot read",
                    field.dtype
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The reason, with the types of the columns that were read.
pub(super) fn with_types(reason: String, columns: &[String], fields: &[Field]) -> String {
    let types: Vec<String> = columns
        .iter()
        .filter_map(|name| fields.iter().find(|f| f.name == *name))
        .take(8)
        .map(|f| format!("`{}` is {}", f.name, f.dtype))
        .collect();
    if types.is_empty() {
        reason
    } else {
        format!("{reason} ({})", types.join(", "))
    }
}

/// Predicates made ready for frames of one schema.
pub struct Masks {
    exprs: Vec<Expr>,
    schema: pl::SchemaRef,
}

/// Types that a column of nulls only may stand for, tried in this order.
const NULL_TYPES: &[DataType] = &[
    DataType::Null,
    DataType::String,
    DataType::Float64,
    DataType::Date,
    DataType::Datetime(pl::TimeUnit::Nanoseconds, None),
    DataType::Boolean,
    DataType::Time,
    DataType::Duration(pl::TimeUnit::Nanoseconds),
    DataType::Binary,
];

impl Masks {
    /// Fits predicates to the columns of a frame.
    ///
    /// Errors: the first reason why one of them does not fit.
    pub fn new(frame: &Frame, predicates: &[&Predicate]) -> std::result::Result<Self, String> {
        let exprs = predicates
            .iter()
            .enumerate()
            .map(|(index, p)| {
                let head = frame.head_of(&p.columns);
                let expr = fitted(&p.expr, &p.columns, &head, &|e| is_condition(e, &head))?;
                Ok(expr.alias(index.to_string()))
            })
            .collect::<std::result::Result<_, String>>()?;
        Ok(Self {
            exprs,
            schema: frame.data.schema().clone(),
        })
    }

    /// Whether a frame has the columns that these predicates were fitted to.
    #[must_use]
    pub fn fits(&self, frame: &Frame) -> bool {
        self.schema == *frame.data.schema()
    }

    /// For each predicate, the rows of which it is true.
    ///
    /// Shape: one mask of `frame.rows()` bits per predicate. Nulls: false.
    /// Errors: a value that cannot be evaluated, or a frame of another schema.
    pub fn evaluate(&self, frame: &Frame) -> std::result::Result<Vec<BooleanArray>, String> {
        if !self.fits(frame) {
            return Err("the columns are not those that the conditions were fitted to".into());
        }
        if self.exprs.is_empty() {
            return Ok(Vec::new());
        }
        let (data, exprs) = (frame.data.clone(), self.exprs.clone());
        let answers = guarded(move || data.lazy().select(exprs).collect())?;
        answers
            .columns()
            .iter()
            .map(|column| mask(column, frame.rows()))
            .collect()
    }
}

/// Whether an expression, fitted to a frame, gives what is wanted.
pub(super) type Accepts<'a> = &'a dyn Fn(&Expr) -> std::result::Result<(), String>;

/// An expression fitted to the columns of a frame; columns of nulls only take a type under which it is accepted.
///
/// Errors: the reason why it does not fit.
pub(super) fn fitted(
    expr: &Expr,
    columns: &[String],
    frame: &Frame,
    accepts: Accepts<'_>,
) -> std::result::Result<Expr, String> {
    let schema = frame.data.schema();
    let nulls: Vec<&String> = columns
        .iter()
        .filter(|name| schema.get(name) == Some(&DataType::Null))
        .collect();
    let mut first = None;
    for stand_in in NULL_TYPES {
        let mut typed = (**schema).clone();
        for name in &nulls {
            typed.insert(name.as_str().into(), stand_in.clone());
        }
        let attempt = guarded(|| fit(expr.clone(), &typed, &frame.zoned)).map(|expr| {
            expr.map_expr(|e| match e {
                Expr::Column(name) if nulls.iter().any(|n| *n == name.as_str()) => {
                    Expr::Column(name).cast(stand_in.clone())
                }
                other => other,
            })
        });
        match attempt.and_then(|expr| accepts(&expr).map(|()| expr)) {
            Ok(expr) => return Ok(expr),
            Err(reason) => {
                first.get_or_insert(reason);
            }
        }
        if nulls.is_empty() {
            break;
        }
    }
    Err(first.unwrap_or_default())
}

fn is_condition(expr: &Expr, empty: &Frame) -> std::result::Result<(), String> {
    let (data, expr) = (empty.data.clone(), expr.clone());
    let answer = guarded(move || data.lazy().select([expr]).collect())?;
    match answer.columns().first().map(pl::Column::dtype) {
        Some(DataType::Boolean) => Ok(()),
        Some(other) => Err(format!(
            "the answer is {}, not true or false",
            type_word(other)
        )),
        None => Err("there is no answer".into()),
    }
}

/// For each predicate, the rows of which it is true, found in one pass.
///
/// Shape: one mask of `frame.rows()` bits per predicate, in the order given. Nulls: false.
/// Errors: [`crate::error::Error::Query`] when a value cannot be evaluated (a failing cast).
pub fn masks(frame: &Frame, predicates: &[&Predicate]) -> Result<Vec<BooleanArray>> {
    Masks::new(frame, predicates)
        .and_then(|m| m.evaluate(frame))
        .map_err(|reason| blame(frame, predicates, reason))
}

/// The error of several predicates, under the name of the first that fails alone.
pub(super) fn blame(frame: &Frame, predicates: &[&Predicate], reason: String) -> Error {
    predicates
        .iter()
        .find_map(|p| {
            let alone = Masks::new(frame, &[p]).and_then(|m| m.evaluate(frame));
            alone
                .err()
                .map(|own| query_error(&format!("`{}`", p.sql), own))
        })
        .unwrap_or_else(|| query_error("row conditions", reason))
}

/// For each predicate, the number of rows of which it is true.
///
/// Errors: as for [`masks`].
pub fn counts(frame: &Frame, predicates: &[&Predicate]) -> Result<Vec<u64>> {
    Ok(masks(frame, predicates)?
        .iter()
        .map(|m| m.true_count() as u64)
        .collect())
}
