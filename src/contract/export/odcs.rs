//! Open Data Contract Standard 3.1. What its library does not say is a `custom` rule for the engine `tollgate`, which the importer reads
//! back: nothing of a native contract is lost but its order.

use super::Made;
use super::promise::{Promise, all};
use crate::config::tree::{Key, Node, Value};
use crate::contract::import::Coverage;
use crate::contract::import::build::{flag, int, list, map, node, text, texts};
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence, Privacy};
use crate::diagnostic::Place;
use crate::types::TypePattern;

/// Native types as logical types with the `format` of numbers.
fn logical(written: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match written {
        "string" => ("string", None),
        "boolean" => ("boolean", None),
        "date" => ("date", None),
        "time" => ("time", None),
        "timestamp" | "timestamp(utc)" | "timestamp(local)" => ("timestamp", None),
        "integer" => ("integer", None),
        "int8" => ("integer", Some("i8")),
        "int16" => ("integer", Some("i16")),
        "int32" => ("integer", Some("i32")),
        "int64" => ("integer", Some("i64")),
        "uint8" => ("integer", Some("u8")),
        "uint16" => ("integer", Some("u16")),
        "uint32" => ("integer", Some("u32")),
        "uint64" => ("integer", Some("u64")),
        "float32" => ("number", Some("f32")),
        "float64" => ("number", Some("f64")),
        "number" => ("number", None),
        "list" => ("array", None),
        "struct" => ("object", None),
        _ => return None,
    })
}

/// One property on its way.
struct Property {
    /// Its logical type.
    kind: Option<&'static str>,
    entries: Vec<(&'static str, Node)>,
    options: Vec<(&'static str, Node)>,
    quality: Vec<Node>,
}

/// The document: every expectation is an option of a type, a rule of the library, or one for the engine `tollgate`.
pub(super) fn export(contract: &Contract) -> Made {
    let mut coverage = Coverage::default();
    let place = super::whole(contract);
    let mut properties: Vec<(&ContractColumn, Property)> = contract
        .columns
        .iter()
        .map(|c| (c, property(contract, c, &mut coverage)))
        .collect();
    let mut quality = Vec::new();
    for promise in all(contract) {
        let at = &promise.written.place;
        let own = properties
            .iter_mut()
            .find(|(c, _)| Some(c.name.as_str()) == promise.column);
        let what = promise.what();
        if let Some((_, property)) = own {
            if option(&promise, property) {
                coverage.mapped(at, what, "logicalTypeOptions");
                continue;
            }
            property.quality.push(rule(&promise, &what, &mut coverage));
        } else {
            quality.push(rule(&promise, &what, &mut coverage));
        }
    }
    if let (true, Some(at)) = (
        contract.extra_columns != ExtraColumns::Allow,
        &contract.extra_place,
    ) {
        coverage.dropped(
            at,
            "extra_columns",
            "the standard does not say what a further column is",
        );
    }
    let properties = properties
        .into_iter()
        .map(|(_, p)| p.node(&place))
        .collect();
    (document(contract, &place, properties, quality), coverage)
}

/// The document around the properties and the rules.
fn document(contract: &Contract, place: &Place, properties: Vec<Node>, quality: Vec<Node>) -> Node {
    let name = contract
        .dataset
        .clone()
        .unwrap_or_else(|| "dataset".to_owned());
    let mut object = vec![("name", text(place, name.clone()))];
    object.extend(
        contract
            .description
            .as_ref()
            .map(|d| ("description", text(place, d.clone()))),
    );
    if !contract.tags.is_empty() {
        object.push(("tags", texts(place, contract.tags.clone())));
    }
    object.push(("properties", list(place, properties)));
    if !quality.is_empty() {
        object.push(("quality", list(place, quality)));
    }
    let mut whole = vec![
        ("apiVersion", text(place, "v3.1.0")),
        ("kind", text(place, "DataContract")),
        ("id", text(place, identifier(&name))),
        (
            "version",
            text(
                place,
                contract
                    .contract_version
                    .clone()
                    .unwrap_or_else(|| "1.0.0".to_owned()),
            ),
        ),
        ("status", text(place, "active")),
        ("name", text(place, name)),
    ];
    if let Some(owner) = &contract.owner {
        whole.push((
            "team",
            map(place, vec![("name", text(place, owner.clone()))]),
        ));
    }
    whole.push(("schema", list(place, vec![map(place, object)])));
    map(place, whole)
}

fn identifier(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

impl Property {
    fn node(self, place: &Place) -> Node {
        let mut entries = self.entries;
        if !self.options.is_empty() {
            entries.push(("logicalTypeOptions", map(place, self.options)));
        }
        if !self.quality.is_empty() {
            entries.push(("quality", list(place, self.quality)));
        }
        map(place, entries)
    }

    fn option(&mut self, key: &'static str, value: Node) -> bool {
        let free = !self.options.iter().any(|(k, _)| *k == key);
        if free {
            self.options.push((key, value));
        }
        free
    }
}

fn property(contract: &Contract, column: &ContractColumn, coverage: &mut Coverage) -> Property {
    let place = &column.place;
    let name = &column.name;
    coverage.mapped(place, format!("column {name}"), "properties");
    let mut made = Property {
        kind: None,
        entries: vec![("name", text(place, name.clone()))],
        options: Vec::new(),
        quality: Vec::new(),
    };
    dtype(column, &mut made, coverage);
    let mut put = |key, value| made.entries.push((key, value));
    if let Some(words) = &column.description {
        put("description", text(place, words.clone()));
    }
    if let Some(at) = &column.not_null {
        put("required", flag(at, true));
        coverage.mapped(at, format!("nullable of {name}"), "required");
    }
    if let Some(at) = &column.unique {
        put("unique", flag(at, true));
        coverage.mapped(at, format!("unique of {name}"), "unique");
    }
    if let Some((key, at)) = &contract.key
        && let Some(position) = key.iter().position(|k| k == name)
    {
        put("primaryKey", flag(at, true));
        put("primaryKeyPosition", int(at, position as i128 + 1));
        coverage.mapped(at, format!("key {name}"), "primaryKey");
    }
    if column.privacy == Privacy::Personal {
        put("classification", text(place, "restricted"));
        coverage.mapped(place, format!("pii of {name}"), "classification");
    }
    if !column.tags.is_empty() {
        put("tags", texts(place, column.tags.clone()));
    }
    if column.required == Presence::Optional {
        coverage.dropped(
            place,
            format!("required: false of {name}"),
            "the standard does not say that a column may be missing",
        );
    }
    for (_, at) in column.environments.iter().take(1) {
        coverage.dropped(
            at,
            format!("environments of {name}"),
            "the standard does not know them",
        );
    }
    made
}

/// A list by its items, as deep as the standard has words for; `None` for every other type.
fn nested(pattern: &TypePattern, at: &Place) -> Option<Vec<(&'static str, Node)>> {
    let TypePattern::ListOf(item) = pattern else {
        return None;
    };
    let item = map(at, inside(item, at)?);
    Some(vec![("logicalType", text(at, "array")), ("items", item)])
}

fn inside(item: &TypePattern, at: &Place) -> Option<Vec<(&'static str, Node)>> {
    if let Some(entries) = nested(item, at) {
        return Some(entries);
    }
    if let TypePattern::StructOf(fields) = item {
        let field = |(name, dtype): &(String, TypePattern)| {
            let mut entries = vec![("name", text(at, name.clone()))];
            entries.extend(inside(dtype, at)?);
            Some(map(at, entries))
        };
        let fields = fields.iter().map(field).collect::<Option<Vec<Node>>>()?;
        return Some(vec![
            ("logicalType", text(at, "object")),
            ("properties", list(at, fields)),
        ]);
    }
    let (kind, width) = logical(&item.to_string())?;
    // A width or a zone inside a list would be an option of its own.
    let plain = width.is_none() && !item.to_string().contains('(');
    plain.then(|| vec![("logicalType", text(at, kind))])
}

fn dtype(column: &ContractColumn, made: &mut Property, coverage: &mut Coverage) {
    let Some((pattern, at)) = &column.dtype else {
        return;
    };
    let written = pattern.to_string();
    let what = format!("type of {}", column.name);
    if let Some(entries) = nested(pattern, at) {
        made.kind = Some("array");
        made.entries.extend(entries);
        coverage.mapped(at, what, "logicalType, items");
        return;
    }
    let Some((kind, width)) = logical(&written) else {
        let kind = match written.as_str() {
            "float" | "decimal" => Some("number"),
            _ if written.starts_with("decimal(") => Some("number"),
            _ => None,
        };
        match kind {
            Some(kind) => {
                made.entries.push(("logicalType", text(at, kind)));
                made.entries
                    .push(("physicalType", text(at, written.clone())));
                coverage.note(at, what, format!("`{written}` is a {kind} there"));
            }
            None => coverage.dropped(at, what, format!("the standard has no type `{written}`")),
        }
        return;
    };
    made.kind = Some(kind);
    made.entries.push(("logicalType", text(at, kind)));
    if let Some(width) = width {
        made.option("format", text(at, width));
    }
    if written.starts_with("timestamp(") {
        made.option("timezone", flag(at, written == "timestamp(utc)"));
    }
    coverage.mapped(at, what, "logicalType");
}

/// Whether an expectation is an option of the column's type.
fn option(promise: &Promise, property: &mut Property) -> bool {
    if promise.common() {
        return false;
    }
    let put = |property: &mut Property, given: Option<Vec<(&'static str, Node)>>| {
        let Some(given) = given else { return false };
        let taken = |key: &str| property.options.iter().any(|(k, _)| *k == key);
        let free = !given.iter().any(|(key, _)| taken(key));
        if free {
            property.options.extend(given);
        }
        free
    };
    let list = property.kind == Some("array");
    match promise.written.check.as_str() {
        "length" if promise.has_only(&["min", "max"]) => {
            put(property, promise.ends(["minLength", "maxLength"]))
        }
        "list_length" if list && promise.has_only(&["min", "max"]) => {
            put(property, promise.ends(["minItems", "maxItems"]))
        }
        "list_unique_items" if list && promise.has_only(&[]) => {
            property.option("uniqueItems", flag(&promise.written.place, true))
        }
        "multiple_of" if promise.has_only(&["of"]) => promise
            .arg("of")
            .is_some_and(|n| property.option("multipleOf", n.clone())),
        "between" if promise.has_only(&["min", "max", "bounds"]) => put(property, promise.range()),
        "matches" if promise.has_only(&["pattern"]) => promise
            .arg("pattern")
            .is_some_and(|p| property.option("pattern", p.clone())),
        _ => false,
    }
}

/// A rule of `quality`: of the library where it says the same, else one for the engine `tollgate`.
fn rule(promise: &Promise, what: &str, coverage: &mut Coverage) -> Node {
    let at = &promise.written.place;
    let words = ["severity", "description"]
        .iter()
        .filter_map(|k| Some((*k, promise.arg(k)?.clone())));
    let zero = || ("mustBe", int(at, 0));
    let library = |metric: &str, more: Vec<(&'static str, Node)>| {
        let mut entries = vec![("type", text(at, "library")), ("metric", text(at, metric))];
        entries.extend(more);
        entries
    };
    let check = promise.written.check.as_str();
    let entries = match check {
        _ if promise.common_but_severity() => None,
        "not_null" if promise.has_only(&["severity"]) => Some(library("nullValues", vec![zero()])),
        "in_set" if promise.has_only(&["values", "severity"]) => {
            promise.arg("values").map(|values| {
                let arguments = map(at, vec![("validValues", values.clone())]);
                library("invalidValues", vec![zero(), ("arguments", arguments)])
            })
        }
        "row_count" if promise.has_only(&["min", "severity"]) => promise
            .arg("min")
            .map(|n| library("rowCount", vec![("mustBeGreaterOrEqualTo", n.clone())])),
        "row_count" if promise.has_only(&["max", "severity"]) => promise
            .arg("max")
            .map(|n| library("rowCount", vec![("mustBeLessOrEqualTo", n.clone())])),
        _ => None,
    };
    let known = entries.is_some();
    let mut entries = entries.unwrap_or_else(|| {
        let args = promise
            .written
            .args
            .clone()
            .unwrap_or_else(|| map(at, Vec::new()));
        let key = Key {
            name: check.to_owned(),
            place: at.clone(),
        };
        let implementation = node(at, Value::Map(vec![(key, args)]));
        vec![
            ("type", text(at, "custom")),
            ("engine", text(at, "tollgate")),
            ("implementation", implementation),
        ]
    });
    if known {
        coverage.mapped(at, what, "quality");
        entries.extend(words);
    } else {
        coverage.note(
            at,
            what,
            "a rule of type `custom` for the engine `tollgate`; other tools do not hold it",
        );
    }
    map(at, entries)
}
