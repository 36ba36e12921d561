//! The catalogue in short, by what checks look at.

use crate::catalogue::known_as::Said;
use crate::catalogue::{Catalogue, Check, Scope};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// Scopes in the order of lists, with their headings.
pub(super) const SCOPES: [(Scope, &str); 5] = [
    (Scope::Column, "One column"),
    (Scope::Columns, "Several columns together"),
    (Scope::Dataset, "The whole dataset"),
    (Scope::Relation, "Two datasets"),
    (Scope::Model, "A model"),
];

/// Checks of a scope, by id.
pub(super) fn of_scope(catalogue: &Catalogue, scope: Scope) -> Vec<&Arc<Check>> {
    let fits = |c: &&Arc<Check>| c.scope == scope;
    catalogue.checks.iter().filter(fits).collect()
}

/// Names of a check in other tools, by the tool's word; `none` where no tool has it.
pub(super) fn known_as(check: &Check) -> Value {
    let names = check.known_as.names.iter();
    let map: serde_json::Map<String, Value> = names.map(|(t, n)| (t.clone(), json!(n))).collect();
    match check.known_as.said {
        Said::Nowhere => json!("none"),
        _ => Value::Object(map),
    }
}

/// For a terminal: a line each, grouped by scope.
#[must_use]
pub fn list_text(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for (scope, heading) in SCOPES {
        let checks = of_scope(catalogue, scope);
        if checks.is_empty() {
            continue;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        writeln!(text, "{gap}{heading}").expect("writing to a String cannot fail");
        for check in checks {
            writeln!(text, "  {:<20} {}", check.id, check.summary)
                .expect("writing to a String cannot fail");
        }
    }
    text + "\n`tollgate explain CHECK` says what is counted, of what, and what nulls, NaN and empty data do.\n"
}

/// For programs: an array in the order of ids.
#[must_use]
pub fn list_json(catalogue: &Catalogue) -> Value {
    let one = |c: &Arc<Check>| {
        json!({
            "id": c.id,
            "scope": c.scope.word(),
            "summary": c.summary,
            "since": c.since,
            "known_as": known_as(c),
            "parameters": c.params.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
            "file": c.file.path,
        })
    };
    catalogue.checks.iter().map(one).collect()
}
