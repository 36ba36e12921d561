//! Signature of a model in an `MLmodel` file of `MLflow`: what the model about to be promoted is told, held against the data.

use super::build::{ContractDraft, flag, text};
use super::column::Column;
use super::form::get;
use super::keys::Keys;
use super::{Coverage, Form, Imported, text_of, tree_of};
use crate::config::fields::Problems;
use crate::config::json;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use std::sync::Arc;

/// Name of the form in reasons.
const FORM: &str = "a signature of MLflow";

/// Deepest nesting of types.
const DEEPEST: usize = 32;

/// Types of a signature, ours, and what must be said about the difference.
///
/// `MLflow` converts where nothing is lost: narrower whole numbers and floats are taken for wider ones.
const TYPES: &[(&str, &str, Option<&str>)] = &[
    ("boolean", "boolean", None),
    ("integer", "int32", None),
    (
        "long",
        "integer",
        Some("whole numbers of any width are taken, as MLflow converts narrower ones"),
    ),
    ("float", "float32", None),
    (
        "double",
        "float",
        Some(
            "floats of any width are taken, as MLflow converts narrower ones; whole numbers are not",
        ),
    ),
    ("string", "string", None),
    ("binary", "binary", None),
    ("datetime", "timestamp", None),
];

/// Reads the inputs of the signature; outputs and parameters are no promise about the data.
///
/// Errors: what is no YAML, no signature, inputs that are no JSON, and every key of the wrong type, each with its place.
pub fn import(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let mut problems = Problems::default();
    let mut coverage = Coverage::default();
    let mut draft = ContractDraft::new(&tree.place);
    let inputs = inputs(&tree, &mut coverage, &mut problems);
    if let Some((place, Value::List(items))) = inputs.as_ref().map(|i| (&i.place, &i.value)) {
        if items.is_empty() {
            problems.add(
                Diagnostic::new("invalid-signature", "the signature has no inputs")
                    .at(place, "nothing here"),
            );
        }
        for item in items {
            input(item, &mut draft, &mut coverage, &mut problems);
        }
    } else if let Some(node) = &inputs {
        problems.wrong_type(node, "inputs", "a list of columns");
    }
    if problems.0.is_empty() {
        Ok(Imported::one(
            Form::Mlmodel,
            None,
            draft.into_node(),
            coverage,
        ))
    } else {
        Err(problems.0)
    }
}

/// The inputs as a tree whose places are that of the text that holds them.
fn inputs(tree: &Node, coverage: &mut Coverage, problems: &mut Problems) -> Option<Node> {
    let keys = Keys::of(tree, "an MLmodel file", problems)?;
    let signature = keys.require("signature", problems)?;
    let signature = Keys::of(signature, "a signature", problems)?;
    let node = signature.require("inputs", problems)?;
    for key in ["outputs", "params"] {
        if let Some(node) = signature.get(key) {
            coverage.told(&node.place, format!("{key} of the model"));
        }
    }
    signature.finish(FORM, coverage);
    unfolded(node, "inputs", problems)
}

/// The fields of a signature, which `MLflow` writes as JSON inside a text, as a tree whose places are that of the text; a
/// tree as it is.
pub(crate) fn unfolded(node: &Node, key: &str, problems: &mut Problems) -> Option<Node> {
    let Value::Text(written) = &node.value else {
        return Some(node.clone());
    };
    let inner = Arc::new(SourceFile {
        path: format!("{key} of {}", node.place.file.path),
        text: written.clone(),
    });
    match json::parse(&inner) {
        Ok(read) => Some(placed(read, &node.place)),
        Err(problem) => {
            let what = format!("`{key}` are no JSON: {}", problem.message);
            problems.add(Diagnostic::new("invalid-json", what).at(&node.place, "here"));
            None
        }
    }
}

/// The tree with one place for all of it.
fn placed(mut node: Node, place: &Place) -> Node {
    node.place = place.clone();
    node.value = match node.value {
        Value::List(items) => Value::List(items.into_iter().map(|i| placed(i, place)).collect()),
        Value::Map(entries) => {
            let entry = |(mut key, value): (crate::config::tree::Key, Node)| {
                key.place = place.clone();
                (key, placed(value, place))
            };
            Value::Map(entries.into_iter().map(entry).collect())
        }
        other => other,
    };
    node
}

fn input(node: &Node, draft: &mut ContractDraft, coverage: &mut Coverage, problems: &mut Problems) {
    let Some(keys) = Keys::of(node, "an input", problems) else {
        return;
    };
    let Some((name, place)) = keys.text("name", problems) else {
        let reason = "an input without a name is a tensor, and no column";
        coverage.dropped(&node.place, "input", reason);
        return;
    };
    let mut column = Column::new(place, name);
    optional(&keys, &mut column, problems);
    let mut inner = Vec::new();
    dtype(&keys, &mut column, &mut inner, 0, problems);
    keys.finish(FORM, &mut column.coverage);
    column.put(draft, coverage);
    for column in inner {
        column.put(draft, coverage);
    }
}

/// An input that is not required may be missing; `optional` is what older versions wrote.
fn optional(keys: &Keys, column: &mut Column, problems: &mut Problems) {
    let required = keys.flag("required", problems);
    let optional = keys
        .flag("optional", problems)
        .map(|(v, place)| (!v, place));
    if let Some((false, place)) = required.or(optional) {
        column.set(place, "required", "required", flag(place, false));
    }
}

/// The type of an input; the fields of an object are columns by path.
fn dtype(
    keys: &Keys,
    column: &mut Column,
    inner: &mut Vec<Column>,
    depth: usize,
    problems: &mut Problems,
) {
    keys.require("type", problems);
    let Some((kind, place)) = keys.text("type", problems) else {
        return;
    };
    if let Some((_, ours, note)) = TYPES.iter().find(|(theirs, ..)| *theirs == kind) {
        column.draft.set("type", text(place, *ours));
        match note {
            None => column.set(place, "type", "type", text(place, *ours)),
            Some(note) => column.note(place, "type", *note),
        }
        return;
    }
    match kind {
        "array" => {
            column.set(place, "type", "type", text(place, "list"));
            if let Some(items) = keys.get("items") {
                column.dropped(
                    &items.place,
                    "items",
                    "values inside a list are not looked at",
                );
            }
        }
        "map" => {
            column.set(place, "type", "type", text(place, "map"));
            if let Some(values) = keys.get("values") {
                column.dropped(
                    &values.place,
                    "values",
                    "values inside a map are not looked at",
                );
            }
        }
        "object" => {
            column.set(place, "type", "type", text(place, "struct"));
            fields(keys, &column.path, inner, depth, problems);
        }
        "any" => column.set(place, "type", "type", text(place, "any")),
        "tensor" => tensor(keys, place, column),
        other => column.dropped(place, "type", format!("there is no type `{other}` here")),
    }
}

fn fields(keys: &Keys, path: &str, inner: &mut Vec<Column>, depth: usize, problems: &mut Problems) {
    let Some(node) = keys.get("properties") else {
        return;
    };
    let Value::Map(entries) = &node.value else {
        problems.wrong_type(node, "properties", "a mapping");
        return;
    };
    for (key, schema) in entries {
        let mut column = Column::new(&key.place, format!("{path}.{}", key.name));
        if depth >= DEEPEST {
            column.dropped(&key.place, "type", "it is nested too deeply");
            inner.push(column);
            continue;
        }
        let Some(keys) = Keys::of(schema, "a field", problems) else {
            continue;
        };
        optional(&keys, &mut column, problems);
        let mut below = Vec::new();
        dtype(&keys, &mut column, &mut below, depth + 1, problems);
        keys.finish(FORM, &mut column.coverage);
        inner.push(column);
        inner.append(&mut below);
    }
}

/// A named tensor of one dimension is a column of its numbers.
fn tensor(keys: &Keys, place: &Place, column: &mut Column) {
    let spec = keys.get("tensor-spec");
    let word = spec.and_then(|s| get(s, "dtype")).and_then(text_of);
    let shape = spec.and_then(|s| get(s, "shape")).map(|s| &s.value);
    let flat = matches!(shape, Some(Value::List(sizes)) if sizes.len() == 1 || sizes.len() == 2 && sizes[1].value == Value::Int(1));
    let ours = word.map(|w| {
        if w == "bool" {
            "boolean"
        } else if w == "str" || w == "object" {
            "string"
        } else {
            w
        }
    });
    match ours.filter(|w| flat && crate::types::TYPE_NAMES.contains(w)) {
        Some(ours) => column.set(place, "type", "type", text(place, ours)),
        None => column.dropped(
            place,
            "type",
            "a tensor of more than one dimension is no column",
        ),
    }
}
