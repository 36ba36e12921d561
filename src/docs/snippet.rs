//! YAML to paste, made from the examples of checks.

use crate::catalogue::{Check, Example};
use crate::config::tree::{Node, Value};
use crate::record::Status;
use crate::scalar::number_text;

/// A YAML value on one line, quoted only where it must be.
#[must_use]
pub fn flow(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(v) => v.to_string(),
        Value::Int(v) => v.to_string(),
        Value::Float(v) if v.is_nan() => ".nan".to_owned(),
        Value::Float(v) if v.is_infinite() => if *v > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        Value::Float(v) if v.fract() == 0.0 && v.abs() < 1e15 => format!("{v:.1}"),
        Value::Float(v) => number_text(*v),
        Value::Text(v) => scalar(v),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(&key.name), flow(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Text as YAML: plain where no reader takes it for anything else.
fn scalar(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || "_ ./-".contains(c);
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(word)
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else if text.chars().any(char::is_control) {
        serde_json::to_string(text).expect("text is JSON")
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// An expectation as a contract writes it.
pub(super) fn expectation(check: &Check, example: &Example) -> String {
    match &example.with {
        None => format!("- {}", check.id),
        Some(with) => format!("- {}: {}", check.id, flow(with)),
    }
}

/// The expectation of the first passing example, under `expect:`.
pub(super) fn to_paste(check: &Check) -> String {
    let passing = |e: &&Example| e.status == Status::Pass;
    let example = check.examples.iter().find(passing);
    let line = example.map_or_else(
        || format!("- {}", check.id),
        |example| expectation(check, example),
    );
    format!("expect:\n  {line}\n")
}
