//! Reads signatures: of `MLmodel` files, and as they are declared in a configuration.

use super::{Field, Signature, Wants};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::contract::import::{mlmodel, tree_of};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::types::{LogicalType, TypePattern};
use std::sync::Arc;

/// Types of `MLflow` and ours.
const TYPES: &[(&str, LogicalType)] = &[
    ("integer", LogicalType::Int(32)),
    ("long", LogicalType::Int(64)),
    ("float", LogicalType::Float(32)),
    ("double", LogicalType::Float(64)),
    ("datetime", LogicalType::Timestamp { utc: false }),
    // Elements of tensors, as numpy names them.
    ("bool", LogicalType::Boolean),
    ("str", LogicalType::String),
    ("object", LogicalType::String),
];

/// The signature of an `MLmodel` file.
///
/// Errors: what is no YAML, no signature, fields that are no JSON or of the wrong form, each with its place.
pub fn from_mlmodel(file: &Arc<SourceFile>) -> Result<Signature, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let Some(node) = get(&tree, "signature") else {
        let problem = Diagnostic::new("no-signature", "the MLmodel file has no `signature`");
        let help = "log the model with a signature, or declare one in the configuration";
        return Err(vec![problem.at(&tree.place, "of this file").help(help)]);
    };
    from_node(node)
}

/// A signature as it is declared: `inputs` and `outputs` as lists of `name`, `type` and `required`, or the same as JSON
/// text.
///
/// Errors: every problem with its place.
pub fn from_node(node: &Node) -> Result<Signature, Vec<Diagnostic>> {
    let mut problems = Problems::default();
    let mut part = |key: &str| -> Vec<Field> {
        let Some(list) = get(node, key).filter(|n| n.value != Value::Null) else {
            return Vec::new();
        };
        let Some(list) = mlmodel::unfolded(list, key, &mut problems) else {
            return Vec::new();
        };
        let Value::List(items) = &list.value else {
            problems.wrong_type(&list, key, "a list of fields");
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| field(item, &mut problems))
            .collect()
    };
    let signature = Signature {
        inputs: part("inputs"),
        outputs: part("outputs"),
    };
    if problems.0.is_empty() && signature.inputs.is_empty() {
        let problem = Diagnostic::new("invalid-signature", "the signature has no inputs");
        problems.add(
            problem
                .at(&node.place, "here")
                .help("`inputs` lists what the model is given"),
        );
    }
    if problems.0.is_empty() {
        Ok(signature)
    } else {
        Err(problems.0)
    }
}

/// The value of a key of a mapping.
fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    match &node.value {
        Value::Map(entries) => entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v),
        _ => None,
    }
}

fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn field(node: &Node, problems: &mut Problems) -> Option<Field> {
    if !matches!(node.value, Value::Map(_)) {
        problems.wrong_type(
            node,
            "a field of a signature",
            "a mapping with `name` and `type`",
        );
        return None;
    }
    let name = get(node, "name").and_then(text).map(str::to_owned);
    let Some(kind) = get(node, "type").and_then(text) else {
        let problem = Diagnostic::new(
            "invalid-signature",
            "a field of the signature has no `type`",
        );
        problems.add(
            problem
                .at(&node.place, "here")
                .help("such as `type: double`"),
        );
        return None;
    };
    let flag = |key: &str| match get(node, key).map(|n| &n.value) {
        Some(Value::Bool(flag)) => Some(*flag),
        _ => None,
    };
    // `optional` is what older versions wrote.
    let required = flag("required")
        .or(flag("optional").map(|o| !o))
        .unwrap_or(true);
    let wants = if kind == "tensor" {
        tensor(node, problems)?
    } else {
        wants(kind)
    };
    Some(Field {
        name,
        wants,
        required,
    })
}

fn wants(kind: &str) -> Wants {
    match kind {
        "array" | "list" => Wants::Nested("list"),
        "map" => Wants::Nested("map"),
        "object" | "struct" => Wants::Nested("struct"),
        "any" => Wants::Any,
        other => plain(other).map_or_else(|| Wants::Unknown(other.to_owned()), Wants::Plain),
    }
}

/// The type of one value.
fn plain(word: &str) -> Option<LogicalType> {
    if let Some((_, found)) = TYPES.iter().find(|(theirs, _)| *theirs == word) {
        return Some(found.clone());
    }
    match TypePattern::parse(word)? {
        TypePattern::Exact(found) => Some(found),
        TypePattern::Timestamp => Some(LogicalType::Timestamp { utc: false }),
        _ => None,
    }
}

fn tensor(node: &Node, problems: &mut Problems) -> Option<Wants> {
    let spec = get(node, "tensor-spec");
    let word = spec.and_then(|s| get(s, "dtype")).and_then(text);
    let Some(Value::List(sizes)) = spec.and_then(|s| get(s, "shape")).map(|s| &s.value) else {
        let problem = Diagnostic::new(
            "invalid-signature",
            "a tensor of the signature has no `shape`",
        );
        problems.add(problem.at(&node.place, "here"));
        return None;
    };
    let sizes = sizes.iter().map(|n| match n.value {
        Value::Int(size) => i64::try_from(size).ok(),
        _ => None,
    });
    let shape: Option<Vec<i64>> = sizes.collect();
    match (word.and_then(plain), shape) {
        (Some(element), Some(shape)) => Some(Wants::Tensor { element, shape }),
        _ => Some(Wants::Unknown("tensor".to_owned())),
    }
}
