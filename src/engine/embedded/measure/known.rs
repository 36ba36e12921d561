//! Expectations answered without rows: by what a saved profile or a line of a history knows exactly, or not at all.
//!
//! What is answered has the state that the rows would give. Everything else is named as not known, never guessed.

use super::super::schema::arrow_type;
use super::super::source::Dataset;
use super::super::tests_of_rows::other;
use super::listed::Listed;
use super::test::Tests;
use crate::catalogue::argument::Arg;
use crate::catalogue::{Measure, Statistic};
use crate::contract::Contract;
use crate::error::Result;
use crate::measure::evidence::{Evidence, Known};
use crate::measure::values::Key;
use crate::measure::{State, Unable};
use crate::plan::{DatasetPlan, Measured, Planned, reading};
use crate::scalar::{Integer, Scalar};
use crate::types::{LogicalType, TypePattern};
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of one expectation.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The state that the rows would give, samples aside.
    Exact(State),
    /// A state of which only the failing rows may be more.
    AtLeast(State),
    /// Rows are needed; why, in words.
    Unknown(String),
}

/// What is known of every expectation of a plan over a schema that the evidence gives, in their order.
///
/// `now` is the clock of the batch, where there is one: ages are not known without it.
/// Errors: those that are not about one expectation.
pub fn answers(
    plan: &DatasetPlan,
    evidence: &Evidence,
    now: Option<DateTime<Utc>>,
) -> Result<Vec<Answer>> {
    let dataset = without_rows(evidence)?;
    let open = |planned: &Planned| {
        let column = reading::one_column(planned, plan)?;
        let column = evidence.column(&column)?;
        let far = planned.args.get("dataset").is_some() || undecidable(planned, column).is_some();
        (!far).then_some(column)
    };
    let candidates: Vec<Option<&Known>> = plan.expectations.iter().map(open).collect();
    let closed: Vec<Option<State>> = candidates
        .iter()
        .map(|c| c.is_none().then(State::default))
        .collect();
    let mut tests = Tests::new(plan, &BTreeMap::new(), &closed)?;
    let mut answers = Vec::new();
    for (i, planned) in plan.expectations.iter().enumerate() {
        if let Some(answer) = at_once(planned, plan, evidence) {
            answers.push(answer);
            continue;
        }
        let listed = match candidates[i].and_then(|column| listed(column, &dataset)) {
            Some(listed) => listed.decided(&mut tests.list[i], planned)?,
            None => None,
        };
        let of = (planned, plan, evidence, &dataset);
        answers.push(match listed {
            Some(state) => Answer::Exact(state),
            None => by_parts(of, candidates[i], now),
        });
    }
    Ok(answers)
}

/// The columns without a row: whoever asks for types finds them.
fn without_rows(evidence: &Evidence) -> Result<Dataset> {
    let known = evidence.columns.iter();
    let fields = known.filter_map(|c| Some(Field::new(&c.name, arrow_type(&c.dtype)?, true)));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    Dataset::from_batches("evidence", vec![RecordBatch::new_empty(schema)])
}

fn listed(column: &Known, dataset: &Dataset) -> Option<Listed> {
    let dtype = dataset.canonical_type(&column.name)?;
    Listed::new(
        &column.name,
        column.listed.clone()?,
        column.missing?,
        &dtype,
    )
}

/// What needs no value of a column: broken promises about columns, and columns of which too little is known.
fn at_once(planned: &Planned, plan: &DatasetPlan, evidence: &Evidence) -> Option<Answer> {
    let unknown = |reason: String| Some(Answer::Unknown(reason));
    if let Some(other) = planned.args.text("dataset") {
        return unknown(format!("it needs the rows of `{other}` too"));
    }
    for name in reading::columns_of(planned, plan)
        .iter()
        .map(String::as_str)
        .chain(planned.args.all_columns())
    {
        if let Some(reason) = mistyped(plan, name, evidence) {
            return unknown(reason);
        }
        let column = evidence.column(name);
        if let Some(reason) = column.and_then(|c| undecidable(planned, c)) {
            return unknown(reason);
        }
    }
    match &planned.measure {
        // A struct is known by its leaves only.
        Measured::Impossible(_) if dotted(evidence) => {
            unknown("structs are known by their fields alone".to_owned())
        }
        Measured::Impossible(reason) => Some(Answer::Exact(State {
            rows: evidence.rows,
            unable: Some(Unable::Error(reason.clone())),
            ..State::default()
        })),
        _ => None,
    }
}

/// A column that the contract declares in another type than it had: a text format may be read in either.
fn mistyped(plan: &DatasetPlan, name: &str, evidence: &Evidence) -> Option<String> {
    let declared = |c: &Contract| -> Option<TypePattern> {
        let column = c.columns.iter().find(|c| c.name == name)?;
        Some(column.dtype.as_ref()?.0.clone())
    };
    let pattern = plan.config.contract.as_ref().and_then(declared)?;
    let is = &evidence.column(name)?.dtype;
    let differs = !pattern.accepts(is) || (*is == LogicalType::Null && pattern != TypePattern::Any);
    differs.then(|| {
        format!(
            "`{name}` was {is} and is declared as {pattern}: another reading may find other values"
        )
    })
}

/// Why an expectation about a column is left alone whatever is known of it.
fn undecidable(planned: &Planned, column: &Known) -> Option<String> {
    let free = planned.check.id == "expression" || planned.common.filter.is_some();
    let unit = matches!(
        column.dtype,
        LogicalType::Timestamp { .. } | LogicalType::Time | LogicalType::Duration
    );
    (free && unit).then(|| {
        format!(
            "it is SQL over `{}`, whose unit of time is not kept",
            column.name
        )
    })
}

/// Everything that is asked together: expectation, plan, evidence, and the columns without rows.
type Of<'a> = (&'a Planned, &'a DatasetPlan, &'a Evidence, &'a Dataset);

fn by_parts(of: Of, column: Option<&Known>, now: Option<DateTime<Utc>>) -> Answer {
    let (planned, _, evidence, _) = of;
    let answer = match (&planned.measure, &planned.check.measure) {
        (Measured::Metadata, Measure::Statistic(statistic)) => by_schema(of, *statistic),
        _ if planned.common.filter.is_some() => None,
        (Measured::Profile { column: None, .. }, _) => Some(Answer::Exact(state(evidence))),
        (Measured::Rows(_), Measure::Profile { measure, .. }) if measure == "nulls" => {
            nulls(planned, evidence)
        }
        (Measured::Profile { column, measure }, _) => {
            let column = column.as_deref().and_then(|c| evidence.column(c));
            column.and_then(|c| measured(of, c, measure, now))
        }
        (Measured::Kernel, Measure::Statistic(Statistic::Unique)) => unique(planned, evidence),
        (Measured::Rows(sql), _) => column.and_then(|c| by_extremes(of, c, sql)),
        _ => None,
    };
    answer.unwrap_or_else(|| Answer::Unknown(why(planned, evidence)))
}

/// Whether a column may be a field of a struct.
fn dotted(evidence: &Evidence) -> bool {
    evidence.columns.iter().any(|c| c.name.contains('.'))
}

fn state(evidence: &Evidence) -> State {
    State {
        rows: evidence.rows,
        ..State::default()
    }
}

/// Columns and types; files and the order of columns are not kept.
fn by_schema((planned, plan, evidence, dataset): Of, statistic: Statistic) -> Option<Answer> {
    match statistic {
        Statistic::ColumnType => {}
        Statistic::ColumnsMatch if !dotted(evidence) => {}
        _ => return None,
    }
    let mut state = state(evidence);
    other(
        planned,
        plan,
        dataset,
        &BTreeMap::new(),
        DateTime::UNIX_EPOCH,
        &mut state,
    );
    Some(Answer::Exact(state))
}

fn nulls(planned: &Planned, evidence: &Evidence) -> Option<Answer> {
    let column = evidence.column(planned.args.column("column")?)?;
    let mut state = state(evidence);
    match column.measure("nulls")? {
        Some(Scalar::Int(nulls)) => state.failing = u64::try_from(nulls.0).ok(),
        _ => return None,
    }
    Some(Answer::Exact(state))
}

/// A measure of the profile; ages by the clock of the batch.
fn measured(
    (planned, plan, evidence, dataset): Of,
    column: &Known,
    measure: &str,
    now: Option<DateTime<Utc>>,
) -> Option<Answer> {
    let value = column.measure(measure)?;
    let mut state = state(evidence);
    if planned.check.counts_rows() {
        match &value {
            Some(Scalar::Int(count)) => state.failing = u64::try_from(count.0).ok(),
            _ => return None,
        }
    }
    state.values = vec![(measure.to_owned(), value)];
    let dated = matches!(
        planned.check.measure,
        Measure::Statistic(Statistic::DataFresh | Statistic::Retention | Statistic::FreshBy)
    );
    if dated {
        other(planned, plan, dataset, &BTreeMap::new(), now?, &mut state);
    }
    Some(Answer::Exact(state))
}

/// Repeats of one column whose values are listed; floats are left out, of which two zeros and NaN would be one value.
fn unique(planned: &Planned, evidence: &Evidence) -> Option<Answer> {
    let columns = planned.args.columns("columns");
    let [name] = &columns[..] else { return None };
    let column = evidence.column(name)?;
    if matches!(column.dtype, LogicalType::Float(_)) {
        return None;
    }
    let mut counts: Vec<u64> = column.listed.as_ref()?.iter().map(|(_, n)| *n).collect();
    let (nulls, _) = column.missing?;
    let fixed = match planned.args.text("nulls") {
        Some("fail") => nulls,
        Some("equal") => {
            counts.extend((nulls > 0).then_some(nulls));
            0
        }
        _ => 0,
    };
    let repeated = || counts.iter().filter(|n| **n > 1);
    let groups = repeated().count() as u64;
    let in_groups: u64 = repeated().sum();
    let failing = match planned.args.text("count") {
        Some("rows_in_groups") => in_groups,
        Some("groups") => groups,
        _ => in_groups - groups,
    };
    let mut state = state(evidence);
    state.failing = Some(failing + fixed);
    let number = |v: u64| Some(Scalar::Int(Integer(i128::from(v))));
    state.values = vec![("groups".to_owned(), number(groups))];
    Some(Answer::Exact(state))
}

/// Ranges by the least and the greatest value: where both are inside, all are.
fn by_extremes((planned, _, evidence, dataset): Of, column: &Known, sql: &str) -> Option<Answer> {
    let mut state = state(evidence);
    let (least, greatest, fixed) = match planned.check.id.as_str() {
        "between" | "date_between" => outside(planned, column, dataset, sql)?,
        "compare" if matches!(planned.args.text("op"), Some("<" | "<=" | ">" | ">=")) => {
            outside(planned, column, dataset, sql)?
        }
        "length" if planned.args.text("unit") != Some("bytes") => too_long(planned, column)?,
        _ => return None,
    };
    let beyond = u64::from(least || greatest);
    state.failing = Some(fixed + beyond);
    Some(if beyond == 0 {
        Answer::Exact(state)
    } else {
        Answer::AtLeast(state)
    })
}

/// Whether the least and the greatest value fail, and how many nulls and NaN do.
fn outside(
    planned: &Planned,
    column: &Known,
    dataset: &Dataset,
    sql: &str,
) -> Option<(bool, bool, u64)> {
    let (least, greatest) = column.extremes.clone()?;
    let zero = |key: &Key| matches!(key, Key::Float(v) if *v == 0.0);
    if zero(&least) || zero(&greatest) || planned.args.get("other").is_some() {
        return None;
    }
    let (nulls, nan) = column.missing?;
    let dtype = dataset.canonical_type(&column.name)?;
    let values = vec![(least, 0), (greatest, 0)];
    let listed = Listed::new(&column.name, values, (nulls, nan), &dtype)?;
    let each = listed.each(sql)?;
    let fixed = each.iter().filter(|(fails, _)| *fails).map(|(_, n)| n);
    Some((each.first()?.0, each.get(1)?.0, fixed.sum()))
}

/// Whether the shortest and the longest text fail, and how many nulls do.
fn too_long(planned: &Planned, column: &Known) -> Option<(bool, bool, u64)> {
    let (least, greatest) = column.lengths?;
    let bound = |name: &str| match planned.args.get(name) {
        Some(Arg::Scalar(Scalar::Int(v))) => u64::try_from(v.0).ok().map(Some),
        None => Some(None),
        _ => None,
    };
    let (min, max) = (bound("min")?, bound("max")?);
    let fails = |n: u64| min.is_some_and(|min| n < min) || max.is_some_and(|max| n > max);
    let nulls = match planned.args.text("nulls") {
        Some("fail") => column.missing?.0,
        _ => 0,
    };
    Some((fails(least), fails(greatest), nulls))
}

/// Why rows are needed.
fn why(planned: &Planned, evidence: &Evidence) -> String {
    let columns = planned.args.all_columns();
    match (&planned.measure, &columns[..]) {
        (Measured::Value(_) | Measured::Groups(_), _) => {
            "it is SQL over all rows, which are not kept".to_owned()
        }
        (Measured::Metadata, _) => "files and their schemas are not kept".to_owned(),
        (_, [one]) if evidence.column(one).is_some_and(|c| c.listed.is_none()) => {
            format!("the values of `{one}` are not all listed")
        }
        (_, [_]) => "the order and the surroundings of rows are not kept".to_owned(),
        _ => "it looks at several columns of a row, which are not kept".to_owned(),
    }
}
