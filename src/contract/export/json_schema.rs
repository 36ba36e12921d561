//! JSON Schema 2020-12 of one row.

use super::Made;
use super::promise::all;
use crate::config::tree::{Key, Node, Value};
use crate::contract::import::build::{flag, list, map, node, text, texts};
use crate::contract::import::{Coverage, text_of};
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence};
use crate::diagnostic::Place;

/// A column with its keywords.
type Property<'a> = (&'a ContractColumn, Vec<(&'static str, Node)>);

/// Native types as those of JSON; a date is a text with a format.
fn kind(written: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match written {
        "string" | "binary" => ("string", None),
        "date" => ("string", Some("date")),
        "time" => ("string", Some("time")),
        "timestamp" | "timestamp(utc)" => ("string", Some("date-time")),
        "boolean" => ("boolean", None),
        "number" | "float" | "float16" | "float32" | "float64" | "decimal" => ("number", None),
        "list" => ("array", None),
        "struct" | "map" => ("object", None),
        _ if written.starts_with("decimal(") => ("number", None),
        _ if written.starts_with("int") || written.starts_with("uint") => ("integer", None),
        _ => return None,
    })
}

pub(super) fn export(contract: &Contract) -> Made {
    let mut coverage = Coverage::default();
    let place = Place {
        file: std::sync::Arc::clone(&contract.file),
        line: 1,
        column: 1,
        length: 1,
    };
    let mut properties: Vec<Property> = Vec::new();
    let mut required = Vec::new();
    for column in &contract.columns {
        let at = &column.place;
        if column.name.contains('.') {
            coverage.dropped(
                at,
                format!("column {}", column.name),
                "fields inside others are not written",
            );
            continue;
        }
        coverage.mapped(at, format!("column {}", column.name), "properties");
        if column.required == Presence::Required {
            required.push(column.name.clone());
        }
        properties.push((column, property(column, &mut coverage)));
    }
    promises(contract, &mut properties, &mut coverage);
    if let Some((_, at)) = &contract.key {
        coverage.dropped(at, "key", "a schema of one row does not see others");
    }
    (document(contract, &place, properties, required), coverage)
}

/// Expectations that keywords say.
fn promises(contract: &Contract, properties: &mut [Property], coverage: &mut Coverage) {
    for promise in all(contract) {
        let at = &promise.written.place;
        let check = promise.written.check.as_str();
        let what = promise
            .column
            .map_or(check.to_owned(), |c| format!("{check} of {c}"));
        let own = properties
            .iter_mut()
            .find(|(c, _)| Some(c.name.as_str()) == promise.column);
        let keywords = keywords(&promise);
        match (own, keywords) {
            (Some((_, entries)), Some(more))
                if more
                    .iter()
                    .all(|(k, _)| !entries.iter().any(|(e, _)| e == k)) =>
            {
                let names: Vec<&str> = more.iter().map(|(k, _)| *k).collect();
                coverage.mapped(at, what, names.join(", "));
                entries.extend(more);
            }
            _ => coverage.dropped(at, what, "the form does not say it"),
        }
    }
}

/// The document around the properties.
fn document(
    contract: &Contract,
    place: &Place,
    properties: Vec<Property>,
    required: Vec<String>,
) -> Node {
    let mut whole = vec![(
        "$schema",
        text(place, "https://json-schema.org/draft/2020-12/schema"),
    )];
    whole.extend(
        contract
            .dataset
            .as_ref()
            .map(|d| ("title", text(place, d.clone()))),
    );
    whole.extend(
        contract
            .description
            .as_ref()
            .map(|d| ("description", text(place, d.clone()))),
    );
    whole.push(("type", text(place, "object")));
    let entry = |(column, entries): Property| {
        let key = Key {
            name: column.name.clone(),
            place: column.place.clone(),
        };
        (key, map(&column.place, entries))
    };
    whole.push((
        "properties",
        node(
            place,
            Value::Map(properties.into_iter().map(entry).collect()),
        ),
    ));
    if !required.is_empty() {
        whole.push(("required", texts(place, required)));
    }
    if contract.extra_columns == ExtraColumns::Fail {
        whole.push(("additionalProperties", flag(place, false)));
    }
    map(place, whole)
}

fn property(column: &ContractColumn, coverage: &mut Coverage) -> Vec<(&'static str, Node)> {
    let place = &column.place;
    let mut entries = Vec::new();
    if let Some((pattern, at)) = &column.dtype {
        let written = pattern.to_string();
        let what = format!("type of {}", column.name);
        match kind(&written) {
            Some((kind, format)) => {
                let names = if column.not_null.is_some() {
                    vec![kind]
                } else {
                    vec![kind, "null"]
                };
                let value = if let [one] = names[..] {
                    text(at, one)
                } else {
                    texts(at, names)
                };
                entries.push(("type", value));
                entries.extend(format.map(|f| ("format", text(at, f))));
                coverage.mapped(at, what, "type");
            }
            None => coverage.dropped(at, what, format!("JSON has no type `{written}`")),
        }
    }
    if let Some(at) = &column.not_null {
        let what = format!("nullable of {}", column.name);
        if column.dtype.is_some() {
            coverage.mapped(at, what, "type");
        } else {
            coverage.dropped(
                at,
                what,
                "without a type JSON Schema does not rule null out",
            );
        }
    }
    if let Some(at) = &column.unique {
        coverage.dropped(
            at,
            format!("unique of {}", column.name),
            "a schema of one row does not see others",
        );
    }
    entries.extend(
        column
            .description
            .as_ref()
            .map(|d| ("description", text(place, d.clone()))),
    );
    entries
}

/// Keywords that say the same as an expectation.
pub(super) fn keywords(promise: &super::promise::Promise) -> Option<Vec<(&'static str, Node)>> {
    let at = &promise.written.place;
    let ends = |keys: [&'static str; 2]| {
        let both = [("min", keys[0]), ("max", keys[1])];
        let given: Vec<_> = both
            .iter()
            .filter_map(|(arg, key)| Some((*key, promise.arg(arg)?.clone())))
            .collect();
        (!given.is_empty()).then_some(given)
    };
    match promise.written.check.as_str() {
        _ if promise.common() => None,
        "length" if promise.has_only(&["min", "max"]) => ends(["minLength", "maxLength"]),
        "between" if promise.has_only(&["min", "max", "bounds"]) => {
            let bounds = promise.arg("bounds").and_then(text_of).unwrap_or("[]");
            let low = if bounds.starts_with('(') {
                "exclusiveMinimum"
            } else {
                "minimum"
            };
            let high = if bounds.ends_with(')') {
                "exclusiveMaximum"
            } else {
                "maximum"
            };
            let number = |n: &Node| matches!(n.value, Value::Int(_) | Value::Float(_));
            ends([low, high]).filter(|given| given.iter().all(|(_, n)| number(n)))
        }
        "matches" if promise.has_only(&["pattern"]) => {
            Some(vec![("pattern", promise.arg("pattern")?.clone())])
        }
        "in_set" if promise.has_only(&["values"]) => {
            let Value::List(items) = &promise.arg("values")?.value else {
                return None;
            };
            // A null never fails `in_set`; the type says whether it may occur.
            let with_null = items
                .iter()
                .cloned()
                .chain([node(at, Value::Null)])
                .collect();
            Some(vec![("enum", list(at, with_null))])
        }
        _ => None,
    }
}
