//! Checks as tests that say the same.

use super::super::promise::Promise;
use super::Test;
use crate::config::tree::{Node, Value};
use crate::contract::import::build::{flag, int, list, number, text};
use crate::contract::import::text_of;
use crate::plan::bind::seconds;

/// Whether a test counts the rows that the check counts, as its thresholds want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// It does.
    Failing,
    /// It counts something else, or nothing.
    Otherwise,
}

/// The tests for a check with its arguments.
///
/// Errors: why there are none.
pub(super) fn wanted(promise: &Promise) -> Result<(Vec<Test>, Counts), String> {
    let found = rows(promise)
        .map(|tests| (tests, Counts::Failing))
        .or_else(|| others(promise).map(|tests| (tests, Counts::Otherwise)));
    found.ok_or_else(|| {
        "neither dbt nor its packages dbt_utils and dbt_expectations have a test that says the same".to_owned()
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the arm of a match whose other arms may find no test"
)]
fn one(name: &'static str, args: Vec<(&'static str, Node)>) -> Option<Vec<Test>> {
    Some(vec![(name, args)])
}

/// `ref('other')`.
fn referred(node: &Node) -> Option<Node> {
    let name = text_of(node)?;
    let plain = !name.is_empty() && !name.contains(['\'', '"', '{', '}', '(', ')']);
    plain.then(|| text(&node.place, format!("ref('{name}')")))
}

/// Tests whose failing rows are those of the check.
fn rows(promise: &Promise) -> Option<Vec<Test>> {
    let values = || {
        let node = promise.arg("values")?;
        matches!(node.value, Value::List(_)).then(|| ("values", node.clone()))
    };
    let has_column = promise.column.is_some();
    match promise.written.check.as_str() {
        "not_null" if has_column && promise.own_only(&[]) => one("not_null", vec![]),
        "is_null" if has_column && promise.own_only(&[]) => {
            one("dbt_expectations.expect_column_values_to_be_null", vec![])
        }
        // A row of the answer is one value, unless there may be none.
        "in_set" if promise.own_only(&["values"]) && promise.arg("max_failing").is_none() => {
            one("accepted_values", vec![values()?])
        }
        "not_in_set" if promise.own_only(&["values"]) && promise.arg("max_failing").is_none() => {
            one("dbt_utils.not_accepted_values", vec![values()?])
        }
        "not_blank" if promise.own_only(&[]) => one("dbt_utils.not_empty_string", vec![]),
        "not_empty" if promise.own_only(&[]) => {
            let trim = flag(&promise.written.place, false);
            one(
                "dbt_utils.not_empty_string",
                vec![("trim_whitespace", trim)],
            )
        }
        "between" if promise.own_only(&["min", "max", "bounds"]) => range(promise),
        "length" if promise.own_only(&["min", "max"]) => one(
            "dbt_expectations.expect_column_value_lengths_to_be_between",
            promise.ends(["min_value", "max_value"])?,
        ),
        "matches" if promise.own_only(&["pattern", "match"]) => one(
            "dbt_expectations.expect_column_values_to_match_regex",
            vec![pattern(promise)?],
        ),
        "not_matches" if promise.own_only(&["pattern", "match"]) => one(
            "dbt_expectations.expect_column_values_to_not_match_regex",
            vec![pattern(promise)?],
        ),
        "expression" if promise.own_only(&["expr"]) && !has_column => one(
            "dbt_utils.expression_is_true",
            vec![("expression", promise.arg("expr")?.clone())],
        ),
        "foreign_key" if promise.own_only(&["columns", "dataset", "their_columns"]) => {
            relationship(promise)
        }
        "unique_key" => unique(promise),
        _ => None,
    }
}

/// Both bounds of one kind, else a test for each.
fn range(promise: &Promise) -> Option<Vec<Test>> {
    let ends = promise.ends(["min_value", "max_value"])?;
    let number = |n: &Node| matches!(n.value, Value::Int(_) | Value::Float(_));
    if !ends.iter().all(|(_, n)| number(n)) {
        return None;
    }
    let name = "dbt_utils.accepted_range";
    let bounds = promise.arg("bounds").and_then(text_of).unwrap_or("[]");
    let open = |key: &str| {
        if key == "min_value" {
            bounds.starts_with('(')
        } else {
            bounds.ends_with(')')
        }
    };
    let with = |mut args: Vec<(&'static str, Node)>| {
        if args.iter().all(|(key, _)| open(key)) {
            args.push(("inclusive", flag(&promise.written.place, false)));
        }
        (name, args)
    };
    match &ends[..] {
        [(a, _), (b, _)] if open(a) != open(b) => {
            // A value outside both of them fails twice, which only a tolerance would count.
            let tolerated = promise.arg("max_failing").is_some();
            (!tolerated).then(|| ends.into_iter().map(|e| with(vec![e])).collect())
        }
        _ => Some(vec![with(ends)]),
    }
}

/// The pattern, anchored where it is not searched for.
fn pattern(promise: &Promise) -> Option<(&'static str, Node)> {
    let node = promise.arg("pattern")?;
    let written = text_of(node)?;
    let written = match promise.arg("match").and_then(text_of) {
        Some("full") => format!("^({written})$"),
        Some("prefix") => format!("^({written})"),
        _ => written.to_owned(),
    };
    Some(("regex", text(&node.place, written)))
}

/// A key of one column into another model.
fn relationship(promise: &Promise) -> Option<Vec<Test>> {
    let single = |name: &str| {
        let node = promise.arg(name)?;
        match &node.value {
            Value::Text(_) => Some(node.clone()),
            Value::List(items) if items.len() == 1 => Some(items[0].clone()),
            _ => None,
        }
    };
    // The test stands under a column.
    let own = promise.column?;
    let field = match promise.arg("their_columns") {
        Some(_) => single("their_columns")?,
        None => text(&promise.written.place, own),
    };
    let to = referred(promise.arg("dataset")?)?;
    one("relationships", vec![("to", to), ("field", field)])
}

/// A key: of one column whose nulls take no part, or of several whose nulls are equal.
fn unique(promise: &Promise) -> Option<Vec<Test>> {
    if !promise.own_only(&["columns", "nulls", "count"]) {
        return None;
    }
    let tolerated = promise.arg("max_failing").is_some();
    if tolerated && promise.arg("count").and_then(text_of) != Some("groups") {
        return None;
    }
    let node = promise.arg("columns")?;
    let Value::List(names) = &node.value else {
        return None;
    };
    match (
        names.len(),
        promise.arg("nulls").and_then(text_of).unwrap_or("ignore"),
    ) {
        (2.., "equal") => one(
            "dbt_utils.unique_combination_of_columns",
            vec![("combination_of_columns", list(&node.place, names.clone()))],
        ),
        _ => None,
    }
}

/// Tests of one number, of the table and of other models.
fn others(promise: &Promise) -> Option<Vec<Test>> {
    let at = &promise.written.place;
    let check = promise.written.check.as_str();
    let limited = |name: &'static str| {
        let closed = promise.own_only(&["min", "max"]);
        closed
            .then(|| one(name, promise.ends(["min_value", "max_value"])?))
            .flatten()
    };
    match check {
        "row_count" => limited("dbt_expectations.expect_table_row_count_to_be_between"),
        "column_count" => limited("dbt_expectations.expect_table_column_count_to_be_between"),
        "mean_between" => limited("dbt_expectations.expect_column_mean_to_be_between"),
        "sum_between" => limited("dbt_expectations.expect_column_sum_to_be_between"),
        "min_between" => limited("dbt_expectations.expect_column_min_to_be_between"),
        "max_between" => limited("dbt_expectations.expect_column_max_to_be_between"),
        "stddev_between" => limited("dbt_expectations.expect_column_stdev_to_be_between"),
        "distinct_count" => {
            limited("dbt_expectations.expect_column_unique_value_count_to_be_between")
        }
        "at_least_one" if promise.own_only(&[]) => one("dbt_utils.at_least_one", vec![]),
        "no_constant" if promise.own_only(&[]) => one("dbt_utils.not_constant", vec![]),
        "non_null_ratio" if promise.own_only(&["min", "max"]) => {
            let mut args = promise.ends(["at_least", "at_most"])?;
            if args.iter().all(|(key, _)| *key != "at_least") {
                args.push(("at_least", int(at, 0)));
            }
            one("dbt_utils.not_null_proportion", args)
        }
        "null_ratio" if promise.own_only(&["max"]) => {
            let node = promise.arg("max")?;
            let most = node.value.scalar()?.number()?;
            let least = number(&node.place, ((1.0 - most) * 1e12).round() / 1e12);
            one("dbt_utils.not_null_proportion", vec![("at_least", least)])
        }
        "data_fresh" if promise.own_only(&["max_age"]) => fresh(promise),
        "row_count_matches" if promise.own_only(&["dataset"]) => {
            let other = referred(promise.arg("dataset")?)?;
            one("dbt_utils.equal_rowcount", vec![("compare_model", other)])
        }
        "column_exists" if promise.own_only(&["columns"]) => one(
            "dbt_expectations.expect_table_columns_to_contain_set",
            vec![("column_list", promise.arg("columns")?.clone())],
        ),
        "columns_match" if promise.own_only(&["columns"]) => one(
            "dbt_expectations.expect_table_columns_to_match_set",
            vec![("column_list", promise.arg("columns")?.clone())],
        ),
        _ => None,
    }
}

/// The age in the largest unit that it is a whole number of.
fn fresh(promise: &Promise) -> Option<Vec<Test>> {
    let node = promise.arg("max_age")?;
    let seconds = seconds(text_of(node)?).filter(|s| s % 60 == 0)?;
    let minutes = seconds / 60;
    let (part, count) = match minutes {
        m if m % 1440 == 0 => ("day", m / 1440),
        m if m % 60 == 0 => ("hour", m / 60),
        m => ("minute", m),
    };
    let args = vec![
        ("datepart", text(&node.place, part)),
        ("field", text(&node.place, promise.column?)),
        ("interval", int(&node.place, count)),
    ];
    one("dbt_utils.recency", args)
}
