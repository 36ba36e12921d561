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

/// No two columns of a row have the same value; two nulls are the same.
fn distinct(rule: &Rule) -> Reading {
    let nulls = match ignored(rule)? {
        Ignore::AllMissing => "ignore_all",
        Ignore::AnyMissing => "ignore_row",
        Ignore::Never => "equal",
    };
    let promise = Promise::new("unique_within_row", rule.place).with("columns", two_or_more(rule)?);
    rule.rows(promise.text("nulls", nulls)).map(|p| vec![p])
}

fn two_or_more(rule: &Rule) -> Result<Node, Refused> {
    let (list, names) = rule.columns()?;
    if names.len() < 2 {
        return Err(Refused::value(list, "column_list", "two columns or more"));
    }
    Ok(list.clone())
}

/// What is left of the rows that are not ignored fails where a value is missing.
fn missing(rule: &Rule) -> Result<&'static str, Refused> {
    Ok(match ignored(rule)? {
        Ignore::AllMissing => "ignore_all",
        Ignore::AnyMissing => "ignore",
        Ignore::Never => "fail",
    })
}

fn equal(rule: &Rule) -> Reading {
    let promise = Promise::new("columns_equal", rule.place).with("columns", two_or_more(rule)?);
    rule.rows(promise.text("nulls", missing(rule)?))
        .map(|p| vec![p])
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
