//! Expectations that look at every value of one column.

use super::super::build;
use super::super::column::judged;
use super::super::promise::{Promise, Reading, Refused, finite, items, whole, words};
use super::super::type_names;
use super::rule::{Rule, wrong};
use crate::config::tree::{Node, Value};

/// The promises of a column map expectation; `None` for any other.
pub(super) fn read(rule: &Rule) -> Option<Reading> {
    Some(match rule.kind.as_str() {
        "expect_column_values_to_not_be_null" => present_values(rule),
        "expect_column_values_to_be_null" => null_values(rule),
        "expect_column_values_to_be_unique" => unique(rule),
        "expect_column_values_to_be_between" => between(rule),
        "expect_column_values_to_be_in_set" => in_set(rule),
        "expect_column_values_to_not_be_in_set" => not_in_set(rule),
        "expect_column_values_to_be_increasing" => ordered(rule, "increasing"),
        "expect_column_values_to_be_decreasing" => ordered(rule, "decreasing"),
        "expect_column_value_lengths_to_be_between" => lengths(rule),
        "expect_column_value_lengths_to_equal" => length(rule),
        "expect_column_values_to_match_regex" => regex(rule, "matches"),
        "expect_column_values_to_not_match_regex" => regex(rule, "not_matches"),
        "expect_column_values_to_match_regex_list" => regexes(rule, Sense::Matching),
        "expect_column_values_to_not_match_regex_list" => regexes(rule, Sense::Other),
        "expect_column_values_to_match_like_pattern" => like(rule, Sense::Matching),
        "expect_column_values_to_not_match_like_pattern" => like(rule, Sense::Other),
        "expect_column_values_to_match_like_pattern_list" => likes(rule, Sense::Matching),
        "expect_column_values_to_not_match_like_pattern_list" => likes(rule, Sense::Other),
        "expect_column_values_to_match_strftime_format" => strftime(rule),
        "expect_column_values_to_be_dateutil_parseable" => dateutil(rule),
        "expect_column_values_to_be_json_parseable" => json(rule),
        "expect_column_values_to_match_json_schema" => json_schema(rule),
        "expect_column_values_to_be_of_type" | "expect_column_type_to_be" => of_type(rule),
        "expect_column_values_to_be_in_type_list" => type_list(rule),
        "expect_column_value_z_scores_to_be_less_than" => z_scores(rule),
        "expect_column_values_to_not_be_outliers" => outliers(rule),
        _ => return None,
    })
}

/// Whether values must match a pattern, or must not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    Matching,
    Other,
}

fn one(promise: Result<Promise, Refused>) -> Reading {
    promise.map(|p| vec![p])
}

/// `mostly` is a share of all rows here: what is looked for is whether there is a value.
fn present_values(rule: &Rule) -> Reading {
    one(rule.rows(Promise::of("not_null", rule.place, rule.column()?)))
}

fn null_values(rule: &Rule) -> Reading {
    one(rule.rows(Promise::of("is_null", rule.place, rule.column()?)))
}

fn unique(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let promise = Promise::new("unique_key", rule.place)
        .with("columns", column.clone())
        .text("count", "rows_in_groups");
    one(rule.mapped(promise, column))
}

/// Bounds as `between` takes them; a bound is left out of the range where `strict_min` or `strict_max` says so.
fn bounds(rule: &Rule) -> Result<&'static str, Refused> {
    Ok(match (rule.flag("strict_min")?, rule.flag("strict_max")?) {
        (false, false) => "[]",
        (true, false) => "(]",
        (false, true) => "[)",
        (true, true) => "()",
    })
}

fn between(rule: &Rule) -> Reading {
    let column = rule.column()?;
    cross_types(rule)?;
    let (min, max) = (rule.get("min_value")?, rule.get("max_value")?);
    if min.is_none() && max.is_none() {
        return Err(no_bound(rule));
    }
    let number = |n: &Node| n.value.scalar().and_then(|v| v.number());
    if let (Some(least), Some(most)) = (min, max)
        && let (Some(a), Some(b)) = (number(least), number(most))
        && a > b
    {
        return Err(Refused::value(least, "min_value", "at most `max_value`"));
    }
    let promise = Promise::of("between", rule.place, column)
        .maybe("min", min.cloned())
        .maybe("max", max.cloned());
    let promise = match bounds(rule)? {
        "[]" => promise,
        open => promise.text("bounds", open),
    };
    one(rule.mapped(promise, column))
}

/// Bounds that are both absent.
pub(super) fn no_bound(rule: &Rule) -> Refused {
    wrong(
        rule.place,
        format!("`{}` needs `min_value`, `max_value` or both", rule.kind),
        "neither is given",
    )
}

/// Arguments of 0.x that let texts be compared as days, or with numbers.
pub(super) fn cross_types(rule: &Rule) -> Result<(), Refused> {
    for name in [
        "parse_strings_as_datetimes",
        "allow_cross_type_comparisons",
        "allow_relative_error",
    ] {
        if rule.flag(name)? {
            let reason = format!("`{name}` has no counterpart: give the column its type");
            return Err(Refused::Dropped(reason));
        }
    }
    Ok(())
}

fn in_set(rule: &Rule) -> Reading {
    let column = rule.column()?;
    cross_types(rule)?;
    let Some(set) = rule.get("value_set")? else {
        return Err(Refused::Empty(
            "without a `value_set` every value is allowed".to_owned(),
        ));
    };
    if items(set, "value_set")?.is_empty() {
        // No value is allowed, so that each one fails.
        return one(rule.mapped(Promise::of("is_null", rule.place, column), column));
    }
    let promise = Promise::of("in_set", rule.place, column).with("values", known(set)?);
    one(rule.mapped(promise, column))
}

/// The values of a set; a null in it allows nothing, since nulls are not looked at.
pub(super) fn known(set: &Node) -> Result<Node, Refused> {
    let values = items(set, "value_set")?.iter();
    let values: Vec<Node> = values.filter(|v| v.value != Value::Null).cloned().collect();
    if values.is_empty() {
        return Err(Refused::Dropped(
            "a `value_set` of nulls alone has no counterpart".to_owned(),
        ));
    }
    Ok(build::list(&set.place, values))
}

fn not_in_set(rule: &Rule) -> Reading {
    let column = rule.column()?;
    cross_types(rule)?;
    let set = rule.need("value_set")?;
    if items(set, "value_set")?.is_empty() {
        return Err(Refused::Empty(
            "an empty `value_set` forbids nothing".to_owned(),
        ));
    }
    let promise = Promise::of("not_in_set", rule.place, column).with("values", known(set)?);
    one(rule.mapped(promise, column))
}

fn ordered(rule: &Rule, check: &'static str) -> Reading {
    let column = rule.column()?;
    cross_types(rule)?;
    let promise = Promise::of(check, rule.place, column);
    let promise = if rule.flag("strictly")? {
        promise.flag("strict", true)
    } else {
        promise
    };
    one(rule.mapped(promise, column))
}

fn lengths(rule: &Rule) -> Reading {
    let least = rule
        .get("min_value")?
        .map(|n| whole(n, "min_value"))
        .transpose()?;
    let most = rule
        .get("max_value")?
        .map(|n| whole(n, "max_value"))
        .transpose()?;
    let column = rule.column()?;
    if least.is_none() && most.is_none() {
        return Err(no_bound(rule));
    }
    let open = |name| rule.flag(name).map(i128::from);
    let (up, down) = (open("strict_min")?, open("strict_max")?);
    let least = least.map(|v| v.saturating_add(up));
    let most = most.map(|v| v.saturating_sub(down));
    of_length(rule, column, least, most)
}

fn length(rule: &Rule) -> Reading {
    let value = whole(rule.need("value")?, "value")?;
    of_length(rule, rule.column()?, Some(value), Some(value))
}

fn of_length(rule: &Rule, column: &Node, least: Option<i128>, most: Option<i128>) -> Reading {
    let nothing = most.is_some_and(|m| m < least.unwrap_or(0).max(0));
    if nothing {
        // No text has such a length, so that each one fails.
        return one(rule.mapped(Promise::of("is_null", rule.place, column), column));
    }
    let at = |v: i128| build::int(rule.place, v.max(0));
    let promise = Promise::of("length", rule.place, column)
        .maybe("min", least.map(at))
        .maybe("max", most.map(at));
    one(rule.mapped(promise, column))
}

/// Python's regular expressions as this program reads them.
///
/// Errors: those that look around or back, which a search in linear time cannot.
pub(in super::super) fn python(pattern: &str) -> Result<String, Refused> {
    readable(&ended(&pattern.replace("\\Z", "\\z"))).map_err(|reason| unread(pattern, &reason))
}

/// The pattern, where it can be read here.
pub(in super::super) fn plain(pattern: &str) -> Result<String, Refused> {
    readable(&pattern.replace("\\Z", "\\z")).map_err(|reason| unread(pattern, &reason))
}

fn unread(pattern: &str, reason: &str) -> Refused {
    Refused::Dropped(format!(
        "the regular expression `{pattern}` cannot be read here: {reason}"
    ))
}

fn readable(read: &str) -> Result<String, String> {
    match regex::Regex::new(read) {
        Ok(_) => Ok(read.to_owned()),
        Err(error) => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            Err(last.strip_prefix("error: ").unwrap_or(last).to_owned())
        }
    }
}

/// A pattern whose `$` is also before a last line end, as Python has it; where lines are told apart it is as written.
fn ended(pattern: &str) -> String {
    let lines = pattern.split("(?").skip(1).any(|flags| {
        flags
            .split([')', ':', '-'])
            .next()
            .unwrap_or("")
            .contains('m')
    });
    if lines {
        return pattern.to_owned();
    }
    let (mut read, mut escaped, mut class) = (String::new(), false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '$' if !class => {
                read.push_str("\\n?\\z");
                continue;
            }
            _ => {}
        }
        read.push(c);
    }
    read
}

fn regex(rule: &Rule, check: &'static str) -> Reading {
    let column = rule.column()?;
    let node = rule.need("regex")?;
    let pattern = build::text(&node.place, python(words(node, "regex")?)?);
    let promise = Promise::of(check, rule.place, column).with("pattern", pattern);
    one(rule.mapped(promise, column))
}

fn regexes(rule: &Rule, sense: Sense) -> Reading {
    let column = rule.column()?;
    let node = rule.need("regex_list")?;
    let mut patterns = Vec::new();
    for item in items(node, "regex_list")? {
        let read = python(words(item, "regex_list")?)?;
        patterns.push(build::text(&item.place, read));
    }
    listed(
        rule,
        column,
        build::list(&node.place, patterns),
        ["matches", "not_matches"],
        sense,
    )
}

/// Patterns of a list: any or all of them must hold, or none.
fn listed(
    rule: &Rule,
    column: &Node,
    list: Node,
    checks: [&'static str; 2],
    sense: Sense,
) -> Reading {
    if items(&list, "the list of patterns")?.is_empty() {
        return Err(Refused::kind(
            &list,
            "the list of patterns",
            "a list of one or more",
        ));
    }
    let name = match (sense, rule.words("match_on")?) {
        (Sense::Other, None) => "none_of",
        (Sense::Matching, None | Some("any")) => "any_of",
        (Sense::Matching, Some("all")) => "all_of",
        (_, Some(other)) => {
            let text = format!("`match_on` cannot be `{other}`: any or all");
            return Err(wrong(rule.place, text, "not known"));
        }
    };
    let check = if sense == Sense::Matching {
        checks[0]
    } else {
        checks[1]
    };
    let promise = Promise::of(check, rule.place, column).with(name, list);
    one(rule.mapped(escaped(rule, promise)?, column))
}

/// The character after which `%` and `_` of a LIKE pattern stand for themselves.
fn escaped(rule: &Rule, promise: Promise) -> Result<Promise, Refused> {
    Ok(promise.maybe("escape", rule.get("escape")?.cloned()))
}

fn like(rule: &Rule, sense: Sense) -> Reading {
    let column = rule.column()?;
    let node = rule.need("like_pattern")?;
    words(node, "like_pattern")?;
    let check = if sense == Sense::Matching {
        "like"
    } else {
        "not_like"
    };
    let promise = Promise::of(check, rule.place, column).with("pattern", node.clone());
    one(rule.mapped(escaped(rule, promise)?, column))
}

fn likes(rule: &Rule, sense: Sense) -> Reading {
    let column = rule.column()?;
    let node = rule.need("like_pattern_list")?;
    for item in items(node, "like_pattern_list")? {
        words(item, "like_pattern_list")?;
    }
    listed(rule, column, node.clone(), ["like", "not_like"], sense)
}

/// Directives of Python's `strptime`.
const DIRECTIVES: &str = "aAwdbBmyYHIpMSfzZjUWcxXGuV%";

fn strftime(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let node = rule.need("strftime_format")?;
    let written = words(node, "strftime_format")?;
    let mut rest = written;
    while let Some(at) = rest.find('%') {
        let directive = rest[at + 1..].chars().next();
        let Some(d) = directive.filter(|d| DIRECTIVES.contains(*d)) else {
            return Err(Refused::value(
                node,
                "strftime_format",
                "a format that Python's `strptime` reads",
            ));
        };
        rest = &rest[at + 1 + d.len_utf8()..];
    }
    let pattern = written.replace(".%f", "%.f");
    let promise = Promise::of("parses_as", rule.place, column)
        .text("kind", "pattern")
        .with("pattern", build::text(&node.place, pattern));
    one(rule.mapped(promise, column))
}

/// Ways to write a day or a moment that people use and dateutil reads, as one regular expression.
const DATES: &str = r"^\s*(?:\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?[- ])?(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[- ,]*(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?\d{2,4})(?:[T ,]\s*\d{1,2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?\s*(?i:am|pm)?\s*(?:Z|UTC|GMT|[-+]\d{2}:?\d{2})?)?\s*$";

fn dateutil(rule: &Rule) -> Reading {
    let column = rule.column()?;
    rule.note("held as the usual ways to write a day, with or without a time; dateutil reads more");
    let promise = Promise::of("matches", rule.place, column).text("pattern", DATES);
    one(rule.mapped(promise, column))
}

fn json(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let promise = Promise::of("format", rule.place, column).text("kind", "json");
    one(rule.mapped(promise, column))
}

fn json_schema(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let schema = rule.need("json_schema")?;
    judged(schema).map_err(Refused::Dropped)?;
    let promise = Promise::of("json_schema", rule.place, column).with("schema", schema.clone());
    one(rule.mapped(promise, column))
}

fn of_type(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let node = rule.need("type_")?;
    let name = words(node, "type_")?;
    rule.mostly()?;
    rule.filtered(Promise::of("column_type", rule.place, column))?;
    let native = type_names::native(name).ok_or_else(|| unknown_type(name))?;
    let promise = Promise::of("column_type", rule.place, column)
        .with("type", build::text(&node.place, native));
    Ok(vec![promise])
}

fn unknown_type(name: &str) -> Refused {
    Refused::Dropped(format!("no type here is called `{name}`"))
}

fn type_list(rule: &Rule) -> Reading {
    let column = rule.column()?;
    rule.mostly()?;
    let Some(node) = rule.get("type_list")? else {
        return Err(Refused::Empty(
            "without a `type_list` every type is allowed".to_owned(),
        ));
    };
    let mut found: Vec<String> = Vec::new();
    for item in items(node, "type_list")? {
        let name = words(item, "type_list")?;
        if let Some(native) = type_names::native(name)
            && !found.contains(&native)
        {
            found.push(native);
        }
    }
    let Some(native) = type_names::one_for(&found) else {
        return Err(Refused::Dropped(format!(
            "no single type here stands for all of {}",
            found.join(", ")
        )));
    };
    let promise = Promise::of("column_type", rule.place, column)
        .with("type", build::text(&node.place, native));
    Ok(vec![promise])
}

/// Distances from the mean in sample standard deviations; one that equals the threshold fails.
fn z_scores(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let threshold = finite(rule.need("threshold")?, "threshold")?;
    let promise = Promise::of("z_scores_between", rule.place, column);
    let promise = if rule.flag("double_sided")? {
        let most = threshold.abs();
        promise.number("min", -most).number("max", most)
    } else {
        promise.number("max", threshold)
    };
    one(rule.mapped(promise.text("bounds", "()"), column))
}

fn outliers(rule: &Rule) -> Reading {
    let column = rule.column()?;
    let most = rule.finite("multiplier")?.unwrap_or(1.5);
    let promise = match rule.words("method")? {
        None | Some("iqr") => Promise::of("no_outliers", rule.place, column)
            .text("score", "iqr")
            .number("limit", most),
        // A value on the fence is one.
        Some("std") => Promise::of("z_scores_between", rule.place, column)
            .number("min", -most)
            .number("max", most)
            .text("bounds", "()"),
        Some(other) => {
            let text = format!("`method` cannot be `{other}`: iqr or std");
            return Err(wrong(rule.place, text, "not known"));
        }
    };
    one(rule.mapped(promise, column))
}
