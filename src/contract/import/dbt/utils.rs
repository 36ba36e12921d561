//! Tests of the package `dbt_utils`.

use super::super::build;
use super::super::promise::{Promise, Reading, Refused, finite, items, share, whole, words};
use super::constraint::period;
use super::generic::{model, relationships};
use super::test::Test;
use super::{plain, quoted};
use crate::config::tree::{Node, Value};
use crate::scalar::number_text;
use crate::sql;

/// What a test of the package promises.
pub(super) fn read(test: &Test, name: &str) -> Reading {
    match name {
        "accepted_range" => accepted_range(test),
        "at_least_one" => of(test, "at_least_one", |c| format!("COUNT({c}) = 0")),
        "not_constant" => of(test, "no_constant", |c| format!("COUNT(DISTINCT {c}) = 1")),
        "not_empty_string" => not_empty(test),
        "not_accepted_values" => not_accepted(test),
        "not_null_proportion" => proportion(test),
        "expression_is_true" => expression(test),
        "unique_combination_of_columns" => unique(test),
        "relationships_where" => relationships_where(test),
        "recency" => recency(test),
        "equal_rowcount" => rows(test, 1.0, 1.0),
        "fewer_rows_than" => rows(test, 0.0, 1.0_f64.next_down()),
        "cardinality_equality" => cardinality(test),
        "mutually_exclusive_ranges" => ranges(test),
        "sequential_values" => sequence(test),
        "equality" => equality(test),
        _ => Err(Refused::Dropped(
            "dbt_utils has no test of this name that is known here".to_owned(),
        )),
    }
}

fn grouped(test: &Test) -> Result<(), Refused> {
    match test.get("group_by_columns") {
        Some(node) if !items(node, "group_by_columns")?.is_empty() => Err(Refused::Dropped(
            "`group_by_columns` has no counterpart".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// A check of one column; with groups a query that finds those that break `having`, an SQL condition over the column.
fn of(test: &Test, check: &'static str, having: impl Fn(&str) -> String) -> Reading {
    test.only(&["group_by_columns"])?;
    let column = test.column()?;
    Ok(vec![match groups(test)? {
        None => Promise::of(check, test.place(), column),
        Some(groups) => broken_groups(test, &groups, &having(&quoted(column))),
    }])
}

/// The columns of `group_by_columns` as SQL, where there are some.
fn groups(test: &Test) -> Result<Option<String>, Refused> {
    let Some(node) = test.get("group_by_columns") else {
        return Ok(None);
    };
    let names = items(node, "group_by_columns")?.iter();
    let names = names.map(|n| {
        let written = plain(n, "group_by_columns")?;
        let column = super::one_column(written);
        column
            .map(|c| sql::identifier(&c))
            .ok_or_else(|| Refused::Dropped(format!("`{written}` is no column")))
    });
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    Ok((!names.is_empty()).then(|| names.join(", ")))
}

fn broken_groups(test: &Test, groups: &str, having: &str) -> Promise {
    let query = format!("SELECT {groups} FROM data GROUP BY {groups} HAVING {having}");
    Promise::new("returns_no_rows", test.place()).text("query", &query)
}

/// Rows that one of two models has and the other has not, each once; nulls are equal.
fn equality(test: &Test) -> Reading {
    test.only(&["compare_model", "compare_columns"])?;
    let model = model(test.need("compare_model")?, "compare_model")?;
    let columns = match test.get("compare_columns") {
        None => "*".to_owned(),
        Some(node) => {
            let names = items(node, "compare_columns")?.iter().map(|n| {
                let written = plain(n, "compare_columns")?;
                let column = super::one_column(written);
                column
                    .map(|c| sql::identifier(&c))
                    .ok_or_else(|| Refused::Dropped(format!("`{written}` is no column")))
            });
            names.collect::<Result<Vec<_>, Refused>>()?.join(", ")
        }
    };
    let there = sql::identifier(&model.value.to_string());
    let side =
        |a: &str, b: &str| format!("SELECT {columns} FROM {a} EXCEPT SELECT {columns} FROM {b}");
    let query = format!(
        "WITH here AS ({}), there AS ({}) SELECT * FROM here UNION ALL SELECT * FROM there",
        side("data", &there),
        side(&there, "data")
    );
    let promise = Promise::new("returns_no_rows", test.place()).text("query", &query);
    Ok(vec![promise])
}

/// A bound that is a number or a day; an expression over other columns is none.
fn bound(test: &Test, name: &str) -> Result<Option<Node>, Refused> {
    let Some(node) = test.get(name) else {
        return Ok(None);
    };
    match &node.value {
        Value::Int(_) | Value::Float(_) => Ok(Some(node.clone())),
        Value::Text(words) => {
            let written = plain(node, name).map(|_| words.trim())?;
            let number = written.parse::<f64>().ok().filter(|v| v.is_finite());
            let number = number.map(|v| build::number(&node.place, v));
            let day = written.trim_matches('\'').parse::<chrono::NaiveDate>().ok();
            let day = day.map(|d| build::text(&node.place, d.to_string()));
            number.or(day).map(Some).ok_or_else(|| {
                Refused::Dropped(format!(
                    "`{name}: {written}` is an expression of the warehouse"
                ))
            })
        }
        _ => Err(Refused::kind(node, name, "a number")),
    }
}

fn accepted_range(test: &Test) -> Reading {
    test.only(&["min_value", "max_value", "inclusive"])?;
    let (min, max) = (bound(test, "min_value")?, bound(test, "max_value")?);
    if min.is_none() && max.is_none() {
        return Err(Refused::missing(
            test.place(),
            "accepted_range",
            "min_value` or `max_value",
        ));
    }
    let open = test
        .get("inclusive")
        .is_some_and(|n| n.value == Value::Bool(false));
    let promise = Promise::of("between", test.place(), test.column()?)
        .maybe("min", min)
        .maybe("max", max);
    Ok(vec![if open {
        promise.text("bounds", "()")
    } else {
        promise
    }])
}

fn not_empty(test: &Test) -> Reading {
    test.only(&["trim_whitespace"])?;
    let whole = test
        .get("trim_whitespace")
        .is_some_and(|n| n.value == Value::Bool(false));
    let check = if whole { "not_empty" } else { "not_blank" };
    Ok(vec![Promise::of(check, test.place(), test.column()?)])
}

fn not_accepted(test: &Test) -> Reading {
    test.only(&["values", "quote"])?;
    let values = test.need("values")?;
    if items(values, "values")?.is_empty() {
        return Err(Refused::kind(values, "values", "a list of one or more"));
    }
    Ok(vec![
        Promise::of("not_in_set", test.place(), test.column()?).with("values", values.clone()),
    ])
}

fn proportion(test: &Test) -> Reading {
    test.only(&["at_least", "at_most", "group_by_columns"])?;
    let least = share(test.need("at_least")?, "at_least")?;
    let most = test
        .get("at_most")
        .map(|n| share(n, "at_most"))
        .transpose()?;
    if let Some(groups) = groups(test)? {
        let (there, all) = (format!("COUNT({})", quoted(test.column()?)), "COUNT(*)");
        let low = format!("{there} < {} * {all}", number_text(least));
        let high = most.map(|v| format!(" OR {there} > {} * {all}", number_text(v)));
        let having = low + &high.unwrap_or_default();
        return Ok(vec![broken_groups(test, &groups, &having)]);
    }
    let promise = Promise::of("non_null_ratio", test.place(), test.column()?).number("min", least);
    Ok(vec![match most {
        Some(most) if most < 1.0 => promise.number("max", most),
        _ => promise,
    }])
}

/// A row for which the expression is null does not fail: `where not(..)` keeps it out of the answer.
fn expression(test: &Test) -> Reading {
    test.only(&["expression"])?;
    let node = test.need("expression")?;
    let written = plain(node, "expression")?;
    let sql = match test.any_column() {
        Some(column) => format!("{} {written}", quoted(column)),
        None => written.to_owned(),
    };
    let promise =
        Promise::new("expression", test.place()).with("expr", build::text(&node.place, sql));
    Ok(vec![promise])
}

/// SQL's `GROUP BY` takes nulls for equal.
fn unique(test: &Test) -> Reading {
    test.only(&["combination_of_columns", "quote_columns"])?;
    let node = test.need("combination_of_columns")?;
    for item in items(node, "combination_of_columns")? {
        words(item, "combination_of_columns")?;
    }
    let promise = Promise::new("unique_key", test.place())
        .with("columns", node.clone())
        .text("nulls", "equal")
        .text("count", "groups");
    Ok(vec![promise])
}

fn relationships_where(test: &Test) -> Reading {
    test.only(&["to", "field", "from_condition", "to_condition"])?;
    let to = test.get("to_condition").map(|n| plain(n, "to_condition"));
    let promise = match to.transpose()?.map(str::trim).filter(|sql| *sql != "1=1") {
        None => relationships(test)?,
        Some(sql) => orphans(test, sql)?,
    };
    Ok(vec![match test.get("from_condition") {
        Some(node) => promise.only_at(plain(node, "from_condition")?, &node.place),
        None => promise,
    }])
}

/// Rows whose key is not among those rows of another model where a condition is true.
fn orphans(test: &Test, condition: &str) -> Result<Promise, Refused> {
    let (to, field) = (test.need("to")?, test.need("field")?);
    let field = plain(field, "field")?;
    let field = super::one_column(field)
        .ok_or_else(|| Refused::Dropped(format!("`{field}` is no column")))?;
    let (own, there) = (quoted(test.column()?), sql::identifier(&field));
    let other = sql::identifier(&model(to, "to")?.value.to_string());
    let query = format!(
        "SELECT h.{own} FROM data AS h LEFT JOIN (SELECT {there} AS \"found\" FROM {other} WHERE {condition} \
         GROUP BY {there}) AS t ON h.{own} = t.\"found\" WHERE h.{own} IS NOT NULL AND t.\"found\" IS NULL"
    );
    Ok(Promise::new("returns_no_rows", test.place()).text("query", &query))
}

fn recency(test: &Test) -> Reading {
    test.only(&[
        "datepart",
        "field",
        "interval",
        "ignore_time_component",
        "group_by_columns",
    ])?;
    grouped(test)?;
    if test
        .get("ignore_time_component")
        .is_some_and(|n| n.value == Value::Bool(true))
    {
        return Err(Refused::Dropped(
            "`ignore_time_component` has no counterpart".to_owned(),
        ));
    }
    let (part, field) = (test.need("datepart")?, test.need("field")?);
    let count = whole(test.need("interval")?, "interval")?;
    let age = period(words(part, "datepart")?).and_then(|m| m.checked_mul(count));
    let age = age
        .filter(|m| (0..=i128::from(u32::MAX)).contains(m))
        .ok_or_else(|| {
            Refused::Dropped(format!("{count} {} is no fixed length of time", part.value))
        })?;
    let name = plain(field, "field")?;
    let column = super::one_column(name)
        .ok_or_else(|| Refused::Dropped(format!("`{name}` is no column")))?;
    let promise = Promise::new("data_fresh", test.place())
        .with("column", build::text(&field.place, column))
        .text("max_age", &format!("{age}m"));
    Ok(vec![promise])
}

fn sequence(test: &Test) -> Reading {
    test.only(&["interval", "datepart", "group_by_columns"])?;
    let interval = test
        .get("interval")
        .map(|n| finite(n, "interval"))
        .transpose()?;
    let promise = Promise::of("sequential_values", test.place(), test.column()?)
        .number("interval", interval.unwrap_or(1.0))
        .maybe("period", test.get("datepart").cloned());
    Ok(vec![
        promise.maybe("by", test.get("group_by_columns").cloned()),
    ])
}

fn rows(test: &Test, least: f64, most: f64) -> Reading {
    test.only(&["compare_model", "group_by_columns"])?;
    grouped(test)?;
    let promise = Promise::new("row_count_matches", test.place()).with(
        "dataset",
        model(test.need("compare_model")?, "compare_model")?,
    );
    if (least - most).abs() < f64::EPSILON / 4.0 {
        return Ok(vec![promise]);
    }
    Ok(vec![
        promise.number("min_ratio", least).number("max_ratio", most),
    ])
}

fn cardinality(test: &Test) -> Reading {
    test.only(&["field", "to"])?;
    let field = test.need("field")?;
    words(field, "field")?;
    let promise = Promise::of("value_counts_match", test.place(), test.column()?)
        .with("dataset", model(test.need("to")?, "to")?)
        .with("their_column", field.clone());
    Ok(vec![promise])
}

fn ranges(test: &Test) -> Reading {
    test.only(&[
        "lower_bound_column",
        "upper_bound_column",
        "partition_by",
        "gaps",
        "zero_length_range_allowed",
    ])?;
    let column = |name: &'static str| {
        let node = test.need(name)?;
        let written = plain(node, name)?;
        let column = super::one_column(written);
        let column = column.ok_or_else(|| Refused::Dropped(format!("`{written}` is no column")))?;
        Ok(build::text(&node.place, column))
    };
    let zero = test
        .get("zero_length_range_allowed")
        .is_some_and(|n| n.value == Value::Bool(true));
    let gaps = match test.get("gaps") {
        Some(node) => words(node, "gaps")?,
        None => "allowed",
    };
    let promise = Promise::new("mutually_exclusive_ranges", test.place())
        .with("lower", column("lower_bound_column")?)
        .with("upper", column("upper_bound_column")?)
        .text("gaps", gaps)
        .text("zero_length", if zero { "allowed" } else { "not_allowed" });
    Ok(vec![match test.get("partition_by") {
        Some(node) => {
            let written = plain(node, "partition_by")?;
            let names: Option<Vec<String>> = written.split(',').map(super::one_column).collect();
            let names = names
                .ok_or_else(|| Refused::Dropped(format!("`{written}` is no list of columns")))?;
            promise.with("by", build::texts(&node.place, names))
        }
        None => promise,
    }])
}
