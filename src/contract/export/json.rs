//! A tree as JSON for people: two spaces, short lists on one line.

use crate::config::tree::{Node, Value};
use std::fmt::Write as _;

/// The tree as JSON with a newline at its end; what is no number in JSON becomes null.
pub(super) fn text(node: &Node) -> String {
    let mut out = String::new();
    put(&mut out, node, 0);
    out.push('\n');
    out
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

fn put(out: &mut String, node: &Node, indent: usize) {
    let pad = " ".repeat(indent + 2);
    let short = flow(node);
    match &node.value {
        Value::Map(entries)
            if !entries.is_empty() && (indent == 0 || short.len() + indent > 100) =>
        {
            out.push_str("{\n");
            for (i, (key, value)) in entries.iter().enumerate() {
                let comma = if i == 0 { "" } else { ",\n" };
                write!(out, "{comma}{pad}{}: ", quoted(&key.name))
                    .expect("writing to a String cannot fail");
                put(out, value, indent + 2);
            }
            write!(out, "\n{}}}", " ".repeat(indent)).expect("writing to a String cannot fail");
        }
        Value::List(items) if !items.is_empty() && short.len() + indent > 100 => {
            out.push_str("[\n");
            for (i, item) in items.iter().enumerate() {
                let comma = if i == 0 { "" } else { ",\n" };
                write!(out, "{comma}{pad}").expect("writing to a String cannot fail");
                put(out, item, indent + 2);
            }
            write!(out, "\n{}]", " ".repeat(indent)).expect("writing to a String cannot fail");
        }
        _ => out.push_str(&short),
    }
}

fn flow(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => quoted(text),
        Value::Float(v) if !v.is_finite() => "null".to_owned(),
        Value::Float(v) => serde_json::to_string(v).unwrap_or_else(|_| "null".to_owned()),
        Value::Null | Value::Bool(_) | Value::Int(_) => node.value.to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entry = |(k, v): &(crate::config::tree::Key, Node)| {
                format!("{}: {}", quoted(&k.name), flow(v))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}
