//! What a plan reads: which expectations footers and schemas decide, which columns a scan needs, what is held in memory.

use super::{DatasetPlan, Measured, Planned, elsewhere};
use crate::catalogue::{Measure, Statistic};
use crate::engine::embedded::relational::predicate_columns;
use crate::engine::embedded::source::{Footer, FooterColumn};
use crate::measure::{State, Wants};
use crate::scalar::{Integer, Scalar};
use crate::types::Field;

/// Whether the report, drift or later runs want the profile of every column.
#[must_use]
pub fn profiles_all(plan: &DatasetPlan) -> bool {
    plan.config.profiles_all()
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
        "non_null_ratio" => {
            let values = rows.checked_sub(column.nulls?)?;
            (rows > 0).then(|| Scalar::Float(values as f64 / rows as f64))
        }
        _ => return None,
    };
    Some((measure.to_owned(), value))
}

/// What is profiled, in file order: every column in full for the report or drift, else what measures ask for.
///
/// Conditions on one column ask for its value counts where `lists` says that they are cheap.
#[must_use]
pub fn wanted(
    plan: &DatasetPlan,
    decided: &[Option<State>],
    lists: &dyn Fn(&str) -> bool,
) -> Vec<(Field, Wants)> {
    let all = profiles_all(plan);
    let asked: Vec<(String, Wants)> = open(plan, decided)
        .filter_map(|planned| match &planned.measure {
            Measured::Profile {
                column: Some(column),
                measure,
            } if planned.common.filter.is_none() => Some((column.clone(), Wants::of(measure))),
            _ => {
                let column = one_column(planned, plan).filter(|c| lists(c))?;
                Some((column, Wants::of("distinct")))
            }
        })
        .collect();
    let of = |field: &Field| {
        if all {
            return Some((field.clone(), Wants::ALL));
        }
        let mine = asked.iter().filter(|(name, _)| *name == field.name);
        let wants = mine.map(|(_, wants)| *wants).reduce(Wants::and)?;
        Some((field.clone(), wants))
    };
    plan.columns.iter().filter_map(of).collect()
}

/// Expectations that rows are needed for, as far as is known before they are read.
fn open<'a>(
    plan: &'a DatasetPlan,
    decided: &'a [Option<State>],
) -> impl Iterator<Item = &'a Planned> {
    let both = plan.expectations.iter().zip(decided);
    both.filter(|(p, d)| d.is_none() && needs_rows(p))
        .map(|(p, _)| p)
}

/// Columns whose rows are looked at, besides the profile.
#[must_use]
pub fn row_columns(plan: &DatasetPlan, decided: &[Option<State>]) -> Vec<String> {
    open(plan, decided)
        .filter(|p| p.common.filter.is_some() || !matches!(p.measure, Measured::Profile { .. }))
        .flat_map(|p| columns_of(p, plan))
        .collect()
}

/// The one column that an expectation looks at, its filter included, where each value may be looked at by itself.
#[must_use]
pub fn one_column(planned: &Planned, plan: &DatasetPlan) -> Option<String> {
    let by_value = match (&planned.measure, &planned.check.measure) {
        (Measured::Rows(_), _) => true,
        (Measured::Profile { column: None, .. }, _) => planned.common.filter.is_some(),
        (Measured::Kernel, Measure::Profile { measure, .. }) => measure == "distinct",
        (Measured::Kernel, Measure::Statistic(statistic)) => {
            statistic.is_spelling()
                || matches!(
                    statistic,
                    Statistic::ForeignKey | Statistic::DistinctCount | Statistic::DistinctValues
                )
        }
        _ => false,
    };
    let mut columns = columns_of(planned, plan);
    columns.sort();
    columns.dedup();
    let only = columns.pop().filter(|_| by_value && columns.is_empty())?;
    plan.columns.iter().any(|f| f.name == only).then_some(only)
}

/// Measuring scans that are sure to be needed, of rows that footers do not decide.
///
/// `alone`: the profile is a pass of its own; `counts`: columns whose values it counts, which decides what looks at no
/// other column unless they are too many to be listed.
#[must_use]
pub fn scans(
    plan: &DatasetPlan,
    decided: &[Option<State>],
    alone: bool,
    counts: &dyn Fn(&str) -> bool,
) -> u32 {
    if !alone {
        return 1;
    }
    let by_rows = |p: &Planned| {
        let profiled = matches!(p.measure, Measured::Profile { .. }) && p.common.filter.is_none();
        !profiled && one_column(p, plan).is_none_or(|c| !counts(&c))
    };
    let profile = !wanted(plan, decided, counts).is_empty();
    u32::from(profile) + u32::from(open(plan, decided).any(by_rows))
}

/// Columns that are read, in file order: for the profile or for rows.
#[must_use]
pub fn columns(
    plan: &DatasetPlan,
    decided: &[Option<State>],
    lists: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let rows = row_columns(plan, decided);
    let wanted = wanted(plan, decided, lists);
    let names = plan.columns.iter().map(|f| f.name.clone());
    names
        .filter(|n| rows.contains(n) || wanted.iter().any(|(f, _)| f.name == *n))
        .collect()
}

/// Columns of the dataset that one expectation looks at.
#[must_use]
pub fn columns_of(planned: &Planned, plan: &DatasetPlan) -> Vec<String> {
    let mut found = match &planned.measure {
        Measured::Rows(sql) => predicate_columns(sql),
        Measured::Profile { column, .. } => column.iter().cloned().collect(),
        Measured::Value(_) | Measured::Groups(_) => held(planned, plan),
        Measured::Kernel if elsewhere::is_meant(&planned.check) => {
            elsewhere::columns(planned, plan)
        }
        Measured::Kernel if reads_whole_rows(planned) => {
            plan.columns.iter().map(|f| f.name.clone()).collect()
        }
        Measured::Kernel if looks_at_all_numbers(planned) => {
            let numbers = plan.columns.iter().filter(|f| f.dtype.is_numeric());
            numbers.map(|f| f.name.clone()).collect()
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

/// Whether every column of numbers is looked at, as none is named.
fn looks_at_all_numbers(planned: &Planned) -> bool {
    let correlations = Measure::Statistic(Statistic::Correlations);
    planned.check.measure == correlations && planned.args.columns("columns").is_empty()
}

fn reads_whole_rows(planned: &Planned) -> bool {
    matches!(
        planned.check.measure,
        Measure::Statistic(Statistic::DuplicateRows | Statistic::DuplicateColumns)
    )
}
