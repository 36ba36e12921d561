//! What Soda measures of a column or a dataset, and the promise that measures the same.
//!
//! Semantics, from its documentation and from runs: a missing value is a null or one that is listed; an invalid one is
//! there and breaks a rule, and its percent is of all rows. Duplicates are rows beyond the first of a value in contracts
//! of Soda 4, and their percent is of the values that are there; those of `SodaCL` are values that occur more than once,
//! and their percent is of all rows.

use super::super::form::get;
use super::super::promise::{Promise, Refused, finite, items, whole, words};
use super::super::{build, computed};
use super::threshold::Threshold;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Place;
use crate::scalar::number_text;
use crate::sql;

/// Settings of validity and missing values: of a check, of its column, or of both.
pub(super) struct Settings<'a> {
    nodes: Vec<&'a Node>,
}

impl<'a> Settings<'a> {
    /// Those of the first node count more.
    pub(super) fn of(nodes: &[&'a Node]) -> Self {
        Self {
            nodes: nodes.to_vec(),
        }
    }

    /// A setting under its name in contracts (`valid_min`) or in `SodaCL` (`valid min`).
    fn get(&self, name: &str) -> Option<&'a Node> {
        let spoken = name.replace('_', " ");
        self.nodes
            .iter()
            .find_map(|n| get(n, name).or_else(|| get(n, &spoken)))
    }
}

fn column_sql(column: &Node) -> String {
    sql::identifier(&column.value.to_string())
}

fn literals(node: &Node, name: &str) -> Result<String, Refused> {
    let mut found = Vec::new();
    for item in items(node, name)? {
        let scalar = item.value.scalar();
        let scalar = scalar.ok_or_else(|| Refused::kind(item, name, "single values"))?;
        found.push(sql::literal(&scalar));
    }
    if found.is_empty() {
        return Err(Refused::kind(node, name, "a list of one or more"));
    }
    Ok(found.join(", "))
}

/// The condition that a value stands for a missing one; `None` where only nulls do.
fn missing_tokens(column: &str, settings: &Settings) -> Result<Option<String>, Refused> {
    let mut parts = Vec::new();
    for name in ["missing_format", "missing_regex"] {
        let Some(node) = settings.get(name) else {
            continue;
        };
        let Pattern::Regex(text) = pattern(node)? else {
            return Err(Refused::Dropped("missing values by a format".to_owned()));
        };
        parts.push(format!(
            "regexp_like({column}, {})",
            sql::text_literal(&text)
        ));
    }
    parts.extend(missing_values(column, settings)?);
    Ok((!parts.is_empty()).then(|| parts.join(" OR ")))
}

/// The condition that a value is one of those listed.
fn missing_values(column: &str, settings: &Settings) -> Result<Option<String>, Refused> {
    let Some(node) = settings.get("missing_values") else {
        return Ok(None);
    };
    // A null is missing anyway.
    let Value::List(all) = &node.value else {
        return Err(Refused::kind(node, "missing_values", "a list"));
    };
    let some: Vec<Node> = all
        .iter()
        .filter(|n| n.value != Value::Null)
        .cloned()
        .collect();
    if some.is_empty() {
        return Ok(None);
    }
    let list = build::list(&node.place, some);
    Ok(Some(format!(
        "{column} IN ({})",
        literals(&list, "missing_values")?
    )))
}

/// No value is missing.
pub(super) fn missing(
    place: &Place,
    column: &Node,
    settings: &Settings,
) -> Result<Promise, Refused> {
    let name = column_sql(column);
    Ok(match missing_tokens(&name, settings)? {
        None => Promise::of("not_null", place, column),
        Some(tokens) => Promise::holds(
            place,
            &format!("{name} IS NOT NULL AND NOT ({tokens})"),
            "fail",
        ),
    })
}

/// The condition that a value is missing, in SQL; `None` where none says it.
pub(super) fn is_missing(column: &Node, settings: &Settings) -> Option<String> {
    let name = column_sql(column);
    let tokens = missing_tokens(&name, settings).ok()?;
    let tokens = tokens.map_or_else(String::new, |t| format!(" OR {t}"));
    Some(format!("{name} IS NULL{tokens}"))
}

/// The condition that a value is there and invalid, in SQL; `None` where none says it.
pub(super) fn is_invalid(column: &Node, settings: &Settings) -> Option<String> {
    let name = column_sql(column);
    let tokens = missing_tokens(&name, settings).ok()?;
    let parts = conditions(&name, settings).ok()?;
    let all: Vec<String> = parts.iter().map(|p| format!("({p})")).collect();
    let valid = (!all.is_empty()).then(|| all.join(" AND "))?;
    Some(match tokens {
        Some(tokens) => format!("NOT ({tokens} OR ({valid}))"),
        None => format!("NOT ({valid})"),
    })
}

/// No value that is there is invalid.
pub(super) fn invalid(
    place: &Place,
    column: &Node,
    settings: &Settings,
) -> Result<Promise, Refused> {
    let name = column_sql(column);
    let tokens = missing_tokens(&name, settings)?;
    if tokens.is_none()
        && let Some(promise) = single(place, column, settings)?
    {
        return Ok(promise);
    }
    let mut parts = conditions(&name, settings)?;
    if parts.is_empty() {
        return Err(Refused::Dropped("no rule says what is valid".to_owned()));
    }
    if let Some(tokens) = tokens {
        let all: Vec<String> = parts.iter().map(|p| format!("({p})")).collect();
        parts = vec![format!("{tokens} OR ({})", all.join(" AND "))];
    }
    let all: Vec<String> = parts.iter().map(|p| format!("({p})")).collect();
    Ok(Promise::holds(place, &all.join(" AND "), "pass"))
}

/// Settings that say what is valid.
const VALID: &[&str] = &[
    "valid_values",
    "valid_format",
    "valid_regex",
    "valid_min",
    "valid_max",
    "valid_length",
    "valid_min_length",
    "valid_max_length",
    "invalid_values",
    "invalid_format",
    "invalid_regex",
    "valid_reference_data",
];

/// The promise of one setting that a check of its own holds.
fn single(place: &Place, column: &Node, settings: &Settings) -> Result<Option<Promise>, Refused> {
    let given: Vec<&str> = VALID
        .iter()
        .copied()
        .filter(|k| settings.get(k).is_some())
        .collect();
    let only = |names: &[&str]| !given.is_empty() && given.iter().all(|g| names.contains(g));
    if given.contains(&"valid_reference_data") {
        let node = settings.get("valid_reference_data");
        return node.filter(|_| given.len() == 1).map_or_else(
            || {
                Err(Refused::Dropped(
                    "`valid_reference_data` beside other rules".to_owned(),
                ))
            },
            |node| reference(place, column, node).map(Some),
        );
    }
    if only(&["valid_values"])
        && let Some(node) = settings.get("valid_values")
    {
        literals(node, "valid_values")?;
        return Ok(Some(
            Promise::of("in_set", place, column).with("values", node.clone()),
        ));
    }
    if only(&["valid_min", "valid_max"]) {
        let promise = Promise::of("between", place, column)
            .maybe("min", settings.get("valid_min").cloned())
            .maybe("max", settings.get("valid_max").cloned());
        return Ok(Some(promise));
    }
    if only(&["valid_length", "valid_min_length", "valid_max_length"]) {
        let bound = |name: &str| -> Result<Option<Node>, Refused> {
            let node = settings.get(name).or_else(|| settings.get("valid_length"));
            node.map(|n| whole(n, name).map(|v| build::int(&n.place, v.max(0))))
                .transpose()
        };
        let promise = Promise::of("length", place, column)
            .maybe("min", bound("valid_min_length")?)
            .maybe("max", bound("valid_max_length")?);
        return Ok(Some(promise));
    }
    if only(&["valid_format", "valid_regex"]) && given.len() == 1 {
        let key = if given == ["valid_format"] {
            "valid_format"
        } else {
            "valid_regex"
        };
        let Some(node) = settings.get(key) else {
            return Ok(None);
        };
        return Ok(Some(match pattern(node)? {
            Pattern::Regex(text) => Promise::of("matches", place, column)
                .with("pattern", build::text(&node.place, text)),
            Pattern::Format(kind) => Promise::of("format", place, column).text("kind", kind),
        }));
    }
    Ok(None)
}

fn reference(place: &Place, column: &Node, node: &Node) -> Result<Promise, Refused> {
    let need = |name: &str| {
        get(node, name).ok_or_else(|| Refused::missing(&node.place, "valid_reference_data", name))
    };
    let dataset = need("dataset")?;
    let theirs = need("column")?;
    words(theirs, "column")?;
    let name = words(dataset, "dataset")?
        .rsplit('/')
        .next()
        .unwrap_or_default();
    Ok(Promise::new("foreign_key", place)
        .with("columns", column.clone())
        .with("dataset", build::text(&dataset.place, name))
        .with(
            "their_columns",
            build::list(&theirs.place, vec![theirs.clone()]),
        ))
}

enum Pattern {
    Regex(String),
    Format(&'static str),
}

/// A pattern: a regular expression, `{name: .., regex: ..}`, or one of the named formats of `SodaCL`.
fn pattern(node: &Node) -> Result<Pattern, Refused> {
    let regex = |text: &str| super::super::gx::plain(text).map(Pattern::Regex);
    if let Some(inner) = get(node, "regex") {
        return regex(words(inner, "regex")?);
    }
    let text = words(node, "valid_format")?;
    Ok(match text {
        "email" => Pattern::Format("email"),
        "uuid" => Pattern::Format("uuid"),
        "ipv4 address" | "ip address" => Pattern::Format("ipv4"),
        "ipv6 address" => Pattern::Format("ipv6"),
        "credit card number" => Pattern::Format("luhn"),
        "integer" => return regex(r"^[-+]?\d+$"),
        "positive integer" => return regex(r"^\+?\d+$"),
        "negative integer" => return regex(r"^-\d+$"),
        "decimal" | "decimal point" => return regex(r"^[-+]?\d*\.?\d+$"),
        "percentage" => return regex(r"^[-+]?\d+([.,]\d+)? ?%$"),
        _ if text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ') && text.contains(' ') => {
            return Err(Refused::Dropped(format!(
                "the named format `{text}` is not known here"
            )));
        }
        other => return regex(other),
    })
}

/// Conditions that a valid value holds, as SQL.
fn conditions(column: &str, settings: &Settings) -> Result<Vec<String>, Refused> {
    let mut parts = Vec::new();
    let length = format!("LENGTH({column})");
    for (name, left, op) in [
        ("valid_min", column, ">="),
        ("valid_max", column, "<="),
        ("valid_length", length.as_str(), "="),
        ("valid_min_length", length.as_str(), ">="),
        ("valid_max_length", length.as_str(), "<="),
    ] {
        if let Some(node) = settings.get(name) {
            parts.push(format!("{left} {op} {}", number_text(finite(node, name)?)));
        }
    }
    if settings.get("valid_min").is_some() {
        // SQL takes NaN for greater than every number.
        parts.push(computed::no_nan(column));
    }
    for (name, not) in [("valid_values", ""), ("invalid_values", "NOT ")] {
        if let Some(node) = settings.get(name) {
            parts.push(format!("{column} {not}IN ({})", literals(node, name)?));
        }
    }
    for (names, not) in [
        (["valid_format", "valid_regex"], ""),
        (["invalid_format", "invalid_regex"], "NOT "),
    ] {
        for name in names {
            if let Some(node) = settings.get(name) {
                let Pattern::Regex(text) = pattern(node)? else {
                    return Err(Refused::Dropped(
                        "a named format beside other rules".to_owned(),
                    ));
                };
                parts.push(format!(
                    "{not}regexp_like({column}, {})",
                    sql::text_literal(&text)
                ));
            }
        }
    }
    if settings.get("valid_reference_data").is_some() {
        return Err(Refused::Dropped(
            "`valid_reference_data` beside other rules".to_owned(),
        ));
    }
    Ok(parts)
}

/// No value of a column is there twice, in a contract of Soda 4: rows beyond the first of a value, of the values that
/// are there.
///
/// Source: `duplicate_check.py` of soda-core 4.28.0, `ColumnDuplicateCheckImpl.evaluate`.
pub(super) fn duplicate(
    place: &Place,
    column: &Node,
    settings: &Settings,
    threshold: Threshold,
) -> Result<Promise, Refused> {
    let name = column_sql(column);
    let promise = Promise::new("unique_key", place).with("columns", column.clone());
    let there = format!("{name} IS NOT NULL");
    Ok(
        match (missing_tokens(&name, settings)?, threshold.percent) {
            (Some(tokens), _) => promise.only(format!("{there} AND NOT ({tokens})")),
            (None, true) => promise.only(there),
            (None, false) => promise,
        },
    )
}

/// No key of the columns is there twice, in a contract of Soda 4: rows beyond the first of a key, of all rows. A null is
/// one more value.
///
/// Source: `duplicate_check.py` of soda-core 4.28.0, `MultiColumnDuplicateCheckImpl.evaluate`: a hash of all columns, which
/// is never null.
pub(super) fn duplicate_keys(place: &Place, columns: &Node) -> Promise {
    Promise::new("unique_key", place)
        .with("columns", columns.clone())
        .text("nulls", "equal")
}

/// No value, or key of several columns, is there twice, in `SodaCL`: values that occur more than once, those with a null
/// left out, of all rows.
///
/// Source: `data_source.py` of soda-core 3.5.6, `sql_get_duplicates_count`, and `derived_metric.py`.
pub(super) fn repeated(place: &Place, columns: &Node) -> Promise {
    Promise::new("unique_key", place)
        .with("columns", columns.clone())
        .text("count", "groups")
}

/// A number of a column as an SQL aggregate; `None` for a name that is none.
pub(super) fn aggregate(function: &str, column: &Node) -> Option<String> {
    let name = column_sql(column);
    Some(match function {
        "avg" => format!("AVG({name})"),
        "sum" => format!("SUM({name})"),
        "min" => format!("MIN({name})"),
        "max" => format!("MAX({name})"),
        "stddev" | "stddev_samp" => format!("STDDEV({name})"),
        "variance" | "var_samp" => format!("VARIANCE({name})"),
        "min_length" => format!("MIN(LENGTH({name}))"),
        "max_length" => format!("MAX(LENGTH({name}))"),
        "avg_length" => format!("AVG(LENGTH({name}))"),
        _ => return None,
    })
}

/// The check whose number an aggregate is, where the profile has it.
pub(super) fn profiled(function: &str) -> Option<&'static str> {
    Some(match function {
        "avg" => "mean_between",
        "sum" => "sum_between",
        "min" => "min_between",
        "max" => "max_between",
        "stddev" | "stddev_samp" => "stddev_between",
        _ => return None,
    })
}

/// A number of a column between bounds.
pub(super) fn number(
    place: &Place,
    function: &str,
    column: &Node,
    threshold: Threshold,
) -> Result<Promise, Refused> {
    if threshold.percent {
        return Err(Refused::Dropped("percents of a number".to_owned()));
    }
    if let Some(check) = profiled(function) {
        let number = aggregate(function, column);
        return threshold.between(Promise::of(check, place, column), false, number.as_deref());
    }
    let expr = aggregate(function, column)
        .ok_or_else(|| Refused::Dropped(format!("`{function}` is not measured here")))?;
    threshold.between(
        Promise::new("value_between", place).text("expr", &expr),
        false,
        Some(&expr),
    )
}
