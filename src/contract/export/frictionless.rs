//! Frictionless Table Schema and Data Package, version 2.

use super::Made;
use super::kinds::{Kind, told};
use super::promise::{Promise, all};
use crate::config::tree::{Node, Value};
use crate::contract::import::build::{flag, list, map, text, texts};
use crate::contract::import::{Coverage, text_of};
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence};
use crate::diagnostic::Place;
use crate::types::TypePattern;

fn kind(dtype: &TypePattern) -> Option<&'static str> {
    Some(match Kind::of(dtype)? {
        Kind::String => "string",
        Kind::Date => "date",
        Kind::Time => "time",
        Kind::Timestamp | Kind::Instant | Kind::Local => "datetime",
        Kind::Boolean => "boolean",
        Kind::Number => "number",
        Kind::Any => "any",
        Kind::Integer => "integer",
        Kind::Binary | Kind::List | Kind::Struct | Kind::Map => return None,
    })
}

type Field<'a> = (
    &'a ContractColumn,
    Vec<(&'static str, Node)>,
    Vec<(&'static str, Node)>,
);

pub(super) fn export(contract: &Contract) -> Made {
    let mut coverage = Coverage::default();
    let place = super::whole(contract);
    let mut fields: Vec<Field> = contract
        .columns
        .iter()
        .map(|c| field(c, &mut coverage))
        .collect();
    for promise in all(contract) {
        let at = &promise.written.place;
        let what = promise.what();
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

/// A package of one resource, whose data is the file that `path` names.
pub(super) fn package(contract: &Contract, path: &str) -> Made {
    let (schema, coverage) = export(contract);
    let place = super::whole(contract);
    let name = contract.dataset.as_deref().unwrap_or("dataset");
    let mut resource = vec![
        ("name", text(&place, resource_name(name))),
        ("type", text(&place, "table")),
        ("path", text(&place, path)),
    ];
    let said = |words: &Option<String>| words.as_ref().map(|w| text(&place, w.clone()));
    resource.extend(said(&contract.description).map(|d| ("description", d)));
    resource.push(("schema", schema));
    let profile = "https://datapackage.org/profiles/2.0/datapackage.json";
    let mut entries = vec![
        ("$schema", text(&place, profile)),
        ("name", text(&place, resource_name(name))),
    ];
    entries.extend(said(&contract.contract_version).map(|v| ("version", v)));
    if let Some(owner) = &contract.owner {
        let one = map(&place, vec![("title", text(&place, owner.clone()))]);
        entries.push(("contributors", list(&place, vec![one])));
    }
    if !contract.tags.is_empty() {
        entries.push(("keywords", texts(&place, contract.tags.clone())));
    }
    entries.push(("resources", list(&place, vec![map(&place, resource)])));
    (map(&place, entries), coverage)
}

/// The name as version 1 of the standard still wants it: lower case letters, digits, `.`, `_` and `-`.
fn resource_name(name: &str) -> String {
    let safe = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() || "._-".contains(c) => c,
        _ => '-',
    };
    name.chars().map(safe).collect()
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
        ("fieldsMatch", text(place, fit)),
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
        match kind(pattern) {
            Some(kind) => {
                entries.push(("type", text(at, kind)));
                told(pattern, kind, at, what, coverage);
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
    super::promise::beside(column, coverage);
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
            promise.range()
        }
        "list_length" | "list_unique_items" | "not_in_set" | "not_matches" | "multiple_of" => None,
        _ => super::json_schema::keywords(promise),
    }
}
