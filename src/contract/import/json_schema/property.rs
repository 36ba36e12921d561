//! One key of a row: type, range, pattern, and what is inside an object.

use super::super::build::{ContractDraft, flag, list, number, text};
use super::super::column::{Anchoring, Column};
use super::super::keys::Keys;
use super::super::{Coverage, text_of};
use super::{DEEPEST, FORM, METADATA, resolved};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};

/// Where keys go.
pub(super) struct Found<'a, 'b> {
    pub(super) root: &'a Node,
    pub(super) draft: &'b mut ContractDraft,
    pub(super) coverage: &'b mut Coverage,
}

/// Types of JSON Schema, and ours.
const TYPES: &[(&str, &str)] = &[
    ("string", "string"),
    ("integer", "integer"),
    ("number", "number"),
    ("boolean", "boolean"),
    ("object", "struct"),
    ("array", "list"),
];

/// Keywords about arrays and objects that no check holds.
const INSIDE: &[&str] = &[
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "required",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "additionalProperties",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
];

impl<'a> Found<'a, '_> {
    /// Reads the schema of one key, and of keys inside it by path.
    pub(super) fn read(
        &mut self,
        path: &str,
        place: &Place,
        schema: &'a Node,
        depth: usize,
        problems: &mut Problems,
    ) {
        let mut column = Column::new(place, path);
        self.schema(&mut column, schema, depth, problems);
        column.put(self.draft, self.coverage);
    }

    fn schema(
        &mut self,
        column: &mut Column,
        schema: &'a Node,
        depth: usize,
        problems: &mut Problems,
    ) {
        if let Value::Bool(allowed) = schema.value {
            if !allowed {
                column.dropped(
                    &schema.place,
                    "false",
                    "no value is allowed, and no check forbids a column its values",
                );
            }
            return;
        }
        let what = column.path.clone();
        let Some(schema) = resolved(self.root, schema, &mut column.coverage, &what) else {
            return;
        };
        let Some(keys) = Keys::of(schema, format!("the schema of {what}"), problems) else {
            return;
        };
        kind(&keys, column, problems);
        values(&keys, column, problems);
        for part in keys.list("allOf", problems) {
            if depth < DEEPEST {
                self.schema(column, part, depth + 1, problems);
            } else {
                column.dropped(&part.place, "allOf", "it is nested too deeply");
            }
        }
        for key in ["anyOf", "oneOf", "not", "if", "then", "else"] {
            if let Some(node) = keys.get(key) {
                column.dropped(
                    &node.place,
                    key,
                    "no check holds it; `expression` may say it in SQL",
                );
            }
        }
        for key in INSIDE {
            if let Some(node) = keys.get(key) {
                column.dropped(
                    &node.place,
                    key,
                    "what is inside a list or an object is looked at by path only",
                );
            }
        }
        told(&keys, column, problems);
        self.inside(&keys, &what, depth, problems);
        keys.ignore(METADATA);
        keys.ignore(&["$ref"]);
        keys.finish(FORM, &mut column.coverage);
    }

    /// Keys of an object are columns by path.
    fn inside(&mut self, keys: &Keys<'a>, path: &str, depth: usize, problems: &mut Problems) {
        let Some(node) = keys.get("properties") else {
            return;
        };
        let Value::Map(entries) = &node.value else {
            problems.wrong_type(node, "properties", "a mapping");
            return;
        };
        for (key, schema) in entries {
            let inner = format!("{path}.{}", key.name);
            if depth < DEEPEST {
                self.read(&inner, &key.place, schema, depth + 1, problems);
                if let Some(column) = self.draft.column(&inner) {
                    column.unset("nullable");
                    column.set("required", flag(&key.place, false));
                }
            } else {
                self.coverage.dropped(
                    &key.place,
                    format!("column {inner}"),
                    "it is nested too deeply",
                );
            }
        }
    }
}

/// `type`: one, or one beside `null`.
fn kind(keys: &Keys, column: &mut Column, problems: &mut Problems) {
    let items = keys.one_or_more("type");
    let Some(first) = items.first() else {
        return;
    };
    let place = &first.place;
    let names: Option<Vec<&str>> = items.iter().map(text_of).collect();
    let Some(names) = names else {
        problems.wrong_type(first, "type", "the name of a type, or a list of names");
        return;
    };
    let known = |n: &str| n == "null" || TYPES.iter().any(|(t, _)| *t == n);
    if let Some(unknown) = names.iter().find(|n| !known(n)) {
        let all = TYPES.iter().map(|(t, _)| *t);
        let problem = Diagnostic::new(
            "unknown-type",
            format!("`{unknown}` is no type of JSON Schema"),
        );
        problems.add(problem.at(place, "not known").help(listing(
            "types",
            unknown,
            all.chain(["null"]),
        )));
        return;
    }
    let nullable = names.contains(&"null");
    let own: Vec<&str> = names.into_iter().filter(|n| *n != "null").collect();
    match own[..] {
        [one] => {
            let ours = TYPES
                .iter()
                .find(|(t, _)| *t == one)
                .map_or("any", |(_, ours)| *ours);
            column.set(place, "type", "type", text(place, ours));
        }
        ["integer", "number"] | ["number", "integer"] => {
            column.set(place, "type", "type", text(place, "number"));
        }
        [] => column.held(place, "type", "is_null", Vec::new()),
        _ => column.dropped(place, "type", "a column has one type"),
    }
    if !nullable && !own.is_empty() {
        column.draft.set("nullable", flag(place, false));
    }
}

fn values(keys: &Keys, column: &mut Column, problems: &mut Problems) {
    column.lengths(keys, ["minLength", "maxLength"], problems);
    column.range(keys, problems);
    if let Some((n, place)) = keys.number("multipleOf", problems) {
        if n > 0.0 {
            multiple(n, place, column);
        } else {
            let problem =
                Diagnostic::new("wrong-type", "`multipleOf` must be a number greater than 0");
            problems.add(problem.at(place, "not greater than 0"));
        }
    }
    if let Some((pattern, place)) = keys.text("pattern", problems) {
        column.pattern(pattern, place, "pattern", Anchoring::Search);
    }
    if let Some((word, place)) = keys.text("format", problems) {
        column.format(word, place, "format");
    }
    if let Some(node) = keys.get("enum") {
        let items = keys.list("enum", problems);
        if items.iter().any(|i| i.value == Value::Null) {
            column.draft.unset("nullable");
        }
        column.allowed(items, &node.place, "enum", Vec::new());
    }
    if let Some(node) = keys.get("const") {
        column.allowed(std::slice::from_ref(node), &node.place, "const", Vec::new());
    }
    if let Some(node) = keys.get("dynamicEnum") {
        let reason = "the values are in another file: make it a dataset of tollgate.yaml, and promise `foreign_key`";
        column.dropped(&node.place, "dynamicEnum", reason);
    }
    for key in ["contentEncoding", "contentMediaType"] {
        let Some((word, place)) = keys.text(key, problems) else {
            continue;
        };
        match word {
            "base64" => column.held(place, key, "format", vec![("kind", text(place, "base64"))]),
            "application/json" => {
                column.held(place, key, "format", vec![("kind", text(place, "json"))]);
            }
            _ => column.dropped(place, key, "no check holds it"),
        }
    }
}

/// Multiples of a number.
fn multiple(of: f64, place: &Place, column: &mut Column) {
    if !crate::catalogue::load::is_built_in("multiple_of") {
        column.dropped(place, "multipleOf", "no check holds multiples");
        return;
    }
    column.held(
        place,
        "multipleOf",
        "multiple_of",
        vec![("of", number(place, of))],
    );
}

/// What is said for people.
fn told(keys: &Keys, column: &mut Column, problems: &mut Problems) {
    let title = keys.text("title", problems);
    if let Some((words, place)) = keys.text("description", problems).or(title) {
        column.draft.set("description", text(place, words));
    }
    let examples = keys.list("examples", problems);
    if let (Some(first), true) = (
        examples.first(),
        examples.iter().all(|i| i.value.scalar().is_some()),
    ) {
        column
            .draft
            .set("examples", list(&first.place, examples.to_vec()));
    }
}
