//! Values of a hive partition that should be there: listed ones, or one for every period of a range.

use super::source::Dataset;
use super::value::scalar_at;
use crate::catalogue::argument::Arg;
use crate::contract::Privacy;
use crate::error::{Error, Result};
use crate::plan::Planned;
use crate::scalar::{Integer, Scalar};
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use std::cmp::Ordering;

/// Missing values that are named; the others are counted.
const NAMED: usize = 20;

/// How many values of the partition no file has, and the first of them in words; `None` where none is wanted.
///
/// Errors: [`Error::Query`] when the column is no partition, [`Error::Data`] when rows of an example cannot be read.
pub(super) fn missing(planned: &Planned, dataset: &Dataset) -> Result<Option<(u64, String)>> {
    let args = &planned.args;
    let column = args.column("column").unwrap_or_default();
    let there = there(dataset, column)?;
    let wanted: Vec<Scalar> = if let Some(Arg::Scalars(values)) = args.get("values") {
        values.clone()
    } else {
        let like = there.first();
        let days = periods(planned).into_iter();
        days.map(|day| written(day, planned, like)).collect()
    };
    if wanted.is_empty() {
        return Ok(None);
    }
    let has = |value: &Scalar| there.iter().any(|t| t.order(value) == Ordering::Equal);
    let missing: Vec<&Scalar> = wanted.iter().filter(|v| !has(v)).collect();
    let count = missing.len() as u64;
    let named = match planned.privacy {
        Privacy::Open => missing.iter().take(NAMED),
        Privacy::Personal => missing.iter().take(0),
    };
    let mut words: Vec<String> = named.map(|v| format!("`{column}={v}`")).collect();
    let others = count - words.len() as u64;
    if others > 0 {
        let more = if words.is_empty() { "" } else { "more " };
        words.push(format!("{others} {more}of {}", wanted.len()));
    }
    let detail = match count {
        0 => format!("all {} are there", wanted.len()),
        _ => format!("missing {}", words.join(", ")),
    };
    Ok(Some((count, detail)))
}

/// The values of the partition, each once.
fn there(dataset: &Dataset, column: &str) -> Result<Vec<Scalar>> {
    let mut found: Vec<Scalar> = Vec::new();
    if let Some(values) = dataset.partition(column) {
        found.extend(values.into_iter().flatten());
    } else if dataset.is_in_memory() {
        dataset.scan(&[column.to_owned()], &mut |batch| {
            let rows = 0..batch.num_rows();
            found.extend(rows.filter_map(|row| scalar_at(batch.column(0), row)));
            Ok(())
        })?;
    } else {
        return Err(Error::Query {
            what: format!("`{column}`"),
            reason: format!(
                "it is no partition: no folder on the way to a file is called `{column}=…`"
            ),
        });
    }
    found.sort_by(Scalar::order);
    found.dedup_by(|a, b| a.order(b) == Ordering::Equal);
    Ok(found)
}

/// The first day of every period from `from` to `to`.
fn periods(planned: &Planned) -> Vec<NaiveDate> {
    let args = &planned.args;
    let day = |name| args.scalar(name).and_then(day_of);
    let (Some(from), Some(to)) = (day("from"), day("to")) else {
        return Vec::new();
    };
    let days = match args.get("weekdays") {
        Some(Arg::Texts(days)) => days.clone(),
        _ => Vec::new(),
    };
    let due = |day: NaiveDate| days.is_empty() || days.iter().any(|d| is_weekday(d, day.weekday()));
    let period = args.text("period").unwrap_or("day");
    let first = match period {
        "year" => from.with_ordinal(1),
        "month" => from.with_day(1),
        _ => Some(from),
    };
    let mut found = Vec::new();
    let mut next = first;
    while let Some(day) = next.filter(|d| *d <= to) {
        if period != "day" || due(day) {
            found.push(day);
        }
        next = match period {
            "year" => day.checked_add_months(Months::new(12)),
            "month" => day.checked_add_months(Months::new(1)),
            _ => day.checked_add_days(Days::new(1)),
        };
    }
    found
}

fn day_of(value: &Scalar) -> Option<NaiveDate> {
    match value {
        Scalar::Date(days) => {
            NaiveDate::default().checked_add_signed(chrono::TimeDelta::try_days(*days)?)
        }
        _ => None,
    }
}

fn is_weekday(word: &str, day: Weekday) -> bool {
    word.parse() == Ok(day)
}

/// A period as the partition writes it, by the values that are there: `2013-02-01`, `2013-02`, `2013`, as a date, a
/// number or text.
fn written(day: NaiveDate, planned: &Planned, like: Option<&Scalar>) -> Scalar {
    let period = planned.args.text("period").unwrap_or("day");
    let number = |format: &str| day.format(format).to_string().parse().unwrap_or(0);
    match (like, period) {
        (Some(Scalar::Date(_)), _) => {
            Scalar::Date(day.signed_duration_since(NaiveDate::default()).num_days())
        }
        (Some(Scalar::Int(_)), "year") => Scalar::Int(Integer(number("%Y"))),
        (Some(Scalar::Int(_)), "month") => Scalar::Int(Integer(number("%Y%m"))),
        (Some(Scalar::Int(_)), _) => Scalar::Int(Integer(number("%Y%m%d"))),
        (_, "year") => Scalar::Text(day.format("%Y").to_string()),
        (_, "month") => Scalar::Text(day.format("%Y-%m").to_string()),
        (_, _) => Scalar::Text(day.format("%Y-%m-%d").to_string()),
    }
}
