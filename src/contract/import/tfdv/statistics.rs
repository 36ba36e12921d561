//! Statistics of TFDV (`DatasetFeatureStatisticsList`): columns and types are promises; the numbers that were seen are no rules.

use super::super::build::{ContractDraft, text};
use super::super::column::Column;
use super::super::{Coverage, Draft, Form, Imported, text_of};
use super::{Message, proto};
use crate::config::fields::Problems;
use crate::config::tree::Node;
use crate::diagnostic::{Diagnostic, SourceFile};
use std::sync::Arc;

/// Reads statistics: one contract per set of them, with a promise per column and type.
///
/// Errors: what is no text proto, a feature without a name or path, a type that is none, no set of statistics; each with its place.
pub fn import(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = proto::parse(file).map_err(|p| vec![p])?;
    let root = Message::of(&tree);
    let mut problems = Problems::default();
    let mut contracts = Vec::new();
    let mut whole = Coverage::default();
    for node in root.all("datasets") {
        let draft = dataset(node, &mut problems);
        whole.items.extend(draft.coverage.items.iter().cloned());
        whole.told.extend(draft.coverage.told.iter().cloned());
        contracts.push(draft);
    }
    root.rest(&["datasets"], "the statistics", &mut whole);
    if contracts.is_empty() && problems.0.is_empty() {
        let what = "there is no `datasets` in it";
        problems
            .add(Diagnostic::new("invalid-statistics", what).at(&tree.place, "nothing promised"));
    }
    if problems.0.is_empty() {
        Ok(Imported {
            form: Form::TfdvStatistics,
            contracts,
            coverage: whole,
        })
    } else {
        Err(problems.0)
    }
}

/// One set of statistics as a contract.
fn dataset(node: &Node, problems: &mut Problems) -> Draft {
    let set = Message::of(node);
    let mut coverage = Coverage::default();
    let mut draft = ContractDraft::new(&node.place);
    let name = set.one("name").and_then(text_of).filter(|n| !n.is_empty());
    for node in set.all("features") {
        feature(node, &mut draft, &mut coverage, problems);
    }
    for key in ["num_examples", "weighted_num_examples", "cross_features"] {
        if let Some(node) = set.one(key) {
            coverage.told(&node.place, format!("{key}: what was seen is no rule"));
        }
    }
    let known = [
        "name",
        "features",
        "num_examples",
        "weighted_num_examples",
        "cross_features",
    ];
    set.rest(&known, "a set of statistics", &mut coverage);
    Draft {
        name: name.map(str::to_owned),
        contract: draft.into_node(),
        coverage,
    }
}

/// Kinds of statistics, and the type of a feature that has them and no `type`: INT is the first, which is not written.
const KINDS: &[(&str, &str)] = &[
    ("num_stats", "INT"),
    ("string_stats", "STRING"),
    ("bytes_stats", "BYTES"),
    ("struct_stats", "STRUCT"),
];

fn feature(
    node: &Node,
    draft: &mut ContractDraft,
    coverage: &mut Coverage,
    problems: &mut Problems,
) {
    let feature = Message::of(node);
    let steps = feature.message("path").map(|(path, at)| {
        let steps: Vec<&str> = path.words("step").map(|(step, _)| step).collect();
        (steps.join("."), at)
    });
    let named = feature
        .one("name")
        .and_then(|n| Some((text_of(n)?.to_owned(), n)));
    let Some((name, at)) = named.or(steps).filter(|(name, _)| !name.is_empty()) else {
        let problem = Diagnostic::new("missing-key", "a feature needs a `name` or a `path`");
        problems.add(problem.at(&node.place, "it has neither"));
        return;
    };
    let mut column = Column::new(&at.place, &name);
    let stats = KINDS
        .iter()
        .find_map(|(kind, default)| Some((feature.message(kind)?, *kind, *default)));
    let word = feature.one("type");
    let place = word.map_or(&at.place, |n| &n.place);
    let written = word.map(|n| n.value.to_string());
    let default = stats.map_or("INT", |(_, _, default)| default);
    let most = stats
        .and_then(|((stats, _), _, _)| stats.message("common_stats")?.0.number("max_num_values"));
    let dtype = match written.as_deref().unwrap_or(default) {
        _ if most.is_some_and(|(n, _)| n > 1.0) => Some("list"),
        "INT" | "0" => Some("integer"),
        "FLOAT" | "1" => Some("float"),
        "STRING" | "2" => Some("string"),
        "BYTES" | "3" => Some("binary"),
        "STRUCT" | "4" => Some("struct"),
        other => {
            let what = format!("`{other}` is no type of statistics");
            let problem = Diagnostic::new("unknown-type", what).at(place, "not known");
            problems.add(problem.help("types are INT, FLOAT, STRING, BYTES, STRUCT"));
            None
        }
    };
    if let Some(dtype) = dtype {
        column.set(place, "type", "type", text(place, dtype));
    }
    if let Some(((_, node), kind, _)) = stats {
        let told = format!("{kind} of {name}: what was seen is no rule");
        column.coverage.told(&node.place, told);
    }
    if let Some(node) = feature.one("custom_stats") {
        let told = format!("custom_stats of {name}: what was seen is no rule");
        column.coverage.told(&node.place, told);
    }
    let known = [
        "name",
        "path",
        "type",
        "num_stats",
        "string_stats",
        "bytes_stats",
        "struct_stats",
        "custom_stats",
    ];
    feature.rest(&known, &name, &mut column.coverage);
    column.put(draft, coverage);
}
