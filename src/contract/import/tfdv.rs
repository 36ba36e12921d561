//! Schema of TensorFlow Data Validation, as text proto or binary:
//! <https://github.com/tensorflow/metadata/blob/master/tensorflow_metadata/proto/v0/schema.proto>.

mod feature;
mod fields;
mod proto;
pub mod statistics;
mod wire;

pub use wire::text as from_binary;

use super::build::{ContractDraft, int, text, texts};
use super::{Coverage, Form, Imported, text_of};
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// Name of the form in reasons.
const FORM: &str = "the schema of TFDV";

/// A message: every field is the list of its values.
#[derive(Clone, Copy)]
struct Message<'a> {
    entries: &'a [(Key, Node)],
}

impl<'a> Message<'a> {
    fn of(node: &'a Node) -> Self {
        match &node.value {
            Value::Map(entries) => Self { entries },
            _ => Self { entries: &[] },
        }
    }

    /// All values of a field.
    fn all(self, name: &str) -> &'a [Node] {
        let found = self.entries.iter().find(|(k, _)| k.name == name);
        match found.map(|(_, v)| &v.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// The last value of a field that occurs once: a later one replaces those before it, as the format says.
    fn one(self, name: &str) -> Option<&'a Node> {
        self.all(name).last()
    }

    fn message(self, name: &str) -> Option<(Self, &'a Node)> {
        let node = self.one(name)?;
        Some((Self::of(node), node))
    }

    fn number(self, name: &str) -> Option<(f64, &'a Node)> {
        let node = self.one(name)?;
        let number = node.value.scalar()?.number().filter(|v| v.is_finite())?;
        Some((number, node))
    }

    fn words(self, name: &str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.all(name).iter().filter_map(|n| Some((text_of(n)?, n)))
    }

    /// Every field that is not among `known` is a rule that is not held.
    fn rest(self, known: &[&str], what: &str, coverage: &mut Coverage) {
        for (key, _) in self
            .entries
            .iter()
            .filter(|(k, _)| !known.contains(&k.name.as_str()))
        {
            coverage.dropped(
                &key.place,
                format!("`{}` of {what}", key.name),
                "no check holds it",
            );
        }
    }
}

/// Reads a schema.
///
/// Errors: what is no text proto, a feature without a name, and fields of the wrong type, each with its place.
pub fn import(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = proto::parse(file).map_err(|p| vec![p])?;
    let root = Message::of(&tree);
    let mut problems = Problems::default();
    let mut draft = ContractDraft::new(&tree.place);
    let mut coverage = Coverage::default();
    let environments = environments(root);
    if let Some((_, node)) = environments.first() {
        draft.set(
            "environments",
            texts(&node.place, environments.iter().map(|(name, _)| *name)),
        );
    }
    let names: Vec<&str> = environments.iter().map(|(name, _)| *name).collect();
    let around = feature::Around {
        root,
        environments: &names,
    };
    for node in root.all("feature") {
        feature::read(node, "", &around, &mut draft, &mut coverage, &mut problems);
    }
    if let Some(first) = root.all("feature").first() {
        draft.set("extra_columns", text(&first.place, "fail"));
        coverage.note(
            &first.place,
            "new columns",
            "TFDV reports a column that the schema lacks; `extra_columns: fail`",
        );
    }
    if let Some((rules, node)) = root.message("dataset_constraints") {
        dataset(rules, node, &mut draft, &mut coverage);
    }
    others(root, &mut coverage);
    if root.all("feature").is_empty() && problems.0.is_empty() {
        let what = "the schema has no `feature`";
        problems.add(Diagnostic::new("invalid-schema", what).at(&tree.place, "nothing promised"));
    }
    if problems.0.is_empty() {
        Ok(Imported::one(Form::Tfdv, None, draft.into_node(), coverage))
    } else {
        Err(problems.0)
    }
}

/// What else the schema says.
fn others(root: Message, coverage: &mut Coverage) {
    for key in [
        "annotation",
        "represent_variable_length_as_ragged",
        "tensor_representation_group",
    ] {
        if let Some(node) = root.one(key) {
            coverage.told(&node.place, key);
        }
    }
    let known = [
        "feature",
        "string_domain",
        "int_domain",
        "float_domain",
        "default_environment",
        "dataset_constraints",
        "annotation",
        "represent_variable_length_as_ragged",
        "tensor_representation_group",
    ];
    root.rest(&known, "the schema", coverage);
}

/// The environments by default, and those that a feature speaks of.
fn environments(root: Message<'_>) -> Vec<(&str, &Node)> {
    let mut found: Vec<(&str, &Node)> = root.words("default_environment").collect();
    let features = root.all("feature").iter().map(Message::of);
    for feature in features {
        found.extend(feature.words("in_environment"));
        found.extend(feature.words("not_in_environment"));
    }
    let mut once: Vec<(&str, &Node)> = Vec::new();
    for (name, node) in found {
        if !name.is_empty() && !once.iter().any(|(n, _)| *n == name) {
            once.push((name, node));
        }
    }
    once
}

fn dataset(rules: Message, node: &Node, draft: &mut ContractDraft, coverage: &mut Coverage) {
    for (key, arg) in [("min_examples_count", "min"), ("max_examples_count", "max")] {
        if let Some((count, at)) = rules
            .number(key)
            .filter(|(n, _)| *n >= 0.0 && n.fract() == 0.0 && *n < 9e15)
        {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
            let count = count as i128;
            draft.expect(&at.place, "row_count", vec![(arg, int(&at.place, count))]);
            coverage.mapped(&at.place, key, "row_count");
        }
    }
    for key in [
        "num_examples_drift_comparator",
        "num_examples_version_comparator",
    ] {
        if rules.one(key).is_some() {
            let reason = "numbers of rows against earlier ones are judged by `history` and `drift` in tollgate.yaml";
            coverage.dropped(&node.place, key, reason);
        }
    }
    let known = [
        "min_examples_count",
        "max_examples_count",
        "num_examples_drift_comparator",
        "num_examples_version_comparator",
    ];
    rules.rest(&known, "dataset_constraints", coverage);
}
