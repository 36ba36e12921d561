//! JSON Schema 2020-12 of one row.

use super::Made;
use super::kinds::{Kind, told};
use super::promise::all;
use crate::config::tree::{Key, Node, Value};
use crate::contract::import::Coverage;
use crate::contract::import::build::{flag, list, map, node, text, texts};
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence};
use crate::diagnostic::Place;
use crate::types::TypePattern;

/// A column with its keywords.
type Property<'a> = (&'a ContractColumn, Vec<(&'static str, Node)>);

/// Native types as those of JSON; a date is a text with a format.
fn kind(dtype: &TypePattern) -> Option<(&'static str, Option<&'static str>)> {
    Some(match Kind::of(dtype)? {
        Kind::String | Kind::Binary => ("string", None),
        Kind::Date => ("string", Some("date")),
        Kind::Time => ("string", Some("time")),
        Kind::Timestamp | Kind::Instant => ("string", Some("date-time")),
        Kind::Boolean => ("boolean", None),
        Kind::Number => ("number", None),
        Kind::List => ("array", None),
        Kind::Struct | Kind::Map => ("object", None),
        Kind::Integer => ("integer", None),
        Kind::Local | Kind::Any => return None,
    })
}

pub(super) fn export(contract: &Contract) -> Made {
    let mut coverage = Coverage::default();
    let place = super::whole(contract);
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
        let what = promise.what();
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
        match kind(pattern) {
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
                told(pattern, kind, at, what, coverage);
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
    super::promise::beside(column, coverage);
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
    match promise.written.check.as_str() {
        _ if promise.common() => None,
        "length" if promise.has_only(&["min", "max"]) => promise.ends(["minLength", "maxLength"]),
        "list_length" if promise.has_only(&["min", "max"]) => {
            promise.ends(["minItems", "maxItems"])
        }
        "list_unique_items" if promise.has_only(&[]) => Some(vec![("uniqueItems", flag(at, true))]),
        "not_in_set" if promise.has_only(&["values"]) => {
            let values = promise
                .arg("values")
                .filter(|n| matches!(n.value, Value::List(_)))?;
            Some(vec![("not", map(at, vec![("enum", values.clone())]))])
        }
        "not_matches" if promise.has_only(&["pattern"]) => Some(vec![(
            "not",
            map(at, vec![("pattern", promise.arg("pattern")?.clone())]),
        )]),
        "multiple_of" if promise.has_only(&["of"]) => {
            Some(vec![("multipleOf", promise.arg("of")?.clone())])
        }
        "between" if promise.has_only(&["min", "max", "bounds"]) => {
            let number = |n: &Node| matches!(n.value, Value::Int(_) | Value::Float(_));
            promise
                .range()
                .filter(|given| given.iter().all(|(_, n)| number(n)))
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
