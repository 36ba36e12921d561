//! Checks as expectations that say the same.

use super::super::promise::Promise;
use super::{FORM, Kwargs};
use crate::config::tree::{Node, Value};
use crate::contract::import::build::{flag, int, list, number, text};
use crate::contract::import::text_of;
use crate::diagnostic::Place;

/// What an expectation looks at, which says what `mostly` is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// The values that are there.
    Values,
    /// Every row.
    Rows,
    /// One number.
    Number,
    /// Names of columns.
    Columns,
}

/// Expectations of one name that together say what a check does.
pub(super) struct Wanted {
    pub(super) name: &'static str,
    pub(super) kwargs: Vec<Kwargs>,
    pub(super) looks: Looks,
}

/// The expectation for a check with its arguments.
///
/// Errors: why there is none.
pub(super) fn wanted(promise: &Promise) -> Result<Wanted, String> {
    let found = values(promise)
        .or_else(|| texts(promise))
        .or_else(|| numbers(promise))
        .or_else(|| tables(promise));
    found.ok_or_else(|| format!("{FORM} has no expectation that says the same"))
}

fn one(name: &'static str, looks: Looks, kwargs: Kwargs) -> Wanted {
    Wanted {
        name,
        kwargs: vec![kwargs],
        looks,
    }
}

/// The column with more arguments; `None` for a promise about none.
fn of(promise: &Promise, more: Kwargs) -> Option<Kwargs> {
    let at = &promise.written.place;
    let mut kwargs = vec![("column", text(at, promise.column?))];
    kwargs.extend(more);
    Some(kwargs)
}

/// `min` and `max` with what `bounds` leaves out; none of them is no expectation.
fn limits(promise: &Promise) -> Option<Kwargs> {
    let at = &promise.written.place;
    let mut kwargs = promise.ends(["min_value", "max_value"])?;
    let bounds = promise.arg("bounds").and_then(text_of).unwrap_or("[]");
    let open = [
        ("strict_min", "min", bounds.starts_with('(')),
        ("strict_max", "max", bounds.ends_with(')')),
    ];
    for (key, arg, open) in open {
        if open && promise.arg(arg).is_some() {
            kwargs.push((key, flag(at, true)));
        }
    }
    Some(kwargs)
}

/// Rules about the values of one column.
fn values(promise: &Promise) -> Option<Wanted> {
    use Looks::{Rows, Values};
    let listed = |promise: &Promise| {
        let node = promise.arg("values")?;
        matches!(node.value, Value::List(_)).then(|| ("value_set", node.clone()))
    };
    let (name, looks, more) = match promise.written.check.as_str() {
        "not_null" if promise.own_only(&[]) => {
            ("expect_column_values_to_not_be_null", Rows, vec![])
        }
        "is_null" if promise.own_only(&[]) => ("expect_column_values_to_be_null", Rows, vec![]),
        "in_set" if promise.own_only(&["values"]) => (
            "expect_column_values_to_be_in_set",
            Values,
            vec![listed(promise)?],
        ),
        "not_in_set" if promise.own_only(&["values"]) => (
            "expect_column_values_to_not_be_in_set",
            Values,
            vec![listed(promise)?],
        ),
        "between" if promise.own_only(&["min", "max", "bounds"]) => (
            "expect_column_values_to_be_between",
            Values,
            limits(promise)?,
        ),
        "compare" if promise.own_only(&["op", "value"]) => (
            "expect_column_values_to_be_between",
            Values,
            compared(promise)?,
        ),
        "increasing" if promise.own_only(&["strict"]) => (
            "expect_column_values_to_be_increasing",
            Values,
            strictly(promise),
        ),
        "decreasing" if promise.own_only(&["strict"]) => (
            "expect_column_values_to_be_decreasing",
            Values,
            strictly(promise),
        ),
        "unique_key" => return unique(promise),
        _ => return None,
    };
    Some(one(name, looks, of(promise, more)?))
}

fn strictly(promise: &Promise) -> Kwargs {
    let strict = promise.arg("strict");
    strict
        .map(|n| ("strictly", n.clone()))
        .into_iter()
        .collect()
}

/// `> 5` as a bound.
fn compared(promise: &Promise) -> Option<Kwargs> {
    let value = promise.arg("value")?;
    value.value.scalar()?;
    let op = promise.arg("op").and_then(text_of)?;
    let (bound, strict) = match op {
        ">" | ">=" => ("min_value", "strict_min"),
        "<" | "<=" => ("max_value", "strict_max"),
        _ => return None,
    };
    let mut kwargs = vec![(bound, value.clone())];
    if op.len() == 1 {
        kwargs.push((strict, flag(&value.place, true)));
    }
    Some(kwargs)
}

/// A key whose rows with a null take no part, or whose nulls are equal; how failing rows are counted changes no verdict
/// where none may fail.
fn unique(promise: &Promise) -> Option<Wanted> {
    let ratio = promise.arg("max_failing_ratio").is_some();
    let count = promise.arg("count").and_then(text_of);
    if !promise.own_only(&["columns", "nulls", "count"]) || ratio && count != Some("rows_in_groups")
    {
        return None;
    }
    let node = promise.arg("columns")?;
    let names: Vec<Node> = match &node.value {
        Value::List(items) => items.clone(),
        Value::Text(_) => vec![node.clone()],
        _ => return None,
    };
    let nulls = promise.arg("nulls").and_then(text_of).unwrap_or("ignore");
    match (&names[..], nulls) {
        ([column], "ignore") => {
            let kwargs = vec![("column", column.clone())];
            Some(one(
                "expect_column_values_to_be_unique",
                Looks::Values,
                kwargs,
            ))
        }
        ([_, _, ..], "ignore" | "equal") => {
            let word = if nulls == "equal" {
                "never"
            } else {
                "any_value_is_missing"
            };
            let kwargs = vec![
                ("column_list", list(&node.place, names)),
                ("ignore_row_if", text(&node.place, word)),
            ];
            Some(one(
                "expect_compound_columns_to_be_unique",
                Looks::Rows,
                kwargs,
            ))
        }
        _ => None,
    }
}

/// Rules about texts.
fn texts(promise: &Promise) -> Option<Wanted> {
    let at = &promise.written.place;
    let kind = || promise.arg("kind").and_then(text_of);
    let (name, more) = match promise.written.check.as_str() {
        "matches" if promise.own_only(&["pattern", "match"]) => (
            "expect_column_values_to_match_regex",
            vec![anchored(promise)?],
        ),
        "not_matches" if promise.own_only(&["pattern", "match"]) => (
            "expect_column_values_to_not_match_regex",
            vec![anchored(promise)?],
        ),
        "length" if promise.own_only(&["min", "max"]) => (
            "expect_column_value_lengths_to_be_between",
            limits(promise)?,
        ),
        "format" if promise.own_only(&["kind"]) && kind() == Some("json") => {
            ("expect_column_values_to_be_json_parseable", vec![])
        }
        "json_schema" if promise.own_only(&["schema"]) => {
            let schema = promise
                .arg("schema")
                .filter(|n| matches!(n.value, Value::Map(_)))?;
            (
                "expect_column_values_to_match_json_schema",
                vec![("json_schema", schema.clone())],
            )
        }
        "not_empty" if promise.own_only(&[]) => {
            let least = vec![("min_value", int(at, 1))];
            ("expect_column_value_lengths_to_be_between", least)
        }
        _ => return None,
    };
    Some(one(name, Looks::Values, of(promise, more)?))
}

/// The pattern, anchored where it is not searched for.
fn anchored(promise: &Promise) -> Option<(&'static str, Node)> {
    let node = promise.arg("pattern")?;
    let pattern = text_of(node)?;
    let pattern = match promise.arg("match").and_then(text_of) {
        Some("full") => format!("^(?:{pattern})$"),
        Some("prefix") => format!("^(?:{pattern})"),
        _ => pattern.to_owned(),
    };
    Some(("regex", text(&node.place, pattern)))
}

/// Rules about one number.
fn numbers(promise: &Promise) -> Option<Wanted> {
    let plain = ["min", "max", "bounds"];
    let name = match promise.written.check.as_str() {
        "min_between" => "expect_column_min_to_be_between",
        "max_between" => "expect_column_max_to_be_between",
        "mean_between" => "expect_column_mean_to_be_between",
        "sum_between" => "expect_column_sum_to_be_between",
        "stddev_between" => "expect_column_stdev_to_be_between",
        "distinct_count" => "expect_column_unique_value_count_to_be_between",
        "non_null_ratio" => "expect_column_proportion_of_non_null_values_to_be_between",
        "null_ratio" if promise.own_only(&["max"]) => return null_ratio(promise),
        "distinct_values" if promise.own_only(&["values", "mode"]) => return set(promise),
        _ => return None,
    };
    let fits = promise.own_only(&plain);
    let more = if fits { limits(promise)? } else { return None };
    Some(one(name, Looks::Number, of(promise, more)?))
}

/// A share of nulls as the rest of the values that are there.
fn null_ratio(promise: &Promise) -> Option<Wanted> {
    let node = promise.arg("max")?;
    let most = node.value.scalar()?.number()?;
    let least = number(&node.place, ((1.0 - most) * 1e12).round() / 1e12);
    let name = "expect_column_proportion_of_non_null_values_to_be_between";
    Some(one(
        name,
        Looks::Number,
        of(promise, vec![("min_value", least)])?,
    ))
}

fn set(promise: &Promise) -> Option<Wanted> {
    let name = match promise.arg("mode").and_then(text_of).unwrap_or("subset") {
        "subset" => "expect_column_distinct_values_to_be_in_set",
        "superset" => "expect_column_distinct_values_to_contain_set",
        "equal" => "expect_column_distinct_values_to_equal_set",
        _ => return None,
    };
    let values = promise
        .arg("values")
        .filter(|n| matches!(n.value, Value::List(_)))?;
    Some(one(
        name,
        Looks::Number,
        of(promise, vec![("value_set", values.clone())])?,
    ))
}

/// Rules about the table.
fn tables(promise: &Promise) -> Option<Wanted> {
    let at = &promise.written.place;
    match promise.written.check.as_str() {
        "row_count" if promise.own_only(&["min", "max"]) => Some(one(
            "expect_table_row_count_to_be_between",
            Looks::Columns,
            limits(promise)?,
        )),
        "column_count" if promise.own_only(&["min", "max"]) => Some(one(
            "expect_table_column_count_to_be_between",
            Looks::Columns,
            limits(promise)?,
        )),
        "row_count_matches" if promise.own_only(&["dataset"]) => {
            let other = vec![("other_table_name", promise.arg("dataset")?.clone())];
            Some(one(
                "expect_table_row_count_to_equal_other_table",
                Looks::Columns,
                other,
            ))
        }
        "column_exists" if promise.own_only(&["columns"]) => {
            let Value::List(names) = &promise.arg("columns")?.value else {
                return None;
            };
            let each = names.iter().map(|n| vec![("column", n.clone())]);
            Some(Wanted {
                name: "expect_column_to_exist",
                kwargs: each.collect(),
                looks: Looks::Columns,
            })
        }
        "columns_match" if promise.own_only(&["columns", "mode", "order"]) => columns(promise, at),
        _ => None,
    }
}

fn columns(promise: &Promise, at: &Place) -> Option<Wanted> {
    let word = |name: &str, other| promise.arg(name).and_then(text_of).unwrap_or(other);
    let names = promise.arg("columns")?.clone();
    let (name, kwargs) = match (word("mode", "exact"), word("order", "any")) {
        ("exact" | "equal", "strict") => (
            "expect_table_columns_to_match_ordered_list",
            vec![("column_list", names)],
        ),
        ("exact" | "equal", _) => (
            "expect_table_columns_to_match_set",
            vec![("column_set", names), ("exact_match", flag(at, true))],
        ),
        ("superset", "any") => (
            "expect_table_columns_to_match_set",
            vec![("column_set", names), ("exact_match", flag(at, false))],
        ),
        _ => return None,
    };
    Some(one(name, Looks::Columns, kwargs))
}
