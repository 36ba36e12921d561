//! Checks that Pandera brings, by their names and arguments.

use super::super::build;
use super::super::form::get;
use super::super::promise::{Promise, Reading, Refused, items, whole, words};
use super::is;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Place;

/// One check: its name, its arguments, its options.
pub(super) struct Check<'a> {
    pub(super) name: String,
    pub(super) place: &'a Place,
    /// The one argument, or all by name.
    pub(super) value: &'a Node,
    pub(super) options: Option<&'a Node>,
}

impl<'a> Check<'a> {
    /// An argument by name, or the only one.
    fn arg(&self, name: &str) -> Result<&'a Node, Refused> {
        let found = match &self.value.value {
            Value::Map(_) => get(self.value, name).or_else(|| get(self.value, "value")),
            Value::Null => None,
            _ => Some(self.value),
        };
        found.ok_or_else(|| Refused::missing(self.place, &format!("`{}`", self.name), name))
    }

    fn maybe(&self, name: &str) -> Option<&'a Node> {
        get(self.value, name)
    }

    /// Nulls fail where they are not left out.
    fn nulls(&self, promise: Promise) -> Promise {
        let ignored = !is(self.options.and_then(|o| get(o, "ignore_na")), false);
        if ignored {
            promise
        } else {
            promise.text("nulls", "fail")
        }
    }
}

/// What a check of a column promises.
pub(super) fn of_column(check: &Check, column: &Node) -> Reading {
    let place = check.place;
    let compare = |op: &str, name: &str| {
        let promise = Promise::of("compare", place, column).text("op", op);
        check.arg(name).map(|v| promise.with("value", v.clone()))
    };
    let promise = match check.name.as_str() {
        "equal_to" | "eq" => compare("==", "value")?,
        "not_equal_to" | "ne" => compare("!=", "value")?,
        "greater_than" | "gt" => compare(">", "min_value")?,
        "greater_than_or_equal_to" | "ge" => compare(">=", "min_value")?,
        "less_than" | "lt" => compare("<", "max_value")?,
        "less_than_or_equal_to" | "le" => compare("<=", "max_value")?,
        "in_range" | "between" => in_range(check, column)?,
        "isin" => {
            let values = check.arg("allowed_values")?;
            some(values)?;
            Promise::of("in_set", place, column).with("values", values.clone())
        }
        "notin" => {
            let values = check.arg("forbidden_values")?;
            some(values)?;
            return Ok(vec![
                Promise::of("not_in_set", place, column).with("values", values.clone()),
            ]);
        }
        "str_matches" => pattern(check, column, "prefix")?,
        "str_contains" => pattern(check, column, "search")?,
        "str_startswith" => affix(check, column, "^", "")?,
        "str_endswith" => affix(check, column, "", "$")?,
        "str_length" => length(check, column)?,
        "unique_values_eq" => {
            let values = check.arg("values")?;
            some(values)?;
            let promise =
                Promise::of("distinct_values", place, column).with("values", values.clone());
            // No value at all is not this set of values.
            return Ok(vec![promise.text("mode", "equal").text("on_empty", "fail")]);
        }
        other => {
            return Err(Refused::Dropped(format!(
                "`{other}` is no check that Pandera brings: it is Python"
            )));
        }
    };
    Ok(vec![check.nulls(promise)])
}

fn some(values: &Node) -> Result<(), Refused> {
    match items(values, "values")? {
        [] => Err(Refused::kind(values, "values", "a list of one or more")),
        _ => Ok(()),
    }
}

fn in_range(check: &Check, column: &Node) -> Result<Promise, Refused> {
    let open = |name: &str| is(check.maybe(name), false);
    let bounds = match (open("include_min"), open("include_max")) {
        (false, false) => "[]",
        (true, false) => "(]",
        (false, true) => "[)",
        (true, true) => "()",
    };
    let promise = Promise::of("between", check.place, column)
        .with("min", check.arg("min_value")?.clone())
        .with("max", check.arg("max_value")?.clone());
    Ok(if bounds == "[]" {
        promise
    } else {
        promise.text("bounds", bounds)
    })
}

fn pattern(check: &Check, column: &Node, matched: &str) -> Result<Promise, Refused> {
    let node = check.arg("pattern")?;
    let read = super::super::gx::python(words(node, "pattern")?)?;
    let promise =
        Promise::of("matches", check.place, column).with("pattern", build::text(&node.place, read));
    Ok(if matched == "search" {
        promise
    } else {
        promise.text("match", matched)
    })
}

fn affix(check: &Check, column: &Node, before: &str, after: &str) -> Result<Promise, Refused> {
    let node = check.arg("string")?;
    let escaped = regex::escape(words(node, "string")?);
    let after = if after.is_empty() { "" } else { "\\z" };
    let pattern = build::text(&node.place, format!("{before}{escaped}{after}"));
    Ok(Promise::of("matches", check.place, column).with("pattern", pattern))
}

fn length(check: &Check, column: &Node) -> Result<Promise, Refused> {
    let bound = |name: &str| {
        check
            .maybe(name)
            .map(|n| whole(n, name).map(|v| build::int(&n.place, v.max(0))))
            .transpose()
    };
    let exact = bound("exact_value")?;
    let (min, max) = (
        bound("min_value")?.or(exact.clone()),
        bound("max_value")?.or(exact),
    );
    if min.is_none() && max.is_none() {
        return Err(Refused::missing(
            check.place,
            "`str_length`",
            "min_value` or `max_value",
        ));
    }
    Ok(Promise::of("length", check.place, column)
        .maybe("min", min)
        .maybe("max", max))
}
