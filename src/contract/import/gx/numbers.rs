//! Expectations about one number of a column, or about the set of its values.

use super::super::build;
use super::super::promise::{Promise, Reading, Refused, finite, items, share, whole};
use super::maps::{cross_types, known};
use super::rule::{Rule, quoted, wrong};
use crate::config::tree::{Node, Value};
use crate::diagnostic::Place;
use crate::sql;

/// The promises of an aggregate; `None` for any other expectation.
pub(super) fn read(rule: &Rule) -> Option<Reading> {
    Some(match rule.kind.as_str() {
        "expect_column_min_to_be_between" => extreme(rule, "min_between"),
        "expect_column_max_to_be_between" => extreme(rule, "max_between"),
        "expect_column_mean_to_be_between" => number(rule, "mean_between"),
        "expect_column_median_to_be_between" => median(rule),
        "expect_column_stdev_to_be_between" => number(rule, "stddev_between"),
        "expect_column_sum_to_be_between" => number(rule, "sum_between"),
        "expect_column_quantile_values_to_be_between" => quantiles(rule),
        "expect_column_unique_value_count_to_be_between" => distinct(rule),
        "expect_column_proportion_of_unique_values_to_be_between" => {
            let columns = Promise::new("distinctness_between", rule.place);
            rule.column()
                .and_then(|c| shares(rule, columns.with("columns", c.clone())))
        }
        "expect_column_proportion_of_non_null_values_to_be_between" => {
            let check = |c: &Node| Promise::of("non_null_ratio", rule.place, c);
            rule.column().and_then(|c| shares(rule, check(c)))
        }
        "expect_column_distinct_values_to_be_in_set" => values(rule, "subset"),
        "expect_column_distinct_values_to_contain_set" => values(rule, "superset"),
        "expect_column_distinct_values_to_equal_set" => values(rule, "equal"),
        "expect_column_most_common_value_to_be_in_set" => most_common(rule),
        "expect_column_kl_divergence_to_be_less_than" => divergence(rule),
        "expect_column_pair_cramers_phi_value_to_be_less_than" => association(rule),
        "expect_column_chisquare_test_p_value_to_be_greater_than" => chi_square(rule),
        "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than"
        | "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than" => Err(
            Refused::Dropped("Great Expectations itself has not computed it since 0.13".to_owned()),
        ),
        _ => return None,
    })
}

/// The bounds of an aggregate: closed, one left out moved to the next float.
struct Bounds {
    min: Option<f64>,
    max: Option<f64>,
}

fn bounds(rule: &Rule) -> Result<Bounds, Refused> {
    let min = rule.finite("min_value")?;
    let max = rule.finite("max_value")?;
    let (open_min, open_max) = (rule.flag("strict_min")?, rule.flag("strict_max")?);
    if let (Some(a), Some(b)) = (min, max)
        && a > b
    {
        let node = rule.need("min_value")?;
        return Err(Refused::value(node, "min_value", "at most `max_value`"));
    }
    if min.is_none() && max.is_none() {
        let why = "without a bound every number is allowed";
        return Err(Refused::Empty(why.to_owned()));
    }
    Ok(Bounds {
        min: min.map(|v| if open_min { v.next_up() } else { v }),
        max: max.map(|v| if open_max { v.next_down() } else { v }),
    })
}

impl Bounds {
    fn of(self, promise: Promise, at: &Place) -> Promise {
        promise
            .maybe("min", self.min.map(|v| build::number(at, v)))
            .maybe("max", self.max.map(|v| build::number(at, v)))
    }
}

fn number(rule: &Rule, check: &'static str) -> Reading {
    let column = rule.column()?;
    let promise = Promise::of(check, rule.place, column);
    rule.aggregate(bounds(rule)?.of(promise, rule.place))
}

/// The median: of an even number of values the mean of the two in the middle, as pandas has it.
fn median(rule: &Rule) -> Reading {
    let promise = Promise::of("median_between", rule.place, rule.column()?);
    let promise = promise.text("method", "averaged_inverted_cdf");
    rule.aggregate(bounds(rule)?.of(promise, rule.place))
}

/// The least or greatest value: a number, or a day or text where a bound is one.
fn extreme(rule: &Rule, check: &'static str) -> Reading {
    cross_types(rule)?;
    if let Some((_, node)) = rule.parameter_of("min_value")
        && check == "max_between"
        && let Some(age) = age(node)
    {
        return fresh(rule, &age);
    }
    let is_text = |n: Option<&Node>| n.is_some_and(|n| matches!(n.value, Value::Text(_)));
    let (min, max) = (rule.get("min_value")?, rule.get("max_value")?);
    if !is_text(min) && !is_text(max) {
        return number(rule, check);
    }
    let column = quoted(rule.column()?);
    let below = below(rule, min, &column)?;
    let above = above(rule, max, &column)?;
    let sql = match check {
        "max_between" => format!("MAX(CASE WHEN {above} THEN 2 WHEN {below} THEN 0 ELSE 1 END)"),
        _ => format!("MIN(CASE WHEN {below} THEN 0 WHEN {above} THEN 2 ELSE 1 END)"),
    };
    let promise = Promise::new("value_between", rule.place)
        .text("expr", &sql)
        .number("min", 1.0)
        .number("max", 1.0)
        .only(format!("{column} IS NOT NULL"));
    rule.aggregate(promise)
}

fn below(rule: &Rule, min: Option<&Node>, column: &str) -> Result<String, Refused> {
    let op = if rule.flag("strict_min")? { "<=" } else { "<" };
    Ok(match min {
        Some(node) => format!("{column} {op} {}", moment(node)?),
        None => "FALSE".to_owned(),
    })
}

fn above(rule: &Rule, max: Option<&Node>, column: &str) -> Result<String, Refused> {
    let op = if rule.flag("strict_max")? { ">=" } else { ">" };
    Ok(match max {
        Some(node) => format!("{column} {op} {}", moment(node)?),
        None => "FALSE".to_owned(),
    })
}

/// A bound as SQL: what reads as a day or a moment is one.
fn moment(node: &Node) -> Result<String, Refused> {
    let Value::Text(text) = &node.value else {
        let value = node.value.scalar();
        let value = value.ok_or_else(|| Refused::kind(node, "a bound", "one value"))?;
        return Ok(sql::literal(&value));
    };
    let day = |t: &str| t.parse::<chrono::NaiveDate>().is_ok();
    let plain = text.replacen('T', " ", 1);
    let instant = chrono::NaiveDateTime::parse_from_str(&plain, "%Y-%m-%d %H:%M:%S%.f").is_ok();
    let literal = sql::text_literal(if instant { &plain } else { text });
    Ok(if instant {
        format!("TIMESTAMP {literal}")
    } else if day(text) {
        format!("DATE {literal}")
    } else {
        literal
    })
}

/// `now() - timedelta(weeks=52)` as a length of time: `364d`.
fn age(node: &Node) -> Option<String> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    let text = entries.iter().find_map(|(k, v)| match &v.value {
        Value::Text(text) if k.name == "$PARAMETER" => Some(text),
        _ => None,
    })?;
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = compact
        .strip_prefix("now()-timedelta(")?
        .strip_suffix(')')?;
    let mut minutes: u64 = 0;
    for part in inner.split(',') {
        let (unit, count) = part.split_once('=').unwrap_or(("days", part));
        let each = match unit {
            "weeks" => 7 * 24 * 60,
            "days" => 24 * 60,
            "hours" => 60,
            "minutes" => 1,
            _ => return None,
        };
        let count: u64 = count.parse().ok()?;
        minutes = minutes.checked_add(count.checked_mul(each)?)?;
    }
    Some(format!("{minutes}m"))
}

/// The greatest value is at least so young: the clock is that of the run.
fn fresh(rule: &Rule, age: &str) -> Reading {
    if rule.get("max_value")?.is_some() || rule.flag("strict_min")? {
        let reason = "a bound beside one that moves with the clock";
        return Err(Refused::Dropped(reason.to_owned()));
    }
    // Read, so that it is not taken for unknown.
    let _ = rule.get("min_value");
    rule.flag("strict_max")?;
    let promise = Promise::of("data_fresh", rule.place, rule.column()?).text("max_age", age);
    Ok(vec![rule.filtered(promise)?])
}

fn quantiles(rule: &Rule) -> Reading {
    cross_types(rule)?;
    let column = rule.column()?;
    let node = rule.need("quantile_ranges")?;
    let part = |name: &str| match &node.value {
        Value::Map(entries) => entries.iter().find(|(k, _)| k.name == name).map(|(_, v)| v),
        _ => None,
    };
    let need = |name: &str| {
        part(name).ok_or_else(|| Refused::missing(&node.place, "`quantile_ranges`", name))
    };
    let (levels, ranges) = (need("quantiles")?, need("value_ranges")?);
    let (levels, ranges) = (items(levels, "quantiles")?, items(ranges, "value_ranges")?);
    if levels.len() != ranges.len() {
        return Err(Refused::value(
            node,
            "quantile_ranges",
            "as many ranges as quantiles",
        ));
    }
    let mut found = Vec::new();
    for (level, range) in levels.iter().zip(ranges) {
        let q = share(level, "quantiles")?;
        let [least, most] = items(range, "value_ranges")? else {
            return Err(Refused::kind(range, "value_ranges", "a list of pairs"));
        };
        let bound = |n: &Node| match n.value {
            Value::Null => Ok(None),
            _ => finite(n, "value_ranges").map(Some),
        };
        let (min, max) = (bound(least)?, bound(most)?);
        if let (Some(a), Some(b)) = (min, max)
            && a > b
        {
            return Err(Refused::value(
                least,
                "value_ranges",
                "at most the second of its pair",
            ));
        }
        if min.is_none() && max.is_none() {
            continue;
        }
        let promise = Promise::of("quantile_between", rule.place, column).number("q", q);
        let promise = promise.text("method", "nearest");
        let promise = Bounds { min, max }.of(promise, &range.place);
        found.extend(rule.aggregate(promise)?);
    }
    Ok(found)
}

fn distinct(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let bound = |name| rule.get(name)?.map(|n| whole(n, name)).transpose();
    let (min, max) = (bound("min_value")?, bound("max_value")?);
    let up = i128::from(rule.flag("strict_min")?);
    let down = i128::from(rule.flag("strict_max")?);
    let min = min.map(|v| v.saturating_add(up).max(0));
    let max = max.map(|v| v.saturating_sub(down));
    if min.is_none() && max.is_none() {
        return Err(Refused::Empty(
            "without a bound every number is allowed".to_owned(),
        ));
    }
    if max.is_some_and(|m| m < min.unwrap_or(0)) {
        return Err(no_bound_between(rule));
    }
    let promise = Promise::of("distinct_count", rule.place, column)
        .maybe("min", min.map(|v| build::int(rule.place, v)))
        .maybe("max", max.map(|v| build::int(rule.place, v)));
    rule.aggregate(promise)
}

fn no_bound_between(rule: &Rule) -> Refused {
    wrong(
        rule.place,
        "`min_value` is above `max_value`",
        "no number lies between",
    )
}

fn shares(rule: &Rule, promise: Promise) -> Reading {
    let found = bounds(rule)?;
    let least = found.min.filter(|v| *v > 0.0);
    let most = found.max.filter(|v| *v < 1.0);
    if least.is_none() && most.is_none() {
        return Err(Refused::Empty("every share is allowed".to_owned()));
    }
    rule.aggregate(
        Bounds {
            min: least,
            max: most,
        }
        .of(promise, rule.place),
    )
}

fn values(rule: &Rule, mode: &str) -> Reading {
    cross_types(rule)?;
    let column = rule.column()?;
    let Some(set) = rule.get("value_set")? else {
        return match mode {
            "subset" => Err(Refused::Empty(
                "without a `value_set` every value is allowed".to_owned(),
            )),
            _ => Err(Refused::missing(rule.place, &rule.kind, "value_set")),
        };
    };
    let promise = Promise::of("distinct_values", rule.place, column).with("values", known(set)?);
    rule.aggregate(promise.text("mode", mode))
}

/// Of the values that occur most often, one is in the set; without `ties_okay` it is the only one.
fn most_common(rule: &Rule) -> Reading {
    let column = quoted(rule.column()?);
    let set = known(rule.need("value_set")?)?;
    let mut listed = Vec::new();
    for value in items(&set, "value_set")? {
        let scalar = value.value.scalar();
        let scalar = scalar.ok_or_else(|| Refused::kind(value, "value_set", "single values"))?;
        listed.push(sql::literal(&scalar));
    }
    let single = if rule.flag("ties_okay")? {
        ""
    } else {
        " OR modes <> 1"
    };
    let query = format!(
        "WITH counts AS (SELECT {column} AS value, COUNT(*) AS times FROM data WHERE {column} IS NOT NULL GROUP BY {column}), \
         greatest AS (SELECT MAX(times) AS most FROM counts), \
         found AS (SELECT COUNT(*) AS modes, COUNT(CASE WHEN value IN ({}) THEN 1 END) AS listed \
         FROM counts CROSS JOIN greatest WHERE times = most) \
         SELECT modes, listed FROM found WHERE listed = 0{single}",
        listed.join(", ")
    );
    let promise = Promise::new("returns_no_rows", rule.place).text("query", &query);
    rule.aggregate(promise)
}

/// Shares of values or bins against those of a partition.
fn divergence(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let Some(max) = rule.get("threshold")? else {
        return Err(Refused::Empty(
            "without a `threshold` every divergence is allowed".to_owned(),
        ));
    };
    finite(max, "threshold")?;
    if rule.get("bucketize_data")?.is_some() && !rule.flag("bucketize_data")? {
        return Err(Refused::Dropped(
            "`bucketize_data: false` has no counterpart".to_owned(),
        ));
    }
    let promise = partition(rule, Promise::of("kl_divergence", rule.place, column))?
        .with("max", max.clone())
        .maybe("tail_holdout", rule.get("tail_weight_holdout")?.cloned())
        .maybe(
            "internal_holdout",
            rule.get("internal_weight_holdout")?.cloned(),
        );
    rule.aggregate(promise)
}

/// The parts of `partition_object`.
fn partition(rule: &Rule, promise: Promise) -> Result<Promise, Refused> {
    let node = rule.need("partition_object")?;
    let part = |name: &str| super::super::form::get(node, name).cloned();
    let (values, bins) = (part("values"), part("bins"));
    if values.is_some() == bins.is_some() {
        return Err(Refused::value(
            node,
            "partition_object",
            "one of `values` and `bins` with `weights`",
        ));
    }
    let weights = part("weights");
    let weights =
        weights.ok_or_else(|| Refused::missing(&node.place, "`partition_object`", "weights"))?;
    Ok(promise
        .maybe("values", values)
        .maybe("bins", bins)
        .with("weights", weights)
        .maybe("tail_weights", part("tail_weights")))
}

/// Expected shares of values, by the chance of so great a distance; its own program computed it before 0.13 alone.
fn chi_square(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let promise = partition(rule, Promise::of("chi_square_p_value", rule.place, column))?;
    if promise.has("bins") {
        return Err(Refused::Dropped("a chi-square test of bins".to_owned()));
    }
    let promise = promise
        .maybe("min", rule.get("p")?.cloned())
        .maybe("tail_holdout", rule.get("tail_weight_holdout")?.cloned());
    rule.note("Great Expectations itself has not computed it since 0.13");
    rule.aggregate(promise)
}

/// Association of two columns, without bins.
fn association(rule: &Rule) -> Reading {
    for name in ["bins_A", "bins_B", "n_bins_A", "n_bins_B"] {
        if rule.get(name)?.is_some() {
            return Err(Refused::Dropped(format!(
                "`{name}` parts a column before it is compared"
            )));
        }
    }
    let most = rule.finite("threshold")?.unwrap_or(0.1);
    let promise = Promise::of(
        "cramers_v_between",
        rule.place,
        rule.column_named("column_A")?,
    )
    .with("other", rule.column_named("column_B")?.clone())
    .number("max", most);
    rule.note("Great Expectations itself has not computed it since 0.13");
    rule.aggregate(promise)
}
