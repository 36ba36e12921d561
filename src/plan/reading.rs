//! What a plan reads: which expectations footers and schemas decide, which columns a scan needs, what is held in memory.

use super::{DatasetPlan, Measured, Planned};
use crate::catalogue::{Measure, Statistic};
use crate::config::dataset::Profiling;
use crate::engine::embedded::relational::predicate_columns;
use crate::engine::embedded::source::{Footer, FooterColumn};
use crate::measure::State;
use crate::scalar::{Integer, Scalar};

/// Whether the report or drift wants the profile of every column.
#[must_use]
pub fn profiles_all(plan: &DatasetPlan) -> bool {
    plan.config.profile == Profiling::All || plan.config.reference.is_some()
}

/// Whether an expectation looks at rows at all.
#[must_use]
pub fn needs_rows(planned: &Planned) -> bool {
    !matches!(
        planned.measure,
        Measured::Metadata | Measured::Impossible(_)
    )
}

/// Whether no data page need be opened: every expectation is decided, and no profile is wanted.
#[must_use]
pub fn needs_no_scan(plan: &DatasetPlan, decided: &[Option<State>]) -> bool {
    let mut all = plan.expectations.iter().zip(decided);
    !profiles_all(plan) && all.all(|(p, d)| d.is_some() || !needs_rows(p))
}

/// Per expectation the state that Parquet footers give exactly; `None` where rows must be looked at.
///
/// Nothing is taken from footers when the profile reads every column anyway: what was read says more.
#[must_use]
pub fn decided(plan: &DatasetPlan, footer: Option<&Footer>) -> Vec<Option<State>> {
    let footer = footer.filter(|_| !profiles_all(plan));
    let of = |planned| footer.and_then(|f| from_footer(planned, f));
    plan.expectations.iter().map(of).collect()
}

/// The state of one expectation by the footer alone.
///
/// Rows, nulls, least and greatest value where the footer states them exactly; never with `where`.
fn from_footer(planned: &Planned, footer: &Footer) -> Option<State> {
    if planned.common.filter.is_some() {
        return None;
    }
    let mut state = State {
        rows: footer.rows,
        ..State::default()
    };
    match (&planned.measure, &planned.check.measure) {
        (Measured::Profile { column: None, .. }, _)
        | (Measured::Kernel, Measure::Statistic(Statistic::RowCountMatch)) => {}
        (Measured::Rows(_), Measure::Profile { measure, .. }) if measure == "nulls" => {
            state.failing = Some(column(planned, footer)?.nulls?);
        }
        (Measured::Profile { measure, .. }, _) => {
            let value = value(measure, column(planned, footer)?, footer.rows)?;
            state.values = vec![value];
        }
        _ => return None,
    }
    Some(state)
}

fn column<'a>(planned: &Planned, footer: &'a Footer) -> Option<&'a FooterColumn> {
    let name = planned.args.column("column")?;
    footer.columns.iter().find(|c| c.name == name)
}

/// A measure of the profile with its name, which has no value in a column of nulls; `None` where the footer does not
/// tell.
fn value(measure: &str, column: &FooterColumn, rows: u64) -> Option<(String, Option<Scalar>)> {
    let bound = |value: &Option<Scalar>| {
        let known = value.is_some() || column.nulls == Some(rows);
        known.then(|| value.clone())
    };
    let value = match measure {
        "min" => bound(&column.min)?,
        "max" => bound(&column.max)?,
        "nulls" => Some(Scalar::Int(Integer(i128::from(column.nulls?)))),
        "null_ratio" => {
            let nulls = column.nulls?;
            (rows > 0).then(|| Scalar::Float(nulls as f64 / rows as f64))
        }
        _ => return None,
    };
    Some((measure.to_owned(), value))
}

/// Columns that the measuring scan reads, in file order.
#[must_use]
pub fn columns(plan: &DatasetPlan, decided: &[Option<State>]) -> Vec<String> {
    let mut wanted = Vec::new();
    for (planned, decided) in plan.expectations.iter().zip(decided) {
        if decided.is_none() && needs_rows(planned) {
            wanted.extend(columns_of(planned, plan));
        }
    }
    let all = profiles_all(plan);
    let names = plan.columns.iter().map(|f| f.name.clone());
    names.filter(|n| all || wanted.contains(n)).collect()
}

/// Columns of the dataset that one expectation looks at.
#[must_use]
pub fn columns_of(planned: &Planned, plan: &DatasetPlan) -> Vec<String> {
    let mut found = match &planned.measure {
        Measured::Rows(sql) => predicate_columns(sql),
        Measured::Profile { column, .. } => column.iter().cloned().collect(),
        Measured::Value(_) | Measured::Groups(_) => held(planned, plan),
        Measured::Kernel if reads_whole_rows(planned) => {
            plan.columns.iter().map(|f| f.name.clone()).collect()
        }
        Measured::Kernel => {
            let named = planned.args.all_columns().into_iter();
            named.map(str::to_owned).collect()
        }
        Measured::Metadata | Measured::Impossible(_) => return Vec::new(),
    };
    if let Some((sql, _)) = &planned.common.filter {
        found.extend(predicate_columns(sql));
    }
    found
}

/// Columns that a query over the whole dataset holds in memory.
#[must_use]
pub fn held(planned: &Planned, plan: &DatasetPlan) -> Vec<String> {
    match planned.query() {
        Ok(Some(query)) => query.columns_of(&plan.columns),
        _ => Vec::new(),
    }
}

fn reads_whole_rows(planned: &Planned) -> bool {
    planned.check.measure == Measure::Statistic(Statistic::DuplicateRows)
}
