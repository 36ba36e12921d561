//! One key of a row: type, range, pattern, and what is inside an object.

use super::super::build::{ContractDraft, flag, list, number, text};
use super::super::column::Column;
use super::super::ecma;
use super::super::form::get;
use super::super::keys::Keys;
use super::super::{Coverage, text_of};
use super::{DEEPEST, FORM, METADATA, conditional, predicate, resolved};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};
use std::cell::Cell;

/// Where keys go.
pub(super) struct Found<'a, 'b> {
    pub(super) root: &'a Node,
    pub(super) draft: &'b mut ContractDraft,
    pub(super) coverage: &'b mut Coverage,
    /// What they are called by.
    pub(super) names: Names,
    /// How many schemas may be looked at yet.
    pub(super) left: &'b Cell<usize>,
}

/// What a column is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Its name.
    Name,
    /// A pattern that several may match.
    Pattern,
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
    "prefixItems",
    "additionalItems",
    "contains",
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
                column.held(&schema.place, "false", "is_null", Vec::new());
            }
            return;
        }
        let what = column.path.clone();
        if !super::looked(self.left) {
            return column.dropped(&schema.place, "the rest", super::TOO_MANY);
        }
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
        self.choices(schema, &keys, column, depth, problems);
        array(&keys, column, problems);
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

    /// `anyOf`, `oneOf`, `not` and conditions: a schema or null, one of several constants, no constant of some; else a
    /// condition on the row.
    fn choices(
        &mut self,
        schema: &'a Node,
        keys: &Keys<'a>,
        column: &mut Column,
        depth: usize,
        problems: &mut Problems,
    ) {
        for key in ["anyOf", "oneOf"] {
            let parts = keys.list(key, problems);
            let Some(first) = parts.first() else { continue };
            let (nulls, others): (Vec<&Node>, Vec<&Node>) = parts.iter().partition(|p| is_null(p));
            let constants: Option<Vec<Node>> =
                parts.iter().map(|p| get(p, "const").cloned()).collect();
            match (&others[..], constants) {
                (_, Some(values)) => column.allowed(&values, &first.place, key, Vec::new()),
                ([one], _) if !nulls.is_empty() && depth < DEEPEST => {
                    self.schema(column, one, depth + 1, problems);
                    column.draft.unset("nullable");
                    column.note(&first.place, key, "a value of the one schema, or null");
                }
                _ => self.condition(schema, keys, key, column),
            }
        }
        if let Some(node) = keys.get("not") {
            match forbidden(node) {
                Some((check, arg, value)) => {
                    column.held(&node.place, "not", check, vec![(arg, value)]);
                }
                None => self.condition(schema, keys, "not", column),
            }
        }
        if keys.get("if").is_some() {
            self.condition(schema, keys, "if", column);
        }
        for key in ["then", "else"] {
            if let Some(node) = keys.get(key).filter(|_| keys.get("if").is_none()) {
                column.note(&node.place, key, "without `if` it says nothing");
            }
        }
    }

    /// What a keyword says of the values, as a condition on the row.
    fn condition(
        &mut self,
        schema: &'a Node,
        keys: &Keys<'a>,
        key: &'static str,
        column: &mut Column,
    ) {
        let (Value::Map(entries), Some(node)) = (&schema.value, keys.get(key)) else {
            return;
        };
        if self.names == Names::Pattern {
            let reason = "it is about every column that a pattern names, and no condition is";
            return column.dropped(&node.place, key, reason);
        }
        let what = format!("{key} of {}", column.path);
        match predicate::of_column_keyword(self.root, entries, key, &column.path) {
            Ok(sql) => conditional(self.draft, &mut column.coverage, node, &what, &sql),
            Err(why) => column.dropped(&node.place, key, why),
        }
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

/// `{"type": "null"}`.
fn is_null(schema: &Node) -> bool {
    get(schema, "type").and_then(text_of) == Some("null")
}

/// The check that holds what a schema below `not` forbids, where one keyword stands alone in it.
fn forbidden(schema: &Node) -> Option<(&'static str, &'static str, Node)> {
    let Value::Map(entries) = &schema.value else {
        return None;
    };
    let [(key, value)] = &entries[..] else {
        return None;
    };
    let scalar = |n: &Node| n.value.scalar().is_some();
    match (key.name.as_str(), &value.value) {
        ("enum", Value::List(items)) if !items.is_empty() && items.iter().all(scalar) => {
            Some(("not_in_set", "values", value.clone()))
        }
        ("const", _) if scalar(value) => Some((
            "not_in_set",
            "values",
            list(&value.place, vec![value.clone()]),
        )),
        ("pattern", Value::Text(pattern)) => {
            let read = ecma::pattern(pattern)?;
            Some(("not_matches", "pattern", text(&value.place, read)))
        }
        _ => None,
    }
}

/// How many items an array has, whether one may be there twice, and whether one may be null.
fn array(keys: &Keys, column: &mut Column, problems: &mut Problems) {
    let names = ["minItems", "maxItems", "uniqueItems"];
    let is_list = column.draft.get("type").and_then(text_of) == Some("list");
    let items = keys.get("items");
    if is_list {
        column.list_items(keys, names, problems);
        if let Some(node) = items {
            elements(node, column);
        }
        return;
    }
    for node in names.iter().filter_map(|k| keys.get(k)).chain(items) {
        column.dropped(
            &node.place,
            "a keyword of arrays",
            "the schema does not say `type: array`",
        );
    }
}

/// `items`: their type, and whether one may be null.
fn elements(schema: &Node, column: &mut Column) {
    let types: Vec<&str> = match get(schema, "type") {
        Some(node) => match &node.value {
            Value::List(items) => items.iter().filter_map(text_of).collect(),
            _ => text_of(node).into_iter().collect(),
        },
        None => Vec::new(),
    };
    let more = match &schema.value {
        Value::Map(entries) => entries.len() > 1,
        _ => false,
    };
    let own: Vec<&str> = types.iter().copied().filter(|t| *t != "null").collect();
    let item = match own[..] {
        [one] => TYPES.iter().find(|(theirs, _)| *theirs == one),
        _ => None,
    };
    let nulls = types.is_empty() || types.contains(&"null");
    if !nulls {
        let place = &schema.place;
        column
            .draft
            .expect(place, "list_items_not_null", Vec::new());
    }
    let place = &schema.place;
    match item {
        Some((_, ours)) => {
            let dtype = text(place, format!("list<{ours}>"));
            if more {
                column.draft.set("type", dtype);
                let why = "held is their type; values inside a list are not looked at";
                column.dropped(place, "items", why);
            } else {
                column.set(place, "items", "type", dtype);
            }
        }
        None if nulls => column.dropped(place, "items", "values inside a list are not looked at"),
        None => {
            let why = "held is that none is null; values inside a list are not looked at";
            column.dropped(place, "items", why);
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
        column.ecma_pattern(pattern, place, "pattern");
    }
    if let Some((word, place)) = keys.text("format", problems) {
        column.format(word, place, "format");
    }
    if let Some(node) = keys.get("enum") {
        let items = keys.list("enum", problems);
        if !items.is_empty() && items.iter().all(|i| i.value != Value::Null) {
            // A null is none of the values; one that is listed is allowed as far as `type` lets it.
            column.draft.set("nullable", flag(&node.place, false));
        }
        column.allowed(items, &node.place, "enum", Vec::new());
    }
    if let Some(node) = keys.get("const") {
        if node.value != Value::Null {
            column.draft.set("nullable", flag(&node.place, false));
        }
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
            "application/json" => match keys.get("contentSchema") {
                Some(schema) => column.json_schema(schema, &schema.place, "contentSchema"),
                None => column.held(place, key, "format", vec![("kind", text(place, "json"))]),
            },
            _ => column.dropped(place, key, "no check holds it"),
        }
    }
}

/// Multiples of a number.
fn multiple(of: f64, place: &Place, column: &mut Column) {
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
