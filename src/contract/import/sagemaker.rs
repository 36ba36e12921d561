//! `SageMaker` Model Monitor: `constraints.json` holds rules; `statistics.json` holds what was seen, of which columns and types are promises.

use super::build::{ContractDraft, flag, int, number, text};
use super::column::Column;
use super::form::get;
use super::keys::Keys;
use super::{Coverage, Form, Imported, text_of, tree_of};
use crate::config::fields::Problems;
use crate::config::tree::Node;
use crate::diagnostic::{Diagnostic, SourceFile, listing};
use std::sync::Arc;

/// Name of the form in reasons.
const FORM: &str = "SageMaker Model Monitor";

/// Types that were inferred, and ours; `Unknown` is none.
const TYPES: &[(&str, &str)] = &[
    ("Integral", "integer"),
    ("Fractional", "number"),
    ("String", "string"),
    ("Unknown", "any"),
];

/// Reads `constraints.json`.
///
/// Errors: what is no JSON, and every key of the wrong type, each with its place.
pub fn constraints(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    read(file, Form::SagemakerConstraints)
}

/// Reads `statistics.json`: a promise per column and type; numbers that were seen are no rules.
///
/// Errors: as [`constraints`].
pub fn statistics(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    read(file, Form::SagemakerStatistics)
}

fn read(file: &Arc<SourceFile>, form: Form) -> Result<Imported, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let mut problems = Problems::default();
    let mut coverage = Coverage::default();
    let mut draft = ContractDraft::new(&tree.place);
    if let Some(keys) = Keys::of(&tree, "the file", &mut problems) {
        let domain = config(&keys, &mut draft, &mut coverage, &mut problems);
        keys.require("features", &mut problems);
        for node in keys.list("features", &mut problems) {
            if let Some(column) = feature(node, domain, &mut problems) {
                column.put(&mut draft, &mut coverage);
            }
        }
        if let Some(node) = keys.get("dataset") {
            coverage.told(&node.place, "dataset: how many rows were seen");
        }
        keys.ignore(&["version"]);
        keys.finish(FORM, &mut coverage);
    }
    if problems.0.is_empty() {
        Ok(Imported::one(form, None, draft.into_node(), coverage))
    } else {
        Err(problems.0)
    }
}

/// `monitoring_config`; returns the share of rows that a domain must hold.
fn config(
    keys: &Keys,
    draft: &mut ContractDraft,
    coverage: &mut Coverage,
    problems: &mut Problems,
) -> f64 {
    let Some(node) = keys.get("monitoring_config") else {
        return 1.0;
    };
    let Some(config) = Keys::of(node, "monitoring_config", problems) else {
        return 1.0;
    };
    let mut domain = 1.0;
    if let Some((share, place)) = config.number("domain_content_threshold", problems) {
        if (0.0..=1.0).contains(&share) {
            domain = share;
            coverage.mapped(
                place,
                "domain_content_threshold",
                "max_failing_ratio of in_set",
            );
        } else {
            let problem = Diagnostic::new(
                "wrong-type",
                "`domain_content_threshold` must be a share, 0 to 1",
            );
            problems.add(problem.at(place, "out of range"));
        }
    }
    if let Some((share, place)) = config.number("datatype_check_threshold", problems) {
        if share >= 1.0 {
            coverage.mapped(place, "datatype_check_threshold", "type");
        } else {
            coverage.note(
                place,
                "datatype_check_threshold",
                "a column has one type here, and none of its values may have another",
            );
        }
    }
    for key in ["evaluate_constraints", "emit_metrics"] {
        if let Some(node) = config.get(key) {
            coverage.told(&node.place, format!("{key}: {}", node.value));
        }
    }
    if let Some(node) = config.get("distribution_constraints") {
        let reason = "drift is judged by `drift` and `reference` of the dataset in tollgate.yaml";
        coverage.dropped(&node.place, "distribution_constraints", reason);
    }
    config.finish(FORM, coverage);
    draft.set("extra_columns", text(&node.place, "fail"));
    coverage.note(
        &node.place,
        "missing and extra columns",
        "Model Monitor reports both; `extra_columns: fail`",
    );
    domain
}

fn feature(node: &Node, domain: f64, problems: &mut Problems) -> Option<Column> {
    let keys = Keys::of(node, "a feature", problems)?;
    keys.require("name", problems);
    let (name, place) = keys.text("name", problems)?;
    let mut column = Column::new(place, name);
    if let Some((word, place)) = keys.text("inferred_type", problems) {
        if let Some((_, ours)) = TYPES.iter().find(|(theirs, _)| *theirs == word) {
            column.set(place, "inferred_type", "type", text(place, *ours));
        } else {
            let names = TYPES.iter().map(|(t, _)| *t);
            let problem = Diagnostic::new("unknown-type", format!("`{word}` is no inferred type"));
            problems.add(
                problem
                    .at(place, "not known")
                    .help(listing("types", word, names)),
            );
        }
    }
    completeness(&keys, &mut column, problems);
    if let Some(node) = keys.get("num_constraints")
        && let Some(own) = Keys::of(node, "num_constraints", problems)
    {
        if let Some((true, place)) = own.flag("is_non_negative", problems) {
            column.held(
                place,
                "is_non_negative",
                "between",
                vec![("min", int(place, 0))],
            );
        }
        own.finish(FORM, &mut column.coverage);
    }
    if let Some(node) = keys.get("string_constraints")
        && let Some(own) = Keys::of(node, "string_constraints", problems)
    {
        let items = own.list("domains", problems);
        if let Some(first) = items.first() {
            let ratio = number(&first.place, ((1.0 - domain) * 1e9).round() / 1e9);
            let more = if domain < 1.0 {
                vec![("max_failing_ratio", ratio)]
            } else {
                Vec::new()
            };
            column.allowed(items, &first.place, "domains", more);
        }
        own.finish(FORM, &mut column.coverage);
    }
    for key in ["numerical_statistics", "string_statistics"] {
        if let Some(node) = keys.get(key) {
            column.coverage.told(
                &node.place,
                format!("{key} of {name}: what was seen is no rule"),
            );
        }
    }
    overrides(&keys, &mut column);
    keys.finish(FORM, &mut column.coverage);
    Some(column)
}

/// The least share of rows with a value.
fn completeness(keys: &Keys, column: &mut Column, problems: &mut Problems) {
    let Some((share, place)) = keys.number("completeness", problems) else {
        return;
    };
    if !(0.0..=1.0).contains(&share) {
        let problem = Diagnostic::new("wrong-type", "`completeness` must be a share, 0 to 1");
        problems.add(problem.at(place, "out of range"));
    } else if share >= 1.0 {
        column.set(place, "completeness", "nullable", flag(place, false));
    } else if share > 0.0 {
        // In thousandths of a millionth, so that 1 - 0.9 is 0.1.
        let most = ((1.0 - share) * 1e9).round() / 1e9;
        column.held(
            place,
            "completeness",
            "null_ratio",
            vec![("max", number(place, most))],
        );
    } else {
        column.note(
            place,
            "completeness",
            "every share of rows with a value is enough",
        );
    }
}

/// Settings of one feature that differ from those of the file.
fn overrides(keys: &Keys, column: &mut Column) {
    for key in ["monitoring_config_overrides", "monitoringConfigOverrides"] {
        let Some(node) = keys.get(key) else { continue };
        let off = get(node, "evaluate_constraints").and_then(text_of) == Some("Disabled");
        let reason = if off {
            "the rules of this feature are held all the same: remove them from the file"
        } else {
            "settings of one feature are not read"
        };
        column.dropped(&node.place, key, reason);
    }
}
