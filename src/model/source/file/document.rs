//! Metrics of a JSON or YAML document.

use super::super::gather::{Found, Gathered, Written};
use super::super::slice_of;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::Place;

type Slice = Option<(String, String)>;

/// Keys by which tools name a metric in a list of them.
const NAMES: [&str; 6] = [
    "name",
    "metric",
    "key",
    "metric_name",
    "metric_id",
    "evaluator",
];
const VALUES: [&str; 2] = ["value", "result"];
const ERRORS: [&str; 4] = ["standard_error", "stderr", "std_err", "se"];
const ROWS: [&str; 4] = ["rows", "n", "count", "support"];

/// Adds every metric of a document.
pub(super) fn gather(node: &Node, to: &mut Gathered) {
    let root = match &node.value {
        Value::Map(entries) => find(entries, &["metrics"]).or_else(|| described(entries)),
        _ => None,
    };
    let holder = root.filter(|n| matches!(n.value, Value::Map(_) | Value::List(_)));
    value(holder.unwrap_or(node), "", &None, to);
    if let (Some(_), Value::Map(entries)) = (holder, &node.value)
        && let Some(node) = find(entries, &["slices"])
    {
        slices(node, "", to);
    }
}

/// The metrics of a run as `mlflow runs describe` writes it.
fn described(entries: &[(Key, Node)]) -> Option<&Node> {
    match &find(entries, &["data"])?.value {
        Value::Map(data) => find(data, &["metrics"]),
        _ => None,
    }
}

fn find<'a>(entries: &'a [(Key, Node)], names: &[&str]) -> Option<&'a Node> {
    names
        .iter()
        .find_map(|name| entries.iter().find(|(k, _)| k.name == *name))
        .map(|(_, node)| node)
}

fn value(node: &Node, name: &str, slice: &Slice, to: &mut Gathered) {
    match &node.value {
        Value::Map(entries) => mapping(node, entries, name, slice, to),
        Value::List(items) if items.iter().any(|i| matches!(i.value, Value::Map(_))) => {
            for item in items {
                listed(item, name, slice, to);
            }
        }
        _ if name.is_empty() => to.problem(format!(
            "{}: {} is no metric: write `name: number`",
            place(&node.place),
            node.value.kind()
        )),
        _ => to.add(Written {
            key: name,
            slice: slice.clone(),
            value: found(node),
            standard_error: None,
            rows: None,
            definition: None,
            place: place(&node.place),
        }),
    }
}

fn mapping(node: &Node, entries: &[(Key, Node)], name: &str, slice: &Slice, to: &mut Gathered) {
    if let Some(inner) = find(entries, &["value"])
        && !name.is_empty()
    {
        described_value(node, inner, entries, name, slice.clone(), to);
        return;
    }
    let mut empty = true;
    for (key, node) in entries {
        empty = false;
        if key.name == "slices" && matches!(node.value, Value::Map(_)) {
            slices(node, name, to);
        } else {
            value(node, &joined(name, &key.name), slice, to);
        }
    }
    if empty && !name.is_empty() {
        to.problem(format!("{}: `{name}` is empty", place(&node.place)));
    }
}

/// A value with what is known of it.
fn described_value(
    node: &Node,
    inner: &Node,
    entries: &[(Key, Node)],
    name: &str,
    slice: Slice,
    to: &mut Gathered,
) {
    if matches!(inner.value, Value::Map(_) | Value::List(_)) {
        value(inner, name, &slice, to);
    } else {
        let definition = find(entries, &["definition"]).map(|n| n.value.to_string());
        to.add(Written {
            key: name,
            slice,
            value: found(inner),
            standard_error: known(entries, &ERRORS),
            rows: known(entries, &ROWS),
            definition,
            place: place(&node.place),
        });
    }
    if let Some(node) = find(entries, &["slices"]) {
        slices(node, name, to);
    }
}

/// What is known under one of these keys; null is not known.
fn known(entries: &[(Key, Node)], keys: &[&str]) -> Option<Found> {
    let node = find(entries, keys)?;
    (node.value != Value::Null).then(|| found(node))
}

/// An item of a list of metrics.
fn listed(item: &Node, outer: &str, slice: &Slice, to: &mut Gathered) {
    let Value::Map(entries) = &item.value else {
        to.problem(format!(
            "{}: {} stands among metrics",
            place(&item.place),
            item.value.kind()
        ));
        return;
    };
    let name = match find(entries, &NAMES).map(|n| &n.value) {
        Some(Value::Text(name)) if !name.is_empty() => joined(outer, name),
        _ => {
            to.problem(format!("{}: a metric has no `name`", place(&item.place)));
            return;
        }
    };
    let Some(inner) = find(entries, &VALUES) else {
        to.problem(format!("{}: `{name}` has no `value`", place(&item.place)));
        return;
    };
    match named_slice(entries) {
        Ok(own) => {
            let slice = own.or_else(|| slice.clone());
            described_value(item, inner, entries, &name, slice, to);
        }
        Err(reason) => to.problem(format!("{}: `{name}`: {reason}", place(&item.place))),
    }
}

/// The slice of a listed metric: `column=value`, or a mapping of one column to its value.
fn named_slice(entries: &[(Key, Node)]) -> Result<Slice, String> {
    let Some(node) = find(entries, &["slice"]) else {
        return Ok(None);
    };
    match &node.value {
        Value::Null => Ok(None),
        Value::Text(text) if text.is_empty() => Ok(None),
        Value::Text(text) => Ok(Some(slice_of(text))),
        Value::Map(parts) if parts.is_empty() => Ok(None),
        Value::Map(parts) if parts.len() == 1 => {
            let (column, value) = &parts[0];
            Ok(Some((column.name.clone(), value.value.to_string())))
        }
        _ => Err("its slice is not `column=value`".to_owned()),
    }
}

/// `{column: {value: metrics}}`, of one metric or of several.
fn slices(node: &Node, name: &str, to: &mut Gathered) {
    let Value::Map(columns) = &node.value else {
        let at = place(&node.place);
        to.problem(format!(
            "{at}: `slices` is no mapping of columns to their values"
        ));
        return;
    };
    for (column, node) in columns {
        let Value::Map(values) = &node.value else {
            let at = place(&node.place);
            to.problem(format!("{at}: slices of `{}` are no mapping", column.name));
            continue;
        };
        for (of, node) in values {
            let slice = Some((column.name.clone(), of.name.clone()));
            value(node, name, &slice, to);
        }
    }
}

fn joined(outer: &str, name: &str) -> String {
    match outer {
        "" => name.to_owned(),
        outer => format!("{outer}.{name}"),
    }
}

fn found(node: &Node) -> Found {
    match &node.value {
        Value::Int(value) => Found::Number(*value as f64),
        Value::Float(value) => Found::Number(*value),
        other => Found::Other(other.kind()),
    }
}

fn place(place: &Place) -> String {
    format!("line {}, column {}", place.line, place.column)
}
