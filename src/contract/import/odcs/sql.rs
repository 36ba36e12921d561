//! Rules in SQL: a query that gives one number, of this object.

use super::super::build::{int, text};
use super::super::computed::{count_of, number, verdict};
use super::super::form::get;
use super::super::text_of;
use super::Object;
use super::library::name;
use super::operator::Wanted;
use super::quality::{Made, Rule, percent, wanted};
use crate::config::fields::Problems;
use regex::Regex;

/// Reads one rule.
///
/// `SELECT expression FROM this object [WHERE condition]` is held; whatever joins, groups or nests is not. A count of rows that
/// must be 0, or at most so many, becomes a condition on each row, whose failing rows reports show.
pub(super) fn read(rule: &Rule, object: &Object, problems: &mut Problems) -> Made {
    rule.keys.require("query", problems);
    let Some((query, _)) = rule.keys.text("query", problems) else {
        return Made::dropped("it has no query");
    };
    let unit = percent(rule, problems);
    let asked = match wanted(rule, problems) {
        Ok(asked) => asked,
        Err(made) => return made,
    };
    let Some((expr, condition)) = parts(query, rule, object) else {
        return Made::dropped(
            "only `SELECT expression FROM this object WHERE condition` is read, without joins, groups and subqueries",
        );
    };
    let made = if is_count(&expr) {
        count(rule, condition.as_deref(), &asked)
    } else {
        value(rule, &expr, condition.as_deref(), &asked)
    };
    let made = asked.choice().into_iter().fold(made, Made::noting);
    if matches!(unit, Ok(true)) {
        return made.noting("the unit is that of the query");
    }
    made
}

/// The selected expression and the condition, with every placeholder filled in.
fn parts(query: &str, rule: &Rule, object: &Object) -> Option<(String, Option<String>)> {
    let shape =
        Regex::new(r"(?is)^\s*select\s+(.+?)\s+from\s+(\S+?)(?:\s+where\s+(.+?))?\s*;?\s*$")
            .ok()?;
    let found = shape.captures(query)?;
    let more = Regex::new(r"(?i)\b(select|join|group|having|union|limit|order|over|with)\b|--|/\*")
        .ok()?;
    let whole = |i: usize| found.get(i).map(|m| filled(m.as_str(), rule));
    let (expr, condition) = (whole(1)?, whole(3));
    let nested = more.is_match(&expr) || condition.as_deref().is_some_and(|c| more.is_match(c));
    if nested || !is_this(found.get(2)?.as_str(), object) {
        return None;
    }
    // A leftover placeholder would be read as something else.
    let open = |s: &String| s.contains('{') || s.contains('$') || s.contains(';');
    (!open(&expr) && !condition.as_ref().is_some_and(open)).then_some((expr, condition))
}

/// Placeholders for the property: `{property}`, `{column}`, with `$` before them or without.
fn filled(sql: &str, rule: &Rule) -> String {
    let Some(column) = rule.column else {
        return sql.to_owned();
    };
    let name = name(column);
    let mut sql = sql.to_owned();
    for word in ["${property}", "${column}", "{property}", "{column}"] {
        sql = sql.replace(word, &name);
    }
    sql
}

/// Whether a table is this object, by name or by placeholder.
fn is_this(table: &str, object: &Object) -> bool {
    let plain = table.trim_matches(['"', '`', '[', ']']);
    let physical = get(object.node, "physicalName").and_then(text_of);
    let last = plain.rsplit('.').next().unwrap_or(plain).trim_matches('"');
    let words = [
        "${table}",
        "${object}",
        "{table}",
        "{object}",
        "${schema}.${table}",
    ];
    words.contains(&table)
        || last.eq_ignore_ascii_case(object.name)
        || physical.is_some_and(|p| last.eq_ignore_ascii_case(p) || plain == p)
}

fn is_count(expr: &str) -> bool {
    let plain: String = expr
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    matches!(plain.as_str(), "count(*)" | "count(1)")
}

/// Rows that meet a condition, or all rows.
fn count(rule: &Rule, condition: Option<&str>, asked: &Wanted) -> Made {
    let place = rule.place;
    let Some(condition) = condition else {
        return match asked.counts() {
            Some(args) if !args.is_empty() => Made::one("row_count", args),
            _ => value(rule, "COUNT(*)", None, asked),
        };
    };
    if let Some(most) = asked.most() {
        let mut args = vec![("expr", text(place, format!("NOT ({condition})")))];
        if most > 0 {
            args.push(("max_failing", int(place, most)));
        }
        return Made::one("expression", args);
    }
    value(rule, &count_of(condition), None, asked)
}

/// A number over all rows, or those that a condition keeps.
fn value(rule: &Rule, expr: &str, condition: Option<&str>, asked: &Wanted) -> Made {
    let place = rule.place;
    let mut args = match asked.numbers() {
        Some(ends) if !ends.is_empty() => {
            let mut args = vec![("expr", text(place, expr))];
            args.extend(ends);
            args
        }
        _ => {
            let told = verdict(&asked.condition(&number(expr)));
            vec![("expr", text(place, told)), ("max", int(place, 0))]
        }
    };
    if let Some(condition) = condition {
        args.push(("where", text(place, condition)));
    }
    Made::one("value_between", args)
}
