//! The user's own metrics: what their expressions may name, and the number that each gives of a row.
//!
//! `label`, `score`, `class`, `value`, `low`, `high` and `weight` are what is true and what the model said, whatever the
//! columns are called, so that one expression is asked of candidate and baseline alike. Every other name is a column of
//! the candidate's rows.

use super::evaluation::Evaluation;
use super::metric::{OwnNumbers, Task};
use super::rows::{Problem, Side, Truth};
use super::table::{Column, Table};
use crate::config::models::Columns;
use crate::engine::embedded::table::row_values;

/// Names that mean what is true and what a model said.
pub const ROLES: [&str; 7] = ["label", "score", "class", "value", "low", "high", "weight"];

/// Whether a side with these columns has what a name stands for.
#[must_use]
pub fn is_role(name: &str, columns: &Columns, task: Option<Task>) -> bool {
    let classes = matches!(task, Some(Task::Binary | Task::Multiclass));
    match name {
        "label" => columns.label.is_some(),
        "score" => columns.score.is_some(),
        "class" if classes => {
            columns.class.is_some() || columns.score.is_some() || !columns.scores.is_empty()
        }
        "value" => columns.value.is_some(),
        "low" => columns.low.is_some(),
        "high" => columns.high.is_some(),
        "weight" => columns.weight.is_some(),
        _ => false,
    }
}

/// What to write instead of the name of a column in which the candidate says something; `None` of other names.
///
/// Such a column is the candidate's alone: the other side would be judged by what the candidate said.
#[must_use]
pub fn role_of_said(name: &str, columns: &Columns, task: Option<Task>) -> Option<&'static str> {
    if is_role(name, columns, task) {
        return None;
    }
    let said = [
        (&columns.score, "score"),
        (&columns.class, "class"),
        (&columns.value, "value"),
        (&columns.low, "low"),
        (&columns.high, "high"),
    ];
    let is = |column: &Option<String>| column.as_deref() == Some(name);
    let single = said.into_iter().find(|(column, _)| is(column));
    let of_class = columns.scores.iter().any(|(_, column)| column == name);
    single
        .map(|(_, role)| role)
        .or_else(|| of_class.then_some("class"))
}

/// Gives every side the numbers of the expressions; `table` is that of the candidate, in the order of the rows.
///
/// Problems: an expression that does not fit the columns, or names what a side does not have.
pub(super) fn fill(
    rows: &mut Evaluation,
    table: &Table,
    expressions: &[OwnTerm],
) -> Result<(), Problem> {
    let sides = [
        (Some(&mut rows.candidate), "candidate"),
        (rows.baseline.as_mut(), "baseline"),
        (rows.anchor.as_mut(), "anchor"),
    ];
    for (side, who) in sides {
        let Some(side) = side else { continue };
        let of = |term: &OwnTerm| {
            let named = named(side, table, term);
            let values = row_values(&named, &term.sql).map_err(|reason| {
                format!("the expression of `{}` ({who}): {reason}", term.metric)
            })?;
            let values = values.into_iter().map(|v| v.unwrap_or(f64::NAN));
            Ok(OwnNumbers::new(values.collect()))
        };
        side.predicted.own = expressions.iter().map(of).collect::<Result<_, Problem>>()?;
    }
    for place in 0..expressions.len() {
        spread(rows, place);
    }
    Ok(())
}

/// How far the numbers of an expression are apart over all rows of all sides.
fn spread(rows: &mut Evaluation, place: usize) {
    let mut sides: Vec<&mut OwnNumbers> = [
        Some(&mut rows.candidate),
        rows.baseline.as_mut(),
        rows.anchor.as_mut(),
    ]
    .into_iter()
    .flatten()
    .filter_map(|side| side.predicted.own.get_mut(place))
    .collect();
    let all = || sides.iter().flat_map(|numbers| &numbers.of).copied();
    let span = all().fold(f64::NEG_INFINITY, f64::max) - all().fold(f64::INFINITY, f64::min);
    for numbers in &mut sides {
        numbers.span = span;
    }
}

/// One expression of a user's own metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTerm {
    /// The metric.
    pub metric: String,
    /// The expression.
    pub sql: String,
    /// Names that it reads.
    pub names: Vec<String>,
}

/// What an expression reads, by the names that it uses.
fn named(side: &Side, table: &Table, term: &OwnTerm) -> Table {
    let of = |name: &String| {
        let column = role(side, name).or_else(|| table.column(name).cloned())?;
        Some((name.clone(), column))
    };
    Table {
        rows: side.rows(),
        columns: term.names.iter().filter_map(of).collect(),
    }
}

fn role(side: &Side, name: &str) -> Option<Column> {
    let numbers = |values: &[f64]| Column::Numbers(values.iter().copied().map(Some).collect());
    let said = &side.predicted;
    match name {
        "label" => Some(match &side.truth {
            Truth::Classes { of, names } => classes(side.task, of, names),
            Truth::Values(values) => numbers(values),
        }),
        "class" => match (&said.class, &side.truth) {
            (Some(of), Truth::Classes { names, .. }) => Some(classes(side.task, of, names)),
            _ => None,
        },
        "score" => said.score.as_deref().map(numbers),
        "value" => said.value.as_deref().map(numbers),
        "low" => said.low.as_deref().map(numbers),
        "high" => said.high.as_deref().map(numbers),
        "weight" => side.weight.as_deref().map(numbers),
        _ => None,
    }
}

/// Of two classes 1 and 0, of more their names.
fn classes(task: Task, of: &[u32], names: &[String]) -> Column {
    if task == Task::Binary {
        return Column::Integers(of.iter().map(|c| Some(i64::from(*c))).collect());
    }
    Column::Texts {
        codes: of.iter().copied().map(Some).collect(),
        words: names.to_vec(),
    }
}
