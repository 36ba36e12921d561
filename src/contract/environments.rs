//! `environments` of a contract and of its columns: where a column is promised.

use super::ContractColumn;
use crate::config::fields::{Fields, Problems, text};
use crate::diagnostic::{Diagnostic, Place, listing};

/// Names that are listed with their places, each once; a problem where the list is there and names none.
pub(super) fn of_column(fields: &mut Fields, problems: &mut Problems) -> Vec<(String, Place)> {
    let Some(whole) = fields.get("environments") else {
        return Vec::new();
    };
    let mut found: Vec<(String, Place)> = Vec::new();
    for node in fields.list("environments") {
        let Some(name) = text(node, "environments", problems) else {
            continue;
        };
        if name.is_empty() || found.iter().any(|(n, _)| *n == name) {
            problems.add(
                Diagnostic::new(
                    "duplicate-name",
                    format!("`environments` names `{name}` twice, or nothing"),
                )
                .at(&node.place, "here")
                .help("name each environment once"),
            );
        }
        found.push((name, node.place.clone()));
    }
    if found.is_empty() {
        problems.wrong_type(whole, "environments", "a list of at least one name");
    }
    found
}

/// The names that a contract declares.
pub(super) fn declared(fields: &mut Fields, problems: &mut Problems) -> Vec<String> {
    let found = of_column(fields, problems).into_iter();
    found.map(|(name, _)| name).collect()
}

/// Adds a problem for every environment of a column that the contract does not declare.
pub(super) fn known<'a>(
    declared: &[String],
    columns: impl Iterator<Item = &'a ContractColumn>,
    problems: &mut Problems,
) {
    for (name, place) in columns.flat_map(|c| &c.environments) {
        if declared.contains(name) {
            continue;
        }
        let what = Diagnostic::new(
            "unknown-environment",
            format!("there is no environment `{name}`"),
        )
        .at(place, "not declared");
        problems.add(if declared.is_empty() {
            what.help(
                "list them at the top of the contract, such as `environments: [training, serving]`",
            )
        } else {
            let names = declared.iter().map(String::as_str);
            what.help(listing("environments", name, names))
        });
    }
}
