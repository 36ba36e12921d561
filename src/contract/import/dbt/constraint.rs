//! Constraints of tables and columns, and how fresh a source has to be.

use super::{generic, get, one_column, plain};
use crate::config::tree::{Node, Value};
use crate::contract::import::build;
use crate::contract::import::promise::{Promise, Reading, Refused, whole, words};

/// What a constraint is called in the coverage.
pub(super) fn constraint_name(node: &Node, column: Option<&str>) -> String {
    let kind = get(node, "type").map_or_else(String::new, |n| format!(" {}", n.value));
    match column {
        Some(column) => format!("constraint{kind} of {column}"),
        None => format!("constraint{kind}"),
    }
}

/// A constraint of a table, or of the column that it is listed under.
pub(super) fn constraint(node: &Node, kind: &Node, column: Option<&Node>) -> Reading {
    let place = &kind.place;
    let columns = || match (get(node, "columns"), column) {
        (Some(list), _) => Ok(list.clone()),
        (None, Some(column)) => Ok(build::list(&column.place, vec![column.clone()])),
        (None, None) => Err(Refused::missing(&node.place, "a constraint", "columns")),
    };
    let promise = match words(kind, "type")? {
        "not_null" => {
            let Value::List(names) = columns()?.value else {
                return Err(Refused::kind(node, "columns", "a list"));
            };
            let each = |name: &Node| Promise::of("not_null", place, name).text("on_empty", "pass");
            return Ok(names.iter().map(each).collect());
        }
        "unique" => Promise::new("unique_key", place).with("columns", columns()?),
        "primary_key" => Promise::new("primary_key", place).with("columns", columns()?),
        "check" => {
            let at = get(node, "expression")
                .ok_or_else(|| Refused::missing(&node.place, "a check", "expression"))?;
            Promise::new("expression", place)
                .with("expr", build::text(&at.place, plain(at, "expression")?))
        }
        "foreign_key" => {
            let to = get(node, "to").ok_or_else(|| {
                Refused::Dropped(
                    "only a foreign key with `to` and `to_columns` names a model".to_owned(),
                )
            })?;
            let dataset = generic::referred(words(to, "to")?).ok_or_else(|| unreferred(to))?;
            Promise::new("foreign_key", place)
                .with("columns", columns()?)
                .with("dataset", build::text(&to.place, dataset))
                .maybe("their_columns", get(node, "to_columns").cloned())
        }
        "custom" => {
            return Err(Refused::Dropped(
                "a custom constraint is SQL of one warehouse".to_owned(),
            ));
        }
        other => {
            return Err(Refused::value(
                kind,
                "type",
                &format!("a constraint that dbt knows ({other} is none)"),
            ));
        }
    };
    Ok(vec![promise.text("on_empty", "pass")])
}

/// Why a foreign key names no table.
pub(super) fn unreferred(node: &Node) -> Refused {
    Refused::Dropped(format!(
        "`{}` is neither ref('model') nor source('name', 'table')",
        node.value
    ))
}

/// Minutes of one of dbt's periods.
pub(super) fn period(word: &str) -> Option<i128> {
    match word {
        "minute" | "minutes" => Some(1),
        "hour" | "hours" => Some(60),
        "day" | "days" => Some(24 * 60),
        "week" | "weeks" => Some(7 * 24 * 60),
        _ => None,
    }
}

/// How old the latest row of a source may be.
pub(super) fn fresh(node: &Node, loaded: Option<&Node>) -> Reading {
    let loaded = loaded.ok_or_else(|| {
        Refused::Dropped("without `loaded_at_field` dbt asks the warehouse for the age".to_owned())
    })?;
    let written = plain(loaded, "loaded_at_field")?;
    let column =
        one_column(written).ok_or_else(|| Refused::Dropped(format!("`{written}` is no column")))?;
    let filter = get(node, "filter")
        .map(|f| plain(f, "filter").map(|t| (t, f)))
        .transpose()?;
    let mut found = Vec::new();
    for (key, severity) in [("error_after", None), ("warn_after", Some("warn"))] {
        let Some(after) = get(node, key) else {
            continue;
        };
        let need =
            |name: &str| get(after, name).ok_or_else(|| Refused::missing(&after.place, key, name));
        let count = whole(need("count")?, "count")?;
        let unit = need("period")?;
        let minutes = period(words(unit, "period")?)
            .ok_or_else(|| Refused::value(unit, "period", "minute, hour or day"))?;
        let age = count
            .checked_mul(minutes)
            .filter(|m| (0..=i128::from(u32::MAX)).contains(m));
        let age = age.ok_or_else(|| {
            Refused::value(after, "count", "a length of time from 0 to 8,000 years")
        })?;
        let promise = Promise::new("data_fresh", &after.place)
            .with("column", build::text(&loaded.place, column.clone()))
            .text("max_age", &format!("{age}m"));
        let promise = match severity {
            Some(word) => promise.text("severity", word),
            None => promise,
        };
        found.push(match filter {
            Some((sql, node)) => promise.only_at(sql, &node.place),
            None => promise,
        });
    }
    if found.is_empty() {
        return Err(Refused::Empty(
            "neither `warn_after` nor `error_after` is given".to_owned(),
        ));
    }
    Ok(found)
}
