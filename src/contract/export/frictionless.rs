//! Frictionless Table Schema, version 2.

use super::Made;
use super::promise::{Promise, all};
use crate::config::tree::{Node, Value};
use crate::contract::import::build::{flag, list, map, text, texts};
use crate::contract::import::{Coverage, text_of};
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence};
use crate::diagnostic::Place;

fn kind(written: &str) -> Option<&'static str> {
    Some(match written {
        "string" => "string",
        "date" => "date",
        "time" => "time",
        "timestamp" | "timestamp(utc)" | "timestamp(local)" => "datetime",
        "boolean" => "boolean",
        "number" | "float" | "float16" | "float32" | "float64" | "decimal" => "number",
        "any" => "any",
        _ if written.starts_with("decimal(") => "number",
        _ if written.starts_with("int") || written.starts_with("uint") => "integer",
        _ => return None,
    })
}

type Field<'a> = (
    &'a ContractColumn,
    Vec<(&'static str, Node)>,
    Vec<(&'static str, Node)>,
);

pub(super) fn export(contract: &Contract) -> Made {
    let mut coverage = Coverage::default();
    let place = Place {
        file: std::sync::Arc::clone(&contract.file),
        line: 1,
        column: 1,
        length: 1,
    };
    let mut fields: Vec<Field> = contract
        .columns
        .iter()
        .map(|c| field(c, &mut coverage))
        .collect();
    for promise in all(contract) {
        let at = &promise.written.place;
        let check = promise.written.check.as_str();
        let what = promise
            .column
            .map_or(check.to_owned(), |c| format!("{check} of {c}"));
        let own = fields
            .iter_mut()
            .find(|(c, ..)| Some(c.name.as_str()) == promise.column);
        match (own, constraints(&promise)) {
            (Some((_, _, own)), Some(more))
                if more.iter().all(|(k, _)| !own.iter().any(|(e, _)| e == k)) =>
            {
                coverage.mapped(at, what, "constraints");
                own.extend(more);
            }
            _ => coverage.dropped(at, what, "the form does not say it"),
        }
    }
    let mut document = document(contract, &place, fields);
    if let Some((key, at)) = &contract.key {
        document.push(("primaryKey", texts(at, key.clone())));
        coverage.mapped(at, "key", "primaryKey");
    }
    (map(&place, document), coverage)
}

/// The document without its key.
fn document(contract: &Contract, place: &Place, fields: Vec<Field>) -> Vec<(&'static str, Node)> {
    let made = |(_, mut entries, constraints): Field| {
        if !constraints.is_empty() {
            entries.push(("constraints", map(place, constraints)));
        }
        map(place, entries)
    };
    let optional = contract
        .columns
        .iter()
        .any(|c| c.required == Presence::Optional);
    let fit = match (optional, contract.extra_columns) {
        (true, ExtraColumns::Fail) => "superset",
        (true, _) => "partial",
        (false, ExtraColumns::Fail) => "equal",
        (false, _) => "subset",
    };
    vec![
        (
            "$schema",
            text(
                place,
                "https://datapackage.org/profiles/2.0/tableschema.json",
            ),
        ),
        (
            "fields",
            list(place, fields.into_iter().map(made).collect()),
        ),
        ("fieldsMatch", texts(place, [fit])),
    ]
}

fn field<'a>(column: &'a ContractColumn, coverage: &mut Coverage) -> Field<'a> {
    let place = &column.place;
    coverage.mapped(place, format!("column {}", column.name), "fields");
    let mut entries = vec![("name", text(place, column.name.clone()))];
    let mut constraints = Vec::new();
    if let Some((pattern, at)) = &column.dtype {
        let written = pattern.to_string();
        let what = format!("type of {}", column.name);
        match kind(&written) {
            Some(kind) => {
                entries.push(("type", text(at, kind)));
                coverage.mapped(at, what, "type");
            }
            None => coverage.dropped(at, what, format!("the form has no type `{written}`")),
        }
    }
    entries.extend(
        column
            .description
            .as_ref()
            .map(|d| ("description", text(place, d.clone()))),
    );
    if let Some(at) = &column.not_null {
        constraints.push(("required", flag(at, true)));
        coverage.mapped(at, format!("nullable of {}", column.name), "required");
    }
    if let Some(at) = &column.unique {
        constraints.push(("unique", flag(at, true)));
        coverage.mapped(at, format!("unique of {}", column.name), "unique");
    }
    (column, entries, constraints)
}

/// Constraints that say the same as an expectation; a pattern is that of the whole text there.
fn constraints(promise: &Promise) -> Option<Vec<(&'static str, Node)>> {
    let full = promise.arg("match").and_then(text_of) == Some("full");
    match promise.written.check.as_str() {
        "matches" if !promise.common() && full && promise.has_only(&["pattern", "match"]) => {
            Some(vec![("pattern", promise.arg("pattern")?.clone())])
        }
        "matches" => None,
        "in_set" if !promise.common() && promise.has_only(&["values"]) => {
            let values = promise.arg("values")?;
            matches!(values.value, Value::List(_)).then(|| vec![("enum", values.clone())])
        }
        "between" if promise.has_only(&["min", "max", "bounds"]) && !promise.common() => {
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
            let both = [("min", low), ("max", high)];
            let given: Vec<_> = both
                .iter()
                .filter_map(|(arg, key)| Some((*key, promise.arg(arg)?.clone())))
                .collect();
            (!given.is_empty()).then_some(given)
        }
        _ => super::json_schema::keywords(promise),
    }
}
