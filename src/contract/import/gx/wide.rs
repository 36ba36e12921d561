//! Expectations that look at several columns of one row.

use super::super::promise::{Promise, Reading, Refused, finite, items, words};
use super::maps::cross_types;
use super::rule::{Rule, quoted, wrong};
use crate::config::tree::{Node, Value};
use crate::scalar::number_text;
use crate::sql;

/// The promises of an expectation about a pair or a list of columns; `None` for any other.
pub(super) fn read(rule: &Rule) -> Option<Reading> {
    Some(match rule.kind.as_str() {
        "expect_column_pair_values_to_be_equal" => pair(rule, Relation::Equal),
        "expect_column_pair_values_a_to_be_greater_than_b" => pair(rule, Relation::Greater),
        "expect_column_pair_values_to_be_in_set" => pairs(rule),
        "expect_compound_columns_to_be_unique" => compound(rule),
        "expect_select_column_values_to_be_unique_within_record"
        | "expect_multicolumn_values_to_be_unique" => distinct(rule),
        "expect_multicolumn_values_to_be_equal" => equal(rule),
        "expect_multicolumn_sum_to_equal" => sum(rule),
        _ => return None,
    })
}

#[derive(Clone, Copy)]
enum Relation {
    Equal,
    Greater,
}

/// Which rows `ignore_row_if` leaves out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ignore {
    AllMissing,
    AnyMissing,
    Never,
}

fn ignored(rule: &Rule) -> Result<Ignore, Refused> {
    match rule.words("ignore_row_if")? {
        None | Some("both_values_are_missing" | "all_values_are_missing") => Ok(Ignore::AllMissing),
        Some("either_value_is_missing" | "any_value_is_missing") => Ok(Ignore::AnyMissing),
        Some("neither" | "never") => Ok(Ignore::Never),
        Some(other) => Err(wrong(
            rule.place,
            format!("`ignore_row_if` cannot be `{other}`: all, any or never"),
            "not known",
        )),
    }
}

/// Only the rows that are not ignored.
fn kept(promise: Promise, ignore: Ignore, columns: &[String]) -> Promise {
    let nulls: Vec<String> = columns.iter().map(|c| format!("{c} IS NULL")).collect();
    match ignore {
        Ignore::AllMissing => promise.only(format!("NOT ({})", nulls.join(" AND "))),
        Ignore::AnyMissing => promise.only(format!("NOT ({})", nulls.join(" OR "))),
        Ignore::Never => promise,
    }
}

fn a_and_b(rule: &Rule) -> Result<[String; 2], Refused> {
    let column = |name: &'static str| rule.column_named(name).map(quoted);
    Ok([column("column_A")?, column("column_B")?])
}

fn pair(rule: &Rule, relation: Relation) -> Reading {
    cross_types(rule)?;
    let [a, b] = a_and_b(rule)?;
    let op = match relation {
        Relation::Equal => "=",
        Relation::Greater if rule.flag("or_equal")? => ">=",
        Relation::Greater => ">",
    };
    // A row with one value missing is not ignored by default, and its comparison is false.
    let promise = Promise::holds(rule.place, &format!("{a} {op} {b}"), "fail");
    let promise = kept(promise, ignored(rule)?, &[a, b]);
    rule.rows(promise).map(|p| vec![p])
}

fn pairs(rule: &Rule) -> Reading {
    let [a, b] = a_and_b(rule)?;
    let Some(set) = rule.get("value_pairs_set")? else {
        return Err(Refused::Empty(
            "without a `value_pairs_set` every pair is allowed".to_owned(),
        ));
    };
    let is = |column: &str, node: &Node| match node.value.scalar() {
        Some(value) => Ok(format!("{column} = {}", sql::literal(&value))),
        None if node.value == Value::Null => Ok(format!("{column} IS NULL")),
        None => Err(Refused::kind(
            node,
            "value_pairs_set",
            "pairs of single values",
        )),
    };
    let mut allowed = Vec::new();
    for node in items(set, "value_pairs_set")? {
        let [left, right] = items(node, "value_pairs_set")? else {
            return Err(Refused::kind(node, "value_pairs_set", "a list of pairs"));
        };
        allowed.push(format!("({} AND {})", is(&a, left)?, is(&b, right)?));
    }
    let sql = if allowed.is_empty() {
        "FALSE".to_owned()
    } else {
        allowed.join(" OR ")
    };
    let promise = kept(
        Promise::holds(rule.place, &sql, "fail"),
        ignored(rule)?,
        &[a, b],
    );
    rule.rows(promise).map(|p| vec![p])
}

fn names(rule: &Rule) -> Result<Vec<String>, Refused> {
    let (_, names) = rule.columns()?;
    Ok(names.into_iter().map(sql::identifier).collect())
}

/// Nulls equal each other here.
fn compound(rule: &Rule) -> Reading {
    let (list, _) = rule.columns()?;
    let ignore = ignored(rule)?;
    let promise = Promise::new("unique_key", rule.place)
        .with("columns", list.clone())
        .text("nulls", "equal")
        .text("count", "rows_in_groups");
    let promise = kept(promise, ignore, &names(rule)?);
    rule.rows(promise).map(|p| vec![p])
}

fn same(a: &str, b: &str) -> String {
    format!("COALESCE({a} = {b}, {a} IS NULL AND {b} IS NULL)")
}

/// Most columns that are compared each with each other.
const MOST: usize = 60;

/// No two columns of a row have the same value; two nulls are the same.
fn distinct(rule: &Rule) -> Reading {
    let columns = names(rule)?;
    let (list, _) = rule.columns()?;
    if columns.len() > MOST {
        return Err(Refused::Dropped(format!(
            "more than {MOST} columns in one row"
        )));
    }
    if columns.len() < 2 {
        return Err(Refused::value(list, "column_list", "two columns or more"));
    }
    let mut parts = Vec::new();
    for (at, a) in columns.iter().enumerate() {
        parts.extend(columns[at + 1..].iter().map(|b| same(a, b)));
    }
    let sql = format!("NOT ({})", parts.join(" OR "));
    let promise = kept(
        Promise::holds(rule.place, &sql, "pass"),
        ignored(rule)?,
        &columns,
    );
    rule.rows(promise).map(|p| vec![p])
}

fn equal(rule: &Rule) -> Reading {
    let columns = names(rule)?;
    let (list, _) = rule.columns()?;
    let [first, rest @ ..] = &columns[..] else {
        return Err(Refused::value(list, "column_list", "two columns or more"));
    };
    if rest.is_empty() {
        return Err(Refused::value(list, "column_list", "two columns or more"));
    }
    let parts: Vec<String> = rest.iter().map(|c| same(first, c)).collect();
    let promise = Promise::holds(rule.place, &parts.join(" AND "), "pass");
    let promise = kept(promise, ignored(rule)?, &columns);
    rule.rows(promise).map(|p| vec![p])
}

/// A null adds nothing.
fn sum(rule: &Rule) -> Reading {
    let columns = names(rule)?;
    let total = finite(rule.need("sum_total")?, "sum_total")?;
    let parts: Vec<String> = columns
        .iter()
        .map(|c| format!("COALESCE({c}, 0)"))
        .collect();
    let sql = format!("{} = {}", parts.join(" + "), number_text(total));
    let promise = kept(
        Promise::holds(rule.place, &sql, "fail"),
        ignored(rule)?,
        &columns,
    );
    let _ = words;
    rule.rows(promise).map(|p| vec![p])
}
