//! Tests of the package `dbt_expectations`: most are the Great Expectations of the same name, asked of SQL.
//!
//! `row_condition` is SQL here. A test counts failing rows as dbt does, so that an aggregate of no rows passes.

use super::super::build;
use super::super::gx;
use super::super::promise::{Promise, Reading, Refused, finite, items, share, whole, words};
use super::constraint::period;
use super::generic::model;
use super::test::Test;
use super::{entry, plain, quoted};
use crate::config::tree::{Key, Node, Value};

/// What a test of the package promises.
pub(super) fn read(test: &Test, name: &str) -> Reading {
    if let Some(node) = test.get("group_by")
        && !matches!(&node.value, Value::List(items) if items.is_empty())
        && !ORDERED.contains(&name)
    {
        return Err(Refused::Dropped("`group_by` has no counterpart".to_owned()));
    }
    let found = match name {
        "expect_table_columns_to_contain_set" => contain(test, false),
        "expect_table_columns_to_not_contain_set" => contain(test, true),
        "expect_row_values_to_have_recent_data" => recent(test),
        "expect_table_row_count_to_equal_other_table" => other_table(test, 1.0),
        "expect_table_row_count_to_equal_other_table_times_factor" => {
            other_table(test, finite(test.need("factor")?, "factor")?)
        }
        "expect_column_quantile_values_to_be_between" => quantile(test),
        "expect_column_values_to_have_consistent_casing" => {
            test.only(&["display_inconsistent_columns"])?;
            Ok(vec![Promise::of(
                "consistent_casing",
                test.place(),
                test.column()?,
            )])
        }
        "expect_column_values_to_be_of_type" => renamed(test, name, "column_type", "type_"),
        "expect_column_values_to_be_in_type_list" => {
            renamed(test, name, "column_type_list", "type_list")
        }
        "expect_column_distinct_count_to_equal" => distinct(test, name),
        "expect_column_distinct_count_to_be_greater_than" => distinct(test, name),
        "expect_column_values_to_be_within_n_stdevs" => {
            test.only(&["sigma_threshold", "group_by", "row_condition"])?;
            let most = test
                .get("sigma_threshold")
                .map(|n| finite(n, "sigma_threshold"));
            let most = most.transpose()?.unwrap_or(3.0);
            let promise = Promise::of("z_scores_between", test.place(), test.column()?);
            Ok(vec![promise.number("min", -most).number("max", most)])
        }
        "expect_row_values_to_have_data_for_every_n_datepart" => every_period(test),
        "expect_table_aggregation_to_equal_other_table" => aggregation(test),
        "expect_column_distinct_count_to_equal_other_table" => distinct_there(test),
        "expression_is_true" => {
            test.only(&["expression"])?;
            let node = test.need("expression")?;
            let sql = build::text(&node.place, plain(node, "expression")?);
            Ok(vec![
                Promise::new("expression", test.place()).with("expr", sql),
            ])
        }
        _ if SAME.contains(&name) => same(test, name),
        _ if KNOWN.contains(&name) => Err(Refused::Dropped("no check has its rules".to_owned())),
        _ => Err(Refused::Dropped(
            "dbt_expectations has no test of this name that is known here".to_owned(),
        )),
    };
    found.and_then(|promises| promises.into_iter().map(|p| filtered(test, p)).collect())
}

/// Tests that have the name and the arguments of an expectation.
const SAME: &[&str] = &[
    "expect_column_to_exist",
    "expect_table_column_count_to_be_between",
    "expect_table_column_count_to_equal",
    "expect_table_columns_to_match_ordered_list",
    "expect_table_columns_to_match_set",
    "expect_table_row_count_to_be_between",
    "expect_table_row_count_to_equal",
    "expect_column_values_to_be_null",
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_unique",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_increasing",
    "expect_column_values_to_be_decreasing",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_not_match_regex",
    "expect_column_values_to_match_regex_list",
    "expect_column_values_to_not_match_regex_list",
    "expect_column_values_to_match_like_pattern",
    "expect_column_values_to_not_match_like_pattern",
    "expect_column_values_to_match_like_pattern_list",
    "expect_column_values_to_not_match_like_pattern_list",
    "expect_column_min_to_be_between",
    "expect_column_max_to_be_between",
    "expect_column_mean_to_be_between",
    "expect_column_median_to_be_between",
    "expect_column_stdev_to_be_between",
    "expect_column_sum_to_be_between",
    "expect_column_unique_value_count_to_be_between",
    "expect_column_proportion_of_unique_values_to_be_between",
    "expect_column_distinct_values_to_be_in_set",
    "expect_column_distinct_values_to_contain_set",
    "expect_column_distinct_values_to_equal_set",
    "expect_column_most_common_value_to_be_in_set",
    "expect_column_pair_values_A_to_be_greater_than_B",
    "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set",
    "expect_compound_columns_to_be_unique",
    "expect_multicolumn_sum_to_equal",
    "expect_select_column_values_to_be_unique_within_record",
];

/// Tests of the package that nothing here holds.
const KNOWN: &[&str] = &[
    "expect_grouped_row_values_to_have_recent_data",
    "expect_table_column_count_to_equal_other_table",
    "expect_column_values_to_be_within_n_moving_stdevs",
];

/// Tests whose `group_by` is held as `by`.
const ORDERED: &[&str] = &[
    "expect_column_values_to_be_increasing",
    "expect_column_values_to_be_decreasing",
];

/// Arguments that this module reads itself, or that say how SQL is written.
const OURS: &[&str] = &[
    "row_condition",
    "quote_values",
    "group_by",
    "sort_column",
    "step",
    "is_raw",
    "flags",
    "transform",
    "strictly",
    "quote_columns",
];

fn flag(test: &Test, name: &str) -> bool {
    test.get(name).is_some_and(|n| n.value == Value::Bool(true))
}

fn same(test: &Test, name: &str) -> Reading {
    let ordered = ORDERED.contains(&name);
    if let Some(node) = test.get("step").filter(|_| ordered) {
        let _ = node;
        return Err(Refused::Dropped("`step` has no counterpart".to_owned()));
    }
    if let Some(node) = test.get("sort_column").filter(|_| ordered)
        && test.column()?.value != node.value
    {
        return Err(Refused::Dropped(
            "`sort_column`: rows are looked at in the order of the file".to_owned(),
        ));
    }
    let mut kwargs: Vec<(Key, Node)> = test.kwargs();
    kwargs.retain(|(k, _)| !OURS.contains(&&*k.name));
    flagged(test, &mut kwargs)?;
    if let Some(node) = test.get("strictly") {
        if ordered {
            kwargs.push(entry("strictly", node.clone()));
        } else {
            // Here it leaves both bounds out.
            kwargs.push(entry("strict_min", node.clone()));
            kwargs.push(entry("strict_max", node.clone()));
        }
    }
    if name == "expect_table_columns_to_match_ordered_list"
        || name == "expect_table_columns_to_match_set"
    {
        transform(test)?;
    }
    let promises = borrowed(test, name, &kwargs)?;
    let by = test.get("group_by").filter(|_| ordered);
    Ok(promises
        .into_iter()
        .map(|p| p.maybe("by", by.cloned()))
        .collect())
}

/// `flags: i` of a regular expression, written into it.
fn flagged(test: &Test, kwargs: &mut [(Key, Node)]) -> Result<(), Refused> {
    match test.get("flags").map(|n| words(n, "flags")).transpose()? {
        None | Some("") => return Ok(()),
        Some("i") => {}
        Some(other) => {
            return Err(Refused::Dropped(format!(
                "`flags: {other}` of a regular expression mean what the warehouse says"
            )));
        }
    }
    for (key, node) in kwargs {
        match (key.name.as_str(), &mut node.value) {
            ("regex", Value::Text(pattern)) => *pattern = format!("(?i){pattern}"),
            ("regex_list", Value::List(all)) => {
                for item in all {
                    if let Value::Text(pattern) = &mut item.value {
                        *pattern = format!("(?i){pattern}");
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn transform(test: &Test) -> Result<(), Refused> {
    match test
        .get("transform")
        .map(|n| words(n, "transform"))
        .transpose()?
    {
        None | Some("none") => Ok(()),
        Some(_) => {
            test.note("names are compared exactly, `transform` is left out");
            Ok(())
        }
    }
}

fn borrowed(test: &Test, name: &str, kwargs: &[(Key, Node)]) -> Reading {
    gx::promises(name, test.place(), kwargs)
}

fn renamed(test: &Test, name: &str, theirs: &str, ours: &str) -> Reading {
    let mut kwargs = test.kwargs();
    for (key, _) in &mut kwargs {
        if key.name == theirs {
            ours.clone_into(&mut key.name);
        }
    }
    kwargs.retain(|(k, _)| !OURS.contains(&&*k.name));
    borrowed(test, name, &kwargs)
}

/// `row_condition`, which is SQL.
fn filtered(test: &Test, promise: Promise) -> Result<Promise, Refused> {
    match test.get("row_condition") {
        Some(node) if promise.reads_rows() => {
            Ok(promise.only_at(plain(node, "row_condition")?, &node.place))
        }
        Some(_) => Err(Refused::Dropped(
            "`row_condition` of a test that reads no rows".to_owned(),
        )),
        None => Ok(promise),
    }
}

fn contain(test: &Test, absent: bool) -> Reading {
    test.only(&["column_list", "transform"])?;
    transform(test)?;
    let node = test.need("column_list")?;
    if items(node, "column_list")?.is_empty() {
        return Err(Refused::kind(node, "column_list", "a list of one or more"));
    }
    let promise = Promise::new("column_exists", test.place()).with("columns", node.clone());
    Ok(vec![if absent {
        promise.flag("absent", true)
    } else {
        promise
    }])
}

fn recent(test: &Test) -> Reading {
    test.only(&["datepart", "interval", "row_condition"])?;
    let part = test.need("datepart")?;
    let count = whole(test.need("interval")?, "interval")?;
    let age = period(words(part, "datepart")?).and_then(|m| m.checked_mul(count));
    let age = age
        .filter(|m| (0..=i128::from(u32::MAX)).contains(m))
        .ok_or_else(|| {
            Refused::Dropped(format!("{count} {} is no fixed length of time", part.value))
        })?;
    let promise =
        Promise::of("data_fresh", test.place(), test.column()?).text("max_age", &format!("{age}m"));
    Ok(vec![promise])
}

fn every_period(test: &Test) -> Reading {
    test.only(&["date_col", "date_part", "interval", "row_condition"])?;
    if test
        .get("interval")
        .map(|n| whole(n, "interval"))
        .transpose()?
        .is_some_and(|n| n != 1)
    {
        return Err(Refused::Dropped(
            "`interval` of more than one period".to_owned(),
        ));
    }
    let promise = Promise::of("no_gaps", test.place(), test.need("date_col")?);
    Ok(vec![
        promise.maybe("period", test.get("date_part").cloned()),
    ])
}

fn other_table(test: &Test, factor: f64) -> Reading {
    test.only(&[
        "compare_model",
        "factor",
        "row_condition",
        "compare_row_condition",
        "group_by",
    ])?;
    if test.get("compare_row_condition").is_some() {
        return Err(Refused::Dropped(
            "`compare_row_condition` has no counterpart".to_owned(),
        ));
    }
    let promise = Promise::new("row_count_matches", test.place()).with(
        "dataset",
        model(test.need("compare_model")?, "compare_model")?,
    );
    if (factor - 1.0).abs() < f64::EPSILON / 4.0 {
        return Ok(vec![promise]);
    }
    Ok(vec![
        promise
            .number("min_ratio", factor)
            .number("max_ratio", factor),
    ])
}

fn quantile(test: &Test) -> Reading {
    test.only(&[
        "quantile",
        "min_value",
        "max_value",
        "row_condition",
        "strictly",
        "group_by",
    ])?;
    let q = share(test.need("quantile")?, "quantile")?;
    let bound = |name: &str| test.get(name).map(|n| finite(n, name)).transpose();
    let (min, max) = (bound("min_value")?, bound("max_value")?);
    if min.is_none() && max.is_none() {
        return Err(Refused::missing(
            test.place(),
            "a quantile",
            "min_value` or `max_value",
        ));
    }
    let at = test.place();
    let promise = Promise::of("quantile_between", at, test.column()?)
        .number("q", q)
        .maybe("min", min.map(|v| build::number(at, v)))
        .maybe("max", max.map(|v| build::number(at, v)));
    Ok(vec![if flag(test, "strictly") {
        promise.text("bounds", "()")
    } else {
        promise
    }])
}

/// An aggregate of two models, which must be the same within a tolerance.
fn aggregation(test: &Test) -> Reading {
    test.only(&[
        "expression",
        "compare_model",
        "compare_expression",
        "group_by",
        "tolerance",
        "tolerance_percent",
        "row_condition",
    ])?;
    let own = test.need("expression")?;
    let sql = |node: &Node, name: &str| plain(node, name).map(|t| build::text(&node.place, t));
    let theirs = test.get("compare_expression");
    let theirs = theirs.map(|n| sql(n, "compare_expression")).transpose()?;
    let number = |name: &str| test.get(name).map(|n| finite(n, name)).transpose();
    let other = model(test.need("compare_model")?, "compare_model")?;
    let promise = Promise::new("aggregate_matches", test.place())
        .with("expr", sql(own, "expression")?)
        .with("dataset", other)
        .maybe("their_expr", theirs);
    let promise = match number("tolerance")? {
        Some(v) if v > 0.0 => promise.number("tolerance", v),
        _ => promise,
    };
    Ok(vec![match number("tolerance_percent")? {
        Some(v) if v > 0.0 => {
            let why = "`tolerance_percent` is a share of the number here; `aggregate_matches` takes one of that there";
            return Err(Refused::Dropped(why.to_owned()));
        }
        _ => promise,
    }])
}

fn distinct_there(test: &Test) -> Reading {
    test.only(&["compare_model", "compare_column_name", "row_condition"])?;
    let column = quoted(test.column()?);
    let theirs = match test.get("compare_column_name") {
        Some(node) => crate::sql::identifier(plain(node, "compare_column_name")?),
        None => column.clone(),
    };
    let other = model(test.need("compare_model")?, "compare_model")?;
    let promise = Promise::new("aggregate_matches", test.place())
        .text("expr", &format!("COUNT(DISTINCT {column})"))
        .with("dataset", other)
        .text("their_expr", &format!("COUNT(DISTINCT {theirs})"));
    Ok(vec![promise])
}

fn distinct(test: &Test, name: &str) -> Reading {
    test.only(&["value", "quote_values", "group_by", "row_condition"])?;
    let value = whole(test.need("value")?, "value")?;
    let promise = Promise::of("distinct_count", test.place(), test.column()?);
    Ok(vec![if name.ends_with("greater_than") {
        promise.whole("min", value.saturating_add(1).max(0))
    } else {
        promise
            .whole("min", value.max(0))
            .whole("max", value.max(0))
    }])
}
