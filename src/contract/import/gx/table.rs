//! Expectations about columns, rows of the whole table, and queries.

use super::super::build;
use super::super::promise::{Promise, Reading, Refused, items, whole, words};
use super::maps::no_bound;
use super::rule::{Rule, wrong};
use crate::config::tree::{Node, Value};

/// The promises of an expectation about the table; `None` for any other.
pub(super) fn read(rule: &Rule) -> Option<Reading> {
    Some(match rule.kind.as_str() {
        "expect_column_to_exist" => exists(rule),
        "expect_table_columns_to_match_set" => set(rule),
        "expect_table_columns_to_match_ordered_list" => ordered(rule),
        "expect_table_column_count_to_equal" => columns_equal(rule),
        "expect_table_column_count_to_be_between" => columns_between(rule),
        "expect_table_row_count_to_equal" => rows_equal(rule),
        "expect_table_row_count_to_be_between" => rows_between(rule),
        "expect_table_row_count_to_equal_other_table" => other_table(rule),
        "unexpected_rows_expectation" => query(rule),
        "expect_query_results_to_match_comparison" => Err(Refused::Dropped(
            "it compares with a query on another data source".to_owned(),
        )),
        _ => return None,
    })
}

fn exists(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let promise = Promise::new("column_exists", rule.place)
        .with("columns", build::list(&column.place, vec![column.clone()]));
    // Counted from 0 there.
    let position = rule.get("column_index")?.map(|n| count(n, "column_index"));
    Ok(vec![match position.transpose()? {
        Some(node) => promise.whole("position", whole(&node, "column_index")?.saturating_add(1)),
        None => promise,
    }])
}

fn names(node: &Node, name: &str) -> Result<bool, Refused> {
    let names = items(node, name)?;
    for item in names {
        words(item, name)?;
    }
    Ok(!names.is_empty())
}

fn set(rule: &Rule) -> Reading {
    let exact = rule.get("exact_match")?.is_none() || rule.flag("exact_match")?;
    let Some(node) = rule.get("column_set")? else {
        if exact {
            // No column is expected, so that any one is too many.
            let none = Promise::new("column_count", rule.place).whole("max", 0);
            return Ok(vec![none]);
        }
        let why = "without a `column_set` every column is allowed";
        return Err(Refused::Empty(why.to_owned()));
    };
    if !names(node, "column_set")? {
        return Err(Refused::kind(node, "column_set", "a list of one or more"));
    }
    let promise = Promise::new("columns_match", rule.place).with("columns", node.clone());
    Ok(vec![if exact {
        promise
    } else {
        promise.text("mode", "superset")
    }])
}

fn ordered(rule: &Rule) -> Reading {
    let Some(node) = rule.get("column_list")? else {
        return Err(Refused::Empty(
            "without a `column_list` every column is allowed".to_owned(),
        ));
    };
    if !names(node, "column_list")? {
        return Err(Refused::kind(node, "column_list", "a list of one or more"));
    }
    let promise = Promise::new("columns_match", rule.place)
        .with("columns", node.clone())
        .text("order", "strict");
    Ok(vec![promise])
}

fn count(node: &Node, name: &str) -> Result<Node, Refused> {
    let value = whole(node, name)?;
    if value < 0 {
        return Err(Refused::value(node, name, "0 or more"));
    }
    Ok(build::int(&node.place, value))
}

fn counts(rule: &Rule) -> Result<(Option<Node>, Option<Node>), Refused> {
    let min = rule.get("min_value")?.map(|n| count(n, "min_value"));
    let max = rule.get("max_value")?.map(|n| count(n, "max_value"));
    let (mut min, mut max) = (min.transpose()?, max.transpose()?);
    // The number next to one that is left out.
    if let (true, Some(node)) = (rule.flag("strict_min")?, &mut min) {
        node.value = Value::Int(whole(node, "min_value")?.saturating_add(1));
    }
    if let (true, Some(node)) = (rule.flag("strict_max")?, &mut max) {
        if whole(node, "max_value")? == 0 {
            return Err(Refused::value(
                node,
                "max_value",
                "more than 0 with `strict_max`",
            ));
        }
        node.value = Value::Int(whole(node, "max_value")?.saturating_sub(1));
    }
    if let (Some(a), Some(b)) = (&min, &max)
        && whole(a, "min_value")? > whole(b, "max_value")?
    {
        return Err(Refused::value(a, "min_value", "at most `max_value`"));
    }
    Ok((min, max))
}

fn columns_equal(rule: &Rule) -> Reading {
    let value = count(rule.need("value")?, "value")?;
    let promise = Promise::new("column_count", rule.place)
        .with("min", value.clone())
        .with("max", value);
    Ok(vec![promise])
}

fn columns_between(rule: &Rule) -> Reading {
    let (min, max) = counts(rule)?;
    if min.is_none() && max.is_none() {
        return Err(Refused::Empty(
            "without a bound every number is allowed".to_owned(),
        ));
    }
    let promise = Promise::new("column_count", rule.place)
        .maybe("min", min)
        .maybe("max", max);
    Ok(vec![promise])
}

fn rows_equal(rule: &Rule) -> Reading {
    let value = count(rule.need("value")?, "value")?;
    let promise = Promise::new("row_count", rule.place)
        .with("min", value.clone())
        .with("max", value);
    Ok(vec![rule.filtered(promise)?])
}

fn rows_between(rule: &Rule) -> Reading {
    let (min, max) = counts(rule)?;
    if min.is_none() && max.is_none() {
        return Err(no_bound(rule));
    }
    let promise = Promise::new("row_count", rule.place)
        .maybe("min", min)
        .maybe("max", max);
    Ok(vec![rule.filtered(promise)?])
}

fn other_table(rule: &Rule) -> Reading {
    let node = rule.need("other_table_name")?;
    words(node, "other_table_name")?;
    let promise = Promise::new("row_count_matches", rule.place).with("dataset", node.clone());
    rule.note("the other table is the dataset of its name in tollgate.yaml");
    Ok(vec![rule.filtered(promise)?])
}

/// `{batch}`, and `{active_batch}` before 1.0, are the rows of the dataset.
fn query(rule: &Rule) -> Reading {
    let node = rule.need("unexpected_rows_query")?;
    let written = words(node, "unexpected_rows_query")?;
    if !written.contains("{batch}") && !written.contains("{active_batch}") {
        return Err(wrong(
            &node.place,
            "`unexpected_rows_query` does not read `{batch}`",
            "another table",
        ));
    }
    let sql = written
        .replace("{batch}", "data")
        .replace("{active_batch}", "data");
    let promise = Promise::new("returns_no_rows", rule.place)
        .with("query", build::text(&node.place, sql))
        .text("on_empty", "pass");
    Ok(vec![rule.filtered(promise)?])
}
