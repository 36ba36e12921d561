//! Aggregate values and group queries over whole datasets.

use super::convert::{Frame, Zoned, scalar, type_word};
use super::fit::fit;
use super::plan::exact;
use super::predicate::{columns, expression, fitted, known, with_types};
use super::scan::{Token, scan};
use super::words::{Purpose, allowed};
use super::{guarded, query_error};
use crate::diagnostic::listing;
use crate::error::Result;
use crate::scalar::Scalar;
use crate::types::Field;
use polars::prelude as pl;
use polars::prelude::{DataFrame, Expr, IntoLazy};

/// The name under which a query reads the dataset that its expectation belongs to.
pub const DATA: &str = "data";

/// One aggregate expression over a dataset, or one `SELECT` over it and others.
pub struct Query {
    sql: String,
    tokens: Vec<Token>,
    tables: Vec<String>,
    value: Option<Expr>,
}

/// What a query found.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The value of an aggregate expression; `None` when it is null.
    Value(Option<Scalar>),
    /// The rows of a `SELECT`.
    Groups(Groups),
}

/// Rows of a group query.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// Number of rows.
    pub count: u64,
    /// The first of them, sorted by their columns from left to right, nulls last: names and values.
    pub rows: Vec<Vec<(String, Option<Scalar>)>>,
}

impl Query {
    /// Reads one aggregate expression over the dataset.
    ///
    /// Errors: one line that says why it is not one.
    pub fn parse_value(sql: &str) -> std::result::Result<Self, String> {
        let tokens = scan(sql)?;
        allowed(&tokens, Purpose::Value)?;
        let expr = expression(sql, &tokens)?;
        if (&expr)
            .into_iter()
            .any(|e| matches!(e, Expr::Over { .. } | Expr::Explode { .. }))
        {
            return Err("window functions are not allowed here".into());
        }
        Ok(Self {
            sql: sql.to_owned(),
            tokens,
            tables: vec![DATA.to_owned()],
            value: Some(expr),
        })
    }

    /// Reads one `SELECT` over the dataset, called `data`, and other datasets by their names; one row per failing group.
    ///
    /// Errors: one line that says what is not allowed.
    pub fn parse_groups(sql: &str) -> std::result::Result<Self, String> {
        let tokens = scan(sql)?;
        allowed(&tokens, Purpose::Groups)?;
        let starts = |word: &str| matches!(tokens.first(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        if !starts("select") && !starts("with") {
            return Err("a group query is one SELECT".into());
        }
        no_order(&tokens)?;
        let named = guarded(|| polars::sql::extract_table_identifiers(sql, true, true))?;
        let tables = named
            .into_iter()
            .map(|name| name.trim_matches(['"', '`']).to_owned())
            .filter(|name| !defined_within(&tokens, name))
            .collect();
        Ok(Self {
            sql: sql.to_owned(),
            tokens,
            tables,
            value: None,
        })
    }

    /// Datasets it reads, by name, in order of first use.
    #[must_use]
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// The text it was read from.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Columns of a dataset with these fields that it may read, in file order; all of them after `SELECT *`.
    #[must_use]
    pub fn columns_of(&self, fields: &[Field]) -> Vec<String> {
        fields
            .iter()
            .filter(|f| super::convert::readable(&f.dtype).is_some() && self.names(&f.name))
            .map(|f| f.name.clone())
            .collect()
    }

    /// Whether it can be run over datasets with these columns.
    ///
    /// Errors: one line that names the dataset, the column or the types.
    pub fn check(&self, tables: &[(&str, &[Field])]) -> std::result::Result<(), String> {
        for name in &self.tables {
            if !tables.iter().any(|(t, _)| t == name) {
                return Err(format!(
                    "there is no dataset `{name}`; {}",
                    listing("datasets", name, tables.iter().map(|(t, _)| *t))
                ));
            }
        }
        let Some(expr) = &self.value else {
            let frames: Vec<(&str, Frame)> =
                tables.iter().map(|(n, f)| (*n, Frame::empty(f))).collect();
            for rows in [0, 1] {
                let frames: Vec<_> = frames.iter().map(|(n, f)| (*n, f.nulls(rows))).collect();
                let borrowed: Vec<_> = frames.iter().map(|(n, f)| (*n, f)).collect();
                self.select(&borrowed)?;
            }
            return Ok(());
        };
        let fields = tables
            .iter()
            .find(|(t, _)| *t == DATA)
            .map_or(&[][..], |(_, f)| f);
        let names = columns(expr, &self.tokens);
        known(&names, &self.sql, fields)?;
        single(expr, &names, &Frame::without_rows(fields, &names))
            .map(|_| ())
            .map_err(|reason| with_types(reason, &names, fields))
    }

    /// Whether the aggregate expression gives a number over a dataset with these columns.
    ///
    /// Errors: one line that names the type it gives instead, or why it cannot be run.
    pub fn gives_number(&self, fields: &[Field]) -> std::result::Result<(), String> {
        let Some(expr) = &self.value else {
            return Err("a query gives rows, not a number".into());
        };
        let names = columns(expr, &self.tokens);
        let frame = Frame::without_rows(fields, &names);
        let expr = single(expr, &names, &frame)?;
        let answer = guarded(move || frame.data.lazy().select([expr]).collect())?;
        match answer.columns().first().map(pl::Column::dtype) {
            Some(t) if t.is_numeric() || t.is_null() => Ok(()),
            Some(t) => Err(format!("it gives a {}, not a number", type_word(t))),
            None => Err("it gives nothing".into()),
        }
    }

    /// Runs it over whole datasets; of the rows of a `SELECT`, the first `rows` are kept.
    ///
    /// Errors: [`crate::error::Error::Query`] when it cannot be evaluated.
    pub fn run(&self, tables: &[(&str, &Frame)], rows: usize) -> Result<Answer> {
        let what = || format!("`{}`", self.sql);
        if let Some(expr) = &self.value {
            let frame = tables.iter().find(|(n, _)| *n == DATA).map(|(_, f)| *f);
            let value = frame
                .ok_or_else(|| format!("there is no dataset `{DATA}`"))
                .and_then(|frame| {
                    let expr = single(expr, &columns(expr, &self.tokens), frame)?;
                    let data = frame.data.clone();
                    let answer = guarded(move || data.lazy().select([expr]).collect())?;
                    cell(&answer, 0, 0, self.zoned(tables, None))
                });
            return value
                .map(Answer::Value)
                .map_err(|reason| query_error(&what(), reason));
        }
        let found = self.select(tables).and_then(|answer| {
            let kept = (0..answer.height().min(rows))
                .map(|row| {
                    answer
                        .columns()
                        .iter()
                        .enumerate()
                        .map(|(i, c)| {
                            Ok((
                                c.name().to_string(),
                                cell(&answer, i, row, self.zoned(tables, Some(c.name())))?,
                            ))
                        })
                        .collect()
                })
                .collect::<std::result::Result<_, String>>()?;
            Ok(Groups {
                count: answer.height() as u64,
                rows: kept,
            })
        });
        found
            .map(Answer::Groups)
            .map_err(|reason| query_error(&what(), reason))
    }

    /// Whether timestamps of the answer are instants: the column of the same name has a zone, or every timestamp
    /// column that may have led to them.
    fn zoned(&self, tables: &[(&str, &Frame)], column: Option<&str>) -> Zoned {
        let zones: Vec<(&str, bool)> = tables
            .iter()
            .flat_map(|(_, frame)| frame.data.columns().iter().map(move |c| (frame, c)))
            .filter(|(_, c)| matches!(c.dtype(), pl::DataType::Datetime(..)))
            .filter(|(_, c)| self.names(c.name()))
            .map(|(frame, c)| (c.name().as_str(), frame.zoned.contains(c.name().as_str())))
            .collect();
        let same: Vec<_> = zones.iter().filter(|z| Some(z.0) == column).collect();
        let led = if same.is_empty() {
            zones.iter().collect()
        } else {
            same
        };
        if !led.is_empty() && led.iter().all(|z| z.1) {
            Zoned::Yes
        } else {
            Zoned::No
        }
    }

    fn names(&self, column: &str) -> bool {
        let all = self.value.is_none() && reads_all(&self.tokens);
        all || self
            .tokens
            .iter()
            .any(|t| matches!(t, Token::Word(w) | Token::Quoted(w) if w == column))
    }

    /// The rows of a `SELECT`, sorted by all its columns: the engine's own order depends on its threads.
    fn select(&self, tables: &[(&str, &Frame)]) -> std::result::Result<DataFrame, String> {
        let zoned = tables
            .iter()
            .flat_map(|(_, f)| f.zoned.iter().cloned())
            .collect();
        let answer = guarded(|| {
            let mut context = polars::sql::SQLContext::new();
            for (name, frame) in tables {
                context.register(name, frame.data.clone().lazy());
            }
            let plan = context.execute(&self.sql)?.logical_plan;
            pl::LazyFrame::from(exact(plan, &|e, schema| fit(e, schema, &zoned))?).collect()
        })?;
        for column in answer.columns() {
            if column.dtype().is_nested() {
                return Err(format!(
                    "column `{}` of the answer is a {}, which cannot be shown",
                    column.name(),
                    type_word(column.dtype())
                ));
            }
        }
        let names: Vec<_> = answer.get_column_names_owned();
        if names.is_empty() {
            return Ok(answer);
        }
        let order = pl::SortMultipleOptions::default().with_nulls_last(true);
        guarded(|| answer.sort(names, order))
    }
}

/// The expression fitted to the columns; it gives one value whether there are no rows, or several.
fn single(expr: &Expr, names: &[String], frame: &Frame) -> std::result::Result<Expr, String> {
    fitted(expr, names, frame, &|expr| {
        for rows in [0, 2] {
            let data = frame.nulls(rows).data;
            let answer = guarded(|| data.lazy().select([expr.clone()]).collect())?;
            let nested = answer.columns().iter().any(|c| c.dtype().is_nested());
            if answer.height() != 1 || nested {
                return Err(
                    "it gives one value per row; an aggregate such as COUNT, SUM or MAX is needed"
                        .into(),
                );
            }
        }
        Ok(())
    })
}

fn cell(
    answer: &DataFrame,
    column: usize,
    row: usize,
    zoned: Zoned,
) -> std::result::Result<Option<Scalar>, String> {
    let Some(column) = answer.columns().get(column) else {
        return Err("the answer has no columns".into());
    };
    guarded(|| column.get(row).map(|v| scalar(&v, zoned)))
}

fn no_order(tokens: &[Token]) -> std::result::Result<(), String> {
    let mut depth = 0usize;
    let word = |t: Option<&Token>, text: &str| matches!(t, Some(Token::Word(w)) if w.eq_ignore_ascii_case(text));
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') => depth = depth.saturating_sub(1),
            _ if depth == 0 && word(Some(token), "order") && word(tokens.get(at + 1), "by") => {
                return Err("`ORDER BY` is not needed: rows come sorted by their columns, from left to right".into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether `WITH name AS (..)` defines this name.
fn defined_within(tokens: &[Token], name: &str) -> bool {
    tokens.windows(3).any(|w| {
        matches!(&w[0], Token::Word(n) | Token::Quoted(n) if n == name)
            && matches!(&w[1], Token::Word(a) if a.eq_ignore_ascii_case("as"))
            && w[2] == Token::Symbol('(')
    })
}

/// Whether a query may read columns that it does not name.
fn reads_all(tokens: &[Token]) -> bool {
    let starts = |t: &Token| match t {
        Token::Symbol(c) => matches!(c, ',' | '.'),
        Token::Word(w) => ["select", "distinct", "all"].contains(&w.to_ascii_lowercase().as_str()),
        _ => false,
    };
    tokens
        .windows(2)
        .any(|w| starts(&w[0]) && w[1] == Token::Symbol('*'))
        || tokens
            .iter()
            .any(|t| matches!(t, Token::Word(w) if w.eq_ignore_ascii_case("natural")))
}
